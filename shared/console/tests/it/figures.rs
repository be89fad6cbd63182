//! What happened by the hour, what goes wrong where, and lists as tables.

use crate::support::{Console, TOKEN};
use axum::body::Body;
use domain::{Attempt, Code, ConnectionId, Export, ExportKey, HoldReason, State, Step};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::samples::{at, ended, held, key, noon};
use tower::ServiceExt;

fn failed(id: &str, state: State, code: Code, message: &str) -> Export {
    let key = ExportKey { target: Some(ConnectionId::new("market")), ..key(id) };
    let mut export = Export { code: Some(code), state, ..Export::new(key, noon()) };
    export.log_attempt(Attempt {
        at: at(1),
        step: Step::Look,
        status: None,
        code: Code::VendorTimeout,
        message: "x".into(),
        remark: None,
    });
    export.log_attempt(Attempt {
        at: at(9),
        step: Step::Send,
        status: Some(500),
        code,
        message: message.into(),
        remark: None,
    });
    Export { changed_at: at(i64::try_from(id.len()).unwrap()), ..export }
}

async fn table(console: &Console, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let request = http::Request::builder().method(Method::GET).uri(format!("/api/v1{path}"));
    let request = request.header("authorization", format!("Bearer {TOKEN}")).header("accept", "text/csv, */*");
    let answer = console.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_ref());
    let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let head = cells(reader.headers().unwrap());
    (head, reader.records().map(|record| cells(&record.unwrap())).collect())
}

fn cell<'a>(head: &[String], row: &'a [String], name: &str) -> &'a str {
    &row[head.iter().position(|known| known == name).unwrap()]
}

#[tokio::test]
async fn the_last_hours_are_told_in_all_and_per_connection() {
    let console = Console::connected().await;
    console.order("100");
    for id in ["9001", "9002"] {
        console.document(id, id, Some("100"));
        console.post("/exports", &json!({"source": "books", "document": id})).await;
    }
    console.ledger.put(failed("1", State::Dead, Code::VendorError, "no"));
    let (status, told) = console.get("/overview/hours?hours=3").await;
    assert_eq!(status, StatusCode::OK);
    let counts = json!({"at": noon(), "arrived": 3, "delivered": 2, "held": 0, "dead": 1});
    assert_eq!(told["hours"].as_array().unwrap().len(), 3);
    assert_eq!(told["hours"][2], counts);
    assert_eq!(told["hours"][1]["arrived"], 0);
    assert_eq!(told["connections"][0]["id"], "market");
    assert_eq!(told["connections"][0]["hours"][2], counts);
    assert_eq!(told["queue_age_s"], Value::Null);
    for wrong in ["0", "49", "-1", "x"] {
        let (status, problem) = console.get(&format!("/overview/hours?hours={wrong}")).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")), "{wrong}");
    }
}

#[tokio::test]
async fn what_goes_wrong_at_a_connection_is_told_by_code() {
    let console = Console::connected().await;
    for id in ["1", "22", "333"] {
        console.ledger.put(failed(id, State::Dead, Code::VendorError, "no"));
    }
    console.ledger.put(failed("4444", State::Retrying, Code::VendorTimeout, "late"));
    let waits = failed("55555", State::Held, Code::VendorError, "");
    console.ledger.put(Export { code: None, ..held(&waits, HoldReason::NotPaidYet, at(900)) });
    console.ledger.put(ended(&failed("6", State::Sending, Code::VendorError, ""), State::Delivered, None));
    let (_, told) = console.get("/connections/market/errors").await;
    let lines = told["errors"].as_array().unwrap();
    let short: Vec<_> =
        lines.iter().map(|line| (line["state"].clone(), line["code"].clone(), line["count"].clone())).collect();
    let line = |state: &str, code: &str, n: u64| (json!(state), json!(code), json!(n));
    assert_eq!(
        short,
        [line("dead", "vendor_error", 3), line("retrying", "vendor_timeout", 1), line("held", "not_paid_yet", 1)]
    );
    assert_eq!((&lines[0]["first"], &lines[0]["last"]), (&json!(at(1)), &json!(at(3))));
    let newest = failed("333", State::Dead, Code::VendorError, "no").id;
    assert_eq!((&lines[0]["example"], &lines[0]["advice"]), (&json!(newest), &json!("/codes/vendor_error")));
    assert_eq!((&told["read"], &told["lower_bound"]), (&json!(5), &json!(false)));
    assert_eq!(console.get("/connections/nobody/errors").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_list_is_a_table_with_every_filter_and_goes_on_behind_its_first_page() {
    let console = Console::connected().await;
    for n in 0..1_203 {
        console.ledger.put(failed(&format!("d{n}"), State::Dead, Code::VendorError, "=cmd()"));
    }
    console.ledger.put(failed("other", State::Retrying, Code::VendorTimeout, "late"));
    let (head, rows) = table(&console, "/exports?state=dead&code=vendor_error").await;
    assert_eq!(rows.len(), 1_203);
    assert!(rows.iter().all(|row| cell(&head, row, "message") == "'=cmd()"));
    let mut ids: Vec<_> = rows.iter().map(|row| cell(&head, row, "id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1_203);
    let (_, rows) = table(&console, "/exports?state=retrying&format=csv").await;
    assert_eq!(cell(&head, &rows[0], "attempt_code"), "vendor_timeout");
    let (head, letters) = table(&console, "/dead-letters?at=market").await;
    let last = &letters[0];
    let attempt = ["at", "step", "status", "attempt_code", "message"].map(|name| cell(&head, last, name));
    assert_eq!(attempt, ["2026-03-02T12:00:09Z", "send", "500", "vendor_error", "'=cmd()"]);
    assert_eq!((letters.len(), table(&console, "/dead-letters?at=books").await.1.len()), (1_203, 0));
    for wrong in ["/exports?format=xml", "/exports?format=csv&limit=5", "/dead-letters?format=csv&cursor=1"] {
        assert_eq!(console.get(wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let (_, json) = console.get("/exports?format=json&limit=1").await;
    assert_eq!(json["exports"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_table_says_when_it_was_cut() {
    let console = Console::connected().await;
    for n in 0..100_001 {
        console.ledger.put(failed(&format!("d{n}"), State::Dead, Code::VendorError, "no"));
    }
    let (head, rows) = table(&console, "/dead-letters").await;
    assert_eq!(rows.len(), 100_001);
    let last = rows.last().unwrap();
    assert_eq!(cell(&head, last, "id"), "cut");
    assert!(cell(&head, last, "message").starts_with("only 100000 lines"), "{last:?}");
}
