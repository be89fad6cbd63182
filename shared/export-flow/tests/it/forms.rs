//! A connection as a person gives it: every fault is named by its field, once, and nothing else is.

use crate::desk::{bench, ledgers, put, till, with};
use domain::ConnectionState;
use export_flow::refused::Refused;
use serde_json::{Value, json};

/// The fields that are wrong with it; none: it was written.
async fn wrong(body: Value) -> Vec<String> {
    match put(&bench(), "desk", &body).await {
        Ok(_) => vec![],
        Err(Refused::Fields(errors)) => errors.into_iter().map(|error| error.field).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

fn of_length(length: usize) -> Value {
    json!("x".repeat(length))
}

#[tokio::test]
async fn what_is_given_as_it_should_be_is_written() {
    for body in [
        till(),
        with(till(), "settings/note", of_length(8_000)),
        with(till(), "settings/note", Value::Null),
        with(till(), "secrets/key", of_length(8_000)),
        with(till(), "label", of_length(200)),
        with(till(), "state", json!("disabled")),
        with(till(), "switches/send_tracking", json!(false)),
        with(with(till(), "switches/send_invoice", json!(true)), "rules/invoice_when", json!("issued")),
        ledgers(),
        with(ledgers(), "settings/order_reference", json!({"field": "order_number"})),
        with(ledgers(), "rules/carry_when", json!({"tags": ["shop"]})),
    ] {
        assert_eq!(wrong(body.clone()).await, [""; 0], "{body}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_once() {
    for (body, field) in [
        (json!("till"), "body"),
        (with(till(), "colour", json!("red")), "colour"),
        (with(till(), "role", json!("pirate")), "role"),
        (with(till(), "role", json!("courier")), "role"),
        (with(till(), "role", Value::Null), "role"),
        (with(till(), "connector", json!("nobody")), "connector"),
        (with(till(), "connector", json!(1)), "connector"),
        (with(till(), "connector", Value::Null), "connector"),
        (with(till(), "label", of_length(201)), "label"),
        (with(till(), "label", json!(1)), "label"),
        (with(till(), "state", json!("active")), "state"),
        (with(till(), "settings/base_url", Value::Null), "settings.base_url"),
        (with(till(), "settings/base_url", json!([])), "settings.base_url"),
        (with(till(), "settings/base_url", json!("nowhere")), "settings.base_url"),
        (with(till(), "settings/region", Value::Null), "settings.region"),
        (with(till(), "settings/region", json!([])), "settings.region"),
        (with(till(), "settings/region", json!("")), "settings.region"),
        (with(till(), "settings/region", json!("moon")), "settings.region"),
        (with(till(), "settings/note", of_length(8_001)), "settings.note"),
        (with(till(), "settings/note", json!("two\nlines")), "settings.note"),
        (with(till(), "settings/size", json!("large")), "settings.size"),
        (with(till(), "settings/key", json!("k-1")), "settings.key"),
        (with(till(), "settings/order_reference", json!({})), "settings.order_reference"),
        (with(till(), "secrets", json!({})), "secrets.key"),
        (with(till(), "secrets/key", Value::Null), "secrets.key"),
        (with(till(), "secrets/key", json!(" ")), "secrets.key"),
        (with(till(), "secrets/key", json!(1)), "secrets.key"),
        (with(till(), "secrets/key", of_length(8_001)), "secrets.key"),
        (with(till(), "secrets/token", json!("t")), "secrets.token"),
        (with(till(), "switches/fly", json!(true)), "switches.fly"),
        (with(till(), "switches/send_invoice", json!("yes")), "switches.send_invoice"),
        (with(till(), "switches/send_tracking", json!(true)), "switches.send_tracking"),
        (with(till(), "switches/send_invoice", json!(true)), "rules.invoice_when"),
        (with(till(), "rules", json!("none")), "rules"),
        (with(till(), "rules/invoice_when", json!("someday")), "rules.invoice_when"),
        (with(till(), "rules/order_pattern", json!("(")), "rules.order_pattern"),
        (with(till(), "rules/carry_when", json!({})), "rules.carry_when"),
        (with(till(), "mappings", json!({"colours": {}})), "mappings.colours"),
        (with(ledgers(), "rules/notify_customer", json!(true)), "rules"),
        (with(ledgers(), "rules/carry_when", json!({"order_pattern": "("})), "rules.carry_when.order_pattern"),
    ] {
        assert_eq!(wrong(body.clone()).await, [field], "{body}");
    }
}

#[tokio::test]
async fn a_label_is_trimmed_and_by_default_the_connectors() {
    let bench = bench();
    assert_eq!(put(&bench, "desk", &till()).await.unwrap().connection.label, "till");
    let named = with(till(), "label", json!(" The till "));
    assert_eq!(put(&bench, "desk", &named).await.unwrap().connection.label, "The till");
}

#[tokio::test]
async fn what_is_given_as_disabled_is_checked_and_stays_so() {
    let bench = bench();
    let disabled = put(&bench, "desk", &with(till(), "state", json!("disabled"))).await.unwrap().connection;
    assert_eq!((disabled.state, disabled.check.unwrap().ok), (ConnectionState::Disabled, true));
    assert_eq!(put(&bench, "desk", &till()).await.unwrap().connection.state, ConnectionState::Active);
}

#[tokio::test]
async fn all_that_is_wrong_is_named_at_once() {
    let body = with(with(till(), "settings/base_url", Value::Null), "label", of_length(201));
    assert_eq!(wrong(body).await, ["label", "settings.base_url"]);
}
