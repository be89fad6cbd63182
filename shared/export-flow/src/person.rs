//! What people decide about one export: retry, resolve, redrive, dismiss. The record first, due at once, then the
//! message: a crash between the two leaves an entry for the sweep.

mod asks;
mod dry;
mod many;
mod request;
mod shipments;
mod trial;

pub use asks::Asks;
pub use many::{Decided, MANY_MAX, Many};
pub use request::{Hand, Requested};
pub use shipments::{SHIPMENTS_MAX, Shipment, Taken};
pub use trial::{Compared, Finding, Met, Standing, Told, Trial};

use crate::flow::Flow;
use crate::message::{ExportDue, Message, Release};
use crate::ports::{OrderLease, Outgoing, PortError, group};
use crate::refused::{FieldError, Refused};
use crate::revising::has_newer;
use crate::times::UNRECORDED_MAX;
use domain::{
    Code, ConnectionId, Export, ExportId, FieldProblem, HoldReason, Operation, OrderReference, Receipt, Role, Skip,
    SkipReason, State, TenantId, remark,
};
use jiff::{SignedDuration, Timestamp};

/// Decisions that lose against a run are made again on what it left, this often.
const DECISIONS_MAX: usize = 8;
const NOTE_CHARS_MAX: usize = 500;
/// What a note says was decided, beside [`Resolution::word`].
const RETRY: &str = "retry";
const REDRIVE: &str = "redrive";

/// What a person found out or wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// It is at the target.
    Arrived,
    /// It is not there, or shall go all the same.
    SendAgain,
    /// Nothing is to be done.
    NotNeeded,
    /// Goes with what was undecided until now.
    Use {
        /// It belongs to this order.
        order: Option<OrderReference>,
        /// It goes to this channel.
        target: Option<ConnectionId>,
        /// It goes without lines.
        without_lines: bool,
    },
}

impl Resolution {
    const fn word(&self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::SendAgain => "send_again",
            Self::NotNeeded => "not_needed",
            Self::Use { .. } => "use",
        }
    }
}

impl Flow {
    /// The tenant's export of this id.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn export_of(&self, tenant: &TenantId, id: &ExportId) -> Result<Export, Refused> {
        let export = self.parts.ledger.export(id).await?;
        export.filter(|export| export.key.tenant == *tenant).ok_or(Refused::Unknown(Code::UnknownExport))
    }

    /// Makes a waiting or ended export due at once. Dead and expired ones begin their attempts anew; identity, doubt and
    /// attempt log stay.
    ///
    /// # Errors
    /// [`Refused::Unknown`]; [`Refused::Conflict`] unless it is held, retrying, dead or expired; [`Refused::Fields`];
    /// [`Refused::Ours`].
    pub async fn retry<'a>(
        &self,
        asks: impl Into<Asks<'a>> + Send,
        id: &ExportId,
        note: Option<&str>,
    ) -> Result<Export, Refused> {
        let asks = asks.into();
        fits(note)?;
        self.decide(asks.tenant, id, |export, now| {
            if !matches!(export.state, State::Held | State::Retrying | State::Dead | State::Expired) {
                return Err(Refused::Conflict(remark::nothing_to_retry(export.state.as_str())));
            }
            export.note(asks.note(RETRY, note, now));
            hurry(export, now);
            Ok(())
        })
        .await
    }

    /// Puts a dead letter back to work. Anything else is left as it is, so that pressing twice is safe.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn redrive<'a>(
        &self,
        asks: impl Into<Asks<'a>> + Send,
        id: &ExportId,
        note: Option<&str>,
    ) -> Result<bool, Refused> {
        let asks = asks.into();
        self.of_dead(asks, id, |export, now| {
            export.note(asks.note(REDRIVE, note, now));
            hurry(export, now);
        })
        .await
    }

    /// Says that a dead letter is not needed. Anything else is left as it is.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn dismiss<'a>(
        &self,
        asks: impl Into<Asks<'a>> + Send,
        id: &ExportId,
        note: Option<&str>,
    ) -> Result<bool, Refused> {
        let asks = asks.into();
        self.of_dead(asks, id, |export, now| dismiss(export, asks, note, now)).await
    }

    /// Decides about an export if it is dead. True if it was: decided now, or by the same job before.
    async fn of_dead(
        &self,
        asks: Asks<'_>,
        id: &ExportId,
        change: impl Fn(&mut Export, Timestamp) + Send + Sync,
    ) -> Result<bool, Refused> {
        let export = self.export_of(asks.tenant, id).await?;
        if asks.has_decided(&export) {
            // It may have died again since: that is for a person to see, not for the same job. If nothing has happened
            // since, the job may have been cut short before what follows.
            if export.notes.last().is_some_and(|note| note.at == export.changed_at) {
                self.follow(&export).await?;
            } else if export.state != State::Dead {
                // It has gone on since; the copy of its death may still be there.
                self.parts.queue.exhume(id).await?;
            }
            return Ok(true);
        }
        if export.state != State::Dead {
            // A decision whose answer was lost may have left the copy behind.
            self.parts.queue.exhume(id).await?;
            return Ok(false);
        }
        let decision = self.decide(asks.tenant, id, |export, now| {
            if export.state != State::Dead || asks.has_decided(export) {
                return Err(Refused::Conflict(remark::not_dead_now()));
            }
            change(export, now);
            Ok(())
        });
        match decision.await {
            Ok(_) => Ok(true),
            // Somebody was faster; if it was this job in another run, it counts here as well.
            Err(Refused::Conflict(_)) => Ok(asks.has_decided(&self.export_of(asks.tenant, id).await?)),
            Err(other) => Err(other),
        }
    }

    /// Decides what the engine cannot.
    ///
    /// # Errors
    /// [`Refused::Unknown`]; [`Refused::Fields`]; [`Refused::Conflict`] where it makes no sense; [`Refused::Ours`].
    pub async fn resolve<'a>(
        &self,
        asks: impl Into<Asks<'a>> + Send,
        id: &ExportId,
        resolution: &Resolution,
        note: Option<&str>,
    ) -> Result<Export, Refused> {
        let asks = asks.into();
        fits(note)?;
        if let Resolution::Use { order, target, without_lines } = resolution {
            if order.is_none() && target.is_none() && !without_lines {
                return Err(Refused::field(
                    "outcome",
                    (FieldProblem::OneNeeded, "use needs order, target or without_lines"),
                ));
            }
            if let Some(target) = target {
                self.known_channel(asks.tenant, target).await?;
            }
        }
        self.decide(asks.tenant, id, |export, now| {
            if !matches!(export.state, State::Held | State::Retrying | State::Uncertain | State::Dead | State::Expired)
            {
                return Err(Refused::Conflict(remark::nothing_to_decide(export.state.as_str())));
            }
            if *resolution != Resolution::NotNeeded {
                export.note(asks.note(resolution.word(), note, now));
            }
            match resolution {
                Resolution::Arrived => arrived(export, note, now),
                Resolution::SendAgain => {
                    send_again(export, now);
                    Ok(())
                }
                Resolution::NotNeeded => {
                    dismiss(export, asks, note, now);
                    Ok(())
                }
                Resolution::Use { order, target, without_lines } => {
                    use_choice(export, order.as_ref(), target.as_ref(), *without_lines, now)
                }
            }
        })
        .await
    }

    /// A channel connection of this tenant.
    pub(crate) async fn known_channel(&self, tenant: &TenantId, id: &ConnectionId) -> Result<(), Refused> {
        let known = self.parts.ledger.connection(id).await?;
        let fits = known.is_some_and(|connection| connection.tenant == *tenant && connection.role == Role::Channel);
        if fits {
            Ok(())
        } else {
            Err(Refused::field("target", (FieldProblem::UnknownConnection, "is not a channel connection")))
        }
    }

    /// Changes a record by a conditional write, again on the newer one if a run was faster, and sets off what follows.
    async fn decide(
        &self,
        tenant: &TenantId,
        id: &ExportId,
        change: impl Fn(&mut Export, Timestamp) -> Result<(), Refused> + Send + Sync,
    ) -> Result<Export, Refused> {
        let mut written: Option<Export> = None;
        for _ in 0..DECISIONS_MAX {
            let before = self.export_of(tenant, id).await?;
            // A refusal that finds what we wrote is none: the store's client repeated a write that had been applied.
            if let Some(after) =
                written.filter(|after| before == Export { shared: before.shared.clone(), ..after.clone() })
            {
                return self.decided(after).await;
            }
            let now = self.now();
            let mut after = before.clone();
            change(&mut after, now)?;
            after.changed_at = now;
            if self.parts.ledger.decide(&before, &after).await? {
                return self.decided(after).await;
            }
            written = Some(after);
        }
        Err(PortError::Throttled("the export is being worked on".into()).into())
    }

    async fn decided(&self, export: Export) -> Result<Export, Refused> {
        self.follow(&export).await?;
        Ok(export)
    }

    /// What follows a decision: its message, the end of its copy in the dead-letter queue, and whoever waited for it.
    async fn follow(&self, export: &Export) -> Result<(), PortError> {
        let frees = matches!(export.state, State::Delivered | State::Skipped);
        let mut messages = vec![];
        if export.due_at.is_some() {
            let alone = export.unrecorded >= UNRECORDED_MAX;
            let due = ExportDue { export: export.id.clone(), claim: export.claim, alone, trace: None };
            messages.push(Outgoing {
                message: Message::ExportDueV1(due),
                group: group(&export.key).clone(),
                delay: SignedDuration::ZERO,
            });
        }
        if let (true, Some(target), Some(order)) = (frees, &export.key.target, &export.order) {
            let lease = OrderLease {
                tenant: export.key.tenant.clone(),
                target: target.clone(),
                order: order.clone(),
                holder: export.id.clone(),
                claim: export.claim,
            };
            self.parts.ledger.release_order(&lease).await?;
            let release =
                Release { connection: target.clone(), reason: HoldReason::Predecessor, mapped: false, after: None };
            messages.push(Outgoing {
                message: Message::ReleaseV1(release),
                group: target.clone(),
                delay: SignedDuration::ZERO,
            });
        }
        if !messages.is_empty() {
            self.parts.queue.send(messages).await?;
        }
        // Always: an earlier decision may have been cut short right here.
        self.parts.queue.exhume(&export.id).await
    }
}

/// Refuses a note that is too long to be kept.
pub(crate) fn fits(note: Option<&str>) -> Result<(), Refused> {
    if note.is_none_or(|note| note.chars().count() <= NOTE_CHARS_MAX) {
        return Ok(());
    }
    Err(Refused::field("note", (FieldProblem::TooLong, format!("must have at most {NOTE_CHARS_MAX} characters"))))
}

/// Due at once. What had ended begins anew.
fn hurry(export: &mut Export, now: Timestamp) {
    if matches!(export.state, State::Dead | State::Expired | State::Uncertain) {
        // An export that crashed its runs is tried once more, alone.
        export.unrecorded = if export.code == Some(Code::Crashed) { UNRECORDED_MAX } else { 0 };
        export.attempts = 0;
        export.hold = None;
        export.code = None;
        export.state = State::Retrying;
    }
    if let Some(hold) = &mut export.hold {
        hold.until = now;
    }
    export.due_at = Some(now);
}

fn arrived(export: &mut Export, note: Option<&str>, now: Timestamp) -> Result<(), Refused> {
    if export.key.target.is_none() {
        return Err(Refused::Conflict(remark::not_sent()));
    }
    export.state = State::Delivered;
    export.receipt = Some(Receipt {
        remote_id: String::new(),
        number: export.numbers.first().cloned(),
        at: now,
        proof: serde_json::json!({"by": "person", "note": note}),
    });
    export.in_doubt = None;
    export.hold = None;
    export.code = None;
    // A newer revision met meanwhile goes its own way now.
    export.due_at = has_newer(export).then_some(now);
    Ok(())
}

fn send_again(export: &mut Export, now: Timestamp) {
    if export.state == State::Uncertain {
        // The person has looked where we cannot.
        export.in_doubt = None;
    }
    export.overrides.by_hand = true;
    export.overrides.send_anyway |= export.hold.as_ref().is_some_and(|hold| hold.reason == HoldReason::TargetHasOther);
    hurry(export, now);
}

/// The doubt stays: it counts if the export is sent after all.
fn dismiss(export: &mut Export, asks: Asks<'_>, note: Option<&str>, now: Timestamp) {
    export.note(asks.note(Resolution::NotNeeded.word(), note, now));
    export.state = State::Skipped;
    export.code = Some(Code::Dismissed);
    export.skip = Some(Skip { reason: SkipReason::Dismissed, detail: note.map(str::to_owned), remark: None });
    export.hold = None;
    export.due_at = None;
}

fn use_choice(
    export: &mut Export,
    order: Option<&OrderReference>,
    target: Option<&ConnectionId>,
    without_lines: bool,
    now: Timestamp,
) -> Result<(), Refused> {
    let is_look = export.key.operation == Operation::Look;
    if !is_look && (order.is_some() || target.is_some()) {
        return Err(Refused::Conflict(remark::known_already()));
    }
    let of_document = matches!(export.key.operation, Operation::SendInvoice | Operation::SendCreditNote);
    if without_lines && !of_document {
        return Err(Refused::Conflict(remark::lines_needed()));
    }
    if export.state == State::Uncertain {
        return Err(Refused::Conflict(remark::arrival_first()));
    }
    if let Some(order) = order {
        export.overrides.order = Some(order.clone());
    }
    if let Some(target) = target {
        export.overrides.target = Some(target.clone());
    }
    export.overrides.without_lines |= without_lines;
    hurry(export, now);
    Ok(())
}

/// A field that is missing or given twice.
pub(crate) fn one_of(fields: &str, count: usize) -> Result<(), Refused> {
    match count {
        1 => Ok(()),
        0 => Err(Refused::Fields(vec![FieldError::new(fields, (FieldProblem::OneNeeded, "one of them is needed"))])),
        _ => Err(Refused::Fields(vec![FieldError::new(
            fields,
            (FieldProblem::NotTogether, "only one of them can be given"),
        )])),
    }
}
