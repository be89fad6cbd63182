//! News from a source: a hint that something changed, never the truth about it.

use crate::Subject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How we heard of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A verified webhook.
    Webhook,
    /// A line found by polling.
    Poll,
    /// A person asked for it.
    Hand,
    /// A batch: an export, or parcels that were told.
    Batch,
    /// One of our own: something a hold waited for has happened.
    Release,
}

impl Cause {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Hand => "hand",
            Self::Batch => "batch",
            Self::Release => "release",
        }
    }

    /// Whether repeating it counts as a suppressed duplicate.
    #[must_use]
    pub const fn counts_as_duplicate(self) -> bool {
        matches!(self, Self::Webhook | Self::Hand | Self::Batch)
    }
}

/// One source object that changed, as a webhook or a polled list names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHint {
    /// What changed.
    pub subject: Subject,
    /// What is needed to read it again and is not its id (a parcel's tracking number, its order number). Small.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hints: BTreeMap<String, String>,
}
