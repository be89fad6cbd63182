//! Pure translations between Mirakl's words and ours, and the decisions that hang on what was read.

use super::wire;
use crate::channels::lines::{Left, Wanted, spread};
use crate::channels::{buyer_values, same_number};
use crate::contract::Task;
use crate::stop::Stop;
use domain::{
    Currency, HoldReason, Money, Operation, Order, OrderLine, OrderReference, OrderState, Parcel, Said, Unmapped,
    remark,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// How far an order has come, as far as our calls care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not accepted or not debited yet, or in a state that no table lists: nothing may be sent.
    Waiting,
    /// To be shipped.
    Shipping,
    /// Shipped or later.
    Shipped,
    /// Refused or cancelled.
    Cancelled,
}

/// Reads `order_state` or `order_line_state`.
pub(super) fn stage(state: &str) -> Stage {
    match state {
        "SHIPPING" => Stage::Shipping,
        "SHIPPED" | "TO_COLLECT" | "RECEIVED" | "CLOSED" => Stage::Shipped,
        "REFUSED" | "CANCELED" => Stage::Cancelled,
        _ => Stage::Waiting,
    }
}

/// The order in our words.
///
/// # Errors
/// In words, where the currency is none.
pub(super) fn order(wire: &wire::Order) -> Result<Order, Said> {
    let currency =
        Currency::parse(&wire.currency_iso_code).map_err(|_| remark::currency_unknown(&wire.currency_iso_code))?;
    let state = match wire.order_state.as_str() {
        "CLOSED" => OrderState::Closed,
        state => match stage(state) {
            Stage::Waiting => OrderState::Pending,
            Stage::Shipping => OrderState::Open,
            Stage::Shipped => OrderState::Shipped,
            Stage::Cancelled => OrderState::Cancelled,
        },
    };
    Ok(Order {
        remote_id: wire.order_id.clone(),
        reference: OrderReference::new(&wire.order_id),
        total: Money::new(total_with_taxes(wire), currency),
        state,
        payment_kind: wire.payment_type.clone(),
        lines: wire.order_lines.iter().map(line).collect(),
        aliases: vec![],
        placed_at: wire.created_date.as_deref().and_then(|text| text.parse().ok()),
    })
}

/// What the buyer pays. Where prices are without taxes, the taxes of the lines come on top: the document to be compared
/// with this total is with taxes.
fn total_with_taxes(wire: &wire::Order) -> Decimal {
    if wire.order_tax_mode.as_deref() != Some("TAX_EXCLUDED") {
        return wire.total_price;
    }
    let taxes = wire.order_lines.iter().flat_map(|line| line.taxes.iter().chain(&line.shipping_taxes));
    wire.total_price + taxes.filter_map(|tax| tax.amount).sum::<Decimal>()
}

fn line(wire: &wire::OrderLine) -> OrderLine {
    let stage = wire.order_line_state.as_deref().map_or(Stage::Shipping, stage);
    let shipped = if stage == Stage::Shipped { wire.quantity } else { Decimal::ZERO };
    OrderLine {
        id: wire.order_line_id.clone(),
        sku: wire.offer_sku.clone(),
        ordered: wire.quantity,
        // Mirakl keeps no account of invoices by line.
        invoiced: Decimal::ZERO,
        shipped,
        withdrawn: withdrawn(wire, stage),
    }
}

fn withdrawn(wire: &wire::OrderLine, stage: Stage) -> Decimal {
    if stage == Stage::Cancelled {
        return wire.quantity;
    }
    let cancelled: Decimal = wire.cancelations.iter().filter_map(|c| c.quantity).sum();
    cancelled.clamp(Decimal::ZERO, wire.quantity.max(Decimal::ZERO))
}

/// Buyer values in an order, so that no log or error repeats them.
pub(super) fn private(customer: &serde_json::Value) -> Vec<String> {
    const TELLING: [&str; 12] = [
        "firstname",
        "lastname",
        "name",
        "company",
        "company_2",
        "street_1",
        "street_2",
        "city",
        "additional_info",
        "phone",
        "phone_secondary",
        "tax_identification_number",
    ];
    buyer_values(customer, &TELLING)
}

/// The name under which a document is uploaded: its number, then `.pdf`. Only US-ASCII is allowed; what is not a plain
/// character becomes `~` and its bytes in hexadecimal, so that two numbers never share a name.
pub(super) fn file_name(number: &str) -> String {
    let mut name = String::new();
    for c in number.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
            name.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                name.push_str(&format!("~{byte:02x}"));
            }
        }
    }
    name.push_str(".pdf");
    name
}

/// The number that a file is named after: the other way of [`file_name`]. `None`: no upload of ours is called so.
pub(super) fn number_of(file_name: &str) -> Option<String> {
    let name = file_name.strip_suffix(".pdf")?;
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'~' {
            let byte = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(byte, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let number = String::from_utf8(bytes).ok().filter(|number| !number.is_empty())?;
    (self::file_name(&number) == file_name).then_some(number)
}

/// What an order's documents mean for the one that is to be sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shelf {
    /// It is there: same name and type, named in no receipt of another export or of an earlier revision.
    pub(super) ours: Option<wire::Document>,
    /// Earlier revisions of the same document, by the receipts of this export: to be replaced.
    pub(super) outdated: Vec<wire::Document>,
    /// Takes the file name, but is another export's or of another type.
    pub(super) name_taken_by: Option<wire::Document>,
    /// Of the same type, and not known to any export.
    pub(super) stranger: Option<wire::Document>,
    /// Documents on the order.
    pub(super) count: usize,
    /// Their file names in lower case.
    pub(super) names: Vec<String>,
}

/// Sorts the documents of an order (OR72).
pub(super) fn shelf(documents: &[wire::Document], name: &str, type_code: &str, task: &Task<'_>) -> Shelf {
    let names = documents.iter().map(|document| document.file_name.to_ascii_lowercase()).collect();
    let mut shelf = Shelf { count: documents.len(), names, ..Shelf::default() };
    let siblings: Vec<String> = task.siblings.iter().flat_map(|s| &s.numbers).map(|n| file_name(n)).collect();
    for document in documents {
        let id = document.id.to_string();
        let (same_name, same_type) = (document.file_name == name, document.type_code == type_code);
        // Documents of all operations share one numbering, so every receipt of the order counts.
        let taken = task.taken(&id);
        if taken {
            if same_name {
                shelf.name_taken_by = Some(document.clone());
            }
        } else if task.previous.iter().any(|receipt| receipt.remote_id == id) {
            shelf.outdated.push(document.clone());
        } else if same_name && same_type {
            let newer = shelf.ours.as_ref().is_none_or(|known| known.id < document.id);
            if newer {
                shelf.ours = Some(document.clone());
            }
        } else if document.file_name.eq_ignore_ascii_case(name) {
            shelf.name_taken_by = Some(document.clone());
        } else if same_type && !siblings.contains(&document.file_name) {
            shelf.stranger = Some(document.clone());
        }
    }
    shelf
}

/// Whose number an order shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// None yet.
    Free,
    /// Ours, as it is to be.
    Ours,
    /// Ours from before: an earlier revision, or another number of the same parcel. It may be overwritten.
    OursBefore,
    /// Another parcel's: never overwritten.
    Other,
}

/// Reads whose number the order shows (`shipping_tracking`).
pub(super) fn slot(order: &wire::Order, number: &str, parcel: &Parcel, task: &Task<'_>) -> Slot {
    // Another parcel went by OR23 and OR24, whose receipt is the order id: whatever stands there now is its.
    if crate::channels::taken(task, Operation::SendTracking, &order.order_id) {
        return Slot::Other;
    }
    let Some(shown) = order.shipping_tracking.as_deref().map(str::trim).filter(|n| !n.is_empty()) else {
        return Slot::Free;
    };
    if same_number(shown, number) {
        return Slot::Ours;
    }
    let before = task.previous.iter().filter_map(|receipt| receipt.number.as_deref());
    let known = before.chain(parcel.tracking_numbers.iter().map(String::as_str));
    if known.into_iter().any(|known| same_number(shown, known)) { Slot::OursBefore } else { Slot::Other }
}

/// Whether a shipment still stands.
pub(super) fn stands(shipment: &wire::Shipment) -> bool {
    shipment.status.as_deref() != Some("CANCELED")
}

/// The number a shipment shows.
pub(super) fn shipment_number(shipment: &wire::Shipment) -> Option<&str> {
    shipment.tracking.as_ref()?.tracking_number.as_deref()
}

/// What of the order lies in no shipment yet, by line. Computed from what was just read (OR11 and ST11); ST12 would say
/// the same, but may be asked only every five minutes.
pub(super) fn left_to_ship(order: &wire::Order, shipments: &[wire::Shipment]) -> Vec<Left> {
    let mut left: Vec<Left> = vec![];
    for wire in &order.order_lines {
        let line = line(wire);
        let open = (line.ordered - line.withdrawn - line.shipped).max(Decimal::ZERO);
        left.push(Left { id: line.id, skus: line.sku.into_iter().collect(), quantity: open });
    }
    // A line that is wholly shipped was already set to nothing by its state.
    for shipped in shipments.iter().filter(|s| stands(s)).flat_map(|s| &s.shipment_lines) {
        let mut open = shipped.quantity;
        for line in &mut left {
            let same = match &shipped.order_line_id {
                Some(id) => *id == line.id,
                None => shipped.offer_sku.as_ref().is_some_and(|sku| line.skus.contains(sku)),
            };
            if same {
                let part = open.min(line.quantity);
                line.quantity -= part;
                open -= part;
            }
        }
    }
    left.retain(|line| line.quantity > Decimal::ZERO);
    left
}

/// What a shipment of this parcel would hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// These lines; `all` of what is left.
    Lines {
        /// Lines with whole quantities.
        lines: Vec<wire::NewShipmentLine>,
        /// Nothing would be left.
        all: bool,
    },
    /// Everything is in shipments already.
    NothingLeft,
    /// The parcel's lines do not fit; in words.
    Unmatched(Said),
}

/// Fits a parcel to what is left: by its lines, or everything where it names none.
pub(super) fn load(parcel: &Parcel, left: &[Left], without_lines: bool) -> Load {
    if left.is_empty() {
        return Load::NothingLeft;
    }
    let by_line = if parcel.lines.is_empty() || without_lines {
        left.iter().map(|line| (line.id.clone(), line.quantity)).collect()
    } else {
        let wanted: Vec<Wanted<'_>> = parcel.lines.iter().map(Wanted::from).collect();
        match spread(&wanted, left) {
            Ok(found) => found,
            Err(what) => return Load::Unmatched(what),
        }
    };
    let mut lines = vec![];
    for (order_line_id, quantity) in by_line {
        match quantity.to_u64().filter(|whole| Decimal::from(*whole) == quantity) {
            Some(quantity) => lines.push(wire::NewShipmentLine { order_line_id, quantity }),
            None => return Load::Unmatched(remark::whole_pieces(order_line_id, "Mirakl", quantity)),
        }
    }
    if lines.is_empty() {
        return Load::Unmatched(remark::parcel_lines_nothing());
    }
    let shipped: Decimal = lines.iter().map(|line| Decimal::from(line.quantity)).sum();
    let all = shipped == left.iter().map(|line| line.quantity).sum::<Decimal>();
    Load::Lines { lines, all }
}

/// How the carrier is told: a mapping's code, a registered carrier of the same code or label, or a free name.
///
/// # Errors
/// [`Stop::Unmapped`]: the carrier has no counterpart there; [`Stop::Hold`] where none is named.
pub(super) fn tracking(
    parcel: &Parcel,
    number: &str,
    mapped: Option<&str>,
    registered: &[wire::Carrier],
    free_text: bool,
) -> Result<wire::OrderTracking, Stop> {
    let told = |code: String| wire::OrderTracking {
        carrier_code: Some(code),
        tracking_number: number.to_owned(),
        ..wire::OrderTracking::default()
    };
    if let Some(code) = mapped {
        return Ok(told(code.to_owned()));
    }
    let nameless = || Stop::hold(HoldReason::MappingMissing, Some(remark::carrier_unnamed()));
    let carrier = parcel.carrier.as_ref().ok_or_else(nameless)?;
    let same = |text: &str| {
        let text = text.trim();
        !text.is_empty()
            && [carrier.code.trim(), carrier.name.trim()].iter().any(|own| own.to_lowercase() == text.to_lowercase())
    };
    if let Some(known) = registered.iter().find(|known| same(&known.code) || same(&known.label)) {
        return Ok(told(known.code.clone()));
    }
    let value = Unmapped::carrier(carrier);
    match [carrier.name.trim(), carrier.code.trim()].into_iter().find(|name| !name.is_empty()) {
        Some(name) if free_text => Ok(wire::OrderTracking {
            carrier_name: Some(name.to_owned()),
            carrier_url: parcel.tracking_url.clone(),
            tracking_number: number.to_owned(),
            ..wire::OrderTracking::default()
        }),
        Some(_) => {
            let detail = remark::carrier_unknown(&value);
            Err(Stop::Unmapped { value: Box::new(value), detail })
        }
        None => Err(nameless()),
    }
}

/// Whether an order already shows this carrier.
pub(super) fn shows_carrier(order: &wire::Order, told: &wire::OrderTracking) -> bool {
    let same = |shown: &Option<String>, told: &Option<String>| match (shown, told) {
        (Some(shown), Some(told)) => shown.trim().eq_ignore_ascii_case(told.trim()),
        _ => false,
    };
    same(&order.shipping_carrier_code, &told.carrier_code) || same(&order.shipping_company, &told.carrier_name)
}

/// What OR74 says about our file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum UploadVerdict {
    /// Nothing was listed as failed.
    Taken,
    /// Our file is listed: it certainly is not there because of this call.
    Refused(Said),
    /// Something failed, but not what we sent by its name.
    Unclear(Said),
}

/// Reads OR74's answer: only failed documents are listed.
pub(super) fn upload_verdict(answer: &wire::Uploaded, name: &str) -> UploadVerdict {
    let words = |errors: &[wire::FieldError]| {
        let said: Vec<String> = errors
            .iter()
            .map(|e| [e.code.as_deref(), e.message.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": "))
            .collect();
        if said.is_empty() { remark::refused_unsaid() } else { said.join("; ").into() }
    };
    let ours =
        |entry: &&wire::UploadErrors| entry.input.as_ref().and_then(|input| input.file_name.as_deref()) == Some(name);
    if let Some(entry) = answer.order_documents.iter().find(ours) {
        return UploadVerdict::Refused(words(&entry.errors));
    }
    match answer.order_documents.first() {
        Some(entry) => UploadVerdict::Unclear(words(&entry.errors)),
        None if answer.errors_count > 0 => UploadVerdict::Unclear(remark::errors_unlisted()),
        None => UploadVerdict::Taken,
    }
}
