use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use serde_json::{Value, json};

use crate::support::{Reply, Sandbox, text};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    page: Value,
    nonce: AtomicU64,
}

impl Shop {
    pub(crate) async fn start() -> Self {
        Self::on(Sandbox::start().await).await
    }

    async fn on(sandbox: Sandbox) -> Self {
        let page = sandbox.vendor("magento").await;
        Self { sandbox, page, nonce: AtomicU64::new(0) }
    }

    fn secret(&self, name: &str) -> &str {
        text(&self.page, &format!("/secrets/{name}"))
    }

    fn signed(&self, method: &str, path: &str, query: &[(&str, &str)], nonce: u64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let fields = [
            ("oauth_consumer_key", text(&self.page, "/settings/consumer_key").to_owned()),
            ("oauth_nonce", format!("nonce-{nonce}")),
            ("oauth_signature_method", "HMAC-SHA256".to_owned()),
            ("oauth_timestamp", now.to_string()),
            ("oauth_token", self.secret("access_token").to_owned()),
            ("oauth_version", "1.0".to_owned()),
        ];
        let mut pairs: Vec<String> = fields.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        pairs.extend(query.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))));
        pairs.sort();
        let address = format!("http://{}/magento{path}", self.sandbox.address);
        let base = format!("{method}&{}&{}", encode(&address), encode(&pairs.join("&")));
        let key = format!("{}&{}", self.secret("consumer_secret"), self.secret("access_token_secret"));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), base.as_bytes());
        let mut header: Vec<String> = fields.iter().map(|(k, v)| format!("{k}=\"{}\"", encode(v))).collect();
        header.push(format!("oauth_signature=\"{}\"", encode(&BASE64.encode(tag.as_ref()))));
        format!("OAuth {}", header.join(", "))
    }

    async fn call(&self, method: &str, path: &str, query: &[(&str, &str)], body: Option<Value>) -> Reply {
        let path = format!("/rest/default/V1{path}");
        let header = self.signed(method, &path, query, self.nonce.fetch_add(1, Ordering::Relaxed));
        let pairs: Vec<String> = query.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        let target = format!("/magento{path}?{}", pairs.join("&"));
        let headers = [("authorization", header.as_str()), ("content-type", "application/json")];
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.sandbox.send(method, &target, &headers, body.as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.call("POST", path, &[], Some(body)).await
    }

    pub(crate) async fn by(&self, path: &str, field: &str, value: &str) -> Value {
        let query = [
            ("searchCriteria[filter_groups][0][filters][0][field]", field),
            ("searchCriteria[filter_groups][0][filters][0][value]", value),
            ("searchCriteria[filter_groups][0][filters][0][condition_type]", "eq"),
        ];
        self.call("GET", path, &query, None).await.json()
    }

    pub(crate) async fn order(&self, wish: Value) -> Value {
        let mut wish = wish;
        wish["channel"] = json!("magento");
        self.sandbox.order(wish).await["order"].clone()
    }
}

pub(crate) fn message(reply: &Reply) -> String {
    text(&reply.json(), "/message").to_owned()
}

#[tokio::test]
async fn a_signed_call_is_taken_and_its_repeat_is_not() {
    let shop = Shop::start().await;
    assert_eq!(shop.get("/store/storeConfigs").await.status, 200);
    let path = "/rest/default/V1/store/storeConfigs";
    let header = shop.signed("GET", path, &[], 900);
    let headers = [("authorization", header.as_str())];
    let target = format!("/magento{path}");
    assert_eq!(shop.sandbox.send("GET", &target, &headers, b"").await.status, 200);
    let again = shop.sandbox.send("GET", &target, &headers, b"").await;
    assert_eq!((again.status, again.json()["parameters"].clone()), (401, json!(["1"])));
    let other = shop.signed("POST", path, &[], 901);
    let refused = shop.sandbox.send("GET", &target, &[("authorization", &other)], b"").await;
    assert_eq!((refused.status, message(&refused).as_str()), (401, "The signature is invalid. Verify and try again."));
    let bare = shop.sandbox.send("GET", &target, &[], b"").await;
    assert_eq!(bare.json()["parameters"]["resources"], "Magento_Backend::store");
}

#[tokio::test]
async fn the_access_token_is_no_bearer_until_the_administrator_allows_it() {
    let shop = Shop::start().await;
    let bearer = format!("Bearer {}", shop.secret("access_token"));
    let target = "/magento/rest/default/V1/store/storeConfigs";
    assert_eq!(shop.sandbox.send("GET", target, &[("authorization", &bearer)], b"").await.status, 401);
    shop.sandbox.control("PATCH", "/vendors/magento", json!({"bearer": true})).await;
    assert_eq!(shop.sandbox.send("GET", target, &[("authorization", &bearer)], b"").await.status, 200);
    assert_eq!(shop.sandbox.vendor("magento").await["settings"]["auth"], "bearer");
}

#[tokio::test]
async fn a_missing_permission_is_401_with_its_name() {
    let shop = Shop::start().await;
    let order = shop.order(json!({})).await;
    shop.sandbox.control("PATCH", "/vendors/magento", json!({"acl_denied": ["Magento_Sales::ship"]})).await;
    let path = format!("/order/{}/ship", text(&order, "/id"));
    let reply = shop.post(&path, json!({})).await;
    assert_eq!(reply.status, 401);
    assert_eq!(message(&reply), "The consumer isn't authorized to access %resources.");
    assert_eq!(reply.json()["parameters"]["resources"], "Magento_Sales::ship");
    assert_eq!(shop.get(&format!("/orders/{}", text(&order, "/id"))).await.status, 200);
}

#[tokio::test]
async fn an_order_is_found_by_its_increment_id_not_by_its_path() {
    let shop = Shop::start().await;
    let lines = json!([{"sku": "A", "quantity": 2, "price": 121, "vat_rate": 21}]);
    let order = shop.order(json!({"reference": "000000123", "currency": "EUR", "lines": lines})).await;
    let found = shop.by("/orders", "increment_id", "000000123").await;
    assert_eq!(found["total_count"], 1);
    let item = &found["items"][0];
    assert_eq!(item["entity_id"].to_string(), text(&order, "/id"));
    assert_eq!((item["grand_total"].to_string(), item["tax_amount"].to_string()), ("242".into(), "42".into()));
    assert_eq!(item["order_currency_code"], "EUR");
    assert_eq!(item["items"][0]["qty_ordered"], 2);
    assert_eq!(shop.by("/orders", "increment_id", "000000999").await["total_count"], 0);
    shop.order(json!({"reference": "Web-7"})).await;
    assert_eq!(shop.by("/orders", "increment_id", "wEB-7").await["items"][0]["increment_id"], "Web-7");
    let unknown = shop.get("/orders/000000123").await;
    assert_eq!(unknown.status, 404);
    assert_eq!(message(&unknown), "The entity that was requested doesn't exist. Verify the entity and try again.");
    let bare = shop.get("/orders").await;
    assert_eq!((bare.status, bare.json()["parameters"]["fieldName"].clone()), (400, json!("searchCriteria")));
}

#[tokio::test]
async fn pages_have_a_size_a_bound_and_the_last_one_repeats() {
    let shop = Shop::start().await;
    for _ in 0..3 {
        shop.order(json!({"document": null, "parcels": []})).await;
    }
    let page = |size: &'static str, current: &'static str| {
        let query = [("searchCriteria[pageSize]", size), ("searchCriteria[currentPage]", current)];
        let shop = &shop;
        async move { shop.call("GET", "/orders", &query, None).await }
    };
    let second = page("2", "2").await.json();
    assert_eq!((second["items"].as_array().unwrap().len(), second["total_count"].clone()), (1, json!(3)));
    assert_eq!(page("2", "9").await.json()["items"], second["items"]);
    assert_eq!(page("301", "1").await.status, 400);
}

#[tokio::test]
async fn an_invoice_is_a_bare_integer_and_its_repeat_says_400_with_placeholders() {
    let shop = Shop::start().await;
    let order = shop.order(json!({"reference": "1001", "shipping": 100})).await;
    let path = format!("/order/{}/invoice", text(&order, "/id"));
    let wish = json!({"capture": false, "notify": false, "appendComment": true,
                      "comment": {"comment": "Invoice 2026-0001", "is_visible_on_front": 0}});
    let reply = shop.post(&path, wish.clone()).await;
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"1"[..]));
    let invoices = shop.by("/invoices", "order_id", text(&order, "/id")).await;
    assert_eq!(invoices["items"][0]["comments"][0]["comment"], "Invoice 2026-0001");
    assert_eq!(invoices["items"][0]["grand_total"], 1310);
    assert_eq!(invoices["items"][0]["items"][0]["qty"], 1);
    let again = shop.post(&path, wish.clone()).await;
    assert_eq!(again.status, 400);
    let words = "Invoice Document Validation Error(s):\nThe order does not allow an invoice to be created.\nYou can't create an invoice without products.";
    assert_eq!(message(&again), words);
    shop.sandbox.control("PATCH", "/orders/magento/1001", json!({"state": "complete"})).await;
    let complete = shop.post(&path, wish).await;
    assert!(message(&complete).contains("when an order has a status of %1"));
    assert_eq!(complete.json()["parameters"], json!(["complete"]));
    assert_eq!(shop.sandbox.effects("magento", "invoices").await, 1);
    assert_eq!(shop.sandbox.effects("magento", "captures").await, 0);
}

#[tokio::test]
async fn a_partial_invoice_repeated_makes_a_second_one_while_quantity_is_left() {
    let shop = Shop::start().await;
    let order = shop.order(json!({"reference": "1001", "lines": [{"sku": "A", "quantity": 3}]})).await;
    let item: u64 = text(&order, "/lines/0/id").parse().unwrap();
    let path = format!("/order/{}/invoice", text(&order, "/id"));
    let wish =
        json!({"items": [{"order_item_id": item, "qty": 1}], "appendComment": true, "comment": {"comment": "F-1"}});
    for _ in 0..2 {
        assert_eq!(shop.post(&path, wish.clone()).await.status, 200);
    }
    let page = shop.sandbox.control("GET", "/effects?vendor=magento", json!({})).await;
    assert_eq!(page["duplicates"][0]["count"], 2);
    let much = shop.post(&path, json!({"items": [{"order_item_id": item, "qty": 2}]})).await;
    assert!(message(&much).contains("must not be greater than the uninvoiced quantity for product SKU \"%1\""));
    assert_eq!(much.json()["parameters"], json!(["A"]));
    let foreign = shop.post(&path, json!({"items": [{"order_item_id": 999, "qty": 1}]})).await;
    assert_eq!(foreign.status, 400);
    let order = shop.get(&format!("/orders/{}", text(&order, "/id"))).await.json();
    assert_eq!((order["items"][0]["qty_invoiced"].clone(), order["state"].clone()), (json!(2), json!("processing")));
}

#[tokio::test]
async fn a_shipment_carries_its_track_and_a_second_track_is_a_second_row() {
    let shop = Shop::start().await;
    let order = shop.order(json!({"reference": "1001"})).await;
    let id: u64 = text(&order, "/id").parse().unwrap();
    let path = format!("/order/{id}/ship");
    let untitled = json!({"tracks": [{"track_number": "T-1", "carrier_code": "custom"}]});
    assert_eq!(shop.post(&path, untitled).await.status, 400);
    let wish = json!({"notify": false, "tracks": [{"track_number": "T-1", "title": "DPD", "carrier_code": "custom"}]});
    let reply = shop.post(&path, wish.clone()).await;
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"1"[..]));
    let again = shop.post(&path, wish).await;
    let words = "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created.\nYou can't create a shipment without products.";
    assert_eq!((again.status, message(&again).as_str()), (400, words));
    let track = json!({"entity": {"order_id": id, "parent_id": 1, "track_number": "T-2", "title": "DPD", "carrier_code": "custom"}});
    for _ in 0..2 {
        assert_eq!(shop.post("/shipment/track", track.clone()).await.json()["track_number"], "T-2");
    }
    let shipments = shop.by("/shipments", "order_id", &id.to_string()).await;
    assert_eq!(shipments["items"][0]["tracks"].as_array().unwrap().len(), 3);
    assert_eq!(shop.sandbox.effects("magento", "tracks").await, 3);
    assert_eq!(shop.call("DELETE", "/shipment/track/3", &[], None).await.json(), json!(true));
    assert_eq!(shop.call("DELETE", "/shipment/track/3", &[], None).await.status, 404);
}

#[tokio::test]
async fn invoiced_and_shipped_is_complete_and_refunded_is_closed() {
    let shop = Shop::start().await;
    let order = shop.order(json!({"lines": [{"sku": "A", "quantity": 2, "price": 100, "vat_rate": 0}]})).await;
    let id = text(&order, "/id");
    shop.post(&format!("/order/{id}/invoice"), json!({})).await;
    shop.post(&format!("/order/{id}/ship"), json!({})).await;
    assert_eq!(shop.get(&format!("/orders/{id}")).await.json()["state"], "complete");
    let item: u64 = text(&order, "/lines/0/id").parse().unwrap();
    let part =
        json!({"items": [{"order_item_id": item, "qty": 1}], "appendComment": true, "comment": {"comment": "CN-1"}});
    for memo in ["1", "2"] {
        let reply = shop.post(&format!("/order/{id}/refund"), part.clone()).await;
        assert_eq!((reply.status, reply.body.as_slice()), (200, memo.as_bytes()));
    }
    assert_eq!(shop.post(&format!("/order/{id}/refund"), part).await.status, 400);
    assert_eq!(shop.get(&format!("/orders/{id}")).await.json()["state"], "closed");
    assert_eq!(shop.by("/creditmemos", "order_id", id).await["total_count"], 2);
}

#[tokio::test]
async fn cancel_answers_true_once_and_then_200_false() {
    let shop = Shop::start().await;
    let order = shop.order(json!({"state": "new"})).await;
    let path = format!("/orders/{}/cancel", text(&order, "/id"));
    let first = shop.post(&path, json!({})).await;
    assert_eq!((first.status, first.json()), (200, json!(true)));
    let second = shop.post(&path, json!({})).await;
    assert_eq!((second.status, second.json()), (200, json!(false)));
    assert_eq!(shop.sandbox.effects("magento", "cancellations").await, 1);
}

#[tokio::test]
async fn comments_add_rows_to_orders_and_invoices() {
    let shop = Shop::start().await;
    let order = shop.order(json!({})).await;
    let id = text(&order, "/id");
    let comment = json!({"statusHistory": {"comment": "Invoice F-1", "parent_id": 1, "is_customer_notified": 0,
        "is_visible_on_front": 0}});
    for field in ["comment", "parent_id", "is_customer_notified", "is_visible_on_front"] {
        let mut less = comment.clone();
        less["statusHistory"].as_object_mut().unwrap().remove(field);
        let refused = shop.post(&format!("/orders/{id}/comments"), less).await;
        assert_eq!((refused.status, &refused.json()["parameters"]["fieldName"]), (400, &json!(field)));
    }
    for _ in 0..2 {
        assert_eq!(shop.post(&format!("/orders/{id}/comments"), comment.clone()).await.json(), json!(true));
    }
    assert_eq!(shop.get(&format!("/orders/{id}/comments")).await.json()["total_count"], 2);
    shop.post(&format!("/order/{id}/invoice"), json!({})).await;
    let comment =
        json!({"entity": {"parent_id": 1, "comment": "F-1", "is_customer_notified": 0, "is_visible_on_front": 0}});
    assert_eq!(shop.post("/invoices/comments", comment).await.json()["comment"], "F-1");
    assert_eq!(shop.get("/invoices/1/comments").await.json()["items"][0]["comment"], "F-1");
    assert_eq!(shop.get("/invoices/1").await.json()["comments"][0]["comment"], "F-1");
}

#[tokio::test]
async fn what_happened_is_still_there_after_the_file_is_opened_again() {
    let shop = Shop::start().await;
    let order = shop.order(json!({"reference": "1001", "lines": [{"sku": "A", "quantity": 2}]})).await;
    let id = text(&order, "/id");
    let item: u64 = text(&order, "/lines/0/id").parse().unwrap();
    let part = json!({"items": [{"order_item_id": item, "qty": 1}]});
    shop.post(&format!("/order/{id}/invoice"), part.clone()).await;
    let track = json!([{"track_number": "T-1", "title": "DPD", "carrier_code": "custom"}]);
    shop.post(&format!("/order/{id}/ship"), json!({"items": part["items"], "tracks": track})).await;
    let shop = Shop::on(shop.sandbox.restart().await).await;
    assert_eq!(shop.sandbox.effects("magento", "invoices").await, 1);
    let found = shop.by("/orders", "increment_id", "1001").await;
    assert_eq!(found["items"][0]["items"][0]["qty_invoiced"], 1);
    assert_eq!(shop.post(&format!("/order/{id}/invoice"), part).await.body, b"2");
    let shipments = shop.by("/shipments", "order_id", id).await;
    assert_eq!(shipments["items"][0]["tracks"][0]["track_number"], "T-1");
}
