//! An outage costs no dead letter and slows no other target.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{ConnectionState, HoldReason, Pause, PauseReason, State};
use export_flow::Verdict;
use export_flow::message::Message;
use export_flow::times::CROWD_MAX;
use serde_json::json;
use testkit::practice::Kind;

async fn orders(bench: &Bench, shop: &str, count: usize) {
    for n in 0..count {
        let reference = format!("{shop}-{n}");
        bench.world.order(shop, &reference, "100.00");
        bench.world.document(&reference, &reference, Some(&reference), "100.00");
        bench.arrive(INVOICE, &reference).await;
    }
}

fn down() -> [Kind; 3] {
    [Kind::Refused, Kind::Answer(503, json!({})), Kind::DropBefore]
}

#[tokio::test]
async fn one_export_or_a_hundred_survive_an_outage_of_hours() {
    for kind in down() {
        for count in [1, 30] {
            let bench = Bench::new().await;
            bench.connect("shop2", "market").await;
            for (id, pattern) in [("shop", "^shop-"), ("shop2", "^shop2-")] {
                bench.change(id, |c| c.rules.order_pattern = Some(pattern.into())).await;
            }
            for method in [Method::GET, Method::POST] {
                bench.world.fault(method, "shop/", kind.clone(), usize::MAX);
            }
            orders(&bench, "shop", count).await;
            orders(&bench, "shop2", 3).await;
            bench.pass(seconds(4 * 3600)).await;
            assert_eq!(bench.world.effects_at("shop2"), 3, "the other target is unhindered");
            assert_eq!(bench.count(State::Dead).await, 0, "{kind:?} {count}");
            let shop = bench.state_of("shop").await;
            assert_eq!(shop.state, ConnectionState::Paused, "{kind:?} {count}");
            assert_eq!(shop.pause.unwrap().reason, PauseReason::Outage);
            let calls = bench.world.calls(" shop/");
            assert!(calls < 6 * count + 100, "{calls} calls in four hours for {count} exports");
            bench.world.heal();
            bench.pass(seconds(1200)).await;
            assert_eq!(bench.state_of("shop").await.state, ConnectionState::Active, "{kind:?} {count}");
            assert_eq!(bench.world.effects_at("shop"), count, "{kind:?} {count}");
            assert_eq!(bench.count(State::Delivered).await, count + 3, "{kind:?} {count}");
        }
    }
}

#[tokio::test]
async fn refused_credentials_pause_at_once_and_cost_nothing() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(401, json!({"message": "bad key"})), 1);
    orders(&bench, "shop", 5).await;
    bench.work().await;
    let shop = bench.state_of("shop").await;
    assert_eq!(shop.pause.unwrap().reason, PauseReason::Credentials);
    let held = bench.exports().await.iter().filter(|e| hold_of(e) == Some(HoldReason::ConnectionPaused)).count();
    assert_eq!(held, 5);
    assert!(bench.exports().await.iter().all(|export| export.attempts == 0 && export.in_doubt.is_none()));
    assert_eq!(bench.world.calls("POST shop/effects"), 1);
}

#[tokio::test]
async fn a_server_error_of_one_export_pauses_nothing() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects/shop-0", Kind::Answer(500, json!({"message": "poison"})), 100);
    orders(&bench, "shop", 8).await;
    bench.pass(seconds(3600)).await;
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Active);
    assert_eq!((bench.count(State::Dead).await, bench.count(State::Delivered).await), (1, 7));
}

#[tokio::test]
async fn a_source_that_is_down_costs_no_dead_letter_either() {
    let bench = Bench::new().await;
    bench.world.fault(Method::GET, "books/", Kind::Refused, usize::MAX);
    orders(&bench, "shop", 10).await;
    bench.pass(seconds(4 * 3600)).await;
    assert_eq!(bench.count(State::Dead).await, 0);
    assert_eq!(bench.state_of("books").await.state, ConnectionState::Paused);
    bench.world.heal();
    bench.pass(seconds(1200)).await;
    assert_eq!(bench.world.effects_at("shop"), 10);
}

#[tokio::test]
async fn news_for_a_crowded_target_goes_on_in_the_line_of_that_target() {
    let bench = Bench::new().await;
    bench.connect("shop2", "market").await;
    for (id, pattern) in [("shop", "^shop-"), ("shop2", "^shop2-")] {
        bench.change(id, |c| c.rules.order_pattern = Some(pattern.into())).await;
    }
    let news = |shop: &str, n: usize| {
        let reference = format!("{shop}-{n}");
        bench.world.order(shop, &reference, "100.00");
        bench.world.document(&reference, &reference, Some(&reference), "100.00");
        bench.event(INVOICE, &reference, domain::Cause::Webhook)
    };
    // Begun, and none of them ends: the shop has let go of nobody yet.
    bench.world.hang("shop/");
    let all: Vec<Message> = (0..CROWD_MAX).map(|n| news("shop", n)).collect();
    let mut hanging: Vec<_> = all.iter().map(|message| Box::pin(bench.flow.handle(message, false))).collect();
    for work in &mut hanging {
        assert!(futures_util::poll!(work).is_pending());
    }
    assert_eq!(bench.flow.handle(&news("shop2", 0), false).await, Verdict::Done);
    assert_eq!(bench.world.effects_at("shop2"), 1, "the other target is unhindered");
    let late = news("shop", CROWD_MAX);
    assert_eq!(bench.flow.handle(&late, false).await, Verdict::Done, "it takes no place");
    let (Message::SourceEventV1(event), queued) = (&late, bench.queue.all()) else { panic!() };
    let shop = domain::ConnectionId::new("shop");
    let handed_on = Message::HandedOnV1 { news: event.clone(), target: shop.clone() };
    assert!(queued.iter().any(|(message, group, _)| *message == handed_on && *group == shop), "{queued:?}");

    bench.world.heal();
    drop(hanging);
    assert_eq!(bench.flow.handle(&handed_on, false).await, Verdict::Done);
    assert_eq!(bench.world.effects_at("shop"), 1);
}

#[tokio::test]
async fn a_third_failure_of_one_export_counts_where_its_connection_still_answers() {
    let bench = Bench::new().await;
    bench.world.fault(Method::POST, "shop/effects/shop-0", Kind::DropBefore, usize::MAX);
    orders(&bench, "shop", 1).await;
    bench.pass(seconds(3600)).await;
    assert_eq!(bench.state_of("shop").await.state, ConnectionState::Active);
    let export = bench.only("shop").await;
    assert_eq!((export.state, export.attempts, export.attempt_log.len()), (State::Dead, 3, 3));
    assert_eq!(bench.world.calls("GET shop/orders"), 1);
    assert_eq!(bench.world.calls("POST shop/effects"), 3, "two retries, and none after the reach check was answered");
}

#[tokio::test]
async fn what_waits_at_another_channel_than_its_target_probes_that_channel() {
    let bench = Bench::new().await;
    bench.connect("shop2", "market").await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(500, json!({"message": "no"})), 1);
    orders(&bench, "shop", 1).await;
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Retrying);
    let (since, next_step) = (bench.flow.now(), "Nothing.".to_owned());
    let pause = Pause { reason: PauseReason::Outage, since, next_probe: Some(since), next_step };
    bench.change("shop2", |c| (c.state, c.pause) = (ConnectionState::Paused, Some(pause))).await;
    bench.pass(seconds(70)).await;
    let held = bench.only("shop").await;
    assert_eq!(hold_of(&held), Some(HoldReason::ConnectionPaused));
    bench.pass(seconds(120)).await;
    assert_eq!(bench.state_of("shop2").await.state, ConnectionState::Active, "it answers, and somebody has asked");
    assert_eq!(bench.only("shop").await.state, State::Delivered);
}
