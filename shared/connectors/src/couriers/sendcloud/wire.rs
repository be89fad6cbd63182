//! Sendcloud's JSON in Sendcloud's names: v3 parcel tracking, v2 parcels, v3 webhooks. Only what is read.

use crate::lenient::{decimal, optional_text, text};
use rust_decimal::Decimal;
use serde::Deserialize;

/// Answer of `GET /api/v3/user/auth/metadata`.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    #[serde(rename = "data")]
    _data: UserAuthMetadata,
}

/// Whose keys they are.
#[derive(Debug, Deserialize)]
struct UserAuthMetadata {
    #[serde(rename = "user_id", deserialize_with = "text")]
    _user_id: String,
}

/// Answer of `GET /api/v3/parcels/tracking/{tracking_number}`.
#[derive(Debug, Deserialize)]
pub(super) struct Tracking {
    #[serde(default)]
    pub(super) announced_at: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<String>,
    /// Moved only by the announcement, the contract and `source_id`.
    #[serde(default)]
    pub(super) updated_at: Option<String>,
    #[serde(default)]
    pub(super) source_id: Option<String>,
    #[serde(default)]
    pub(super) details: Details,
    pub(super) events: Vec<Event>,
    pub(super) tracking_numbers: Vec<TrackingNumber>,
    #[serde(default)]
    pub(super) parcel_items: Option<Vec<Item>>,
    #[serde(default)]
    pub(super) to_address: Option<Address>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Details {
    #[serde(default)]
    pub(super) is_return: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) event_at: String,
    /// The phase.
    pub(super) status_code: String,
    /// The exception on the phase; `none` on the expected path.
    #[serde(default)]
    pub(super) sub_status_code: Option<String>,
    #[serde(default)]
    pub(super) status_description: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct TrackingNumber {
    #[serde(default)]
    pub(super) carrier_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) tracking_number: String,
    #[serde(default)]
    pub(super) tracking_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Item {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) sku: Option<String>,
    #[serde(deserialize_with = "decimal")]
    pub(super) quantity: Decimal,
}

/// Read only so that nothing repeats it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) company_name: Option<String>,
    #[serde(default)]
    pub(super) address_line_1: Option<String>,
    #[serde(default)]
    pub(super) address_line_2: Option<String>,
    #[serde(default)]
    pub(super) city: Option<String>,
}

/// Answer of `GET /api/v2/parcels/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct OneParcel {
    pub(super) parcel: Parcel,
}

/// Answer of `GET /api/v2/parcels`.
#[derive(Debug, Deserialize)]
pub(super) struct Parcels {
    pub(super) parcels: Vec<Parcel>,
    /// A token by the vendor's schema, an address with it in what clients see: either is taken.
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) next: Option<String>,
}

/// A parcel of the v2 API; the webhook carries the same.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Parcel {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) tracking_number: Option<String>,
    #[serde(default)]
    pub(super) tracking_url: Option<String>,
    #[serde(default)]
    pub(super) status: Option<Status>,
    #[serde(default)]
    pub(super) carrier: Option<Carrier>,
    #[serde(default)]
    pub(super) date_updated: Option<String>,
    #[serde(default)]
    pub(super) is_return: Option<bool>,
    #[serde(default)]
    pub(super) parcel_items: Option<Vec<Item>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    company_name: Option<String>,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    city: Option<String>,
    #[serde(flatten)]
    pub(super) quotes: Quotes,
}

/// The fields in which an order may be quoted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Quotes {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) order_number: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) external_order_id: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) external_shipment_id: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) external_reference: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) reference: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Status {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) message: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Carrier {
    #[serde(default)]
    pub(super) code: Option<String>,
}

fn said(values: &[&Option<String>]) -> Vec<String> {
    values.iter().copied().flatten().filter(|v| !v.trim().is_empty()).cloned().collect()
}

impl Parcel {
    /// Names, streets and cities.
    pub(super) fn private(&self) -> Vec<String> {
        said(&[&self.name, &self.company_name, &self.address, &self.city])
    }
}

impl Address {
    /// Names, streets and cities.
    pub(super) fn private(&self) -> Vec<String> {
        said(&[&self.name, &self.company_name, &self.address_line_1, &self.address_line_2, &self.city])
    }
}
