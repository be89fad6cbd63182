//! Shipments where multi-shipment is on: ST01, ST06, ST11, ST12, ST23, ST24.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::orders::{Order, OrderLine};
use super::{Mirakl, Tracking, refuse};
use crate::clock::{self, Millis};
use crate::http::{Answer, Call};
use crate::order::number;
use crate::world::Tx;

/// Shipments per call (ST01 page).
const MOST: usize = 1000;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ShipmentLine {
    order_line_id: String,
    offer_sku: String,
    quantity: Decimal,
    package_reference: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Shipment {
    number: u64,
    order_id: String,
    status: String,
    invoice_reference: Option<String>,
    lines: Vec<ShipmentLine>,
    tracking: Option<Tracking>,
    created_at: Millis,
    updated_at: Millis,
    shipped_at: Option<Millis>,
}

#[derive(Deserialize)]
struct WishedLine {
    order_line_id: Option<String>,
    offer_sku: Option<String>,
    quantity: Option<Decimal>,
    package_reference: Option<String>,
}

#[derive(Deserialize)]
struct Wish {
    order_id: Option<String>,
    invoice_reference: Option<String>,
    #[serde(default)]
    shipped: bool,
    #[serde(default)]
    shipment_lines: Vec<WishedLine>,
    tracking: Option<Tracking>,
}

#[derive(Deserialize)]
struct Wishes<T> {
    shipments: Vec<T>,
}

#[derive(Deserialize)]
struct ById {
    id: String,
    tracking: Option<Tracking>,
}

impl Shipment {
    fn id(&self) -> String {
        format!("5e9d0000-0000-4000-8000-{:012}", self.number)
    }

    fn json(&self) -> Value {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                json!({"order_line_id": line.order_line_id, "offer_sku": line.offer_sku,
                       "quantity": number(line.quantity), "package_reference": line.package_reference})
            })
            .collect();
        let tracking = self.tracking.as_ref().map(|tracking| {
            json!({"carrier_code": tracking.carrier_code, "carrier_name": tracking.name(),
                   "carrier_standard_code": tracking.carrier_standard_code,
                   "tracking_number": tracking.tracking_number, "tracking_url": tracking.tracking_url,
                   "carrier_estimated_delivery_date": null, "last_known_location": null, "milestones": [],
                   "validity_status": null})
        });
        json!({
            "id": self.id(), "order_id": self.order_id, "status": self.status,
            "status_customer_debit": "NO_DEBIT", "invoice_reference": self.invoice_reference,
            "shipment_lines": lines, "tracking": tracking, "payment_details": null, "shipping_from": null,
            "created_date": clock::utc_millis(self.created_at), "last_updated_date": clock::utc_millis(self.updated_at),
            "shipped_date": self.shipped_at.map(clock::utc_millis),
        })
    }

    fn tracking_number(&self) -> String {
        self.tracking.as_ref().and_then(|tracking| tracking.tracking_number.clone()).unwrap_or_default()
    }
}

fn errors_and_successes(errors: &[Value], successes: &[Value]) -> Value {
    json!({"shipment_errors": errors, "shipment_success": successes})
}

impl Mirakl {
    pub(super) fn keep_shipment(&mut self, shipment: Shipment) {
        self.last_shipment = self.last_shipment.max(shipment.number);
        self.shipments_of.entry(shipment.order_id.clone()).or_default().push(shipment.number);
        self.shipments.insert(shipment.number, shipment);
    }

    fn shipments_of(&self, order: &str) -> impl Iterator<Item = &Shipment> {
        let ids = self.shipments_of.get(order).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.shipments.get(id))
    }

    /// What is left to ship of one order line.
    fn left(&self, order: &str, line: &OrderLine) -> Decimal {
        let gone: Decimal = self
            .shipments_of(order)
            .flat_map(|shipment| &shipment.lines)
            .filter(|shipped| shipped.order_line_id == line.id)
            .map(|shipped| shipped.quantity)
            .sum();
        line.quantity - gone
    }

    /// ST01: 201 even when every shipment failed.
    pub(super) fn create_shipments(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        let Ok(wishes) = call.json::<Wishes<Wish>>() else {
            return refuse(400, "The body is not valid JSON");
        };
        if wishes.shipments.is_empty() || wishes.shipments.len() > MOST {
            return refuse(400, format!("Between 1 and {MOST} shipments are expected"));
        }
        let mut errors = Vec::new();
        let mut successes = Vec::new();
        for wish in wishes.shipments {
            let order_id = wish.order_id.clone();
            match self.create_shipment(wish, tx) {
                Ok(page) => successes.push(page),
                Err(message) => errors.push(json!({"order_id": order_id, "message": message})),
            }
        }
        Answer::json(201, &errors_and_successes(&errors, &successes))
    }

    fn shipment_lines(&self, order: &Order, wished: Vec<WishedLine>) -> Result<Vec<ShipmentLine>, String> {
        if wished.is_empty() {
            return Err("Shipment lines are required.".to_owned());
        }
        let mut lines: Vec<ShipmentLine> = Vec::new();
        for wish in wished {
            let line = order
                .lines
                .iter()
                .find(|line| match (&wish.order_line_id, &wish.offer_sku) {
                    (Some(id), _) => line.id == *id,
                    (None, Some(sku)) => line.sku == *sku,
                    (None, None) => false,
                })
                .ok_or("Order line not found.")?;
            let quantity = wish.quantity.unwrap_or_default();
            let already: Decimal =
                lines.iter().filter(|other| other.order_line_id == line.id).map(|other| other.quantity).sum();
            if quantity <= Decimal::ZERO || quantity + already > self.left(&order.id, line) {
                return Err("Shipment quantity is invalid.".to_owned());
            }
            lines.push(ShipmentLine {
                order_line_id: line.id.clone(),
                offer_sku: line.sku.clone(),
                quantity,
                package_reference: wish.package_reference,
            });
        }
        Ok(lines)
    }

    fn create_shipment(&mut self, wish: Wish, tx: &mut Tx) -> Result<Value, String> {
        let id = wish.order_id.ok_or("Order id is required.")?;
        let order = self.orders.get(&id).ok_or(format!("Order with identifier '{id}' not found"))?;
        if order.state != "SHIPPING" {
            return Err(format!("The order status must be 'SHIPPING' but it is '{}'.", order.state));
        }
        if let Some(fault) = wish.tracking.as_ref().and_then(|tracking| tracking.fault(&self.options)) {
            return Err(fault);
        }
        if wish.invoice_reference.as_ref().is_some_and(|reference| reference.len() > 255) {
            return Err("Invoice reference is too long.".to_owned());
        }
        let lines = self.shipment_lines(order, wish.shipment_lines)?;
        let shipment = Shipment {
            number: self.last_shipment + 1,
            order_id: id.clone(),
            status: if wish.shipped { "SHIPPED" } else { "SHIPPING" }.to_owned(),
            invoice_reference: wish.invoice_reference,
            lines,
            tracking: wish.tracking,
            created_at: tx.now,
            updated_at: tx.now,
            shipped_at: wish.shipped.then_some(tx.now),
        };
        tx.put("shipment", shipment.number, &shipment);
        tx.effect("shipments", Some(&id), &shipment.tracking_number());
        let page = shipment.json();
        self.keep_shipment(shipment);
        self.finish_when_all_shipped(&id, tx);
        Ok(page)
    }

    /// The order moves on once everything left in shipped shipments.
    fn finish_when_all_shipped(&mut self, id: &str, tx: &mut Tx) {
        let Some(order) = self.orders.get(id) else {
            return;
        };
        let nothing_left = order.lines.iter().all(|line| self.left(id, line) <= Decimal::ZERO);
        let all_shipped = self.shipments_of(id).all(|shipment| shipment.status == "SHIPPED");
        if order.state == "SHIPPING" && nothing_left && all_shipped {
            self.move_order(id, "SHIPPED", tx);
        } else {
            let state = order.state.clone();
            self.move_order(id, &state, tx);
        }
    }

    pub(super) fn list_shipments(&self, call: &Call) -> Answer {
        let states: Vec<&str> = call.query_all("shipment_state_code").collect();
        let orders: Vec<&str> = call.query_all("order_id").collect();
        let fits = |shipment: &&Shipment| states.is_empty() || states.contains(&shipment.status.as_str());
        let limit: usize = call.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10).clamp(1, 100);
        let after: u64 = call.query("page_token").and_then(|token| token.parse().ok()).unwrap_or(0);
        let mut found: Vec<&Shipment> = if orders.is_empty() {
            self.shipments.values().filter(fits).collect()
        } else {
            orders.into_iter().flat_map(|order| self.shipments_of(order)).filter(fits).collect()
        };
        found.retain(|shipment| shipment.number > after);
        found.sort_by_key(|shipment| shipment.number);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { found.last().map(|shipment| shipment.number.to_string()) } else { None };
        let page: Vec<Value> = found.into_iter().map(Shipment::json).collect();
        Answer::json(200, &json!({"data": page, "next_page_token": next, "previous_page_token": null}))
    }

    pub(super) fn items_to_ship(&self, call: &Call) -> Answer {
        let orders: Vec<&str> = call.query_all("order_id").collect();
        let open = self
            .orders
            .values()
            .filter(|order| order.state == "SHIPPING" && (orders.is_empty() || orders.contains(&order.id.as_str())));
        let page: Vec<Value> = open
            .take(100)
            .map(|order| {
                let lines = order.lines.iter().map(|line| (line, self.left(&order.id, line)));
                let lines: Vec<Value> = lines
                    .filter(|(_, left)| *left > Decimal::ZERO)
                    .map(|(line, left)| {
                        json!({"order_line_id": line.id, "offer_sku": line.sku, "product_title": line.title,
                               "package_reference": null, "quantity": number(left)})
                    })
                    .collect();
                json!({"order_id": order.id, "shipment_lines": lines, "shipping_type_code": "STD"})
            })
            .collect();
        Answer::json(200, &json!({"data": page, "next_page_token": null, "previous_page_token": null}))
    }

    fn shipment_number(&self, id: &str) -> Option<u64> {
        let number = id.rsplit('-').next()?.parse().ok()?;
        self.shipments.get(&number).filter(|shipment| shipment.id() == id).map(|shipment| shipment.number)
    }

    /// Runs one change per shipment, answering successes and errors side by side.
    fn each(
        &mut self,
        call: &Call,
        tx: &mut Tx,
        names: (&str, &str),
        mut work: impl FnMut(&mut Self, u64, ById, &mut Tx) -> Result<(), String>,
    ) -> Answer {
        let Ok(wishes) = call.json::<Wishes<ById>>() else {
            return refuse(400, "The body is not valid JSON");
        };
        let mut errors = Vec::new();
        let mut successes = Vec::new();
        for wish in wishes.shipments {
            let id = wish.id.clone();
            let result = match self.shipment_number(&id) {
                Some(number) => work(self, number, wish, tx),
                None => Err(format!("No shipment with id '{id}'")),
            };
            match result {
                Ok(()) => successes.push(json!({"id": id})),
                Err(message) => errors.push(json!({"id": id, "message": message})),
            }
        }
        Answer::json(200, &json!({names.0: errors, names.1: successes}))
    }

    pub(super) fn track_shipments(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        self.each(call, tx, ("shipment_errors", "shipment_success"), |this, number, wish, tx| {
            let tracking = wish.tracking.ok_or("Tracking is required.")?;
            if let Some(fault) = tracking.fault(&this.options) {
                return Err(fault);
            }
            let Some(shipment) = this.shipments.get_mut(&number) else {
                return Ok(());
            };
            if shipment.tracking.as_ref() != Some(&tracking) {
                shipment.tracking = Some(tracking);
                shipment.updated_at = tx.now;
                tx.put("shipment", number, shipment);
                tx.effect("shipment_tracking", Some(&shipment.order_id), &shipment.tracking_number());
            }
            Ok(())
        })
    }

    pub(super) fn ship_shipments(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        self.each(call, tx, ("shipment_errors", "shipment_success"), |this, number, _, tx| {
            let Some(shipment) = this.shipments.get_mut(&number) else {
                return Ok(());
            };
            if shipment.status != "SHIPPING" {
                let status = &shipment.status;
                return Err(format!("The shipment status must be 'SHIPPING' but it is '{status}'."));
            }
            "SHIPPED".clone_into(&mut shipment.status);
            shipment.shipped_at = Some(tx.now);
            shipment.updated_at = tx.now;
            tx.put("shipment", number, shipment);
            let order = shipment.order_id.clone();
            tx.effect("shipment_shipped", Some(&order), &shipment.tracking_number());
            this.finish_when_all_shipped(&order, tx);
            Ok(())
        })
    }

    pub(super) fn delete_shipments(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        self.each(call, tx, ("deletion_errors", "deletion_success"), |this, number, wish, tx| {
            let shipping = this.shipments.get(&number).is_some_and(|shipment| shipment.status == "SHIPPING");
            if !shipping {
                let id = wish.id;
                return Err(format!("Shipment with id '{id}' is not in SHIPPING status and cannot be deleted."));
            }
            if let Some(shipment) = this.shipments.remove(&number) {
                if let Some(ids) = this.shipments_of.get_mut(&shipment.order_id) {
                    ids.retain(|known| *known != number);
                }
                tx.delete("shipment", number);
                tx.effect("shipment_deletions", Some(&shipment.order_id), &shipment.tracking_number());
            }
            Ok(())
        })
    }
}
