//! Shared paces: what a slice costs, and what becomes of one whose answer was lost.

use crate::stage::ledger::{known_table, ledger, process};
use crate::stage::proxy::{Fate, Proxy};
use connectors::Pace;
use domain::TenantId;
use export_flow::pace::{Ask, Leased};
use export_flow::ports::Slices as _;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::ManualClock;
use testkit::samples::{at, shop};

testkit::slices_tests!(
    #[ignore = "needs ministack: .ci/run starts it"]
    ledger
);

fn ask(now: Timestamp) -> Ask {
    let pace = Pace { calls: 100, seconds: 10 };
    let latest = now + SignedDuration::from_secs(10);
    Ask { tenant: TenantId::local(), connection: shop(), pace, calls: 5, now, latest }
}

fn first(leased: Leased, now: Timestamp) -> Timestamp {
    let slice = if let Leased::Slice(slice) = leased { Some(slice) } else { None };
    slice.unwrap().first(now)
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_slice_takes_one_write_also_where_others_take_theirs_in_between() {
    let (_, table) = known_table().await;
    let (proxy, clock, writes) = (Proxy::start().await, ManualClock::at_noon(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&writes);
    proxy.decides(move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Fate::Passes
    });
    let workers: Vec<_> = (0..3).map(|n| process(&proxy.clients().dynamodb, &table, &clock, n)).collect();
    for worker in &workers {
        first(worker.lease(&ask(at(0))).await.unwrap(), at(0));
    }
    assert_eq!(writes.swap(0, Ordering::SeqCst), 5, "two had to see first that calls are being made");
    for turn in 0..4 {
        for worker in &workers {
            let now = at(turn);
            first(worker.lease(&ask(now)).await.unwrap(), now);
        }
    }
    assert_eq!(writes.swap(0, Ordering::SeqCst), 12);
    let rested = at(3600);
    first(workers[0].lease(&ask(rested)).await.unwrap(), rested);
    assert_eq!(writes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_slice_whose_answer_was_lost_is_nobodys() {
    let (_, table) = known_table().await;
    let (proxy, clock) = (Proxy::start().await, ManualClock::at_noon());
    let worker = process(&proxy.clients().dynamodb, &table, &clock, 1);
    let mut last = at(0);
    for _ in 0..4 {
        let mut lost = false;
        proxy.decides(move |_, _| if std::mem::replace(&mut lost, true) { Fate::Passes } else { Fate::AnswerLost });
        last = first(worker.lease(&ask(at(0))).await.unwrap(), at(0));
    }
    let rhythm = ask(at(0)).rhythm();
    assert_eq!(last, at(0) + rhythm.step * 35 - rhythm.head_start, "seven slices of five lie before it");
}
