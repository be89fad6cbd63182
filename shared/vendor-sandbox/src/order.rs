//! What an order, a document or a parcel made through the control calls looks like.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Distinguishes a field left out from `null`.
#[expect(clippy::option_option, reason = "absent, null and a value are three different wishes")]
pub(crate) fn given<'de, D, T>(reader: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(reader).map(Some)
}

/// One order or document line. `price` is for one piece, VAT included.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: Option<String>,
    #[serde(default = "thing")]
    pub(crate) name: String,
    #[serde(default = "one")]
    pub(crate) quantity: Decimal,
    #[serde(default = "price")]
    pub(crate) price: Decimal,
    #[serde(default = "vat_rate")]
    pub(crate) vat_rate: Decimal,
}

fn thing() -> String {
    "Practice item".to_owned()
}

fn one() -> Decimal {
    Decimal::ONE
}

fn price() -> Decimal {
    Decimal::from(1210)
}

fn vat_rate() -> Decimal {
    Decimal::from(21)
}

impl Line {
    pub(crate) fn total(&self) -> Decimal {
        self.price * self.quantity
    }

    /// The order that an empty request makes: one line.
    pub(crate) fn usual() -> Self {
        Self { sku: Some("SKU-1".to_owned()), name: thing(), quantity: one(), price: price(), vat_rate: vat_rate() }
    }

    pub(crate) fn shipping(amount: Decimal) -> Self {
        Self { sku: None, name: "Shipping".to_owned(), quantity: one(), price: amount, vat_rate: vat_rate() }
    }
}

/// An order for a shop or marketplace.
#[derive(Debug, Clone)]
pub(crate) struct NewOrder {
    pub(crate) reference: Option<String>,
    pub(crate) currency: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) shipping: Decimal,
    pub(crate) state: Option<String>,
    pub(crate) payment: Option<String>,
    /// Another system's reference for the same sale.
    pub(crate) other_reference: Option<String>,
    /// Nothing to ship.
    pub(crate) is_virtual: bool,
}

/// What an order became at its channel.
#[derive(Debug, Serialize)]
pub(crate) struct MadeOrder {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) currency: String,
    pub(crate) total: String,
    pub(crate) state: String,
    pub(crate) lines: Vec<MadeLine>,
}

#[derive(Debug, Serialize)]
pub(crate) struct MadeLine {
    pub(crate) id: String,
    pub(crate) sku: Option<String>,
    pub(crate) quantity: String,
}

/// A decimal as a JSON number; vendors that speak in numbers do so.
pub(crate) fn number(value: Decimal) -> serde_json::Value {
    let text = value.normalize().to_string();
    serde_json::from_str(&text).unwrap_or(serde_json::Value::Null)
}
