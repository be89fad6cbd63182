//! Parcels told through the API.

use crate::support::{Console, TOKEN};
use axum::body::Body;
use export_flow::ports::Ledger;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

impl Console {
    /// A table as a program posts it.
    async fn table(&self, text: &str) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/shipments")
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "text/csv; charset=utf-8")
            .body(Body::from(text.to_owned()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }
}

fn outcomes(answer: &Value) -> Vec<&str> {
    answer["shipments"].as_array().unwrap().iter().map(|line| line["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn one_parcel_becomes_known_with_the_order_that_was_told() {
    let console = Console::with_parcels(&["7"]).await;
    console.order("100");
    let line = json!({"source": "van", "shipment": "7", "order": "100"});
    let (status, first) = console.post("/shipments", &line).await;
    assert_eq!((status, outcomes(&first)), (StatusCode::ACCEPTED, vec!["accepted"]), "{first}");
    let told = &first["shipments"][0];
    assert_eq!((&told["source"], &told["shipment"], &told["order"]), (&json!("van"), &json!("7"), &json!("100")));
    let (_, export) = console.get(&format!("/exports/{}", told["export"].as_str().unwrap())).await;
    assert_eq!((&export["order"], &export["operation"]), (&json!("100"), &json!("send_tracking")), "{export}");
    let (_, order) = console.get("/orders/market/100").await;
    assert_eq!(order["parcels"][0]["tracking_number"], "T-7", "{order}");

    for again in [line.clone(), json!([line]), json!({"shipments": [{"source": "van", "shipment": "7"}]})] {
        let (status, second) = console.post("/shipments", &again).await;
        assert_eq!((status, outcomes(&second)), (StatusCode::ACCEPTED, vec!["known"]), "{second}");
        assert_eq!(second["shipments"][0]["export"], told["export"]);
    }
    let reads = console.http.calls().iter().filter(|call| call.request.url.path() == "/van/parcels/7").count();
    assert_eq!(reads, 1, "what is known is not asked for again");
}

#[tokio::test]
async fn a_bad_line_loses_nothing_of_the_others() {
    let console = Console::with_parcels(&["7", "8", "9"]).await;
    for order in ["100", "200", "300"] {
        console.order(order);
    }
    let list = json!([
        {"source": "van", "shipment": "7", "order": "100"},
        {"source": "nowhere", "shipment": "7", "order": "100"},
        {"source": "books", "shipment": "7", "order": "100"},
        {"source": "van", "shipment": " ", "order": "100"},
        {"source": "van", "order": "100"},
        {"source": "van", "shipment": 8, "order": "200", "carrier": "dpd"},
        {"source": "van", "shipment": 8, "order": 200},
        {"source": "van", "shipment": "7", "order": "100"},
        {"source": "van", "shipment": "7", "order": "200"},
        {"source": "van", "shipment": "9", "order": "3\u{0}0"},
    ]);
    let (status, answer) = console.post("/shipments", &list).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    let (a, k, r) = ("accepted", "known", "refused");
    assert_eq!(outcomes(&answer), [a, r, r, r, r, r, a, k, r, r], "{answer}");
    let fields: Vec<&Value> =
        answer["shipments"].as_array().unwrap().iter().filter_map(|line| line.pointer("/error/field")).collect();
    assert_eq!(fields, ["source", "source", "shipment", "body", "carrier", "order", "order"], "{answer}");
    assert_eq!(answer["shipments"][8]["error"]["problem"], "the parcel is known for order 100");
    for order in ["100", "200"] {
        let (_, found) = console.get(&format!("/exports?order={order}")).await;
        assert_eq!(found["exports"].as_array().unwrap().len(), 1, "{found}");
    }
}

#[tokio::test]
async fn a_table_is_a_list() {
    let console = Console::with_parcels(&["7", "8"]).await;
    console.order("100");
    console.order("200");
    let (status, answer) =
        console.table("\u{feff}order;shipment;source\r\n100;7;van\r\n;;van\r\n200;8;van;x\r\n").await;
    assert_eq!((status, outcomes(&answer)), (StatusCode::ACCEPTED, vec!["accepted", "refused", "refused"]), "{answer}");
    let (status, answer) = console.table("source,shipment,order\nvan,8,200\n").await;
    assert_eq!((status, outcomes(&answer)), (StatusCode::ACCEPTED, vec!["accepted"]), "{answer}");
    let (status, answer) = console.table("van,8,200\n").await;
    assert_eq!((status, &answer["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_field")), "{answer}");
}

#[tokio::test]
async fn where_no_line_can_be_used_the_whole_is_refused_and_nothing_is_done() {
    let console = Console::with_parcels(&[]).await;
    let before = console.flow.parts().queue.depth().await.unwrap();
    for (body, field) in [
        (json!({"source": "nowhere", "shipment": "7"}), "source"),
        (json!({"source": "van"}), "body"),
        (json!([{"source": "van", "shipment": ""}, {"source": "nowhere", "shipment": "7"}]), "shipments[0].shipment"),
        (json!([]), "shipments"),
        (json!({"shipments": 7}), "shipments"),
    ] {
        let (status, answer) = console.post("/shipments", &body).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid_field")), "{body}");
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
    let (status, _) = console.call(Method::POST, "/shipments", Some("{".into())).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let large = format!("[{}]", " ".repeat(1024 * 1024));
    assert_eq!(console.call(Method::POST, "/shipments", Some(large)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let many: Vec<Value> = (0..1001).map(|n| json!({"source": "van", "shipment": n.to_string()})).collect();
    assert_eq!(console.post("/shipments", &json!(many)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        console.ask(Method::POST, "/api/v1/shipments", None, Some("{}".into())).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(console.flow.parts().queue.depth().await.unwrap(), before);
    assert!(console.ledger.all().is_empty());
}

#[tokio::test]
async fn a_parcel_that_the_courier_does_not_have_is_left_out_and_one_without_an_order_too() {
    let console = Console::with_parcels(&["8"]).await;
    console.order("100");
    let list = json!([{"source": "van", "shipment": "404", "order": "100"}, {"source": "van", "shipment": "8"}]);
    let (status, answer) = console.post("/shipments", &list).await;
    assert_eq!((status, outcomes(&answer)), (StatusCode::ACCEPTED, vec!["accepted", "accepted"]), "{answer}");
    for (line, code) in [(0, "document_gone"), (1, "no_order_reference")] {
        let id = answer["shipments"][line]["export"].as_str().unwrap();
        let (_, export) = console.get(&format!("/exports/{id}")).await;
        assert_eq!((&export["state"], &export["code"]), (&json!("skipped"), &json!(code)), "{export}");
    }
    // The order that was missing may be told later.
    let (_, answer) = console.post("/shipments", &json!({"source": "van", "shipment": "8", "order": "100"})).await;
    assert_eq!(outcomes(&answer), ["accepted"], "{answer}");
    let tenant = domain::TenantId::local();
    let van = domain::ConnectionId::new("van");
    let kept = console.ledger.parcel(&tenant, &van, "T-8").await.unwrap().unwrap();
    assert_eq!(kept.parcel.order_reference.as_deref(), Some("100"));
}
