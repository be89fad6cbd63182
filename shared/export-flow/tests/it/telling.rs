//! What the log and the metrics tell of an export's way.

use crate::bench::{Bench, INVOICE, seconds};
use ::http::Method;
use domain::{Cause, State};
use export_flow::message::{ExportDue, Message};
use serde_json::{Value, json};
use testkit::Told;
use testkit::practice::Kind;

async fn ready(bench: &Bench) {
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
}

fn picked(line: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| line[*name].clone()).collect()
}

/// The one metrics line with these dimension values and no others.
fn by(lines: &[Value], values: &Value) -> Value {
    let values = values.as_object().unwrap();
    let fits = |line: &&Value| {
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0].as_array().unwrap().len() == values.len()
            && values.iter().all(|(name, value)| line[name] == *value)
    };
    lines.iter().find(fits).unwrap_or_else(|| panic!("{values:?} in {lines:?}")).clone()
}

#[tokio::test]
async fn a_delivery_is_one_wide_line() {
    let bench = Bench::new().await;
    let told = Told::listen("info");
    ready(&bench).await;
    bench.clock.advance(seconds(3));
    bench.work().await;
    let mut lines = told.of("export.recorded");
    assert_eq!(lines.len(), 1);
    let mut line = lines.remove(0);
    for name in ["timestamp", "level", "module"] {
        line.as_object_mut().unwrap().remove(name);
    }
    let expected = json!({
        "event": "export.recorded",
        "function": testkit::FUNCTION,
        "export": bench.only("shop").await.id,
        "tenant": "default",
        "source": "books",
        "target": "shop",
        "source_connector": "books",
        "connector": "market",
        "operation": "send_invoice",
        "order": "100",
        "state": "delivered",
        "attempts": 0,
        "claim": 1,
        "revision": 1,
        "duplicates": 0,
        "in_doubt": false,
        "ms": 0,
        "age_ms": 0,
        "to_target_ms": 0,
        "trace": "event-0",
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn the_trace_of_the_event_reaches_every_call_and_every_retry() {
    let bench = Bench::new().await;
    let told = Told::listen("info,testkit=debug");
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(200, json!({"error": "unknown type"})), 100);
    ready(&bench).await;
    bench.pass(seconds(700)).await;
    let lines = told.lines();
    assert!(lines.iter().all(|line| line["trace"] == "event-0"), "{lines:#?}");
    let of = |word: &str| lines.iter().filter(|line| line["event"] == word).collect::<Vec<_>>();
    let sent = of("http.called").iter().filter(|line| line["method"] == "POST").count();
    assert_eq!(sent, 3, "each names the host it went to and the trace");
    let recorded: Vec<Value> = of("export.recorded")
        .into_iter()
        .map(|line| picked(line, &["state", "code", "attempts", "claim", "step", "failed_at", "failed_connector"]))
        .collect();
    let line = |state, n| json!([state, "error_inside_success", n, n, "send", "shop", "market"]);
    assert_eq!(recorded, [line("retrying", 1), line("retrying", 2), line("dead", 3)]);
    let metrics = told.metrics();
    let failed = by(&metrics, &json!({"Connector": "market", "Code": "error_inside_success"}));
    assert_eq!(picked(&failed, &["AttemptsFailed", "Dead"]), json!([3, 1]));
    assert_eq!(picked(&by(&metrics, &json!({})), &["AttemptsFailed", "Dead", "Delivered"]), json!([3, 1, null]));
}

#[tokio::test]
async fn the_line_of_a_late_delivery_says_how_late() {
    let bench = Bench::new().await;
    let told = Told::listen("info");
    bench.world.fault(Method::GET, "shop/effects", Kind::Answer(400, json!({"message": "no"})), 1);
    ready(&bench).await;
    bench.pass(seconds(61)).await;
    let line = told.of("export.recorded").pop().unwrap();
    assert_eq!(picked(&line, &["state", "attempts", "to_target_ms"]), json!(["delivered", 1, 60_000]));
    let metrics = told.metrics();
    assert_eq!(by(&metrics, &json!({"Connector": "market"}))["TimeToTarget"], json!([60_000]));
    let delivered = by(&metrics, &json!({"Connector": "market", "Operation": "send_invoice"}));
    assert_eq!(delivered["Delivered"], 1);
}

#[tokio::test]
async fn duplicates_are_told_once_each_and_a_redelivered_message_never() {
    let bench = Bench::new().await;
    let told = Told::listen("info");
    ready(&bench).await;
    bench.work().await;
    let again = bench.event(INVOICE, "9001", Cause::Webhook);
    let polled = bench.event(INVOICE, "9001", Cause::Poll);
    for message in [&again, &again, &polled, &again] {
        bench.send(message.clone()).await;
        bench.work().await;
    }
    let lines = told.of("arrival.duplicate");
    assert_eq!(lines.len(), 1);
    assert_eq!(
        picked(&lines[0], &["cause", "state", "source_connector", "trace"]),
        json!(["webhook", "delivered", "books", "event-1"])
    );
    assert_eq!(told.totals(), json!({"Delivered": 1, "TimeToTarget": [0], "DuplicatesSuppressed": 1}));
    assert_eq!(bench.only("shop").await.shared.duplicates, 1, "the metric says what the record says");
}

#[tokio::test]
async fn a_hold_its_plan_and_what_it_became_have_one_trace() {
    let bench = Bench::new().await;
    let told = Told::listen("info");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    bench.world.order("shop", "100", "100.00");
    bench.pass(seconds(61)).await;
    let lines: Vec<Value> = told
        .of("export.recorded")
        .iter()
        .map(|line| picked(line, &["operation", "state", "reason", "connector", "target", "trace"]))
        .collect();
    assert_eq!(
        lines,
        [
            json!(["look", "held", "order_unknown", "books", null, "event-0"]),
            json!(["send_invoice", "delivered", null, "market", "shop", "event-0"]),
            json!(["look", "planned", null, "books", null, "event-0"]),
        ]
    );
    let metrics = told.metrics();
    assert_eq!(by(&metrics, &json!({"Reason": "order_unknown"}))["Held"], 1);
}

#[tokio::test]
async fn what_is_left_out_or_not_certain_is_told_too() {
    let bench = Bench::empty();
    bench.connect("shop", "mute").await;
    let told = Told::listen("info");
    bench.world.fault(Method::POST, "shop/effects", Kind::DropAfter, 1);
    ready(&bench).await;
    bench.world.document("9002", "2026-2", None, "1.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let lines = told.of("export.recorded");
    let of = |state: &str| lines.iter().find(|line| line["state"] == state).unwrap();
    assert_eq!(picked(of("uncertain"), &["in_doubt", "target", "connector"]), json!([true, "shop", "mute"]));
    assert_eq!(
        picked(of("skipped"), &["reason", "code", "operation"]),
        json!(["not_ours", "no_order_reference", "look"])
    );
    assert_eq!(told.totals(), json!({"Uncertain": 1, "Skipped": 1}));
}

#[tokio::test]
async fn what_turns_out_to_be_unchanged_is_not_delivered_twice() {
    let bench = Bench::new().await;
    let told = Told::listen("info");
    ready(&bench).await;
    bench.work().await;
    // A revision noted while a run was busy, which the next look does not find.
    let mut export = bench.only("shop").await;
    let mut other = export.revision.clone().unwrap();
    other.hash.push('x');
    export.shared.noted = Some(other);
    bench.ledger.put(export.clone());
    let due = ExportDue { export: export.id, claim: export.claim, alone: false, trace: None };
    bench.send(Message::ExportDueV1(due)).await;
    bench.work().await;
    assert_eq!(bench.only("shop").await.claim, 2);
    let line = told.of("export.recorded").pop().unwrap();
    assert_eq!(picked(&line, &["state", "unchanged", "to_target_ms"]), json!(["delivered", true, null]));
    assert!(!line["trace"].as_str().unwrap().is_empty(), "an id of its own where nobody knows the arrival");
    assert_eq!(told.totals(), json!({"Delivered": 1, "TimeToTarget": [0]}));
}

#[tokio::test]
async fn a_newer_revision_is_delivered_but_not_late() {
    let bench = Bench::new().await;
    ready(&bench).await;
    bench.work().await;
    bench.clock.advance(seconds(86_400));
    let told = Told::listen("info");
    bench.world.document("9001", "2026-1", Some("100"), "90.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let line = told.of("export.recorded").pop().unwrap();
    assert_eq!(
        picked(&line, &["state", "revision", "age_ms", "to_target_ms"]),
        json!(["delivered", 2, 86_400_000, null])
    );
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    assert_eq!(told.totals(), json!({"Delivered": 1}));
}

#[tokio::test]
async fn no_dimension_names_whose_or_where_and_no_line_what_a_vendor_said() {
    let bench = Bench::new().await;
    let told = Told::listen("trace");
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(400, json!({"message": "Jana Nováková s3cret"})), 100);
    ready(&bench).await;
    bench.pass(seconds(800)).await;
    bench.world.heal();
    bench.world.document("9002", "2026-2", None, "1.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let metrics = told.metrics();
    assert!(metrics.len() > 3);
    for line in &metrics {
        let mut line = line.clone();
        line.as_object_mut().unwrap().remove("_aws");
        for id in ["default", "shop", "100", "9001", "9002", "2026-1", "exp_", "event-"] {
            let text = |value: &Value| value.as_str().is_some_and(|text| text.contains(id));
            assert!(!line.as_object().unwrap().values().any(text), "{id} in {line}");
        }
    }
    for line in told.lines() {
        assert!(!line.to_string().contains("Nováková") && !line.to_string().contains("s3cret"), "{line}");
    }
}
