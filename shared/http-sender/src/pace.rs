//! Who may call when: per connection a few slots, its pace, and what its vendor told us.

use crate::limits::Limits;
use crate::slots::{Slot, Slots};
use connectors::{Clock, HttpError, Lane, Pace};
use domain::{ConnectionId, TenantId};
use export_flow::pace::{Ask, Cell, Leased, Slice, plus};
use export_flow::ports::{PortError, Slices};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Beyond this many connections the ones at rest are forgotten.
const CONNECTIONS_REMEMBERED_MAX: usize = 4096;
/// Whoever makes a call is about to carry a document, which takes so many at a connection, or more.
const CALLS_EACH: u32 = 2;
/// Calls are counted over so long, to know how many will be wanted,
const SPAN: SignedDuration = SignedDuration::from_secs(1);
/// unless that was longer ago.
const REMEMBERED: SignedDuration = SignedDuration::from_secs(60);
/// Who is told nearly the same again tells nobody.
const TOLD_ALREADY: SignedDuration = SignedDuration::from_secs(1);
/// Who wants to be left alone for longer has said nonsense.
const TOLD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The right to make one call; ends when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    busy: Busy,
    _slot: Slot,
}

impl Turn {
    /// The call took so long.
    pub(crate) fn took(&self, time: SignedDuration) {
        self.busy.0.slots.took(time.unsigned_abs());
    }
}

#[derive(Debug)]
struct State {
    slots: Arc<Slots>,
    /// Calls that wait for their turn or are under way.
    busy: AtomicU32,
    closed_until: Mutex<Option<Timestamp>>,
    /// Whoever leases keeps the others waiting: what he gets is for them too.
    held: tokio::sync::Mutex<Held>,
}

/// What is known of a connection's pace.
#[derive(Debug, Default)]
struct Held {
    /// All calls there are, where this process alone makes them.
    cell: Cell,
    /// Calls that are ours, or the last that were.
    slice: Option<Slice>,
    /// The store has said that no call is free before.
    full_until: Option<Timestamp>,
    lately: Lately,
}

/// How many calls were made lately.
#[derive(Debug, Default)]
struct Lately {
    since: Option<Timestamp>,
    calls: u32,
    before: u32,
}

/// Counts a call from asking to its end.
#[derive(Debug)]
struct Busy(Arc<State>);

/// All connections of this process.
pub(crate) struct Lanes {
    limits: Limits,
    /// Where paces are kept that several processes share.
    slices: Option<Arc<dyn Slices>>,
    states: Mutex<HashMap<(TenantId, ConnectionId), Arc<State>>>,
}

/// Why a call has no time of its own.
enum Unplaced {
    Paced(Timestamp),
    Closed(Timestamp),
    Failed(PortError),
}

impl Lanes {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, slices: None, states: Mutex::default() }
    }

    pub(crate) fn share(&mut self, slices: Arc<dyn Slices>) {
        self.slices = Some(slices);
    }

    /// Waits for a turn, first come first served, or says when to come back. Nothing was sent then.
    pub(crate) async fn enter(&self, lane: &Lane, clock: &dyn Clock) -> Result<Turn, HttpError> {
        let began = clock.now();
        let latest = plus(began, signed(self.limits.turn_wait));
        let state = self.state(lane, began);
        let busy = Busy::new(&state);
        self.told(&state, began, latest)?;
        let Some(slot) = state.slots.take(self.limits.turn_wait).await else {
            return Err(self.in_vain(clock.now()));
        };
        loop {
            let now = clock.now();
            if let Some(until) = self.told(&state, now, latest)? {
                sleep_until(until, now).await;
                continue;
            }
            let Some(pace) = lane.pace else { break };
            match self.place(lane, &state, pace, clock, latest).await {
                Ok(at) => sleep_until(at, clock.now()).await,
                Err(Unplaced::Paced(until)) => return Err(HttpError::Paced { until }),
                Err(Unplaced::Closed(until)) => {
                    state.close(until);
                    continue;
                }
                Err(Unplaced::Failed(error)) => {
                    // Ours, not the vendor's: nothing was sent, so nothing is counted, and it comes back as the paced do.
                    tracing::warn!(event = "pace.not_leased", tenant = %lane.tenant, connection = %lane.connection, %error);
                    return Err(self.in_vain(clock.now()));
                }
            }
            // What the vendor has told others while this call waited counts too; its place is lost then.
            if state.closed(clock.now()).is_none() {
                break;
            }
        }
        Ok(Turn { busy, _slot: slot })
    }

    /// The vendor wants no call of this connection before `until`. Where others call it too, they hear it with their
    /// next calls; no word to them is worth a document, so a failure is only told.
    pub(crate) async fn close(&self, lane: &Lane, until: Timestamp, now: Timestamp) {
        let until = until.min(plus(now, TOLD_MAX));
        let known = self.state(lane, now).close(until);
        let Some(slices) = self.slices.as_ref().filter(|_| lane.pace.is_some()) else { return };
        if known.is_some_and(|known| known >= plus(until, -TOLD_ALREADY)) {
            return;
        }
        let told = slices.close(&lane.tenant, &lane.connection, until);
        let told = tokio::time::timeout(self.limits.telling, told).await;
        if let Err(error) = told.unwrap_or_else(|_| Err(no_answer())) {
            tracing::warn!(event = "pace.not_told", tenant = %lane.tenant, connection = %lane.connection, %error);
        }
    }

    /// A time at which this call may be made, taken for it.
    async fn place(
        &self,
        lane: &Lane,
        state: &State,
        pace: Pace,
        clock: &dyn Clock,
        latest: Timestamp,
    ) -> Result<Timestamp, Unplaced> {
        let left = Duration::try_from(latest.duration_since(clock.now())).unwrap_or(Duration::ZERO);
        let placed = tokio::time::timeout(left, async {
            let mut held = state.held.lock().await;
            let now = clock.now();
            if let Some(next) = held.slice.as_mut().and_then(|slice| slice.next(now, latest)) {
                let at = next.map_err(Unplaced::Paced)?;
                held.lately.count(now);
                return Ok(at);
            }
            let calls = held.wanted(state.busy.load(Ordering::Relaxed), now);
            let (tenant, connection) = (lane.tenant.clone(), lane.connection.clone());
            let ask = Ask { tenant, connection, pace, calls, now, latest };
            if let Some(until) = held.full_until.filter(|until| *until > latest && *until <= ask.furthest()) {
                return Err(Unplaced::Paced(until));
            }
            let leased = match &self.slices {
                Some(slices) => slices.lease(&ask).await.map_err(Unplaced::Failed)?,
                None => held.cell.take(&Ask { calls: 1, ..ask }),
            };
            match leased {
                Leased::Slice(mut slice) => {
                    let at = slice.first(clock.now());
                    held.slice = Some(slice);
                    held.lately.count(now);
                    Ok(at)
                }
                Leased::Full(until) => {
                    held.full_until = Some(until);
                    Err(Unplaced::Paced(until))
                }
                Leased::Closed(until) => Err(Unplaced::Closed(until)),
            }
        });
        placed.await.unwrap_or_else(|_| Err(Unplaced::Failed(no_answer())))
    }

    /// Until when to wait because the vendor told us to, if that is not long.
    fn told(&self, state: &State, now: Timestamp, latest: Timestamp) -> Result<Option<Timestamp>, HttpError> {
        match state.closed(now) {
            Some(until) if now > latest || until.duration_since(now) > signed(self.limits.told_wait) => {
                Err(HttpError::Paced { until })
            }
            until => Ok(until),
        }
    }

    /// Nobody knows when a slow target lets go; one more wait as long as the one that was in vain.
    fn in_vain(&self, now: Timestamp) -> HttpError {
        HttpError::Paced { until: plus(now, signed(self.limits.turn_wait)) }
    }

    fn state(&self, lane: &Lane, now: Timestamp) -> Arc<State> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if states.len() >= CONNECTIONS_REMEMBERED_MAX {
            states.retain(|_, state| Arc::strong_count(state) > 1 || !state.is_at_rest(now));
        }
        let made = states.entry((lane.tenant.clone(), lane.connection.clone())).or_insert_with(|| {
            Arc::new(State {
                slots: Arc::new(Slots::new(&self.limits)),
                busy: AtomicU32::new(0),
                closed_until: Mutex::default(),
                held: tokio::sync::Mutex::default(),
            })
        });
        Arc::clone(made)
    }
}

impl State {
    /// Until when the vendor wants no call, if that is to come.
    fn closed(&self, now: Timestamp) -> Option<Timestamp> {
        (*self.told()).filter(|until| *until > now)
    }

    /// A shorter word does not open what a longer one has closed. What was known before.
    fn close(&self, until: Timestamp) -> Option<Timestamp> {
        let mut told = self.told();
        let known = *told;
        *told = known.max(Some(until));
        known
    }

    fn told(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.closed_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether forgetting it changes nothing but the calls it could still make of its slice.
    fn is_at_rest(&self, now: Timestamp) -> bool {
        self.closed(now).is_none() && self.held.try_lock().is_ok_and(|held| held.cell.is_at_rest(now))
    }
}

impl Held {
    /// How many calls to lease. What is leased and not made is lost to all: some more than of late, as long as none is.
    fn wanted(&self, busy: u32, now: Timestamp) -> u32 {
        let Some(lately) = self.lately.calls(now) else { return busy.saturating_mul(CALLS_EACH) };
        let wanted = lately.max(busy);
        let lost = self.slice.as_ref().is_some_and(|slice| slice.lost() > 0);
        if lost { wanted } else { wanted.saturating_add(wanted / 2) }
    }
}

impl Lately {
    fn count(&mut self, now: Timestamp) {
        if self.since.is_none_or(|since| now >= plus(since, SPAN)) {
            *self = Self { since: Some(now), before: self.calls(now).unwrap_or(0), calls: 0 };
        }
        self.calls += 1;
    }

    /// The most calls in such a time. `None`: too long ago.
    fn calls(&self, now: Timestamp) -> Option<u32> {
        self.since.filter(|since| now < plus(*since, REMEMBERED)).map(|_| self.before.max(self.calls))
    }
}

impl Busy {
    fn new(state: &Arc<State>) -> Self {
        state.busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(state))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

fn no_answer() -> PortError {
    PortError::Unavailable("no answer in time".into())
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

#[cfg(test)]
mod tests;
