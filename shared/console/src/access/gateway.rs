//! Behind a gateway: what it takes to let people and programs in without keeping anything of theirs.

use super::by::By;
use super::claims::Claims;
use super::id_token::Expected;
use super::issuer::{Exchange, Issuer, Metadata, SignInError};
use super::seal::{Purpose, Seal};
use crate::host;
use crate::state::Options;
use axum::extract::Request;
use connectors::{Entropy, Http};
use data_encoding::BASE64URL_NOPAD;
use domain::{AccessRole, TenantId};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use url::{Host, Url};

/// How long a session lasts. Nobody keeps it, so nobody can end it earlier for somebody else: see the decision page.
pub(crate) const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(8);
/// How long a login may take.
pub(crate) const LOGIN_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// The session's cookie. The prefix makes browsers refuse it unless it is this very host's, secure and for every path.
pub(crate) const SESSION_COOKIE: &str = "__Host-backhaul_session";
/// The cookie of a login under way.
pub(crate) const LOGIN_COOKIE: &str = "__Host-backhaul_login";
/// Where the identity provider sends people back to.
pub(crate) const CALLBACK_PATH: &str = "/login/callback";
/// Where it sends them after they have logged out there.
pub(crate) const LOGGED_OUT_PATH: &str = "/logged-out";
const RETURN_CHARS_MAX: usize = 1024;

/// What access behind a gateway needs to know.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// The identity provider's name, which is the address that its description is found under.
    pub issuer: String,
    /// Our name there: a public client, which proves itself by PKCE.
    pub client_id: String,
    /// What is asked for, with spaces between; `openid` must be among it.
    pub scopes: String,
    /// The claim that names the tenant. Users must not be able to write it.
    pub tenant_claim: String,
    /// The claim that lists the groups a user is in, of which `operator` makes an operator; whoever is in none is a viewer.
    /// Users must not be able to write it.
    pub role_claim: String,
    /// Signs sessions, at least 32 characters. The same for all instances.
    pub key: SecretString,
    /// What signed until `key` did, while sessions of it may be open.
    pub previous_key: Option<SecretString>,
}

impl GatewaySettings {
    /// With the usual scope and claims.
    pub fn new(issuer: impl Into<String>, client_id: impl Into<String>, key: SecretString) -> Self {
        Self {
            issuer: issuer.into(),
            client_id: client_id.into(),
            scopes: "openid".to_owned(),
            tenant_claim: "custom:tenant".to_owned(),
            role_claim: "cognito:groups".to_owned(),
            key,
            previous_key: None,
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The public address.
    #[error("the public URL must be an https address without a path, since cookies and pages live at its root")]
    PublicUrl,
    /// The issuer.
    #[error("the OIDC issuer must be an https address")]
    Issuer,
    /// The client id.
    #[error("the OIDC client id is missing")]
    ClientId,
    /// The scopes.
    #[error("openid must be among the OIDC scopes")]
    Scopes,
    /// The tenant claim.
    #[error("the tenant claim is missing")]
    TenantClaim,
    /// The role claim.
    #[error("the role claim is missing")]
    RoleClaim,
    /// A key.
    #[error("a signing key must have at least 32 characters")]
    Key,
}

/// Access behind a gateway.
pub struct Gateway {
    issuer: Issuer,
    client_id: String,
    scopes: String,
    tenant_claim: String,
    role_claim: String,
    public_url: Url,
    public_host: Host,
    seal: Seal,
}

/// What a session's cookie says.
#[derive(Serialize, Deserialize)]
struct SessionCookie {
    #[serde(rename = "t")]
    tenant: TenantId,
    /// Of a session that was opened before there were roles, the least.
    #[serde(rename = "r", default)]
    role: AccessRole,
    /// Makes each session's form token another.
    #[serde(rename = "s")]
    id: String,
    #[serde(rename = "e")]
    until: i64,
    /// Who it is, as the issuer names them.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    who: Option<String>,
}

/// What the cookie of a login under way says.
#[derive(Serialize, Deserialize)]
struct LoginCookie {
    #[serde(rename = "s")]
    state: String,
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "r")]
    return_to: String,
    #[serde(rename = "e")]
    until: i64,
}

/// An open session.
pub(crate) struct OpenSession {
    pub(crate) by: By,
    pub(crate) csrf: String,
    pub(crate) until: Timestamp,
}

/// A login that has begun.
pub(crate) struct Begun {
    /// Where the browser goes.
    pub(crate) address: Url,
    /// What it keeps meanwhile.
    pub(crate) cookie: String,
}

/// What the identity provider sent back with the browser.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CameBack<'a> {
    pub(crate) state: Option<&'a str>,
    pub(crate) code: Option<&'a str>,
    pub(crate) issuer: Option<&'a str>,
}

/// The login of this browser, as its cookie tells it.
pub(crate) struct Pending {
    nonce: String,
    verifier: String,
    /// Where the person wanted to go.
    pub(crate) return_to: String,
}

impl Gateway {
    /// Puts it together. The public address is that of the options; plain `http` is taken only where they allow private
    /// targets.
    ///
    /// # Errors
    /// [`GatewayError`] says what cannot be used.
    pub fn new(settings: &GatewaySettings, options: &Options) -> Result<Self, GatewayError> {
        let plain_http = options.allow_private_targets;
        let public_url = options.public_url.as_deref().and_then(|url| Url::parse(url).ok());
        let public_url = public_url.filter(|url| {
            let scheme = url.scheme() == "https" || (plain_http && url.scheme() == "http");
            let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            scheme && bare && url.path() == "/"
        });
        let public_url = public_url.ok_or(GatewayError::PublicUrl)?;
        let public_host = public_url.host().ok_or(GatewayError::PublicUrl)?.to_owned();
        let issuer = Issuer::new(&settings.issuer, plain_http).ok_or(GatewayError::Issuer)?;
        if settings.client_id.is_empty() {
            return Err(GatewayError::ClientId);
        }
        if !settings.scopes.split_ascii_whitespace().any(|scope| scope == "openid") {
            return Err(GatewayError::Scopes);
        }
        if settings.tenant_claim.is_empty() {
            return Err(GatewayError::TenantClaim);
        }
        if settings.role_claim.is_empty() {
            return Err(GatewayError::RoleClaim);
        }
        let seal = Seal::new(&settings.key, settings.previous_key.as_ref()).ok_or(GatewayError::Key)?;
        Ok(Self {
            issuer,
            client_id: settings.client_id.clone(),
            scopes: settings.scopes.clone(),
            tenant_claim: settings.tenant_claim.clone(),
            role_claim: settings.role_claim.clone(),
            public_url,
            public_host,
            seal,
        })
    }

    /// Whether a request names our public host and no other. Some gateways leave the authority out of the target and
    /// some put it there; whatever is said must fit.
    pub(crate) fn is_addressed(&self, request: &Request) -> bool {
        let mut named = host::named(request).peekable();
        named.peek().is_some() && named.all(|text| host::read(text).is_some_and(|host| host == self.public_host))
    }

    /// Whose verified claims these are, if they name a tenant.
    pub(crate) fn by(&self, claims: &Claims) -> Option<By> {
        let tenant = claims.tenant(&self.tenant_claim)?;
        Some(By { tenant, role: claims.role(&self.role_claim), who: claims.subject() })
    }

    /// Begins a login that ends at `return_to`. `anew` has the issuer ask who it is, even if it knows.
    pub(crate) async fn begin(
        &self,
        http: &dyn Http,
        entropy: &dyn Entropy,
        now: Timestamp,
        return_to: &str,
        anew: bool,
    ) -> Result<Begun, SignInError> {
        let metadata = self.issuer.metadata(http, now).await?;
        let random = || BASE64URL_NOPAD.encode(&[entropy.bytes(), entropy.bytes()].concat());
        let (state, nonce) = (random(), random());
        // The verifier is made of the state under our key, so that it is kept by nobody and known to no browser.
        let verifier = self.seal.derive(Purpose::Verifier, &state);
        let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
        let mut address = metadata.authorization.clone();
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.at(CALLBACK_PATH))
            .append_pair("scope", &self.scopes)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        if anew {
            address.query_pairs_mut().append_pair("prompt", "login");
        }
        let until = later(now, LOGIN_LIFE).as_second();
        let cookie = LoginCookie { state, nonce, return_to: return_to.to_owned(), until };
        Ok(Begun { address, cookie: self.seal.close(Purpose::Login, &cookie) })
    }

    /// The login that this browser began, if what came back belongs to it.
    pub(crate) fn pending(
        &self,
        cookie: Option<&str>,
        came: CameBack<'_>,
        now: Timestamp,
    ) -> Result<Pending, SignInError> {
        let opened = cookie.and_then(|cookie| self.seal.open::<LoginCookie>(Purpose::Login, cookie));
        let opened = opened.ok_or(SignInError::Failed("no_login_under_way"))?;
        let login = &opened.value;
        if login.until <= now.as_second() {
            return Err(SignInError::Failed("login_took_too_long"));
        }
        if !came.state.is_some_and(|state| bool::from(state.as_bytes().ct_eq(login.state.as_bytes()))) {
            return Err(SignInError::Failed("state"));
        }
        Ok(Pending {
            nonce: login.nonce.clone(),
            verifier: opened.derive(Purpose::Verifier, &login.state),
            return_to: login.return_to.clone(),
        })
    }

    /// Exchanges the code and checks what comes for it.
    pub(crate) async fn finish(
        &self,
        http: &dyn Http,
        pending: &Pending,
        came: CameBack<'_>,
        now: Timestamp,
    ) -> Result<Claims, SignInError> {
        let metadata = self.issuer.metadata(http, now).await?;
        // RFC 9207, section 2.4: whoever names itself must be the issuer that was asked.
        let ours = came.issuer.map_or(!metadata.names_itself, |named| named == self.issuer.name());
        if !ours {
            return Err(SignInError::Failed("answer_of_another_issuer"));
        }
        let code = came.code.ok_or(SignInError::Failed("refused_by_the_issuer"))?;
        let redirect_uri = self.at(CALLBACK_PATH);
        let given =
            Exchange { code, verifier: &pending.verifier, client_id: &self.client_id, redirect_uri: &redirect_uri };
        let token = self.issuer.exchange(http, &metadata, &given).await?;
        let expected = Expected { issuer: self.issuer.name(), client_id: &self.client_id, nonce: &pending.nonce, now };
        expected.read(&token)
    }

    /// The value of a new session's cookie.
    pub(crate) fn open_session(&self, by: By, random: [u8; 16], now: Timestamp) -> String {
        let By { tenant, role, who } = by;
        let until = later(now, SESSION_LIFE).as_second();
        let session = SessionCookie { tenant, role, id: BASE64URL_NOPAD.encode(&random), until, who };
        self.seal.close(Purpose::Session, &session)
    }

    /// The session of a cookie.
    pub(crate) fn session(&self, cookie: &str, now: Timestamp) -> Option<OpenSession> {
        let opened = self.seal.open::<SessionCookie>(Purpose::Session, cookie)?;
        let until = Timestamp::from_second(opened.value.until).ok().filter(|until| *until > now)?;
        let csrf = opened.derive(Purpose::Form, &opened.value.id);
        let SessionCookie { tenant, role, who, .. } = opened.value;
        Some(OpenSession { csrf, until, by: By { tenant, role, who } })
    }

    /// Where one logs out of the identity provider too, if it has such a place.
    pub(crate) async fn way_out(&self, http: &dyn Http, now: Timestamp) -> Option<Url> {
        let metadata: Arc<Metadata> = self.issuer.metadata(http, now).await.ok()?;
        let mut address = metadata.end_session.clone()?;
        let back = self.at(LOGGED_OUT_PATH);
        // OpenID Connect RP-Initiated Logout 1.0, section 2. Cognito knows the way back by a name of its own.
        address
            .query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("post_logout_redirect_uri", &back)
            .append_pair("logout_uri", &back);
        Some(address)
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// A path of our own, with its query, out of what an address asks for. Never another site's.
pub(crate) fn local_path(text: &str) -> Option<String> {
    // Browsers read a second slash or backslash as the begin of a host, and leave tabs and line ends out.
    if text.len() > RETURN_CHARS_MAX || !text.starts_with('/') || text.contains('\\') || text.contains(char::is_control)
    {
        return None;
    }
    // A host that is nobody's: what leads away from it leads away from us.
    let base = Url::parse("https://backhaul.invalid/").ok()?;
    let url = base.join(text).ok().filter(|url| url.origin() == base.origin() && url.username().is_empty())?;
    let path = url.path();
    // In and out lead nowhere by themselves.
    let in_and_out = ["/login", "/logout", LOGGED_OUT_PATH].iter().any(|door| path.starts_with(door));
    if path.starts_with("//") || in_and_out {
        return None;
    }
    Some(url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")))
}

fn later(now: Timestamp, life: SignedDuration) -> Timestamp {
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}
