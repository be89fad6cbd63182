//! What a connector can offer. A role or an operation that a vendor does not have is absent, never a stub.

use crate::account::Account;
use crate::oauth::OAuth;
use crate::session::{Permit, Session};
use crate::shows::Shows;
use crate::spec::{NumberSpec, Spec};
use crate::stop::Stop;
use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    CheckStep, Document, ExportId, Mappings, Operation, Order, OrderReference, OrderState, Overrides, Parcel, Receipt,
    Revision, Rules, SourceHint, State,
};
use jiff::Timestamp;

/// Bytes of a PDF that are read at most.
pub const PDF_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Bytes of a parcel's id or number at most.
pub const PARCEL_NAME_BYTES_MAX: usize = 100;

/// A connector without its conversations: what it is, and what its vendor's webhooks say. Who only takes webhooks needs
/// no more, and a program that knows connectors by this alone carries none of the rest.
pub trait Hears: Send + Sync {
    /// The connector as data.
    fn spec(&self) -> &'static Spec;

    /// Its webhooks.
    fn webhook(&self) -> Option<&dyn Webhook> {
        None
    }
}

/// An outside system.
#[async_trait]
pub trait Connector: Hears {
    /// Reach, credentials, permission, required features: step by step, the first failed step last. Never writes.
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep>;

    /// The cheapest call that shows whether the vendor answers at all: any answer, even a refusal, is `Ok`; 502, 503 and
    /// 504 are none.
    ///
    /// # Errors
    /// [`Stop::Fail`] with `outage` if it does not.
    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop>;

    /// Its accounting side.
    fn accounting(&self) -> Option<&dyn Accounting> {
        None
    }

    /// Its courier side.
    fn courier(&self) -> Option<&dyn Courier> {
        None
    }

    /// Its channel side.
    fn channel(&self) -> Option<&dyn Channel> {
        None
    }

    /// How a channel is read back; absent where it cannot be, or nobody has taught it yet.
    fn shows(&self) -> Option<&dyn Shows> {
        None
    }

    /// Its webhooks as the vendor keeps them, where it can be asked for them.
    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        None
    }

    /// How a person allows a connection at it, where its spec says that one can.
    fn oauth(&self) -> Option<&dyn OAuth> {
        None
    }

    /// The conversation that carries something to it; there is one for each operation of its spec.
    fn target(&self, _operation: Operation) -> Option<&'static dyn Target> {
        None
    }
}

/// A webhook call as it came in. Header names are lower case.
#[derive(Debug, Clone, Copy)]
pub struct Inbound<'a> {
    /// Headers.
    pub headers: &'a ::http::HeaderMap,
    /// The raw bytes: what signatures are made over.
    pub body: &'a [u8],
    /// Now, for signatures that carry a time.
    pub now: Timestamp,
}

/// The sender could not be authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unauthentic;

/// Authentic, but not readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// A vendor's webhooks.
pub trait Webhook: Send + Sync {
    /// Checks the sender over the raw bytes, in constant time.
    ///
    /// # Errors
    /// [`Unauthentic`].
    fn verify(&self, account: &Account, inbound: &Inbound<'_>) -> Result<(), Unauthentic>;

    /// The source objects it concerns; empty if it concerns nothing we carry. Only called on what was verified.
    ///
    /// # Errors
    /// [`Malformed`]: truncated, too deep, not UTF-8, empty.
    fn parse(&self, account: &Account, inbound: &Inbound<'_>) -> Result<Vec<SourceHint>, Malformed>;
}

/// A webhook to an address of ours, as its vendor keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name at the vendor.
    pub id: String,
    /// How it is.
    pub state: SubscriptionState,
}

/// How a webhook is kept at its vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Switched on.
    Active,
    /// Switched off.
    Off,
    /// Switched on, and it proves itself by a secret that was replaced: soon it will be refused.
    Outdated,
}

/// A vendor that can be asked for its webhooks and given one.
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// What the vendor shows for this address, which may be only some of those there are; `None` if these credentials may
    /// not ask.
    async fn look(&self, session: &Session<'_>, url: &str) -> Result<Option<Vec<Subscription>>, Stop>;

    /// Registers this address with what the connection expects of its webhooks.
    async fn register(&self, session: &Session<'_>, url: &str) -> Result<(), Stop>;

    /// Removes one. That it is gone already is no error.
    async fn remove(&self, session: &Session<'_>, id: &str) -> Result<(), Stop>;
}

/// Something a source lists as changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What.
    pub hint: SourceHint,
    /// Its number, for people.
    pub number: Option<String>,
    /// The order it quotes.
    pub order_reference: Option<String>,
    /// When the source changed it.
    pub version_at: Timestamp,
}

/// A page of changed documents.
#[derive(Debug, Clone, Default)]
pub struct DocumentPage {
    /// Lines.
    pub changed: Vec<Changed>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
}

/// A page of changed parcels.
pub type ParcelPage = DocumentPage;

/// A PDF, read whole and checked: starts with `%PDF`, at most [`PDF_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The bytes, unchanged.
    pub bytes: Bytes,
}

/// A system that issues documents.
#[async_trait]
pub trait Accounting: Send + Sync {
    /// Re-reads a document. `None`: the source does not have it (any more).
    async fn read_document(&self, session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop>;

    /// Finds a document by its number; `None` if there is none or the vendor cannot search.
    async fn find_document(&self, session: &Session<'_>, number: &str) -> Result<Option<Document>, Stop>;

    /// Reads a document's PDF. Not ready is [`Stop::Hold`] with `document_not_ready`.
    async fn read_pdf(&self, session: &Session<'_>, document: &Document) -> Result<Pdf, Stop>;

    /// What changed since a time; `cursor` is a page's `next`.
    async fn changed(
        &self,
        session: &Session<'_>,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<DocumentPage, Stop>;

    /// Reads several documents in one call, where the vendor can.
    fn many(&self) -> Option<&dyn ManyDocuments> {
        None
    }
}

/// A system that documents can be read from by the dozen: for vendors that count calls by the day.
#[async_trait]
pub trait ManyDocuments: Send + Sync {
    /// How many at once, at most.
    fn at_once(&self) -> usize;

    /// Re-reads documents in one call. What is not there, or does not fit, is left out and spoils none of the others:
    /// [`Accounting::read_document`] says what is wrong with it.
    async fn read_documents(&self, session: &Session<'_>, ids: &[&str]) -> Result<Vec<Document>, Stop>;
}

/// What is known of a parcel before it is read again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before<'a> {
    /// Merged from all reads so far.
    pub parcel: Option<&'a Parcel>,
    /// The order it belongs to, as somebody has told.
    pub order: Option<&'a str>,
    /// The carrier's own number was asked for lately ([`NumberSpec::carrier_every`]): what is known of it is good.
    pub rests: bool,
}

/// A system that carries parcels.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Re-reads a parcel. `None`: the courier does not have it.
    async fn read_parcel(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Option<Parcel>, Stop>;

    /// The same with what was known before, for couriers that describe their [numbers](Courier::numbers).
    async fn read_again(
        &self,
        session: &Session<'_>,
        hint: &SourceHint,
        _before: Before<'_>,
    ) -> Result<Option<Parcel>, Stop> {
        self.read_parcel(session, hint).await
    }

    /// Its numbers, where they can be told from other texts.
    fn numbers(&self) -> Option<&'static NumberSpec> {
        None
    }

    /// The id or number that somebody wrote, in the one form that is asked for. `None`: no parcel has such a one.
    fn parcel_named(&self, text: &str) -> Option<String> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= PARCEL_NAME_BYTES_MAX).then(|| text.to_owned())
    }

    /// Reads a parcel's label. Not ready is [`Stop::Hold`] with `document_not_ready`.
    async fn read_label(&self, session: &Session<'_>, parcel_id: &str) -> Result<Pdf, Stop>;

    /// What changed since a time, for couriers that can list (`SourceSpec::lists_changes`).
    async fn changed(&self, session: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<ParcelPage, Stop>;
}

/// The target's own values for a mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetValues {
    /// Carriers as `(code, label)`.
    pub carriers: Vec<(String, String)>,
    /// Document types as `(code, label)`.
    pub document_types: Vec<(String, String)>,
}

/// What people and plugins have written at an order, where numbers of parcels may stand. Read and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderTexts {
    /// How far the order has come.
    pub state: OrderState,
    /// Tracking numbers of its shipments.
    pub tracks: Vec<String>,
    /// Its comments.
    pub comments: Vec<String>,
}

/// A channel at whose orders other tools may note numbers of parcels.
#[async_trait]
pub trait Noted: Send + Sync {
    /// What is written at an order. `None`: the channel does not have it (any more).
    async fn order_texts(&self, session: &Session<'_>, order: &Order) -> Result<Option<OrderTexts>, Stop>;
}

/// A marketplace or shop.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its orders' texts, where other tools may write to them.
    fn noted(&self) -> Option<&dyn Noted> {
        None
    }

    /// Asks for an order by the reference that accounting and courier quote. `None`: the channel answered that it does
    /// not have it.
    async fn find_order(&self, session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop>;

    /// The channel's own values for mappings.
    async fn target_values(&self, session: &Session<'_>) -> Result<TargetValues, Stop>;
}

/// Another export of the same order at the same target.
#[derive(Debug, Clone)]
pub struct Sibling {
    /// Which.
    pub id: ExportId,
    /// What it does.
    pub operation: Operation,
    /// Where it stands.
    pub state: State,
    /// Its subject's numbers.
    pub numbers: Vec<String>,
    /// Remote ids that its receipts name: effects that are not ours.
    pub remote_ids: Vec<String>,
}

/// Reads files of the source when they are needed.
#[async_trait]
pub trait Files: Send + Sync {
    /// The document's PDF.
    async fn pdf(&self) -> Result<Pdf, Stop>;
}

/// Gives permits for writing calls.
#[async_trait]
pub trait Gate: Send + Sync {
    /// To be called after a completed look at the target that found nothing of ours, right before the writing call.
    /// Refuses with `settling` while an earlier call may still take effect, renews the lease, or stops the run.
    async fn absent(&self) -> Result<Permit, Stop>;
}

/// What is to be carried.
pub struct Task<'a> {
    /// What to do.
    pub operation: Operation,
    /// The order at the target; read when it was found, perhaps not in this run. Quantities must be read anew.
    pub order: &'a Order,
    /// The document, for document operations.
    pub document: Option<&'a Document>,
    /// The parcel, for parcel operations.
    pub parcel: Option<&'a Parcel>,
    /// What would be sent.
    pub revision: &'a Revision,
    /// The target's rules.
    pub rules: &'a Rules,
    /// The target's mappings.
    pub mappings: &'a Mappings,
    /// What a person decided.
    pub overrides: &'a Overrides,
    /// Other exports of this order at this target.
    pub siblings: &'a [Sibling],
    /// Proof of an earlier revision of this same export, newest last.
    pub previous: &'a [Receipt],
    /// Number of the invoice that must stand at the target first, where no record of ours proves that it does.
    pub after: Option<&'a str>,
    /// Whether an earlier call of this export is in doubt.
    pub in_doubt: bool,
    /// The source's files.
    pub files: &'a dyn Files,
    /// Permits.
    pub gate: &'a dyn Gate,
}

impl Task<'_> {
    /// Whether another export's receipt names this effect: it never matches.
    #[must_use]
    pub fn taken(&self, remote_id: &str) -> bool {
        self.siblings.iter().any(|s| s.remote_ids.iter().any(|id| id == remote_id))
    }
}

/// The target has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// The target's id for what was made.
    pub remote_id: String,
    /// The number it is known by there.
    pub number: Option<String>,
    /// What was read from a body. `"adopted": true` where an existing thing was taken for ours.
    pub proof: serde_json::Value,
}

/// One operation's conversation with its target: read back, preflight, `gate.absent()`, write, read the proof. It is in
/// its preflight ([`Session::step`]) only once it has looked and found nothing of ours: what stops there leaves nothing in
/// doubt.
#[async_trait]
pub trait Target: Send + Sync {
    /// Carries the task, or finds that it is already there.
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop>;
}
