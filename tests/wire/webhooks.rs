//! Who is not let in, at the function URLs and at the API's gateway.

use crate::http;
use crate::merchant::{Merchant, called};
use crate::stack::{PEACE, SOON};
use serde_json::{Value, json};

const MIB: usize = 1024 * 1024;

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn only_what_is_signed_is_taken_and_only_what_can_be_read() {
    let merchant = Merchant::with(3, &["books", "parcels", "market"]);
    let _peace = PEACE.read();
    let stack = merchant.stack;
    let shown = stack.vendor("GET", &format!("/_sandbox/vendors/{}", merchant.vendor("fakturoid")), Value::Null);
    let authorization = shown["secrets"]["webhook_authorization"].as_str().unwrap();
    let right = [("Authorization", authorization), ("Content-Type", "application/json")];
    let wrong = [("Authorization", "Bearer of-somebody-else")];
    let status = |url: &str, headers: &[(&str, &str)], body: &[u8]| {
        let path = url.split_once(&stack.aws).unwrap().1;
        let answer = http::call(&stack.aws, "POST", path, headers, Some(body)).unwrap();
        assert!(!answer.text.contains("garbage"), "the body was echoed: {}", answer.text);
        answer.status
    };
    let (books, parcels) = (merchant.webhook("accounting", "books"), merchant.webhook("courier", "parcels"));
    assert_eq!(status(&books, &[], b"{}"), 401, "without a signature");
    assert_eq!(status(&books, &wrong, b"{}"), 401, "with a wrong one");
    assert_eq!(status(&books, &wrong, b"garbage"), 401, "who it is counts before what it says");
    assert_eq!(status(&parcels, &[("Sendcloud-Signature", "00ff")], b"{}"), 401);
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for garbage in [&b""[..], b"garbage", b"{\"webhook_id\":", b"\xff\xfe{}", deep.as_bytes()] {
        assert_eq!(status(&books, &right, garbage), 400, "{:?}", String::from_utf8_lossy(garbage));
    }
    let nobody = merchant.webhook("accounting", "nobody");
    for unknown in [&nobody, &merchant.webhook("accounting", "market"), &merchant.webhook("channel", "books")] {
        assert_eq!(status(unknown, &right, b"{}"), 404, "{unknown}");
    }
    let large = vec![b' '; MIB + 1];
    assert_eq!(status(&books, &right, &large), 413);
    assert_eq!(status(&nobody, &[], &large), 413, "size counts first");
    let other = json!({"webhook_id": 1, "event_name": "subject_created", "created_at": "2026-01-01T00:00:00Z",
                       "body": {"subject": {"id": 1}}});
    assert_eq!(status(&books, &right, other.to_string().as_bytes()), 202, "what concerns nothing of ours");

    let order = merchant.order(json!({"reference": "MKP-1", "parcels": [{"tracking_number": "T-1"}]}));
    let parcel = |more: Value| {
        let mut wish =
            json!({"vendor": merchant.vendor("sendcloud"), "url": parcels, "parcel": order["parcels"][0]["id"]});
        wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        merchant.tell(wish)
    };
    for tamper in ["signature", "body"] {
        assert_eq!(parcel(json!({ "tamper": tamper })), [401], "{tamper}");
    }
    // Both of the courier's keys are right.
    for secret_index in [0, 1] {
        assert_eq!(parcel(json!({ "secret_index": secret_index })), [202], "{secret_index}");
    }
    merchant.wait_export("order=MKP-1&operation=send_tracking", "delivered", SOON);
    assert_eq!(merchant.effects("mirakl", "kind=tracking").len(), 1);
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn without_a_token_nothing_is_shown_and_with_one_only_the_persons_own() {
    let (merchant, stranger) = (Merchant::with(4, &["books", "market"]), Merchant::new(18));
    let _peace = PEACE.read();
    let order = merchant.order(json!({"reference": "MKP-1", "parcels": []}));
    merchant.tell_document(&order["document"]["id"], 1);
    let export = merchant.wait_export("order=MKP-1", "delivered", SOON);
    let (id, connection) = (export["id"].as_str().unwrap(), merchant.id("books"));
    for path in
        ["/connections", "/exports", "/overview", &format!("/exports/{id}"), &format!("/connections/{connection}")]
    {
        let without = called(merchant.stack, "GET", &format!("/api/v1{path}"), &[], Value::Null);
        assert_eq!(without.status, 401, "{path}: {}", without.text);
        let forged = [("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJjdXN0b206dGVuYW50IjoibWVyY2hhbnQtNCJ9.")];
        let forged = called(merchant.stack, "GET", &format!("/api/v1{path}"), &forged, Value::Null);
        assert!(matches!(forged.status, 401 | 403), "{path}: {} {}", forged.status, forged.text);
    }
    assert_eq!(stranger.get("/connections")["connections"], json!([]));
    assert_eq!(stranger.exports("order=MKP-1"), Vec::<Value>::new());
    assert_eq!(stranger.exports("state=delivered"), Vec::<Value>::new());
    assert_eq!(stranger.get("/overview")["states"]["delivered"], 0);
    for path in [format!("/exports/{id}"), format!("/connections/{connection}")] {
        let other = stranger.api("GET", &path, Value::Null);
        assert_eq!(other.status, 404, "{path}: {}", other.text);
    }
    let put = json!({"role": "channel", "connector": "mirakl", "label": "mine", "settings": {}, "secrets": {},
                     "switches": {}, "rules": {}, "mappings": {}});
    let taken = stranger.api("PUT", &format!("/connections/{connection}"), put);
    assert!((400..500).contains(&taken.status), "{} {}", taken.status, taken.text);
    assert_eq!(merchant.get(&format!("/connections/{connection}"))["connector"], "fakturoid");
}
