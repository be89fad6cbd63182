//! The net beneath the queue: what cannot be read or breaks the program again and again becomes a visible dead letter
//! before it is taken from the queue.

use domain::{
    Attempt, Cause, Code, ConnectionId, EventId, Export, ExportKey, Said, State, Step, Subject, SubjectKind, TenantId,
    remark,
};
use export_flow::claim::{Claim, Claimed, Refusal, Trigger};
use export_flow::message::{Message, SourceEvent};
use export_flow::ports::{DeadCopy, ExportQuery, Guard, Incoming, PortError};
use export_flow::times::{LEASE, RECEIVES_MAX};
use export_flow::{Flow, Verdict};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// A message that broke the program so often, and left no record that carries it on, is buried.
const CRASHES_MAX: u32 = 3;
/// Our own store failed: try again soon.
const SOON: SignedDuration = SignedDuration::from_secs(5);

/// What becomes of a message that broke the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A record carries it on, or shows it dead: the message may go.
    Kept,
    /// It is tried again.
    ComesAgain,
}

/// Characters of a message's name that go into the id of what shows it: a receipt may be longer than an id can be.
const NAME_CHARS: usize = 40;

/// A message whose body cannot be read: shown as a dead look of its source, never just dropped.
pub(crate) async fn unreadable(flow: &Flow, incoming: &Incoming) -> Verdict {
    match bury_unreadable(flow, &incoming.group, &incoming.receipt).await {
        Ok(()) => Verdict::Done,
        Err(error) => {
            tracing::error!(event = "worker.bury_failed", %error);
            Verdict::GiveBack(SOON)
        }
    }
}

pub(crate) async fn bury_unreadable(flow: &Flow, group: &ConnectionId, name: &str) -> Result<(), PortError> {
    let tenant = tenant_of(flow, group).await?;
    // Receipts differ in their ends.
    let end: String = name.chars().skip(name.chars().count().saturating_sub(NAME_CHARS)).collect();
    let subject = Subject { kind: SubjectKind::Document, id: format!("unreadable-message-{end}") };
    let key = ExportKey::look(tenant, group.clone(), subject);
    bury(flow, key, remark::message_unreadable(), None).await
}

/// A message whose handling ended the program, or panicked, for the `receives`-th time at most.
pub(crate) async fn crashed(flow: &Flow, message: &Message, receives: u32) -> Outcome {
    let caught = match message {
        Message::SourceEventV1(event)
        | Message::HandedOnV1 { news: event, .. }
        | Message::BatchLineV1 { news: event, .. }
            if receives >= CRASHES_MAX =>
        {
            event_crashed(flow, event).await
        }
        // Nothing else would tell that it does not come on.
        Message::JobV1 { job } if receives > RECEIVES_MAX => flow.fail_job(job).await.map(|()| Outcome::Kept),
        // Its record counts claims without an outcome, and the sparse index brings it back.
        Message::ExportDueV1(_) | Message::ReleaseV1(_) if receives > RECEIVES_MAX => {
            tracing::error!(event = "worker.dropped", ?message, "the records it was about carry on by themselves");
            Ok(Outcome::Kept)
        }
        _ => Ok(Outcome::ComesAgain),
    };
    caught.unwrap_or_else(|error| {
        tracing::error!(event = "worker.bury_failed", %error);
        Outcome::ComesAgain
    })
}

async fn event_crashed(flow: &Flow, event: &SourceEvent) -> Result<Outcome, PortError> {
    let query = ExportQuery {
        connection: Some(event.source.clone()),
        document: Some(event.hint.subject.id.clone()),
        ..ExportQuery::default()
    };
    let known = flow.parts().ledger.exports(&event.tenant, &query, 1, None).await?;
    if known.items.is_empty() {
        let key = ExportKey::look(event.tenant.clone(), event.source.clone(), event.hint.subject.clone());
        bury(flow, key, remark::work_crashed(), Some(&event.event)).await?;
    } else {
        // What an earlier run had claimed goes on by itself.
        flow.pick_up(event).await?;
    }
    Ok(Outcome::Kept)
}

async fn tenant_of(flow: &Flow, group: &ConnectionId) -> Result<TenantId, PortError> {
    let connection = flow.parts().ledger.connection(group).await?;
    Ok(connection.map_or_else(TenantId::local, |connection| connection.tenant))
}

/// Makes a dead record with one line of log, and its copy in the dead-letter queue. Where there is a record already,
/// that one tells; if it is dead, its copy may not have been sent yet.
pub(crate) async fn bury(flow: &Flow, key: ExportKey, said: Said, trace: Option<&EventId>) -> Result<(), PortError> {
    let (ledger, now) = (&flow.parts().ledger, flow.now());
    let claim = Claim {
        key,
        run: flow.new_run(),
        now,
        lease_until: now.checked_add(LEASE).unwrap_or(now),
        trigger: Trigger::Event { event: flow.new_event(), cause: Cause::Release, goes: true },
        revision: None,
        alone: true,
        writes: false,
        order: None,
        numbers: vec![],
        hints: BTreeMap::new(),
    };
    let export = match ledger.claim(&claim).await? {
        Claimed::Won { export, .. } => export,
        // A burial that was begun and not ended holds it until its lease runs out; then it is done anew.
        Claimed::Refused { refusal: Refusal::Busy, .. } => {
            return Err(PortError::Unavailable("its record is being worked on".into()));
        }
        Claimed::Refused { old, .. } => {
            let Some(dead) = old.filter(|old| old.state == State::Dead) else { return Ok(()) };
            return show(flow, *dead).await;
        }
    };
    let guard = Guard { id: export.id.clone(), claim: export.claim, run: claim.run };
    let mut dead: Export = *export;
    dead.state = State::Dead;
    dead.code = Some(Code::Crashed);
    dead.due_at = None;
    dead.lease_until = None;
    dead.attempts += 1;
    let (message, remark) = said.into_parts();
    dead.log_attempt(Attempt { at: now, step: Step::Look, status: None, code: Code::Crashed, message, remark });
    dead.changed_at = now;
    if let Some(export) = ledger.finish(&guard, &dead).await? {
        flow.tell_buried(&export, trace).await?;
        flow.parts().queue.bury(&DeadCopy { export, at: now }).await?;
    }
    Ok(())
}

/// A dead record's copy in the dead-letter queue, and its notice: each once, whoever asks.
pub(crate) async fn show(flow: &Flow, dead: Export) -> Result<(), PortError> {
    flow.parts().queue.bury(&DeadCopy { export: dead.clone(), at: flow.now() }).await?;
    flow.tell_ended(&dead).await
}
