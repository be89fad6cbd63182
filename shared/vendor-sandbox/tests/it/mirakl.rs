use serde_json::{Value, json};

use crate::support::{Reply, Sandbox, text, upload, uploads};

struct Shop {
    sandbox: Sandbox,
    prefix: &'static str,
    key: String,
}

impl Shop {
    async fn start() -> Self {
        Self::on(Sandbox::start().await, "mirakl").await
    }

    async fn on(sandbox: Sandbox, prefix: &'static str) -> Self {
        let key = text(&sandbox.vendor(prefix).await, "/secrets/api_key").to_owned();
        Self { sandbox, prefix, key }
    }

    async fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Reply {
        let target = format!("/{}/api{path}", self.prefix);
        let headers = [("authorization", self.key.as_str()), ("content-type", content_type)];
        self.sandbox.send(method, &target, &headers, body).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "application/json", b"").await
    }

    async fn json(&self, method: &str, path: &str, body: Value) -> Reply {
        self.send(method, path, "application/json", body.to_string().as_bytes()).await
    }

    async fn upload(&self, order: &str, name: &str, code: &str, file: &[u8]) -> Reply {
        let (kind, body) = upload(name, code, file);
        self.send("POST", &format!("/orders/{order}/documents"), &kind, &body).await
    }
}

#[tokio::test]
async fn the_key_is_taken_raw_and_never_as_bearer() {
    let shop = Shop::start().await;
    assert_eq!(shop.get("/reasons").await.status, 200);
    let bearer = format!("Bearer {}", shop.key);
    let reply = shop.sandbox.send("GET", "/mirakl/api/reasons", &[("authorization", &bearer)], b"").await;
    assert_eq!((reply.status, reply.json()["status"].clone()), (401, json!(401)));
    assert_eq!(shop.sandbox.send("GET", "/mirakl/api/version", &[], b"").await.status, 200);
}

#[tokio::test]
async fn an_order_is_found_by_its_id_and_pages_have_bounds() {
    let shop = Shop::start().await;
    for reference in ["O-1-A", "O-2-A", "O-3-A"] {
        shop.sandbox.order(json!({"channel": "mirakl", "reference": reference, "currency": "EUR"})).await;
    }
    let page = shop.get("/orders?order_ids=O-2-A,O-9-A").await.json();
    assert_eq!(page["total_count"], 1);
    assert_eq!(page["orders"][0]["order_id"], "O-2-A");
    assert_eq!(page["orders"][0]["order_state"], "SHIPPING");
    assert_eq!(page["orders"][0]["total_price"].to_string(), "1210");
    assert_eq!(page["orders"][0]["currency_iso_code"], "EUR");
    assert_eq!(page["orders"][0]["order_lines"][0]["order_line_id"], "O-2-A-1");
    let page = shop.get("/orders?max=2&offset=2").await.json();
    assert_eq!(page["total_count"], 3);
    assert_eq!(page["orders"].as_array().unwrap().len(), 1);
    assert_eq!(shop.get("/orders?max=101").await.status, 400);
}

#[tokio::test]
async fn an_upload_keeps_its_bytes_and_the_same_name_again_makes_a_second_document() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    let file = b"%PDF-1.4 practice \x00\xff";
    for _ in 0..2 {
        let reply = shop.upload("O-1-A", "2026-0001.pdf", "CUSTOMER_INVOICE", file).await;
        assert_eq!((reply.status, reply.json()), (200, json!({"errors_count": 0, "order_documents": []})));
    }
    let list = shop.get("/orders/documents?order_ids=O-1-A").await.json();
    assert_eq!(list["order_documents"].as_array().unwrap().len(), 2);
    assert_eq!(list["order_documents"][0]["file_size"], file.len());
    let id = list["order_documents"][0]["id"].to_string();
    assert_eq!(shop.get(&format!("/orders/documents/download?document_ids={id}")).await.body, file);
    let zip = shop.get("/orders/documents/download?order_ids=O-1-A").await;
    assert!(zip.body.starts_with(b"PK\x03\x04"));
    assert_eq!(shop.sandbox.effects("mirakl", "documents").await, 2);
    let page = shop.sandbox.control("GET", "/effects", json!({})).await;
    assert_eq!(
        page["duplicates"],
        json!([{"vendor": "mirakl", "kind": "documents", "order": "O-1-A", "key": "2026-0001.pdf", "count": 2}])
    );
    assert_eq!(shop.send("DELETE", &format!("/orders/documents/{id}"), "application/json", b"").await.status, 204);
    assert_eq!(shop.send("DELETE", &format!("/orders/documents/{id}"), "application/json", b"").await.status, 404);
    assert_eq!(shop.get("/orders?order_ids=O-1-A").await.json()["orders"][0]["has_invoice"], true);
}

#[tokio::test]
async fn an_upload_answers_200_with_the_errors_inside() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    let cases = [
        ("a.pdf", "NO_SUCH_TYPE", &b"x"[..], "valid_order_document.type"),
        ("a.pdf", "SYSTEM_DELIVERY_BILL", b"x", "valid_order_document.type"),
        ("a.exe", "CUSTOMER_INVOICE", b"x", "valid_order_document.extension"),
        ("dir/a.pdf", "CUSTOMER_INVOICE", b"x", "valid_order_document.file_name"),
        ("a.pdf", "CUSTOMER_INVOICE", b"", "valid_order_document.file"),
    ];
    for (name, code, file, wanted) in cases {
        let reply = shop.upload("O-1-A", name, code, file).await;
        assert_eq!((reply.status, reply.json()["errors_count"].clone()), (200, json!(1)), "{name} {code}");
        assert_eq!(reply.json()["order_documents"][0]["errors"][0]["code"], wanted);
    }
    assert_eq!(shop.sandbox.effects("mirakl", "documents").await, 0);
    assert_eq!(shop.upload("O-9-A", "a.pdf", "CUSTOMER_INVOICE", b"x").await.status, 404);
    assert_eq!(shop.json("POST", "/orders/O-1-A/documents", json!({})).await.status, 415);
}

#[tokio::test]
async fn one_bad_document_does_not_stop_the_good_one_beside_it() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    let documents = json!({"order_documents": [
        {"file_name": "good.pdf", "type_code": "CUSTOMER_INVOICE"}, {"file_name": "bad.pdf", "type_code": "X"}]});
    let (kind, body) = uploads(&[("good.pdf", b"1"), ("bad.pdf", b"2")], &documents);
    let reply = shop.send("POST", "/orders/O-1-A/documents", &kind, &body).await;
    assert_eq!(reply.json()["errors_count"], 1);
    assert_eq!(reply.json()["order_documents"][0]["input"]["file_name"], "bad.pdf");
    assert_eq!(shop.sandbox.effects("mirakl", "documents").await, 1);
}

#[tokio::test]
async fn an_order_holds_at_most_fifty_documents() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    for number in 0..50 {
        let reply = shop.upload("O-1-A", &format!("{number}.pdf"), "CUSTOMER_INVOICE", b"x").await;
        assert_eq!(reply.json()["errors_count"], 0);
    }
    let reply = shop.upload("O-1-A", "more.pdf", "CUSTOMER_INVOICE", b"x").await;
    assert_eq!((reply.status, reply.json()["errors_count"].clone()), (200, json!(1)));
}

#[tokio::test]
async fn tracking_overwrites_and_shipping_is_refused_outside_shipping() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    let tracking = |number: &str| json!({"carrier_code": "DPD", "tracking_number": number});
    assert_eq!(shop.json("PUT", "/orders/O-1-A/tracking", tracking("T-1")).await.status, 204);
    assert_eq!(shop.json("PUT", "/orders/O-1-A/tracking", tracking("T-1")).await.status, 204);
    assert_eq!(shop.sandbox.effects("mirakl", "tracking").await, 1);
    let unknown = json!({"carrier_code": "NOBODY", "tracking_number": "T-1"});
    assert_eq!(shop.json("PUT", "/orders/O-1-A/tracking", unknown).await.status, 400);
    let free = json!({"carrier_name": "Zásilkovna", "carrier_url": "https://x", "tracking_number": "T-2"});
    assert_eq!(shop.json("PUT", "/orders/O-1-A/tracking", free).await.status, 204);
    let order = shop.get("/orders?order_ids=O-1-A").await.json();
    assert_eq!(order["orders"][0]["shipping_tracking"], "T-2");
    assert_eq!(order["orders"][0]["shipping_company"], "Zásilkovna");
    assert_eq!(shop.json("PUT", "/orders/O-1-A/ship", json!({})).await.status, 204);
    let again = shop.json("PUT", "/orders/O-1-A/ship", json!({})).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.json()["message"], "The order status must be 'SHIPPING' but it is 'SHIPPED'.");
    assert_eq!(shop.sandbox.effects("mirakl", "shipped").await, 1);
    shop.sandbox.control("PATCH", "/vendors/mirakl", json!({"free_carriers": false})).await;
    let free = json!({"carrier_name": "Somebody", "tracking_number": "T-3"});
    assert_eq!(shop.json("PUT", "/orders/O-1-A/tracking", free).await.status, 400);
}

fn shipment(order: &str, quantity: u64) -> Value {
    json!({"order_id": order, "shipped": true, "shipment_lines": [{"order_line_id": format!("{order}-1"), "quantity": quantity}],
           "tracking": {"carrier_code": "UPS", "tracking_number": "T-1"}})
}

#[tokio::test]
async fn shipments_answer_201_with_the_errors_inside_and_a_repeat_makes_a_second() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A", "lines": [{"sku": "A", "quantity": 3}]})).await;
    let part = json!({"shipments": [shipment("O-1-A", 1)]});
    for _ in 0..2 {
        let reply = shop.json("POST", "/shipments", part.clone()).await;
        assert_eq!(reply.status, 201);
        assert_eq!(reply.json()["shipment_success"][0]["order_id"], "O-1-A");
    }
    assert_eq!(shop.sandbox.effects("mirakl", "shipments").await, 2);
    let left = shop.get("/shipments/items_to_ship?order_id=O-1-A").await.json();
    assert_eq!(left["data"][0]["shipment_lines"][0]["quantity"], 1);
    let both = json!({"shipments": [shipment("O-1-A", 2), shipment("O-9-A", 1)]});
    let reply = shop.json("POST", "/shipments", both).await;
    assert_eq!((reply.status, reply.json()["shipment_success"].clone()), (201, json!([])));
    assert_eq!(reply.json()["shipment_errors"][0]["message"], "Shipment quantity is invalid.");
    shop.json("POST", "/shipments", part.clone()).await;
    let reply = shop.json("POST", "/shipments", part).await;
    let message = "The order status must be 'SHIPPING' but it is 'SHIPPED'.";
    assert_eq!(reply.json()["shipment_errors"][0]["message"], message);
    let list = shop.get("/shipments?order_id=O-1-A").await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
    assert_eq!(list["data"][0]["tracking"]["tracking_number"], "T-1");
}

#[tokio::test]
async fn without_multi_shipment_the_call_itself_is_404() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    shop.sandbox.control("PATCH", "/vendors/mirakl", json!({"multi_shipment": false})).await;
    let body = json!({"shipments": [shipment("O-1-A", 1)]});
    assert_eq!(shop.json("POST", "/shipments", body).await.status, 404);
    assert_eq!(shop.get("/shipments?order_id=O-1-A").await.status, 404);
}

#[tokio::test]
async fn two_instances_with_the_same_order_number_know_nothing_of_each_other() {
    let sandbox = Sandbox::start().await;
    sandbox.order(json!({"channel": "mirakl", "reference": "O-1-A"})).await;
    sandbox.order(json!({"channel": "mirakl-2", "reference": "O-1-A", "document": null})).await;
    let second = Shop::on(sandbox, "mirakl-2").await;
    assert_eq!(second.upload("O-1-A", "a.pdf", "CUSTOMER_INVOICE", b"x").await.status, 200);
    assert_eq!(second.sandbox.effects("mirakl", "documents").await, 0);
    assert_eq!(second.sandbox.effects("mirakl-2", "documents").await, 1);
    let headers = [("authorization", second.key.as_str())];
    let other = second.sandbox.send("GET", "/mirakl/api/reasons", &headers, b"").await;
    assert_eq!(other.status, 401);
}

#[tokio::test]
async fn what_happened_is_still_there_after_the_file_is_opened_again() {
    let shop = Shop::start().await;
    shop.sandbox.order(json!({"reference": "O-1-A", "lines": [{"quantity": 2}]})).await;
    shop.upload("O-1-A", "a.pdf", "CUSTOMER_INVOICE", b"%PDF kept").await;
    shop.json("POST", "/shipments", json!({"shipments": [shipment("O-1-A", 1)]})).await;
    shop.sandbox.control("PATCH", "/vendors/mirakl", json!({"free_carriers": false})).await;
    let key = shop.key.clone();
    let shop = Shop::on(shop.sandbox.restart().await, "mirakl").await;
    assert_eq!(shop.key, key);
    assert_eq!(shop.sandbox.effects("mirakl", "documents").await, 1);
    assert_eq!(shop.sandbox.vendor("mirakl").await["options"]["free_carriers"], false);
    let list = shop.get("/orders/documents?order_ids=O-1-A").await.json();
    let id = list["order_documents"][0]["id"].to_string();
    assert_eq!(shop.get(&format!("/orders/documents/download?document_ids={id}")).await.body, b"%PDF kept");
    assert_eq!(shop.get("/shipments?order_id=O-1-A").await.json()["data"].as_array().unwrap().len(), 1);
    let reply = shop.json("POST", "/shipments", json!({"shipments": [shipment("O-1-A", 2)]})).await;
    assert_eq!(reply.json()["shipment_errors"][0]["message"], "Shipment quantity is invalid.");
}

#[tokio::test]
async fn the_control_calls_show_whether_the_same_bytes_travelled() {
    let shop = Shop::start().await;
    let made = shop.sandbox.order(json!({"reference": "O-1-A"})).await;
    shop.upload("O-1-A", "a.pdf", "CUSTOMER_INVOICE", b"abc").await;
    let uploads = shop.sandbox.control("GET", "/uploads/mirakl/O-1-A", json!({})).await;
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(uploads["uploads"][0]["sha256"], hash);
    let id = text(&made, "/document/id");
    let document = shop.sandbox.control("GET", &format!("/documents/{id}"), json!({})).await;
    assert_eq!(document, made["document"]);
    assert_eq!(text(&document, "/pdf_sha256").len(), 64);
}
