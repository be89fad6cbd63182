//! One box for everything.

use crate::support::Console;
use http::StatusCode;
use serde_json::{Value, json};

async fn hits(console: &Console, word: &str) -> Vec<Value> {
    let (status, answer) = console.get(&format!("/search?q={word}")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!((&answer["matched"], &answer["next"]), (&json!("prefix"), &Value::Null));
    answer["hits"].as_array().unwrap().clone()
}

fn kinds(hits: &[Value]) -> Vec<&str> {
    hits.iter().map(|hit| hit["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_invoice_is_found_by_whatever_a_person_has_of_it() {
    let console = Console::connected().await;
    console.order("C100");
    console.document("9001", "FV-2026-0056", Some("C100"));
    let (_, export) = console.post("/exports", &json!({"source": "books", "document": "9001"})).await;
    let id = export["id"].as_str().unwrap();
    let document = json!({
        "kind": "document", "channel": "market", "source": "books", "reference": "C100", "number": "FV-2026-0056",
        "export": id, "state": "delivered", "label": "Delivered",
    });
    for word in ["FV-2026-0056", "%20fv-2026-0056%20", "9001", "FV-2026-00"] {
        let hits = hits(&console, word).await;
        assert_eq!(kinds(&hits), ["document", "export"], "{word}");
        assert_eq!(hits[0], document, "{word}");
        assert_eq!(hits[1]["export"], id, "{word}");
    }
    let by_order = hits(&console, "c100").await;
    assert_eq!(kinds(&by_order), ["order", "export"]);
    assert_eq!((&by_order[0]["channel"], &by_order[0]["state"]), (&json!("market"), &json!("open")));
    assert_eq!(kinds(&hits(&console, id).await), ["export"]);
    assert_eq!(hits(&console, "2026-0056").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_parcel_is_found_by_its_tracking_number() {
    let console = Console::with_parcels(&["77"]).await;
    console.post("/exports", &json!({"source": "van", "shipment": "77"})).await;
    let hits = hits(&console, "t-77").await;
    assert_eq!(kinds(&hits)[0], "parcel");
    assert_eq!((&hits[0]["number"], &hits[0]["state"]), (&json!("T-77"), &json!("in_transit")));
}

#[tokio::test]
async fn what_cannot_be_searched_for_is_refused_with_what_can() {
    let console = Console::connected().await;
    for word in ["", "q=", "q=%20", "q=jana%40example.com", &format!("q={}", "x".repeat(201))] {
        let (status, problem) = console.get(&format!("/search?{word}")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_field")), "{word}");
        assert!(problem["next_step"].as_str().unwrap().contains("tracking number"), "{problem}");
        assert!(!problem.to_string().contains("jana"), "{problem}");
    }
}

#[tokio::test]
async fn no_more_than_twenty_are_shown_and_whole_words_come_first() {
    let console = Console::connected().await;
    for n in 0..30 {
        console.order(&format!("A1{n}"));
        console.document(&format!("{n}"), &format!("A1{n}"), Some(&format!("A1{n}")));
        console.post("/exports", &json!({"source": "books", "document": format!("{n}")})).await;
    }
    let hits = hits(&console, "A12").await;
    assert_eq!(hits.len(), 20);
    let exact = hits.iter().take(3).map(|hit| hit["reference"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!((exact, kinds(&hits[..3])), (vec!["A12"; 3], vec!["order", "document", "export"]));
}
