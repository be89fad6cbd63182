//! Asking for a claim, and what a refusal asks for; and what is claimed only to be left out.

use crate::claim::{Claim, Claimed, Refusal, Trigger};
use crate::flow::Flow;
use crate::look::Looked;
use crate::message::{ExportDue, Message};
use crate::ports::{Arrival, PortError};
use crate::record::{Outcome, group};
use crate::revising::has_newer;
use crate::telling::Work;
use crate::times::LEASE;
use domain::{Export, ExportKey, Operation, OrderReference, Revision, State};
use jiff::SignedDuration;

/// A claim that was won, what it was before, and the work it is part of.
pub(crate) struct Won {
    pub(crate) export: Export,
    pub(crate) old: Option<Export>,
    pub(crate) work: Work,
}

impl Won {
    /// The same with a version of the source that the claim has not read, so that an older one is told from it.
    pub(crate) fn knowing(mut self, revision: Revision) -> Self {
        self.export.revision = Some(revision);
        self
    }
}

/// Who asks for a claim, for one message.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub(crate) trigger: &'a Trigger,
    pub(crate) alone: bool,
    pub(crate) work: &'a Work,
}

impl Flow {
    /// A claim. `None`: refused, and what that asks for is written.
    pub(crate) async fn claim(
        &self,
        key: &ExportKey,
        looked: Option<&Looked>,
        reference: Option<&OrderReference>,
        writes: bool,
        asker: Asker<'_>,
    ) -> Result<Option<Won>, PortError> {
        let now = self.now();
        let claim = Claim {
            key: key.clone(),
            run: self.new_run(),
            now,
            lease_until: now + LEASE,
            trigger: asker.trigger.clone(),
            revision: looked.map(|l| l.revision.clone()),
            alone: asker.alone,
            writes: writes && key.operation != Operation::Look,
            order: reference.cloned().or_else(|| looked.and_then(|l| l.reference.clone())),
            numbers: looked.map(|l| l.numbers.clone()).unwrap_or_default(),
            hints: looked.map(|l| l.hint.hints.clone()).unwrap_or_default(),
        };
        match self.parts.ledger.claim(&claim).await? {
            Claimed::Won { old, export } => {
                let mut export = *export;
                export.read_as = looked.map(|l| l.subject.kind).or(export.read_as);
                Ok(Some(Won { export, old: old.map(|old| *old), work: asker.work.clone() }))
            }
            Claimed::Refused { refusal, old } => {
                self.refused(refusal, old.as_deref(), claim.revision.as_ref(), asker).await?;
                Ok(None)
            }
        }
    }

    /// A refusal is never only acknowledged: what it found is counted, noted, or queued for later.
    async fn refused(
        &self,
        refusal: Refusal,
        old: Option<&Export>,
        revision: Option<&Revision>,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let Some(old) = old else { return Ok(()) };
        if let Trigger::Event { event, cause, .. } = asker.trigger {
            let newer = revision.filter(|new| {
                refusal == Refusal::Busy
                    && old
                        .revision
                        .as_ref()
                        .is_none_or(|known| !new.same_content(known) && new.version_at >= known.version_at)
            });
            let arrival =
                Arrival { event: event.clone(), duplicate: cause.counts_as_duplicate(), newer: newer.cloned() };
            self.parts.ledger.arrive(&old.id, &arrival).await?;
            if arrival.leave(&mut old.shared.clone()) {
                self.tell_duplicate(old, *cause);
            }
        }
        let now = self.now();
        match refusal {
            Refusal::Busy | Refusal::Older if old.state == State::Sending => {
                let wait =
                    old.lease_until.map_or(LEASE, |until| until.duration_since(now)) + SignedDuration::from_secs(1);
                self.queue_due(old, wait, Some(&asker.work.trace)).await
            }
            Refusal::Waiting if matches!(asker.trigger, Trigger::Due { .. }) => {
                let wait = old.due_at.map_or(SignedDuration::ZERO, |due| due.duration_since(now));
                self.queue_due(old, wait, Some(&asker.work.trace)).await
            }
            // The run that recorded this may have ended before what follows a record was done; its message comes again.
            Refusal::Dead | Refusal::Superseded if old.state == State::Dead => self.bury(old).await,
            Refusal::Busy | Refusal::Older | Refusal::Superseded if old.state == State::Uncertain => {
                self.tell_ended(old).await
            }
            Refusal::Done | Refusal::Superseded if has_newer(old) => {
                self.queue_due(old, SignedDuration::ZERO, Some(&asker.work.trace)).await
            }
            Refusal::Alone => {
                let trace = Some(asker.work.trace.clone());
                let due = ExportDue { export: old.id.clone(), claim: old.claim, alone: true, trace };
                self.send(Message::ExportDueV1(due), group(old).clone(), SignedDuration::ZERO).await
            }
            _ => Ok(()),
        }
    }

    /// A connection of the export was removed.
    pub(crate) async fn orphaned(&self, record: &Export, asker: Asker<'_>) -> Result<(), PortError> {
        if let Some(won) = self.claim(&record.key, None, None, false, asker).await? {
            let (detail, remark) = domain::kept(Some(domain::remark::connection_gone()));
            let skip = domain::Skip { reason: domain::SkipReason::SwitchedOff, detail, remark };
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            let outcome = Outcome::Skip(skip, domain::Code::SwitchedOff);
            self.record(&won.export, &won.work, outcome, doubt, None).await?;
        }
        Ok(())
    }
}
