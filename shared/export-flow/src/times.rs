//! Times and limits of the protocol. Constants are promises; settings are what `serve` lets a person choose.

use domain::HoldReason;
use jiff::{SignedDuration, Timestamp};

/// How long a claim holds.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// A writing call starts only with this much of the lease left.
pub const LEASE_LEFT_MIN: SignedDuration = SignedDuration::from_secs(45);
/// How long a received message stays invisible.
pub const VISIBILITY: SignedDuration = SignedDuration::from_secs(540);
/// Delay of a queue message at most; what is due later rests in the sparse index.
pub const QUEUE_DELAY_MAX: SignedDuration = SignedDuration::from_mins(15);
/// First read-back after a call that left doubt. Never hurried.
pub const FIRST_READ_BACK: SignedDuration = SignedDuration::from_secs(10);
/// The sweep takes index entries overdue by this much.
pub const OVERDUE: SignedDuration = SignedDuration::from_mins(2);
/// Outage failures in a row on different exports that pause a connection.
pub const OUTAGES_MAX: usize = 5;
/// Claims in a row without a recorded outcome after which an export is tried alone, and after one more is dead.
pub const UNRECORDED_MAX: u32 = 2;
/// Receives after which the net beneath the queue catches a message.
pub const RECEIVES_MAX: u32 = 20;
/// News for one target in the lines of its sources, at work in one process, at most: what comes beyond goes on in the line
/// of the target. Less than the places of a line, so that some are left for news of other targets.
pub const CROWD_MAX: usize = 24;
/// The same once the target is slow: as many as may call it at once.
pub const CROWD_OF_SLOW_MAX: usize = 4;
/// A target is slow while news has been at work there for longer than this.
pub const SLOW: SignedDuration = SignedDuration::from_secs(1);
/// A cached connection older than this is read again where something does not fit.
pub const CACHE_MAX: SignedDuration = SignedDuration::from_secs(5);

/// What `serve` lets a person choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// Delay before the first, second and third attempt.
    pub retry_delays: [SignedDuration; 3],
    /// Share by which retry delays vary, percent.
    pub jitter_percent: i64,
    /// Caps the re-check, poll and probe intervals that we choose ourselves.
    pub recheck_max: Option<SignedDuration>,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            retry_delays: [SignedDuration::ZERO, SignedDuration::from_secs(60), SignedDuration::from_secs(600)],
            jitter_percent: 20,
            recheck_max: None,
        }
    }
}

impl Times {
    /// The delay before attempt `failed + 1`, varied by `dice` (any random byte).
    #[must_use]
    pub fn retry_delay(&self, failed: u32, dice: u8) -> SignedDuration {
        let index = usize::try_from(failed).unwrap_or(usize::MAX).min(self.retry_delays.len() - 1);
        let base = self.retry_delays.get(index).copied().unwrap_or(SignedDuration::ZERO);
        let spread = (i64::from(dice) * 2 - 255) * self.jitter_percent;
        let millis = i64::try_from(base.as_millis()).unwrap_or(i64::MAX);
        SignedDuration::from_millis(millis.saturating_add(millis.saturating_mul(spread) / (255 * 100)))
    }

    /// When a hold is looked at again for the `checks`-th time (from 0), without a time of its own.
    #[must_use]
    pub fn recheck(&self, reason: HoldReason, checks: u32) -> SignedDuration {
        let secs = SignedDuration::from_secs;
        let mins = SignedDuration::from_mins;
        let doubling = |first: SignedDuration, from: u32, cap: SignedDuration| {
            let times = 1_i32.checked_shl(checks.saturating_sub(from).min(20)).unwrap_or(i32::MAX);
            first.checked_mul(times).unwrap_or(cap).min(cap)
        };
        let chosen = match reason {
            HoldReason::OrderUnknown | HoldReason::OrderAmbiguous => match checks {
                0 => mins(1),
                1 => mins(5),
                2 => mins(15),
                _ => doubling(mins(30), 3, SignedDuration::from_hours(24)),
            },
            HoldReason::DocumentNotReady => match checks {
                0 => secs(2),
                1 => secs(5),
                2 => secs(15),
                3 => secs(60),
                _ => mins(5),
            },
            HoldReason::Predecessor | HoldReason::NotHandedOver | HoldReason::NumberMissing => {
                doubling(mins(15), 0, SignedDuration::from_hours(6))
            }
            HoldReason::NotPaidYet => SignedDuration::from_hours(24),
            // The vendor's own word wins over this one and is never capped.
            HoldReason::RateLimited => doubling(secs(30), 0, mins(10)),
            HoldReason::ConnectionPaused => mins(60),
            HoldReason::Settling => return FIRST_READ_BACK,
            HoldReason::OrderMismatch
            | HoldReason::MappingMissing
            | HoldReason::LinesUnmatched
            | HoldReason::Preflight
            | HoldReason::TargetHasOther => SignedDuration::from_hours(24),
        };
        self.capped(chosen)
    }

    /// An interval that we chose ourselves, capped by `recheck_max`.
    #[must_use]
    pub fn capped(&self, interval: SignedDuration) -> SignedDuration {
        self.recheck_max.map_or(interval, |max| interval.min(max))
    }

    /// How long a paused connection is left alone after the `probes`-th failed probe.
    #[must_use]
    pub fn probe(&self, probes: u32) -> SignedDuration {
        let times = 1_i32.checked_shl(probes.min(20)).unwrap_or(i32::MAX);
        let cap = SignedDuration::from_mins(10);
        self.capped(SignedDuration::from_secs(30).checked_mul(times).unwrap_or(cap).min(cap))
    }
}

/// After this a hold ends as `expired`.
#[must_use]
pub fn last_day(reason: HoldReason, since: Timestamp) -> Timestamp {
    let days = match reason {
        HoldReason::DocumentNotReady => 2,
        HoldReason::OrderUnknown | HoldReason::OrderAmbiguous | HoldReason::Predecessor => 14,
        HoldReason::NotHandedOver
        | HoldReason::NumberMissing
        | HoldReason::OrderMismatch
        | HoldReason::MappingMissing
        | HoldReason::LinesUnmatched
        | HoldReason::Preflight
        | HoldReason::TargetHasOther => 30,
        HoldReason::NotPaidYet => 90,
        // Not a wait for a fact that may never come: these end by themselves.
        HoldReason::RateLimited | HoldReason::ConnectionPaused | HoldReason::Settling => 400,
    };
    since.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn jitter_stays_within_twenty_percent(dice in 0..=255_u8) {
            let delay = Times::default().retry_delay(1, dice);
            prop_assert!(delay >= SignedDuration::from_secs(48) && delay <= SignedDuration::from_secs(72), "{delay}");
        }

        #[test]
        fn rechecks_never_exceed_the_cap(checks in 0..1000_u32) {
            let times = Times { recheck_max: Some(SignedDuration::from_secs(3)), ..Times::default() };
            for reason in HoldReason::ALL {
                let wait = times.recheck(*reason, checks);
                prop_assert!(wait <= SignedDuration::from_secs(3) || *reason == HoldReason::Settling);
            }
        }
    }

    #[test]
    fn a_retry_comes_a_fifth_earlier_or_later_and_all_beyond_the_third_as_the_third() {
        let (times, secs) = (Times::default(), SignedDuration::from_secs);
        assert_eq!([0, 255].map(|dice| times.retry_delay(1, dice)), [secs(48), secs(72)]);
        assert_eq!([0, 255].map(|dice| times.retry_delay(2, dice)), [secs(480), secs(720)]);
        assert_eq!(times.retry_delay(9, 0), secs(480));
        assert_eq!(times.retry_delay(0, 255), SignedDuration::ZERO);
        assert_eq!(Times { jitter_percent: 0, ..times }.retry_delay(1, 7), secs(60));
    }

    #[test]
    fn unknown_orders_are_asked_for_after_1_5_15_minutes_then_doubling_to_a_day() {
        let minutes: Vec<i64> =
            (0..12).map(|n| Times::default().recheck(HoldReason::OrderUnknown, n).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 5, 15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]);
    }
}
