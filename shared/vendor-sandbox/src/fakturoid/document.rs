//! A document of the practice Fakturoid and its JSON (invoices page of the API v3 documentation).

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::{self, Millis};
use crate::order::{Line, number};

/// Fields that say nothing about the document itself: seller, buyer, payment details.
static CONSTANT: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("constant.json")).unwrap_or_default());

/// One invoice, proforma, correction or tax document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) id: u64,
    pub(crate) document_type: String,
    pub(crate) number: String,
    pub(crate) status: String,
    pub(crate) order_number: Option<String>,
    pub(crate) custom_id: Option<String>,
    /// The invoice that a correction corrects.
    pub(crate) correction_id: Option<u64>,
    pub(crate) related_id: Option<u64>,
    pub(crate) currency: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) tags: Vec<String>,
    pub(crate) note: Option<String>,
    /// How often the PDF is asked for before it is ready.
    pub(crate) pdf_ready_after: u64,
    pub(crate) pdf_asked: u64,
    pub(crate) created_at: Millis,
    pub(crate) updated_at: Millis,
    pub(crate) sent_at: Option<Millis>,
    pub(crate) paid_at: Option<Millis>,
    pub(crate) cancelled_at: Option<Millis>,
}

/// Money as the vendor writes it: a string with at least one decimal.
pub(crate) fn money(value: Decimal) -> String {
    let text = value.normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A line's amounts, signed.
struct Amounts {
    without_vat: Decimal,
    vat: Decimal,
    with_vat: Decimal,
}

impl Document {
    /// A correction carries negative quantities and totals.
    fn sign(&self) -> Decimal {
        if self.document_type == "correction" { Decimal::NEGATIVE_ONE } else { Decimal::ONE }
    }

    fn amounts(&self, line: &Line) -> Amounts {
        let with_vat = line.total() * self.sign();
        let without_vat = (with_vat / (Decimal::ONE + line.vat_rate / Decimal::ONE_HUNDRED)).round_dp(2);
        Amounts { without_vat, vat: with_vat - without_vat, with_vat }
    }

    pub(crate) fn total(&self) -> Decimal {
        self.lines.iter().map(|line| self.amounts(line).with_vat).sum()
    }

    fn subtotal(&self) -> Decimal {
        self.lines.iter().map(|line| self.amounts(line).without_vat).sum()
    }

    /// Moves to a status, with the instants that go with it.
    pub(crate) fn set_status(&mut self, status: &str, now: Millis) {
        status.clone_into(&mut self.status);
        match status {
            "paid" => self.paid_at = Some(now),
            "sent" => self.sent_at = Some(now),
            "cancelled" => self.cancelled_at = Some(now),
            "open" => {
                self.paid_at = None;
                self.cancelled_at = None;
            }
            _ => {}
        }
    }

    fn line_json(&self, index: usize, line: &Line) -> Value {
        let amounts = self.amounts(line);
        let rate = Decimal::ONE + line.vat_rate / Decimal::ONE_HUNDRED;
        let unit_without = (line.price / rate).round_dp(2);
        let id = self.id * 100 + u64::try_from(index).unwrap_or(0);
        let inventory = line.sku.as_ref().map(|sku| {
            json!({"item_id": id, "sku": sku, "article_number_type": null, "article_number": null, "move_id": id})
        });
        json!({
            "id": id, "name": line.name, "quantity": money(line.quantity * self.sign()), "unit_name": "",
            "unit_price": money(line.price), "vat_rate": number(line.vat_rate),
            "unit_price_without_vat": money(unit_without), "unit_price_with_vat": money(line.price),
            "total_price_without_vat": money(amounts.without_vat), "total_vat": money(amounts.vat),
            "native_total_price_without_vat": money(amounts.without_vat), "native_total_vat": money(amounts.vat),
            "inventory": inventory,
        })
    }

    fn vat_summary(&self) -> Value {
        let mut rates: Vec<Decimal> = self.lines.iter().map(|line| line.vat_rate).collect();
        rates.sort();
        rates.dedup();
        let rows = rates.into_iter().rev().map(|rate| {
            let of_rate = self.lines.iter().filter(|line| line.vat_rate == rate).map(|line| self.amounts(line));
            let (base, vat) = of_rate.fold((Decimal::ZERO, Decimal::ZERO), |(base, vat), amounts| {
                (base + amounts.without_vat, vat + amounts.vat)
            });
            json!({"vat_rate": number(rate), "base": money(base), "vat": money(vat), "currency": self.currency,
                   "native_base": money(base), "native_vat": money(vat), "native_currency": self.currency})
        });
        rows.collect()
    }

    fn payments(&self) -> Value {
        match self.paid_at {
            None => json!([]),
            Some(at) => json!([{
                "id": self.id * 10, "paid_on": clock::date(at), "currency": self.currency,
                "amount": money(self.total()), "native_amount": money(self.total()),
                "variable_symbol": self.variable_symbol(), "bank_account_id": 21, "tax_document_id": null,
                "created_at": clock::with_offset(at), "updated_at": clock::with_offset(at),
            }]),
        }
    }

    fn variable_symbol(&self) -> String {
        self.number.chars().filter(char::is_ascii_digit).collect()
    }

    /// The full object, as list, detail and webhook carry it. `base` is the account's URL.
    pub(crate) fn json(&self, host: &str, slug: &str) -> Value {
        let mut page = self.facts(&format!("{host}/api/v3/accounts/{slug}"), &format!("{host}/{slug}"));
        if let Some(page) = page.as_object_mut() {
            page.extend(CONSTANT.clone());
            page.insert("token".to_owned(), Value::String(format!("{slug}{}", self.id)));
            page.insert("note".to_owned(), json!(self.note));
        }
        page
    }

    fn facts(&self, api: &str, web: &str) -> Value {
        let total = self.total();
        let remaining = if self.status == "paid" { Decimal::ZERO } else { total };
        let due_on = clock::date_after(self.created_at, 14);
        let lines: Vec<Value> =
            self.lines.iter().enumerate().map(|(index, line)| self.line_json(index, line)).collect();
        json!({
            "id": self.id, "custom_id": self.custom_id, "document_type": self.document_type,
            "correction_id": self.correction_id, "number": self.number,
            "variable_symbol": self.variable_symbol(), "related_id": self.related_id,
            "status": self.status, "order_number": self.order_number,
            "issued_on": clock::date(self.created_at), "taxable_fulfillment_due": clock::date(self.created_at),
            "due": 14, "due_on": due_on, "sent_at": self.sent_at.map(clock::with_offset),
            "paid_on": self.paid_at.map(clock::date), "cancelled_at": self.cancelled_at.map(clock::with_offset),
            "tags": self.tags, "currency": self.currency, "exchange_rate": "1.0",
            "subtotal": money(self.subtotal()), "total": money(total),
            "native_subtotal": money(self.subtotal()), "native_total": money(total),
            "remaining_amount": money(remaining), "remaining_native_amount": money(remaining),
            "lines": lines, "vat_rates_summary": self.vat_summary(), "payments": self.payments(),
            "html_url": format!("{web}/invoices/{}", self.id),
            "public_html_url": format!("{web}/p/{}/{}", self.id, self.number),
            "url": format!("{api}/invoices/{}.json", self.id),
            "pdf_url": format!("{api}/invoices/{}/download.pdf", self.id),
            "subject_url": format!("{api}/subjects/16.json"),
            "created_at": clock::with_offset(self.created_at), "updated_at": clock::with_offset(self.updated_at),
        })
    }

    /// The document's PDF: always the same bytes for the same document.
    pub(crate) fn pdf(&self) -> bytes::Bytes {
        let mut lines = vec![
            format!("{} {}", self.document_type, self.number),
            format!("Order {}", self.order_number.as_deref().unwrap_or("-")),
            format!("Issued {}", clock::date(self.created_at)),
        ];
        lines.extend(self.lines.iter().map(|line| format!("{} x {} at {}", line.quantity, line.name, line.price)));
        lines.push(format!("Total {} {}", money(self.total()), self.currency));
        crate::pdf::page(&lines)
    }
}
