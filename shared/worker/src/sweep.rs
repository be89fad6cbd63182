//! The scheduled pass: everything that must happen although nobody calls. Each part keeps only its own bookkeeping and
//! hands the work to the queue.

use crate::hearing::Hearings;
use crate::notices::Noticed;
use crate::poll;
use connectors::Account;
use domain::{Cause, Connection, ConnectionState, EventId, HoldReason, PauseReason, SourceHint, Subject, SubjectKind};
use export_flow::Flow;
use export_flow::connections::CHECK_SECS_MAX;
use export_flow::message::{ExportDue, Message, SourceEvent};
use export_flow::ports::{DueEntry, Outgoing, ParcelItem, PortError};
use export_flow::times::OVERDUE;
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Entries read at once.
const PAGE: usize = 200;
/// Pages per pass; what is left is found by the next one.
const PAGES_MAX: usize = 50;
/// Sources polled at once.
const POLLS_AT_ONCE: usize = 4;
/// However short the intervals chosen, an entry's own message gets this long before the sweep steps in.
const OVERDUE_MIN: SignedDuration = SignedDuration::from_secs(10);
/// A check in the midst of a pass takes no longer than one that a person asks for.
const CHECK_TIME_MAX: Duration = Duration::from_secs(CHECK_SECS_MAX.unsigned_abs());
/// A watched parcel whose connection cannot be read just now is looked at again after this.
const PARCEL_SOON: SignedDuration = SignedDuration::from_mins(1);
/// A watched parcel whose connection is gone or cannot be read is looked at again after this.
const PARCEL_LATER: SignedDuration = SignedDuration::from_hours(6);

/// What one pass has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Overdue exports queued.
    pub due: usize,
    /// Parcels asked for again.
    pub parcels: usize,
    /// Changed documents and parcels found by polling.
    pub polled: usize,
    /// Paused connections that a probe was due for.
    pub probes: usize,
    /// Notices sent.
    pub notices: usize,
    /// Jobs that had lost their message, and nightly ones whose time had come.
    pub jobs: usize,
}

/// The sweep. One per process. A pass has three parts: the chores, which ask our own store; the polls, which ask vendors
/// and may take as long as those like; and the notices, which ask receivers. No part ever runs twice at the same time.
pub struct Sweep {
    pub(crate) flow: Arc<Flow>,
    pub(crate) chores: Mutex<()>,
    pub(crate) polls: Mutex<()>,
    pub(crate) noticed: Mutex<Noticed>,
    hearings: Hearings,
}

impl Sweep {
    /// A sweep of everything the engine's store holds.
    #[must_use]
    pub fn new(flow: Arc<Flow>) -> Self {
        Self {
            flow,
            chores: Mutex::new(()),
            polls: Mutex::new(()),
            noticed: Mutex::default(),
            hearings: Hearings::default(),
        }
    }

    /// Passes now and after every `every`, until `shutdown` ends; a slow vendor delays only the polls. The first pass
    /// also takes what is only just due: the process before this one may have ended between a record and its message.
    pub async fn run_forever(&self, every: Duration, shutdown: impl Future<Output = ()> + Send) {
        let chores = async {
            tell(self.chores(SignedDuration::ZERO).await);
            loop {
                tokio::time::sleep(every).await;
                tell(self.chores(self.overdue()).await);
            }
        };
        let polls = async {
            loop {
                tell(self.polls().await);
                tokio::time::sleep(every).await;
            }
        };
        let notices = async {
            loop {
                tell(Tally { notices: self.notices().await, ..Tally::default() });
                tokio::time::sleep(every).await;
            }
        };
        tokio::select! {
            () = chores => {}
            () = polls => {}
            () = notices => {}
            () = shutdown => {}
        }
    }

    /// One whole pass: for a function that is called on a schedule.
    pub async fn pass(&self) -> Tally {
        let chores = Box::pin(self.chores(self.overdue())).await;
        let (polls, notices) = tokio::join!(Box::pin(self.polls()), Box::pin(self.notices()));
        let tally = Tally { polled: polls.polled, notices, ..chores };
        tell(tally);
        tally
    }

    fn overdue(&self) -> SignedDuration {
        self.flow.times().capped(OVERDUE).max(OVERDUE_MIN)
    }

    pub(crate) async fn chores(&self, overdue: SignedDuration) -> Tally {
        let Ok(_turn) = self.chores.try_lock() else { return Tally::default() };
        let due = told("due", self.due(overdue).await);
        let parcels = told("parcels", self.parcels().await);
        let connections = told("connections", self.flow.parts().ledger.all_connections().await);
        let probes = told("probes", self.probes(&connections, overdue).await);
        // Boxed: every pass holds this, and few passes have anything to try.
        Box::pin(self.pending_secrets(&connections)).await;
        let jobs = told("jobs", self.flow.revive_jobs().await) + self.nightly(&connections).await;
        Tally { due, parcels, probes, jobs, ..Tally::default() }
    }

    async fn polls(&self) -> Tally {
        let Ok(_turn) = self.polls.try_lock() else { return Tally::default() };
        let connections = told("connections", self.flow.parts().ledger.all_connections().await);
        let polls = connections.into_iter().filter(poll::may_be_asked).map(|connection| async move {
            let polled = poll::poll(&self.flow, &connection.id).await.unwrap_or_else(|error| {
                tracing::warn!(event = "sweep.poll_failed", connection = %connection.id, %error);
                poll::Polled::default()
            });
            told("webhook", self.hearings.watch(&self.flow, &connection.id, polled.heard).await);
            polled.queued
        });
        let counts: Vec<usize> = futures_util::stream::iter(polls).buffer_unordered(POLLS_AT_ONCE).collect().await;
        Tally { polled: counts.into_iter().sum(), ..Tally::default() }
    }

    /// Exports whose time has come and whose message has not: lost between record and queue, or due later than a queue
    /// can delay.
    async fn due(&self, overdue: SignedDuration) -> Result<usize, PortError> {
        let now = self.flow.now();
        let before = now.checked_sub(overdue).unwrap_or(now);
        let mut met = HashSet::new();
        let mut queued = 0;
        for _ in 0..PAGES_MAX {
            let page = self.flow.parts().ledger.due(before, PAGE).await?;
            let last = page.len() < PAGE;
            let fresh: Vec<DueEntry> = page.into_iter().filter(|entry| met.insert(entry.id.clone())).collect();
            if fresh.is_empty() {
                break;
            }
            queued += self.queue_due(fresh, now).await?;
            if last {
                break;
            }
        }
        Ok(queued)
    }

    /// The due time moves first, so that the next pass leaves an entry alone until it is overdue anew.
    async fn queue_due(&self, entries: Vec<DueEntry>, now: Timestamp) -> Result<usize, PortError> {
        let mut messages = vec![];
        for entry in entries {
            if self.flow.parts().ledger.postpone(&entry, now).await? {
                let due = ExportDue { export: entry.id, claim: entry.claim, alone: false, trace: None };
                messages.push(at_once(Message::ExportDueV1(due), entry.group));
            }
        }
        let count = messages.len();
        if count > 0 {
            self.flow.parts().queue.send(messages).await?;
        }
        Ok(count)
    }

    /// Parcels are asked for until their state is final; their next time is written first.
    async fn parcels(&self) -> Result<usize, PortError> {
        let now = self.flow.now();
        let mut queued = 0;
        for item in self.flow.parts().ledger.parcels_due(now, PAGE).await? {
            let account = match self.flow.account(&item.source).await {
                Ok(account) => account,
                Err(error) => {
                    tracing::warn!(event = "sweep.connection_unreadable", connection = %item.source, %error);
                    if !matches!(error, PortError::Damaged(_)) {
                        // It is our store's or keys' trouble and soon over; others are not kept waiting behind it.
                        let soon = ParcelItem { watch_at: now.checked_add(PARCEL_SOON).ok(), ..item };
                        if let Err(error) = self.flow.parts().ledger.merge_parcel(&soon).await {
                            tracing::warn!(event = "sweep.failed", part = "parcels", %error);
                        }
                        continue;
                    }
                    None
                }
            };
            let source = account.as_ref().and_then(|account| account.spec.source.as_ref());
            let every = source.map_or(PARCEL_LATER, |source| self.flow.times().capped(source.parcel_every));
            let next = ParcelItem { watch_at: now.checked_add(every).ok(), ..item };
            let item = self.flow.parts().ledger.merge_parcel(&next).await?;
            if account.is_some_and(|account| account.connection.is_usable()) {
                let message = self.parcel_message(&item, now);
                self.flow.parts().queue.send(vec![message]).await?;
                queued += 1;
            }
        }
        Ok(queued)
    }

    fn parcel_message(&self, item: &ParcelItem, at: Timestamp) -> Outgoing {
        let subject = Subject { kind: SubjectKind::Parcel, id: item.parcel.id.clone() };
        let event = SourceEvent {
            event: self.flow.new_event(),
            tenant: item.tenant.clone(),
            source: item.source.clone(),
            hint: SourceHint { subject, hints: item.hints.clone() },
            cause: Cause::Poll,
            target: None,
            at,
        };
        at_once(Message::SourceEventV1(event), item.source.clone())
    }

    /// Batch exports that a source's rule asks for every night.
    async fn nightly(&self, connections: &[Connection]) -> usize {
        let mut started = 0;
        for connection in connections {
            started += usize::from(told("nightly", self.flow.start_nightly(connection).await));
        }
        started
    }

    /// New secrets that wait are tried again when their time has come. A vendor that hangs holds up no other.
    async fn pending_secrets(&self, connections: &[Connection]) {
        let waiting = connections.iter().filter(|connection| connection.rotation.pending.is_some());
        let tries = waiting.cloned().collect::<Vec<_>>().into_iter().map(|connection| async move {
            // Begun only with a check: where there is none, nobody need have a clock.
            let deadline = async { tokio::time::sleep(CHECK_TIME_MAX).await };
            told("secrets", self.flow.retry_pending(&connection, deadline).await.map(drop));
        });
        futures_util::stream::iter(tries).buffer_unordered(POLLS_AT_ONCE).collect::<()>().await;
    }

    /// A connection paused for an outage is probed by what waits for it. If that message was lost, another one goes; if
    /// nothing waits, the connection itself is asked.
    async fn probes(&self, connections: &[Connection], overdue: SignedDuration) -> Result<usize, PortError> {
        let now = self.flow.now();
        let mut probes = 0;
        for connection in connections {
            let Some(pause) = connection.pause.as_ref().filter(|_| connection.state == ConnectionState::Paused) else {
                continue;
            };
            let due = pause.next_probe.unwrap_or(pause.since);
            if pause.reason != PauseReason::Outage || due > now {
                continue;
            }
            let ledger = &self.flow.parts().ledger;
            if ledger.waiting(&connection.id, HoldReason::ConnectionPaused, None, 1).await?.is_empty() {
                self.flow.probe_reach(&connection.id).await?;
                probes += 1;
            } else if due.checked_add(overdue).is_ok_and(|late| late < now) {
                let last = ledger.circuit(&connection.id).await?.last_probe;
                self.flow.wake_probe(&connection.id, last.as_ref(), SignedDuration::ZERO).await?;
                probes += 1;
            }
        }
        Ok(probes)
    }
}

fn tell(tally: Tally) {
    if tally != Tally::default() {
        tracing::info!(
            event = "sweep.passed",
            due = tally.due,
            parcels = tally.parcels,
            polled = tally.polled,
            probes = tally.probes,
            notices = tally.notices,
            jobs = tally.jobs
        );
    }
}

pub(crate) fn at_once(message: Message, group: domain::ConnectionId) -> Outgoing {
    Outgoing { message, group, delay: SignedDuration::ZERO }
}

/// A part that failed is told and done by the next pass; the other parts go on.
pub(crate) fn told<T: Default>(part: &str, result: Result<T, PortError>) -> T {
    result.unwrap_or_else(|error| {
        tracing::warn!(event = "sweep.failed", part, %error);
        T::default()
    })
}

/// What a polled line is queued as.
pub(crate) fn line_message(account: &Account, hint: SourceHint, event: EventId, at: Timestamp) -> Outgoing {
    let source = account.connection.id.clone();
    let event = SourceEvent {
        event,
        tenant: account.connection.tenant.clone(),
        source: source.clone(),
        hint,
        cause: Cause::Poll,
        target: None,
        at,
    };
    at_once(Message::SourceEventV1(event), source)
}
