//! Draining the net: what a queue moved to its dead-letter queue because it was received too often, and copies of
//! exports that are no longer dead. What the record carries on by itself is removed, what it does not is put back to
//! work, and what no record knows becomes one. Only copies of dead exports stay.

use crate::net;
use domain::{Export, ExportId, ExportKey, State, remark};
use export_flow::Flow;
use export_flow::message::{ExportDue, Message, SourceEvent};
use export_flow::ports::{Caught, ExportQuery, Lying, Net, Outgoing, PortError, group};
use export_flow::times::QUEUE_DELAY_MAX;
use jiff::SignedDuration;

/// Things looked at in one pass; what is left is found by the next one.
pub const CAUGHT_MAX: usize = 200;
/// Exports of one source object that an event may be about.
const EXPORTS_MAX: usize = 100;
/// A job is taken up again while it is younger than this. One that always breaks the program ends then.
const JOB_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What a pass did with what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drained {
    /// Put back to work, alone.
    pub again: usize,
    /// Made into a dead record, or found to be one whose copy was missing.
    pub buried: usize,
    /// Removed: a record carries it on.
    pub removed: usize,
    /// Left where it is.
    pub left: usize,
}

/// What becomes of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Again,
    Buried,
    Removed,
    Left,
}

/// One pass. A thing that cannot be dealt with stays, and the others go on; each is removed only when what takes its
/// place has been written.
///
/// # Errors
/// [`PortError`] if the net cannot be looked into, or what was dealt with cannot be answered: it is then found again.
pub async fn drain(flow: &Flow, net: &dyn Net, max: usize) -> Result<Drained, PortError> {
    let mut drained = Drained::default();
    let (mut gone, mut left) = (vec![], vec![]);
    for caught in net.caught(max).await? {
        let fate = fate(flow, &caught).await.unwrap_or_else(|error| {
            tracing::warn!(event = "drain.failed", name = caught.name, group = %caught.group, %error);
            Fate::Left
        });
        match fate {
            Fate::Again => drained.again += 1,
            Fate::Buried => drained.buried += 1,
            Fate::Removed => drained.removed += 1,
            Fate::Left => drained.left += 1,
        }
        if fate == Fate::Left { left.push(caught.receipt) } else { gone.push(caught.receipt) }
    }
    // Seen again first: an alarm looks at what lies there.
    let seen = if left.is_empty() { Ok(()) } else { net.leave(&left).await };
    if !gone.is_empty() {
        net.discard(&gone).await?;
    }
    if drained.again + drained.buried + drained.removed > 0 {
        let Drained { again, buried, removed, left } = drained;
        tracing::info!(event = "drain.passed", again, buried, removed, left);
    }
    seen.map(|()| drained)
}

async fn fate(flow: &Flow, caught: &Caught) -> Result<Fate, PortError> {
    match &caught.what {
        Lying::Copy(id) => copy(flow, caught, id).await,
        Lying::Message(Message::ExportDueV1(due)) => due_again(flow, caught, &due.export).await,
        Lying::Message(
            Message::SourceEventV1(event)
            | Message::HandedOnV1 { news: event, .. }
            | Message::BatchLineV1 { news: event, .. },
        ) => event_again(flow, event).await,
        Lying::Message(Message::JobV1 { job }) => job_again(flow, caught, job).await,
        Lying::Message(Message::ReleaseV1(_)) => {
            // What waits has a time of its own at which it is looked at again.
            tracing::warn!(event = "drain.release_removed", group = %caught.group);
            Ok(Fate::Removed)
        }
        // A later version of this program knows what to do with it.
        Lying::Message(Message::Later) => Ok(Fate::Left),
        Lying::Unreadable => unreadable(flow, caught).await,
    }
}

async fn unreadable(flow: &Flow, caught: &Caught) -> Result<Fate, PortError> {
    net::bury_unreadable(flow, &caught.group, &caught.name).await?;
    Ok(Fate::Buried)
}

/// A copy is the shadow of a dead record, and goes with its death.
async fn copy(flow: &Flow, caught: &Caught, id: &ExportId) -> Result<Fate, PortError> {
    match flow.parts().ledger.export(id).await? {
        Some(export) if export.state == State::Dead => Ok(Fate::Left),
        Some(_) => Ok(Fate::Removed),
        None => unknown(flow, caught, id).await,
    }
}

async fn due_again(flow: &Flow, caught: &Caught, id: &ExportId) -> Result<Fate, PortError> {
    match flow.parts().ledger.export(id).await? {
        Some(export) => carried_on(flow, export).await,
        None => unknown(flow, caught, id).await,
    }
}

/// No record: one is made, so that a person sees it.
async fn unknown(flow: &Flow, caught: &Caught, id: &ExportId) -> Result<Fate, PortError> {
    let Ok(key) = ExportKey::decode(id) else { return unreadable(flow, caught).await };
    net::bury(flow, key, remark::given_up(), None).await?;
    Ok(Fate::Buried)
}

/// An event may be about several exports, or about a look; each goes its own way. News that none of them knows yet is
/// found by the next poll of the source.
async fn event_again(flow: &Flow, event: &SourceEvent) -> Result<Fate, PortError> {
    let ledger = &flow.parts().ledger;
    let look = ExportKey::look(event.tenant.clone(), event.source.clone(), event.hint.subject.clone());
    let query = ExportQuery {
        connection: Some(event.source.clone()),
        document: Some(event.hint.subject.id.clone()),
        ..ExportQuery::default()
    };
    let mut known = ledger.exports(&event.tenant, &query, EXPORTS_MAX, None).await?.items;
    known.retain(|export| export.key.source == event.source && export.id != look.id());
    known.extend(ledger.export(&look.id()).await?);
    if known.is_empty() {
        net::bury(flow, look, remark::given_up_early(), Some(&event.event)).await?;
        return Ok(Fate::Buried);
    }
    let mut fates = vec![];
    for export in known {
        fates.push(carried_on(flow, export).await?);
    }
    // The event is one thing: it stays if any of them needs it to, and tells of the most that was done.
    let most = [Fate::Left, Fate::Again, Fate::Buried].into_iter().find(|fate| fates.contains(fate));
    Ok(most.unwrap_or(Fate::Removed))
}

/// What a record says becomes of a message about it.
async fn carried_on(flow: &Flow, export: Export) -> Result<Fate, PortError> {
    let now = flow.now();
    match export.state {
        State::Sending if export.lease_until.is_some_and(|until| until > now) => Ok(Fate::Left),
        State::Sending | State::Retrying => {
            let wait = export.due_at.map_or(SignedDuration::ZERO, |due| due.duration_since(now));
            let group = group(&export.key).clone();
            let due = ExportDue { export: export.id, claim: export.claim, alone: true, trace: None };
            send(flow, Message::ExportDueV1(due), group, wait.clamp(SignedDuration::ZERO, QUEUE_DELAY_MAX)).await?;
            Ok(Fate::Again)
        }
        State::Dead => {
            // Its copy is what shows it; sent once per claim, whoever asks.
            net::show(flow, export).await?;
            Ok(Fate::Buried)
        }
        State::Accepted
        | State::Delivered
        | State::Held
        | State::Expired
        | State::Uncertain
        | State::Skipped
        | State::Planned => Ok(Fate::Removed),
    }
}

/// A job has no other way on than its message.
async fn job_again(flow: &Flow, caught: &Caught, id: &domain::JobId) -> Result<Fate, PortError> {
    let Some(job) = flow.parts().ledger.job(id).await?.filter(|job| job.state == "running") else {
        return Ok(Fate::Removed);
    };
    if flow.now().duration_since(job.created_at) < JOB_MAX {
        send(flow, Message::JobV1 { job: id.clone() }, caught.group.clone(), SignedDuration::ZERO).await?;
        return Ok(Fate::Again);
    }
    flow.fail_job(id).await?;
    Ok(Fate::Removed)
}

async fn send(
    flow: &Flow,
    message: Message,
    group: domain::ConnectionId,
    delay: SignedDuration,
) -> Result<(), PortError> {
    flow.parts().queue.send(vec![Outgoing { message, group, delay }]).await
}
