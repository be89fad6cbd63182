//! Who asks.

use domain::{Export, JobId, Note, TenantId};
use jiff::Timestamp;

/// Whoever asks for something to be done about exports.
#[derive(Debug, Clone, Copy)]
pub struct Asks<'a> {
    /// Whose exports they are.
    pub tenant: &'a TenantId,
    /// Who it is, as the identity provider names them; nobody says so on one machine.
    pub by: Option<&'a str>,
    /// The job that does it, where it is asked about many at once.
    pub job: Option<&'a JobId>,
}

impl<'a> From<&'a TenantId> for Asks<'a> {
    fn from(tenant: &'a TenantId) -> Self {
        Self { tenant, by: None, job: None }
    }
}

impl Asks<'_> {
    /// What is kept of a decision.
    pub(crate) fn note(&self, outcome: &str, note: Option<&str>, at: Timestamp) -> Note {
        Note {
            at,
            outcome: outcome.to_owned(),
            note: note.map(str::to_owned),
            by: self.by.map(str::to_owned),
            job: self.job.cloned(),
        }
    }

    /// Whether the job has decided about an export already.
    pub(crate) fn has_decided(&self, export: &Export) -> bool {
        self.job.is_some() && export.notes.iter().any(|note| note.job.as_ref() == self.job)
    }
}
