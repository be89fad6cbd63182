//! The durable file: one writer thread, many changes per commit.
//!
//! State lives in memory and is written through: a change is answered only once its transaction is on disk, so
//! `kill -9` loses nothing that anybody was told.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::watch;

use crate::Error;
use crate::clock::Millis;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  instance TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (instance, kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (instance TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (instance, id));
CREATE TABLE IF NOT EXISTS effects (
  seq INTEGER PRIMARY KEY, vendor TEXT NOT NULL, kind TEXT NOT NULL, order_reference TEXT, key TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS late (id TEXT PRIMARY KEY, due INTEGER NOT NULL, instance TEXT NOT NULL, call TEXT NOT NULL) WITHOUT ROWID;
";

/// Changes in one commit at most; keeps a commit short under load.
const BATCH: usize = 256;

/// One thing that happened at a vendor, counted apart from the calls.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) vendor: String,
    pub(crate) kind: String,
    pub(crate) order: Option<String>,
    pub(crate) key: String,
    pub(crate) at: Millis,
}

/// A call whose effect comes later.
#[derive(Debug, Clone)]
pub(crate) struct Late {
    pub(crate) id: String,
    pub(crate) due: Millis,
    pub(crate) instance: String,
    pub(crate) call: String,
}

/// One write.
#[derive(Debug)]
pub(crate) enum Change {
    Put { instance: String, kind: &'static str, id: String, body: String },
    Delete { instance: String, kind: &'static str, id: String },
    Blob { instance: String, id: String, body: Bytes },
    Effect(Effect),
    Late(Late),
    LateDone(String),
}

/// How far the writer has come.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    done: u64,
    failed: bool,
}

/// One stored record.
pub(crate) struct Record {
    pub(crate) instance: String,
    pub(crate) kind: String,
    pub(crate) body: String,
}

/// What was found in the file at start.
pub(crate) struct Loaded {
    pub(crate) seed: String,
    pub(crate) records: Vec<Record>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) late: Vec<Late>,
}

/// Number of a transaction and its changes.
type Job = (u64, Vec<Change>);

pub(crate) struct Store {
    jobs: Mutex<Option<Sender<Job>>>,
    progress: watch::Receiver<Progress>,
    reader: Mutex<Connection>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

impl Store {
    /// Opens or makes the file and reads everything in it. `new_seed` is used only for a new file.
    pub(crate) fn open(data: &Path, new_seed: String) -> Result<(Self, Loaded), Error> {
        std::fs::create_dir_all(data).map_err(Error::Data)?;
        let file = data.join("sandbox.sqlite");
        let connection = connect(&file)?;
        connection.execute_batch(SCHEMA)?;
        connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('seed', ?1)", [&new_seed])?;
        let loaded = load(&connection)?;
        let reader = connect(&file)?;
        let (jobs, inbox) = channel();
        let (report, progress) = watch::channel(Progress::default());
        let writer = std::thread::Builder::new()
            .name("practice-store".to_owned())
            .spawn(move || write_all(connection, &inbox, &report))
            .map_err(Error::Data)?;
        let store = Self {
            jobs: Mutex::new(Some(jobs)),
            progress,
            reader: Mutex::new(reader),
            writer: Mutex::new(Some(writer)),
        };
        Ok((store, loaded))
    }

    /// Hands changes to the writer. `number` must rise with every call.
    pub(crate) fn submit(&self, number: u64, changes: Vec<Change>) {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(jobs) = jobs.as_ref()
            && jobs.send((number, changes)).is_err()
        {
            tracing::error!("the practice store's writer is gone");
        }
    }

    /// Waits until everything up to `number` is on disk; `false` when that will never be.
    pub(crate) async fn durable(&self, number: u64) -> bool {
        let mut progress = self.progress.clone();
        let reached = progress.wait_for(|progress| progress.failed || progress.done >= number).await;
        reached.is_ok_and(|progress| !progress.failed)
    }

    /// Uploaded bytes.
    pub(crate) fn blob(&self, instance: &str, id: &str) -> Option<Bytes> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = reader.prepare_cached("SELECT body FROM blobs WHERE instance = ?1 AND id = ?2").ok()?;
        let body: Option<Vec<u8>> = statement.query_row([instance, id], |row| row.get(0)).optional().ok()?;
        body.map(Bytes::from)
    }

    /// Writes what is waiting and ends the writer.
    pub(crate) fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the practice store's writer ended badly");
        }
    }
}

fn load(connection: &Connection) -> Result<Loaded, Error> {
    let seed = connection.query_row("SELECT value FROM meta WHERE key = 'seed'", [], |row| row.get(0))?;
    let mut statement = connection.prepare("SELECT instance, kind, body FROM records")?;
    let records = statement
        .query_map([], |row| Ok(Record { instance: row.get(0)?, kind: row.get(1)?, body: row.get(2)? }))?
        .collect::<Result<_, _>>()?;
    let mut statement =
        connection.prepare("SELECT vendor, kind, order_reference, key, at FROM effects ORDER BY seq")?;
    let effects = statement
        .query_map([], |row| {
            Ok(Effect { vendor: row.get(0)?, kind: row.get(1)?, order: row.get(2)?, key: row.get(3)?, at: row.get(4)? })
        })?
        .collect::<Result<_, _>>()?;
    let mut statement = connection.prepare("SELECT id, due, instance, call FROM late")?;
    let late = statement
        .query_map([], |row| Ok(Late { id: row.get(0)?, due: row.get(1)?, instance: row.get(2)?, call: row.get(3)? }))?
        .collect::<Result<_, _>>()?;
    Ok(Loaded { seed, records, effects, late })
}

fn write_all(mut connection: Connection, inbox: &Receiver<Job>, report: &watch::Sender<Progress>) {
    while let Ok(first) = inbox.recv() {
        let mut jobs = vec![first];
        while jobs.len() < BATCH {
            let Ok(next) = inbox.try_recv() else { break };
            jobs.push(next);
        }
        let last = jobs.last().map_or(0, |(number, _)| *number);
        let result = write(&mut connection, jobs);
        if let Err(error) = &result {
            tracing::error!(%error, "the practice store could not write");
        }
        report.send_modify(|progress| match result {
            Ok(()) => progress.done = last,
            Err(_) => progress.failed = true,
        });
    }
}

fn write(connection: &mut Connection, jobs: Vec<Job>) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for change in jobs.into_iter().flat_map(|(_, changes)| changes) {
        apply(&transaction, change)?;
    }
    transaction.commit()
}

fn apply(connection: &Connection, change: Change) -> rusqlite::Result<()> {
    match change {
        Change::Put { instance, kind, id, body } => connection
            .prepare_cached("INSERT OR REPLACE INTO records (instance, kind, id, body) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![instance, kind, id, body])?,
        Change::Delete { instance, kind, id } => connection
            .prepare_cached("DELETE FROM records WHERE instance = ?1 AND kind = ?2 AND id = ?3")?
            .execute(params![instance, kind, id])?,
        Change::Blob { instance, id, body } => connection
            .prepare_cached("INSERT OR REPLACE INTO blobs (instance, id, body) VALUES (?1, ?2, ?3)")?
            .execute(params![instance, id, body.as_ref()])?,
        Change::Effect(effect) => connection
            .prepare_cached("INSERT INTO effects (vendor, kind, order_reference, key, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![effect.vendor, effect.kind, effect.order, effect.key, effect.at])?,
        Change::Late(late) => connection
            .prepare_cached("INSERT OR REPLACE INTO late (id, due, instance, call) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![late.id, late.due, late.instance, late.call])?,
        Change::LateDone(id) => connection.prepare_cached("DELETE FROM late WHERE id = ?1")?.execute([id])?,
    };
    Ok(())
}
