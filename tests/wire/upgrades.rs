//! Versions of this program that work on the same table and queue: what a newer one wrote is left to it, what an older
//! one wrote is read.

use crate::merchant::Merchant;
use crate::stack::{PEACE, SOON, eventually};
use serde_json::{Value, json};
use std::sync::PoisonError;

/// Changes attributes of an order's one record: `SET v = :v` and its values.
#[expect(clippy::needless_pass_by_value, reason = "callers write the values where they call")]
fn change(merchant: &Merchant, order: &str, expression: &str, names: Value, values: Value) {
    let record = &merchant.records(order)[0];
    let mut wish = json!({"TableName": merchant.stack.told("table"), "UpdateExpression": expression,
        "Key": {"pk": record["pk"], "sk": record["sk"]}, "ExpressionAttributeNames": names});
    if !values.is_null() {
        wish["ExpressionAttributeValues"] = values;
    }
    merchant.stack.aws("DynamoDB_20120810.UpdateItem", wish);
}

/// The messages of this merchant's that are in the queue, looked at without receiving them.
fn waiting(merchant: &Merchant) -> Vec<Value> {
    let own = |message: &Value| {
        let group = message["MessageGroupId"].as_str().unwrap_or_default();
        [merchant.id("books"), merchant.id("market")].iter().any(|id| id == group)
    };
    merchant.stack.peek("queue_url").into_iter().filter(own).collect()
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn versions_beside_each_other_do_the_safe_thing() {
    let merchant = Merchant::with(24, &["books", "market"]);
    let _alone = PEACE.write().unwrap_or_else(PoisonError::into_inner);
    merchant.fault("fakturoid", json!({"match": "/invoices.json", "kind": "answer", "status": 400}));
    records_of_other_versions(&merchant);
    messages_of_older_versions(&merchant);
}

fn records_of_other_versions(merchant: &Merchant) {
    let stack = merchant.stack;
    let order = merchant.order(json!({"reference": "MKP-1", "parcels": []}));
    let document = &order["document"]["id"];
    merchant.tell_document(document, 1);
    let delivered = merchant.wait_export("order=MKP-1", "delivered", SOON);

    // A record of a later form: not changed, and the message that asks for it comes again.
    change(merchant, "MKP-1", "SET #v = :v", json!({"#v": "v"}), json!({":v": {"N": "2"}}));
    let later = merchant.records("MKP-1");
    merchant.tell_document(document, 1);
    let unknown = json!({"type": "SourceEventV2", "event": {"id": "e1"}, "tenant": 7}).to_string();
    let unknown = stack.send("queue_url", &merchant.id("books"), &unknown);
    // Received a second time, it has come again.
    let both = eventually("both messages come again", SOON, || {
        let found = waiting(merchant);
        let again = found.iter().filter(|message| message["ReceiveCount"].as_u64() >= Some(2)).count();
        (found.len() == 2 && again == 2).then_some(found)
    });
    assert_eq!(merchant.records("MKP-1"), later, "a record of a later form was changed");
    assert!(both.iter().any(|message| message["MessageId"] == unknown.as_str()), "{both:#?}");
    // The newer program is rolled back, and the record's form with it; the message then counts as a duplicate. Of a
    // record that an older version wrote most is missing.
    let record = &later[0];
    let body: Value = serde_json::from_str(record["b"]["S"].as_str().unwrap()).unwrap();
    let old = json!({"created_at": body["created_at"], "receipt": body["receipt"], "revision": body["revision"], "order": body["order"]});
    change(
        merchant,
        "MKP-1",
        "SET #b = :b REMOVE #v, #s",
        json!({"#v": "v", "#b": "b", "#s": "s"}),
        json!({":b": {"S": old.to_string()}}),
    );
    let read = eventually("the duplicate is counted", SOON, || {
        let export = merchant.get(&format!("/exports/{}", delivered["id"].as_str().unwrap()));
        (export["duplicates"] == 1).then_some(export)
    });
    assert_eq!((&read["state"], &read["receipt"]), (&json!("delivered"), &delivered["receipt"]));
    assert_eq!(merchant.effects("mirakl", "").len(), 1);
    let left = waiting(merchant);
    assert!(left.len() == 1 && left[0]["MessageId"] == unknown.as_str(), "an unknown kind did not stay: {left:#?}");
}

/// An answer that is lost after the effect, settled by a message that says less than ours do.
fn messages_of_older_versions(merchant: &Merchant) {
    let stack = merchant.stack;
    merchant.fault("mirakl", json!({"match": "OR74", "kind": "drop_after", "n": 1}));
    let order = merchant.order(json!({"reference": "MKP-2", "parcels": []}));
    merchant.tell_document(&order["document"]["id"], 1);
    // In doubt, it waits ten seconds for its first look.
    let doubtful = merchant.wait_export("order=MKP-2", "retrying", SOON);
    assert_eq!((&doubtful["in_doubt"], merchant.effects("mirakl", "order=MKP-2").len()), (&json!(true), 1));
    let halted = stack.halt();
    let message = eventually("its message", SOON, || {
        let is = |message: &Value| message["Body"].as_str().unwrap().contains("ExportDueV1");
        stack.receive("queue_url", 30).into_iter().find(is)
    });
    let mut body: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
    assert!(body["trace"].is_string(), "{body}");
    body.as_object_mut().unwrap().retain(|name, _| name != "trace" && name != "alone");
    stack.send("queue_url", &merchant.id("market"), &body.to_string());
    stack.remove("queue_url", &message);
    drop(halted);
    let delivered = merchant.wait_export("order=MKP-2", "delivered", SOON);
    assert_eq!((&delivered["id"], &delivered["in_doubt"]), (&doubtful["id"], &json!(false)));
    assert_eq!(merchant.effects("mirakl", "order=MKP-2").len(), 1);
}
