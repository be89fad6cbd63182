//! The order in which a parcel's news come does not matter.

use super::DeliveryState::{self, *};
use super::*;
use proptest::prelude::*;

const ALL: [DeliveryState; 8] =
    [LabelCreated, InTransit, OutForDelivery, Delivered, DeliveryFailed, Returned, Cancelled, Unknown];

#[test]
fn states_move_forward_and_late_older_news_change_nothing() {
    let onward: [(DeliveryState, &[DeliveryState]); 8] = [
        (Unknown, &[LabelCreated, InTransit, OutForDelivery, Delivered, DeliveryFailed, Returned, Cancelled]),
        (LabelCreated, &[InTransit, OutForDelivery, Delivered, DeliveryFailed, Returned, Cancelled]),
        (InTransit, &[OutForDelivery, Delivered, DeliveryFailed, Returned, Cancelled]),
        (OutForDelivery, &[Delivered, DeliveryFailed, Returned, Cancelled]),
        (DeliveryFailed, &[OutForDelivery, Delivered, Returned, Cancelled]),
        (Delivered, &[Returned]),
        (Cancelled, &[Returned]),
        (Returned, &[]),
    ];
    for (state, next) in onward {
        let may: Vec<DeliveryState> = ALL.into_iter().filter(|next| state.may_become(*next)).collect();
        assert_eq!(may, next, "{state:?}");
    }
}

#[test]
fn nothing_is_expected_any_more_of_what_arrived_came_back_or_never_left() {
    let last: Vec<DeliveryState> = ALL.into_iter().filter(|state| state.is_final()).collect();
    assert_eq!(last, [Delivered, Returned, Cancelled]);
}

#[test]
fn a_failure_alone_does_not_prove_that_the_courier_ever_had_it() {
    assert!(!DeliveryFailed.handed_over() && !LabelCreated.handed_over() && !Unknown.handed_over());
    assert!(InTransit.handed_over() && Returned.handed_over());
}

#[test]
fn anything_may_be_returned_and_nothing_leaves_returned() {
    for state in ALL {
        assert_eq!(state.may_become(Returned), state != Returned, "{state:?}");
        assert!(!Returned.may_become(state), "{state:?}");
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn scanned(state: DeliveryState, second: i64) -> StateChange {
    StateChange { state, at: at(second), raw: format!("scan {second}") }
}

/// A parcel as one version of its source tells it.
fn read(version: i64, number: Option<&str>, states: &[StateChange]) -> Parcel {
    Parcel {
        id: "7".into(),
        tracking_numbers: number.map(str::to_owned).into_iter().collect(),
        carrier: None,
        tracking_url: None,
        state: states.last().map_or(Unknown, |change| change.state),
        states: states.to_vec(),
        order_reference: None,
        lines: vec![],
        version_at: at(version),
    }
}

/// As a ledger keeps it: the first read is merged too.
fn whole<'a>(reads: impl IntoIterator<Item = &'a Parcel>) -> Parcel {
    let mut reads = reads.into_iter().cloned();
    let first = reads.next().unwrap();
    reads.fold(first.clone().merged(first), Parcel::merged)
}

fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first() else { return vec![vec![]] };
    let put = |order: Vec<T>| {
        (0..=order.len()).map(move |place| {
            let mut order = order.clone();
            order.insert(place, first.clone());
            order
        })
    };
    permutations(rest).into_iter().flat_map(put).collect()
}

#[test]
fn reads_in_any_order_and_with_repeats_give_the_same_parcel() {
    let scans = [
        scanned(LabelCreated, 1),
        scanned(InTransit, 2),
        scanned(DeliveryFailed, 3),
        scanned(OutForDelivery, 4),
        scanned(Delivered, 5),
    ];
    let mut reads = vec![
        read(1, None, &scans[..1]),
        read(2, Some("T-1"), &scans[..2]),
        read(3, Some("T-2"), &scans[..3]),
        read(4, Some("T-2"), &scans[..4]),
        read(5, Some("T-3"), &scans),
    ];
    reads[2].carrier = Some(Carrier { code: "dpd".into(), name: "DPD".into() });
    for read in &mut reads[3..] {
        read.carrier = Some(Carrier { code: "gls".into(), name: "GLS".into() });
    }
    let expected = whole(&reads);
    assert_eq!(expected.state, Delivered);
    assert_eq!(expected.tracking_numbers, ["T-3", "T-1", "T-2"], "the newest leads, none is lost");
    assert_eq!(expected.carrier.as_ref().unwrap().code, "gls");
    for order in permutations(&reads) {
        assert_eq!(whole(&order), expected);
        let twice = order.iter().chain(&order);
        assert_eq!(whole(twice), expected);
    }
}

#[test]
fn a_late_older_read_changes_nothing_even_where_no_history_is_told() {
    let bare = |version, state| Parcel { state, ..read(version, Some("T-1"), &[]) };
    let (early, late) = (bare(1, LabelCreated), bare(2, InTransit));
    assert_eq!(late.clone().merged(early.clone()), early.merged(late.clone()));
    assert_eq!(late.clone().merged(bare(1, Delivered)).state, Delivered, "a fact that was missed is none less");
    let back = bare(3, LabelCreated);
    assert_eq!((late.clone().merged(back.clone()).state, back.merged(late).state), (InTransit, InTransit));
}

#[test]
fn where_a_parcel_is_counts_also_if_its_history_lags_behind() {
    let ahead = Parcel { state: OutForDelivery, ..read(2, None, &[scanned(LabelCreated, 1)]) };
    assert_eq!(whole([&ahead]).state, OutForDelivery);
}

#[test]
fn of_two_reads_of_one_version_the_later_one_counts() {
    let by = |code: &str| Parcel {
        carrier: Some(Carrier { code: code.into(), name: code.into() }),
        ..read(1, Some("T-1"), &[])
    };
    assert_eq!(by("dpd").merged(by("gls")).carrier, by("gls").carrier);
}

#[test]
fn the_courier_had_it_if_it_says_so_now_or_ever_did() {
    let failed = Parcel { state: DeliveryFailed, ..read(2, None, &[scanned(InTransit, 1)]) };
    let now = Parcel { state: InTransit, ..read(2, None, &[]) };
    let never = Parcel { state: LabelCreated, ..read(2, None, &[scanned(LabelCreated, 1)]) };
    assert!(failed.handed_over() && now.handed_over() && !never.handed_over());
}

#[test]
fn the_first_number_is_the_one_to_show() {
    assert_eq!(read(1, None, &[]).tracking_number(), None);
    let both = read(2, Some("T-2"), &[]).merged(read(1, Some("T-1"), &[]));
    assert_eq!(both.tracking_number(), Some("T-2"));
}

fn a_state() -> impl Strategy<Value = DeliveryState> {
    prop::sample::select(ALL.to_vec())
}

/// What a source tells, version after version: it may hear of scans late, and may replace what it said, but does not
/// fall silent about it.
fn a_history() -> impl Strategy<Value = Vec<Parcel>> {
    let version = (prop::option::of(a_state()), 0..5_i64, prop::option::of(0..4_u8), any::<bool>());
    prop::collection::vec(version, 1..8).prop_map(|versions| {
        let (mut number, mut lines, mut scans) = (None, vec![], vec![scanned(LabelCreated, 0)]);
        let mut reads = vec![];
        for (index, (state, late, named, packed)) in versions.into_iter().enumerate() {
            let version = i64::try_from(index).unwrap() * 10 + 10;
            if let Some(state) = state {
                scans.push(scanned(state, version - late * 7));
            }
            scans.sort_by_key(|scan| scan.at);
            number = named.map(|n| format!("T-{n}")).or(number);
            if packed {
                lines = vec![ParcelLine { sku: "A".into(), quantity: Decimal::from(version) }];
            }
            reads.push(Parcel { lines: lines.clone(), ..read(version, number.as_deref(), &scans) });
        }
        reads
    })
}

proptest! {
    #[test]
    fn longer_histories_read_in_any_order_give_the_same_parcel(
        (reads, order) in a_history().prop_flat_map(|reads| {
            let picks = prop::collection::vec(prop::sample::select((0..reads.len()).collect::<Vec<_>>()), 0..12);
            let all = Just((0..reads.len()).collect::<Vec<_>>());
            let order = (all, picks).prop_map(|(all, picks)| [all, picks].concat()).prop_shuffle();
            (Just(reads), order)
        })
    ) {
        let in_time = whole(&reads);
        prop_assert_eq!(&whole(order.iter().map(|index| &reads[*index])), &in_time);
        let numbers = reads.iter().flat_map(|read| &read.tracking_numbers);
        for number in numbers {
            prop_assert!(in_time.tracking_numbers.contains(number), "{} was lost", number);
        }
    }

    #[test]
    fn a_state_only_moves_as_it_may(reads in a_history()) {
        let mut known = reads[0].clone().merged(reads[0].clone());
        for read in &reads[1..] {
            let before = known.state;
            // Scans told in time: a scan told late may show that the journey went another way.
            let in_time = read.states.iter().filter(|scan| !known.states.contains(scan));
            let in_time = in_time.clone().all(|scan| known.states.iter().all(|old| old.at < scan.at));
            known = known.merged(read.clone());
            prop_assert!(!in_time || known.state == before || before.may_become(known.state));
        }
    }

    #[test]
    fn two_halves_make_the_same_whole(reads in a_history(), cut in 0..8_usize) {
        let (left, right) = reads.split_at(cut.clamp(1, reads.len()));
        let Some(right) = (!right.is_empty()).then(|| whole(right)) else { return Ok(()) };
        prop_assert_eq!(whole(left).merged(right.clone()), right.merged(whole(left)));
    }
}
