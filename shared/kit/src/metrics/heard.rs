//! Which events are counted, and as what. The page of events and metrics is `infra/docs/logs.md`.

use super::{Dimension, Unit};
use std::fmt;
use tracing::field::{Field, Visit};

use Dimension::{Code, Connector, Function, Operation, Reason, Role};

/// Gauges: the field of `sweep.gauges`, the metric, its unit.
const GAUGES: [(&str, &str, Unit); 7] = [
    ("oldest_waiting_seconds", "OldestWaitingSeconds", Unit::Seconds),
    ("connections_paused", "ConnectionsPaused", Unit::Count),
    ("uncertain", "UncertainNow", Unit::Count),
    ("dead", "DeadNow", Unit::Count),
    ("held", "HeldNow", Unit::Count),
    ("credentials_expiring", "CredentialsExpiring", Unit::Count),
    ("silent_sources", "SilentSources", Unit::Count),
];

/// One number for one metric.
pub(super) struct Sample<'a> {
    pub(super) metric: &'static str,
    /// Counted without any dimension.
    pub(super) whole: bool,
    /// Counted by these dimensions together, if there are any.
    pub(super) by: Vec<(Dimension, Option<&'a str>)>,
    pub(super) measured: Measured,
}

/// What an event counts as: nothing, if it is none of these.
pub(super) fn heard(fields: &Fields) -> Vec<Sample<'_>> {
    let count = |metric, by| vec![Sample { metric, whole: true, by, measured: Measured::Count(1) }];
    match fields.word("event") {
        Some("webhook.accepted" | "source.polled") => {
            let by = vec![(Role, fields.word("role"))];
            let measured = Measured::Count(fields.number("count").unwrap_or(0));
            vec![Sample { metric: "Arrivals", whole: true, by, measured }]
        }
        Some("webhook.refused") => count("WebhooksRefused", vec![(Reason, fields.word("reason"))]),
        Some("arrival.duplicate") => count("DuplicatesSuppressed", vec![]),
        Some("export.recorded") => recorded(fields),
        Some("function.started") => {
            let by = vec![(Function, fields.word("function"))];
            vec![Sample { metric: "ColdStarts", whole: false, by, measured: Measured::Count(1) }]
        }
        Some("sweep.gauges") => {
            let gauge = |(field, metric, unit)| {
                let measured = Measured::Gauge(fields.number(field)?, unit);
                Some(Sample { metric, whole: true, by: vec![], measured })
            };
            GAUGES.into_iter().filter_map(gauge).collect()
        }
        _ => vec![],
    }
}

fn recorded(fields: &Fields) -> Vec<Sample<'_>> {
    let count = |metric, by| Sample { metric, whole: true, by, measured: Measured::Count(1) };
    let reason = || vec![(Reason, fields.word("reason"))];
    // Where the fault lies is what a person must look at; an export that only broke our own work has its target.
    let fault =
        || vec![(Connector, fields.word("failed_connector").or(fields.word("connector"))), (Code, fields.word("code"))];
    let mut samples = vec![];
    if fields.word("step").is_some() {
        samples.push(count("AttemptsFailed", fault()));
    }
    match fields.word("state") {
        // What was delivered before has not been delivered now.
        Some("delivered") if fields.number("unchanged").is_none() => {
            let connector = (Connector, fields.word("connector"));
            samples.push(count("Delivered", vec![connector, (Operation, fields.word("operation"))]));
            if let Some(time) = fields.number("to_target_ms") {
                let measured = Measured::Time(time);
                samples.push(Sample { metric: "TimeToTarget", whole: true, by: vec![connector], measured });
            }
        }
        Some("held") => samples.push(count("Held", reason())),
        Some("skipped") => samples.push(count("Skipped", reason())),
        Some("uncertain") => samples.push(count("Uncertain", vec![])),
        Some("dead") => samples.push(count("Dead", fault())),
        _ => {}
    }
    samples
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    Count(u64),
    Gauge(u64, Unit),
    Time(u64),
}

/// An event's words and numbers. What is formatted for people is not looked at.
#[derive(Default)]
pub(super) struct Fields {
    words: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, u64)>,
}

impl Fields {
    fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find(|(known, _)| *known == name).map(|(_, word)| word.as_str())
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.numbers.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.words.push((field.name(), value.to_owned()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.numbers.push((field.name(), value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if let Ok(value) = u64::try_from(value) {
            self.record_u64(field, value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record_u64(field, u64::from(value));
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
