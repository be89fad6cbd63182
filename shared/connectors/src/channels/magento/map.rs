//! Pure translations between Magento's words and ours, and the decisions that hang on what was read.

use super::wire;
use crate::channels::buyer_values;
use crate::channels::lines::{Left, Wanted, spread};
use domain::{
    Carrier, Currency, Document, Mappings, Money, Order, OrderLine, OrderReference, OrderState, Parcel, Said, remark,
};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// Amounts that differ by less are equal: Magento keeps four decimals and rounds by line.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// An invoice state: cancelled, so that it stands for nothing.
const INVOICE_CANCELED: i64 = 3;
/// Product types whose own line carries the quantities of a chosen variant.
pub(super) const CONFIGURABLE: &str = "configurable";
/// What our comment on an invoice begins with.
const MARKER: &str = "Invoice ";
/// What our comment on an order or on a credit memo begins with.
const CREDIT_MARKER: &str = "Credit note ";

/// What an order's state allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// On hold, under review, or in a state that no table lists.
    Waiting,
    /// May be invoiced and shipped.
    Open,
    /// Wholly invoiced and shipped.
    Complete,
    /// Refunded.
    Closed,
    /// Cancelled.
    Canceled,
}

/// Reads `state`. `pending_payment` may be invoiced and shipped, as the vendor's validators see it: when that is wanted
/// is for the merchant's rules to say.
pub(super) fn stage(order: &wire::Order) -> Stage {
    match order.state.as_deref() {
        Some("new" | "processing" | "pending_payment") => Stage::Open,
        Some("complete") => Stage::Complete,
        Some("closed") => Stage::Closed,
        Some("canceled") => Stage::Canceled,
        _ => Stage::Waiting,
    }
}

/// The order in our words. Lines are the top ones: a bundle's or variant's parts count through their parent.
///
/// # Errors
/// In words, where the currency is none.
pub(super) fn order(wire: &wire::Order) -> Result<Order, Said> {
    let currency =
        Currency::parse(&wire.order_currency_code).map_err(|_| remark::currency_unknown(&wire.order_currency_code))?;
    let state = match stage(wire) {
        Stage::Open if wire.state.as_deref() == Some("pending_payment") => OrderState::Pending,
        Stage::Open => OrderState::Open,
        Stage::Waiting => OrderState::Pending,
        Stage::Complete => OrderState::Shipped,
        Stage::Closed => OrderState::Closed,
        Stage::Canceled => OrderState::Cancelled,
    };
    let line = |item: &wire::OrderItem| OrderLine {
        id: item.item_id.to_string(),
        sku: item.sku.clone(),
        ordered: item.qty_ordered.unwrap_or_default(),
        invoiced: item.qty_invoiced.unwrap_or_default(),
        shipped: item.qty_shipped.unwrap_or_default(),
        withdrawn: item.qty_refunded.unwrap_or_default() + item.qty_canceled.unwrap_or_default(),
    };
    Ok(Order {
        remote_id: wire.entity_id.to_string(),
        reference: OrderReference::new(&wire.increment_id),
        total: Money::new(wire.grand_total, currency),
        state,
        payment_kind: wire.payment.as_ref().and_then(|payment| payment.method.clone()),
        lines: top(wire).map(line).collect(),
        aliases: vec![],
        placed_at: wire.created_at.as_deref().and_then(utc),
    })
}

/// Magento writes times without a zone, in UTC.
pub(super) fn utc(text: &str) -> Option<jiff::Timestamp> {
    let read: DateTime = text.parse().ok()?;
    read.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Buyer values in an order, so that no log or error repeats them.
pub(super) fn private(order: &Map<String, Value>) -> Vec<String> {
    const TELLING: [&str; 16] = [
        "customer_firstname",
        "customer_middlename",
        "customer_lastname",
        "customer_email",
        "customer_taxvat",
        "customer_dob",
        "firstname",
        "middlename",
        "lastname",
        "company",
        "street",
        "city",
        "telephone",
        "email",
        "vat_id",
        "remote_ip",
    ];
    order
        .iter()
        .flat_map(|(name, value)| match value {
            Value::String(text) if TELLING.contains(&name.as_str()) => vec![text.clone()],
            value => buyer_values(value, &TELLING),
        })
        .collect()
}

pub(super) fn top(order: &wire::Order) -> impl Iterator<Item = &wire::OrderItem> {
    order.items.iter().filter(|item| item.parent_item_id.is_none())
}

pub(super) fn left(order: &wire::Order, quantity: impl Fn(&wire::OrderItem) -> Decimal) -> Vec<Left> {
    let line = |item: &wire::OrderItem| {
        let mut skus: Vec<String> = item.sku.iter().cloned().collect();
        if item.product_type.as_deref() == Some(CONFIGURABLE) {
            let variants = order.items.iter().filter(|child| child.parent_item_id == Some(item.item_id));
            skus.extend(variants.filter_map(|child| child.sku.clone()));
        }
        Left { id: item.item_id.to_string(), skus, quantity: quantity(item).max(Decimal::ZERO) }
    };
    top(order).map(line).collect()
}

/// What is left to invoice, as Magento counts it: ordered less invoiced less cancelled.
pub(super) fn left_to_invoice(order: &wire::Order) -> Vec<Left> {
    left(order, |item| {
        item.qty_ordered.unwrap_or_default()
            - item.qty_invoiced.unwrap_or_default()
            - item.qty_canceled.unwrap_or_default()
    })
}

/// What is left to refund, as Magento counts it: invoiced less refunded.
pub(super) fn left_to_refund(order: &wire::Order) -> Vec<Left> {
    left(order, |item| item.qty_invoiced.unwrap_or_default() - item.qty_refunded.unwrap_or_default())
}

/// What is left to ship, as Magento counts it; virtual lines are never shipped.
pub(super) fn left_to_ship(order: &wire::Order) -> Vec<Left> {
    left(order, |item| {
        if item.is_virtual.unwrap_or_default() > Decimal::ZERO {
            return Decimal::ZERO;
        }
        item.qty_ordered.unwrap_or_default()
            - item.qty_shipped.unwrap_or_default()
            - item.qty_refunded.unwrap_or_default()
            - item.qty_canceled.unwrap_or_default()
    })
}

/// Whether nothing is left.
pub(super) fn nothing(left: &[Left]) -> bool {
    left.iter().all(|line| line.quantity <= Decimal::ZERO)
}

/// Which of what is left a record takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Items {
    /// Everything: no lines are named.
    All,
    /// These.
    Some(Vec<wire::NewItem>),
}

impl Items {
    /// As the call wants it.
    pub(super) fn named(self) -> Option<Vec<wire::NewItem>> {
        match self {
            Self::All => None,
            Self::Some(items) => Some(items),
        }
    }
}

fn named(by_line: &BTreeMap<String, Decimal>) -> Items {
    Items::Some(items(by_line))
}

/// Lines as a call names them.
pub(super) fn items(by_line: &BTreeMap<String, Decimal>) -> Vec<wire::NewItem> {
    let item = |(id, quantity): (&String, &Decimal)| {
        let order_item_id = id.parse().ok()?;
        let whole = quantity.to_u64().filter(|whole| Decimal::from(*whole) == *quantity);
        let qty = whole.map(Number::from).or_else(|| Number::from_f64(quantity.to_f64()?))?;
        Some(wire::NewItem { order_item_id, qty })
    };
    by_line.iter().filter_map(item).collect()
}

/// Why a document's goods are not lines of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NoGoods {
    /// Some lines name nothing of the order.
    Strange(Said),
    /// What the others name is not there in that number.
    TooMany(Said),
}

/// The goods of a document as order lines. A line that names nothing of the order is no goods if it takes money off, or
/// if all such lines together are the order's shipping.
fn goods(document: &Document, order: &wire::Order, lines: &[Left]) -> Result<BTreeMap<String, Decimal>, NoGoods> {
    let mut known = vec![];
    let mut strange = 0_usize;
    let mut strange_total = Decimal::ZERO;
    for line in &document.lines {
        let wanted = Wanted::from(line);
        if lines.iter().any(|left| left.meant_by(&wanted)) {
            known.push(wanted);
        } else if line.total > Decimal::ZERO {
            strange += 1;
            strange_total += line.total;
        }
    }
    let found = spread(&known, lines).map_err(NoGoods::TooMany)?;
    if strange > 0 && !equal(strange_total, order.shipping_incl_tax.unwrap_or_default()) {
        let message = remark::lines_strange(strange, document.lines.len());
        return Err(NoGoods::Strange(message));
    }
    if found.is_empty() {
        return Err(NoGoods::Strange(remark::lines_nothing()));
    }
    Ok(found)
}

/// What of the order an invoice is to cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cover {
    /// This.
    Items(Items),
    /// Nothing is left to invoice.
    NothingLeft,
    /// The document's lines do not fit; in words.
    Unmatched(Said),
}

/// Fits a document to what is left. Lines are named unless it covers all that is left, in goods and in money.
/// `without_lines`: a person said so. `by_total`: a document over all that is left may go though its lines fit nothing.
pub(super) fn cover(document: &Document, order: &wire::Order, without_lines: bool, by_total: bool) -> Cover {
    let left = left_to_invoice(order);
    if nothing(&left) {
        return Cover::NothingLeft;
    }
    if without_lines {
        return Cover::Items(Items::All);
    }
    let rest = order.grand_total - order.total_invoiced.unwrap_or_default();
    let whole = equal(document.total, rest);
    match goods(document, order, &left) {
        Ok(lines) if whole && covers_all(&lines, &left) => Cover::Items(Items::All),
        Ok(lines) => Cover::Items(named(&lines)),
        Err(NoGoods::Strange(_)) if whole && by_total => Cover::Items(Items::All),
        Err(NoGoods::Strange(what) | NoGoods::TooMany(what)) => Cover::Unmatched(what),
    }
}

fn covers_all(lines: &BTreeMap<String, Decimal>, left: &[Left]) -> bool {
    left.iter().all(|line| lines.get(&line.id).copied().unwrap_or_default() == line.quantity)
}

/// Fits a parcel to what is left.
///
/// # Errors
/// In words: which line fits nothing that is left.
pub(super) fn contents(parcel: &Parcel, left: &[Left], without_lines: bool) -> Result<Items, Said> {
    if parcel.lines.is_empty() || without_lines {
        return Ok(Items::All);
    }
    let wanted: Vec<Wanted<'_>> = parcel.lines.iter().map(Wanted::from).collect();
    let lines = spread(&wanted, left)?;
    if lines.is_empty() {
        return Err(remark::parcel_lines_nothing());
    }
    Ok(if covers_all(&lines, left) { Items::All } else { named(&lines) })
}

pub(super) fn equal(a: Decimal, b: Decimal) -> bool {
    (a - b).abs() < CENT
}

/// Whether an invoice stands for something.
pub(super) fn stands(invoice: &wire::Invoice) -> bool {
    invoice.state != Some(INVOICE_CANCELED)
}

/// How well an invoice of the order fits a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) currency: bool,
    pub(super) total: bool,
    /// Quantities are those of the document's lines, or, where its lines name nothing of the order and the rule allows
    /// it, of the whole order.
    pub(super) quantities: bool,
}

/// Compares an invoice with a document.
pub(super) fn fit(invoice: &wire::Invoice, document: &Document, order: &wire::Order, by_total: bool) -> Fit {
    let currency = invoice.order_currency_code.as_deref().unwrap_or(&order.order_currency_code);
    let ordered = left(order, |item| item.qty_ordered.unwrap_or_default());
    let mut there = ordered.clone();
    for line in &mut there {
        let items = invoice.items.iter().filter(|item| item.order_item_id.to_string() == line.id);
        line.quantity = items.filter_map(|item| item.qty).sum();
    }
    let all = there.iter().map(|l| l.quantity).eq(ordered.iter().map(|l| l.quantity));
    let quantities = match goods(document, order, &ordered) {
        Ok(lines) => covers_all(&lines, &there),
        Err(NoGoods::Strange(_)) => by_total && all,
        Err(NoGoods::TooMany(_)) => false,
    };
    Fit {
        currency: currency.eq_ignore_ascii_case(document.currency.code()),
        total: invoice.grand_total.is_some_and(|total| equal(total, document.total)),
        quantities,
    }
}

/// The comment that marks an invoice as ours, with the link where the document has one.
pub(super) fn comment(document: &Document) -> String {
    with_link(format!("{MARKER}{}", one_line(&document.number)), document)
}

/// The comment that tells of a credit note.
pub(super) fn credit_comment(document: &Document) -> String {
    with_link(credit_words(document), document)
}

/// Whether a comment tells of this credit note, whatever its link.
pub(super) fn says_credit(comment: &str, document: &Document) -> bool {
    let line = comment.trim().lines().next().unwrap_or_default();
    let rest = line.strip_prefix(&credit_words(document));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// A credit note's total is negative in some books and positive in others; here it is what the buyer gets.
fn credit_words(document: &Document) -> String {
    let amount = Money::new(document.total.abs(), document.currency);
    format!("{CREDIT_MARKER}{} over {amount}", one_line(&document.number))
}

fn with_link(words: String, document: &Document) -> String {
    match document.public_url.as_deref().map(str::trim).filter(|url| !url.is_empty()) {
        Some(url) => format!("{words} {url}"),
        None => words,
    }
}

/// The comment that marks a credit memo as ours.
pub(super) fn memo_comment(document: &Document) -> String {
    with_link(format!("{CREDIT_MARKER}{}", one_line(&document.number)), document)
}

/// The document number that a comment of ours on an invoice names.
pub(super) fn marked(comment: &str) -> Option<String> {
    number_after(MARKER, comment)
}

/// The document number that a comment of ours on a credit memo names.
pub(super) fn credited(comment: &str) -> Option<String> {
    number_after(CREDIT_MARKER, comment)
}

fn number_after(marker: &str, comment: &str) -> Option<String> {
    let line = comment.trim().lines().next()?.strip_prefix(marker)?;
    let end = ["https://", "http://"].iter().filter_map(|scheme| line.find(scheme)).min();
    let number = one_line(end.and_then(|end| line.get(..end)).unwrap_or(line));
    (!number.is_empty()).then_some(number)
}

/// The document numbers that an invoice's comments name.
pub(super) fn numbers(invoice: &wire::Invoice) -> Vec<String> {
    invoice.comments.iter().filter_map(|c| marked(c.comment.as_deref()?)).collect()
}

/// Whether a comment names a number in anybody's words: as a word of its own.
pub(super) fn mentions(comments: &[wire::Comment], number: &str) -> bool {
    let number = one_line(number);
    let inside = |text: &str| {
        let part_of_number = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '_'));
        text.match_indices(&number).any(|(at, found)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
            !part_of_number(before) && !part_of_number(after)
        })
    };
    !number.is_empty() && comments.iter().filter_map(|c| c.comment.as_deref()).any(inside)
}

/// A number on one line, with single spaces.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Carriers that every Magento knows, beside `custom`.
pub(super) const CARRIERS: [(&str, &str); 5] = [
    ("custom", "Custom Value"),
    ("dhl", "DHL"),
    ("fedex", "Federal Express"),
    ("ups", "United Parcel Service"),
    ("usps", "United States Postal Service"),
];

/// The track of a parcel: a mapping's carrier code, one of Magento's own, else `custom`; the title is what the buyer
/// sees.
pub(super) fn track(carrier: Option<&Carrier>, number: &str, mappings: &Mappings) -> wire::NewTrack {
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    let own = |carrier: &Carrier| {
        CARRIERS.iter().find(|(code, label)| {
            [&carrier.code, &carrier.name].iter().any(|text| same(text, code) || same(text, label))
        })
    };
    let code = carrier.and_then(|c| mappings.carrier(c).or_else(|| own(c).map(|(code, _)| *code)));
    let title = carrier.and_then(|c| [c.name.trim(), c.code.trim()].into_iter().find(|text| !text.is_empty()));
    wire::NewTrack {
        track_number: number.to_owned(),
        title: title.unwrap_or("Parcel").to_owned(),
        carrier_code: code.unwrap_or("custom").to_owned(),
    }
}

/// A message with its placeholders filled: `%1`, `%2` from a list, `%name` from an object.
pub(super) fn filled(message: &str, parameters: &Value) -> String {
    let mut values: Vec<(String, String)> = match parameters {
        Value::Array(list) => list.iter().enumerate().map(|(at, v)| (format!("%{}", at + 1), text(v))).collect(),
        Value::Object(named) => named.iter().map(|(name, v)| (format!("%{name}"), text(v))).collect(),
        _ => vec![],
    };
    // The longest first: %10 is not %1 and a nought.
    values.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut rest = message;
    let mut out = String::new();
    while let Some(c) = rest.chars().next() {
        // Filled in one pass, so that a value's own per cent sign is left alone.
        if let Some((name, value)) = values.iter().find(|(name, _)| rest.starts_with(name.as_str())) {
            out.push_str(value);
            rest = rest.get(name.len()..).unwrap_or_default();
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
