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
    assert_eq!((&done["matched"], &done["redriven"], &done["dismissed"]), (&json!(1), &json!(0), &json!(1)));
    let (_, export) = console.get(&format!("/exports/{}", dead[0].id)).await;
    assert_eq!((&export["state"], &export["code"]), (&json!("skipped"), &json!("dismissed")));
    assert_eq!(
        (&export["skip"]["detail"], &export["notes"][0]["note"]),
        (&json!("sold by phone"), &json!("sold by phone"))
    );
    assert_eq!((&export["notes"][0]["job"], &export["notes"][0]["by"]), (&job["id"], &Value::Null));
    assert_eq!(console.queue.depth().await.unwrap().dead_letters, 1);
    assert_eq!(console.get(&format!("/exports/{}", dead[1].id)).await.1["state"], "dead");
}

#[tokio::test]
async fn dead_letters_are_grouped_by_code_and_connection_with_the_filter_that_means_them() {
    let console = Console::new();
    let dead = bury(&console, 5).await;
    // One that failed at its source, and one of the same code at another channel that the market is the source of.
    let look = ExportKey::look(domain::TenantId::local(), ConnectionId::new("books"), dead[0].key.subject.clone());
    let onwards = ExportKey {
        source: ConnectionId::new("market"),
        target: Some(ConnectionId::new("mall")),
        ..samples::key("d9")
    };
    for key in [look, onwards] {
        let mut export = Export::new(key, noon());
        export.state = State::Dead;
        export.code = Some(Code::VendorError);
        export.changed_at = samples::at(60);
        console.ledger.put(export);
    }
    let (status, list) = console.get("/dead-letters").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&list["read"], &list["lower_bound"], &list["next"]), (&json!(7), &json!(false), &Value::Null));
    let groups = list["dead_letters"].as_array().unwrap();
    let told = |group: &Value| (group["code"].clone(), group["connection"].clone(), group["count"].clone());
    let mut all: Vec<_> = groups.iter().map(told).collect();
    assert_eq!(all[0], (json!("vendor_error"), json!("market"), json!(3)), "the largest first");
    all.sort_by_key(|(code, connection, _)| format!("{code} {connection}"));
    let one = |code: &str, connection: &str, count: u64| (json!(code), json!(connection), json!(count));
    assert_eq!(
        all,
        [
            one("vendor_error", "books", 1),
            one("vendor_error", "mall", 1),
            one("vendor_error", "market", 3),
            one("vendor_refused", "market", 2),
        ]
    );
    let largest = &groups[0];
    assert_eq!((&largest["advice"], &largest["label"]), (&json!("/codes/vendor_error"), &json!("The vendor failed")));
    assert_eq!((&largest["oldest"], &largest["newest"]), (&json!(noon()), &json!(noon())));
    assert_eq!(largest["ids"].as_array().unwrap().len(), 3);
    let body = json!({"filter": largest["filter"], "dry_run": true});
    let (_, job) = console.post("/dead-letters/redrive", &body).await;
    assert_eq!(finished(&console, &job).await["matched"], 3, "not what the market is the source of");

    let (_, narrowed) = console.get("/dead-letters?connection=market&code=vendor_error").await;
    assert_eq!(narrowed["dead_letters"].as_array().unwrap().len(), 2);
    let (_, at) = console.get("/dead-letters?at=market&code=vendor_error").await;
    assert_eq!((at["dead_letters"].as_array().unwrap().len(), &at["dead_letters"][0]["count"]), (1, &json!(3)));
    for wrong in ["?cursor=garbage", "?operation=fly", "?limit=5"] {
        let (status, problem) = console.get(&format!("/dead-letters{wrong}")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")), "{wrong}");
    }
}

#[tokio::test]
async fn one_call_reads_two_thousand_dead_letters_and_says_when_there_are_more() {
    let console = Console::new();
    bury(&console, 2_003).await;
    let (_, first) = console.get("/dead-letters").await;
    assert_eq!((&first["read"], &first["lower_bound"]), (&json!(2_000), &json!(true)));
    assert_eq!(first["dead_letters"][0]["ids"].as_array().unwrap().len(), 5);
    let (_, rest) = console.get(&format!("/dead-letters?cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!((&rest["read"], &rest["lower_bound"], &rest["next"]), (&json!(3), &json!(true), &Value::Null));
}

#[tokio::test]
async fn a_running_job_can_be_cancelled_and_one_that_has_ended_cannot() {
    let console = Console::new();
    bury(&console, 3).await;
    let (_, job) = console.post("/dead-letters/redrive", &json!({"filter": {"all": true}})).await;
    let path = format!("/jobs/{}/cancel", job["id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, answer) = console.post(&path, &json!({})).await;
        assert_eq!(
            (status, &answer["state"], &answer["redriven"]),
            (StatusCode::OK, &json!("cancelled"), &Value::Null)
        );
    }
    crate::support::work(&console.flow).await;
    assert!(console.ledger.all().iter().all(|export| export.state == State::Dead), "nothing was begun");
    let (_, job) = console.post("/dead-letters/redrive", &json!({"filter": {"all": true}, "dry_run": true})).await;
    finished(&console, &job).await;
    let path = format!("/jobs/{}/cancel", job["id"].as_str().unwrap());
    assert_eq!(console.post(&path, &json!({})).await.0, StatusCode::CONFLICT);
    assert_eq!(console.post("/jobs/job_nobodys/cancel", &json!({})).await.0, StatusCode::NOT_FOUND);
}
