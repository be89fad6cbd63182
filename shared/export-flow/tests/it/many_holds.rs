//! Ten thousand that wait: what they cost in calls, day by day.

use crate::bench::{Bench, INVOICE, seconds};
use crate::holds::times;
use domain::{HoldReason, InvoiceWhen, State, SubjectKind};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;

const DAYS: i64 = 2;
/// What waits, how many of it, and how many calls to vendors one look at it takes.
const WAITING: [(HoldReason, usize, usize); 4] = [
    // The document, and whether the market has the order by now.
    (HoldReason::OrderUnknown, 500, 2),
    // The document or parcel; the order is remembered.
    (HoldReason::NotPaidYet, 8_500, 1),
    (HoldReason::NumberMissing, 500, 1),
    (HoldReason::Predecessor, 500, 1),
];
/// Calls to our own store and queue per look at most: the sweep's two, two for the message, and the run's own.
const OWN_CALLS_PER_LOOK: usize = 12;

/// How often a hold is looked at in the day before this time, by the public page.
fn looks(reason: HoldReason, day_end: i64) -> usize {
    let intervals = times(reason).intervals;
    let (mut at, mut looks) = (0, 0);
    for look in 0.. {
        at += intervals.get(look).or(intervals.last()).unwrap();
        if at > day_end {
            break;
        }
        looks += usize::from(at > day_end - 24 * 60 * 60);
    }
    looks
}

async fn ten_thousand() -> Bench {
    let bench = Bench::new().await;
    bench.change("shop", |shop| shop.rules.invoice_when = Some(InvoiceWhen::Paid)).await;
    for (reason, many, _) in WAITING {
        for number in 0..many {
            let (id, order) = (format!("{}-{number}", reason.as_str()), format!("{}:{number}", reason.as_str()));
            if reason != HoldReason::OrderUnknown {
                bench.world.order("shop", &order, "100.00");
            }
            if reason == HoldReason::NumberMissing {
                bench.world.parcel(&id, &order, None, "label_created");
                bench.arrive(SubjectKind::Parcel, &id).await;
                continue;
            }
            let kind = if reason == HoldReason::Predecessor { "credit_note" } else { "invoice" };
            bench.world.document_as(&id, json!({"order": order, "kind": kind, "corrects": "nobody"}));
            bench.arrive(INVOICE, &id).await;
        }
    }
    bench.work().await;
    bench
}

#[tokio::test]
async fn ten_thousand_holds_cost_no_more_calls_than_their_intervals_say() {
    let bench = ten_thousand().await;
    let begun = bench.flow.now();
    let vendor = |bench: &Bench| bench.world.calls("");
    let own = |bench: &Bench| bench.ledger.trouble().calls().len() + bench.queue.trouble().calls().len();
    let (mut vendor_before, mut own_before) = (vendor(&bench), own(&bench));
    for day in 1..=DAYS {
        let end = SignedDuration::from_hours(24 * day);
        bench.rest((begun + end).duration_since(bench.flow.now())).await;
        bench.clock.set(begun + end);
        let (vendor_now, own_now) = (vendor(&bench), own(&bench));
        let (calls, own_calls) = (vendor_now - vendor_before, own_now - own_before);
        (vendor_before, own_before) = (vendor_now, own_now);
        let at_most: usize =
            WAITING.iter().map(|(reason, many, each)| many * each * looks(*reason, end.as_secs())).sum();
        let looked: usize = WAITING.iter().map(|(reason, many, _)| many * looks(*reason, end.as_secs())).sum();
        println!(
            "day {day}: {calls} calls to vendors, at most {at_most}; {own_calls} to store and queue, {looked} looks"
        );
        // The sweep comes after the time, so that a look may fall into the next day.
        let slack: usize = WAITING.iter().map(|(_, many, each)| many * each).sum();
        assert!(calls > 0 && calls <= at_most + slack, "day {day}: {calls} calls to vendors, at most {at_most}");
        assert!(own_calls <= (looked + slack) * OWN_CALLS_PER_LOOK, "day {day}: {own_calls}");
    }
    assert!(vendor(&bench) > 0 && bench.world.effects().is_empty());
    let mut held: BTreeMap<HoldReason, usize> = BTreeMap::new();
    for export in bench.ledger.all() {
        let hold = export.hold.as_ref().unwrap();
        assert_eq!((export.state, export.attempts, export.due_at), (State::Held, 0, Some(hold.until)), "{export:?}");
        assert!(hold.until <= hold.last_day && hold.until > bench.flow.now() - seconds(150), "{hold:?}");
        *held.entry(hold.reason).or_default() += 1;
    }
    assert_eq!(held, WAITING.iter().map(|(reason, many, _)| (*reason, *many)).collect());
}
