//! The lease of a run, renewed before a writing call, and the lease of an order, kept while something of it is open.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{ConnectionId, Export, HoldReason, OrderReference, State, SubjectKind, TenantId};
use export_flow::Verdict;
use export_flow::message::{ExportDue, Message};
use export_flow::ports::{Ledger as _, OrderLease};
use futures_util::poll;
use serde_json::json;
use testkit::practice::Kind;

/// Order 100 of a market of this class, and invoice 9001.
async fn market(class: &str) -> Bench {
    let bench = Bench::empty();
    bench.connect("shop", class).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench
}

async fn due(bench: &Bench, export: &Export) {
    let due = ExportDue { export: export.id.clone(), claim: export.claim, alone: false, trace: None };
    assert_eq!(bench.flow.handle(&Message::ExportDueV1(due), false).await, Verdict::Done);
}

/// A run that hangs in its first call to the shop, and does not come back.
async fn vanished(bench: &Bench, kind: SubjectKind, id: &str) -> Export {
    bench.world.hang("shop/effects");
    let message = bench.event(kind, id, domain::Cause::Webhook);
    let mut run = Box::pin(bench.flow.handle(&message, false));
    assert!(poll!(&mut run).is_pending());
    drop(run);
    bench.world.heal();
    of(bench, id).await
}

async fn of(bench: &Bench, id: &str) -> Export {
    let found = bench.exports().await.into_iter().find(|e| e.key.subject.id == id && e.key.target.is_some());
    found.unwrap()
}

#[tokio::test]
async fn a_call_begins_with_half_of_the_lease_left_or_a_new_one() {
    for (takes, lease) in [(0, 90), (45, 90), (46, 46 + 90), (80, 80 + 90)] {
        let bench = market("keyed").await;
        let began = bench.flow.now();
        bench.world.pdf_takes(seconds(takes));
        let export = vanished(&bench, INVOICE, "9001").await;
        assert_eq!(export.lease_until, Some(began + seconds(lease)), "after {takes} s");
    }
}

#[tokio::test]
async fn what_is_sent_by_a_due_message_is_written_down_before() {
    let bench = market("keyed").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(200, json!({"error": "not now"})), 1);
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let failed = bench.only("shop").await;
    assert_eq!((failed.state, failed.in_doubt.is_some()), (State::Retrying, false));
    bench.clock.advance(seconds(60));
    bench.world.hang("shop/effects");
    let message = ExportDue { export: failed.id.clone(), claim: failed.claim, alone: false, trace: None };
    let message = Message::ExportDueV1(message);
    let mut run = Box::pin(bench.flow.handle(&message, false));
    assert!(poll!(&mut run).is_pending());
    let doubt = bench.only("shop").await.in_doubt.unwrap();
    assert_eq!(doubt.revision.unwrap().hash, bench.hash_of("100.00"));
    assert!(doubt.key.is_some() && doubt.ended_at.is_none());
}

#[tokio::test]
async fn what_a_vanished_run_may_have_done_is_looked_for_after_its_time() {
    let bench = market("market").await;
    let lost = vanished(&bench, INVOICE, "9001").await;
    let lease = lost.lease_until.unwrap();
    bench.clock.set(lease);
    let before = bench.world.calls("shop/effects");
    due(&bench, &lost).await;
    let held = bench.only("shop").await;
    assert_eq!(hold_of(&held), Some(HoldReason::Settling));
    assert_eq!(held.hold.unwrap().until, lease + seconds(10));
    assert_eq!(bench.world.calls("shop/effects"), before, "nor is it looked for earlier");
    bench.pass(seconds(150)).await;
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_run_that_vanished_at_a_mute_target_is_for_a_person_to_decide() {
    let bench = market("mute").await;
    let lost = vanished(&bench, INVOICE, "9001").await;
    bench.clock.set(lost.lease_until.unwrap() + seconds(300));
    due(&bench, &lost).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.in_doubt.is_some()), (State::Uncertain, true));
    assert_eq!(bench.world.calls("POST shop/effects"), 0);
}

#[tokio::test]
async fn two_things_with_the_same_content_are_two_effects() {
    let bench = market("parts").await;
    bench.world.document("9002", "2026-2", Some("100"), "100.00");
    for id in ["9001", "9002"] {
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    let ids: Vec<String> = bench.exports().await.iter().map(|e| e.receipt.clone().unwrap().remote_id).collect();
    assert_eq!(bench.world.effects_at("shop"), 2);
    assert_ne!(ids[0], ids[1], "what another's receipt names is not taken for one's own");
}

/// Two parcels of order 100; the market takes one at a time.
async fn parcels() -> Bench {
    let bench = market("market").await;
    bench.connect("shop", "market").await;
    for (id, number) in [("7", "T-7"), ("8", "T-8")] {
        bench.world.parcel(id, "100", Some(number), "in_transit");
    }
    bench
}

async fn told(bench: &Bench, id: &str) {
    bench.arrive(SubjectKind::Parcel, id).await;
    bench.work().await;
}

#[tokio::test]
async fn while_one_parcel_is_under_way_the_other_of_its_order_waits() {
    let bench = parcels().await;
    let first = vanished(&bench, SubjectKind::Parcel, "7").await;
    told(&bench, "8").await;
    let second = of(&bench, "8").await;
    assert_eq!(hold_of(&second), Some(HoldReason::Predecessor));
    assert!(second.hold.unwrap().detail.unwrap().contains(first.id.as_str()), "it says for what");
    assert_eq!(bench.world.effects_at("shop"), 0);
    bench.rest(seconds(3600)).await;
    assert_eq!((bench.world.effects_at("shop"), bench.count(State::Delivered).await), (2, 2));
}

#[tokio::test]
async fn a_parcel_in_doubt_keeps_its_order_and_wakes_who_waits_when_it_is_found() {
    let bench = parcels().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::TimeOut, 1);
    told(&bench, "7").await;
    let first = of(&bench, "7").await;
    assert_eq!((first.state, first.in_doubt.is_some()), (State::Retrying, true));
    told(&bench, "8").await;
    assert_eq!(hold_of(&of(&bench, "8").await), Some(HoldReason::Predecessor));
    bench.pass(seconds(70)).await;
    assert_eq!(bench.count(State::Delivered).await, 2, "it is found after a minute, and the other goes at once");
    assert_eq!(bench.world.effects_at("shop"), 2);
}

#[tokio::test]
async fn a_parcel_that_surely_did_not_arrive_lets_the_other_go_first() {
    let bench = parcels().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(200, json!({"error": "not now"})), 1);
    told(&bench, "7").await;
    assert_eq!(of(&bench, "7").await.state, State::Retrying);
    told(&bench, "8").await;
    assert_eq!(of(&bench, "8").await.state, State::Delivered);
}

#[tokio::test]
async fn what_a_run_left_of_an_orders_lease_is_given_back_in_its_name() {
    for known in [true, false] {
        let bench = parcels().await;
        let (mut holder, mut claim) = (domain::ExportId::new("exp_of_nobody"), 5);
        if known {
            told(&bench, "7").await;
            let done = of(&bench, "7").await;
            assert_eq!(done.state, State::Delivered);
            (holder, claim) = (done.id, done.claim);
        }
        let (tenant, target) = (TenantId::local(), ConnectionId::new("shop"));
        let order = OrderReference::new("100");
        let left = OrderLease { tenant, target, order, holder, claim };
        bench.ledger.lease_order(&left).await.unwrap().unwrap();
        told(&bench, "8").await;
        assert_eq!(of(&bench, "8").await.state, State::Delivered, "known: {known}");
    }
}
