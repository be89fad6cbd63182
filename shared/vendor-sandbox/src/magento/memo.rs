//! Credit memos, with the totals that the vendor computes (Sales sources: `CreditmemoFactory`, `Order/Creditmemo/Total`,
//! the validators). A call cannot say a total; a partial one repeated refunds twice.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use serde_json::json;

use super::actions::{Wish, WishedPart};
use super::entities::{Creditmemo, Item, Order, Part};
use super::{Magento, Options, refuse};
use crate::http::{Answer, Call};
use crate::world::Tx;

#[derive(Deserialize, Default)]
pub(super) struct Amounts {
    /// Left out: all that is left.
    shipping_amount: Option<Decimal>,
    #[serde(default)]
    adjustment_positive: Decimal,
    #[serde(default)]
    adjustment_negative: Decimal,
}

/// Rounding of the vendor: what is cut off waits for the next amount.
#[derive(Default)]
struct Delta(Decimal);

impl Delta {
    fn round(&mut self, price: Decimal) -> Decimal {
        if price.is_zero() {
            return price;
        }
        let price = price + self.0;
        let rounded = cents(price);
        self.0 = price - rounded;
        rounded
    }
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// What a memo comes to.
struct Totals {
    /// Row and tax by part.
    parts: Vec<(Decimal, Decimal)>,
    shipping: Decimal,
    shipping_tax: Decimal,
    tax: Decimal,
    total: Decimal,
}

/// The parts of a memo. A quantity beyond what is left ends the call before anything is validated.
fn parts(order: &Order, wished: &[WishedPart]) -> Result<Vec<Part>, Answer> {
    let mut parts = Vec::new();
    for item in &order.items {
        let wish = wished.iter().filter(|wish| wish.order_item_id == Some(item.id)).find_map(|wish| wish.qty);
        // Nothing named means everything; what is sold by the piece loses its fraction.
        let qty = if wished.is_empty() { item.to_refund() } else { wish.unwrap_or_default().trunc() };
        if qty > item.to_refund() {
            return Err(refuse(400, &format!("We found an invalid quantity to refund item \"{}\".", item.name), None));
        }
        if qty > Decimal::ZERO {
            parts.push(Part { order_item_id: item.id, qty });
        }
    }
    Ok(parts)
}

fn shipping(order: &Order, wished: Option<Decimal>, with_tax: bool) -> Result<(Decimal, Decimal), Answer> {
    let (net, tax) = order.shipping_parts();
    let left = (net - order.shipping_refunded, tax - order.shipping_tax_refunded);
    let Some(wished) = wished else { return Ok(left) };
    if wished > Decimal::ZERO && net.is_zero() {
        return Err(refuse(400, "You can not refund shipping if there is no shipping amount.", None));
    }
    let (most, all) = if with_tax { (left.0 + left.1, net + tax) } else { (left.0, net) };
    if wished > most {
        let most = most.normalize().to_string();
        return Err(refuse(400, "Maximum shipping amount allowed to refund is: %1", Some(json!([most]))));
    }
    if wished == most {
        return Ok(left);
    }
    let share = |amount: Decimal| cents(amount * wished / all);
    Ok((share(net), share(tax)))
}

impl Order {
    fn totals(&self, parts: &[Part], amounts: &Amounts, options: &Options) -> Result<Totals, Answer> {
        let mut delta = Delta::default();
        let of = |part: &Part| self.items.iter().find(|item| item.id == part.order_item_id);
        let items: Vec<(&Item, Decimal)> = parts.iter().filter_map(|part| Some((of(part)?, part.qty))).collect();
        let mut share = |item: &Item, qty: Decimal, open: Decimal| {
            if qty == item.to_refund() { open } else { delta.round(open / item.to_refund() * qty) }
        };
        let rows: Vec<Decimal> =
            items.iter().map(|(item, qty)| share(item, *qty, item.row_invoiced - item.row_refunded)).collect();
        let taxes: Vec<Decimal> =
            items.iter().map(|(item, qty)| share(item, *qty, item.tax_invoiced - item.tax_refunded)).collect();
        let (shipping, shipping_tax) = shipping(self, amounts.shipping_amount, options.shipping_with_tax)?;
        let open = self.tax_invoiced - self.tax_refunded;
        let rest = |item: &Item| {
            let taken = parts.iter().filter(|part| part.order_item_id == item.id).map(|part| part.qty).sum::<Decimal>();
            item.to_refund() - taken
        };
        let (net, tax_of_shipping) = self.shipping_parts();
        let some_stays = shipping < net - self.shipping_refunded && tax_of_shipping > Decimal::ZERO;
        let last = self.items.iter().all(|item| rest(item).is_zero());
        let tax = taxes.iter().sum::<Decimal>() + shipping_tax;
        let tax = if last && !some_stays { open } else { tax.min(open) };
        let total = rows.iter().sum::<Decimal>() + shipping + tax + amounts.adjustment_positive
            - amounts.adjustment_negative
            + options.memo_extra;
        Ok(Totals { parts: rows.into_iter().zip(taxes).collect(), shipping, shipping_tax, tax, total })
    }

    /// What the validators say against a memo, in the vendor's words, with the values of their placeholders.
    fn complaints(&self, wished: &[WishedPart], parts: &[Part], total: Decimal) -> Vec<(&'static str, Option<String>)> {
        let mut complaints = Vec::new();
        let closed = ["payment_review", "holded", "canceled", "closed"];
        let paid = self.total_paid - self.total_refunded;
        if closed.contains(&self.state.as_str()) {
            let status = Some(self.status().to_owned());
            complaints.push(("A creditmemo can not be created when an order has a status of %1", status));
        } else if paid.is_zero() {
            complaints.push(("The order does not allow a creditmemo to be created.", None));
        }
        if total <= Decimal::ZERO {
            complaints.push(("The credit memo's total must be positive.", None));
        } else if parts.is_empty() && self.shipping_parts().0 <= self.shipping_refunded {
            complaints.push(("You can't create a creditmemo without products.", None));
        }
        if total > paid {
            complaints.push(("The most money available to refund is %1.", Some(paid.normalize().to_string())));
        }
        let own = |wish: &WishedPart| self.items.iter().any(|item| Some(item.id) == wish.order_item_id);
        if !wished.iter().all(own) {
            complaints.push(("The creditmemo contains product item that is not part of the original order.", None));
        }
        complaints
    }

    fn take_back(&mut self, parts: &[Part], totals: &Totals) {
        for (part, (row, tax)) in parts.iter().zip(&totals.parts) {
            if let Some(item) = self.items.iter_mut().find(|item| item.id == part.order_item_id) {
                item.refunded += part.qty;
                item.row_refunded += *row;
                item.tax_refunded += *tax;
            }
        }
        self.shipping_refunded += totals.shipping;
        self.shipping_tax_refunded += totals.shipping_tax;
        self.tax_refunded += totals.tax;
        self.total_refunded += totals.total;
    }
}

impl Magento {
    pub(super) fn refund(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        match self.refunded(id, call, tx) {
            Ok(answer) | Err(answer) => answer,
        }
    }

    fn refunded(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Result<Answer, Answer> {
        let (mut order, wish): (Order, Wish) = self.start(id, call)?;
        let amounts = wish.arguments.unwrap_or_default();
        let items = parts(&order, &wish.items)?;
        let totals = order.totals(&items, &amounts, &self.options)?;
        let complaints = order.complaints(&wish.items, &items, totals.total);
        if !complaints.is_empty() {
            return Err(super::actions::invalid("Creditmemo Document Validation Error(s):", &complaints));
        }
        let comments = self.appended(wish.append_comment, wish.comment, tx);
        order.take_back(&items, &totals);
        let memo = Creditmemo {
            id: self.creditmemos.keys().last().map_or(1, |id| id + 1),
            order_id: order.id,
            items,
            comments,
            shipping: totals.shipping,
            tax: totals.tax,
            adjustment_positive: amounts.adjustment_positive,
            adjustment_negative: amounts.adjustment_negative,
            total: totals.total,
            at: tx.now,
        };
        order.settle(tx.now);
        let key = memo.comments.first().map(|comment| comment.text.clone()).unwrap_or_default();
        tx.effect("creditmemos", Some(&order.increment_id), &key);
        tx.put("creditmemo", memo.id, &memo);
        let answer = Answer::json(200, &json!(memo.id));
        self.keep_creditmemo(memo);
        self.save_order(order, tx);
        Ok(answer)
    }
}
