//! The whole day of one order at the shop and of one at the marketplace, through a kill.

use crate::stage::{SOON, Stage, Wish, books, market, parcels, shop};
use serde_json::{Value, json};

fn with_credit_notes(wish: Wish) -> Wish {
    let switches = json!({"send_invoice": true, "send_credit_note": true, "send_tracking": true});
    Wish { switches, ..wish }
}

/// Two mugs and three bowls, in two invoices and two parcels, and a mug taken back.
fn sell(stage: &Stage, channel: &str, reference: &str) -> Value {
    let line = |sku: &str, quantity: u32, price: &str| json!({"sku": sku, "quantity": quantity, "price": price});
    stage.order(json!({"channel": channel, "reference": reference,
        "lines": [line("MUG", 2, "121"), line("BOWL", 3, "10")], "document": null,
        "documents": [
            {"lines": [line("MUG", 1, "121")]},
            {"lines": [line("MUG", 1, "121"), line("BOWL", 3, "10")]},
            {"type": "credit_note", "lines": [line("MUG", 1, "121")]}],
        "parcels": [
            {"tracking_number": format!("{reference}-A"), "carrier": "dpd", "items": [{"sku": "MUG", "quantity": 1}]},
            {"tracking_number": format!("{reference}-B"), "carrier": "dpd",
             "items": [{"sku": "MUG", "quantity": 1}, {"sku": "BOWL", "quantity": 3}]}]}))
}

fn tell(stage: &Stage, order: &Value) {
    // The credit note first.
    for document in order["documents"].as_array().unwrap().iter().rev() {
        assert_eq!(stage.tell_document(&document["id"]), 202);
    }
    for parcel in order["parcels"].as_array().unwrap() {
        assert_eq!(stage.tell_parcel(&parcel["tracking_number"]), 202);
    }
}

#[test]
fn two_parcels_two_invoices_and_a_credit_note_arrive_once_through_a_kill() {
    let stage = Stage::with(&[books(), parcels(), with_credit_notes(shop()), with_credit_notes(market())]);
    // Killed when the shop has taken its first invoice, and its answer is on the way.
    let stop = json!({"vendor": "magento", "match": "POST ", "kind": "pause", "when": "after", "n": 1});
    stage.fault(stop);
    let orders = [sell(&stage, "magento", "000000001"), sell(&stage, "mirakl", "MKP-1")];
    orders.iter().for_each(|order| tell(&stage, order));
    let paused = stage.vendor("GET", "/_sandbox/wait?paused=1&timeout=60", Value::Null);
    assert!(!paused.is_null());
    stage.kill();
    stage.heal();
    stage.start();
    orders.iter().for_each(|order| tell(&stage, order));
    stage.wait_states("delivered", 10, SOON * 3);

    let count = |filter: &str| stage.effect_count(filter);
    for (kind, times) in [("invoices", 2), ("comments", 1), ("shipments", 2), ("tracks", 2), ("captures", 0)] {
        assert_eq!(count(&format!("vendor=magento&kind={kind}")), times, "{kind}");
    }
    assert_eq!(count("vendor=magento"), 7, "and nothing else: no credit memo, no money");
    for (kind, times) in [("documents", 3), ("shipments", 2)] {
        assert_eq!(count(&format!("vendor=mirakl&kind={kind}")), times, "{kind}");
    }
    assert_eq!(count("vendor=mirakl"), 5, "and nothing else");
    for ((channel, reference), sold) in [("shop", "000000001"), ("market", "MKP-1")].into_iter().zip(&orders) {
        let exports = stage.exports(&format!("order={reference}"));
        assert_eq!(exports.len(), 5, "{exports:?}");
        // What stands there counts: after a kill its own receipt may be the later one.
        let effects = stage.effects(&format!("order={reference}"))["effects"].as_array().unwrap().clone();
        let place = |document: usize| {
            let number = sold["documents"][document]["number"].as_str().unwrap();
            effects.iter().position(|effect| effect["key"].as_str().is_some_and(|key| key.contains(number))).unwrap()
        };
        assert!(place(0) < place(2), "{channel}: the credit note came before its invoice: {effects:#?}");
        let order = stage.get(&format!("/orders/{channel}/{reference}"));
        assert_eq!((order["findings"].clone(), order["documents"].as_array().unwrap().len()), (json!([]), 3));
    }

    // The second invoice is cancelled in the books: what stands at the channels stays there, and the order says so.
    let cancelled = orders[0]["documents"][1]["id"].as_str().unwrap();
    stage.vendor("PATCH", &format!("/_sandbox/documents/{cancelled}"), json!({"status": "cancelled"}));
    assert_eq!(stage.tell_document(&json!(cancelled)), 202);
    let found = crate::stage::eventually("it is found", SOON, || {
        stage.get("/orders/shop/000000001")["findings"].as_array().unwrap().first().cloned()
    });
    assert_eq!((&found["code"], &found["resolved"]), (&json!("cancelled_after_sending"), &Value::Null));
    let seen = stage.post(&format!("/exports/{}/seen", found["export"].as_str().unwrap()), json!({}), 200);
    assert_eq!(seen["resolved"]["how"], "seen");
    assert_eq!(count("vendor=magento"), 7);
    stage.wait_states("delivered", 10, SOON);
}
