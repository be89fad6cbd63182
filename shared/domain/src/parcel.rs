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
            (_, Self::Unknown) => matches!(self, Self::Unknown),
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
    /// Known numbers, the one to show the buyer first. They merge, they are never overwritten.
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

    /// Adds what `newer` says to what is known: numbers merge, the state only moves as it may, changes are kept in
    /// the order of their time, and facts that `newer` does not carry stay.
    #[must_use]
    pub fn merged(mut self, newer: Self) -> Self {
        for number in newer.tracking_numbers {
            if !self.tracking_numbers.contains(&number) {
                self.tracking_numbers.push(number);
            }
        }
        if self.state.may_become(newer.state) && newer.version_at >= self.version_at {
            self.state = newer.state;
        }
        for change in newer.states {
            if !self.states.contains(&change) {
                self.states.push(change);
            }
        }
        self.states.sort_by_key(|s| s.at);
        self.carrier = newer.carrier.or(self.carrier);
        self.tracking_url = newer.tracking_url.or(self.tracking_url);
        self.order_reference = newer.order_reference.or(self.order_reference);
        if !newer.lines.is_empty() {
            self.lines = newer.lines;
        }
        self.version_at = self.version_at.max(newer.version_at);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryState::{self, *};

    const ALL: [DeliveryState; 8] =
        [LabelCreated, InTransit, OutForDelivery, Delivered, DeliveryFailed, Returned, Cancelled, Unknown];

    #[test]
    fn states_move_forward_and_late_older_news_change_nothing() {
        assert!(LabelCreated.may_become(Delivered));
        assert!(!Delivered.may_become(InTransit));
        assert!(!OutForDelivery.may_become(InTransit));
        assert!(DeliveryFailed.may_become(OutForDelivery));
        assert!(DeliveryFailed.may_become(Delivered));
        assert!(!Cancelled.may_become(Delivered));
    }

    #[test]
    fn a_failure_alone_does_not_prove_that_the_courier_ever_had_it() {
        assert!(!DeliveryFailed.handed_over() && !LabelCreated.handed_over() && !Unknown.handed_over());
        assert!(InTransit.handed_over() && Returned.handed_over());
    }

    #[test]
    fn anything_may_be_returned_and_nothing_leaves_returned() {
        for state in ALL {
            assert_eq!(state.may_become(Returned), state != Returned, "{state:?}");
            assert!(!Returned.may_become(state), "{state:?}");
        }
    }
}
