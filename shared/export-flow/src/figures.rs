//! Figures for people: what happened by the hour, and what goes wrong at a connection.

mod errors;

pub use errors::{ErrorLine, Errors};

use crate::flow::Flow;
use crate::ports::{Happening, Hours, hour_begins, hour_of};
use crate::refused::Refused;
use domain::{ConnectionId, TenantId};
use jiff::{SignedDuration, Timestamp};

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
            return Err(Refused::field("hours", format!("must be a number from 1 to {HOURS_MAX}")));
        }
        let last = hour_of(self.now());
        let span = last - hours + 1..=last;
        let found = self.parts.ledger.hours(tenant, hour_begins(*span.start())).await?;
        let lines = |of: Option<&ConnectionId>| span.clone().map(|hour| line(&found, hour, of)).collect();
        let mut ids: Vec<&ConnectionId> = found.counts.keys().map(|(_, id, _)| id).collect();
        ids.sort();
        ids.dedup();
        Ok(LastHours {
            all: lines(None),
            connections: ids.into_iter().map(|id| (id.clone(), lines(Some(id)))).collect(),
            queue_age: self.parts.queue.age().await?,
        })
    }
}

fn line(found: &Hours, hour: i64, of: Option<&ConnectionId>) -> HourLine {
    let counts = Happening::ALL.map(|what| {
        let here = found
            .counts
            .iter()
            .filter(|((at, id, of_what), _)| *at == hour && *of_what == what && of.is_none_or(|of| of == id));
        found.counted.contains(&what).then(|| here.map(|(_, n)| n).sum())
    });
    HourLine { at: hour_begins(hour), counts }
}
