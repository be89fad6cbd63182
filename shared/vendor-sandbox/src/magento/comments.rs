//! Comments and tracks: every repeat adds a row.

use serde::Deserialize;
use serde_json::Value;

use super::entities::{Comment, Track};
use super::json::{comment_json, track_json};
use super::{Magento, bad_json, no_entity, refuse, required};
use crate::http::{Answer, Call};
use crate::world::Tx;

/// The vendor takes flags as numbers or booleans.
pub(super) fn flag(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_bool().unwrap_or_else(|| value.as_i64().is_some_and(|number| number != 0)))
}

#[derive(Deserialize)]
struct Wish {
    comment: Option<String>,
    is_customer_notified: Option<Value>,
    is_visible_on_front: Option<Value>,
    parent_id: Option<u64>,
    status: Option<String>,
}

impl Magento {
    pub(super) fn new_comment(&mut self, text: String, visible: bool, notified: bool, tx: &Tx) -> Comment {
        self.last_comment += 1;
        Comment { id: self.last_comment, text, visible, notified, status: None, at: tx.now }
    }

    pub(super) fn comment_order(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        #[derive(Deserialize)]
        struct Body {
            #[serde(rename = "statusHistory")]
            history: Wish,
        }
        let Some(order) = self.order_by_id(id).map(|order| order.id) else { return no_entity() };
        let Ok(Body { history: wish }) = call.json::<Body>() else { return required("statusHistory") };
        let Some(text) = wish.comment.filter(|text| !text.is_empty()) else { return required("comment") };
        // The schema requires all four, whatever the path says.
        if wish.parent_id.is_none() {
            return required("parent_id");
        }
        if wish.is_visible_on_front.is_none() {
            return required("is_visible_on_front");
        }
        if wish.is_customer_notified.is_none() {
            return required("is_customer_notified");
        }
        let visible = flag(wish.is_visible_on_front.as_ref());
        let notified = flag(wish.is_customer_notified.as_ref());
        let mut comment = self.new_comment(text, visible, notified, tx);
        comment.status = wish.status;
        if let Some(order) = self.orders.get_mut(&order) {
            tx.effect("comments", Some(&order.increment_id), &comment.text);
            order.comments.push(comment);
            order.updated_at = tx.now;
            tx.put("order", order.id, order);
        }
        Answer::json(200, &Value::Bool(true))
    }

    pub(super) fn comment_invoice(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        #[derive(Deserialize)]
        struct Body {
            entity: Wish,
        }
        let Ok(Body { entity: wish }) = call.json::<Body>() else { return required("entity") };
        let Some(parent) = wish.parent_id else { return required("parent_id") };
        let Some(text) = wish.comment.filter(|text| !text.is_empty()) else { return required("comment") };
        if !self.invoices.contains_key(&parent) {
            return refuse(400, "The invoice comment couldn't be saved.", None);
        }
        let visible = flag(wish.is_visible_on_front.as_ref());
        let notified = flag(wish.is_customer_notified.as_ref());
        let comment = self.new_comment(text, visible, notified, tx);
        let page = comment_json(&comment, parent, "invoice");
        if let Some(invoice) = self.invoices.get_mut(&parent) {
            let order = self.orders.get(&invoice.order_id).map(|order| order.increment_id.as_str());
            tx.effect("invoice_comments", order, &comment.text);
            invoice.comments.push(comment);
            tx.put("invoice", parent, invoice);
        }
        Answer::json(200, &page)
    }

    pub(super) fn comment_memo(&mut self, id: &str, call: &Call, tx: &mut Tx) -> Answer {
        #[derive(Deserialize)]
        struct Body {
            entity: Wish,
        }
        let Some(id) = id.parse().ok().filter(|id: &u64| self.creditmemos.contains_key(id)) else { return no_entity() };
        let Ok(Body { entity: wish }) = call.json::<Body>() else { return required("entity") };
        let Some(text) = wish.comment.filter(|text| !text.is_empty()) else { return required("comment") };
        let (Some(visible), Some(notified), Some(_)) =
            (&wish.is_visible_on_front, &wish.is_customer_notified, wish.parent_id)
        else {
            return required("parent_id, is_visible_on_front, is_customer_notified");
        };
        let comment = self.new_comment(text, flag(Some(visible)), flag(Some(notified)), tx);
        let page = comment_json(&comment, id, "creditmemo");
        if let Some(memo) = self.creditmemos.get_mut(&id) {
            let order = self.orders.get(&memo.order_id).map(|order| order.increment_id.as_str());
            tx.effect("creditmemo_comments", order, &comment.text);
            memo.comments.push(comment);
            tx.put("creditmemo", id, memo);
        }
        Answer::json(200, &page)
    }

    pub(super) fn add_track(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        #[derive(Deserialize)]
        struct Wish {
            order_id: Option<u64>,
            parent_id: Option<u64>,
            track_number: Option<String>,
            title: Option<String>,
            carrier_code: Option<String>,
        }
        #[derive(Deserialize)]
        struct Body {
            entity: Wish,
        }
        let Ok(Body { entity: wish }) = call.json::<Body>() else { return bad_json() };
        let Some(parent) = wish.parent_id else { return required("parent_id") };
        let Some(order) = wish.order_id else { return required("order_id") };
        let Some(number) = wish.track_number.filter(|text| !text.is_empty()) else { return required("track_number") };
        let Some(title) = wish.title.filter(|text| !text.is_empty()) else { return required("title") };
        let Some(carrier_code) = wish.carrier_code else { return required("carrier_code") };
        let fitting = self.shipments.get_mut(&parent).filter(|shipment| shipment.order_id == order);
        let Some(shipment) = fitting else {
            return refuse(400, "The shipment tracking couldn't be saved.", None);
        };
        self.last_track += 1;
        let track = Track { id: self.last_track, number, title, carrier_code, at: tx.now };
        let page = track_json(&track, shipment);
        let increment = self.orders.get(&order).map(|order| order.increment_id.as_str());
        tx.effect("tracks", increment, &track.number);
        shipment.tracks.push(track);
        tx.put("shipment", parent, shipment);
        Answer::json(200, &page)
    }

    pub(super) fn delete_track(&mut self, id: &str, tx: &mut Tx) -> Answer {
        let Some(id) = id.parse::<u64>().ok() else { return no_entity() };
        let holder = self.shipments.values_mut().find(|shipment| shipment.tracks.iter().any(|track| track.id == id));
        let Some(shipment) = holder else { return no_entity() };
        let gone: Vec<String> =
            shipment.tracks.extract_if(.., |track| track.id == id).map(|track| track.number).collect();
        let increment = self.orders.get(&shipment.order_id).map(|order| order.increment_id.as_str());
        tx.effect("track_deletions", increment, &gone.join(","));
        tx.put("shipment", shipment.id, shipment);
        Answer::json(200, &Value::Bool(true))
    }
}
