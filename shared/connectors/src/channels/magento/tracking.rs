//! Tracking numbers: a shipment with a track, or a further track on the order's shipment where nothing is left to ship.

use super::invoice::waiting;
use super::{calls, map, wire};
use crate::channels::shipping::shipment_waits;
use crate::channels::{misplanned, same_number, setting, tracking_number, was_ours};
use crate::contract::{Delivered, Target, Task};
use crate::http::Answer;
use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{Code, HoldReason, Operation, Parcel, SkipReason, Step, remark};
use http::Method;

/// Ships a parcel.
pub(super) struct SendTracking;

/// One conversation.
struct Talk<'a, 's> {
    session: &'a Session<'s>,
    task: &'a Task<'a>,
    parcel: &'a Parcel,
    number: &'a str,
}

/// What is to be written.
enum Way {
    /// A shipment of these lines.
    Ship(map::Items),
    /// A further track on this shipment.
    Track(wire::Id),
}

#[async_trait]
impl Target for SendTracking {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let parcel = task.parcel.ok_or_else(|| misplanned("parcel"))?;
        let number = tracking_number(parcel)?;
        Talk { session, task, parcel, number }.run().await
    }
}

impl Talk<'_, '_> {
    async fn run(&self) -> Result<Delivered, Stop> {
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let shipments = calls::shipments(self.session, &order).await?;
        if let Some(found) = self.ours(&shipments) {
            return Ok(found);
        }
        self.session.step(Step::Preflight);
        let way = self.way(&order, &shipments)?;
        if let Some(stop) = shipment_waits(self.task.rules, self.task.overrides.by_hand, self.parcel) {
            return Err(stop);
        }
        match way {
            Way::Ship(items) => self.ship(&order, items).await,
            Way::Track(shipment) => self.add_track(&order, shipment).await,
        }
    }

    /// Our track, by its number. Where other parcels of the order have the same number, as many tracks are theirs as
    /// have been delivered.
    fn ours(&self, shipments: &[wire::Shipment]) -> Option<Delivered> {
        let others = self
            .task
            .siblings
            .iter()
            .filter(|s| s.operation == Operation::SendTracking && !s.remote_ids.is_empty())
            .filter(|s| s.numbers.iter().any(|number| same_number(number, self.number)))
            .count();
        let ours = |track: &&wire::Track| track.track_number.as_deref().is_some_and(|n| same_number(n, self.number));
        let tracks = shipments.iter().flat_map(|s| s.tracks.iter().filter(ours).map(move |track| (s, track)));
        tracks.skip(others).last().map(|(shipment, track)| delivered(shipment, track))
    }

    /// What is left decides, as read just now.
    fn way(&self, order: &wire::Order, shipments: &[wire::Shipment]) -> Result<Way, Stop> {
        match map::stage(order) {
            map::Stage::Open | map::Stage::Complete => {}
            map::Stage::Waiting => return Err(waiting(order)),
            map::Stage::Canceled => return Err(Stop::skip(SkipReason::OrderCancelled, Code::OrderCancelled)),
            map::Stage::Closed => {
                return Err(Stop::fail(Code::OrderState, None, remark::closed_without_shipment()));
            }
        }
        // A newer revision of a parcel that was shipped here ships nothing again: its new number joins the old one.
        if let Some(before) = shipments.iter().find(|s| was_ours(self.task, &s.entity_id.to_string())) {
            return Ok(Way::Track(before.entity_id));
        }
        let left = map::left_to_ship(order);
        if map::nothing(&left) {
            let newest = shipments.iter().map(|s| s.entity_id).max();
            return newest.map(Way::Track).ok_or_else(|| {
                let detail = remark::nothing_to_ship();
                Stop::hold(HoldReason::Preflight, Some(detail))
            });
        }
        map::contents(self.parcel, &left, self.task.overrides.without_lines)
            .map(Way::Ship)
            .map_err(|what| Stop::hold(HoldReason::LinesUnmatched, Some(what)))
    }

    fn track(&self) -> wire::NewTrack {
        map::track(self.parcel.carrier.as_ref(), self.number, self.task.mappings)
    }

    /// `POST order/{id}/ship`.
    async fn ship(&self, order: &wire::Order, items: map::Items) -> Result<Delivered, Stop> {
        let source = setting(self.session.account, "source_code").filter(|code| !code.is_empty());
        let arguments = source.map(|code| serde_json::json!({"extension_attributes": {"source_code": code}}));
        let track = self.track();
        let body = wire::NewShipment {
            items: items.named(),
            notify: calls::notifies(self.task),
            tracks: [track.clone()],
            arguments,
        };
        let path = format!("order/{}/ship", order.entity_id);
        let request = calls::request(self.session, Method::POST, &path, &[])?.json(&body);
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        if answer.status != 200 {
            return self.refused(&answer).await;
        }
        let id: wire::Id = answer.json()?;
        self.session.done();
        Ok(Delivered {
            remote_id: id.to_string(),
            number: Some(self.number.to_owned()),
            proof: serde_json::json!({
                "shipment_id": id, "order_id": order.entity_id, "track_number": track.track_number,
                "carrier_code": track.carrier_code, "title": track.title,
            }),
        })
    }

    /// As for invoices: the validators' refusal is certain, "could not save" is not.
    async fn refused(&self, answer: &Answer) -> Result<Delivered, Stop> {
        calls::only_refused(self.session, answer)?;
        let order = calls::order(self.session, &self.task.order.remote_id).await?;
        let shipments = calls::shipments(self.session, &order).await?;
        self.ours(&shipments).ok_or_else(|| calls::failed(answer, Code::OrderState))
    }

    /// `POST shipment/track`: a repeat would add a second row, so it too comes after the look.
    async fn add_track(&self, order: &wire::Order, shipment: wire::Id) -> Result<Delivered, Stop> {
        let entity = wire::FurtherTrackEntity {
            order_id: order.entity_id.0,
            parent_id: shipment.0,
            // Required by the call and shown nowhere; the vendor's own examples say one.
            weight: 1,
            qty: 1,
            description: "",
            track: self.track(),
        };
        let request =
            calls::request(self.session, Method::POST, "shipment/track", &[])?.json(&wire::FurtherTrack { entity });
        let permit = self.task.gate.absent().await?;
        let answer = self.session.write(&permit, request).await?;
        match (answer.status, calls::why(&answer)) {
            (200, _) => {}
            (_, calls::Refused::NotSaved) => return Err(calls::failed(&answer, Code::VendorError)),
            _ => return Err(calls::refused(&answer)),
        }
        let told: wire::Track = answer.json()?;
        if !told.track_number.as_deref().is_some_and(|n| same_number(n, self.number)) {
            return Err(Stop::fail(Code::VendorNonsense, Some(200), remark::track_other()));
        }
        self.session.done();
        let parent = told.parent_id.unwrap_or(shipment);
        let made = wire::Shipment { entity_id: parent, increment_id: None, order_id: order.entity_id, tracks: vec![] };
        Ok(delivered(&made, &told))
    }
}

fn delivered(shipment: &wire::Shipment, track: &wire::Track) -> Delivered {
    Delivered {
        remote_id: shipment.entity_id.to_string(),
        number: track.track_number.clone(),
        proof: serde_json::json!({
            "shipment_id": shipment.entity_id,
            "increment_id": shipment.increment_id,
            "order_id": shipment.order_id,
            "track_id": track.entity_id,
            "track_number": track.track_number,
            "carrier_code": track.carrier_code,
            "title": track.title,
        }),
    }
}
