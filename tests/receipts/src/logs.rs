//! How much the functions log, by the very lines and metrics that they write on AWS.

use kit::logs::function_subscriber;
use kit::metrics::Metrics;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is kept of a line is its length.
#[derive(Clone, Default)]
struct Length(Arc<AtomicU64>);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log of this process.
pub(crate) struct Logs {
    length: Length,
    metrics: Metrics,
}

impl Logs {
    /// Takes all lines of this process from now on.
    pub(crate) fn start() -> Self {
        let (length, metrics) = (Length::default(), Metrics::default());
        let writer = length.clone();
        let filter = "info,vendor_sandbox=off";
        let subscriber = function_subscriber("export-worker", filter, move || writer.clone(), &metrics).unwrap();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        Self { length, metrics }
    }

    /// A function has ended a call.
    pub(crate) fn call_ended(&self) {
        self.metrics.flush_to(&mut self.length.clone(), jiff::Timestamp::now()).unwrap();
    }

    /// Bytes since the last time.
    pub(crate) fn take(&self) -> u64 {
        self.length.0.swap(0, Ordering::Relaxed)
    }
}
