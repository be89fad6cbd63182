//! Packeta's packets in ours. Pure.

use super::spec::PRAGUE;
use super::states::{self, HANDED_TO_CARRIER};
use super::wire::{CourierNumber, Record};
use crate::account::Account;
use crate::contract::Before;
use domain::{Carrier, DeliveryState, Parcel, StateChange};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Characters of the vendor's words that are kept of a state.
const RAW_CHARS_MAX: usize = 200;
/// Figures of an id that labels print in groups.
const GROUPED: usize = 10;

/// The id in what somebody wrote: `3669041905`, `Z3669041905`, `Z 366 9041 905`. An unsigned number of 64 bits, kept as
/// text. Gaps are those of a label's groups and no others, so that two numbers side by side are not taken for one.
pub(super) fn packet_id(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.concat();
    let figures = joined.strip_prefix(['Z', 'z']).unwrap_or(&joined);
    if words.len() > 1 && figures.len() != GROUPED {
        return None;
    }
    let all_figures = !figures.is_empty() && figures.bytes().all(|b| b.is_ascii_digit());
    let id: u64 = figures.parse().ok().filter(|_| all_figures)?;
    (id > 0).then(|| id.to_string())
}

/// The number that the buyer sees.
pub(super) fn public_number(id: &str) -> String {
    format!("Z{id}")
}

/// The number of the carrier behind Packeta, where an earlier read has brought one.
pub(super) fn carrier_number<'a>(id: &str, before: Before<'a>) -> Option<&'a str> {
    let own = public_number(id);
    before.parcel?.tracking_number().filter(|number| *number != own)
}

/// Whether a carrier behind Packeta has it.
pub(super) fn with_a_carrier(now: &Record, history: &[Record]) -> bool {
    now.code == HANDED_TO_CARRIER || history.iter().any(|record| record.code == HANDED_TO_CARRIER)
}

/// All that was read of one packet.
pub(super) struct Told<'a> {
    pub(super) id: &'a str,
    pub(super) now: &'a Record,
    pub(super) history: &'a [Record],
    /// What the carrier behind Packeta answered, if it was asked.
    pub(super) courier: Option<CourierNumber>,
    /// Packeta's own word for the order.
    pub(super) order: Option<String>,
    pub(super) read_at: Timestamp,
}

/// The parcel. The carrier's own number leads once it is there; Packeta's stays beside it.
pub(super) fn parcel(account: &Account, told: Told<'_>, before: Before<'_>) -> Parcel {
    let own = public_number(told.id);
    let lead = match &told.courier {
        Some(courier) => Some(courier.number.clone()),
        None => carrier_number(told.id, before).map(str::to_owned),
    }
    .filter(|number| *number != own);
    let carrier = match (&lead, told.courier) {
        (None, _) => Carrier { code: "packeta".to_owned(), name: "Packeta".to_owned() },
        (Some(_), Some(courier)) => named(courier.carrier.or_else(|| told.now.carrier.clone()), before),
        (Some(_), None) => named(None, before),
    };
    let states = journey(account, told.now, told.history, told.read_at, before);
    let forward = |state: DeliveryState, c: &StateChange| if state.may_become(c.state) { c.state } else { state };
    let newest = states.iter().map(|change| change.at).max().max(before.parcel.map(|parcel| parcel.version_at));
    Parcel {
        id: told.id.to_owned(),
        tracking_numbers: lead.into_iter().chain([own]).collect(),
        carrier: Some(carrier),
        tracking_url: None,
        state: states.iter().fold(DeliveryState::Unknown, forward),
        states,
        order_reference: told.order.and_then(|text| account.reference_in(&text)),
        lines: vec![],
        version_at: newest.unwrap_or(told.read_at),
    }
}

/// A carrier by its name; the one known before where none is told, so that it does not come and go.
fn named(name: Option<String>, before: Before<'_>) -> Carrier {
    let known = || before.parcel.and_then(|parcel| parcel.carrier.clone());
    match name {
        Some(name) => Carrier { code: code(&name), name },
        None => known().unwrap_or_else(|| Carrier { code: "packeta".to_owned(), name: "Packeta".to_owned() }),
    }
}

/// `HU GLS HD` as `hu_gls_hd`.
fn code(name: &str) -> String {
    let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// What happened to it, in the order of time. A record of the past without a time cannot be placed and is left out; the
/// present one without a time is as old as it was when it was first read.
fn journey(
    account: &Account,
    now: &Record,
    history: &[Record],
    read_at: Timestamp,
    before: Before<'_>,
) -> Vec<StateChange> {
    let at = |record: &Record| record.at.as_deref().and_then(|text| instant(account, text));
    let mut changes: Vec<StateChange> = history.iter().filter_map(|r| Some(change(r, at(r)?))).collect();
    let present = change(now, read_at);
    let same = |known: &&StateChange| known.state == present.state && known.raw == present.raw;
    let known = || before.parcel.and_then(|parcel| parcel.states.iter().rev().find(same)).map(|known| known.at);
    let told = at(now).or_else(|| changes.iter().rev().find(same).map(|known| known.at)).or_else(known);
    let present = StateChange { at: told.unwrap_or(read_at), ..present };
    if !changes.contains(&present) {
        changes.push(present);
    }
    changes.sort_by_key(|change| change.at);
    changes
}

fn change(record: &Record, at: Timestamp) -> StateChange {
    let raw = record.text.clone().unwrap_or_else(|| format!("code {}", record.code));
    StateChange { state: states::of_code(record.code), at, raw: raw.chars().take(RAW_CHARS_MAX).collect() }
}

/// With an offset as it says, else by the account's zone.
fn instant(account: &Account, text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let civil: DateTime = text.parse().ok()?;
    let zone = match account.setting("time_zone") {
        Some("utc") => TimeZone::UTC,
        _ => TimeZone::posix(PRAGUE).ok()?,
    };
    civil.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}
