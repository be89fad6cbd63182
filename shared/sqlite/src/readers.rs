//! Threads that read. In WAL mode a read begun after a commit sees it, and reads never wait for the writer.

use crate::fault::{Fault, closed};
use export_flow::ports::PortError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

type Call = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the reading threads. Dropping it ends them.
pub(crate) struct Readers {
    calls: Option<mpsc::Sender<Call>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts one thread per connection.
    pub(crate) fn start(connections: Vec<Connection>) -> std::io::Result<Self> {
        let (calls, waiting) = mpsc::channel::<Call>();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = vec![];
        for connection in connections {
            let waiting = Arc::clone(&waiting);
            let read = move || {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    match next {
                        Ok(call) => call(&connection),
                        Err(mpsc::RecvError) => break,
                    }
                }
            };
            threads.push(std::thread::Builder::new().name("store-reader".into()).spawn(read)?);
        }
        Ok(Self { calls: Some(calls), threads })
    }

    /// Runs a call on one of the threads, within one view of the file.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, PortError> {
        let (answer, answered) = oneshot::channel();
        let call: Call = Box::new(move |connection| {
            let outcome = connection.unchecked_transaction().map_err(Fault::from).and_then(|view| {
                let outcome = call(connection)?;
                view.finish()?;
                Ok(outcome)
            });
            // Whoever asked may have gone away.
            drop(answer.send(outcome));
        });
        self.calls.as_ref().ok_or_else(closed)?.send(call).map_err(|_| closed())?;
        Ok(answered.await.map_err(|_| closed())??)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.calls = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!(event = "store.reader_panicked");
            }
        }
    }
}
