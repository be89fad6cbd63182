//! All chance of a run, from one seed.

use std::sync::Arc;
use testkit::SeededEntropy;

/// Rolls that are the same for the same seed.
#[derive(Clone)]
pub(crate) struct Dice(Arc<SeededEntropy>);

impl Dice {
    /// Starts from a seed.
    #[must_use]
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// True this often of a thousand times.
    #[must_use]
    pub(crate) fn chance(&self, of_thousand: u64) -> bool {
        of_thousand > 0 && self.0.number() % 1000 < of_thousand
    }

    /// A number from `low` to `high`, both included.
    #[must_use]
    pub(crate) fn between(&self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.0.number() % span).unwrap_or(0)
    }

    /// An index below `count`.
    #[must_use]
    pub(crate) fn index(&self, count: usize) -> usize {
        usize::try_from(self.0.number() % u64::try_from(count.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the index is below the length")]
    pub(crate) fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.index(from.len())]
    }
}
