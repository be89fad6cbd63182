//! What people do with connections: put, check, pause, resume, delete; and what a connection still lacks.

mod check;
mod eligible;
mod expiry;
mod form;
mod live;
mod mappings;
mod oauth;
mod outlook;
mod preview;
mod rules;
mod secrets;
mod tokens;

pub use check::CHECK_SECS_MAX;
pub use expiry::{expires_at, expires_soon, notice_of_expiry};
pub use live::{DocumentLine, Documents};
pub(crate) use live::{SINCE_DEFAULT, lists, no_list};
pub use mappings::{Proposal, SavedMappings, TargetMappings, Waiting};
pub use oauth::{CameBack, Connected, Leaving, awaits_consent, connection_in};
pub use outlook::{Lack, SwitchOffered, SwitchOutlook};
pub use preview::{Effect, Fate, LOOKED_AT_MAX, PREVIEW_DAYS, RuleChange, RuleExample, RulePreview};
pub(crate) use secrets::Instead;
pub use secrets::{NewToken, Outcome, Rotated};
pub(crate) use tokens::Refreshes;

use crate::flow::Flow;
use crate::message::{Message, Release};
use crate::ports::{Circuit, Outgoing, PortError};
use crate::refused::{FieldError, Refused};
use crate::times::CACHE_MAX;
use connectors::{Account, Secrets, WebhookScheme};
use data_encoding::HEXLOWER;
use domain::{
    Code, Connection, ConnectionId, ConnectionState, FieldProblem, HoldReason, Pause, PauseReason, Role, SealedSecret,
    TenantId, remark,
};
use eligible::turned;
use form::Form;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;

/// Writes that lose against another writer are repeated this often.
const WRITES_MAX: usize = 8;

/// An id that no connection can be given.
const RESERVED: &str = "new";

/// What a written connection depends on beside itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct PutOptions {
    /// Vendors' fixed addresses may be replaced, private ones be called.
    pub allow_private_targets: bool,
    /// There must be none of this id yet.
    pub creates: bool,
}

/// A connection as written.
#[derive(Debug)]
pub struct Put {
    /// It did not exist before.
    pub created: bool,
    /// As stored, its check included.
    pub connection: Connection,
    /// Exports left out until now because of a switch that was switched on, ten thousand at most; absent if no switch
    /// changed, or they could not be counted in time.
    pub now_eligible: Option<u64>,
    /// What is doubtful about its mappings, which are saved all the same.
    pub warnings: Vec<FieldError>,
    /// The token of its webhook address, for vendors that sign nothing; never shown again.
    pub url_token: Option<SecretString>,
}

/// A connection as a person gives it.
struct Given {
    /// As stored until now.
    old: Option<Connection>,
    /// As it would be stored.
    connection: Connection,
    /// Made anew for it; never shown again.
    url_token: Option<SecretString>,
}

/// When what holds wait for is announced: to who reads the connection anew, and to who had an older copy of it.
pub(crate) const AT_ONCE: SignedDuration = SignedDuration::ZERO;
pub(crate) const ONCE_MORE: SignedDuration = SignedDuration::from_secs(CACHE_MAX.as_secs() + 1);

impl Flow {
    /// Writes a connection as a person gives it and checks it. `deadline` bounds the check, and the count of what a switch
    /// lets out.
    ///
    /// # Errors
    /// [`Refused::Fields`] with every field that cannot be used; [`Refused::Conflict`] if the id belongs to somebody
    /// else; [`Refused::Ours`].
    pub async fn put_connection(
        &self,
        tenant: &TenantId,
        id: &str,
        given: &Value,
        options: PutOptions,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Put, Refused> {
        let Given { old, connection, url_token } = self.given(tenant, id, given, options).await?;
        if !self.parts.ledger.put_connection(&connection, old.as_ref().map(|old| old.version)).await? {
            return Err(Refused::Conflict(remark::written_meanwhile()));
        }
        self.forget(&connection.id, tenant);
        let deadline = deadline.shared();
        let checked = self.check(&connection, true, deadline.clone()).await?;
        self.release_after_put(old.as_ref(), &checked).await?;
        let now_eligible = match &old {
            // A store that finds them only among everything that ever came to rest may take too long.
            Some(old) if old.switches != checked.switches => {
                match select(Box::pin(self.now_eligible(old, &checked)), Box::pin(deadline.clone())).await {
                    Either::Left((counted, _)) => Some(counted?),
                    Either::Right(_) => None,
                }
            }
            _ => None,
        };
        let warnings = self.doubts_about_mappings(&checked, deadline).await?;
        Ok(Put { created: old.is_none(), connection: checked, now_eligible, warnings, url_token })
    }

    /// The tenant's connection of this id.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn connection_of(&self, tenant: &TenantId, id: &str) -> Result<Connection, Refused> {
        let connection = self.parts.ledger.connection(&ConnectionId::new(id)).await?;
        connection.filter(|c| c.tenant == *tenant).ok_or(Refused::Unknown(Code::UnknownConnection))
    }

    /// Removes a connection. Exports keep their records.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn delete_connection(&self, tenant: &TenantId, id: &str) -> Result<(), Refused> {
        let connection = self.connection_of(tenant, id).await?;
        self.parts.ledger.delete_connection(&connection.id).await?;
        self.forget(&connection.id, tenant);
        Ok(())
    }

    /// Runs the check of a connection and notes its outcome, at first with pending secrets if there are any. A good one makes it `active` and ends a pause that was
    /// not made by hand.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn check_connection(
        &self,
        tenant: &TenantId,
        id: &str,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Connection, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        let deadline = deadline.shared();
        if let Some(replaced) = self.check_pending(&connection, deadline.clone()).await? {
            return Ok(replaced);
        }
        let connection = self.connection_of(tenant, id).await?;
        self.check(&connection, false, deadline).await
    }

    /// Pauses a connection by hand. Pausing twice is safe.
    ///
    /// # Errors
    /// [`Refused::Unknown`], [`Refused::Conflict`] if it is switched off, or [`Refused::Ours`].
    pub async fn pause_connection(&self, tenant: &TenantId, id: &str) -> Result<Connection, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        if connection.state == ConnectionState::Disabled {
            return Err(Refused::Conflict(remark::connection_off()));
        }
        let now = self.now();
        self.rewrite(connection, |connection| {
            let paused = connection.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::ByHand);
            if connection.state == ConnectionState::Paused && paused {
                return false;
            }
            connection.state = ConnectionState::Paused;
            connection.pause = Some(Pause {
                reason: PauseReason::ByHand,
                since: now,
                next_probe: None,
                next_step: domain::InWords::in_words(PauseReason::ByHand).next_step.to_owned(),
            });
            true
        })
        .await
    }

    /// Ends a pause of any kind: `active` if its last check was good, else `unverified`. Resuming twice is safe.
    ///
    /// # Errors
    /// [`Refused::Unknown`], [`Refused::Conflict`] if it is not paused and not in use, or [`Refused::Ours`].
    pub async fn resume_connection(&self, tenant: &TenantId, id: &str) -> Result<Connection, Refused> {
        let connection = self.connection_of(tenant, id).await?;
        match connection.state {
            ConnectionState::Disabled => return Err(Refused::Conflict(remark::connection_off())),
            ConnectionState::Unverified => {
                return Err(Refused::Conflict(remark::check_first()));
            }
            ConnectionState::Paused | ConnectionState::Active => {}
        }
        let resumed = self
            .rewrite(connection.clone(), |connection| {
                if connection.state != ConnectionState::Paused {
                    return false;
                }
                let good = connection.check.as_ref().map_or(connection.ever_active, |check| check.ok);
                connection.state = if good { ConnectionState::Active } else { ConnectionState::Unverified };
                // Its first good check may have come while it was paused.
                connection.ever_active |= good;
                connection.pause = None;
                true
            })
            .await?;
        if resumed.state == ConnectionState::Active {
            self.close_circuit(&resumed.id).await?;
            self.release_after_check(&connection, &resumed).await?;
        }
        Ok(resumed)
    }

    /// What a connection still lacks to be of use, in words.
    ///
    /// # Errors
    /// [`PortError`] if the connections cannot be read.
    pub async fn missing(&self, connection: &Connection, public: bool) -> Result<Vec<String>, PortError> {
        Ok(self.lacks(connection, public).await?.into_iter().map(|lack| lack.text().to_owned()).collect())
    }

    /// How many exports a change of switches lets out.
    async fn now_eligible(&self, old: &Connection, new: &Connection) -> Result<u64, PortError> {
        let Some(connector) = self.parts.registry.get(&new.connector) else { return Ok(0) };
        let on = turned(connector.spec(), true, |switch| old.is_on(switch), |switch| new.is_on(switch));
        Ok(self.eligible(new, &on).await?.0)
    }

    /// Reads what a person gives for a connection, against what is stored, and seals it. Nothing is written.
    async fn given(&self, tenant: &TenantId, id: &str, given: &Value, options: PutOptions) -> Result<Given, Refused> {
        let id = ConnectionId::parse(id)
            .map_err(|error| Refused::field("id", (FieldProblem::NotAnId, error.to_string())))?;
        let old = self.parts.ledger.connection(&id).await?;
        if old.as_ref().is_some_and(|old| old.tenant != *tenant) {
            return Err(Refused::Conflict(remark::id_taken()));
        }
        may_write(&id, old.as_ref(), options)?;
        let form = read_form(self, given, old.as_ref(), options)?;
        let (connection, url_token) = self.seal_form(tenant, &id, old.as_ref(), form).await?;
        Ok(Given { old, connection, url_token })
    }

    /// Seals what was given into a connection that is not yet written.
    async fn seal_form(
        &self,
        tenant: &TenantId,
        id: &ConnectionId,
        old: Option<&Connection>,
        form: Form,
    ) -> Result<(Connection, Option<SecretString>), Refused> {
        let now = self.now();
        let same = old.filter(|old| old.connector == form.spec.id);
        let mut secrets: BTreeMap<String, SealedSecret> = old.map(|old| old.secrets.clone()).unwrap_or_default();
        secrets.retain(|name, _| {
            form.spec.fields.iter().any(|field| field.secret && field.name == name)
                || form.spec.oauth.is_some_and(|oauth| oauth.secret == name)
        });
        for (name, given) in &form.secrets {
            match given {
                Some(secret) => {
                    let sealed = self.parts.keys.seal(id, name, secret).await?;
                    secrets.insert(name.clone(), SealedSecret::entered(now, sealed));
                }
                None => {
                    secrets.remove(name);
                }
            }
        }
        let unsigned = form.spec.webhook.is_some_and(|webhook| webhook.scheme == WebhookScheme::UrlToken);
        let known = old.and_then(|old| old.url_token_hash.clone()).filter(|_| unsigned);
        let url_token = (unsigned && known.is_none()).then(|| SecretString::from(self.random_token()));
        let url_token_hash = url_token.as_ref().map(|token| secrets::hash_of(token.expose_secret())).or(known);
        let mut connection = Connection {
            id: id.clone(),
            tenant: tenant.clone(),
            role: form.spec.role,
            connector: form.spec.id.to_owned(),
            label: form.label,
            state: ConnectionState::Unverified,
            settings: form.settings,
            secrets,
            switches: form.switches,
            rules: form.rules,
            mappings: form.mappings,
            pause: None,
            last_error: old.and_then(|old| old.last_error.clone()),
            check: old.and_then(|old| old.check.clone()),
            ever_active: old.is_some_and(|old| old.ever_active),
            url_token_hash,
            rotation: same.map(|old| old.rotation.clone()).unwrap_or_default(),
            oauth: same.map(|old| old.oauth.clone()).unwrap_or_default(),
            created_at: old.map_or(now, |old| old.created_at),
            changed_at: now,
            version: old.map_or(1, |old| old.version + 1),
        };
        carry_state(old, form.disabled, &mut connection);
        let opened = Account::open(connection.clone(), form.spec, Secrets::default());
        match opened {
            Ok(account) => {
                let given = form.secrets.iter().map(|(name, secret)| (name.as_str(), secret.is_some()));
                let before = same.map(|old| &old.secrets);
                oauth::settle(form.spec, &mut connection);
                secrets::replace(&mut connection, form.spec, before, given, (now, account.rotation_overlap));
                Ok((connection, url_token))
            }
            Err(error) => Err(Refused::Fields(vec![FieldError::of_setting(error)])),
        }
    }

    /// Changes a connection by a conditional write, again on the newer one if somebody else wrote. `change` says
    /// whether there is anything to write.
    pub(crate) async fn rewrite(
        &self,
        connection: Connection,
        mut change: impl FnMut(&mut Connection) -> bool + Send,
    ) -> Result<Connection, Refused> {
        let mut connection = connection;
        for _ in 0..WRITES_MAX {
            let before = connection.version;
            if !change(&mut connection) {
                return Ok(connection);
            }
            connection.version = before + 1;
            if self.parts.ledger.put_connection(&connection, Some(before)).await? {
                self.forget(&connection.id, &connection.tenant);
                return Ok(connection);
            }
            connection = self.connection_of(&connection.tenant, connection.id.as_str()).await?;
        }
        Err(PortError::Throttled("a connection is written by many at once".into()).into())
    }

    /// Forgets the outages counted against a connection.
    pub(crate) async fn close_circuit(&self, id: &ConnectionId) -> Result<(), PortError> {
        for _ in 0..WRITES_MAX {
            let old = self.parts.ledger.circuit(id).await?;
            if old.failing.is_empty() && old.probes == 0 {
                break;
            }
            let closed = Circuit { version: old.version + 1, ..Circuit::default() };
            if self.parts.ledger.put_circuit(id, &closed).await? {
                break;
            }
        }
        Ok(())
    }

    /// Says that what holds wait for has happened: at once, and once more when no process can have an older copy of
    /// the connection in its cache.
    pub(crate) async fn announce(&self, connection: &ConnectionId, reasons: &[HoldReason]) -> Result<(), PortError> {
        self.announce_after(connection, reasons, &[AT_ONCE, ONCE_MORE]).await
    }

    /// The same, after these times.
    pub(crate) async fn announce_after(
        &self,
        connection: &ConnectionId,
        reasons: &[HoldReason],
        delays: &[SignedDuration],
    ) -> Result<(), PortError> {
        let messages = reasons.iter().flat_map(|reason| {
            delays.iter().map(|delay| Outgoing {
                message: Message::ReleaseV1(Release {
                    connection: connection.clone(),
                    reason: *reason,
                    mapped: false,
                    after: None,
                }),
                group: connection.clone(),
                delay: *delay,
            })
        });
        self.parts.queue.send(messages.collect()).await
    }

    /// Lets go what may go by what was written. Mappings always, so that repeating a call that failed here is enough.
    async fn release_after_put(&self, old: Option<&Connection>, new: &Connection) -> Result<(), PortError> {
        if new.state != ConnectionState::Active {
            return Ok(());
        }
        let mut reasons = vec![HoldReason::ConnectionPaused];
        if new.role == Role::Channel {
            self.announce_mappings(&new.id, old.is_some_and(|old| old.settings == new.settings)).await?;
            if old.is_some_and(|old| old.rules == new.rules && old.mappings.payments != new.mappings.payments) {
                reasons.push(HoldReason::NotPaidYet);
            }
            if old.is_some_and(|old| old.rules != new.rules) {
                reasons.extend([
                    HoldReason::NotPaidYet,
                    HoldReason::NotHandedOver,
                    HoldReason::LinesUnmatched,
                    HoldReason::TargetHasOther,
                ]);
            }
        }
        self.announce(&new.id, &reasons).await?;
        // A channel that can now own references may be what looks wait for.
        let owns = old.is_none_or(|old| !old.ever_active || old.rules.order_pattern != new.rules.order_pattern);
        if new.role == Role::Channel && owns {
            for source in self.parts.ledger.connections(&new.tenant).await? {
                if source.role != Role::Channel {
                    self.announce(&source.id, &[HoldReason::OrderUnknown, HoldReason::OrderAmbiguous]).await?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn random_token(&self) -> String {
        HEXLOWER.encode(&self.random_bytes())
    }

    /// Thirty-two random bytes: more than anybody can guess.
    pub(crate) fn random_bytes(&self) -> Vec<u8> {
        [self.parts.entropy.bytes(), self.parts.entropy.bytes()].concat()
    }
}

/// Whether a connection may be written under this id, as far as it is the tenant's.
fn may_write(id: &ConnectionId, old: Option<&Connection>, options: PutOptions) -> Result<(), Refused> {
    match old {
        Some(_) if options.creates => Err(Refused::Conflict(remark::id_taken())),
        // The pages have something else at its address.
        None if id.as_str() == RESERVED => {
            Err(Refused::field("id", (FieldProblem::NotAnId, "is reserved: choose another one")))
        }
        _ => Ok(()),
    }
}

/// Reads the form against what is stored.
fn read_form(flow: &Flow, given: &Value, old: Option<&Connection>, options: PutOptions) -> Result<Form, Refused> {
    let same = |old: &Connection| given.get("connector").and_then(Value::as_str) == Some(old.connector.as_str());
    let kept = |name: &str| old.is_some_and(|old| same(old) && old.secrets.contains_key(name));
    let form =
        form::read(&flow.parts.registry, given, &kept, options.allow_private_targets).map_err(Refused::Fields)?;
    // Keys of exports name the connection: another vendor behind the same id would change what they mean.
    if old.is_some_and(|old| old.ever_active && !same(old)) {
        let problem = "cannot change once the connection was in use: make another connection";
        return Err(Refused::Fields(vec![FieldError::new("connector", (FieldProblem::CannotChange, problem))]));
    }
    Ok(form)
}

/// The state to begin with: what was in use stays in use until its check says otherwise, if nothing that a check looks
/// at has changed; a pause by hand stays.
fn carry_state(old: Option<&Connection>, disabled: bool, new: &mut Connection) {
    if disabled {
        new.state = ConnectionState::Disabled;
        return;
    }
    let Some(old) = old else { return };
    let by_hand = old.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::ByHand);
    if old.state == ConnectionState::Paused && by_hand {
        new.state = ConnectionState::Paused;
        new.pause.clone_from(&old.pause);
    } else if matches!(old.state, ConnectionState::Active | ConnectionState::Paused)
        && old.settings == new.settings
        && old.secrets == new.secrets
        && old.connector == new.connector
    {
        new.state = old.state;
        new.pause.clone_from(&old.pause);
    }
}
