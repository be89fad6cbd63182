//! The ports on SQLite.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests end at the first thing that is wrong")]

mod conformance;
mod durable;
mod files;

use sqlite::SqliteStore;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use testkit::ManualClock;

/// An empty store, and the directory it lies in.
fn store() -> (Arc<SqliteStore>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (at(directory.path()), directory)
}

/// The store of a directory.
fn at(directory: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(directory, ManualClock::at_noon()).unwrap())
}
