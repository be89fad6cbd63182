//! The record of an export: its own idempotency key and attempt counter.

use crate::{Code, EventId, ExportId, ExportKey, OrderReference, Revision, RunId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Failed attempts after which an export is dead.
pub const ATTEMPTS_MAX: u32 = 3;
/// Entries kept in an attempt log.
pub const ATTEMPT_LOG_MAX: usize = 20;
/// Notes kept of what people decided.
pub const NOTES_MAX: usize = 20;
/// Earlier receipts that keep what was read.
const PROOFS_MAX: usize = 3;
const SEEN_MAX: usize = 8;

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Claimed; lease and claim number set.
    Sending,
    /// The target took it but decides later.
    Accepted,
    /// The target's proof is in the receipt.
    Delivered,
    /// An attempt failed; the next is due at a known time.
    Retrying,
    /// Waits for a named reason.
    Held,
    /// Waited in vain.
    Expired,
    /// May or may not have arrived; a person decides.
    Uncertain,
    /// Three failed attempts.
    Dead,
    /// Must not go out.
    Skipped,
    /// A look that became exports.
    Planned,
}

impl State {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Sending,
        Self::Accepted,
        Self::Delivered,
        Self::Retrying,
        Self::Held,
        Self::Expired,
        Self::Uncertain,
        Self::Dead,
        Self::Skipped,
        Self::Planned,
    ];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Retrying => "retrying",
            Self::Held => "held",
            Self::Expired => "expired",
            Self::Uncertain => "uncertain",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
            Self::Planned => "planned",
        }
    }

    /// Reads [`State::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == word)
    }
}

macro_rules! words {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $word:literal,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($(#[$doc])* $name,)* }

        impl $type {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word used in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

words! {
    /// What a held export waits for.
    HoldReason {
        /// No channel knows the order yet.
        OrderUnknown = "order_unknown",
        /// Several channels know it.
        OrderAmbiguous = "order_ambiguous",
        /// Currency or total do not fit the order.
        OrderMismatch = "order_mismatch",
        /// Something else must arrive first, or finish.
        Predecessor = "predecessor",
        /// The source has not finished the document.
        DocumentNotReady = "document_not_ready",
        /// A rule, or the target itself, waits for payment.
        NotPaidYet = "not_paid_yet",
        /// The courier has not scanned it.
        NotHandedOver = "not_handed_over",
        /// No tracking number yet.
        NumberMissing = "number_missing",
        /// A value has no counterpart at the target.
        MappingMissing = "mapping_missing",
        /// Document lines do not fit the order's.
        LinesUnmatched = "lines_unmatched",
        /// The target is known to refuse it.
        Preflight = "preflight",
        /// The target has another one.
        TargetHasOther = "target_has_other",
        /// The vendor asked us to slow down.
        RateLimited = "rate_limited",
        /// The connection is paused.
        ConnectionPaused = "connection_paused",
        /// An earlier call may still take effect.
        Settling = "settling",
    }
}

words! {
    /// Why an export must not go out.
    SkipReason {
        /// It belongs to no channel of ours.
        NotOurs = "not_ours",
        /// The switch is off.
        SwitchedOff = "switched_off",
        /// The target cannot take such a thing.
        Unsupported = "unsupported",
        /// A rule says never.
        RuleNever = "rule_never",
        /// The marketplace issues this invoice itself.
        MarketplaceInvoices = "marketplace_invoices",
        /// The source no longer has it.
        DocumentGone = "document_gone",
        /// The source cancelled it.
        DocumentCancelled = "document_cancelled",
        /// The order was cancelled at the target.
        OrderCancelled = "order_cancelled",
        /// A person said it is not needed.
        Dismissed = "dismissed",
    }
}

words! {
    /// Where in its way an attempt ended.
    Step {
        /// Reading the source, finding the order.
        Look = "look",
        /// Checking what we know beforehand.
        Preflight = "preflight",
        /// Asking the target what it has.
        ReadBack = "read_back",
        /// The writing call.
        Send = "send",
        /// Asking the target afterwards.
        Confirm = "confirm",
    }
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// Where it ended.
    pub step: Step,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What it means.
    pub code: Code,
    /// What was said, trimmed and redacted.
    pub message: String,
    /// The same as a remark of ours; absent where it is somebody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<crate::Remark>>,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// What it waits for.
    pub reason: HoldReason,
    /// Since when it waits for this reason.
    pub since: Timestamp,
    /// When it is looked at again.
    pub until: Timestamp,
    /// After this it expires.
    pub last_day: Timestamp,
    /// What is known, in words (candidates, the unmapped value, both totals …).
    pub detail: Option<String>,
    /// The same as a remark of ours; absent where it is somebody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<crate::Remark>>,
    /// How often it has been looked at for this reason.
    pub checks: u32,
    /// The connection it waits at, where the reason is that connection's (a pause, a pace).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<crate::ConnectionId>,
    /// The value it waits for a mapping of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped: Option<crate::Unmapped>,
}

/// Why it was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// The reason.
    pub reason: SkipReason,
    /// What is known, in words.
    pub detail: Option<String>,
    /// The same as a remark of ours; absent where it is somebody else's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Box<crate::Remark>>,
}

/// The target's proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The target's id for what was made.
    pub remote_id: String,
    /// The number it is known by there.
    pub number: Option<String>,
    /// When we read the proof.
    pub at: Timestamp,
    /// What was read.
    pub proof: serde_json::Value,
}

/// A writing call was begun, and what became of it is not proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The claim that made the call.
    pub claim: u64,
    /// First claim in doubt began then.
    pub since: Timestamp,
    /// When our connection for that call ended; absent while the run that holds the claim lives or if it crashed.
    pub ended_at: Option<Timestamp>,
    /// Revision that the call carried, if it is known.
    pub revision: Option<Revision>,
    /// Idempotency key of the call, for targets that honour one.
    pub key: Option<String>,
}

/// Who decided something about an export, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// What was decided.
    pub outcome: String,
    /// In that person's words.
    pub note: Option<String>,
    /// Who, as the identity provider names them, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The job that did it, where it was decided about many at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<crate::JobId>,
}

/// The part of a record that others than the run holding the claim may write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Shared {
    /// Repeated webhooks, batch and hand requests that changed nothing.
    pub duplicates: u64,
    /// Short hashes of the last arrivals, so that a redelivered queue message is not counted twice.
    pub seen: Vec<u32>,
    /// A newer revision met while a run was busy; the write that ends the run queues it.
    pub noted: Option<Revision>,
}

impl Shared {
    /// Remembers an arrival. False if it was known.
    pub fn see(&mut self, event: &EventId) -> bool {
        let hash = event.as_str().bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
        if self.seen.contains(&hash) {
            return false;
        }
        if self.seen.len() >= SEEN_MAX {
            self.seen.remove(0);
        }
        self.seen.push(hash);
        true
    }
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Encodes `key`.
    pub id: ExportId,
    /// What makes it this export.
    pub key: ExportKey,
    /// The order it belongs to, once known.
    pub order: Option<OrderReference>,
    /// Numbers it may be searched by: document number, tracking numbers.
    pub numbers: Vec<String>,
    /// What the subject turned out to be, where the key only says `document`.
    #[serde(default)]
    pub read_as: Option<crate::SubjectKind>,
    /// Hints needed to read the source again (see [`crate::SourceHint`]).
    #[serde(default)]
    pub hints: std::collections::BTreeMap<String, String>,
    /// Where it stands.
    pub state: State,
    /// What that means, where one word is not enough.
    pub code: Option<Code>,
    /// Failed attempts since creation or the last redrive.
    pub attempts: u32,
    /// Every failed attempt, oldest first, at most [`ATTEMPT_LOG_MAX`].
    pub attempt_log: Vec<Attempt>,
    /// Raised by every claim.
    pub claim: u64,
    /// The run that holds, or last held, the claim.
    pub run: Option<RunId>,
    /// Until when the run's claim holds.
    pub lease_until: Option<Timestamp>,
    /// Claims in a row without a recorded outcome.
    pub unrecorded: u32,
    /// The revision last read.
    pub revision: Option<Revision>,
    /// Counts revisions, from 1.
    pub revision_number: u32,
    /// What the last of `earlier_receipts` proves, while a newer revision is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Revision>,
    /// Set before a writing call; survives `retrying`, `held`, `dead` and redrive.
    pub in_doubt: Option<Doubt>,
    /// The hold, while `held` or after it `expired`.
    pub hold: Option<Hold>,
    /// Why it was skipped.
    pub skip: Option<Skip>,
    /// When it wants attention again; entries of the sparse index.
    pub due_at: Option<Timestamp>,
    /// What a look became.
    pub became: Vec<ExportId>,
    /// The proof.
    pub receipt: Option<Receipt>,
    /// Proofs of earlier revisions, oldest first.
    pub earlier_receipts: Vec<Receipt>,
    /// What people decided, oldest first, at most [`NOTES_MAX`].
    pub notes: Vec<Note>,
    /// A person said that shipment may be confirmed, or lines be left out (`use`, `manual`).
    #[serde(default)]
    pub overrides: Overrides,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Written by others than the run.
    pub shared: Shared,
}

/// What a person decided that plan and send must follow.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// Belongs to this order.
    pub order: Option<OrderReference>,
    /// Goes to this target.
    pub target: Option<crate::ConnectionId>,
    /// Goes without lines.
    pub without_lines: bool,
    /// Goes now: waits for no rule (`manual` shipment, payment).
    pub by_hand: bool,
    /// Goes although the target holds another one.
    pub send_anyway: bool,
    /// Of a look: what it becomes is restricted so, until other news asks for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<crate::Within>,
}

impl Overrides {
    /// Adds what was said of the source object as a whole: its exports must be planned by it again and again.
    pub fn follow(&mut self, said: &Self) {
        self.order = said.order.clone().or_else(|| self.order.take());
        self.target = said.target.clone().or_else(|| self.target.take());
        self.by_hand |= said.by_hand;
    }
}

impl Export {
    /// A record that has never been claimed.
    #[must_use]
    pub fn new(key: ExportKey, now: Timestamp) -> Self {
        Self {
            id: key.id(),
            key,
            order: None,
            numbers: vec![],
            read_as: None,
            hints: std::collections::BTreeMap::new(),
            state: State::Sending,
            code: None,
            attempts: 0,
            attempt_log: vec![],
            claim: 0,
            run: None,
            lease_until: None,
            unrecorded: 0,
            revision: None,
            revision_number: 1,
            carried: None,
            in_doubt: None,
            hold: None,
            skip: None,
            due_at: None,
            became: vec![],
            receipt: None,
            earlier_receipts: vec![],
            notes: vec![],
            overrides: Overrides::default(),
            created_at: now,
            changed_at: now,
            shared: Shared::default(),
        }
    }

    /// A newer revision follows the one that this receipt proves.
    pub fn supersede(&mut self, receipt: Receipt, carried: Option<Revision>) {
        // Ids stay, so that what they name is known; what was read for older ones goes, so that a record stays small.
        let old = self.earlier_receipts.len().saturating_sub(PROOFS_MAX - 1);
        self.earlier_receipts.iter_mut().take(old).for_each(|older| older.proof = serde_json::Value::Null);
        self.earlier_receipts.push(receipt);
        self.carried = carried;
        self.revision_number += 1;
    }

    /// The connection a hold waits at: the one the reason names, else the target, else the source.
    #[must_use]
    pub fn waits_at(&self) -> &crate::ConnectionId {
        let named = self.hold.as_ref().and_then(|hold| hold.connection.as_ref());
        named.or(self.key.target.as_ref()).unwrap_or(&self.key.source)
    }

    /// Adds what a person decided; the oldest beyond [`NOTES_MAX`] goes.
    pub fn note(&mut self, note: Note) {
        if self.notes.len() >= NOTES_MAX {
            self.notes.remove(0);
        }
        self.notes.push(note);
    }

    /// Adds a failed attempt to the log; the oldest beyond [`ATTEMPT_LOG_MAX`] goes.
    pub fn log_attempt(&mut self, attempt: Attempt) {
        if self.attempt_log.len() >= ATTEMPT_LOG_MAX {
            self.attempt_log.remove(0);
        }
        self.attempt_log.push(attempt);
    }
}

#[cfg(test)]
mod tests;
