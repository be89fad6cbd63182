//! `GET /audit`: who changed or redrove what.

use crate::support::{Console, KEY, market};
use serde_json::{Value, json};

/// The trail, newest first.
async fn trail(console: &Console, query: &str) -> Vec<Value> {
    let (status, answer) = console.get(&format!("/audit{query}")).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    answer["audit"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_change_of_a_connection_names_what_was_changed_and_no_value() {
    let console = Console::new();
    console.put("/connections/market", &market()).await;
    console.later();
    let mut other = market();
    other["label"] = json!("Jana's market");
    other["secrets"] = json!({"key": "another-s3cret-key"});
    other["switches"] = json!({});
    console.put("/connections/market", &other).await;
    console.later();
    console.post("/connections/market/pause", &Value::Null).await;
    let entries = trail(&console, "").await;
    let said: Vec<_> = entries.iter().map(|entry| (entry["action"].as_str().unwrap(), &entry["outcome"])).collect();
    let done = json!("done");
    assert_eq!(said, [("pause_connection", &done), ("put_connection", &done), ("put_connection", &done)]);
    assert_eq!(entries[0]["detail"], json!({"changed": ["state"]}));
    let changed = &entries[1]["detail"]["changed"];
    assert!(
        changed.to_string().contains("switches.send_invoice") && changed.to_string().contains("label"),
        "{changed}"
    );
    assert_eq!(entries[1]["detail"]["secrets"], json!(["key"]));
    for entry in &entries {
        let keys = ["about", "action", "at", "code", "cut", "detail", "id", "label", "outcome", "role", "who"];
        assert_eq!(entry.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), keys);
        assert_eq!((&entry["who"], &entry["role"]), (&json!("token"), &json!("operator")));
        assert_eq!(entry["about"], json!([{"kind": "connection", "id": "market"}]));
        let text = entry.to_string();
        assert!(!text.contains(KEY) && !text.contains("s3cret") && !text.contains("Jana"), "{text}");
    }
}

#[tokio::test]
async fn what_is_refused_says_why_and_what_is_asked_names_what_it_made() {
    let console = Console::connected().await;
    console.later();
    console.post("/connections/nowhere/pause", &Value::Null).await;
    console.later();
    let (_, job) =
        console.post("/dead-letters/redrive", &json!({"filter": {"connection": "market"}, "dry_run": true})).await;
    let entries = trail(&console, "?limit=2").await;
    assert_eq!((&entries[1]["outcome"], &entries[1]["code"]), (&json!("refused"), &json!("unknown_connection")));
    assert_eq!(entries[0]["about"], json!([{"kind": "connection", "id": "market"}, {"kind": "job", "id": job["id"]}]),);
    assert_eq!(entries[0]["detail"], json!({"connection": ["market"], "dry_run": ["true"]}));
}

#[tokio::test]
async fn an_act_whose_trace_cannot_be_written_is_not_begun_and_one_whose_end_cannot_stays_asked_for() {
    let console = Console::connected().await;
    console.later();
    console.ledger.trouble().throttle("put_audit");
    let (status, problem) = console.post("/connections/market/pause", &Value::Null).await;
    assert_eq!((status.as_u16(), &problem["code"]), (503, &json!("store_unavailable")));
    assert_eq!(console.get("/connections/market").await.1["state"], "active");
    console.ledger.trouble().throttle("end_audit");
    let (status, market) = console.post("/connections/market/pause", &Value::Null).await;
    assert_eq!((status.as_u16(), &market["state"]), (200, &json!("paused")));
    let entries = trail(&console, "?limit=1").await;
    assert_eq!((&entries[0]["action"], &entries[0]["outcome"]), (&json!("pause_connection"), &json!("asked")));
}

#[tokio::test]
async fn the_trail_is_narrowed_and_read_page_by_page() {
    let console = Console::connected().await;
    for _ in 0..3 {
        console.post("/connections/market/pause", &Value::Null).await;
        console.post("/connections/books/resume", &Value::Null).await;
    }
    assert_eq!(trail(&console, "?about=market").await.len(), 4);
    assert_eq!(trail(&console, "?about=market&who=nobody").await.len(), 0);
    assert_eq!(trail(&console, "?who=token").await.len(), 8);
    let (mut seen, mut cursor) = (vec![], String::new());
    loop {
        let (_, page) = console.get(&format!("/audit?about=books&limit=1{cursor}")).await;
        seen.extend(page["audit"].as_array().unwrap().iter().map(|entry| entry["id"].clone()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={}", next.replace('#', "%23")),
            None => break,
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 4);
    for bad in ["?cursor=x", "?limit=0", "?action=x"] {
        assert_eq!(console.get(&format!("/audit{bad}")).await.0.as_u16(), 422, "{bad}");
    }
}
