//! Plan: which exports a source object becomes, and whether each may go now.

use crate::flow::Flow;
use crate::look::{Blamed, Looked, ours};
use crate::owner::{Owner, Probing, fits};
use crate::ports::OrderView;
use connectors::{Account, OperationSpec, Stop};
use domain::{
    Code, ConnectionId, ConnectionState, Document, DocumentStatus, Export, ExportKey, HoldReason, InvoiceWhen,
    Operation, Order, OrderReference, Overrides, SkipReason, State,
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
}

/// What a source object becomes.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) reference: OrderReference,
    pub(crate) exports: Vec<Planned>,
    /// What lay beside the order before this run.
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
        let operation =
            looked.operation().ok_or_else(|| at_source(Stop::skip(SkipReason::Unsupported, Code::Unsupported)))?;
        let (mut owner, reference, view) = self.owner(source, looked, overrides, probing).await?;
        // An order may have changed since it was remembered; its channel is asked once before anything is held for that.
        if !owner.fresh && looked.document().is_some_and(|document| mismatch(document, &owner.item.order).is_some()) {
            let id = owner.channel.connection.id.clone();
            if let Some(fresh) = self.ask(&id, &reference, probing).await? {
                let fresh = fresh.named_as(&view);
                self.parts.ledger.remember_order(&fresh.item).await.map_err(|error| at_source(ours(&error)))?;
                owner = fresh;
            }
        }
        let mut owners = vec![owner];
        if let Some(first) = owners.first() {
            let aliases = self.aliased(source, first, probing).await?;
            owners.extend(aliases);
        }
        let decision = Decision { looked, view: &view, probing, by_hand: overrides.by_hand };
        let exports = owners.into_iter().map(|owner| planned(source, operation, owner, &decision)).collect();
        Ok(Plan { reference, exports, view })
    }

    /// The same sale at other channels: targets too. What is remembered of them is enough to plan, so that a channel
    /// that cannot be asked now holds up its own export only; one that is switched off takes no part.
    async fn aliased(&self, source: &Account, owner: &Owner, probing: Probing<'_>) -> Result<Vec<Owner>, Blamed> {
        let at_source = |error| Blamed::quiet(ours(&error), source.connection.id.clone());
        let tenant = &source.connection.tenant;
        let mut others = vec![];
        for alias in &owner.item.order.aliases {
            if alias.channel == owner.channel.connection.id {
                continue;
            }
            let Some(channel) = self.account(&alias.channel).await.map_err(at_source)? else { continue };
            let connection = &channel.connection;
            if connection.tenant != *tenant || !connection.ever_active || connection.state == ConnectionState::Disabled
            {
                continue;
            }
            let view = self.parts.ledger.glance(tenant, &alias.reference).await.map_err(at_source)?;
            if let Some(item) = view.orders.into_iter().find(|item| item.channel == alias.channel) {
                others.push(Owner { channel, item, fresh: false });
            } else if let Some(found) = self.ask(&alias.channel, &alias.reference, probing).await? {
                self.parts.ledger.remember_order(&found.item).await.map_err(at_source)?;
                others.push(found);
            }
        }
        Ok(others)
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

fn planned(source: &Account, operation: Operation, owner: Owner, decision: &Decision<'_>) -> Planned {
    let target = owner.channel;
    let key = decision.looked.key(source, operation, &target.connection.id);
    let spec = target.spec.operation(operation);
    let stop = decide(&target, spec, &owner.item.order, decision);
    Planned { key, target, spec, order: owner.item.order, stop }
}

/// Whether it may go, and if not, why.
fn decide(target: &Account, spec: Option<&OperationSpec>, order: &Order, decision: &Decision<'_>) -> Option<Stop> {
    let Decision { looked, view, probing, by_hand } = *decision;
    let skip = |reason, code| Some(Stop::skip(reason, code));
    let Some(spec) = spec else { return skip(SkipReason::Unsupported, Code::Unsupported) };
    if !target.connection.is_on(spec.switch) {
        return skip(SkipReason::SwitchedOff, Code::SwitchedOff);
    }
    if let Some(document) = looked.document() {
        if document.status == DocumentStatus::Cancelled {
            return skip(SkipReason::DocumentCancelled, Code::DocumentCancelled);
        }
        if let Some(stop) = by_rule(document, target, order, spec.operation)
            && !(by_hand && matches!(stop, Stop::Hold { .. }))
        {
            return Some(stop);
        }
        if spec.operation == Operation::SendCreditNote
            && let Some(stop) = before_its_invoice(document, &target.connection.id, view)
        {
            return Some(stop);
        }
        if let Some(detail) = mismatch(document, order) {
            return Some(Stop::hold(HoldReason::OrderMismatch, Some(detail)));
        }
    }
    if let Some(parcel) = looked.parcel() {
        if parcel.state == domain::DeliveryState::Cancelled {
            return skip(SkipReason::DocumentCancelled, Code::DocumentCancelled);
        }
        if parcel.tracking_number().is_none() {
            return Some(Stop::hold(HoldReason::NumberMissing, None));
        }
    }
    if target.connection.state != ConnectionState::Active && probing != Some(&target.connection.id) {
        return Some(Stop::hold(HoldReason::ConnectionPaused, None));
    }
    None
}

/// When an invoice may go out.
fn by_rule(document: &Document, target: &Account, order: &Order, operation: Operation) -> Option<Stop> {
    if operation != Operation::SendInvoice {
        return None;
    }
    let rules = &target.connection.rules;
    // The channel's word comes first; the source's counts where the channel says none, or none that a rule names.
    let kinds = order.payment_kind.iter().chain(&document.payment_kind);
    let mappings = &target.connection.mappings;
    let by_payment =
        kinds.into_iter().find_map(|kind| rules.invoice_when_by_payment.get(mappings.payment(kind))).copied();
    let default = target.spec.channel.as_ref().and_then(|c| c.invoice_when);
    let when = by_payment.or(rules.invoice_when).or(default).unwrap_or(InvoiceWhen::Never);
    let status = document.status;
    let ready = match when {
        InvoiceWhen::Never => return Some(Stop::skip(SkipReason::RuleNever, Code::RuleNever)),
        InvoiceWhen::Issued => true,
        InvoiceWhen::Sent => matches!(status, DocumentStatus::Sent | DocumentStatus::InPayment | DocumentStatus::Paid),
        InvoiceWhen::InPayment => matches!(status, DocumentStatus::InPayment | DocumentStatus::Paid),
        InvoiceWhen::Paid => status == DocumentStatus::Paid,
    };
    let waits_for = match when {
        InvoiceWhen::Sent => "the rule waits until it was sent to the buyer",
        InvoiceWhen::InPayment => "the rule waits until a payment is under way",
        _ => "the rule waits until it is paid",
    };
    (!ready).then(|| Stop::hold(HoldReason::NotPaidYet, Some(waits_for.to_owned())))
}

/// A credit note never overtakes its invoice on the same target.
pub(crate) fn before_its_invoice(document: &Document, target: &ConnectionId, view: &OrderView) -> Option<Stop> {
    let invoice = document.corrects.as_ref()?;
    let is_it = |export: &&Export| {
        export.key.operation == Operation::SendInvoice
            && export.key.target.as_ref() == Some(target)
            && export.key.subject.id == *invoice
    };
    match view.exports.iter().find(is_it) {
        Some(export) if matches!(export.state, State::Delivered | State::Skipped) => None,
        _ => Some(Stop::hold(HoldReason::Predecessor, Some("its invoice must arrive first".to_owned()))),
    }
}

/// Currency must equal the order's, and the order's total must not be below the document's.
fn mismatch(document: &Document, order: &Order) -> Option<String> {
    let (theirs, ours) = (order.total, document.money());
    (theirs.currency != ours.currency || theirs.amount < ours.amount.abs())
        .then(|| format!("the document says {ours}, the order {theirs}"))
}

/// The source's own rule on what is carried.
fn left_out(source: &Account, looked: &Looked) -> Option<Stop> {
    let rule = source.connection.rules.carry_when.as_ref()?;
    let document = looked.document()?;
    let series = rule.series.is_empty() || document.series.as_ref().is_some_and(|s| rule.series.contains(s));
    let tags = rule.tags.is_empty() || document.tags.iter().any(|tag| rule.tags.contains(tag));
    let reference = looked.reference.as_ref().map_or("", OrderReference::as_str);
    let carried = series && tags && fits(&rule.order_pattern, reference);
    (!carried).then(|| Stop::skip(SkipReason::RuleNever, Code::NotCarried))
}
