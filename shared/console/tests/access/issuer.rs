//! A practice identity provider: strict about what it is asked, and willing to answer wrongly.

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use connectors::Clock;
use data_encoding::BASE64URL_NOPAD;
use http::{Request, StatusCode};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testkit::ManualClock;
use tower::ServiceExt;
use url::Url;

pub(crate) const CLIENT: &str = "backhaul-console";

type Fields = BTreeMap<String, String>;

/// A code that was given out.
struct Code {
    challenge: String,
    nonce: String,
    redirect_uri: String,
    used: bool,
}

/// What it does next.
#[derive(Default)]
pub(crate) struct Conduct {
    /// The claims of whoever logs in, beside the standard ones.
    pub(crate) person: Value,
    /// Claims of the token that are other than they should be.
    pub(crate) wrong: Vec<(&'static str, Value)>,
    /// What the description says beside or instead of the truth.
    pub(crate) described: Vec<(&'static str, Value)>,
    /// The token endpoint fails with this status.
    pub(crate) token_status: Option<u16>,
    /// Questions that came to each path.
    pub(crate) asked: BTreeMap<&'static str, usize>,
    codes: BTreeMap<String, Code>,
    made: usize,
}

/// The provider, listening on a port of its own.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) conduct: Arc<Mutex<Conduct>>,
    clock: Arc<ManualClock>,
    /// Where our client may be sent back to.
    console: String,
}

impl Issuer {
    /// One that knows the console under this address.
    pub(crate) async fn start(clock: Arc<ManualClock>, console: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/pool", listener.local_addr().unwrap());
        let conduct = Conduct {
            person: json!({"sub": "jana", "custom:tenant": "acme", "cognito:groups": ["operator"]}),
            ..Conduct::default()
        };
        let issuer = Self { url, conduct: Arc::new(Mutex::new(conduct)), clock, console: console.to_owned() };
        let router = issuer.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/pool/.well-known/openid-configuration", get(describe))
            .route("/pool/authorize", get(authorize))
            .route("/pool/token", post(token))
            .route("/pool/logout", get(logout))
            .with_state(self.clone())
    }

    /// A browser comes here; where it is sent, or the refusal.
    pub(crate) async fn visit(&self, address: &str) -> Result<String, String> {
        let address = Url::parse(address).unwrap();
        assert!(address.as_str().starts_with(&self.url), "not this issuer's: {address}");
        let request = Request::get(address.as_str()).body(Body::empty()).unwrap();
        let answer = self.router().oneshot(request).await.unwrap();
        match answer.headers().get("location") {
            Some(location) => Ok(location.to_str().unwrap().to_owned()),
            None => {
                let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
                Err(String::from_utf8(body.to_vec()).unwrap())
            }
        }
    }

    pub(crate) fn person(&self, claims: Value) {
        self.conduct.lock().unwrap().person = claims;
    }

    pub(crate) fn asked(&self, path: &'static str) -> usize {
        self.conduct.lock().unwrap().asked.get(path).copied().unwrap_or_default()
    }

    fn count(&self, path: &'static str) {
        *self.conduct.lock().unwrap().asked.entry(path).or_default() += 1;
    }
}

fn refuse(status: u16, error: &str) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(json!({"error": error}))).into_response()
}

async fn describe(State(issuer): State<Issuer>) -> Response {
    issuer.count("describe");
    let url = &issuer.url;
    let mut described = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "end_session_endpoint": format!("{url}/logout"),
        "response_types_supported": ["code"],
    });
    for (name, value) in &issuer.conduct.lock().unwrap().described {
        described[*name] = value.clone();
    }
    axum::Json(described).into_response()
}

async fn authorize(State(issuer): State<Issuer>, Query(asked): Query<Fields>) -> Response {
    let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let redirect_uri = format!("{}/login/callback", issuer.console);
    if get("client_id") != CLIENT || get("redirect_uri") != redirect_uri {
        // Whoever asks for another place must not be sent there.
        return refuse(400, "unknown client or redirect_uri");
    }
    let long = |text: &str| text.len() >= 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let right = get("response_type") == "code"
        && get("scope").split(' ').any(|scope| scope == "openid")
        && get("code_challenge_method") == "S256"
        && get("code_challenge").len() == 43
        && long(get("state"))
        && long(get("nonce"));
    if !right {
        return refuse(400, "the request is not a code flow with PKCE, state and nonce");
    }
    let mut conduct = issuer.conduct.lock().unwrap();
    conduct.made += 1;
    let code = format!("code/{}+", conduct.made);
    let made = Code {
        challenge: get("code_challenge").to_owned(),
        nonce: get("nonce").to_owned(),
        redirect_uri: redirect_uri.clone(),
        used: false,
    };
    conduct.codes.insert(code.clone(), made);
    let mut back = Url::parse(&redirect_uri).unwrap();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", get("state"));
    Redirect::to(back.as_str()).into_response()
}

async fn token(State(issuer): State<Issuer>, Form(given): Form<Fields>) -> Response {
    issuer.count("token");
    let get = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
    let mut conduct = issuer.conduct.lock().unwrap();
    if let Some(status) = conduct.token_status {
        return refuse(status, "server_error");
    }
    if get("grant_type") != "authorization_code" || get("client_id") != CLIENT || given.contains_key("client_secret") {
        return refuse(401, "invalid_client");
    }
    let challenge = BASE64URL_NOPAD.encode(digest(&SHA256, get("code_verifier").as_bytes()).as_ref());
    let Some(code) = conduct.codes.get_mut(get("code")) else { return refuse(400, "invalid_grant") };
    // RFC 6749, section 4.1.2: a code is used once; it is spent by a wrong verifier too.
    let good = !std::mem::replace(&mut code.used, true)
        && code.challenge == challenge
        && code.redirect_uri == get("redirect_uri");
    if !good {
        return refuse(400, "invalid_grant");
    }
    let now = issuer.clock.now().as_second();
    let mut claims = json!({
        "iss": issuer.url, "aud": CLIENT, "nonce": code.nonce, "iat": now, "exp": now + 3600, "token_use": "id",
    });
    let person = conduct.person.as_object().unwrap().clone();
    for (name, value) in person.into_iter().chain(conduct.wrong.iter().map(|(n, v)| ((*n).to_owned(), v.clone()))) {
        claims[name] = value;
    }
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let id_token = format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256", "kid": "1"})), part(&claims));
    axum::Json(json!({"id_token": id_token, "access_token": "at", "token_type": "Bearer"})).into_response()
}

async fn logout(State(issuer): State<Issuer>, Query(asked): Query<Fields>) -> Response {
    issuer.count("logout");
    let back = format!("{}/logged-out", issuer.console);
    let get = |name: &str| asked.get(name).map(String::as_str);
    if get("client_id") != Some(CLIENT)
        || get("post_logout_redirect_uri") != Some(&back)
        || get("logout_uri") != Some(&back)
    {
        return refuse(400, "unknown client or place to go");
    }
    Redirect::to(&back).into_response()
}
