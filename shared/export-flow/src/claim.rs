//! The claim: one conditional write that makes an export ours, or says why not.
//!
//! ```text
//!  no record ──────────────► ours                    (events; a due message of a vanished record is dropped)
//!  sending, lease alive ───► refused: busy           (a newer revision is noted)
//!  sending, lease run out ─► ours                    (the run before crashed)
//!  retrying, held ─────────► ours when due, or when this event is what it waited for
//!  skipped, expired ───────► ours when the plan now says go
//!  delivered ──────────────► ours for a newer revision only
//!  dead ───────────────────► refused until redriven
//! ```
//! The function below is the meaning; a store evaluates it inside a transaction or spells it as a condition expression.

use crate::revising::{has_newer, newest_known};
use crate::times::UNRECORDED_MAX;
use domain::{
    Cause, Doubt, EventId, Export, ExportKey, HoldReason, OrderReference, Revision, RunId, SkipReason, State,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What asks for the claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// News from a source, or a person's request.
    Event {
        /// Which arrival.
        event: EventId,
        /// How we heard.
        cause: Cause,
        /// Whether the plan now says that something is to be done.
        goes: bool,
    },
    /// A queued message that names the claim number it was queued under.
    Due {
        /// That number.
        claim: u64,
    },
}

/// A request for an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub key: ExportKey,
    /// The run that asks.
    pub run: RunId,
    /// Now.
    pub now: Timestamp,
    /// How long the claim shall hold.
    pub lease_until: Timestamp,
    /// What asks.
    pub trigger: Trigger,
    /// What would be sent, where the source has just been read.
    pub revision: Option<Revision>,
    /// Nothing else is in flight in this worker.
    pub alone: bool,
    /// The run will make writing calls: `in_doubt` is set with the claim.
    pub writes: bool,
    /// The order, where known.
    pub order: Option<OrderReference>,
    /// Numbers the export may be searched by.
    pub numbers: Vec<String>,
    /// What is needed to read the source again.
    pub hints: BTreeMap<String, String>,
}

/// Why a claim was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A due message for a record that is not there.
    Absent,
    /// Another run holds it, or its target decides later.
    Busy,
    /// It waits for something else, or is not due.
    Waiting,
    /// It is done: delivered, skipped, planned, with nothing newer to do.
    Done,
    /// It is dead until a person redrives it.
    Dead,
    /// It has been claimed since the message was queued.
    Superseded,
    /// Two claims in a row ended without a recorded outcome: it must be claimed alone.
    Alone,
    /// The source version read is older than the one on record.
    Older,
}

/// The outcome of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Ours. `old` is the record before, if there was one.
    Won {
        /// Before.
        old: Option<Box<Export>>,
        /// As stored now.
        export: Box<Export>,
    },
    /// Not ours.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The record as it is; absent only with [`Refusal::Absent`].
        old: Option<Box<Export>>,
    },
}

/// Decides a claim. On success the record as it must be stored.
///
/// A refusal whose record shows the claim's own run is not one: the store's client repeated a write that had been
/// applied; it is answered as success with the record unchanged.
///
/// # Errors
/// [`Refusal`].
pub fn decide(old: Option<&Export>, claim: &Claim) -> Result<Export, Refusal> {
    let Some(old) = old else {
        return match claim.trigger {
            Trigger::Due { .. } => Err(Refusal::Absent),
            Trigger::Event { .. } => Ok(taken(Export::new(claim.key.clone(), claim.now), claim)),
        };
    };
    if old.run.as_ref() == Some(&claim.run) && old.state == State::Sending {
        return Ok(old.clone());
    }
    match &claim.trigger {
        Trigger::Due { claim: number } => {
            if *number != old.claim {
                return Err(Refusal::Superseded);
            }
            due_allows(old, claim.now)?;
        }
        Trigger::Event { cause, goes, .. } => {
            if let (Some(new), Some(known)) = (&claim.revision, newest_known(old))
                && new.version_at < known.version_at
            {
                return Err(Refusal::Older);
            }
            event_allows(old, claim, *cause, *goes)?;
        }
    }
    if old.unrecorded == UNRECORDED_MAX && !claim.alone {
        return Err(Refusal::Alone);
    }
    Ok(taken(old.clone(), claim))
}

fn due_allows(old: &Export, now: Timestamp) -> Result<(), Refusal> {
    match old.state {
        State::Retrying | State::Held if is_due(old, now) => Ok(()),
        State::Retrying | State::Held => Err(Refusal::Waiting),
        State::Sending if lease_over(old, now) => Ok(()),
        State::Sending | State::Accepted | State::Uncertain => Err(Refusal::Busy),
        // The write that ended the run queued a newer revision noted meanwhile.
        State::Delivered | State::Skipped | State::Planned if has_newer(old) => Ok(()),
        State::Delivered | State::Skipped | State::Planned | State::Expired => Err(Refusal::Done),
        State::Dead => Err(Refusal::Dead),
    }
}

fn event_allows(old: &Export, claim: &Claim, cause: Cause, goes: bool) -> Result<(), Refusal> {
    let newer =
        claim.revision.as_ref().is_some_and(|new| old.revision.as_ref().is_none_or(|known| !new.same_content(known)));
    match old.state {
        State::Sending if lease_over(old, claim.now) => Ok(()),
        State::Sending | State::Accepted | State::Uncertain => Err(Refusal::Busy),
        State::Retrying | State::Held if is_due(old, claim.now) => Ok(()),
        State::Held if goes && releases(old, newer, cause) => Ok(()),
        State::Retrying | State::Held => Err(Refusal::Waiting),
        State::Skipped => {
            let dismissed = old.skip.as_ref().is_some_and(|s| s.reason == SkipReason::Dismissed);
            if goes && (!dismissed || newer || cause == Cause::Hand) { Ok(()) } else { Err(Refusal::Done) }
        }
        State::Expired if goes => Ok(()),
        State::Delivered if newer => Ok(()),
        // A look that became exports is looked at again only when it cannot be planned any more.
        State::Planned if goes => Ok(()),
        State::Delivered | State::Planned | State::Expired => Err(Refusal::Done),
        State::Dead => Err(Refusal::Dead),
    }
}

/// Whether news of the source is what a held export waits for. Reasons that depend on what the source says are
/// released by it; reasons that depend on the target only if the content changed; the rest wait for their own event.
fn releases(old: &Export, newer: bool, cause: Cause) -> bool {
    let Some(hold) = &old.hold else { return false };
    match hold.reason {
        HoldReason::NotPaidYet
        | HoldReason::NotHandedOver
        | HoldReason::NumberMissing
        | HoldReason::OrderUnknown
        | HoldReason::OrderAmbiguous => true,
        HoldReason::OrderMismatch
        | HoldReason::MappingMissing
        | HoldReason::LinesUnmatched
        | HoldReason::Preflight
        | HoldReason::TargetHasOther
        | HoldReason::DocumentNotReady
        | HoldReason::Predecessor => newer || matches!(cause, Cause::Hand | Cause::Release),
        HoldReason::RateLimited | HoldReason::ConnectionPaused | HoldReason::Settling => false,
    }
}

fn is_due(old: &Export, now: Timestamp) -> bool {
    old.due_at.is_some_and(|due| due <= now)
}

fn lease_over(old: &Export, now: Timestamp) -> bool {
    old.lease_until.is_none_or(|until| until <= now)
}

fn taken(mut export: Export, claim: &Claim) -> Export {
    if export.state == State::Delivered {
        // A newer revision: the proof of the one before stays, the count of attempts begins anew.
        if let Some(receipt) = export.receipt.take() {
            export.supersede(receipt, export.revision.clone());
        }
        export.attempts = 0;
    }
    if export.state == State::Expired {
        // It begins anew, and so does its time.
        export.hold = None;
    }
    export.claim += 1;
    export.run = Some(claim.run.clone());
    export.lease_until = Some(claim.lease_until);
    export.due_at = Some(claim.lease_until);
    export.unrecorded += 1;
    export.state = State::Sending;
    export.changed_at = claim.now;
    export.shared.noted = None;
    if let Some(revision) = &claim.revision {
        export.revision = Some(revision.clone());
    }
    if export.order.is_none() {
        export.order.clone_from(&claim.order);
    }
    for number in &claim.numbers {
        if !export.numbers.contains(number) {
            export.numbers.push(number.clone());
        }
    }
    export.hints.extend(claim.hints.clone());
    if let Trigger::Event { event, .. } = &claim.trigger {
        export.shared.see(event);
    }
    if claim.writes && export.in_doubt.is_none() {
        export.in_doubt = Some(Doubt {
            claim: export.claim,
            since: claim.now,
            ended_at: None,
            revision: claim.revision.clone(),
            key: None,
        });
    }
    export
}

/// The doubt a run starts with: one that an earlier run left. Where that run ended without a record, its call counts as
/// ended when its lease ran out.
#[must_use]
pub fn doubt_before(old: Option<&Export>) -> Option<Doubt> {
    let old = old?;
    let mut doubt = old.in_doubt.clone()?;
    if old.state == State::Sending {
        doubt.ended_at = doubt.ended_at.max(old.lease_until);
    }
    Some(doubt)
}
