//! Whether a thing may go, by switches, rules and what is known of it. A plan asks it of what was just read, a preview of
//! what is remembered.

use crate::owner::fits;
use connectors::{OperationSpec, Stop};
use domain::{
    CarryWhen, Code, Connection, DeliveryState, DocumentStatus, HoldReason, InvoiceWhen, Money, Operation, Parcel,
    Said, SkipReason, remark,
};

/// What is to go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Thing<'a> {
    Document(DocumentFacts<'a>),
    Parcel(&'a Parcel),
}

/// What is asked of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DocumentFacts<'a> {
    pub(crate) status: DocumentStatus,
    /// How it is paid. The channel's word comes first; the source's counts where the channel says none, or none that a
    /// rule names.
    pub(crate) paid_by: [Option<&'a str>; 2],
    /// Its total and that of its order, where both are known.
    pub(crate) totals: Option<(Money, Money)>,
}

/// One thing on its way to one target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) target: &'a Connection,
    /// The target's default of `invoice_when`.
    pub(crate) invoice_when: Option<InvoiceWhen>,
    /// What carries it; absent where the target cannot take such a thing.
    pub(crate) spec: Option<&'a OperationSpec>,
    pub(crate) thing: Thing<'a>,
    /// Why the order could not be read there.
    pub(crate) missing: Option<&'a Stop>,
    /// A person said that it goes now: no rule is waited for.
    pub(crate) by_hand: bool,
}

impl Case<'_> {
    /// Why it may not go; `None`: nothing that a plan knows is against it.
    pub(crate) fn stop(&self) -> Option<Stop> {
        let skip = |reason, code| Some(Stop::skip(reason, code));
        let Some(spec) = self.spec else { return skip(SkipReason::Unsupported, Code::Unsupported) };
        if !self.target.is_on(spec.switch) {
            return skip(SkipReason::SwitchedOff, Code::SwitchedOff);
        }
        let cancelled = match self.thing {
            Thing::Document(document) => document.status == DocumentStatus::Cancelled,
            Thing::Parcel(parcel) => parcel.state == DeliveryState::Cancelled,
        };
        if cancelled {
            return skip(SkipReason::DocumentCancelled, Code::DocumentCancelled);
        }
        if let Some(missing) = self.missing {
            return Some(missing.clone());
        }
        match self.thing {
            Thing::Document(document) => self.document(document, spec.operation),
            Thing::Parcel(parcel) => {
                parcel.tracking_number().is_none().then(|| Stop::hold(HoldReason::NumberMissing, None))
            }
        }
    }

    fn document(&self, document: DocumentFacts<'_>, operation: Operation) -> Option<Stop> {
        let by_rule = || (operation == Operation::SendInvoice).then(|| self.by_rule(document)).flatten();
        let counts = |stop: &Stop| !(self.by_hand && matches!(stop, Stop::Hold { .. }));
        by_rule().filter(counts).or_else(|| {
            let (ours, theirs) = document.totals?;
            Some(Stop::hold(HoldReason::OrderMismatch, Some(mismatch(ours, theirs)?)))
        })
    }

    /// When an invoice may go out.
    fn by_rule(&self, document: DocumentFacts<'_>) -> Option<Stop> {
        let status = document.status;
        let when = document.paid_by.into_iter().flatten().find_map(|kind| when_paid_by(self.target, kind));
        let when = when.or(self.target.rules.invoice_when).or(self.invoice_when).unwrap_or(InvoiceWhen::Never);
        let ready = match when {
            InvoiceWhen::Never => return Some(Stop::skip(SkipReason::RuleNever, Code::RuleNever)),
            InvoiceWhen::Issued => true,
            InvoiceWhen::Sent => {
                matches!(status, DocumentStatus::Sent | DocumentStatus::InPayment | DocumentStatus::Paid)
            }
            InvoiceWhen::InPayment => matches!(status, DocumentStatus::InPayment | DocumentStatus::Paid),
            InvoiceWhen::Paid => status == DocumentStatus::Paid,
        };
        let waits_for = match when {
            InvoiceWhen::Sent => remark::waits_sent(),
            InvoiceWhen::InPayment => remark::waits_payment(),
            _ => remark::waits_paid(),
        };
        (!ready).then(|| Stop::hold(HoldReason::NotPaidYet, Some(waits_for)))
    }
}

/// The rule for one kind of payment, if there is one.
pub(crate) fn when_paid_by(target: &Connection, kind: &str) -> Option<InvoiceWhen> {
    target.rules.invoice_when_by_payment.get(target.mappings.payment(kind)).copied()
}

/// Currency must equal the order's, and the order's total must not be below the document's.
pub(crate) fn mismatch(ours: Money, theirs: Money) -> Option<Said> {
    (theirs.currency != ours.currency || theirs.amount < ours.amount.abs())
        .then(|| remark::document_and_order(ours, theirs))
}

/// The source's own rule on what is carried.
pub(crate) fn not_carried(
    rule: Option<&CarryWhen>,
    series: Option<&str>,
    tags: &[String],
    reference: &str,
) -> Option<Stop> {
    let rule = rule?;
    let in_series = rule.series.is_empty() || series.is_some_and(|series| rule.series.iter().any(|s| s == series));
    let tagged = rule.tags.is_empty() || tags.iter().any(|tag| rule.tags.contains(tag));
    let carried = in_series && tagged && fits(&rule.order_pattern, reference);
    (!carried).then(|| Stop::skip(SkipReason::RuleNever, Code::NotCarried))
}
