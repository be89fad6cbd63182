//! Faults of our own store and queue, at a chosen call.

use export_flow::ports::PortError;
use std::sync::{Mutex, PoisonError};

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing has been done.
    Before,
    /// All has been done; only the answer is lost.
    After,
}

#[derive(Debug)]
struct Fault {
    call: &'static str,
    skip: usize,
    moment: Moment,
    error: PortError,
}

/// Faults to come, and the calls made so far.
#[derive(Debug, Default)]
pub struct Trouble {
    faults: Mutex<Vec<Fault>>,
    calls: Mutex<Vec<&'static str>>,
}

impl Trouble {
    /// The next call of this name fails (after `skip` that do not).
    pub fn strike(&self, call: &'static str, skip: usize, moment: Moment, error: PortError) {
        self.lock().push(Fault { call, skip, moment, error });
    }

    /// The next call of this name is throttled before it does anything.
    pub fn throttle(&self, call: &'static str) {
        self.strike(call, 0, Moment::Before, PortError::Throttled("on purpose".into()));
    }

    /// The next call of this name does its work and its answer is lost.
    pub fn lose_answer(&self, call: &'static str) {
        self.strike(call, 0, Moment::After, PortError::Unavailable("on purpose".into()));
    }

    /// Names of the calls made so far, in their order.
    #[must_use]
    pub fn calls(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does a call's work, unless a fault strikes.
    ///
    /// # Errors
    /// The fault that was asked for, or the work's own.
    pub(crate) fn around<T>(
        &self,
        call: &'static str,
        work: impl FnOnce() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        match self.next(call) {
            None => work(),
            Some(Fault { moment: Moment::Before, error, .. }) => Err(error),
            Some(Fault { moment: Moment::After, error, .. }) => work().and(Err(error)),
        }
    }

    fn next(&self, call: &'static str) -> Option<Fault> {
        let mut faults = self.lock();
        let index = faults.iter().position(|fault| fault.call == call)?;
        let fault = faults.get_mut(index)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        Some(faults.remove(index))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_once_at_its_call_before_or_after_the_work() {
        let trouble = Trouble::default();
        trouble.strike("claim", 1, Moment::Before, PortError::Throttled("x".into()));
        let mut done = 0;
        let mut call = |name| {
            trouble.around(name, || {
                done += 1;
                Ok(())
            })
        };
        assert!(call("finish").is_ok());
        assert!(call("claim").is_ok());
        assert!(call("claim").is_err());
        assert!(call("claim").is_ok());
        trouble.lose_answer("claim");
        assert!(call("claim").is_err());
        assert_eq!(done, 4);
        assert_eq!(trouble.calls(), ["finish", "claim", "claim", "claim", "claim"]);
    }
}
