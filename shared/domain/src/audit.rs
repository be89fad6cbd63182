//! Who did what, and how it ended. Names only: no value that somebody entered, and never a secret or an address.

use crate::{AccessRole, Code, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of a stored entry at most.
pub const AUDIT_BYTES_MAX: usize = 2048;
/// Bytes of one text in it at most: an export's id is longer than a name.
const TEXT_BYTES_MAX: usize = 512;

macro_rules! words {
    ($(#[$doc:meta])* $type:ident: $($name:ident = $word:literal, $said:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $(#[doc = $said] $name,)* }

        impl $type {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word used in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $word,)* } }

            /// What it means, in a sentence.
            pub(crate) const fn said(self) -> &'static str { match self { $(Self::$name => $said,)* } }
        }
    };
}

words! {
    /// What was done.
    AuditAction:
    PutConnection = "put_connection", "A connection was made or replaced.";
    DeleteConnection = "delete_connection", "A connection was removed.";
    CheckConnection = "check_connection", "A connection was checked, and its state follows from that.";
    PauseConnection = "pause_connection", "A connection was paused by hand.";
    ResumeConnection = "resume_connection", "A connection's pause was ended.";
    RotateSecrets = "rotate_secrets", "Secrets of a connection were exchanged.";
    ConnectAtVendor = "connect_at_vendor", "A person was sent to a vendor to allow a connection there, or came back.";
    SaveMappings = "save_mappings", "A connection's mappings were changed.";
    CarryByHand = "carry_by_hand", "A document or parcel was asked to be carried.";
    Retry = "retry", "An export was made due at once.";
    Resolve = "resolve", "A decision was made about an export.";
    DecideMany = "decide_many", "One decision was made about several exports.";
    Seen = "seen", "A finding was marked as seen.";
    Redrive = "redrive", "Dead letters were put back to work.";
    Dismiss = "dismiss", "Dead letters were said not to be needed.";
    BatchExport = "batch_export", "A batch export was begun.";
    Preview = "preview", "Work on many things was counted and shown before it is done.";
    ConfirmJob = "confirm_job", "What a preview showed was done.";
    CancelJob = "cancel_job", "A job was ended.";
    TellShipments = "tell_shipments", "Parcels were told.";
    NameAliases = "name_aliases", "An order's other names were changed.";
    PutNotices = "put_notices", "What is told to whom was changed.";
    TestNotices = "test_notices", "A test notice was sent.";
    MakeLink = "make_link", "A link that opens the pages was made.";
    LogIn = "log_in", "The pages were opened.";
    Other = "other", "Something was changed that has no name here; the detail says by which call.";
}

words! {
    /// How it ended.
    AuditOutcome:
    Asked = "asked", "It was asked for. Whether it was done is not known: the program ended meanwhile, or the outcome could not be written.";
    Done = "done", "It was done.";
    Refused = "refused", "It was refused, and nothing was done.";
    Failed = "failed", "It failed; some of it may have been done.";
}

words! {
    /// What kind of thing it was about.
    AboutKind:
    Connection = "connection", "A connection.";
    Export = "export", "An export.";
    Job = "job", "A job.";
    Order = "order", "An order.";
    Notices = "notices", "The notice settings.";
}

/// A thing that something was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What kind of thing.
    pub kind: AboutKind,
    /// Its id.
    pub id: String,
}

impl About {
    /// A thing.
    pub fn new(kind: AboutKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

/// Names of what was touched, by what they are names of.
pub type AuditDetail = BTreeMap<String, Vec<String>>;

/// One thing that somebody did, or asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its own name.
    pub id: String,
    /// Whose.
    pub tenant: TenantId,
    /// When it was asked for.
    pub at: Timestamp,
    /// Who: the subject of a token, or which door they came through.
    pub who: String,
    /// What they might do.
    pub role: AccessRole,
    /// What.
    pub action: AuditAction,
    /// To what.
    pub about: Vec<About>,
    /// Names of what was touched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub detail: AuditDetail,
    /// Not all of the detail is here: it would have been too large.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Why it was refused or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

impl AuditEntry {
    /// The same within its limits, and without anything that looks like an address.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.who = kept(&self.who);
        self.about.retain_mut(|about| {
            about.id = kept(&about.id);
            !about.id.is_empty()
        });
        for names in self.detail.values_mut() {
            names.retain(|name| !name.contains('@') && name.len() <= TEXT_BYTES_MAX);
        }
        self.detail.retain(|_, names| !names.is_empty());
        while serde_json::to_vec(&self).is_ok_and(|bytes| bytes.len() > AUDIT_BYTES_MAX) {
            self.cut = true;
            if self.detail.pop_last().is_none() && self.about.pop().is_none() {
                break;
            }
        }
        self
    }

    /// Whether it is about this thing and by this person, as far as anything is given.
    #[must_use]
    pub fn fits(&self, about: Option<&str>, who: Option<&str>) -> bool {
        about.is_none_or(|id| self.about.iter().any(|about| about.id == id)) && who.is_none_or(|who| self.who == who)
    }
}

/// A text that may be kept: no address, and not for ever.
fn kept(text: &str) -> String {
    if text.contains('@') {
        return String::new();
    }
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> AuditEntry {
        AuditEntry {
            id: "aud_1".into(),
            tenant: TenantId::local(),
            at: Timestamp::UNIX_EPOCH,
            who: "token".into(),
            role: AccessRole::Operator,
            action: AuditAction::PutConnection,
            about: vec![About::new(AboutKind::Connection, "shop")],
            detail: AuditDetail::from([("changed".into(), vec!["settings.base_url".into()])]),
            cut: false,
            outcome: AuditOutcome::Asked,
            code: None,
        }
    }

    #[test]
    fn an_entry_within_its_limits_stays_as_it_is() {
        assert_eq!(entry().bounded(), entry());
    }

    #[test]
    fn no_entry_is_larger_than_allowed_whatever_it_is_told() {
        let long = "ž\"\\".repeat(500);
        let mut huge = entry();
        huge.who.clone_from(&long);
        huge.about = (0..50).map(|_| About::new(AboutKind::Order, long.clone())).collect();
        huge.detail = (0..50).map(|n| (format!("{n}"), vec!["name".repeat(20); 20])).collect();
        let huge = huge.bounded();
        assert!(serde_json::to_vec(&huge).unwrap().len() <= AUDIT_BYTES_MAX && huge.cut);
        let mut many = entry();
        many.detail.insert("ids".into(), vec!["exp_1".into(); 2000]);
        let many = many.bounded();
        assert_eq!((many.about, many.cut), (entry().about, true), "what it is about stays");
    }

    #[test]
    fn addresses_are_not_kept() {
        let mut named = entry();
        named.who = "jana@example.com".into();
        named.about.push(About::new(AboutKind::Order, "jana@example.com"));
        named.detail.insert("email".into(), vec!["jana@example.com".into()]);
        let text = serde_json::to_string(&named.bounded()).unwrap();
        assert!(!text.contains("jana") && text.contains("shop"), "{text}");
    }
}
