//! The ledger on a table: the suite that every store must pass, and what only this one has.

mod changes;
mod lists;
mod slices;

mod suite {
    use crate::stage::ledger::ledger;

    testkit::ledger_tests!(
        #[ignore = "needs ministack: .ci/run starts it"]
        ledger
    );
}
