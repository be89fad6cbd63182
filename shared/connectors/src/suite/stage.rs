//! A connector with its sample account, a vendor that plays a transcript, a clock that stands still.

use super::transcript::{Call, Said, Seen, Transcript, Vendor};
use crate::account::{Account, Secrets};
use crate::contract::{Connector, Inbound};
use crate::session::{Clock, Entropy, Mode, Session, TokenCache};
use ::http::{HeaderMap, HeaderName, HeaderValue};
use domain::{Connection, ConnectionId, ConnectionState, Mappings, Role, Rules, Step, TenantId};
use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

/// What `transcripts/index.json` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Index {
    /// Sample settings (`base_url` included where it is required).
    pub(crate) settings: BTreeMap<String, Value>,
    /// Sample secrets.
    pub(crate) secrets: BTreeMap<String, String>,
    /// Kinds that make no sense for this connector, with the reason.
    #[serde(default)]
    pub(crate) not_applicable: BTreeMap<String, String>,
    /// Calls that always succeed when the suite lets everything else fail (a token call).
    #[serde(default)]
    pub(crate) openings: Vec<Call>,
    /// Hints with which a courier's parcel is read again.
    #[serde(default)]
    pub(crate) parcel_hints: BTreeMap<String, String>,
    /// How its webhook is signed, and samples of it.
    #[serde(default)]
    pub(crate) webhook: Option<WebhookSample>,
}

/// A connector's webhook, for the suite.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSample {
    /// The header that authenticates, lower case; empty for a token in the address.
    #[serde(default)]
    pub(crate) header: String,
    /// `static`, `hmac_sha256_hex`, `hmac_sha256_base64`, or empty for a token in the address.
    #[serde(default)]
    pub(crate) scheme: String,
    /// The secret it is made with.
    #[serde(default)]
    pub(crate) secret: String,
    /// Other headers that every event carries.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// Bodies that concern something we carry.
    pub(crate) relevant: Vec<Value>,
    /// Authentic bodies that do not.
    pub(crate) irrelevant: Vec<Value>,
}

/// A clock that moves only when told.
pub(crate) struct StandingClock(Mutex<Timestamp>);

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Bytes that count up.
#[derive(Default)]
pub(crate) struct CountingEntropy(AtomicU8);

impl Entropy for CountingEntropy {
    fn bytes(&self) -> [u8; 16] {
        [self.0.fetch_add(1, Ordering::Relaxed); 16]
    }
}

/// Everything one conversation needs.
pub(crate) struct Stage {
    /// The connection, opened.
    pub(crate) account: Account,
    /// What the connector's index says.
    pub(crate) index: Index,
    vendor: Vendor,
    clock: StandingClock,
    entropy: CountingEntropy,
    tokens: TokenCache,
}

/// The moment at which every stage opens.
pub(crate) fn opening_time() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A connector's folder.
pub(crate) fn folder(connector: &dyn Connector) -> PathBuf {
    let room = match connector.spec().role {
        Role::Accounting => "accounting",
        Role::Courier => "couriers",
        Role::Channel => "channels",
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src").join(room).join(connector.spec().id)
}

fn read<T: serde::de::DeserializeOwned>(path: PathBuf) -> T {
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The connector's index.
pub(crate) fn index(connector: &dyn Connector) -> Index {
    read(folder(connector).join("transcripts/index.json"))
}

/// Every transcript of a connector by its file's name.
pub(crate) fn transcripts(connector: &dyn Connector) -> BTreeMap<String, Transcript> {
    let entries = std::fs::read_dir(folder(connector).join("transcripts")).unwrap();
    let files = entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "json"));
    let named = files.map(|p| (p.file_stem().unwrap().to_str().unwrap().to_owned(), p));
    named.filter(|(name, _)| name != "index").map(|(name, path)| (name, read(path))).collect()
}

/// The sample connection of a connector.
pub(crate) fn account(connector: &dyn Connector, index: &Index, other: &BTreeMap<String, Value>) -> Account {
    let spec = connector.spec();
    let mut settings = index.settings.clone();
    for (name, value) in other {
        if value.is_null() {
            settings.remove(name);
        } else {
            settings.insert(name.clone(), value.clone());
        }
    }
    let connection = Connection {
        id: ConnectionId::parse(&format!("sample-{}", spec.id.replace('_', "-"))).unwrap(),
        tenant: TenantId::local(),
        role: spec.role,
        connector: spec.id.to_owned(),
        label: spec.label.to_owned(),
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
        created_at: opening_time(),
        changed_at: opening_time(),
        version: 1,
    };
    let secrets = index.secrets.iter().map(|(n, v)| (n.clone(), SecretString::from(v.clone()))).collect();
    Account::open(connection, spec, Secrets::new(secrets)).unwrap()
}

impl Stage {
    /// The stage for one of the connector's transcripts.
    pub(crate) fn play(connector: &dyn Connector, name: &str) -> Self {
        let transcript: Transcript = read(folder(connector).join(format!("transcripts/{name}.json")));
        let index = index(connector);
        let account = account(connector, &index, &transcript.settings);
        let secrets = index.secrets.values().cloned().collect();
        let vendor = Vendor::scripted(transcript.calls, &account.base_url, secrets, opening_time());
        Self::with(account, index, vendor)
    }

    /// A stage on which no call may be made.
    pub(crate) fn silent(connector: &dyn Connector, settings: &BTreeMap<String, Value>) -> Self {
        let index = index(connector);
        let account = account(connector, &index, settings);
        let vendor = Vendor::scripted(vec![], &account.base_url, vec![], opening_time());
        Self::with(account, index, vendor)
    }

    /// A stage on which everything but the index's openings is answered the same.
    pub(crate) fn always(connector: &dyn Connector, said: Said, with_openings: bool) -> Self {
        let index = index(connector);
        let account = account(connector, &index, &BTreeMap::new());
        let openings = if with_openings { index.openings.clone() } else { vec![] };
        let secrets = index.secrets.values().cloned().collect();
        let vendor = Vendor::always(openings, said, &account.base_url, secrets, opening_time());
        Self::with(account, index, vendor)
    }

    fn with(account: Account, index: Index, vendor: Vendor) -> Self {
        let clock = StandingClock(Mutex::new(opening_time()));
        Self { account, index, vendor, clock, entropy: CountingEntropy::default(), tokens: TokenCache::default() }
    }

    /// A conversation with a source.
    pub(crate) fn look(&self) -> Session<'_> {
        self.session(Mode::Live, Step::Look)
    }

    /// A conversation with a target.
    pub(crate) fn read_back(&self) -> Session<'_> {
        self.session(Mode::Live, Step::ReadBack)
    }

    /// A conversation that writes nothing.
    pub(crate) fn trial(&self) -> Session<'_> {
        self.session(Mode::Trial, Step::ReadBack)
    }

    fn session(&self, mode: Mode, step: Step) -> Session<'_> {
        Session::new(&self.account, &self.vendor, &self.clock, &self.entropy, &self.tokens, mode, step)
    }

    /// Lets time pass.
    pub(crate) fn later(&self, seconds: i64) {
        let mut now = self.clock.0.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
    }

    /// Until when the connector has said that no call is welcome.
    pub(crate) fn closed(&self) -> Vec<Timestamp> {
        self.vendor.closed()
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.vendor.seen()
    }

    /// The curtain: every call of the transcript must have been made.
    pub(crate) fn over(self) {
        assert_eq!(self.vendor.left(), 0, "calls of the transcript that were never made");
    }
}

impl WebhookSample {
    /// The headers of an authentic event with this body.
    pub(crate) fn sign(&self, body: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let digest = || hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes()), body);
        let value = match self.scheme.as_str() {
            "" => return headers,
            "static" => self.secret.clone(),
            "hmac_sha256_hex" => data_encoding::HEXLOWER.encode(digest().as_ref()),
            "hmac_sha256_base64" => data_encoding::BASE64.encode(digest().as_ref()),
            other => panic!("the suite knows no webhook scheme `{other}`"),
        };
        headers.insert(self.header.parse::<HeaderName>().unwrap(), HeaderValue::from_str(&value).unwrap());
        headers
    }
}

/// A webhook call at the opening time.
pub(crate) fn inbound<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Inbound<'a> {
    Inbound { headers, body, now: opening_time() }
}
