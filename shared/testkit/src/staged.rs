//! The ports with a stage between them and the engine: somebody decides, call by call, what becomes of it. A port's new
//! call does not compile until it is here, and is then met by every test that directs a stage.

use crate::practice::{Kind, World};
use async_trait::async_trait;
use connectors::{Answer, Http, HttpError, Lane, Request};
use domain::{
    AuditEntry, Connection, ConnectionId, Export, ExportId, Finding, HoldReason, JobId, OrderReference, State, TenantId,
};
use export_flow::audit::{AuditQuery, AuditStore};
use export_flow::claim::{Claim, Claimed};
use export_flow::heard::{Heard, HeardPage, HeardStore};
use export_flow::notices::{Notice, NoticeSettings, NoticeStore};
use export_flow::ports::{
    Arrival, Circuit, Connections, Counts, DeadCopy, Depth, DocumentItem, DueEntry, ExportQuery, Figures, Found, Guard,
    Hours, Incoming, Job, Keys, Ledger, OrderItem, OrderLease, OrderView, Outbox, Outgoing, Page, ParcelItem,
    PollState, PortError, Queue, Standing,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::future::Future;
use std::sync::Arc;

/// What a call may do, and so what can go wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    /// Changes something.
    Writes,
    /// Reads what is there now.
    Reads,
    /// Reads what was there at some time in the last seconds.
    Glances,
}

/// One call of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// `ledger`, `queue`, `keys` or `http`.
    pub port: &'static str,
    /// As the port names it; the kind of conversation for HTTP.
    pub name: &'static str,
    /// What it may do.
    pub nature: Nature,
}

/// What becomes of a call of our own store or queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It works.
    Works,
    /// It fails and has done nothing.
    Fails(PortError),
    /// It has done everything and its answer is lost.
    AnswerLost(PortError),
    /// It is applied, its answer is lost, and the store's client repeats it by itself.
    Repeated,
    /// It reads an older state. Only what [`Nature::Glances`] can.
    Stale,
}

/// Decides what becomes of each call.
#[async_trait]
pub trait Stage: Send + Sync {
    /// Before a call of our store or queue is applied. May wait; may never come back, if the run is to die here.
    async fn before(&self, call: Call) -> Fate;
    /// After it was applied and before the engine hears of it. May wait, may never come back.
    async fn after(&self, call: Call);
    /// The same for a call to the outside; `None`: the world answers as it is.
    async fn outside(&self, call: Call, request: &Request) -> Option<Kind>;
    /// The ledger as it was a while ago.
    fn earlier(&self) -> Option<Arc<dyn Ledger>>;
}

/// A port behind a stage.
pub struct Staged<P: ?Sized> {
    stage: Arc<dyn Stage>,
    port: Arc<P>,
}

impl<P: ?Sized> Staged<P> {
    /// Puts a stage in front of a port.
    #[must_use]
    pub fn new(port: Arc<P>, stage: Arc<dyn Stage>) -> Arc<Self> {
        Arc::new(Self { stage, port })
    }

    async fn cross<T, F>(&self, call: Call, work: impl Fn() -> F + Send + Sync) -> Result<T, PortError>
    where
        T: Send,
        F: Future<Output = Result<T, PortError>> + Send,
    {
        let result = match self.stage.before(call).await {
            Fate::Works | Fate::Stale => work().await,
            Fate::Fails(error) => return Err(error),
            Fate::AnswerLost(error) => {
                work().await?;
                Err(error)
            }
            Fate::Repeated => {
                work().await?;
                work().await
            }
        };
        self.stage.after(call).await;
        result
    }
}

impl Staged<dyn Ledger> {
    async fn write<T, F>(&self, name: &'static str, work: impl Fn() -> F + Send + Sync) -> Result<T, PortError>
    where
        T: Send,
        F: Future<Output = Result<T, PortError>> + Send,
    {
        self.cross(Call { port: "ledger", name, nature: Nature::Writes }, work).await
    }

    async fn read<T, F>(&self, name: &'static str, work: impl Fn() -> F + Send + Sync) -> Result<T, PortError>
    where
        T: Send,
        F: Future<Output = Result<T, PortError>> + Send,
    {
        self.cross(Call { port: "ledger", name, nature: Nature::Reads }, work).await
    }

    /// A read that may be answered from what was there a while ago.
    async fn glancing<T, F>(
        &self,
        name: &'static str,
        work: impl Fn(Arc<dyn Ledger>) -> F + Send + Sync,
    ) -> Result<T, PortError>
    where
        T: Send,
        F: Future<Output = Result<T, PortError>> + Send,
    {
        let call = Call { port: "ledger", name, nature: Nature::Glances };
        let ledger = match self.stage.before(call).await {
            Fate::Fails(error) | Fate::AnswerLost(error) => return Err(error),
            Fate::Stale => self.stage.earlier().unwrap_or_else(|| Arc::clone(&self.port)),
            Fate::Works | Fate::Repeated => Arc::clone(&self.port),
        };
        let result = work(ledger).await;
        self.stage.after(call).await;
        result
    }
}

#[async_trait]
impl Connections for Staged<dyn Ledger> {
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, PortError> {
        self.read("connection", || self.port.connection(id)).await
    }
}

#[async_trait]
impl NoticeStore for Staged<dyn Ledger> {
    async fn put_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        self.write("put_notice", || self.port.put_notice(notice)).await
    }

    async fn notices_due(&self, by: Timestamp, limit: usize) -> Result<Vec<Notice>, PortError> {
        self.glancing("notices_due", |ledger| async move { ledger.notices_due(by, limit).await }).await
    }

    async fn change_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        self.write("change_notice", || self.port.change_notice(notice)).await
    }

    async fn notice_settings(&self, tenant: &TenantId) -> Result<Option<NoticeSettings>, PortError> {
        self.read("notice_settings", || self.port.notice_settings(tenant)).await
    }

    async fn put_notice_settings(&self, settings: &NoticeSettings) -> Result<bool, PortError> {
        self.write("put_notice_settings", || self.port.put_notice_settings(settings)).await
    }
}

#[async_trait]
impl Figures for Staged<dyn Ledger> {
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError> {
        self.glancing("search", |ledger| async move { ledger.search(tenant, words, limit).await }).await
    }

    async fn hours(&self, tenant: &TenantId, since: Timestamp) -> Result<Hours, PortError> {
        self.glancing("hours", |ledger| async move { ledger.hours(tenant, since).await }).await
    }
}

#[async_trait]
impl AuditStore for Staged<dyn Ledger> {
    async fn put_audit(&self, entry: &AuditEntry) -> Result<(), PortError> {
        self.write("put_audit", || self.port.put_audit(entry)).await
    }

    async fn end_audit(&self, entry: &AuditEntry) -> Result<bool, PortError> {
        self.write("end_audit", || self.port.end_audit(entry)).await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        by: Timestamp,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>, PortError> {
        self.read("audit", || self.port.audit(tenant, query, by, limit, cursor)).await
    }
}

#[async_trait]
impl HeardStore for Staged<dyn Ledger> {
    /// Kept back by every store and written with what else there is: no call that anything could become of.
    async fn note_heard(&self, heard: &Heard) -> Result<(), PortError> {
        self.port.note_heard(heard).await
    }

    async fn heard(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        by: Timestamp,
        limit: usize,
    ) -> Result<HeardPage, PortError> {
        self.read("heard", || self.port.heard(tenant, source, by, limit)).await
    }
}

#[async_trait]
impl Ledger for Staged<dyn Ledger> {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, PortError> {
        self.write("claim", || self.port.claim(claim)).await
    }

    async fn finish(&self, guard: &Guard, export: &Export) -> Result<Option<Export>, PortError> {
        self.write("finish", || self.port.finish(guard, export)).await
    }

    async fn renew(&self, guard: &Guard, lease_until: Timestamp) -> Result<bool, PortError> {
        self.write("renew", || self.port.renew(guard, lease_until)).await
    }

    async fn arrive(&self, id: &ExportId, arrival: &Arrival) -> Result<Option<Export>, PortError> {
        self.write("arrive", || self.port.arrive(id, arrival)).await
    }

    async fn decide(&self, before: &Export, after: &Export) -> Result<bool, PortError> {
        self.write("decide", || self.port.decide(before, after)).await
    }

    async fn export(&self, id: &ExportId) -> Result<Option<Export>, PortError> {
        self.read("export", || self.port.export(id)).await
    }

    async fn order(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        self.read("order", || self.port.order(tenant, reference)).await
    }

    async fn glance(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        self.glancing("glance", |ledger| async move { ledger.glance(tenant, reference).await }).await
    }

    async fn remember_order(&self, item: &OrderItem) -> Result<(), PortError> {
        self.write("remember_order", || self.port.remember_order(item)).await
    }

    async fn put_finding(&self, finding: &Finding) -> Result<bool, PortError> {
        self.write("put_finding", || self.port.put_finding(finding)).await
    }

    async fn remember_document(&self, item: &DocumentItem) -> Result<bool, PortError> {
        self.write("remember_document", || self.port.remember_document(item)).await
    }

    async fn document(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<DocumentItem>, PortError> {
        self.read("document", || self.port.document(tenant, source, id_or_number)).await
    }

    async fn merge_parcel(&self, item: &ParcelItem) -> Result<ParcelItem, PortError> {
        self.write("merge_parcel", || self.port.merge_parcel(item)).await
    }

    async fn parcel(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<ParcelItem>, PortError> {
        self.read("parcel", || self.port.parcel(tenant, source, id_or_number)).await
    }

    async fn parcels_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ParcelItem>, PortError> {
        self.glancing("parcels_due", |ledger| async move { ledger.parcels_due(now, limit).await }).await
    }

    async fn exports(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Export>, PortError> {
        self.glancing("exports", |ledger| async move { ledger.exports(tenant, query, limit, cursor).await }).await
    }

    async fn standing(
        &self,
        tenant: &TenantId,
        connection: &ConnectionId,
        states: &[State],
    ) -> Result<Standing, PortError> {
        self.glancing("standing", |ledger| async move { ledger.standing(tenant, connection, states).await }).await
    }

    async fn exports_of(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        ids: &[String],
    ) -> Result<Vec<Export>, PortError> {
        self.read("exports_of", || self.port.exports_of(tenant, source, ids)).await
    }

    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<DueEntry>, PortError> {
        self.glancing("due", |ledger| async move { ledger.due(before, limit).await }).await
    }

    async fn postpone(&self, entry: &DueEntry, to: Timestamp) -> Result<bool, PortError> {
        self.write("postpone", || self.port.postpone(entry, to)).await
    }

    async fn waiting(
        &self,
        connection: &ConnectionId,
        reason: HoldReason,
        after: Option<&ExportId>,
        limit: usize,
    ) -> Result<Vec<DueEntry>, PortError> {
        self.glancing("waiting", |ledger| async move { ledger.waiting(connection, reason, after, limit).await }).await
    }

    async fn lease_order(&self, lease: &OrderLease) -> Result<Result<(), ExportId>, PortError> {
        self.write("lease_order", || self.port.lease_order(lease)).await
    }

    async fn release_order(&self, lease: &OrderLease) -> Result<bool, PortError> {
        self.write("release_order", || self.port.release_order(lease)).await
    }

    async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        self.read("connections", || self.port.connections(tenant)).await
    }

    async fn all_connections(&self) -> Result<Vec<Connection>, PortError> {
        self.read("all_connections", || self.port.all_connections()).await
    }

    async fn put_connection(&self, connection: &Connection, expected: Option<u64>) -> Result<bool, PortError> {
        self.write("put_connection", || self.port.put_connection(connection, expected)).await
    }

    async fn delete_connection(&self, id: &ConnectionId) -> Result<bool, PortError> {
        self.write("delete_connection", || self.port.delete_connection(id)).await
    }

    async fn circuit(&self, id: &ConnectionId) -> Result<Circuit, PortError> {
        self.read("circuit", || self.port.circuit(id)).await
    }

    async fn put_circuit(&self, id: &ConnectionId, circuit: &Circuit) -> Result<bool, PortError> {
        self.write("put_circuit", || self.port.put_circuit(id, circuit)).await
    }

    async fn poll_state(&self, id: &ConnectionId) -> Result<PollState, PortError> {
        self.read("poll_state", || self.port.poll_state(id)).await
    }

    async fn put_poll_state(&self, id: &ConnectionId, state: &PollState) -> Result<(), PortError> {
        self.write("put_poll_state", || self.port.put_poll_state(id, state)).await
    }

    async fn job(&self, id: &JobId) -> Result<Option<Job>, PortError> {
        self.read("job", || self.port.job(id)).await
    }

    async fn put_job(&self, job: &Job) -> Result<bool, PortError> {
        self.write("put_job", || self.port.put_job(job)).await
    }

    async fn jobs(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        self.read("jobs", || self.port.jobs(tenant, limit, cursor)).await
    }

    async fn running_jobs(&self, limit: usize) -> Result<Vec<Job>, PortError> {
        self.read("running_jobs", || self.port.running_jobs(limit)).await
    }

    async fn counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Counts, PortError> {
        self.glancing("counts", |ledger| async move { ledger.counts(tenant, since).await }).await
    }
}

const fn queue_call(name: &'static str) -> Call {
    Call { port: "queue", name, nature: Nature::Writes }
}

#[async_trait]
impl Outbox for Staged<dyn Queue> {
    async fn send(&self, messages: Vec<Outgoing>) -> Result<(), PortError> {
        self.cross(queue_call("send"), || self.port.send(messages.clone())).await
    }
}

#[async_trait]
impl Queue for Staged<dyn Queue> {
    async fn receive(&self, max: usize, visibility: SignedDuration) -> Result<Vec<Incoming>, PortError> {
        self.cross(queue_call("receive"), || self.port.receive(max, visibility)).await
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), PortError> {
        self.cross(queue_call("delete"), || self.port.delete(receipts)).await
    }

    async fn give_back(&self, receipt: &str, delay: SignedDuration) -> Result<(), PortError> {
        self.cross(queue_call("give_back"), || self.port.give_back(receipt, delay)).await
    }

    async fn bury(&self, copy: &DeadCopy) -> Result<(), PortError> {
        self.cross(queue_call("bury"), || self.port.bury(copy)).await
    }

    async fn exhume(&self, id: &ExportId) -> Result<(), PortError> {
        self.cross(queue_call("exhume"), || self.port.exhume(id)).await
    }

    async fn depth(&self) -> Result<Depth, PortError> {
        self.cross(Call { port: "queue", name: "depth", nature: Nature::Reads }, || self.port.depth()).await
    }

    async fn age(&self) -> Result<Option<SignedDuration>, PortError> {
        self.cross(Call { port: "queue", name: "age", nature: Nature::Reads }, || self.port.age()).await
    }
}

const fn keys_call(name: &'static str) -> Call {
    Call { port: "keys", name, nature: Nature::Reads }
}

#[async_trait]
impl Keys for Staged<dyn Keys> {
    async fn seal(&self, connection: &ConnectionId, name: &str, secret: &SecretString) -> Result<String, PortError> {
        self.cross(keys_call("seal"), || self.port.seal(connection, name, secret)).await
    }

    async fn open(&self, connection: &ConnectionId, name: &str, sealed: &str) -> Result<SecretString, PortError> {
        self.cross(keys_call("open"), || self.port.open(connection, name, sealed)).await
    }
}

#[async_trait]
impl Http for Staged<World> {
    async fn call(&self, _lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        let nature = if writing { Nature::Writes } else { Nature::Reads };
        let name = if writing { "write" } else { place(request.url.path()) };
        let call = Call { port: "http", name, nature };
        let kind = self.stage.outside(call, &request).await;
        let answer = self.port.answer(&request, kind);
        self.stage.after(call).await;
        answer
    }
}

/// What a reading call is about.
fn place(path: &str) -> &'static str {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["documents"] | ["parcels"] => "read changes",
        ["documents", _, "pdf"] => "read pdf",
        ["documents", _] => "read document",
        ["parcels", _] => "read parcel",
        ["orders", _] => "read order",
        ["effects", _] => "read back",
        _ => "reach",
    }
}
