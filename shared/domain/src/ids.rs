//! Identifiers: one type per kind of thing, so that none can be passed for another.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An identifier that does not have the required form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} must match {pattern}")]
pub struct InvalidId {
    what: &'static str,
    pattern: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id!(
    /// One merchant. Everything belongs to one; nothing crosses.
    TenantId
);
id!(
    /// A sale's reference as one channel knows it, for example Magento's increment id.
    OrderReference
);
id!(
    /// Names an export; encodes its [`crate::ExportKey`].
    ExportId
);
id!(
    /// One run of a worker over one export: random, so that a repeated claim recognises itself.
    RunId
);
id!(
    /// One arrival of news about a source object; repeated deliveries of one queue message share it.
    EventId
);
id!(
    /// A long-running piece of work that a person asked for.
    JobId
);
id!(
    /// A configured link to an outside system; unique in a deployment. Form: `[a-z0-9-]{3,64}`.
    ConnectionId
);

impl TenantId {
    /// The one tenant of a single-machine deployment.
    #[must_use]
    pub fn local() -> Self {
        Self::new("default")
    }
}

impl ConnectionId {
    /// Checks the form a person must keep to.
    ///
    /// # Errors
    /// [`InvalidId`] unless the text is 3 to 64 characters of `a-z`, `0-9` and `-`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let fits = (3..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self::new(text)) } else { Err(InvalidId { what: "a connection id", pattern: "[a-z0-9-]{3,64}" }) }
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionId;

    #[test]
    fn connection_ids_keep_to_their_form() {
        for good in ["abc", "shop-1", "0-0"] {
            assert!(ConnectionId::parse(good).is_ok(), "{good}");
        }
        for bad in ["ab", "Shop", "a_b", "a b c", "", &"x".repeat(65)] {
            assert!(ConnectionId::parse(bad).is_err(), "{bad}");
        }
    }
}
