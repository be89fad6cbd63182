//! Access tokens of connections that a person allows at the vendor. A vendor may exchange the refresh token at each use
//! and refuse the one before, so all processes together use it one at a time, and what comes of it is written down
//! before any of it is used.

use crate::flow::Flow;
use crate::ports::PortError;
use async_trait::async_trait;
use connectors::{Account, OAuth, Session, Stop, TokenKeeper, Tokens};
use domain::{AccessToken, Code, Connection, ConnectionId, Granted, Refreshing, Said, SealedSecret, Step, remark};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Longer than the token call can take: after this who was asking has crashed.
const REFRESH_TAKES_MAX: SignedDuration = SignedDuration::from_secs(60);
/// Who finds somebody else asking comes again after this.
const ASKED_ELSEWHERE: SignedDuration = SignedDuration::from_secs(2);
/// A token that lives no longer than this is not used any more.
const LEFT_MIN: SignedDuration = SignedDuration::from_secs(60);
/// Conditional writes that lose are repeated this often; so are writes that our store does not take.
const TRIES_MAX: usize = 8;
/// What the access token is sealed for.
pub(super) const ACCESS_TOKEN: &str = "access_token";

/// What this process knows of tokens beyond the access tokens it uses.
#[derive(Default)]
pub(crate) struct Refreshes {
    /// One run of a connection asks, the others of this process wait for what it gets.
    turns: Mutex<HashMap<ConnectionId, Arc<futures_util::lock::Mutex<()>>>>,
    /// What vendors gave and our store did not take: nothing else may be asked for before it is written down.
    unwritten: Mutex<HashMap<ConnectionId, Given>>,
}

impl Refreshes {
    fn turn(&self, id: &ConnectionId) -> Arc<futures_util::lock::Mutex<()>> {
        Arc::clone(self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(id.clone()).or_default())
    }

    fn unwritten(&self, id: &ConnectionId) -> Option<Given> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn leave(&self, id: &ConnectionId, given: Option<Given>) {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        match given {
            Some(given) => _ = unwritten.insert(id.clone(), given),
            None => _ = unwritten.remove(id),
        }
    }
}

/// What a vendor gave, and for what.
#[derive(Clone)]
struct Given {
    /// Name of the secret.
    name: &'static str,
    /// What a person allowed.
    origin: String,
    /// The refresh token that was stored when the vendor was asked, sealed.
    stored: String,
    /// The one that the vendor accepted, sealed.
    used: String,
    /// Another one, if the vendor gave one.
    refresh: Option<SecretString>,
    access: SecretString,
    until: Timestamp,
    /// The credentials it was asked for with.
    mark: u64,
    by: String,
}

/// Whether it is this process's turn to ask.
enum Turn {
    /// Somebody has been given this already.
    Given(SecretString, Timestamp),
    /// It is, with this refresh token.
    Ours { by: String, secret: SealedSecret },
}

#[async_trait]
impl TokenKeeper for Flow {
    async fn access_token(&self, session: &Session<'_>, refused: Option<&str>) -> Result<String, Stop> {
        let account = session.account;
        let id = &account.connection.id;
        let turn = self.refreshes.turn(id);
        let _turn = turn.lock().await;
        let known = session.tokens().get(id.as_str(), session.now());
        if let Some(known) = known.filter(|known| refused != Some(known.as_str())) {
            return Ok(known);
        }
        if let Some(given) = self.refreshes.unwritten(id) {
            self.write_given(id, &given).await.map_err(ours)?;
        }
        let (token, until) = match self.may_refresh(account, refused).await? {
            Turn::Given(token, until) => (token, until),
            Turn::Ours { by, secret } => self.refresh(session, by, &secret).await?,
        };
        session.hide([token.expose_secret().to_owned()]);
        session.tokens().put(id.as_str(), token.expose_secret().to_owned(), until);
        Ok(token.expose_secret().to_owned())
    }
}

impl Flow {
    /// What somebody else was given for the same credentials, else the turn to ask.
    async fn may_refresh(&self, account: &Account, refused: Option<&str>) -> Result<Turn, Stop> {
        let id = &account.connection.id;
        let name = secret_of(account)?;
        let Some(origin) = account.connection.secrets.get(name).map(SealedSecret::origin) else {
            return Err(refused_for_good(remark::consent_missing()));
        };
        for _ in 0..TRIES_MAX {
            let Some(mut connection) = self.parts.ledger.connection(id).await.map_err(ours)? else {
                return Err(Stop::Ours("the connection was removed".to_owned()));
            };
            let Some(secret) = place(&mut connection, name, origin).cloned() else {
                return Err(refused_for_good(remark::consent_replaced()));
            };
            let now = self.now();
            let access = connection.oauth.access.clone().filter(|access| {
                access.mark == account.connection.credentials_mark() && access.until.duration_since(now) > LEFT_MIN
            });
            if let Some(access) = access {
                let token = self.parts.keys.open(id, ACCESS_TOKEN, &access.sealed).await.map_err(ours)?;
                if refused != Some(token.expose_secret()) {
                    return Ok(Turn::Given(token, access.until));
                }
            }
            if connection.oauth.refreshing.as_ref().is_some_and(|other| now < other.until) {
                return Err(Stop::RateLimited {
                    retry_after: Some(ASKED_ELSEWHERE),
                    message: remark::token_asked_elsewhere(),
                });
            }
            let by = self.parts.entropy.word();
            let until = now.checked_add(REFRESH_TAKES_MAX).unwrap_or(Timestamp::MAX);
            connection.oauth.refreshing = Some(Refreshing { by: by.clone(), until });
            let before = connection.version;
            connection.version = before + 1;
            if self.parts.ledger.put_connection(&connection, Some(before)).await.map_err(ours)? {
                return Ok(Turn::Ours { by, secret });
            }
        }
        Err(Stop::Ours("the connection is written by many at once".to_owned()))
    }

    /// Asks the vendor, and writes down what it gives before anybody uses it.
    async fn refresh(
        &self,
        session: &Session<'_>,
        by: String,
        secret: &SealedSecret,
    ) -> Result<(SecretString, Timestamp), Stop> {
        let account = session.account;
        let id = &account.connection.id;
        let asked = self.ask_for_tokens(session, secret).await;
        let (used, tokens) = match asked {
            Ok(asked) => asked,
            Err(stop) => {
                self.end_turn(id, &by).await;
                return Err(stop);
            }
        };
        let given = Given {
            name: secret_of(account)?,
            origin: secret.origin().to_owned(),
            stored: secret.sealed.clone(),
            used,
            refresh: tokens.refresh,
            access: tokens.access,
            until: session.now().checked_add(tokens.expires_in).unwrap_or(Timestamp::MAX),
            mark: account.connection.credentials_mark(),
            by,
        };
        session.hide(given.refresh.iter().map(|token| token.expose_secret().to_owned()));
        // Until it is written this process is the only one that knows it.
        self.refreshes.leave(id, Some(given.clone()));
        self.write_given(id, &given).await.map_err(ours)?;
        Ok((given.access, given.until))
    }

    /// Asks with the refresh token in use, and with the one before it if that one never succeeded. Says which was good.
    async fn ask_for_tokens(&self, session: &Session<'_>, secret: &SealedSecret) -> Result<(String, Tokens), Stop> {
        let account = session.account;
        let oauth = self.oauth_of(account)?;
        let name = secret_of(account)?;
        let ask = async |sealed: &str| -> Result<(String, Tokens), Stop> {
            let token = self.parts.keys.open(&account.connection.id, name, sealed).await.map_err(ours)?;
            session.hide([token.expose_secret().to_owned()]);
            let tokens = oauth.refresh(session, token.expose_secret()).await?;
            let other = tokens.refresh.filter(|other| other.expose_secret() != token.expose_secret());
            Ok((sealed.to_owned(), Tokens { refresh: other, ..tokens }))
        };
        let before = secret.granted.as_ref().and_then(|granted| granted.before.as_deref());
        match (ask(&secret.sealed).await, before) {
            (Err(Stop::Credentials(_)), Some(before)) => ask(before).await,
            (asked, _) => asked,
        }
    }

    /// Writes what a vendor gave, again and again for a while: what it replaces may be of no use any more.
    async fn write_given(&self, id: &ConnectionId, given: &Given) -> Result<(), PortError> {
        let mut written = Ok(());
        for _ in 0..TRIES_MAX {
            written = self.write_given_once(id, given).await;
            if written.is_ok() {
                self.refreshes.leave(id, None);
                break;
            }
        }
        written
    }

    async fn write_given_once(&self, id: &ConnectionId, given: &Given) -> Result<(), PortError> {
        let keys = &self.parts.keys;
        let access = keys.seal(id, ACCESS_TOKEN, &given.access).await?;
        let refresh = match &given.refresh {
            Some(refresh) => Some(keys.seal(id, given.name, refresh).await?),
            None => None,
        };
        self.change_connection(id, |connection| {
            // Somebody else may have had a turn after ours ran out: then what that one was given is the newer.
            if let Some(secret) = place(connection, given.name, &given.origin).filter(|it| it.sealed == given.stored) {
                let before = refresh.is_some().then(|| given.used.clone());
                secret.sealed = refresh.clone().unwrap_or_else(|| given.used.clone());
                secret.granted = Some(Granted { id: given.origin.clone(), before });
                let access = AccessToken { sealed: access.clone(), until: given.until, mark: given.mark };
                connection.oauth.access = Some(access);
            }
            connection.oauth.refreshing.take_if(|turn| turn.by == given.by);
            true
        })
        .await?;
        if given.refresh.is_some() {
            tracing::info!(
                event = "secrets.exchanged",
                connection = id.as_str(),
                "the vendor gave another refresh token"
            );
        }
        Ok(())
    }

    /// Lets others ask. If this fails they wait until the turn has run out.
    async fn end_turn(&self, id: &ConnectionId, by: &str) {
        let ended = self
            .change_connection(id, |connection| connection.oauth.refreshing.take_if(|turn| turn.by == by).is_some())
            .await;
        if let Err(error) = ended {
            tracing::warn!(event = "secrets.turn_kept", connection = id.as_str(), %error);
        }
    }

    /// How its vendor is asked.
    pub(super) fn oauth_of(&self, account: &Account) -> Result<&'static dyn OAuth, Stop> {
        let connector = self.parts.registry.get(&account.connection.connector);
        connector
            .and_then(|connector| connector.oauth())
            .ok_or_else(|| Stop::fail(Code::UnknownConnector, None, remark::consent_nowhere()))
    }
}

/// The secret that the vendor gives to this connection.
fn secret_of(account: &Account) -> Result<&'static str, Stop> {
    let oauth = account.spec.oauth_of(&account.connection);
    oauth.map(|oauth| oauth.secret).ok_or_else(|| Stop::Ours("the connection is not allowed at its vendor".to_owned()))
}

/// Where the secret lies that comes of what a person allowed: in use, or pending.
fn place<'a>(connection: &'a mut Connection, name: &str, origin: &str) -> Option<&'a mut SealedSecret> {
    let pending = connection.rotation.pending.as_mut().and_then(|pending| pending.secrets.get_mut(name));
    connection.secrets.get_mut(name).into_iter().chain(pending).find(|secret| secret.origin() == origin)
}

fn refused_for_good(message: Said) -> Stop {
    Stop::Credentials(connectors::Failure::new(Code::CredentialsRefused, Step::Look, None, message))
}

fn ours(error: PortError) -> Stop {
    Stop::Ours(error.to_string())
}
