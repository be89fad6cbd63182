//! The practice vendors as connectors meet them: over the real sender, on a free port, in a fresh directory.

use connectors::{Account, Http, Lane, Mode, Registry, Request, Secrets, Session, TokenCache};
use domain::{Connection, ConnectionId, ConnectionState, Mappings, Rules, Step, TenantId};
use http_sender::{HttpSender, Options};
use kit::{SystemClock, SystemEntropy};
use secrecy::SecretString;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The practice vendors, the real sender, clock and randomness.
pub(crate) struct World {
    base: String,
    /// The way out.
    pub(crate) sender: HttpSender,
    clock: Arc<SystemClock>,
    entropy: SystemEntropy,
    tokens: TokenCache,
    /// To be stopped at the end.
    pub(crate) running: vendor_sandbox::Running,
    _data: tempfile::TempDir,
}

impl World {
    /// Starts them in a fresh directory.
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let options = vendor_sandbox::Options { listen: "127.0.0.1:0".parse().unwrap(), data: data.path().to_owned() };
        let running = vendor_sandbox::start(options).await.unwrap();
        let clock = Arc::new(SystemClock);
        let sender = HttpSender::new(Options { allow_private_targets: true, ..Options::default() }, clock.clone());
        let base = format!("http://{}", running.address);
        let (entropy, tokens) = (SystemEntropy, TokenCache::default());
        Self { base, sender, clock, entropy, tokens, running, _data: data }
    }

    /// A control call.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}{path}", self.base).parse().unwrap();
        let mut request = Request::new(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let lane = Lane {
            tenant: TenantId::local(),
            connection: ConnectionId::new("control"),
            pace: None,
            hosts: connectors::Hosts::BaseUrl(self.base.clone()),
        };
        let answer = self.sender.call(&lane, request, true).await.unwrap();
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.excerpt());
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// A connection to one of the vendors, with other settings on top.
    pub(crate) async fn account(&self, vendor: &str, more: Value) -> Account {
        let given = self.control("GET", &format!("/_sandbox/vendors/{vendor}"), None).await;
        let spec = Registry::standard().get(vendor).unwrap().spec();
        let mut settings: BTreeMap<String, Value> =
            serde_json::from_value(given.get("settings").cloned().unwrap()).unwrap();
        settings.extend(more.as_object().unwrap().clone());
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let connection = Connection {
            id: ConnectionId::parse(vendor).unwrap(),
            tenant: TenantId::local(),
            role: spec.role,
            connector: vendor.into(),
            label: vendor.into(),
            state: ConnectionState::Active,
            settings,
            secrets: BTreeMap::new(),
            switches: BTreeMap::new(),
            rules: Rules::default(),
            mappings: Mappings::default(),
            pause: None,
            last_error: None,
            check: None,
            ever_active: true,
            url_token_hash: None,
            rotation: domain::Rotation::default(),
            oauth: domain::OAuth::default(),
            created_at: now,
            changed_at: now,
            version: 1,
        };
        let secrets: BTreeMap<String, String> = serde_json::from_value(given.get("secrets").cloned().unwrap()).unwrap();
        let secrets = secrets.into_iter().map(|(n, v)| (n, SecretString::from(v))).collect();
        Account::open(connection, spec, Secrets::new(secrets)).unwrap()
    }

    /// What is needed to log in to one of the vendors.
    #[allow(dead_code, reason = "not every test keeps connections in a store")]
    pub(crate) async fn secrets(&self, vendor: &str) -> BTreeMap<String, SecretString> {
        let given = self.control("GET", &format!("/_sandbox/vendors/{vendor}"), None).await;
        let secrets: BTreeMap<String, String> = serde_json::from_value(given.get("secrets").cloned().unwrap()).unwrap();
        secrets.into_iter().map(|(name, secret)| (name, SecretString::from(secret))).collect()
    }

    /// A conversation with it.
    pub(crate) fn session<'a>(&'a self, account: &'a Account) -> Session<'a> {
        self.session_over(account, &self.sender)
    }

    /// The same over another way out.
    pub(crate) fn session_over<'a>(&'a self, account: &'a Account, http: &'a dyn Http) -> Session<'a> {
        Session::new(account, http, &*self.clock, &self.entropy, &self.tokens, Mode::Live, Step::Look)
    }
}
