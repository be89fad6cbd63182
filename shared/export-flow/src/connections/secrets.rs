//! Exchanging a connection's secrets while it is in use. New ones lie beside those in use until a check has succeeded
//! with them; then they take their place in one write. So at every moment, and after a crash at any, there is one set
//! that is in use, and it is the newest that ever worked.

use super::form;
use crate::flow::Flow;
use crate::ports::PortError;
use crate::refused::{FieldError, Refused};
use crate::times::Times;
use connectors::{Spec, TokenCache, rotation_overlap};
use data_encoding::HEXLOWER;
use domain::{
    Check, Code, Connection, ConnectionId, ConnectionState, FormerSecret, FormerToken, HoldReason, PauseReason,
    PendingSecrets, SealedSecret, TenantId, remark,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;

/// Pending secrets are tried again after this, doubling …
const TRY_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// … up to this: vendors count logins that fail.
const TRY_AGAIN_MAX: SignedDuration = SignedDuration::from_hours(6);
/// So long after they were given they are no longer tried by themselves.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A try that has not ended after this has crashed.
const TRY_TAKES_MAX: SignedDuration = SignedDuration::from_secs(30);
/// Old values of one secret that are accepted at the same time.
const FORMER_MAX: usize = 4;

/// What became of secrets that were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They are in use now.
    Replaced,
    /// They wait beside those in use until a check succeeds with them.
    Pending,
    /// None wait any more.
    Withdrawn,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Replaced, Self::Pending, Self::Withdrawn];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Pending => "pending",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Secrets that were given, and what became of them.
#[derive(Debug)]
pub struct Rotated {
    /// In a word.
    pub outcome: Outcome,
    /// The check with the new ones, where there are any.
    pub check: Option<Check>,
    /// As stored now.
    pub connection: Connection,
}

/// A new token of a webhook address.
#[derive(Debug)]
pub struct NewToken {
    /// The token; never shown again.
    pub token: SecretString,
    /// Until when the old one is accepted too.
    pub old_until: Timestamp,
    /// As stored now.
    pub connection: Connection,
}

/// Why pending secrets are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A person asks.
    Asked,
    /// Their time has come.
    Due,
    /// Those in use were refused.
    Refused,
}

/// How a try of pending secrets went.
enum Tried {
    /// There are none, or now is not the time.
    Not,
    /// Somebody else is trying them.
    Elsewhere,
    /// They were checked; the connection as it is now.
    Checked(Box<Connection>, Check),
}

/// What a refusal of credentials leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instead {
    /// Other credentials are in use by now, or will be in a moment: try again after this.
    Again(SignedDuration),
    /// There are none.
    Nothing,
}

impl Flow {
    /// Takes new secrets of a connection, keeps them beside those in use, and puts them in their place once the check
    /// succeeds with them. A `null` withdraws one that waits. `settings` come into force together with them: many a
    /// vendor exchanges both halves of a key.
    ///
    /// # Errors
    /// [`Refused::Fields`], [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn rotate_secrets(
        &self,
        tenant: &TenantId,
        id: &str,
        given: &Value,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Rotated, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        let spec = self.spec_of(&connection)?;
        let form = form::read_rotation(spec, given, &connection).map_err(Refused::Fields)?;
        let now = self.now();
        let mut sealed = BTreeMap::new();
        for (name, secret) in &form.secrets {
            let secret = match secret {
                Some(secret) => Some(self.parts.keys.seal(&connection.id, name, secret).await?),
                None => None,
            };
            sealed.insert(name.clone(), secret.map(|sealed| SealedSecret::entered(now, sealed)));
        }
        let kept = self
            .rewrite(connection, |connection| {
                let before = connection.rotation.pending.clone();
                let pending = pend(before.clone(), &sealed, &form.settings, now);
                connection.rotation.pending = pending;
                connection.rotation.pending != before
            })
            .await?;
        if kept.rotation.pending.is_none() {
            return Ok(Rotated { outcome: Outcome::Withdrawn, check: None, connection: kept });
        }
        self.tried_now(kept, deadline.boxed()).await
    }

    /// Tries the pending secrets of a connection that were just given.
    pub(super) async fn tried_now(&self, kept: Connection, deadline: BoxFuture<'_, ()>) -> Result<Rotated, Refused> {
        match self.try_pending(&kept.id, Cause::Asked, deadline).await? {
            Tried::Checked(connection, check) => {
                if check.ok {
                    self.renew_subscription(&connection).await;
                }
                let outcome = match &connection.rotation.pending {
                    _ if check.ok => Outcome::Replaced,
                    Some(_) => Outcome::Pending,
                    // Somebody has written the connection meanwhile.
                    None => Outcome::Withdrawn,
                };
                Ok(Rotated { outcome, check: Some(check), connection: *connection })
            }
            Tried::Not | Tried::Elsewhere => {
                let connection = self.connection_of(&kept.tenant, kept.id.as_str()).await?;
                Ok(Rotated { outcome: Outcome::Pending, check: None, connection })
            }
        }
    }

    /// Makes a new token for the webhook address of a vendor that signs nothing. The old one is accepted for the overlap.
    ///
    /// # Errors
    /// [`Refused::Unknown`], [`Refused::Conflict`] if its address holds none, or [`Refused::Ours`].
    pub async fn renew_url_token(&self, tenant: &TenantId, id: &str) -> Result<NewToken, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        if connection.url_token_hash.is_none() {
            return Err(Refused::Conflict(remark::address_without_token()));
        }
        let overlap = overlap_of(&connection)?;
        let token = SecretString::from(self.random_token());
        let hash = hash_of(token.expose_secret());
        let now = self.now();
        let until = now.checked_add(overlap).unwrap_or(Timestamp::MAX);
        let connection = self
            .rewrite(connection, |connection| {
                connection.rotation.prune(now, overlap);
                if let Some(hash) = connection.url_token_hash.replace(hash.clone()).filter(|_| until > now) {
                    let former = &mut connection.rotation.former_tokens;
                    former.push(FormerToken { hash, replaced_at: now, until });
                    former.drain(..former.len().saturating_sub(FORMER_MAX));
                }
                true
            })
            .await?;
        tracing::info!(event = "webhook.token_renewed", connection = connection.id.as_str());
        Ok(NewToken { token, old_until: until, connection })
    }

    /// Tries the pending secrets of a connection if their time has come. True: they are in use now.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or written.
    pub async fn retry_pending(
        &self,
        connection: &Connection,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<bool, PortError> {
        if !is_due(connection, self.now()) {
            return Ok(false);
        }
        let tried = self.try_pending(&connection.id, Cause::Due, deadline.boxed()).await.map_err(ours)?;
        let Tried::Checked(connection, Check { ok: true, .. }) = tried else { return Ok(false) };
        self.renew_subscription(&connection).await;
        Ok(true)
    }

    /// The same because a person asks for a check. `None`: there are none, or they failed too.
    pub(super) async fn check_pending(
        &self,
        connection: &Connection,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Option<Connection>, Refused> {
        if connection.rotation.pending.is_none() {
            return Ok(None);
        }
        match self.try_pending(&connection.id, Cause::Asked, deadline.boxed()).await? {
            Tried::Checked(connection, check) if check.ok => {
                self.renew_subscription(&connection).await;
                Ok(Some(*connection))
            }
            _ => Ok(None),
        }
    }

    /// Credentials were refused: whether there are others by now. `used` marks those that were refused.
    pub(crate) async fn other_credentials(&self, at: &ConnectionId, used: Option<u64>) -> Result<Instead, PortError> {
        let Some(connection) = self.parts.ledger.connection(at).await? else { return Ok(Instead::Nothing) };
        if used.is_some_and(|used| used != connection.credentials_mark()) {
            self.forget(at, &connection.tenant);
            self.tokens.forget(at.as_str());
            return Ok(Instead::Again(SignedDuration::ZERO));
        }
        if connection.rotation.pending.is_none() || !connection.is_usable() {
            return Ok(Instead::Nothing);
        }
        // No deadline of ours: the calls of a check have their own, and the sum of them is what a look may take.
        let tried = self.try_pending(at, Cause::Refused, futures_util::future::pending().boxed()).await;
        Ok(match tried.map_err(ours)? {
            Tried::Checked(_, check) if check.ok => Instead::Again(SignedDuration::ZERO),
            Tried::Elsewhere => Instead::Again(SignedDuration::from_secs(5)),
            Tried::Checked(..) | Tried::Not => Instead::Nothing,
        })
    }

    /// Boxed: the way of every export may lead here, and few go it.
    fn try_pending<'a>(
        &'a self,
        id: &'a ConnectionId,
        cause: Cause,
        deadline: BoxFuture<'a, ()>,
    ) -> BoxFuture<'a, Result<Tried, Refused>> {
        Box::pin(async move {
            let Some(connection) = self.parts.ledger.connection(id).await? else { return Ok(Tried::Not) };
            let now = self.now();
            let (mut taken, mut elsewhere) = (false, false);
            let connection = self
                .rewrite(connection, |connection| {
                    elsewhere = cause != Cause::Asked && is_tried(connection, now);
                    taken = !elsewhere && may_try(connection, cause, now);
                    let Some(pending) = connection.rotation.pending.as_mut().filter(|_| taken) else { return false };
                    pending.tried_at = Some(now);
                    pending.failure = None;
                    pending.next_try = next_try(pending, &self.times, now);
                    pending.tries = pending.tries.saturating_add(1);
                    true
                })
                .await?;
            match connection.with_pending() {
                Some(with) if taken => self.check_with(&connection, with, deadline).await,
                _ if elsewhere => Ok(Tried::Elsewhere),
                _ => Ok(Tried::Not),
            }
        })
    }

    /// Checks the pending secrets of a connection and writes down what follows.
    async fn check_with(
        &self,
        connection: &Connection,
        with: Connection,
        deadline: BoxFuture<'_, ()>,
    ) -> Result<Tried, Refused> {
        let account = self.open(with).await?;
        // Tokens that the new ones are given must not come into the hands of calls that still use the old.
        let tokens = TokenCache::default();
        let check = self.checked(&account, &tokens, true, deadline).await;
        let code = check.steps.iter().find(|step| !step.ok).and_then(|step| step.code);
        let overlap = account.rotation_overlap;
        if check.ok && connection.state == ConnectionState::Paused {
            // Said before, to be heard after: who waits is let go even if this process ends in between.
            self.announce_after(&connection.id, &[HoldReason::ConnectionPaused], &[super::ONCE_MORE]).await?;
        }
        let now = self.now();
        let mut replaced = false;
        let after = self
            .rewrite(connection.clone(), |latest| {
                replaced = false;
                let pending = |of: &Connection| {
                    let origin = |(name, new): (&String, &SealedSecret)| (name.clone(), new.origin().to_owned());
                    of.rotation.pending.as_ref().map(|p| (p.secrets.iter().map(origin).collect::<Vec<_>>(), p.since))
                };
                let same = latest.credentials_mark() == connection.credentials_mark();
                if !same || pending(latest) != pending(connection) {
                    return false;
                }
                if !check.ok {
                    if let Some(pending) = &mut latest.rotation.pending {
                        pending.failure = Some(code.unwrap_or(Code::Unreachable));
                    }
                    return true;
                }
                replaced = promote(latest, account.spec, now, overlap);
                latest.check = Some(check.clone());
                super::check::apply(latest, &check, false, now);
                replaced
            })
            .await?;
        if !replaced {
            // What was tried is not what lies there now: its success says nothing.
            let check = Check { ok: false, ..check };
            self.tell_tried(&after, code);
            return Ok(Tried::Checked(Box::new(after), check));
        }
        tracing::info!(event = "secrets.replaced", connection = after.id.as_str(), "new secrets are in use");
        self.tokens.forget(after.id.as_str());
        if after.state == ConnectionState::Active && connection.state != ConnectionState::Active {
            self.close_circuit(&after.id).await?;
            self.release_after_check(connection, &after).await?;
        }
        Ok(Tried::Checked(Box::new(after), check))
    }

    fn tell_tried(&self, connection: &Connection, code: Option<Code>) {
        tracing::info!(
            event = "secrets.not_yet",
            connection = connection.id.as_str(),
            code = code.map(Code::as_str),
            "the new secrets did not succeed; the old ones stay"
        );
    }

    pub(super) fn spec_of(&self, connection: &Connection) -> Result<&'static Spec, Refused> {
        let connector = self.parts.registry.get(&connection.connector);
        connector.map(|connector| connector.spec()).ok_or(Refused::Unknown(Code::UnknownConnector))
    }
}

/// Hexadecimal SHA-256 of a token.
pub(super) fn hash_of(token: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, token.as_bytes()).as_ref())
}

/// What follows for the exchange of secrets where a person writes some of them: what webhooks are verified by is accepted
/// for a while longer, unless it was removed, and what waited under the same name is not wanted any more.
pub(super) fn replace<'a>(
    connection: &mut Connection,
    spec: &Spec,
    before: Option<&BTreeMap<String, SealedSecret>>,
    given: impl Iterator<Item = (&'a str, bool)>,
    when: (Timestamp, SignedDuration),
) {
    connection.rotation.prune(when.0, when.1);
    for (name, set) in given {
        if set {
            keep_former(connection, spec, name, before.and_then(|before| before.get(name)), when);
        } else {
            connection.rotation.former.retain(|former| former.name != name);
        }
        if let Some(pending) = &mut connection.rotation.pending {
            pending.secrets.remove(name);
        }
    }
    let empty = |pending: &PendingSecrets| pending.secrets.is_empty();
    if connection.rotation.pending.as_ref().is_some_and(empty) {
        connection.rotation.pending = None;
    }
}

/// Notes the old value of a secret that is being replaced, if webhooks are verified by it.
fn keep_former(
    connection: &mut Connection,
    spec: &Spec,
    name: &str,
    old: Option<&SealedSecret>,
    (now, overlap): (Timestamp, SignedDuration),
) {
    let verifies = spec.webhook.is_some_and(|webhook| webhook.secrets.contains(&name));
    let (Some(old), Ok(until)) = (old.filter(|_| verifies), now.checked_add(overlap)) else { return };
    if until <= now {
        return;
    }
    let former = &mut connection.rotation.former;
    former.push(FormerSecret { name: name.to_owned(), sealed: old.sealed.clone(), replaced_at: now, until });
    let surplus = former.iter().filter(|former| former.name == name).count().saturating_sub(FORMER_MAX);
    let mut dropped = 0;
    former.retain(|former| {
        let drop = former.name == name && dropped < surplus;
        dropped += usize::from(drop);
        !drop
    });
}

/// What lies beside the secrets in use once these are given.
pub(super) fn pend(
    before: Option<PendingSecrets>,
    given: &BTreeMap<String, Option<SealedSecret>>,
    settings: &BTreeMap<String, Value>,
    now: Timestamp,
) -> Option<PendingSecrets> {
    let gives = given.values().any(Option::is_some) || !settings.is_empty();
    let mut pending = match before {
        Some(before) => before,
        None if gives => PendingSecrets {
            since: now,
            secrets: BTreeMap::new(),
            settings: BTreeMap::new(),
            tried_at: None,
            tries: 0,
            failure: None,
            next_try: Some(now),
        },
        None => return None,
    };
    for (name, secret) in given {
        match secret {
            Some(secret) => _ = pending.secrets.insert(name.clone(), secret.clone()),
            None => _ = pending.secrets.remove(name),
        }
    }
    if gives {
        (pending.since, pending.tries, pending.failure, pending.next_try) = (now, 0, None, Some(now));
        pending.settings.extend(settings.clone());
    }
    (!pending.secrets.is_empty()).then_some(pending)
}

/// Puts the pending secrets in the place of those in use. True: there were some.
fn promote(connection: &mut Connection, spec: &Spec, now: Timestamp, overlap: SignedDuration) -> bool {
    let Some(with) = connection.with_pending() else { return false };
    let Some(pending) = connection.rotation.pending.take() else { return false };
    connection.rotation.prune(now, overlap);
    for (name, new) in pending.secrets {
        let old = connection.secrets.insert(name.clone(), SealedSecret { changed_at: now, ..new });
        keep_former(connection, spec, &name, old.as_ref(), (now, overlap));
    }
    connection.settings = with.settings;
    true
}

fn next_try(pending: &PendingSecrets, times: &Times, now: Timestamp) -> Option<Timestamp> {
    let doubled = 1_i32.checked_shl(pending.tries.min(20)).unwrap_or(i32::MAX);
    let wait = times.capped(TRY_AGAIN.checked_mul(doubled).unwrap_or(TRY_AGAIN_MAX).min(TRY_AGAIN_MAX));
    let next = now.checked_add(wait).ok()?;
    (next.duration_since(pending.since) <= TRIED_FOR).then_some(next)
}

/// Whether somebody is trying the pending secrets just now.
fn is_tried(connection: &Connection, now: Timestamp) -> bool {
    connection.rotation.pending.as_ref().is_some_and(|pending| {
        pending.failure.is_none() && pending.tried_at.is_some_and(|at| now.duration_since(at) < TRY_TAKES_MAX)
    })
}

fn may_try(connection: &Connection, cause: Cause, now: Timestamp) -> bool {
    match cause {
        Cause::Asked | Cause::Refused => connection.rotation.pending.is_some(),
        Cause::Due => is_due(connection, now),
    }
}

/// Whether pending secrets are to be tried by themselves now. What a person has paused or switched off is left alone.
fn is_due(connection: &Connection, now: Timestamp) -> bool {
    let by_hand = connection.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::ByHand);
    let next = connection.rotation.pending.as_ref().and_then(|pending| pending.next_try);
    connection.state != ConnectionState::Disabled
        && !by_hand
        && !is_tried(connection, now)
        && next.is_some_and(|next| next <= now)
}

fn overlap_of(connection: &Connection) -> Result<SignedDuration, Refused> {
    rotation_overlap(connection).map_err(|error| Refused::Fields(vec![FieldError::of_setting(error)]))
}

/// Nothing but our own store can refuse here.
fn ours(refused: Refused) -> PortError {
    match refused {
        Refused::Ours(error) => error,
        other => PortError::Damaged(other.to_string()),
    }
}
