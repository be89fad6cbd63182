//! What can go wrong with one port call.

use crate::practice::Kind;
use crate::staged::{Call, Fate, Nature};
use export_flow::ports::PortError;
use jiff::SignedDuration;
use serde_json::json;

/// How late a target still applies a call: just within the bound of the practice markets.
const LATE: SignedDuration = SignedDuration::from_secs(119);

/// One way in which a port call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The process dies before the call does anything.
    CrashBefore,
    /// The process dies when the call has done everything, before anybody hears of it.
    CrashAfter,
    /// Our own store, queue or key service fails and has done nothing.
    Fails,
    /// It is too busy and has done nothing.
    Throttled,
    /// It has done everything; the answer is lost.
    AnswerLost,
    /// It has done everything, and its client repeats the call.
    Repeated,
    /// It shows what was there before the last write.
    StaleByOne,
    /// It shows what was there some seconds ago.
    StaleBySeconds,
    /// The vendor cannot be reached.
    Refused,
    /// The connection breaks before the vendor does anything.
    Dropped,
    /// The vendor does it, then the connection breaks.
    DroppedAfter,
    /// The vendor does it, and no answer comes until our patience ends.
    TimedOut,
    /// The connection breaks, and the vendor does it later.
    Late,
    /// The process dies while the call is on its way, and the vendor does it later.
    CrashThenLate,
    /// 503.
    Busy,
    /// 500, nothing done.
    Failed,
    /// 500, all done.
    FailedAfter,
    /// 429.
    SlowDown,
    /// The vendor does it and answers what cannot be read.
    Garbled,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 19] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Fails,
        Self::Throttled,
        Self::AnswerLost,
        Self::Repeated,
        Self::StaleByOne,
        Self::StaleBySeconds,
        Self::Refused,
        Self::Dropped,
        Self::DroppedAfter,
        Self::TimedOut,
        Self::Late,
        Self::CrashThenLate,
        Self::Busy,
        Self::Failed,
        Self::FailedAfter,
        Self::SlowDown,
        Self::Garbled,
    ];

    /// Whether a call can meet it.
    #[must_use]
    pub const fn strikes(self, call: &Call) -> bool {
        let outside = matches!(call.port.as_bytes(), b"http");
        let writes = matches!(call.nature, Nature::Writes);
        match self {
            Self::CrashBefore | Self::CrashAfter => true,
            Self::Fails | Self::Throttled => !outside,
            Self::AnswerLost | Self::Repeated => !outside && writes,
            Self::StaleByOne | Self::StaleBySeconds => !outside && matches!(call.nature, Nature::Glances),
            Self::Refused | Self::Dropped | Self::TimedOut | Self::Busy => outside,
            Self::Failed | Self::SlowDown | Self::Garbled => outside,
            Self::DroppedAfter | Self::Late | Self::CrashThenLate | Self::FailedAfter => outside && writes,
        }
    }

    /// Whether it is of our own making, so that no vendor is to blame and no attempt may be counted for it.
    #[must_use]
    pub const fn is_ours(self) -> bool {
        matches!(
            self,
            Self::CrashBefore
                | Self::CrashAfter
                | Self::CrashThenLate
                | Self::Fails
                | Self::Throttled
                | Self::AnswerLost
                | Self::Repeated
                | Self::StaleByOne
                | Self::StaleBySeconds
        )
    }

    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrashBefore => "crash before",
            Self::CrashAfter => "crash after",
            Self::Fails => "fails",
            Self::Throttled => "throttled",
            Self::AnswerLost => "answer lost",
            Self::Repeated => "repeated by the client",
            Self::StaleByOne => "without the last write",
            Self::StaleBySeconds => "seconds old",
            Self::Refused => "not connected",
            Self::Dropped => "dropped before",
            Self::DroppedAfter => "dropped after",
            Self::TimedOut => "timed out after",
            Self::Late => "dropped, done late",
            Self::CrashThenLate => "crash, done late",
            Self::Busy => "503",
            Self::Failed => "500 before",
            Self::FailedAfter => "500 after",
            Self::SlowDown => "429",
            Self::Garbled => "unreadable after",
        }
    }

    /// What becomes of a call of our own.
    pub(super) fn fate(self) -> Fate {
        let unavailable = || PortError::Unavailable("on purpose".to_owned());
        match self {
            Self::Fails => Fate::Fails(unavailable()),
            Self::Throttled => Fate::Fails(PortError::Throttled("on purpose".to_owned())),
            Self::AnswerLost => Fate::AnswerLost(unavailable()),
            Self::Repeated => Fate::Repeated,
            Self::StaleByOne | Self::StaleBySeconds => Fate::Stale,
            _ => Fate::Works,
        }
    }

    /// What the world does with a call.
    pub(super) fn kind(self, call: &Call) -> Option<Kind> {
        match self {
            Self::Refused => Some(Kind::Refused),
            Self::Dropped => Some(Kind::DropBefore),
            Self::DroppedAfter => Some(Kind::DropAfter),
            Self::TimedOut => Some(Kind::TimeOut),
            Self::Late | Self::CrashThenLate => Some(Kind::Late(LATE)),
            Self::Busy => Some(Kind::Answer(503, json!({"message": "busy"}))),
            Self::Failed => Some(Kind::Answer(500, json!({"message": "it failed"}))),
            Self::FailedAfter => Some(Kind::AnswerAfter(500)),
            Self::SlowDown => Some(Kind::Answer(429, json!({"message": "slow down"}))),
            Self::Garbled => Some(Kind::Garbled),
            _ => None,
        }
        .filter(|_| self.strikes(call))
    }

    /// How long a call takes that ends so.
    pub(super) const fn takes(self, call: &Call) -> SignedDuration {
        match (self, call.nature) {
            (Self::TimedOut, Nature::Writes) => SignedDuration::from_secs(30),
            (Self::TimedOut, _) => SignedDuration::from_secs(20),
            _ => SignedDuration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_strikes_some_call_and_every_call_meets_a_crash_and_a_failure() {
        let mut met = std::collections::BTreeSet::new();
        for port in ["ledger", "http"] {
            for nature in [Nature::Writes, Nature::Reads, Nature::Glances] {
                let call = Call { port, name: "x", nature };
                let here: Vec<Fault> = Fault::ALL.into_iter().filter(|fault| fault.strikes(&call)).collect();
                assert!(here.len() >= 4, "{port} {nature:?}: {here:?}");
                met.extend(here);
            }
        }
        assert_eq!(met.len(), Fault::ALL.len());
    }
}
