//! What a person should know about an order although nothing is to be sent.

use crate::{Code, ExportId, OrderReference, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something was carried that the source has taken back since. What was sent stays where it is: a person decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whose.
    pub tenant: TenantId,
    /// The order it lies beside.
    pub order: OrderReference,
    /// What was carried. There is one finding for each export.
    pub export: ExportId,
    /// What was found.
    pub code: Code,
    /// When it was first found.
    pub at: Timestamp,
    /// How it ended, if it did.
    pub resolved: Option<Resolved>,
    /// Raised by every write: the condition of the next one.
    pub version: u64,
}

/// How a finding ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub how: ResolvedHow,
    /// Who saw it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// By what a finding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResolvedHow {
    /// A person has seen it, and done what there was to do.
    Seen,
    /// The source has it again.
    CameBack,
}

impl ResolvedHow {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::CameBack => "came_back",
        }
    }
}

impl Finding {
    /// What was found just now, nothing being known of it before.
    #[must_use]
    pub const fn new(tenant: TenantId, order: OrderReference, export: ExportId, code: Code, at: Timestamp) -> Self {
        Self { tenant, order, export, code, at, resolved: None, version: 1 }
    }

    /// Whether nobody has seen it yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.resolved.is_none()
    }

    /// The same found once more. `None`: that is known already. What came back and went again is found anew.
    #[must_use]
    pub fn found_again(&self, code: Code, at: Timestamp) -> Option<Self> {
        match &self.resolved {
            Some(resolved) if resolved.how == ResolvedHow::CameBack => {
                Some(Self { code, at, resolved: None, version: self.version + 1, ..self.clone() })
            }
            _ => None,
        }
    }

    /// Ended. `None`: it had ended so already. That the source has it again counts also after a person has seen it, so that
    /// it is found anew when it goes once more.
    #[must_use]
    pub fn ended(&self, resolved: Resolved) -> Option<Self> {
        let news = match &self.resolved {
            None => true,
            Some(before) => before.how == ResolvedHow::Seen && resolved.how == ResolvedHow::CameBack,
        };
        news.then(|| Self { resolved: Some(resolved), version: self.version + 1, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(how: ResolvedHow, second: i64) -> Resolved {
        Resolved { at: Timestamp::from_second(second).unwrap(), how, by: None, note: None }
    }

    #[test]
    fn what_was_seen_stays_seen_until_it_came_back_and_went_again() {
        let at = Timestamp::from_second(1).unwrap();
        let (order, export) = (OrderReference::new("100"), ExportId::new("exp_1"));
        let found = Finding::new(TenantId::local(), order, export, Code::CancelledAfterSending, at);
        assert_eq!(found.found_again(Code::GoneAfterSending, at), None);
        let seen = found.ended(ended(ResolvedHow::Seen, 2)).unwrap();
        assert_eq!((seen.found_again(Code::CancelledAfterSending, at), seen.version), (None, 2));
        assert_eq!(seen.ended(ended(ResolvedHow::Seen, 3)), None);
        let back = seen.ended(ended(ResolvedHow::CameBack, 4)).unwrap();
        assert_eq!(back.ended(ended(ResolvedHow::Seen, 5)), None);
        let again = back.found_again(Code::GoneAfterSending, Timestamp::from_second(6).unwrap()).unwrap();
        assert!(again.is_open() && again.version == 4 && again.code == Code::GoneAfterSending);
    }
}
