//! Practice Fakturoid, API v3: consent, token, documents, PDF, webhooks.
//!
//! Strict where the vendor is: `User-Agent` with a contact on every call, tokens that expire, JSON bodies only,
//! pages of 40 without a total, 204 for a PDF that is not ready.

mod consent;
mod document;
mod list;
mod make;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use consent::{Consents, Refresh};
pub(crate) use document::{Document, money};

use crate::clock::{self, Millis};
use crate::http::{Answer, Call, Route};
use crate::world::{Keys, Practice, Reply, Tx};

const ROUTES: &[Route] = &[
    ("GET", "/api/v3/oauth", "consent"),
    ("POST", "/api/v3/oauth", "decide"),
    ("POST", "/api/v3/oauth/token", "token"),
    ("POST", "/api/v3/oauth/revoke", "revoke"),
    ("GET", "/api/v3/user.json", "user"),
    ("GET", "/api/v3/accounts/{}/account.json", "account"),
    ("GET", "/api/v3/accounts/{}/invoices.json", "invoices"),
    ("GET", "/api/v3/accounts/{}/invoices/{}.json", "invoice"),
    ("GET", "/api/v3/accounts/{}/invoices/{}/download.pdf", "pdf"),
    ("GET", "/api/v3/accounts/{}/webhooks.json", "webhooks"),
    ("POST", "/api/v3/accounts/{}/webhooks.json", "webhook_create"),
    ("PATCH", "/api/v3/accounts/{}/webhooks/{}.json", "webhook_change"),
    ("DELETE", "/api/v3/accounts/{}/webhooks/{}.json", "webhook_delete"),
];

/// Switches of the practice vendor, changed through the control calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// Life of a token, seconds. The vendor's is 7200.
    token_seconds: i64,
    /// The integration's "URL for redirect"; `null` = none, so that nobody can be sent to the page of consent.
    redirect_uri: Option<String>,
    /// Life of an authorization code, seconds. The vendor's is 300.
    code_seconds: i64,
    /// Every refresh gives another refresh token, and the one before is refused. The vendor's stay as they are.
    rotate_refresh_tokens: bool,
    /// For so many seconds the one before is good for another one once more, where they are exchanged.
    refresh_again_seconds: i64,
    /// Calls per 60 s; `null` = no limit and no limit headers. The vendor's is 400.
    rate_limit: Option<u64>,
    /// Answers 402 to everything: unpaid fees.
    blocked: bool,
    /// Webhook management is switched on in the user's settings; else every call about webhooks is a 403.
    manages_webhooks: bool,
    /// Every webhook there is, is switched off.
    webhooks_off: bool,
    /// The `Authorization` value that somebody has entered instead of the first.
    webhook_authorization: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token_seconds: 7200,
            redirect_uri: None,
            code_seconds: 300,
            rotate_refresh_tokens: false,
            refresh_again_seconds: 0,
            rate_limit: None,
            blocked: false,
            manages_webhooks: true,
            webhooks_off: false,
            webhook_authorization: None,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Token {
    token: String,
    expires: Millis,
    /// What a person has allowed, if it came of that.
    #[serde(default)]
    grant: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Hook {
    id: u64,
    webhook_url: String,
    auth_header: Option<String>,
    events: Vec<String>,
    at: Millis,
    #[serde(default)]
    off: bool,
}

/// One account.
pub(crate) struct Fakturoid {
    pub(crate) slug: String,
    client_id: String,
    client_secret: String,
    webhook_authorization: String,
    options: Options,
    documents: BTreeMap<u64, Document>,
    tokens: HashMap<String, Token>,
    consents: Consents,
    hooks: BTreeMap<u64, Hook>,
    last_id: u64,
    last_number: u64,
    last_change: Millis,
    window: (Millis, u64),
}

fn oauth_error(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": description}))
}

impl Fakturoid {
    pub(crate) fn new(instance: &str, keys: &Keys<'_>) -> Self {
        Self {
            slug: instance.replace("fakturoid", "practice"),
            client_id: keys.secret("client_id"),
            client_secret: keys.secret("client_secret"),
            webhook_authorization: format!("Bearer {}", keys.secret("webhook_authorization")),
            options: Options::default(),
            documents: BTreeMap::new(),
            tokens: HashMap::new(),
            consents: Consents::default(),
            hooks: BTreeMap::new(),
            last_id: 9000,
            last_number: 0,
            last_change: 0,
            window: (0, 0),
        }
    }

    /// The expected `Authorization` value of a webhook.
    pub(crate) fn webhook_authorization(&self) -> &str {
        self.options.webhook_authorization.as_deref().unwrap_or(&self.webhook_authorization)
    }

    fn check_limit(&mut self, now: Millis) -> Result<(), Answer> {
        let Some(limit) = self.options.rate_limit else {
            return Ok(());
        };
        if now - self.window.0 >= 60_000 {
            self.window = (now, 0);
        }
        self.window.1 += 1;
        let reset = (60_000 - (now - self.window.0)) / 1000;
        if self.window.1 <= limit {
            return Ok(());
        }
        Err(Answer::empty(429)
            .with("X-RateLimit-Policy", format!("default;q={limit};w=60"))
            .with("X-RateLimit", format!("default;r=0;t={reset}")))
    }

    fn check_token(&self, call: &Call, now: Millis) -> Result<(), Answer> {
        let refused = || oauth_error(401, "invalid_token", "The access token is invalid or expired");
        let token = call.bearer().ok_or_else(refused)?;
        match self.tokens.get(token) {
            Some(token) if token.expires > now && self.is_allowed(token) => Ok(()),
            _ => Err(refused()),
        }
    }

    fn is_allowed(&self, token: &Token) -> bool {
        token.grant.as_ref().is_none_or(|grant| self.consents.holds(grant))
    }

    fn check_client(&self, call: &Call) -> Result<(), Answer> {
        let wanted = (self.client_id.clone(), self.client_secret.clone());
        if call.basic() == Some(wanted) {
            return Ok(());
        }
        Err(oauth_error(401, "invalid_client", "Client authentication failed"))
    }

    fn token(&mut self, call: &Call, tx: &mut Tx) -> Answer {
        let given: BTreeMap<String, String> = match call.media_type().as_deref() {
            Some("application/json") => call.json().unwrap_or_default(),
            Some("application/x-www-form-urlencoded") => url::form_urlencoded::parse(&call.body).into_owned().collect(),
            _ => return Answer::json(415, &json!({"error": "unsupported_media_type"})),
        };
        let refresh = match given.get("grant_type").map(String::as_str) {
            Some("client_credentials") => Ok(None),
            Some("authorization_code") => self.consents.exchange(&given, tx).map(Some),
            Some("refresh_token") => {
                let exchanged = self.options.rotate_refresh_tokens.then_some(self.options.refresh_again_seconds);
                self.consents.refresh(&given, exchanged, tx).map(Some)
            }
            Some(_) => Err(oauth_error(400, "unsupported_grant_type", "The grant type is not supported")),
            None => Err(oauth_error(400, "invalid_request", "Missing required parameter: grant_type")),
        };
        match refresh {
            Ok(refresh) => self.give_token(refresh.as_ref(), tx),
            Err(refusal) => refusal,
        }
    }

    fn give_token(&mut self, refresh: Option<&Refresh>, tx: &mut Tx) -> Answer {
        self.tokens.retain(|_, token| token.expires > tx.now);
        let token = Token {
            token: clock::random_hex(40),
            expires: tx.now + self.options.token_seconds * 1000,
            grant: refresh.map(|refresh| refresh.grant.clone()),
        };
        tx.put("token", &token.token, &token);
        let mut answer = json!({
            "access_token": token.token, "token_type": "Bearer", "expires_in": self.options.token_seconds,
        });
        if let (Some(refresh), Some(answer)) = (refresh, answer.as_object_mut()) {
            answer.insert("refresh_token".to_owned(), json!(refresh.token()));
        }
        self.tokens.insert(token.token.clone(), token);
        Answer::json(200, &answer)
    }

    fn revoke_all(&mut self, tx: &mut Tx) {
        for token in self.tokens.keys() {
            tx.delete("token", token);
        }
        self.tokens.clear();
    }

    fn pdf(&mut self, id: &str, tx: &mut Tx) -> Answer {
        let Some(document) = id.parse().ok().and_then(|id: u64| self.documents.get_mut(&id)) else {
            return Answer::json(404, &json!({"error": "not_found"}));
        };
        if document.pdf_asked < document.pdf_ready_after {
            document.pdf_asked += 1;
            tx.put("document", document.id, document);
            return Answer::empty(204);
        }
        Answer::bytes(200, "application/pdf", document.pdf())
            .with("content-disposition", format!("attachment; filename=\"{}.pdf\"", document.number))
    }

    fn hook_create(&mut self, call: &Call, host: &str, tx: &mut Tx) -> Answer {
        #[derive(Deserialize)]
        struct Wish {
            webhook_url: Option<String>,
            auth_header: Option<String>,
            #[serde(default)]
            events: Vec<String>,
        }
        let Ok(wish) = call.json::<Wish>() else {
            return Answer::json(400, &json!({"error": "invalid_json"}));
        };
        if wish.events.is_empty() {
            return Answer::json(422, &json!({"errors": {"events": ["can't be empty"]}}));
        }
        let Some(webhook_url) = wish.webhook_url else {
            return Answer::json(422, &json!({"errors": {"webhook_url": ["can't be blank"]}}));
        };
        let id = self.hooks.keys().last().map_or(1, |id| id + 1);
        let hook = Hook { id, webhook_url, auth_header: wish.auth_header, events: wish.events, at: tx.now, off: false };
        tx.put("hook", id, &hook);
        let page = self.hook_json(&hook, host);
        self.hooks.insert(id, hook);
        let location = page.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
        Answer::json(201, &page).with("location", location)
    }

    /// Takes what is named, as the vendor's own example does.
    fn hook_change(&mut self, id: &str, call: &Call, host: &str, tx: &mut Tx) -> Answer {
        let Ok(change) = call.json::<Value>() else {
            return Answer::json(400, &json!({"error": "invalid_json"}));
        };
        let Some(hook) = id.parse().ok().and_then(|id: u64| self.hooks.get_mut(&id)) else {
            return self.unknown(404);
        };
        let text = |name: &str| change.get(name).and_then(Value::as_str).map(str::to_owned);
        hook.webhook_url = text("webhook_url").unwrap_or_else(|| hook.webhook_url.clone());
        hook.auth_header = text("auth_header").or_else(|| hook.auth_header.clone());
        let hook = hook.clone();
        tx.put("hook", hook.id, &hook);
        Answer::json(200, &self.hook_json(&hook, host))
    }

    fn hook_json(&self, hook: &Hook, host: &str) -> Value {
        json!({
            "id": hook.id, "failed_deliveries_uuid": format!("00000000-0000-7000-8000-{:012}", hook.id),
            "webhook_url": hook.webhook_url, "auth_header": hook.auth_header, "active": !hook.off, "events": hook.events,
            "url": format!("{host}/api/v3/accounts/{}/webhooks/{}.json", self.slug, hook.id),
            "created_at": clock::with_offset(hook.at), "updated_at": clock::with_offset(hook.at),
        })
    }

    fn user(&self) -> Value {
        json!({
            "id": 5, "full_name": "Practice Owner", "email": "owner@practice.example", "avatar_url": null,
            "default_account": null,
            "accounts": [{"slug": self.slug, "logo": null, "name": "Practice Shop s.r.o.", "registration_no": "00000001",
                          "permission": "owner", "allowed_scope": ["invoices", "expenses", "reports"]}],
        })
    }

    fn account(&self, host: &str) -> Value {
        json!({
            "subdomain": self.slug, "plan": "Podnikatel", "plan_price": 290, "plan_paid_users": 1,
            "invoice_email": "owner@practice.example", "name": "Practice Shop s.r.o.", "registration_no": "00000001",
            "vat_no": "CZ00000001", "vat_mode": "vat_payer", "vat_price_mode": "with_vat", "currency": "CZK",
            "html_url": format!("{host}/{}", self.slug),
        })
    }

    fn in_account(&mut self, route: &str, free: &[String], call: &Call, tx: &mut Tx) -> Answer {
        let host = host(call);
        let id = free.get(1).map(String::as_str).unwrap_or_default();
        if route.starts_with("webhook") && !self.options.manages_webhooks {
            return oauth_error(403, "forbidden", "Webhook management is not enabled");
        }
        match route {
            "account" => Answer::json(200, &self.account(&host)),
            "invoices" => self.list(call, &host),
            "invoice" => match self.document(id) {
                Some(document) => Answer::json(200, &document.json(&host, &self.slug)),
                None => self.unknown(404),
            },
            "pdf" => self.pdf(id, tx),
            "webhooks" => {
                let hooks: Vec<Value> = self.hooks.values().map(|hook| self.hook_json(hook, &host)).collect();
                Answer::json(200, &Value::Array(hooks))
            }
            "webhook_create" => self.hook_create(call, &host, tx),
            "webhook_change" => self.hook_change(id, call, &host, tx),
            "webhook_delete" => match id.parse().ok().and_then(|id: u64| self.hooks.remove(&id)) {
                Some(hook) => {
                    tx.delete("hook", hook.id);
                    Answer::empty(204)
                }
                None => self.unknown(404),
            },
            _ => self.unknown(404),
        }
    }

    pub(crate) fn document(&self, id: &str) -> Option<&Document> {
        id.parse().ok().and_then(|id: u64| self.documents.get(&id))
    }
}

/// The vendor's own address as this caller sees it: links in answers point back here.
fn host(call: &Call) -> String {
    let prefix = call.full_path.strip_suffix(&call.path).unwrap_or("");
    format!("http://{}{prefix}", call.header("host").unwrap_or("localhost"))
}

impl Practice for Fakturoid {
    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn authenticate(&mut self, route: Option<&str>, call: &Call, now: Millis) -> Result<(), Answer> {
        if matches!(route, Some("consent" | "decide")) {
            // Pages for people, whose browsers name themselves.
            return Ok(());
        }
        match call.header("user-agent") {
            None | Some("") => {
                return Err(oauth_error(400, "invalid_request", "Required header \"User-Agent\" is missing"));
            }
            // A contact e-mail is mandatory; what happens without one is not documented.
            Some(agent) if !agent.contains('@') => {
                return Err(oauth_error(403, "forbidden", "User-Agent must name a contact e-mail"));
            }
            Some(_) => {}
        }
        self.check_limit(now)?;
        let own_body = matches!(route, Some("token" | "revoke"));
        if own_body {
            self.check_client(call)?;
        } else {
            self.check_token(call, now)?;
            let kind = call.media_type();
            let typed = kind.is_some() || !call.body.is_empty();
            if typed && kind.as_deref() != Some("application/json") {
                return Err(Answer::json(415, &json!({"error": "unsupported_media_type"})));
            }
        }
        if self.options.blocked {
            return Err(Answer::json(402, &json!({"status": "Account blocked", "overdue_invoices": []})));
        }
        Ok(())
    }

    fn handle(&mut self, route: &str, free: &[String], call: &Call, tx: &mut Tx) -> Reply {
        let answer = match route {
            "consent" => Consents::show(call, &self.client_id, self.options.redirect_uri.as_deref()),
            "decide" => {
                let integration = (self.client_id.as_str(), self.options.redirect_uri.as_deref());
                self.consents.decide(call, integration, self.options.code_seconds, tx)
            }
            "token" => self.token(call, tx),
            "revoke" => {
                self.revoke_all(tx);
                Answer::json(200, &json!({}))
            }
            "user" => Answer::json(200, &self.user()),
            _ if free.first() == Some(&self.slug) => self.in_account(route, free, call, tx),
            _ => self.unknown(404),
        };
        answer.into()
    }

    fn unknown(&self, status: u16) -> Answer {
        Answer::json(status, &json!({"error": if status == 404 { "not_found" } else { "method_not_allowed" }}))
    }

    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error> {
        match kind {
            "document" => {
                let document: Document = serde_json::from_str(body)?;
                self.last_id = self.last_id.max(document.id);
                self.last_change = self.last_change.max(document.updated_at);
                self.documents.insert(document.id, document);
            }
            "token" => {
                let token: Token = serde_json::from_str(body)?;
                self.tokens.insert(token.token.clone(), token);
            }
            "code" => self.consents.load_code(body)?,
            "refresh" => self.consents.load_refresh(body)?,
            "hook" => {
                let hook: Hook = serde_json::from_str(body)?;
                self.hooks.insert(hook.id, hook);
            }
            "counter" => self.last_number = serde_json::from_str(body)?,
            "last_id" => self.last_id = self.last_id.max(serde_json::from_str(body)?),
            "options" => self.options = serde_json::from_str(body)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&self) -> Value {
        json!({
            "settings": {"slug": self.slug, "client_id": self.client_id, "contact_email": "owner@practice.example"},
            "secrets": {"client_secret": self.client_secret, "webhook_authorization": self.webhook_authorization()},
            "webhook_secret": self.webhook_authorization(),
            "options": self.options,
        })
    }

    fn configure(&mut self, change: &Value, tx: &mut Tx) -> Result<(), String> {
        let mut change = change.clone();
        if change.as_object_mut().and_then(|change| change.remove("revoke_consents")) == Some(Value::Bool(true)) {
            self.consents.revoke(None, tx);
        }
        let redirect = change.get("redirect_uri").and_then(Value::as_str).and_then(|text| url::Url::parse(text).ok());
        if redirect.is_some_and(|url| url.host_str() == Some("localhost")) {
            return Err("redirect_uri: Fakturoid does not permit localhost".to_owned());
        }
        if change.as_object_mut().and_then(|change| change.remove("revoke_tokens")) == Some(Value::Bool(true)) {
            self.revoke_all(tx);
        }
        self.options = crate::control::merged(&self.options, &change)?;
        if std::mem::take(&mut self.options.webhooks_off) {
            for hook in self.hooks.values_mut() {
                hook.off = true;
                tx.put("hook", hook.id, hook);
            }
        }
        tx.put("options", "", &self.options);
        Ok(())
    }
}
