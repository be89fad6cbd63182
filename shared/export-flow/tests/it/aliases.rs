//! One sale at two channels: the shop's order 100 is the market's M-7. Each has what quotes either exactly once, and
//! neither waits for the other.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{Alias, AlsoKnownAs, Cause, ConnectionId, Export, HoldReason, OrderReference, State, TenantId};
use export_flow::ports::Ledger as _;
use jiff::SignedDuration;
use serde_json::json;
use testkit::practice::Kind;

/// Shop and market, the shop's orders naming the market's.
async fn both() -> Bench {
    let bench = Bench::new().await;
    bench.connect("bazaar", "market").await;
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^[0-9]+$".into())).await;
    bench.change("bazaar", |bazaar| bazaar.rules.order_pattern = Some("^M-".into())).await;
    named(&bench).await;
    bench.world.order_also("shop", "100", "100.00", "M-7");
    bench.world.order("bazaar", "M-7", "100.00");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    bench
}

async fn named(bench: &Bench) {
    let rule = AlsoKnownAs { field: "also".into(), channel: ConnectionId::new("bazaar") };
    bench.clock.advance(seconds(1));
    let now = bench.flow.now();
    bench
        .change("shop", |shop| {
            shop.rules.also_known_as = Some(rule);
            shop.changed_at = now;
        })
        .await;
}

async fn told(bench: &Bench, id: &str) {
    bench.arrive(INVOICE, id).await;
    bench.work().await;
}

fn once_at_each(bench: &Bench) {
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (1, 1));
}

async fn at(bench: &Bench, target: &str) -> Export {
    bench.only(target).await
}

#[tokio::test]
async fn what_quotes_the_one_goes_to_both_once_however_often_it_is_told() {
    let bench = both().await;
    for _ in 0..3 {
        told(&bench, "9001").await;
    }
    once_at_each(&bench);
    // By now the market's order is known too, and what quotes that goes to both as well.
    bench.world.document("9002", "2026-2", Some("M-7"), "10.00");
    for _ in 0..2 {
        told(&bench, "9002").await;
    }
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (2, 2));
    assert_eq!(bench.count(State::Delivered).await, 4);
}

#[tokio::test]
async fn one_that_is_paused_or_does_not_have_it_yet_holds_up_itself_alone() {
    for paused in [true, false] {
        let bench = both().await;
        if paused {
            bench.flow.pause_connection(&TenantId::local(), "bazaar").await.unwrap();
        } else {
            bench.world.forget_order("bazaar", "M-7");
        }
        told(&bench, "9001").await;
        told(&bench, "9001").await;
        assert_eq!((at(&bench, "shop").await.state, bench.world.effects_at("shop")), (State::Delivered, 1));
        let waits = if paused { HoldReason::ConnectionPaused } else { HoldReason::OrderUnknown };
        let other = at(&bench, "bazaar").await;
        assert_eq!((hold_of(&other), other.attempts), (Some(waits), 0));
        if paused {
            bench.flow.resume_connection(&TenantId::local(), "bazaar").await.unwrap();
        } else {
            bench.world.order("bazaar", "M-7", "100.00");
        }
        bench.rest(SignedDuration::from_hours(2)).await;
        once_at_each(&bench);
    }
}

#[tokio::test]
async fn a_failure_to_ask_the_one_is_an_attempt_of_its_own_export() {
    let bench = both().await;
    bench.world.fault(Method::GET, "bazaar/orders", Kind::Answer(500, json!({})), 1);
    told(&bench, "9001").await;
    assert_eq!(at(&bench, "shop").await.attempts, 0);
    let other = at(&bench, "bazaar").await;
    assert_eq!((other.state, other.attempts), (State::Retrying, 1));
    bench.rest(SignedDuration::from_hours(1)).await;
    once_at_each(&bench);
}

#[tokio::test]
async fn a_process_that_ends_between_the_two_leaves_each_with_one() {
    for host in ["shop", "bazaar"] {
        let bench = both().await;
        let message = bench.event(INVOICE, "9001", Cause::Webhook);
        bench.world.hang(&format!("{host}/effects"));
        tokio::select! {
            biased;
            _ = bench.flow.handle(&message, false) => panic!("it hangs"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(bench.world.done(), usize::from(host == "bazaar"), "the shop comes first");
        bench.world.heal();
        bench.send(message).await;
        bench.rest(SignedDuration::from_hours(1)).await;
        once_at_each(&bench);
    }
}

#[tokio::test]
async fn a_rule_that_comes_later_is_met_by_the_next_news_and_a_name_by_a_person_at_once() {
    for by_person in [false, true] {
        let bench = both().await;
        bench.change("shop", |shop| shop.rules.also_known_as = None).await;
        told(&bench, "9001").await;
        assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (1, 0));
        if by_person {
            let alias = Alias { channel: ConnectionId::new("bazaar"), reference: OrderReference::new("M-7") };
            let order = OrderReference::new("100");
            bench.flow.name_aliases(&TenantId::local(), "shop", &order, &[alias]).await.unwrap();
            bench.work().await;
        } else {
            named(&bench).await;
            bench.work().await;
            assert_eq!(bench.world.effects_at("bazaar"), 0, "nothing goes out by a rule alone");
            told(&bench, "9001").await;
        }
        once_at_each(&bench);
    }
}

#[tokio::test]
async fn a_credit_note_finds_its_invoice_under_the_other_name() {
    let bench = both().await;
    let note = json!({"kind": "credit_note", "number": "CN-1", "order": "M-7", "corrects": "9001", "total": "-10.00"});
    bench.world.document_as("9002", note);
    // It waits at the one where its invoice could not arrive, and is woken by it.
    bench.world.fault(Method::POST, "bazaar/effects", Kind::Refused, 1);
    told(&bench, "9001").await;
    told(&bench, "9002").await;
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (2, 0));
    bench.pass(seconds(120)).await;
    let order: Vec<String> = bench.world.effects().into_iter().filter(|e| e.host == "bazaar").map(|e| e.key).collect();
    assert_eq!(order, ["2026-1", "CN-1"], "woken by its invoice, long before its own time");
}

#[tokio::test]
async fn a_reference_that_the_other_could_not_own_is_not_its() {
    let bench = both().await;
    bench.world.order_also("shop", "100", "100.00", "EBAY-7");
    told(&bench, "9001").await;
    assert_eq!((bench.world.effects_at("shop"), bench.exports().await.len()), (1, 1));
}

#[tokio::test]
async fn two_that_have_the_same_reference_and_know_it_are_one_sale() {
    let bench = both().await;
    for channel in ["shop", "bazaar"] {
        bench.change(channel, |connection| connection.rules.order_pattern = None).await;
    }
    bench.world.order_also("shop", "100", "100.00", "100");
    told(&bench, "9001").await;
    assert_eq!(hold_of(&at(&bench, "bazaar").await), Some(HoldReason::OrderUnknown), "it does not have it");
    bench.world.order("bazaar", "100", "100.00");
    bench.world.document("9002", "2026-2", Some("100"), "10.00");
    told(&bench, "9002").await;
    bench.rest(SignedDuration::from_hours(2)).await;
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (2, 2));
    let view = bench.ledger.order(&TenantId::local(), &OrderReference::new("100")).await.unwrap();
    assert!(view.exports.iter().all(|export| export.state == State::Delivered), "{:?}", view.exports);
}

#[tokio::test]
async fn a_name_that_a_person_takes_back_is_gone_on_both_sides() {
    let bench = both().await;
    bench.change("shop", |shop| shop.rules.also_known_as = None).await;
    told(&bench, "9001").await;
    bench.world.document("9002", "2026-2", Some("M-7"), "10.00");
    told(&bench, "9002").await;
    let (tenant, order) = (TenantId::local(), OrderReference::new("100"));
    let alias = Alias { channel: ConnectionId::new("bazaar"), reference: OrderReference::new("M-7") };
    bench.flow.name_aliases(&tenant, "shop", &order, &[alias]).await.unwrap();
    bench.work().await;
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (2, 2));
    bench.clock.advance(seconds(1));
    bench.flow.name_aliases(&tenant, "shop", &order, &[]).await.unwrap();
    bench.work().await;
    for (id, quotes) in [("9003", "100"), ("9004", "M-7")] {
        bench.world.document(id, id, Some(quotes), "1.00");
        told(&bench, id).await;
    }
    assert_eq!((bench.world.effects_at("shop"), bench.world.effects_at("bazaar")), (3, 3));
}
