//! Everything that waits: for what, how long, how it is let go, and that it ends where all can see it.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{
    Cause, ConnectionId, ConnectionState, Export, HoldReason, InWords as _, InvoiceWhen, State, SubjectKind, TenantId,
};
use export_flow::message::{Message, Release};
use export_flow::person::Resolution;
use jiff::SignedDuration;
use serde_json::json;
use testkit::practice::Kind;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Intervals between looks in seconds, the last one for ever, and the last day in days.
pub(crate) struct Times {
    pub(crate) intervals: &'static [i64],
    pub(crate) days: i64,
}

const ORDERS: &[i64] =
    &[MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY];
const FACTS: &[i64] = &[15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR];

/// What the public page says; where it says nothing, once a day for a month.
pub(crate) fn times(reason: HoldReason) -> Times {
    let (intervals, days) = match reason {
        HoldReason::OrderUnknown | HoldReason::OrderAmbiguous => (ORDERS, 14),
        HoldReason::DocumentNotReady => (&[2, 5, 15, 60, 300][..], 2),
        HoldReason::Predecessor => (FACTS, 14),
        HoldReason::NotHandedOver | HoldReason::NumberMissing => (FACTS, 30),
        HoldReason::NotPaidYet => (&[DAY][..], 90),
        HoldReason::RateLimited => (&[30, 60, 120, 240, 480, 600][..], 400),
        HoldReason::ConnectionPaused => (&[HOUR][..], 400),
        HoldReason::Settling => (&[10][..], 400),
        HoldReason::OrderMismatch
        | HoldReason::MappingMissing
        | HoldReason::LinesUnmatched
        | HoldReason::Preflight
        | HoldReason::TargetHasOther => (&[DAY][..], 30),
    };
    Times { intervals, days }
}

/// All but what is over within minutes and has its own tests.
fn reasons() -> impl Iterator<Item = HoldReason> {
    HoldReason::ALL.iter().copied().filter(|reason| *reason != HoldReason::Settling)
}

/// Something is held for this reason.
async fn held(reason: HoldReason) -> Bench {
    let bench = Bench::new().await;
    let mut of = (INVOICE, "9001");
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    if reason != HoldReason::OrderUnknown {
        bench.world.order("shop", "100", "100.00");
    }
    match reason {
        HoldReason::OrderUnknown => {}
        HoldReason::OrderAmbiguous => {
            bench.connect("shop2", "market").await;
            bench.world.order("shop2", "100", "100.00");
        }
        HoldReason::OrderMismatch => bench.world.order("shop", "100", "99.00"),
        HoldReason::Predecessor => {
            let of_9001 = json!({"kind": "credit_note", "order": "100", "corrects": "9001", "total": "-100.00"});
            bench.world.document_as("9002", of_9001);
            of.1 = "9002";
        }
        HoldReason::DocumentNotReady => bench.world.pdf_not_ready(usize::MAX),
        HoldReason::NotPaidYet => bench.change("shop", |c| c.rules.invoice_when = Some(InvoiceWhen::Paid)).await,
        HoldReason::NumberMissing => {
            bench.world.parcel("7", "100", None, "label_created");
            of = (SubjectKind::Parcel, "7");
        }
        HoldReason::RateLimited => {
            bench.world.fault(Method::GET, "shop/effects", Kind::Answer(429, json!({})), usize::MAX);
        }
        HoldReason::ConnectionPaused => bench.change("shop", |c| c.state = ConnectionState::Paused).await,
        HoldReason::NotHandedOver
        | HoldReason::MappingMissing
        | HoldReason::LinesUnmatched
        | HoldReason::Preflight
        | HoldReason::TargetHasOther
        | HoldReason::Settling => {
            bench.change("shop", |c| drop(c.settings.insert("holds".into(), json!(reason)))).await;
        }
    }
    bench.arrive(of.0, of.1).await;
    bench.work().await;
    bench
}

/// The one that waits, or waited.
async fn waiting(bench: &Bench, reason: HoldReason) -> Export {
    let for_it = |export: &Export| export.hold.as_ref().is_some_and(|hold| hold.reason == reason);
    let mut found: Vec<Export> = bench.exports().await.into_iter().filter(for_it).collect();
    assert_eq!(found.len(), 1, "{reason:?}: {:?}", bench.exports().await);
    found.remove(0)
}

/// What it waits for is there now. Nobody tells.
async fn comes_true(bench: &Bench, reason: HoldReason) {
    bench.clock.advance(seconds(1));
    match reason {
        HoldReason::OrderUnknown => bench.world.order("shop", "100", "100.00"),
        HoldReason::OrderAmbiguous => bench.change("shop2", |c| c.state = ConnectionState::Disabled).await,
        HoldReason::OrderMismatch => bench.world.document("9001", "2026-1", Some("100"), "99.00"),
        HoldReason::Predecessor => {
            // It is delivered, but what it wakes is lost.
            bench.arrive(INVOICE, "9001").await;
            bench.work_but_for("9002").await;
        }
        HoldReason::DocumentNotReady => bench.world.pdf_not_ready(0),
        HoldReason::NotPaidYet => bench.world.document_as("9001", json!({"status": "paid"})),
        HoldReason::NumberMissing => bench.world.parcel("7", "100", Some("T-1"), "in_transit"),
        HoldReason::RateLimited => bench.world.heal(),
        HoldReason::ConnectionPaused => bench.change("shop", |c| c.state = ConnectionState::Active).await,
        HoldReason::NotHandedOver
        | HoldReason::MappingMissing
        | HoldReason::LinesUnmatched
        | HoldReason::Preflight
        | HoldReason::TargetHasOther
        | HoldReason::Settling => bench.change("shop", |c| drop(c.settings.remove("holds"))).await,
    }
}

/// What tells of it.
async fn told(bench: &Bench, reason: HoldReason) {
    let export = waiting(bench, reason).await;
    match reason {
        // Another document of the order is met.
        HoldReason::OrderUnknown => {
            bench.world.document("9003", "2026-3", Some("100"), "1.00");
            bench.arrive(INVOICE, "9003").await;
        }
        HoldReason::OrderMismatch | HoldReason::NotPaidYet => bench.arrive(INVOICE, "9001").await,
        HoldReason::NumberMissing => bench.arrive(SubjectKind::Parcel, "7").await,
        HoldReason::Predecessor => bench.arrive(INVOICE, "9001").await,
        HoldReason::ConnectionPaused | HoldReason::MappingMissing | HoldReason::NotHandedOver => {
            let connection = ConnectionId::new("shop");
            bench.send(Message::ReleaseV1(Release { connection, reason, mapped: false, after: None })).await;
        }
        // Its own time, or a person.
        HoldReason::DocumentNotReady | HoldReason::RateLimited => bench.rest(seconds(601)).await,
        HoldReason::OrderAmbiguous => {
            let choice = Resolution::Use { order: None, target: Some(ConnectionId::new("shop")), without_lines: false };
            bench.flow.resolve(&TenantId::local(), &export.id, &choice, None).await.unwrap();
        }
        HoldReason::LinesUnmatched | HoldReason::Preflight | HoldReason::TargetHasOther | HoldReason::Settling => {
            bench.flow.retry(&TenantId::local(), &export.id, None).await.unwrap();
        }
    }
    bench.work().await;
}

/// It has arrived, and only once.
async fn carried(bench: &Bench, reason: HoldReason, id: &Export) {
    let export = bench.exports().await.into_iter().find(|export| export.id == id.id).unwrap();
    let expected = if id.key.target.is_none() { State::Planned } else { State::Delivered };
    assert_eq!((export.state, export.attempts), (expected, 0), "{reason:?}: {export:?}");
    let keys: Vec<String> = bench.world.effects().into_iter().map(|effect| effect.key).collect();
    let mut once = keys.clone();
    once.sort();
    once.dedup();
    assert!(!keys.is_empty() && once.len() == keys.len(), "{reason:?}: {keys:?}");
}

/// Nothing waits where nobody would see it or come back to it.
fn is_watched(export: &Export, reason: HoldReason) {
    let hold = export.hold.as_ref().unwrap();
    assert_eq!(export.due_at, Some(hold.until), "{reason:?}");
    assert!(hold.until <= hold.last_day && hold.since <= hold.until, "{reason:?}: {hold:?}");
    assert!(!reason.in_words().next_step.is_empty() && !reason.in_words().explanation.is_empty(), "{reason:?}");
}

#[tokio::test]
async fn each_hold_is_let_go_by_what_it_waits_for() {
    for reason in reasons() {
        let bench = held(reason).await;
        let export = waiting(&bench, reason).await;
        assert_eq!(hold_of(&export), Some(reason));
        is_watched(&export, reason);
        if reason != HoldReason::Predecessor {
            comes_true(&bench, reason).await;
        }
        told(&bench, reason).await;
        carried(&bench, reason, &export).await;
    }
}

#[tokio::test]
async fn each_hold_is_let_go_by_its_time_where_nobody_tells() {
    for reason in reasons() {
        let bench = held(reason).await;
        let export = waiting(&bench, reason).await;
        comes_true(&bench, reason).await;
        bench.queue.lose_all();
        bench.rest(SignedDuration::from_hours(25)).await;
        carried(&bench, reason, &export).await;
    }
}

#[tokio::test]
async fn each_hold_is_looked_at_in_its_intervals_and_expires_on_its_last_day_saying_what_it_waited_for() {
    for reason in reasons() {
        let bench = held(reason).await;
        let first = waiting(&bench, reason).await;
        let Times { intervals, days } = times(reason);
        let last_day = first.created_at + SignedDuration::from_hours(24 * days);
        let mut looks = 0;
        let ended = loop {
            let export = waiting(&bench, reason).await;
            if export.state != State::Held {
                break export;
            }
            is_watched(&export, reason);
            let hold = export.hold.unwrap();
            assert_eq!((hold.last_day, hold.since), (last_day, first.created_at), "{reason:?}");
            let expected = intervals.get(looks).or(intervals.last()).unwrap();
            let until = (export.changed_at + seconds(*expected)).min(last_day);
            assert_eq!(hold.until, until, "{reason:?}, look {looks}");
            looks += 1;
            // What goes on like this to its end need not be watched doing so.
            if looks == intervals.len() + 3 {
                let mut late = waiting(&bench, reason).await;
                let almost = last_day - seconds(*expected);
                late.due_at = Some(almost);
                bench.ledger.put(late);
                bench.queue.lose_all();
                bench.clock.set(almost);
            }
            while waiting(&bench, reason).await.claim == export.claim {
                bench.clock.set(bench.next_at().await.unwrap().max(bench.flow.now()));
                bench.sweep().await;
                bench.work().await;
            }
        };
        assert_eq!((ended.state, ended.attempts), (State::Expired, 0), "{reason:?}");
        assert!(bench.flow.now() >= last_day, "{reason:?}");
        assert!(ended.due_at.is_none() && bench.queue.next_at().is_none(), "{reason:?}: nothing is done any more");
        let detail = ended.hold.as_ref().unwrap().detail.is_some();
        let plain = [HoldReason::NumberMissing, HoldReason::DocumentNotReady, HoldReason::ConnectionPaused];
        assert!(detail || plain.contains(&reason), "{reason:?} says what it waited for");

        // It is not forgotten: what it waited for revives it.
        if reason != HoldReason::Predecessor {
            comes_true(&bench, reason).await;
        }
        match reason {
            HoldReason::OrderUnknown | HoldReason::OrderMismatch | HoldReason::NotPaidYet => told(&bench, reason).await,
            HoldReason::NumberMissing | HoldReason::Predecessor => told(&bench, reason).await,
            HoldReason::OrderAmbiguous | HoldReason::Preflight => told(&bench, reason).await,
            _ => {
                bench.send(bench.event(INVOICE, "9001", Cause::Batch)).await;
                bench.work().await;
            }
        }
        carried(&bench, reason, &ended).await;
    }
}

#[tokio::test]
async fn what_the_target_itself_lets_wait_does_not_wake_itself() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    bench.world.parcel("p1", "100", Some("Z1"), "in_transit");
    bench.world.parcel("p2", "100", Some("Z2"), "in_transit");
    bench.change("shop", |c| _ = c.settings.insert("holds".into(), "predecessor".into())).await;
    for parcel in ["p1", "p2"] {
        bench.arrive(SubjectKind::Parcel, parcel).await;
    }
    bench.pass(seconds(600)).await;
    let looks = bench.world.calls("GET shop/effects");
    assert!(looks <= 4, "{looks} looks in ten minutes");
}

#[tokio::test]
async fn what_waits_for_something_else_keeps_its_order_no_longer_than_its_doubt_lasts() {
    let bench = Bench::new().await;
    bench.world.order("shop", "100", "100.00");
    for (id, number) in [("7", "T-1"), ("8", "T-2")] {
        bench.world.parcel(id, "100", Some(number), "in_transit");
    }
    bench.world.fault(Method::POST, "shop/effects", Kind::DropBefore, 1);
    bench.arrive(SubjectKind::Parcel, "7").await;
    bench.work().await;
    assert!(bench.only("shop").await.in_doubt.is_some());
    // By now it must wait for the courier; what was in doubt is looked for first.
    bench.change("shop", |shop| drop(shop.settings.insert("holds".into(), "not_handed_over".into()))).await;
    bench.pass(seconds(MINUTE)).await;
    let first = bench.only("shop").await;
    assert_eq!((hold_of(&first), first.in_doubt.is_some()), (Some(HoldReason::Settling), true));
    bench.pass(seconds(120)).await;
    let first = bench.only("shop").await;
    assert_eq!((hold_of(&first), first.in_doubt.is_some()), (Some(HoldReason::NotHandedOver), false));
    // So nobody waits for it.
    bench.arrive(SubjectKind::Parcel, "8").await;
    bench.work().await;
    let second = bench.exports().await.into_iter().find(|export| export.key.subject.id == "8").unwrap();
    assert_eq!(hold_of(&second), Some(HoldReason::NotHandedOver), "and not for the first of its order");
}
