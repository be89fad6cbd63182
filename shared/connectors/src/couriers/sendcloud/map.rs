//! Sendcloud's parcels in ours. Pure.

use super::states::{self, Meaning};
use super::wire::{Event, Item, Parcel as V2, Quotes, Tracking};
use crate::account::Account;
use crate::contract::Changed;
use crate::stop::Stop;
use domain::{
    Carrier, Code, DeliveryState, Parcel, ParcelLine, Said, SourceHint, StateChange, Subject, SubjectKind, remark,
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The fields `order_reference` may name.
pub(super) const ORDER_FIELDS: [&str; 6] =
    ["order_number", "external_order_id", "external_shipment_id", "external_reference", "reference", "source_id"];

/// Names of hints: what a signed webhook said.
pub(super) const NUMBER: &str = "tracking_number";
pub(super) const MESSAGE: &str = "status_message";
pub(super) const AT: &str = "status_at";

const HINT_CHARS_MAX: usize = 255;

/// What is needed to read a parcel again. The order is quoted too, since the tracking API does not know it.
pub(super) fn hint(parcel: &V2) -> SourceHint {
    let q = &parcel.quotes;
    let known = [
        (NUMBER, &parcel.tracking_number),
        ("order_number", &q.order_number),
        ("external_order_id", &q.external_order_id),
        ("external_shipment_id", &q.external_shipment_id),
        ("external_reference", &q.external_reference),
        ("reference", &q.reference),
    ];
    let hints = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), given(value.as_deref())?)));
    SourceHint { subject: Subject { kind: SubjectKind::Parcel, id: parcel.id.clone() }, hints: hints.collect() }
}

fn given(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty() && text.chars().count() <= HINT_CHARS_MAX).then(|| text.to_owned())
}

/// A line of the list of what changed after `since`.
pub(super) fn changed(account: &Account, parcel: &V2, since: Timestamp) -> Changed {
    Changed {
        hint: hint(parcel),
        number: given(parcel.tracking_number.as_deref()),
        order_reference: order_reference(account, Some(&parcel.quotes), &BTreeMap::new(), None),
        version_at: parcel.date_updated.as_deref().and_then(old_time).unwrap_or(since),
    }
}

/// All that is known of a parcel: what the v2 API says of it now, its tracking, and what the signed webhook said.
/// At least one of the first two is there.
pub(super) fn parcel(
    account: &Account,
    hint: &SourceHint,
    now_there: Option<&V2>,
    tracking: Option<&Tracking>,
) -> Result<Parcel, Stop> {
    let (mut states, mut state) = journey(tracking.map_or(&[], |t| &t.events))?;
    let version_at = version(hint, now_there, tracking, &states)?;
    if let Some(message) = now_there.and_then(|p| p.status.as_ref()?.message.as_deref())
        && let Some(next) = states::of_name(message).state()
        && (states.is_empty() || (next != state && state.may_become(next)))
    {
        state = next;
        states.push(StateChange { state, at: version_at, raw: message.to_owned() });
    }
    let asked = number_of(hint, now_there);
    let found = tracking.and_then(|t| {
        let ours = t.tracking_numbers.iter().find(|n| Some(&n.tracking_number) == asked.as_ref());
        ours.or_else(|| t.tracking_numbers.first())
    });
    let code =
        found.and_then(|n| n.carrier_code.as_deref()).or(now_there.and_then(|p| p.carrier.as_ref()?.code.as_deref()));
    let url = found.and_then(|n| n.tracking_url.as_deref()).or(now_there.and_then(|p| p.tracking_url.as_deref()));
    let source_id = tracking.and_then(|t| t.source_id.as_deref());
    let items = now_there.and_then(|p| p.parcel_items.as_deref()).filter(|items| !items.is_empty());
    let items = items.or(tracking.and_then(|t| t.parcel_items.as_deref()));
    Ok(Parcel {
        id: now_there.map_or_else(|| hint.subject.id.clone(), |p| p.id.clone()),
        tracking_numbers: numbers(asked, tracking),
        carrier: code.filter(|c| !c.is_empty()).map(carrier),
        tracking_url: url.filter(|u| u.starts_with("https://")).map(str::to_owned),
        state,
        states,
        order_reference: order_reference(account, now_there.map(|p| &p.quotes), &hint.hints, source_id),
        lines: lines(items.unwrap_or_default()),
        version_at,
    })
}

/// A parcel that can only be known from a signed webhook: it has no number yet, so there is nothing to ask by.
pub(super) fn announced(account: &Account, hint: &SourceHint) -> Option<Parcel> {
    let message = hint.hints.get(MESSAGE)?;
    let at = hint.hints.get(AT).and_then(|t| t.parse().ok())?;
    let state = states::of_name(message).state().unwrap_or(DeliveryState::LabelCreated);
    Some(Parcel {
        id: hint.subject.id.clone(),
        tracking_numbers: vec![],
        carrier: None,
        tracking_url: None,
        state,
        states: vec![StateChange { state, at, raw: message.clone() }],
        order_reference: order_reference(account, None, &hint.hints, None),
        lines: vec![],
        version_at: at,
    })
}

/// The number to ask the tracking API for.
pub(super) fn number_of(hint: &SourceHint, now_there: Option<&V2>) -> Option<String> {
    let there = now_there.and_then(|p| given(p.tracking_number.as_deref()));
    there.or_else(|| given(hint.hints.get(NUMBER).map(String::as_str)))
}

fn numbers(asked: Option<String>, tracking: Option<&Tracking>) -> Vec<String> {
    let mut numbers: Vec<String> = asked.into_iter().collect();
    for known in tracking.iter().flat_map(|t| &t.tracking_numbers) {
        if let Some(number) = given(Some(&known.tracking_number)).filter(|n| !numbers.contains(n)) {
            numbers.push(number);
        }
    }
    numbers
}

/// The newest time that anything says. A hint's own time counts only where nothing else is known.
fn version(
    hint: &SourceHint,
    now_there: Option<&V2>,
    tracking: Option<&Tracking>,
    states: &[StateChange],
) -> Result<Timestamp, Stop> {
    let mut newest = states.iter().map(|s| s.at).max();
    for text in tracking.iter().flat_map(|t| [&t.announced_at, &t.created_at, &t.updated_at]).flatten() {
        newest = newest.max(Some(instant(text)?));
    }
    newest = newest.max(now_there.and_then(|p| p.date_updated.as_deref()).and_then(old_time));
    let told = || hint.hints.get(AT).and_then(|t| t.parse().ok());
    Ok(newest.or_else(told).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Events in the order of their time, whatever order they came in, and where all that brought the parcel: only forward,
/// so that a late, older scan changes nothing. A failed announcement is forgotten once another one followed.
fn journey(events: &[Event]) -> Result<(Vec<StateChange>, DeliveryState), Stop> {
    let mut told = vec![];
    for event in events {
        let meaning = states::of_event(&event.status_code, event.sub_status_code.as_deref());
        if let Some(state) = meaning.state() {
            let said = event.status_description.as_deref().filter(|d| !d.trim().is_empty());
            let raw = said.unwrap_or(&event.status_code).chars().take(200).collect();
            told.push((meaning, StateChange { state, at: instant(&event.event_at)?, raw }));
        }
    }
    told.sort_by_key(|(_, change)| change.at);
    let last = told.len().saturating_sub(1);
    let lasting = told.into_iter().enumerate().filter(|(i, (m, _))| *i == last || *m != Meaning::NotAnnounced);
    let changes: Vec<StateChange> = lasting.map(|(_, (_, change))| change).collect();
    let first = changes.first().map_or(DeliveryState::LabelCreated, |c| c.state);
    let forward = |state: DeliveryState, c: &StateChange| if state.may_become(c.state) { c.state } else { state };
    let state = changes.iter().fold(first, forward);
    Ok((changes, state))
}

/// Quantities by article; nothing if an article is nameless, since half a list would ship half an order.
fn lines(items: &[Item]) -> Vec<ParcelLine> {
    let mut lines: BTreeMap<String, Decimal> = BTreeMap::new();
    for item in items {
        let Some(sku) = given(item.sku.as_deref()) else { return vec![] };
        let sum = lines.entry(sku).or_default();
        *sum = sum.saturating_add(item.quantity);
    }
    lines.into_iter().map(|(sku, quantity)| ParcelLine { sku, quantity }).collect()
}

fn order_reference(
    account: &Account,
    quotes: Option<&Quotes>,
    hints: &BTreeMap<String, String>,
    source_id: Option<&str>,
) -> Option<String> {
    let field = account.order_field();
    let there = quotes.and_then(|q| match field {
        "order_number" => q.order_number.as_deref(),
        "external_order_id" => q.external_order_id.as_deref(),
        "external_shipment_id" => q.external_shipment_id.as_deref(),
        "external_reference" => q.external_reference.as_deref(),
        // `0` is what the vendor writes where nothing was given.
        "reference" => q.reference.as_deref().filter(|r| *r != "0"),
        _ => None,
    });
    let source_id = source_id.filter(|_| field == "source_id");
    let text = given(there).or_else(|| hints.get(field).cloned()).or_else(|| given(source_id));
    account.reference_in(&text?)
}

/// Codes are lower case, many with a country at their end (`gls_de`).
fn carrier(code: &str) -> Carrier {
    let code = code.to_lowercase();
    let stem = code.rsplit_once('_').filter(|(_, land)| land.len() == 2).map_or(code.as_str(), |(stem, _)| stem);
    let name = match stem {
        "brt" | "dhl" | "dpd" | "gls" | "mrw" | "tnt" | "ups" => stem.to_uppercase(),
        "bpost" => "bpost".to_owned(),
        "fedex" => "FedEx".to_owned(),
        "inpost" => "InPost".to_owned(),
        "postnl" => "PostNL".to_owned(),
        "postnord" => "PostNord".to_owned(),
        _ => stem.split('_').map(capitalised).collect::<Vec<_>>().join(" "),
    };
    Carrier { name, code }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn instant(text: &str) -> Result<Timestamp, Stop> {
    text.parse().map_err(|_| nonsense(remark::field_no_time("parcel_status_history")))
}

/// v2 writes `01-01-2018 21:47:12` without a zone; read as UTC, which is not verified. It only orders versions.
fn old_time(text: &str) -> Option<Timestamp> {
    let civil = |format| DateTime::strptime(format, text).ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    text.parse().ok().or_else(|| civil("%d-%m-%Y %H:%M:%S")).or_else(|| civil("%Y-%m-%d %H:%M:%S"))
}

/// A webhook's time: seconds by its description, milliseconds in its sample.
pub(super) fn webhook_time(number: f64) -> Option<Timestamp> {
    const FIRST_MILLISECOND: f64 = 100_000_000_000.0;
    if !(0.0..253_402_300_799_000.0).contains(&number) {
        return None;
    }
    let milliseconds = if number < FIRST_MILLISECOND { number * 1000.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at above")]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

fn nonsense(message: Said) -> Stop {
    Stop::fail(Code::VendorNonsense, Some(200), message)
}
