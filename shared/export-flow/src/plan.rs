//! Plan: which exports a source object becomes, and whether each may go now.

use crate::aliases::names;
use crate::flow::Flow;
use crate::gates::{Case, DocumentFacts, Thing, mismatch, not_carried};
use crate::look::{Blamed, Facts, Looked, ours};
use crate::owner::{Owner, Probing};
use crate::ports::OrderView;
use crate::predecessor::{Before, invoice_before};
use connectors::{Account, OperationSpec, Stop};
use domain::{
    Code, ConnectionState, Document, Export, ExportKey, HoldReason, Operation, Order, OrderReference, Overrides,
    SkipReason, remark,
};
use std::sync::Arc;

/// One export to be made.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) key: ExportKey,
    pub(crate) target: Arc<Account>,
    /// What carries it; absent where the target cannot take such a thing.
    pub(crate) spec: Option<&'static OperationSpec>,
    pub(crate) order: Order,
    /// `None`: it may go.
    pub(crate) stop: Option<Stop>,
    /// Buyer values that the stop's words may repeat.
    pub(crate) private: Vec<String>,
    /// Number of the invoice that must be found at the target first.
    pub(crate) after: Option<String>,
}

/// What a source object becomes.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) reference: OrderReference,
    /// Every name of the order, the quoted one first.
    pub(crate) names: Vec<OrderReference>,
    pub(crate) exports: Vec<Planned>,
    /// What lay beside the order under all its names before this run.
    pub(crate) view: OrderView,
}

impl Flow {
    /// Plans a source object that was just read.
    pub(crate) async fn plan(
        &self,
        source: &Account,
        looked: &Looked,
        overrides: &Overrides,
        probing: Probing<'_>,
    ) -> Result<Plan, Blamed> {
        let at_source = |stop| Blamed::quiet(stop, source.connection.id.clone());
        left_out(source, looked).map_or(Ok(()), |stop| Err(at_source(stop)))?;
        if looked.operations().is_empty() {
            return Err(at_source(Stop::skip(SkipReason::Unsupported, Code::Unsupported)));
        }
        let (mut owner, reference, mut view) = self.owner(source, looked, overrides, probing).await?;
        // An order may have changed since it was remembered; its channel is asked once before anything is held for that.
        if !owner.fresh && looked.document().is_some_and(|document| mismatched(document, &owner.item.order)) {
            let id = owner.channel.connection.id.clone();
            if let Some(fresh) = self.ask(&id, &reference, probing).await? {
                let fresh = fresh.named_as(&view);
                self.parts.ledger.remember_order(&fresh.item).await.map_err(|error| at_source(ours(&error)))?;
                owner = fresh;
            }
        }
        let aliased = self.aliased(&owner, &mut view, probing).await.map_err(|error| at_source(ours(&error)))?;
        let owners: Vec<Owner> = std::iter::once(owner).chain(aliased).collect();
        let names = names(&reference, &owners);
        let decision = Decision { looked, view: &view, probing, by_hand: overrides.by_hand };
        let mut exports = vec![];
        for owner in &owners {
            for operation in asked_of(&owner.channel, &decision) {
                let planned = planned(source, operation, owner, &decision);
                exports.push(self.after_its_invoice(source, planned, &decision).await?);
            }
        }
        Ok(Plan { reference, names, exports, view })
    }

    /// A credit note, or its refund, that may go but for its invoice.
    async fn after_its_invoice(
        &self,
        source: &Account,
        planned: Planned,
        decision: &Decision<'_>,
    ) -> Result<Planned, Blamed> {
        let Some(document) = decision.looked.document().filter(|_| planned.stop.is_none()) else { return Ok(planned) };
        let corrects = matches!(planned.key.operation, Operation::SendCreditNote | Operation::RefundOrder);
        if !corrects || decision.by_hand {
            return Ok(planned);
        }
        let waits = || Some(Stop::hold(HoldReason::Predecessor, Some(remark::invoice_first())));
        Ok(match invoice_before(document, &planned.target.connection, decision.view) {
            Before::Met => planned,
            Before::UnderWay => Planned { stop: waits(), ..planned },
            Before::Unproven => {
                let after = self.number_of_invoice(source, document).await?;
                Planned { stop: if after.is_none() { waits() } else { None }, after, ..planned }
            }
        })
    }
}

/// What decides whether an export may go.
struct Decision<'a> {
    looked: &'a Looked,
    view: &'a OrderView,
    probing: Probing<'a>,
    /// A person said that it goes now: no rule is waited for.
    by_hand: bool,
}

/// What a channel is asked to do: the first in any case, so that it is seen if it cannot; whatever else it offers only once
/// its switch asks for it, and what is on record already.
fn asked_of<'a>(channel: &'a Account, decision: &'a Decision<'_>) -> impl Iterator<Item = Operation> + 'a {
    let target = &channel.connection;
    let on_record = |operation: Operation| {
        let of_it = |export: &&Export| export.key.subject == decision.looked.subject;
        decision
            .view
            .exports
            .iter()
            .filter(of_it)
            .any(|export| export.key.operation == operation && export.key.target.as_ref() == Some(&target.id))
    };
    let asked = move |(at, operation): &(usize, Operation)| {
        let offered = channel.spec.operation(*operation);
        *at == 0 || offered.is_some_and(|spec| target.is_on(spec.switch) || on_record(*operation))
    };
    decision.looked.operations().iter().copied().enumerate().filter(asked).map(|(_, operation)| operation)
}

fn planned(source: &Account, operation: Operation, owner: &Owner, decision: &Decision<'_>) -> Planned {
    let Owner { channel: target, item, missing, .. } = owner;
    let key = decision.looked.key(source, operation, &target.connection.id);
    let spec = target.spec.operation(operation);
    let stop = decide(target, spec, &item.order, missing.as_ref(), decision);
    let private = missing.as_ref().map(|blamed| blamed.private.clone()).unwrap_or_default();
    Planned { key, target: Arc::clone(target), spec, order: item.order.clone(), stop, private, after: None }
}

/// Whether it may go, and if not, why.
fn decide(
    target: &Account,
    spec: Option<&OperationSpec>,
    order: &Order,
    missing: Option<&Blamed>,
    decision: &Decision<'_>,
) -> Option<Stop> {
    let Decision { looked, probing, by_hand, .. } = *decision;
    let thing = match &looked.facts {
        Facts::Document(document) => Thing::Document(DocumentFacts {
            status: document.status,
            paid_by: [order.payment_kind.as_deref(), document.payment_kind.as_deref()],
            totals: Some((document.money(), order.total)),
        }),
        Facts::Parcel(parcel) => Thing::Parcel(parcel),
    };
    let invoice_when = target.spec.channel.as_ref().and_then(|channel| channel.invoice_when);
    let missing = missing.map(|blamed| &blamed.stop);
    let case = Case { target: &target.connection, invoice_when, spec, thing, missing, by_hand };
    let paused = target.connection.state != ConnectionState::Active && probing != Some(&target.connection.id);
    case.stop().or_else(|| paused.then(|| Stop::hold(HoldReason::ConnectionPaused, None)))
}

fn mismatched(document: &Document, order: &Order) -> bool {
    mismatch(document.money(), order.total).is_some()
}

/// The source's own rule on what is carried.
fn left_out(source: &Account, looked: &Looked) -> Option<Stop> {
    let document = looked.document()?;
    let reference = looked.reference.as_ref().map_or("", OrderReference::as_str);
    not_carried(source.connection.rules.carry_when.as_ref(), document.series.as_deref(), &document.tags, reference)
}
