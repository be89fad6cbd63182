//! What every ledger and queue must do.

use sqlite::SqliteStore;
use std::sync::Arc;
use tempfile::TempDir;
use testkit::ManualClock;
use testkit::suite::queue::Subject;

async fn queue() -> (Subject, TempDir) {
    let (directory, clock) = (tempfile::tempdir().unwrap(), ManualClock::at_noon());
    let store = SqliteStore::open(directory.path(), clock.clone()).unwrap();
    (Subject::on_clock(Arc::new(store), clock), directory)
}

testkit::ledger_tests!(async || crate::store());
testkit::whole_ledger_tests!(async || crate::store());
testkit::queue_tests!(queue);
