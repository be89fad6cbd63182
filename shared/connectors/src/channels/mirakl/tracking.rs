//! Tracking numbers: OR23 and OR24 for the order, ST01 for a part of it.
//!
//! Mirakl shows one number per order. The first parcel takes that place: OR23 tells the number as soon as the rule
//! allows, OR24 confirms once the parcel was handed over. Parcels beyond it, and parcels that hold only a part, go by
//! ST01 where multi-shipment is active; where it is not, ST01 answers 404 whatever the order, and what finds the place
//! taken is left out. A number that is not ours is never overwritten.

use super::map::{self, Slot, Stage};
use super::{calls, wire};
use crate::channels::shipping::{number_waits, shipment_waits};
use crate::channels::{misplanned, not_confirmed, same_number, setting, taken, tracking_number, was_ours};
use crate::contract::{Delivered, Target, Task};
use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{Code, HoldReason, Operation, Parcel, Said, SkipReason, Step, remark};
use http::Method;

/// Carries a parcel.
pub(super) struct SendTracking;

/// One conversation.
struct Talk<'a, 's> {
    session: &'a Session<'s>,
    task: &'a Task<'a>,
    parcel: &'a Parcel,
    number: &'a str,
    order_id: &'a str,
}

#[async_trait]
impl Target for SendTracking {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let parcel = task.parcel.ok_or_else(|| misplanned("parcel"))?;
        let number = tracking_number(parcel)?;
        Talk { session, task, parcel, number, order_id: &task.order.remote_id }.run().await
    }
}

impl Talk<'_, '_> {
    async fn run(&self) -> Result<Delivered, Stop> {
        let order = calls::order_again(self.session, self.order_id).await?;
        let slot = map::slot(&order, self.number, self.parcel, self.task);
        let shipments =
            if self.may_have_shipments(slot) { calls::shipments(self.session, self.order_id).await? } else { None };
        if let Some(shipments) = &shipments
            && let Some(found) = self.among(shipments).await?
        {
            return Ok(found);
        }
        self.session.step(Step::Preflight);
        match map::stage(&order.order_state) {
            Stage::Waiting => {
                Err(Stop::hold(HoldReason::Predecessor, Some(remark::order_not_shippable(&order.order_state))))
            }
            Stage::Cancelled => Err(Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled)),
            Stage::Shipped if slot == Slot::Other => Err(one_number()),
            Stage::Shipped => self.whole_order(&order, slot).await,
            Stage::Shipping => self.ship(&order, slot, shipments).await,
        }
    }

    /// Whether a shipment of ours, or one that leaves only a part of the order to us, may be there.
    fn may_have_shipments(&self, slot: Slot) -> bool {
        let others = self.task.siblings.iter().any(|s| s.operation == Operation::SendTracking && !s.numbers.is_empty());
        slot == Slot::Other
            || others
            || self.by_lines()
            || self.task.in_doubt
            || self.task.previous.iter().any(|receipt| receipt.remote_id != self.order_id)
    }

    fn by_lines(&self) -> bool {
        !self.parcel.lines.is_empty() && !self.task.overrides.without_lines
    }

    /// Our shipment among those of the order, by its number; an earlier revision of ours gets the new number (ST23).
    async fn among(&self, shipments: &[wire::Shipment]) -> Result<Option<Delivered>, Stop> {
        let standing =
            || shipments.iter().filter(|s| map::stands(s) && !taken(self.task, Operation::SendTracking, &s.id));
        let ours = |s: &&wire::Shipment| map::shipment_number(s).is_some_and(|n| same_number(n, self.number));
        if let Some(found) = standing().find(ours) {
            return Ok(Some(self.by_shipment(found)));
        }
        match standing().find(|s| was_ours(self.task, &s.id)) {
            Some(before) => self.renumber(&before.id).await.map(Some),
            None => Ok(None),
        }
    }

    /// An order in SHIPPING.
    async fn ship(
        &self,
        order: &wire::Order,
        slot: Slot,
        shipments: Option<Vec<wire::Shipment>>,
    ) -> Result<Delivered, Stop> {
        let Some(shipments) = shipments else {
            // Multi-shipment is off, or nothing asks for it.
            return if slot == Slot::Other { Err(one_number()) } else { self.whole_order(order, slot).await };
        };
        let left = map::left_to_ship(order, &shipments);
        let load = map::load(self.parcel, &left, self.task.overrides.without_lines);
        let first = !shipments.iter().any(map::stands);
        let lines = match load {
            // It holds everything, and nothing went before: the order's own place says it better.
            map::Load::Lines { all: true, .. } if first && slot != Slot::Other => {
                return self.whole_order(order, slot).await;
            }
            map::Load::Lines { lines, .. } => lines,
            map::Load::NothingLeft => return Err(one_number()),
            map::Load::Unmatched(what) => return Err(Stop::hold(HoldReason::LinesUnmatched, Some(what))),
        };
        match self.new_shipment(lines).await? {
            Some(delivered) => Ok(delivered),
            None if slot == Slot::Other => Err(one_number()),
            None => self.whole_order(order, slot).await,
        }
    }

    /// OR23, then OR24.
    async fn whole_order(&self, order: &wire::Order, slot: Slot) -> Result<Delivered, Stop> {
        let by_hand = self.task.overrides.by_hand;
        let shipped = map::stage(&order.order_state) == Stage::Shipped;
        if !self.shows_all(order, slot).await? {
            if let Some(stop) = number_waits(self.task.rules, by_hand, self.parcel) {
                return Err(stop);
            }
            self.tell_number().await?;
        } else if shipped {
            return Ok(self.by_order(order));
        }
        let mut seen = None;
        if !shipped {
            if let Some(stop) = shipment_waits(self.task.rules, by_hand, self.parcel) {
                return Err(stop);
            }
            seen = self.confirm_shipment().await?;
        }
        let order = match seen {
            Some(order) => order,
            None => calls::order_again(self.session, self.order_id).await?,
        };
        self.proven(&order).ok_or_else(|| not_confirmed(remark::unproven_order()))
    }

    /// Whether nothing needs to be told: the number stands there, and a later revision also finds its carrier there.
    async fn shows_all(&self, order: &wire::Order, slot: Slot) -> Result<bool, Stop> {
        if slot != Slot::Ours || self.task.previous.is_empty() {
            return Ok(slot == Slot::Ours);
        }
        Ok(map::shows_carrier(order, &self.tracking().await?))
    }

    /// OR23: overwrites, so a repeat is harmless.
    async fn tell_number(&self) -> Result<(), Stop> {
        let tracking = self.tracking().await?;
        let path = calls::order_path(self.order_id, "tracking");
        let request = calls::request(self.session.account, Method::PUT, &path, &[])?.json(&tracking);
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        match answer.status {
            200..=299 => {
                self.session.done();
                Ok(())
            }
            404 => {
                self.session.not_done();
                Err(calls::refused(&answer))
            }
            _ => Err(calls::refused(&answer)),
        }
    }

    /// OR24: works only in SHIPPING; any other state is 400, a repeat's too, so the order is read to learn which. The
    /// order, where it was read.
    async fn confirm_shipment(&self) -> Result<Option<wire::Order>, Stop> {
        let path = calls::order_path(self.order_id, "ship");
        let request = calls::request(self.session.account, Method::PUT, &path, &[])?;
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        match answer.status {
            200..=299 => Ok(None),
            400 => {
                self.session.not_done();
                let order = calls::order_again(self.session, self.order_id).await?;
                match map::stage(&order.order_state) {
                    Stage::Shipped => Ok(Some(order)),
                    Stage::Cancelled => Err(Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled)),
                    Stage::Waiting | Stage::Shipping => Err(order_state(&answer)),
                }
            }
            404 => {
                self.session.not_done();
                Err(calls::refused(&answer))
            }
            _ => Err(calls::refused(&answer)),
        }
    }

    /// ST01 with one shipment. `None`: multi-shipment is not active. The success code says nothing about the shipment.
    async fn new_shipment(&self, lines: Vec<wire::NewShipmentLine>) -> Result<Option<Delivered>, Stop> {
        if let Some(stop) = shipment_waits(self.task.rules, self.task.overrides.by_hand, self.parcel) {
            return Err(stop);
        }
        let tracking = self.tracking().await?.into();
        let shipment = wire::NewShipment { order_id: self.order_id, shipped: true, shipment_lines: lines, tracking };
        let request = calls::request(self.session.account, Method::POST, "/api/shipments", &[])?
            .json(&wire::NewShipments { shipments: [shipment] });
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        match answer.status {
            200..=299 => {}
            404 => {
                self.session.not_done();
                return Ok(None);
            }
            _ => return Err(calls::refused(&answer)),
        }
        let told: wire::ShipmentOutcome = answer.json()?;
        let refusal = told.shipment_errors.iter().find(|e| e.order_id.as_deref() == Some(self.order_id));
        if let Some(refusal) = refusal {
            self.session.not_done();
            return Err(self.why_not(refusal, answer.status).await?);
        }
        let Some(made) = told.shipment_success.first() else {
            let message = remark::shipment_unsaid();
            return Err(Stop::fail(Code::VendorNonsense, Some(answer.status), message));
        };
        self.shipment_proof(&made.id).await.map(Some)
    }

    /// What a refused shipment means, by the order as it is now.
    async fn why_not(&self, refusal: &wire::ShipmentError, status: u16) -> Result<Stop, Stop> {
        let order = calls::order_again(self.session, self.order_id).await?;
        Ok(match map::stage(&order.order_state) {
            Stage::Cancelled => Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled),
            Stage::Shipped => one_number(),
            Stage::Waiting | Stage::Shipping => {
                let message = refusal.message.clone().map_or_else(remark::refused_unsaid, Said::from);
                Stop::fail(Code::ErrorInsideSuccess, Some(status), message)
            }
        })
    }

    /// ST23: another number for a shipment of ours; overwrites.
    async fn renumber(&self, id: &str) -> Result<Delivered, Stop> {
        let tracking = self.tracking().await?.into();
        let request = calls::request(self.session.account, Method::POST, "/api/shipments/tracking", &[])?
            .json(&wire::NewTrackings { shipments: [wire::NewTracking { id, tracking }] });
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        if !(200..=299).contains(&answer.status) {
            return Err(calls::refused(&answer));
        }
        let told: wire::ShipmentOutcome = answer.json()?;
        if let Some(refusal) = told.shipment_errors.iter().find(|e| e.id.as_deref() == Some(id)) {
            self.session.not_done();
            let message = refusal.message.clone().map_or_else(remark::refused_unsaid, Said::from);
            return Err(Stop::fail(Code::ErrorInsideSuccess, Some(answer.status), message));
        }
        self.shipment_proof(id).await
    }

    async fn shipment_proof(&self, id: &str) -> Result<Delivered, Stop> {
        let shipments = calls::shipments(self.session, self.order_id).await?.unwrap_or_default();
        let proof = shipments
            .iter()
            .find(|s| s.id == id && map::shipment_number(s).is_some_and(|number| same_number(number, self.number)));
        let proof = proof.ok_or_else(|| not_confirmed(remark::unproven_shipment()))?;
        self.session.done();
        Ok(self.by_shipment(proof))
    }

    /// How the carrier is told.
    async fn tracking(&self) -> Result<wire::OrderTracking, Stop> {
        let account = self.session.account;
        let mapped = self.parcel.carrier.as_ref().and_then(|carrier| self.task.mappings.carrier(carrier));
        let registered = if mapped.is_some() { vec![] } else { calls::carriers(self.session).await? };
        let free_text = setting(account, "carrier_free_text").as_deref() != Some("false");
        map::tracking(self.parcel, self.number, mapped, &registered, free_text)
    }

    fn proven(&self, order: &wire::Order) -> Option<Delivered> {
        let shown = order.shipping_tracking.as_deref()?;
        let fits = same_number(shown, self.number) && map::stage(&order.order_state) == Stage::Shipped;
        if fits {
            self.session.done();
        }
        fits.then(|| self.by_order(order))
    }

    fn by_order(&self, order: &wire::Order) -> Delivered {
        Delivered {
            remote_id: order.order_id.clone(),
            number: Some(self.number.to_owned()),
            proof: serde_json::json!({
                "order_id": order.order_id,
                "order_state": order.order_state,
                "shipping_tracking": order.shipping_tracking,
                "shipping_carrier_code": order.shipping_carrier_code,
                "shipping_company": order.shipping_company,
            }),
        }
    }

    fn by_shipment(&self, shipment: &wire::Shipment) -> Delivered {
        let tracking = shipment.tracking.as_ref();
        Delivered {
            remote_id: shipment.id.clone(),
            number: Some(self.number.to_owned()),
            proof: serde_json::json!({
                "order_id": shipment.order_id,
                "shipment_id": shipment.id,
                "status": shipment.status,
                "tracking_number": tracking.and_then(|t| t.tracking_number.as_deref()),
                "carrier_code": tracking.and_then(|t| t.carrier_code.as_deref()),
                "carrier_name": tracking.and_then(|t| t.carrier_name.as_deref()),
            }),
        }
    }
}

fn one_number() -> Stop {
    Stop::Skip {
        reason: SkipReason::Unsupported,
        code: Code::OneNumberPerOrder,
        detail: Some(remark::one_number_stands()),
    }
}

fn order_state(answer: &crate::http::Answer) -> Stop {
    match calls::refused(answer) {
        Stop::Fail(failure) => Stop::fail(Code::OrderState, failure.status, failure.message),
        other => other,
    }
}
