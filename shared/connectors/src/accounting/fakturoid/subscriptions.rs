//! Webhooks that Fakturoid keeps for us (API v3, webhooks). A credential sees only what it has made itself: one that a
//! person made in Fakturoid's own pages is not in the list.

use super::Fakturoid;
use super::calls::{self, below};
use super::spec::SPEC;
use crate::contract::{Subscription, Subscriptions};
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
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

#[async_trait]
impl Subscriptions for Fakturoid {
    async fn look(&self, session: &Session<'_>, url: &str) -> Result<Subscription, Stop> {
        let answer = calls::get(session, &below(session.account, "webhooks.json"), None).await?;
        if answer.status == 403 {
            return Ok(Subscription::Unknown);
        }
        let hooks: Vec<Hook> = calls::good(&answer)?;
        let mut ours = hooks.into_iter().filter(|hook| hook.webhook_url == url).peekable();
        let Some(first) = ours.peek().map(|hook| hook.id.to_string()) else { return Ok(Subscription::NotSeen) };
        Ok(if ours.any(|hook| hook.active) { Subscription::Active } else { Subscription::Off(first) })
    }

    async fn register(&self, session: &Session<'_>, url: &str, instead_of: Option<&str>) -> Result<(), Stop> {
        let account = session.account;
        let events = SPEC.webhook.map(|webhook| webhook.events).unwrap_or_default();
        let wish = json!({
            "webhook_url": url, "auth_header": account.secrets.get("webhook_authorization"), "events": events,
        });
        let answer = calls::send(session, Method::POST, &below(account, "webhooks.json"), Some(&wish)).await?;
        if answer.status != 201 {
            return Err(calls::refused(&answer));
        }
        let Some(id) = instead_of else { return Ok(()) };
        // The new one first: between the two calls events come twice, never not at all.
        let answer =
            calls::send(session, Method::DELETE, &below(account, &format!("webhooks/{id}.json")), None).await?;
        if matches!(answer.status, 200..=299 | 404) { Ok(()) } else { Err(calls::refused(&answer)) }
    }
}
