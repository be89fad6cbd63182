//! What the log is told: one wide line per outcome, and the trace that the lines of one message's work have in common.
//!
//! Counts and measures are made from these lines by whoever listens, so a field's name or meaning changes only together
//! with its listeners. They hold ids and words, nothing that a vendor or a person wrote.

use crate::flow::Flow;
use crate::ports::{PortError, reason};
use crate::record::Outcome;
use domain::{Cause, ConnectionId, EventId, Export, State, Step};
use jiff::Timestamp;
use tracing::Instrument as _;

/// The work on one message.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// The arrival it goes back to; where that is not known, an id of its own.
    pub(crate) trace: EventId,
    /// When it began.
    pub(crate) began: Timestamp,
}

impl Work {
    /// Around everything that is done for the message. At the highest level, so that no filter that lets a line through
    /// takes its trace from it.
    pub(crate) fn span(&self) -> tracing::Span {
        tracing::error_span!("work", trace = self.trace.as_str())
    }
}

/// What of an outcome the record does not keep in one place.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// Where the fault lies, at what step, and the status there.
    failed: Option<(ConnectionId, Step, Option<u16>)>,
    unchanged: bool,
}

impl Turn {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let failed = match outcome {
            Outcome::Failed(at, attempt) => Some((at.clone(), attempt.step, attempt.status)),
            _ => None,
        };
        Self { failed, unchanged: matches!(outcome, Outcome::Unchanged(_)) }
    }
}

impl Flow {
    /// The one line about how a run ended, once that is written.
    pub(crate) fn tell_recorded(&self, export: &Export, work: &Work, turn: &Turn) {
        let now = self.now();
        let key = &export.key;
        let source_connector = self.accounts.connector_of(&key.source);
        let target_connector = key.target.as_ref().and_then(|target| self.accounts.connector_of(target));
        let failed = turn.failed.as_ref();
        // A later revision is not late: its time would be counted from the first one's.
        let proof = export
            .receipt
            .as_ref()
            .filter(|_| export.state == State::Delivered && export.revision_number <= 1 && !turn.unchanged);
        tracing::info!(
            event = "export.recorded",
            export = export.id.as_str(),
            tenant = key.tenant.as_str(),
            source = key.source.as_str(),
            target = key.target.as_ref().map(ConnectionId::as_str),
            source_connector,
            connector = target_connector.or(source_connector.filter(|_| key.target.is_none())),
            operation = key.operation.as_str(),
            order = export.order.as_ref().map(|order| order.as_str()),
            state = export.state.as_str(),
            unchanged = turn.unchanged.then_some(true),
            code = export.code.map(|code| code.as_str()),
            reason = reason(export),
            failed_at = failed.map(|(at, ..)| at.as_str()),
            failed_connector = failed.and_then(|(at, ..)| self.accounts.connector_of(at)),
            step = failed.map(|(_, step, _)| step.as_str()),
            status = failed.and_then(|(.., status)| *status),
            attempts = export.attempts,
            claim = export.claim,
            revision = export.revision_number,
            duplicates = export.shared.duplicates,
            in_doubt = export.in_doubt.is_some(),
            ms = millis(work.began, now),
            age_ms = millis(export.created_at, now),
            to_target_ms = proof.map(|proof| millis(export.created_at, proof.at)),
        );
    }

    /// The same line about a record that was made dead because the work on its message never ended; and its notice.
    ///
    /// # Errors
    /// [`PortError`] if the notice cannot be written.
    pub async fn tell_buried(&self, export: &Export, trace: Option<&EventId>) -> Result<(), PortError> {
        if let Err(error) = self.account(&export.key.source).await {
            tracing::debug!(event = "export.source_unreadable", connection = export.key.source.as_str(), %error);
        }
        let work = Work { trace: trace.cloned().unwrap_or_else(|| self.new_event()), began: self.now() };
        let span = work.span();
        span.in_scope(|| self.tell_recorded(export, &work, &Turn::default()));
        self.tell_ended(export).instrument(span).await
    }

    /// An arrival that changed nothing.
    pub(crate) fn tell_duplicate(&self, export: &Export, cause: Cause) {
        tracing::info!(
            event = "arrival.duplicate",
            export = export.id.as_str(),
            tenant = export.key.tenant.as_str(),
            source = export.key.source.as_str(),
            source_connector = self.accounts.connector_of(&export.key.source),
            operation = export.key.operation.as_str(),
            state = export.state.as_str(),
            cause = cause.as_str(),
        );
    }
}

/// Clocks of different machines differ: never less than nothing.
fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
