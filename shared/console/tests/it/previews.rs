//! What other rules would have done, through the API.

use crate::support::Console;
use domain::SubjectKind;
use export_flow::ports::Ledger as _;
use http::StatusCode;
use serde_json::{Value, json};

const PATH: &str = "/connections/market/rules/preview";

#[tokio::test]
async fn what_has_gone_is_told_as_gone_and_nothing_is_saved() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    let (status, _) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    console.work().await;
    let (exports, connection) = (console.ledger.all(), console.get("/connections/market").await.1);
    assert_eq!((exports.len(), exports[0].key.subject.kind), (1, SubjectKind::Invoice));

    let (status, told) = console.post(PATH, &json!({"rules": {"invoice_when": "never"}})).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let change = json!({
        "from": {"state": "delivered", "reason": null}, "to": {"state": "skipped", "reason": "rule_never"},
        "effect": "would_be_left_out", "gone": true,
        "label": "have gone and stay so; would have been left out, as such ones will from now on", "count": 1,
        "examples": [{"export": exports[0].id, "order": "100", "number": "2026-0001"}],
    });
    assert_eq!(
        told,
        json!({"looked_at": 1, "days": 30, "complete": true, "changes": [change], "unchanged": 0, "not_judged": 0,
            "rules_not_judged": []})
    );
    let (_, off) = console.post(PATH, &json!({"switches": {"send_invoice": false}})).await;
    assert_eq!(off["changes"][0]["to"]["reason"], "switched_off");
    let (_, same) = console.post(PATH, &json!({})).await;
    assert_eq!((&same["unchanged"], &same["changes"]), (&json!(1), &json!([])));
    assert_eq!((console.ledger.all(), console.get("/connections/market").await.1), (exports, connection));
}

#[tokio::test]
async fn a_document_remembered_without_its_status_is_not_judged() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    console.work().await;
    let (_, sure) = console.post(PATH, &json!({"rules": {"invoice_when": "paid"}})).await;
    assert_eq!(sure["not_judged"], 0, "{sure}");
    // As a version of this program before stored it.
    let tenant = domain::TenantId::local();
    let mut item =
        console.ledger.document(&tenant, &domain::ConnectionId::new("books"), "9001").await.unwrap().unwrap();
    item.standing = None;
    console.ledger.remember_document(&item).await.unwrap();
    let (_, unsure) = console.post(PATH, &json!({"rules": {"invoice_when": "paid"}})).await;
    assert_eq!((&unsure["not_judged"], &unsure["changes"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn what_could_not_be_saved_is_refused_by_its_field() {
    let console = Console::connected().await;
    for (path, body, status) in [
        (PATH, json!({"rules": {"order_pattern": "(", "invoice_when": "paid"}}), 422),
        (PATH, json!({"rules": {"invoice_when": "someday"}}), 422),
        (PATH, json!({"rules": {}}), 422),
        (PATH, json!({"switches": {"send_tracking": true}}), 422),
        (PATH, json!({"rule": {}}), 422),
        ("/connections/nobody/rules/preview", json!({}), 404),
    ] {
        let (got, problem): (_, Value) = console.post(path, &body).await;
        assert_eq!(got.as_u16(), status, "{body}: {problem}");
    }
}
