//! One queue message, from its receipt to its acknowledgement.

use crate::claim::Trigger;
use crate::claiming::{Asker, Won};
use crate::flow::Flow;
use crate::look::{Blamed, Looked, look_key, ours};
use crate::message::{ExportDue, Message, SourceEvent};
use crate::owner::Probing;
use crate::plan::{Plan, Planned};
use crate::ports::{ExportQuery, PortError};
use crate::record::{Outcome, group, waits_for_order};
use crate::revising::{older_than_known, still_stands, unchanged_since_delivery};
use crate::run::{Carriage, Ending};
use crate::telling::Work;
use crate::times::{LEASE, UNRECORDED_MAX};
use crate::waking::Moved;
use crate::withdrawn::{taken_back, withdrawn};
use connectors::{Account, Stop};
use domain::{
    Cause, ConnectionId, Export, ExportId, Guarantee, HoldReason, Operation, Overrides, SourceHint, State, SubjectKind,
    Within,
};
use jiff::SignedDuration;
use std::sync::Arc;
use tracing::Instrument as _;

const OURS_FAILED: SignedDuration = SignedDuration::from_secs(2);
/// Exports of one object that may have been left claimed.
const LEFT_MAX: usize = 50;
/// In the minutes of an upgrade a message may meet the version before.
const LATER: SignedDuration = SignedDuration::from_secs(60);

/// What is to become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Record and next message are written: acknowledge it.
    Done,
    /// Our own store or queue failed: receive it again after this time.
    GiveBack(SignedDuration),
}

/// News to be worked on.
#[derive(Clone, Copy)]
struct News<'a> {
    event: &'a SourceEvent,
    /// It was handed on to this target's line.
    line: Option<&'a ConnectionId>,
    /// What of it is asked for.
    within: &'a Within,
}

impl News<'_> {
    /// Whether what was read is nothing that was asked for.
    fn leaves_out(&self, looked: &Looked) -> bool {
        let asked = looked.operations().iter().any(|operation| self.within.does(*operation));
        !asked && !self.within.operations.is_empty()
    }
}

impl Flow {
    /// Does what a message asks. Our own failures give it back; nothing a vendor does is an error here.
    pub async fn handle(&self, message: &Message, alone: bool) -> Verdict {
        let trace = message.trace().cloned().unwrap_or_else(|| self.new_event());
        let work = Work { trace, began: self.now() };
        let span = work.span();
        let verdict = self.work(message, &work, alone).instrument(span).await;
        if verdict == Verdict::Done {
            self.note_heard(message).await;
        }
        verdict
    }

    /// What an event that comes again must look after: exports of its object that an earlier run claimed and left, and
    /// that the event may be planned without by now. They are queued by themselves.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or the queue not written.
    pub async fn pick_up(&self, event: &SourceEvent) -> Result<(), PortError> {
        let query = ExportQuery {
            connection: Some(event.source.clone()),
            document: Some(event.hint.subject.id.clone()),
            state: Some(State::Sending),
            ..ExportQuery::default()
        };
        let left = self.parts.ledger.exports(&event.tenant, &query, LEFT_MAX, None).await?.items;
        let now = self.now();
        for export in left.iter().filter(|export| export.key.source == event.source) {
            let wait = export.lease_until.map_or(SignedDuration::ZERO, |until| until.duration_since(now));
            let due = ExportDue {
                export: export.id.clone(),
                claim: export.claim,
                alone: false,
                trace: Some(event.event.clone()),
            };
            let wait = wait.clamp(SignedDuration::ZERO, LEASE) + SignedDuration::from_secs(1);
            self.send(Message::ExportDueV1(due), group(export).clone(), wait).await?;
        }
        Ok(())
    }

    async fn work(&self, message: &Message, work: &Work, alone: bool) -> Verdict {
        let result = match message {
            Message::SourceEventV1(news) => {
                let whole = News { event: news, line: None, within: &Within::default() };
                Box::pin(self.event(whole, work, alone)).await
            }
            Message::HandedOnV1 { news, target } => {
                let whole = News { event: news, line: Some(target), within: &Within::default() };
                Box::pin(self.event(whole, work, alone)).await
            }
            Message::BatchLineV1 { news, within, line } => {
                let line = line.as_ref();
                Box::pin(self.event(News { event: news, line, within }, work, alone)).await
            }
            Message::ExportDueV1(due) => Box::pin(self.due(due, work, alone)).await,
            Message::ReleaseV1(release) => self.release_page(release, work).await,
            Message::JobV1 { job } => self.run_job(job).await,
            Message::Later => {
                tracing::warn!(event = "message.later", "a later version of this program sent it; one will take it");
                return Verdict::GiveBack(LATER);
            }
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
    async fn event(&self, news: News<'_>, work: &Work, alone: bool) -> Result<(), PortError> {
        let News { event, line, within } = news;
        let Some(source) = self.account(&event.source).await? else {
            tracing::info!(event = "event.dropped", connection = event.source.as_str(), "the connection was removed");
            return Ok(());
        };
        let trigger = Trigger::Event { event: event.event.clone(), cause: event.cause, goes: true };
        let asker = Asker { trigger: &trigger, alone, work };
        if event.hint.subject.kind == SubjectKind::Order {
            return Box::pin(self.search_order(&source, &event.hint, asker)).await;
        }
        let _visit;
        let stop = match ready_to_look(&source) {
            Err(blamed) => Err((blamed, None)),
            Ok(()) => match self.look_at_news(&source, event).await {
                Err(blamed) => Err((blamed, None)),
                Ok(looked) if news.leaves_out(&looked) => return Ok(()),
                Ok(looked) => {
                    let targets = self.targets(&looked, event).await?;
                    if let Some(target) = self.crowd.full(&targets, self.now()).filter(|_| line.is_none() && !alone) {
                        return self.hand_on(news, target).await;
                    }
                    _visit = self.crowd.enter(targets, line.is_none(), self.now());
                    let first = self.remember_document(&source, &looked).await?;
                    match self.plan_event(&source, &looked, event).await {
                        Err(blamed) => Err((blamed, Some(looked))),
                        Ok(planned) => Ok((looked, planned, first)),
                    }
                }
            },
        };
        match stop {
            Ok((looked, (plan, overrides), first)) => {
                let became = self.carry_all(&source, &looked, &plan, (event, within), &overrides, asker).await?;
                self.wake_looks(&source, &looked, &plan, asker).await?;
                // Of what was never met before there is no look that could be open; and one stays open for what it is to
                // become beside that which was asked for.
                let whole = became.len() == plan.exports.len();
                if first || !whole { Ok(()) } else { self.end_look(&source, &looked, &plan, became, asker).await }
            }
            Err((blamed, looked)) => {
                if looked.is_none() && taken_back(&blamed.stop).is_some() {
                    self.news_of_loss(event, work).await?;
                }
                self.look_ended(&source, news, looked.as_ref(), &blamed, asker).await
            }
        }
    }

    /// Where the work on news may be busy, as far as its own words say.
    async fn targets(&self, looked: &Looked, event: &SourceEvent) -> Result<Vec<ConnectionId>, PortError> {
        match &looked.reference {
            Some(reference) => self.may_own(&event.tenant, reference, event.target.as_ref()).await,
            None => Ok(vec![]),
        }
    }

    /// Lets news go on in the line of a target, where it keeps no news for others waiting.
    async fn hand_on(&self, news: News<'_>, target: &ConnectionId) -> Result<(), PortError> {
        tracing::debug!(event = "event.handed_on", connection = target.as_str(), "it is busy with other news");
        let event = news.event.clone();
        let message = match event.cause {
            Cause::Batch => {
                Message::BatchLineV1 { news: event, within: Box::new(news.within.clone()), line: Some(target.clone()) }
            }
            _ => Message::HandedOnV1 { news: event, target: target.clone() },
        };
        self.send(message, target.clone(), SignedDuration::ZERO).await
    }

    /// Plans what news is about, by what the person who asked said, or by what a person once said of its look.
    async fn plan_event(
        &self,
        source: &Account,
        looked: &Looked,
        event: &SourceEvent,
    ) -> Result<(Plan, Overrides), Blamed> {
        let overrides = Overrides {
            target: event.target.clone(),
            // Asking for a parcel is what `shipped_when: manual` waits for.
            by_hand: event.cause == Cause::Hand && looked.parcel().is_some(),
            ..Overrides::default()
        };
        let blamed = match self.plan(source, looked, &overrides, None).await {
            Ok(plan) => return Ok((plan, overrides)),
            Err(blamed) => blamed,
        };
        let undecided = match &blamed.stop {
            Stop::Hold { reason, .. } => {
                matches!(reason, HoldReason::OrderUnknown | HoldReason::OrderAmbiguous | HoldReason::OrderMismatch)
            }
            Stop::Skip { reason, .. } => *reason == domain::SkipReason::NotOurs,
            _ => false,
        };
        if !undecided || event.target.is_some() {
            return Err(blamed);
        }
        let look = self.parts.ledger.export(&look_key(source, &event.hint).id()).await;
        let look = look.map_err(|error| Blamed::quiet(ours(&error), source.connection.id.clone()))?;
        match look.map(|look| look.overrides).filter(|said| said.order.is_some() || said.target.is_some()) {
            Some(said) => self.plan(source, looked, &said, None).await.map(|plan| (plan, said)),
            None => Err(blamed),
        }
    }

    /// Claims and carries every planned export that is asked for, each with what a person said of the whole. Returns
    /// their ids.
    async fn carry_all(
        &self,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        (event, within): (&SourceEvent, &Within),
        overrides: &Overrides,
        asker: Asker<'_>,
    ) -> Result<Vec<ExportId>, PortError> {
        let mut became = vec![];
        let cause = event.cause;
        for planned in plan.exports.iter().filter(|planned| within.holds(&planned.key)) {
            let goes = planned.stop.is_none();
            // What somebody asks for and must wait does so where people see it: it was left out before and is not now.
            let asked = matches!(cause, Cause::Batch | Cause::Hand);
            let waits = asked && matches!(planned.stop, Some(Stop::Hold { .. }));
            let trigger = Trigger::Event { event: event.event.clone(), cause, goes: goes || waits };
            let asker = Asker { trigger: &trigger, ..asker };
            became.push(planned.key.id());
            match withdrawn(planned, looked) {
                Some(code) if self.news_of_withdrawal(&planned.key.id(), code, event, asker.work).await? => continue,
                Some(_) => {}
                None => self.came_back(plan, planned).await?,
            }
            if let Some(mut won) = self.claim(&planned.key, Some(looked), Some(&plan.reference), goes, asker).await? {
                won.export.overrides.follow(overrides);
                Box::pin(self.carry_and_record(source, looked, planned, plan, won, None)).await?;
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
            self.record(&won.export, &won.work, Outcome::Crashed, doubt, None).await?;
            return Ok(());
        }
        if let Some(stop) = planned.stop.as_ref().filter(|_| looked.is_cancelled())
            && self.stays_delivered(&won, stop).await?
        {
            return Ok(());
        }
        let unchanged = unchanged_since_delivery(&won, looked);
        if let Some((restored, receipt)) = &unchanged
            && (still_stands(&won) || planned.spec.is_some_and(|spec| spec.guarantee == Guarantee::U))
        {
            let outcome = Outcome::Unchanged(receipt.clone());
            self.record(restored, &won.work, outcome, None, Some(&looked.revision)).await?;
            return Ok(());
        }
        // Else a newer revision was on its way meanwhile, and what stands at the target is looked at.
        let at_hand = unchanged.map_or_else(|| won.export.clone(), |(restored, _)| restored);
        let carriage = Carriage { export: &at_hand, source, looked, planned, names: &plan.names, view: &plan.view };
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
        let mut won = won;
        if delivered {
            won.export = at_hand;
        }
        if let Some((older, revision)) = ending.settled.clone() {
            won.export.supersede(older, Some(revision));
        }
        let ended = delivered || matches!(outcome, Outcome::Skip(..));
        let waits = matches!(&outcome, Outcome::Hold(wait) if wait.reason == HoldReason::Predecessor);
        let planned_so = planned.after.is_some()
            || matches!(&planned.stop, Some(Stop::Hold { reason: HoldReason::Predecessor, .. }));
        if self.record(&won.export, &won.work, outcome, ending.in_doubt.clone(), Some(&looked.revision)).await? {
            self.order_moves_on(&won.export, planned, plan, &ending, Moved { ended, waits }, &won.work).await?;
            // What the target itself lets it wait for is not among our records.
            if waits && planned_so {
                self.predecessor_came(&won, looked, &plan.names).await?;
            }
        }
        Ok(())
    }

    /// A look that could not be planned is a record of its own.
    async fn look_ended(
        &self,
        source: &Account,
        news: News<'_>,
        looked: Option<&Looked>,
        blamed: &Blamed,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let hint = &news.event.hint;
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
        let Some(mut won) = self.claim(&key, looked, None, false, asker).await? else {
            return if news.within.is_all() { self.widen(&key.id()).await } else { Ok(()) };
        };
        if news.within.is_all() {
            won.export.overrides.within = None;
        } else if won.old.is_none() {
            won.export.overrides.within = Some(news.within.clone());
        }
        if looked.is_none() {
            won.export.hints.extend(hint.hints.clone());
        }
        self.record_look(&won, looked, blamed, None).await
    }

    /// News asks for all that an open look becomes, which a batch had restricted.
    async fn widen(&self, look: &ExportId) -> Result<(), PortError> {
        let look = self.parts.ledger.export(look).await?.filter(|look| look.overrides.within.is_some());
        let Some(look) = look else { return Ok(()) };
        let mut wider = look.clone();
        wider.overrides.within = None;
        // A run at work on it would write its own copy afterwards.
        if look.state != State::Sending && self.parts.ledger.decide(&look, &wider).await? {
            return Ok(());
        }
        Err(PortError::Throttled("the look is being worked on".into()))
    }

    async fn record_look(
        &self,
        won: &Won,
        looked: Option<&Looked>,
        blamed: &Blamed,
        probing: Probing<'_>,
    ) -> Result<(), PortError> {
        let private = looked.map(|l| l.private.clone()).unwrap_or_default();
        let outcome = self.outcome_of_stop(&won.export, blamed, &private, probing).await?;
        let unknown = matches!(&outcome, Outcome::Hold(wait) if wait.reason == HoldReason::OrderUnknown);
        let mut export = won.export.clone();
        if let Some(looked) = looked {
            learn(&mut export, looked);
        }
        let recorded = self.record(&export, &won.work, outcome, None, looked.map(|l| &l.revision)).await?;
        // The order may have arrived between our look and this hold.
        if recorded
            && unknown
            && let Some(reference) = &export.order
        {
            let view = self.parts.ledger.order(&export.key.tenant, reference).await?;
            let held = |e: &&Export| e.id == export.id && e.state == State::Held && waits_for_order(e);
            // An order that was remembered long ago and is not found any more would wake it again and again.
            let arrived = view.orders.iter().any(|item| item.seen_at >= won.work.began);
            if let Some(held) = view.exports.iter().find(held).filter(|_| arrived) {
                self.make_due(held, &won.work).await?;
            }
        }
        Ok(())
    }

    /// Wakes the other looks of an order that was found.
    async fn wake_looks(
        &self,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let id = look_key(source, &looked.hint).id();
        for other in plan.view.exports.iter().filter(|e| e.key.operation == Operation::Look && e.id != id) {
            if waits_for_order(other) {
                self.make_due(other, asker.work).await?;
            }
        }
        Ok(())
    }

    /// Ends the look record of a subject that was planned, if there is an open one.
    async fn end_look(
        &self,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        became: Vec<ExportId>,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let key = look_key(source, &looked.hint);
        match self.parts.ledger.export(&key.id()).await? {
            None => return Ok(()),
            Some(look) if look.state == State::Planned => return Ok(()),
            // Dead until a person decides; the run that recorded it may have ended before its copy was made.
            Some(look) if look.state == State::Dead => return self.bury(&look).await,
            Some(_) => {}
        }
        let trigger = Trigger::Event { event: self.new_event(), cause: Cause::Release, goes: true };
        let asker = Asker { trigger: &trigger, ..asker };
        if let Some(won) = self.claim(&key, Some(looked), Some(&plan.reference), false, asker).await? {
            self.record(&won.export, &won.work, Outcome::Planned(became), None, Some(&looked.revision)).await?;
        }
        Ok(())
    }

    /// An export is due: claim it, read the newest, and go on.
    async fn due(&self, due: &ExportDue, work: &Work, alone: bool) -> Result<(), PortError> {
        let Some(record) = self.parts.ledger.export(&due.export).await? else { return Ok(()) };
        // A message of an earlier claim is dropped by the claim itself, so that the store meets the record: what ended it
        // may have crashed before its note for lists was written.
        let key = record.key.clone();
        let trigger = Trigger::Due { claim: due.claim };
        let asker = Asker { trigger: &trigger, alone: alone || due.alone, work };
        let Some(source) = self.account(&key.source).await? else { return self.orphaned(&record, asker).await };
        let target = match &key.target {
            Some(id) => match self.account(id).await? {
                Some(target) => Some(target),
                None => return self.orphaned(&record, asker).await,
            },
            None => None,
        };
        let Some(won) = self.claim(&key, None, None, target.is_some(), asker).await? else { return Ok(()) };
        Box::pin(self.go_on(won, &source, target.as_ref(), asker)).await
    }

    /// Goes on with a claimed record: the source is read anew, and the newest is what counts.
    async fn go_on(
        &self,
        won: Won,
        source: &Account,
        target: Option<&Arc<Account>>,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let key = won.export.key.clone();
        if won.export.unrecorded > UNRECORDED_MAX + 1 {
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            self.record(&won.export, &won.work, Outcome::Crashed, doubt, None).await?;
            return Ok(());
        }
        let probing = self.probing(source, target, &won).await?;
        let probing = probing.as_ref();
        if key.subject.kind == SubjectKind::Order && key.operation == Operation::Look {
            return self.search_on(won, source, probing).await;
        }
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
        if let Some((blamed, known)) = older_than_known(&won, &looked, source) {
            return self.stopped(won.knowing(known), None, &blamed, probing).await;
        }
        self.remember_document(source, &looked).await?;
        let plan = match self.plan(source, &looked, &won.export.overrides, probing).await {
            Ok(plan) => plan,
            Err(blamed) => return self.stopped(won, Some(&looked), &blamed, probing).await,
        };
        match &key.target {
            None => Box::pin(self.look_planned(won, source, &looked, &plan, asker)).await,
            Some(_) => match plan.exports.iter().find(|p| p.key == key) {
                Some(planned) => Box::pin(self.carry_and_record(source, &looked, planned, &plan, won, probing)).await,
                None => {
                    let stop = Stop::skip(domain::SkipReason::NotOurs, domain::Code::NoChannelMatches);
                    let blamed = Blamed::quiet(stop, source.connection.id.clone());
                    self.stopped(won, Some(&looked), &blamed, probing).await
                }
            },
        }
    }

    /// A claimed record whose source or order could not be read.
    pub(crate) async fn stopped(
        &self,
        won: Won,
        looked: Option<&Looked>,
        blamed: &Blamed,
        probing: Probing<'_>,
    ) -> Result<(), PortError> {
        if won.export.key.operation == Operation::Look {
            self.record_look(&won, looked, blamed, probing).await?;
        } else if !self.stays_delivered(&won, &blamed.stop).await? {
            let doubt = crate::claim::doubt_before(won.old.as_ref());
            let ending = Ending::unsent(blamed.clone(), doubt);
            let outcome = self.outcome(&won.export, &ending, probing).await?;
            self.record(&won.export, &won.work, outcome, ending.in_doubt, looked.map(|l| &l.revision)).await?;
        }
        if blamed.is_outage() && probing == Some(&blamed.at) {
            return Ok(());
        }
        self.probe_spent(probing, &won.export.id).await
    }

    /// A look that can be planned at last: its exports first, then its own end, so that a crash between loses neither.
    async fn look_planned(
        &self,
        won: Won,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        asker: Asker<'_>,
    ) -> Result<(), PortError> {
        let within = won.export.overrides.within.clone().unwrap_or_default();
        let overrides = &won.export.overrides;
        let event = SourceEvent {
            event: self.new_event(),
            tenant: source.connection.tenant.clone(),
            source: source.connection.id.clone(),
            hint: looked.hint.clone(),
            cause: Cause::Release,
            target: overrides.target.clone(),
            at: self.now(),
        };
        let became = self.carry_all(source, looked, plan, (&event, &within), overrides, asker).await?;
        self.record(&won.export, &won.work, Outcome::Planned(became), None, Some(&looked.revision)).await?;
        Ok(())
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

pub(crate) fn source_paused(source: &Account) -> Blamed {
    let stop = Stop::hold(HoldReason::ConnectionPaused, Some(domain::remark::source_unasked()));
    Blamed::quiet(stop, source.connection.id.clone())
}
