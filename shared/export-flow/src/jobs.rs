//! Work on many dead letters at once. A job goes page by page, one queue message per page; what a page is about to do is
//! written down before it is done, so that a crash neither loses nor counts twice.

use crate::flow::Flow;
use crate::message::Message;
use crate::ports::{ExportQuery, Job, Outgoing, PortError};
use crate::refused::Refused;
use domain::{Code, ConnectionId, Export, ExportId, JobId, Operation, State, TenantId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Dead letters per message.
const PAGE: usize = 50;
/// Ids named in a job's answer, and at most in a filter.
const IDS_MAX: usize = 100;
const FILTER_IDS_MAX: usize = 1_000;
const NOTE_CHARS_MAX: usize = 500;

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
        !self.all && self.connection.is_none() && self.operation.is_none() && self.code.is_none() && ids
    }

    fn query(&self) -> ExportQuery {
        ExportQuery {
            state: Some(State::Dead),
            connection: self.connection.clone(),
            operation: self.operation,
            code: self.code.clone(),
            ..ExportQuery::default()
        }
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
        if request.filter.is_empty() {
            return Err(Refused::Empty);
        }
        if request.filter.ids.as_ref().is_some_and(|ids| ids.len() > FILTER_IDS_MAX) {
            return Err(Refused::field("filter.ids", format!("at most {FILTER_IDS_MAX} ids at once")));
        }
        if request.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
            return Err(Refused::field("note", format!("must have at most {NOTE_CHARS_MAX} characters")));
        }
        let job = Job {
            id: self.new_job(),
            tenant: tenant.clone(),
            kind: kind.as_str().to_owned(),
            state: "running".to_owned(),
            dry_run: request.dry_run,
            request: serde_json::to_value(request).map_err(|error| damaged(&error))?,
            found: None,
            matched: None,
            already_delivered: None,
            queued: None,
            redriven: None,
            ids: vec![],
            cursor: None,
            created_at: self.now(),
        };
        self.parts.ledger.put_job(&job).await?;
        self.queue_job(&job.id).await?;
        Ok(job)
    }

    /// The tenant's job of this id.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn job_of(&self, tenant: &TenantId, id: &JobId) -> Result<Job, Refused> {
        let job = self.parts.ledger.job(id).await?;
        job.filter(|job| job.tenant == *tenant).ok_or(Refused::Unknown(Code::UnknownJob))
    }

    /// Does a job's next page.
    pub(crate) async fn run_job(&self, id: &JobId) -> Result<(), PortError> {
        let Some(mut job) = self.parts.ledger.job(id).await?.filter(|job| job.state == "running") else {
            return Ok(());
        };
        let request: JobRequest = serde_json::from_value(job.request.clone()).map_err(|error| damaged(&error))?;
        let mut progress: Progress = match &job.cursor {
            Some(text) => serde_json::from_str(text).map_err(|error| damaged(&error))?,
            None => Progress::default(),
        };
        if progress.pending.is_empty() && !progress.last {
            self.next_page(&mut job, &request.filter, &mut progress).await?;
            save(&mut job, &progress)?;
            self.parts.ledger.put_job(&job).await?;
        }
        if !job.dry_run {
            self.work_off(&mut job, &progress.pending, request.note.as_deref()).await?;
        }
        progress.pending.clear();
        if progress.last {
            job.state = "done".to_owned();
            tracing::info!(event = "job.done", job = job.id.as_str(), kind = job.kind, matched = job.matched);
        }
        save(&mut job, &progress)?;
        self.parts.ledger.put_job(&job).await?;
        if job.state == "running" { self.queue_job(&job.id).await } else { Ok(()) }
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
        let query = filter.query();
        let delivered = found.iter().filter(|export| export.state == State::Delivered).count();
        add(&mut job.found, found.len());
        add(&mut job.already_delivered, delivered);
        add(&mut job.queued, 0);
        add(&mut job.redriven, 0);
        progress.pending = found.into_iter().filter(|export| query.fits(export)).map(|export| export.id).collect();
        add(&mut job.matched, progress.pending.len());
        let room = IDS_MAX.saturating_sub(job.ids.len());
        job.ids.extend(progress.pending.iter().take(room).cloned());
        Ok(())
    }

    /// Does what the page is about. What an interrupted run had done already is counted, and done no second time.
    async fn work_off(&self, job: &mut Job, pending: &[ExportId], note: Option<&str>) -> Result<(), PortError> {
        for id in pending {
            let done = if job.kind == JobKind::Redrive.as_str() {
                self.redrive(&job.tenant, id).await.map(|_| ())
            } else {
                self.dismiss(&job.tenant, id, note).await.map(|_| ())
            };
            match done {
                Ok(()) if job.kind == JobKind::Redrive.as_str() => {
                    add(&mut job.queued, 1);
                    add(&mut job.redriven, 1);
                }
                // A record that went meanwhile has nothing to be done about.
                Ok(()) | Err(Refused::Unknown(_)) => {}
                Err(Refused::Ours(error)) => return Err(error),
                Err(other) => {
                    tracing::warn!(event = "job.left_out", job = job.id.as_str(), export = id.as_str(), why = %other);
                }
            }
        }
        Ok(())
    }

    async fn queue_job(&self, id: &JobId) -> Result<(), PortError> {
        let message = Message::JobV1 { job: id.clone() };
        let group = ConnectionId::new(id.as_str());
        self.parts.queue.send(vec![Outgoing { message, group, delay: SignedDuration::ZERO }]).await
    }
}

fn save(job: &mut Job, progress: &Progress) -> Result<(), PortError> {
    job.cursor = Some(serde_json::to_string(progress).map_err(|error| damaged(&error))?);
    Ok(())
}

fn add(count: &mut Option<u64>, more: usize) {
    *count = Some(count.unwrap_or(0).saturating_add(u64::try_from(more).unwrap_or(u64::MAX)));
}

fn damaged(error: &serde_json::Error) -> PortError {
    PortError::Damaged(format!("a job: {error}"))
}
