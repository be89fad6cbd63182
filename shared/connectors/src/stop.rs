//! Why a conversation with a vendor ended without its result.

use domain::{Code, HoldReason, Said, SkipReason, Step, Unmapped};
use jiff::{SignedDuration, Timestamp};

/// An answer, or none, that is neither success nor hold: counts as an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means.
    pub code: Code,
    /// Where it happened; set by the session.
    pub step: Step,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The vendor's words or ours, not yet redacted.
    pub message: Said,
    /// No connection, DNS, TLS, time-out, 502, 503, 504. A 500 is an answer.
    pub outage: bool,
}

impl Failure {
    /// A failure that is not an outage.
    #[must_use]
    pub fn new(code: Code, step: Step, status: Option<u16>, message: impl Into<Said>) -> Self {
        Self { code, step, status, message: message.into(), outage: false }
    }
}

/// Why a conversation ended without its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Wait for a named reason; costs no attempt.
    Hold {
        /// What for.
        reason: HoldReason,
        /// Not before this time, if the reason brings one of its own.
        until: Option<Timestamp>,
        /// What is known, in words, not yet redacted.
        detail: Option<Said>,
    },
    /// Wait until a value of the source has its counterpart among the target's mappings; costs no attempt.
    Unmapped {
        /// The value.
        value: Box<Unmapped>,
        /// What is known, in words, not yet redacted.
        detail: Said,
    },
    /// Must not go out.
    Skip {
        /// The reason.
        reason: SkipReason,
        /// The code shown.
        code: Code,
        /// What is known, in words.
        detail: Option<Said>,
    },
    /// A failed attempt.
    Fail(Failure),
    /// Credentials or permission refused: pauses the connection, costs no attempt.
    Credentials(Failure),
    /// The vendor asks us to slow down.
    RateLimited {
        /// What it said, if it said a time.
        retry_after: Option<SignedDuration>,
        /// In its words.
        message: Said,
    },
    /// Our own store or queue failed, or the run lost its lease: nothing more is sent and nothing is counted.
    Ours(String),
}

impl Stop {
    /// A hold without a time of its own.
    #[must_use]
    pub const fn hold(reason: HoldReason, detail: Option<Said>) -> Self {
        Self::Hold { reason, until: None, detail }
    }

    /// A skip whose code is the twin of its reason.
    #[must_use]
    pub const fn skip(reason: SkipReason, code: Code) -> Self {
        Self::Skip { reason, code, detail: None }
    }

    /// A failed attempt. The session knows the step; give any.
    #[must_use]
    pub fn fail(code: Code, status: Option<u16>, message: impl Into<Said>) -> Self {
        Self::Fail(Failure::new(code, Step::Look, status, message))
    }
}
