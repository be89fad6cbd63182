//! Secrets on their way in and out: new ones that must first succeed, and old ones of webhooks that are still accepted.

use super::{Connection, SealedSecret};
use crate::Code;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// New secrets, kept beside those in use until a check succeeds with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSecrets {
    /// When a person last gave some of them.
    pub since: Timestamp,
    /// By name, sealed.
    pub secrets: BTreeMap<String, SealedSecret>,
    /// Settings that come into force with them, such as the public half of a key; `null` removes one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
    /// When they were last tried.
    #[serde(default)]
    pub tried_at: Option<Timestamp>,
    /// How often.
    #[serde(default)]
    pub tries: u32,
    /// Why the last try failed; absent while one is under way.
    #[serde(default)]
    pub failure: Option<Code>,
    /// When they are tried again by themselves; absent: only when somebody asks.
    #[serde(default)]
    pub next_try: Option<Timestamp>,
}

/// A secret of a webhook that another has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    /// Its name.
    pub name: String,
    /// Sealed.
    pub sealed: String,
    /// When it was replaced.
    pub replaced_at: Timestamp,
    /// Accepted until then at most.
    pub until: Timestamp,
}

/// A token of a webhook address that another has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerToken {
    /// SHA-256 of it, hexadecimal.
    pub hash: String,
    /// When it was replaced.
    pub replaced_at: Timestamp,
    /// Accepted until then at most.
    pub until: Timestamp,
}

/// Secrets that are not, or not only, those in use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rotation {
    /// New ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingSecrets>,
    /// Old ones of webhooks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerSecret>,
    /// Old tokens of the webhook's address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former_tokens: Vec<FormerToken>,
}

impl Rotation {
    /// Nothing is being exchanged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Drops what is accepted no more.
    pub fn prune(&mut self, now: Timestamp, overlap: SignedDuration) {
        self.former.retain(|former| now < ends(former.replaced_at, former.until, overlap));
        self.former_tokens.retain(|former| now < ends(former.replaced_at, former.until, overlap));
    }
}

/// When something replaced is accepted no more: a shorter overlap holds for what was replaced before it was set, a longer
/// one revives nothing.
#[must_use]
pub fn ends(replaced_at: Timestamp, until: Timestamp, overlap: SignedDuration) -> Timestamp {
    replaced_at.checked_add(overlap).map_or(until, |end| end.min(until))
}

impl Connection {
    /// As it would be if the pending secrets were in use, where there are any.
    #[must_use]
    pub fn with_pending(&self) -> Option<Self> {
        let pending = self.rotation.pending.as_ref()?;
        let mut tried = self.clone();
        tried.secrets.extend(pending.secrets.clone());
        for (name, value) in &pending.settings {
            if value.is_null() {
                tried.settings.remove(name);
            } else {
                tried.settings.insert(name.clone(), value.clone());
            }
        }
        Some(tried)
    }

    /// A number that is another one once a person has written the connection or its secrets were exchanged: what was
    /// found out with older ones says nothing about these.
    #[must_use]
    pub fn credentials_mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.changed_at.hash(&mut hasher);
        for (name, secret) in &self.secrets {
            (name, secret.origin()).hash(&mut hasher);
        }
        hasher.finish()
    }
}
