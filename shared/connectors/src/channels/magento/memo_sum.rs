//! What a credit memo over some of an order would come to: Magento's own steps, with the order's own numbers.
//!
//! ```text
//! rows ─► − discounts ─► + shipping ─► + tax and what discounts took of it ─► the memo's total
//! ```
//!
//! A line's share is what of it was invoiced and not refunded, by the piece, rounded; what the rounding cut off goes into
//! the next rounding. The last of a line takes all that is left. There is a sum only where every way to read the
//! vendor's sources gives the same one.

use super::VENDOR;
use super::{map, wire};
use domain::{Said, remark};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// More digits than any amount has: below that a number is noise of a division.
const NOISE: u32 = 8;

/// What a memo takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken<'a> {
    /// Quantities by order line, none of them zero.
    pub(super) quantities: &'a BTreeMap<String, Decimal>,
    /// All of the shipping, or nothing of it.
    pub(super) shipping: bool,
}

/// The total of a credit memo.
///
/// # Errors
/// In words: why it cannot be foretold to the cent.
pub(super) fn sum(order: &wire::Order, taken: Taken<'_>) -> Result<Decimal, Said> {
    foretold(order, taken)?;
    let shares: Vec<Share<'_>> = shares(order, taken.quantities).collect();
    let mut found = None;
    for half in [RoundingStrategy::MidpointAwayFromZero, RoundingStrategy::MidpointTowardZero] {
        for shipping_tax_rounded in [false, true] {
            let sum = Steps { order, taken, shares: &shares, shipping_tax_rounded }.sum(Rounding::new(half));
            let first = *found.get_or_insert(sum);
            if first != sum {
                return Err(remark::refund_rounding(VENDOR));
            }
        }
    }
    let sum = found.unwrap_or_default();
    if sum != sum.round_dp(2) {
        return Err(remark::refund_part_of_cent(VENDOR));
    }
    Ok(sum)
}

/// Whether the order is one whose memos can be foretold.
fn foretold(order: &wire::Order, taken: Taken<'_>) -> Result<(), Said> {
    let parent = |id| order.items.iter().find(|item| item.item_id == id);
    let is_variant = |item: &wire::OrderItem| {
        let parent = item.parent_item_id.and_then(parent);
        parent.is_some_and(|parent| parent.product_type.as_deref() == Some(map::CONFIGURABLE))
    };
    if order.items.iter().any(|item| item.parent_item_id.is_some() && !is_variant(item)) {
        return Err(remark::refund_bundle(VENDOR));
    }
    let none = |amount: Option<Decimal>| amount.unwrap_or_default().is_zero();
    if !none(order.shipping_discount_amount) || !none(order.shipping_discount_tax_compensation_amount) {
        return Err(remark::refund_shipping_discount(VENDOR));
    }
    if taken.shipping && !(none(order.shipping_refunded) && none(order.shipping_tax_refunded)) {
        return Err(remark::refund_shipping_again(VENDOR));
    }
    // Gift cards, store credit, fees and weee taxes have sums of their own, which no line tells.
    let lines: Decimal = map::top(order).map(worth).sum();
    let told = lines + order.shipping_amount.unwrap_or_default() + order.shipping_tax_amount.unwrap_or_default();
    if !map::equal(told, order.grand_total) {
        let total = order.grand_total.normalize();
        return Err(remark::refund_order_sum(VENDOR, told.normalize(), total));
    }
    Ok(())
}

/// What an order line came to.
fn worth(item: &wire::OrderItem) -> Decimal {
    item.row_total.unwrap_or_default() + item.tax_amount.unwrap_or_default() - item.discount_amount.unwrap_or_default()
        + item.discount_tax_compensation_amount.unwrap_or_default()
}

/// What a memo takes of one order line.
struct Share<'a> {
    item: &'a wire::OrderItem,
    quantity: Decimal,
    /// What of it may still be refunded.
    left: Decimal,
}

fn shares<'a>(order: &'a wire::Order, quantities: &'a BTreeMap<String, Decimal>) -> impl Iterator<Item = Share<'a>> {
    map::top(order).filter_map(|item| {
        let quantity = *quantities.get(&item.item_id.to_string())?;
        Some(Share { item, quantity, left: left(item) })
    })
}

fn left(item: &wire::OrderItem) -> Decimal {
    item.qty_invoiced.unwrap_or_default() - item.qty_refunded.unwrap_or_default()
}

impl Share<'_> {
    /// The share of what was invoiced and not refunded of one kind of amount. Whole where it is the last of its line.
    fn of(
        &self,
        invoiced: Option<Decimal>,
        refunded: Option<Decimal>,
        round: impl FnOnce(Decimal) -> Decimal,
    ) -> Decimal {
        let open = invoiced.unwrap_or_default() - refunded.unwrap_or_default();
        if self.quantity == self.left {
            return open;
        }
        let share = open.checked_div(self.left).and_then(|piece| piece.checked_mul(self.quantity));
        round(share.unwrap_or_default())
    }
}

/// The vendor's rounding within one memo: what one step cuts off the next one gets.
struct Rounding {
    half: RoundingStrategy,
    cut: Decimal,
}

impl Rounding {
    const fn new(half: RoundingStrategy) -> Self {
        Self { half, cut: Decimal::ZERO }
    }

    fn added(&mut self, amount: Decimal) -> Decimal {
        self.rounded(amount, Decimal::ONE)
    }

    /// An amount that is taken off: what was cut off before counts the other way.
    fn subtracted(&mut self, amount: Decimal) -> Decimal {
        self.rounded(amount, Decimal::NEGATIVE_ONE)
    }

    fn rounded(&mut self, amount: Decimal, sign: Decimal) -> Decimal {
        if amount.is_zero() {
            return amount;
        }
        let amount = (amount + self.cut * sign).round_dp(NOISE);
        let rounded = amount.round_dp_with_strategy(2, self.half);
        self.cut = (amount - rounded) * sign;
        rounded
    }
}

/// The steps, in the vendor's order.
struct Steps<'a> {
    order: &'a wire::Order,
    taken: Taken<'a>,
    shares: &'a [Share<'a>],
    /// Shops that show shipping with tax round its tax once more.
    shipping_tax_rounded: bool,
}

impl Steps<'_> {
    fn sum(&self, mut rounding: Rounding) -> Decimal {
        let mut sum = Decimal::ZERO;
        for share in self.shares {
            sum += share.of(share.item.row_invoiced, share.item.amount_refunded, |share| rounding.added(share));
        }
        for share in self.shares {
            let item = share.item;
            sum -= share.of(item.discount_invoiced, item.discount_refunded, |share| rounding.subtracted(share));
        }
        if self.taken.shipping {
            sum += self.order.shipping_amount.unwrap_or_default();
        }
        sum + self.tax(&mut rounding)
    }

    fn tax(&self, rounding: &mut Rounding) -> Decimal {
        let order = self.order;
        let (mut tax, mut compensation) = (Decimal::ZERO, Decimal::ZERO);
        for share in self.shares {
            let item = share.item;
            tax += share.of(item.tax_invoiced, item.tax_refunded, |share| rounding.added(share));
            let (invoiced, refunded) =
                (item.discount_tax_compensation_invoiced, item.discount_tax_compensation_refunded);
            compensation += share.of(invoiced, refunded, |share| rounding.added(share));
        }
        if self.taken.shipping {
            let of_shipping = order.shipping_tax_amount.unwrap_or_default();
            tax += if self.shipping_tax_rounded { rounding.added(of_shipping) } else { of_shipping };
        }
        let open = |invoiced: Option<Decimal>, refunded: Option<Decimal>| {
            invoiced.unwrap_or_default() - refunded.unwrap_or_default()
        };
        let tax_left = open(order.tax_invoiced, order.tax_refunded);
        let compensation_left =
            open(order.discount_tax_compensation_invoiced, order.discount_tax_compensation_refunded);
        if self.takes_the_last() && !self.leaves_taxed_shipping() {
            tax_left + compensation_left
        } else {
            tax.min(tax_left) + compensation.min(compensation_left)
        }
    }

    /// Whether nothing of any line is left after this memo.
    fn takes_the_last(&self) -> bool {
        map::top(self.order).all(|item| {
            let taken = self.taken.quantities.get(&item.item_id.to_string()).copied().unwrap_or_default();
            taken == left(item)
        })
    }

    fn leaves_taxed_shipping(&self) -> bool {
        let order = self.order;
        let rest = order.shipping_amount.unwrap_or_default() - order.shipping_refunded.unwrap_or_default();
        !self.taken.shipping && rest > Decimal::ZERO && order.shipping_tax_amount.unwrap_or_default() > Decimal::ZERO
    }
}
