//! Who may start now: bounded in all, bounded per group, and some only alone.

use domain::ConnectionId;
use std::collections::HashMap;

/// How much may be in flight at once in one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages in all.
    pub in_flight: usize,
    /// Messages of one group.
    pub per_group: usize,
}

impl Default for Limits {
    /// One function's worth: ten at once, four per connection.
    fn default() -> Self {
        Self { in_flight: 10, per_group: 4 }
    }
}

/// Keeps count.
#[derive(Debug)]
pub(crate) struct Seats {
    limits: Limits,
    taken: usize,
    per_group: HashMap<ConnectionId, usize>,
    alone: bool,
}

impl Seats {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, taken: 0, per_group: HashMap::new(), alone: false }
    }

    pub(crate) const fn taken(&self) -> usize {
        self.taken
    }

    /// Whether a message of this group may start now.
    pub(crate) fn admit(&self, group: &ConnectionId, alone: bool) -> bool {
        if self.alone {
            return false;
        }
        if alone {
            return self.taken == 0;
        }
        let of_group = self.per_group.get(group).copied().unwrap_or(0);
        self.taken < self.limits.in_flight && of_group < self.limits.per_group
    }

    pub(crate) fn take(&mut self, group: &ConnectionId, alone: bool) {
        self.taken += 1;
        self.alone = alone;
        *self.per_group.entry(group.clone()).or_default() += 1;
    }

    pub(crate) fn leave(&mut self, group: &ConnectionId) {
        self.taken = self.taken.saturating_sub(1);
        self.alone = false;
        if let Some(count) = self.per_group.get_mut(group) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.per_group.remove(group);
            }
        }
    }

    /// The first of the waiting that may start. What must be alone is not overtaken for ever: nothing behind it starts.
    pub(crate) fn next<'a>(&self, waiting: impl Iterator<Item = (&'a ConnectionId, bool)>) -> Option<usize> {
        for (index, (group, alone)) in waiting.enumerate() {
            if self.admit(group, alone) {
                return Some(index);
            }
            if alone {
                return None;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> ConnectionId {
        ConnectionId::new(name)
    }

    #[test]
    fn one_group_cannot_take_every_seat() {
        let mut seats = Seats::new(Limits { in_flight: 3, per_group: 2 });
        seats.take(&group("a"), false);
        seats.take(&group("a"), false);
        assert!(!seats.admit(&group("a"), false));
        assert!(seats.admit(&group("b"), false));
        seats.take(&group("b"), false);
        assert!(!seats.admit(&group("c"), false), "all seats are taken");
        seats.leave(&group("a"));
        assert!(seats.admit(&group("a"), false));
    }

    #[test]
    fn what_must_be_alone_has_nothing_beside_it() {
        let mut seats = Seats::new(Limits::default());
        seats.take(&group("a"), false);
        assert!(!seats.admit(&group("b"), true));
        seats.leave(&group("a"));
        assert!(seats.admit(&group("b"), true));
        seats.take(&group("b"), true);
        assert!(!seats.admit(&group("a"), false));
        seats.leave(&group("b"));
        assert!(seats.admit(&group("a"), false));
    }

    #[test]
    fn a_full_group_is_overtaken_but_nothing_overtakes_what_must_be_alone() {
        let mut seats = Seats::new(Limits { in_flight: 3, per_group: 1 });
        let (a, b) = (group("a"), group("b"));
        seats.take(&a, false);
        assert_eq!(seats.next([(&a, false), (&b, false)].into_iter()), Some(1));
        assert_eq!(seats.next([(&a, false), (&b, true), (&b, false)].into_iter()), None);
    }
}
