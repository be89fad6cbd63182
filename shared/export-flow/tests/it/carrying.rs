//! The way of documents and parcels when nothing fails, and what they wait for.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use domain::{Cause, Code, ConnectionState, HoldReason, InvoiceWhen, SkipReason, State, SubjectKind, Switch};
use export_flow::ports::Queue;
use serde_json::json;

#[tokio::test]
async fn an_invoice_arrives_once_with_its_proof() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!(export.state, State::Delivered);
    assert_eq!((export.attempts, export.in_doubt.is_some(), export.claim), (0, false, 1));
    assert_eq!(export.receipt.unwrap().remote_id, "shop-1");
    assert_eq!(bench.world.effects_at("shop"), 1);
    assert_eq!(bench.exports().await.len(), 1, "no look record where the plan succeeded at once");
}

#[tokio::test]
async fn one_invoice_by_three_webhooks_by_poll_and_by_hand_is_one_export() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    for cause in [Cause::Webhook, Cause::Webhook, Cause::Webhook, Cause::Poll, Cause::Hand] {
        bench.send(bench.event(INVOICE, "9001", cause)).await;
    }
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!(export.shared.duplicates, 3, "two webhooks and the hand; a polled line is none");
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_redelivered_message_is_no_duplicate() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    let message = bench.event(INVOICE, "9001", Cause::Webhook);
    for _ in 0..3 {
        bench.send(message.clone()).await;
        bench.work().await;
    }
    assert_eq!(bench.only("shop").await.shared.duplicates, 0);
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_document_without_an_order_is_not_ours_and_no_alarm() {
    let bench = Bench::new().await;
    bench.world.document("9001", "2026-1", None, "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let look = bench.look().await;
    assert_eq!((look.state, look.code), (State::Skipped, Some(Code::NoOrderReference)));
    assert_eq!(look.skip.unwrap().reason, SkipReason::NotOurs);
    assert_eq!(look.read_as, Some(SubjectKind::Invoice));
    assert_eq!(bench.queue.depth().await.unwrap().dead_letters, 0);
}

#[tokio::test]
async fn an_order_that_comes_late_is_waited_for() {
    let bench = Bench::new().await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.look().await), Some(HoldReason::OrderUnknown));
    bench.world.order("shop", "100", "100.00");
    bench.pass(seconds(61)).await;
    let look = bench.look().await;
    assert_eq!(look.state, State::Planned);
    assert_eq!(look.became, [bench.only("shop").await.id]);
    assert_eq!(bench.only("shop").await.state, State::Delivered);
}

#[tokio::test]
async fn an_order_that_never_comes_expires_on_its_last_day() {
    let bench = Bench::new().await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    for _ in 0..40 {
        bench.work().await;
        let Some(due) = bench.look().await.due_at else { break };
        bench.clock.set(due);
        let look = bench.look().await;
        bench.flow.handle(&due_message(&look), false).await;
    }
    let look = bench.look().await;
    assert_eq!(look.state, State::Expired);
    assert_eq!(look.hold.unwrap().reason, HoldReason::OrderUnknown, "it still says what it waited for");
    assert!(bench.world.calls("GET shop/orders") < 40, "nothing polls in storms");
}

fn due_message(export: &domain::Export) -> export_flow::message::Message {
    export_flow::message::Message::ExportDueV1(export_flow::message::ExportDue {
        export: export.id.clone(),
        claim: export.claim,
        alone: false,
        trace: None,
    })
}

#[tokio::test]
async fn two_channels_with_the_same_number_are_ambiguous_and_a_paused_one_decides_nothing() {
    let bench = Bench::new().await;
    bench.connect("shop2", "market").await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.change("shop2", |c| c.state = ConnectionState::Paused).await;
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.look().await), Some(HoldReason::ConnectionPaused), "shop2 could not be asked");
    assert_eq!(bench.world.effects().len(), 0, "nothing goes to a shop by default");

    bench.world.order("shop2", "100", "100.00");
    bench.change("shop2", |c| c.state = ConnectionState::Active).await;
    bench.pass(seconds(3601)).await;
    bench.clock.set(bench.look().await.due_at.unwrap());
    bench.flow.handle(&due_message(&bench.look().await), false).await;
    assert_eq!(hold_of(&bench.look().await), Some(HoldReason::OrderAmbiguous));
    assert_eq!(bench.world.effects().len(), 0);
}

#[tokio::test]
async fn an_order_pattern_says_whose_order_it_is() {
    let bench = Bench::new().await;
    bench.connect("shop2", "market").await;
    for shop in ["shop", "shop2"] {
        bench.world.order(shop, "B-100", "100.00");
    }
    bench.change("shop", |c| c.rules.order_pattern = Some("^A-".into())).await;
    bench.change("shop2", |c| c.rules.order_pattern = Some("^B-".into())).await;
    bench.world.document("9001", "2026-1", Some("B-100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("shop2")), (0, 1));
}

#[tokio::test]
async fn currency_and_total_must_fit_the_order() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "99.99");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::OrderMismatch));
    bench.clock.advance(seconds(5));
    bench.world.document("9001", "2026-1", Some("100"), "99.99");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Delivered, "the corrected document releases it");
}

#[tokio::test]
async fn an_unpaid_invoice_waits_and_payment_releases_it() {
    let bench = Bench::new().await;
    bench.change("shop", |c| c.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NotPaidYet));
    bench.world.document_as("9001", json!({"status": "paid"}));
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts, export.shared.duplicates), (State::Delivered, 0, 0));
    bench.world.document_as("9001", json!({"status": "paid"}));
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(bench.only("shop").await.shared.duplicates, 1, "payment of an invoice already carried is a duplicate");
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_pdf_that_is_not_ready_costs_no_attempt() {
    let bench = Bench::new().await;
    bench.world.pdf_not_ready(3);
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::DocumentNotReady));
    bench.pass(seconds(2 + 5 + 15 + 3)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts), (State::Delivered, 0));
}

#[tokio::test]
async fn a_switch_that_is_off_leaves_out_and_says_so() {
    let bench = Bench::new().await;
    bench.change("shop", |c| c.switches.retain(|switch, _| *switch != Switch::SendInvoice)).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.code), (State::Skipped, Some(Code::SwitchedOff)));
}

#[tokio::test]
async fn a_credit_note_never_overtakes_its_invoice() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.world.document_as(
        "9002",
        json!({"kind": "credit_note", "number": "CN-1", "order": "100", "corrects": "9001", "total": "-100.00"}),
    );
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::Predecessor));
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let keys: Vec<String> = bench.world.effects().into_iter().map(|effect| effect.key).collect();
    assert_eq!(keys, ["2026-1", "CN-1"], "the invoice releases it at once");
}

#[tokio::test]
async fn a_changed_document_is_a_new_revision_of_the_same_export() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    bench.clock.advance(seconds(5));
    bench.world.document("9001", "2026-1", Some("100"), "90.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.revision_number, export.earlier_receipts.len()), (State::Delivered, 2, 1));
    assert_eq!(bench.world.effects_at("shop"), 2, "one effect per revision");
}

#[tokio::test]
async fn a_document_gone_before_it_went_out_is_left_out() {
    let bench = Bench::new().await;
    bench.change("shop", |c| c.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    bench.world.remove_document("9001");
    let export = bench.only("shop").await;
    bench.clock.set(export.due_at.unwrap());
    bench.flow.handle(&due_message(&export), false).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.code), (State::Skipped, Some(Code::DocumentGone)));
}

#[tokio::test]
async fn a_parcel_waits_for_its_number() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.parcel("7", "100", None, "label_created");
    bench.arrive(SubjectKind::Parcel, "7").await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NumberMissing));
    bench.clock.advance(seconds(5));
    bench.world.parcel("7", "100", Some("T-1"), "in_transit");
    bench.arrive(SubjectKind::Parcel, "7").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!(export.state, State::Delivered);
    assert_eq!(bench.world.effects().first().unwrap().key, "T-1");
}
