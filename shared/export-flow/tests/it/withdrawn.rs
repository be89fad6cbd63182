//! What the source has taken back: before it went out it is left out, after that it is a finding on its order, and
//! nothing is deleted anywhere.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{
    Cause, Code, ConnectionId, EventId, Export, Finding, HoldReason, InvoiceWhen, OrderReference, ResolvedHow,
    Revision, State, SubjectKind, TenantId,
};
use export_flow::message::{ExportDue, Message};
use export_flow::person::Asks;
use export_flow::ports::{Arrival, Ledger as _};
use jiff::SignedDuration;
use serde_json::json;
use testkit::practice::Kind;

async fn told(bench: &Bench) {
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
}

async fn cancelled(bench: &Bench) {
    bench.clock.advance(seconds(1));
    bench.world.document_as("9001", json!({"status": "cancelled"}));
    told(bench).await;
}

async fn findings(bench: &Bench) -> Vec<Finding> {
    bench.ledger.order(&TenantId::local(), &OrderReference::new("100")).await.unwrap().findings
}

async fn the_finding(bench: &Bench) -> Finding {
    let [finding] = findings(bench).await.try_into().unwrap();
    finding
}

fn left_out(export: &Export, code: Code) {
    assert_eq!((export.state, export.code, export.due_at), (State::Skipped, Some(code), None), "{export:?}");
}

#[tokio::test]
async fn what_was_cancelled_before_anything_was_told_is_left_out() {
    let bench = Bench::sold().await;
    cancelled(&bench).await;
    left_out(&bench.only("shop").await, Code::DocumentCancelled);
    assert_eq!((bench.world.done(), findings(&bench).await.len()), (0, 0));
}

#[tokio::test]
async fn what_waits_is_left_out_at_once_whatever_it_waits_for() {
    for gone in [false, true] {
        let bench = Bench::sold().await;
        bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
        told(&bench).await;
        assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NotPaidYet));
        if gone {
            bench.world.remove_document("9001");
            told(&bench).await;
            left_out(&bench.only("shop").await, Code::DocumentGone);
        } else {
            cancelled(&bench).await;
            left_out(&bench.only("shop").await, Code::DocumentCancelled);
        }
        assert_eq!((bench.world.done(), findings(&bench).await.len()), (0, 0), "gone {gone}");
    }
}

#[tokio::test]
async fn what_is_to_be_tried_again_is_left_out_and_what_may_have_gone_out_is_found() {
    for (kind, found) in [(Kind::Refused, 0), (Kind::Answer(400, json!({})), 0), (Kind::DropAfter, 1)] {
        let bench = Bench::sold().await;
        // A refusal that is not in any table leaves a doubt; that the connection was refused does not.
        let doubtful = !matches!(kind, Kind::Refused);
        bench.world.fault(Method::POST, "shop/effects", kind, 1);
        told(&bench).await;
        let before = bench.only("shop").await;
        assert_eq!((before.state, before.in_doubt.is_some()), (State::Retrying, doubtful));
        cancelled(&bench).await;
        left_out(&bench.only("shop").await, Code::DocumentCancelled);
        let open: Vec<Code> = findings(&bench).await.iter().filter(|f| f.is_open()).map(|f| f.code).collect();
        assert_eq!(open, vec![Code::CancelledAfterSending; usize::from(doubtful)]);
        assert_eq!(bench.world.done(), found);
    }
}

#[tokio::test]
async fn what_went_out_stays_delivered_and_is_found_once_however_often_it_is_told() {
    let bench = Bench::sold().await;
    told(&bench).await;
    let before = bench.only("shop").await;
    cancelled(&bench).await;
    cancelled(&bench).await;
    let after = bench.only("shop").await;
    assert_eq!((after.state, &after.receipt, after.revision_number), (State::Delivered, &before.receipt, 1));
    let found = the_finding(&bench).await;
    assert_eq!((&found.export, found.code, found.version), (&after.id, Code::CancelledAfterSending, 1));
    assert_eq!(bench.world.done(), 1, "nothing was sent, and nothing was taken away");
    let timeline = bench.flow.timeline(&TenantId::local(), "shop", &OrderReference::new("100")).await.unwrap();
    assert_eq!(timeline.findings, std::slice::from_ref(&found));
    let told: Vec<&str> = timeline.events.iter().filter(|e| e.what == "found").map(|e| e.word.as_str()).collect();
    assert_eq!(told, ["cancelled_after_sending"]);
}

#[tokio::test]
async fn a_person_sees_it_once_and_the_source_may_have_it_again() {
    let bench = Bench::sold().await;
    told(&bench).await;
    bench.world.remove_document("9001");
    told(&bench).await;
    let found = the_finding(&bench).await;
    assert_eq!(found.code, Code::GoneAfterSending);
    let tenant = TenantId::local();
    let asks = Asks { by: Some("eva@example.com"), ..Asks::from(&tenant) };
    for _ in 0..2 {
        let seen = bench.flow.finding_seen(asks, &found.export, Some("credited by hand")).await.unwrap();
        let resolved = seen.resolved.unwrap();
        assert_eq!((resolved.how, resolved.by.as_deref(), seen.version), (ResolvedHow::Seen, asks.by, 2));
    }
    told(&bench).await;
    assert_eq!(the_finding(&bench).await.version, 2, "what was seen is not found again");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    told(&bench).await;
    assert_eq!(the_finding(&bench).await.resolved.unwrap().how, ResolvedHow::CameBack);
    cancelled(&bench).await;
    let again = the_finding(&bench).await;
    assert_eq!((again.is_open(), again.code), (true, Code::CancelledAfterSending));
    assert_eq!((bench.world.done(), bench.only("shop").await.state), (1, State::Delivered));
    let other = TenantId::new("other");
    assert!(bench.flow.finding_seen(&other, &found.export, None).await.is_err());
}

#[tokio::test]
async fn a_newer_revision_that_turns_out_cancelled_leaves_the_older_one_delivered() {
    let bench = Bench::sold().await;
    told(&bench).await;
    let before = bench.only("shop").await;
    // A newer content is told, and before it is carried the document is cancelled with other lines.
    bench.clock.advance(seconds(1));
    bench.world.document_as("9001", json!({"total": "90.00"}));
    bench.world.fault(Method::POST, "shop/effects", Kind::Refused, 1);
    told(&bench).await;
    assert_eq!(bench.only("shop").await.state, State::Retrying);
    cancelled(&bench).await;
    let after = bench.only("shop").await;
    left_out(&after, Code::DocumentCancelled);
    assert_eq!(after.earlier_receipts.last(), before.receipt.as_ref(), "what stands there is not forgotten");
    assert!(the_finding(&bench).await.is_open());
    assert_eq!(bench.world.done(), 1);
}

#[tokio::test]
async fn news_that_meets_a_run_is_for_what_comes_of_it() {
    let bench = Bench::sold().await;
    // The process ends in the middle of its call; its lease still runs when the cancellation is told.
    bench.world.hang("shop/effects");
    let Message::SourceEventV1(event) = bench.event(INVOICE, "9001", Cause::Webhook) else { unreachable!() };
    let message = Message::SourceEventV1(event);
    tokio::select! {
        biased;
        _ = bench.flow.handle(&message, false) => panic!("it hangs"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(bench.only("shop").await.state, State::Sending);
    bench.world.heal();
    cancelled(&bench).await;
    assert_eq!(findings(&bench).await.len(), 0);
    bench.rest(SignedDuration::from_mins(15)).await;
    left_out(&bench.only("shop").await, Code::DocumentCancelled);
    assert!(the_finding(&bench).await.is_open(), "it may have gone out");
}

#[tokio::test]
async fn a_parcel_that_was_cancelled_after_its_number_was_told_is_found_too() {
    let bench = Bench::sold().await;
    bench.world.parcel("7", "100", Some("T-1"), "in_transit");
    bench.arrive(SubjectKind::Parcel, "7").await;
    bench.work().await;
    bench.clock.advance(seconds(1));
    bench.world.parcel("7", "100", Some("T-1"), "cancelled");
    bench.arrive(SubjectKind::Parcel, "7").await;
    bench.work().await;
    assert_eq!(the_finding(&bench).await.code, Code::CancelledAfterSending);
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.key.target), (State::Delivered, Some(ConnectionId::new("shop"))));
}

#[tokio::test]
async fn what_was_claimed_for_something_newer_stays_delivered_if_that_is_taken_back() {
    for gone in [false, true] {
        let bench = Bench::sold().await;
        told(&bench).await;
        let before = bench.only("shop").await;
        // While it was carried a newer revision was noted; by the time that is looked at, it was taken back.
        bench.clock.advance(seconds(1));
        let newer = Revision { hash: "v1:newer".into(), version_at: bench.flow.now(), gist: String::new() };
        let arrival = Arrival { event: EventId::new("noted"), duplicate: false, newer: Some(newer) };
        bench.ledger.arrive(&before.id, &arrival).await.unwrap();
        if gone {
            bench.world.remove_document("9001");
        } else {
            bench.world.document_as("9001", json!({"status": "cancelled", "total": "0.00"}));
        }
        let due = ExportDue { export: before.id.clone(), claim: before.claim, alone: false, trace: None };
        bench.send(Message::ExportDueV1(due)).await;
        bench.work().await;
        let after = bench.only("shop").await;
        assert!(after.claim > before.claim, "it was claimed");
        assert_eq!(
            (after.state, &after.receipt, &after.revision),
            (State::Delivered, &before.receipt, &before.revision)
        );
        assert_eq!((after.revision_number, after.in_doubt.is_some(), after.earlier_receipts.len()), (1, false, 0));
        assert!(the_finding(&bench).await.is_open());
    }
}
