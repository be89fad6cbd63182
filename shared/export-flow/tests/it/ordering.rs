//! The order in which news come must not matter: every order of them, with repeats and with sources that lag behind, ends
//! in the same effects and the same records.

use crate::bench::{Bench, INVOICE, seconds};
use domain::{DeliveryState, State, SubjectKind, TenantId};
use export_flow::ports::Ledger as _;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

/// Something that happens, or is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Invoice,
    CreditNote,
    /// The market gets to know the order; nobody tells us.
    Order,
    Announced,
    Numbered,
    Arrived,
}

const STEPS: [Step; 6] = [Step::Invoice, Step::CreditNote, Step::Order, Step::Announced, Step::Numbered, Step::Arrived];

fn permutations(items: &[Step]) -> Vec<Vec<Step>> {
    if items.is_empty() {
        return vec![vec![]];
    }
    let without = |index: usize| [&items[..index], &items[index + 1..]].concat();
    let begin =
        |index: usize| permutations(&without(index)).into_iter().map(move |rest| [&[items[index]], &rest[..]].concat());
    (0..items.len()).flat_map(begin).collect()
}

/// The van tells its parcel as it was so many minutes after the beginning.
fn parcel(bench: &Bench, begun: Timestamp, minute: i64, number: Option<&str>, state: &str) {
    let now = bench.flow.now();
    bench.clock.set(begun + SignedDuration::from_mins(minute));
    bench.world.parcel("7", "100", number, state);
    bench.clock.set(now);
}

async fn step(bench: &Bench, begun: Timestamp, step: Step) {
    match step {
        Step::Invoice => bench.arrive(INVOICE, "9001").await,
        Step::CreditNote => bench.arrive(INVOICE, "9002").await,
        Step::Order => bench.world.order("shop", "100", "100.00"),
        Step::Announced => parcel(bench, begun, -30, None, "label_created"),
        Step::Numbered => parcel(bench, begun, -20, Some("T-1"), "in_transit"),
        Step::Arrived => parcel(bench, begun, -10, Some("T-1"), "delivered"),
    }
    if matches!(step, Step::Announced | Step::Numbered | Step::Arrived) {
        bench.arrive(SubjectKind::Parcel, "7").await;
    }
}

/// What is left in the end, without times and counts.
async fn ended(bench: &Bench) -> Vec<String> {
    let mut ended: Vec<String> = bench
        .exports()
        .await
        .iter()
        .filter(|export| export.key.target.is_some())
        .map(|e| {
            let receipt = e.receipt.as_ref().map(|r| r.number.clone());
            format!("{} {:?} {receipt:?} {} {:?}", e.id, e.state, e.attempts, (e.revision_number, e.in_doubt.is_some()))
        })
        .collect();
    ended.sort();
    ended
}

async fn play(order: &[Step], at_once: bool) -> Bench {
    let bench = Bench::new().await;
    let begun = bench.flow.now();
    bench.world.document("9001", "2026-1", Some("100"), "100.00");
    let credit =
        json!({"kind": "credit_note", "number": "CN-1", "order": "100", "corrects": "9001", "total": "-100.00"});
    bench.world.document_as("9002", credit);
    for next in order {
        step(&bench, begun, *next).await;
        // Each is told twice.
        step(&bench, begun, *next).await;
        if !at_once {
            bench.work().await;
            bench.clock.advance(seconds(1));
        }
    }
    // The last version is what the van tells from now on.
    step(&bench, begun, Step::Arrived).await;
    bench.rest(SignedDuration::from_hours(48)).await;
    for again in order {
        step(&bench, begun, *again).await;
    }
    bench.rest(SignedDuration::from_hours(48)).await;
    bench
}

#[tokio::test]
async fn every_order_of_an_orders_news_ends_in_the_same() {
    let expected = ended(&play(&STEPS, false).await).await;
    assert_eq!(expected.len(), 3);
    assert!(expected.iter().all(|export| export.contains("Delivered")), "{expected:?}");
    for order in permutations(&STEPS) {
        for at_once in [false, true] {
            let bench = play(&order, at_once).await;
            assert_eq!(ended(&bench).await, expected, "{order:?}");
            let keys: Vec<String> = bench.world.effects().into_iter().map(|effect| effect.key).collect();
            let place = |key: &str| keys.iter().position(|k| k == key).unwrap();
            assert_eq!(keys.len(), 3, "{order:?}: {keys:?}");
            assert!(place("2026-1") < place("CN-1"), "{order:?}: {keys:?}");
            assert_eq!(keys[place("T-1")], "T-1");
            assert_eq!(bench.count(State::Held).await + bench.count(State::Retrying).await, 0, "{order:?}");
            let van = domain::ConnectionId::new("van");
            let kept = bench.ledger.parcel(&TenantId::local(), &van, "7").await.unwrap().unwrap().parcel;
            assert_eq!((kept.state, kept.tracking_numbers.len()), (DeliveryState::Delivered, 1), "{order:?}");
            assert!(at_once || kept.states.len() == 3, "{order:?}: what was met is kept");
        }
    }
}

/// What the books or the van tell, at which of their versions.
#[derive(Debug, Clone, Copy)]
struct Told {
    parcel: bool,
    version: i64,
    waits: bool,
}

async fn told(bench: &Bench, begun: Timestamp, told: Told) {
    if told.parcel {
        parcel(bench, begun, told.version, Some(&format!("T{}", told.version)), "in_transit");
        return bench.arrive(SubjectKind::Parcel, "7").await;
    }
    let now = bench.flow.now();
    bench.clock.set(begun + SignedDuration::from_mins(told.version));
    bench.world.document("9001", "2026-1", Some("100"), &format!("{}.00", 90 + told.version));
    bench.clock.set(now);
    bench.arrive(INVOICE, "9001").await;
}

fn a_telling() -> impl Strategy<Value = Told> {
    (any::<bool>(), -9..0_i64, any::<bool>()).prop_map(|(parcel, version, waits)| Told { parcel, version, waits })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn longer_histories_told_in_any_order_end_with_the_newest_and_never_go_back(
        class in prop::sample::select(vec!["market", "shelf"]),
        story in prop::collection::vec(a_telling(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::empty();
            bench.connect("shop", class).await;
            let begun = bench.flow.now();
            bench.world.order("shop", "100", "100.00");
            let newest = |parcel: bool| story.iter().filter(|t| t.parcel == parcel).max_by_key(|t| t.version).copied();
            for next in &story {
                told(&bench, begun, *next).await;
                if next.waits {
                    bench.work().await;
                    bench.clock.advance(seconds(1));
                }
            }
            for last in [newest(false), newest(true)].into_iter().flatten() {
                // What a lagging answer hid is found by the next poll.
                told(&bench, begun, last).await;
            }
            bench.rest(SignedDuration::from_hours(48)).await;
            let effects = bench.world.effects();
            let parcels: Vec<i64> =
                effects.iter().filter_map(|e| e.key.strip_prefix("T")?.parse().ok()).collect();
            assert!(parcels.is_sorted_by(|a, b| a < b), "{parcels:?} {story:?}");
            assert_eq!(parcels.last().copied(), newest(true).map(|t| t.version), "{story:?}");
            let version = |hash: &str| (-9..0_i64).find(|v| bench.hash_of(&format!("{}.00", 90 + v)) == hash).unwrap();
            let invoices: Vec<i64> =
                effects.iter().filter(|e| e.key == "2026-1").map(|e| version(&e.revision)).collect();
            assert!(invoices.is_sorted_by(|a, b| a < b), "{invoices:?} {story:?}");
            assert_eq!(invoices.last().copied(), newest(false).map(|t| t.version), "{story:?}");
            assert_eq!(bench.count(State::Delivered).await, bench.exports().await.len(), "{story:?}");
        });
    }
}
