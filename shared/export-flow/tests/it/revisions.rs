//! Documents that change: never silently ignored, never silently doubled, whatever else goes wrong meanwhile.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{HoldReason, State, TenantId};
use export_flow::person::Resolution;
use export_flow::ports::Queue as _;
use jiff::SignedDuration;
use serde_json::json;
use testkit::practice::Kind;

const A: &str = "100.00";
const B: &str = "90.00";
const C: &str = "80.00";

/// A market of a class, and its order.
async fn market(class: &str) -> Bench {
    let bench = Bench::empty();
    bench.connect("shop", class).await;
    bench.world.order("shop", "100", "100.00");
    bench
}

/// The books change the invoice, a while after anything before.
fn change(bench: &Bench, total: &str) {
    bench.clock.advance(seconds(1));
    bench.world.document("9001", "2026-1", Some("100"), total);
}

async fn changed(bench: &Bench, total: &str) {
    change(bench, total);
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
}

/// What the books tell was so some time ago: an answer from a replica that lags behind.
fn lag(bench: &Bench, total: &str, by: SignedDuration) {
    let now = bench.clock.advance(-by);
    bench.world.document("9001", "2026-1", Some("100"), total);
    bench.clock.set(now + by);
}

/// Totals in the order in which they took effect, told by which revision has which hash.
fn totals(bench: &Bench) -> Vec<&'static str> {
    let known = [A, B, C].map(|total| (bench.hash_of(total), total));
    let name = |hash: &String| known.iter().find(|(known, _)| known == hash).map_or("?", |(_, total)| total);
    bench.world.effects().iter().map(|effect| name(&effect.revision)).collect()
}

#[tokio::test]
async fn a_content_that_comes_back_after_another_was_carried_is_carried_again() {
    for class in ["market", "shelf", "keyed"] {
        let bench = market(class).await;
        for total in [A, B, A] {
            changed(&bench, total).await;
        }
        let export = bench.only("shop").await;
        assert_eq!((export.state, export.revision_number), (State::Delivered, 3), "{class}");
        assert_eq!(export.earlier_receipts.len(), 2, "{class}");
        assert_eq!(totals(&bench), [A, B, A], "{class}: what stands there last is what the books say");
    }
}

#[tokio::test]
async fn a_content_that_comes_back_before_the_other_was_carried_needs_nothing() {
    for class in ["market", "shelf", "keyed", "natural", "mute"] {
        let bench = market(class).await;
        changed(&bench, A).await;
        let first = bench.only("shop").await.receipt.unwrap();
        bench.world.pdf_not_ready(1);
        changed(&bench, B).await;
        assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::DocumentNotReady), "{class}");
        changed(&bench, A).await;
        bench.pass(seconds(10)).await;
        let export = bench.only("shop").await;
        assert_eq!((export.state, export.revision_number), (State::Delivered, 1), "{class}");
        let receipt = export.receipt.unwrap();
        assert_eq!(
            (receipt.remote_id, export.earlier_receipts.len()),
            (first.remote_id, 0),
            "{class}: it still stands"
        );
        assert_eq!(totals(&bench), [A], "{class}");
        changed(&bench, B).await;
        let second = bench.only("shop").await;
        if class != "natural" {
            assert_eq!((second.state, second.revision_number), (State::Delivered, 2), "{class}");
            assert_eq!(totals(&bench), [A, B], "{class}");
        }
    }
}

#[tokio::test]
async fn a_target_that_takes_one_of_a_number_says_so_and_is_not_sent_a_second() {
    let bench = market("natural").await;
    changed(&bench, A).await;
    changed(&bench, B).await;
    bench.pass(seconds(1000)).await;
    let export = bench.only("shop").await;
    assert_eq!((hold_of(&export), export.earlier_receipts.len()), (Some(HoldReason::TargetHasOther), 1));
    assert_eq!(totals(&bench), [A]);
}

#[tokio::test]
async fn a_source_that_tells_an_older_version_is_asked_again_and_the_older_one_is_not_sent() {
    let bench = market("market").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Refused, 1);
    changed(&bench, B).await;
    assert_eq!(bench.only("shop").await.state, State::Retrying);
    lag(&bench, A, seconds(30));
    bench.pass(seconds(62)).await;
    let export = bench.only("shop").await;
    assert_eq!(hold_of(&export), Some(HoldReason::DocumentNotReady));
    assert!(export.hold.unwrap().detail.unwrap().contains("version of"));
    assert_eq!((export.attempts, totals(&bench).len()), (1, 0), "nothing was sent, and it cost no attempt");
    bench.world.document("9001", "2026-1", Some("100"), B);
    bench.pass(seconds(10)).await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    assert_eq!(totals(&bench), [B]);
}

#[tokio::test]
async fn news_of_an_older_version_claims_nothing() {
    let bench = market("market").await;
    changed(&bench, B).await;
    lag(&bench, A, seconds(30));
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.claim, export.shared.duplicates), (State::Delivered, 1, 1));
    assert_eq!(totals(&bench), [B]);
}

#[tokio::test]
async fn news_of_an_older_version_that_meets_a_run_brings_it_back_after_its_lease() {
    let bench = market("market").await;
    change(&bench, B);
    bench.arrive(INVOICE, "9001").await;
    bench.ledger.trouble().throttle("finish");
    let message = bench.queue.receive(1, seconds(540)).await.unwrap().remove(0);
    bench.flow.handle(&message.message.unwrap(), false).await;
    bench.queue.delete(&[message.receipt]).await.unwrap();
    assert_eq!((bench.only("shop").await.state, bench.queue.all().len()), (State::Sending, 0), "its message is lost");
    lag(&bench, A, seconds(30));
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    bench.world.document("9001", "2026-1", Some("100"), B);
    bench.pass(seconds(105)).await;
    assert_eq!(bench.only("shop").await.state, State::Delivered, "without the sweep");
    assert_eq!(totals(&bench), [B]);
}

#[tokio::test]
async fn a_change_noted_while_a_run_was_busy_outlives_a_source_that_lags() {
    let bench = market("market").await;
    change(&bench, A);
    bench.arrive(INVOICE, "9001").await;
    // The run dies before it can record what it did.
    bench.ledger.trouble().throttle("finish");
    bench.work().await;
    changed(&bench, B).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.shared.noted.is_some()), (State::Sending, true));
    lag(&bench, A, seconds(30));
    bench.pass(seconds(95)).await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::DocumentNotReady), "it was told of a newer one");
    bench.world.document("9001", "2026-1", Some("100"), B);
    bench.pass(seconds(300)).await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    assert_eq!(totals(&bench), [A, B]);
}

#[tokio::test]
async fn a_claim_with_a_version_older_than_the_noted_one_is_refused() {
    let bench = market("market").await;
    change(&bench, A);
    bench.arrive(INVOICE, "9001").await;
    bench.ledger.trouble().throttle("finish");
    bench.work().await;
    changed(&bench, C).await;
    // A webhook that was slow: B was before C.
    lag(&bench, B, SignedDuration::from_millis(500));
    bench.clock.advance(seconds(100));
    let claim = bench.only("shop").await.claim;
    bench.flow.handle(&bench.event(INVOICE, "9001", domain::Cause::Webhook), false).await;
    assert_eq!(bench.only("shop").await.claim, claim);
    bench.world.document("9001", "2026-1", Some("100"), C);
    bench.pass(seconds(400)).await;
    assert_eq!(totals(&bench), [A, C]);
}

#[tokio::test]
async fn a_doubt_about_an_older_revision_is_over_before_the_newer_one_is_sent() {
    let late = Kind::Late(seconds(100));
    for (class, fault, expected) in [
        ("market", Kind::DropAfter, vec![A, B]),
        ("market", Kind::DropBefore, vec![B]),
        ("market", late.clone(), vec![A, B]),
        ("shelf", Kind::DropAfter, vec![A, B]),
        ("shelf", Kind::DropBefore, vec![B]),
        ("shelf", late.clone(), vec![A, B]),
        ("keyed", Kind::DropAfter, vec![A, B]),
        ("keyed", Kind::DropBefore, vec![B]),
        ("keyed", late.clone(), vec![A, B]),
        ("natural", Kind::DropBefore, vec![B]),
        ("natural", Kind::DropAfter, vec![A]),
        ("natural", late, vec![A]),
        ("mute", Kind::DropAfter, vec![A]),
        ("mute", Kind::DropBefore, vec![]),
    ] {
        let bench = market(class).await;
        bench.world.fault(Method::POST, "shop/effects", fault.clone(), 1);
        changed(&bench, A).await;
        let begun = bench.clock.advance(seconds(0));
        bench.pass(seconds(20)).await;
        changed(&bench, B).await;
        bench.pass(seconds(1000)).await;
        let export = bench.only("shop").await;
        let case = format!("{class} {fault:?}");
        assert_eq!(totals(&bench), expected, "{case}");
        let state = match (class, expected.len()) {
            ("mute", _) => State::Uncertain,
            ("natural", 1) if expected == [A] => State::Held,
            _ => State::Delivered,
        };
        assert_eq!(export.state, state, "{case}");
        if let Some(second) = bench.world.effects().iter().find(|effect| effect.revision == bench.hash_of(B)) {
            assert!(second.at.duration_since(begun) >= seconds(120), "{case}: the older call could still take effect");
        }
    }
}

#[tokio::test]
async fn an_older_revision_that_was_found_is_followed_by_the_newer_one_with_both_proofs() {
    let bench = market("shelf").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::DropAfter, 1);
    changed(&bench, A).await;
    changed(&bench, B).await;
    bench.pass(seconds(200)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.revision_number), (State::Delivered, 2));
    assert_eq!(export.earlier_receipts[0].remote_id, "shop-1");
    assert_eq!(export.receipt.unwrap().remote_id, "shop-2");
}

#[tokio::test]
async fn a_change_met_while_uncertain_goes_its_way_when_a_person_has_decided() {
    for (said, expected) in [(Resolution::Arrived, vec![A, B]), (Resolution::SendAgain, vec![A, B])] {
        let bench = market("mute").await;
        bench.world.fault(Method::POST, "shop/effects", Kind::DropAfter, 1);
        changed(&bench, A).await;
        bench.pass(seconds(100)).await;
        assert_eq!(bench.only("shop").await.state, State::Uncertain);
        changed(&bench, B).await;
        assert!(bench.only("shop").await.shared.noted.is_some());
        assert_eq!(totals(&bench), [A], "only a person knows");
        let id = bench.only("shop").await.id;
        bench.flow.resolve(&TenantId::local(), &id, &said, None).await.unwrap();
        bench.work().await;
        assert_eq!(totals(&bench), expected, "{said:?}");
        assert_eq!(bench.only("shop").await.state, State::Delivered);
    }
}

#[tokio::test]
async fn a_change_while_the_target_decides_later_is_noted_and_sends_nothing() {
    let bench = market("market").await;
    changed(&bench, A).await;
    let delivered = bench.only("shop").await;
    bench.ledger.put(domain::Export { state: State::Accepted, ..delivered.clone() });
    changed(&bench, B).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.shared.noted.is_some()), (State::Accepted, true));
    assert_eq!(totals(&bench), [A]);
}

#[tokio::test]
async fn a_revision_hashed_by_another_version_of_this_program_is_no_change() {
    let bench = market("market").await;
    changed(&bench, A).await;
    let mut export = bench.only("shop").await;
    export.revision.as_mut().unwrap().hash = "v0:ffff".into();
    bench.ledger.put(export);
    bench.world.document_as("9001", json!({"status": "paid"}));
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.claim, export.shared.duplicates), (State::Delivered, 1, 1));
    changed(&bench, B).await;
    assert_eq!(totals(&bench), [A, B], "another total is one");
}

#[tokio::test]
async fn what_was_in_doubt_before_an_upgrade_is_sent_again_under_its_old_key() {
    let bench = market("keyed").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::DropBefore, 1);
    changed(&bench, A).await;
    let mut export = bench.only("shop").await;
    let doubt = export.in_doubt.as_mut().unwrap();
    // As a version left it that kept no key with the doubt.
    doubt.key = None;
    doubt.revision.as_mut().unwrap().hash = "v0:ffff".into();
    bench.ledger.put(export);
    bench.pass(seconds(70)).await;
    assert!(bench.world.effects()[0].idempotency.ends_with("v0-ffff"));
}

#[tokio::test]
async fn what_was_taken_away_for_a_newer_revision_is_not_proven_by_its_old_receipt() {
    let bench = market("market").await;
    changed(&bench, A).await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Refused, 1);
    changed(&bench, B).await;
    assert_eq!(bench.only("shop").await.state, State::Retrying);
    bench.world.take_away("shop");
    changed(&bench, A).await;
    bench.pass(seconds(100)).await;
    let export = bench.only("shop").await;
    let there = bench.world.effects();
    assert_eq!((export.state, there.len()), (State::Delivered, 1), "it is there again");
    assert_eq!(export.receipt.unwrap().remote_id, there[0].id);
}

#[tokio::test]
async fn a_run_that_ends_in_its_call_leaves_a_doubt_about_what_it_sent() {
    for class in ["market", "shelf", "keyed"] {
        let bench = market(class).await;
        bench.world.fault(Method::POST, "shop/effects", Kind::Refused, 1);
        changed(&bench, A).await;
        bench.clock.advance(seconds(61));
        bench.world.fault(Method::POST, "shop/effects", Kind::Kill, 1);
        let due = bench.queue.receive(1, seconds(540)).await.unwrap().remove(0).message.unwrap();
        let flow = bench.flow.clone();
        let died = tokio::spawn(async move { flow.handle(&due, false).await }).await;
        assert!(died.is_err(), "the process ended in its call");
        let export = bench.only("shop").await;
        let doubt = export.in_doubt.unwrap();
        assert_eq!(doubt.revision.unwrap().hash, export.revision.unwrap().hash, "{class}");
        assert_eq!(doubt.key.is_some(), class == "keyed", "{class}");
    }
}
