//! Work on many dead letters. What a page is about to do is written down before it is done, and each export's note names
//! the job that decided: what an interrupted run had done already is counted, and done no second time.

use super::{DONE, IDS_MAX, add, damaged, progress, save};
use crate::flow::Flow;
use crate::person::{Asks, fits};
use crate::ports::{ExportQuery, Job, PortError, group};
use crate::refused::Refused;
use domain::{ConnectionId, Export, ExportId, FieldProblem, JobId, Operation, State, TenantId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Dead letters per message.
const PAGE: usize = 50;
/// Ids in a filter at most.
const FILTER_IDS_MAX: usize = 1_000;

/// What is done with dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Put back to work.
    Redrive,
    /// Said to be not needed.
    Dismiss,
}

impl JobKind {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Redrive => "redrive",
            Self::Dismiss => "dismiss",
        }
    }
}

/// Which dead letters. Everything given must fit; nothing given is refused unless `all` is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Every one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// Source or target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// The connection they are counted at: the target, or the source of a look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<ConnectionId>,
    /// Operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Code of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// These.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<ExportId>>,
}

impl Filter {
    fn is_empty(&self) -> bool {
        let ids = self.ids.as_ref().is_none_or(Vec::is_empty);
        let connection = self.connection.is_none() && self.at.is_none();
        !self.all && connection && self.operation.is_none() && self.code.is_none() && ids
    }

    /// The dead letters that may fit; [`Filter::at`] is not part of it.
    #[must_use]
    pub fn query(&self) -> ExportQuery {
        ExportQuery {
            state: Some(State::Dead),
            connection: self.connection.clone(),
            operation: self.operation,
            code: self.code.clone(),
            ..ExportQuery::default()
        }
    }

    pub(super) fn fits(&self, export: &Export) -> bool {
        self.query().fits(export) && self.at.as_ref().is_none_or(|at| group(&export.key) == at)
    }
}

/// What is asked of many dead letters at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
    /// Which.
    pub filter: Filter,
    /// Only count.
    #[serde(default)]
    pub dry_run: bool,
    /// Why, in that person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who asked, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// How far a job has come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// Where the ledger's list goes on, or how many of the filter's ids are done.
    next: Option<String>,
    /// Written down, perhaps done already.
    pending: Vec<ExportId>,
    /// The list is at its end.
    last: bool,
}

impl Flow {
    /// Writes a job down and queues its first page.
    ///
    /// # Errors
    /// [`Refused::Empty`] for a filter that would mean everything without saying so; [`Refused::Fields`];
    /// [`Refused::Ours`].
    pub async fn start_job(&self, tenant: &TenantId, kind: JobKind, request: &JobRequest) -> Result<Job, Refused> {
        let job = self.letters_job(self.new_job(), tenant, kind.as_str(), request)?;
        self.parts.ledger.put_job(&job).await?;
        self.queue_job(&job.id).await?;
        Ok(job)
    }

    /// What is to be done is what a dry run has shown: exactly those it named, if it named all of them.
    pub(super) fn letters_as_seen(
        &self,
        asks: Asks<'_>,
        id: JobId,
        seen: Job,
        note: Option<&str>,
    ) -> Result<Job, Refused> {
        let mut request: JobRequest = serde_json::from_value(seen.request).map_err(|error| damaged(&error))?;
        request =
            JobRequest { dry_run: false, note: note.map(str::to_owned), by: asks.by.map(str::to_owned), ..request };
        if seen.matched == u64::try_from(seen.ids.len()).ok() {
            request.filter = Filter { ids: Some(seen.ids), ..Filter::default() };
        }
        self.letters_job(id, asks.tenant, &seen.kind, &request)
    }

    fn letters_job(&self, id: JobId, tenant: &TenantId, kind: &str, request: &JobRequest) -> Result<Job, Refused> {
        if request.filter.is_empty() {
            return Err(Refused::Empty);
        }
        fits(request.note.as_deref())?;
        let mut request = request.clone();
        if let Some(ids) = &mut request.filter.ids {
            if ids.len() > FILTER_IDS_MAX {
                return Err(Refused::field(
                    "filter.ids",
                    (FieldProblem::TooMany, format!("at most {FILTER_IDS_MAX} ids at once")),
                ));
            }
            let mut named = BTreeSet::new();
            ids.retain(|id| named.insert(id.clone()));
        }
        self.job_made(id, tenant, kind, request.dry_run, &request)
    }

    /// One page. False: somebody else wrote the job meanwhile.
    pub(super) async fn letters_page(&self, job: &mut Job) -> Result<bool, PortError> {
        let request: JobRequest = serde_json::from_value(job.request.clone()).map_err(|error| damaged(&error))?;
        let mut progress: Progress = progress(job)?;
        if progress.pending.is_empty() && !progress.last {
            self.next_page(job, &request.filter, &mut progress).await?;
            save(job, &progress)?;
            if !self.write(job).await? {
                return Ok(false);
            }
        }
        if !job.dry_run {
            self.work_off(job, &progress.pending, &request).await?;
        }
        progress.pending.clear();
        if progress.last {
            job.state = DONE.to_owned();
        }
        save(job, &progress)?;
        self.page_done(job).await
    }

    /// Counts what a job had done of the page during which it was cancelled.
    pub(super) async fn settle_letters(&self, job: &mut Job) -> Result<(), PortError> {
        let mut progress: Progress = progress(job)?;
        if job.dry_run || progress.pending.is_empty() {
            return Ok(());
        }
        let id = job.id.clone();
        for pending in std::mem::take(&mut progress.pending) {
            let export = self.parts.ledger.export(&pending).await?;
            if export.is_some_and(|export| export.notes.iter().any(|note| note.job.as_ref() == Some(&id))) {
                count(job);
            }
        }
        save(job, &progress)?;
        // Whoever was faster counted the same.
        self.write(job).await.map(|_| ())
    }

    /// Finds what the next page is about, and counts it.
    async fn next_page(&self, job: &mut Job, filter: &Filter, progress: &mut Progress) -> Result<(), PortError> {
        let found: Vec<Export> = if let Some(ids) = &filter.ids {
            let done: usize = progress.next.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
            let mut found = vec![];
            for id in ids.iter().skip(done).take(PAGE) {
                found.extend(self.parts.ledger.export(id).await?.filter(|export| export.key.tenant == job.tenant));
            }
            progress.last = done + PAGE >= ids.len();
            progress.next = Some((done + PAGE).to_string());
            found
        } else {
            let dead = ExportQuery { state: Some(State::Dead), ..ExportQuery::default() };
            let page = self.parts.ledger.exports(&job.tenant, &dead, PAGE, progress.next.as_deref()).await?;
            progress.last = page.next.is_none();
            progress.next = page.next;
            page.items
        };
        let delivered = found.iter().filter(|export| export.state == State::Delivered).count();
        add(&mut job.found, found.len());
        add(&mut job.already_delivered, delivered);
        for counter in [&mut job.queued, &mut job.redriven, &mut job.dismissed] {
            add(counter, 0);
        }
        progress.pending = found.into_iter().filter(|export| filter.fits(export)).map(|export| export.id).collect();
        add(&mut job.matched, progress.pending.len());
        let room = IDS_MAX.saturating_sub(job.ids.len());
        job.ids.extend(progress.pending.iter().take(room).cloned());
        Ok(())
    }

    /// Does what the page is about. What an interrupted run had done already is counted, and done no second time.
    async fn work_off(&self, job: &mut Job, pending: &[ExportId], request: &JobRequest) -> Result<(), PortError> {
        let (tenant, id, note) = (job.tenant.clone(), job.id.clone(), request.note.as_deref());
        let asks = Asks { tenant: &tenant, by: request.by.as_deref(), job: Some(&id) };
        for export in pending {
            let done = if job.kind == JobKind::Redrive.as_str() {
                self.redrive(asks, export, note).await
            } else {
                self.dismiss(asks, export, note).await
            };
            match done {
                Ok(true) => count(job),
                // What went meanwhile, or was decided by others, is not this job's.
                Ok(false) | Err(Refused::Unknown(_)) => {}
                Err(Refused::Ours(error)) => return Err(error),
                Err(other) => {
                    tracing::warn!(event = "job.left_out", job = id.as_str(), export = export.as_str(), why = %other);
                }
            }
        }
        Ok(())
    }
}

/// One more that the job has decided about.
fn count(job: &mut Job) {
    if job.kind == JobKind::Redrive.as_str() {
        add(&mut job.queued, 1);
        add(&mut job.redriven, 1);
    } else {
        add(&mut job.dismissed, 1);
    }
}
