//! A parcel of the practice Sendcloud and its JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::status::{self, Status};
use crate::clock::{self, Millis};
use crate::order::given;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Event {
    at: Millis,
    status: String,
}

/// What lies in a parcel, where the seller told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    sku: String,
    quantity: u32,
}

impl Content {
    fn json(&self) -> Value {
        json!({"description": self.sku, "sku": self.sku, "quantity": self.quantity, "weight": "0.400", "value": "6.15",
               "hs_code": "620520", "origin_country": "CZ"})
    }
}

/// One parcel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) id: u64,
    pub(crate) tracking_number: Option<String>,
    pub(super) order_number: Option<String>,
    carrier: String,
    carrier_name: String,
    events: Vec<Event>,
    #[serde(default)]
    items: Vec<Content>,
    created_at: Millis,
    pub(super) updated_at: Millis,
    pub(super) label_ready_after: u64,
    pub(super) label_asked: u64,
}

/// Wish for a parcel; everything has a default.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) struct NewParcel {
    pub(crate) vendor: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(crate) tracking_number: Option<Option<String>>,
    pub(crate) carrier: Option<String>,
    pub(crate) carrier_name: Option<String>,
    pub(crate) state: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(crate) order_number: Option<Option<String>>,
    items: Vec<Content>,
    pub(crate) label_ready_after: u64,
    /// Of the carrier behind the courier, where there is such a one.
    #[serde(deserialize_with = "given")]
    pub(crate) carrier_number: Option<Option<String>>,
}

/// Change of a parcel; fields left out stay.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) struct ParcelChange {
    pub(crate) vendor: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(crate) tracking_number: Option<Option<String>>,
    pub(crate) state: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(crate) order_number: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    pub(crate) carrier_number: Option<Option<String>>,
}

fn known(state: &str) -> Result<&'static Status, String> {
    status::find(state).ok_or_else(|| {
        let names: Vec<&str> = status::STATUSES.iter().map(|status| status.name).collect();
        format!("unknown state {state}; one of the canonical delivery states or {names:?}")
    })
}

const ONE_NUMBER: &str = "this courier's parcels have one number";

impl NewParcel {
    /// What can be known to be wrong before anything is made.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.carrier_number.is_some() {
            return Err(ONE_NUMBER.to_owned());
        }
        known(self.state.as_deref().unwrap_or("in_transit")).map(|_| ())
    }

    pub(super) fn build(
        self,
        id: u64,
        generated: String,
        reference: Option<&str>,
        at: Millis,
    ) -> Result<Parcel, String> {
        let last = known(self.state.as_deref().unwrap_or("in_transit"))?;
        let earlier = status::before(last).iter().copied().chain([last.name]);
        let count = i64::try_from(status::before(last).len()).unwrap_or(0);
        // An hour between the earlier states, the last one now.
        let events = earlier
            .zip(0_i64..)
            .map(|(status, index)| Event { at: at - (count - index) * 3_600_000, status: status.to_owned() });
        let carrier = self.carrier.unwrap_or_else(|| "dpd".to_owned());
        Ok(Parcel {
            id,
            tracking_number: self.tracking_number.unwrap_or(Some(generated)),
            order_number: self.order_number.unwrap_or_else(|| reference.map(str::to_owned)),
            carrier_name: self.carrier_name.unwrap_or_else(|| carrier.to_uppercase()),
            carrier,
            events: events.collect(),
            items: self.items,
            created_at: at,
            updated_at: at,
            label_ready_after: self.label_ready_after,
            label_asked: 0,
        })
    }
}

impl Parcel {
    pub(super) fn change(&mut self, change: ParcelChange, at: Millis) -> Result<(), String> {
        if change.carrier_number.is_some() {
            return Err(ONE_NUMBER.to_owned());
        }
        let state = change.state.as_deref().map(known).transpose()?;
        if let Some(number) = change.tracking_number {
            self.tracking_number = number;
        }
        if let Some(order_number) = change.order_number {
            self.order_number = order_number;
        }
        if let Some(status) = state {
            self.events.push(Event { at, status: status.name.to_owned() });
        }
        self.updated_at = at;
        Ok(())
    }

    fn status(&self) -> (&'static Status, Millis) {
        let last = self.events.last();
        let status = last.and_then(|event| status::find(&event.status));
        (status.unwrap_or(&status::UNKNOWN), last.map_or(self.created_at, |event| event.at))
    }

    /// When the label was made: once there is a number.
    fn announced_at(&self) -> Option<String> {
        self.tracking_number.as_ref().map(|_| clock::utc_millis(self.created_at))
    }

    fn url(&self) -> Option<String> {
        self.tracking_number.as_ref().map(|number| format!("https://track.example/{}/{number}", self.carrier))
    }

    fn contents(&self) -> Vec<Value> {
        self.items.iter().map(Content::json).collect()
    }

    fn address() -> Value {
        json!({"name": "Jana Nováková", "company_name": null, "address_line_1": "Zkušební", "address_line_2": null,
               "house_number": "12", "city": "Brno", "postal_code": "60200", "country_code": "CZ", "po_box": null,
               "state_province_code": null, "email": "jana@customer.example", "phone_number": "+420600000000"})
    }

    /// `GET /parcels/tracking/{number}` (v3 parcel tracking).
    pub(super) fn tracking(&self) -> Value {
        let events: Vec<Value> = self
            .events
            .iter()
            .filter_map(|event| Some((event, status::find(&event.status)?)))
            .map(|(event, status)| {
                json!({"event_at": clock::utc_millis(event.at), "event_type": "carrier", "status_code": status.phase,
                       "sub_status_code": status.exception, "status_description": status.message,
                       "status_type": if status.exception == "none" { "success" } else { "warning" }})
            })
            .collect();
        let numbers: Vec<Value> = self
            .tracking_number
            .iter()
            .map(|number| json!({"carrier_code": self.carrier, "tracking_number": number, "tracking_url": self.url()}))
            .collect();
        json!({
            "announced_at": self.announced_at(), "created_at": clock::utc_millis(self.created_at),
            "updated_at": clock::utc_millis(self.created_at), "source_id": self.order_number,
            "details": {"brand_id": 1, "expected_delivery_date": clock::date_after(self.created_at, 2),
                        "integration_id": 7, "is_mail_box": false, "is_return": false, "is_to_service_point": false},
            "events": events, "from_address": Self::address(), "to_address": Self::address(),
            "tracking_numbers": numbers, "parcel_items": self.contents(), "ship_with": null,
        })
    }

    /// `GET /tracking/{number}` (v2 tracking).
    pub(super) fn tracking_v2(&self) -> Value {
        let statuses: Vec<Value> = self
            .events
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(index, event)| {
                let status = status::find(&event.status)?;
                Some(json!({"carrier_update_timestamp": clock::utc_millis(event.at),
                            "parcel_status_history_id": format!("{}{index}", self.id),
                            "parent_status": status.parent, "carrier_code": self.carrier,
                            "carrier_message": status.message}))
            })
            .collect();
        json!({
            "parcel_id": self.id.to_string(), "carrier_code": self.carrier,
            "created_at": clock::utc_millis(self.created_at), "carrier_tracking_url": self.url(),
            "sendcloud_tracking_url": null, "is_return": false, "is_to_service_point": false, "is_mail_box": false,
            "expected_delivery_date": clock::date_after(self.created_at, 2), "statuses": statuses,
        })
    }

    /// A parcel as v2 and the webhook carry it.
    pub(super) fn v2(&self, host: &str) -> Value {
        self.v2_with(self.status().0, host)
    }

    fn v2_with(&self, status: &Status, host: &str) -> Value {
        let label = self.tracking_number.as_ref().map(|_| {
            let link = format!("{host}/api/v3/parcels/{}/documents/label", self.id);
            json!({"normal_printer": [link], "label_printer": link})
        });
        let documents: Vec<Value> = self
            .tracking_number
            .iter()
            .map(|_| {
                json!({"type": "label", "size": "a6", "link": format!("{host}/api/v3/parcels/{}/documents/label", self.id)})
            })
            .collect();
        json!({
            "id": self.id, "name": "Jana Nováková", "company_name": "", "address": "Zkušební 12",
            "address_divided": {"street": "Zkušební", "house_number": "12"}, "city": "Brno", "postal_code": "60200",
            "telephone": "+420600000000", "email": "jana@customer.example",
            "date_created": clock::utc_seconds(self.created_at), "date_updated": clock::utc_seconds(self.updated_at),
            "date_announced": self.announced_at(), "tracking_number": self.tracking_number,
            "tracking_url": self.url(), "weight": "2.000", "label": label, "documents": documents,
            "parcel_items": self.contents(), "status": {"id": status.id, "message": status.message}, "data": {},
            "country": {"iso_3": "CZE", "iso_2": "CZ", "name": "Czech Republic"},
            "carrier": {"code": self.carrier, "name": self.carrier_name},
            "shipment": {"id": 8, "name": format!("{} Standard", self.carrier_name)},
            "order_number": self.order_number, "shipment_uuid": format!("00000000-0000-4000-8000-{:012}", self.id),
            "external_order_id": self.order_number, "external_shipment_id": self.id.to_string(), "is_return": false,
        })
    }

    /// Body of a `parcel_status_changed` webhook. `state` and `at` make it tell an older change than the last.
    pub(crate) fn event(
        &self,
        event: &str,
        state: Option<&str>,
        at: Option<Millis>,
        host: &str,
    ) -> Result<Value, String> {
        let (last, last_at) = self.status();
        let status = state.map(known).transpose()?.unwrap_or(last);
        let told = self.events.iter().rev().find(|event| event.status == status.name).map(|event| event.at);
        let at = at.or(told).unwrap_or(last_at);
        Ok(json!({"action": event, "timestamp": at, "carrier_status_change_timestamp": at,
                  "parcel": self.v2_with(status, host)}))
    }

    /// The label's PDF: always the same bytes for the same parcel.
    pub(super) fn label(&self) -> bytes::Bytes {
        crate::pdf::page(&[
            format!("{} label", self.carrier_name),
            self.tracking_number.clone().unwrap_or_default(),
            format!("Order {}", self.order_number.as_deref().unwrap_or("-")),
        ])
    }

    /// What the control calls answer about a parcel.
    pub(crate) fn made(&self, vendor: &str) -> Value {
        let (status, _) = self.status();
        json!({"vendor": vendor, "id": self.id.to_string(), "tracking_number": self.tracking_number,
               "carrier": self.carrier, "state": status.name, "order_number": self.order_number,
               "status": {"id": status.id, "message": status.message},
               "updated_at": clock::utc_millis(self.updated_at)})
    }
}
