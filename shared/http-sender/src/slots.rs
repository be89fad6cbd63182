//! How many calls of a connection are made at once: a few, and one where calls take long.

use crate::limits::Limits;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The last calls are remembered, and judged once there are some.
const CALLS_REMEMBERED: usize = 9;
const CALLS_JUDGED_MIN: usize = 5;

/// The slots of one connection.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Arc<Semaphore>,
    most: usize,
    slow: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// How long the last calls took, oldest first.
    took: VecDeque<Duration>,
    /// Slots there are, free or not.
    slots: usize,
}

/// One of the slots; free again when dropped, unless there are too many by then.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Slots {
    pub(crate) fn new(limits: &Limits) -> Self {
        let most = limits.calls_at_once;
        let seen = Seen { took: VecDeque::with_capacity(CALLS_REMEMBERED), slots: most };
        Self { free: Arc::new(Semaphore::new(most)), most, slow: limits.slow_call, seen: Mutex::new(seen) }
    }

    /// Waits for a free one, first come first served. `None`: there was none in time.
    pub(crate) async fn take(self: &Arc<Self>, wait: Duration) -> Option<Slot> {
        let permit = tokio::time::timeout(wait, Arc::clone(&self.free).acquire_owned()).await.ok()?.ok()?;
        Some(Slot { slots: Arc::clone(self), permit: Some(permit) })
    }

    /// A call took so long.
    pub(crate) fn took(&self, time: Duration) {
        let mut seen = self.seen();
        if seen.took.len() == CALLS_REMEMBERED {
            seen.took.pop_front();
        }
        seen.took.push_back(time);
        let wanted = self.wanted(&seen);
        if seen.slots < wanted {
            self.free.add_permits(wanted - seen.slots);
            seen.slots = wanted;
        } else if seen.slots > wanted {
            // Those in use go when they are free.
            seen.slots -= self.free.forget_permits(seen.slots - wanted);
        }
    }

    /// One where the median of the remembered calls is slow.
    fn wanted(&self, seen: &Seen) -> usize {
        let mut took: Vec<_> = seen.took.iter().collect();
        took.sort_unstable();
        let median = took.get(took.len().saturating_sub(1) / 2).filter(|_| took.len() >= CALLS_JUDGED_MIN);
        if median.is_some_and(|median| **median > self.slow) { 1 } else { self.most }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut seen = self.slots.seen();
        if seen.slots > self.slots.wanted(&seen)
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
            seen.slots -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_secs(1);
    const SLOW: Duration = Duration::from_secs(6);

    fn slots() -> Arc<Slots> {
        Arc::new(Slots::new(&Limits::default()))
    }

    /// Makes calls as many at once as there may be, and says how many those were.
    async fn at_once(slots: &Arc<Slots>) -> usize {
        let mut taken = vec![];
        while let Some(slot) = slots.take(Duration::ZERO).await {
            taken.push(slot);
        }
        taken.len()
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_whose_median_call_is_slow_gets_one_call_at_once_until_it_is_quick_again() {
        let slots = slots();
        for _ in 0..4 {
            slots.took(SLOW);
            assert_eq!(at_once(&slots).await, 4, "too few to judge");
        }
        slots.took(SLOW);
        assert_eq!(at_once(&slots).await, 1);
        for _ in 0..4 {
            slots.took(QUICK);
            assert_eq!(at_once(&slots).await, 1, "five of nine are slow");
        }
        slots.took(QUICK);
        assert_eq!(at_once(&slots).await, 4);
        assert_eq!(slots.seen().took.len(), CALLS_REMEMBERED);
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_slow_calls_among_many_change_nothing_and_five_seconds_are_not_slow() {
        let slots = slots();
        for took in [SLOW, QUICK, SLOW, QUICK, QUICK, SLOW, QUICK, SLOW, QUICK] {
            slots.took(took);
            assert_eq!(at_once(&slots).await, 4);
        }
        for _ in 0..CALLS_REMEMBERED {
            slots.took(Duration::from_secs(5));
        }
        assert_eq!(at_once(&slots).await, 4);
    }

    #[tokio::test(start_paused = true)]
    async fn slots_in_use_go_when_they_are_free() {
        let slots = slots();
        let mut taken = vec![];
        for _ in 0..4 {
            taken.push(slots.take(Duration::ZERO).await.unwrap());
        }
        for _ in 0..5 {
            slots.took(SLOW);
        }
        while taken.len() > 1 {
            taken.pop();
            assert_eq!(at_once(&slots).await, 0, "{} still call", taken.len());
        }
        taken.pop();
        assert_eq!(at_once(&slots).await, 1);
    }
}
