//! The sweep: what nobody told of is found, and no two passes run at once.

use crate::merchant::Merchant;
use crate::stack::{PEACE, SOON, Stack, eventually};
use serde_json::{Value, json};
use std::thread::scope;
use std::time::{Duration, Instant};

/// The lease of the sweep's pass, if one runs.
fn lease(stack: &Stack) -> Option<Value> {
    let wish = json!({"TableName": stack.told("table"), "ConsistentRead": true,
                      "Key": {"pk": {"S": "sweep#"}, "sk": {"S": "-"}}});
    stack.aws("DynamoDB_20120810.GetItem", wish).get("Item").cloned()
}

/// How many passes Lambda lets in at once.
fn passes_at_once(stack: &Stack, count: u32) {
    let name = stack.told["functions"]["sweep"].as_str().unwrap();
    let path = format!("/2017-10-31/functions/{name}/concurrency");
    let answer = stack.lambda("PUT", &path, json!({ "ReservedConcurrentExecutions": count }));
    assert!(answer.status < 300, "{} {}", answer.status, answer.text);
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn what_no_webhook_told_of_is_polled_by_one_pass_at_a_time() {
    let merchant = Merchant::with(8, &["books", "market"]);
    let _peace = PEACE.read();
    let stack = merchant.stack;
    let vendor = merchant.vendor("fakturoid");
    let paused = json!({"match": "/invoices.json", "kind": "pause", "when": "before"});
    let fault = merchant.fault("fakturoid", paused);
    merchant.order(json!({"reference": "MKP-1", "parcels": []}));
    // Lambda would not let a second pass in; what must hold then is the lease.
    passes_at_once(stack, 3);
    let run = scope(|scope| {
        // Whoever comes first, this one or the schedule's, is held at the vendor.
        scope.spawn(|| stack.sweep());
        let reached = stack.vendor("GET", &format!("/_sandbox/wait?vendor={vendor}&paused=1&timeout=50"), Value::Null);
        assert_eq!(reached["reached"], true, "no pass polled: {reached}");
        let run = lease(stack).expect("a pass runs without a lease")["ru"].clone();
        let calls = || stack.vendor("GET", "/_sandbox/calls", Value::Null)["vendors"][&vendor].clone();
        let (before, began) = (calls(), Instant::now());
        assert!(stack.sweep(), "the second pass was not let in, so that nothing was proven");
        assert!(began.elapsed() < Duration::from_secs(20), "the second pass did not end at once");
        assert_eq!(calls(), before, "a second pass asked the vendor while the first was running");
        assert_eq!(lease(stack).expect("the lease is gone")["ru"], run, "a second pass took the lease");
        merchant.heal(&fault);
        run
    });
    passes_at_once(stack, 1);
    let found = merchant.wait_export("order=MKP-1", "delivered", SOON);
    assert_eq!(found["duplicates"], 0, "a polled line is no duplicate: {found:#}");
    assert_eq!(merchant.effects("mirakl", "").len(), 1);
    eventually("the lease is given back", SOON, || lease(stack).is_none_or(|now| now["ru"] != run).then_some(()));
}
