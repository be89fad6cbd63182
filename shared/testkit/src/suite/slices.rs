//! What sharing a pace promises: calls are handed out once, in their rhythm, and the vendor's word reaches everybody.

use crate::samples::{at, books, shop};
use connectors::Pace;
use domain::{ConnectionId, TenantId};
use export_flow::pace::{Ask, Leased, Slice};
use export_flow::ports::Slices;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// 36 calls an hour: three may come at once, then one every hundred and some seconds.
const SLOW: Pace = Pace { calls: 36, seconds: 3600 };
/// 100 calls a second.
const QUICK: Pace = Pace { calls: 100, seconds: 1 };

fn ask(pace: Pace, calls: u32, now: Timestamp) -> Ask {
    let latest = now + SignedDuration::from_secs(10);
    Ask { tenant: TenantId::local(), connection: shop(), pace, calls, now, latest }
}

fn slice(leased: Leased) -> Slice {
    let slice = if let Leased::Slice(slice) = leased { Some(slice) } else { None };
    slice.unwrap()
}

/// When the calls of a slice may be made by somebody who makes them all at the first moment.
fn times(mut slice: Slice, now: Timestamp) -> Vec<Timestamp> {
    let mut times = vec![slice.first(now)];
    while let Some(next) = slice.next(now, Timestamp::MAX) {
        times.push(next.unwrap());
    }
    times
}

/// A pause allows a burst, after which the next call has its time.
pub async fn calls_are_handed_out_in_their_rhythm(slices: Arc<dyn Slices>) {
    let step = ask(SLOW, 1, at(0)).rhythm().step;
    for _ in 0..3 {
        assert_eq!(times(slice(slices.lease(&ask(SLOW, 1, at(0))).await.unwrap()), at(0)), [at(0)]);
    }
    assert_eq!(slices.lease(&ask(SLOW, 1, at(0))).await.unwrap(), Leased::Full(at(0) + step));
    let near = at(0) + step - SignedDuration::from_secs(10);
    assert_eq!(times(slice(slices.lease(&ask(SLOW, 1, near)).await.unwrap()), near), [at(0) + step]);
    assert_eq!(slices.lease(&ask(SLOW, 1, near)).await.unwrap(), Leased::Full(at(0) + step * 2));
    let rested = at(7200);
    for _ in 0..3 {
        assert_eq!(times(slice(slices.lease(&ask(SLOW, 1, rested)).await.unwrap()), rested), [rested]);
    }
}

/// Of a quick pace as many as asked for, but no more than five seconds hold; of a slow one a single call.
pub async fn a_slice_is_as_long_as_asked_for_and_never_long(slices: Arc<dyn Slices>) {
    let of = async |pace, calls, now| times(slice(slices.lease(&ask(pace, calls, now)).await.unwrap()), now).len();
    assert_eq!(of(QUICK, 7, at(0)).await, 7);
    assert_eq!(of(QUICK, 0, at(10)).await, 1);
    let long = of(QUICK, 10_000, at(20)).await;
    assert!((400..=500).contains(&long), "{long}");
    assert_eq!(of(SLOW, 10_000, at(10_000)).await, 1);
}

/// Many who ask at the same moment get different calls.
pub async fn no_call_is_handed_out_twice(slices: Arc<dyn Slices>) {
    let now = at(0);
    let leased = join_all((0..12).map(|_| {
        let (slices, ask) = (Arc::clone(&slices), ask(QUICK, 20, now));
        async move { slices.lease(&ask).await.unwrap() }
    }));
    let mut all: Vec<_> = leased.await.into_iter().flat_map(|leased| times(slice(leased), now)).collect();
    all.sort_unstable();
    assert_eq!(all.len(), 240);
    let second = SignedDuration::from_secs(1);
    for (first, later) in all.iter().zip(all.iter().skip(100)) {
        assert!(later.duration_since(*first) >= second, "more than a hundred from {first}");
    }
}

/// What the vendor told one, others hear when they ask, until it has passed.
pub async fn what_the_vendor_told_closes_for_everybody(slices: Arc<dyn Slices>) {
    let local = TenantId::local();
    slices.close(&local, &shop(), at(60)).await.unwrap();
    assert_eq!(slices.lease(&ask(QUICK, 1, at(0))).await.unwrap(), Leased::Closed(at(60)));
    slices.close(&local, &shop(), at(30)).await.unwrap();
    assert_eq!(slices.lease(&ask(QUICK, 1, at(45))).await.unwrap(), Leased::Closed(at(60)), "a shorter word");
    slices.close(&local, &shop(), at(90)).await.unwrap();
    assert_eq!(slices.lease(&ask(QUICK, 1, at(60))).await.unwrap(), Leased::Closed(at(90)));
    assert_eq!(times(slice(slices.lease(&ask(QUICK, 1, at(90))).await.unwrap()), at(90)), [at(90)]);
    slices.close(&local, &shop(), at(200)).await.unwrap();
    assert_eq!(slices.lease(&ask(QUICK, 1, at(91))).await.unwrap(), Leased::Closed(at(200)), "also while calls go");
}

/// A pace is that of one connection of one tenant.
pub async fn connections_and_tenants_do_not_share(slices: Arc<dyn Slices>) {
    let (now, local) = (at(0), TenantId::local());
    for _ in 0..3 {
        slice(slices.lease(&ask(SLOW, 1, now)).await.unwrap());
    }
    assert!(matches!(slices.lease(&ask(SLOW, 1, now)).await.unwrap(), Leased::Full(_)));
    let others: [(&TenantId, ConnectionId); 2] = [(&local, books()), (&TenantId::new("other"), shop())];
    for (tenant, connection) in others {
        let other = Ask { tenant: tenant.clone(), connection: connection.clone(), ..ask(SLOW, 1, now) };
        slice(slices.lease(&other).await.unwrap());
        slices.close(tenant, &connection, at(60)).await.unwrap();
        assert_eq!(slices.lease(&other).await.unwrap(), Leased::Closed(at(60)));
    }
    assert!(matches!(slices.lease(&ask(SLOW, 1, now)).await.unwrap(), Leased::Full(_)));
}

/// Neither a clock put back nor another pace shuts a connection for hours.
pub async fn a_time_that_cannot_be_is_not_waited_for(slices: Arc<dyn Slices>) {
    slice(slices.lease(&ask(SLOW, 1, at(0))).await.unwrap());
    let before = at(-20_000);
    assert_eq!(times(slice(slices.lease(&ask(SLOW, 1, before)).await.unwrap()), before), [before]);
    let slower = Pace { calls: 1, seconds: 3600 };
    slice(slices.lease(&ask(slower, 1, at(10_000))).await.unwrap());
    assert_eq!(times(slice(slices.lease(&ask(QUICK, 1, at(10_000))).await.unwrap()), at(10_000)), [at(10_000)]);
}
