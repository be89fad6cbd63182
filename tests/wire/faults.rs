//! AWS itself misbehaves: throttles, errors, time-outs, lost questions and answers, batches done in part.

use crate::merchant::Merchant;
use crate::proxy::Fault;
use crate::stack::{PEACE, SOON, eventually};
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

const DOCUMENTS: usize = 200;
/// From the environment: the seed of an earlier run. Who calls when is not repeated, only what the dice show.
const SEED: &str = "BACKHAUL_FAULT_SEED";
/// A claim whose outcome could not be written is taken up again when its lease has run out.
const IN_THE_END: Duration = Duration::from_secs(420);

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn whatever_aws_does_every_document_arrives_once() {
    let seed = std::env::var(SEED).ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let merchant = Merchant::with(9, &["books", "market"]);
    let _alone = PEACE.write().unwrap_or_else(PoisonError::into_inner);
    // Polls would repair what a webhook lost.
    merchant.fault("fakturoid", json!({"match": "/invoices.json", "kind": "answer", "status": 400}));
    let wish: Vec<Value> = (1..=DOCUMENTS)
        .map(|n| {
            let (books, courier) = (merchant.vendor("fakturoid"), merchant.vendor("sendcloud"));
            json!({"reference": format!("MKP-{n}"), "channel": merchant.vendor("mirakl"), "books": books,
                   "courier": courier, "parcels": []})
        })
        .collect();
    let made = merchant.stack.vendor("POST", "/_sandbox/orders", json!({ "orders": wish }));
    let orders = made["orders"].as_array().unwrap();

    let began = Instant::now();
    merchant.stack.proxy.shut(true);
    let unheard = merchant.tell_document(&orders[0]["document"]["id"], 1);
    assert_eq!(unheard, [503], "a webhook was answered although no queue took it");
    merchant.stack.proxy.shut(false);
    merchant.stack.proxy.misbehave(seed);
    let (mut taken, mut refused) = (0, 0);
    for order in orders {
        // Twice, and as the vendor does: a message that nobody took is repeated.
        let mut wanted = 2;
        eventually("a webhook is taken", SOON, || {
            for status in merchant.tell_document(&order["document"]["id"], wanted) {
                match status.as_u64() {
                    Some(202) => (taken, wanted) = (taken + 1, wanted - 1),
                    Some(503) => refused += 1,
                    _ => panic!("a webhook was answered {status}"),
                }
            }
            (wanted == 0).then_some(())
        });
    }
    println!("seed {seed}: {taken} webhooks taken, {refused} refused, after {:.1} s", began.elapsed().as_secs_f64());
    eventually("every document is at the marketplace", IN_THE_END, || {
        (merchant.effects("mirakl", "").len() == DOCUMENTS).then_some(())
    });
    let (met, passed) = merchant.stack.proxy.behave();
    println!("all there after {:.1} s; {passed} calls passed, and {met:#?}", began.elapsed().as_secs_f64());
    for fault in [Fault::Throttle, Fault::Broken, Fault::Hang, Fault::Unheard, Fault::AnswerLost, Fault::InPart] {
        assert!(met.keys().any(|(seen, _)| *seen == fault), "{fault:?} never happened");
    }
    for fault in ["PutItem", "UpdateItem"] {
        let lost = met.get(&(Fault::AnswerLost, fault.to_owned()));
        println!("{fault}: {lost:?} applied writes whose answer was lost");
    }

    // Of what was met the list tells once a batch has been written down, so it comes last.
    let recorded = eventually("the list has them all", IN_THE_END, || {
        let listed = merchant.exports("state=delivered&limit=500");
        (listed.len() == DOCUMENTS).then_some(listed)
    });
    let failed: Vec<&Value> = recorded.iter().filter(|export| export["attempts"] != 0).collect();
    assert!(failed.is_empty(), "AWS's failures are no attempts: {failed:#?}");
    println!("all recorded after {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(merchant.effects("mirakl", "").len(), DOCUMENTS);
    assert_eq!(merchant.exports("state=dead"), Vec::<Value>::new());
}
