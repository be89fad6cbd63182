//! A trial as a story: every step in order, what was compared, and nothing written anywhere.

use crate::bench::{Bench, INVOICE};
use ::http::Method;
use domain::{ConnectionState, InvoiceWhen, TenantId};
use export_flow::person::{Hand, Trial};
use serde_json::json;
use testkit::practice::Kind;

fn document(id: &str) -> Hand {
    Hand { source: "books".into(), document: Some(id.into()), ..Hand::default() }
}

fn shipment(id: &str) -> Hand {
    Hand { source: "van".into(), shipment: Some(id.into()), ..Hand::default() }
}

async fn bench() -> Bench {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "90.00");
    bench.world.parcel("7", "100", Some("T-7"), "in_transit");
    bench
}

/// Tries, and proves that neither the world nor the ledger nor the queue has changed by it.
async fn tried(bench: &Bench, hand: &Hand) -> Trial {
    const READS: [&str; 10] = [
        "connection",
        "connections",
        "exports",
        "exports_of",
        "export",
        "order",
        "document",
        "parcel",
        "circuit",
        "waiting",
    ];
    let (exports, queued) = (bench.ledger.all(), bench.queue.all());
    let before = bench.ledger.trouble().calls().len();
    let trial = bench.flow.trial(&TenantId::local(), hand).await.unwrap();
    let calls = bench.ledger.trouble().calls();
    let written: Vec<_> = calls[before..].iter().filter(|call| !READS.contains(call)).collect();
    assert!(written.is_empty(), "{written:?}");
    assert_eq!((bench.ledger.all(), bench.queue.all()), (exports, queued));
    assert_eq!((bench.world.calls("POST"), bench.world.effects_at("shop")), (0, 0));
    trial
}

fn steps(trial: &Trial) -> Vec<(&'static str, Option<&'static str>)> {
    trial.steps.iter().map(|told| (told.step, told.word.as_ref().map(|word| word.word))).collect()
}

const ALL: [(&str, Option<&str>); 5] =
    [("look", None), ("plan", None), ("preflight", None), ("read_back", None), ("send", None)];

#[tokio::test]
async fn what_would_go_out_is_told_step_by_step() {
    let bench = bench().await;
    let trial = tried(&bench, &document("9001")).await;
    assert_eq!(steps(&trial), ALL);
    let says: Vec<_> = trial.steps.iter().map(|told| told.says.as_str()).collect();
    assert_eq!(says[0], "2026-0001, 90 CZK, order 100");
    assert_eq!(says[4], "1 writing call");
    let compared: Vec<_> =
        trial.compared.iter().map(|c| (c.code, c.ok, c.ours.as_str(), c.theirs.as_deref())).collect();
    assert_eq!(compared[..2], [("currency", true, "CZK", Some("CZK")), ("total", true, "90 CZK", Some("100 CZK"))]);
    assert_eq!(steps(&tried(&bench, &shipment("7")).await), ALL);
}

#[tokio::test]
async fn what_would_keep_it_is_told_where_it_is_met_with_both_values() {
    let bench = bench().await;
    bench.world.document("9002", "2026-0002", Some("100"), "150.00");
    let trial = tried(&bench, &document("9002")).await;
    assert_eq!(steps(&trial)[1], ("plan", Some("order_mismatch")));
    assert_eq!(steps(&trial).last(), Some(&("send", Some("order_mismatch"))));
    let total = trial.compared.iter().find(|compared| compared.code == "total").unwrap();
    assert_eq!((total.ok, total.ours.as_str(), total.theirs.as_deref()), (false, "150 CZK", Some("100 CZK")));
    bench.world.document("9003", "2026-0003", None, "10.00");
    assert_eq!(steps(&tried(&bench, &document("9003")).await), [("look", None), ("plan", Some("no_order_reference"))]);
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    assert_eq!(steps(&tried(&bench, &document("9001")).await)[1], ("plan", Some("not_paid_yet")));
    bench.change("shop", |shop| shop.rules.invoice_when = None).await;
    bench.change("shop", |shop| _ = shop.settings.insert("holds".into(), json!("preflight"))).await;
    let trial = tried(&bench, &document("9001")).await;
    assert_eq!(trial.steps.iter().filter(|told| !told.ok).count(), 1, "{:?}", trial.steps);
}

#[tokio::test]
async fn a_system_that_is_down_is_told_with_what_to_do() {
    for known in [false, true] {
        for (place, step) in [("books/", "look"), ("shop/", if known { "read_back" } else { "plan" })] {
            let bench = bench().await;
            if known {
                // Known from an earlier look, and not sent.
                bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Never)).await;
                bench.arrive(INVOICE, "9001").await;
                bench.work().await;
                bench.change("shop", |shop| shop.rules.invoice_when = None).await;
            }
            bench.world.fault(Method::GET, place, Kind::Refused, 100);
            let trial = tried(&bench, &document("9001")).await;
            let last = trial.steps.last().unwrap();
            let word = last.word.as_ref().unwrap();
            assert_eq!((last.step, last.ok, word.word), (step, false, "vendor_unreachable"), "{place} {known}");
            assert!(!word.next_step.is_empty());
            assert_eq!(trial.preflight.last().unwrap().word.word, "vendor_unreachable");
        }
    }
}

#[tokio::test]
async fn a_source_that_is_not_in_use_is_told_as_a_step_as_well() {
    let bench = bench().await;
    bench.change("books", |books| books.state = ConnectionState::Paused).await;
    assert_eq!(steps(&tried(&bench, &document("9001")).await), [("look", Some("connection_paused"))]);
}

#[tokio::test]
async fn each_request_names_its_target() {
    let bench = bench().await;
    let trial = tried(&bench, &document("9001")).await;
    assert_eq!(trial.requests.iter().map(|request| &request["target"]).collect::<Vec<_>>(), [&json!("shop")]);
}
