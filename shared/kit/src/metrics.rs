//! Metrics, counted from the log lines that are written anyway and told to `CloudWatch` in its embedded metric format.
//!
//! A [`Layer`] hears the events that `heard` knows by their `event` field, whatever the log's filter lets through, and
//! counts them in memory; [`Metrics::flush`] writes one line per set of dimensions. Nothing counted, nothing written.
//!
//! The format is written by hand. The maintained writer for it, `metrique-writer-format-emf`, brings about eighty crates
//! (histograms, random numbers, a second set of hash maps); a webhook function shall be 2.5 MB and start in milliseconds,
//! and this page is all that is needed of it.

mod emf;
mod heard;

#[cfg(test)]
mod tests;

use heard::{Fields, Measured, heard};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The sets of dimensions kept between two flushes, at most: words are few, so more can only be a mistake.
const SETS_MAX: usize = 500;
/// Longer words are not words of ours.
const WORD_MAX: usize = 40;

/// What a metric may be told apart by. Words of which there are few: never a tenant, an order, a document or a
/// connection, since each value is a metric of its own, kept and charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dimension {
    Code,
    Connector,
    Function,
    Operation,
    Reason,
    Role,
}

impl Dimension {
    const fn name(self) -> &'static str {
        match self {
            Self::Code => "Code",
            Self::Connector => "Connector",
            Self::Function => "Function",
            Self::Operation => "Operation",
            Self::Reason => "Reason",
            Self::Role => "Role",
        }
    }
}

type Set = BTreeMap<Dimension, String>;
type Counted = BTreeMap<Set, BTreeMap<&'static str, Series>>;

/// What was counted of one metric.
#[derive(Debug, Clone, PartialEq)]
enum Series {
    /// How often.
    Count(u64),
    /// How much now.
    Gauge(u64, Unit),
    /// Each time how long, in milliseconds.
    Times(Vec<u64>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Count,
    Milliseconds,
    Seconds,
}

/// What a process has counted since the last flush. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    counted: Arc<Mutex<Counted>>,
}

impl Metrics {
    /// Hears the events that are counted. To be added to the process's subscriber.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let told = |metadata: &Metadata<'_>| {
            *metadata.level() <= Level::INFO && metadata.is_event() && metadata.fields().field("event").is_some()
        };
        let hears = FilterFn::new(told).with_max_level_hint(LevelFilter::INFO);
        Ear { metrics: self.clone() }.with_filter(hears)
    }

    /// Writes what was counted to standard output and begins anew. At the end of each invocation: what is not written by
    /// then waits for the next one, or is lost with the process.
    ///
    /// # Errors
    /// If standard output cannot be written. What was counted is gone all the same.
    pub fn flush(&self) -> io::Result<()> {
        self.flush_to(&mut io::stdout().lock(), jiff::Timestamp::now())
    }

    /// The same to elsewhere.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn flush_to(&self, writer: &mut impl Write, now: jiff::Timestamp) -> io::Result<()> {
        let counted = std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner));
        let mut lines = String::new();
        for (set, metrics) in &counted {
            for line in emf::lines(set, metrics, now) {
                lines.push_str(&line.to_string());
                lines.push('\n');
            }
        }
        // In one piece, so that no other line comes between.
        if lines.is_empty() { Ok(()) } else { writer.write_all(lines.as_bytes()).and_then(|()| writer.flush()) }
    }

    fn add(&self, set: Set, metric: &'static str, measured: Measured) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= SETS_MAX && !counted.contains_key(&set) {
            return;
        }
        let metrics = counted.entry(set).or_default();
        match (metrics.get_mut(metric), measured) {
            (Some(Series::Count(n)), Measured::Count(more)) => *n += more,
            (Some(Series::Times(times)), Measured::Time(time)) => times.push(time),
            (_, Measured::Count(0)) => {}
            (_, Measured::Count(n)) => drop(metrics.insert(metric, Series::Count(n))),
            (_, Measured::Time(time)) => drop(metrics.insert(metric, Series::Times(vec![time]))),
            (_, Measured::Gauge(n, unit)) => drop(metrics.insert(metric, Series::Gauge(n, unit))),
        }
    }
}

struct Ear {
    metrics: Metrics,
}

impl<S: Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        for sample in heard(&fields) {
            if sample.whole {
                self.metrics.add(Set::new(), sample.metric, sample.measured);
            }
            if !sample.by.is_empty() {
                let set = sample.by.into_iter().map(|(dimension, value)| (dimension, word(value))).collect();
                self.metrics.add(set, sample.metric, sample.measured);
            }
        }
    }
}

/// Only words become the value of a dimension, whatever an event says; a metric without its dimension would be lost.
fn word(value: Option<&str>) -> String {
    let is_word = |text: &&str| {
        !text.is_empty()
            && text.len() <= WORD_MAX
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    value.map_or("unknown", |text| Some(text).filter(is_word).unwrap_or("other")).to_owned()
}

/// Tells that this process of a function has just started: a cold start. Once, at the beginning of `main`, after the
/// logs were set up.
pub fn cold_start(function: &'static str) {
    tracing::info!(event = "function.started", function);
}
