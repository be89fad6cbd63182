//! A person allows a connection at the vendor: the way there, and the way back. What the vendor gives goes the way of all
//! new secrets: it lies beside those in use until a check has succeeded with it.

use super::secrets::{self, Rotated, hash_of};
use super::tokens::ACCESS_TOKEN;
use crate::flow::Flow;
use crate::refused::Refused;
use connectors::{Account, AuthorizationCode, Authorize, Mode, OAuthSpec, Spec};
use data_encoding::BASE64URL_NOPAD;
use domain::{AccessToken, Asked, Code, Connection, Granted, OAuth, SealedSecret, Step, TenantId, remark};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::future::Future;
use subtle::ConstantTimeEq as _;
use url::Url;

/// Who is longer on the way has to begin again.
const ON_THE_WAY_MAX: SignedDuration = SignedDuration::from_mins(10);
/// What the verifier is sealed for.
const VERIFIER: &str = "oauth_verifier";

/// The way to the vendor.
#[derive(Debug)]
pub struct Leaving {
    /// The vendor's page.
    pub url: Url,
    /// Who comes back later has to begin again.
    pub until: Timestamp,
    /// As stored now.
    pub connection: Connection,
}

/// What a person came back with.
#[derive(Debug, Clone, Copy)]
pub enum CameBack<'a> {
    /// Allowed: the vendor's code.
    Code(&'a str),
    /// Not allowed: the vendor's word.
    Error(&'a str),
}

/// What became of it.
#[derive(Debug)]
pub enum Connected {
    /// The vendor gave a secret, and it was tried.
    Allowed(Rotated),
    /// The vendor sent the person back with this word. Nothing has changed.
    Refused(String, Connection),
}

impl Flow {
    /// Sends a person to the vendor, from where the way back leads to `redirect_uri`. Of several ways the newest counts.
    ///
    /// # Errors
    /// [`Refused::Unknown`], [`Refused::Conflict`] if nobody can allow this connection at its vendor, or
    /// [`Refused::Ours`].
    pub async fn begin_connect(&self, tenant: &TenantId, id: &str, redirect_uri: &str) -> Result<Leaving, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        let account = self.allowed_at_vendor(connection).await?;
        let state = format!("{id}.{}", self.random_token());
        let verifier = self.random_token();
        let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
        let ask = Authorize { redirect_uri, state: &state, challenge: &challenge };
        let session = self.session(&account, Mode::Live, Step::Look);
        let url = self
            .oauth_of(&account)
            .and_then(|oauth| oauth.authorize_url(&account, &ask))
            .map_err(|stop| self.refuse(stop, &account, &session))?;
        let until = self.now().checked_add(ON_THE_WAY_MAX).unwrap_or(Timestamp::MAX);
        let asked = Asked {
            state_hash: hash_of(&state),
            verifier: self.parts.keys.seal(&account.connection.id, VERIFIER, &verifier.into()).await?,
            redirect_uri: redirect_uri.to_owned(),
            until,
        };
        let connection = self
            .rewrite(account.connection.clone(), |connection| {
                connection.oauth.asked = Some(asked.clone());
                true
            })
            .await?;
        tracing::info!(event = "connect.begun", connection = id, "a person was sent to the vendor");
        Ok(Leaving { url, until, connection })
    }

    /// A person comes back from the vendor. Each way back can be gone once: it is closed before the code is exchanged.
    ///
    /// # Errors
    /// [`Refused::Unknown`], [`Refused::Conflict`] if nobody is on this way (any more), what the vendor says to the code,
    /// or [`Refused::Ours`].
    pub async fn finish_connect(
        &self,
        tenant: &TenantId,
        state: &str,
        back: CameBack<'_>,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Connected, Refused> {
        let id = connection_in(state).ok_or(Refused::Unknown(Code::UnknownConnection))?;
        let connection = self.connection_of(tenant, id).await?;
        let sent = hash_of(state);
        let mut asked = None;
        let now = self.now();
        let connection = self
            .rewrite(connection, |connection| {
                let ours = |asked: &mut Asked| asked.state_hash.as_bytes().ct_eq(sent.as_bytes()).into();
                asked = connection.oauth.asked.take_if(ours);
                asked.is_some()
            })
            .await?;
        let asked =
            asked.filter(|asked| now < asked.until).ok_or_else(|| Refused::Conflict(remark::consent_way_over()))?;
        let code = match back {
            CameBack::Code(code) => code,
            CameBack::Error(word) => {
                tracing::info!(event = "connect.refused", connection = id, "the vendor sent the person back");
                return Ok(Connected::Refused(word.to_owned(), connection));
            }
        };
        let account = self.allowed_at_vendor(connection).await?;
        let kept = self.exchange(&account, &asked, code).await?;
        tracing::info!(event = "connect.allowed", connection = id, "a person has allowed it at the vendor");
        Ok(Connected::Allowed(self.tried_now(kept, deadline.boxed()).await?))
    }

    /// Exchanges the code and lays what comes of it beside the secrets in use.
    async fn exchange(&self, account: &Account, asked: &Asked, code: &str) -> Result<Connection, Refused> {
        let id = &account.connection.id;
        let oauth = oauth_of(account.spec, &account.connection)?;
        let verifier = self.parts.keys.open(id, VERIFIER, &asked.verifier).await?;
        let session = self.session(account, Mode::Live, Step::Look);
        session.hide([code.to_owned(), verifier.expose_secret().to_owned()]);
        let code = AuthorizationCode { code, redirect_uri: &asked.redirect_uri, verifier: verifier.expose_secret() };
        let tokens = match self.oauth_of(account) {
            Ok(vendor) => vendor.exchange(&session, &code).await,
            Err(stop) => Err(stop),
        };
        let tokens = tokens.map_err(|stop| self.refuse(stop, account, &session))?;
        let now = self.now();
        let refresh: SecretString = tokens.refresh.unwrap_or_default();
        let sealed = self.parts.keys.seal(id, oauth.secret, &refresh).await?;
        let granted = Some(Granted { id: self.parts.entropy.word(), before: None });
        let given =
            BTreeMap::from([(oauth.secret.to_owned(), Some(SealedSecret { changed_at: now, sealed, granted }))]);
        let access = self.parts.keys.seal(id, ACCESS_TOKEN, &tokens.access).await?;
        let until = now.checked_add(tokens.expires_in).unwrap_or(Timestamp::MAX);
        self.rewrite(account.connection.clone(), |connection| {
            connection.rotation.pending =
                secrets::pend(connection.rotation.pending.take(), &given, &BTreeMap::new(), now);
            let mark = connection.with_pending().map(|with| with.credentials_mark()).unwrap_or_default();
            connection.oauth.access = Some(AccessToken { sealed: access.clone(), until, mark });
            true
        })
        .await
    }

    async fn allowed_at_vendor(&self, connection: Connection) -> Result<Account, Refused> {
        oauth_of(self.spec_of(&connection)?, &connection)?;
        Ok(self.open(connection).await?)
    }
}

/// The connection that a state names.
#[must_use]
pub fn connection_in(state: &str) -> Option<&str> {
    state.rsplit_once('.').map(|(id, _)| id)
}

/// Whether a person has to allow a connection at its vendor before it can be of use.
#[must_use]
pub fn awaits_consent(spec: &Spec, connection: &Connection) -> bool {
    spec.oauth_of(connection).is_some_and(|oauth| !connection.secrets.contains_key(oauth.secret))
}

/// What was allowed at the vendor stays with a connection only while that is its way of signing in.
pub(super) fn settle(spec: &Spec, connection: &mut Connection) {
    let Some(oauth) = spec.oauth.filter(|_| spec.oauth_of(connection).is_none()) else { return };
    connection.secrets.remove(oauth.secret);
    connection.oauth = OAuth::default();
    if let Some(pending) = &mut connection.rotation.pending {
        pending.secrets.remove(oauth.secret);
    }
    connection.rotation.pending.take_if(|pending| pending.secrets.is_empty());
}

fn oauth_of(spec: &Spec, connection: &Connection) -> Result<OAuthSpec, Refused> {
    spec.oauth_of(connection).ok_or_else(|| Refused::Conflict(remark::consent_not_asked()))
}
