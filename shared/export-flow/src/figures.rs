//! Figures for people: what happened by the hour, and what goes wrong at a connection.

mod errors;

pub use errors::{ErrorLine, Errors};

use crate::flow::Flow;
use crate::ports::{Happening, hour_begins, hour_of};
use crate::refused::Refused;
use domain::{ConnectionId, FieldProblem, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Hours told at once.
pub const HOURS_MAX: i64 = 48;

/// How often something happened in an hour; `None` where the store does not count it.
pub type Count = Option<u64>;

/// One hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourLine {
    /// Its beginning.
    pub at: Timestamp,
    /// One count for each of [`Happening::ALL`].
    pub counts: [Count; Happening::ALL.len()],
}

/// The last hours, oldest first, the one that is not over yet last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastHours {
    /// Of all connections together.
    pub all: Vec<HourLine>,
    /// Of each at which something happened.
    pub connections: Vec<(ConnectionId, Vec<HourLine>)>,
    /// How long the message that has been due for longest has waited; `None` if nothing waits, or the queue cannot tell.
    pub queue_age: Option<SignedDuration>,
}

impl Flow {
    /// What happened in each of the last hours.
    ///
    /// # Errors
    /// [`Refused::Fields`] for more hours than are told; [`Refused::Ours`].
    pub async fn last_hours(&self, tenant: &TenantId, hours: i64) -> Result<LastHours, Refused> {
        if !(1..=HOURS_MAX).contains(&hours) {
            return Err(Refused::field(
                "hours",
                (FieldProblem::OutOfRange, format!("must be a number from 1 to {HOURS_MAX}")),
            ));
        }
        let last = hour_of(self.now());
        let first = last - hours + 1;
        let found = self.parts.ledger.hours(tenant, hour_begins(first)).await?;
        let none: Vec<HourLine> = (first..=last).map(|hour| empty(hour, &found.counted)).collect();
        let mut all = none.clone();
        let mut connections: BTreeMap<ConnectionId, Vec<HourLine>> = BTreeMap::new();
        for ((hour, id, what), n) in &found.counts {
            let lines = connections.entry(id.clone()).or_insert_with(|| none.clone());
            for lines in [&mut all, lines] {
                add(lines, hour_begins(*hour), *what, *n);
            }
        }
        let connections = connections.into_iter().collect();
        Ok(LastHours { all, connections, queue_age: self.parts.queue.age().await? })
    }
}

fn empty(hour: i64, counted: &[Happening]) -> HourLine {
    HourLine { at: hour_begins(hour), counts: Happening::ALL.map(|what| counted.contains(&what).then_some(0)) }
}

fn add(lines: &mut [HourLine], at: Timestamp, what: Happening, n: u64) {
    let line = lines.iter_mut().find(|line| line.at == at);
    let counts = line.into_iter().flat_map(|line| Happening::ALL.into_iter().zip(&mut line.counts));
    for (_, count) in counts.filter(|(of, _)| *of == what) {
        *count = count.map(|count| count + n);
    }
}
