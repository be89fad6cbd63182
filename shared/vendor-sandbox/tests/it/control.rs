use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{Sandbox, text};

/// A receiver of webhooks that keeps what it got and answers 202.
pub(crate) async fn receiver() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/accounting/books", listener.local_addr().unwrap());
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut text = Vec::new();
            while !whole(&text) {
                let mut piece = [0_u8; 4096];
                let count = stream.read(&mut piece).await.unwrap();
                if count == 0 {
                    break;
                }
                text.extend(&piece[..count]);
            }
            kept.lock().unwrap().push(String::from_utf8(text).unwrap());
            let answer = "HTTP/1.1 202 Accepted\r\ncontent-length: 14\r\n\r\n{\"accepted\":1}";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, got)
}

fn whole(text: &[u8]) -> bool {
    let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&text[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    text.len() >= end + 4 + length.parse::<usize>().unwrap()
}

pub(crate) fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap()
}

pub(crate) fn sent_body(message: &str) -> Value {
    serde_json::from_str(message.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn the_first_page_gives_connections_that_can_be_put_as_they_are() {
    let sandbox = Sandbox::start().await;
    let page = sandbox.control("GET", "", json!({})).await;
    let books = &page["vendors"]["fakturoid"];
    assert_eq!(text(books, "/settings/base_url"), format!("http://{}/fakturoid", sandbox.address));
    for field in ["/settings/slug", "/settings/client_id", "/settings/contact_email", "/secrets/client_secret"] {
        assert!(!text(books, field).is_empty());
    }
    assert!(text(books, "/secrets/webhook_authorization").starts_with("Bearer "));
    assert_ne!(page["vendors"]["mirakl"]["secrets"], page["vendors"]["mirakl-2"]["secrets"]);
}

#[tokio::test]
async fn an_empty_wish_makes_an_order_with_an_invoice() {
    let sandbox = Sandbox::start().await;
    let made = sandbox.order(json!({})).await;
    assert_eq!(made["order"]["reference"], made["reference"]);
    assert_eq!(made["document"]["order_number"], made["reference"]);
    assert_eq!(made["documents"].as_array().unwrap().len(), 1);
    assert_eq!(made["order"]["total"], "1210");
}

#[tokio::test]
async fn a_document_may_name_another_order_or_none() {
    let sandbox = Sandbox::start().await;
    let none = sandbox.order(json!({"document": {"order_number": null}})).await;
    assert_eq!(none["document"]["order_number"], Value::Null);
    let other = sandbox.order(json!({"document": {"order_number": "X-1", "number": "F-7", "id": "77"}})).await;
    assert_eq!(
        (text(&other, "/document/order_number"), text(&other, "/document/number"), text(&other, "/document/id")),
        ("X-1", "F-7", "77")
    );
    let without = sandbox.order(json!({"document": null})).await;
    assert_eq!(without["document"], Value::Null);
    let alone = sandbox.control("POST", "/documents", json!({"order_number": "X-2"})).await;
    assert_eq!(alone["order_number"], "X-2");
}

#[tokio::test]
async fn a_wish_with_an_unknown_field_is_refused_by_name() {
    let sandbox = Sandbox::start().await;
    let reply = sandbox.send("POST", "/_sandbox/orders", &[], br#"{"refrence":"O-1"}"#).await;
    assert_eq!(reply.status, 422);
    assert!(text(&reply.json(), "/message").contains("refrence"));
    assert_eq!(sandbox.send("GET", "/_sandbox/nothing", &[], b"").await.status, 404);
    assert_eq!(sandbox.send("GET", "/shopify/x", &[], b"").await.status, 404);
}

#[tokio::test]
async fn a_webhook_carries_the_vendors_value_and_the_whole_document() {
    let sandbox = Sandbox::start().await;
    let (url, got) = receiver().await;
    let made = sandbox.order(json!({"reference": "O-1-A", "document": {"status": "paid"}})).await;
    let id = text(&made, "/document/id");
    let wish = json!({"vendor": "fakturoid", "url": url, "event": "invoice_paid", "document": id, "times": 3, "concurrent": true});
    let sent = sandbox.control("POST", "/emit", wish).await;
    assert_eq!(sent["sent"].as_array().unwrap().len(), 3);
    assert_eq!(sent["sent"][0], json!({"status": 202, "body": {"accepted": 1}}));
    let messages = got.lock().unwrap().clone();
    assert_eq!(messages.len(), 3);
    let expected = sandbox.vendor("fakturoid").await;
    assert_eq!(header(&messages[0], "authorization"), text(&expected, "/secrets/webhook_authorization"));
    assert_eq!(header(&messages[0], "idempotency-key"), header(&messages[2], "idempotency-key"));
    let body = sent_body(&messages[0]);
    assert_eq!(body["event_name"], "invoice_paid");
    assert_eq!(body["body"]["invoice"]["order_number"], "O-1-A");
    assert_eq!(body["body"]["payment"]["amount"], "1210.0");
}

#[tokio::test]
async fn a_tampered_webhook_is_wrong_and_a_body_of_ones_own_is_sent_as_given() {
    let sandbox = Sandbox::start().await;
    let (url, got) = receiver().await;
    let made = sandbox.order(json!({})).await;
    let wish = json!({"vendor": "fakturoid", "url": url, "document": made["document"]["id"], "tamper": "signature"});
    sandbox.control("POST", "/emit", wish).await;
    let wish = json!({"vendor": "fakturoid", "url": url, "body": {"body": {"inbox_files": {"count": 2}}}});
    sandbox.control("POST", "/emit", wish).await;
    let messages = got.lock().unwrap().clone();
    let expected = sandbox.vendor("fakturoid").await;
    assert_ne!(header(&messages[0], "authorization"), text(&expected, "/secrets/webhook_authorization"));
    assert_eq!(sent_body(&messages[1]), json!({"body": {"inbox_files": {"count": 2}}}));
}

#[tokio::test]
async fn a_webhook_that_nobody_takes_says_so() {
    let sandbox = Sandbox::start().await;
    let made = sandbox.order(json!({})).await;
    let wish = json!({"vendor": "fakturoid", "url": "http://127.0.0.1:1/x", "document": made["document"]["id"]});
    let sent = sandbox.control("POST", "/emit", wish).await;
    assert_eq!(sent["sent"][0]["status"], Value::Null);
}

#[tokio::test]
async fn calls_are_counted_apart_from_effects() {
    let sandbox = Sandbox::start().await;
    for _ in 0..3 {
        sandbox.send("PUT", "/mirakl/api/orders/O-1-A/ship", &[], b"").await;
    }
    let calls = sandbox.control("GET", "/calls", json!({})).await;
    assert_eq!(calls["vendors"]["mirakl"]["OR24"], 3);
    assert_eq!(sandbox.effects("mirakl", "shipped").await, 0);
    let page = sandbox.control("GET", "/wait?vendor=mirakl&calls=3&timeout=5", json!({})).await;
    assert_eq!(page["reached"], true);
}

#[tokio::test]
async fn an_order_with_a_wrong_document_or_parcel_is_not_made_at_all() {
    let sandbox = Sandbox::start().await;
    for wrong in [json!({"document": {"status": "new"}}), json!({"parcels": [{"state": "flying"}]})] {
        let mut wish = wrong;
        wish["reference"] = json!("O-1-A");
        assert_eq!(sandbox.send("POST", "/_sandbox/orders", &[], wish.to_string().as_bytes()).await.status, 422);
    }
    assert_eq!(sandbox.order(json!({"reference": "O-1-A"})).await["reference"], "O-1-A");
}
