//! When a connection is paused, who may ask it again, and who ends that.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{ConnectionId, ConnectionState, HoldReason, Pause, PauseReason, State, TenantId};
use export_flow::message::{ExportDue, Message};
use export_flow::ports::{Circuit, Ledger as _};
use export_flow::refused::Refused;
use futures_util::poll;
use serde_json::json;
use testkit::practice::Kind;

/// Invoices of order 100, which the shop has told of before: it is not asked for it again.
async fn invoices(bench: &Bench, count: usize) {
    bench.world.order("shop", "100", "100.00");
    for n in 0..=count {
        let id = n.to_string();
        bench.world.document(&id, &id, Some("100"), "100.00");
        bench.arrive(INVOICE, &id).await;
        if n == 0 {
            bench.work().await;
            assert_eq!(bench.world.effects_at("shop"), 1);
            bench.world.fault(Method::GET, "shop/effects", Kind::DropBefore, usize::MAX);
        }
    }
}

/// How often the shop was asked since then.
fn calls(bench: &Bench) -> usize {
    bench.world.calls("shop/effects") - 2
}

async fn circuit(bench: &Bench) -> Circuit {
    bench.ledger.circuit(&ConnectionId::new("shop")).await.unwrap()
}

async fn pause(bench: &Bench) -> Option<Pause> {
    bench.state_of("shop").await.pause
}

/// Five invoices for a shop that does not answer any more.
async fn broken() -> Bench {
    let bench = Bench::new().await;
    invoices(&bench, 5).await;
    bench.work().await;
    bench
}

#[tokio::test]
async fn five_exports_that_fail_once_pause_their_connection_until_the_first_probe() {
    let bench = broken().await;
    assert_eq!(calls(&bench), 5);
    assert_eq!(bench.exports().await.iter().filter(|export| export.attempts == 1).count(), 5);
    let shop = bench.state_of("shop").await;
    assert_eq!(shop.state, ConnectionState::Paused);
    assert_eq!(shop.version, 2, "the pause is a write of its own");
    let pause = shop.pause.unwrap();
    assert_eq!((pause.reason, pause.next_probe), (PauseReason::Outage, Some(bench.flow.now() + seconds(30))));
    assert_eq!(circuit(&bench).await.failing.len(), 5);
}

#[tokio::test]
async fn what_was_answered_before_is_no_answer_to_the_call_that_broke() {
    let bench = Bench::new().await;
    invoices(&bench, 5).await;
    bench.world.heal();
    bench.world.fault(Method::POST, "shop/effects", Kind::DropBefore, usize::MAX);
    bench.work().await;
    assert_eq!(calls(&bench), 2 * 5, "each looked there first, and was answered");
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Paused);
}

#[tokio::test]
async fn an_error_in_answer_to_a_probe_ends_the_outage() {
    let bench = broken().await;
    bench.world.heal();
    bench.world.fault(Method::GET, "shop/effects", Kind::Answer(500, json!({})), usize::MAX);
    bench.pass(seconds(100)).await;
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Active);
}

#[tokio::test]
async fn four_exports_that_fail_twice_are_not_five() {
    let bench = Bench::new().await;
    invoices(&bench, 4).await;
    bench.pass(seconds(400)).await;
    assert_eq!(calls(&bench), 8);
    let all = bench.world.calls("GET shop/");
    let asked = bench.world.calls("GET shop/effects") + bench.world.calls("GET shop/orders");
    assert_eq!(all, asked, "whether it answers at all is asked only where a third failure hangs on it");
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Active);
    assert_eq!(circuit(&bench).await.failing.len(), 4);
}

#[tokio::test]
async fn while_one_probes_no_other_does() {
    let bench = broken().await;
    bench.pass(seconds(29)).await;
    bench.world.heal();
    bench.world.hang("shop/effects");
    let before = calls(&bench);
    bench.clock.advance(seconds(60));
    let exports = bench.exports().await;
    let waiting = exports.iter().filter(|export| export.state == State::Retrying);
    let mut messages = waiting.map(|export| {
        let due = ExportDue { export: export.id.clone(), claim: export.claim, alone: false, trace: None };
        Message::ExportDueV1(due)
    });
    let (first, second) = (messages.next().unwrap(), messages.next().unwrap());
    let mut first = Box::pin(bench.flow.handle(&first, false));
    assert!(poll!(&mut first).is_pending(), "it is let through, and waits for an answer");
    let until = bench.flow.now() + seconds(90);
    assert_eq!(pause(&bench).await.unwrap().next_probe, Some(until), "its time, if it does not come back");
    bench.flow.handle(&second, false).await;
    assert_eq!(calls(&bench), before, "a call that hangs is not counted, and there is no other");
    drop(first);

    bench.world.heal();
    bench.rest(seconds(3600)).await;
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Active);
    assert_eq!(bench.count(State::Delivered).await, 6);
    assert_eq!(circuit(&bench).await.failing, []);
}

#[tokio::test]
async fn a_failed_probe_moves_the_next_one_further_away_each_time() {
    let bench = broken().await;
    let wait = async || pause(&bench).await.unwrap().next_probe.unwrap().duration_since(bench.flow.now());
    let mut waits = vec![wait().await];
    for probes in 1..=3 {
        for _ in 0..600 {
            if circuit(&bench).await.probes == probes {
                break;
            }
            bench.pass(seconds(1)).await;
        }
        waits.push(wait().await);
    }
    assert_eq!(waits, [30, 60, 120, 240].map(seconds));
    assert_eq!(calls(&bench), 5 + 3, "one call for each probe");
}

#[tokio::test]
async fn a_pause_by_hand_is_ended_by_hand_only() {
    let bench = Bench::new().await;
    let tenant = TenantId::local();
    let paused = bench.flow.pause_connection(&tenant, "shop").await.unwrap();
    assert_eq!(bench.flow.pause_connection(&tenant, "shop").await.unwrap(), paused, "pausing twice is safe");
    bench.world.order("shop", "100", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench.arrive(INVOICE, "9001").await;
    bench.pass(seconds(2 * 3600)).await;
    assert_eq!(bench.world.calls("shop/effects"), 0, "nobody probes");
    assert_eq!(hold_of(&bench.look().await), Some(HoldReason::ConnectionPaused));

    let resumed = bench.flow.resume_connection(&tenant, "shop").await.unwrap();
    assert_eq!((resumed.state, resumed.pause), (ConnectionState::Active, None));
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Delivered);
    bench.change("shop", |c| c.state = ConnectionState::Disabled).await;
    for refused in
        [bench.flow.pause_connection(&tenant, "shop").await, bench.flow.resume_connection(&tenant, "shop").await]
    {
        assert!(matches!(refused, Err(Refused::Conflict(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_person_who_pauses_during_an_outage_means_it() {
    let bench = broken().await;
    bench.flow.pause_connection(&TenantId::local(), "shop").await.unwrap();
    assert_eq!(pause(&bench).await.unwrap().reason, PauseReason::ByHand);
    bench.world.heal();
    bench.pass(seconds(3600)).await;
    assert_eq!(bench.count(State::Delivered).await, 1);

    bench.flow.resume_connection(&TenantId::local(), "shop").await.unwrap();
    let forgotten = circuit(&bench).await;
    assert_eq!((forgotten.failing.len(), forgotten.probes), (0, 0), "what counted before does not count any more");
    bench.pass(seconds(700)).await;
    assert_eq!(bench.count(State::Delivered).await, 6);
}

#[tokio::test]
async fn credentials_refused_to_a_probe_end_the_probing() {
    let bench = broken().await;
    bench.world.heal();
    bench.world.fault(Method::GET, "shop/effects", Kind::Answer(401, json!({"message": "bad key"})), 1);
    bench.pass(seconds(4 * 3600)).await;
    let pause = pause(&bench).await.unwrap();
    assert_eq!((pause.reason, pause.next_probe), (PauseReason::Credentials, None));
    assert_eq!(calls(&bench), 6, "five and the probe");
}

#[tokio::test]
async fn however_many_wait_all_go_when_their_connection_is_resumed() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document("0", "0", Some("100"), "100.00");
    bench.arrive(INVOICE, "0").await;
    bench.work().await;
    bench.flow.pause_connection(&TenantId::local(), "shop").await.unwrap();
    for n in 1..=120 {
        let id = n.to_string();
        bench.world.document(&id, &id, Some("100"), "100.00");
        bench.arrive(INVOICE, &id).await;
    }
    bench.work().await;
    assert_eq!(bench.count(State::Held).await, 120);
    bench.flow.resume_connection(&TenantId::local(), "shop").await.unwrap();
    bench.work().await;
    assert_eq!(bench.count(State::Delivered).await, 121);
}
