//! Configured links to outside systems.

mod oauth;
mod rotation;

pub use oauth::{AccessToken, Asked, Granted, OAuth, Refreshing};
pub use rotation::{FormerSecret, FormerToken, PendingSecrets, Rotation, ends};

use crate::{Code, ConnectionId, Said, TenantId};
use jiff::Timestamp;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Issues documents.
    Accounting,
    /// Carries parcels.
    Courier,
    /// Orders come from it.
    Channel,
}

impl Role {
    /// The word used in paths and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accounting => "accounting",
            Self::Courier => "courier",
            Self::Channel => "channel",
        }
    }
}

/// Whether a connection may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// No check has succeeded with its present settings; nothing goes out.
    Unverified,
    /// In use.
    Active,
    /// Not called until the pause ends.
    Paused,
    /// Switched off by a person.
    Disabled,
}

/// Why a connection is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// It cannot be reached.
    Outage,
    /// It refused our credentials or rights.
    Credentials,
    /// A person did it.
    ByHand,
}

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Why.
    pub reason: PauseReason,
    /// Since when.
    pub since: Timestamp,
    /// When an export will next probe it; only for outages.
    pub next_probe: Option<Timestamp>,
    /// What a person can do.
    pub next_step: String,
}

/// A switch on the connection that receives. All off until set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Carry invoices here.
    SendInvoice,
    /// Carry credit notes here.
    SendCreditNote,
    /// Carry tracking numbers here.
    SendTracking,
    /// Carry delivery states here.
    SendDeliveryState,
    /// Carry cancellations here.
    SendCancellation,
    /// Carry refunds here.
    SendRefund,
    /// Acknowledge orders here.
    AcknowledgeOrder,
    /// Have this system issue documents.
    IssueDocuments,
}

/// When an invoice may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceWhen {
    /// As soon as it has a number.
    Issued,
    /// Once it was sent to the buyer.
    Sent,
    /// Once a payment is under way.
    InPayment,
    /// Once it is paid.
    Paid,
    /// Not at all.
    Never,
}

/// When a number may be told where that does not change the order's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberWhen {
    /// As soon as it is known.
    #[default]
    Known,
    /// Together with the confirmation of shipment.
    Shipped,
}

/// When shipment is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShippedWhen {
    /// At the courier's first scan or later.
    #[default]
    HandedOver,
    /// As soon as a number is known.
    NumberKnown,
    /// Only when a person asks for it.
    Manual,
}

/// What to do when the target already holds such a thing that is not known to be ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdoptRule {
    /// Note our number there and call it delivered, if it is the same in all that counts.
    Adopt,
    /// Wait for a person.
    Hold,
    /// Send all the same.
    SendAnyway,
}

/// An order field that carries another channel's reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoKnownAs {
    /// The field, in the channel's words.
    pub field: String,
    /// The other channel.
    pub channel: ConnectionId,
}

/// Which of a source's documents are carried at all. Empty means all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CarryWhen {
    /// Number series.
    pub series: Vec<String>,
    /// Tags, any of which must be present.
    pub tags: Vec<String>,
    /// Regular expression on the order reference.
    pub order_pattern: String,
}

/// A batch export every night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NightlyBatch {
    /// The time of day, as `02:30`.
    pub at: String,
    /// How far back it looks.
    #[serde(default = "NightlyBatch::week")]
    pub days_back: u16,
    /// Whose time of day, as `Europe/Prague`.
    #[serde(default = "NightlyBatch::utc")]
    pub time_zone: String,
}

impl NightlyBatch {
    /// Days that it may look back.
    pub const DAYS: std::ops::RangeInclusive<u16> = 1..=90;

    /// The time of day, if it is one.
    #[must_use]
    pub fn time(&self) -> Option<jiff::civil::Time> {
        let well_formed = self.at.len() == "02:30".len();
        jiff::civil::Time::strptime("%H:%M", &self.at).ok().filter(|_| well_formed)
    }

    const fn week() -> u16 {
        7
    }

    fn utc() -> String {
        "UTC".to_owned()
    }
}

/// Rules of a connection. What is absent has the connector's default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Regular expression on the order reference: whose order it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_pattern: Option<String>,
    /// When an invoice may go out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_when: Option<InvoiceWhen>,
    /// The same per payment kind of the channel's order. Nothing (`null` or a blank) means never.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "blank_is_never")]
    pub invoice_when_by_payment: BTreeMap<String, InvoiceWhen>,
    /// When a number is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_when: Option<NumberWhen>,
    /// When shipment is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped_when: Option<ShippedWhen>,
    /// What to do about a thing already there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_target_has_one: Option<AdoptRule>,
    /// Whether the target may tell the buyer; default no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_customer: Option<bool>,
    /// Whether a full invoice may go without lines if they do not match; default yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_invoice_without_line_match: Option<bool>,
    /// Where an order carries another channel's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also_known_as: Option<AlsoKnownAs>,
    /// Which of a source's documents are carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carry_when: Option<CarryWhen>,
    /// Whether a source's documents are exported in a batch every night; default no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_export: Option<NightlyBatch>,
}

/// What a payment kind may have beside it: a word, or nothing.
struct MaybeBlank(InvoiceWhen);

impl<'de> Deserialize<'de> for MaybeBlank {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)? {
            Some(word) if !word.trim().is_empty() => {
                InvoiceWhen::deserialize(word.as_str().into_deserializer()).map(Self)
            }
            _ => Ok(Self(InvoiceWhen::Never)),
        }
    }
}

fn blank_is_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, InvoiceWhen>, D::Error> {
    let given = BTreeMap::<String, MaybeBlank>::deserialize(deserializer)?;
    Ok(given.into_iter().map(|(kind, MaybeBlank(when))| (kind, when)).collect())
}

/// Where a source quotes the order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderReferenceRule {
    /// The vendor's field.
    pub field: Option<String>,
    /// Regular expression; the first capture group wins, else the whole match.
    pub pattern: Option<String>,
}

/// How the source's words translate to the target's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mappings {
    /// Courier's carrier code to the target's.
    pub carriers: BTreeMap<String, String>,
    /// Payment kinds.
    pub payments: BTreeMap<String, String>,
    /// Delivery kinds.
    pub deliveries: BTreeMap<String, String>,
    /// Document kinds.
    pub document_types: BTreeMap<String, String>,
}

/// A secret as it lies in the store: encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSecret {
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Ciphertext with its header, base64.
    pub sealed: String,
    /// Where a vendor has given it, and nobody has entered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<Granted>,
}

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStep {
    /// What was tried (`reach`, `credentials`, `permission` …).
    pub name: String,
    /// Whether it succeeded.
    pub ok: bool,
    /// Why not.
    pub code: Option<Code>,
    /// In words.
    pub message: Option<String>,
    /// The same as a remark of ours; absent where it is somebody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<crate::Remark>>,
    /// What a person can do.
    pub next_step: Option<String>,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Every step succeeded.
    pub ok: bool,
    /// When it ended.
    pub at: Timestamp,
    /// Step by step.
    pub steps: Vec<CheckStep>,
}

/// The last thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// When.
    pub at: Timestamp,
    /// What.
    pub code: Code,
    /// In words, redacted.
    pub message: String,
    /// The same as a remark of ours; absent where it is somebody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<crate::Remark>>,
}

impl LastError {
    /// What went wrong, as it was said.
    #[must_use]
    pub fn new(at: Timestamp, code: Code, said: Said) -> Self {
        let (message, remark) = said.into_parts();
        Self { at, code, message, remark }
    }
}

/// One configured link to an outside system, in one role. Secrets are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Unique in a deployment.
    pub id: ConnectionId,
    /// Whose.
    pub tenant: TenantId,
    /// What for.
    pub role: Role,
    /// Which connector.
    pub connector: String,
    /// What people call it.
    pub label: String,
    /// Whether it may be used.
    pub state: ConnectionState,
    /// Settings by name, as given.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Sealed secrets by name.
    pub secrets: BTreeMap<String, SealedSecret>,
    /// Switches that are set.
    pub switches: BTreeMap<Switch, bool>,
    /// Rules.
    pub rules: Rules,
    /// Mappings.
    pub mappings: Mappings,
    /// The pause, if there is one.
    pub pause: Option<Pause>,
    /// The last thing that went wrong.
    pub last_error: Option<LastError>,
    /// The last check.
    pub check: Option<Check>,
    /// Whether it was ever `active`: a channel that never was takes no part in finding an order.
    pub ever_active: bool,
    /// SHA-256 of the token in its webhook address, hexadecimal, for vendors that sign nothing.
    pub url_token_hash: Option<String>,
    /// Secrets being exchanged.
    #[serde(default, skip_serializing_if = "Rotation::is_empty")]
    pub rotation: Rotation,
    /// What a person allows at the vendor.
    #[serde(default, skip_serializing_if = "OAuth::is_empty")]
    pub oauth: OAuth,
    /// When it was made; polling starts here by default.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub changed_at: Timestamp,
    /// Raised by every write: the condition of the next one.
    pub version: u64,
}

impl Connection {
    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, switch: Switch) -> bool {
        self.switches.get(&switch).copied().unwrap_or(false)
    }

    /// Whether calls may be made for exports now.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        matches!(self.state, ConnectionState::Active)
    }

    /// A text setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(serde_json::Value::as_str)
    }
}

#[cfg(test)]
mod tests;
