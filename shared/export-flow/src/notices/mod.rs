//! Notices: what people are told of without asking. Whoever makes something that a person should hear of puts a notice
//! into the outbox of the ledger, under an id that the same thing always has; the sweep sends what lies there.

mod deliver;
mod digest;
mod form;
mod language;
mod letter;
mod raise;
mod webhook;

pub use deliver::{Notifier, TellingWays, Tried, Undelivered};
pub use digest::{Digest, Waiting};
pub use form::SettingsPut;
pub use language::Language;
pub use letter::Letter;
pub use raise::of_pause;
pub use webhook::{sign, signing_key};

use crate::ports::PortError;
use async_trait::async_trait;
use data_encoding::HEXLOWER;
use domain::{
    Code, ConnectionId, ExportId, LastError, NoticeKind, NoticeWay, Operation, PauseReason, SealedSecret, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Notices are kept so long, so that nothing is told twice.
pub const KEPT: SignedDuration = SignedDuration::from_hours(40 * 24);
/// What happened longer ago is not told any more by somebody who finds it untold.
const TOLD_LATE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Hexadecimal characters of a message's id.
const MESSAGE_ID_CHARS: usize = 32;

/// What a notice says, as ids and words. Nothing of a buyer, nothing that a vendor wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Which connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ConnectionId>,
    /// Which export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<ExportId>,
    /// What it was to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The document's or parcel's own number, or its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Why it paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<PauseReason>,
    /// When its secrets end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The day in numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// How far one way has come with a notice.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// When it was taken there.
    pub sent_at: Option<Timestamp>,
    /// Tries that failed.
    pub failed: u32,
    /// The last of them.
    pub error: Option<LastError>,
    /// When the next one is due; absent once sent or given up.
    pub next_at: Option<Timestamp>,
}

impl Progress {
    fn due(at: Timestamp) -> Self {
        Self { next_at: Some(at), ..Self::default() }
    }
}

/// Something that people are to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whose.
    pub tenant: TenantId,
    /// What is told once: the same thing has the same id, whoever finds it. Unique per tenant.
    pub id: String,
    /// What about.
    pub kind: NoticeKind,
    /// When it happened.
    pub at: Timestamp,
    /// What it says.
    pub facts: Facts,
    /// From then on the same may be told anew; absent: never.
    pub quiet_until: Option<Timestamp>,
    /// Only these ways; empty: those that the settings say.
    #[serde(default)]
    pub only: BTreeSet<NoticeWay>,
    /// When the sweep looks at it; absent once every way is at its end.
    pub due_at: Option<Timestamp>,
    /// How far each way has come.
    pub ways: BTreeMap<NoticeWay, Progress>,
    /// Raised by every write: the condition of the next one. The first is 1.
    pub version: u64,
}

impl Notice {
    /// A notice that nobody has sent yet.
    #[must_use]
    pub fn new(tenant: TenantId, id: String, kind: NoticeKind, at: Timestamp, facts: Facts) -> Self {
        Self {
            tenant,
            id,
            kind,
            at,
            facts,
            quiet_until: None,
            only: BTreeSet::new(),
            due_at: Some(at),
            ways: BTreeMap::new(),
            version: 1,
        }
    }

    /// The rule by which a store puts a notice: only where none of its id lies, or one that is at its end and whose
    /// quiet time was over when this happened.
    #[must_use]
    pub fn replaces(&self, there: Option<&Self>) -> bool {
        there.is_none_or(|there| {
            there.due_at.is_none() && there.quiet_until.is_some_and(|quiet_until| quiet_until <= self.at)
        })
    }

    /// What receivers know it by: every try of one notice has the same.
    #[must_use]
    pub fn message_id(&self) -> String {
        let mut hash = Context::new(&SHA256);
        for part in [self.tenant.as_str(), &self.id, &self.at.to_string()] {
            hash.update(part.as_bytes());
            hash.update(b"\n");
        }
        let mut hex = HEXLOWER.encode(hash.finish().as_ref());
        hex.truncate(MESSAGE_ID_CHARS);
        format!("ntc_{hex}")
    }
}

/// The address that takes signed calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookWay {
    /// Where to.
    pub url: String,
    /// What signs, sealed.
    pub secret: SealedSecret,
}

/// When the day is told in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestTime {
    /// Hour of the day, 0 to 23.
    pub hour: i8,
    /// Where the clock stands that says so.
    pub time_zone: String,
    /// Not for a time before this.
    pub from: Timestamp,
}

/// What a tenant wants to be told, and how. Nothing until set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSettings {
    /// Whose.
    pub tenant: TenantId,
    /// By signed calls.
    pub webhook: Option<WebhookWay>,
    /// By mail to these addresses.
    pub email: Vec<String>,
    /// To the deployment's topic.
    pub topic: bool,
    /// What of, at once.
    pub kinds: BTreeSet<NoticeKind>,
    /// The day in numbers.
    pub digest: Option<DigestTime>,
    /// What all of it is worded in.
    #[serde(default)]
    pub lang: Language,
    /// When a person last changed them.
    pub changed_at: Timestamp,
    /// Raised by every write: the condition of the next one. The first is 1.
    pub version: u64,
}

impl NoticeSettings {
    /// The ways that are set.
    pub fn ways(&self) -> impl Iterator<Item = NoticeWay> + '_ {
        NoticeWay::ALL.into_iter().filter(|way| match way {
            NoticeWay::Webhook => self.webhook.is_some(),
            NoticeWay::Email => !self.email.is_empty(),
            NoticeWay::Topic => self.topic,
        })
    }

    /// Whether notices of a kind are wanted at all.
    #[must_use]
    pub fn wants(&self, kind: NoticeKind) -> bool {
        match kind {
            NoticeKind::Test => true,
            NoticeKind::Digest => self.digest.is_some(),
            kind => self.kinds.contains(&kind),
        }
    }
}

/// What the outbox needs of the ledger. Every write has its condition in the same step.
#[async_trait]
pub trait NoticeStore: Send + Sync {
    /// Puts a notice if [`Notice::replaces`] says so. False: it is there already, or its quiet time is not over.
    async fn put_notice(&self, notice: &Notice) -> Result<bool, PortError>;
    /// Notices of all tenants that are due by a time, oldest first; may miss what was written in the last seconds.
    async fn notices_due(&self, by: Timestamp, limit: usize) -> Result<Vec<Notice>, PortError>;
    /// Replaces a notice whose stored version is one less. False: somebody else wrote.
    async fn change_notice(&self, notice: &Notice) -> Result<bool, PortError>;
    /// What a tenant wants to be told.
    async fn notice_settings(&self, tenant: &TenantId) -> Result<Option<NoticeSettings>, PortError>;
    /// Writes it if the stored version is one less. False: somebody else wrote.
    async fn put_notice_settings(&self, settings: &NoticeSettings) -> Result<bool, PortError>;
}
