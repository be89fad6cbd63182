//! A worker that is killed in the middle of a batch, and an answer that is lost after the effect.

use crate::merchant::Merchant;
use crate::stack::{PEACE, eventually};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::PoisonError;
use std::time::Duration;

const DOCUMENTS: usize = 12;
/// The template's, longer than six times the function's time; here just longer than a lease, since this test waits it out.
const VISIBILITY: (u32, u32) = (540, 95);
/// The lease, the visibility, and what was in doubt settles.
const IN_THE_END: Duration = Duration::from_secs(300);

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn a_worker_killed_in_the_middle_of_a_batch_loses_nothing_and_doubles_nothing() {
    let merchant = Merchant::with(7, &["books", "market"]);
    let stack = merchant.stack;
    let visibility = |seconds: u32| {
        let wish =
            json!({"QueueUrl": stack.told("queue_url"), "Attributes": {"VisibilityTimeout": seconds.to_string()}});
        stack.aws("AmazonSQS.SetQueueAttributes", wish);
    };
    {
        let _alone = PEACE.write().unwrap_or_else(PoisonError::into_inner);
        visibility(VISIBILITY.1);
        // Held after the effect and before the answer, when a few others have passed.
        let fault =
            merchant.fault("mirakl", json!({"match": "OR74", "kind": "pause", "when": "after", "skip": 2, "n": 2}));
        let orders: Vec<Value> =
            (1..=DOCUMENTS).map(|n| merchant.order(json!({"reference": format!("MKP-{n}"), "parcels": []}))).collect();
        for order in &orders {
            assert_eq!(merchant.tell_document(&order["document"]["id"], 1), [202]);
        }
        let path = format!("/_sandbox/wait?vendor={}&paused=1&timeout=50", merchant.vendor("mirakl"));
        let reached = stack.vendor("GET", &path, Value::Null);
        assert_eq!(reached["reached"], true, "no worker got that far: {reached}");
        let workers = stack.processes("export-worker");
        assert!(!workers.is_empty(), "no worker's process was found");
        for worker in &workers {
            assert!(Command::new("kill").args(["-9", &worker.to_string()]).status().unwrap().success());
        }
        println!("killed {} workers; {} effects were there", workers.len(), merchant.effects("mirakl", "").len());
        merchant.heal(&fault);
        visibility(VISIBILITY.0);
    }
    eventually("all are delivered", IN_THE_END, || (merchant.effects("mirakl", "").len() == DOCUMENTS).then_some(()));
    // Nobody makes AWS misbehave while the API is asked.
    let _peace = PEACE.read();
    for n in 1..=DOCUMENTS {
        let export = merchant.wait_export(&format!("order=MKP-{n}"), "delivered", IN_THE_END);
        assert_eq!(merchant.effects("mirakl", &format!("order=MKP-{n}")).len(), 1, "{export:#}");
    }
}
