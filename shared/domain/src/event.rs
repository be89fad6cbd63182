//! News from a source: a hint that something changed, never the truth about it.

use crate::{ConnectionId, ExportKey, Operation, Subject};
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

/// What a request for many is restricted to. What is not within it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Within {
    /// Only this target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ConnectionId>,
    /// Only these; none named is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
}

impl Within {
    /// Whether an operation is.
    #[must_use]
    pub fn does(&self, operation: Operation) -> bool {
        self.operations.is_empty() || self.operations.contains(&operation)
    }

    /// Whether an export is.
    #[must_use]
    pub fn holds(&self, key: &ExportKey) -> bool {
        self.does(key.operation) && self.target.as_ref().is_none_or(|target| key.target.as_ref() == Some(target))
    }

    /// Whether everything is.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.target.is_none() && self.operations.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Cause::{self, *};

    #[test]
    fn words_and_serialised_names_agree() {
        for cause in [Webhook, Poll, Hand, Batch, Release] {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
        }
    }

    #[test]
    fn a_polled_line_already_seen_and_news_of_our_own_are_no_duplicates() {
        let counted = |cause: &Cause| cause.counts_as_duplicate();
        assert!([Webhook, Hand, Batch].iter().all(counted));
        assert!(![Poll, Release].iter().any(counted));
    }
}
