//! What changes an order: invoice, shipment, cancellation. A partial call repeated succeeds a second time.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use serde_json::{Value, json};

use super::comments::flag;
use super::entities::{Comment, Invoice, Item, Order, Part, Shipment, Track};
use super::memo::Amounts;
use super::{Magento, bad_json, no_entity, refuse, required};
use crate::http::{Answer, Call};
use crate::world::Tx;

#[derive(Deserialize)]
pub(super) struct WishedPart {
    pub(super) order_item_id: Option<u64>,
    pub(super) qty: Option<Decimal>,
}

#[derive(Deserialize)]
pub(super) struct WishedComment {
    comment: Option<String>,
    is_visible_on_front: Option<Value>,
}

#[derive(Deserialize)]
struct WishedTrack {
    track_number: Option<String>,
    title: Option<String>,
    carrier_code: Option<String>,
}

/// Body of invoice, ship and refund; each reads its own part.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wish {
    #[serde(default)]
    pub(super) items: Vec<WishedPart>,
    #[serde(default)]
    capture: bool,
    #[serde(default)]
    notify: bool,
    #[serde(default)]
    pub(super) append_comment: bool,
    pub(super) comment: Option<WishedComment>,
    #[serde(default)]
    tracks: Vec<WishedTrack>,
    pub(super) arguments: Option<Amounts>,
}

/// What the three validations say, in the vendor's words.
struct Words {
    title: &'static str,
    state: &'static str,
    not_allowed: &'static str,
    nothing: &'static str,
    too_many: &'static str,
    foreign: &'static str,
}

const INVOICE: Words = Words {
    title: "Invoice Document Validation Error(s):",
    state: "An invoice cannot be created when an order has a status of %1",
    not_allowed: "The order does not allow an invoice to be created.",
    nothing: "You can't create an invoice without products.",
    too_many: "The quantity to invoice must not be greater than the uninvoiced quantity for product SKU \"%1\".",
    foreign: "The invoice contains one or more items that are not part of the original order.",
};

const SHIPMENT: Words = Words {
    title: "Shipment Document Validation Error(s):",
    state: "A shipment cannot be created when an order has a status of %1",
    not_allowed: "The order does not allow a shipment to be created.",
    nothing: "You can't create a shipment without products.",
    too_many: "The quantity to ship must not be greater than the unshipped quantity for product SKU \"%1\".",
    foreign: "The shipment contains one or more items that are not part of the original order.",
};

/// One 400 with all complaints; `%1` stays, its value is in `parameters`.
pub(super) fn invalid(title: &str, complaints: &[(&str, Option<String>)]) -> Answer {
    let lines: Vec<&str> = std::iter::once(title).chain(complaints.iter().map(|(line, _)| *line)).collect();
    let parameters: Vec<&String> = complaints.iter().filter_map(|(_, value)| value.as_ref()).collect();
    let parameters = (!parameters.is_empty()).then(|| json!(parameters));
    refuse(400, &lines.join("\n"), parameters)
}

/// The parts of a call: what was asked for, or everything left. `closed` are the states that allow nothing.
fn parts(
    order: &Order,
    wished: Vec<WishedPart>,
    left: fn(&Item) -> Decimal,
    closed: &[&str],
    words: &Words,
) -> Result<Vec<Part>, Answer> {
    let mut complaints = Vec::new();
    if closed.contains(&order.state.as_str()) {
        complaints.push((words.state, Some(order.status().to_owned())));
    } else if order.items.iter().all(|item| left(item) <= Decimal::ZERO) {
        complaints.push((words.not_allowed, None));
    }
    let mut parts = Vec::new();
    if wished.is_empty() {
        let open = order.items.iter().filter(|item| left(item) > Decimal::ZERO);
        parts.extend(open.map(|item| Part { order_item_id: item.id, qty: left(item) }));
    }
    for wish in wished {
        let item = order.items.iter().find(|item| Some(item.id) == wish.order_item_id);
        let qty = wish.qty.unwrap_or_default();
        match item {
            None => complaints.push((words.foreign, None)),
            Some(item) if qty > left(item) => complaints.push((words.too_many, Some(item.sku.clone()))),
            Some(item) if qty > Decimal::ZERO => parts.push(Part { order_item_id: item.id, qty }),
            Some(_) => {}
        }
    }
    if parts.is_empty() && complaints.iter().all(|(line, _)| *line != words.too_many && *line != words.foreign) {
        complaints.push((words.nothing, None));
    }
    if complaints.is_empty() { Ok(parts) } else { Err(invalid(words.title, &complaints)) }
}

/// What parts cost, VAT included.
fn worth(order: &Order, parts: &[Part]) -> Decimal {
    parts
        .iter()
        .filter_map(|part| {
            let item = order.items.iter().find(|item| item.id == part.order_item_id)?;
            Some(item.price * part.qty)
        })
        .sum()
}

impl Order {
    /// Invoices parts: each takes its share of its line's row, and of its price what is left is tax.
    fn bill(&mut self, parts: &[Part]) {
        for part in parts {
            let Some(item) = self.items.iter_mut().find(|item| item.id == part.order_item_id) else { continue };
            let open = item.row_total() - item.row_invoiced;
            let row = if part.qty == item.to_invoice() {
                open
            } else {
                (open / item.to_invoice() * part.qty).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
            };
            let tax = item.price * part.qty - row;
            item.invoiced += part.qty;
            item.row_invoiced += row;
            item.tax_invoiced += tax;
            self.tax_invoiced += tax;
        }
    }

    fn book(&mut self, parts: &[Part], column: fn(&mut Item) -> &mut Decimal) {
        for part in parts {
            if let Some(item) = self.items.iter_mut().find(|item| item.id == part.order_item_id) {
                *column(item) += part.qty;
            }
        }
    }
}

impl Magento {
    pub(super) fn start(&self, id: &str, call: &Call) -> Result<(Order, Wish), Answer> {
        let order = self.order_by_id(id).cloned().ok_or_else(no_entity)?;
        let bytes: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
        let wish = serde_json::from_slice(bytes).map_err(|_| bad_json())?;
        Ok((order, wish))
    }

    /// The comment goes onto the record only with `appendComment`; else it is only mailed.
    pub(super) fn appended(&mut self, append: bool, wish: Option<WishedComment>, tx: &Tx) -> Vec<Comment> {
        match wish {
            Some(WishedComment { comment: Some(text), is_visible_on_front }) if append && !text.is_empty() => {
                vec![self.new_comment(text, flag(is_visible_on_front.as_ref()), false, tx)]
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn save_order(&mut self, order: Order, tx: &mut Tx) {
        tx.put("order", order.id, &order);
        self.orders.insert(order.id, order);
    }

    pub(super) fn invoice(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        let (mut order, wish) = match self.start(id, call) {
            Ok(start) => start,
            Err(refusal) => return refusal,
        };
        let closed = ["payment_review", "holded", "canceled", "complete", "closed"];
        let items = match parts(&order, wish.items, Item::to_invoice, &closed, &INVOICE) {
            Ok(items) => items,
            Err(refusal) => return refusal,
        };
        let first = self.children(order.id, 0).is_empty();
        let shipping = if first { order.shipping } else { Decimal::ZERO };
        let comments = self.appended(wish.append_comment, wish.comment, tx);
        let invoice = Invoice {
            id: self.invoices.keys().last().map_or(1, |id| id + 1),
            order_id: order.id,
            total: worth(&order, &items) + shipping,
            items,
            comments,
            captured: wish.capture,
            paid: wish.capture || !self.options.payments_pending,
            notified: wish.notify,
            shipping,
            at: tx.now,
        };
        order.bill(&invoice.items);
        if first {
            order.tax_invoiced += order.shipping_parts().1;
        }
        order.total_invoiced += invoice.total;
        // Whatever the payment method: only one whose transaction is pending leaves an invoice open.
        if invoice.paid {
            order.total_paid += invoice.total;
        }
        if invoice.captured {
            tx.effect("captures", Some(&order.increment_id), &invoice.total.normalize().to_string());
        }
        order.settle(tx.now);
        let key = invoice.comments.first().map(|comment| comment.text.clone()).unwrap_or_default();
        tx.effect("invoices", Some(&order.increment_id), &key);
        tx.put("invoice", invoice.id, &invoice);
        let answer = Answer::json(200, &json!(invoice.id));
        self.keep_invoice(invoice);
        self.save_order(order, tx);
        answer
    }

    fn tracks(&mut self, wished: Vec<WishedTrack>, tx: &Tx) -> Result<Vec<Track>, Answer> {
        let mut tracks = Vec::new();
        for wish in wished {
            let number = wish.track_number.filter(|text| !text.is_empty()).ok_or_else(|| required("track_number"))?;
            let title = wish.title.filter(|text| !text.is_empty()).ok_or_else(|| required("title"))?;
            let carrier_code = wish.carrier_code.ok_or_else(|| required("carrier_code"))?;
            let id = self.last_track + 1 + u64::try_from(tracks.len()).unwrap_or(0);
            tracks.push(Track { id, number, title, carrier_code, at: tx.now });
        }
        Ok(tracks)
    }

    pub(super) fn ship(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        let (mut order, wish) = match self.start(id, call) {
            Ok(start) => start,
            Err(refusal) => return refusal,
        };
        let closed = ["payment_review", "holded", "canceled", "closed"];
        let left: fn(&Item) -> Decimal = if order.is_virtual { |_| Decimal::ZERO } else { Item::to_ship };
        let tracks = match self.tracks(wish.tracks, tx) {
            Ok(tracks) => tracks,
            Err(refusal) => return refusal,
        };
        let items = match parts(&order, wish.items, left, &closed, &SHIPMENT) {
            Ok(items) => items,
            Err(refusal) => return refusal,
        };
        let comments = self.appended(wish.append_comment, wish.comment, tx);
        let shipment = Shipment {
            id: self.shipments.keys().last().map_or(1, |id| id + 1),
            order_id: order.id,
            items,
            tracks,
            comments,
            notified: wish.notify,
            at: tx.now,
        };
        order.book(&shipment.items, |item| &mut item.shipped);
        order.settle(tx.now);
        let numbers: Vec<&str> = shipment.tracks.iter().map(|track| track.number.as_str()).collect();
        tx.effect("shipments", Some(&order.increment_id), &numbers.join(","));
        for number in numbers {
            tx.effect("tracks", Some(&order.increment_id), number);
        }
        tx.put("shipment", shipment.id, &shipment);
        let answer = Answer::json(200, &json!(shipment.id));
        self.keep_shipment(shipment);
        self.save_order(order, tx);
        answer
    }

    /// 200 `false` when nothing was cancelled: no error is raised.
    pub(super) fn cancel(&mut self, id: &str, tx: &mut Tx) -> Answer {
        let Some(mut order) = self.order_by_id(id).cloned() else { return no_entity() };
        let open = matches!(order.state.as_str(), "new" | "processing" | "pending_payment");
        if !open || order.items.iter().all(|item| item.to_invoice() <= Decimal::ZERO) {
            return Answer::json(200, &Value::Bool(false));
        }
        for item in &mut order.items {
            item.canceled += item.to_invoice();
        }
        order.settle(tx.now);
        if order.total_invoiced.is_zero() {
            "canceled".clone_into(&mut order.state);
        }
        tx.effect("cancellations", Some(&order.increment_id), &order.increment_id);
        self.save_order(order, tx);
        Answer::json(200, &Value::Bool(true))
    }
}
