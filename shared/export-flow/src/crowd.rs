//! Who is busy where. News waits and works in the line of its source; a target that does not let go of it would soon have
//! all places of that line, and news for other targets none. So news for a target that is crowded goes on in the line of
//! that target.

use crate::times::{CROWD_MAX, CROWD_OF_SLOW_MAX, SLOW};
use domain::ConnectionId;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Visitors {
    last: u64,
    /// By number: since when, and whether it is in the line of its source.
    all: BTreeMap<u64, (Timestamp, bool)>,
}

/// News at work in this process, by the targets it may be for.
#[derive(Default)]
pub(crate) struct Crowd(Mutex<HashMap<ConnectionId, Visitors>>);

/// One piece of news at work, until dropped.
pub(crate) struct Visit<'a> {
    crowd: &'a Crowd,
    at: Vec<(ConnectionId, u64)>,
}

impl Crowd {
    /// The first of these targets that has enough news in its sources' lines: many, or a few if one of all that it has
    /// has been there for long.
    pub(crate) fn full<'t>(&self, targets: &'t [ConnectionId], now: Timestamp) -> Option<&'t ConnectionId> {
        let known = self.lock();
        targets.iter().find(|target| {
            known.get(*target).is_some_and(|visitors| {
                let news = visitors.all.values().filter(|(_, news)| *news).count();
                let slow = visitors.all.values().next().is_some_and(|(since, _)| now.duration_since(*since) > SLOW);
                news >= if slow { CROWD_OF_SLOW_MAX } else { CROWD_MAX }
            })
        })
    }

    /// Notes news that begins at these targets. `news`: in the line of its source.
    pub(crate) fn enter(&self, targets: Vec<ConnectionId>, news: bool, now: Timestamp) -> Visit<'_> {
        let mut known = self.lock();
        let enter = |target: ConnectionId| {
            let visitors = known.entry(target.clone()).or_default();
            visitors.last += 1;
            visitors.all.insert(visitors.last, (now, news));
            (target, visitors.last)
        };
        Visit { at: targets.into_iter().map(enter).collect(), crowd: self }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Visitors>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        let mut known = self.crowd.lock();
        for (target, number) in &self.at {
            let empty = known.get_mut(target).is_some_and(|visitors| {
                visitors.all.remove(number);
                visitors.all.is_empty()
            });
            if empty {
                known.remove(target);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn at(millis: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
    }

    #[test]
    fn a_quick_target_may_have_many_and_a_slow_one_few() {
        let (crowd, shop) = (Crowd::default(), vec![ConnectionId::new("shop")]);
        let mut visits: Vec<Visit<'_>> = (1..CROWD_MAX).map(|_| crowd.enter(shop.clone(), true, at(0))).collect();
        assert_eq!(crowd.full(&shop, at(1000)), None);
        assert_eq!(crowd.full(&shop, at(1100)), shop.first(), "the first has been there for more than a second");
        visits.push(crowd.enter(shop.clone(), true, at(0)));
        assert_eq!(crowd.full(&shop, at(0)), shop.first());
        assert_eq!(crowd.full(&[ConnectionId::new("other")], at(5000)), None);
        visits.clear();
        assert_eq!(crowd.full(&shop, at(5000)), None);
    }

    #[test]
    fn what_was_handed_on_takes_no_place_and_still_shows_that_a_target_is_slow() {
        let (crowd, shop) = (Crowd::default(), vec![ConnectionId::new("shop")]);
        let _handed_on = crowd.enter(shop.clone(), false, at(0));
        let news: Vec<Visit<'_>> = (0..CROWD_OF_SLOW_MAX).map(|_| crowd.enter(shop.clone(), true, at(2000))).collect();
        assert_eq!(crowd.full(&shop, at(2000)), shop.first());
        drop(news);
        assert_eq!(crowd.full(&shop, at(2000)), None);
    }
}
