//! A secret is exchanged on its page while webhooks come in that are signed with the old and with the new one.

use crate::person::Person;
use crate::stage::{SOON, Stage, books, eventually, market};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const NEW_WORD: &str = "Bearer a-new-word-of-the-books";

/// Nobody goes on selling once the test has failed.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn sell(stage: &Stage, sold: &AtomicU64, stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        let n = sold.load(Ordering::Acquire) + 1;
        let order = stage.order(json!({"reference": format!("MKP-{n}"), "parcels": []}));
        assert_eq!(stage.tell_document(&order["document"]["id"]), 202, "a webhook of the vendor was refused");
        sold.store(n, Ordering::Release);
    }
}

#[test]
#[ignore = "needs Chromium and axe-core; .ci/run runs it"]
fn a_secret_is_exchanged_on_its_page_and_no_webhook_is_lost() {
    let stage = Stage::with(&[books(), market()]);
    // What is told of is told of by webhooks alone.
    stage.fault(json!({"vendor": "fakturoid", "match": "updated_since", "kind": "pause", "when": "before"}));
    let mut person = Person::at_desk(&stage);
    let (sold, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let more = |many: u64| {
        let wanted = sold.load(Ordering::Acquire) + many;
        eventually("more is sold", SOON, || (sold.load(Ordering::Acquire) >= wanted).then_some(()));
    };
    std::thread::scope(|scope| {
        let until = Until(&stop);
        let selling = scope.spawn(|| sell(&stage, &sold, &stop));
        more(3);
        person.presses("nav-connections");
        person.clicks("books");
        person.unfolds("connect-exchange");
        person.types("secrets.webhook_authorization", NEW_WORD);
        person.presses("connect-exchange-save");
        person.is_told(&["connect-rotated-replaced"]);
        assert!(!person.text().contains(NEW_WORD));
        // The vendor still signs with the old one, until it is entered there as well.
        more(3);
        stage.vendor("PATCH", "/_sandbox/vendors/fakturoid", json!({"webhook_authorization": NEW_WORD}));
        more(3);
        drop(until);
        selling.join().unwrap();
    });
    let total = sold.load(Ordering::Acquire);
    stage.wait_states("delivered", total, SOON);
    assert_eq!(stage.effect_count("kind=documents"), usize::try_from(total).unwrap());
    let others: Vec<Value> = stage.exports("limit=500").into_iter().filter(|e| e["state"] != "delivered").collect();
    assert!(others.is_empty(), "{others:?}");
}
