//! Polling: asks a source what changed, page by page, and queues each line once per version.
//!
//! The window of every pass overlaps the one before, because clocks differ and a source may list late; what was queued
//! within the overlap is remembered and dropped. A page is remembered after its lines are in the queue: a crash in
//! between queues them again, and the engine finds nothing new in them.

use crate::hearing::Hearing;
use crate::sweep::line_message;
use connectors::{Account, Changed, DocumentPage, Mode, SourceSpec, Stop};
use domain::{Connection, ConnectionId, ConnectionState, Role, Step};
use export_flow::Flow;
use export_flow::ports::{Outgoing, PollState, PortError};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;
use std::sync::Arc;

/// Pages per turn; the next turn goes on where this one ended.
const PAGES_MAX: usize = 50;
/// Time per turn, after which no further page is asked for.
const TURN_TIME_MAX: SignedDuration = SignedDuration::from_secs(60);
/// Lines remembered at most, the newest.
const SEEN_MAX: usize = 5_000;
/// A source that asks us to slow down without saying for how long.
const SLOW_DOWN: SignedDuration = SignedDuration::from_secs(30);

/// Whether a connection is a source that may be called now.
pub(crate) fn may_be_asked(connection: &Connection) -> bool {
    connection.state == ConnectionState::Active && connection.role != Role::Channel
}

/// What one turn at one source has found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Polled {
    /// Lines queued.
    pub(crate) queued: usize,
    /// Whether webhooks had told of what changed; absent where nothing shows it.
    pub(crate) heard: Option<bool>,
}

/// One turn at one source.
pub(crate) async fn poll(flow: &Flow, id: &ConnectionId) -> Result<Polled, PortError> {
    let nothing = Polled::default();
    let Some(account) = flow.account(id).await? else { return Ok(nothing) };
    let Some(source) = account.spec.source.as_ref().filter(|source| source.lists_changes) else { return Ok(nothing) };
    let state = flow.parts().ledger.poll_state(id).await?;
    let now = flow.now();
    let waits = state.next_at.is_some_and(|at| at > now);
    if !may_be_asked(&account.connection) || waits {
        return Ok(nothing);
    }
    let started = *state.pass_started.as_ref().unwrap_or(&now);
    let hearing = Hearing::new(flow, &account, state.since);
    let mut turn = Turn { flow, account: Arc::clone(&account), source, state, started, began: now, hearing };
    Ok(Polled { queued: turn.run().await?, heard: turn.hearing.heard() })
}

struct Turn<'a> {
    flow: &'a Flow,
    account: Arc<Account>,
    source: &'a SourceSpec,
    state: PollState,
    /// Start of the pass, which may have been in an earlier turn.
    started: Timestamp,
    /// Start of this turn.
    began: Timestamp,
    hearing: Hearing,
}

impl Turn<'_> {
    async fn run(&mut self) -> Result<usize, PortError> {
        self.state.pass_started = Some(self.started);
        let since = self.since();
        let mut queued = 0;
        for _ in 0..PAGES_MAX {
            match self.page(since).await {
                Ok(page) => queued += self.take(page).await?,
                Err(stop) => {
                    self.stopped(&stop).await?;
                    return Ok(queued);
                }
            }
            let over = self.flow.now().duration_since(self.began) > TURN_TIME_MAX;
            if self.state.cursor.is_none() || over {
                break;
            }
        }
        self.flow.poll_answered(&self.account).await?;
        Ok(queued)
    }

    /// From where the pass asks: the end of the last one less the overlap, but never before the connection's own start.
    fn since(&self) -> Timestamp {
        let from = self.state.since.and_then(|since| since.checked_sub(self.source.poll_overlap).ok());
        from.map_or(self.account.since, |from| from.max(self.account.since))
    }

    async fn page(&self, since: Timestamp) -> Result<DocumentPage, Stop> {
        let session = self.flow.session(&self.account, Mode::Live, Step::Look);
        let cursor = self.state.cursor.as_deref();
        let connector = self.flow.parts().registry.get(&self.account.connection.connector);
        let (accounting, courier) = connector.map_or((None, None), |c| (c.accounting(), c.courier()));
        match (accounting, courier) {
            (Some(accounting), _) => accounting.changed(&session, since, cursor).await,
            (None, Some(courier)) => courier.changed(&session, since, cursor).await,
            (None, None) => Ok(DocumentPage::default()),
        }
    }

    /// Queues the new lines of a page, then remembers it.
    async fn take(&mut self, page: DocumentPage) -> Result<usize, PortError> {
        let now = self.flow.now();
        let seen: HashSet<&str> = self.state.seen.iter().map(String::as_str).collect();
        let mut fresh: Vec<Changed> = page.changed;
        fresh.retain(|line| !seen.contains(name(line).as_str()));
        self.hearing.look(self.flow, &self.account, &fresh).await?;
        let messages: Vec<Outgoing> = fresh
            .iter()
            .map(|line| line_message(&self.account, line.hint.clone(), self.flow.new_event(), now))
            .collect();
        let count = messages.len();
        if count > 0 {
            self.flow.parts().queue.send(messages).await?;
            tracing::info!(
                event = "source.polled",
                tenant = self.account.connection.tenant.as_str(),
                connection = self.account.connection.id.as_str(),
                role = self.account.connection.role.as_str(),
                connector = self.account.spec.id,
                count,
            );
        }
        // Only what the next pass can meet again needs to be remembered.
        let horizon = self.started.checked_sub(self.source.poll_overlap).unwrap_or(self.started);
        self.state.seen.extend(fresh.iter().filter(|line| line.version_at >= horizon).map(name));
        self.state.cursor = page.next;
        if self.state.cursor.is_none() {
            self.passed(horizon);
        }
        let too_many = self.state.seen.len().saturating_sub(SEEN_MAX);
        self.state.seen.drain(..too_many);
        self.flow.parts().ledger.put_poll_state(&self.account.connection.id, &self.state).await?;
        Ok(count)
    }

    fn passed(&mut self, horizon: Timestamp) {
        self.state.since = Some(self.started);
        self.state.pass_started = None;
        self.state.next_at = self.later(self.flow.times().capped(self.account.poll_every));
        self.state.seen.retain(|line| version_of(line).is_some_and(|version| version >= horizon));
    }

    /// The turn ended early. After a refusal the pass begins anew at its first page: the cursor may be what the source
    /// did not like. Else it goes on where it was.
    async fn stopped(&mut self, stop: &Stop) -> Result<(), PortError> {
        let refused = matches!(stop, Stop::Fail(failure) if !failure.outage);
        let wait = match stop {
            Stop::RateLimited { retry_after, .. } => retry_after.unwrap_or(SLOW_DOWN),
            _ => self.flow.times().capped(self.account.poll_every),
        };
        if refused || self.state.cursor.is_none() {
            self.state.cursor = None;
            self.state.pass_started = None;
        }
        self.state.next_at = self.later(wait);
        self.flow.parts().ledger.put_poll_state(&self.account.connection.id, &self.state).await?;
        self.flow.poll_stopped(&self.account, stop).await
    }

    fn later(&self, wait: SignedDuration) -> Option<Timestamp> {
        self.flow.now().checked_add(wait).ok()
    }
}

fn name(line: &Changed) -> String {
    format!("{}@{}", line.hint.subject.id, line.version_at)
}

fn version_of(name: &str) -> Option<Timestamp> {
    name.rsplit_once('@')?.1.parse().ok()
}
