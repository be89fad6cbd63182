//! Work on many things at once: dead letters, or what a source lists. A job goes page by page, one queue message per page;
//! what a page is about to do is written down before it is done, and of two runs of the same page one writes: so a crash
//! neither loses nor counts nor decides twice.

mod batch;
mod groups;
mod letters;
mod nightly;
mod outlook;

pub use batch::{BATCH_EXPORT, BatchRequest};
pub use groups::{Group, Groups};
pub use letters::{Filter, JobKind, JobRequest};
pub use outlook::{Fate, Outlook};

use crate::flow::Flow;
use crate::message::Message;
use crate::person::Asks;
use crate::ports::{Job, Outgoing, Page, PortError};
use crate::refused::Refused;
use crate::times::VISIBILITY;
use domain::{Code, ConnectionId, JobId, TenantId, remark};
use jiff::SignedDuration;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Ids named in a job's answer.
const IDS_MAX: usize = 100;
/// A job that has not come on for this long has lost its message: longer than a queue hides one from others.
pub const STALLED: SignedDuration = SignedDuration::from_secs(VISIBILITY.as_secs() + 60);
/// Writes that lose against a run are made again on what it left, this often.
const WRITES_MAX: usize = 8;
/// Running jobs looked at in one pass of the sweep.
const RUNNING_MAX: usize = 200;

/// What a job's id ends with that does what a dry run has found.
const CONFIRMED: &str = "_confirmed";

const RUNNING: &str = "running";
const DONE: &str = "done";
const FAILED: &str = "failed";
const CANCELLED: &str = "cancelled";

/// The dry run that a job does what it has found.
#[must_use]
pub fn dry_run_of(job: &JobId) -> Option<JobId> {
    job.as_str().strip_suffix(CONFIRMED).map(JobId::new)
}

impl Flow {
    /// Does what a dry run has found. Confirmed twice it is one job.
    ///
    /// # Errors
    /// [`Refused::Unknown`]; [`Refused::Conflict`] unless it is a dry run at its end; [`Refused::Fields`];
    /// [`Refused::Ours`].
    pub async fn confirm_job(&self, asks: Asks<'_>, seen: &JobId, note: Option<&str>) -> Result<Job, Refused> {
        let seen = self.job_of(asks.tenant, seen).await?;
        if !seen.dry_run || seen.state != DONE {
            return Err(Refused::Conflict(remark::counted_or_done()));
        }
        let id = JobId::new(format!("{}{CONFIRMED}", seen.id));
        let job = if seen.kind == BATCH_EXPORT {
            self.batch_as_seen(asks, id, &seen)?
        } else {
            self.letters_as_seen(asks, id, seen, note)?
        };
        let job = if self.parts.ledger.put_job(&job).await? { job } else { self.job_of(asks.tenant, &job.id).await? };
        // One that has not begun may have been written without its message.
        if job.cursor.is_none() {
            self.queue_job(&job.id).await?;
        }
        Ok(job)
    }

    /// A tenant's jobs, newest first.
    ///
    /// # Errors
    /// [`PortError`] if they cannot be read, or the cursor is of something else.
    pub async fn jobs_of(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        self.parts.ledger.jobs(tenant, limit, cursor).await
    }

    fn job_made(
        &self,
        id: JobId,
        tenant: &TenantId,
        kind: &str,
        dry_run: bool,
        request: &impl Serialize,
    ) -> Result<Job, Refused> {
        Ok(Job {
            id,
            tenant: tenant.clone(),
            kind: kind.to_owned(),
            state: RUNNING.to_owned(),
            dry_run,
            request: serde_json::to_value(request).map_err(|error| damaged(&error))?,
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
            halt: None,
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
        self.revive(&mut job).await?;
        Ok(job)
    }

    /// Queues a running job again that has not come on for long. True if it did.
    async fn revive(&self, job: &mut Job) -> Result<bool, PortError> {
        let since = job.changed_at.unwrap_or(job.created_at);
        if job.state != RUNNING || self.now().duration_since(since) <= STALLED || !self.write(job).await? {
            return Ok(false);
        }
        tracing::warn!(event = "job.stalled", job = job.id.as_str(), "it is queued again");
        self.queue_job(&job.id).await?;
        Ok(true)
    }

    /// The same for all running jobs of all tenants. Says how many were.
    ///
    /// # Errors
    /// [`PortError`] if they cannot be read or written.
    pub async fn revive_jobs(&self) -> Result<usize, PortError> {
        let mut revived = 0;
        for mut job in self.parts.ledger.running_jobs(RUNNING_MAX).await? {
            revived += usize::from(self.revive(&mut job).await?);
        }
        Ok(revived)
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
                ended => return Err(Refused::Conflict(remark::job_ended(ended))),
            }
            job.state = CANCELLED.to_owned();
            job.halt = None;
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
        let batch = job.kind == BATCH_EXPORT;
        if job.state == RUNNING {
            let written = if batch { self.batch_page(&mut job).await } else { self.letters_page(&mut job).await };
            if written? {
                return Ok(());
            }
        }
        match self.parts.ledger.job(id).await? {
            Some(mut job) if job.state == CANCELLED && batch => self.settle_batch(&mut job).await,
            Some(mut job) if job.state == CANCELLED => self.settle_letters(&mut job).await,
            // Another run was faster, or this one's write was repeated and refused: one message more does no harm.
            Some(job) if job.state == RUNNING => self.queue_job(id).await,
            _ => Ok(()),
        }
    }

    /// Writes what a page has led to, and has the next one follow. False: somebody else wrote the job meanwhile.
    async fn page_done(&self, job: &mut Job) -> Result<bool, PortError> {
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

    /// Writes a job's next version. False: somebody else did.
    async fn write(&self, job: &mut Job) -> Result<bool, PortError> {
        job.version += 1;
        job.changed_at = Some(self.now());
        self.parts.ledger.put_job(job).await
    }

    async fn queue_job(&self, id: &JobId) -> Result<(), PortError> {
        self.queue_job_after(id, SignedDuration::ZERO).await
    }

    async fn queue_job_after(&self, id: &JobId, delay: SignedDuration) -> Result<(), PortError> {
        let message = Message::JobV1 { job: id.clone() };
        let group = ConnectionId::new(id.as_str());
        self.parts.queue.send(vec![Outgoing { message, group, delay }]).await
    }
}

fn progress<T: DeserializeOwned + Default>(job: &Job) -> Result<T, PortError> {
    let read = job.cursor.as_deref().map(serde_json::from_str).transpose();
    Ok(read.map_err(|error| damaged(&error))?.unwrap_or_default())
}

fn save(job: &mut Job, progress: &impl Serialize) -> Result<(), PortError> {
    job.cursor = Some(serde_json::to_string(progress).map_err(|error| damaged(&error))?);
    Ok(())
}

fn add(count: &mut Option<u64>, more: usize) {
    *count = Some(count.unwrap_or(0).saturating_add(u64::try_from(more).unwrap_or(u64::MAX)));
}

fn damaged(error: &serde_json::Error) -> PortError {
    PortError::Damaged(format!("a job: {error}"))
}
