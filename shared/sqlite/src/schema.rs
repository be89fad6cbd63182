//! What lies where. Versions only ever grow: a change is one more entry of [`MIGRATIONS`], never an edit of an old one.

use rusqlite_migration::{M, Migrations};

/// Every version of the schema, oldest first; the number of the newest is stored in the file.
pub(crate) const MIGRATIONS: Migrations<'static> = Migrations::from_slice(VERSIONS);

const VERSIONS: &[M<'static>] = &[
    M::up(FIRST),
    M::up(LEASES_BY_CLAIM),
    M::up(NOTICES),
    M::up(JOBS_LISTED),
    M::up(FINDINGS),
    M::up(HOURS),
    M::up(AUDIT),
    M::up(HEARD),
    M::up(NARROWED),
];

/// Times are nanoseconds since 1970. Which index answers what:
///
/// | index | answers |
/// |---|---|
/// | `export_due` | what wants attention; holds nothing of what is done |
/// | `export_state` | lists by state; holds nothing that is delivered |
/// | `export_waiting` | holds by connection and reason, in the order of ids |
/// | `export_oldest` | the oldest that waits, per queue group |
/// | `export_order`, `export_number` | the order's page, search by number |
/// | the rest | lists by one filter; appended to once per export |
///
/// On the way of an export that is delivered at once, the claim writes the row and the entries of its first day; the
/// completion rewrites the row and takes two entries out of the small indexes `export_due` and `export_state`. Nothing
/// of that grows with the number of exports delivered before.
const FIRST: &str = "
CREATE TABLE export (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT,
  operation TEXT NOT NULL,
  queue_group TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  code TEXT,
  reason TEXT,
  waits_at TEXT,
  claim INTEGER NOT NULL,
  run TEXT,
  due_at INTEGER,
  lease_until INTEGER,
  order_ref TEXT,
  numbers TEXT NOT NULL,
  shared TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX export_due ON export (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX export_state ON export (state, tenant) WHERE state <> 'delivered';
CREATE INDEX export_waiting ON export (waits_at, reason, id) WHERE waits_at IS NOT NULL;
CREATE INDEX export_oldest ON export (tenant, queue_group, created_at) WHERE state IN ('held', 'retrying', 'accepted');
CREATE INDEX export_order ON export (order_ref, tenant) WHERE order_ref IS NOT NULL;
CREATE INDEX export_source ON export (source);
CREATE INDEX export_target ON export (target) WHERE target IS NOT NULL;
CREATE INDEX export_operation ON export (operation);
CREATE INDEX export_code ON export (code) WHERE code IS NOT NULL;
CREATE INDEX export_reason ON export (reason) WHERE reason IS NOT NULL;

-- Subject ids, document and tracking numbers of exports.
CREATE TABLE export_number (number TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES export, PRIMARY KEY (number, seq))
  STRICT, WITHOUT ROWID;

-- Exports per state now, and `duplicates`.
CREATE TABLE tally (tenant TEXT NOT NULL, queue_group TEXT NOT NULL, word TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (tenant, queue_group, word)) STRICT, WITHOUT ROWID;
-- What became delivered in each hour since 1970.
CREATE TABLE delivered (tenant TEXT NOT NULL, hour INTEGER NOT NULL, queue_group TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (tenant, hour, queue_group)) STRICT, WITHOUT ROWID;

CREATE TABLE order_item (tenant TEXT NOT NULL, reference TEXT NOT NULL, channel TEXT NOT NULL,
  seen_at INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (tenant, reference, channel)) STRICT;
CREATE TABLE order_lease (tenant TEXT NOT NULL, target TEXT NOT NULL, reference TEXT NOT NULL, holder TEXT NOT NULL,
  PRIMARY KEY (tenant, target, reference)) STRICT, WITHOUT ROWID;

CREATE TABLE document (tenant TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, number TEXT NOT NULL,
  order_ref TEXT, version_at INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (tenant, source, id)) STRICT;
CREATE INDEX document_number ON document (number, source, tenant, version_at);
CREATE INDEX document_order ON document (order_ref, tenant) WHERE order_ref IS NOT NULL;

CREATE TABLE parcel (tenant TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, order_ref TEXT,
  watch_at INTEGER, body TEXT NOT NULL, UNIQUE (tenant, source, id)) STRICT;
CREATE INDEX parcel_order ON parcel (order_ref, tenant) WHERE order_ref IS NOT NULL;
CREATE INDEX parcel_watch ON parcel (watch_at) WHERE watch_at IS NOT NULL;
CREATE TABLE parcel_number (number TEXT NOT NULL, source TEXT NOT NULL, tenant TEXT NOT NULL, id TEXT NOT NULL,
  version_at INTEGER NOT NULL, PRIMARY KEY (number, source, tenant, id)) STRICT, WITHOUT ROWID;

CREATE TABLE connection (id TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, version INTEGER NOT NULL,
  body TEXT NOT NULL) STRICT;
CREATE TABLE circuit (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE poll_state (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE job (id TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT;

-- Numbers are never used twice: a receipt names one receive of one message for ever.
CREATE TABLE message (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue_group TEXT NOT NULL, visible_at INTEGER NOT NULL,
  in_flight INTEGER NOT NULL, receives INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX message_due ON message (queue_group, visible_at, in_flight);
-- The group served last; the next turn begins behind it.
CREATE TABLE served (queue_group TEXT NOT NULL) STRICT;
INSERT INTO served VALUES ('');
CREATE TABLE dead_letter (export TEXT NOT NULL, claim INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE (export, claim)) STRICT;
";

const LEASES_BY_CLAIM: &str = "ALTER TABLE order_lease ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;";

/// Notices, and what tenants want to be told; `notice_due` holds nothing that is at its end.
const NOTICES: &str = "
CREATE TABLE notice (tenant TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, due_at INTEGER, body TEXT NOT NULL,
  PRIMARY KEY (tenant, id)) STRICT, WITHOUT ROWID;
CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_told ON notice (at) WHERE due_at IS NULL;
CREATE TABLE telling (tenant TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL)
  STRICT, WITHOUT ROWID;
";

/// A job keeps its rowid, so that it says the order in which jobs were made.
const JOBS_LISTED: &str = "
CREATE INDEX job_tenant ON job (json_extract(body, '$.tenant'));
CREATE INDEX job_running ON job (id) WHERE json_extract(body, '$.state') = 'running';
";

const FINDINGS: &str = "CREATE TABLE finding (tenant TEXT NOT NULL, reference TEXT NOT NULL, export TEXT NOT NULL,
  version INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (tenant, reference, export)) STRICT;";

/// What happened besides deliveries in each hour since 1970: few rows, changed once per commit.
const HOURS: &str = "CREATE TABLE happened (tenant TEXT NOT NULL, hour INTEGER NOT NULL, queue_group TEXT NOT NULL,
  word TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (tenant, hour, queue_group, word)) STRICT, WITHOUT ROWID;";

/// Who did what; `audit_at` finds what is too old.
const AUDIT: &str = "
CREATE TABLE audit (tenant TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, asked INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (tenant, at, id)) STRICT, WITHOUT ROWID;
CREATE INDEX audit_at ON audit (at);
";

/// The last events of each source; `at` in milliseconds.
const HEARD: &str =
    "CREATE TABLE heard (tenant TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  id TEXT NOT NULL, PRIMARY KEY (tenant, source, at, kind, id)) STRICT, WITHOUT ROWID;";

/// Lists that are narrowed by several things at once, such as the skipped of one connection, of which there may be none
/// among thousands. What an index finds is narrowed by what lies in the index itself, without a look at the rows: `seq` stands
/// early, so that it still says the order. The three that change with the state hold nothing of what was delivered at once.
const NARROWED: &str = "
DROP INDEX export_state;
DROP INDEX export_code;
DROP INDEX export_reason;
CREATE INDEX export_state ON export (state, tenant, seq, source, target, operation) WHERE state <> 'delivered';
CREATE INDEX export_code ON export (code, tenant, seq, state, source, target, operation) WHERE code IS NOT NULL;
CREATE INDEX export_reason ON export (reason, tenant, seq, state, source, target, operation, code)
  WHERE reason IS NOT NULL;
CREATE INDEX export_source_operation ON export (source, operation);
CREATE INDEX export_target_operation ON export (target, operation) WHERE target IS NOT NULL;
";

#[cfg(test)]
mod tests {
    use super::{MIGRATIONS, VERSIONS};
    use crate::SqliteStore;
    use testkit::ManualClock;

    #[test]
    fn the_migrations_are_sound() {
        MIGRATIONS.validate().unwrap();
    }

    #[test]
    fn a_file_of_any_earlier_version_is_brought_to_the_newest() {
        for version in 0..VERSIONS.len() {
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("backhaul.db");
            let mut earlier = rusqlite::Connection::open(&file).unwrap();
            MIGRATIONS.to_version(&mut earlier, version).unwrap();
            drop(earlier);
            drop(SqliteStore::open(directory.path(), ManualClock::at_noon()).unwrap());
            let now = rusqlite::Connection::open(&file).unwrap();
            assert_eq!(MIGRATIONS.pending_migrations(&now).unwrap(), 0, "from version {version}");
        }
    }
}
