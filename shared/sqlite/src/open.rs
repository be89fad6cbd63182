//! The files: one directory, one process, one database.

use crate::fault::{Fault, count, nanos};
use crate::readers::Readers;
use crate::schema::MIGRATIONS;
use crate::writer::{Tx, Writer};
use connectors::Clock;
use domain::Code;
use export_flow::heard::Heard;
use export_flow::ports::PortError;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::MigrationDefinitionError;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// The database's name in the data directory.
const FILE: &str = "backhaul.db";
/// Locked while a process works on the directory.
const LOCK: &str = "lock";
/// An operator's tool may hold the file for a moment.
const BUSY: Duration = Duration::from_secs(5);
const READERS: usize = 2;

/// A data directory that cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works on it.
    #[error("another process works on this data directory")]
    InUse,
    /// A newer version of this program wrote it.
    #[error("the data directory was written by a newer version of this program (schema {found}, known up to {known})")]
    Newer {
        /// Version in the file.
        found: usize,
        /// Newest version that this program knows.
        known: usize,
    },
    /// Directory or lock cannot be made or read.
    #[error("the data directory cannot be used: {0}")]
    Files(#[from] std::io::Error),
    /// The database cannot be opened or migrated.
    #[error("the database cannot be opened: {0}")]
    Database(String),
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::InUse => Code::InUse,
            _ => Code::StoreUnavailable,
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<rusqlite_migration::Error> for OpenError {
    fn from(error: rusqlite_migration::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// What a predecessor left behind and is free now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TakenOver {
    /// Exports it had claimed.
    pub exports: u64,
    /// Messages it had received.
    pub messages: u64,
}

/// Ledger and queue in one file. Dropping it ends its threads after what waits has been committed.
pub struct SqliteStore {
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) bell: Arc<Notify>,
    /// Events heard and not yet written.
    pub(crate) heard: Mutex<Vec<Heard>>,
    /// Held until the threads above have ended: fields are dropped in their order.
    _lock: File,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a data directory, made if it is absent (mode 0700), with its database (mode 0600) at the newest schema.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        make_directory(directory)?;
        let lock = own_file(&directory.join(LOCK))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse,
            TryLockError::Error(error) => OpenError::Files(error),
        })?;
        let file = directory.join(FILE);
        drop(own_file(&file)?);
        let mut connection = connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        // The log is used again from its start; after a rare long one it shrinks to this many bytes.
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        migrate(&mut connection)?;
        let bell = Arc::new(Notify::new());
        let mut connections = vec![];
        for _ in 0..READERS {
            connections.push(connect(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?);
        }
        let writer = Writer::start(connection, Arc::clone(&bell))?;
        Ok(Self { readers: Readers::start(connections)?, writer, clock, bell, heard: Mutex::default(), _lock: lock })
    }

    /// Frees what a predecessor held: whoever opens a directory owns it alone, so no lease in it can be alive. Exports
    /// that were `sending` are due, and received messages can be received again. What is in doubt stays in doubt.
    /// What is too old of the trail of who did what goes.
    ///
    /// # Errors
    /// [`PortError`] if nothing was freed.
    pub async fn take_over(&self, now: Timestamp) -> Result<TakenOver, PortError> {
        self.forget_audit(now).await?;
        self.write(move |tx| {
            let now = nanos(now);
            let exports = tx
                .sql(
                    "UPDATE export SET lease_until = ?1, due_at = ?1
                     WHERE state = 'sending' AND state <> 'delivered'",
                )?
                .execute([now])?;
            let messages =
                tx.sql("UPDATE message SET visible_at = ?1, in_flight = 0 WHERE in_flight = 1")?.execute([now])?;
            tx.ring();
            let many = |rows: usize| count(i64::try_from(rows).unwrap_or(i64::MAX));
            Ok(TakenOver { exports: many(exports), messages: many(messages) })
        })
        .await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PortError> {
        self.writer.write(work).await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PortError> {
        self.readers.read(call).await
    }
}

fn connect(file: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Where a plain fsync does not reach the platter (macOS).
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    match MIGRATIONS.to_latest(connection) {
        Err(rusqlite_migration::Error::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead)) => {
            let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            let known = MIGRATIONS.pending_migrations(connection).unwrap_or(0);
            let found = usize::try_from(found).unwrap_or(usize::MAX);
            Err(OpenError::Newer { found, known: found.saturating_add_signed(isize::try_from(known).unwrap_or(0)) })
        }
        other => Ok(other?),
    }
}

fn make_directory(directory: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Opens a file, made with mode 0600 if it is absent. The database's companions take over its mode.
fn own_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
