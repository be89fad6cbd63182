//! Connections that a person allows at the vendor itself (OAuth 2.0, authorization code): what a connector knows of its
//! vendor's way, and where tokens are kept.

use crate::account::Account;
use crate::session::Session;
use crate::spec::Spec;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::Connection;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde::Serialize;
use url::Url;

/// Which secret is filled at the vendor, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OAuthSpec {
    /// The secret that nobody enters: the refresh token.
    pub secret: &'static str,
    /// The setting that chooses this way …
    pub setting: &'static str,
    /// … where it has this value.
    pub value: &'static str,
}

/// What goes along with a person to the vendor.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'a> {
    /// Where the vendor sends the person back to.
    pub redirect_uri: &'a str,
    /// Comes back as it is.
    pub state: &'a str,
    /// Base64url of the SHA-256 of a verifier (PKCE, `S256`).
    pub challenge: &'a str,
}

/// What a person came back with.
#[derive(Debug, Clone, Copy)]
pub struct AuthorizationCode<'a> {
    /// The vendor's.
    pub code: &'a str,
    /// As it was when the person left.
    pub redirect_uri: &'a str,
    /// Its challenge went along.
    pub verifier: &'a str,
}

/// What the vendor gives for a code or a refresh token.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For calls.
    pub access: SecretString,
    /// How long it lives.
    pub expires_in: SignedDuration,
    /// For the next access token; absent where the one in use stays so.
    pub refresh: Option<SecretString>,
}

/// A vendor at which a person allows a connection.
#[async_trait]
pub trait OAuth: Send + Sync {
    /// The vendor's page to which a person is sent.
    ///
    /// # Errors
    /// [`Stop::Fail`] if no address can be made of the settings.
    fn authorize_url(&self, account: &Account, ask: &Authorize<'_>) -> Result<Url, Stop>;

    /// Exchanges the code.
    async fn exchange(&self, session: &Session<'_>, code: &AuthorizationCode<'_>) -> Result<Tokens, Stop>;

    /// Asks for new tokens. A token that is no longer good is [`Stop::Credentials`].
    async fn refresh(&self, session: &Session<'_>, refresh_token: &str) -> Result<Tokens, Stop>;
}

/// Keeps tokens for all processes that use a connection.
#[async_trait]
pub trait TokenKeeper: Send + Sync {
    /// An access token that is not the one that was refused: one that somebody has been given already, else a new one by
    /// [`OAuth::refresh`], of which nothing is used before it is kept.
    async fn access_token(&self, session: &Session<'_>, refused: Option<&str>) -> Result<String, Stop>;
}

impl Spec {
    /// How a connection is allowed at the vendor, if it is one that is.
    #[must_use]
    pub fn oauth_of(&self, connection: &Connection) -> Option<OAuthSpec> {
        self.oauth.filter(|oauth| {
            let given = connection.setting(oauth.setting).filter(|text| !text.is_empty());
            given.or_else(|| self.default_of(oauth.setting)) == Some(oauth.value)
        })
    }
}
