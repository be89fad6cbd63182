//! Targets that refuse, break, are down, or do what was asked and do not say so.

use crate::stage::{Options, SOON, Stage, books, eventually, market, parcels, shop};
use serde_json::{Value, json};
use std::time::Duration;

/// What was in doubt is read back after 10 s, and three attempts may each be in doubt.
const SETTLED: Duration = Duration::from_secs(120);

fn seconds(log: &Value, n: usize) -> f64 {
    let text = log[n]["at"].as_str().unwrap();
    let of = |range: std::ops::Range<usize>| text[range].parse::<f64>().unwrap();
    let fraction = text[19..].trim_end_matches('Z');
    let fraction: f64 = if fraction.is_empty() { 0.0 } else { format!("0{fraction}").parse().unwrap() };
    (of(8..10) * 24.0 + of(11..13)) * 3600.0 + of(14..16) * 60.0 + of(17..19) + fraction
}

#[test]
fn a_target_that_never_takes_it_has_three_attempts_and_then_a_dead_letter_that_says_why() {
    let options = Options { retry_delays: "0s,2s,4s", ..Options::default() };
    let stage = Stage::with_options(options, &[books(), market(), shop()]);
    let inside = json!({"errors_count": 1, "order_documents": [{"input": {"order_document": {}},
        "errors": [{"field": "type", "message": "This document type is locked"}]}]});
    for (order, status, body) in [
        ("MKP-500", 500, json!({"message": "Deadlock found, call the operator"})),
        ("MKP-400", 400, json!({"status": 400, "message": "The shop is not allowed to do this"})),
        ("MKP-200", 200, inside),
    ] {
        let regex = format!("^POST .*{order}.*documents");
        stage.fault(json!({"vendor": "mirakl", "regex": regex, "kind": "answer", "status": status, "body": body}));
        let order = stage.order(json!({"reference": order, "parcels": []}));
        stage.tell_document(&order["document"]["id"]);
    }
    for (order, code, words) in [
        ("MKP-400", "vendor_refused", "The shop is not allowed to do this"),
        ("MKP-200", "error_inside_success", "This document type is locked"),
        ("MKP-500", "vendor_error", "Deadlock found, call the operator"),
    ] {
        let dead = stage.wait_export(&format!("order={order}"), &["dead"], SETTLED);
        let log = &dead["attempt_log"];
        assert_eq!((&dead["attempts"], log.as_array().unwrap().len()), (&json!(3), 3), "{dead:#}");
        assert_eq!(dead["code"], code, "{dead:#}");
        assert!(dead["next_step"].as_str().is_some_and(|step| !step.is_empty()), "{dead:#}");
        for attempt in log.as_array().unwrap() {
            assert_eq!((&attempt["step"], &attempt["code"]), (&json!("send"), &json!(code)), "{dead:#}");
            assert_eq!(attempt["status"].to_string(), order[4..], "{dead:#}");
            assert!(attempt["message"].as_str().is_some_and(|said| said.contains(words)), "{dead:#}");
        }
        // 2 s and 4 s, a fifth more or less; the doubt of a 500 may take longer, a busy machine too.
        let (second, third) = (seconds(log, 1) - seconds(log, 0), seconds(log, 2) - seconds(log, 1));
        let most = if order == "MKP-500" { 40.0 } else { 20.0 };
        assert!((1.5..most).contains(&second) && (3.1..most).contains(&third), "{second} {third}: {log:#}");
    }
    assert_eq!(stage.effect_count(""), 0);

    stage.heal();
    let job = |dry: bool| {
        let filter = json!({"filter": {"connection": "market"}, "dry_run": dry, "note": "the operator has healed it"});
        let started = stage.post("/dead-letters/redrive", filter, 202);
        eventually("the job ends", SOON, || {
            let job = stage.get(&format!("/jobs/{}", started["id"].as_str().unwrap()));
            (job["state"] == "done").then_some(job)
        })
    };
    let dry = job(true);
    assert_eq!((&dry["matched"], &dry["redriven"]), (&json!(3), &json!(0)), "{dry}");
    assert_eq!(stage.states()["dead"], 3);
    assert_eq!(job(false)["redriven"], 3);
    stage.wait_states("delivered", 3, SETTLED);
    for order in ["MKP-500", "MKP-400", "MKP-200"] {
        assert_eq!(stage.effect_count(&format!("order={order}")), 1, "{order}");
    }
}

/// Full and partial invoices, uploads and shipments, each first call of a kind with this fault.
fn one_effect_in_the_end(kind: &str) {
    let stage = Stage::with(&[books(), parcels(), shop(), market()]);
    for (vendor, regex, n) in [
        ("mirakl", "OR74", 2),
        ("mirakl", "OR23", 1),
        ("mirakl", "OR24", 1),
        ("magento", "^POST .*/invoice", 2),
        ("magento", "^POST .*/ship", 1),
    ] {
        stage.fault(json!({"vendor": vendor, "regex": regex, "kind": kind, "n": n, "seconds": 2}));
    }
    let line = |sku: &str| json!({"sku": sku, "quantity": 1, "price": "121.00", "vat_rate": 21});
    let part = |sku: &str| json!({"lines": [{"sku": sku, "quantity": 1, "price": "121.00"}]});
    for (channel, whole, parts) in [("mirakl", "MKP-1", "MKP-2"), ("magento", "000000001", "000000002")] {
        stage.order(json!({"channel": channel, "reference": whole,
            "parcels": [{"tracking_number": format!("T-{whole}"), "carrier": "dpd"}]}));
        stage.order(json!({"channel": channel, "reference": parts, "lines": [line("A-1"), line("B-2")],
            "document": null, "documents": [part("A-1"), part("B-2")], "parcels": []}));
    }
    stage.wait_states("delivered", 8, SETTLED);
    let faults = stage.vendor("GET", "/_sandbox/faults", Value::Null);
    assert!(!faults.to_string().contains("\"hits\":0"), "a fault never struck: {faults}");
    for (filter, wanted) in [
        ("vendor=mirakl&kind=documents", 3),
        ("vendor=mirakl&kind=tracking", 1),
        ("vendor=magento&kind=invoices", 3),
        ("vendor=magento&kind=shipments", 1),
        ("vendor=magento&kind=tracks", 1),
    ] {
        assert_eq!(stage.effect_count(filter), wanted, "{filter}: {}", stage.effects(filter));
    }
}

#[test]
fn a_target_that_does_it_and_drops_the_connection_has_done_it_once() {
    one_effect_in_the_end("drop_after");
}

#[test]
fn a_target_that_does_it_late_has_done_it_once() {
    one_effect_in_the_end("late_effect");
}
