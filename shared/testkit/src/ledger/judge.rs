//! Who decides in a ledger in memory.

use domain::{Export, ExportKey};
use export_flow::claim::{Claim, Refusal, decide};
use export_flow::ports::Guard;

/// The rules by which a ledger judges. Others than the product's own exist only to show that a wrong one is noticed.
pub trait Judge: Send + Sync {
    /// What a claim is about.
    fn key(&self, claim: &Claim) -> ExportKey {
        claim.key.clone()
    }

    /// Whether a claim is won.
    ///
    /// # Errors
    /// Why not.
    fn claim(&self, old: Option<&Export>, claim: &Claim) -> Result<Export, Refusal> {
        decide(old, claim)
    }

    /// Whether a run still holds its claim.
    fn holds(&self, old: &Export, guard: &Guard) -> bool {
        old.claim == guard.claim && old.run.as_ref() == Some(&guard.run)
    }

    /// Sees what a run or a person is about to write in place of what is there.
    fn store(&self, _before: &Export, _after: &mut Export) {}

    /// Whether an order's lease keeps others out.
    fn leases(&self) -> bool {
        true
    }
}

/// The product's own.
pub(super) struct Sound;

impl Judge for Sound {}
