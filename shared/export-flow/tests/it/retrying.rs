//! Failures: three attempts, doubt settled before anything is sent again, dead letters that explain.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{Code, HoldReason, State, Step};
use export_flow::ports::Queue;
use export_flow::{Times, Verdict};
use jiff::SignedDuration;
use serde_json::json;
use testkit::practice::Kind;

async fn ready(bench: &Bench) {
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
}

#[tokio::test]
async fn a_target_that_always_refuses_is_tried_three_times_at_its_times_and_then_dead() {
    let bench = Bench::new().await;
    let refusal = json!({"message": "Jana Nováková has no such type"});
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(400, refusal), 100);
    ready(&bench).await;
    let begun = bench.clock.advance(seconds(0));
    bench.pass(seconds(3600)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts, export.code), (State::Dead, 3, Some(Code::VendorRefused)));
    let at: Vec<i64> = export.attempt_log.iter().map(|a| a.at.duration_since(begun).as_secs()).collect();
    assert_eq!(at, [0, 120, 720], "each left doubt, so not before the late bound; the third after ten minutes");
    for attempt in &export.attempt_log {
        assert_eq!((attempt.step, attempt.status), (Step::Send, Some(400)));
        assert!(attempt.message.contains("no such type") && !attempt.message.contains("Nováková"), "{attempt:?}");
    }
    assert_eq!(bench.world.calls("POST shop/effects"), 3);
    assert_eq!(bench.queue.depth().await.unwrap().dead_letters, 1);
}

#[tokio::test]
async fn an_error_inside_a_success_is_a_failed_attempt() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(200, json!({"error": "unknown type"})), 100);
    ready(&bench).await;
    let begun = bench.clock.advance(seconds(0));
    bench.pass(seconds(1000)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.code), (State::Dead, Some(Code::ErrorInsideSuccess)));
    let at: Vec<i64> = export.attempt_log.iter().map(|a| a.at.duration_since(begun).as_secs()).collect();
    assert_eq!(at, [0, 60, 660], "definitely not done, so at the configured delays");
}

#[tokio::test]
async fn an_effect_whose_answer_was_lost_is_found_and_not_sent_again() {
    for class in ["market", "keyed", "natural"] {
        let bench = Bench::empty();
        bench.connect("shop", class).await;
        bench.world.fault(Method::POST, "shop/effects", Kind::DropAfter, 1);
        ready(&bench).await;
        bench.work().await;
        let export = bench.only("shop").await;
        assert_eq!((export.state, export.in_doubt.is_some()), (State::Retrying, true), "{class}");
        bench.pass(seconds(200)).await;
        let export = bench.only("shop").await;
        assert_eq!((export.state, export.attempts, export.in_doubt), (State::Delivered, 1, None), "{class}");
        assert_eq!(bench.world.effects_at("shop"), 1, "{class}");
    }
}

#[tokio::test]
async fn a_server_error_after_the_effect_is_found_and_not_sent_again() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::AnswerAfter(500), 1);
    ready(&bench).await;
    bench.pass(seconds(70)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts), (State::Delivered, 1));
    assert_eq!(bench.world.calls("POST shop/effects"), 1);
}

#[tokio::test]
async fn an_effect_that_comes_late_within_its_bound_is_one_effect() {
    for late in [5, 15, 65, 119] {
        let bench = Bench::new().await;
        bench.world.fault(Method::POST, "shop/effects", Kind::Late(seconds(late)), 1);
        ready(&bench).await;
        bench.pass(seconds(300)).await;
        assert_eq!(bench.only("shop").await.state, State::Delivered, "{late}");
        assert_eq!(bench.world.effects_at("shop"), 1, "{late}");
    }
}

#[tokio::test]
async fn a_look_that_began_within_the_bound_is_no_proof_after_it() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Late(seconds(119)), 1);
    ready(&bench).await;
    bench.work().await;
    bench.pass(seconds(115)).await;
    // The look finds nothing, the effect comes, and only then the bound is over.
    bench.world.pdf_takes(seconds(10));
    let id = bench.only("shop").await.id;
    bench.flow.retry(&domain::TenantId::local(), &id, None).await.unwrap();
    bench.work().await;
    bench.world.pdf_takes(seconds(0));
    bench.pass(seconds(60)).await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    assert_eq!((bench.world.calls("POST shop/effects"), bench.world.effects_at("shop")), (1, 1));
}

#[tokio::test]
async fn a_call_that_never_arrived_is_sent_again_only_after_the_bound() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::DropBefore, 1);
    ready(&bench).await;
    bench.pass(seconds(61)).await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::Settling));
    bench.pass(seconds(57)).await;
    assert_eq!(bench.world.calls("POST shop/effects"), 1, "not before the bound");
    bench.pass(seconds(5)).await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    assert_eq!((bench.world.calls("POST shop/effects"), bench.world.effects_at("shop")), (2, 1));
}

#[tokio::test]
async fn in_doubt_at_a_mute_target_is_for_a_person_to_decide() {
    let bench = Bench::empty();
    bench.connect("shop", "mute").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::DropAfter, 1);
    ready(&bench).await;
    bench.pass(seconds(2000)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.in_doubt.is_some()), (State::Uncertain, true));
    assert_eq!(bench.world.calls("POST shop/effects"), 1, "never blindly again");
}

#[tokio::test]
async fn a_run_that_vanished_is_taken_over_when_its_lease_is_over() {
    let bench = Bench::new().await;
    ready(&bench).await;
    // The vendor has done it; the run dies before it can record that.
    bench.ledger.trouble().throttle("finish");
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.in_doubt.is_some()), (State::Sending, true));
    assert_eq!(bench.world.effects_at("shop"), 1);
    bench.pass(seconds(89)).await;
    assert_eq!(bench.only("shop").await.state, State::Sending, "its lease is respected");
    bench.pass(seconds(60)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts), (State::Delivered, 0));
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn our_own_failure_costs_no_attempt() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.ledger.trouble().throttle("claim");
    let verdict = bench.flow.handle(&bench.event(INVOICE, "9001", domain::Cause::Webhook), false).await;
    assert!(matches!(verdict, Verdict::GiveBack(after) if after > SignedDuration::ZERO));
    assert_eq!(bench.exports().await.len(), 0);
    assert_eq!(bench.world.effects_at("shop"), 0);
}

#[tokio::test]
async fn a_source_that_fails_is_a_look_with_attempts_of_its_own() {
    let bench = Bench::new().await;
    bench.world.fault(Method::GET, "books/documents", Kind::Answer(500, json!({"message": "oops"})), 3);
    ready(&bench).await;
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let look = bench.look().await;
    assert_eq!((look.state, look.attempts), (State::Retrying, 1), "two copies of an event burn one attempt");
    bench.world.heal();
    bench.pass(seconds(70)).await;
    assert_eq!(bench.look().await.state, State::Planned);
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_doubt_ends_when_what_was_doubtful_is_absent_and_the_call_after_it_surely_failed() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::DropBefore, 1);
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(200, json!({"error": "not now"})), 1);
    ready(&bench).await;
    bench.work().await;
    assert!(bench.only("shop").await.in_doubt.is_some());
    bench.pass(seconds(200)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts, export.in_doubt), (State::Retrying, 2, None));
}

#[tokio::test]
async fn a_file_that_its_source_does_not_give_is_the_sources_failure() {
    let bench = Bench::new().await;
    bench.world.fault(Method::GET, "books/documents/9001/pdf", Kind::Answer(500, json!({"message": "oops"})), 1);
    ready(&bench).await;
    bench.work().await;
    let export = bench.only("shop").await;
    let failed = export.attempt_log.last().unwrap();
    assert_eq!((failed.step, failed.status, export.in_doubt.is_some()), (Step::Look, Some(500), false));
}

#[tokio::test]
async fn no_option_hurries_the_first_look_at_what_is_in_doubt() {
    let at_once = Times { retry_delays: [SignedDuration::ZERO; 3], ..Times::default() };
    let bench = Bench::timed(at_once).await;
    bench.world.fault(Method::POST, "shop/effects", Kind::DropBefore, 1);
    ready(&bench).await;
    bench.work().await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.due_at), (State::Retrying, Some(bench.flow.now() + seconds(10))));
}

#[tokio::test]
async fn what_fails_together_does_not_come_again_together() {
    let bench = Bench::timed(Times::default()).await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(200, json!({"error": "not now"})), 8);
    bench.world.order("shop", "100", "100.00");
    for n in 0..8 {
        let id = n.to_string();
        bench.world.document(&id, &id, Some("100"), "100.00");
        bench.arrive(INVOICE, &id).await;
    }
    bench.work().await;
    let mut times: Vec<_> = bench.exports().await.into_iter().map(|export| export.due_at.unwrap()).collect();
    times.sort();
    times.dedup();
    assert!(times.len() > 4, "{times:?}");
}
