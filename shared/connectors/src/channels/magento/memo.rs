//! What a credit note is at an order: which of its lines, which memo is it already, and which may be it.

use super::memo_sum::Taken;
use super::{map, wire};
use crate::channels::lines::{Wanted, spread};
use domain::{Document, Said, remark};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A memo's state: cancelled, so that it stands for nothing.
const CANCELED: i64 = 3;

/// What a credit note takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Goods {
    /// Quantities by order line, none of them zero.
    pub(super) quantities: BTreeMap<String, Decimal>,
    /// All of the shipping.
    pub(super) shipping: bool,
}

impl Goods {
    pub(super) const fn taken(&self) -> Taken<'_> {
        Taken { quantities: &self.quantities, shipping: self.shipping }
    }
}

/// Reads a credit note as lines of the order that are invoiced and not refunded. Every line must be one of these or the
/// order's whole shipping. Some books write a credit note with the sign turned, others do not.
///
/// # Errors
/// In words: what does not fit.
pub(super) fn goods(document: &Document, order: &wire::Order) -> Result<Goods, Said> {
    let total: Decimal = document.lines.iter().map(|line| line.total).sum();
    let sign = if total.is_sign_negative() { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    let left = map::left_to_refund(order);
    let (mut known, mut others) = (vec![], Decimal::ZERO);
    for line in &document.lines {
        let amount = line.total * sign;
        let wanted = Wanted::from(line);
        if amount < Decimal::ZERO {
            return Err(remark::refund_takes_back());
        }
        if left.iter().any(|left| left.meant_by(&wanted)) {
            known.push(wanted);
        } else {
            others += amount;
        }
    }
    let quantities = spread(&known, &left)?;
    if quantities.is_empty() {
        return Err(remark::refund_without_goods());
    }
    whole_pieces(order, &quantities)?;
    let shipping = order.shipping_amount.unwrap_or_default() + order.shipping_tax_amount.unwrap_or_default();
    if !others.is_zero() && !map::equal(others, shipping) {
        let (others, shipping) = (others.normalize(), shipping.normalize());
        return Err(remark::refund_lines_strange(others, shipping));
    }
    Ok(Goods { quantities, shipping: !others.is_zero() })
}

/// Magento cuts a broken quantity down to whole pieces without a word, unless the product is sold by the measure.
fn whole_pieces(order: &wire::Order, quantities: &BTreeMap<String, Decimal>) -> Result<(), Said> {
    let measured = |item: &&wire::OrderItem| item.is_qty_decimal.unwrap_or_default().is_zero();
    let mut pieces = map::top(order).filter(measured);
    let broken = pieces.find(|item| quantities.get(&item.item_id.to_string()).is_some_and(|q| !q.fract().is_zero()));
    broken.map_or(Ok(()), |item| {
        Err(item.sku.as_deref().map_or_else(remark::refund_part_of_unnamed, remark::refund_part_of_piece))
    })
}

/// Whether a memo stands for something.
pub(super) fn stands(memo: &wire::CreditMemo) -> bool {
    memo.state != Some(CANCELED)
}

/// The memo's comments.
pub(super) fn comments(memo: &wire::CreditMemo) -> &[wire::Comment] {
    memo.comments.as_deref().unwrap_or_default()
}

/// The credit notes that a memo's comments name.
pub(super) fn numbers(memo: &wire::CreditMemo) -> Vec<String> {
    comments(memo).iter().filter_map(|c| map::credited(c.comment.as_deref()?)).collect()
}

/// Whether a memo is over a credit note's sum, in its currency.
pub(super) fn same_sum(memo: &wire::CreditMemo, document: &Document, order: &wire::Order) -> bool {
    let currency = memo.order_currency_code.as_deref().unwrap_or(&order.order_currency_code);
    let same = memo.grand_total.is_some_and(|total| map::equal(total, document.total.abs()));
    same && currency.eq_ignore_ascii_case(document.currency.code())
}

/// Whether a memo is over a credit note's goods, as if it were not there yet.
pub(super) fn same_goods(memo: &wire::CreditMemo, document: &Document, order: &wire::Order) -> bool {
    let invoiced = map::left(order, |item| item.qty_invoiced.unwrap_or_default());
    let meant: Vec<Wanted<'_>> = document
        .lines
        .iter()
        .map(Wanted::from)
        .filter(|wanted| invoiced.iter().any(|left| left.meant_by(wanted)))
        .collect();
    let wanted = spread(&meant, &invoiced);
    let there = |id: &str| -> Decimal {
        memo.items.iter().filter(|item| item.order_item_id.to_string() == id).filter_map(|item| item.qty).sum()
    };
    wanted.is_ok_and(|wanted| {
        !wanted.is_empty()
            && invoiced.iter().all(|line| there(&line.id) == wanted.get(&line.id).copied().unwrap_or_default())
    })
}

/// Whether a memo takes back something of an order line that a credit note means.
pub(super) fn shares_goods(memo: &wire::CreditMemo, document: &Document, order: &wire::Order) -> bool {
    let lines = map::left(order, |item| item.qty_invoiced.unwrap_or_default());
    let meant = lines.iter().filter(|line| document.lines.iter().any(|wanted| line.meant_by(&Wanted::from(wanted))));
    meant.into_iter().any(|line| {
        memo.items
            .iter()
            .any(|item| item.order_item_id.to_string() == line.id && item.qty.unwrap_or_default() > Decimal::ZERO)
    })
}
