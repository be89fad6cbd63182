//! Orders: OR11, OR21, OR23, OR24, OR29, and orders made through the control calls.

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Mirakl, Tracking, refuse};
use crate::clock::{self, Millis};
use crate::http::{Answer, Call};
use crate::order::{MadeLine, MadeOrder, NewOrder, number};
use crate::world::Tx;

/// Fields that say nothing about the order itself: buyer, tax mode, shipping type.
static CONSTANT: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("constant.json")).unwrap_or_default());

/// Order states of the vendor.
const STATES: &[&str] = &[
    "STAGING",
    "WAITING_ACCEPTANCE",
    "WAITING_DEBIT",
    "WAITING_DEBIT_PAYMENT",
    "SHIPPING",
    "SHIPPED",
    "TO_COLLECT",
    "RECEIVED",
    "CLOSED",
    "REFUSED",
    "CANCELED",
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct OrderLine {
    pub(super) id: String,
    pub(super) sku: String,
    pub(super) title: String,
    pub(super) quantity: Decimal,
    pub(super) unit_price: Decimal,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) state: String,
    currency: String,
    payment: String,
    shipping: Decimal,
    pub(super) lines: Vec<OrderLine>,
    pub(super) tracking: Tracking,
    seller_reference: Option<String>,
    created_at: Millis,
    pub(super) updated_at: Millis,
    shipped_at: Option<Millis>,
}

impl Order {
    fn price(&self) -> Decimal {
        self.lines.iter().map(|line| line.unit_price * line.quantity).sum()
    }

    fn line_json(&self, index: usize, line: &OrderLine) -> Value {
        let price = line.unit_price * line.quantity;
        json!({
            "order_line_id": line.id, "order_line_index": index + 1, "order_line_state": self.state,
            "order_line_state_reason_code": null, "order_line_state_reason_label": null, "offer_id": 2130 + index,
            "offer_sku": line.sku, "offer_state_code": "11", "product_sku": format!("MKP-{}", line.sku),
            "product_shop_sku": line.sku, "product_title": line.title, "quantity": number(line.quantity),
            "price": number(price), "price_unit": number(line.unit_price),
            "origin_unit_price": number(line.unit_price), "shipping_price": 0, "total_price": number(price),
            "taxes": [], "shipping_taxes": [], "refunds": [], "cancelations": [], "promotions": [], "fees": [],
            "can_refund": matches!(self.state.as_str(), "SHIPPED" | "RECEIVED" | "CLOSED"),
            "order_line_additional_fields": [], "tax_legal_notice": null,
            "created_date": clock::utc_seconds(self.created_at),
            "last_updated_date": clock::utc_seconds(self.updated_at),
            "shipped_date": self.shipped_at.map(clock::utc_seconds),
        })
    }

    fn json(&self, has_invoice: bool) -> Value {
        let lines: Vec<Value> =
            self.lines.iter().enumerate().map(|(index, line)| self.line_json(index, line)).collect();
        let mut page = json!({
            "order_id": self.id, "commercial_id": self.id.strip_suffix("-A").unwrap_or(&self.id),
            "order_state": self.state, "currency_iso_code": self.currency,
            "price": number(self.price()), "shipping_price": number(self.shipping),
            "total_price": number(self.price() + self.shipping), "payment_type": self.payment,
            "can_cancel": self.state == "SHIPPING", "can_shop_ship": self.state == "SHIPPING",
            "has_invoice": has_invoice, "shipping_carrier_code": self.tracking.carrier_code,
            "shipping_carrier_standard_code": self.tracking.carrier_standard_code,
            "shipping_company": self.tracking.name(), "shipping_tracking": self.tracking.tracking_number,
            "shipping_tracking_url": self.tracking.tracking_url,
            "customer_debited_date": clock::utc_millis(self.created_at),
            "references": {"order_reference_for_customer": null, "order_reference_for_seller": self.seller_reference},
            "order_lines": lines, "created_date": clock::utc_seconds(self.created_at),
            "last_updated_date": clock::utc_seconds(self.updated_at),
        });
        if let Some(page) = page.as_object_mut() {
            page.extend(CONSTANT.clone());
        }
        page
    }
}

/// Values of a comma-separated filter; `None` when it is absent.
fn listed<'a>(call: &'a Call, name: &str) -> Option<Vec<&'a str>> {
    call.query(name).map(|text| text.split(',').map(str::trim).collect())
}

fn bounded(call: &Call, name: &str, default: usize, most: usize) -> Result<usize, Answer> {
    let wrong = || refuse(400, format!("The '{name}' parameter must be a number between 0 and {most}"));
    match call.query(name) {
        None => Ok(default),
        Some(text) => text.parse().ok().filter(|count| *count <= most).ok_or_else(wrong),
    }
}

impl Mirakl {
    pub(super) fn orders(&self, call: &Call) -> Answer {
        let (max, offset) = match (bounded(call, "max", 10, 100), bounded(call, "offset", 0, 1_000_000)) {
            (Ok(max), Ok(offset)) => (max, offset),
            (Err(refusal), _) | (_, Err(refusal)) => return refusal,
        };
        let since = match call.query("start_update_date").map(clock::read) {
            Some(None) => return refuse(400, "The 'start_update_date' parameter is not a date"),
            Some(Some(at)) => Some(at),
            None => None,
        };
        let ids = listed(call, "order_ids");
        let seller = listed(call, "order_references_for_seller");
        let customer = listed(call, "order_references_for_customer");
        let states = listed(call, "order_state_codes");
        let fits = |order: &&Order| {
            customer.is_none()
                && states.as_ref().is_none_or(|states| states.contains(&order.state.as_str()))
                && since.is_none_or(|at| order.updated_at >= at)
                && seller.as_ref().is_none_or(|wanted| {
                    order.seller_reference.as_deref().is_some_and(|reference| wanted.contains(&reference))
                })
        };
        // An id list is the usual question: answered without a walk over all orders.
        let found: Vec<&Order> = match &ids {
            Some(ids) => ids.iter().filter_map(|id| self.orders.get(*id)).filter(fits).collect(),
            None => self.orders.values().filter(fits).collect(),
        };
        let total = found.len();
        let page: Vec<Value> =
            found.into_iter().skip(offset).take(max).map(|order| order.json(self.has_invoice(&order.id))).collect();
        Answer::json(200, &json!({"orders": page, "total_count": total}))
    }

    pub(super) fn no_order(id: &str) -> Answer {
        refuse(404, format!("Order with identifier '{id}' not found"))
    }

    /// OR23: for the whole order, overwrites.
    pub(super) fn set_tracking(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        let at = self.change_time(tx.now);
        let Some(order) = self.orders.get_mut(id) else {
            return Self::no_order(id);
        };
        let Ok(tracking) = call.json::<Tracking>() else {
            return refuse(400, "The body is not valid JSON");
        };
        if let Some(fault) = tracking.fault(&self.options) {
            return refuse(400, fault);
        }
        if !matches!(order.state.as_str(), "SHIPPING" | "SHIPPED" | "TO_COLLECT") {
            return refuse(400, format!("The tracking cannot be updated when the order is '{}'.", order.state));
        }
        // An equal repeat changes nothing, so it is a call but no second effect.
        if order.tracking != tracking {
            let number = tracking.tracking_number.clone().unwrap_or_default();
            order.tracking = tracking;
            order.updated_at = at;
            tx.put("order", id, order);
            tx.effect("tracking", Some(id), &number);
        }
        Answer::empty(204)
    }

    /// OR24: only from SHIPPING, therefore 400 on a repeat.
    pub(super) fn ship(&mut self, id: &str, tx: &mut Tx) -> Answer {
        let Some(order) = self.orders.get(id) else {
            return Self::no_order(id);
        };
        if order.state != "SHIPPING" {
            return refuse(400, format!("The order status must be 'SHIPPING' but it is '{}'.", order.state));
        }
        self.move_order(id, "SHIPPED", tx);
        tx.effect("shipped", Some(id), id);
        Answer::empty(204)
    }

    /// OR29: the whole order.
    pub(super) fn cancel(&mut self, id: &str, tx: &mut Tx) -> Answer {
        let Some(order) = self.orders.get(id) else {
            return Self::no_order(id);
        };
        if order.state != "SHIPPING" {
            return refuse(400, format!("The order cannot be canceled when it is '{}'.", order.state));
        }
        self.move_order(id, "CANCELED", tx);
        tx.effect("cancelations", Some(id), id);
        Answer::empty(204)
    }

    /// OR21: every line needs a decision; the debit follows at once.
    pub(super) fn accept(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        #[derive(Deserialize)]
        struct Decision {
            id: String,
            accepted: bool,
        }
        #[derive(Deserialize)]
        struct Decisions {
            order_lines: Vec<Decision>,
        }
        let Some(order) = self.orders.get(id) else {
            return Self::no_order(id);
        };
        if order.state != "WAITING_ACCEPTANCE" {
            return refuse(400, "ORDER_INVALID_STATE");
        }
        let Ok(wish) = call.json::<Decisions>() else {
            return refuse(400, "VALIDATION_ERROR");
        };
        if wish.order_lines.iter().any(|decision| order.lines.iter().all(|line| line.id != decision.id)) {
            return refuse(400, "ORDER_LINE_NOT_FOUND");
        }
        if order.lines.iter().any(|line| wish.order_lines.iter().all(|decision| decision.id != line.id)) {
            return refuse(400, "ORDER_LINE_ACCEPTANCE_DECISION_MISSING");
        }
        let accepted = wish.order_lines.iter().all(|decision| decision.accepted);
        self.move_order(id, if accepted { "SHIPPING" } else { "REFUSED" }, tx);
        tx.effect("acceptances", Some(id), if accepted { "accepted" } else { "refused" });
        Answer::empty(204)
    }

    /// Moves an order to a state.
    pub(super) fn move_order(&mut self, id: &str, state: &str, tx: &mut Tx) {
        let at = self.change_time(tx.now);
        if let Some(order) = self.orders.get_mut(id) {
            state.clone_into(&mut order.state);
            order.updated_at = at;
            if state == "SHIPPED" {
                order.shipped_at = Some(at);
            }
            tx.put("order", id, order);
        }
    }

    /// Makes an order for the control calls.
    pub(crate) fn make(&mut self, wish: &NewOrder, tx: &mut Tx) -> Result<MadeOrder, String> {
        let reference = wish.reference.clone().unwrap_or_else(|| {
            self.last_reference += 1;
            tx.put("last_reference", "", &self.last_reference);
            format!("MKP-{}-A", self.last_reference)
        });
        if self.orders.contains_key(&reference) {
            return Err(format!("order {reference} exists"));
        }
        let at = self.change_time(tx.now);
        let lines = wish.lines.iter().enumerate().map(|(index, line)| OrderLine {
            id: format!("{reference}-{}", index + 1),
            sku: line.sku.clone().unwrap_or_else(|| format!("LINE-{}", index + 1)),
            title: line.name.clone(),
            quantity: line.quantity,
            unit_price: line.price,
        });
        let order = Order {
            id: reference.clone(),
            state: wish.state.clone().unwrap_or_else(|| "SHIPPING".to_owned()),
            currency: wish.currency.clone(),
            payment: wish.payment.clone().unwrap_or_else(|| "CARD".to_owned()),
            shipping: wish.shipping,
            lines: lines.collect(),
            tracking: Tracking::default(),
            seller_reference: wish.other_reference.clone(),
            created_at: at,
            updated_at: at,
            shipped_at: None,
        };
        if !STATES.contains(&order.state.as_str()) {
            return Err(format!("unknown state {}; one of {STATES:?}", order.state));
        }
        tx.put("order", &reference, &order);
        let made = made(&order);
        self.orders.insert(reference, order);
        Ok(made)
    }

    /// Moves an order to another state for the control calls.
    pub(crate) fn change(&mut self, reference: &str, state: &str, tx: &mut Tx) -> Result<MadeOrder, String> {
        if !STATES.contains(&state) {
            return Err(format!("unknown state {state}; one of {STATES:?}"));
        }
        self.move_order(reference, state, tx);
        self.orders.get(reference).map(made).ok_or(format!("no order {reference}"))
    }
}

fn made(order: &Order) -> MadeOrder {
    MadeOrder {
        id: order.id.clone(),
        reference: order.id.clone(),
        currency: order.currency.clone(),
        total: (order.price() + order.shipping).normalize().to_string(),
        state: order.state.clone(),
        lines: order
            .lines
            .iter()
            .map(|line| MadeLine {
                id: line.id.clone(),
                sku: Some(line.sku.clone()),
                quantity: line.quantity.normalize().to_string(),
            })
            .collect(),
    }
}
