//! Books that send no webhooks: what their polls find arrives once, like everything else.

use crate::stage::{SOON, Stage, Wish, books, eventually, market, shop};
use serde_json::{Value, json};
use std::time::Duration;

/// Moments at which the program is killed.
const KILLS: usize = 8;
const PER_KILL: usize = 6;
const IN_THE_END: Duration = Duration::from_secs(120);

/// The accounting of these tests.
fn silent() -> Wish {
    books().of("superfaktura")
}

fn orders(first: usize, count: usize) -> Value {
    let order = |n: usize| {
        let (channel, reference) =
            if n.is_multiple_of(2) { ("mirakl", format!("MKP-{n}")) } else { ("magento", format!("{n:09}")) };
        json!({"channel": channel, "reference": reference, "books": "superfaktura", "parcels": []})
    };
    json!({"orders": (first..first + count).map(order).collect::<Vec<_>>()})
}

fn change(stage: &Stage, document: &Value, mut change: Value) {
    change["vendor"] = "superfaktura".into();
    stage.vendor("PATCH", &format!("/_sandbox/documents/{}", document.as_str().unwrap()), change);
}

/// Waits for so many more lists.
fn polls(stage: &Stage, more: u64) {
    let calls = stage.vendor("GET", "/_sandbox/calls", Value::Null);
    let wanted = calls["vendors"]["superfaktura"]["index"].as_u64().unwrap_or(0) + more;
    let path = format!("/_sandbox/wait?vendor=superfaktura&route=index&calls={wanted}&timeout=60");
    assert_eq!(stage.vendor("GET", &path, Value::Null)["reached"], true);
}

#[test]
fn what_a_poll_finds_reaches_the_shop_and_the_marketplace() {
    let stage = Stage::with(&[silent(), shop(), market()]);
    let made = stage.order(orders(1, 2));
    let (in_shop, sold) = (&made["orders"][0], &made["orders"][1]);
    assert_eq!(sold["document"]["vendor"], "superfaktura");
    let upload = stage.wait_export("order=MKP-2", &["delivered"], SOON);
    let there = stage.vendor("GET", "/_sandbox/uploads/mirakl/MKP-2", Value::Null)["uploads"].clone();
    assert_eq!(there.as_array().unwrap().len(), 1);
    assert_eq!(there[0]["sha256"], sold["document"]["pdf_sha256"], "the bytes changed on the way");
    assert_eq!(upload["receipt"]["remote_id"], there[0]["id"], "{upload}");
    let export = stage.wait_export("order=000000001", &["delivered"], SOON);
    assert_eq!(export["subject"]["id"], in_shop["document"]["id"]);
    assert_eq!((&export["attempts"], &export["duplicates"]), (&json!(0), &json!(0)), "{export}");
    assert_eq!(stage.effect_count(""), 2);
}

#[test]
fn the_same_invoice_by_many_polls_and_by_hand_goes_out_once() {
    let stage = Stage::with(&[silent(), market()]);
    let made = stage.order(orders(2, 1));
    let document = &made["orders"][0]["document"]["id"];
    let export = stage.wait_export("order=MKP-2", &["delivered"], SOON);
    // It is listed again and again, all day long; a change of nothing that is sent is a new line of the list.
    polls(&stage, 3);
    change(&stage, document, json!({"status": "paid"}));
    polls(&stage, 4);
    let by_hand = stage.post("/exports", json!({"source": "books", "document": document}), 202);
    assert_eq!(by_hand["id"], export["id"]);
    let number = &made["orders"][0]["document"]["number"];
    stage.post("/exports", json!({"source": "books", "document": number}), 202);
    let export = eventually("both are counted", SOON, || {
        let exports = stage.exports("order=MKP-2");
        assert_eq!(exports.len(), 1, "{exports:?}");
        (exports[0]["duplicates"] == 2).then(|| exports[0].clone())
    });
    assert_eq!((&export["state"], &export["revision"]), (&json!("delivered"), &json!(1)));
    assert_eq!(stage.effect_count(""), 1);
}

#[test]
fn a_credit_note_comes_after_its_invoice() {
    let switches = json!({"send_invoice": true, "send_credit_note": true});
    let stage = Stage::with(&[silent(), Wish { switches, ..market() }]);
    // The invoice's file is refused once, so that its credit note is the first that could go.
    stage.fault(json!({"vendor": "superfaktura", "match": "pdf", "kind": "answer", "status": 404, "n": 1}));
    let wish = json!({"reference": "MKP-1", "books": "superfaktura", "parcels": [],
                      "document": {"number": "F1"}, "documents": [{"type": "cancel", "number": "D1"}]});
    stage.order(wish);
    stage.wait_export("order=MKP-1&operation=send_credit_note", &["delivered"], SOON);
    let invoice = stage.wait_export("order=MKP-1&operation=send_invoice", &["delivered"], SOON);
    assert_eq!(invoice["attempts"], 1, "{invoice}");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), 2);
    let effects = stage.effects("vendor=mirakl")["effects"].clone();
    let keys: Vec<&str> = effects.as_array().unwrap().iter().map(|effect| effect["key"].as_str().unwrap()).collect();
    assert!(keys[0].contains("F1") && keys[1].contains("D1"), "{keys:?}");
}

#[test]
fn what_was_issued_while_the_source_was_down_is_found_and_goes_out_once() {
    let stage = Stage::with(&[silent(), shop(), market()]);
    stage.order(orders(1, 2));
    stage.wait_states("delivered", 2, SOON);
    stage.fault(json!({"vendor": "superfaktura", "match": "", "kind": "down"}));
    let made = stage.order(orders(3, 20));
    // Changed before anybody has seen it.
    change(&stage, &made["orders"][0]["document"]["id"], json!({"status": "sent"}));
    polls(&stage, 3);
    assert_eq!(stage.states()["delivered"], 2);
    stage.heal();
    stage.wait_states("delivered", 22, SOON);
    assert_eq!(stage.effect_count(""), 22);
    let states = stage.states();
    assert_eq!((&states["dead"], &states["retrying"], &states["held"]), (&json!(0), &json!(0), &json!(0)), "{states}");
}

#[test]
fn a_late_change_is_found_and_replaces_what_went_out() {
    let stage = Stage::with(&[silent(), market()]);
    let made = stage.order(orders(2, 1));
    let document = &made["orders"][0]["document"];
    stage.wait_export("order=MKP-2", &["delivered"], SOON);
    change(&stage, &document["id"], json!({"lines": [{"sku": "SKU-1", "quantity": 1, "price": "1089.00"}]}));
    eventually("the second revision arrives", SOON, || {
        let exports = stage.exports("order=MKP-2");
        assert_eq!(exports.len(), 1, "{exports:?}");
        (exports[0]["state"] == "delivered" && exports[0]["revision"] == 2).then_some(())
    });
    polls(&stage, 2);
    let there = stage.vendor("GET", "/_sandbox/uploads/mirakl/MKP-2", Value::Null)["uploads"].clone();
    let now = format!("/_sandbox/documents/{}?vendor=superfaktura", document["id"].as_str().unwrap());
    assert_eq!(there.as_array().unwrap().len(), 1, "{there}");
    assert_eq!(there[0]["sha256"], stage.vendor("GET", &now, Value::Null)["pdf_sha256"]);
    let effects = stage.effects("vendor=mirakl")["vendors"]["mirakl"].clone();
    assert_eq!((&effects["documents"], &effects["document_deletions"]), (&json!(2), &json!(1)), "{effects}");
}

#[test]
fn whatever_moment_it_is_killed_at_what_polls_find_arrives_once() {
    let stage = Stage::with(&[silent(), shop(), market()]);
    for round in 0..KILLS {
        // At a list, a look, a PDF, a read-back; before and after an effect at either target.
        let point = match round {
            0 => json!({"vendor": "superfaktura", "match": " index", "when": "after"}),
            1 => json!({"vendor": "superfaktura", "match": " details", "when": "after"}),
            2 => json!({"vendor": "superfaktura", "match": " pdf", "when": "before"}),
            3 => json!({"vendor": "mirakl", "match": "GET ", "when": "before", "skip": 1}),
            4 => json!({"vendor": "mirakl", "match": "POST ", "when": "before", "skip": 1}),
            5 => json!({"vendor": "mirakl", "match": "POST ", "when": "after", "skip": 2}),
            6 => json!({"vendor": "magento", "match": "POST ", "when": "before", "skip": 1}),
            _ => json!({"vendor": "magento", "match": "POST ", "when": "after"}),
        };
        let mut fault = point.clone();
        (fault["kind"], fault["n"]) = ("pause".into(), 1.into());
        stage.order(orders(1 + round * PER_KILL, PER_KILL));
        stage.fault(fault);
        let seen = stage.vendor("GET", "/_sandbox/wait?paused=1&timeout=60", Value::Null);
        assert_eq!(seen["reached"], true, "never got to {point}: {}", stage.states());
        stage.kill();
        stage.heal();
        stage.start();
    }
    let all = u64::try_from(KILLS * PER_KILL).unwrap();
    stage.wait_states("delivered", all, IN_THE_END);
    let effects = stage.effects("list=false");
    assert_eq!((&effects["duplicates"], &effects["total"]), (&json!([]), &json!(all)), "{effects}");
    let states = stage.states();
    assert_eq!((&states["dead"], &states["expired"], &states["uncertain"]), (&json!(0), &json!(0), &json!(0)));
}
