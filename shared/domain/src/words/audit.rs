//! Words for who may do what, and for what was done.

use super::{InWords, Word};
use crate::{AboutKind, AccessRole, AuditAction, AuditOutcome};

pub(super) fn all() -> Vec<Word> {
    let mut all: Vec<Word> = AccessRole::ALL.map(InWords::in_words).into();
    all.extend(AuditAction::ALL.iter().map(|action| action.in_words()));
    all.extend(AboutKind::ALL.iter().map(|kind| kind.in_words()));
    all.extend(AuditOutcome::ALL.iter().map(|outcome| outcome.in_words()));
    all
}

impl InWords for AccessRole {
    fn in_words(self) -> Word {
        let (label, explanation) = match self {
            Self::Viewer => ("Viewer", "May look at everything and try out what would be sent; changes nothing."),
            Self::Operator => ("Operator", "May change everything."),
        };
        Word { kind: "access_role", word: self.as_str(), label, explanation, next_step: "" }
    }
}

impl InWords for AuditAction {
    fn in_words(self) -> Word {
        let label = match self {
            Self::PutConnection => "Connection changed",
            Self::DeleteConnection => "Connection removed",
            Self::CheckConnection => "Connection checked",
            Self::PauseConnection => "Connection paused",
            Self::ResumeConnection => "Connection resumed",
            Self::RotateSecrets => "Secrets exchanged",
            Self::ConnectAtVendor => "Connect at the vendor",
            Self::SaveMappings => "Mappings changed",
            Self::CarryByHand => "Carried by hand",
            Self::Retry => "Tried again",
            Self::Resolve => "Decided",
            Self::DecideMany => "Several exports decided about",
            Self::Seen => "Marked as seen",
            Self::Redrive => "Redriven",
            Self::Dismiss => "Not needed",
            Self::BatchExport => "Batch export",
            Self::Preview => "Preview",
            Self::ConfirmJob => "Preview confirmed",
            Self::CancelJob => "Job ended",
            Self::TellShipments => "Parcels told",
            Self::NameAliases => "Order's names changed",
            Self::PutNotices => "Notices changed",
            Self::TestNotices => "Test notice",
            Self::MakeLink => "Login link made",
            Self::LogIn => "Logged in",
            Self::Other => "Changed",
        };
        Word { kind: "audit_action", word: self.as_str(), label, explanation: self.said(), next_step: "" }
    }
}

impl InWords for AboutKind {
    fn in_words(self) -> Word {
        let label = match self {
            Self::Connection => "Connection",
            Self::Export => "Export",
            Self::Job => "Job",
            Self::Order => "Order",
            Self::Notices => "Notices",
        };
        Word { kind: "audit_about", word: self.as_str(), label, explanation: self.said(), next_step: "" }
    }
}

impl InWords for AuditOutcome {
    fn in_words(self) -> Word {
        let (label, next_step) = match self {
            Self::Asked => ("Asked for", "Look at the thing itself to see whether it was done."),
            Self::Done => ("Done", ""),
            Self::Refused => ("Refused", ""),
            Self::Failed => ("Failed", "Look at the thing itself; repeating is safe."),
        };
        Word { kind: "audit_outcome", word: self.as_str(), label, explanation: self.said(), next_step }
    }
}
