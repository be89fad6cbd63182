//! Putting notices into the outbox. The record is written first, the notice second, the message acknowledged last: a
//! message that comes again after a crash finds the record and puts the notice that is missing. A pause has no message
//! of its own; the sweep puts the notice of every pause that it finds untold.

use super::{Facts, Notice, TOLD_LATE_MAX};
use crate::flow::Flow;
use crate::ports::{PortError, group};
use domain::{Connection, ConnectionState, Export, NoticeKind, PauseReason, State};
use futures_util::future::{BoxFuture, ready};
use jiff::SignedDuration;

/// Dead letters of one code at one connection are told once within this time; the digest counts them all.
const SAME_CODE_QUIET: SignedDuration = SignedDuration::from_hours(24);

/// The notice of a pause that nobody ordered.
#[must_use]
pub fn of_pause(connection: &Connection) -> Option<Notice> {
    let pause = connection.pause.as_ref().filter(|_| connection.state == ConnectionState::Paused)?;
    if pause.reason == PauseReason::ByHand {
        return None;
    }
    let id = format!("pause:{}:{}", connection.id, pause.since.as_nanosecond());
    let facts = Facts {
        connection: Some(connection.id.clone()),
        pause: Some(pause.reason),
        code: connection.last_error.as_ref().map(|error| error.code),
        ..Facts::default()
    };
    Some(Notice::new(connection.tenant.clone(), id, NoticeKind::ConnectionPaused, pause.since, facts))
}

/// The notice of an export that wants a person.
fn of_export(export: &Export) -> Option<Notice> {
    let at = export.changed_at;
    let connection = group(&export.key);
    let facts = Facts {
        connection: Some(connection.clone()),
        export: Some(export.id.clone()),
        operation: Some(export.key.operation),
        subject: Some(export.numbers.first().cloned().unwrap_or_else(|| export.key.subject.id.clone())),
        order: export.order.as_ref().map(ToString::to_string),
        code: export.code,
        ..Facts::default()
    };
    let tenant = export.key.tenant.clone();
    match export.state {
        State::Uncertain => {
            let id = format!("uncertain:{}:{}", export.id, export.claim);
            Some(Notice::new(tenant, id, NoticeKind::Uncertain, at, facts))
        }
        State::Dead => {
            let code = export.code.map_or("", domain::Code::as_str);
            let id = format!("dead:{connection}:{code}");
            let notice = Notice::new(tenant, id, NoticeKind::DeadLetter, at, facts);
            Some(Notice { quiet_until: at.checked_add(SAME_CODE_QUIET).ok(), ..notice })
        }
        _ => None,
    }
}

impl Flow {
    /// Tells of a pause that was just written, or was found.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be written.
    pub async fn tell_pause(&self, connection: &Connection) -> Result<(), PortError> {
        self.tell_if_any(of_pause(connection)).await
    }

    /// Tells of an export that became uncertain or dead: whoever finds one so may call it.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be written.
    pub async fn tell_ended(&self, export: &Export) -> Result<(), PortError> {
        self.tell_if_any(of_export(export)).await
    }

    /// Boxed: the way of every export holds this, and few go it.
    fn tell_if_any(&self, notice: Option<Notice>) -> BoxFuture<'_, Result<(), PortError>> {
        match notice {
            Some(notice) => Box::pin(self.tell(notice)),
            None => Box::pin(ready(Ok(()))),
        }
    }

    /// Tells of something, unless that is long past; the same notice a second time is none.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be written.
    pub async fn tell(&self, notice: Notice) -> Result<(), PortError> {
        if self.now().duration_since(notice.at) > TOLD_LATE_MAX {
            return Ok(());
        }
        if self.parts.ledger.put_notice(&notice).await? {
            tracing::info!(
                event = "notice.raised",
                notice = notice.message_id(),
                tenant = notice.tenant.as_str(),
                kind = notice.kind.as_str(),
                connection = notice.facts.connection.as_ref().map(domain::ConnectionId::as_str),
                export = notice.facts.export.as_ref().map(domain::ExportId::as_str),
            );
        }
        Ok(())
    }
}
