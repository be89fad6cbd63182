//! The sweep in full: what no webhook told of is found by polling, and a webhook that is off is noticed.

use crate::notices::{Receiver, wants};
use crate::stage::{SOON, Stage, books, eventually, market, parcels, shop};
use serde_json::{Value, json};

#[test]
fn a_lost_webhook_costs_a_delay_and_never_a_document() {
    let stage = Stage::with(&[books(), parcels(), shop(), market()]);
    let order = stage.order(json!({"reference": "MKP-L1", "parcels": [{}]}));
    stage.wait_export("order=MKP-L1&operation=send_invoice", &["delivered"], SOON);
    // The webhook that was lost comes after all, and its repetitions.
    for _ in 0..3 {
        assert_eq!(stage.tell_document(&order["document"]["id"]), 202);
    }
    stage.wait_states("delivered", stage.states()["delivered"].as_u64().unwrap(), SOON);
    assert_eq!(stage.effect_count("kind=documents&order=MKP-L1"), 1);
}

#[test]
fn a_source_that_was_down_is_caught_up_with() {
    let stage = Stage::with(&[books(), market()]);
    // Down for as long as it takes three documents to be made; their webhooks never come.
    stage.fault(json!({"vendor": "fakturoid", "match": "", "kind": "down", "n": 100_000}));
    for n in 0..3 {
        stage.order(json!({"reference": format!("MKP-D{n}")}));
    }
    eventually("a poll has met the outage", SOON, || {
        let shown = stage.get("/connections/books");
        (shown["last_error"]["code"].is_string()).then_some(())
    });
    stage.heal();
    for n in 0..3 {
        stage.wait_export(&format!("order=MKP-D{n}&operation=send_invoice"), &["delivered"], SOON);
        assert_eq!(stage.effect_count(&format!("kind=documents&order=MKP-D{n}")), 1);
    }
    assert_eq!(stage.states()["dead"], 0);
}

/// How often the program says in its log that it registered the webhook.
fn registered(stage: &Stage) -> usize {
    std::fs::read_to_string(stage.log_file()).unwrap().matches("webhook.registered").count()
}

#[test]
fn a_webhook_that_was_switched_off_is_registered_anew_where_that_is_wanted() {
    let stage = Stage::with(&[books().setting("manage_webhook", json!("yes")), market()]);
    let check = stage.get("/connections/books")["check"].clone();
    let step = check["steps"].as_array().unwrap().iter().find(|step| step["name"] == "webhook").unwrap().clone();
    assert_eq!((&step["ok"], &step["message"]), (&json!(true), &json!("it was registered just now")));
    assert_eq!(registered(&stage), 0, "the sweep finds it there");
    stage.vendor("PATCH", "/_sandbox/vendors/fakturoid", json!({"webhooks_off": true}));
    eventually("it is registered anew", SOON, || (registered(&stage) == 1).then_some(()));
    stage.order(json!({"reference": "MKP-W1"}));
    stage.wait_export("order=MKP-W1&operation=send_invoice", &["delivered"], SOON);
    assert_eq!(registered(&stage), 1, "once");
}

#[test]
fn a_webhook_is_registered_anew_once_its_secret_was_replaced() {
    let stage = Stage::with(&[books().setting("manage_webhook", json!("yes")), market()]);
    let given = json!({"secrets": {"webhook_authorization": "Bearer another-word-of-the-books"}});
    assert_eq!(stage.post("/connections/books/secrets", given, 200)["outcome"], "replaced");
    assert_eq!(registered(&stage), 1, "at once");
    let check = stage.post("/connections/books/check", json!({}), 200);
    let step = check["steps"].as_array().unwrap().iter().find(|step| step["name"] == "webhook").unwrap();
    assert_eq!(step["message"], Value::Null, "the one there is has the new word: {check}");
    assert_eq!(registered(&stage), 1);
}

#[test]
fn a_webhook_that_is_off_or_never_arrives_is_told_of() {
    let stage = Stage::with(&[books().setting("manage_webhook", json!("yes")), market()]);
    let receiver = Receiver::refusing(0);
    wants(&stage, &receiver);
    // From now on only told of.
    assert_eq!(stage.put(&books().setting("poll_every", json!("2s"))).status, 200);
    stage.vendor("PATCH", "/_sandbox/vendors/fakturoid", json!({"webhooks_off": true}));
    let told = eventually("it is told", SOON, || receiver.taken("source.webhook").pop());
    assert_eq!(
        (&told.body["data"]["connection"], &told.body["data"]["code"]),
        (&json!("books"), &json!("webhook_off"))
    );
    assert_eq!(stage.get("/connections/books")["last_error"]["code"], "webhook_off");
    assert_eq!(registered(&stage), 0);

    // Nobody may ask any more, and no webhook comes: silence tells.
    stage.vendor("PATCH", "/_sandbox/vendors/fakturoid", json!({"manages_webhooks": false}));
    for n in 0..20 {
        stage.order(json!({"reference": format!("MKP-S{n}")}));
        stage.wait_export(&format!("order=MKP-S{n}&operation=send_invoice"), &["delivered"], SOON);
        if receiver.taken("source.webhook").len() > 1 {
            break;
        }
    }
    let codes: Vec<_> = receiver.taken("source.webhook").iter().map(|one| one.body["data"]["code"].clone()).collect();
    assert_eq!(codes, [json!("webhook_off"), json!("webhook_silent")]);
}
