//! Things to carry, and the engine's side of a conversation.

use crate::contract::{Files, Gate, PDF_BYTES_MAX, Pdf};
use crate::session::Permit;
use crate::stop::Stop;
use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    Carrier, Currency, DeliveryState, Document, DocumentKind, DocumentLine, DocumentStatus, Money, Order, OrderLine,
    OrderReference, OrderState, Parcel, StateChange, VatLine,
};
use rust_decimal::Decimal;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A gate that always allows, and counts.
#[derive(Default)]
pub(crate) struct Granting(AtomicUsize);

impl Granting {
    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Gate for Granting {
    async fn absent(&self) -> Result<Permit, Stop> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Permit::granted(None))
    }
}

/// A source that has one PDF.
pub(crate) struct FixedPdf(pub(crate) &'static [u8]);

impl Default for FixedPdf {
    fn default() -> Self {
        Self(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    }
}

#[async_trait]
impl Files for FixedPdf {
    async fn pdf(&self) -> Result<Pdf, Stop> {
        assert!(self.0.len() <= PDF_BYTES_MAX);
        Ok(Pdf { bytes: Bytes::from_static(self.0) })
    }
}

/// An amount in hundredths.
pub(crate) fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

/// The order of the samples: two lines, CZK 12,100.00.
pub(crate) fn order() -> Order {
    let line = |id: &str, sku: &str, ordered: i64| OrderLine {
        id: id.into(),
        sku: Some(sku.into()),
        ordered: Decimal::from(ordered),
        invoiced: Decimal::ZERO,
        shipped: Decimal::ZERO,
        withdrawn: Decimal::ZERO,
    };
    Order {
        remote_id: "42".into(),
        reference: OrderReference::new("000000042"),
        total: Money::new(cents(1_210_000), Currency::parse("CZK").unwrap()),
        state: OrderState::Open,
        payment_kind: Some("checkmo".into()),
        lines: vec![line("81", "MOUSE-1", 5), line("82", "PAD-1", 2)],
        aliases: vec![],
        placed_at: Some(super::stage::opening_time()),
    }
}

/// An invoice over the whole sample order.
pub(crate) fn invoice() -> Document {
    let line = |sku: &str, name: &str, quantity: i64, total: i64| DocumentLine {
        sku: Some(sku.into()),
        order_line_id: None,
        name: name.into(),
        quantity: Decimal::from(quantity),
        total: cents(total),
    };
    Document {
        id: "93".into(),
        kind: DocumentKind::Invoice,
        number: "2026-0056".into(),
        status: DocumentStatus::Issued,
        issued_on: Some(jiff::civil::date(2026, 11, 20)),
        taxed_on: Some(jiff::civil::date(2026, 11, 20)),
        due_on: Some(jiff::civil::date(2026, 12, 4)),
        currency: Currency::parse("CZK").unwrap(),
        subtotal: cents(1_000_000),
        total: cents(1_210_000),
        vat: vec![VatLine { rate: Decimal::from(21), base: cents(1_000_000), vat: cents(210_000) }],
        lines: vec![line("MOUSE-1", "Mouse", 5, 1_000_000), line("PAD-1", "Pad", 2, 210_000)],
        order_reference: Some("000000042".into()),
        corrects: None,
        payment_kind: Some("bank".into()),
        series: None,
        tags: vec![],
        public_url: None,
        version_at: super::stage::opening_time(),
        private: vec!["Jana Nováková".into()],
    }
}

/// A credit note for the sample invoice.
pub(crate) fn credit_note() -> Document {
    let mut note = invoice();
    note.id = "94".into();
    note.number = "2026-0057".into();
    note.kind = DocumentKind::CreditNote;
    note.corrects = Some("93".into());
    (note.total, note.subtotal) = (-note.total, -note.subtotal);
    note
}

/// A parcel of the sample order that is on its way.
pub(crate) fn parcel() -> Parcel {
    let at = super::stage::opening_time();
    Parcel {
        id: "629".into(),
        tracking_numbers: vec!["3SYZXG132912330".into()],
        carrier: Some(Carrier { code: "postnl".into(), name: "PostNL".into() }),
        tracking_url: Some("https://tracking.example.com/3SYZXG132912330".into()),
        state: DeliveryState::InTransit,
        states: vec![StateChange { state: DeliveryState::InTransit, at, raw: "accepted".into() }],
        order_reference: Some("000000042".into()),
        lines: vec![],
        version_at: at,
    }
}
