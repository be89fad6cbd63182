//! What a look finds out, and what its record keeps of it.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{Cause, Code, HoldReason, InvoiceWhen, OrderReference, SkipReason, State, TenantId};
use export_flow::person::Resolution;
use serde_json::json;
use testkit::practice::Kind;

async fn told(bench: &Bench, id: &str) {
    bench.arrive(INVOICE, id).await;
    bench.work().await;
}

#[tokio::test]
async fn an_order_that_nobody_knows_is_asked_for_everywhere_and_its_look_can_be_searched_for() {
    let bench = Bench::new().await;
    bench.connect("shop2", "market").await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    told(&bench, "9001").await;
    told(&bench, "9001").await;
    let look = bench.look().await;
    assert_eq!(hold_of(&look), Some(HoldReason::OrderUnknown));
    assert_eq!(look.hold.unwrap().detail.unwrap(), "asked: shop, shop2");
    assert_eq!(look.numbers, ["2026-1"]);
    assert_eq!(look.order, Some(OrderReference::new("100")));
}

#[tokio::test]
async fn a_source_that_is_paused_is_not_asked() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.flow.pause_connection(&TenantId::local(), "books").await.unwrap();
    told(&bench, "9001").await;
    assert_eq!(bench.world.calls(" books/"), 0);
    let look = bench.look().await;
    assert_eq!(hold_of(&look), Some(HoldReason::ConnectionPaused));
    bench.flow.resume_connection(&TenantId::local(), "books").await.unwrap();
    bench.work().await;
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn what_is_left_out_once_more_is_no_news() {
    let bench = Bench::new().await;
    bench.world.document("9001", "2026-1", None, "100.00");
    told(&bench, "9001").await;
    told(&bench, "9001").await;
    let look = bench.look().await;
    assert_eq!((look.state, look.claim, look.shared.duplicates), (State::Skipped, 1, 1));
}

#[tokio::test]
async fn a_look_that_became_exports_is_not_taken_up_again_by_later_news() {
    let bench = Bench::new().await;
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    told(&bench, "9001").await;
    bench.world.order("shop", "100", "100.00");
    bench.pass(seconds(120)).await;
    let planned = bench.look().await;
    assert_eq!((planned.state, bench.world.effects_at("shop")), (State::Planned, 1));
    bench.world.document("9001", "2026-1", Some("100"), "90.00");
    told(&bench, "9001").await;
    assert_eq!(bench.world.effects_at("shop"), 2);
    assert_eq!(bench.look().await.claim, planned.claim);
}

#[tokio::test]
async fn a_named_order_holds_also_when_the_document_quotes_none_any_more() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("1OO"), "100.00");
    told(&bench, "9001").await;
    let order = Some(OrderReference::new("100"));
    let named = Resolution::Use { order, target: None, without_lines: false };
    let look = bench.look().await;
    bench.flow.resolve(&TenantId::local(), &look.id, &named, None).await.unwrap();
    bench.work().await;
    assert_eq!(bench.world.effects_at("shop"), 1);
    bench.world.document("9001", "2026-1", None, "90.00");
    told(&bench, "9001").await;
    assert_eq!(bench.world.effects_at("shop"), 2, "what was said of it once is not forgotten");
}

#[tokio::test]
async fn what_waits_for_a_connection_that_was_removed_is_left_out_and_says_so() {
    for removed in ["books", "shop"] {
        let bench = Bench::new().await;
        bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
        bench.world.order("shop", "100", "100.00");
        bench.world.document("9001", "2026-1", Some("100"), "100.00");
        told(&bench, "9001").await;
        assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NotPaidYet));
        bench.flow.delete_connection(&TenantId::local(), removed).await.unwrap();
        bench.rest(seconds(2 * 86_400)).await;
        let export = bench.only("shop").await;
        assert_eq!((export.state, export.code), (State::Skipped, Some(Code::SwitchedOff)), "{removed}");
        let skip = export.skip.unwrap();
        assert_eq!(
            (skip.reason, skip.detail.unwrap().as_str()),
            (SkipReason::SwitchedOff, "the connection was removed")
        );
    }
}

#[tokio::test]
async fn a_look_that_fails_says_where_and_tells_no_private_word() {
    let bench = Bench::new().await;
    let said = json!({"message": "no document for jana@example.com"});
    bench.world.fault(Method::GET, "books/documents", Kind::Answer(500, said), 1);
    let message = bench.event(INVOICE, "9001", Cause::Webhook);
    bench.send(message).await;
    bench.work().await;
    let look = bench.look().await;
    let failed = look.attempt_log.last().unwrap();
    assert_eq!((look.state, failed.step.as_str(), failed.status), (State::Retrying, "look", Some(500)));
    assert!(!failed.message.contains("jana"), "{}", failed.message);
}

#[tokio::test]
async fn what_is_found_out_later_is_kept_too() {
    let bench = Bench::new().await;
    bench.world.fault(Method::GET, "books/documents", Kind::Answer(500, json!({})), 1);
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    told(&bench, "9001").await;
    let look = bench.look().await;
    assert_eq!((look.state, look.numbers.len(), look.order), (State::Retrying, 0, None));
    bench.pass(seconds(70)).await;
    let look = bench.look().await;
    assert_eq!(hold_of(&look), Some(HoldReason::OrderUnknown));
    assert_eq!((look.numbers, look.order), (vec!["2026-1".to_owned()], Some(OrderReference::new("100"))));
}
