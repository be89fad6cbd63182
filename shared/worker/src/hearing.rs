//! Whether a source's webhooks arrive. A change that a webhook told of is known by the time a poll lists it; a source all
//! of whose changes are news to the poll, again and again, does not call us.

use connectors::{Account, Changed};
use domain::{ConnectionId, Role};
use export_flow::Flow;
use export_flow::ports::PortError;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A webhook has told of a change, and the work on it has read the source, when this has passed; where polls come
/// quickly, half of their interval, or every change would be found too young to show anything.
const HEARD_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// Changes looked up per turn: one that was told of is enough.
const SAMPLES: usize = 5;
/// Turns in a row that found changes which no webhook had told of.
const UNHEARD_MAX: u32 = 5;
/// A vendor that can be asked for our webhook is asked so often.
const ASK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What one turn shows about webhooks.
pub(crate) struct Hearing {
    /// Only changes between these times show something: before, polling had not begun; after, a webhook may be under way.
    from: Option<Timestamp>,
    until: Timestamp,
    looked: usize,
    known: bool,
}

impl Hearing {
    pub(crate) fn new(flow: &Flow, account: &Account, since: Option<Timestamp>) -> Self {
        let within = HEARD_WITHIN.min(flow.times().capped(account.poll_every) / 2);
        let until = flow.now().checked_sub(within).unwrap_or(Timestamp::MIN);
        Self { from: since.filter(|_| account.spec.webhook.is_some()), until, looked: 0, known: false }
    }

    /// Looks some of a page's lines up before they are queued.
    pub(crate) async fn look(&mut self, flow: &Flow, account: &Account, lines: &[Changed]) -> Result<(), PortError> {
        let Some(from) = self.from else { return Ok(()) };
        for line in lines.iter().filter(|line| line.version_at >= from && line.version_at <= self.until) {
            if self.known || self.looked >= SAMPLES {
                break;
            }
            self.looked += 1;
            self.known =
                known_version(flow, account, &line.hint.subject.id).await?.is_some_and(|v| v >= line.version_at);
        }
        Ok(())
    }

    pub(crate) fn heard(&self) -> Option<bool> {
        (self.looked > 0).then_some(self.known)
    }
}

async fn known_version(flow: &Flow, account: &Account, id: &str) -> Result<Option<Timestamp>, PortError> {
    let (ledger, connection) = (&flow.parts().ledger, &account.connection);
    Ok(match connection.role {
        Role::Courier => {
            ledger.parcel(&connection.tenant, &connection.id, id).await?.map(|parcel| parcel.parcel.version_at)
        }
        _ => ledger.document(&connection.tenant, &connection.id, id).await?.map(|document| document.version_at),
    })
}

#[derive(Default)]
struct Line {
    unheard: u32,
    ask_at: Option<Timestamp>,
}

/// What this process knows of each source; a new one begins anew.
#[derive(Default)]
pub(crate) struct Hearings(Mutex<HashMap<ConnectionId, Line>>);

impl Hearings {
    /// After a turn: tells of silence, and asks the vendor when it is time.
    pub(crate) async fn watch(&self, flow: &Flow, id: &ConnectionId, heard: Option<bool>) -> Result<(), PortError> {
        let Some(account) = flow.account(id).await?.filter(|account| account.connection.is_usable()) else {
            return Ok(());
        };
        if self.is_silent(id, heard) {
            flow.tell_silent(&account).await?;
        }
        if self.is_time(id, flow) {
            flow.watch_subscription(&account).await?;
        }
        Ok(())
    }

    fn is_silent(&self, id: &ConnectionId, heard: Option<bool>) -> bool {
        let mut lines = self.lock();
        let line = lines.entry(id.clone()).or_default();
        match heard {
            None => return false,
            Some(true) => line.unheard = 0,
            Some(false) => line.unheard += 1,
        }
        line.unheard >= UNHEARD_MAX
    }

    fn is_time(&self, id: &ConnectionId, flow: &Flow) -> bool {
        let (mut lines, now) = (self.lock(), flow.now());
        let line = lines.entry(id.clone()).or_default();
        let due = line.ask_at.is_none_or(|at| at <= now);
        if due {
            line.ask_at = now.checked_add(flow.times().capped(ASK_EVERY)).ok();
        }
        due
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
