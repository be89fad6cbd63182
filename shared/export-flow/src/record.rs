//! Record: receipt, hold, next attempt, or dead letter. The record first, then the message that goes on with it, so that
//! a crash between the two leaves an entry for the sweep.

use crate::connections::Instead;
use crate::flow::Flow;
use crate::look::Blamed;
use crate::message::{ExportDue, Message};
use crate::owner::Probing;
use crate::ports::{DeadCopy, Outgoing, PortError};
use crate::revising::has_newer;
use crate::run::{Ending, guard};
use crate::telling::{Turn, Work};
use crate::times::{FIRST_READ_BACK, QUEUE_DELAY_MAX, last_day};
use connectors::{Failure, Stop};
use domain::{
    ATTEMPTS_MAX, Attempt, Code, ConnectionId, Doubt, EventId, Export, Hold, HoldReason, Operation, Receipt, Redactor,
    Revision, Said, Skip, State, Step, Unmapped, kept, remark,
};
use jiff::{SignedDuration, Timestamp};

/// What the record shall say.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Delivered(Receipt),
    /// Delivered before; what was to be carried anew turned out to be the same.
    Unchanged(Receipt),
    Planned(Vec<domain::ExportId>),
    Hold(Wait),
    Skip(Skip, Code),
    /// Where the fault lies, and what it was.
    Failed(ConnectionId, Attempt),
    Uncertain,
    Crashed,
}

/// What a hold shall say.
#[derive(Debug, Clone)]
pub(crate) struct Wait {
    pub(crate) reason: HoldReason,
    pub(crate) until: Option<Timestamp>,
    pub(crate) detail: Option<Said>,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) unmapped: Option<Unmapped>,
}

impl Flow {
    /// Records how a run ended. False: the run had lost its claim, and nothing was written.
    pub(crate) async fn record(
        &self,
        claimed: &Export,
        work: &Work,
        outcome: Outcome,
        in_doubt: Option<Doubt>,
        revision: Option<&Revision>,
    ) -> Result<bool, PortError> {
        let now = self.now();
        let mut export = claimed.clone();
        export.unrecorded = 0;
        export.in_doubt = in_doubt;
        export.changed_at = now;
        export.lease_until = None;
        export.due_at = None;
        export.code = None;
        export.skip = None;
        if let Some(revision) = revision {
            export.revision = Some(revision.clone());
        }
        let turn = Turn::of(&outcome);
        self.apply(&mut export, outcome, now);
        if export.state != State::Held && export.state != State::Expired {
            export.hold = None;
        }
        let Some(stored) = self.parts.ledger.finish(&guard(claimed), &export).await? else { return Ok(false) };
        self.tell_recorded(&stored, work, &turn);
        self.after(&stored, work, now).await?;
        Ok(true)
    }

    fn apply(&self, export: &mut Export, outcome: Outcome, now: Timestamp) {
        match outcome {
            Outcome::Delivered(receipt) | Outcome::Unchanged(receipt) => {
                export.state = State::Delivered;
                export.receipt = Some(receipt);
                export.carried = None;
            }
            Outcome::Planned(became) => {
                export.state = State::Planned;
                export.became = became;
            }
            Outcome::Skip(skip, code) => {
                export.state = State::Skipped;
                export.code = Some(code);
                export.skip = Some(skip);
            }
            Outcome::Uncertain => export.state = State::Uncertain,
            Outcome::Hold(wait) => self.hold(export, wait, now),
            Outcome::Failed(_, attempt) => self.fail(export, attempt, now),
            Outcome::Crashed => {
                let (message, remark) = remark::crashed().into_parts();
                let code = Code::Crashed;
                export.log_attempt(Attempt { at: now, step: Step::Send, status: None, code, message, remark });
                export.state = State::Dead;
                export.code = Some(Code::Crashed);
            }
        }
    }

    fn hold(&self, export: &mut Export, wait: Wait, now: Timestamp) {
        let Wait { reason, until, detail, connection, unmapped } = wait;
        let before = export.hold.as_ref().filter(|hold| hold.reason == reason);
        let since = before.map_or(now, |hold| hold.since);
        let checks = before.map_or(0, |hold| hold.checks + 1);
        let last = last_day(reason, since);
        let until = until.unwrap_or_else(|| now + self.times.recheck(reason, checks)).min(last);
        let (detail, remark) = kept(detail);
        export.hold = Some(Hold { reason, since, until, last_day: last, detail, remark, checks, connection, unmapped });
        if now >= last {
            export.state = State::Expired;
        } else {
            export.state = State::Held;
            export.due_at = Some(until);
        }
    }

    fn fail(&self, export: &mut Export, attempt: Attempt, now: Timestamp) {
        export.attempts += 1;
        export.code = Some(attempt.code);
        export.log_attempt(attempt);
        if export.attempts >= ATTEMPTS_MAX {
            export.state = State::Dead;
            return;
        }
        export.state = State::Retrying;
        let retry = now + self.times.retry_delay(export.attempts, self.dice());
        // In doubt, looking there earlier than this would prove nothing.
        let settle = export.in_doubt.as_ref().map(|doubt| doubt.ended_at.unwrap_or(now) + FIRST_READ_BACK);
        export.due_at = Some(settle.map_or(retry, |settle| retry.max(settle)));
    }

    /// What follows a written record: its next message, its copy in the dead-letter queue, a newer revision noted while
    /// the run was busy.
    async fn after(&self, stored: &Export, work: &Work, now: Timestamp) -> Result<(), PortError> {
        match stored.state {
            State::Dead => self.bury(stored).await?,
            State::Uncertain => self.tell_ended(stored).await?,
            State::Retrying | State::Held => {
                if let Some(due) = stored.due_at {
                    self.queue_due(stored, due.duration_since(now), Some(&work.trace)).await?;
                }
            }
            _ => {}
        }
        if has_newer(stored) {
            self.queue_due(stored, SignedDuration::ZERO, Some(&work.trace)).await?;
        }
        Ok(())
    }

    /// Puts a dead record's copy into the dead-letter queue, where it is put once, and takes it back if a person has
    /// redriven the record meanwhile. Tells of it besides, once per code.
    pub(crate) async fn bury(&self, dead: &Export) -> Result<(), PortError> {
        self.parts.queue.bury(&DeadCopy { export: dead.clone(), at: self.now() }).await?;
        match self.parts.ledger.export(&dead.id).await? {
            Some(now) if now.state == State::Dead => self.tell_ended(&now).await,
            _ => self.parts.queue.exhume(&dead.id).await,
        }
    }

    /// Queues an export for its next claim, unless that is so far off that the sparse index alone carries it.
    pub(crate) async fn queue_due(
        &self,
        export: &Export,
        delay: SignedDuration,
        trace: Option<&EventId>,
    ) -> Result<(), PortError> {
        if delay > QUEUE_DELAY_MAX {
            return Ok(());
        }
        let due = ExportDue { export: export.id.clone(), claim: export.claim, alone: false, trace: trace.cloned() };
        self.send(Message::ExportDueV1(due), group(export).clone(), delay).await
    }

    /// Sends one message.
    pub(crate) async fn send(
        &self,
        message: Message,
        group: ConnectionId,
        delay: SignedDuration,
    ) -> Result<(), PortError> {
        let delay = delay.max(SignedDuration::ZERO);
        self.parts.queue.send(vec![Outgoing { message, group, delay }]).await
    }

    /// The outcome of a conversation, with outages, credentials and paces sorted out first.
    pub(crate) async fn outcome(
        &self,
        claimed: &Export,
        ending: &Ending,
        probing: Probing<'_>,
    ) -> Result<Outcome, PortError> {
        let blamed = match &ending.result {
            Ok(receipt) => return Ok(Outcome::Delivered(receipt.clone())),
            Err(blamed) => blamed,
        };
        if let Stop::Ours(why) = &blamed.stop {
            return Err(PortError::Unavailable(why.clone()));
        }
        if ending.uncertain {
            return Ok(Outcome::Uncertain);
        }
        self.outcome_of_stop(claimed, blamed, &ending.private, probing).await
    }

    /// The same for a stop without a conversation with a target.
    pub(crate) async fn outcome_of_stop(
        &self,
        claimed: &Export,
        blamed: &Blamed,
        private: &[String],
        probing: Probing<'_>,
    ) -> Result<Outcome, PortError> {
        let tenant = &claimed.key.tenant;
        match &blamed.stop {
            Stop::Ours(why) => Err(PortError::Unavailable(why.clone())),
            Stop::Hold { reason, until, detail } => {
                let detail = self.clean(tenant, blamed, private, detail.as_ref()).await?;
                if *reason == HoldReason::ConnectionPaused {
                    return self.wait_for_connection(&blamed.at, detail).await;
                }
                Ok(Outcome::Hold(Wait { reason: *reason, until: *until, detail, connection: None, unmapped: None }))
            }
            Stop::Unmapped { value, detail } => {
                let detail = self.clean(tenant, blamed, private, Some(detail)).await?;
                let reason = HoldReason::MappingMissing;
                Ok(Outcome::Hold(Wait {
                    reason,
                    until: None,
                    detail,
                    connection: None,
                    unmapped: Some(value.as_ref().clone()),
                }))
            }
            Stop::Skip { reason, code, detail } => {
                let detail = self.clean(tenant, blamed, private, detail.as_ref()).await?;
                let (detail, remark) = kept(detail);
                Ok(Outcome::Skip(Skip { reason: *reason, detail, remark }, *code))
            }
            Stop::RateLimited { retry_after, message } => {
                let until = retry_after.map(|after| self.now() + after.max(SignedDuration::ZERO));
                let detail = self.clean(tenant, blamed, private, Some(message)).await?;
                let connection = Some(blamed.at.clone());
                Ok(Outcome::Hold(Wait { reason: HoldReason::RateLimited, until, detail, connection, unmapped: None }))
            }
            Stop::Credentials(failure) => {
                let message = self.clean(tenant, blamed, private, Some(&failure.message)).await?.unwrap_or_default();
                let instead = self.pause_for_credentials(&blamed.at, failure.code, &message, blamed.used).await?;
                if let Instead::Again(delay) = instead {
                    let (reason, until) = (HoldReason::ConnectionPaused, self.now().checked_add(delay).ok());
                    let (detail, connection) = (Some(message), Some(blamed.at.clone()));
                    return Ok(Outcome::Hold(Wait { reason, until, detail, connection, unmapped: None }));
                }
                self.wait_for_connection(&blamed.at, Some(message)).await
            }
            Stop::Fail(failure) => {
                let message = self.clean(tenant, blamed, private, Some(&failure.message)).await?.unwrap_or_default();
                self.failure(claimed, blamed, failure, message, probing == Some(&blamed.at)).await
            }
        }
    }

    async fn wait_for_connection(&self, at: &ConnectionId, detail: Option<Said>) -> Result<Outcome, PortError> {
        let until = self.own_probe(at).await?;
        let connection = Some(at.clone());
        Ok(Outcome::Hold(Wait { reason: HoldReason::ConnectionPaused, until, detail, connection, unmapped: None }))
    }

    async fn failure(
        &self,
        claimed: &Export,
        blamed: &Blamed,
        failure: &Failure,
        message: Said,
        probe: bool,
    ) -> Result<Outcome, PortError> {
        if failure.outage {
            let third = claimed.attempts + 1 >= ATTEMPTS_MAX;
            if self.outage(&blamed.at, claimed, failure.code, &message, third, probe).await? {
                let detail = Some(remark::out_of_reach());
                return self.wait_for_connection(&blamed.at, detail).await;
            }
        }
        let (message, remark) = message.into_parts();
        let attempt =
            Attempt { at: self.now(), step: failure.step, status: failure.status, code: failure.code, message, remark };
        Ok(Outcome::Failed(blamed.at.clone(), attempt))
    }

    /// Vendors' words, fit to be kept: every secret of the tenant and every buyer value read is taken out.
    async fn clean(
        &self,
        tenant: &domain::TenantId,
        blamed: &Blamed,
        private: &[String],
        text: Option<&Said>,
    ) -> Result<Option<Said>, PortError> {
        let Some(text) = text else { return Ok(None) };
        let mut redactor = Redactor::default();
        for connection in self.connections(tenant).await? {
            if let Ok(Some(account)) = self.account(&connection.id).await {
                redactor.hide(account.secrets.values());
            }
        }
        redactor.hide(blamed.private.iter().cloned().chain(private.iter().cloned()));
        Ok(Some(text.cleaned(&redactor)))
    }
}

/// The queue group of an export: its target, or the source of a look.
pub(crate) fn group(export: &Export) -> &ConnectionId {
    export.key.target.as_ref().unwrap_or(&export.key.source)
}

/// Whether a delivered export is what others of its order may wait for.
pub(crate) fn frees_others(export: &Export) -> bool {
    matches!(export.key.operation, Operation::SendInvoice)
}

/// Whether an export waits for something else of its order, or did in vain.
pub(crate) fn waits_for_another(export: &Export) -> bool {
    waits_for(export, &[HoldReason::Predecessor])
}

/// Whether it waits, or waited in vain, because no channel or no single one knew its order.
pub(crate) fn waits_for_order(export: &Export) -> bool {
    waits_for(export, &[HoldReason::OrderUnknown, HoldReason::OrderAmbiguous])
}

fn waits_for(export: &Export, reasons: &[HoldReason]) -> bool {
    matches!(export.state, State::Held | State::Expired)
        && export.hold.as_ref().is_some_and(|hold| reasons.contains(&hold.reason))
}
