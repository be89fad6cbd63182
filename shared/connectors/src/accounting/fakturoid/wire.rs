//! Fakturoid's JSON in Fakturoid's names (API v3, pages invoices, users, authorization). Only what is read; everything
//! else is passed over.

use crate::lenient::{decimal, optional_decimal, optional_text, text};
use rust_decimal::Decimal;
use serde::Deserialize;

/// Answer of the token call.
#[derive(Debug, Deserialize)]
pub(super) struct Token {
    pub(super) access_token: String,
    /// Seconds.
    pub(super) expires_in: u32,
    /// Where a person has allowed it; need not come with each answer.
    #[serde(default)]
    pub(super) refresh_token: Option<String>,
}

/// `user.json`.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) accounts: Vec<UserAccount>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UserAccount {
    pub(super) slug: String,
    /// Absent from older answers.
    #[serde(default)]
    pub(super) allowed_scope: Option<Vec<String>>,
}

/// The fields in which an order may be quoted.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Quotes {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) order_number: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) custom_id: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) variable_symbol: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) number: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) note: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) footer_note: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) private_note: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) subject_custom_id: Option<String>,
}

/// A line of a list of changes: the little that is needed before the document is read.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    pub(super) updated_at: String,
    #[serde(flatten)]
    pub(super) quotes: Quotes,
}

/// An invoice, proforma, correction or tax document.
#[derive(Debug, Deserialize)]
pub(super) struct Invoice {
    #[serde(deserialize_with = "text")]
    pub(super) id: String,
    pub(super) document_type: String,
    pub(super) status: String,
    pub(super) updated_at: String,
    pub(super) currency: String,
    #[serde(deserialize_with = "decimal")]
    pub(super) subtotal: Decimal,
    #[serde(deserialize_with = "decimal")]
    pub(super) total: Decimal,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) remaining_amount: Option<Decimal>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) correction_id: Option<String>,
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) number_format_id: Option<String>,
    #[serde(default)]
    pub(super) issued_on: Option<String>,
    #[serde(default)]
    pub(super) taxable_fulfillment_due: Option<String>,
    #[serde(default)]
    pub(super) due_on: Option<String>,
    #[serde(default)]
    pub(super) cancelled_at: Option<String>,
    #[serde(default)]
    pub(super) payment_method: Option<String>,
    #[serde(default)]
    pub(super) custom_payment_method: Option<String>,
    #[serde(default)]
    pub(super) tags: Option<Vec<String>>,
    #[serde(default)]
    pub(super) public_html_url: Option<String>,
    #[serde(default)]
    pub(super) lines: Vec<Line>,
    #[serde(default)]
    pub(super) vat_rates_summary: Option<Vec<VatRate>>,
    #[serde(default)]
    pub(super) payments: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(flatten)]
    pub(super) buyer: Buyer,
    #[serde(flatten)]
    pub(super) quotes: Quotes,
}

/// Who bought: read only so that nothing repeats it.
#[derive(Debug, Deserialize)]
pub(super) struct Buyer {
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    client_street: Option<String>,
    #[serde(default)]
    client_city: Option<String>,
    #[serde(default)]
    client_delivery_name: Option<String>,
    #[serde(default)]
    client_delivery_street: Option<String>,
    #[serde(default)]
    client_delivery_city: Option<String>,
}

impl Buyer {
    /// Names, streets and cities.
    pub(super) fn values(&self) -> Vec<String> {
        let all = [
            &self.client_name,
            &self.client_street,
            &self.client_city,
            &self.client_delivery_name,
            &self.client_delivery_street,
            &self.client_delivery_city,
        ];
        all.into_iter().flatten().filter(|v| !v.trim().is_empty()).cloned().collect()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) name: String,
    #[serde(deserialize_with = "decimal")]
    pub(super) quantity: Decimal,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) unit_price_with_vat: Option<Decimal>,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) total_price_without_vat: Option<Decimal>,
    #[serde(default, deserialize_with = "optional_decimal")]
    pub(super) total_vat: Option<Decimal>,
    #[serde(default)]
    pub(super) inventory: Option<Inventory>,
}

/// The stock item behind a line.
#[derive(Debug, Deserialize)]
pub(super) struct Inventory {
    #[serde(default, deserialize_with = "optional_text")]
    pub(super) sku: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct VatRate {
    #[serde(deserialize_with = "decimal")]
    pub(super) vat_rate: Decimal,
    #[serde(deserialize_with = "decimal")]
    pub(super) base: Decimal,
    #[serde(deserialize_with = "decimal")]
    pub(super) vat: Decimal,
}
