//! Dead letters by the many.

use crate::support::Console;
use domain::{Code, ConnectionId, Export, ExportKey, State};
use export_flow::ports::{DeadCopy, Ledger, Queue};
use http::StatusCode;
use serde_json::{Value, json};
use testkit::samples::{self, noon};

async fn bury(console: &Console, count: usize) -> Vec<Export> {
    let mut dead = vec![];
    for n in 0..count {
        let key = ExportKey { target: Some(ConnectionId::new("market")), ..samples::key(&format!("d{n}")) };
        let mut export = Export::new(key, noon());
        export.state = State::Dead;
        export.attempts = 3;
        export.code = Some(if n % 2 == 0 { Code::VendorError } else { Code::VendorRefused });
        console.ledger.put(export.clone());
        console.queue.bury(&DeadCopy { export: export.clone(), at: noon() }).await.unwrap();
        dead.push(export);
    }
    dead
}

async fn finished(console: &Console, job: &Value) -> Value {
    // Only the job's own messages: what it redrives waits for the next pass.
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    for _ in 0..10 {
        let (status, now) = console.get(&path).await;
        assert_eq!(status, StatusCode::OK);
        if now["state"] == "done" {
            return now;
        }
        for incoming in console.queue.receive(1, export_flow::times::VISIBILITY).await.unwrap() {
            let message = incoming.message.unwrap();
            assert_eq!(console.flow.handle(&message, false).await, export_flow::Verdict::Done);
            console.queue.delete(&[incoming.receipt]).await.unwrap();
        }
    }
    panic!("the job does not end");
}

#[tokio::test]
async fn an_empty_filter_is_refused_and_all_must_be_said() {
    let console = Console::new();
    for body in [json!({}), json!({"filter": {}}), json!({"filter": {"ids": []}}), json!({"filter": {"all": false}})] {
        let (status, problem) = console.post("/dead-letters/redrive", &body).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("empty_filter")), "{body}");
    }
    let (status, problem) = console.post("/dead-letters/dismiss", &json!({"filter": {"colour": "red"}})).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")));
    let (status, job) = console.post("/dead-letters/redrive", &json!({"filter": {"all": true}})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!((&job["kind"], &job["state"], &job["found"]), (&json!("redrive"), &json!("running"), &Value::Null));
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    let console = Console::new();
    let dead = bury(&console, 5).await;
    let body = json!({"filter": {"code": "vendor_error"}, "dry_run": true});
    let (_, job) = console.post("/dead-letters/redrive", &body).await;
    let done = finished(&console, &job).await;
    assert_eq!(done["dry_run"], true);
    assert_eq!((&done["found"], &done["matched"], &done["redriven"]), (&json!(5), &json!(3), &json!(0)));
    assert_eq!(done["ids"].as_array().unwrap().len(), 3);
    for export in dead {
        assert_eq!(console.ledger.export(&export.id).await.unwrap().unwrap(), export);
    }
    assert_eq!(console.queue.depth().await.unwrap().dead_letters, 5);
}

#[tokio::test]
async fn redriving_many_resumes_after_a_crash_counts_right_and_pressing_twice_is_safe() {
    let console = Console::new();
    let dead = bury(&console, 120).await;
    let (_, job) = console.post("/dead-letters/redrive", &json!({"filter": {"connection": "market"}})).await;
    // The second page's work is cut short by our own store, and taken up again.
    console.ledger.trouble().strike(
        "decide",
        60,
        testkit::Moment::After,
        export_flow::ports::PortError::Unavailable("on purpose".into()),
    );
    crate::support::work(&console.flow).await;
    console.clock.advance(jiff::SignedDuration::from_secs(5));
    let done = finished(&console, &job).await;
    assert_eq!((&done["matched"], &done["redriven"], &done["queued"]), (&json!(120), &json!(120), &json!(120)));
    assert_eq!(done["ids"].as_array().unwrap().len(), 100);
    for export in &dead {
        let now = console.ledger.export(&export.id).await.unwrap().unwrap();
        assert_ne!(now.state, State::Dead);
        assert_eq!(now.key, export.key);
    }
    assert_eq!(console.queue.depth().await.unwrap().dead_letters, 0);
    let (_, again) = console.post("/dead-letters/redrive", &json!({"filter": {"connection": "market"}})).await;
    let done = finished(&console, &again).await;
    assert_eq!((&done["matched"], &done["redriven"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn dismissing_says_why_and_takes_the_copies_away() {
    let console = Console::new();
    let dead = bury(&console, 2).await;
    let ids = [dead[0].id.as_str(), "exp_unknown"];
    let body = json!({"filter": {"ids": ids}, "note": "sold by phone"});
    let (_, job) = console.post("/dead-letters/dismiss", &body).await;
    let done = finished(&console, &job).await;
    assert_eq!((&done["matched"], &done["redriven"]), (&json!(1), &json!(0)));
    let (_, export) = console.get(&format!("/exports/{}", dead[0].id)).await;
    assert_eq!((&export["state"], &export["code"]), (&json!("skipped"), &json!("dismissed")));
    assert_eq!(
        (&export["skip"]["detail"], &export["notes"][0]["note"]),
        (&json!("sold by phone"), &json!("sold by phone"))
    );
    assert_eq!(console.queue.depth().await.unwrap().dead_letters, 1);
    assert_eq!(console.get(&format!("/exports/{}", dead[1].id)).await.1["state"], "dead");
}
