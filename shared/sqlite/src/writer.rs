//! The one thread that writes. It takes what waits, runs each call in a savepoint of its own, commits once for all of
//! them, and only then answers. While it commits, the next calls gather: under load a commit is shared by many, and
//! without load nobody waits for company.

use crate::fault::{Fault, closed};
use export_flow::ports::PortError;
use rusqlite::{CachedStatement, Connection};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::{Notify, oneshot};

/// Calls that share a commit, at most: what is lost together if the disk is full, and how long the first of them waits.
const SHARED_MAX: usize = 64;

type Answering = Box<dyn FnOnce(Result<(), PortError>) + Send>;
type Call = Box<dyn FnOnce(Result<&Tx<'_>, PortError>) -> Answering + Send>;

/// A change of a counter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    /// Exports of a tenant and queue group in a state, or `duplicates`.
    Word { tenant: String, group: String, word: &'static str },
    /// What became delivered within an hour.
    Delivered { tenant: String, group: String, hour: i64 },
}

/// The transaction that several calls share.
pub(crate) struct Tx<'a> {
    connection: &'a Connection,
    counters: RefCell<Vec<(Counter, i64)>>,
    sent: Cell<bool>,
}

impl Tx<'_> {
    /// A statement, compiled once.
    pub(crate) fn sql(&self, sql: &str) -> Result<CachedStatement<'_>, Fault> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// The connection, for reads inside the transaction.
    pub(crate) const fn connection(&self) -> &Connection {
        self.connection
    }

    /// Changes a counter with this commit.
    pub(crate) fn add(&self, counter: Counter, by: i64) {
        self.counters.borrow_mut().push((counter, by));
    }

    /// Rings the bell with this commit: a message was sent or given back.
    pub(crate) fn ring(&self) {
        self.sent.set(true);
    }

    /// Runs a call so that its failure undoes what it did and nothing else.
    fn isolated<T>(&self, call: impl FnOnce(&Tx<'_>) -> Result<T, Fault>) -> Result<T, PortError> {
        let before = self.counters.borrow().len();
        let outcome = self.sql("SAVEPOINT call").and_then(|mut begin| Ok(begin.execute([])?)).and_then(|_| call(self));
        let end = match outcome {
            Ok(_) => "RELEASE call",
            Err(_) => "ROLLBACK TO call",
        };
        if outcome.is_err() {
            self.counters.borrow_mut().truncate(before);
        }
        // Where this fails the whole transaction has failed already; the commit will say so.
        let ended = self.sql(end).and_then(|mut end| Ok(end.execute([])?));
        let value = outcome?;
        ended?;
        Ok(value)
    }

    fn flush(&self) -> Result<(), Fault> {
        let mut sums = BTreeMap::new();
        for (counter, by) in self.counters.take() {
            *sums.entry(counter).or_insert(0) += by;
        }
        for (counter, by) in sums.into_iter().filter(|(_, by)| *by != 0) {
            match counter {
                Counter::Word { tenant, group, word } => self
                    .sql(
                        "INSERT INTO tally VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (tenant, queue_group, word) DO UPDATE SET n = n + excluded.n",
                    )?
                    .execute((tenant, group, word, by))?,
                Counter::Delivered { tenant, group, hour } => self
                    .sql(
                        "INSERT INTO delivered VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (tenant, hour, queue_group) DO UPDATE SET n = n + excluded.n",
                    )?
                    .execute((tenant, hour, group, by))?,
            };
        }
        Ok(())
    }
}

/// The way to the writing thread. Dropping it lets the thread finish what waits, and waits for its end.
pub(crate) struct Writer {
    calls: Option<mpsc::Sender<Call>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(crate) fn start(connection: Connection, bell: Arc<Notify>) -> std::io::Result<Self> {
        let (calls, waiting) = mpsc::channel::<Call>();
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            while let Ok(first) = waiting.recv() {
                commit_together(&connection, first, &waiting, &bell);
            }
        })?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Runs a call on the writing thread; the answer comes after the commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PortError> {
        let (answer, answered) = oneshot::channel();
        let call: Call = Box::new(move |tx| {
            let outcome = tx.and_then(|tx| tx.isolated(call));
            Box::new(move |committed| {
                // A caller that has gone away has lost its answer, not its write.
                drop(answer.send(committed.and(outcome)));
            })
        });
        self.calls.as_ref().ok_or_else(closed)?.send(call).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(event = "store.writer_panicked");
        }
    }
}

fn commit_together(connection: &Connection, first: Call, waiting: &mpsc::Receiver<Call>, bell: &Notify) {
    let tx = Tx { connection, counters: RefCell::default(), sent: Cell::new(false) };
    let mut answers = vec![];
    let mut broken = connection.execute_batch("BEGIN IMMEDIATE").err().map(Fault::from).map(PortError::from);
    let mut next = Some(first);
    while let Some(call) = next {
        answers.push(call(broken.clone().map_or(Ok(&tx), Err)));
        if broken.is_none() && connection.is_autocommit() {
            // Some failures of SQLite (disk full, input/output) undo the whole transaction.
            broken = Some(PortError::Unavailable("the transaction was undone".into()));
        }
        next = if answers.len() < SHARED_MAX { waiting.try_recv().ok() } else { None };
    }
    let committed = match broken {
        Some(error) => Err(error),
        None => commit(&tx),
    };
    if let Err(error) = &committed {
        tracing::error!(event = "store.commit_failed", calls = answers.len(), %error);
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            tracing::error!(event = "store.rollback_failed");
        }
    }
    let ring = committed.is_ok() && tx.sent.get();
    for answer in answers {
        answer(committed.clone());
    }
    if ring {
        bell.notify_one();
    }
}

fn commit(tx: &Tx<'_>) -> Result<(), PortError> {
    tx.flush()?;
    tx.connection.execute_batch("COMMIT").map_err(Fault::from)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::path::Path;

    /// A writer whose first call waits for a word, so that the calls after it share one commit.
    async fn together(file: &Path, calls: Vec<fn(&Tx<'_>) -> Result<(), Fault>>) -> Vec<Result<(), PortError>> {
        let connection = Connection::open(file).unwrap();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)").unwrap();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS tally (tenant, queue_group, word, n)").unwrap();
        let writer = Writer::start(connection, Arc::new(Notify::new())).unwrap();
        let (word, wait) = mpsc::channel::<()>();
        let first = writer.write(move |_| Ok(wait.recv().unwrap()));
        let rest = calls.into_iter().map(|call| writer.write(call));
        let all = join_all(rest);
        let said = async { word.send(()).unwrap() };
        let (first, rest, ()) = futures_util::join!(first, all, said);
        std::iter::once(first).chain(rest).collect()
    }

    fn insert(tx: &Tx<'_>, n: i64) -> Result<(), Fault> {
        tx.sql("INSERT INTO t VALUES (?1)")?.execute([n])?;
        Ok(())
    }

    fn rows(file: &Path) -> Vec<i64> {
        let connection = Connection::open(file).unwrap();
        let mut list = connection.prepare("SELECT n FROM t ORDER BY n").unwrap();
        list.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[tokio::test]
    async fn a_failing_call_undoes_itself_and_leaves_the_others_of_its_commit() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("db");
        let outcomes = together(
            &file,
            vec![
                |tx| insert(tx, 1),
                |tx| {
                    insert(tx, 2)?;
                    tx.add(Counter::Word { tenant: "t".into(), group: "g".into(), word: "x" }, 1);
                    Err(PortError::Damaged("on purpose".into()).into())
                },
                |tx| insert(tx, 3),
                |tx| insert(tx, 1),
                |tx| insert(tx, 4),
            ],
        )
        .await;
        let ok: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
        assert_eq!(ok, [true, true, false, true, false, true]);
        assert_eq!(rows(&file), [1, 3, 4]);
    }

    #[tokio::test]
    async fn when_the_whole_transaction_is_undone_nobody_is_told_of_success() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("db");
        let outcomes = together(
            &file,
            vec![
                |tx| insert(tx, 1),
                |tx| {
                    tx.connection().execute_batch("ROLLBACK")?;
                    Ok(())
                },
                |tx| insert(tx, 2),
            ],
        )
        .await;
        assert!(outcomes.iter().all(Result::is_err), "{outcomes:?}");
        assert!(rows(&file).is_empty());
        assert_eq!(together(&file, vec![|tx| insert(tx, 3)]).await, [Ok(()), Ok(())]);
        assert_eq!(rows(&file), [3]);
    }
}
