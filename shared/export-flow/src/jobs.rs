//! Dead letters by the many: what there is, and work on it. A job goes page by page, one queue message per page; what a
//! page is about to do is written down before it is done, each export's note names the job that decided, and of two
//! runs of the same page one writes: so a crash neither loses nor counts nor decides twice.

mod groups;

pub use groups::{Group, Groups};

use crate::flow::Flow;
use crate::message::Message;
use crate::person::{Asks, fits};
use crate::ports::{ExportQuery, Job, Outgoing, PortError, group};
use crate::refused::Refused;
use crate::times::VISIBILITY;
use domain::{Code, ConnectionId, Export, ExportId, JobId, Operation, State, TenantId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Dead letters per message.
const PAGE: usize = 50;
/// Ids named in a job's answer, and at most in a filter.
const IDS_MAX: usize = 100;
const FILTER_IDS_MAX: usize = 1_000;
/// A job that has not come on for this long has lost its message: longer than a queue hides one from others.
const STALLED: SignedDuration = SignedDuration::from_secs(VISIBILITY.as_secs() + 60);
/// Writes that lose against a run are made again on what it left, this often.
const WRITES_MAX: usize = 8;

const RUNNING: &str = "running";
const DONE: &str = "done";
const FAILED: &str = "failed";
const CANCELLED: &str = "cancelled";

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

    fn query(&self) -> ExportQuery {
        ExportQuery {
            state: Some(State::Dead),
            connection: self.connection.clone(),
            operation: self.operation,
            code: self.code.clone(),
            ..ExportQuery::default()
        }
    }

    fn fits(&self, export: &Export) -> bool {
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
        let job = self.new_job_of(self.new_job(), tenant, kind.as_str(), request)?;
        self.parts.ledger.put_job(&job).await?;
        self.queue_job(&job.id).await?;
        Ok(job)
    }

    /// Does what a dry run has found: exactly those it named, if it named all of them. Confirmed twice it is one job.
    ///
    /// # Errors
    /// [`Refused::Unknown`]; [`Refused::Conflict`] unless it is a dry run at its end; [`Refused::Fields`];
    /// [`Refused::Ours`].
    pub async fn confirm_job(&self, asks: Asks<'_>, seen: &JobId, note: Option<&str>) -> Result<Job, Refused> {
        let seen = self.job_of(asks.tenant, seen).await?;
        if !seen.dry_run || seen.state != DONE {
            return Err(Refused::Conflict("this has been done already, or is still being counted".into()));
        }
        let mut request: JobRequest = serde_json::from_value(seen.request).map_err(|error| damaged(&error))?;
        request =
            JobRequest { dry_run: false, note: note.map(str::to_owned), by: asks.by.map(str::to_owned), ..request };
        if seen.matched == u64::try_from(seen.ids.len()).ok() {
            request.filter = Filter { ids: Some(seen.ids), ..Filter::default() };
        }
        let job = self.new_job_of(JobId::new(format!("{}_confirmed", seen.id)), asks.tenant, &seen.kind, &request)?;
        let job = if self.parts.ledger.put_job(&job).await? { job } else { self.job_of(asks.tenant, &job.id).await? };
        // One that has not begun may have been written without its message.
        if job.cursor.is_none() {
            self.queue_job(&job.id).await?;
        }
        Ok(job)
    }

    fn new_job_of(&self, id: JobId, tenant: &TenantId, kind: &str, request: &JobRequest) -> Result<Job, Refused> {
        if request.filter.is_empty() {
            return Err(Refused::Empty);
        }
        fits(request.note.as_deref())?;
        let mut request = request.clone();
        if let Some(ids) = &mut request.filter.ids {
            if ids.len() > FILTER_IDS_MAX {
                return Err(Refused::field("filter.ids", format!("at most {FILTER_IDS_MAX} ids at once")));
            }
            let mut named = BTreeSet::new();
            ids.retain(|id| named.insert(id.clone()));
        }
        Ok(Job {
            id,
            tenant: tenant.clone(),
            kind: kind.to_owned(),
            state: RUNNING.to_owned(),
            dry_run: request.dry_run,
            request: serde_json::to_value(&request).map_err(|error| damaged(&error))?,
            found: None,
            matched: None,
            already_delivered: None,
            queued: None,
            redriven: None,
            dismissed: None,
            ids: vec![],
            cursor: None,
            created_at: self.now(),
            changed_at: Some(self.now()),
            version: 1,
        })
    }

    /// The tenant's job of this id. One that does not come on is queued again.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn job_of(&self, tenant: &TenantId, id: &JobId) -> Result<Job, Refused> {
        let job = self.parts.ledger.job(id).await?;
        let mut job = job.filter(|job| job.tenant == *tenant).ok_or(Refused::Unknown(Code::UnknownJob))?;
        let since = job.changed_at.unwrap_or(job.created_at);
        if job.state == RUNNING && self.now().duration_since(since) > STALLED && self.write(&mut job).await? {
            tracing::warn!(event = "job.stalled", job = id.as_str(), "it is queued again");
            self.queue_job(id).await?;
        }
        Ok(job)
    }

    /// Ends a running job after what it is doing just now. What it has done stays done.
    ///
    /// # Errors
    /// [`Refused::Unknown`]; [`Refused::Conflict`] if it has ended; [`Refused::Ours`].
    pub async fn cancel_job(&self, tenant: &TenantId, id: &JobId) -> Result<Job, Refused> {
        for _ in 0..WRITES_MAX {
            let mut job = self.job_of(tenant, id).await?;
            match job.state.as_str() {
                CANCELLED => return Ok(job),
                RUNNING => {}
                ended => return Err(Refused::Conflict(format!("it is {ended} already"))),
            }
            job.state = CANCELLED.to_owned();
            if self.write(&mut job).await? {
                tracing::info!(event = "job.cancelled", job = id.as_str());
                return Ok(job);
            }
        }
        Err(PortError::Throttled("the job is being worked on".into()).into())
    }

    /// Ends a running job that cannot be done.
    ///
    /// # Errors
    /// [`PortError`] if it cannot be read or written.
    pub async fn fail_job(&self, id: &JobId) -> Result<(), PortError> {
        if let Some(mut job) = self.parts.ledger.job(id).await?.filter(|job| job.state == RUNNING) {
            job.state = FAILED.to_owned();
            // Whoever wrote meanwhile carries it on.
            if self.write(&mut job).await? {
                tracing::error!(event = "job.failed", job = id.as_str());
            }
        }
        Ok(())
    }

    /// Does a job's next page.
    pub(crate) async fn run_job(&self, id: &JobId) -> Result<(), PortError> {
        let Some(mut job) = self.parts.ledger.job(id).await? else { return Ok(()) };
        if job.state == RUNNING && self.job_page(&mut job).await? {
            return Ok(());
        }
        match self.parts.ledger.job(id).await? {
            Some(mut job) if job.state == CANCELLED => self.settle(&mut job).await,
            // Another run was faster, or this one's write was repeated and refused: one message more does no harm.
            Some(job) if job.state == RUNNING => self.queue_job(id).await,
            _ => Ok(()),
        }
    }

    /// One page. False: somebody else wrote the job meanwhile.
    async fn job_page(&self, job: &mut Job) -> Result<bool, PortError> {
        let request: JobRequest = serde_json::from_value(job.request.clone()).map_err(|error| damaged(&error))?;
        let mut progress = progress(job)?;
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
        if !self.write(job).await? {
            return Ok(false);
        }
        if job.state == RUNNING {
            self.queue_job(&job.id).await?;
        } else {
            tracing::info!(event = "job.done", job = job.id.as_str(), kind = job.kind, matched = job.matched);
        }
        Ok(true)
    }

    /// Counts what a job had done of the page during which it was cancelled.
    async fn settle(&self, job: &mut Job) -> Result<(), PortError> {
        let mut progress = progress(job)?;
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

    /// Writes a job's next version. False: somebody else did.
    async fn write(&self, job: &mut Job) -> Result<bool, PortError> {
        job.version += 1;
        job.changed_at = Some(self.now());
        self.parts.ledger.put_job(job).await
    }

    async fn queue_job(&self, id: &JobId) -> Result<(), PortError> {
        let message = Message::JobV1 { job: id.clone() };
        let group = ConnectionId::new(id.as_str());
        self.parts.queue.send(vec![Outgoing { message, group, delay: SignedDuration::ZERO }]).await
    }
}

fn progress(job: &Job) -> Result<Progress, PortError> {
    let read = job.cursor.as_deref().map(serde_json::from_str).transpose();
    Ok(read.map_err(|error| damaged(&error))?.unwrap_or_default())
}

fn save(job: &mut Job, progress: &Progress) -> Result<(), PortError> {
    job.cursor = Some(serde_json::to_string(progress).map_err(|error| damaged(&error))?);
    Ok(())
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

fn add(count: &mut Option<u64>, more: usize) {
    *count = Some(count.unwrap_or(0).saturating_add(u64::try_from(more).unwrap_or(u64::MAX)));
}

fn damaged(error: &serde_json::Error) -> PortError {
    PortError::Damaged(format!("a job: {error}"))
}
