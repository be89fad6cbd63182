//! Fakturoid's words in ours. Pure.

use super::wire::{Invoice, Line, Listed, Quotes};
use crate::account::Account;
use crate::contract::Changed;
use crate::stop::Stop;
use domain::{
    Code, Currency, Document, DocumentKind, DocumentLine, DocumentStatus, Said, SourceHint, Subject, SubjectKind,
    VatLine, remark,
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The fields `order_reference` may name.
pub(super) const ORDER_FIELDS: [&str; 8] = [
    "order_number",
    "custom_id",
    "variable_symbol",
    "number",
    "note",
    "footer_note",
    "private_note",
    "subject_custom_id",
];

/// The hint for a document whose kind is only known once it has been read.
pub(super) fn hint(id: String) -> SourceHint {
    SourceHint { subject: Subject { kind: SubjectKind::Document, id }, hints: BTreeMap::new() }
}

/// A line of a list of changes.
pub(super) fn changed(account: &Account, listed: Listed) -> Result<Changed, Stop> {
    Ok(Changed {
        version_at: instant("updated_at", &listed.updated_at)?,
        order_reference: order_reference(account, &listed.quotes),
        number: listed.quotes.number,
        hint: hint(listed.id),
    })
}

/// A document.
pub(super) fn document(account: &Account, invoice: Invoice) -> Result<Document, Stop> {
    let kind = kind(&invoice.document_type)?;
    let status = status(&invoice)?;
    let payment_kind = [&invoice.custom_payment_method, &invoice.payment_method];
    let payment_kind = payment_kind.into_iter().flatten().find(|k| !k.trim().is_empty()).cloned();
    let vat = invoice.vat_rates_summary.into_iter().flatten();
    Ok(Document {
        kind,
        status,
        number: invoice.quotes.number.clone().ok_or_else(|| nonsense(remark::field_missing("number")))?,
        issued_on: date("issued_on", invoice.issued_on.as_deref())?,
        taxed_on: date("taxable_fulfillment_due", invoice.taxable_fulfillment_due.as_deref())?,
        due_on: date("due_on", invoice.due_on.as_deref())?,
        currency: Currency::parse(&invoice.currency)
            .map_err(|_| nonsense(remark::currency_unknown(&invoice.currency)))?,
        subtotal: invoice.subtotal,
        total: invoice.total,
        vat: vat.map(|v| VatLine { rate: v.vat_rate, base: v.base, vat: v.vat }).collect(),
        lines: invoice.lines.into_iter().map(line).collect::<Result<_, _>>()?,
        order_reference: order_reference(account, &invoice.quotes),
        // The link goes both ways: on an invoice it names its correction.
        corrects: invoice.correction_id.filter(|_| kind == DocumentKind::CreditNote),
        payment_kind,
        series: invoice.number_format_id,
        tags: invoice.tags.unwrap_or_default(),
        public_url: invoice.public_html_url,
        version_at: instant("updated_at", &invoice.updated_at)?,
        private: invoice.buyer.values(),
        id: invoice.id,
    })
}

/// `document_type` decides; the event never does (API v3, webhooks).
fn kind(document_type: &str) -> Result<DocumentKind, Stop> {
    match document_type {
        "invoice" | "final_invoice" | "tax_document" => Ok(DocumentKind::Invoice),
        "proforma" | "partial_proforma" => Ok(DocumentKind::Proforma),
        "correction" => Ok(DocumentKind::CreditNote),
        other => Err(nonsense(remark::value_unknown("document_type", short(other)))),
    }
}

fn status(invoice: &Invoice) -> Result<DocumentStatus, Stop> {
    // The vendor's pages disagree on whether cancelling shows in the status or only here.
    if invoice.cancelled_at.is_some() {
        return Ok(DocumentStatus::Cancelled);
    }
    let unpaid = |status| if paid_in_part(invoice) { DocumentStatus::InPayment } else { status };
    match invoice.status.as_str() {
        "open" => Ok(unpaid(DocumentStatus::Issued)),
        "sent" | "overdue" => Ok(unpaid(DocumentStatus::Sent)),
        "uncollectible" => Ok(DocumentStatus::Sent),
        "paid" => Ok(DocumentStatus::Paid),
        "cancelled" => Ok(DocumentStatus::Cancelled),
        other => Err(nonsense(remark::value_unknown("status", short(other)))),
    }
}

fn paid_in_part(invoice: &Invoice) -> bool {
    let between = invoice.remaining_amount.is_some_and(|rest| !rest.is_zero() && rest.abs() < invoice.total.abs());
    between || invoice.payments.as_ref().is_some_and(|p| !p.is_empty())
}

fn line(line: Line) -> Result<DocumentLine, Stop> {
    let total = match (line.total_price_without_vat, line.total_vat, line.unit_price_with_vat) {
        (Some(base), Some(vat), _) => base.checked_add(vat),
        (_, _, Some(price)) => price.checked_mul(line.quantity).map(|t: Decimal| t.round_dp(2)),
        _ => None,
    };
    Ok(DocumentLine {
        sku: line.inventory.and_then(|i| i.sku).filter(|sku| !sku.trim().is_empty()),
        order_line_id: None,
        name: line.name,
        quantity: line.quantity,
        total: total.ok_or_else(|| nonsense(remark::field_missing("total")))?,
    })
}

fn order_reference(account: &Account, quotes: &Quotes) -> Option<String> {
    let text = match account.order_field() {
        "order_number" => &quotes.order_number,
        "custom_id" => &quotes.custom_id,
        "variable_symbol" => &quotes.variable_symbol,
        "number" => &quotes.number,
        "note" => &quotes.note,
        "footer_note" => &quotes.footer_note,
        "private_note" => &quotes.private_note,
        "subject_custom_id" => &quotes.subject_custom_id,
        _ => return None,
    };
    account.reference_in(text.as_deref()?)
}

/// Instants carry an offset, not UTC (API v3, invoices).
fn instant(field: &str, text: &str) -> Result<Timestamp, Stop> {
    text.parse().map_err(|_| nonsense(remark::field_no_time(field)))
}

fn date(field: &str, text: Option<&str>) -> Result<Option<Date>, Stop> {
    match text.filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| nonsense(remark::field_no_date(field))),
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn nonsense(message: Said) -> Stop {
    Stop::fail(Code::VendorNonsense, Some(200), message)
}
