//! Batch export: a source's own list, read page by page, and each line queued that should be at its targets and is not.
//! What a page is about to queue is written down first, under ids that a second run makes again: so an arrival counts
//! once, whatever is cut short. The list calls go through the source's pace and circuit; what keeps them from being made
//! makes the job wait, and it says why.

use super::outlook::Lens;
use super::{DONE, FAILED, Fate, IDS_MAX, Outlook, add, damaged, progress, save};
use crate::connections::{SINCE_DEFAULT, lists, no_list};
use crate::flow::Flow;
use crate::message::{Message, SourceEvent};
use crate::owner::takes_part;
use crate::person::Asks;
use crate::ports::{Arrival, Halt, Job, Outgoing, PortError};
use crate::refused::Refused;
use connectors::{Account, Changed, Mode, Stop};
use data_encoding::HEXLOWER;
use domain::{
    Cause, Connection, ConnectionId, ConnectionState, EventId, Export, FieldProblem, HoldReason, JobId, Operation,
    OrderReference, Role, Said, SourceHint, Step, SubjectKind, TenantId, Within, kept, remark,
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of its jobs.
pub const BATCH_EXPORT: &str = "batch_export";
/// While so many messages wait, no further page is read.
const WAITING_MAX: u64 = 1_000;
/// How long a job that finds the queue so full leaves it alone.
const GIVES_WAY: SignedDuration = SignedDuration::from_secs(2);
/// A job that waits writes so at least this often: well within what counts as stalled.
const SAYS_SO: SignedDuration = SignedDuration::from_mins(5);
/// Refusals of the same page in a row that end a job.
const REFUSALS_MAX: u32 = 3;
/// Documents that can be named at once.
pub(super) const NAMED_MAX: usize = 500;
/// What a list can be about.
const OPERATIONS: [Operation; 5] = [
    Operation::SendInvoice,
    Operation::SendCreditNote,
    Operation::RefundOrder,
    Operation::SendTracking,
    Operation::SendDeliveryState,
];

/// What is asked for: of one source, or for one target of all sources that can feed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BatchRequest {
    /// The source whose list is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ConnectionId>,
    /// Only exports to this channel, of whatever source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<ConnectionId>,
    /// What changed since; thirty days where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only these; none named is all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// Only these of the source's documents or parcels; none named is whatever the list holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Only count.
    pub dry_run: bool,
    /// Who asked, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The sources that are read, one after the other: found when it starts.
    pub sources: Vec<ConnectionId>,
}

impl BatchRequest {
    fn within(&self) -> Within {
        Within { target: self.target.clone(), operations: self.operations.clone() }
    }
}

/// How far a job has come.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Walk {
    /// Which of the sources is being read.
    at: usize,
    /// Where its list goes on.
    cursor: Option<String>,
    /// Written down, perhaps queued already.
    pending: Vec<SourceHint>,
    /// Of which source.
    pending_of: Option<ConnectionId>,
    /// There is no further page.
    last: bool,
    /// Waits in a row.
    waits: u32,
    /// Refusals in a row.
    refusals: u32,
}

impl Walk {
    /// Goes on with the next source.
    fn next_source(&mut self, request: &BatchRequest) {
        self.at += 1;
        self.cursor = None;
        self.last = self.at >= request.sources.len();
    }
}

impl Flow {
    /// Writes a batch export down and queues its first page.
    ///
    /// # Errors
    /// [`Refused::Fields`]; [`Refused::Conflict`] if the source cannot list, or source or target is not in use;
    /// [`Refused::Ours`].
    pub async fn start_batch(&self, tenant: &TenantId, request: &BatchRequest) -> Result<Job, Refused> {
        let job = self.new_batch(self.new_job(), tenant, request).await?;
        self.parts.ledger.put_job(&job).await?;
        self.queue_job(&job.id).await?;
        Ok(job)
    }

    pub(super) async fn new_batch(&self, id: JobId, tenant: &TenantId, request: &BatchRequest) -> Result<Job, Refused> {
        let mut request = request.clone();
        if let Some(wrong) = request.operations.iter().find(|operation| !OPERATIONS.contains(operation)) {
            return Err(Refused::field(
                "operations",
                (FieldProblem::NotOneOf, format!("{} is not of what a source lists", wrong.as_str())),
            ));
        }
        let since = *request.since.get_or_insert(self.now() - SINCE_DEFAULT);
        if since > self.now() {
            return Err(Refused::field("since", (FieldProblem::InTheFuture, "is in the future")));
        }
        if request.ids.len() > NAMED_MAX {
            return Err(Refused::field("ids", (FieldProblem::TooMany, format!("at most {NAMED_MAX} at once"))));
        }
        let mut named = BTreeSet::new();
        request.ids.retain(|id| named.insert(id.clone()));
        let connections = self.parts.ledger.connections(tenant).await?;
        let one = |id: &ConnectionId| connections.iter().find(|connection| connection.id == *id);
        request.sources = match (&request.source, &request.target) {
            (Some(id), None) => {
                let source = one(id).ok_or_else(|| {
                    Refused::field("source", (FieldProblem::UnknownConnection, "is not a connection"))
                })?;
                if !self.can_list(source) {
                    return Err(no_list());
                }
                if !may_be_read(source) {
                    return Err(Refused::Conflict(remark::source_unused()));
                }
                vec![source.id.clone()]
            }
            (None, Some(id)) => {
                let target = one(id).filter(|connection| connection.role == Role::Channel);
                let target = target
                    .ok_or_else(|| Refused::field("target", (FieldProblem::UnknownConnection, "is not a channel")))?;
                if !takes_part(target) {
                    return Err(Refused::Conflict(remark::target_unused()));
                }
                if !request.ids.is_empty() {
                    return Err(Refused::field("ids", (FieldProblem::NotTogether, "are those of a source: name it")));
                }
                self.feeding(target, &connections, &request.within())
            }
            _ => return Err(Refused::field("source, target", (FieldProblem::OneNeeded, "give exactly one of them"))),
        };
        if request.sources.is_empty() {
            return Err(Refused::Conflict(remark::sources_none()));
        }
        self.job_made(id, tenant, BATCH_EXPORT, request.dry_run, &request)
    }

    fn can_list(&self, source: &Connection) -> bool {
        self.parts.registry.get(&source.connector).is_some_and(|connector| lists(connector.spec()))
    }

    /// Sources that have what the target takes.
    fn feeding(&self, target: &Connection, connections: &[Connection], within: &Within) -> Vec<ConnectionId> {
        let spec = self.parts.registry.get(&target.connector).map(|connector| connector.spec());
        let takes = |operation| within.does(operation) && spec.is_some_and(|spec| spec.operation(operation).is_some());
        let [invoice, credit_note, refund, tracking, delivery] = OPERATIONS;
        let feeds = |source: &&Connection| match source.role {
            Role::Accounting => takes(invoice) || takes(credit_note) || takes(refund),
            Role::Courier => takes(tracking) || takes(delivery),
            Role::Channel => false,
        };
        let sources = connections.iter().filter(|one| may_be_read(one) && self.can_list(one)).filter(feeds);
        sources.map(|source| source.id.clone()).collect()
    }

    /// What a dry run has counted, done.
    pub(super) fn batch_as_seen(&self, asks: Asks<'_>, id: JobId, seen: &Job) -> Result<Job, Refused> {
        let request: BatchRequest = serde_json::from_value(seen.request.clone()).map_err(|error| damaged(&error))?;
        let request = BatchRequest { dry_run: false, by: asks.by.map(str::to_owned), ..request };
        self.job_made(id, asks.tenant, BATCH_EXPORT, false, &request)
    }

    /// One page. False: somebody else wrote the job meanwhile.
    pub(super) async fn batch_page(&self, job: &mut Job) -> Result<bool, PortError> {
        let request: BatchRequest = serde_json::from_value(job.request.clone()).map_err(|error| damaged(&error))?;
        let mut walk: Walk = progress(job)?;
        if walk.pending.is_empty() && !walk.last {
            let told = job.halt.as_ref().and_then(|halt| halt.until).filter(|until| *until > self.now());
            if let Some(until) = told {
                return self.waits_on(job, until).await;
            }
            if !job.dry_run && self.parts.queue.depth().await?.visible >= WAITING_MAX {
                return self.gives_way(job).await;
            }
            if let Some(stop) = self.next_lines(job, &request, &mut walk).await? {
                return self.stopped_by(job, &mut walk, stop).await;
            }
            (job.halt, walk.waits, walk.refusals) = (None, 0, 0);
            if !walk.pending.is_empty() {
                save(job, &walk)?;
                if !self.write(job).await? {
                    return Ok(false);
                }
            }
        }
        self.queue_pending(job, &request, &mut walk).await?;
        if walk.last {
            job.state = DONE.to_owned();
        }
        save(job, &walk)?;
        self.page_done(job).await
    }

    /// Ends the page during which a job was cancelled: what was written down is queued and counted.
    pub(super) async fn settle_batch(&self, job: &mut Job) -> Result<(), PortError> {
        let request: BatchRequest = serde_json::from_value(job.request.clone()).map_err(|error| damaged(&error))?;
        let mut walk: Walk = progress(job)?;
        if walk.pending.is_empty() {
            return Ok(());
        }
        self.queue_pending(job, &request, &mut walk).await?;
        save(job, &walk)?;
        // Whoever was faster counted the same.
        self.write(job).await.map(|_| ())
    }

    async fn queue_pending(&self, job: &mut Job, request: &BatchRequest, walk: &mut Walk) -> Result<(), PortError> {
        let pending = std::mem::take(&mut walk.pending);
        let Some(source) = walk.pending_of.take().filter(|_| !pending.is_empty()) else { return Ok(()) };
        let (within, at) = (request.within(), self.now());
        // Not in the line of their source: live news of it takes turns with them, and does not wait behind them.
        let group = ConnectionId::new(format!("{}_lines", job.id));
        let outgoing = |hint: &SourceHint| Outgoing {
            message: Message::BatchLineV1 {
                news: SourceEvent {
                    event: arrival(&job.id, &source, hint),
                    tenant: job.tenant.clone(),
                    source: source.clone(),
                    hint: hint.clone(),
                    cause: Cause::Batch,
                    target: None,
                    at,
                },
                within: Box::new(within.clone()),
                line: None,
            },
            group: group.clone(),
            delay: SignedDuration::ZERO,
        };
        self.parts.queue.send(pending.iter().map(outgoing).collect()).await?;
        add(&mut job.queued, pending.len());
        Ok(())
    }

    /// Reads the next page and decides about its lines. What keeps it from being read is answered.
    async fn next_lines(
        &self,
        job: &mut Job,
        request: &BatchRequest,
        walk: &mut Walk,
    ) -> Result<Option<Stop>, PortError> {
        let Some(id) = request.sources.get(walk.at) else {
            walk.last = true;
            return Ok(None);
        };
        let account = self.account_anew(id).await?;
        let Some(account) = account.filter(|account| account.connection.state != ConnectionState::Disabled) else {
            let gone = Stop::Skip {
                reason: domain::SkipReason::SwitchedOff,
                code: domain::Code::SwitchedOff,
                detail: Some(remark::source_gone()),
            };
            walk.next_source(request);
            return Ok((request.sources.len() == 1).then_some(gone));
        };
        if !account.connection.is_usable() {
            let why = remark::source_unasked();
            return Ok(Some(Stop::hold(HoldReason::ConnectionPaused, Some(why))));
        }
        let lines = if request.ids.is_empty() {
            let session = self.session(&account, Mode::Live, Step::Look);
            let since = request.since.unwrap_or(job.created_at);
            let page = match self.listed(&session, since, walk.cursor.as_deref()).await {
                Some(Ok(page)) => page,
                Some(Err(stop)) => return Ok(Some(stop)),
                None => return Ok(Some(Stop::skip(domain::SkipReason::Unsupported, domain::Code::Unsupported))),
            };
            self.poll_answered(&account).await?;
            walk.cursor = page.next;
            page.changed
        } else {
            named(&account, &request.ids)
        };
        if walk.cursor.is_none() {
            walk.next_source(request);
        }
        self.decide_lines(job, request, &account, lines, walk).await?;
        Ok(None)
    }

    async fn decide_lines(
        &self,
        job: &mut Job,
        request: &BatchRequest,
        account: &Account,
        lines: Vec<Changed>,
        walk: &mut Walk,
    ) -> Result<(), PortError> {
        let records = self.records_of(account, &lines).await?;
        let outlooks = self.outlooks(account, &lines, &records, &request.within()).await?;
        for counter in [&mut job.found, &mut job.matched, &mut job.already_delivered, &mut job.queued] {
            add(counter, 0);
        }
        add(&mut job.found, lines.len());
        let mut known = vec![];
        for (line, outlook) in lines.into_iter().zip(outlooks) {
            match outlook.fate {
                Fate::Goes => {
                    add(&mut job.matched, 1);
                    let room = IDS_MAX.saturating_sub(job.ids.len());
                    job.ids.extend(outlook.about.into_iter().take(room));
                    walk.pending.push(line.hint);
                }
                fate => {
                    add(&mut job.already_delivered, usize::from(fate == Fate::Delivered));
                    known.push((line.hint, outlook));
                }
            }
        }
        if job.dry_run {
            walk.pending.clear();
            return Ok(());
        }
        walk.pending_of = Some(account.connection.id.clone());
        self.tell_known(job, &account.connection.id, known).await
    }

    /// What is known and needs nothing was asked for once more: that counts as a suppressed duplicate.
    async fn tell_known(
        &self,
        job: &Job,
        source: &ConnectionId,
        known: Vec<(SourceHint, Outlook)>,
    ) -> Result<(), PortError> {
        let mut told = vec![];
        for (hint, outlook) in &known {
            if matches!(outlook.fate, Fate::Delivered | Fate::UnderWay) {
                let event = arrival(&job.id, source, hint);
                told.extend(outlook.about.iter().map(|id| {
                    let arrival = Arrival { event: event.clone(), duplicate: true, newer: None };
                    async move { self.parts.ledger.arrive(id, &arrival).await }
                }));
            }
        }
        join_all(told).await.into_iter().try_for_each(|told| told.map(drop))
    }

    /// All exports and looks of each of these lines.
    pub(crate) async fn records_of(&self, account: &Account, lines: &[Changed]) -> Result<Vec<Vec<Export>>, PortError> {
        let (tenant, source) = (&account.connection.tenant, &account.connection.id);
        let ids: Vec<String> = lines.iter().map(|line| line.hint.subject.id.clone()).collect();
        let mut records: BTreeMap<String, Vec<Export>> = BTreeMap::new();
        for record in self.parts.ledger.exports_of(tenant, source, &ids).await? {
            records.entry(record.key.subject.id.clone()).or_default().push(record);
        }
        Ok(ids.iter().map(|id| records.get(id).cloned().unwrap_or_default()).collect())
    }

    /// What becomes of each of these lines, by what the ledger knows.
    pub(crate) async fn outlooks(
        &self,
        account: &Account,
        lines: &[Changed],
        records: &[Vec<Export>],
        within: &Within,
    ) -> Result<Vec<Outlook>, PortError> {
        let tenant = &account.connection.tenant;
        let connections = self.connections(tenant).await?;
        let (source, registry) = (&account.connection, &self.parts.registry);
        let lens = &Lens { source, connections: &connections, registry, within };
        let outlooks = lines.iter().zip(records).map(|(line, known)| async move {
            let outlook = lens.outlook(line, self.is_newer(account, line, known).await?, known);
            let alias = outlook.may_have_alias() && self.is_alias(tenant, line, known, within).await?;
            Ok(if alias { outlook.goes() } else { outlook })
        });
        join_all(outlooks).await.into_iter().collect()
    }

    /// Whether the source has changed a line since it was last looked at. What is not known is not newer.
    async fn is_newer(&self, account: &Account, line: &Changed, known: &[Export]) -> Result<bool, PortError> {
        let versions = known.iter().flat_map(|export| export.revision.iter().chain(&export.shared.noted));
        let newest = versions.map(|revision| revision.version_at).max();
        if known.is_empty() || newest.is_some_and(|newest| newest >= line.version_at) {
            return Ok(false);
        }
        // What was looked at and found unchanged is remembered beside the records.
        let (tenant, source, id) = (&account.connection.tenant, &account.connection.id, &line.hint.subject.id);
        let looked_at = if line.hint.subject.kind == SubjectKind::Parcel {
            self.parts.ledger.parcel(tenant, source, id).await?.map(|item| item.parcel.version_at)
        } else {
            self.parts.ledger.document(tenant, source, id).await?.map(|item| item.version_at)
        };
        Ok(looked_at.max(newest).is_none_or(|looked_at| looked_at < line.version_at))
    }

    /// Whether the order of a line is known to be the same sale as one at the target that was asked for.
    async fn is_alias(
        &self,
        tenant: &TenantId,
        line: &Changed,
        known: &[Export],
        within: &Within,
    ) -> Result<bool, PortError> {
        let told = line.order_reference.clone().map(OrderReference::new);
        let reference = known.iter().find_map(|export| export.order.clone()).or(told);
        let (Some(target), Some(reference)) = (&within.target, reference) else { return Ok(false) };
        let view = self.parts.ledger.glance(tenant, &reference).await?;
        let mut aliases = view.orders.iter().flat_map(|item| &item.order.aliases);
        Ok(aliases.any(|alias| alias.channel == *target))
    }

    /// The page could not be read: the job waits, or has come to its end.
    async fn stopped_by(&self, job: &mut Job, walk: &mut Walk, stop: Stop) -> Result<bool, PortError> {
        let request: BatchRequest = serde_json::from_value(job.request.clone()).map_err(|error| damaged(&error))?;
        let account = match request.sources.get(walk.at) {
            Some(id) => self.account(id).await?,
            None => None,
        };
        let clean = |said: &Said| match &account {
            Some(account) => said.cleaned(&self.redactor(&[account])),
            None => said.clone(),
        };
        if let (Some(account), Stop::Fail(_) | Stop::Credentials(_) | Stop::Ours(_)) = (&account, &stop) {
            self.poll_stopped(account, &stop).await?;
        }
        let waits = self.times.probe(walk.waits);
        let paused = HoldReason::ConnectionPaused.as_str();
        let (reason, detail, wait) = match &stop {
            Stop::RateLimited { retry_after, message } => {
                let wait = retry_after.unwrap_or_else(|| self.times.recheck(HoldReason::RateLimited, walk.waits));
                (HoldReason::RateLimited.as_str(), Some(clean(message)), Some(wait))
            }
            Stop::Hold { reason, detail, .. } => (reason.as_str(), detail.as_ref().map(clean), Some(waits)),
            Stop::Credentials(failure) => (paused, Some(clean(&failure.message)), Some(waits)),
            Stop::Fail(failure) => {
                walk.refusals += u32::from(!failure.outage);
                let wait = (walk.refusals < REFUSALS_MAX).then_some(waits);
                (failure.code.as_str(), Some(clean(&failure.message)), wait)
            }
            Stop::Unmapped { detail, .. } => (HoldReason::MappingMissing.as_str(), Some(clean(detail)), Some(waits)),
            Stop::Skip { code, detail, .. } => (code.as_str(), detail.clone(), None),
            Stop::Ours(message) => return Err(PortError::Unavailable(message.clone())),
        };
        walk.waits += 1;
        let until = wait.and_then(|wait| self.now().checked_add(wait).ok());
        let (detail, remark) = kept(detail);
        job.halt = Some(Halt { reason: reason.to_owned(), detail, remark, until });
        save(job, walk)?;
        let id = job.id.as_str();
        match until {
            Some(until) => {
                tracing::info!(event = "job.waits", job = id, reason, until = %until);
                self.waits_on(job, until).await
            }
            None => {
                job.state = FAILED.to_owned();
                tracing::error!(event = "job.failed", job = id, reason);
                self.page_done(job).await
            }
        }
    }

    /// Waits for a time that was told. True if the job was written.
    async fn waits_on(&self, job: &mut Job, until: Timestamp) -> Result<bool, PortError> {
        let wait = until.duration_since(self.now()).clamp(SignedDuration::ZERO, SAYS_SO);
        if !self.write(job).await? {
            return Ok(false);
        }
        self.queue_job_after(&job.id, wait).await?;
        Ok(true)
    }

    /// The queue has enough: others go first.
    async fn gives_way(&self, job: &mut Job) -> Result<bool, PortError> {
        let said = job.changed_at.unwrap_or(job.created_at);
        if self.now().duration_since(said) > SAYS_SO && !self.write(job).await? {
            return Ok(false);
        }
        self.queue_job_after(&job.id, GIVES_WAY).await?;
        Ok(true)
    }
}

/// A source in use, or paused: then the job waits for it.
fn may_be_read(source: &Connection) -> bool {
    source.role != Role::Channel && matches!(source.state, ConnectionState::Active | ConnectionState::Paused)
}

/// Lines that are named instead of listed. Their versions are not known, so none is newer than what was looked at.
fn named(account: &Account, ids: &[String]) -> Vec<Changed> {
    let parcels = account.connection.role == Role::Courier;
    let kind = if parcels { SubjectKind::Parcel } else { SubjectKind::Document };
    let line = |id: &String| Changed {
        hint: SourceHint { subject: domain::Subject { kind, id: id.clone() }, hints: BTreeMap::new() },
        number: None,
        order_reference: None,
        version_at: Timestamp::MIN,
    };
    ids.iter().map(line).collect()
}

/// One arrival per job and line, the same whenever the page is run again.
fn arrival(job: &JobId, source: &ConnectionId, hint: &SourceHint) -> EventId {
    let named = [job.as_str(), source.as_str(), hint.subject.kind.as_str(), &hint.subject.id].join("\n");
    let digest = HEXLOWER.encode(digest(&SHA256, named.as_bytes()).as_ref());
    EventId::new(digest.chars().take(32).collect::<String>())
}
