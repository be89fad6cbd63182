//! SuperFaktura's words in ours. Pure.

use super::local;
use super::wire::{Invoice, Item, Line, Quotes, Summary, Whole};
use crate::account::Account;
use crate::contract::Changed;
use crate::stop::Stop;
use domain::{
    Code, Currency, Document, DocumentKind, DocumentLine, DocumentStatus, Said, SkipReason, SourceHint, Subject,
    SubjectKind, VatLine, remark,
};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;

/// The fields `order_reference` may name.
pub(super) const ORDER_FIELDS: [&str; 7] =
    ["order_no", "variable", "invoice_no_formatted", "name", "comment", "header_comment", "internal_comment"];

/// A line of a list of changes.
pub(super) fn changed(account: &Account, line: Line) -> Result<Changed, Stop> {
    let listed = line.invoice;
    Ok(Changed {
        version_at: instant(&listed.modified)?,
        order_reference: order_reference(account, &listed.quotes),
        number: listed.quotes.invoice_no_formatted,
        hint: SourceHint { subject: Subject { kind: SubjectKind::Document, id: listed.id }, hints: BTreeMap::new() },
    })
}

/// A document. `link` is where its PDF is, by its token.
pub(super) fn document(
    account: &Account,
    whole: Whole,
    link: impl FnOnce(&str, &str) -> Option<String>,
) -> Result<Document, Stop> {
    let Whole { invoice, items, summary, sums, emails, tags, client } = whole;
    let kind = kind(&invoice.kind)?;
    let with_vat = summary.as_ref().and_then(|s| s.invoice_total).or_else(|| sums.and_then(|s| s.total));
    let total = with_vat.ok_or_else(|| nonsense(remark::field_missing("total")))?;
    let number = invoice.quotes.invoice_no_formatted.clone().filter(|number| !number.is_empty());
    Ok(Document {
        kind,
        status: status(&invoice, total, &emails)?,
        number: number.ok_or_else(|| nonsense(remark::field_missing("number")))?,
        issued_on: date("created", invoice.created.as_deref())?,
        taxed_on: date("delivery", invoice.delivery.as_deref())?,
        due_on: date("due", invoice.due.as_deref())?,
        currency: Currency::parse(&invoice.invoice_currency)
            .map_err(|_| nonsense(remark::currency_unknown(&invoice.invoice_currency)))?,
        subtotal: invoice.amount,
        total,
        vat: summary.map_or(Ok(vec![]), vat)?,
        lines: lines(items, total)?,
        order_reference: order_reference(account, &invoice.quotes),
        corrects: invoice.parent_id.filter(|parent| kind == DocumentKind::CreditNote && !parent.is_empty()),
        payment_kind: invoice.payment_type.filter(|kind| !kind.trim().is_empty()),
        series: invoice.sequence_id,
        tags: tags_of(&tags),
        public_url: invoice.token.filter(|token| !token.is_empty()).and_then(|token| link(&invoice.id, &token)),
        version_at: instant(&invoice.modified)?,
        private: client.map(super::wire::Client::values).unwrap_or_default(),
        id: invoice.id,
    })
}

fn kind(word: &str) -> Result<DocumentKind, Stop> {
    match word {
        "regular" => Ok(DocumentKind::Invoice),
        "proforma" => Ok(DocumentKind::Proforma),
        "cancel" => Ok(DocumentKind::CreditNote),
        "estimate" | "order" | "delivery" | "draft" | "reverse_order" => {
            Err(Stop::skip(SkipReason::Unsupported, Code::Unsupported))
        }
        other => Err(nonsense(remark::value_unknown("type", short(other)))),
    }
}

/// `99` says when it was due, not how far it has come. That it was sent shows in the e-mails only.
fn status(invoice: &Invoice, total: Decimal, emails: &Value) -> Result<DocumentStatus, Stop> {
    let paid = invoice.amount_paid.unwrap_or_default().abs();
    let sent = match emails {
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
        _ => false,
    };
    match invoice.status.as_str() {
        "1" | "99" if !paid.is_zero() && paid < total.abs() => Ok(DocumentStatus::InPayment),
        "1" | "99" if sent => Ok(DocumentStatus::Sent),
        "1" | "99" => Ok(DocumentStatus::Issued),
        "2" => Ok(DocumentStatus::InPayment),
        "3" => Ok(DocumentStatus::Paid),
        other => Err(nonsense(remark::value_unknown("status", short(other)))),
    }
}

fn vat(summary: Summary) -> Result<Vec<VatLine>, Stop> {
    let mut vat = summary.vat_separate;
    let lines = summary.vat_base_separate.into_iter().map(|(rate, base)| {
        let number = rate.trim().parse().map_err(|_| nonsense(remark::field_no_number("vat rate")))?;
        Ok(VatLine { rate: number, base: base.0, vat: vat.remove(&rate).map(|vat| vat.0).unwrap_or_default() })
    });
    lines.collect()
}

/// The vendor's samples do not tell whether `item_price_vat` is for the line or for one piece: what adds up to the
/// document's total decides, and where neither does, it is the line's.
fn lines(items: Vec<Item>, total: Decimal) -> Result<Vec<DocumentLine>, Stop> {
    let quantity = |item: &Item| item.quantity.unwrap_or(Decimal::ONE);
    let of_pieces = |item: &Item| {
        let price = item.unit_price_vat.unwrap_or(item.item_price_vat);
        price.checked_mul(quantity(item)).map(|total| total.round_dp(2))
    };
    let sum = |totals: Vec<Decimal>| totals.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add);
    let as_lines = sum(items.iter().map(|item| item.item_price_vat).collect());
    let as_pieces = items.iter().map(of_pieces).collect::<Option<Vec<_>>>().and_then(sum);
    let by_piece = as_lines != Some(total) && as_pieces == Some(total);
    let line = |item: Item| {
        let total = if by_piece { of_pieces(&item) } else { Some(item.item_price_vat) };
        Ok(DocumentLine {
            order_line_id: None,
            quantity: quantity(&item),
            total: total.ok_or_else(|| nonsense(remark::field_too_large("total")))?,
            sku: item.sku.filter(|sku| !sku.trim().is_empty()),
            name: item.name.unwrap_or_default(),
        })
    };
    items.into_iter().map(line).collect()
}

/// No sample shows a document with tags; each is taken to be an object with a name.
fn tags_of(tags: &Value) -> Vec<String> {
    let all = tags.as_array().into_iter().flatten();
    all.filter_map(|tag| tag.get("name")?.as_str()).map(str::to_owned).collect()
}

fn order_reference(account: &Account, quotes: &Quotes) -> Option<String> {
    let text = match account.order_field() {
        "order_no" => &quotes.order_no,
        "variable" => &quotes.variable,
        "invoice_no_formatted" => &quotes.invoice_no_formatted,
        "name" => &quotes.name,
        "comment" => &quotes.comment,
        "header_comment" => &quotes.header_comment,
        "internal_comment" => &quotes.internal_comment,
        _ => return None,
    };
    account.reference_in(text.as_deref()?)
}

fn instant(modified: &str) -> Result<Timestamp, Stop> {
    local::instant(modified).ok_or_else(|| nonsense(remark::field_no_local_time("modified")))
}

/// The day of a local date or time.
fn date(field: &str, text: Option<&str>) -> Result<Option<Date>, Stop> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty() && !text.starts_with("0000")) else {
        return Ok(None);
    };
    let day = text.get(..10).unwrap_or(text);
    day.parse().map(Some).map_err(|_| nonsense(remark::field_no_date(field)))
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn nonsense(message: Said) -> Stop {
    Stop::fail(Code::VendorNonsense, Some(200), message)
}
