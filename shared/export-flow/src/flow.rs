//! The engine: its parts, and connections as it sees them.

use crate::accounts::{Accounts, Turn};
use crate::ahead::Ahead;
use crate::connections::Refreshes;
use crate::crowd::Crowd;
use crate::heard::Refusals;
use crate::notices::TellingWays;
use crate::ports::{Connections, Keys, Ledger, PortError, Queue};
use crate::times::{CACHE_MAX, Times};
use connectors::{Account, Clock, Entropy, Hearing, Http, Mode, Registry, Session, TokenCache};
use domain::{Connection, ConnectionId, EventId, JobId, Redactor, Role, RunId, Step, TenantId};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What the engine works with.
#[derive(Clone)]
pub struct Parts {
    /// The record.
    pub ledger: Arc<dyn Ledger>,
    /// The queue.
    pub queue: Arc<dyn Queue>,
    /// Seals and opens secrets.
    pub keys: Arc<dyn Keys>,
    /// The way out.
    pub http: Arc<dyn Http>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Connectors.
    pub registry: Registry,
}

/// The engine. One per process; all its methods may run at once.
pub struct Flow {
    pub(crate) parts: Parts,
    pub(crate) times: Times,
    pub(crate) tokens: TokenCache,
    pub(crate) refreshes: Refreshes,
    pub(crate) accounts: Arc<Accounts>,
    channels: Mutex<HashMap<TenantId, (Vec<Connection>, Timestamp)>>,
    reading: Turn,
    pub(crate) crowd: Crowd,
    pub(crate) ways: TellingWays,
    pub(crate) ahead: Ahead,
    /// Where vendors reach the webhooks of each role.
    pub(crate) bases: BTreeMap<Role, String>,
    /// Counts refused webhook calls, where all of them meet this process.
    pub(crate) refusals: Option<Arc<Refusals>>,
    /// Connections whose circuit this process knows not to be clean.
    pub(crate) shaky: Mutex<std::collections::HashSet<ConnectionId>>,
}

impl Flow {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts, times: Times) -> Self {
        let connections: Arc<dyn Connections> = parts.ledger.clone();
        let hearing = Hearing::Whole(parts.registry);
        let accounts = Accounts::new(connections, Arc::clone(&parts.keys), Arc::clone(&parts.clock), hearing);
        Self {
            parts,
            times,
            tokens: TokenCache::default(),
            refreshes: Refreshes::default(),
            accounts: Arc::new(accounts),
            channels: Mutex::default(),
            reading: Turn::default(),
            crowd: Crowd::default(),
            ways: TellingWays::default(),
            ahead: Ahead::default(),
            bases: BTreeMap::new(),
            refusals: None,
            shaky: Mutex::default(),
        }
    }

    /// With ways by which notices go out besides signed calls.
    #[must_use]
    pub fn telling(mut self, ways: TellingWays) -> Self {
        self.ways = ways;
        self
    }

    /// Where every webhook call meets this process: it counts those that are refused.
    #[must_use]
    pub fn counting_refusals(mut self) -> Self {
        self.refusals = Some(Arc::default());
        self
    }

    /// The counts of refused webhook calls, if this process counts them.
    #[must_use]
    pub const fn refusals(&self) -> Option<&Arc<Refusals>> {
        self.refusals.as_ref()
    }

    /// The parts.
    #[must_use]
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The times chosen.
    #[must_use]
    pub const fn times(&self) -> &Times {
        &self.times
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Connections with their secrets opened.
    #[must_use]
    pub const fn accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    /// As [`Accounts::account`].
    ///
    /// # Errors
    /// As there.
    pub async fn account(&self, id: &ConnectionId) -> Result<Option<Arc<Account>>, PortError> {
        self.accounts.account(id).await
    }

    /// As [`Accounts::account_anew`].
    ///
    /// # Errors
    /// As there.
    pub async fn account_anew(&self, id: &ConnectionId) -> Result<Option<Arc<Account>>, PortError> {
        self.accounts.account_anew(id).await
    }

    /// As [`Accounts::open`].
    ///
    /// # Errors
    /// As there.
    pub async fn open(&self, connection: Connection) -> Result<Account, PortError> {
        self.accounts.open(connection).await
    }

    /// All connections of a tenant, from the cache if it is at most five seconds old.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read.
    pub async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        if let Some(known) = self.known_channels(tenant) {
            return Ok(known);
        }
        let _turn = self.reading.first_or_after().await;
        if let Some(known) = self.known_channels(tenant) {
            return Ok(known);
        }
        let now = self.now();
        let connections = self.parts.ledger.connections(tenant).await?;
        let mut cache = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(tenant.clone(), (connections.clone(), now));
        Ok(connections)
    }

    fn known_channels(&self, tenant: &TenantId) -> Option<Vec<Connection>> {
        let now = self.now();
        let cache = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let (connections, at) = cache.get(tenant)?;
        (now.duration_since(*at) <= CACHE_MAX && *at <= now).then(|| connections.clone())
    }

    /// Forgets cached connections: to be called after writing one.
    pub fn forget(&self, id: &ConnectionId, tenant: &TenantId) {
        self.accounts.forget(id);
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }

    /// A conversation with a connection's vendor.
    #[must_use]
    pub fn session<'a>(&'a self, account: &'a Account, mode: Mode, step: Step) -> Session<'a> {
        self.session_with(account, &self.tokens, mode, step)
    }

    /// The same with access tokens that are kept apart.
    pub(crate) fn session_with<'a>(
        &'a self,
        account: &'a Account,
        tokens: &'a TokenCache,
        mode: Mode,
        step: Step,
    ) -> Session<'a> {
        Session::new(
            account,
            self.parts.http.as_ref(),
            self.parts.clock.as_ref(),
            self.parts.entropy.as_ref(),
            tokens,
            mode,
            step,
        )
        .kept_by(self)
    }

    /// A redactor that knows the secrets of these connections.
    #[must_use]
    pub fn redactor(&self, accounts: &[&Account]) -> Redactor {
        let mut redactor = Redactor::default();
        for account in accounts {
            redactor.hide(account.secrets.values());
        }
        redactor
    }

    /// A fresh run id.
    #[must_use]
    pub fn new_run(&self) -> RunId {
        RunId::new(self.parts.entropy.word())
    }

    /// A fresh event id.
    #[must_use]
    pub fn new_event(&self) -> EventId {
        EventId::new(self.parts.entropy.word())
    }

    /// A fresh job id.
    #[must_use]
    pub fn new_job(&self) -> JobId {
        JobId::new(format!("job_{}", self.parts.entropy.word()))
    }

    /// A random byte for jitter.
    pub(crate) fn dice(&self) -> u8 {
        let [first, ..] = self.parts.entropy.bytes();
        first
    }
}
