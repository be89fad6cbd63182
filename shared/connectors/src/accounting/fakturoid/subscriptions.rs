//! Webhooks that Fakturoid keeps for us (API v3, webhooks). A credential sees only what it has made itself: one that a
//! person made in Fakturoid's own pages is not in the list. The list shows the header value that was chosen for each.

use super::Fakturoid;
use super::calls::{self, below};
use super::spec::SPEC;
use super::webhook::SECRETS;
use crate::account::Account;
use crate::contract::{Subscription, SubscriptionState, Subscriptions};
use crate::session::Session;
use crate::stop::Stop;
use ::http::Method;
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Hook {
    id: u64,
    webhook_url: String,
    #[serde(default)]
    auth_header: Option<String>,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

impl Hook {
    fn state(&self, account: &Account) -> SubscriptionState {
        // Only a value that we know as an old one counts: should the vendor show something else in its place one day, a
        // comparison with that in use would make us register for ever.
        let (name, previous) = (SECRETS[0], account.secrets.get(SECRETS[1]));
        let is_old = |shown: &str| {
            account.secrets.is_replaced(name, shown) || (shown == previous && shown != account.secrets.get(name))
        };
        match &self.auth_header {
            _ if !self.active => SubscriptionState::Off,
            Some(shown) if !shown.is_empty() && is_old(shown) => SubscriptionState::Outdated,
            _ => SubscriptionState::Active,
        }
    }
}

#[async_trait]
impl Subscriptions for Fakturoid {
    async fn look(&self, session: &Session<'_>, url: &str) -> Result<Option<Vec<Subscription>>, Stop> {
        let answer = calls::get(session, &below(session.account, "webhooks.json"), None).await?;
        if answer.status == 403 {
            return Ok(None);
        }
        let hooks: Vec<Hook> = calls::good(&answer)?;
        let ours = hooks.into_iter().filter(|hook| hook.webhook_url == url);
        let seen = |hook: Hook| Subscription { id: hook.id.to_string(), state: hook.state(session.account) };
        Ok(Some(ours.map(seen).collect()))
    }

    async fn register(&self, session: &Session<'_>, url: &str) -> Result<(), Stop> {
        let account = session.account;
        let events = SPEC.webhook.map(|webhook| webhook.events).unwrap_or_default();
        let wish = json!({"webhook_url": url, "auth_header": account.secrets.get(SECRETS[0]), "events": events});
        let answer = calls::send(session, Method::POST, &below(account, "webhooks.json"), Some(&wish)).await?;
        if answer.status == 201 { Ok(()) } else { Err(calls::refused(&answer)) }
    }

    async fn remove(&self, session: &Session<'_>, id: &str) -> Result<(), Stop> {
        let path = below(session.account, &format!("webhooks/{id}.json"));
        let answer = calls::send(session, Method::DELETE, &path, None).await?;
        if matches!(answer.status, 200..=299 | 404) { Ok(()) } else { Err(calls::refused(&answer)) }
    }
}
