//! Send: one claimed export's conversation with its target.

use crate::claim::doubt_before;
use crate::flow::Flow;
use crate::look::{Blamed, Looked, in_step, ours};
use crate::plan::Planned;
use crate::ports::{Guard, OrderLease, OrderView};
use crate::revising::{about_another, idempotency_key};
use crate::times::{FIRST_READ_BACK, LEASE, LEASE_LEFT_MIN};
use async_trait::async_trait;
use connectors::{
    Account, Delivered, Files, Gate, Mode, OperationSpec, Pdf, Permit, Recorded, Session, Sibling, Stop, Task,
    WriteOutcome,
};
use domain::{Doubt, Export, Guarantee, HoldReason, OrderReference, Receipt, Revision, State, Step, remark};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// A claimed export on its way.
pub(crate) struct Carriage<'a> {
    pub(crate) export: &'a Export,
    pub(crate) source: &'a Account,
    pub(crate) looked: &'a Looked,
    pub(crate) planned: &'a Planned,
    pub(crate) names: &'a [OrderReference],
    pub(crate) view: &'a OrderView,
}

/// How a conversation ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) result: Result<Receipt, Blamed>,
    /// What is in doubt from now on.
    pub(crate) in_doubt: Option<Doubt>,
    /// Class U, in doubt: a person decides.
    pub(crate) uncertain: bool,
    /// Whether the target has given a real answer.
    pub(crate) target_heard: bool,
    /// Buyer values read, for the redactor.
    pub(crate) private: Vec<String>,
    /// The order lease is another export's.
    pub(crate) lease_taken: bool,
    /// An older revision that was in doubt and has been found, and its proof.
    pub(crate) settled: Option<(Receipt, Revision)>,
}

impl Ending {
    /// An end before any call to the target.
    pub(crate) const fn unsent(stop: Blamed, in_doubt: Option<Doubt>) -> Self {
        Self {
            result: Err(stop),
            in_doubt,
            uncertain: false,
            target_heard: false,
            private: vec![],
            lease_taken: false,
            settled: None,
        }
    }
}

/// What a trial found.
#[derive(Debug)]
pub struct Tried {
    /// The writing calls that would go out.
    pub requests: Vec<Recorded>,
    /// Found to be there already.
    pub already_there: Option<Delivered>,
    /// What stopped it before a writing call.
    pub stopped: Option<Stop>,
    /// How far the conversation came.
    pub step: Step,
    /// The source's file, if the target was to have it.
    pub pdf: Option<Pdf>,
}

struct RunGate<'a> {
    flow: &'a Flow,
    export: &'a Export,
    at_hand: &'a Revision,
    spec: &'a OperationSpec,
    late_bound: SignedDuration,
    doubt: Option<&'a Doubt>,
    /// When the target began to be looked at: the look may have missed what it did later.
    began: Timestamp,
    key: String,
    state: Mutex<GateState>,
}

struct GateState {
    lease_until: Timestamp,
    settled: bool,
}

#[async_trait]
impl Gate for RunGate<'_> {
    async fn absent(&self) -> Result<Permit, Stop> {
        let now = self.flow.now();
        if let Some(settling) = self.settling() {
            return Err(settling);
        }
        let lease_until = self.lock().lease_until;
        let short = lease_until.duration_since(now) < LEASE_LEFT_MIN;
        let until = if short { now + LEASE } else { lease_until };
        if !self.is_told() {
            self.tell(now, until).await?;
        } else if short && !self.renew(until).await? {
            return Err(lost());
        }
        self.lock().lease_until = until;
        self.lock().settled = true;
        Ok(Permit::granted((self.spec.guarantee == Guarantee::K).then(|| self.key.clone())))
    }
}

impl RunGate<'_> {
    /// The hold of a call that may still take effect, if the look at the target may have missed it.
    fn settling(&self) -> Option<Stop> {
        let doubt = self.doubt.filter(|_| self.spec.guarantee == Guarantee::R)?;
        let settled_at = doubt.ended_at.unwrap_or_else(|| self.flow.now()) + self.late_bound;
        let detail = Some(remark::call_may_arrive());
        (self.began < settled_at).then_some(Stop::Hold {
            reason: HoldReason::Settling,
            until: Some(settled_at),
            detail,
        })
    }

    /// A conversation that stops in its preflight has looked and found nothing of ours. What was in doubt is over then, so
    /// that nobody waits for it while it waits for something else; or it is looked for once more first.
    fn looked(&self, stop: Stop) -> Stop {
        match self.settling() {
            Some(settling) if matches!(stop, Stop::Hold { .. }) => settling,
            Some(_) => stop,
            None => {
                self.lock().settled |= self.spec.guarantee == Guarantee::R;
                stop
            }
        }
    }

    /// Whether the record says already what would be in doubt if this run ended here. Only a claim by news has read the
    /// source, and only where nothing older was in doubt.
    fn is_told(&self) -> bool {
        let told = self.export.in_doubt.as_ref().and_then(|doubt| doubt.revision.as_ref());
        told.is_some_and(|told| told.same_content(self.at_hand))
    }

    /// Writes down what is about to be sent: whoever finds this record in doubt must know of which revision.
    async fn tell(&self, now: Timestamp, lease_until: Timestamp) -> Result<(), Stop> {
        let mut record = self.export.clone();
        record.lease_until = Some(lease_until);
        record.due_at = Some(lease_until);
        record.in_doubt = Some(self.in_doubt(now, None));
        let written = self.flow.parts.ledger.finish(&guard(self.export), &record).await;
        written.map_err(|error| ours(&error))?.map(|_| ()).ok_or_else(lost)
    }

    async fn renew(&self, until: Timestamp) -> Result<bool, Stop> {
        self.flow.parts.ledger.renew(&guard(self.export), until).await.map_err(|error| ours(&error))
    }

    /// The doubt that a call of this run leaves.
    fn in_doubt(&self, since: Timestamp, ended_at: Option<Timestamp>) -> Doubt {
        let key = (self.spec.guarantee == Guarantee::K).then(|| self.key.clone());
        Doubt { claim: self.export.claim, since, ended_at, revision: Some(self.at_hand.clone()), key }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lost() -> Stop {
    Stop::Ours("another run holds the claim now".to_owned())
}

/// A trial asks for no lease and waits for nothing.
struct TrialGate;

#[async_trait]
impl Gate for TrialGate {
    async fn absent(&self) -> Result<Permit, Stop> {
        Ok(Permit::granted(None))
    }
}

/// The source's files, and what went wrong with them.
struct SourceFiles<'a> {
    flow: &'a Flow,
    source: &'a Account,
    looked: &'a Looked,
    blamed: Mutex<Option<Blamed>>,
}

/// The same for a trial, which shows what was read.
struct TrialFiles<'a> {
    files: SourceFiles<'a>,
    read: Mutex<Option<Pdf>>,
}

#[async_trait]
impl Files for TrialFiles<'_> {
    async fn pdf(&self) -> Result<Pdf, Stop> {
        let pdf = self.files.pdf().await?;
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(pdf.clone());
        Ok(pdf)
    }
}

#[async_trait]
impl Files for SourceFiles<'_> {
    async fn pdf(&self) -> Result<Pdf, Stop> {
        let session = self.flow.session(self.source, Mode::Live, Step::Look);
        let connector = self.flow.connector(self.source)?;
        let read = match (connector.accounting(), self.looked.document()) {
            (Some(accounting), Some(document)) => accounting.read_pdf(&session, document).await,
            _ => Err(Stop::fail(domain::Code::NotAPdf, None, remark::pdf_none())),
        };
        read.map_err(|stop| {
            let stop = in_step(stop, Step::Look);
            *self.blamed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Blamed::new(stop.clone(), &session));
            stop
        })
    }
}

impl Flow {
    /// Carries a claimed export. `old` is the record before the claim.
    pub(crate) async fn carry(&self, carriage: &Carriage<'_>, old: Option<&Export>) -> Ending {
        let doubt = doubt_before(old);
        let target_id = carriage.planned.target.connection.id.clone();
        if let Some(stop) = carriage.planned.stop.clone() {
            let private = carriage.planned.private.clone();
            return Ending::unsent(Blamed { stop, at: target_id, private, used: None }, doubt);
        }
        let Some(spec) = carriage.planned.spec else {
            let stop = Stop::skip(domain::SkipReason::Unsupported, domain::Code::Unsupported);
            return Ending::unsent(Blamed::quiet(stop, target_id), doubt);
        };
        if let Some(ending) = self.too_early(spec, doubt.as_ref(), carriage) {
            return ending;
        }
        let lease = spec.exclusive_order.then(|| self.lease_of(carriage));
        let mut siblings = siblings(carriage, carriage.view);
        if let Some(lease) = &lease {
            match self.take_lease(lease).await {
                Ok(None) => {}
                Ok(Some(stop)) => {
                    let mut ending = Ending::unsent(Blamed::quiet(stop, target_id), doubt);
                    ending.lease_taken = true;
                    return ending;
                }
                Err(stop) => return Ending::unsent(Blamed::quiet(stop, target_id), doubt),
            }
            // What the holder before us has recorded must be known.
            match self.beside(&carriage.export.key.tenant, carriage.names).await {
                Ok(view) => siblings = self::siblings(carriage, &view),
                Err(error) => return Ending::unsent(Blamed::quiet(ours(&error), target_id), doubt),
            }
        }
        let called = doubt.as_ref().and_then(|doubt| about_another(doubt, &carriage.looked.revision)).cloned();
        let (ending, wrote) = self.converse(carriage, spec, doubt, &siblings).await;
        match (&ending.result, called) {
            // This revision was never sent: what is there is the older one's.
            (Ok(receipt), Some(called)) if !wrote => {
                self.after_an_older((receipt.clone(), called), carriage, spec, &siblings).await
            }
            _ => ending,
        }
    }

    /// An older revision in doubt has arrived: the newer one is carried as what follows it.
    async fn after_an_older(
        &self,
        older: (Receipt, Revision),
        carriage: &Carriage<'_>,
        spec: &'static OperationSpec,
        siblings: &[Sibling],
    ) -> Ending {
        let mut export = carriage.export.clone();
        export.supersede(older.0.clone(), Some(older.1.clone()));
        let carriage = Carriage { export: &export, ..*carriage };
        let (ending, _) = self.converse(&carriage, spec, None, siblings).await;
        Ending { settled: Some(older), ..ending }
    }

    /// In doubt: class U is never sent again by itself; class R is not even asked before the first read-back is due. A
    /// doubt about another revision is over first, whatever the class: that call could else take effect after this one.
    fn too_early(&self, spec: &OperationSpec, doubt: Option<&Doubt>, carriage: &Carriage<'_>) -> Option<Ending> {
        let doubt = doubt?;
        let now = self.now();
        let at = carriage.planned.target.connection.id.clone();
        let ended = doubt.ended_at.unwrap_or(now);
        let first = ended + FIRST_READ_BACK;
        let settled = ended + late_bound(spec, carriage);
        match spec.guarantee {
            Guarantee::K | Guarantee::N | Guarantee::R
                if now < settled && about_another(doubt, &carriage.looked.revision).is_some() =>
            {
                let detail = Some(remark::older_call_may_arrive());
                let stop = Stop::Hold { reason: HoldReason::Settling, until: Some(settled), detail };
                Some(Ending::unsent(Blamed::quiet(stop, at), Some(doubt.clone())))
            }
            Guarantee::R if now < first => {
                let detail = Some(remark::call_unanswered());
                let stop = Stop::Hold { reason: HoldReason::Settling, until: Some(first), detail };
                Some(Ending::unsent(Blamed::quiet(stop, at), Some(doubt.clone())))
            }
            Guarantee::U => {
                let stop = Stop::hold(HoldReason::Settling, None);
                let mut ending = Ending::unsent(Blamed::quiet(stop, at), Some(doubt.clone()));
                ending.uncertain = true;
                Some(ending)
            }
            _ => None,
        }
    }

    /// One conversation, and whether it made a writing call.
    async fn converse(
        &self,
        carriage: &Carriage<'_>,
        spec: &'static OperationSpec,
        doubt: Option<Doubt>,
        siblings: &[Sibling],
    ) -> (Ending, bool) {
        let (export, target) = (carriage.export, carriage.planned.target.as_ref());
        let session = self.session(target, Mode::Live, Step::ReadBack);
        session.hide(carriage.looked.private.clone());
        let gate = RunGate {
            flow: self,
            export,
            at_hand: &carriage.looked.revision,
            spec,
            late_bound: late_bound(spec, carriage),
            doubt: doubt.as_ref(),
            began: session.now(),
            key: idempotency_key(export, &carriage.looked.revision, doubt.as_ref()),
            state: Mutex::new(GateState {
                lease_until: export.lease_until.unwrap_or_else(|| self.now()),
                settled: false,
            }),
        };
        let files = self.files(carriage);
        let task = task(carriage, siblings, doubt.is_some(), &files, &gate);
        let mut result = self.deliver(target, spec, &session, &task).await;
        if session.current_step() == Step::Preflight && session.write_outcome() == WriteOutcome::None {
            result = result.map_err(|stop| gate.looked(stop));
        }
        let settled = gate.lock().settled;
        let source_blamed = files.blamed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let in_doubt = match (&result, session.write_outcome()) {
            (Ok(_), _) => None,
            (Err(_), WriteOutcome::Unknown) => {
                let since = doubt.as_ref().map_or_else(|| session.now(), |doubt| doubt.since);
                Some(gate.in_doubt(since, Some(session.now())))
            }
            // The gate opened, so whatever was in doubt has been looked for and is absent.
            (Err(_), _) if settled => None,
            (Err(_), _) => doubt,
        };
        let uncertain = spec.guarantee == Guarantee::U && in_doubt.is_some();
        let wrote = session.write_outcome() != WriteOutcome::None;
        let ending = Ending {
            uncertain,
            in_doubt,
            target_heard: session.heard(),
            private: session.private(),
            lease_taken: false,
            settled: None,
            result: match result {
                Ok(delivered) => Ok(receipt(delivered, session.now())),
                // The source's fault if its file is what was missing and nothing was sent.
                Err(stop) => Err(source_blamed.filter(|_| !wrote).unwrap_or_else(|| Blamed::new(stop, &session))),
            },
        };
        (ending, wrote)
    }

    /// Does everything but write: nothing at the target, nothing in the ledger.
    pub(crate) async fn carry_as_trial(&self, carriage: &Carriage<'_>) -> Tried {
        let nothing = |stopped| Tried { requests: vec![], already_there: None, stopped, step: Step::Look, pdf: None };
        let Some(spec) = carriage.planned.spec else {
            return nothing(Some(Stop::skip(domain::SkipReason::Unsupported, domain::Code::Unsupported)));
        };
        let session: Session<'_> = self.session(&carriage.planned.target, Mode::Trial, Step::ReadBack);
        let files = TrialFiles { files: self.files(carriage), read: Mutex::new(None) };
        let siblings = siblings(carriage, carriage.view);
        let gate = TrialGate;
        let task = task(carriage, &siblings, false, &files, &gate);
        let result = self.deliver(&carriage.planned.target, spec, &session, &task).await;
        let pdf = files.read.into_inner().unwrap_or_else(PoisonError::into_inner);
        let step = session.current_step();
        let tried = Tried { requests: session.recorded(), step, pdf, ..nothing(carriage.planned.stop.clone()) };
        match result {
            Ok(delivered) if tried.requests.is_empty() => Tried { already_there: Some(delivered), ..tried },
            Err(stop) if tried.requests.is_empty() => Tried { stopped: Some(stop), ..tried },
            // What follows a recorded call reads an answer that no vendor gave.
            _ => tried,
        }
    }

    async fn deliver(
        &self,
        target: &Account,
        spec: &OperationSpec,
        session: &Session<'_>,
        task: &Task<'_>,
    ) -> Result<Delivered, Stop> {
        match self.connector(target)?.target(spec.operation) {
            Some(conversation) => conversation.deliver(session, task).await,
            None => Err(Stop::skip(domain::SkipReason::Unsupported, domain::Code::Unsupported)),
        }
    }

    fn files<'a>(&'a self, carriage: &Carriage<'a>) -> SourceFiles<'a> {
        SourceFiles { flow: self, source: carriage.source, looked: carriage.looked, blamed: Mutex::new(None) }
    }

    fn lease_of(&self, carriage: &Carriage<'_>) -> OrderLease {
        OrderLease {
            tenant: carriage.export.key.tenant.clone(),
            target: carriage.planned.target.connection.id.clone(),
            order: carriage.planned.order.reference.clone(),
            holder: carriage.export.id.clone(),
            claim: carriage.export.claim,
        }
    }

    /// Takes the order's lease. What its holder left behind, because its run ended between its record and the end of its
    /// lease, is given back in its name first.
    async fn take_lease(&self, lease: &OrderLease) -> Result<Option<Stop>, Stop> {
        let ledger = &self.parts.ledger;
        let under_way = |holder| Some(Stop::hold(HoldReason::Predecessor, Some(remark::order_busy(holder))));
        let Err(holder) = ledger.lease_order(lease).await.map_err(|error| ours(&error))? else { return Ok(None) };
        let record = ledger.export(&holder).await.map_err(|error| ours(&error))?;
        if holder == lease.holder || record.as_ref().is_some_and(keeps_its_order) {
            return Ok(under_way(holder));
        }
        // If it is claimed again just now, the lease is that claim's and stays.
        let claim = record.map_or(u64::MAX, |record| record.claim);
        let left = OrderLease { holder, claim, ..lease.clone() };
        ledger.release_order(&left).await.map_err(|error| ours(&error))?;
        Ok(ledger.lease_order(lease).await.map_err(|error| ours(&error))?.err().and_then(under_way))
    }
}

/// Whether others of its order wait for an export: it is under way, or may have done something that nobody has seen yet.
fn keeps_its_order(export: &Export) -> bool {
    match export.state {
        State::Sending | State::Accepted | State::Uncertain => true,
        State::Retrying | State::Held | State::Expired | State::Dead => export.in_doubt.is_some(),
        State::Delivered | State::Skipped | State::Planned => false,
    }
}

pub(crate) fn guard(export: &Export) -> Guard {
    Guard {
        id: export.id.clone(),
        claim: export.claim,
        run: export.run.clone().unwrap_or_else(|| domain::RunId::new("")),
    }
}

fn late_bound(spec: &OperationSpec, carriage: &Carriage<'_>) -> SignedDuration {
    carriage.planned.target.late_bound.unwrap_or(spec.late_bound)
}

fn receipt(delivered: Delivered, at: Timestamp) -> Receipt {
    Receipt { remote_id: delivered.remote_id, number: delivered.number, at, proof: delivered.proof }
}

fn task<'a>(
    carriage: &Carriage<'a>,
    siblings: &'a [Sibling],
    in_doubt: bool,
    files: &'a dyn Files,
    gate: &'a dyn Gate,
) -> Task<'a> {
    let connection = &carriage.planned.target.connection;
    Task {
        operation: carriage.export.key.operation,
        order: &carriage.planned.order,
        document: carriage.looked.document(),
        parcel: carriage.looked.parcel(),
        revision: &carriage.looked.revision,
        rules: &connection.rules,
        mappings: &connection.mappings,
        overrides: &carriage.export.overrides,
        siblings,
        previous: &carriage.export.earlier_receipts,
        after: carriage.planned.after.as_deref(),
        in_doubt,
        files,
        gate,
    }
}

/// Other exports of this order at this target, with the effects their receipts name.
fn siblings(carriage: &Carriage<'_>, view: &OrderView) -> Vec<Sibling> {
    let target = &carriage.planned.target.connection.id;
    view.exports
        .iter()
        .filter(|export| export.id != carriage.export.id && export.key.target.as_ref() == Some(target))
        .map(|export| Sibling {
            id: export.id.clone(),
            operation: export.key.operation,
            state: export.state,
            numbers: export.numbers.clone(),
            remote_ids: export.receipt.iter().chain(&export.earlier_receipts).map(|r| r.remote_id.clone()).collect(),
        })
        .collect()
}
