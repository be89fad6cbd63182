//! Magento's JSON in Magento's names (REST V1: orders, invoices, shipments, credit memos; schema of 2.4.9 and older).

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// A list that the vendor writes as `null` when it is empty.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// An id: a number, or its digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "AnyId")]
pub(super) struct Id(pub(super) u64);

#[derive(Deserialize)]
#[serde(untagged)]
enum AnyId {
    Number(u64),
    Digits(String),
}

impl TryFrom<AnyId> for Id {
    type Error = &'static str;

    fn try_from(id: AnyId) -> Result<Self, &'static str> {
        let number = match id {
            AnyId::Number(number) => number,
            AnyId::Digits(text) => text.parse().map_err(|_| "not an id")?,
        };
        if number > 0 { Ok(Self(number)) } else { Err("not an id") }
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A page of a search. The list must be there; `null` is empty.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    #[serde(deserialize_with = "list", bound(deserialize = "T: Deserialize<'de>"))]
    pub(super) items: Vec<T>,
    pub(super) total_count: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Order {
    pub(super) entity_id: Id,
    pub(super) increment_id: String,
    pub(super) state: Option<String>,
    pub(super) order_currency_code: String,
    pub(super) grand_total: Decimal,
    pub(super) total_invoiced: Option<Decimal>,
    pub(super) total_paid: Option<Decimal>,
    pub(super) total_refunded: Option<Decimal>,
    pub(super) shipping_incl_tax: Option<Decimal>,
    pub(super) shipping_amount: Option<Decimal>,
    pub(super) shipping_tax_amount: Option<Decimal>,
    pub(super) shipping_refunded: Option<Decimal>,
    pub(super) shipping_tax_refunded: Option<Decimal>,
    pub(super) shipping_discount_amount: Option<Decimal>,
    pub(super) shipping_discount_tax_compensation_amount: Option<Decimal>,
    pub(super) tax_invoiced: Option<Decimal>,
    pub(super) tax_refunded: Option<Decimal>,
    pub(super) discount_tax_compensation_invoiced: Option<Decimal>,
    pub(super) discount_tax_compensation_refunded: Option<Decimal>,
    pub(super) created_at: Option<String>,
    pub(super) payment: Option<Payment>,
    #[serde(deserialize_with = "list")]
    pub(super) items: Vec<OrderItem>,
    pub(super) status_histories: Option<Vec<Comment>>,
    /// Everything else: addresses, so that none of it is repeated, and fields that a rule may name.
    #[serde(flatten)]
    pub(super) other: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Payment {
    pub(super) method: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct OrderItem {
    pub(super) item_id: Id,
    pub(super) parent_item_id: Option<Id>,
    pub(super) sku: Option<String>,
    pub(super) product_type: Option<String>,
    pub(super) is_virtual: Option<Decimal>,
    pub(super) is_qty_decimal: Option<Decimal>,
    pub(super) qty_ordered: Option<Decimal>,
    pub(super) qty_invoiced: Option<Decimal>,
    pub(super) qty_shipped: Option<Decimal>,
    pub(super) qty_refunded: Option<Decimal>,
    pub(super) qty_canceled: Option<Decimal>,
    pub(super) row_total: Option<Decimal>,
    pub(super) row_invoiced: Option<Decimal>,
    pub(super) amount_refunded: Option<Decimal>,
    pub(super) tax_amount: Option<Decimal>,
    pub(super) tax_invoiced: Option<Decimal>,
    pub(super) tax_refunded: Option<Decimal>,
    pub(super) discount_amount: Option<Decimal>,
    pub(super) discount_invoiced: Option<Decimal>,
    pub(super) discount_refunded: Option<Decimal>,
    pub(super) discount_tax_compensation_amount: Option<Decimal>,
    pub(super) discount_tax_compensation_invoiced: Option<Decimal>,
    pub(super) discount_tax_compensation_refunded: Option<Decimal>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Invoice {
    pub(super) entity_id: Id,
    pub(super) increment_id: Option<String>,
    pub(super) order_id: Id,
    pub(super) state: Option<i64>,
    pub(super) grand_total: Option<Decimal>,
    pub(super) order_currency_code: Option<String>,
    pub(super) created_at: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) items: Vec<DocumentItem>,
    #[serde(default, deserialize_with = "list")]
    pub(super) comments: Vec<Comment>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct CreditMemo {
    pub(super) entity_id: Id,
    pub(super) increment_id: Option<String>,
    pub(super) order_id: Id,
    pub(super) state: Option<i64>,
    pub(super) grand_total: Option<Decimal>,
    pub(super) order_currency_code: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) items: Vec<DocumentItem>,
    pub(super) comments: Option<Vec<Comment>>,
}

/// A line of an invoice, a shipment or a credit memo.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct DocumentItem {
    pub(super) order_item_id: Id,
    pub(super) qty: Option<Decimal>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Comment {
    pub(super) entity_id: Option<Id>,
    pub(super) comment: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Shipment {
    pub(super) entity_id: Id,
    pub(super) increment_id: Option<String>,
    pub(super) order_id: Id,
    #[serde(default, deserialize_with = "list")]
    pub(super) tracks: Vec<Track>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Track {
    pub(super) entity_id: Option<Id>,
    pub(super) parent_id: Option<Id>,
    pub(super) track_number: Option<String>,
    pub(super) carrier_code: Option<String>,
    pub(super) title: Option<String>,
}

/// `POST order/{id}/invoice`. `capture` is never true: that would take the buyer's money.
#[derive(Debug, Serialize)]
pub(super) struct NewInvoice {
    pub(super) capture: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Vec<NewItem>>,
    pub(super) notify: bool,
    #[serde(rename = "appendComment")]
    pub(super) append_comment: bool,
    pub(super) comment: NewComment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct NewItem {
    pub(super) order_item_id: u64,
    pub(super) qty: serde_json::Number,
}

#[derive(Debug, Serialize)]
pub(super) struct NewComment {
    pub(super) comment: String,
    pub(super) is_visible_on_front: u8,
}

/// `POST order/{id}/refund`, which moves no money at a payment provider. Lines are always named: without them Magento
/// takes all that is left.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewCreditMemo {
    pub(super) items: Vec<NewItem>,
    pub(super) notify: bool,
    pub(super) append_comment: bool,
    pub(super) comment: NewComment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<MemoArguments>,
}

/// What is not said here Magento decides: all shipping that is left, no adjustment, nothing back into stock.
#[derive(Debug, Serialize)]
pub(super) struct MemoArguments {
    pub(super) shipping_amount: u8,
}

/// `POST invoices/comments`, `POST creditmemo/{id}/comments`.
#[derive(Debug, Serialize)]
pub(super) struct NewRecordComment {
    pub(super) entity: RecordComment,
}

#[derive(Debug, Serialize)]
pub(super) struct RecordComment {
    pub(super) comment: String,
    pub(super) parent_id: u64,
    pub(super) is_customer_notified: u8,
    pub(super) is_visible_on_front: u8,
}

/// `POST orders/{id}/comments`. No status is named: the order keeps its own.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewOrderComment {
    pub(super) status_history: OrderComment,
}

#[derive(Debug, Serialize)]
pub(super) struct OrderComment {
    pub(super) comment: String,
    pub(super) parent_id: u64,
    pub(super) is_customer_notified: u8,
    pub(super) is_visible_on_front: u8,
}

/// `POST order/{id}/ship`.
#[derive(Debug, Serialize)]
pub(super) struct NewShipment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Vec<NewItem>>,
    pub(super) notify: bool,
    pub(super) tracks: [NewTrack; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct NewTrack {
    pub(super) track_number: String,
    pub(super) title: String,
    pub(super) carrier_code: String,
}

/// `POST shipment/track`.
#[derive(Debug, Serialize)]
pub(super) struct FurtherTrack {
    pub(super) entity: FurtherTrackEntity,
}

#[derive(Debug, Serialize)]
pub(super) struct FurtherTrackEntity {
    pub(super) order_id: u64,
    pub(super) parent_id: u64,
    pub(super) weight: u8,
    pub(super) qty: u8,
    pub(super) description: &'static str,
    #[serde(flatten)]
    pub(super) track: NewTrack,
}

/// An error. The message's placeholders are filled from the parameters.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) parameters: Value,
}
