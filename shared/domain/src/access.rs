//! What whoever asks may do.

use serde::{Deserialize, Serialize};

/// What whoever asks may do. Ordered: more is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRole {
    /// See everything, and change nothing.
    #[default]
    Viewer,
    /// Change everything.
    Operator,
}

impl AccessRole {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Viewer, Self::Operator];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }

    /// Reads [`AccessRole::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}
