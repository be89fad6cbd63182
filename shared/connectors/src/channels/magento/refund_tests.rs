//! Conversations about credit memos.

use super::Magento;
use crate::channels::scene::{Outcome, Scene, failed, held, id, receipt, sibling, skipped};
use crate::contract::Connector;
use crate::session::WriteOutcome;
use crate::stop::Stop;
use crate::suite::samples::{self, cents};
use crate::suite::stage::Stage;
use domain::{AdoptRule, Code, HoldReason, Operation, SkipReason, Switch};
use rust_decimal::Decimal;

/// A credit note over everything.
fn whole() -> Scene {
    let mut scene = Scene::at("42");
    scene.document = samples::credit_note();
    scene
}

/// A credit note over two of the five mice.
fn scene() -> Scene {
    let mut scene = whole();
    scene.document.lines.truncate(1);
    scene.document.lines[0].quantity = -Decimal::TWO;
    scene.document.lines[0].total = cents(-400_000);
    scene.document.total = cents(-400_000);
    scene
}

async fn refund(scene: &Scene, transcript: &str) -> Outcome {
    scene.play(&Magento, Operation::RefundOrder, transcript).await
}

/// Why it is held, with nothing sent and nothing in doubt.
#[track_caller]
fn nothing_sent(scene: &Scene, outcome: &Outcome, reason: HoldReason, says: &str) {
    held(outcome, reason);
    let Err(Stop::Hold { detail: Some(detail), .. }) = &outcome.0 else { panic!("{outcome:?}") };
    assert!(detail.contains(says), "{detail}");
    assert_eq!((outcome.1, scene.gate.asked()), (WriteOutcome::None, 0));
}

#[tokio::test]
async fn a_credit_note_becomes_one_memo_and_is_proven_by_what_is_read_of_it() {
    let scene = scene();
    let outcome = refund(&scene, "refund_accepted").await;
    assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("5", WriteOutcome::Done, 1));
    let delivered = outcome.0.unwrap();
    assert_eq!((delivered.number.as_deref(), &delivered.proof["grand_total"]), (Some("000000005"), &"4000".into()));
    assert_eq!(id(&refund(&scene, "refund_rest").await), "5");
}

#[tokio::test]
async fn its_link_follows_and_the_buyer_is_told_only_by_rule() {
    let mut scene = scene();
    scene.document.public_url = Some(" https://books.example/p/2.pdf ".into());
    scene.rules.notify_customer = Some(true);
    assert_eq!(id(&refund(&scene, "refund_accepted_with_link").await), "5");
}

#[tokio::test]
async fn shipping_is_taken_back_whole_or_not_at_all() {
    let mut scene = whole();
    assert_eq!(id(&refund(&scene, "refund_without_shipping").await), "5");
    let mut line = scene.document.lines[0].clone();
    (line.sku, line.quantity, line.total) = (None, Decimal::ONE, cents(12_100));
    scene.document.lines.push(line);
    scene.document.total = cents(-1_222_100);
    assert_eq!(id(&refund(&scene, "refund_whole").await), "5");
    let part = scene.document.lines.last_mut().unwrap();
    part.total = cents(6_050);
    let scene = Scene { gate: samples::Granting::default(), ..scene };
    nothing_sent(&scene, &refund(&scene, "refund_looked").await, HoldReason::LinesUnmatched, "60.5 name nothing");
}

#[tokio::test]
async fn a_memo_with_our_number_and_our_sum_is_not_made_again() {
    let mut scene = scene();
    for transcript in ["refund_already_there", "refund_comments_listed"] {
        let outcome = refund(&scene, transcript).await;
        assert_eq!((id(&outcome), outcome.1, scene.gate.asked()), ("5", WriteOutcome::None, 0), "{transcript}");
    }
    let [lost, found] = scene.play_twice(&Magento, Operation::RefundOrder, "refund_effect_then_drop").await;
    assert_eq!((lost.1, id(&found), found.1), (WriteOutcome::Unknown, "5", WriteOutcome::None));
}

#[tokio::test]
async fn a_sum_that_differs_by_a_cent_is_held_and_nothing_is_sent() {
    let mut scene = scene();
    for total in [-400_001, -399_999] {
        scene.document.total = cents(total);
        nothing_sent(
            &scene,
            &refund(&scene, "refund_looked").await,
            HoldReason::OrderMismatch,
            "Magento would refund 4000 CZK",
        );
    }
    scene.document.total = cents(-400_000);
    nothing_sent(&scene, &refund(&scene, "refund_gift_card").await, HoldReason::OrderMismatch, "its total is 11100");
    nothing_sent(&scene, &refund(&scene, "refund_not_paid").await, HoldReason::NotPaidYet, "recorded 100 CZK as paid");
    scene.document.currency = domain::Currency::parse("EUR").unwrap();
    nothing_sent(&scene, &refund(&scene, "refund_looked").await, HoldReason::OrderMismatch, "the order in CZK");
}

#[tokio::test]
async fn lines_that_are_not_the_orders_are_held_and_nothing_is_sent() {
    let mut scene = scene();
    nothing_sent(&scene, &refund(&scene, "refund_not_invoiced").await, HoldReason::LinesUnmatched, "MOUSE-1: 1 more");
    scene.document.lines.clear();
    nothing_sent(
        &scene,
        &refund(&scene, "refund_looked").await,
        HoldReason::LinesUnmatched,
        "a sum alone is not recorded",
    );
    scene.document.total = Decimal::ZERO;
    nothing_sent(&scene, &refund(&scene, "refund_looked").await, HoldReason::Preflight, "over nothing");
    scene.document.number = "  ".into();
    nothing_sent(&scene, &refund(&scene, "refund_looked").await, HoldReason::Preflight, "no number");
}

#[tokio::test]
async fn another_sum_than_ours_under_our_number_waits_for_a_person() {
    let mut scene = scene();
    nothing_sent(
        &scene,
        &refund(&scene, "refund_of_other_sum").await,
        HoldReason::TargetHasOther,
        "3999.99 instead of 4000 CZK",
    );
    scene.overrides.send_anyway = true;
    held(&refund(&scene, "refund_of_other_sum").await, HoldReason::TargetHasOther);
    scene.overrides.send_anyway = false;
    let outcome = refund(&scene, "refund_made_over_other_sum").await;
    held(&outcome, HoldReason::TargetHasOther);
    assert_eq!(outcome.1, WriteOutcome::Done, "it is there, and a repeat would be a second one");
    // An earlier revision of ours whose comments were cleaned away.
    scene.previous = vec![receipt("4", "x")];
    scene.document.total = cents(-390_000);
    let scene = Scene { gate: samples::Granting::default(), ..scene };
    nothing_sent(&scene, &refund(&scene, "refund_stranger_earlier").await, HoldReason::TargetHasOther, "cannot change");
}

#[tokio::test]
async fn what_somebody_else_may_have_refunded_is_held_unless_a_rule_or_a_person_says_otherwise() {
    let mut scene = scene();
    nothing_sent(&scene, &refund(&scene, "refund_stranger").await, HoldReason::TargetHasOther, "may be this refund");
    for transcript in ["refund_stranger_over_other_goods", "refund_stranger_canceled"] {
        assert_eq!(id(&refund(&scene, transcript).await), "5", "{transcript}");
    }
    scene.rules.if_target_has_one = Some(AdoptRule::Adopt);
    let outcome = refund(&scene, "refund_adopted").await;
    assert_eq!((id(&outcome), outcome.1), ("4", WriteOutcome::Done));
    assert_eq!(outcome.0.unwrap().proof["adopted"], true);
    scene.rules.if_target_has_one = None;
    scene.overrides.send_anyway = true;
    assert_eq!(id(&refund(&scene, "refund_beside_a_stranger").await), "5");
    scene.overrides.send_anyway = false;
    scene.siblings = vec![sibling(Operation::RefundOrder, "x", "4")];
    assert_eq!(id(&refund(&scene, "refund_beside_anothers").await), "5");
}

#[tokio::test]
async fn it_follows_its_invoice_and_the_orders_state() {
    let mut scene = scene();
    skipped(&refund(&scene, "refund_of_canceled_order").await, SkipReason::OrderCancelled, Code::OrderCancelled);
    nothing_sent(&scene, &refund(&scene, "refund_of_held_order").await, HoldReason::Predecessor, "holded");
    failed(&refund(&scene, "refund_of_closed_order").await, Code::OrderState, None);
    scene.after = Some("2026-0056");
    nothing_sent(&scene, &refund(&scene, "refund_before_its_invoice").await, HoldReason::Predecessor, "2026-0056");
    assert_eq!(id(&refund(&scene, "refund_after_its_invoice").await), "5");
}

#[tokio::test]
async fn what_is_refused_or_not_confirmed_is_never_called_delivered() {
    let scene = scene();
    for (transcript, code, status, left) in [
        ("refund_not_confirmed", Code::NotConfirmed, None, WriteOutcome::Unknown),
        ("refund_nonsense", Code::VendorNonsense, Some(200), WriteOutcome::Unknown),
        ("refund_could_not_save", Code::VendorError, Some(400), WriteOutcome::Unknown),
        ("refund_refused", Code::OrderState, Some(400), WriteOutcome::NotDone),
        ("refund_order_gone", Code::VendorRefused, Some(404), WriteOutcome::NotDone),
    ] {
        let outcome = refund(&scene, transcript).await;
        failed(&outcome, code, status);
        assert_eq!(outcome.1, left, "{transcript}");
    }
    assert_eq!(id(&refund(&scene, "refund_refused_for_it_is_there").await), "5");
    let outcome = refund(&scene, "refund_right_missing").await;
    let missing = matches!(&outcome.0, Err(Stop::Credentials(f)) if f.code == Code::PermissionMissing);
    assert!(missing && outcome.1 == WriteOutcome::NotDone, "{outcome:?}");
}

#[tokio::test]
async fn the_right_to_read_memos_is_checked_where_refunds_are_switched_on() {
    let mut stage = Stage::play(&Magento, "check_with_refunds");
    stage.account.connection.switches.insert(Switch::SendRefund, true);
    let steps = Magento.check(&stage.look()).await;
    assert!(steps.iter().all(|s| s.ok) && steps.last().unwrap().name == "creditmemos", "{steps:?}");
    stage.over();
}
