//! What cannot be carried: visible as a record, copied to the dead-letter queue with what a person wants to see, and put
//! back to work by the API.

use crate::merchant::Merchant;
use crate::stack::{PEACE, SOON, Stack, eventually};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// Receives after which the queue itself gives up, as the template says.
const RECEIVES_MAX: usize = 20;

/// The attributes of an export's copy, if it lies in the dead-letter queue and nobody looks at it just now.
fn copy(stack: &Stack, export: &Value) -> Option<BTreeMap<String, String>> {
    let attributes = |message: &Value| -> BTreeMap<String, String> {
        let all = message["MessageAttributes"].as_object().cloned().unwrap_or_default();
        all.iter().map(|(name, value)| (name.clone(), value["StringValue"].as_str().unwrap().to_owned())).collect()
    };
    let all = stack.receive("dead_letter_url", 0);
    all.iter().map(attributes).find(|attributes| attributes.get("export").map(String::as_str) == export["id"].as_str())
}

fn dead_letters(merchant: &Merchant) -> u64 {
    merchant.get("/overview")["queue"]["dead_letters"].as_u64().unwrap()
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn three_failures_are_a_dead_letter_that_a_person_reads_and_puts_back_to_work() {
    let merchant = Merchant::with(5, &["books", "market"]);
    let _peace = PEACE.read();
    let refusal = json!({"status": 400, "message": "The shop is not allowed to do this"});
    let fault = merchant
        .fault("mirakl", json!({"regex": "^POST .*documents", "kind": "answer", "status": 400, "body": refusal}));
    let order = merchant.order(json!({"reference": "MKP-1", "parcels": []}));
    merchant.tell_document(&order["document"]["id"], 1);
    let dead = merchant.wait_export("order=MKP-1", "dead", SOON);
    let log = dead["attempt_log"].as_array().unwrap();
    assert_eq!((&dead["attempts"], log.len(), &dead["code"]), (&json!(3), 3, &json!("vendor_refused")), "{dead:#}");

    let seen = eventually("its copy lies in the dead-letter queue", SOON, || copy(merchant.stack, &dead));
    for (name, wanted) in [
        ("kind", "dead_copy"),
        ("version", "1"),
        ("attempts", "3"),
        ("connection", merchant.id("market").as_str()),
        ("source", merchant.id("books").as_str()),
        ("operation", "send_invoice"),
        ("code", "vendor_refused"),
        ("order", "MKP-1"),
        ("document", order["document"]["number"].as_str().unwrap()),
    ] {
        assert_eq!(seen.get(name).map(String::as_str), Some(wanted), "{name}: {seen:?}");
    }
    assert!(dead_letters(&merchant) >= 1);
    // The sweep empties that queue of what records carry on; a dead export's copy stays.
    eventually("a pass of the sweep", SOON, || merchant.stack.sweep().then_some(()));
    eventually("its copy still lies there", SOON, || copy(merchant.stack, &dead));

    merchant.heal(&fault);
    let redrive = |dry: bool| {
        let filter = json!({"connection": merchant.id("market"), "code": "vendor_refused"});
        let wish = json!({"filter": filter, "dry_run": dry, "note": "the operator has healed it"});
        merchant.done(&merchant.post("/dead-letters/redrive", wish))
    };
    let dry = redrive(true);
    assert_eq!((&dry["matched"], &dry["redriven"]), (&json!(1), &json!(0)), "{dry}");
    assert_eq!(merchant.exports("order=MKP-1")[0]["state"], "dead");
    assert_eq!(redrive(false)["redriven"], 1);
    let delivered = merchant.wait_export("order=MKP-1", "delivered", SOON);
    assert_eq!((&delivered["id"], &delivered["attempts"]), (&dead["id"], &json!(0)), "a redrive counts anew");
    assert_eq!(merchant.effects("mirakl", "").len(), 1);
    eventually("its copy is gone", SOON, || copy(merchant.stack, &dead).is_none().then_some(()));
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn what_cannot_be_read_becomes_a_dead_record_that_can_be_seen() {
    let merchant = Merchant::with(6, &["books"]);
    let _peace = PEACE.read();
    merchant.stack.send("queue_url", &merchant.id("books"), "{ this is nothing of ours");
    let dead = merchant.wait_export("state=dead", "dead", SOON);
    assert_eq!((&dead["operation"], &dead["code"]), (&json!("look"), &json!("crashed")), "{dead:#}");
    eventually("its copy lies in the dead-letter queue", SOON, || copy(merchant.stack, &dead));
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn what_the_queue_gave_up_is_drained_into_a_dead_record() {
    let merchant = Merchant::with(15, &["books"]);
    let alone = PEACE.write().unwrap_or_else(PoisonError::into_inner);
    let stack = merchant.stack;
    let halted = stack.halt();
    let books = merchant.id("books");
    let event = json!({"type": "SourceEventV1", "event": "ev_given_up", "tenant": merchant.tenant, "source": books,
        "hint": {"subject": {"kind": "invoice", "id": "4711"}, "hints": {}}, "cause": "webhook", "at": "2026-01-01T00:00:00Z"});
    let sent = [stack.send("queue_url", &books, &event.to_string()), stack.send("queue_url", &books, "{ unreadable")];
    let mut counts = BTreeMap::new();
    eventually("the queue gives both up", SOON, || {
        for message in stack.receive("queue_url", 0) {
            *counts.entry(message["MessageId"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        let gone = |id: &String| counts.get(id).is_some_and(|count| *count >= RECEIVES_MAX);
        sent.iter().all(gone).then_some(())
    });
    // The receive that is one too many moves them.
    stack.receive("queue_url", 0);
    drop(halted);
    drop(alone);
    let _peace = PEACE.read();
    assert!(sent.iter().all(|id| counts[id] == RECEIVES_MAX), "the queue and the template disagree: {counts:?}");
    let dead = eventually("both are dead records", SOON, || {
        stack.sweep();
        let dead = merchant.exports("state=dead");
        (dead.len() == 2).then_some(dead)
    });
    for export in &dead {
        assert_eq!((&export["operation"], &export["code"]), (&json!("look"), &json!("crashed")), "{dead:#?}");
        eventually("its copy lies in the dead-letter queue", SOON, || copy(stack, export));
    }
    assert!(dead.iter().any(|export| export["subject"]["id"] == "4711"), "{dead:#?}");
}
