//! Exports through the API.

use crate::support::{Console, KEY};
use domain::{
    Attempt, Code, ConnectionId, Doubt, Export, ExportKey, HoldReason, Operation, OrderReference, Skip, SkipReason,
    State, Step,
};
use export_flow::ports::Ledger;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::samples::{self, at, noon};

pub(crate) fn export_in(state: State) -> Export {
    let key = ExportKey { target: Some(ConnectionId::new("market")), ..samples::key("9001") };
    let mut export = Export::new(key, noon());
    export.order = Some(OrderReference::new("100000001"));
    export.numbers = vec!["2026-0001".into()];
    export.claim = 3;
    export.state = state;
    match state {
        State::Held => samples::held(&export, HoldReason::NotPaidYet, at(3600)),
        State::Delivered => samples::ended(&export, State::Delivered, None),
        State::Dead | State::Retrying => {
            export.attempts = if state == State::Dead { 3 } else { 1 };
            export.code = Some(Code::VendorError);
            export.due_at = (state == State::Retrying).then(|| at(60));
            for n in 0..export.attempts {
                export.log_attempt(Attempt {
                    at: at(i64::from(n)),
                    step: Step::Send,
                    status: Some(500),
                    code: Code::VendorError,
                    message: "it failed".into(),
                    remark: None,
                });
            }
            export
        }
        State::Skipped => {
            export.code = Some(Code::NoOrderReference);
            export.skip = Some(Skip { reason: SkipReason::NotOurs, detail: None, remark: None });
            export
        }
        State::Expired => {
            let mut held = samples::held(&export, HoldReason::OrderUnknown, at(1));
            held.state = State::Expired;
            held.due_at = None;
            held
        }
        State::Uncertain => {
            export.in_doubt = Some(Doubt { claim: 3, since: noon(), ended_at: Some(at(1)), revision: None, key: None });
            export
        }
        _ => export,
    }
}

#[tokio::test]
async fn an_export_looks_as_the_surface_says_in_every_state() {
    let console = Console::new();
    for state in State::ALL {
        let export = export_in(*state);
        let id = export.id.clone();
        console.ledger.put(export);
        let (status, shown) = console.get(&format!("/exports/{id}")).await;
        assert_eq!(status, StatusCode::OK);
        insta::assert_json_snapshot!(format!("export_{}", state.as_str()), shown);
    }
}

#[tokio::test]
async fn lists_leave_the_attempt_log_out_and_filter_exactly() {
    let console = Console::new();
    console.ledger.put(export_in(State::Dead));
    let mut other = Export::new(samples::key("9002"), noon());
    other.state = State::Skipped;
    console.ledger.put(other);
    let (_, all) = console.get("/exports").await;
    assert_eq!(all["exports"].as_array().unwrap().len(), 2);
    assert!(all["exports"].as_array().unwrap().iter().all(|e| e.get("attempt_log").is_none()));
    for (query, found) in [
        ("state=dead", 1),
        ("connection=market", 1),
        ("connection=books", 2),
        ("order=100000001", 1),
        ("document=2026-0001", 1),
        ("document=9002", 1),
        ("operation=send_invoice", 2),
        ("code=vendor_error", 1),
        ("code=vendor_error&state=skipped", 0),
        ("connection=elsewhere", 0),
    ] {
        let (_, list) = console.get(&format!("/exports?{query}")).await;
        assert_eq!(list["exports"].as_array().unwrap().len(), found, "{query}");
    }
    let (_, first) = console.get("/exports?limit=1").await;
    let (_, second) = console.get(&format!("/exports?limit=1&cursor={}", first["next"].as_str().unwrap())).await;
    assert_ne!(first["exports"][0]["id"], second["exports"][0]["id"]);
    assert_eq!(second["next"], Value::Null);
}

#[tokio::test]
async fn a_request_by_hand_answers_the_export_by_id_or_number_and_counts_the_second_as_duplicate() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    let (status, first) = console.post("/exports", &json!({"source": "books", "document": "2026-0001"})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!((&first["state"], &first["target"]), (&json!("delivered"), &json!("market")), "{first}");
    assert_eq!(first["receipt"]["remote_id"], "made-1");
    assert_eq!(first["subject"], json!({"kind": "invoice", "id": "9001", "number": "2026-0001"}));
    let (status, second) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    assert_eq!((status, &second["id"]), (StatusCode::ACCEPTED, &first["id"]));
    assert_eq!((&first["duplicates"], &second["duplicates"]), (&json!(0), &json!(1)));
    assert_eq!(console.http.writes(), 1);
}

#[tokio::test]
async fn what_cannot_be_planned_is_answered_as_a_look() {
    let console = Console::connected().await;
    console.document("9001", "2026-0001", None);
    let (status, look) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!((&look["operation"], &look["target"]), (&json!("look"), &Value::Null));
    assert_eq!((&look["state"], &look["code"]), (&json!("skipped"), &json!("no_order_reference")));
}

#[tokio::test]
async fn a_request_that_means_nothing_is_told_by_its_field() {
    let console = Console::connected().await;
    for (body, field) in [
        (json!({"source": "nobody", "document": "1"}), "source"),
        (json!({"source": "market", "document": "1"}), "source"),
        (json!({"source": "books", "shipment": "1"}), "source"),
        (json!({"source": "books", "document": "none-such"}), "document"),
        (json!({"source": "books"}), "document, shipment"),
        (json!({"source": "books", "document": "1", "shipment": "2"}), "document, shipment"),
        (json!({"source": "books", "document": "1", "target": "books"}), "target"),
        (json!({"source": "books", "document": "1", "colour": "red"}), "colour"),
        (json!({"source": 1, "document": "1"}), "source"),
        (json!({"document": "1"}), "body"),
    ] {
        let (status, problem) = console.post("/exports", &body).await;
        assert_eq!((status.as_u16(), &problem["errors"][0]["field"]), (422, &json!(field)), "{body}: {problem}");
    }
    let (status, problem) = console.call(Method::POST, "/exports", Some("{".into())).await;
    assert_eq!((status.as_u16(), &problem["code"]), (400, &json!("invalid_json")));
}

#[tokio::test]
async fn a_trial_shows_the_calls_with_secrets_masked_and_writes_nothing_anywhere() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    let before = console.ledger.trouble().calls().len();
    let queued = console.queue.all();
    let body = json!({"source": "books", "document": "9001", "trial": true});
    let (status, trial) = console.post("/exports", &body).await;
    assert_eq!(status, StatusCode::OK);
    let request = &trial["requests"][0];
    assert_eq!(
        (&request["method"], &request["url"]),
        (&json!("POST"), &json!("http://market.test/market/effects/100"))
    );
    assert_eq!(request["headers"]["authorization"], "***");
    assert_eq!(request["body"], json!({"number": "2026-0001", "key": "***"}));
    assert!(!trial.to_string().contains(KEY));
    assert_eq!((&trial["preflight"], &trial["already_there"]), (&json!([]), &Value::Null));
    assert_eq!(console.http.writes(), 0);
    assert_eq!(console.queue.all(), queued);
    let reads = ["connection", "connections", "exports", "export", "order", "document", "parcel", "circuit"];
    let calls = console.ledger.trouble().calls();
    let written: Vec<_> = calls[before..].iter().filter(|call| !reads.contains(call)).collect();
    assert!(written.is_empty(), "{written:?}");
}

#[tokio::test]
async fn a_trial_says_what_would_stop_it_and_what_is_there_already() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    console.document("9002", "2026-0002", None);
    console.http.on(Method::GET, "/market/effects/100", |_| testkit::json(200, &json!({"id": "old-1"})));
    let trial =
        async |id: &str| console.post("/exports", &json!({"source": "books", "document": id, "trial": true})).await.1;
    let there = trial("9001").await;
    assert_eq!((&there["already_there"]["remote_id"], &there["requests"]), (&json!("old-1"), &json!([])));
    let stopped = trial("9002").await;
    assert_eq!(stopped["preflight"][0]["reason"], "no_order_reference");
}

#[tokio::test]
async fn retry_makes_waiting_and_ended_exports_due_and_refuses_the_rest() {
    for state in State::ALL {
        let console = Console::new();
        let export = export_in(*state);
        let id = export.id.clone();
        console.ledger.put(export.clone());
        let (status, answer) = console.call(Method::POST, &format!("/exports/{id}/retry"), None).await;
        let stored = console.ledger.export(&id).await.unwrap().unwrap();
        if matches!(state, State::Held | State::Retrying | State::Dead | State::Expired) {
            assert_eq!(status, StatusCode::ACCEPTED, "{state:?}: {answer}");
            assert_eq!(stored.due_at, Some(noon()), "{state:?}");
            assert_eq!(console.queue.all().len(), 1, "{state:?}");
            let ended = matches!(state, State::Dead | State::Expired);
            assert_eq!(stored.attempts, if ended { 0 } else { export.attempts }, "{state:?}");
            assert_eq!(stored.attempt_log, export.attempt_log, "the history stays");
        } else {
            assert_eq!((status.as_u16(), &answer["code"]), (409, &json!("conflict")), "{state:?}");
            assert_eq!(stored, export);
        }
    }
}

#[tokio::test]
async fn resolve_decides_where_that_makes_sense_only() {
    for state in State::ALL {
        for outcome in ["arrived", "send_again", "not_needed"] {
            let console = Console::new();
            let export = export_in(*state);
            let id = export.id.clone();
            console.ledger.put(export);
            let body = json!({"outcome": outcome, "note": "looked there"});
            let (status, answer) = console.post(&format!("/exports/{id}/resolve"), &body).await;
            let open = matches!(state, State::Held | State::Retrying | State::Uncertain | State::Dead | State::Expired);
            assert_eq!(status.as_u16(), if open { 202 } else { 409 }, "{state:?} {outcome}: {answer}");
            if !open {
                continue;
            }
            assert_eq!(
                answer["notes"],
                json!([{"at": noon(), "outcome": outcome, "note": "looked there", "by": null, "job": null}])
            );
            match outcome {
                "arrived" => {
                    assert_eq!((&answer["state"], &answer["in_doubt"]), (&json!("delivered"), &json!(false)));
                    assert_eq!(answer["receipt"]["proof"], json!({"by": "person", "note": "looked there"}));
                }
                "send_again" => assert_eq!(answer["in_doubt"], false),
                _ => assert_eq!((&answer["state"], &answer["code"]), (&json!("skipped"), &json!("dismissed"))),
            }
        }
    }
}

#[tokio::test]
async fn a_doubt_survives_sending_again_where_the_target_can_be_asked() {
    let console = Console::new();
    let mut export = export_in(State::Dead);
    export.in_doubt = export_in(State::Uncertain).in_doubt;
    let id = export.id.clone();
    console.ledger.put(export);
    let (_, answer) = console.post(&format!("/exports/{id}/resolve"), &json!({"outcome": "send_again"})).await;
    assert_eq!(
        (&answer["state"], &answer["in_doubt"], &answer["attempts"]),
        (&json!("retrying"), &json!(true), &json!(0))
    );
}

#[tokio::test]
async fn use_takes_an_order_for_a_look_and_nothing_senseless() {
    let console = Console::connected().await;
    let mut look = Export::new(ExportKey { operation: Operation::Look, target: None, ..samples::key("9001") }, noon());
    look = samples::held(&look, HoldReason::OrderUnknown, at(60));
    let id = look.id.clone();
    console.ledger.put(look);
    let resolve = async |id: &str, body: Value| console.post(&format!("/exports/{id}/resolve"), &body).await;
    for (body, status) in [
        (json!({"outcome": "use"}), 422),
        (json!({"outcome": "use", "target": "books"}), 422),
        (json!({"outcome": "arrived", "order": "100"}), 422),
        (json!({"outcome": "fly"}), 422),
        (json!({"outcome": "arrived"}), 409),
        (json!({"outcome": "use", "without_lines": true}), 409),
        (json!({"outcome": "use", "order": "100", "target": "market"}), 202),
    ] {
        let (got, answer) = resolve(id.as_str(), body.clone()).await;
        assert_eq!(got.as_u16(), status, "{body}: {answer}");
    }
    let stored = console.ledger.export(&id).await.unwrap().unwrap();
    assert_eq!(stored.overrides.order, Some(OrderReference::new("100")));
    let sent = export_in(State::Held);
    console.ledger.put(sent.clone());
    let (got, _) = resolve(sent.id.as_str(), json!({"outcome": "use", "order": "100"})).await;
    assert_eq!(got.as_u16(), 409);
    let (got, _) = resolve(sent.id.as_str(), json!({"outcome": "use", "without_lines": true})).await;
    assert_eq!(got.as_u16(), 202);
}
