//! A stage that writes down every call and lets faults strike where they were told to.

use super::Fault;
use crate::practice::Kind;
use crate::staged::{Call, Fate, Nature, Stage};
use crate::{ManualClock, MemoryLedger};
use async_trait::async_trait;
use connectors::{Clock as _, Request};
use export_flow::ports::Ledger;
use futures_util::future::{self, Either};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// How old a glance may be.
const STALE: SignedDuration = SignedDuration::from_secs(3);

/// A fault at the n-th call, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    /// Which call.
    pub at: usize,
    /// What happens to it.
    pub fault: Fault,
}

#[derive(Default)]
struct Notes {
    calls: Vec<Call>,
    struck: Vec<(Strike, Call)>,
    /// The fault of the call that is on its way.
    present: Option<Fault>,
    dead: bool,
    /// The ledger before each write of the last seconds; kept only where a glance will be stale.
    earlier: Vec<(Timestamp, Arc<MemoryLedger>)>,
}

/// Counts the calls of all ports together.
pub struct Script {
    strikes: Vec<Strike>,
    ledger: Arc<MemoryLedger>,
    clock: Arc<ManualClock>,
    /// What every call to the outside takes.
    pace: SignedDuration,
    notes: Mutex<Notes>,
}

impl Script {
    /// A script whose calls to the outside take `pace` each.
    #[must_use]
    pub fn new(
        strikes: Vec<Strike>,
        ledger: Arc<MemoryLedger>,
        clock: Arc<ManualClock>,
        pace: SignedDuration,
    ) -> Arc<Self> {
        Arc::new(Self { strikes, ledger, clock, pace, notes: Mutex::default() })
    }

    /// Runs a process's work. `None`: the process died in it; the next one may begin at once.
    pub async fn alive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        // Asked after the work at every turn: a death that the work has met is seen in the same turn.
        let died = future::poll_fn(|_| if self.notes().dead { Poll::Ready(()) } else { Poll::Pending });
        let ended = match future::select(pin!(work), pin!(died)).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        };
        let mut notes = self.notes();
        notes.dead = false;
        notes.present = None;
        ended
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.notes().calls.clone()
    }

    /// What was struck.
    #[must_use]
    pub fn struck(&self) -> Vec<(Strike, Call)> {
        self.notes().struck.clone()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a call. The fault that strikes it, if one does; `Err` if the process is dead.
    fn note(&self, call: Call) -> Result<Option<Fault>, Dead> {
        let stale = |strike: &Strike| matches!(strike.fault, Fault::StaleByOne | Fault::StaleBySeconds);
        let mut notes = self.notes();
        if notes.dead {
            return Err(Dead);
        }
        if call.nature == Nature::Writes && call.port == "ledger" && self.strikes.iter().any(stale) {
            notes.earlier.push((self.clock.now(), Arc::new(self.ledger.copy())));
        }
        let at = notes.calls.len();
        notes.calls.push(call);
        let strike = self.strikes.iter().find(|strike| strike.at == at && strike.fault.strikes(&call)).copied();
        notes.struck.extend(strike.map(|strike| (strike, call)));
        notes.present = strike.map(|strike| strike.fault);
        notes.dead = notes.present == Some(Fault::CrashBefore);
        if notes.dead { Err(Dead) } else { Ok(notes.present) }
    }
}

/// Nothing of a dead process goes on.
struct Dead;

#[async_trait]
impl Stage for Script {
    async fn before(&self, call: Call) -> Fate {
        match self.note(call) {
            Ok(fault) => fault.map_or(Fate::Works, Fault::fate),
            Err(Dead) => future::pending().await,
        }
    }

    async fn after(&self, call: Call) {
        let dead = {
            let mut notes = self.notes();
            let present = notes.present.take();
            notes.dead |= matches!(present, Some(Fault::CrashAfter | Fault::CrashThenLate));
            let pace = if call.port == "http" { self.pace } else { SignedDuration::ZERO };
            self.clock.advance(present.map_or(SignedDuration::ZERO, |fault| fault.takes(&call)).max(pace));
            notes.dead
        };
        if dead {
            future::pending().await
        }
    }

    async fn outside(&self, call: Call, _request: &Request) -> Option<Kind> {
        match self.note(call) {
            Ok(fault) => fault.and_then(|fault| fault.kind(&call)),
            Err(Dead) => future::pending().await,
        }
    }

    fn earlier(&self) -> Option<Arc<dyn Ledger>> {
        let notes = self.notes();
        let now = self.clock.now();
        let young = |(at, _): &&(Timestamp, Arc<MemoryLedger>)| now.duration_since(*at) <= STALE;
        let chosen = match notes.present {
            Some(Fault::StaleBySeconds) => notes.earlier.iter().find(young),
            _ => notes.earlier.iter().rfind(young),
        };
        chosen.map(|(_, ledger)| Arc::clone(ledger) as Arc<dyn Ledger>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Staged, samples};
    use domain::{ConnectionId, TenantId};
    use export_flow::ports::Connections as _;

    fn stage(strikes: &[Strike]) -> (Arc<Script>, Arc<MemoryLedger>, Arc<Staged<dyn Ledger>>) {
        let ledger = Arc::new(MemoryLedger::default());
        let clock = ManualClock::at_noon();
        let script = Script::new(strikes.to_vec(), Arc::clone(&ledger), clock, SignedDuration::ZERO);
        let staged = Staged::<dyn Ledger>::new(ledger.clone(), script.clone());
        (script, ledger, staged)
    }

    async fn orders_seen(ledger: &dyn Ledger) -> usize {
        let reference = domain::OrderReference::new("100");
        ledger.glance(&TenantId::local(), &reference).await.unwrap().orders.len()
    }

    #[tokio::test]
    async fn a_crash_strikes_the_call_it_was_told_before_or_after_its_effect() {
        for (fault, there) in [(Fault::CrashBefore, 0), (Fault::CrashAfter, 1)] {
            let (script, ledger, staged) = stage(&[Strike { at: 1, fault }]);
            let order = samples::order(&samples::shop(), "100", samples::noon());
            let work = async {
                staged.connection(&ConnectionId::new("shop")).await.unwrap();
                staged.remember_order(&order).await.unwrap();
                staged.connection(&ConnectionId::new("shop")).await.unwrap();
            };
            assert!(script.alive(work).await.is_none());
            assert_eq!((script.calls().len(), script.struck().len()), (2, 1), "nothing of a dead process goes on");
            assert_eq!(orders_seen(ledger.as_ref()).await, there, "{fault:?}");
            assert!(script.alive(staged.remember_order(&order)).await.is_some(), "the next process works");
        }
    }

    #[tokio::test]
    async fn a_stale_glance_misses_the_last_write() {
        let (script, _, staged) = stage(&[Strike { at: 1, fault: Fault::StaleByOne }]);
        staged.remember_order(&samples::order(&samples::shop(), "100", samples::noon())).await.unwrap();
        assert_eq!(orders_seen(staged.as_ref()).await, 0);
        assert_eq!(orders_seen(staged.as_ref()).await, 1);
        assert_eq!(script.struck().len(), 1);
    }
}
