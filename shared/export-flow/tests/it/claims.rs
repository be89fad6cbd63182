//! The claim as it is written here, evaluated by the ledger in memory: the suite that every ledger must pass is its test.

use std::sync::Arc;
use testkit::MemoryLedger;

testkit::ledger_tests!(async || (Arc::new(MemoryLedger::default()), ()));
