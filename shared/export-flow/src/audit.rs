//! The trail of who did what. It is written before the act, as asked for, and completed after it: an act whose trace cannot
//! be written is not begun, and a crash between leaves what was asked for.

use crate::flow::Flow;
use crate::ports::{Page, PortError};
use async_trait::async_trait;
use domain::{About, AccessRole, AuditAction, AuditDetail, AuditEntry, AuditOutcome, Code, Connection, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long entries are kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Entries that one call reads at most while it looks for those that fit.
pub const READ_MAX: usize = 2_000;
/// Digits that hold every time in nanoseconds, so that text sorts as time does.
const DIGITS: usize = 20;

/// Which entries. Everything given must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// About the thing with this id.
    pub about: Option<String>,
    /// By this person.
    pub who: Option<String>,
}

impl AuditQuery {
    /// Whether an entry fits everything given.
    #[must_use]
    pub fn fits(&self, entry: &AuditEntry) -> bool {
        entry.fits(self.about.as_deref(), self.who.as_deref())
    }
}

/// Where an entry stands in the trail; later ones are greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When it was asked for.
    pub at: Timestamp,
    /// Its id, among those of the same instant.
    pub id: String,
}

impl Position {
    /// Where an entry stands.
    #[must_use]
    pub fn of(entry: &AuditEntry) -> Self {
        Self { at: entry.at, id: entry.id.clone() }
    }

    /// As text that sorts as positions do: the cursor of the list.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:0DIGITS$}#{}", self.at.as_nanosecond().max(0), self.id)
    }

    /// Reads [`Position::text`].
    ///
    /// # Errors
    /// [`PortError::Damaged`] if it is none.
    pub fn read(text: &str) -> Result<Self, PortError> {
        let read = || {
            let (nanos, id) = text.split_once('#')?;
            let digits = nanos.len() == DIGITS && nanos.bytes().all(|byte| byte.is_ascii_digit());
            let at = Timestamp::from_nanosecond(nanos.parse().ok().filter(|_| digits)?).ok()?;
            Some(Self { at, id: id.to_owned() })
        };
        read().ok_or_else(|| PortError::Damaged("not a cursor of ours".into()))
    }
}

/// What the trail needs of the ledger. Entries are added and completed once; nothing else ever changes them.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Adds an entry. Adding it again changes nothing.
    async fn put_audit(&self, entry: &AuditEntry) -> Result<(), PortError>;
    /// Replaces an entry that is `asked` by what is known at its end. False: there is none, or it has ended.
    async fn end_audit(&self, entry: &AuditEntry) -> Result<bool, PortError>;
    /// Entries of a tenant newest first, none later than `by` and none older than [`KEPT`] then. A page may have fewer lines
    /// than asked for and go on: one call reads no more than [`READ_MAX`].
    async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        by: Timestamp,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>, PortError>;
}

/// Who acts, as the trail names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// For which tenant.
    pub tenant: TenantId,
    /// The subject of a token, or the door they came through.
    pub who: String,
    /// What they may do.
    pub role: AccessRole,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub action: AuditAction,
    /// To what, as far as it is known beforehand.
    pub about: Vec<About>,
    /// Names of what is touched.
    pub detail: AuditDetail,
}

impl Act {
    /// That and nothing more to be said of it.
    #[must_use]
    pub const fn new(action: AuditAction) -> Self {
        Self { action, about: vec![], detail: AuditDetail::new() }
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub outcome: AuditOutcome,
    /// Why not.
    pub code: Option<Code>,
    /// What it turned out to be about besides.
    pub about: Vec<About>,
    /// Names of what turned out to be touched.
    pub detail: AuditDetail,
}

impl Flow {
    /// Writes that something is asked for. It must not be begun if this fails.
    ///
    /// # Errors
    /// [`PortError`] if it could not be written.
    pub async fn begin_audit(&self, actor: &Actor, act: Act) -> Result<AuditEntry, PortError> {
        let random = self.parts.entropy.bytes();
        let entry = AuditEntry {
            id: format!("aud_{:032x}", u128::from_be_bytes(random)),
            tenant: actor.tenant.clone(),
            at: self.now(),
            who: actor.who.clone(),
            role: actor.role,
            action: act.action,
            about: act.about,
            detail: act.detail,
            cut: false,
            outcome: AuditOutcome::Asked,
            code: None,
        };
        let entry = entry.bounded();
        self.parts.ledger.put_audit(&entry).await?;
        Ok(entry)
    }

    /// Writes how it ended. If that fails, the entry goes on saying that it was asked for.
    pub async fn end_audit(&self, mut entry: AuditEntry, ended: Ended) {
        entry.outcome = ended.outcome;
        entry.code = ended.code;
        for about in ended.about {
            if !entry.about.contains(&about) {
                entry.about.push(about);
            }
        }
        entry.detail.extend(ended.detail);
        if let Err(error) = self.parts.ledger.end_audit(&entry.bounded()).await {
            tracing::warn!(event = "audit.end_unwritten", %error);
        }
    }

    /// Does something under a trace.
    ///
    /// # Errors
    /// Those of the work; and that of the store, if the trace could not be written and nothing was begun.
    pub async fn traced<T, E: From<PortError>>(
        &self,
        actor: &Actor,
        act: Act,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        let entry = self.begin_audit(actor, act).await?;
        let done = work.await;
        let outcome = if done.is_ok() { AuditOutcome::Done } else { AuditOutcome::Failed };
        self.end_audit(entry, Ended { outcome, code: None, about: vec![], detail: AuditDetail::new() }).await;
        done
    }

    /// The trail of a tenant, newest first.
    ///
    /// # Errors
    /// [`PortError`] if it cannot be read, [`PortError::Damaged`] for a cursor that is none.
    pub async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>, PortError> {
        self.parts.ledger.audit(tenant, query, self.now(), limit, cursor).await
    }
}

/// Names of what differs between two states of a connection: `settings.base_url`, `secrets.api_key`, `switches.send_invoice`.
#[must_use]
pub fn changed(before: Option<&Connection>, after: Option<&Connection>) -> Vec<String> {
    let (before, after) = (facts(before), facts(after));
    let mut names: Vec<&String> =
        before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).collect();
    names.sort();
    names.dedup();
    names.into_iter().cloned().collect()
}

/// What a person can change of a connection, each under its name. Of a secret, when it was last changed.
fn facts(connection: Option<&Connection>) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let Some(connection) = connection else { return facts };
    let mut tell = |name: String, value: String| facts.insert(name, value);
    tell("connector".into(), connection.connector.clone());
    tell("label".into(), connection.label.clone());
    tell("state".into(), format!("{:?}", connection.state));
    for (name, secret) in &connection.secrets {
        tell(format!("secrets.{name}"), secret.changed_at.to_string());
    }
    let parts = [
        ("settings", serde_json::to_value(&connection.settings)),
        ("switches", serde_json::to_value(&connection.switches)),
        ("rules", serde_json::to_value(&connection.rules)),
        ("mappings", serde_json::to_value(&connection.mappings)),
    ];
    for (part, value) in parts {
        let entries = value.ok().and_then(|value| value.as_object().cloned()).unwrap_or_default();
        for (name, value) in entries {
            tell(format!("{part}.{name}"), value.to_string());
        }
    }
    facts
}
