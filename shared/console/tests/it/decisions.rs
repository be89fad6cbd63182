//! One decision about many exports at once.

use crate::exports::export_in;
use crate::support::Console;
use domain::{ExportId, State};
use export_flow::ports::Ledger as _;
use http::StatusCode;
use serde_json::{Value, json};

/// One in this state, beside those in others.
fn stored(console: &Console, state: State) -> ExportId {
    let mut export = export_in(state);
    state.as_str().clone_into(&mut export.key.subject.id);
    export.id = export.key.id();
    console.ledger.put(export.clone());
    export.id
}

#[tokio::test]
async fn each_is_decided_about_by_itself_and_once() {
    let console = Console::new();
    let ids = [State::Held, State::Dead, State::Delivered].map(|state| stored(&console, state).to_string());
    let [held, dead, delivered] = &ids;
    let named = json!([held, held, delivered, "exp_no", dead]);
    let (status, answer) = console.post("/exports/decisions", &json!({"decision": "retry", "ids": named})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let lines: Vec<(&Value, &Value, &Value, &Value)> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["id"], &line["ok"], &line["state"], &line["problem"]["code"]))
        .collect();
    let (yes, no, null) = (json!(true), json!(false), Value::Null);
    let expected = [
        (&json!(held), &yes, &json!("held"), &null),
        (&json!(delivered), &no, &null, &json!("conflict")),
        (&json!("exp_no"), &no, &null, &json!("unknown_export")),
        (&json!(dead), &yes, &json!("retrying"), &null),
    ];
    assert_eq!(lines, expected);
    let now = console.ledger.export(&ExportId::new(held)).await.unwrap().unwrap();
    assert_eq!(now.notes.len(), 1, "named twice, decided once");
}

#[tokio::test]
async fn what_is_no_decision_decides_nothing() {
    let console = Console::new();
    let dead = stored(&console, State::Dead);
    let many: Vec<String> = (0..501).map(|n| format!("exp_{n}")).collect();
    for body in [
        json!({"decision": "burn", "ids": [dead]}),
        json!({"decision": "retry", "ids": []}),
        json!({"decision": "retry", "ids": many}),
        json!({"decision": "not_needed", "ids": [dead]}),
        json!({"decision": "not_needed", "ids": [dead], "note": " "}),
        json!({"decision": "not_needed", "ids": [dead], "note": "x".repeat(501)}),
    ] {
        let (status, problem) = console.post("/exports/decisions", &body).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_field")),
            "{problem}"
        );
    }
    assert!(console.ledger.export(&dead).await.unwrap().unwrap().notes.is_empty());
    let body = json!({"decision": "redrive", "ids": [dead], "note": "mended"});
    let (_, answer) = console.post("/exports/decisions", &body).await;
    assert_eq!(answer["results"][0]["state"], "retrying");
    let (_, answer) = console.post("/exports/decisions", &body).await;
    assert_eq!(answer["results"][0]["problem"]["code"], "conflict", "it is no dead letter any more");
}

#[tokio::test]
async fn once_the_store_fails_the_rest_is_left_and_says_so() {
    let console = Console::new();
    let ids = [State::Held, State::Expired, State::Dead].map(|state| stored(&console, state));
    console.ledger.trouble().throttle("decide");
    let (status, answer) = console.post("/exports/decisions", &json!({"decision": "retry", "ids": ids})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for line in answer["results"].as_array().unwrap() {
        assert_eq!(line["problem"]["code"], "store_unavailable", "{answer}");
    }
    for id in ids {
        assert!(console.ledger.export(&id).await.unwrap().unwrap().notes.is_empty(), "not even tried");
    }
}
