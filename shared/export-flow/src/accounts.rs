//! Connections as the program works with them: settings read, secrets opened, kept for a few seconds.

use crate::ports::{Connections, Keys, PortError};
use crate::times::CACHE_MAX;
use connectors::{Account, Clock, Hearing, ROTATION_OVERLAP, Secrets, Spec, rotation_overlap};
use domain::{Connection, ConnectionId};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

struct Cached {
    account: Option<Arc<Account>>,
    at: Timestamp,
}

/// Keeps a batch, whose messages need the same at the same moment, from asking the store ten times: one asks, the others
/// wait for what it finds. If it finds nothing, they ask at once and no longer one after the other.
#[derive(Default)]
pub(crate) struct Turn(futures_util::lock::Mutex<()>);

impl Turn {
    /// A guard for the first; the others come back once it has ended.
    pub(crate) async fn first_or_after(&self) -> Option<futures_util::lock::MutexGuard<'_, ()>> {
        let first = self.0.try_lock();
        if first.is_none() {
            drop(self.0.lock().await);
        }
        first
    }
}

/// Opened connections. One per process.
pub struct Accounts {
    connections: Arc<dyn Connections>,
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    hearing: Hearing,
    cache: Mutex<HashMap<ConnectionId, Cached>>,
    reading: Turn,
}

impl Accounts {
    /// None opened yet.
    #[must_use]
    pub fn new(
        connections: Arc<dyn Connections>,
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        hearing: Hearing,
    ) -> Self {
        Self { connections, keys, clock, hearing, cache: Mutex::default(), reading: Turn::default() }
    }

    /// What is known of connectors here.
    #[must_use]
    pub const fn hearing(&self) -> Hearing {
        self.hearing
    }

    /// A connection with its secrets opened, from the cache if it is at most five seconds old. `None`: there is no such
    /// connection.
    ///
    /// # Errors
    /// [`PortError`] if the store or a key cannot be read, or the stored settings cannot be used.
    pub async fn account(&self, id: &ConnectionId) -> Result<Option<Arc<Account>>, PortError> {
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let _turn = self.reading.first_or_after().await;
        match self.known(id) {
            Some(known) => Ok(known),
            None => self.account_anew(id).await,
        }
    }

    fn known(&self, id: &ConnectionId) -> Option<Option<Arc<Account>>> {
        let now = self.clock.now();
        let cache = self.lock();
        let fresh = |cached: &&Cached| now.duration_since(cached.at) <= CACHE_MAX && cached.at <= now;
        cache.get(id).filter(fresh).map(|cached| cached.account.clone())
    }

    /// The same, always read from the store: before a refusal that a stale copy could have caused.
    ///
    /// # Errors
    /// As [`Accounts::account`].
    pub async fn account_anew(&self, id: &ConnectionId) -> Result<Option<Arc<Account>>, PortError> {
        let account = match self.connections.connection(id).await? {
            Some(connection) => Some(Arc::new(self.open(connection).await?)),
            None => None,
        };
        let cached = Cached { account: account.clone(), at: self.clock.now() };
        self.lock().insert(id.clone(), cached);
        Ok(account)
    }

    /// Opens a connection's secrets and reads its settings.
    ///
    /// # Errors
    /// [`PortError`] if a key cannot be used, or settings or connector are not those of this program.
    pub async fn open(&self, connection: Connection) -> Result<Account, PortError> {
        let connector = self
            .hearing
            .get(&connection.connector)
            .ok_or_else(|| PortError::Damaged(format!("connection {} has an unknown connector", connection.id)))?;
        let mut secrets = BTreeMap::new();
        for (name, sealed) in &connection.secrets {
            let secret = self.keys.open(&connection.id, name, &sealed.sealed).await?;
            secrets.insert(name.clone(), secret);
        }
        let secrets = self.beside(&connection, connector.spec(), Secrets::new(secrets)).await?;
        let id = connection.id.clone();
        Account::open(connection, connector.spec(), secrets)
            .map_err(|error| PortError::Damaged(format!("connection {id}: {error}")))
    }

    /// Secrets that webhooks may be verified by although they are not in use: those just replaced, and those to come.
    async fn beside(&self, connection: &Connection, spec: &Spec, secrets: Secrets) -> Result<Secrets, PortError> {
        let rotation = &connection.rotation;
        if rotation.is_empty() {
            return Ok(secrets);
        }
        let mut secrets = secrets;
        let overlap = rotation_overlap(connection).unwrap_or(ROTATION_OVERLAP);
        for old in &rotation.former {
            let secret = self.keys.open(&connection.id, &old.name, &old.sealed).await?;
            secrets = secrets.beside(&old.name, secret, Some(domain::ends(old.replaced_at, old.until, overlap)));
        }
        let verify = spec.webhook.map_or(&[][..], |webhook| webhook.secrets);
        for (name, new) in rotation.pending.iter().flat_map(|pending| &pending.secrets) {
            let secret = self.keys.open(&connection.id, name, &new.sealed).await?;
            // What does not verify is only hidden from logs.
            let until = (!verify.contains(&name.as_str())).then_some(Timestamp::MIN);
            secrets = secrets.beside(name, secret, until);
        }
        Ok(secrets)
    }

    /// The connector of a connection that this process has opened, however long ago: it never changes.
    pub(crate) fn connector_of(&self, id: &ConnectionId) -> Option<&'static str> {
        let cache = self.lock();
        cache.get(id).and_then(|cached| cached.account.as_ref()).map(|account| account.spec.id)
    }

    /// Forgets one: to be called after writing it.
    pub fn forget(&self, id: &ConnectionId) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Cached>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
