//! Parcels and the order of facts about them.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where a parcel is, in one vocabulary for all couriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// A label exists; the courier does not have it yet.
    LabelCreated,
    /// The courier has it.
    InTransit,
    /// On its last leg, or waiting to be picked up.
    OutForDelivery,
    /// The buyer has it.
    Delivered,
    /// An attempt failed.
    DeliveryFailed,
    /// It came back.
    Returned,
    /// It will never travel.
    Cancelled,
    /// The courier said something that no table lists.
    Unknown,
}

impl DeliveryState {
    const fn rank(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::LabelCreated => 1,
            Self::InTransit => 2,
            Self::OutForDelivery => 3,
            Self::DeliveryFailed => 4,
            Self::Delivered => 5,
            Self::Cancelled => 6,
            Self::Returned => 7,
        }
    }

    /// Whether a parcel in this state may be said to be in `next` from now on: only forward, except
    /// `delivery_failed` to a later state of the journey, and anything to `returned`.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Returned, _) => false,
            (_, Self::Returned) | (Self::DeliveryFailed, Self::OutForDelivery) => true,
            (Self::Delivered | Self::Cancelled, _) => false,
            _ => next.rank() > self.rank(),
        }
    }

    /// Nothing more is expected.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned | Self::Cancelled)
    }

    /// The courier has scanned it at least once. A failure alone does not say so: an announcement may have failed, and
    /// a failed attempt has a scan before it.
    #[must_use]
    pub const fn handed_over(self) -> bool {
        matches!(self, Self::InTransit | Self::OutForDelivery | Self::Delivered | Self::Returned)
    }
}

/// What became of a parcel that somebody told us of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TellOutcome {
    /// It is looked at now.
    Accepted,
    /// It was known before, with this order.
    Known,
    /// It cannot be what is told.
    Refused,
}

/// Who carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carrier {
    /// The source's code, lower case (`dpd`, `gls_de`).
    pub code: String,
    /// The name a person would use.
    pub name: String,
}

/// Something that happened to a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    /// In our words.
    pub state: DeliveryState,
    /// When, by the courier's clock.
    pub at: Timestamp,
    /// In the courier's words.
    pub raw: String,
}

/// What is in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParcelLine {
    /// The seller's article number.
    pub sku: String,
    /// How many.
    pub quantity: Decimal,
}

/// A parcel as re-read from its courier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The source's id.
    pub id: String,
    /// Known numbers, the one to show the buyer first. They merge, none is ever lost.
    pub tracking_numbers: Vec<String>,
    /// Who carries it.
    pub carrier: Option<Carrier>,
    /// Where the buyer can look.
    pub tracking_url: Option<String>,
    /// Where it is.
    pub state: DeliveryState,
    /// How it got there, oldest first.
    pub states: Vec<StateChange>,
    /// The order it belongs to, as the source quotes it.
    pub order_reference: Option<String>,
    /// What is in it; empty if the source does not say.
    pub lines: Vec<ParcelLine>,
    /// When the source last changed it: the source's version.
    pub version_at: Timestamp,
}

impl Parcel {
    /// The number to show the buyer.
    #[must_use]
    pub fn tracking_number(&self) -> Option<&str> {
        self.tracking_numbers.first().map(String::as_str)
    }

    /// Whether the courier has had it, now or at any time before.
    #[must_use]
    pub fn handed_over(&self) -> bool {
        self.state.handed_over() || self.states.iter().any(|s| s.state.handed_over())
    }

    /// One parcel out of two reads of it, whichever came first: of two versions the newer one's facts count, and what it
    /// does not say stays. Numbers merge, the newer version's first one leads. The state is where all that is known to
    /// have happened has brought the parcel, so that news that comes late changes only what it would have changed in time.
    ///
    /// Reads of one source give the same whole in any order and any number, as long as a source goes on saying what it
    /// has once said. Of two reads of the same version `other` counts as the newer one.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let (older, newer) = if other.version_at < self.version_at { (other, self) } else { (self, other) };
        let state = arrived_at(&older, &newer);
        let mut states = older.states;
        states.extend(newer.states);
        Self {
            id: newer.id,
            tracking_numbers: merged_numbers(older.tracking_numbers, newer.tracking_numbers),
            carrier: newer.carrier.or(older.carrier),
            tracking_url: newer.tracking_url.or(older.tracking_url),
            state,
            states: in_order(states),
            order_reference: newer.order_reference.or(older.order_reference),
            lines: if newer.lines.is_empty() { older.lines } else { newer.lines },
            version_at: newer.version_at,
        }
    }

    /// The history, and the present state where a source tells it without one.
    fn history(&self) -> impl Iterator<Item = StateChange> {
        let told = self.states.iter().any(|change| change.state == self.state);
        let untold = StateChange { state: self.state, at: self.version_at, raw: String::new() };
        self.states.iter().cloned().chain((!told).then_some(untold))
    }
}

fn arrived_at(older: &Parcel, newer: &Parcel) -> DeliveryState {
    let all = in_order(older.history().chain(newer.history()).collect());
    let step = |state: DeliveryState, change: &StateChange| {
        if state.may_become(change.state) { change.state } else { state }
    };
    all.iter().fold(DeliveryState::Unknown, step)
}

/// Oldest first, each once; what happened at the same time in the order of the journey.
fn in_order(mut states: Vec<StateChange>) -> Vec<StateChange> {
    states.sort_by(|a, b| (a.at, a.state.rank(), &a.raw).cmp(&(b.at, b.state.rank(), &b.raw)));
    states.dedup();
    states
}

/// The number to show leads; the others follow in an order that does not depend on when each was met.
fn merged_numbers(older: Vec<String>, newer: Vec<String>) -> Vec<String> {
    let lead = newer.first().or(older.first()).cloned();
    let mut rest: Vec<String> = older.into_iter().chain(newer).filter(|number| Some(number) != lead.as_ref()).collect();
    rest.sort();
    rest.dedup();
    lead.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests;
