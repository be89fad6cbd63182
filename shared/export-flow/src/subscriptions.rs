//! Whether vendors still call us: what they say about our webhook where they can be asked, and silence where they cannot.
//! Nothing is lost without webhooks, since every source is polled; it only goes out later.

use crate::flow::Flow;
use crate::notices::{Facts, Notice};
use crate::ports::PortError;
use connectors::{Account, Mode, Session, Stop, SubscriptionState, Subscriptions, WebhookScheme};
use domain::{CheckStep, Code, Connection, NoticeKind, Role, Said, Step, kept, remark};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// What stays as it is, is told again after this.
const TOLD_AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The setting that lets us register the webhook.
const MANAGE: &str = "manage_webhook";

impl Flow {
    /// Says under which addresses vendors reach the webhooks of each role, without a slash at their end.
    #[must_use]
    pub fn reached_at(mut self, bases: BTreeMap<Role, String>) -> Self {
        self.bases = bases;
        self
    }

    /// Where its vendor is to call; absent where vendors cannot reach us, or the address holds a token that is not kept.
    fn webhook_address(&self, account: &Account) -> Option<String> {
        let Connection { id, role, .. } = &account.connection;
        account.spec.webhook.filter(|webhook| webhook.scheme != WebhookScheme::UrlToken)?;
        Some(format!("{}/webhooks/{}/{id}", self.bases.get(role)?, role.as_str()))
    }

    fn subscriptions(&self, account: &Account) -> Option<(&'static dyn Subscriptions, String)> {
        let connector = self.parts.registry.get(&account.connection.connector)?;
        connector.subscriptions().zip(self.webhook_address(account))
    }

    /// Asks a vendor for our webhook: repairs it if the connection says so, else tells of it if it is switched off. What
    /// the vendor does not show is told of only by its silence: it may have been made by other credentials.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or written.
    pub async fn watch_subscription(&self, account: &Account) -> Result<(), PortError> {
        let Some((subscriptions, url)) = self.subscriptions(account) else { return Ok(()) };
        let session = self.session(account, Mode::Live, Step::Look);
        match look_and_repair(subscriptions, &session, &url, true).await {
            Ok(Found { code: Some(code), .. }) => self.tell_webhook(account, code).await,
            Ok(found) => {
                if found.registered {
                    tracing::info!(event = "webhook.registered", connection = account.connection.id.as_str());
                }
                Ok(())
            }
            Err(Stop::Ours(message)) => Err(PortError::Unavailable(message)),
            // The polls meet the same and tell of it.
            Err(stop) => {
                let code = match &stop {
                    Stop::Fail(failure) | Stop::Credentials(failure) => Some(failure.code.as_str()),
                    _ => None,
                };
                tracing::info!(event = "webhook.unasked", connection = account.connection.id.as_str(), code);
                Ok(())
            }
        }
    }

    /// Secrets were exchanged: a vendor with a webhook of ours must be given the new one, or soon it is refused. Where this is
    /// not called, or cannot be done now, the sweep does it.
    pub(crate) async fn renew_subscription(&self, connection: &Connection) {
        let watched = match self.account(&connection.id).await {
            Ok(Some(account)) if account.setting(MANAGE) == Some("yes") => self.watch_subscription(&account).await,
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = watched {
            tracing::warn!(event = "webhook.unasked", connection = connection.id.as_str(), error = %error);
        }
    }

    /// A source's webhooks seem not to arrive: what changed there was found by polling only, again and again.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or written.
    pub async fn tell_silent(&self, account: &Account) -> Result<(), PortError> {
        self.tell_webhook(account, Code::WebhookSilent).await
    }

    async fn tell_webhook(&self, account: &Account, code: Code) -> Result<(), PortError> {
        let connection = &account.connection;
        let said = if code == Code::WebhookSilent { remark::webhook_silent() } else { remark::webhook_off() };
        self.note_error(&connection.id, code, said).await?;
        let (now, id) = (self.now(), format!("webhook:{}:{code}", connection.id));
        let facts = Facts { connection: Some(connection.id.clone()), code: Some(code), ..Facts::default() };
        let notice = Notice::new(connection.tenant.clone(), id, NoticeKind::Webhook, now, facts);
        self.tell(Notice { quiet_until: now.checked_add(TOLD_AGAIN).ok(), ..notice }).await
    }

    /// The check's step about it: never a reason not to use the connection.
    pub(crate) async fn webhook_step(&self, session: &Session<'_>, repair: bool) -> Option<CheckStep> {
        let (subscriptions, url) = self.subscriptions(session.account)?;
        let (code, message) = match look_and_repair(subscriptions, session, &url, repair).await {
            Ok(Found { code, message, .. }) => (code, message),
            Err(Stop::Fail(failure) | Stop::Credentials(failure)) => (Some(failure.code), Some(failure.message)),
            Err(_) => (None, Some(remark::webhook_unasked())),
        };
        let next_step = code.map(|code| code.next_step().to_owned());
        let (message, remark) = kept(message);
        Some(CheckStep { name: "webhook".to_owned(), ok: true, code, message, remark, next_step })
    }
}

#[derive(Default)]
struct Found {
    code: Option<Code>,
    message: Option<Said>,
    registered: bool,
}

impl Found {
    fn saying(message: Said) -> Self {
        Self { message: Some(message), ..Self::default() }
    }
}

async fn look_and_repair(
    subscriptions: &dyn Subscriptions,
    session: &Session<'_>,
    url: &str,
    repair: bool,
) -> Result<Found, Stop> {
    let Some(there) = subscriptions.look(session, url).await? else {
        return Ok(Found::saying(remark::webhook_closed()));
    };
    // Of several the first, so that two who ask at the same time keep the same one.
    let kept = there.iter().find(|one| one.state == SubscriptionState::Active);
    if repair && session.account.setting(MANAGE) == Some("yes") {
        // The new one first: between the calls events come twice, never not at all. What a crash leaves behind is removed
        // the next time.
        if kept.is_none() {
            subscriptions.register(session, url).await?;
        }
        for old in there.iter().filter(|one| kept.is_none_or(|kept| kept.id != one.id)) {
            subscriptions.remove(session, &old.id).await?;
        }
        let registered = Found { registered: true, ..Found::saying(remark::webhook_registered()) };
        return Ok(if kept.is_some() { Found::default() } else { registered });
    }
    Ok(match there.len() {
        _ if kept.is_some() => Found::default(),
        0 => Found::saying(remark::webhook_unseen()),
        _ if there.iter().any(|one| one.state == SubscriptionState::Outdated) => {
            Found::saying(remark::webhook_outdated())
        }
        _ => Found { code: Some(Code::WebhookOff), ..Found::saying(remark::webhook_off()) },
    })
}
