//! What waits is woken: by what it waits for, or by a probe of the connection it waits at.

use crate::circuit::PROBE_LEASE;
use crate::claiming::Won;
use crate::flow::Flow;
use crate::look::Looked;
use crate::message::{ExportDue, Message, Release, SourceEvent};
use crate::owner::Probing;
use crate::plan::{Plan, Planned};
use crate::ports::{OrderLease, PortError};
use crate::predecessor::{Before, invoice_before};
use crate::record::{frees_others, group, waits_for_another};
use crate::run::Ending;
use crate::telling::Work;
use connectors::Account;
use domain::{Cause, ConnectionId, Export, ExportId, ExportKey, Mappings, OrderReference, SourceHint, State};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How many exports one release message makes due before it hands on to the next.
const RELEASE_PAGE: usize = 100;

/// How an export's run has ended, for those that wait for it.
#[derive(Clone, Copy)]
pub(crate) struct Moved {
    /// It is there, or is left out.
    pub(crate) ended: bool,
    /// It waits for another of its order itself.
    pub(crate) waits: bool,
}

impl Flow {
    /// Gives the order lease back where nothing is in doubt, and wakes what waited for this export.
    pub(crate) async fn order_moves_on(
        &self,
        export: &Export,
        planned: &Planned,
        plan: &Plan,
        ending: &Ending,
        moved: Moved,
        work: &Work,
    ) -> Result<(), PortError> {
        let exclusive = planned.spec.is_some_and(|spec| spec.exclusive_order);
        let lease = OrderLease {
            tenant: export.key.tenant.clone(),
            target: planned.target.connection.id.clone(),
            order: planned.order.reference.clone(),
            holder: export.id.clone(),
            claim: export.claim,
        };
        let mut wake = moved.ended && frees_others(export) && plan.view.exports.iter().any(waits_for_another);
        if exclusive && ending.lease_taken {
            // The holder may have given it back before this hold was written.
            if self.parts.ledger.lease_order(&lease).await?.is_ok() {
                self.parts.ledger.release_order(&lease).await?;
                wake = true;
            }
        } else if exclusive && ending.in_doubt.is_none() && !ending.uncertain {
            let released = self.parts.ledger.release_order(&lease).await?;
            // What waits itself would wake itself, and whoever waits for the same would wake it in turn.
            wake |= released && !moved.waits;
        }
        if wake {
            self.wake_order(&export.key, &plan.names, &lease, work).await?;
        }
        Ok(())
    }

    /// The invoice that a credit note waits for may have arrived between the plan and the hold, or been so young that the
    /// plan did not see it.
    pub(crate) async fn predecessor_came(
        &self,
        won: &Won,
        looked: &Looked,
        names: &[OrderReference],
    ) -> Result<(), PortError> {
        let document = looked.document().filter(|document| document.corrects.is_some());
        let (Some(document), Some(target)) = (document, &won.export.key.target) else { return Ok(()) };
        let Some(target) = self.account(target).await? else { return Ok(()) };
        let view = self.beside(&won.export.key.tenant, names).await?;
        if invoice_before(document, &target.connection, &view) != Before::Met {
            return Ok(());
        }
        match view.exports.iter().find(|export| export.id == won.export.id && waits_for_another(export)) {
            Some(held) => self.make_due(held, &won.work).await,
            None => Ok(()),
        }
    }

    /// Makes the exports of an order due that wait for another of its exports at one target.
    async fn wake_order(
        &self,
        key: &ExportKey,
        names: &[OrderReference],
        lease: &OrderLease,
        work: &Work,
    ) -> Result<(), PortError> {
        let view = self.beside(&key.tenant, names).await?;
        for export in
            view.exports.iter().filter(|e| waits_for_another(e) && e.key.target.as_ref() == Some(&lease.target))
        {
            self.make_due(export, work).await?;
        }
        Ok(())
    }

    /// Makes a waiting export due now, whatever it waits for. Its next run is told as part of the work that woke it. One
    /// that waited in vain begins anew, as by news of its own.
    ///
    /// # Errors
    /// [`PortError`] if store or queue cannot be written.
    pub(crate) async fn make_due(&self, export: &Export, work: &Work) -> Result<(), PortError> {
        if export.state == State::Expired {
            return self.send(news_of(export, work, self.now()), export.key.source.clone(), SignedDuration::ZERO).await;
        }
        let Some(due_at) = export.due_at else { return Ok(()) };
        let entry =
            crate::ports::DueEntry { id: export.id.clone(), claim: export.claim, due_at, group: group(export).clone() };
        if self.parts.ledger.postpone(&entry, self.now()).await? {
            self.queue_due(export, SignedDuration::ZERO, Some(&work.trace)).await?;
        }
        Ok(())
    }

    /// The paused connection this export may probe: its source, else its target or the channel it waits at.
    pub(crate) async fn probing(
        &self,
        source: &Account,
        target: Option<&Arc<Account>>,
        won: &Won,
    ) -> Result<Option<ConnectionId>, PortError> {
        let id = &won.export.id;
        if !source.connection.is_usable() {
            return Ok(self.may_probe(source, id).await?.then(|| source.connection.id.clone()));
        }
        // Where it was told to wait comes first: every channel that may own an order is asked, not only the target.
        let named = won.old.as_ref().and_then(|old| old.hold.as_ref()?.connection.clone());
        let named = match named {
            Some(at) => self.account(&at).await?,
            None => None,
        };
        for account in named.iter().chain(target) {
            if !account.connection.is_usable() && self.may_probe(account, id).await? {
                return Ok(Some(account.connection.id.clone()));
            }
        }
        Ok(None)
    }

    /// A probe that ended before it could ask leaves the connection paused: another export probes.
    pub(crate) async fn probe_spent(&self, probing: Probing<'_>, id: &ExportId) -> Result<(), PortError> {
        let Some(at) = probing else { return Ok(()) };
        match self.account_anew(at).await? {
            Some(account) if !account.connection.is_usable() => self.wake_probe(at, Some(id), PROBE_LEASE).await,
            _ => Ok(()),
        }
    }

    /// Makes one page of held exports due.
    pub(crate) async fn release_page(&self, release: &Release, work: &Work) -> Result<(), PortError> {
        let ledger = &self.parts.ledger;
        let page = ledger.waiting(&release.connection, release.reason, release.after.as_ref(), RELEASE_PAGE).await?;
        let now = self.now();
        let mappings = if release.mapped { self.mappings_of(&release.connection).await? } else { None };
        for entry in &page {
            if let Some(mappings) = &mappings
                && !self.is_mapped(&entry.id, mappings).await?
            {
                continue;
            }
            if ledger.postpone(entry, now).await? {
                let trace = Some(work.trace.clone());
                let due = ExportDue { export: entry.id.clone(), claim: entry.claim, alone: false, trace };
                self.send(Message::ExportDueV1(due), entry.group.clone(), SignedDuration::ZERO).await?;
            }
        }
        if page.len() == RELEASE_PAGE {
            let after = page.last().map(|entry| entry.id.clone());
            let next = Release { after, ..release.clone() };
            self.send(Message::ReleaseV1(next), release.connection.clone(), SignedDuration::ZERO).await?;
        }
        Ok(())
    }

    /// A connection's mappings as they are stored now.
    async fn mappings_of(&self, id: &ConnectionId) -> Result<Option<Mappings>, PortError> {
        Ok(self.parts.ledger.connection(id).await?.map(|connection| connection.mappings))
    }

    /// Whether the value that an export waits for has its counterpart. One that names no value may always go.
    async fn is_mapped(&self, id: &ExportId, mappings: &Mappings) -> Result<bool, PortError> {
        let export = self.parts.ledger.export(id).await?;
        let missing = export.and_then(|export| export.hold?.unmapped);
        Ok(missing.is_none_or(|missing| mappings.covers(&missing)))
    }
}

/// News of our own: of what an export waited for in vain.
fn news_of(export: &Export, work: &Work, now: Timestamp) -> Message {
    let Export { key, hints, .. } = export;
    Message::SourceEventV1(SourceEvent {
        event: work.trace.clone(),
        tenant: key.tenant.clone(),
        source: key.source.clone(),
        hint: SourceHint { subject: key.subject.clone(), hints: hints.clone() },
        cause: Cause::Release,
        target: export.overrides.target.clone(),
        at: now,
    })
}
