//! When the calls of a paced connection may be made, by whomever they are made: the generic cell rate algorithm, handed
//! out in slices.
//!
//! A cell counts one connection's calls. Each call has a due time, one step after that of the call before it, and may be
//! made from a head start before that time up to that time. A slice is a run of such calls, taken at once. So of every
//! window of the pace's length all holders of slices together never fill more than was declared, however many they are
//! and whatever they leave unused. A head start is what lets calls come in a burst after a pause.

use connectors::Pace;
use domain::{ConnectionId, TenantId};
use jiff::{SignedDuration, Timestamp};

/// A slice is never longer: what its holder leaves unused is lost to all for so long.
const SLICE: SignedDuration = SignedDuration::from_secs(5);

/// A pace as times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// From one call's due time to the next.
    pub step: SignedDuration,
    /// How long before its due time a call may be made.
    pub head_start: SignedDuration,
    window: SignedDuration,
}

impl Rhythm {
    /// A tenth of the declared calls may come at once, and the rest is spread so that both together never exceed what
    /// was declared.
    #[must_use]
    pub fn of(pace: Pace) -> Self {
        let calls = i64::from(pace.calls.max(1));
        let window = SignedDuration::from_secs(pace.seconds.into());
        let burst = (calls / 10).max(1);
        let nanos = window.as_nanos().div_euclid(i128::from(calls - burst + 1)) + 1;
        let step = SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
        let head_start = step.saturating_mul(i32::try_from(burst - 1).unwrap_or(i32::MAX));
        Self { step, head_start, window }
    }

    /// Calls of the longest slice: one at least, else no more than five seconds hold.
    #[must_use]
    pub fn slice_max(self) -> u32 {
        let calls = SLICE.as_nanos().div_euclid(self.step.as_nanos().max(1));
        u32::try_from(calls).unwrap_or(u32::MAX).max(1)
    }

    /// No call that somebody who wants one by `latest` could get or hold is due later than this.
    fn furthest(self, latest: Timestamp) -> Timestamp {
        let ahead = [self.window, self.head_start, self.step, SLICE];
        plus(latest, ahead.into_iter().fold(SignedDuration::ZERO, SignedDuration::saturating_add))
    }

    /// How far a slice of so many calls moves the cell.
    #[must_use]
    pub fn span(self, calls: u32) -> SignedDuration {
        self.step.saturating_mul(i32::try_from(calls).unwrap_or(i32::MAX))
    }
}

/// Somebody wants to make calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Whose connection.
    pub tenant: TenantId,
    /// Which.
    pub connection: ConnectionId,
    /// Its pace.
    pub pace: Pace,
    /// How many; a slice may hold fewer.
    pub calls: u32,
    /// The time.
    pub now: Timestamp,
    /// The first of them is of no use later than this.
    pub latest: Timestamp,
}

impl Ask {
    /// The pace as times.
    #[must_use]
    pub fn rhythm(&self) -> Rhythm {
        Rhythm::of(self.pace)
    }

    /// How many calls a slice for it holds.
    #[must_use]
    pub fn granted(&self) -> u32 {
        self.calls.clamp(1, self.rhythm().slice_max())
    }

    /// A cell that stands later than this was moved by a clock that was put back since, or under another pace.
    #[must_use]
    pub fn furthest(&self) -> Timestamp {
        self.rhythm().furthest(self.latest.max(self.now))
    }

    /// The slice that begins where the cell stood.
    #[must_use]
    pub fn slice(&self, due: Timestamp) -> Slice {
        Slice { due, calls: self.granted(), lost: 0, rhythm: self.rhythm() }
    }
}

/// The answer to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leased {
    /// These calls are the asker's. Its first may be made whenever it is there.
    Slice(Slice),
    /// All are taken: the next is free at this time.
    Full(Timestamp),
    /// The vendor wants no call before this time.
    Closed(Timestamp),
}

/// How many calls of a connection were handed out, and what its vendor told us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// When the next call is due.
    pub due: Option<Timestamp>,
    /// Told by the vendor.
    pub closed_until: Option<Timestamp>,
}

impl Cell {
    /// Where a slice would begin. Nothing is taken.
    ///
    /// # Errors
    /// Why there is none, as [`Leased`].
    pub fn start(&self, ask: &Ask) -> Result<Timestamp, Leased> {
        if let Some(until) = self.closed_until.filter(|until| *until > ask.now) {
            return Err(Leased::Closed(until));
        }
        let furthest = ask.furthest();
        let due = self.due.filter(|due| *due <= furthest).map_or(ask.now, |due| due.max(ask.now));
        let first = plus(due, -ask.rhythm().head_start);
        if first > ask.latest { Err(Leased::Full(first)) } else { Ok(due) }
    }

    /// Takes a slice.
    pub fn take(&mut self, ask: &Ask) -> Leased {
        match self.start(ask) {
            Err(none) => none,
            Ok(due) => {
                self.due = Some(plus(due, ask.rhythm().span(ask.granted())));
                Leased::Slice(ask.slice(due))
            }
        }
    }

    /// The vendor wants no call before `until`. A shorter word does not open what a longer one has closed.
    pub fn close(&mut self, until: Timestamp) {
        self.closed_until = self.closed_until.max(Some(until));
    }

    /// Whether forgetting it changes nothing.
    #[must_use]
    pub fn is_at_rest(&self, now: Timestamp) -> bool {
        self.due.is_none_or(|due| due <= now) && self.closed_until.is_none_or(|until| until <= now)
    }
}

/// Calls that are somebody's, each with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Of the next call.
    due: Timestamp,
    /// Not yet made or lost.
    calls: u32,
    lost: u32,
    rhythm: Rhythm,
}

impl Slice {
    /// Takes the first call for whoever asked for the slice: at its time, or at once if the answer took longer.
    pub fn first(&mut self, now: Timestamp) -> Timestamp {
        let at = plus(self.due, -self.rhythm.head_start).max(now);
        self.pass();
        at
    }

    /// Takes the next call whose time has not run out, and says when it may be made. `None`: there is none left. It is
    /// not taken (`Err`) where it comes later than `latest`.
    pub fn next(&mut self, now: Timestamp, latest: Timestamp) -> Option<Result<Timestamp, Timestamp>> {
        while self.calls > 0 && self.due < now {
            self.lost += 1;
            self.pass();
        }
        // One from before a clock was put back would be of no use for as long.
        let holds = self.calls > 0 && self.due <= self.rhythm.furthest(latest);
        holds.then(|| {
            let at = plus(self.due, -self.rhythm.head_start).max(now);
            if at > latest {
                return Err(at);
            }
            self.pass();
            Ok(at)
        })
    }

    /// How many were lost: nobody made them in time.
    #[must_use]
    pub const fn lost(&self) -> u32 {
        self.lost
    }

    fn pass(&mut self) {
        self.calls = self.calls.saturating_sub(1);
        self.due = plus(self.due, self.rhythm.step);
    }
}

/// A time that is later by so much, or earlier; the ends of time stay where they are.
#[must_use]
pub fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATIENT: SignedDuration = SignedDuration::from_secs(10);

    fn start() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn ask(pace: Pace, calls: u32, now: Timestamp, patience: SignedDuration) -> Ask {
        let (tenant, connection) = (TenantId::local(), ConnectionId::new("shop"));
        Ask { tenant, connection, pace, calls, now, latest: now + patience }
    }

    #[test]
    fn a_cell_is_at_rest_when_its_last_call_is_past_and_nothing_is_closed() {
        let secs = |n: i64| start() + SignedDuration::from_secs(n);
        let pace = Pace { calls: 1, seconds: 10 };
        let mut cell = Cell::default();
        assert!(cell.is_at_rest(start()), "never asked");
        assert!(matches!(cell.take(&ask(pace, 1, start(), PATIENT)), Leased::Slice(_)));
        let free = cell.due.unwrap();
        assert!(free > start() && !cell.is_at_rest(start()));
        assert!(cell.is_at_rest(free));
        cell.close(secs(60));
        cell.close(secs(30));
        assert!(!cell.is_at_rest(secs(59)) && cell.is_at_rest(secs(60)), "the later word of the vendor counts");
        let mut closed = Cell::default();
        closed.close(secs(60));
        assert!(!closed.is_at_rest(secs(59)));
    }

    proptest! {
        /// Each of a few holders has a slice, makes calls of it whenever it likes, and asks for another when it is over.
        #[test]
        fn no_window_ever_holds_more_calls_than_declared_whoever_holds_the_slices(
            calls in 1u32..60,
            seconds in 1u32..90,
            events in proptest::collection::vec((0i64..3_000, 0usize..4, 1u32..40), 1..300),
        ) {
            let (pace, mut cell, mut now) = (Pace { calls, seconds }, Cell::default(), start());
            let (mut held, mut made) = ([const { None::<Slice> }; 4], vec![]);
            for (gap, who, wanted) in events {
                now += SignedDuration::from_millis(gap);
                match held[who].as_mut().and_then(|slice| slice.next(now, now + PATIENT)) {
                    Some(next) => made.extend(next.ok()),
                    None => {
                        if let Leased::Slice(mut slice) = cell.take(&ask(pace, wanted, now, PATIENT)) {
                            made.push(slice.first(now));
                            held[who] = Some(slice);
                        }
                    }
                }
            }
            made.sort_unstable();
            let window = SignedDuration::from_secs(seconds.into());
            for (i, first) in made.iter().enumerate() {
                let inside = made.iter().skip(i).take_while(|at| at.duration_since(*first) < window).count();
                prop_assert!(inside <= calls as usize, "{inside} of {calls}");
            }
        }

        #[test]
        fn who_keeps_asking_gets_nearly_all_that_was_declared(
            calls in 1u32..500,
            seconds in 1u32..90,
            wanted in 1u32..100,
        ) {
            let (pace, mut cell, mut now, mut made) = (Pace { calls, seconds }, Cell::default(), start(), 0);
            let end = start() + SignedDuration::from_secs(seconds.into()) * 4;
            while now < end {
                now = match cell.take(&ask(pace, wanted, now, SignedDuration::ZERO)) {
                    Leased::Slice(mut slice) => {
                        slice.first(now);
                        made += 1;
                        while let Some(Ok(at)) = slice.next(now, end) {
                            now = at;
                            made += 1;
                        }
                        now
                    }
                    Leased::Full(until) | Leased::Closed(until) => until,
                };
            }
            prop_assert!(f64::from(made) >= f64::from(calls) * 4.0 * 0.9 - 1.0, "{made} of {}", calls * 4);
        }
    }

    #[test]
    fn whoever_asked_for_a_slice_goes_and_calls_whose_time_ran_out_are_lost() {
        let (pace, mut cell) = (Pace { calls: 60, seconds: 60 }, Cell::default());
        let Leased::Slice(mut slice) = cell.take(&ask(pace, 9, start(), PATIENT)) else { panic!("it is free") };
        let late = start() + SignedDuration::from_secs(2);
        assert_eq!((slice.first(late), slice.lost()), (late, 0), "whoever asked goes, however late");
        assert_eq!(slice.next(late, late), Some(Ok(late)));
        assert_eq!(slice.lost(), 1, "one was due after a good second");
        let over = start() + SignedDuration::from_secs(9);
        assert_eq!(slice.next(over, Timestamp::MAX), None);
        assert_eq!(slice.lost(), 2, "five seconds hold four");
    }

    #[test]
    fn a_slice_from_before_a_clock_was_put_back_is_over() {
        let (pace, mut cell) = (Pace { calls: 60, seconds: 60 }, Cell::default());
        let Leased::Slice(mut slice) = cell.take(&ask(pace, 3, start(), PATIENT)) else { panic!("it is free") };
        slice.first(start());
        let before = start() - SignedDuration::from_hours(5);
        assert_eq!(slice.next(before, before + PATIENT), None);
        assert!(matches!(cell.take(&ask(pace, 1, before, PATIENT)), Leased::Slice(_)));
    }
}
