//! What is remembered of an export's thing, and every way in which it may be with what is not: a judgement that is the
//! same in all of them is no guess.

use crate::gates::when_paid_by;
use crate::ports::{DocumentItem, DocumentStanding, OrderItem};
use domain::{CarryWhen, Connection, DeliveryState, DocumentStatus, Export, Money, Parcel, SubjectKind};
use std::borrow::Cow;

/// What was cancelled has ended as that.
const STATUSES: [DocumentStatus; 4] =
    [DocumentStatus::Issued, DocumentStatus::Sent, DocumentStatus::InPayment, DocumentStatus::Paid];

/// What is remembered.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) document: Option<DocumentItem>,
    pub(super) parcel: Option<Parcel>,
    /// Whether no other parcel of its order is known.
    pub(super) alone: Option<bool>,
    pub(super) orders: Vec<OrderItem>,
}

/// One way in which it may be.
#[derive(Debug, Clone)]
pub(super) enum World<'a> {
    Document { status: DocumentStatus, paid_by: [Option<&'a str>; 2], totals: Option<(Money, Money)> },
    Parcel { parcel: Cow<'a, Parcel>, alone: bool },
}

impl Known {
    fn standing(&self) -> Option<&DocumentStanding> {
        self.document.as_ref()?.standing.as_ref()
    }

    /// Every way in which an export's thing may be, as far as these rules tell ways apart.
    pub(super) fn worlds<'a>(&'a self, export: &'a Export, rules: [&'a Connection; 2]) -> Vec<World<'a>> {
        match export.key.subject.kind {
            SubjectKind::Parcel => self.parcels(export),
            _ => self.documents(export, rules),
        }
    }

    fn documents<'a>(&'a self, export: &Export, rules: [&'a Connection; 2]) -> Vec<World<'a>> {
        let order = self.orders.iter().find(|item| export.key.target.as_ref() == Some(&item.channel));
        let order = order.map(|item| &item.order);
        let standing = self.standing();
        let kinds = kinds(rules);
        let by_order = order.map_or_else(|| kinds.clone(), |order| vec![order.payment_kind.as_deref()]);
        let by_source = standing.map_or(kinds, |standing| vec![standing.payment_kind.as_deref()]);
        let statuses = standing.map_or_else(|| STATUSES.to_vec(), |standing| vec![standing.status]);
        let totals = self.document.as_ref().zip(order).map(|(document, order)| (document.total, order.total));
        let mut worlds = vec![];
        for first in &by_order {
            for second in &by_source {
                let paid_by = [*first, *second];
                worlds.extend(statuses.iter().map(|status| World::Document { status: *status, paid_by, totals }));
            }
        }
        worlds
    }

    fn parcels<'a>(&'a self, export: &Export) -> Vec<World<'a>> {
        let parcels: Vec<Cow<'a, Parcel>> = match &self.parcel {
            Some(parcel) => vec![Cow::Borrowed(parcel)],
            None => [DeliveryState::LabelCreated, DeliveryState::InTransit].map(|s| in_state(export, s)).to_vec(),
        };
        let alone = self.alone.map_or_else(|| vec![true, false], |alone| vec![alone]);
        let with = |parcel: &Cow<'a, Parcel>| alone.iter().map(|a| (parcel.clone(), *a)).collect::<Vec<_>>();
        parcels.iter().flat_map(with).map(|(parcel, alone)| World::Parcel { parcel, alone }).collect()
    }

    /// Every series and set of tags that a document may have, as far as these rules tell them apart.
    pub(super) fn marks<'a>(&'a self, rules: [Option<&'a CarryWhen>; 2]) -> Vec<(Option<&'a str>, Cow<'a, [String]>)> {
        if let Some(standing) = self.standing() {
            return vec![(standing.series.as_deref(), Cow::Borrowed(&standing.tags))];
        }
        let named = || rules.into_iter().flatten();
        let series: Vec<Option<&str>> =
            std::iter::once(None).chain(named().flat_map(|rule| &rule.series).map(|s| Some(s.as_str()))).collect();
        let all: Vec<String> = named().flat_map(|rule| rule.tags.clone()).collect();
        let mut tags = vec![vec![], all.clone()];
        tags.extend(all.into_iter().map(|tag| vec![tag]));
        let with = |series: &Option<&'a str>| tags.iter().map(|t| (*series, Cow::Owned(t.clone()))).collect::<Vec<_>>();
        series.iter().flat_map(with).collect()
    }
}

/// Payment kinds that these rules tell apart, and none that they know.
fn kinds(rules: [&Connection; 2]) -> Vec<Option<&str>> {
    let named = |c: &&'_ Connection| c.rules.invoice_when_by_payment.len();
    if rules.iter().map(named).sum::<usize>() == 0 {
        return vec![None];
    }
    let mut met = vec![(None, None)];
    let mut kinds = vec![None];
    for connection in rules {
        let words = connection.rules.invoice_when_by_payment.keys().chain(connection.mappings.payments.keys());
        for kind in words {
            let says = (when_paid_by(rules[0], kind), when_paid_by(rules[1], kind));
            if !met.contains(&says) {
                met.push(says);
                kinds.push(Some(kind.as_str()));
            }
        }
    }
    kinds
}

/// A parcel of which only its export is known.
fn in_state<'a>(export: &Export, state: DeliveryState) -> Cow<'a, Parcel> {
    Cow::Owned(Parcel {
        id: export.key.subject.id.clone(),
        tracking_numbers: export.numbers.clone(),
        carrier: None,
        tracking_url: None,
        state,
        states: vec![],
        order_reference: None,
        lines: vec![],
        version_at: export.created_at,
    })
}
