//! The one thread that writes. It takes what waits, runs one call after the other, commits once for all of them, and
//! only then answers. While it commits, the next calls gather: under load a commit is shared by many, and without load
//! nobody waits for company.
//!
//! A call that fails must leave nothing behind and harm no other. Most fail before they have written anything. Where
//! one fails later, the transaction is undone and its calls run once more, each in a savepoint of its own: savepoints
//! copy every page they touch, which is too dear to pay always.

use crate::fault::{Fault, closed};
use export_flow::ports::PortError;
use rusqlite::{CachedStatement, Connection};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::sync::{Notify, oneshot};

/// Calls that share a commit, at most. More of them cost less each, since a page that many calls change is written once;
/// fewer are answered sooner. So many take about 8 ms.
const SHARED_MAX: usize = 256;

/// Something to be written, and somebody who waits for the answer.
trait Call: Send {
    /// Does the work; may be asked again after its work was undone. Keeps the outcome and says whether it is good.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Answers, after the commit.
    fn answer(self: Box<Self>, committed: Result<(), PortError>);
}

struct Asked<T, F> {
    work: F,
    outcome: Result<T, PortError>,
    answer: oneshot::Sender<Result<T, PortError>>,
}

impl<T: Send, F: Fn(&Tx<'_>) -> Result<T, Fault> + Send> Call for Asked<T, F> {
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        self.outcome = (self.work)(tx).map_err(PortError::from);
        self.outcome.is_ok()
    }

    fn answer(self: Box<Self>, committed: Result<(), PortError>) {
        // A caller that has gone away has lost its answer, not its write.
        drop(self.answer.send(committed.and(self.outcome)));
    }
}

/// A change of a counter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    /// Exports of a tenant and queue group in a state, or `duplicates`.
    Word { tenant: String, group: String, word: &'static str },
    /// What became delivered within an hour.
    Delivered { tenant: String, group: String, hour: i64 },
    /// What else happened within an hour.
    Happened { tenant: String, group: String, hour: i64, word: &'static str },
}

/// The transaction that several calls share.
pub(crate) struct Tx<'a> {
    connection: &'a Connection,
    counters: RefCell<Vec<(Counter, i64)>>,
    sent: Cell<bool>,
}

impl<'a> Tx<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, counters: RefCell::default(), sent: Cell::new(false) }
    }

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

    /// Runs a call. False: it failed after it had written something, and what it wrote is still there.
    fn run(&self, call: &mut dyn Call) -> bool {
        let (rows, counters) = (self.connection.total_changes(), self.counters.borrow().len());
        let good = call.run(self);
        if !good {
            self.counters.borrow_mut().truncate(counters);
        }
        good || self.connection.total_changes() == rows
    }

    /// Runs a call in a savepoint of its own.
    fn run_apart(&self, call: &mut dyn Call) -> Result<(), Fault> {
        let counters = self.counters.borrow().len();
        self.sql("SAVEPOINT call")?.execute([])?;
        if !call.run(self) {
            self.counters.borrow_mut().truncate(counters);
            self.sql("ROLLBACK TO call")?.execute([])?;
        }
        self.sql("RELEASE call")?.execute([])?;
        Ok(())
    }

    fn begin(&self) -> Result<(), Fault> {
        self.sql("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Runs what waits, and keeps it for the answer. False: a call has left something behind.
    fn share(
        &self,
        first: Box<dyn Call>,
        waiting: &mpsc::Receiver<Box<dyn Call>>,
        calls: &mut Vec<Box<dyn Call>>,
    ) -> Result<bool, Fault> {
        let begun = self.begin();
        let (mut clean, mut next) = (true, Some(first));
        while let Some(mut call) = next {
            // Outside a transaction (it could not begin, or was undone) nothing may run: it would commit by itself.
            if clean && !self.connection.is_autocommit() {
                clean = self.run(call.as_mut());
            }
            calls.push(call);
            next = if calls.len() < SHARED_MAX { waiting.try_recv().ok() } else { None };
        }
        begun?;
        self.still_there()?;
        Ok(clean)
    }

    /// Some failures of SQLite (disk full, input/output) undo the whole transaction.
    fn still_there(&self) -> Result<(), PortError> {
        if self.connection.is_autocommit() {
            return Err(PortError::Unavailable("the transaction was undone".into()));
        }
        Ok(())
    }

    /// Runs calls so that each undoes itself if it fails.
    fn share_carefully(&self, calls: &mut [Box<dyn Call>]) -> Result<(), Fault> {
        self.begin()?;
        for call in calls {
            self.run_apart(call.as_mut())?;
            self.still_there()?;
        }
        Ok(())
    }

    fn commit(&self) -> Result<(), Fault> {
        self.flush()?;
        self.sql("COMMIT")?.execute([])?;
        Ok(())
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
                Counter::Happened { tenant, group, hour, word } => self
                    .sql(
                        "INSERT INTO happened VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (tenant, hour, queue_group, word) DO UPDATE SET n = n + excluded.n",
                    )?
                    .execute((tenant, hour, group, word, by))?,
            };
        }
        Ok(())
    }
}

/// The way to the writing thread. Dropping it lets the thread finish what waits, and waits for its end.
pub(crate) struct Writer {
    calls: Option<mpsc::Sender<Box<dyn Call>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(crate) fn start(connection: Connection, bell: Arc<Notify>) -> std::io::Result<Self> {
        let (calls, waiting) = mpsc::channel::<Box<dyn Call>>();
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            while let Ok(first) = waiting.recv() {
                commit_together(&connection, first, &waiting, &bell);
            }
        })?;
        Ok(Self { calls: Some(calls), thread: Some(thread) })
    }

    /// Runs work on the writing thread; the answer comes after the commit. The work may run twice, the first time in
    /// vain.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Tx<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PortError> {
        let (answer, answered) = oneshot::channel();
        let call = Box::new(Asked { work, outcome: Err(closed()), answer });
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

fn commit_together(
    connection: &Connection,
    first: Box<dyn Call>,
    waiting: &mpsc::Receiver<Box<dyn Call>>,
    bell: &Notify,
) {
    let mut calls = vec![];
    let mut tx = Tx::new(connection);
    let committed = tx.share(first, waiting, &mut calls).and_then(|clean| {
        if !clean {
            connection.execute_batch("ROLLBACK")?;
            tx = Tx::new(connection);
            tx.share_carefully(&mut calls)?;
        }
        tx.commit()
    });
    let committed = committed.map_err(PortError::from);
    if let Err(error) = &committed {
        tracing::error!(event = "store.commit_failed", calls = calls.len(), %error);
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            tracing::error!(event = "store.rollback_failed");
        }
    }
    for call in calls {
        call.answer(committed.clone());
    }
    if committed.is_ok() && tx.sent.get() {
        bell.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::path::Path;

    type Work = fn(&Tx<'_>) -> Result<(), Fault>;

    /// A writer whose first call waits for a word, so that the calls after it share one commit.
    #[expect(clippy::unit_arg, reason = "the assertion is the work")]
    async fn together(file: &Path, calls: Vec<Work>) -> Vec<Result<(), PortError>> {
        let connection = Connection::open(file).unwrap();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY)").unwrap();
        connection.execute_batch("CREATE TABLE IF NOT EXISTS tally (tenant, queue_group, word, n)").unwrap();
        let writer = Writer::start(connection, Arc::new(Notify::new())).unwrap();
        let (word, wait) = mpsc::channel::<()>();
        // Comes to its end once the word's sender is gone, however often it runs.
        let first = writer.write(move |_| Ok(assert!(wait.recv().is_err())));
        let rest = calls.into_iter().map(|call| writer.write(call));
        let all = join_all(rest);
        let said = async { drop(word) };
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
