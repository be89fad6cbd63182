//! What a person allows at the vendor itself, where no secret is entered here: OAuth 2.0, authorization code.

use super::SealedSecret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A person is on the way to the vendor and back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// SHA-256 of the state that went along, hexadecimal.
    pub state_hash: String,
    /// The verifier whose challenge went along (PKCE), sealed.
    pub verifier: String,
    /// Where the vendor sends the person back to.
    pub redirect_uri: String,
    /// Who comes back later has to begin again.
    pub until: Timestamp,
}

/// Somebody is asking the vendor for new tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshing {
    /// Who.
    pub by: String,
    /// By then it has ended, or crashed.
    pub until: Timestamp,
}

/// The access token that was given last, for all processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Sealed.
    pub sealed: String,
    /// When it ends.
    pub until: Timestamp,
    /// With which credentials it was asked for ([`super::Connection::credentials_mark`]).
    pub mark: u64,
}

/// What belongs to a connection that a person allows at the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OAuth {
    /// A person is on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// New tokens are being asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refreshing: Option<Refreshing>,
    /// What is used until it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessToken>,
}

impl OAuth {
    /// Nothing was ever asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A secret that a vendor has given, and may exchange whenever it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Names what a person has allowed once; the same for all secrets that come of it.
    pub id: String,
    /// The one before it, sealed, until this one has succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl SealedSecret {
    /// What was entered.
    #[must_use]
    pub const fn entered(changed_at: Timestamp, sealed: String) -> Self {
        Self { changed_at, sealed, granted: None }
    }

    /// What a person has given or allowed: another one only once a person has done so again, however often the vendor
    /// exchanges it meanwhile.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.granted.as_ref().map_or(&self.sealed, |granted| &granted.id)
    }
}
