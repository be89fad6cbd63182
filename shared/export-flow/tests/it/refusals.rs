//! A refused claim is never only acknowledged: what it asks for is counted, noted, or queued for its time.

use crate::bench::{Bench, INVOICE, seconds};
use ::http::Method;
use domain::{Cause, ConnectionId, Export, State};
use export_flow::Verdict;
use export_flow::message::{ExportDue, Message};
use futures_util::poll;
use jiff::Timestamp;
use serde_json::json;
use testkit::practice::Kind;

async fn order(bench: &Bench, shop: &str) {
    bench.world.order(shop, "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
}

async fn told(bench: &Bench, cause: Cause) {
    let message = bench.event(INVOICE, "9001", cause);
    assert_eq!(bench.flow.handle(&message, false).await, Verdict::Done);
}

async fn due(bench: &Bench, export: &Export, claim: u64) {
    let due = ExportDue { export: export.id.clone(), claim, alone: false, trace: None };
    assert_eq!(bench.flow.handle(&Message::ExportDueV1(due), false).await, Verdict::Done);
}

/// When what is queued for exports comes, with the claim it was queued under.
fn queued(bench: &Bench) -> Vec<(u64, Timestamp)> {
    let due = |(message, _, at): (Message, ConnectionId, Timestamp)| match message {
        Message::ExportDueV1(due) => Some((due.claim, at)),
        _ => None,
    };
    bench.queue.all().into_iter().filter_map(due).collect()
}

#[tokio::test]
async fn what_meets_a_run_comes_again_after_its_lease() {
    let bench = Bench::new().await;
    order(&bench, "shop").await;
    bench.world.hang("shop/effects");
    let message = bench.event(INVOICE, "9001", Cause::Webhook);
    let mut run = Box::pin(bench.flow.handle(&message, false));
    assert!(poll!(&mut run).is_pending());
    let lease = bench.only("shop").await.lease_until.unwrap();
    assert_eq!(lease, bench.flow.now() + seconds(90));
    bench.clock.advance(seconds(30));
    told(&bench, Cause::Webhook).await;
    assert_eq!(queued(&bench), [(1, lease + seconds(1))]);
    let shared = bench.only("shop").await.shared;
    assert_eq!((shared.duplicates, shared.noted), (1, None), "the same again is no newer version");
    drop(run);
}

#[tokio::test]
async fn a_message_that_comes_too_early_waits_for_its_time() {
    let bench = Bench::new().await;
    order(&bench, "shop").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(422, json!({"message": "no"})), 1);
    told(&bench, Cause::Webhook).await;
    let retrying = bench.only("shop").await;
    let at = retrying.due_at.unwrap();
    assert_eq!((retrying.state, at), (State::Retrying, bench.flow.now() + seconds(60)));
    assert_eq!(queued(&bench), [(1, at)]);
    bench.clock.advance(seconds(10));
    due(&bench, &retrying, 1).await;
    assert_eq!(queued(&bench), [(1, at), (1, at)]);
    told(&bench, Cause::Webhook).await;
    assert_eq!(queued(&bench).len(), 2, "news of what waits already is only counted");
    assert_eq!(bench.only("shop").await.shared.duplicates, 1);
    due(&bench, &retrying, 0).await;
    assert_eq!(queued(&bench).len(), 2, "what an earlier claim queued is dropped");
}

#[tokio::test]
async fn what_a_person_must_decide_is_queued_by_no_news() {
    let bench = Bench::empty();
    bench.connect("mute", "mute").await;
    order(&bench, "mute").await;
    bench.world.fault(Method::POST, "mute/effects", Kind::TimeOut, 1);
    told(&bench, Cause::Webhook).await;
    assert_eq!(bench.only("mute").await.state, State::Uncertain);
    told(&bench, Cause::Hand).await;
    assert_eq!(queued(&bench), []);
    assert_eq!(bench.only("mute").await.shared.duplicates, 1);
}

#[tokio::test]
async fn a_dead_export_met_again_has_its_copy_made_again_and_an_older_message_of_it_too() {
    let bench = Bench::new().await;
    order(&bench, "shop").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(422, json!({"message": "no"})), usize::MAX);
    bench.arrive(INVOICE, "9001").await;
    bench.pass(seconds(1500)).await;
    let dead = bench.only("shop").await;
    assert_eq!((dead.state, bench.queue.buried().len()), (State::Dead, 1));
    for claim in [dead.claim, dead.claim - 1] {
        export_flow::ports::Queue::exhume(&*bench.queue, &dead.id).await.unwrap();
        assert_eq!(bench.queue.buried().len(), 0);
        due(&bench, &dead, claim).await;
        assert_eq!(bench.queue.buried().len(), 1, "the run that recorded it may have ended before its copy was made");
    }
    told(&bench, Cause::Webhook).await;
    assert_eq!((bench.only("shop").await.state, queued(&bench).len()), (State::Dead, 0));
}

#[tokio::test]
async fn a_version_noted_while_a_run_was_busy_goes_on_also_if_its_message_was_lost() {
    let bench = Bench::new().await;
    order(&bench, "shop").await;
    bench.world.hang("shop/effects");
    let message = bench.event(INVOICE, "9001", Cause::Webhook);
    let mut run = Box::pin(bench.flow.handle(&message, false));
    assert!(poll!(&mut run).is_pending());
    bench.clock.advance(seconds(1));
    bench.world.document("9001", "2026-1", Some("100"), "90.00");
    told(&bench, Cause::Webhook).await;
    assert_eq!(bench.only("shop").await.shared.noted.unwrap().hash, bench.hash_of("90.00"));
    drop(run);
    bench.world.heal();
    bench.pass(seconds(400)).await;
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.shared.noted), (State::Delivered, None));
    assert_eq!(bench.world.effects().last().unwrap().revision, bench.hash_of("90.00"));
}

#[tokio::test]
async fn what_is_due_within_a_quarter_of_an_hour_has_a_message_and_what_is_later_has_none() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document_as("9002", json!({"order": "100", "kind": "credit_note", "corrects": "9001"}));
    let message = bench.event(INVOICE, "9002", Cause::Webhook);
    bench.flow.handle(&message, false).await;
    let (held, now) = (bench.only("shop").await, bench.flow.now());
    assert_eq!(queued(&bench), [(1, now + seconds(15 * 60))]);
    bench.queue.lose_all();
    bench.clock.advance(seconds(15 * 60));
    due(&bench, &held, 1).await;
    assert_eq!(bench.only("shop").await.due_at, Some(bench.flow.now() + seconds(30 * 60)));
    assert_eq!(queued(&bench), [], "the sweep finds it");
}
