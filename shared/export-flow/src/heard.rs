//! What a source has told of itself: the last events that its webhooks brought, and what became of them. Noted by whoever
//! works on them, never by the webhook functions, and of the event only what it was about: what became of it is asked of the
//! records when somebody looks.

use crate::flow::Flow;
use crate::message::Message;
use crate::ports::PortError;
use crate::refused::Refused;
use async_trait::async_trait;
use domain::{Cause, Connection, ConnectionId, Export, Subject, TenantId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events shown of a source.
pub const SHOWN_MAX: usize = 50;

/// An event that was worked on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Heard {
    /// Whose.
    pub tenant: TenantId,
    /// Where it came from.
    pub source: ConnectionId,
    /// When it was received.
    pub at: Timestamp,
    /// What it was about.
    pub subject: Subject,
}

/// Events, and how far back the store looked for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardPage {
    /// Newest first, each once.
    pub items: Vec<Heard>,
    /// Since when none is missing but those that were crowded out; absent if it looked at all there is.
    pub since: Option<Timestamp>,
}

/// Where events are noted.
#[async_trait]
pub trait HeardStore: Send + Sync {
    /// Notes an event. It may be written later, together with others; a crash before that loses it, and nothing else.
    async fn note_heard(&self, heard: &Heard) -> Result<(), PortError>;
    /// The last events of a source that were received by a time; to the millisecond.
    async fn heard(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        by: Timestamp,
        limit: usize,
    ) -> Result<HeardPage, PortError>;
}

/// How often webhook calls were refused, and when last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCalls {
    /// The code that they were answered with.
    pub reason: &'static str,
    /// How often since the program started.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// Counts of refused webhook calls of this process, by connection and reason. There are as many at most as there are
/// connections and reasons: calls for an id that no connection has are not counted, and nothing that a call says is kept.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Counts>);

/// How often and when last, by connection and reason.
type Counts = BTreeMap<(ConnectionId, &'static str), (u64, Timestamp)>;

impl Refusals {
    /// One more was refused. Whoever counts has seen that the connection is there.
    pub fn count(&self, connection: &Connection, reason: &'static str, now: Timestamp) {
        let mut counts = self.lock();
        let (count, last_at) = counts.entry((connection.id.clone(), reason)).or_insert((0, now));
        *count = count.saturating_add(1);
        *last_at = now.max(*last_at);
    }

    /// Those of a connection.
    #[must_use]
    pub fn of(&self, id: &ConnectionId) -> Vec<RefusedCalls> {
        let counts = self.lock();
        let of_it = counts.iter().filter(|((connection, _), _)| connection == id);
        of_it.map(|((_, reason), (count, last_at))| RefusedCalls { reason, count: *count, last_at: *last_at }).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The event.
    pub heard: Heard,
    /// The records of its subject as they are now, of whatever arrival.
    pub exports: Vec<Export>,
}

/// What has been called of a source's webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// The last events that were accepted, newest first.
    pub accepted: Vec<Heard>,
    /// How far back was looked.
    pub since: Option<Timestamp>,
    /// What was refused; `None` where each call meets another process, and the log and its metrics know.
    pub refused: Option<Vec<RefusedCalls>>,
}

/// What a source has told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    /// Of which connection.
    pub connection: Connection,
    /// The last events that were accepted, newest first.
    pub accepted: Vec<Shown>,
    /// How far back was looked.
    pub since: Option<Timestamp>,
    /// What was refused; `None` where each call meets another process, and the log and its metrics know.
    pub refused: Option<Vec<RefusedCalls>>,
}

impl Flow {
    /// Notes what a message told, once it has been worked on. That it could not be noted is no reason to work on it again.
    pub(crate) async fn note_heard(&self, message: &Message) {
        // Handed on, it is worked on later.
        let Some(news) = message.news().filter(|news| news.cause == Cause::Webhook) else { return };
        let heard = Heard {
            tenant: news.tenant.clone(),
            source: news.source.clone(),
            at: news.at,
            subject: news.hint.subject.clone(),
        };
        if let Err(error) = self.parts.ledger.note_heard(&heard).await {
            tracing::warn!(event = "event.not_noted", %error);
        }
    }

    /// The last events of a connection, with what became of them.
    ///
    /// # Errors
    /// [`Refused::Unknown`] for a connection there is not, [`Refused::Ours`].
    pub async fn events(&self, tenant: &TenantId, id: &str) -> Result<Events, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        let ledger = &self.parts.ledger;
        let Calls { accepted, since, refused } = self.calls(&connection).await?;
        let mut ids: Vec<String> = accepted.iter().map(|heard| heard.subject.id.clone()).collect();
        ids.sort();
        ids.dedup();
        let exports = if ids.is_empty() { vec![] } else { ledger.exports_of(tenant, &connection.id, &ids).await? };
        let accepted = accepted.into_iter().map(|heard| {
            let of_it = exports.iter().filter(|export| export.key.subject.id == heard.subject.id);
            Shown { exports: of_it.cloned().collect(), heard }
        });
        Ok(Events { accepted: accepted.collect(), since, refused, connection })
    }

    /// The last calls of a connection's webhook, without what became of them.
    ///
    /// # Errors
    /// [`PortError`] if they cannot be read.
    pub async fn calls(&self, connection: &Connection) -> Result<Calls, PortError> {
        let page = self.parts.ledger.heard(&connection.tenant, &connection.id, self.now(), SHOWN_MAX).await?;
        let refused = self.refusals.as_ref().map(|refusals| refusals.of(&connection.id));
        Ok(Calls { accepted: page.items, since: page.since, refused })
    }
}
