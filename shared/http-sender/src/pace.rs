//! Who may call when: per connection a few slots, its declared pace, and what its vendor told us.

use crate::limits::Limits;
use connectors::{HttpError, Lane, Pace};
use domain::{ConnectionId, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Beyond this many connections the ones at rest are forgotten.
const CONNECTIONS_REMEMBERED_MAX: usize = 4096;

/// The right to make one call; ends when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    state: Arc<State>,
    _slot: OwnedSemaphorePermit,
}

impl Turn {
    /// The vendor wants no call of this connection before `until`.
    pub(crate) fn close(&self, until: Timestamp) {
        let mut gate = self.state.gate();
        gate.closed_until = gate.closed_until.max(Some(until));
    }
}

#[derive(Debug)]
struct State {
    slots: Arc<Semaphore>,
    gate: Mutex<Gate>,
}

impl State {
    fn gate(&self) -> std::sync::MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything in here happens at once; whoever waits, waits outside.
#[derive(Debug, Default)]
struct Gate {
    /// When the next call would be due if calls came evenly (generic cell rate algorithm).
    due: Option<Timestamp>,
    /// Told by the vendor.
    closed_until: Option<Timestamp>,
}

/// All connections of this process.
pub(crate) struct Lanes {
    limits: Limits,
    states: Mutex<HashMap<(TenantId, ConnectionId), Arc<State>>>,
}

impl Lanes {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, states: Mutex::default() }
    }

    /// Waits for a turn, first come first served, or says when to come back. Nothing was sent then.
    pub(crate) async fn enter(&self, lane: &Lane, clock: &dyn connectors::Clock) -> Result<Turn, HttpError> {
        let state = self.state(lane, clock.now());
        let told = state.gate().closed_until;
        paced_if_longer(told, clock.now(), self.limits.told_wait)?;
        let began = clock.now();
        let slot = tokio::time::timeout(self.limits.turn_wait, Arc::clone(&state.slots).acquire_owned()).await;
        let Ok(Ok(slot)) = slot else {
            // Nobody knows when a slow target lets go; one more wait as long as the one that was in vain.
            return Err(HttpError::Paced { until: plus(clock.now(), signed(self.limits.turn_wait)) });
        };
        if let Some(pace) = lane.pace {
            let now = clock.now();
            let waited = now.duration_since(began).unsigned_abs();
            let at = state.gate().reserve(pace, now, signed(self.limits.turn_wait.saturating_sub(waited)));
            let at = at.map_err(|until| HttpError::Paced { until })?;
            sleep_until(at, now).await;
        }
        // What the vendor has told others while this call waited counts too.
        let (told, now) = (state.gate().closed_until, clock.now());
        paced_if_longer(told, now, self.limits.told_wait)?;
        sleep_until(told.unwrap_or(now), now).await;
        Ok(Turn { state, _slot: slot })
    }

    fn state(&self, lane: &Lane, now: Timestamp) -> Arc<State> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= CONNECTIONS_REMEMBERED_MAX {
            states.retain(|_, state| Arc::strong_count(state) > 1 || !state.gate().is_at_rest(now));
        }
        let made = states.entry((lane.tenant.clone(), lane.connection.clone())).or_insert_with(|| {
            let slots = Arc::new(Semaphore::new(self.limits.calls_at_once));
            Arc::new(State { slots, gate: Mutex::default() })
        });
        Arc::clone(made)
    }
}

impl Gate {
    /// Takes the next place, if it is not further away than `patience`; else says when it will be.
    ///
    /// Of every window of the pace's length at most `calls` are granted: a tenth of them may come at once, and the
    /// rest is spread so that both together never exceed what was declared.
    fn reserve(&mut self, pace: Pace, now: Timestamp, patience: SignedDuration) -> Result<Timestamp, Timestamp> {
        let calls = i64::from(pace.calls.max(1));
        let window = SignedDuration::from_secs(pace.seconds.into());
        let burst = (calls / 10).max(1);
        let nanos = window.as_nanos().div_euclid(i128::from(calls - burst + 1)) + 1;
        let step = SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
        let head_start = step.saturating_mul(i32::try_from(burst - 1).unwrap_or(i32::MAX));
        // A place further away than any pace could give means that the clock was put back.
        let furthest = plus(now, window.saturating_add(head_start).saturating_add(step).saturating_add(patience));
        let due = self.due.filter(|due| *due <= furthest).unwrap_or(now);
        let at = plus(due, -head_start).max(now);
        if at.duration_since(now) > patience {
            return Err(at);
        }
        self.due = Some(plus(due.max(now), step));
        Ok(at)
    }

    /// Whether forgetting it changes nothing.
    fn is_at_rest(&self, now: Timestamp) -> bool {
        self.due.is_none_or(|due| due <= now) && self.closed_until.is_none_or(|until| until <= now)
    }
}

fn paced_if_longer(until: Option<Timestamp>, now: Timestamp, patience: Duration) -> Result<(), HttpError> {
    match until {
        Some(until) if until.duration_since(now) > signed(patience) => Err(HttpError::Paced { until }),
        _ => Ok(()),
    }
}

async fn sleep_until(at: Timestamp, now: Timestamp) {
    if let Ok(wait) = Duration::try_from(at.duration_since(now))
        && !wait.is_zero()
    {
        tokio::time::sleep(wait).await;
    }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{RuntimeClock, lane};
    use connectors::Clock;
    use proptest::prelude::*;

    const PATIENT: SignedDuration = SignedDuration::from_secs(10);

    fn start() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn pace(calls: u32, seconds: u32) -> Pace {
        Pace { calls, seconds }
    }

    fn paced_until(result: Result<Turn, HttpError>) -> Timestamp {
        match result {
            Err(HttpError::Paced { until }) => until,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_calls_than_declared(
            calls in 1u32..60,
            seconds in 1u32..90,
            gaps in proptest::collection::vec(0i64..5_000, 1..200),
        ) {
            let (mut gate, mut now, mut granted) = (Gate::default(), start(), vec![]);
            for gap in gaps {
                now += SignedDuration::from_millis(gap);
                granted.extend(gate.reserve(pace(calls, seconds), now, PATIENT));
            }
            let window = SignedDuration::from_secs(seconds.into());
            for (i, first) in granted.iter().enumerate() {
                let inside = granted.iter().skip(i).filter(|at| at.duration_since(*first) < window).count();
                prop_assert!(inside <= calls as usize, "{inside} of {calls}");
            }
        }

        #[test]
        fn who_keeps_asking_gets_nearly_all_that_was_declared(calls in 1u32..500, seconds in 1u32..90) {
            let (mut gate, mut now, mut granted) = (Gate::default(), start(), 0);
            let end = start() + SignedDuration::from_secs(seconds.into()) * 4;
            while now < end {
                now = match gate.reserve(pace(calls, seconds), now, SignedDuration::ZERO) {
                    Ok(_) => { granted += 1; now }
                    Err(until) => until,
                };
            }
            prop_assert!(f64::from(granted) >= f64::from(calls) * 4.0 * 0.9 - 1.0, "{granted} of {}", calls * 4);
        }
    }

    #[test]
    fn a_clock_put_back_does_not_shut_a_connection_for_hours() {
        let mut gate = Gate::default();
        gate.reserve(pace(60, 60), start(), PATIENT).unwrap();
        let before = start() - SignedDuration::from_hours(5);
        assert_eq!(gate.reserve(pace(60, 60), before, PATIENT), Ok(before));
    }

    #[tokio::test(start_paused = true)]
    async fn short_waits_are_waited_and_longer_ones_answered_with_the_time() {
        let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
        let slow = lane("shop", Some(pace(1, 9)));
        drop(lanes.enter(&slow, &clock).await.unwrap());
        let second = lanes.enter(&slow, &clock).await.unwrap();
        let waited = clock.now().duration_since(RuntimeClock::START).as_secs();
        assert_eq!(waited, 9);
        drop(second);
        let slower = lane("other", Some(pace(1, 60)));
        drop(lanes.enter(&slower, &clock).await.unwrap());
        let until = paced_until(lanes.enter(&slower, &clock).await);
        assert_eq!(until.duration_since(clock.now()).as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_given_in_the_order_of_asking() {
        let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
        let (lane, order) = (lane("shop", Some(pace(1, 1))), Mutex::new(vec![]));
        let ask = async |n: u32| {
            let turn = lanes.enter(&lane, &clock).await.unwrap();
            order.lock().unwrap().push(n);
            drop(turn);
        };
        tokio::join!(ask(1), ask(2), ask(3), ask(4), ask(5), ask(6));
        assert_eq!(*order.lock().unwrap(), [1, 2, 3, 4, 5, 6]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_never_has_more_than_four_calls_and_others_do_not_wait_for_it() {
        let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
        let lane_a = lane("shop", None);
        let mut turns = vec![];
        for _ in 0..4 {
            turns.push(lanes.enter(&lane_a, &clock).await.unwrap());
        }
        assert!(lanes.enter(&lane("other", None), &clock).await.is_ok());
        assert_eq!(clock.now(), RuntimeClock::START);
        let until = paced_until(lanes.enter(&lane_a, &clock).await);
        assert_eq!(until.duration_since(RuntimeClock::START).as_secs(), 20, "ten in vain, come back in ten");
        turns.pop();
        assert!(lanes.enter(&lane_a, &clock).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_vendor_told_closes_that_connection_at_once() {
        let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
        let lane_a = lane("shop", None);
        let turn = lanes.enter(&lane_a, &clock).await.unwrap();
        let until = clock.now() + SignedDuration::from_secs(30);
        turn.close(until);
        turn.close(clock.now() + SignedDuration::from_secs(5));
        assert_eq!(paced_until(lanes.enter(&lane_a, &clock).await), until, "a shorter word does not open it");
        assert!(lanes.enter(&lane("other", None), &clock).await.is_ok());
        tokio::time::advance(Duration::from_secs(29)).await;
        assert!(lanes.enter(&lane_a, &clock).await.is_ok(), "the last second is waited");
        assert!(clock.now() >= until);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_the_pace_hears_what_the_vendor_says_meanwhile() {
        let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
        let lane_a = lane("shop", Some(pace(1, 5)));
        let first = lanes.enter(&lane_a, &clock).await.unwrap();
        let until = clock.now() + SignedDuration::from_secs(60);
        let (second, ()) = tokio::join!(lanes.enter(&lane_a, &clock), async { first.close(until) });
        assert_eq!(paced_until(second), until);
    }

    #[tokio::test]
    async fn connections_at_rest_are_forgotten_when_there_are_very_many() {
        let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
        for n in 0..=CONNECTIONS_REMEMBERED_MAX {
            drop(lanes.enter(&lane(&format!("shop-{n}"), None), &clock).await.unwrap());
        }
        assert_eq!(lanes.states.lock().unwrap().len(), 1);
    }
}
