//! What a channel shows of an order: read only, for comparing what stands there with what a source has. What a channel
//! cannot tell is absent, and never counts as equal.

use crate::session::Session;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{Document, DocumentKind, Order};
use jiff::Timestamp;
use rust_decimal::Decimal;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The order as it was found there before.
    pub order: &'a Order,
    /// Tracking numbers are wanted, else documents.
    pub parcels: bool,
    /// The document to be compared with them, if there is one.
    pub document: Option<&'a Document>,
    /// A document over the whole may stand there though its lines name nothing of the order.
    pub by_total: bool,
}

/// A document as the channel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShownDocument {
    /// The channel's id.
    pub remote_id: String,
    /// What the channel itself calls it.
    pub own_number: Option<String>,
    /// The sources' numbers that it carries.
    pub numbers: Vec<String>,
    /// Total with VAT.
    pub total: Option<Decimal>,
    /// Currency of the total.
    pub currency: Option<String>,
    /// When it was made there.
    pub made_at: Option<Timestamp>,
    /// Size of its file.
    pub file_size: Option<u64>,
    /// Whether its quantities are those of the document asked about.
    pub same_lines: Option<bool>,
}

/// A tracking number as the channel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownParcel {
    /// The channel's id of what carries it.
    pub remote_id: String,
    /// The number.
    pub number: String,
}

/// What a channel shows of an order. A list that is absent cannot be read there, or was not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Invoices that stand.
    pub invoices: Option<Vec<ShownDocument>>,
    /// Credit notes that stand.
    pub credit_notes: Option<Vec<ShownDocument>>,
    /// Tracking numbers.
    pub parcels: Option<Vec<ShownParcel>>,
}

impl Shown {
    /// The documents of one kind.
    #[must_use]
    pub fn documents(&self, kind: DocumentKind) -> Option<&[ShownDocument]> {
        match kind {
            DocumentKind::Invoice => self.invoices.as_deref(),
            DocumentKind::CreditNote => self.credit_notes.as_deref(),
            DocumentKind::Proforma => None,
        }
    }
}

/// A channel that can be read back.
#[async_trait]
pub trait Shows: Send + Sync {
    /// What stands at an order. `None`: the order is not there any more. Never writes.
    async fn shown(&self, session: &Session<'_>, asked: &Asked<'_>) -> Result<Option<Shown>, Stop>;
}
