//! One queue message, from its receipt to its acknowledgement.

use crate::circuit::PROBE_LEASE;
use crate::claim::{Claim, Claimed, Refusal, Trigger};
use crate::flow::Flow;
use crate::look::{Blamed, Looked, look_key};
use crate::message::{ExportDue, Message, Release, SourceEvent};
use crate::owner::Probing;
use crate::plan::{Plan, Planned};
use crate::ports::{Arrival, OrderLease, PortError};
use crate::record::{Outcome, frees_others, group, waits_for_another, waits_for_order};
use crate::run::{Carriage, Ending};
use crate::times::{LEASE, UNRECORDED_MAX};
use connectors::{Account, Stop};
use domain::{
    Cause, ConnectionId, Export, ExportId, ExportKey, HoldReason, Operation, OrderReference, Overrides, Revision,
    SourceHint, State,
};
use jiff::SignedDuration;
use std::sync::Arc;

/// How many exports one release message makes due before it hands on to the next.
const RELEASE_PAGE: usize = 100;
const OURS_FAILED: SignedDuration = SignedDuration::from_secs(2);

/// What is to become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Record and next message are written: acknowledge it.
    Done,
    /// Our own store or queue failed: receive it again after this time.
    GiveBack(SignedDuration),
}

/// A claim that was won, and what it was before.
struct Won {
    export: Export,
    old: Option<Export>,
}

/// Who asks for a claim, for one message.
#[derive(Clone, Copy)]
struct Asker<'a> {
    trigger: &'a Trigger,
    alone: bool,
}

impl Flow {
    /// Does what a message asks. Our own failures give it back; nothing a vendor does is an error here.
    pub async fn handle(&self, message: &Message, alone: bool) -> Verdict {
        let result = match message {
            Message::SourceEventV1(event) => Box::pin(self.event(event, alone)).await,
            Message::ExportDueV1(due) => Box::pin(self.due(due, alone)).await,
            Message::ReleaseV1(release) => self.release_page(release).await,
            Message::JobV1 { job } => self.run_job(job).await,
        };
        match result {
            Ok(()) => Verdict::Done,
            Err(error) => {
                tracing::warn!(event = "message.given_back", error = %error, "our own store or queue failed");
                Verdict::GiveBack(OURS_FAILED)
            }
        }
    }

    /// News from a source: look, plan, and one claim per target.
    async fn event(&self, event: &SourceEvent, alone: bool) -> Result<(), PortError> {
        let Some(source) = self.account(&event.source).await? else {
            tracing::info!(event = "event.dropped", connection = event.source.as_str(), "the connection was removed");
            return Ok(());
        };
        let trigger = Trigger::Event { event: event.event.clone(), cause: event.cause, goes: true };
        let asker = Asker { trigger: &trigger, alone };
        let stop = match ready_to_look(&source) {
            Err(blamed) => Err((blamed, None)),
            Ok(()) => match self.look(&source, &event.hint).await {
                Err(blamed) => Err((blamed, None)),
                Ok(looked) => {
                    self.remember_document(&source, &looked).await?;
                    let overrides = Overrides { target: event.target.clone(), ..Overrides::default() };
                    match self.plan(&source, &looked, &overrides, None).await {
                        Err(blamed) => Err((blamed, Some(looked))),
                        Ok(plan) => Ok((looked, plan)),
                    }
                }
            },
        };
        match stop {
            Ok((looked, plan)) => {
                let became = self.carry_all(&source, &looked, &plan, event, alone).await?;
                self.end_look(&source, &looked, &plan, became, alone).await
            }
            Err((blamed, looked)) => self.look_ended(&source, &event.hint, looked.as_ref(), &blamed, asker).await,
        }
    }

    /// Claims and carries every planned export. Returns their ids.
    async fn carry_all(
        &self,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        event: &SourceEvent,
        alone: bool,
    ) -> Result<Vec<ExportId>, PortError> {
        let mut became = vec![];
        for planned in &plan.exports {
            let goes = planned.stop.is_none();
            let trigger = Trigger::Event { event: event.event.clone(), cause: event.cause, goes };
            let asker = Asker { trigger: &trigger, alone };
            became.push(planned.key.id());
            if let Some(won) = self.claim(&planned.key, Some(looked), Some(&plan.reference), goes, asker).await? {
                self.carry_and_record(source, looked, planned, plan, won, None).await?;
            }
        }
        Ok(became)
    }

    /// Carries a claimed export and records how it ended.
    async fn carry_and_record(
        &self,
        source: &Account,
        looked: &Looked,
        planned: &Planned,
        plan: &Plan,
        won: Won,
        probing: Probing<'_>,
    ) -> Result<(), PortError> {
        if won.export.unrecorded > UNRECORDED_MAX + 1 {
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            self.record(&won.export, Outcome::Crashed, doubt, None).await?;
            return Ok(());
        }
        if let Some(restored) = unchanged_since_delivery(&won, looked) {
            self.record(
                &restored,
                Outcome::Delivered(restored.receipt.clone().unwrap_or_else(no_receipt)),
                None,
                Some(&looked.revision),
            )
            .await?;
            return Ok(());
        }
        let carriage =
            Carriage { export: &won.export, source, looked, planned, reference: &plan.reference, view: &plan.view };
        let ending = self.carry(&carriage, won.old.as_ref()).await;
        let at_target = &planned.target.connection.id;
        let outage = matches!(&ending.result, Err(blamed) if blamed.is_outage() && blamed.at == *at_target);
        if ending.target_heard && !outage {
            self.answered(&planned.target).await?;
        }
        let outcome = self.outcome(&won.export, &ending, probing).await?;
        if !outage {
            self.probe_spent(probing, &won.export.id).await?;
        }
        let delivered = matches!(outcome, Outcome::Delivered(_));
        if self.record(&won.export, outcome, ending.in_doubt.clone(), Some(&looked.revision)).await? {
            self.order_moves_on(&won.export, planned, plan, &ending, delivered).await?;
        }
        Ok(())
    }

    /// Gives the order lease back where nothing is in doubt, and wakes what waited for this export.
    async fn order_moves_on(
        &self,
        export: &Export,
        planned: &Planned,
        plan: &Plan,
        ending: &Ending,
        delivered: bool,
    ) -> Result<(), PortError> {
        let exclusive = planned.spec.is_some_and(|spec| spec.exclusive_order);
        let lease = OrderLease {
            tenant: export.key.tenant.clone(),
            target: planned.target.connection.id.clone(),
            order: planned.order.reference.clone(),
            holder: export.id.clone(),
        };
        let mut wake = delivered && frees_others(export) && plan.view.exports.iter().any(waits_for_another);
        if exclusive && ending.lease_taken {
            // The holder may have given it back before this hold was written.
            if self.parts.ledger.lease_order(&lease).await?.is_ok() {
                self.parts.ledger.release_order(&lease).await?;
                wake = true;
            }
        } else if exclusive && ending.in_doubt.is_none() && !ending.uncertain {
            wake |= self.parts.ledger.release_order(&lease).await?;
        }
        if wake {
            self.wake_order(&export.key, &plan.reference, &lease).await?;
        }
        Ok(())
    }

    /// Makes the exports of an order due that wait for another of its exports at one target.
    async fn wake_order(
        &self,
        key: &ExportKey,
        reference: &OrderReference,
        lease: &OrderLease,
    ) -> Result<(), PortError> {
        let view = self.parts.ledger.order(&key.tenant, reference).await?;
        for export in
            view.exports.iter().filter(|e| waits_for_another(e) && e.key.target.as_ref() == Some(&lease.target))
        {
            self.make_due(export).await?;
        }
        Ok(())
    }

    /// Makes a waiting export due now, whatever it waits for.
    ///
    /// # Errors
    /// [`PortError`] if store or queue cannot be written.
    pub(crate) async fn make_due(&self, export: &Export) -> Result<(), PortError> {
        let Some(due_at) = export.due_at else { return Ok(()) };
        let entry =
            crate::ports::DueEntry { id: export.id.clone(), claim: export.claim, due_at, group: group(export).clone() };
        if self.parts.ledger.postpone(&entry, self.now()).await? {
            self.queue_due(export, SignedDuration::ZERO).await?;
        }
        Ok(())
    }

    /// A claim. `None`: refused, and what that asks for is written.
    async fn claim(
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
                Ok(Some(Won { export, old: old.map(|old| *old) }))
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
        }
        let now = self.now();
        match refusal {
            Refusal::Busy if old.state == State::Sending => {
                let wait =
                    old.lease_until.map_or(LEASE, |until| until.duration_since(now)) + SignedDuration::from_secs(1);
                self.queue_due(old, wait).await
            }
            Refusal::Waiting if matches!(asker.trigger, Trigger::Due { .. }) => {
                let wait = old.due_at.map_or(SignedDuration::ZERO, |due| due.duration_since(now));
                self.queue_due(old, wait).await
            }
            Refusal::Alone => {
                let due = ExportDue { export: old.id.clone(), claim: old.claim, alone: true };
                self.send(Message::ExportDueV1(due), group(old).clone(), SignedDuration::ZERO).await
            }
            _ => Ok(()),
        }
    }

    /// A look that could not be planned is a record of its own.
    async fn look_ended(
        &self,
        source: &Account,
        hint: &SourceHint,
        looked: Option<&Looked>,
        blamed: &Blamed,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        if let Stop::Ours(why) = &blamed.stop {
            return Err(PortError::Unavailable(why.clone()));
        }
        let key = look_key(source, hint);
        let skips = matches!(blamed.stop, Stop::Skip { .. });
        let trigger = match asker.trigger {
            // Being left out once more is no news.
            Trigger::Event { event, cause, .. } => Trigger::Event { event: event.clone(), cause: *cause, goes: !skips },
            due @ Trigger::Due { .. } => due.clone(),
        };
        let asker = Asker { trigger: &trigger, ..asker };
        if let Some(won) = self.claim(&key, looked, None, false, asker).await? {
            let mut export = won.export;
            if looked.is_none() {
                export.hints.extend(hint.hints.clone());
            }
            self.record_look(&export, looked, blamed, None).await?;
        }
        Ok(())
    }

    async fn record_look(
        &self,
        export: &Export,
        looked: Option<&Looked>,
        blamed: &Blamed,
        probing: Probing<'_>,
    ) -> Result<(), PortError> {
        let private = looked.map(|l| l.private.clone()).unwrap_or_default();
        let outcome = self.outcome_of_stop(export, blamed, &private, probing).await?;
        let unknown = matches!(&outcome, Outcome::Hold(wait) if wait.reason == HoldReason::OrderUnknown);
        let mut export = export.clone();
        if let Some(looked) = looked {
            learn(&mut export, looked);
        }
        let recorded = self.record(&export, outcome, None, looked.map(|l| &l.revision)).await?;
        // The order may have arrived between our look and this hold.
        if recorded
            && unknown
            && let Some(reference) = &export.order
        {
            let view = self.parts.ledger.order(&export.key.tenant, reference).await?;
            let held = view.exports.iter().find(|e| e.id == export.id && waits_for_order(e));
            if let Some(held) = held.filter(|_| !view.orders.is_empty()) {
                self.make_due(held).await?;
            }
        }
        Ok(())
    }

    /// Ends the look record of a subject that was planned, if there is an open one, and wakes the other looks of its order.
    async fn end_look(
        &self,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        became: Vec<ExportId>,
        alone: bool,
    ) -> Result<(), PortError> {
        let key = look_key(source, &looked.hint);
        let id = key.id();
        for other in plan.view.exports.iter().filter(|e| e.key.operation == Operation::Look && e.id != id) {
            if waits_for_order(other) {
                self.make_due(other).await?;
            }
        }
        let open = self.parts.ledger.export(&id).await?.filter(|e| !matches!(e.state, State::Planned | State::Dead));
        if open.is_none() {
            return Ok(());
        }
        let trigger = Trigger::Event { event: self.new_event(), cause: Cause::Release, goes: true };
        let asker = Asker { trigger: &trigger, alone };
        if let Some(won) = self.claim(&key, Some(looked), Some(&plan.reference), false, asker).await? {
            self.record(&won.export, Outcome::Planned(became), None, Some(&looked.revision)).await?;
        }
        Ok(())
    }

    /// An export is due: claim it, read the newest, and go on.
    async fn due(&self, due: &ExportDue, alone: bool) -> Result<(), PortError> {
        let Some(record) = self.parts.ledger.export(&due.export).await? else { return Ok(()) };
        if record.claim != due.claim {
            return Ok(());
        }
        let key = record.key.clone();
        let Some(source) = self.account(&key.source).await? else { return self.orphaned(&record, alone).await };
        let target = match &key.target {
            Some(id) => match self.account(id).await? {
                Some(target) => Some(target),
                None => return self.orphaned(&record, alone).await,
            },
            None => None,
        };
        let trigger = Trigger::Due { claim: due.claim };
        let asker = Asker { trigger: &trigger, alone: alone || due.alone };
        let Some(won) = self.claim(&key, None, None, target.is_some(), asker).await? else { return Ok(()) };
        Box::pin(self.go_on(won, &source, target.as_ref(), asker.alone)).await
    }

    /// Goes on with a claimed record: the source is read anew, and the newest is what counts.
    async fn go_on(
        &self,
        won: Won,
        source: &Account,
        target: Option<&Arc<Account>>,
        alone: bool,
    ) -> Result<(), PortError> {
        let key = won.export.key.clone();
        if won.export.unrecorded > UNRECORDED_MAX + 1 {
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            self.record(&won.export, Outcome::Crashed, doubt, None).await?;
            return Ok(());
        }
        let probing = self.probing(source, target, &won).await?;
        let probing = probing.as_ref();
        let hint = SourceHint { subject: key.subject.clone(), hints: won.export.hints.clone() };
        let looked = if source.connection.is_usable() || probing == Some(&source.connection.id) {
            self.look(source, &hint).await
        } else {
            Err(source_paused(source))
        };
        let looked = match looked {
            Ok(looked) => looked,
            Err(blamed) => return self.stopped(won, None, &blamed, probing).await,
        };
        self.remember_document(source, &looked).await?;
        let plan = match self.plan(source, &looked, &won.export.overrides, probing).await {
            Ok(plan) => plan,
            Err(blamed) => return self.stopped(won, Some(&looked), &blamed, probing).await,
        };
        match &key.target {
            None => Box::pin(self.look_planned(won, source, &looked, &plan, alone)).await,
            Some(_) => match plan.exports.iter().find(|p| p.key == key) {
                Some(planned) => self.carry_and_record(source, &looked, planned, &plan, won, probing).await,
                None => {
                    let stop = Stop::skip(domain::SkipReason::NotOurs, domain::Code::NoChannelMatches);
                    let blamed = Blamed::quiet(stop, source.connection.id.clone());
                    self.stopped(won, Some(&looked), &blamed, probing).await
                }
            },
        }
    }

    /// A claimed record whose source or order could not be read.
    async fn stopped(
        &self,
        won: Won,
        looked: Option<&Looked>,
        blamed: &Blamed,
        probing: Probing<'_>,
    ) -> Result<(), PortError> {
        if won.export.key.operation == Operation::Look {
            self.record_look(&won.export, looked, blamed, probing).await?;
        } else {
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            let ending = Ending::unsent(blamed.clone(), doubt);
            let outcome = self.outcome(&won.export, &ending, probing).await?;
            self.record(&won.export, outcome, ending.in_doubt, looked.map(|l| &l.revision)).await?;
        }
        if blamed.is_outage() && probing == Some(&blamed.at) {
            return Ok(());
        }
        self.probe_spent(probing, &won.export.id).await
    }

    /// The paused connection this export may probe: its source, else its target or the channel it waits at.
    async fn probing(
        &self,
        source: &Account,
        target: Option<&Arc<Account>>,
        won: &Won,
    ) -> Result<Option<ConnectionId>, PortError> {
        let id = &won.export.id;
        if !source.connection.is_usable() {
            return Ok(self.may_probe(source, id).await?.then(|| source.connection.id.clone()));
        }
        let waits_at = match (target, &won.old) {
            (Some(target), _) => Some(target.clone()),
            (None, Some(old)) => self.account(old.waits_at()).await?,
            (None, None) => None,
        };
        match waits_at {
            Some(account) if !account.connection.is_usable() => {
                Ok(self.may_probe(&account, id).await?.then(|| account.connection.id.clone()))
            }
            _ => Ok(None),
        }
    }

    /// A probe that ended before it could ask leaves the connection paused: another export probes.
    async fn probe_spent(&self, probing: Probing<'_>, id: &ExportId) -> Result<(), PortError> {
        let Some(at) = probing else { return Ok(()) };
        match self.account_anew(at).await? {
            Some(account) if !account.connection.is_usable() => self.wake_probe(at, Some(id), PROBE_LEASE).await,
            _ => Ok(()),
        }
    }

    /// A look that can be planned at last: its exports first, then its own end, so that a crash between loses neither.
    async fn look_planned(
        &self,
        won: Won,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        alone: bool,
    ) -> Result<(), PortError> {
        let event = SourceEvent {
            event: self.new_event(),
            tenant: source.connection.tenant.clone(),
            source: source.connection.id.clone(),
            hint: looked.hint.clone(),
            cause: Cause::Release,
            target: won.export.overrides.target.clone(),
            at: self.now(),
        };
        let became = self.carry_all(source, looked, plan, &event, alone).await?;
        self.record(&won.export, Outcome::Planned(became), None, Some(&looked.revision)).await?;
        Ok(())
    }

    /// A connection of the export was removed.
    async fn orphaned(&self, record: &Export, alone: bool) -> Result<(), PortError> {
        let trigger = Trigger::Due { claim: record.claim };
        let asker = Asker { trigger: &trigger, alone };
        if let Some(won) = self.claim(&record.key, None, None, false, asker).await? {
            let skip = domain::Skip {
                reason: domain::SkipReason::SwitchedOff,
                detail: Some("the connection was removed".to_owned()),
            };
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            self.record(&won.export, Outcome::Skip(skip, domain::Code::SwitchedOff), doubt, None).await?;
        }
        Ok(())
    }

    /// Makes one page of held exports due.
    async fn release_page(&self, release: &Release) -> Result<(), PortError> {
        let ledger = &self.parts.ledger;
        let page = ledger.waiting(&release.connection, release.reason, release.after.as_ref(), RELEASE_PAGE).await?;
        let now = self.now();
        for entry in &page {
            if ledger.postpone(entry, now).await? {
                let due = ExportDue { export: entry.id.clone(), claim: entry.claim, alone: false };
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
}

/// A revision noted while a run was busy may turn out to be what was delivered: then the proof stays what it was.
fn unchanged_since_delivery(won: &Won, looked: &Looked) -> Option<Export> {
    let old = won.old.as_ref()?;
    let same = old.state == State::Delivered && old.revision.as_ref()?.same_content(&looked.revision);
    same.then(|| {
        let mut export = won.export.clone();
        export.receipt = export.earlier_receipts.pop();
        export.revision_number = old.revision_number;
        export.attempts = old.attempts;
        export
    })
}

fn no_receipt() -> domain::Receipt {
    domain::Receipt {
        remote_id: String::new(),
        number: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        proof: serde_json::Value::Object(serde_json::Map::new()),
    }
}

/// What a look has found out belongs to its record.
fn learn(export: &mut Export, looked: &Looked) {
    export.read_as = Some(looked.subject.kind);
    export.order = looked.reference.clone().or_else(|| export.order.take());
    for number in &looked.numbers {
        if !export.numbers.contains(number) {
            export.numbers.push(number.clone());
        }
    }
}

fn ready_to_look(source: &Account) -> Result<(), Blamed> {
    if source.connection.is_usable() { Ok(()) } else { Err(source_paused(source)) }
}

fn source_paused(source: &Account) -> Blamed {
    let stop = Stop::hold(HoldReason::ConnectionPaused, Some("the source cannot be asked now".to_owned()));
    Blamed::quiet(stop, source.connection.id.clone())
}
