//! What people decide, carried out by the engine.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{Cause, ConnectionId, ExportId, HoldReason, InvoiceWhen, OrderReference, State, TenantId};
use export_flow::Verdict;
use export_flow::message::Message;
use export_flow::person::{Asks, Hand, Resolution};
use export_flow::ports::Queue;
use export_flow::refused::Refused;
use serde_json::json;
use testkit::practice::Kind;

fn tenant() -> TenantId {
    TenantId::local()
}

fn order(reference: &str) -> Resolution {
    Resolution::Use { order: Some(OrderReference::new(reference)), target: None, without_lines: false }
}

fn document(id: &str) -> Hand {
    Hand { source: "books".into(), document: Some(id.into()), ..Hand::default() }
}

#[tokio::test]
async fn an_order_named_by_a_person_holds_through_retries_and_later_news() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("typo"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let look = bench.look().await;
    assert_eq!(hold_of(&look), Some(HoldReason::OrderUnknown));
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(500, json!({})), 1);
    bench.flow.resolve(&tenant(), &look.id, &order("100"), None).await.unwrap();
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Retrying);
    bench.pass(seconds(300)).await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    assert_eq!(bench.look().await.state, State::Planned);
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    assert_eq!(bench.look().await.state, State::Planned, "later news is no new riddle");
    assert_eq!((bench.world.effects_at("shop"), bench.only("shop").await.shared.duplicates), (1, 1));
}

#[tokio::test]
async fn a_channel_named_by_a_person_decides_between_two_that_know_the_order() {
    let bench = Bench::new().await;
    bench.connect("mall", "market").await;
    for channel in ["shop", "mall"] {
        bench.world.order(channel, "100", "100.00");
    }
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let look = bench.look().await;
    assert_eq!(hold_of(&look), Some(HoldReason::OrderAmbiguous));
    bench.world.fault(Method::POST, "mall/effects", Kind::Answer(500, json!({})), 1);
    let mall = Resolution::Use { order: None, target: Some(ConnectionId::new("mall")), without_lines: false };
    bench.flow.resolve(&tenant(), &look.id, &mall, None).await.unwrap();
    bench.pass(seconds(300)).await;
    assert_eq!((bench.world.effects_at("mall"), bench.world.effects_at("shop")), (1, 0));
}

#[tokio::test]
async fn what_waits_for_payment_goes_when_a_person_says_so() {
    let bench = Bench::new().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    let held = bench.only("shop").await;
    assert_eq!(hold_of(&held), Some(HoldReason::NotPaidYet));
    bench.flow.retry(&tenant(), &held.id, None).await.unwrap();
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::NotPaidYet), "a retry only looks again");
    bench.flow.resolve(&tenant(), &held.id, &Resolution::SendAgain, None).await.unwrap();
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
}

#[tokio::test]
async fn a_redriven_dead_letter_keeps_its_doubt_and_arrives_once() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    // The effect is there, and nobody can see it.
    bench.world.fault(Method::POST, "shop/effects", Kind::AnswerAfter(500), 1);
    bench.world.fault(Method::GET, "shop/effects", Kind::Answer(500, json!({})), 0);
    bench.arrive(INVOICE, "9001").await;
    bench.work().await;
    bench.world.fault(Method::GET, "shop/effects", Kind::Answer(500, json!({})), 100);
    bench.pass(seconds(1200)).await;
    let dead = bench.only("shop").await;
    assert_eq!((dead.state, dead.attempts, dead.in_doubt.is_some()), (State::Dead, 3, true));
    assert_eq!(bench.queue.depth().await.unwrap().dead_letters, 1);
    bench.world.heal();
    assert!(bench.flow.redrive(&tenant(), &dead.id, None).await.unwrap());
    let again = bench.only("shop").await;
    assert_eq!((again.attempts, again.in_doubt.is_some(), again.id == dead.id), (0, true, true));
    assert_eq!((&again.key, &again.attempt_log), (&dead.key, &dead.attempt_log), "what failed stays told");
    assert_eq!(again.notes.iter().map(|note| note.outcome.as_str()).collect::<Vec<_>>(), ["redrive"]);
    assert!(!bench.flow.redrive(&tenant(), &dead.id, None).await.unwrap(), "pressing twice does nothing more");
    assert_eq!(bench.queue.depth().await.unwrap().dead_letters, 0);
    bench.pass(seconds(300)).await;
    let delivered = bench.only("shop").await;
    assert_eq!((delivered.state, delivered.attempt_log.len()), (State::Delivered, 3));
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn who_asked_when_and_why_stays_on_the_record_and_so_do_the_last_twenty_failures() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(400, json!({})), 1000);
    bench.arrive(INVOICE, "9001").await;
    bench.pass(seconds(1200)).await;
    let first = bench.only("shop").await;
    assert_eq!((first.state, first.attempts), (State::Dead, 3));
    let tenant = tenant();
    let jana = Asks { by: Some("jana"), ..Asks::from(&tenant) };
    for round in 0..25 {
        let at = bench.flow.now();
        assert!(bench.flow.redrive(jana, &first.id, Some("repaired")).await.unwrap());
        let note = bench.only("shop").await.notes.pop().unwrap();
        assert_eq!((note.at, note.outcome.as_str(), note.by.as_deref()), (at, "redrive", Some("jana")), "{round}");
        assert_eq!(note.note.as_deref(), Some("repaired"));
        bench.pass(seconds(1200)).await;
        let again = bench.only("shop").await;
        assert_eq!((again.state, again.attempts, &again.id), (State::Dead, 3, &first.id), "{round}");
        assert_eq!(again.attempt_log.len(), (3 * (round + 2)).min(domain::ATTEMPT_LOG_MAX), "{round}");
    }
    bench.flow.retry(jana, &first.id, Some("once more")).await.unwrap();
    let notes = bench.only("shop").await.notes;
    assert_eq!((notes.len(), notes.last().unwrap().outcome.as_str()), (domain::NOTES_MAX, "retry"));
    let long = "x".repeat(501);
    let refused = bench.flow.retry(jana, &first.id, Some(&long)).await;
    assert!(matches!(refused, Err(Refused::Fields(_))), "{refused:?}");
}

#[tokio::test]
async fn a_class_u_export_in_doubt_is_settled_by_a_person_only() {
    for (outcome, effects) in [(Resolution::Arrived, 1), (Resolution::SendAgain, 2), (Resolution::NotNeeded, 1)] {
        let bench = Bench::empty();
        bench.connect("quiet", "mute").await;
        bench.world.order("quiet", "100", "100.00");
        bench.world.document("9001", "2026-0001", Some("100"), "100.00");
        bench.world.fault(Method::POST, "quiet/effects", Kind::DropAfter, 1);
        bench.arrive(INVOICE, "9001").await;
        bench.pass(seconds(1200)).await;
        let uncertain = bench.only("quiet").await;
        assert_eq!(uncertain.state, State::Uncertain);
        let refused = bench.flow.retry(&tenant(), &uncertain.id, None).await;
        assert!(matches!(refused, Err(Refused::Conflict(_))), "{refused:?}");
        let decided = bench.flow.resolve(&tenant(), &uncertain.id, &outcome, Some("asked them")).await.unwrap();
        assert_eq!(decided.notes.last().unwrap().note.as_deref(), Some("asked them"));
        bench.pass(seconds(300)).await;
        let state = if outcome == Resolution::NotNeeded { State::Skipped } else { State::Delivered };
        assert_eq!(bench.only("quiet").await.state, state, "{outcome:?}");
        assert_eq!(bench.world.effects_at("quiet"), effects, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_request_by_hand_survives_its_worker_and_counts_once() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    let requested = bench.flow.request(&tenant(), &document("9001")).await.unwrap();
    assert!(bench.flow.met(&requested).await.unwrap().is_empty());
    let foreseen = bench.flow.foreseen(&requested).await.unwrap();
    // The message is delivered twice: the worker died after its work and before it could say so.
    let (message, ..) = bench.queue.all().remove(0);
    assert!(matches!(&message, Message::SourceEventV1(event) if event.cause == Cause::Hand));
    assert_eq!(bench.flow.handle(&message, false).await, Verdict::Done);
    bench.work().await;
    let met = bench.flow.met(&requested).await.unwrap();
    assert_eq!(met.len(), 1);
    assert_eq!((&met[0].id, met[0].shared.duplicates, met[0].state), (&foreseen[0].id, 0, State::Delivered));
    bench.flow.request(&tenant(), &document("9001")).await.unwrap();
    bench.work().await;
    assert_eq!(bench.only("shop").await.shared.duplicates, 1);
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_trial_makes_no_writing_call_and_no_record() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    let trial = bench.flow.trial(&tenant(), &document("9001")).await.unwrap();
    assert_eq!((trial.requests.len(), trial.preflight.len(), trial.exports.len()), (1, 0, 1));
    assert!(bench.exports().await.is_empty() && bench.queue.all().is_empty());
    assert_eq!((bench.world.calls("POST"), bench.world.effects_at("shop")), (0, 0));
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    let stopped = bench.flow.trial(&tenant(), &document("9001")).await.unwrap();
    assert_eq!(stopped.preflight[0].word.word, "not_paid_yet");
}

#[tokio::test]
async fn exports_of_somebody_else_cannot_be_decided() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-0001", Some("100"), "100.00");
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(400, json!({})), 100);
    bench.arrive(INVOICE, "9001").await;
    bench.pass(seconds(1200)).await;
    let dead: ExportId = bench.only("shop").await.id;
    let stranger = TenantId::new("stranger");
    assert!(matches!(bench.flow.retry(&stranger, &dead, None).await, Err(Refused::Unknown(_))));
    assert!(matches!(bench.flow.redrive(&stranger, &dead, None).await, Err(Refused::Unknown(_))));
    let resolved = bench.flow.resolve(&stranger, &dead, &Resolution::Arrived, None).await;
    assert!(matches!(resolved, Err(Refused::Unknown(_))));
    assert_eq!(bench.only("shop").await.state, State::Dead);
}

#[tokio::test]
async fn the_same_sale_at_another_channel_is_a_target_too_and_hinders_nobody_while_it_is_paused() {
    let bench = Bench::new().await;
    bench.connect("mall", "market").await;
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^1".into())).await;
    bench.change("mall", |mall| mall.rules.order_pattern = Some("^M".into())).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.order("mall", "M-7", "100.00");
    for (id, order) in [("9000", "100"), ("9001", "M-7")] {
        bench.world.document(id, id, Some(order), "100.00");
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    let alias = domain::Alias { channel: ConnectionId::new("mall"), reference: OrderReference::new("M-7") };
    let named = bench.flow.name_aliases(&tenant(), "shop", &OrderReference::new("100"), &[alias]).await.unwrap();
    assert_eq!(named.aliases.len(), 1);
    bench.flow.pause_connection(&tenant(), "mall").await.unwrap();
    bench.world.document("9002", "2026-0002", Some("100"), "100.00");
    bench.arrive(INVOICE, "9002").await;
    bench.work().await;
    let of = |exports: Vec<domain::Export>, id: &str| -> Vec<(String, State)> {
        let mut of: Vec<_> = exports
            .into_iter()
            .filter(|e| e.key.subject.id == id && e.key.target.is_some())
            .map(|e| (e.key.target.unwrap().to_string(), e.state))
            .collect();
        of.sort();
        of
    };
    let both = [("mall".to_owned(), State::Held), ("shop".to_owned(), State::Delivered)];
    assert_eq!(of(bench.exports().await, "9002"), both);
    bench.flow.resume_connection(&tenant(), "mall").await.unwrap();
    bench.work().await;
    // Two documents quote the sale as 100 (both go to both), one as M-7 (named back, so it goes to both as well).
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("mall")), (3, 3));
}
