//! What is compared before a document goes, with both values. The engine and the connectors decide; this shows what they
//! decide by, so that a person sees it at once.

use crate::look::Looked;
use crate::plan::Planned;
use crate::run::Tried;
use connectors::PDF_BYTES_MAX;
use domain::{ConnectionId, Document, Order};
use rust_decimal::Decimal;
use serde_json::Value;

/// The first bytes of every PDF.
const PDF_BEGINS: &[u8] = b"%PDF-";

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Of which target's order.
    pub target: ConnectionId,
    /// `currency`, `total`, `vat`, `lines`, `pdf`, `pdf_size` or `file_name`.
    pub code: &'static str,
    /// It fits.
    pub ok: bool,
    /// What the document says.
    pub ours: String,
    /// What it is held against; absent where the target's rule has made it.
    pub theirs: Option<String>,
}

pub(super) fn compared(
    target: &ConnectionId,
    looked: &Looked,
    planned: &Planned,
    tried: &Tried,
    shown: &[Value],
) -> Vec<Compared> {
    let Some(document) = looked.document() else { return vec![] };
    let order = &planned.order;
    let one =
        |code, ok, ours: String, theirs: Option<String>| Compared { target: target.clone(), code, ok, ours, theirs };
    let (ours, theirs) = (document.money(), order.total);
    let same = ours.currency == theirs.currency;
    let mut found = vec![
        one("currency", same, ours.currency.code().to_owned(), Some(theirs.currency.code().to_owned())),
        one("total", same && theirs.amount >= ours.amount.abs(), ours.to_string(), Some(theirs.to_string())),
    ];
    if !document.vat.is_empty() {
        let sum: Decimal = document.vat.iter().map(|line| line.base + line.vat).sum();
        // The whole may be rounded to the smallest coin.
        let ok = (sum - document.total).abs() < Decimal::ONE;
        found.push(one("vat", ok, document.total.to_string(), Some(sum.to_string())));
    }
    if !document.lines.is_empty() && !order.lines.is_empty() {
        let (all, matched) = (document.lines.len(), matched(document, order));
        found.push(one("lines", all == matched, all.to_string(), Some(matched.to_string())));
    }
    if let Some(pdf) = &tried.pdf {
        let begins = String::from_utf8_lossy(pdf.bytes.get(..PDF_BEGINS.len()).unwrap_or_default()).into_owned();
        let ok = pdf.bytes.starts_with(PDF_BEGINS);
        found.push(one("pdf", ok, begins, Some(String::from_utf8_lossy(PDF_BEGINS).into_owned())));
        let ok = pdf.bytes.len() <= PDF_BYTES_MAX;
        found.push(one("pdf_size", ok, pdf.bytes.len().to_string(), Some(PDF_BYTES_MAX.to_string())));
    }
    found.extend(shown.iter().flat_map(file_names).map(|name| one("file_name", true, name, None)));
    found
}

/// Lines of a document that the order has too, by article or by the order's own line.
fn matched(document: &Document, order: &Order) -> usize {
    let lines = document.lines.iter();
    lines
        .filter(|line| {
            order.lines.iter().any(|known| {
                line.order_line_id.as_ref() == Some(&known.id) || (line.sku.is_some() && line.sku == known.sku)
            })
        })
        .count()
}

/// The names of the files of a form.
fn file_names(shown: &Value) -> Vec<String> {
    let parts = shown.pointer("/body/parts").and_then(Value::as_array).into_iter().flatten();
    parts.filter_map(|part| part.get("file_name")?.as_str().map(str::to_owned)).collect()
}
