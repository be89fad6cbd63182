//! Events in, lines out.

use super::{Metrics, cold_start};
use crate::logs::function_subscriber;
use serde_json::{Value, json};
use std::io;

fn now() -> jiff::Timestamp {
    "2026-11-27T07:30:00Z".parse().unwrap()
}

fn flushed(metrics: &Metrics) -> Vec<Value> {
    let mut written = vec![];
    metrics.flush_to(&mut written, now()).unwrap();
    String::from_utf8(written).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is counted while the log itself is told to keep quiet.
fn counted(act: impl FnOnce()) -> Vec<Value> {
    let metrics = Metrics::default();
    let subscriber = function_subscriber("export-worker", "off", io::sink, &metrics).unwrap();
    tracing::subscriber::with_default(subscriber, act);
    flushed(&metrics)
}

/// The names of a line's dimensions.
fn dimensions(line: &Value) -> &Value {
    &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
}

/// The one line with these dimension values.
fn by(lines: &[Value], values: &Value) -> Value {
    let values = values.as_object().unwrap();
    let fits = |line: &&Value| {
        dimensions(line)[0].as_array().unwrap().len() == values.len()
            && values.iter().all(|(name, value)| line[name] == *value)
    };
    let found: Vec<&Value> = lines.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{values:?} in {lines:#?}");
    found[0].clone()
}

fn delivered(connector: &'static str, ms: u64) {
    tracing::info!(
        event = "export.recorded",
        connector,
        operation = "send_invoice",
        state = "delivered",
        to_target_ms = Some(ms),
        export = "exp_1",
        tenant = "acme",
        order = "100",
        target = "shop"
    );
}

#[test]
fn nothing_counted_is_nothing_written() {
    assert_eq!(counted(|| tracing::info!(event = "sweep.passed", due = 1)), Vec::<Value>::new());
    assert_eq!(
        counted(|| tracing::info!(event = "webhook.accepted", role = "courier", count = 0)),
        Vec::<Value>::new()
    );
    assert_eq!(counted(|| tracing::debug!(event = "export.recorded", state = "uncertain")), Vec::<Value>::new());
    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    assert!(Metrics::default().flush_to(&mut Closed, now()).is_ok());
}

#[test]
fn a_chattier_log_counts_no_more() {
    let metrics = Metrics::default();
    let subscriber = function_subscriber("export-worker", "trace", io::sink, &metrics).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        tracing::debug!(event = "arrival.duplicate");
        tracing::info!(event = "arrival.duplicate");
    });
    assert_eq!(by(&flushed(&metrics), &json!({}))["DuplicatesSuppressed"], 1);
}

#[test]
fn a_line_is_what_cloudwatch_reads() {
    let lines = counted(|| {
        delivered("mirakl", 1200);
        delivered("mirakl", 800);
        delivered("magento", 70);
    });
    assert_eq!(lines.len(), 5, "one as a whole, two by connector, two by connector and operation: {lines:#?}");
    let whole = json!({
        "_aws": {
            "Timestamp": now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Backhaul",
                "Dimensions": [[]],
                "Metrics": [
                    {"Name": "Delivered", "Unit": "Count"},
                    {"Name": "TimeToTarget", "Unit": "Milliseconds"},
                ],
            }],
        },
        "event": "metrics",
        "Delivered": 3,
        "TimeToTarget": [1200, 800, 70],
    });
    assert_eq!(by(&lines, &json!({})), whole);
    let line = by(&lines, &json!({"Connector": "mirakl"}));
    assert_eq!((&line["TimeToTarget"], line.get("Delivered")), (&json!([1200, 800]), None));
    let line = by(&lines, &json!({"Connector": "mirakl", "Operation": "send_invoice"}));
    assert_eq!((&line["Delivered"], dimensions(&line)), (&json!(2), &json!([["Connector", "Operation"]])));
}

#[test]
fn what_was_written_is_not_written_again() {
    let metrics = Metrics::default();
    let subscriber = function_subscriber("export-worker", "off", io::sink, &metrics).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        delivered("mirakl", 1);
        assert_eq!(flushed(&metrics).len(), 3);
        assert_eq!(flushed(&metrics).len(), 0);
        delivered("mirakl", 2);
        assert_eq!(by(&flushed(&metrics), &json!({}))["TimeToTarget"], json!([2]));
    });
}

#[test]
fn failures_and_dead_letters_are_counted_where_the_fault_lies() {
    let failed = |state: &'static str, at: Option<&'static str>| {
        tracing::info!(
            event = "export.recorded",
            connector = "mirakl",
            failed_connector = at,
            state,
            code = "vendor_refused",
            step = "send"
        );
    };
    let lines = counted(|| {
        failed("retrying", Some("mirakl"));
        failed("retrying", Some("fakturoid"));
        failed("dead", Some("mirakl"));
        tracing::info!(event = "export.recorded", connector = "mirakl", state = "dead", code = "crashed");
    });
    let whole = by(&lines, &json!({}));
    assert_eq!((&whole["AttemptsFailed"], &whole["Dead"]), (&json!(3), &json!(2)), "a crash is no attempt");
    let mirakl = by(&lines, &json!({"Connector": "mirakl", "Code": "vendor_refused"}));
    assert_eq!((&mirakl["AttemptsFailed"], &mirakl["Dead"]), (&json!(2), &json!(1)));
    let books = by(&lines, &json!({"Connector": "fakturoid", "Code": "vendor_refused"}));
    assert_eq!((&books["AttemptsFailed"], books.get("Dead")), (&json!(1), None));
    assert_eq!(by(&lines, &json!({"Connector": "mirakl", "Code": "crashed"}))["Dead"], 1);
}

#[test]
fn every_other_event_counts_as_its_metric() {
    let lines = counted(|| {
        tracing::info!(event = "webhook.accepted", role = "accounting", count = 3);
        tracing::info!(event = "source.polled", role = "courier", count = 2_usize);
        tracing::info!(event = "webhook.refused", reason = "unauthenticated");
        tracing::info!(event = "arrival.duplicate");
        for state in ["held", "skipped", "uncertain", "planned", "expired", "retrying"] {
            tracing::info!(event = "export.recorded", state, reason = "a_reason");
        }
        tracing::info!(event = "export.recorded", state = "delivered", unchanged = Some(true), connector = "mirakl");
        cold_start("export-worker");
    });
    let whole = by(&lines, &json!({}));
    let numbers: Vec<(&String, &Value)> =
        whole.as_object().unwrap().iter().filter(|(name, _)| *name != "_aws" && *name != "event").collect();
    let expected = json!({
        "Arrivals": 5, "WebhooksRefused": 1, "DuplicatesSuppressed": 1, "Held": 1, "Skipped": 1, "Uncertain": 1,
    });
    assert_eq!(numbers, expected.as_object().unwrap().iter().collect::<Vec<_>>());
    assert_eq!(by(&lines, &json!({"Role": "accounting"}))["Arrivals"], 3);
    assert_eq!(by(&lines, &json!({"Role": "courier"}))["Arrivals"], 2);
    assert_eq!(by(&lines, &json!({"Reason": "unauthenticated"}))["WebhooksRefused"], 1);
    let held = by(&lines, &json!({"Reason": "a_reason"}));
    assert_eq!((&held["Held"], &held["Skipped"]), (&json!(1), &json!(1)));
    assert_eq!(by(&lines, &json!({"Function": "export-worker"}))["ColdStarts"], 1);
    assert_eq!(lines.len(), 6, "{lines:#?}");
}

#[test]
fn gauges_say_zero_too_and_the_last_one_counts() {
    let tell = |oldest: u64| {
        tracing::info!(
            event = "sweep.gauges",
            oldest_waiting_seconds = oldest,
            connections_paused = 0,
            uncertain = 0,
            dead = 4,
            held = 1,
            credentials_expiring = 0,
            silent_sources = None::<u64>
        );
    };
    let lines = counted(|| {
        tell(700);
        tell(60);
    });
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!((&line["OldestWaitingSeconds"], &line["DeadNow"]), (&json!(60), &json!(4)));
    assert_eq!(
        (&line["ConnectionsPaused"], &line["UncertainNow"], &line["HeldNow"]),
        (&json!(0), &json!(0), &json!(1))
    );
    assert_eq!(
        (&line["CredentialsExpiring"], line.get("SilentSources")),
        (&json!(0), None),
        "what is not known is not said"
    );
    let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    assert!(metrics.contains(&json!({"Name": "OldestWaitingSeconds", "Unit": "Seconds"})));
    assert!(metrics.contains(&json!({"Name": "HeldNow", "Unit": "Count"})));
}

#[test]
fn no_dimension_is_a_tenant_an_order_a_document_or_a_connection() {
    let lines = counted(|| {
        for event in [
            "webhook.accepted",
            "webhook.refused",
            "source.polled",
            "arrival.duplicate",
            "function.started",
            "sweep.gauges",
            "anything.else",
        ] {
            tracing::info!(
                event,
                tenant = "id-of-tenant",
                connection = "id-of-connection",
                source = "id-of-connection",
                document = "id-of-document",
                trace = "id-of-event",
                count = 1,
                dead = 1
            );
        }
        for state in ["delivered", "held", "retrying", "dead", "skipped", "uncertain", "planned", "expired"] {
            tracing::info!(
                event = "export.recorded",
                state,
                export = "id-of-document",
                tenant = "id-of-tenant",
                source = "id-of-connection",
                target = "id-of-connection",
                failed_at = "id-of-connection",
                order = "id-of-order",
                step = "send",
                to_target_ms = 1
            );
        }
        // A slip of whoever tells it: a name where a word should be.
        tracing::info!(event = "webhook.refused", reason = "Jana Nováková, id-of-order 100");
    });
    assert!(lines.len() > 5);
    let allowed = ["Code", "Connector", "Function", "Operation", "Reason", "Role"];
    for line in &lines {
        assert!(!line.to_string().contains("id-of-"), "{line}");
        for name in dimensions(line)[0].as_array().unwrap() {
            assert!(allowed.contains(&name.as_str().unwrap()), "{line}");
            assert!(line[name.as_str().unwrap()].is_string(), "the value of a dimension stands in the line: {line}");
        }
    }
    assert_eq!(by(&lines, &json!({"Reason": "other"}))["WebhooksRefused"], 1);
}

#[test]
fn more_values_than_a_line_may_hold_become_more_lines() {
    let lines = counted(|| (0..250).for_each(|ms| delivered("mirakl", ms)));
    let times: Vec<usize> = lines
        .iter()
        .filter(|line| dimensions(line) == &json!([["Connector"]]))
        .map(|line| line["TimeToTarget"].as_array().unwrap().len())
        .collect();
    assert_eq!(times, [100, 100, 50]);
    let delivered: u64 = lines
        .iter()
        .filter(|line| dimensions(line) == &json!([[]]))
        .filter_map(|line| line["Delivered"].as_u64())
        .sum();
    assert_eq!(delivered, 250, "told once");
}

#[test]
fn words_without_end_do_not_fill_the_memory() {
    let lines = counted(|| {
        for n in 0..2_000 {
            tracing::info!(event = "webhook.refused", reason = format!("reason-{n}").as_str());
        }
    });
    assert_eq!(lines.len(), super::SETS_MAX);
    assert_eq!(by(&lines, &json!({}))["WebhooksRefused"], 2_000);
}
