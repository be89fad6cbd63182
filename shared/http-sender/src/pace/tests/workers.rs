//! Several processes that make the calls of one connection.

use super::{pace, paced_until};
use crate::limits::Limits;
use crate::pace::Lanes;
use crate::tests::{RuntimeClock, lane};
use async_trait::async_trait;
use connectors::{Clock as _, HttpError, Pace};
use domain::{ConnectionId, TenantId};
use export_flow::pace::{Ask, Leased};
use export_flow::ports::{PortError, Slices};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::{MemorySlices, Moment, SeededEntropy};

/// The runtime counts in whole milliseconds and wakes nobody early.
const TICK: SignedDuration = SignedDuration::from_millis(2);

/// A store that takes its time before it does something, and before it answers.
struct Far {
    near: MemorySlices,
    most_ms: u64,
    random: Arc<SeededEntropy>,
}

impl Far {
    async fn way(&self) {
        let half = self.random.number() % (self.most_ms / 2 + 1);
        tokio::time::sleep(Duration::from_millis(half)).await;
    }
}

#[async_trait]
impl Slices for Far {
    async fn lease(&self, ask: &Ask) -> Result<Leased, PortError> {
        self.way().await;
        let leased = self.near.lease(ask).await;
        self.way().await;
        leased
    }

    async fn close(&self, tenant: &TenantId, connection: &ConnectionId, until: Timestamp) -> Result<(), PortError> {
        self.near.close(tenant, connection, until).await
    }
}

/// A store that never answers.
struct Silent;

#[async_trait]
impl Slices for Silent {
    async fn lease(&self, _: &Ask) -> Result<Leased, PortError> {
        std::future::pending().await
    }

    async fn close(&self, _: &TenantId, _: &ConnectionId, _: Timestamp) -> Result<(), PortError> {
        std::future::pending().await
    }
}

fn worker(slices: Arc<dyn Slices>) -> Lanes {
    let mut lanes = Lanes::new(Limits::default());
    lanes.share(slices);
    lanes
}

/// How workers behave: how many they are, how many calls each wants to make side by side, how long those and the rests
/// between them take at most.
#[derive(Debug, Clone)]
struct Crowd {
    workers: usize,
    side_by_side: usize,
    call_ms: u64,
    rest_ms: u64,
    seed: u64,
}

impl Crowd {
    /// When their calls were made within a time, in order.
    async fn calls(&self, slices: Arc<dyn Slices>, pace: Pace, within: SignedDuration) -> Vec<Timestamp> {
        let (clock, made, random) = (RuntimeClock::default(), Mutex::new(vec![]), SeededEntropy::new(self.seed));
        let lane = lane("shop", Some(pace));
        let at_most = async |ms| tokio::time::sleep(Duration::from_millis(random.number() % (ms + 1))).await;
        let call = async |lanes: &Lanes| {
            while clock.now().duration_since(RuntimeClock::START) < within {
                match lanes.enter(&lane, &clock).await {
                    Ok(turn) => {
                        made.lock().unwrap().push(clock.now());
                        at_most(self.call_ms).await;
                        drop(turn);
                    }
                    Err(HttpError::Paced { until }) => {
                        tokio::time::sleep(until.duration_since(clock.now()).unsigned_abs()).await;
                    }
                    Err(other) => panic!("{other:?}"),
                }
                at_most(self.rest_ms).await;
            }
        };
        let workers: Vec<Lanes> = (0..self.workers).map(|_| worker(Arc::clone(&slices))).collect();
        join_all(workers.iter().flat_map(|lanes| (0..self.side_by_side).map(|_| call(lanes)))).await;
        let mut made = made.into_inner().unwrap();
        made.sort_unstable();
        made
    }
}

fn crowds() -> impl Strategy<Value = Crowd> {
    let parts = (1usize..6, 1usize..8, 0u64..800, 0u64..4_000, any::<u64>());
    parts.prop_map(|(workers, side_by_side, call_ms, rest_ms, seed)| Crowd {
        workers,
        side_by_side,
        call_ms,
        rest_ms,
        seed,
    })
}

fn paused<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The bound. A window that is shorter than the declared one by as much as the store takes for an answer holds no
    /// more calls than declared: only the first call of a slice may be late, and only by that much.
    #[test]
    fn no_window_holds_more_calls_of_all_workers_than_declared(
        calls in 1u32..60,
        seconds in 1u32..60,
        most_ms in prop_oneof![Just(0u64), 0u64..600],
        troubles in 0usize..4,
        crowd in crowds(),
    ) {
        let far = Far { near: MemorySlices::default(), most_ms, random: SeededEntropy::new(crowd.seed ^ 1) };
        for nth in 0..troubles {
            let lost = PortError::Unavailable("on purpose".into());
            far.near.trouble.strike("lease", nth * 3, Moment::After, lost);
        }
        let window = SignedDuration::from_secs(seconds.into());
        let made = paused(crowd.calls(Arc::new(far), pace(calls, seconds), window * 4));
        let shorter = window - SignedDuration::from_millis(i64::try_from(most_ms).unwrap()) - TICK;
        for (i, first) in made.iter().enumerate() {
            let inside = made.iter().skip(i).take_while(|at| at.duration_since(*first) < shorter).count();
            prop_assert!(inside <= calls as usize, "{inside} of {calls}");
        }
    }

    /// What is leased and not used is lost to all. Those who have little to do each lease little, so that it is not much.
    #[test]
    fn workers_who_have_little_to_do_leave_most_of_it_to_others(calls in 10u32..60, rest_ms in 1_000u64..10_000, seed: u64) {
        let crowd = Crowd { workers: 20, side_by_side: 1, call_ms: 300, rest_ms, seed };
        let slices = Arc::new(MemorySlices::default());
        let made = paused(crowd.calls(slices, pace(calls, 10), SignedDuration::from_secs(120)));
        let each = Duration::from_millis(crowd.call_ms / 2 + rest_ms / 2).as_secs_f64();
        let wanted = (120.0 / each * 20.0).min(f64::from(calls) * 12.0);
        prop_assert!(made.len() as f64 > wanted * 0.6, "{} of {wanted}", made.len());
    }

    /// What of a slice is not used is lost to all, so many get a little less than one alone.
    #[test]
    fn workers_who_keep_asking_get_most_of_what_was_declared(calls in 1u32..60, workers in 1usize..6, seed: u64) {
        let crowd = Crowd { workers, side_by_side: 4, call_ms: 0, rest_ms: 0, seed };
        let slices = Arc::new(MemorySlices::default());
        let made = paused(crowd.calls(slices, pace(calls, 30), SignedDuration::from_secs(120)));
        let (made, declared) = (made.len(), calls as usize * 4);
        prop_assert!(made * 10 >= declared * 8, "{made} of {declared}");
    }
}

#[tokio::test(start_paused = true)]
async fn ten_documents_with_three_calls_each_take_few_leases_and_fewer_once_their_number_is_known() {
    let (slices, clock) = (Arc::new(MemorySlices::default()), RuntimeClock::default());
    let (lanes, lane) = (worker(slices.clone()), lane("shop", Some(pace(400, 60))));
    let document = async || {
        for _ in 0..3 {
            let turn = lanes.enter(&lane, &clock).await.unwrap();
            tokio::time::sleep(Duration::from_millis(250)).await;
            drop(turn);
        }
    };
    let mut leases = vec![];
    for _ in 0..2 {
        let before = slices.trouble.calls().len();
        join_all((0..10).map(|_| document())).await;
        leases.push(slices.trouble.calls().len() - before);
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    assert_eq!(leases, [4, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_pace_slower_than_one_call_in_ten_seconds_takes_one_lease_per_call() {
    let (slices, clock) = (Arc::new(MemorySlices::default()), RuntimeClock::default());
    let (lanes, lane) = (worker(slices.clone()), lane("shop", Some(pace(1, 11))));
    for n in 1..5 {
        drop(lanes.enter(&lane, &clock).await.unwrap());
        assert_eq!(slices.trouble.calls().len(), n);
        tokio::time::advance(Duration::from_secs(5)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_heard_that_all_is_taken_does_not_ask_again_before() {
    let (slices, clock) = (Arc::new(MemorySlices::default()), RuntimeClock::default());
    let (one, other, lane) = (worker(slices.clone()), worker(slices.clone()), lane("shop", Some(pace(1, 60))));
    drop(one.enter(&lane, &clock).await.unwrap());
    let until = paced_until(other.enter(&lane, &clock).await);
    for _ in 0..10 {
        assert_eq!(paced_until(other.enter(&lane, &clock).await), until);
    }
    assert_eq!(slices.trouble.calls(), ["lease", "lease"]);
    tokio::time::advance(Duration::from_secs(55)).await;
    drop(other.enter(&lane, &clock).await.unwrap());
    assert!(clock.now() >= until);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_told_one_worker_the_others_hear_with_their_next_slice() {
    let (slices, clock) = (Arc::new(MemorySlices::default()), RuntimeClock::default());
    let (one, other, paced) = (worker(slices.clone()), worker(slices.clone()), lane("shop", Some(pace(60, 60))));
    let until = clock.now() + SignedDuration::from_secs(30);
    one.close(&paced, until, clock.now()).await;
    for _ in 0..2 {
        assert_eq!(paced_until(other.enter(&paced, &clock).await), until);
    }
    one.close(&paced, until + SignedDuration::from_millis(500), clock.now()).await;
    assert_eq!(slices.trouble.calls(), ["close", "lease"], "nobody is told or asked what is known");
    tokio::time::advance(Duration::from_secs(31)).await;
    assert!(other.enter(&paced, &clock).await.is_ok());
    one.close(&lane("other", None), clock.now() + SignedDuration::from_secs(30), clock.now()).await;
    assert_eq!(slices.trouble.calls().len(), 3, "without a pace nobody would hear it");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_a_wait_and_a_worker_that_cannot_tell_goes_on() {
    let (slices, clock) = (Arc::new(MemorySlices::default()), RuntimeClock::default());
    let (lanes, lane) = (worker(slices.clone()), lane("shop", Some(pace(60, 60))));
    slices.trouble.throttle("lease");
    let until = paced_until(lanes.enter(&lane, &clock).await);
    assert_eq!(until.duration_since(clock.now()).as_secs(), 10);
    assert!(lanes.enter(&lane, &clock).await.is_ok());
    slices.trouble.throttle("close");
    let told = clock.now() + SignedDuration::from_secs(20);
    lanes.close(&lane, told, clock.now()).await;
    assert_eq!(paced_until(lanes.enter(&lane, &clock).await), told, "known here all the same");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_holds_nobody_up_for_longer_than_a_turn() {
    let (lanes, clock) = (worker(Arc::new(Silent)), RuntimeClock::default());
    let lane = lane("shop", Some(pace(60, 60)));
    let since = |start: Timestamp| clock.now().duration_since(start).as_secs();
    let asked = join_all((0..4).map(|_| lanes.enter(&lane, &clock))).await;
    assert!(asked.into_iter().all(|result| paced_until(result) > clock.now()));
    assert_eq!(since(RuntimeClock::START), 10);
    let ended = clock.now();
    lanes.close(&lane, ended + SignedDuration::from_secs(20), ended).await;
    assert_eq!(since(ended), 2);
}
