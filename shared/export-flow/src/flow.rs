//! The engine: its parts, and connections as it sees them.

use crate::ports::{Keys, Ledger, PortError, Queue};
use crate::times::{CACHE_MAX, Times};
use connectors::{Account, Clock, Entropy, Http, Mode, Registry, Secrets, Session, TokenCache};
use domain::{Connection, ConnectionId, EventId, JobId, Redactor, RunId, Step, TenantId};
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

struct Cached {
    account: Option<Arc<Account>>,
    at: Timestamp,
}

/// The engine. One per process; all its methods may run at once.
pub struct Flow {
    pub(crate) parts: Parts,
    pub(crate) times: Times,
    pub(crate) tokens: TokenCache,
    accounts: Mutex<HashMap<ConnectionId, Cached>>,
    channels: Mutex<HashMap<TenantId, (Vec<Connection>, Timestamp)>>,
    /// Connections whose circuit this process knows not to be clean.
    pub(crate) shaky: Mutex<std::collections::HashSet<ConnectionId>>,
}

impl Flow {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts, times: Times) -> Self {
        Self {
            parts,
            times,
            tokens: TokenCache::default(),
            accounts: Mutex::default(),
            channels: Mutex::default(),
            shaky: Mutex::default(),
        }
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

    /// A connection with its secrets opened, from the cache if it is at most five seconds old. `None`: there is no such
    /// connection.
    ///
    /// # Errors
    /// [`PortError`] if the store or a key cannot be read, or the stored settings cannot be used.
    pub async fn account(&self, id: &ConnectionId) -> Result<Option<Arc<Account>>, PortError> {
        let now = self.now();
        {
            let cache = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(cached) = cache.get(id)
                && now.duration_since(cached.at) <= CACHE_MAX
                && cached.at <= now
            {
                return Ok(cached.account.clone());
            }
        }
        self.account_anew(id).await
    }

    /// The same, always read from the store: before a refusal that a stale copy could have caused.
    ///
    /// # Errors
    /// As [`Flow::account`].
    pub async fn account_anew(&self, id: &ConnectionId) -> Result<Option<Arc<Account>>, PortError> {
        let account = match self.parts.ledger.connection(id).await? {
            Some(connection) => Some(Arc::new(self.open(connection).await?)),
            None => None,
        };
        let cached = Cached { account: account.clone(), at: self.now() };
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), cached);
        Ok(account)
    }

    /// Opens a connection's secrets and reads its settings.
    ///
    /// # Errors
    /// [`PortError`] if a key cannot be used, or settings or connector are not those of this program.
    pub async fn open(&self, connection: Connection) -> Result<Account, PortError> {
        let connector = self
            .parts
            .registry
            .get(&connection.connector)
            .ok_or_else(|| PortError::Damaged(format!("connection {} has an unknown connector", connection.id)))?;
        let mut secrets = BTreeMap::new();
        for (name, sealed) in &connection.secrets {
            let secret = self.parts.keys.open(&connection.id, name, &sealed.sealed).await?;
            secrets.insert(name.clone(), secret);
        }
        let id = connection.id.clone();
        Account::open(connection, connector.spec(), Secrets::new(secrets))
            .map_err(|error| PortError::Damaged(format!("connection {id}: {error}")))
    }

    /// The connector of a connection that this process has opened, however long ago: it never changes.
    pub(crate) fn connector_of(&self, id: &ConnectionId) -> Option<&'static str> {
        let cache = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        cache.get(id).and_then(|cached| cached.account.as_ref()).map(|account| account.spec.id)
    }

    /// All connections of a tenant, from the cache if it is at most five seconds old.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read.
    pub async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        let now = self.now();
        {
            let cache = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((connections, at)) = cache.get(tenant)
                && now.duration_since(*at) <= CACHE_MAX
                && *at <= now
            {
                return Ok(connections.clone());
            }
        }
        let connections = self.parts.ledger.connections(tenant).await?;
        let mut cache = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(tenant.clone(), (connections.clone(), now));
        Ok(connections)
    }

    /// Forgets cached connections: to be called after writing one.
    pub fn forget(&self, id: &ConnectionId, tenant: &TenantId) {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }

    /// A conversation with a connection's vendor.
    #[must_use]
    pub fn session<'a>(&'a self, account: &'a Account, mode: Mode, step: Step) -> Session<'a> {
        Session::new(
            account,
            self.parts.http.as_ref(),
            self.parts.clock.as_ref(),
            self.parts.entropy.as_ref(),
            &self.tokens,
            mode,
            step,
        )
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
        RunId::new(self.random_word())
    }

    /// A fresh event id.
    #[must_use]
    pub fn new_event(&self) -> EventId {
        EventId::new(self.random_word())
    }

    /// A fresh job id.
    #[must_use]
    pub fn new_job(&self) -> JobId {
        JobId::new(format!("job_{}", self.random_word()))
    }

    fn random_word(&self) -> String {
        self.parts.entropy.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A random byte for jitter.
    pub(crate) fn dice(&self) -> u8 {
        let [first, ..] = self.parts.entropy.bytes();
        first
    }
}
