//! What people ask of everything at once: where something is, and what happened by the hour.

use super::{DocumentItem, OrderItem, ParcelItem, PortError, group};
use async_trait::async_trait;
use domain::{ConnectionId, Export, State, TenantId};
use jiff::Timestamp;
use std::collections::BTreeMap;

const HOUR_SECONDS: i64 = 3_600;

/// What is known under some words, each thing once and those that are named exactly first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What begins with a word was looked for as well, among numbers and references.
    pub beginnings: bool,
    /// Orders with this reference.
    pub orders: Vec<OrderItem>,
    /// Documents with this number or id.
    pub documents: Vec<DocumentItem>,
    /// Parcels with this tracking number or id.
    pub parcels: Vec<ParcelItem>,
    /// Exports and looks of these, or of the order.
    pub exports: Vec<Export>,
}

/// What is counted by the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// An export or look was made.
    Arrived,
    /// It was delivered.
    Delivered,
    /// It began to wait for a reason.
    Held,
    /// It became a dead letter.
    Dead,
}

impl Happening {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Arrived, Self::Delivered, Self::Held, Self::Dead];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Delivered => "delivered",
            Self::Held => "held",
            Self::Dead => "dead",
        }
    }

    /// What the write that leaves a record so is, unless the record was in that state before. Looked at again for the
    /// same reason, a hold is no new one.
    #[must_use]
    pub fn of(export: &Export) -> Option<(Self, Timestamp)> {
        let again = export.hold.as_ref().is_some_and(|hold| hold.checks > 0);
        let at = export.receipt.as_ref().map_or(export.changed_at, |receipt| receipt.at);
        match export.state {
            State::Delivered => Some((Self::Delivered, at)),
            State::Held if !again => Some((Self::Held, export.changed_at)),
            State::Dead => Some((Self::Dead, export.changed_at)),
            _ => None,
        }
    }
}

/// The hour of a time, counted from 1970.
#[must_use]
pub fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR_SECONDS)
}

/// The beginning of an hour.
#[must_use]
pub fn hour_begins(hour: i64) -> Timestamp {
    Timestamp::from_second(hour.saturating_mul(HOUR_SECONDS)).unwrap_or(Timestamp::MAX)
}

/// What happened by the hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    /// What this store counts; of the rest it knows nothing.
    pub counted: Vec<Happening>,
    /// How often, by hour, connection (the target, or the source of a look) and happening. What did not happen is absent.
    pub counts: BTreeMap<(i64, ConnectionId, Happening), u64>,
}

impl Hours {
    /// Counts something that happened once.
    pub fn count(&mut self, export: &Export, what: Happening, at: Timestamp) {
        *self.counts.entry((hour_of(at), group(&export.key).clone(), what)).or_default() += 1;
    }
}

/// The ledger, asked about everything it holds.
#[async_trait]
pub trait Figures: Send + Sync {
    /// What has one of these words as reference, number or id; at most `limit` of each kind and word. A store that could
    /// not find beginnings without reading everything finds whole words only.
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError>;
    /// What happened in each hour since the beginning of the given one.
    async fn hours(&self, tenant: &TenantId, since: Timestamp) -> Result<Hours, PortError>;
}
