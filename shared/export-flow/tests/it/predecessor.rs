//! A credit note and its invoice at one target: never the credit note first, and never one that waits for nothing.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use domain::{Export, HoldReason, State, TenantId};
use export_flow::person::Resolution;
use serde_json::json;

/// An order whose invoice 9001 is credited by 9002; the books have the invoice only if they are told so.
async fn credited() -> Bench {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    let note = json!({"kind": "credit_note", "number": "CN-1", "order": "100", "corrects": "9001", "total": "-10.00"});
    bench.world.document_as("9002", note);
    bench
}

async fn told(bench: &Bench, id: &str) {
    bench.arrive(INVOICE, id).await;
    bench.work().await;
}

async fn note(bench: &Bench) -> Export {
    bench.exports().await.into_iter().find(|e| e.key.subject.id == "9002" && e.key.target.is_some()).unwrap()
}

#[tokio::test]
async fn an_invoice_that_we_never_carried_counts_by_what_stands_there() {
    let bench = credited().await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    told(&bench, "9002").await;
    assert_eq!(hold_of(&note(&bench).await), Some(HoldReason::Predecessor));
    // Somebody else, before us or beside us, brings it.
    bench.world.place("shop", "100", "2026-1");
    bench.pass(seconds(15 * 60)).await;
    assert_eq!((note(&bench).await.state, bench.world.done()), (State::Delivered, 2));
}

#[tokio::test]
async fn an_invoice_that_is_left_out_is_not_waited_for_and_its_end_wakes_the_credit_note() {
    let bench = credited().await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    told(&bench, "9002").await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(domain::InvoiceWhen::Never)).await;
    told(&bench, "9001").await;
    assert_eq!((note(&bench).await.state, bench.world.done()), (State::Delivered, 1), "at once");
}

#[tokio::test]
async fn one_whose_invoice_nobody_has_waits_for_a_person() {
    let bench = credited().await;
    told(&bench, "9002").await;
    let waiting = note(&bench).await;
    assert_eq!((hold_of(&waiting), bench.world.calls("GET shop/effects")), (Some(HoldReason::Predecessor), 0));
    bench.flow.resolve(&TenantId::local(), &waiting.id, &Resolution::SendAgain, None).await.unwrap();
    bench.work().await;
    assert_eq!((note(&bench).await.state, bench.world.done()), (State::Delivered, 1));
}
