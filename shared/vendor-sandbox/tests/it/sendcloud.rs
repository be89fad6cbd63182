use data_encoding::{BASE64, HEXLOWER};
use ring::hmac;
use serde_json::{Value, json};

use crate::control::{header, receiver, sent_body};
use crate::support::{Reply, Sandbox, text};

async fn get(sandbox: &Sandbox, path: &str) -> Reply {
    let page = sandbox.vendor("sendcloud").await;
    let pair = format!("{}:{}", text(&page, "/settings/public_key"), text(&page, "/secrets/secret_key"));
    let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
    sandbox.send("GET", &format!("/sendcloud/api{path}"), &[("authorization", &basic)], b"").await
}

#[tokio::test]
async fn a_wrong_key_is_refused_in_the_shape_of_its_version() {
    let sandbox = Sandbox::start().await;
    assert_eq!(get(&sandbox, "/v3/user/auth/metadata").await.status, 200);
    let reply = sandbox.send("GET", "/sendcloud/api/v3/user/auth/metadata", &[], b"").await;
    assert_eq!((reply.status, reply.json()["errors"][0]["code"].clone()), (401, json!("authentication_failed")));
    let reply = sandbox.send("GET", "/sendcloud/api/v2/parcels", &[], b"").await;
    assert_eq!((reply.status, reply.json()["error"]["code"].clone()), (401, json!(401)));
}

#[tokio::test]
async fn a_parcel_is_tracked_by_its_number_with_all_its_events() {
    let sandbox = Sandbox::start().await;
    let parcels = json!([{"tracking_number": "T-1", "carrier": "dpd", "state": "delivered"}]);
    sandbox.order(json!({"reference": "O-1-A", "parcels": parcels})).await;
    let page = get(&sandbox, "/v3/parcels/tracking/T-1").await.json();
    assert_eq!(page["tracking_numbers"][0]["carrier_code"], "dpd");
    let phases: Vec<&str> =
        page["events"].as_array().unwrap().iter().map(|event| text(event, "/status_code")).collect();
    assert_eq!(phases, ["announcing", "ready_to_send", "in_transit", "in_delivery", "delivered"]);
    let missing = get(&sandbox, "/v3/parcels/tracking/T-9").await;
    assert_eq!((missing.status, missing.json()), (404, json!({"detail": "Parcel does not exist"})));
    let old = get(&sandbox, "/v2/tracking/T-9").await;
    assert_eq!((old.status, old.headers["content-type"].as_str()), (404, "application/xml"));
    assert_eq!(get(&sandbox, "/v2/tracking/T-1").await.json()["statuses"][0]["parent_status"], "delivered");
}

#[tokio::test]
async fn a_number_may_come_later_and_moves_updated_after() {
    let sandbox = Sandbox::start().await;
    let wish = json!({"reference": "O-1-A", "parcels": [{"tracking_number": null, "state": "announcing"}, {}]});
    let made = sandbox.order(wish).await;
    let id = text(&made, "/parcels/0/id");
    assert_eq!(made["parcels"][0]["tracking_number"], Value::Null);
    assert_eq!(get(&sandbox, &format!("/v3/parcels/{id}/documents/label")).await.status, 404);
    let change = json!({"tracking_number": "T-1", "state": "label_created"});
    let changed = sandbox.control("PATCH", &format!("/parcels/{id}"), change).await;
    assert_eq!((text(&changed, "/tracking_number"), text(&changed, "/state")), ("T-1", "ready_to_send"));
    assert_eq!(get(&sandbox, "/v3/parcels/tracking/T-1").await.status, 200);
    let since = text(&changed, "/updated_at");
    let list = get(&sandbox, &format!("/v2/parcels?updated_after={since}")).await.json();
    assert_eq!(list["parcels"].as_array().unwrap().len(), 1);
    assert_eq!(list["parcels"][0]["order_number"], "O-1-A");
    assert_eq!(list["next"], Value::Null);
    let one = get(&sandbox, &format!("/v2/parcels/{id}")).await.json();
    assert_eq!(one["parcel"]["status"]["message"], "Ready to send");
    let label = get(&sandbox, &format!("/v3/parcels/{id}/documents/label")).await;
    assert!(label.body.starts_with(b"%PDF"));
    assert_eq!(get(&sandbox, &format!("/v3/parcels/{id}/documents/receipt")).await.status, 400);
    assert_eq!(get(&sandbox, "/v2/parcels/1").await.status, 404);
}

#[tokio::test]
async fn the_list_of_parcels_goes_on_by_cursor() {
    let sandbox = Sandbox::start().await;
    let parcels: Vec<Value> = (0..101).map(|_| json!({})).collect();
    sandbox.order(json!({"document": null, "parcels": parcels})).await;
    let first = get(&sandbox, "/v2/parcels").await.json();
    assert_eq!(first["parcels"].as_array().unwrap().len(), 100);
    let next = text(&first, "/next").split_once("/sendcloud/api").unwrap().1.to_owned();
    let second = get(&sandbox, &next).await.json();
    assert_eq!((second["parcels"].as_array().unwrap().len(), second["next"].clone()), (1, Value::Null));
}

#[tokio::test]
async fn the_webhook_is_signed_with_either_key_over_the_raw_bytes() {
    let sandbox = Sandbox::start().await;
    let (url, got) = receiver().await;
    let made = sandbox.order(json!({"reference": "O-1-A", "parcels": [{"tracking_number": "T-1"}]})).await;
    let id = &made["parcels"][0]["id"];
    for secret in [0, 1] {
        let wish = json!({"vendor": "sendcloud", "url": url, "parcel": id, "secret_index": secret});
        sandbox.control("POST", "/emit", wish).await;
    }
    let wish = json!({"vendor": "sendcloud", "url": url, "parcel": id, "tamper": "body"});
    sandbox.control("POST", "/emit", wish).await;
    let wish = json!({"vendor": "sendcloud", "url": url, "parcel": id, "state": "label_created", "timestamp": 5});
    sandbox.control("POST", "/emit", wish).await;
    let page = sandbox.vendor("sendcloud").await;
    let messages = got.lock().unwrap().clone();
    let fits = |message: &str, key: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, text(&page, &format!("/secrets/{key}")).as_bytes());
        let body = message.split_once("\r\n\r\n").unwrap().1;
        HEXLOWER.encode(hmac::sign(&key, body.as_bytes()).as_ref()) == header(message, "sendcloud-signature")
    };
    assert!(fits(&messages[0], "webhook_signature_key"));
    assert!(fits(&messages[1], "secret_key"));
    assert!(!fits(&messages[2], "webhook_signature_key"));
    let body = sent_body(&messages[0]);
    assert_eq!(body["action"], "parcel_status_changed");
    assert_eq!(body["parcel"]["order_number"], "O-1-A");
    assert_eq!(body["parcel"]["status"]["message"], "En route to sorting center");
    let older = sent_body(&messages[3]);
    assert_eq!(
        (older["timestamp"].clone(), older["parcel"]["status"]["message"].clone()),
        (json!(5), json!("Ready to send"))
    );
}

#[tokio::test]
async fn a_parcel_is_still_there_after_the_file_is_opened_again() {
    let sandbox = Sandbox::start().await;
    sandbox.control("POST", "/parcels", json!({"tracking_number": "T-1", "order_number": "O-7"})).await;
    let sandbox = sandbox.restart().await;
    assert_eq!(get(&sandbox, "/v3/parcels/tracking/T-1").await.json()["source_id"], "O-7");
    let reply = sandbox.send("POST", "/_sandbox/parcels", &[], br#"{"tracking_number":"T-1"}"#).await;
    assert_eq!(reply.status, 422);
}
