//! What a piece of work tells: its log lines, and the metrics they make, through the same code that ships.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use kit::logs::{Shape, function_subscriber};
use kit::metrics::Metrics;
use serde_json::Value;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;

/// The function that the lines are said to come from.
pub const FUNCTION: &str = "a-test";

/// Listens on this thread until it is dropped.
pub struct Told {
    lines: Lines,
    metrics: Metrics,
    _listens: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Told {
    /// Listens to what passes the filter.
    ///
    /// # Panics
    /// For a filter that cannot be read.
    #[must_use]
    pub fn listen(filter: &str) -> Self {
        // While a process has only one subscriber, an event first met on a thread that does not listen is switched off for
        // all threads. Another one that nobody uses keeps other tests from silencing this one.
        static ANOTHER: OnceLock<Dispatch> = OnceLock::new();
        ANOTHER.get_or_init(|| Dispatch::new(kit::logs::subscriber(Shape::Json, "info", io::sink).unwrap()));
        let (lines, metrics) = (Lines::default(), Metrics::default());
        let writer = lines.clone();
        let subscriber = function_subscriber(FUNCTION, filter, move || writer.clone(), &metrics).unwrap();
        Self { lines, metrics, _listens: tracing::subscriber::set_default(subscriber) }
    }

    /// Every line so far.
    ///
    /// # Panics
    /// If one of them is not JSON.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let bytes = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The lines about one event.
    #[must_use]
    pub fn of(&self, event: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["event"] == event).collect()
    }

    /// The metrics' lines since the last time.
    ///
    /// # Panics
    /// If one of them is not JSON.
    #[must_use]
    pub fn metrics(&self) -> Vec<Value> {
        let mut written = vec![];
        self.metrics.flush_to(&mut written, crate::samples::noon()).unwrap();
        String::from_utf8(written).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The metrics since the last time that have no dimension, by name.
    #[must_use]
    pub fn totals(&self) -> Value {
        let whole = |line: &Value| line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == serde_json::json!([[]]);
        let mut line = self.metrics().into_iter().find(whole).unwrap_or_else(|| serde_json::json!({}));
        if let Some(fields) = line.as_object_mut() {
            fields.retain(|name, _| name != "_aws" && name != "event");
        }
        line
    }
}
