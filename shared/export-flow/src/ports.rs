//! What the engine needs from the world. The meaning of the ledger is that of conditional writes on single items, the
//! meaning of the queue is that of SQS: at least once, in any order, with delay, lease (visibility) and groups.

mod figures;
mod jobs;
mod standing;
mod tally;

pub use figures::{Figures, Found, Happening, Hours, hour_begins, hour_of};
pub use jobs::{Halt, Job};
pub use standing::DocumentStanding;
pub use tally::Standing;
pub(crate) use tally::look_through;

use crate::audit::AuditStore;
use crate::claim::{Claim, Claimed};
use crate::heard::HeardStore;
use crate::message::Message;
use crate::notices::NoticeStore;
use crate::pace::{Ask, Leased};
use async_trait::async_trait;
use domain::{
    Connection, ConnectionId, DocumentKind, EventId, Export, ExportId, ExportKey, Finding, HoldReason, JobId, Money,
    Operation, Order, OrderReference, Parcel, Revision, RunId, Shared, State, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Our own store, queue or key service failed. Costs no attempt; the message comes again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Too busy: try again soon.
    #[error("throttled: {0}")]
    Throttled(String),
    /// Cannot be read or written.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// What is stored cannot be understood.
    #[error("damaged: {0}")]
    Damaged(String),
}

/// The claim under which a run may write: number and run are the condition of each of its writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Which export.
    pub id: ExportId,
    /// Its claim number.
    pub claim: u64,
    /// The run that won it.
    pub run: RunId,
}

/// News that met a record it could not claim; changes only the record's shared part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Which arrival, so that a redelivered message counts once.
    pub event: EventId,
    /// Whether it counts as a suppressed duplicate.
    pub duplicate: bool,
    /// A newer revision that the write ending the present run must queue.
    pub newer: Option<Revision>,
}

impl Arrival {
    /// Writes itself into a record's shared part; an arrival already seen counts no second time, and an older revision
    /// does not push out a newer one that was noted. True if it counted as a duplicate.
    pub fn leave(&self, shared: &mut Shared) -> bool {
        let counts = shared.see(&self.event) && self.duplicate;
        if counts {
            shared.duplicates += 1;
        }
        if let Some(newer) = &self.newer
            && shared.noted.as_ref().is_none_or(|noted| noted.version_at <= newer.version_at)
        {
            shared.noted = Some(newer.clone());
        }
        counts
    }
}

/// An order as the ledger remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// Whose.
    pub tenant: TenantId,
    /// The channel that knows it.
    pub channel: ConnectionId,
    /// As last read there.
    pub order: Order,
    /// When that was.
    pub seen_at: Timestamp,
}

/// A document as the ledger remembers it: the index from a source's id and number to the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentItem {
    /// Whose.
    pub tenant: TenantId,
    /// The source.
    pub source: ConnectionId,
    /// The source's id.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Its number.
    pub number: String,
    /// The order it quotes.
    pub order: Option<OrderReference>,
    /// Its total.
    pub total: Money,
    /// The source's version.
    pub version_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// What rules ask of it; not kept of what was last read before this was remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<DocumentStanding>,
}

/// The hint that holds the order a parcel belongs to, as somebody told: it outweighs what the courier quotes.
pub const TOLD_ORDER: &str = "told_order";

/// A parcel as the ledger remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelItem {
    /// Whose.
    pub tenant: TenantId,
    /// The source.
    pub source: ConnectionId,
    /// Merged from all that was ever read.
    pub parcel: Parcel,
    /// What is needed to read it again.
    pub hints: BTreeMap<String, String>,
    /// When it is to be asked for again; absent once final.
    pub watch_at: Option<Timestamp>,
    /// When it was last seen.
    pub seen_at: Timestamp,
}

impl ParcelItem {
    /// What is remembered with what was just read added. A parcel at its end is not asked for again.
    #[must_use]
    pub fn merged(mut self, newer: Self) -> Self {
        self.parcel = self.parcel.merged(newer.parcel);
        self.hints.extend(newer.hints);
        if let Some(order) = self.hints.get(TOLD_ORDER) {
            self.parcel.order_reference = Some(order.clone());
        }
        self.watch_at = newer.watch_at.filter(|_| !self.parcel.state.is_final());
        self.seen_at = self.seen_at.max(newer.seen_at);
        self
    }
}

/// Everything that lies beside one order reference of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderView {
    /// The order at each channel that has it.
    pub orders: Vec<OrderItem>,
    /// Exports and looks of that reference.
    pub exports: Vec<Export>,
    /// Documents that quote it.
    pub documents: Vec<DocumentItem>,
    /// Parcels that quote it.
    pub parcels: Vec<ParcelItem>,
    /// What was found about its exports.
    pub findings: Vec<Finding>,
}

/// Which exports. Everything given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportQuery {
    /// State.
    pub state: Option<State>,
    /// Source or target.
    pub connection: Option<ConnectionId>,
    /// Order reference.
    pub order: Option<String>,
    /// Subject id, number or tracking number.
    pub document: Option<String>,
    /// Operation.
    pub operation: Option<Operation>,
    /// Code, or the reason of a skip or hold.
    pub code: Option<String>,
}

impl ExportQuery {
    /// Whether an export fits everything given. The reason of a hold counts while it is held or after it expired, that
    /// of a skip while it is skipped.
    #[must_use]
    pub fn fits(&self, export: &Export) -> bool {
        let key = &export.key;
        let connection = |id: &ConnectionId| key.source == *id || key.target.as_ref() == Some(id);
        let document = |text: &String| key.subject.id == *text || export.numbers.contains(text);
        let code = |word: &String| {
            export.code.is_some_and(|code| code.as_str() == word) || reason(export).is_some_and(|reason| reason == word)
        };
        self.state.is_none_or(|state| state == export.state)
            && self.connection.as_ref().is_none_or(connection)
            && self.order.as_ref().is_none_or(|order| export.order.as_ref().is_some_and(|o| o.as_str() == order))
            && self.document.as_ref().is_none_or(document)
            && self.operation.is_none_or(|operation| operation == key.operation)
            && self.code.as_ref().is_none_or(code)
    }
}

/// The word for why an export is held, expired or skipped.
#[must_use]
pub fn reason(export: &Export) -> Option<&'static str> {
    match export.state {
        State::Held | State::Expired => export.hold.as_ref().map(|hold| hold.reason.as_str()),
        State::Skipped => export.skip.as_ref().map(|skip| skip.reason.as_str()),
        _ => None,
    }
}

/// The queue group of an export that is due: its target, or the source of a look.
#[must_use]
pub fn group(key: &ExportKey) -> &ConnectionId {
    key.target.as_ref().unwrap_or(&key.source)
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Lines, newest first.
    pub items: Vec<T>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
}

/// An entry of the sparse index: an export that wants attention at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEntry {
    /// Which.
    pub id: ExportId,
    /// Its claim number.
    pub claim: u64,
    /// When.
    pub due_at: Timestamp,
    /// The queue group (target connection, or source for looks).
    pub group: ConnectionId,
}

/// The circuit of a connection: failures in a row that look like an outage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Circuit {
    /// Exports whose last call met an outage, in a row, oldest first, each named once.
    pub failing: Vec<ExportId>,
    /// The export that probed last.
    pub last_probe: Option<ExportId>,
    /// Failed probes since the pause began.
    pub probes: u32,
    /// Raised by every write: the condition of the next one.
    pub version: u64,
}

/// How far polling of a source has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PollState {
    /// Changes up to this time have been seen.
    pub since: Option<Timestamp>,
    /// Where an interrupted pass goes on.
    pub cursor: Option<String>,
    /// Start of the present pass.
    pub pass_started: Option<Timestamp>,
    /// When the next pass is due.
    pub next_at: Option<Timestamp>,
    /// `id@version` of lines within the overlap window that were already queued.
    pub seen: Vec<String>,
}

/// Counts per connection for the overview.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionCounts {
    /// Delivered at this target since the given time.
    pub delivered: u64,
    /// Held now.
    pub held: u64,
    /// Dead now.
    pub dead: u64,
    /// Creation time of the oldest export that still waits.
    pub oldest_waiting: Option<Timestamp>,
}

/// Counts for the overview.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Exports per state.
    pub states: BTreeMap<State, u64>,
    /// Per connection.
    pub connections: BTreeMap<ConnectionId, ConnectionCounts>,
    /// Repeated arrivals that changed nothing.
    pub duplicates: u64,
}

/// Connections, to be read one by one: all that who takes webhooks needs of the ledger.
#[async_trait]
pub trait Connections: Send + Sync {
    /// A connection by its id, unique in a deployment.
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, PortError>;
}

/// The durable record of everything.
#[async_trait]
pub trait Ledger: Connections + NoticeStore + Figures + AuditStore + HeardStore {
    /// One conditional write that creates or takes an export; decides by [`crate::claim::decide`] and returns the old
    /// record on success and on refusal.
    async fn claim(&self, claim: &Claim) -> Result<Claimed, PortError>;
    /// Replaces all but the shared part of a record while the guard holds. `None`: the run lost its claim and nothing
    /// was written. Else the record as stored, shared part included.
    async fn finish(&self, guard: &Guard, export: &Export) -> Result<Option<Export>, PortError>;
    /// Moves the end of the lease while the guard holds. False: lost.
    async fn renew(&self, guard: &Guard, lease_until: Timestamp) -> Result<bool, PortError>;
    /// Adds an arrival to the shared part of a record, whoever holds its claim. `None`: no such record.
    async fn arrive(&self, id: &ExportId, arrival: &Arrival) -> Result<Option<Export>, PortError>;
    /// A decision from outside a run: replaces all but the shared part if the claim number and state are still those of
    /// `before`. False: they are not.
    async fn decide(&self, before: &Export, after: &Export) -> Result<bool, PortError>;
    /// Reads an export, strongly consistent.
    async fn export(&self, id: &ExportId) -> Result<Option<Export>, PortError>;
    /// Everything beside an order reference, strongly consistent.
    async fn order(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError>;
    /// The orders, exports and findings beside a reference; may miss what was written in the last seconds. For plans: what they
    /// must not miss is found by the claim, by the order's lease, or by the read after a hold.
    async fn glance(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        self.order(tenant, reference).await
    }
    /// Remembers an order as read at its channel.
    async fn remember_order(&self, item: &OrderItem) -> Result<(), PortError>;
    /// Writes a finding beside its order if the stored version is one less; that of a finding which is not there is 0.
    /// False: somebody else wrote.
    async fn put_finding(&self, finding: &Finding) -> Result<bool, PortError>;
    /// Remembers a document; an older version never replaces a newer one. True only if nothing of it was known before,
    /// so that no export of it can be there; false says nothing.
    async fn remember_document(&self, item: &DocumentItem) -> Result<bool, PortError>;
    /// The remembered document of a source with this id or number.
    async fn document(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<DocumentItem>, PortError>;
    /// Merges what was read of a parcel into what is remembered ([`Parcel::merged`]) and returns the whole.
    async fn merge_parcel(&self, item: &ParcelItem) -> Result<ParcelItem, PortError>;
    /// The remembered parcel of a source with this id or tracking number.
    async fn parcel(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<ParcelItem>, PortError>;
    /// Parcels to be asked for again.
    async fn parcels_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ParcelItem>, PortError>;

    /// Exports of a tenant, newest first.
    async fn exports(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Export>, PortError>;
    /// How many exports and looks of a connection are in each of these states. A store without a better way reads them, up to a
    /// bound.
    async fn standing(
        &self,
        tenant: &TenantId,
        connection: &ConnectionId,
        states: &[State],
    ) -> Result<Standing, PortError> {
        tally::counted(self, tenant, connection, states).await
    }
    /// Exports and looks of these things of a source, in any order, strongly consistent.
    async fn exports_of(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        ids: &[String],
    ) -> Result<Vec<Export>, PortError>;
    /// Entries of the sparse index that are due before a time, oldest first.
    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<DueEntry>, PortError>;
    /// Moves an entry's due time if it is still the one given. False: somebody else did.
    async fn postpone(&self, entry: &DueEntry, to: Timestamp) -> Result<bool, PortError>;
    /// Held exports that wait at this connection ([`Export::waits_at`]) for one reason, in the order of their ids.
    async fn waiting(
        &self,
        connection: &ConnectionId,
        reason: HoldReason,
        after: Option<&ExportId>,
        limit: usize,
    ) -> Result<Vec<DueEntry>, PortError>;

    /// Takes the fenced lease of an order at a target for an export; the same holder may take it again, for the same
    /// claim or a later one. `Err(holder)` as the inner value: another export holds it, or a later claim of the same.
    async fn lease_order(&self, lease: &OrderLease) -> Result<Result<(), ExportId>, PortError>;
    /// Gives it back if this export holds it, for this claim or an earlier one. True if it did.
    async fn release_order(&self, lease: &OrderLease) -> Result<bool, PortError>;

    /// All connections of a tenant.
    async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError>;
    /// All connections of all tenants.
    async fn all_connections(&self) -> Result<Vec<Connection>, PortError>;
    /// Writes a connection if its stored version is still `expected` (`None`: it does not exist). The stored version is
    /// that of `connection`, which must be larger. False: somebody else wrote.
    async fn put_connection(&self, connection: &Connection, expected: Option<u64>) -> Result<bool, PortError>;
    /// Removes a connection. False: there was none.
    async fn delete_connection(&self, id: &ConnectionId) -> Result<bool, PortError>;
    /// The circuit of a connection.
    async fn circuit(&self, id: &ConnectionId) -> Result<Circuit, PortError>;
    /// Writes a circuit if the stored version is one less. False: somebody else wrote.
    async fn put_circuit(&self, id: &ConnectionId, circuit: &Circuit) -> Result<bool, PortError>;
    /// How far polling has come.
    async fn poll_state(&self, id: &ConnectionId) -> Result<PollState, PortError>;
    /// Writes how far polling has come.
    async fn put_poll_state(&self, id: &ConnectionId, state: &PollState) -> Result<(), PortError>;

    /// Reads a job.
    async fn job(&self, id: &JobId) -> Result<Option<Job>, PortError>;
    /// Writes a job if the stored version is one less; that of a job which is not there is 0. False: somebody else wrote.
    async fn put_job(&self, job: &Job) -> Result<bool, PortError>;
    /// Jobs of a tenant, newest first.
    async fn jobs(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError>;
    /// Jobs of all tenants that are running, in any order.
    async fn running_jobs(&self, limit: usize) -> Result<Vec<Job>, PortError>;
    /// Counts for the overview; `since` bounds the delivered ones.
    async fn counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Counts, PortError>;
}

/// The fenced lease item of an order at a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLease {
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub target: ConnectionId,
    /// Which order.
    pub order: OrderReference,
    /// For which export.
    pub holder: ExportId,
    /// For which of its claims: what is given back late never frees a later one.
    pub claim: u64,
}

/// A message on its way to the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// What.
    pub message: Message,
    /// Fair share is kept per group: source connection for events, target connection for retries.
    pub group: ConnectionId,
    /// Not before this time has passed; at most 15 minutes.
    pub delay: SignedDuration,
}

/// A message as received: leased, not gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Body as sent; `None` if it cannot be read any more (then it must not be lost: it is buried).
    pub message: Option<Message>,
    /// Names this receive.
    pub receipt: String,
    /// How often it has been received, this time included.
    pub receives: u32,
    /// Its group.
    pub group: ConnectionId,
}

/// A copy of a dead export in the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadCopy {
    /// The export with its whole attempt log.
    pub export: Export,
    /// When it was put there.
    pub at: Timestamp,
}

/// How much is on the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Waiting, due or delayed.
    pub visible: u64,
    /// Received and not yet answered.
    pub in_flight: u64,
    /// Copies in the dead-letter queue.
    pub dead_letters: u64,
}

/// The queue's near end: all that who takes webhooks needs of it.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Sends all or says that it did not; after an error some may have been sent.
    async fn send(&self, messages: Vec<Outgoing>) -> Result<(), PortError>;
}

/// The queue.
#[async_trait]
pub trait Queue: Outbox {
    /// Leases up to `max` messages for `visibility`, fair by group. Empty when nothing is due.
    async fn receive(&self, max: usize, visibility: SignedDuration) -> Result<Vec<Incoming>, PortError>;
    /// The same without the messages of these groups, where the queue can leave groups out.
    async fn receive_beside(
        &self,
        groups: &[ConnectionId],
        max: usize,
        visibility: SignedDuration,
    ) -> Result<Vec<Incoming>, PortError> {
        let _ = groups;
        self.receive(max, visibility).await
    }
    /// Removes a received message.
    async fn delete(&self, receipts: &[String]) -> Result<(), PortError>;
    /// Gives a received message back, to be received again after a delay.
    async fn give_back(&self, receipt: &str, delay: SignedDuration) -> Result<(), PortError>;
    /// Puts the copy of a dead export into the dead-letter queue; once per export and claim number.
    async fn bury(&self, copy: &DeadCopy) -> Result<(), PortError>;
    /// Removes an export's copies from the dead-letter queue.
    async fn exhume(&self, id: &ExportId) -> Result<(), PortError>;
    /// How much there is.
    async fn depth(&self) -> Result<Depth, PortError>;
    /// How long the message that has been due for longest has waited, where the queue can say so.
    async fn age(&self) -> Result<Option<SignedDuration>, PortError> {
        Ok(None)
    }
}

/// What a thing in the dead-letter queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lying {
    /// The copy of a dead export, put there by [`Queue::bury`].
    Copy(ExportId),
    /// A message that the queue moved there, because it was received too often.
    Message(Message),
    /// Neither, as far as this program can read.
    Unreadable,
}

/// A thing in the dead-letter queue, as received: leased, not gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caught {
    /// Names this receive.
    pub receipt: String,
    /// Names the thing: the same at every receive.
    pub name: String,
    /// Its group.
    pub group: ConnectionId,
    /// What it is.
    pub what: Lying,
}

/// The net beneath a queue that moves what was received too often to its dead-letter queue by itself. A queue that does
/// not, needs none.
#[async_trait]
pub trait Net: Send + Sync {
    /// Leases up to `max` of the things in the dead-letter queue. Empty when there are none.
    async fn caught(&self, max: usize) -> Result<Vec<Caught>, PortError>;
    /// Removes what was received.
    async fn discard(&self, receipts: &[String]) -> Result<(), PortError>;
    /// Lets what was received be seen again at once.
    async fn leave(&self, receipts: &[String]) -> Result<(), PortError>;
}

/// Seals and opens secrets.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Encrypts a secret for one connection and name.
    async fn seal(&self, connection: &ConnectionId, name: &str, secret: &SecretString) -> Result<String, PortError>;
    /// Decrypts it.
    async fn open(&self, connection: &ConnectionId, name: &str, sealed: &str) -> Result<SecretString, PortError>;
}

/// The pace of each connection where several processes make its calls.
#[async_trait]
pub trait Slices: Send + Sync {
    /// Takes calls of a connection for the asker alone, by [`crate::pace::Cell::take`], in one conditional write. What
    /// was taken and not used is lost.
    async fn lease(&self, ask: &Ask) -> Result<Leased, PortError>;
    /// The vendor wants no call of a connection before `until`: whoever asks for calls hears it. A shorter word does not
    /// open what a longer one has closed.
    async fn close(&self, tenant: &TenantId, connection: &ConnectionId, until: Timestamp) -> Result<(), PortError>;
}
