//! Orders and the overview through the API.

use crate::support::{Console, market};
use domain::{
    Code, ConnectionId, DeliveryState, Export, ExportId, ExportKey, Finding, OrderReference, State, TenantId,
};
use export_flow::ports::Ledger;
use http::StatusCode;
use serde_json::{Value, json};
use testkit::samples::{self, at, noon};

#[tokio::test]
async fn an_orders_timeline_has_everything_in_the_order_of_time() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    let mut parcel = samples::parcel("p1", "Z1", "100", DeliveryState::InTransit, at(10));
    parcel.parcel.states =
        vec![domain::StateChange { state: DeliveryState::InTransit, at: at(10), raw: "on its way".into() }];
    console.ledger.merge_parcel(&parcel).await.unwrap();
    let (status, order) = console.get("/orders/market/100").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&order["order"], &order["channel"], &order["state"]),
        (&json!("100"), &json!("market"), &json!("open"))
    );
    assert_eq!((&order["total"], &order["currency"]), (&json!("121.00"), &json!("CZK")));
    assert_eq!(order["documents"][0]["number"], "2026-0001");
    assert_eq!(order["exports"][0]["state"], "delivered");
    let shown = &order["parcels"][0];
    assert_eq!((&shown["tracking_number"], &shown["delivery_state"]), (&json!("Z1"), &json!("in_transit")));
    assert_eq!(shown["states"][0]["raw"], "on its way");
    let what: Vec<&str> = order["events"].as_array().unwrap().iter().map(|e| e["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["export_created", "delivered", "parcel_state"]);
    assert_eq!(console.get("/orders/market/no-such").await.1["code"], "unknown_order");
    assert_eq!(console.get("/orders/books/100").await.1["code"], "unknown_connection");
}

#[tokio::test]
async fn what_was_found_about_an_export_stands_at_its_order_until_a_person_has_seen_it() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    let (_, export) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    let id = ExportId::new(export["id"].as_str().unwrap());
    let seen = format!("/exports/{id}/seen");
    assert_eq!(console.post(&seen, &json!({})).await.0, StatusCode::NOT_FOUND, "nothing was found yet");
    let (tenant, order) = (TenantId::local(), OrderReference::new("100"));
    let found = Finding::new(tenant, order, id.clone(), Code::CancelledAfterSending, noon());
    assert!(console.ledger.put_finding(&found).await.unwrap());
    let (_, shown) = console.get("/orders/market/100").await;
    let finding = &shown["findings"][0];
    assert_eq!((&finding["export"], &finding["code"]), (&json!(id), &json!("cancelled_after_sending")));
    assert!(finding["next_step"].as_str().is_some_and(|step| step.contains("target")), "{finding}");
    assert_eq!((&finding["resolved"], &finding["advice"]), (&Value::Null, &json!("/codes/cancelled_after_sending")));
    let (status, answer) = console.post(&seen, &json!({"note": "credited"})).await;
    assert_eq!((status, &answer["resolved"]["how"]), (StatusCode::OK, &json!("seen")), "{answer}");
    let (_, shown) = console.get("/orders/market/100").await;
    let finding = &shown["findings"][0];
    assert_eq!((&finding["resolved"]["note"], &finding["next_step"]), (&json!("credited"), &Value::Null));
    let told: Vec<(&str, &str)> = shown["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["what"].as_str().unwrap(), e["word"].as_str().unwrap()))
        .filter(|(what, _)| matches!(*what, "found" | "settled"))
        .collect();
    assert_eq!(told, [("found", "cancelled_after_sending"), ("settled", "seen")]);
    assert_eq!(console.post(&seen, &json!({"nonsense": 1})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn two_channels_with_the_same_reference_do_not_see_each_others_things() {
    let console = Console::connected().await;
    let (status, _) = console.put("/connections/market-two", &market()).await;
    assert_eq!(status, StatusCode::CREATED);
    for (id, channel) in [("9001", "market"), ("9002", "market-two")] {
        let channel = ConnectionId::new(channel);
        console.ledger.remember_order(&samples::order(&channel, "100", noon())).await.unwrap();
        console.ledger.remember_document(&samples::document(id, id, "100", noon())).await.unwrap();
        let mut export = Export::new(ExportKey { target: Some(channel), ..samples::key(id) }, noon());
        export.order = Some(OrderReference::new("100"));
        export.state = State::Delivered;
        console.ledger.put(export);
    }
    for (channel, id) in [("market", "9001"), ("market-two", "9002")] {
        let (_, order) = console.get(&format!("/orders/{channel}/100")).await;
        assert_eq!(order["exports"].as_array().unwrap().len(), 1, "{order}");
        assert_eq!(order["exports"][0]["subject"]["id"], id);
        assert_eq!(order["documents"].as_array().unwrap().len(), 1, "{order}");
    }
}

#[tokio::test]
async fn naming_an_alias_works_both_ways_and_has_the_documents_looked_at_again() {
    let console = Console::connected().await;
    console.put("/connections/market-two", &market()).await;
    for (channel, reference) in [("market", "100"), ("market-two", "M-7")] {
        let item = samples::order(&ConnectionId::new(channel), reference, noon());
        console.ledger.remember_order(&item).await.unwrap();
    }
    console.ledger.remember_document(&samples::document("9001", "2026-0001", "100", noon())).await.unwrap();
    let waiting = console.queue.all().len();
    let body = json!({"aliases": [{"channel": "market-two", "reference": "M-7"}]});
    let (status, order) = console.put("/orders/market/100/aliases", &body).await;
    assert_eq!((status, &order["aliases"]), (StatusCode::OK, &body["aliases"]));
    let (_, other) = console.get("/orders/market-two/M-7").await;
    assert_eq!(other["aliases"], json!([{"channel": "market", "reference": "100"}]));
    assert_eq!(other["documents"][0]["id"], "9001", "found under its other name");
    assert_eq!(console.queue.all().len(), waiting + 1);
    for (path, body, status) in [
        ("/orders/market/100/aliases", json!({"aliases": [{"channel": "market", "reference": "1"}]}), 422),
        ("/orders/market/100/aliases", json!({"aliases": [{"channel": "books", "reference": "1"}]}), 422),
        ("/orders/market/100/aliases", json!({"aliases": [{"channel": "market-two", "reference": " "}]}), 422),
        ("/orders/market/999/aliases", json!({"aliases": []}), 404),
        ("/orders/market/100/aliases", json!({}), 422),
    ] {
        assert_eq!(console.put(path, &body).await.0.as_u16(), status, "{body}");
    }
}

#[tokio::test]
async fn the_overview_counts() {
    let console = Console::connected().await;
    console.order("100");
    console.document("9001", "2026-0001", Some("100"));
    console.document("9002", "2026-0002", None);
    for id in ["9001", "9001", "9002"] {
        console.post("/exports", &json!({"source": "books", "document": id})).await;
    }
    let (status, overview) = console.get("/overview").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((&overview["states"]["delivered"], &overview["states"]["skipped"]), (&json!(1), &json!(1)));
    assert_eq!(overview["states"]["dead"], 0);
    assert_eq!(overview["duplicates_suppressed"], 1);
    let market = &overview["connections"][1];
    assert_eq!(
        (&market["id"], &market["state"], &market["delivered_24h"]),
        (&json!("market"), &json!("active"), &json!(1))
    );
    assert_eq!((&market["held"], &market["dead"], &market["oldest_waiting"]), (&json!(0), &json!(0), &Value::Null));
    assert!(overview["queue"]["visible"].is_u64() && overview["queue"]["dead_letters"] == 0);
}

#[tokio::test]
async fn words_and_connectors_are_lists() {
    let console = Console::new();
    let (_, words) = console.get("/words").await;
    assert!(words["words"].as_array().unwrap().len() > 80);
    assert_eq!(words["next"], Value::Null);
    let (_, connectors) = console.get("/connectors").await;
    let market = &connectors["connectors"][1];
    assert_eq!((&market["id"], &market["role"]), (&json!("market"), &json!("channel")));
    assert_eq!(market["operations"][0]["guarantee"], "R");
    assert_eq!(market["operations"][0]["verified"], "official_text");
    assert_eq!(market["fields"][1]["secret"], true);
}
