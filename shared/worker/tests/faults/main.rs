//! The fault driver. Every flow is run clean, then once for every call it makes and every fault that call can meet;
//! after the fault everything works, and the end must be as if nothing had been.
//!
//! A new port call, or a new flow, is met by every fault without a new test. `-- --nocapture` prints the account.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail loudly and tell what they did"
)]

mod drive;
mod flows;
mod tests;
mod truths;
