//! The vendor's JSON (Sales data interfaces of the REST schema): the fields that matter, in the vendor's names.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::entities::{Comment, Creditmemo, Invoice, Item, Order, Part, Shipment, Track, without_vat};
use super::{Magento, no_entity};
use crate::clock;
use crate::http::Answer;
use crate::order::number;

fn item_json(order: &Order, item: &Item) -> Value {
    let net = without_vat(item.price, item.vat_rate);
    let row_total = item.row_total();
    let row_gross = item.price * item.ordered;
    json!({
        "item_id": item.id, "order_id": order.id, "sku": item.sku, "name": item.name,
        "product_type": if order.is_virtual { "virtual" } else { "simple" }, "product_id": item.id, "parent_item_id": null,
        "is_virtual": i32::from(order.is_virtual), "qty_ordered": number(item.ordered),
        "qty_invoiced": number(item.invoiced), "qty_shipped": number(item.shipped),
        "qty_refunded": number(item.refunded), "qty_canceled": number(item.canceled),
        "price": number(net), "price_incl_tax": number(item.price), "original_price": number(net),
        "tax_percent": number(item.vat_rate), "tax_amount": number(row_gross - row_total),
        "row_total": number(row_total), "row_total_incl_tax": number(row_gross), "discount_amount": 0, "store_id": 1,
        "row_invoiced": number(item.row_invoiced), "amount_refunded": number(item.row_refunded),
        "tax_invoiced": number(item.tax_invoiced), "tax_refunded": number(item.tax_refunded), "discount_invoiced": 0,
        "is_qty_decimal": 0,
        "created_at": clock::columns(order.created_at), "updated_at": clock::columns(order.updated_at),
    })
}

pub(super) fn comment_json(comment: &Comment, parent: u64, entity: &str) -> Value {
    json!({"entity_id": comment.id, "parent_id": parent, "comment": comment.text,
           "is_customer_notified": i32::from(comment.notified), "is_visible_on_front": i32::from(comment.visible),
           "status": comment.status, "entity_name": entity, "created_at": clock::columns(comment.at)})
}

fn comments_json(comments: &[Comment], parent: u64, entity: &str) -> Vec<Value> {
    comments.iter().map(|comment| comment_json(comment, parent, entity)).collect()
}

impl Order {
    pub(super) fn json(&self) -> Value {
        let items: Vec<Value> = self.items.iter().map(|item| item_json(self, item)).collect();
        let subtotal: Decimal = self.items.iter().map(Item::row_total).sum();
        let gross: Decimal = self.items.iter().map(|item| item.price * item.ordered).sum();
        let (shipping, shipping_tax) = self.shipping_parts();
        let tax = gross - subtotal + shipping_tax;
        let total = self.grand_total();
        let mut page = json!({
            "entity_id": self.id, "increment_id": self.increment_id, "ext_order_id": self.ext_order_id,
            "state": self.state, "status": self.status(), "store_id": 1, "store_name": "Main Website\nMain Store\n",
            "is_virtual": i32::from(self.is_virtual), "base_currency_code": self.currency,
            "order_currency_code": self.currency, "global_currency_code": self.currency,
            "store_currency_code": self.currency, "grand_total": number(total), "base_grand_total": number(total),
            "subtotal": number(subtotal), "subtotal_incl_tax": number(gross), "tax_amount": number(tax),
            "shipping_amount": number(shipping), "shipping_incl_tax": number(self.shipping), "discount_amount": 0,
            "shipping_tax_amount": number(shipping_tax),
            "total_invoiced": number(self.total_invoiced), "total_paid": number(self.total_paid),
            "total_due": number(total - self.total_paid), "total_refunded": number(self.total_refunded),
            "total_item_count": self.items.len(), "total_qty_ordered": self.qty_ordered(),
            "customer_email": "jana@customer.example", "customer_firstname": "Jana", "customer_lastname": "Nováková",
            "customer_is_guest": 1, "payment": {"method": self.payment, "additional_information": []},
            "items": items, "status_histories": comments_json(&self.comments, self.id, "order"),
            "extension_attributes": {"shipping_assignments": []},
            "created_at": clock::columns(self.created_at), "updated_at": clock::columns(self.updated_at),
        });
        let taken_back = json!({
            "tax_invoiced": number(self.tax_invoiced), "tax_refunded": number(self.tax_refunded),
            "shipping_refunded": number(self.shipping_refunded), "shipping_discount_amount": 0,
            "shipping_tax_refunded": number(self.shipping_tax_refunded),
        });
        if let (Some(page), Value::Object(taken_back)) = (page.as_object_mut(), taken_back) {
            page.extend(taken_back);
        }
        page
    }

    fn qty_ordered(&self) -> Value {
        number(self.items.iter().map(|item| item.ordered).sum())
    }

    /// The default status of a state.
    pub(super) fn status(&self) -> &str {
        if self.state == "new" { "pending" } else { &self.state }
    }

    fn part_json(&self, part: &Part, index: usize, parent: u64) -> Value {
        let item = self.items.iter().find(|item| item.id == part.order_item_id);
        let price = item.map_or(Decimal::ZERO, |item| item.price);
        let net = item.map_or(Decimal::ZERO, |item| without_vat(item.price, item.vat_rate));
        json!({
            "entity_id": parent * 100 + u64::try_from(index).unwrap_or(0), "parent_id": parent,
            "order_item_id": part.order_item_id, "qty": number(part.qty), "sku": item.map(|item| &item.sku),
            "name": item.map(|item| &item.name), "product_id": part.order_item_id, "price": number(net),
            "price_incl_tax": number(price), "row_total": number((net * part.qty).round_dp(2)),
            "row_total_incl_tax": number(price * part.qty),
        })
    }

    fn parts_json(&self, parts: &[Part], parent: u64) -> Vec<Value> {
        parts.iter().enumerate().map(|(index, part)| self.part_json(part, index, parent)).collect()
    }
}

fn qty(parts: &[Part]) -> Value {
    number(parts.iter().map(|part| part.qty).sum())
}

/// Invoices, shipments and credit memos have number ranges of their own.
fn increment(id: u64) -> String {
    format!("{id:09}")
}

pub(super) fn track_json(track: &Track, shipment: &Shipment) -> Value {
    json!({"entity_id": track.id, "order_id": shipment.order_id, "parent_id": shipment.id,
           "track_number": track.number, "title": track.title, "carrier_code": track.carrier_code, "weight": null,
           "qty": null, "description": null, "created_at": clock::columns(track.at),
           "updated_at": clock::columns(track.at)})
}

impl Magento {
    pub(super) fn invoice_json(&self, invoice: &Invoice) -> Option<Value> {
        let order = self.orders.get(&invoice.order_id)?;
        Some(json!({
            "entity_id": invoice.id, "increment_id": increment(invoice.id), "order_id": invoice.order_id,
            "state": if invoice.paid { 2 } else { 1 }, "store_id": 1, "total_qty": qty(&invoice.items),
            "grand_total": number(invoice.total), "base_grand_total": number(invoice.total),
            "shipping_incl_tax": number(invoice.shipping), "order_currency_code": order.currency,
            "base_currency_code": order.currency, "email_sent": i32::from(invoice.notified),
            "items": order.parts_json(&invoice.items, invoice.id),
            "comments": comments_json(&invoice.comments, invoice.id, "invoice"),
            "created_at": clock::columns(invoice.at), "updated_at": clock::columns(invoice.at),
        }))
    }

    pub(super) fn shipment_json(&self, shipment: &Shipment) -> Option<Value> {
        let order = self.orders.get(&shipment.order_id)?;
        let tracks: Vec<Value> = shipment.tracks.iter().map(|track| track_json(track, shipment)).collect();
        Some(json!({
            "entity_id": shipment.id, "increment_id": increment(shipment.id), "order_id": shipment.order_id,
            "store_id": 1, "total_qty": qty(&shipment.items), "email_sent": i32::from(shipment.notified),
            "items": order.parts_json(&shipment.items, shipment.id), "tracks": tracks, "packages": [],
            "comments": comments_json(&shipment.comments, shipment.id, "shipment"),
            "created_at": clock::columns(shipment.at), "updated_at": clock::columns(shipment.at),
        }))
    }

    pub(super) fn creditmemo_json(&self, memo: &Creditmemo) -> Option<Value> {
        let order = self.orders.get(&memo.order_id)?;
        Some(json!({
            "entity_id": memo.id, "increment_id": increment(memo.id), "order_id": memo.order_id, "state": 2,
            "store_id": 1, "grand_total": number(memo.total), "base_grand_total": number(memo.total),
            "shipping_amount": number(memo.shipping), "tax_amount": number(memo.tax),
            "adjustment_positive": number(memo.adjustment_positive),
            "adjustment_negative": number(memo.adjustment_negative),
            "adjustment": number(memo.adjustment_positive - memo.adjustment_negative),
            "order_currency_code": order.currency, "base_currency_code": order.currency,
            "items": order.parts_json(&memo.items, memo.id),
            "comments": comments_json(&memo.comments, memo.id, "creditmemo"),
            "created_at": clock::columns(memo.at), "updated_at": clock::columns(memo.at),
        }))
    }

    /// One entity by its id.
    pub(super) fn one(&self, route: &str, id: &str) -> Answer {
        let id = id.parse::<u64>().ok();
        let page = id.and_then(|id| match route {
            "order" => self.orders.get(&id).map(Order::json),
            "invoice" => self.invoices.get(&id).and_then(|invoice| self.invoice_json(invoice)),
            "shipment" => self.shipments.get(&id).and_then(|shipment| self.shipment_json(shipment)),
            _ => self.creditmemos.get(&id).and_then(|memo| self.creditmemo_json(memo)),
        });
        page.map_or_else(no_entity, |page| Answer::json(200, &page))
    }

    pub(super) fn list_comments(&self, route: &str, id: &str) -> Answer {
        let Some(id) = id.parse::<u64>().ok() else { return no_entity() };
        let found = match route {
            "order_comments" => self.orders.get(&id).map(|order| comments_json(&order.comments, id, "order")),
            "creditmemo_comments" => {
                self.creditmemos.get(&id).map(|memo| comments_json(&memo.comments, id, "creditmemo"))
            }
            _ => self.invoices.get(&id).map(|invoice| comments_json(&invoice.comments, id, "invoice")),
        };
        let Some(items) = found else { return no_entity() };
        Answer::json(
            200,
            &json!({"total_count": items.len(), "items": items, "search_criteria": {"filter_groups": []}}),
        )
    }
}
