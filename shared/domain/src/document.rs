//! Documents that accounting systems issue.

use crate::{Currency, Money};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An invoice (also a tax document).
    Invoice,
    /// A request for payment; no invoice in the tax sense.
    Proforma,
    /// Corrects an invoice.
    CreditNote,
}

impl DocumentKind {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Proforma => "proforma",
            Self::CreditNote => "credit_note",
        }
    }
}

/// How far a document has come at its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// It has a number.
    Issued,
    /// It was sent to the buyer.
    Sent,
    /// A payment is under way or partial.
    InPayment,
    /// Paid in full.
    Paid,
    /// Cancelled at the source.
    Cancelled,
}

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// The seller's article number, if the source carries one.
    pub sku: Option<String>,
    /// The channel's order line id, if the source carries one.
    pub order_line_id: Option<String>,
    /// What it is called on the document.
    pub name: String,
    /// How many; negative on credit notes of some sources.
    pub quantity: Decimal,
    /// Line total with VAT.
    pub total: Decimal,
}

/// VAT of one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatLine {
    /// Percent.
    pub rate: Decimal,
    /// Amount without VAT.
    pub base: Decimal,
    /// The VAT itself.
    pub vat: Decimal,
}

/// A document as re-read from its source. Holds no buyer data beyond [`Document::private`].
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The source's id.
    pub id: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The number printed on it.
    pub number: String,
    /// How far it has come.
    pub status: DocumentStatus,
    /// Date of issue.
    pub issued_on: Option<Date>,
    /// Date of taxable supply.
    pub taxed_on: Option<Date>,
    /// Due date.
    pub due_on: Option<Date>,
    /// Currency of every amount here.
    pub currency: Currency,
    /// Total without VAT.
    pub subtotal: Decimal,
    /// Total with VAT; negative on credit notes of some sources.
    pub total: Decimal,
    /// VAT per rate.
    pub vat: Vec<VatLine>,
    /// Lines.
    pub lines: Vec<DocumentLine>,
    /// The order it belongs to, as the source quotes it.
    pub order_reference: Option<String>,
    /// Source id of the invoice that a credit note corrects.
    pub corrects: Option<String>,
    /// How it is paid, in the source's words.
    pub payment_kind: Option<String>,
    /// Number series, if the source has such.
    pub series: Option<String>,
    /// Tags at the source.
    pub tags: Vec<String>,
    /// A link to the document that needs no login.
    pub public_url: Option<String>,
    /// When the source last changed it: the source's version.
    pub version_at: Timestamp,
    /// Buyer values that this run has read and that no log or error may repeat.
    pub private: Vec<String>,
}

impl Document {
    /// The total as money.
    #[must_use]
    pub const fn money(&self) -> Money {
        Money::new(self.total, self.currency)
    }
}
