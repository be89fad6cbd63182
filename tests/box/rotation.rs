//! Secrets are exchanged while documents flow: nothing is lost, nothing goes out twice, no attempt is spent.

use crate::stage::{SOON, Stage, books, eventually, market};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const NEW_WORD: &str = "Bearer a-new-word-of-the-books";
const NEW_KEY: &str = "a-new-key-of-the-seller";

/// A webhook as the accounting system sends it, with this word of proof.
fn tell(stage: &Stage, word: &str, document: &Value) -> u16 {
    let event = json!({"webhook_id": 1, "event_name": "invoice_updated", "created_at": "2026-01-01T00:00:00Z",
                       "body": {"invoice": {"id": document}}});
    let headers = [("Authorization", word)];
    stage.raw("POST", "/webhooks/accounting/books", &headers, Some(event.to_string().as_bytes())).status
}

/// Sells until told to stop, and tells of every invoice twice: as the vendor signs now, and with the old word.
fn sell(stage: &Stage, old_word: &str, sold: &AtomicU64, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        let n = sold.load(Ordering::Acquire) + 1;
        let order = stage.order(json!({"reference": format!("MKP-{n}"), "parcels": []}));
        let document = &order["document"]["id"];
        assert_eq!(stage.tell_document(document), 202, "a webhook of the vendor was refused");
        assert_eq!(tell(stage, old_word, document), 202, "one with the old word was refused");
        sold.store(n, Ordering::Release);
    }
}

/// Nobody goes on selling once the test has failed.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn secrets_are_exchanged_under_traffic_without_a_lost_event() {
    let stage = Stage::with(&[books(), market()]);
    // What is told of is told of by webhooks alone.
    stage.fault(json!({"vendor": "fakturoid", "match": "updated_since", "kind": "pause", "when": "before"}));
    let old_word = stage.body(&books())["secrets"]["webhook_authorization"].as_str().unwrap().to_owned();
    let (sold, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let more = |many: u64| {
        let wanted = sold.load(Ordering::Acquire) + many;
        eventually("more is sold", SOON, || (sold.load(Ordering::Acquire) >= wanted).then_some(()));
    };
    std::thread::scope(|scope| {
        let until = Until(&stop);
        let selling = scope.spawn(|| sell(&stage, &old_word, &sold, &stop));
        more(3);
        let given = json!({"secrets": {"webhook_authorization": NEW_WORD}});
        let rotated = stage.post("/connections/books/secrets", given, 200);
        assert_eq!(rotated["outcome"], "replaced", "{rotated}");
        more(3);
        let new = json!({"webhook_authorization": NEW_WORD});
        stage.vendor("PATCH", "/_sandbox/vendors/fakturoid", new);
        more(3);

        // The seller's new key is entered before the marketplace knows it.
        let given = json!({"secrets": {"api_key": NEW_KEY}});
        let rotated = stage.post("/connections/market/secrets", given, 200);
        assert_eq!(rotated["outcome"], "pending", "{rotated}");
        assert_eq!(rotated["connection"]["state"], "active", "the old one still works");
        more(3);
        stage.vendor("PATCH", "/_sandbox/vendors/mirakl", json!({"api_key": NEW_KEY}));
        more(3);
        eventually("the new key is in use", 2 * SOON, || {
            let market = stage.get("/connections/market");
            let key = &market["secrets"]["api_key"];
            (key["pending"].is_null() && market["state"] == "active").then_some(())
        });
        more(3);
        drop(until);
        selling.join().unwrap();
    });
    let total = sold.load(Ordering::Acquire);
    stage.wait_states("delivered", total, SOON);
    assert_eq!(stage.effect_count("kind=documents"), usize::try_from(total).unwrap());
    for export in stage.exports("limit=500") {
        assert_eq!((&export["state"], &export["attempts"]), (&json!("delivered"), &json!(0)), "{export}");
    }

    // Whoever has stolen the old word is shut out by ending the overlap.
    let body = stage.body(&books().setting("rotation_overlap", json!("0s")));
    assert_eq!(stage.api("PUT", "/connections/books", body).json["state"], "active");
    assert_eq!(tell(&stage, &old_word, &json!(1)), 401);
    assert_eq!(tell(&stage, NEW_WORD, &json!(1)), 202);
}
