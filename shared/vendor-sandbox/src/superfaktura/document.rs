//! A document of the practice SuperFaktura and its JSON (invoice.md of the vendor's documentation): texts and numbers as
//! mixed as the vendor's, JSON as text inside JSON, objects that are lists when empty.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::{self, Millis};
use crate::order::{Line, number};

/// What says nothing about the document itself: seller, buyer, settings.
static CONSTANT: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("constant.json")).unwrap_or_default());

/// One document of any type.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) id: u64,
    pub(crate) kind: String,
    pub(crate) number: String,
    /// `1`, `2`, `3` or `99`.
    pub(crate) status: String,
    pub(crate) order_no: Option<String>,
    pub(crate) variable: Option<String>,
    /// The invoice of a credit note.
    pub(crate) parent_id: Option<u64>,
    pub(crate) currency: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) tags: Vec<String>,
    pub(crate) comment: Option<String>,
    pub(crate) sent: bool,
    pub(crate) token: String,
    /// How often the PDF is refused before it is given.
    pub(crate) pdf_ready_after: u64,
    pub(crate) pdf_asked: u64,
    pub(crate) created: Millis,
    pub(crate) modified: Millis,
}

/// A line's amounts, signed.
struct Amounts {
    without_vat: Decimal,
    with_vat: Decimal,
}

/// `2050-01-01 23:59:59`
pub(super) fn local(at: DateTime) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn money(value: Decimal) -> String {
    format!("{value:.2}")
}

impl Document {
    /// A credit note carries negative prices.
    fn sign(&self) -> Decimal {
        if self.kind == "cancel" { Decimal::NEGATIVE_ONE } else { Decimal::ONE }
    }

    fn amounts(&self, line: &Line) -> Amounts {
        let with_vat = line.total() * self.sign();
        let without_vat = (with_vat / (Decimal::ONE + line.vat_rate / Decimal::ONE_HUNDRED)).round_dp(2);
        Amounts { without_vat, with_vat }
    }

    pub(crate) fn total(&self) -> Decimal {
        self.lines.iter().map(|line| self.amounts(line).with_vat).sum()
    }

    fn subtotal(&self) -> Decimal {
        self.lines.iter().map(|line| self.amounts(line).without_vat).sum()
    }

    fn paid(&self) -> Decimal {
        match self.status.as_str() {
            "3" => self.total(),
            "2" => (self.total() / Decimal::TWO).round_dp(2),
            _ => Decimal::ZERO,
        }
    }

    fn item(&self, index: usize, line: &Line) -> Value {
        let amounts = self.amounts(line);
        let unit_vat = line.price * self.sign();
        let unit = (unit_vat / (Decimal::ONE + line.vat_rate / Decimal::ONE_HUNDRED)).round_dp(2);
        let id = (self.id * 100 + u64::try_from(index).unwrap_or(0)).to_string();
        json!({
            "id": id, "invoice_id": self.id.to_string(), "name": line.name, "description": "", "sku": line.sku,
            "quantity": format!("{:.5}", line.quantity), "unit": "", "tax": number(line.vat_rate), "ordernum": index.to_string(),
            "unit_price": number(unit), "unit_price_vat": number(unit_vat), "discount": 0,
            "item_price": number(amounts.without_vat), "item_price_vat": number(amounts.with_vat),
            "user_id": "1", "user_profile_id": "1",
        })
    }

    fn summary(&self) -> Value {
        let mut rates: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
        for line in &self.lines {
            let amounts = self.amounts(line);
            let rate = rates.entry(line.vat_rate.normalize().to_string()).or_default();
            rate.0 += amounts.without_vat;
            rate.1 += amounts.with_vat - amounts.without_vat;
        }
        let by_rate = |pick: fn(&(Decimal, Decimal)) -> Decimal| -> Value {
            if rates.is_empty() {
                return json!([]);
            }
            rates.iter().map(|(rate, sums)| (rate.clone(), number(pick(sums)))).collect::<Map<_, _>>().into()
        };
        json!({
            "discount": 0, "invoice_total": number(self.total()),
            "vat_base_separate": by_rate(|sums| sums.0), "vat_base_total": number(self.subtotal()),
            "vat_separate": by_rate(|sums| sums.1), "vat_total": number(self.total() - self.subtotal()),
        })
    }

    fn invoice(&self) -> Value {
        let created = clock::local(self.created);
        let day = local(created.date().at(0, 0, 0, 0));
        let due = created.date().checked_add(jiff::Span::new().days(14)).unwrap_or(created.date());
        json!({
            "id": self.id.to_string(), "type": self.kind, "status": self.status, "token": self.token,
            "invoice_no_formatted": self.number, "variable": self.variable, "order_no": self.order_no,
            "parent_id": self.parent_id.map(|id| id.to_string()), "proforma_id": null, "sequence_id": "1",
            "created": day, "delivery": day, "due": due.to_string(), "paydate": null,
            "modified": local(clock::local(self.modified)),
            "invoice_currency": self.currency, "home_currency": "EUR", "exchange_rate": 1,
            "amount": money(self.subtotal()), "vat": money(self.total() - self.subtotal()),
            "paid": money(self.paid()), "amount_paid": money(self.paid()), "payment_type": "",
            "name": format!("Faktúra {}", self.number), "comment": self.comment, "internal_comment": null,
            "header_comment": "", "tags": null, "lang": "slo", "user_id": "1", "user_profile_id": "1",
            "client_data": "{\"Client\":{\"id\":\"3\",\"name\":\"Practice Buyer\"}}", "my_data": "{\"MyData\":{\"id\":\"1\"}}",
        })
    }

    /// The full object, as view, list and details carry it.
    pub(crate) fn json(&self) -> Value {
        let items: Vec<Value> = self.lines.iter().enumerate().map(|(index, line)| self.item(index, line)).collect();
        let to_pay = self.total() - self.paid();
        let emails = if self.sent { json!([{"id": "1", "email": "buyer@practice.example"}]) } else { json!([]) };
        let tags: Vec<Value> = self.tags.iter().map(|name| json!({"name": name})).collect();
        let mut page = CONSTANT.clone();
        page.insert("Invoice".to_owned(), self.invoice());
        page.insert("InvoiceItem".to_owned(), items.into());
        page.insert("InvoiceEmail".to_owned(), emails);
        page.insert("Tag".to_owned(), tags.into());
        page.insert("Summary".to_owned(), self.summary());
        page.insert(
            "0".to_owned(),
            json!({"to_pay": format!("{to_pay:.6}"), "to_pay_in_invoice_currency": money(to_pay), "total": money(self.total())}),
        );
        page.into()
    }

    /// The document's PDF: always the same bytes for the same document.
    pub(crate) fn pdf(&self) -> bytes::Bytes {
        let mut lines = vec![
            format!("{} {}", self.kind, self.number),
            format!("Order {}", self.order_no.as_deref().unwrap_or("-")),
            format!("Issued {}", clock::local(self.created).date()),
        ];
        lines.extend(self.lines.iter().map(|line| format!("{} x {} at {}", line.quantity, line.name, line.price)));
        lines.push(format!("Total {} {}", money(self.total()), self.currency));
        crate::pdf::page(&lines)
    }
}
