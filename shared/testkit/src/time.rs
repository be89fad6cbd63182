//! Time and randomness in a test's hands.

use connectors::{Clock, Entropy};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// Stands at a time.
    #[must_use]
    pub fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }

    /// Stands at [`crate::samples::noon`].
    #[must_use]
    pub fn at_noon() -> Arc<Self> {
        Self::at(crate::samples::noon())
    }

    /// Moves on (or back, if negative) and says what time it is then.
    pub fn advance(&self, by: SignedDuration) -> Timestamp {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
        *now
    }

    /// Moves to a time.
    pub fn set(&self, to: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that look random and are the same for the same seed (`SplitMix64`).
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// Starts from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(seed)))
    }

    /// The next eight bytes as a number.
    pub fn number(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn bytes(&self) -> [u8; 16] {
        let (high, low) = (u128::from(self.number()), u128::from(self.number()));
        ((high << 64) | low).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_never_the_same_bytes_twice() {
        let (one, other, third) = (SeededEntropy::new(7), SeededEntropy::new(7), SeededEntropy::new(8));
        let first = one.bytes();
        assert_eq!(first, other.bytes());
        assert_ne!(first, third.bytes());
        assert_ne!(first, one.bytes());
    }

    #[test]
    fn time_moves_only_by_hand() {
        let clock = ManualClock::at_noon();
        assert_eq!(clock.now(), clock.now());
        let later = clock.advance(SignedDuration::from_secs(5));
        assert_eq!(clock.now(), later);
    }
}
