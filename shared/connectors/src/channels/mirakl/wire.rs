//! Mirakl's JSON in Mirakl's names (seller OpenAPI: DO01, OR11, OR23, OR72, OR74, RE01, SH21, ST01, ST11, ST23).
//! Unknown fields and values are tolerated: the vendor delivers continuously and has no version number.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

/// A list that the vendor writes as `null` when it is empty. Lists that prove something absent (documents, shipments)
/// must be there; others may be left out.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// OR11.
#[derive(Debug, Deserialize)]
pub(super) struct Orders {
    pub(super) orders: Vec<Order>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) order_id: String,
    pub(super) order_state: String,
    pub(super) currency_iso_code: String,
    pub(super) total_price: Decimal,
    pub(super) order_tax_mode: Option<String>,
    pub(super) payment_type: Option<String>,
    pub(super) created_date: Option<String>,
    pub(super) shipping_tracking: Option<String>,
    pub(super) shipping_carrier_code: Option<String>,
    pub(super) shipping_company: Option<String>,
    /// Read only so that none of it is repeated in a log or an error.
    #[serde(default)]
    pub(super) customer: serde_json::Value,
    #[serde(default, deserialize_with = "list")]
    pub(super) order_lines: Vec<OrderLine>,
    /// Everything else: a rule may say that one of these fields carries another channel's reference.
    #[serde(flatten)]
    pub(super) other: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct OrderLine {
    pub(super) order_line_id: String,
    pub(super) offer_sku: Option<String>,
    pub(super) quantity: Decimal,
    pub(super) order_line_state: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) cancelations: Vec<Cancelation>,
    #[serde(default, deserialize_with = "list")]
    pub(super) taxes: Vec<Tax>,
    #[serde(default, deserialize_with = "list")]
    pub(super) shipping_taxes: Vec<Tax>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Cancelation {
    pub(super) quantity: Option<Decimal>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tax {
    pub(super) amount: Option<Decimal>,
}

/// OR72.
#[derive(Debug, Deserialize)]
pub(super) struct Documents {
    #[serde(deserialize_with = "list")]
    pub(super) order_documents: Vec<Document>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Document {
    pub(super) id: i64,
    pub(super) file_name: String,
    #[serde(rename = "type")]
    pub(super) type_code: String,
    pub(super) file_size: Option<u64>,
    pub(super) date_uploaded: Option<String>,
}

/// OR74, the part `order_documents`.
#[derive(Debug, Serialize)]
pub(super) struct UploadRequest<'a> {
    pub(super) order_documents: [UploadInput<'a>; 1],
}

#[derive(Debug, Serialize)]
pub(super) struct UploadInput<'a> {
    pub(super) file_name: &'a str,
    pub(super) type_code: &'a str,
}

/// OR74's answer: only documents that failed are listed.
#[derive(Debug, Deserialize)]
pub(super) struct Uploaded {
    #[serde(default)]
    pub(super) errors_count: u32,
    #[serde(default, deserialize_with = "list")]
    pub(super) order_documents: Vec<UploadErrors>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UploadErrors {
    #[serde(default, deserialize_with = "list")]
    pub(super) errors: Vec<FieldError>,
    pub(super) input: Option<UploadedInput>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UploadedInput {
    pub(super) file_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FieldError {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

/// SH21.
#[derive(Debug, Deserialize)]
pub(super) struct Carriers {
    #[serde(deserialize_with = "list")]
    pub(super) carriers: Vec<Carrier>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Carrier {
    pub(super) code: String,
    #[serde(default)]
    pub(super) label: String,
}

/// DO01.
#[derive(Debug, Deserialize)]
pub(super) struct DocumentTypes {
    #[serde(deserialize_with = "list")]
    pub(super) documents: Vec<DocumentType>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DocumentType {
    pub(super) code: String,
    pub(super) label: Option<String>,
}

/// RE01, which is asked only to try the key.
#[derive(Debug, Deserialize)]
pub(super) struct Reasons {
    #[expect(dead_code, reason = "the list being there is what tells Mirakl from something else")]
    pub(super) reasons: Vec<serde::de::IgnoredAny>,
}

/// OR23.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct OrderTracking {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) carrier_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) carrier_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) carrier_url: Option<String>,
    pub(super) tracking_number: String,
}

/// The same in ST01 and ST23, where the address has another name.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ShipmentTracking {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) carrier_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) carrier_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tracking_url: Option<String>,
    pub(super) tracking_number: String,
}

impl From<OrderTracking> for ShipmentTracking {
    fn from(told: OrderTracking) -> Self {
        Self {
            carrier_code: told.carrier_code,
            carrier_name: told.carrier_name,
            tracking_url: told.carrier_url,
            tracking_number: told.tracking_number,
        }
    }
}

/// ST01.
#[derive(Debug, Serialize)]
pub(super) struct NewShipments<'a> {
    pub(super) shipments: [NewShipment<'a>; 1],
}

#[derive(Debug, Serialize)]
pub(super) struct NewShipment<'a> {
    pub(super) order_id: &'a str,
    pub(super) shipped: bool,
    pub(super) shipment_lines: Vec<NewShipmentLine>,
    pub(super) tracking: ShipmentTracking,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct NewShipmentLine {
    pub(super) order_line_id: String,
    pub(super) quantity: u64,
}

/// ST23.
#[derive(Debug, Serialize)]
pub(super) struct NewTrackings<'a> {
    pub(super) shipments: [NewTracking<'a>; 1],
}

#[derive(Debug, Serialize)]
pub(super) struct NewTracking<'a> {
    pub(super) id: &'a str,
    pub(super) tracking: ShipmentTracking,
}

/// The answer of ST01 and ST23: a success code whatever happens to the single shipments.
#[derive(Debug, Deserialize)]
pub(super) struct ShipmentOutcome {
    #[serde(default, deserialize_with = "list")]
    pub(super) shipment_success: Vec<ShipmentDone>,
    #[serde(default, deserialize_with = "list")]
    pub(super) shipment_errors: Vec<ShipmentError>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ShipmentDone {
    pub(super) id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ShipmentError {
    /// ST01.
    pub(super) order_id: Option<String>,
    /// ST23.
    pub(super) id: Option<String>,
    pub(super) message: Option<String>,
}

/// ST11.
#[derive(Debug, Deserialize)]
pub(super) struct Shipments {
    #[serde(deserialize_with = "list")]
    pub(super) data: Vec<Shipment>,
    pub(super) next_page_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Shipment {
    pub(super) id: String,
    pub(super) order_id: String,
    pub(super) status: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) shipment_lines: Vec<ShipmentLine>,
    pub(super) tracking: Option<Tracking>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ShipmentLine {
    pub(super) order_line_id: Option<String>,
    pub(super) offer_sku: Option<String>,
    pub(super) quantity: Decimal,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tracking {
    pub(super) carrier_code: Option<String>,
    pub(super) carrier_name: Option<String>,
    pub(super) tracking_number: Option<String>,
}
