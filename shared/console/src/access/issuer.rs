//! The identity provider: where its endpoints are, and a code's exchange for an id token.

use connectors::{Answer, Hosts, Http, Lane, Request};
use domain::{ConnectionId, TenantId};
use http::{Method, header};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::sync::{Arc, Mutex, PoisonError};
use url::{Url, form_urlencoded};

/// How long an instance goes by what it has read of the issuer.
const METADATA_LIFE: SignedDuration = SignedDuration::from_hours(1);
const ANSWER_BYTES_MAX: usize = 256 * 1024;
const TOKEN_CHARS_MAX: usize = 64 * 1024;

/// Why somebody is not logged in. The words go to the log; what people read is the code's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// Something did not fit.
    Failed(&'static str),
    /// The issuer could not be asked, or gave nothing that could be used.
    Unavailable(&'static str),
}

/// What the issuer says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) end_session: Option<Url>,
    /// It names itself in its answers, so that one without its name is another's (RFC 9207).
    pub(super) names_itself: bool,
}

#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// What is handed in for an id token.
pub(super) struct Exchange<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) client_id: &'a str,
    pub(super) redirect_uri: &'a str,
}

/// One identity provider.
pub(super) struct Issuer {
    name: String,
    discovery: Url,
    /// Only where private targets are allowed: in tests.
    plain_http: bool,
    kept: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
}

impl Issuer {
    /// `None` if the name is no address that an issuer may have.
    pub(super) fn new(name: &str, plain_http: bool) -> Option<Self> {
        // OpenID Connect Discovery 1.0, section 4.1: a slash at its end is left out before the path is added.
        let discovery = Url::parse(&format!("{}/.well-known/openid-configuration", name.trim_end_matches('/'))).ok()?;
        let plain = !name.contains(['?', '#', '@']) && secure(&discovery, plain_http);
        plain.then(|| Self { name: name.to_owned(), discovery, plain_http, kept: Mutex::default() })
    }

    /// Its name, as its tokens have it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it says about itself, read once an hour. What was read before serves while it cannot be asked.
    pub(super) async fn metadata(&self, http: &dyn Http, now: Timestamp) -> Result<Arc<Metadata>, SignInError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let age = |at: &Timestamp| now.duration_since(*at);
        if let Some((_, metadata)) = kept.as_ref().filter(|(at, _)| age(at) < METADATA_LIFE) {
            return Ok(Arc::clone(metadata));
        }
        match self.discover(http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&metadata)));
                Ok(metadata)
            }
            Err(error) => {
                tracing::warn!(event = "console.issuer_unavailable", ?error);
                kept.map(|(_, metadata)| metadata).ok_or(error)
            }
        }
    }

    async fn discover(&self, http: &dyn Http) -> Result<Metadata, SignInError> {
        let answer = ask(http, Request::get(self.discovery.clone())).await?;
        if answer.status != 200 {
            return Err(SignInError::Unavailable("discovery_refused"));
        }
        let found: Discovered = answer.json().map_err(|_| SignInError::Unavailable("discovery_unreadable"))?;
        // Section 4.3: it must be the very name that was set.
        if found.issuer != self.name {
            return Err(SignInError::Unavailable("discovery_of_another_issuer"));
        }
        let endpoint = |text: &str| Url::parse(text).ok().filter(|url| secure(url, self.plain_http));
        let needed = |text: &str| endpoint(text).ok_or(SignInError::Unavailable("discovery_not_https"));
        Ok(Metadata {
            authorization: needed(&found.authorization_endpoint)?,
            token: needed(&found.token_endpoint)?,
            end_session: found.end_session_endpoint.as_deref().and_then(endpoint),
            names_itself: found.authorization_response_iss_parameter_supported,
        })
    }

    /// Hands in a code for an id token. A code is good once: no call of this kind is ever repeated.
    pub(super) async fn exchange(
        &self,
        http: &dyn Http,
        metadata: &Metadata,
        given: &Exchange<'_>,
    ) -> Result<String, SignInError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", given.code)
            .append_pair("redirect_uri", given.redirect_uri)
            .append_pair("client_id", given.client_id)
            .append_pair("code_verifier", given.verifier)
            .finish();
        let request =
            Request::new(Method::POST, metadata.token.clone()).body("application/x-www-form-urlencoded", form);
        let answer = ask(http, request).await?;
        match answer.status {
            200 => {}
            400..=499 => return Err(SignInError::Failed("code_refused")),
            _ => return Err(SignInError::Unavailable("token_endpoint_failed")),
        }
        let tokens: Tokens = answer.json().map_err(|_| SignInError::Unavailable("tokens_unreadable"))?;
        if tokens.id_token.len() > TOKEN_CHARS_MAX {
            return Err(SignInError::Failed("token_too_large"));
        }
        Ok(tokens.id_token)
    }
}

fn secure(url: &Url, plain_http: bool) -> bool {
    url.has_host() && (url.scheme() == "https" || (plain_http && url.scheme() == "http"))
}

async fn ask(http: &dyn Http, mut request: Request) -> Result<Answer, SignInError> {
    request.answer_bytes_max = Some(ANSWER_BYTES_MAX);
    let request = request.header(header::ACCEPT, "application/json");
    let lane = Lane {
        tenant: TenantId::new("-"),
        // No connection can have this name.
        connection: ConnectionId::new("_issuer"),
        pace: None,
        hosts: Hosts::BaseUrl(request.url.to_string()),
    };
    // As a reading call, for its shorter time-out: a person waits, and a code is spent once whatever becomes of the call.
    http.call(&lane, request, false).await.map_err(|_| SignInError::Unavailable("no_answer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use testkit::{FakeHttp, samples};

    fn described() -> Value {
        json!({
            "issuer": "https://id.example.com/pool", "authorization_endpoint": "https://login.example.com/authorize",
            "token_endpoint": "https://login.example.com/token",
        })
    }

    fn with(name: &str, value: &str) -> Value {
        let mut described = described();
        described[name] = value.into();
        described
    }

    fn issuer() -> Issuer {
        Issuer::new("https://id.example.com/pool", false).unwrap()
    }

    async fn read(described: Value) -> Result<Arc<Metadata>, SignInError> {
        let http = FakeHttp::default();
        http.on(Method::GET, "/pool/.well-known/openid-configuration", move |_| testkit::json(200, &described));
        issuer().metadata(&http, samples::noon()).await
    }

    #[tokio::test]
    async fn an_issuer_must_describe_itself_and_be_reached_over_tls() {
        let metadata = read(described()).await.unwrap();
        assert_eq!((metadata.token.as_str(), &metadata.end_session), ("https://login.example.com/token", &None));
        for (name, value, reason) in [
            ("issuer", "https://id.example.com/pool/", "discovery_of_another_issuer"),
            ("issuer", "https://evil.example.com", "discovery_of_another_issuer"),
            ("token_endpoint", "http://login.example.com/token", "discovery_not_https"),
            ("authorization_endpoint", "javascript:alert(1)", "discovery_not_https"),
            ("authorization_endpoint", "/authorize", "discovery_not_https"),
        ] {
            assert_eq!(read(with(name, value)).await, Err(SignInError::Unavailable(reason)), "{name} {value}");
        }
        let no_way_out = read(with("end_session_endpoint", "http://login.example.com/logout")).await.unwrap();
        assert_eq!(no_way_out.end_session, None);
    }

    #[tokio::test]
    async fn it_is_asked_once_an_hour_and_what_it_said_serves_while_it_is_away() {
        let (http, issuer, asked) = (FakeHttp::default(), issuer(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&asked);
        http.on(Method::GET, "/pool/", move |_| match count.fetch_add(1, Ordering::Relaxed) {
            0 => testkit::json(200, &described()),
            _ => testkit::json(503, &json!({})),
        });
        let at = |minutes| samples::noon() + SignedDuration::from_mins(minutes);
        for minutes in [0, 59, 60] {
            issuer.metadata(&http, at(minutes)).await.unwrap();
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn an_issuer_is_an_address_without_frills() {
        for bad in
            ["", "id.example.com", "http://id.example.com", "https://x@id.example.com", "https://id.example.com?x"]
        {
            assert!(Issuer::new(bad, false).is_none(), "{bad}");
        }
        assert!(Issuer::new("http://127.0.0.1:9", true).is_some());
        let slash = Issuer::new("https://id.example.com/", false).unwrap();
        assert_eq!(slash.discovery.as_str(), "https://id.example.com/.well-known/openid-configuration");
    }
}
