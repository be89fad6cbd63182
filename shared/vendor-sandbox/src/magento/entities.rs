//! Orders and what hangs on them, as stored.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Magento;
use crate::clock::Millis;
use crate::order::{MadeLine, MadeOrder, NewOrder};
use crate::world::Tx;

/// Order states of the vendor.
pub(super) const STATES: &[&str] =
    &["new", "processing", "payment_review", "holded", "complete", "closed", "canceled", "pending_payment"];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) id: u64,
    pub(super) sku: String,
    pub(super) name: String,
    /// For one piece, VAT included.
    pub(super) price: Decimal,
    pub(super) vat_rate: Decimal,
    pub(super) ordered: Decimal,
    pub(super) invoiced: Decimal,
    pub(super) shipped: Decimal,
    pub(super) refunded: Decimal,
    pub(super) canceled: Decimal,
    #[serde(default)]
    pub(super) row_invoiced: Decimal,
    #[serde(default)]
    pub(super) tax_invoiced: Decimal,
    #[serde(default)]
    pub(super) row_refunded: Decimal,
    #[serde(default)]
    pub(super) tax_refunded: Decimal,
}

/// An amount without the VAT that is in it.
pub(super) fn without_vat(amount: Decimal, rate: Decimal) -> Decimal {
    (amount / (Decimal::ONE + rate / Decimal::ONE_HUNDRED)).round_dp(2)
}

impl Item {
    /// All of it, without VAT.
    pub(super) fn row_total(&self) -> Decimal {
        (without_vat(self.price, self.vat_rate) * self.ordered).round_dp(2)
    }

    pub(super) fn to_invoice(&self) -> Decimal {
        self.ordered - self.invoiced - self.canceled
    }

    pub(super) fn to_ship(&self) -> Decimal {
        (self.ordered - self.shipped - self.canceled - self.refunded).max(Decimal::ZERO)
    }

    pub(super) fn to_refund(&self) -> Decimal {
        self.invoiced - self.refunded
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) text: String,
    pub(super) visible: bool,
    pub(super) notified: bool,
    pub(super) status: Option<String>,
    pub(super) at: Millis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: u64,
    pub(super) increment_id: String,
    pub(super) ext_order_id: Option<String>,
    pub(super) state: String,
    pub(super) currency: String,
    pub(super) payment: String,
    pub(super) is_virtual: bool,
    /// VAT included.
    pub(super) shipping: Decimal,
    pub(super) items: Vec<Item>,
    pub(super) comments: Vec<Comment>,
    /// VAT included.
    pub(super) total_invoiced: Decimal,
    pub(super) total_paid: Decimal,
    pub(super) total_refunded: Decimal,
    #[serde(default)]
    pub(super) tax_invoiced: Decimal,
    #[serde(default)]
    pub(super) tax_refunded: Decimal,
    #[serde(default)]
    pub(super) shipping_refunded: Decimal,
    #[serde(default)]
    pub(super) shipping_tax_refunded: Decimal,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

impl Order {
    pub(super) fn grand_total(&self) -> Decimal {
        self.items.iter().map(|item| item.price * item.ordered).sum::<Decimal>() + self.shipping
    }

    /// The shipping without VAT, and its VAT.
    pub(super) fn shipping_parts(&self) -> (Decimal, Decimal) {
        let net = without_vat(self.shipping, Decimal::from(21));
        (net, self.shipping - net)
    }

    /// The state that follows from what was invoiced, shipped and refunded.
    pub(super) fn settle(&mut self, now: Millis) {
        self.updated_at = now;
        let all = |left: fn(&Item) -> Decimal| self.items.iter().all(|item| left(item) <= Decimal::ZERO);
        let invoiced = all(Item::to_invoice);
        let shipped = self.is_virtual || all(Item::to_ship);
        let refunded = self.total_refunded > Decimal::ZERO && self.total_refunded >= self.total_invoiced;
        let state = if refunded && invoiced {
            "closed"
        } else if invoiced && shipped {
            "complete"
        } else {
            "processing"
        };
        state.clone_into(&mut self.state);
    }
}

/// Which order item, and how many.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) order_item_id: u64,
    pub(super) qty: Decimal,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Invoice {
    pub(super) id: u64,
    pub(super) order_id: u64,
    pub(super) items: Vec<Part>,
    pub(super) comments: Vec<Comment>,
    pub(super) captured: bool,
    #[serde(default)]
    pub(super) paid: bool,
    pub(super) notified: bool,
    pub(super) shipping: Decimal,
    pub(super) total: Decimal,
    pub(super) at: Millis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Track {
    pub(super) id: u64,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) carrier_code: String,
    pub(super) at: Millis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shipment {
    pub(super) id: u64,
    pub(super) order_id: u64,
    pub(super) items: Vec<Part>,
    pub(super) tracks: Vec<Track>,
    pub(super) comments: Vec<Comment>,
    pub(super) notified: bool,
    pub(super) at: Millis,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Creditmemo {
    pub(super) id: u64,
    pub(super) order_id: u64,
    pub(super) items: Vec<Part>,
    pub(super) comments: Vec<Comment>,
    pub(super) shipping: Decimal,
    #[serde(default)]
    pub(super) tax: Decimal,
    pub(super) adjustment_positive: Decimal,
    pub(super) adjustment_negative: Decimal,
    pub(super) total: Decimal,
    pub(super) at: Millis,
}

fn made(order: &Order) -> MadeOrder {
    MadeOrder {
        id: order.id.to_string(),
        reference: order.increment_id.clone(),
        currency: order.currency.clone(),
        total: order.grand_total().normalize().to_string(),
        state: order.state.clone(),
        lines: order
            .items
            .iter()
            .map(|item| MadeLine {
                id: item.id.to_string(),
                sku: Some(item.sku.clone()),
                quantity: item.ordered.normalize().to_string(),
            })
            .collect(),
    }
}

impl Magento {
    /// Makes an order for the control calls.
    pub(crate) fn make(&mut self, wish: &NewOrder, tx: &mut Tx) -> Result<MadeOrder, String> {
        let id = self.orders.keys().last().map_or(1, |id| id + 1);
        let increment_id = wish.reference.clone().unwrap_or_else(|| format!("1{id:08}"));
        if self.by_increment.contains_key(&increment_id.to_lowercase()) {
            return Err(format!("order {increment_id} exists"));
        }
        let state = wish.state.clone().unwrap_or_else(|| "processing".to_owned());
        if !STATES.contains(&state.as_str()) {
            return Err(format!("unknown state {state}; one of {STATES:?}"));
        }
        let items = wish.lines.iter().zip(self.last_item + 1..).map(|(line, item)| Item {
            id: item,
            sku: line.sku.clone().unwrap_or_else(|| format!("LINE-{item}")),
            name: line.name.clone(),
            price: line.price,
            vat_rate: line.vat_rate,
            ordered: line.quantity,
            invoiced: Decimal::ZERO,
            shipped: Decimal::ZERO,
            refunded: Decimal::ZERO,
            canceled: Decimal::ZERO,
            row_invoiced: Decimal::ZERO,
            tax_invoiced: Decimal::ZERO,
            row_refunded: Decimal::ZERO,
            tax_refunded: Decimal::ZERO,
        });
        let order = Order {
            id,
            increment_id,
            ext_order_id: wish.other_reference.clone(),
            state,
            currency: wish.currency.clone(),
            payment: wish.payment.clone().unwrap_or_else(|| "banktransfer".to_owned()),
            is_virtual: wish.is_virtual,
            shipping: wish.shipping,
            items: items.collect(),
            comments: Vec::new(),
            total_invoiced: Decimal::ZERO,
            total_paid: Decimal::ZERO,
            total_refunded: Decimal::ZERO,
            tax_invoiced: Decimal::ZERO,
            tax_refunded: Decimal::ZERO,
            shipping_refunded: Decimal::ZERO,
            shipping_tax_refunded: Decimal::ZERO,
            created_at: tx.now,
            updated_at: tx.now,
        };
        tx.put("order", id, &order);
        let page = made(&order);
        self.keep_order(order);
        Ok(page)
    }

    /// Moves an order to another state for the control calls.
    pub(crate) fn change(&mut self, reference: &str, state: &str, tx: &mut Tx) -> Result<MadeOrder, String> {
        if !STATES.contains(&state) {
            return Err(format!("unknown state {state}; one of {STATES:?}"));
        }
        let order = self.by_increment.get(&reference.to_lowercase()).and_then(|id| self.orders.get_mut(id));
        let order = order.ok_or(format!("no order {reference}"))?;
        state.clone_into(&mut order.state);
        order.updated_at = tx.now;
        tx.put("order", order.id, order);
        Ok(made(order))
    }
}
