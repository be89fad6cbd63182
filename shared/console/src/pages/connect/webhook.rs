//! A connection's webhook: its address, how it is entered at the vendor, and whether somebody answers there.

use super::one::{self, Beside};
use crate::ConsoleState;
use crate::api::webhook::{self, Found, MASKED};
use crate::pages::fault::Fault;
use crate::pages::guard::Posted;
use crate::pages::links;
use crate::pages::view::{Link, Prose, When, show};
use crate::texts::{self, say, say_n, word};
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use connectors::{Spec, WebhookScheme};
use domain::{ConnectionId, InWords, Subject};
use export_flow::heard::{self, Heard};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

/// What a person needs to know to enter a webhook at its vendor.
pub(super) struct WebhookFacts {
    /// Where the vendor is to call. Without an id there is none yet.
    pub(super) url: Option<String>,
    /// The token in it is shown, this one time.
    pub(super) shows_token: bool,
    /// The token in it is not shown any more.
    pub(super) hides_token: bool,
    /// To be said here: vendors cannot reach it.
    pub(super) unreachable: bool,
    pub(super) setup: Prose,
    pub(super) events: &'static [&'static str],
    pub(super) retries: &'static str,
}

/// Of a connector's webhook; `None` where the vendor calls nobody.
pub(super) fn facts(state: &ConsoleState, spec: &Spec, id: &str, token: Option<&str>) -> Option<WebhookFacts> {
    let known = spec.webhook?;
    let by_token = known.scheme == WebhookScheme::UrlToken;
    Some(WebhookFacts {
        url: webhook::address(state, spec, id, token.unwrap_or(MASKED)),
        shows_token: by_token && token.is_some(),
        hides_token: by_token && token.is_none(),
        unreachable: false,
        setup: Prose::new(texts::connector(spec.id, "webhook-setup", known.setup)),
        events: known.events,
        retries: texts::connector(spec.id, "webhook-retries", known.retries.text),
    })
}

/// The same before there is a connection: for vendors where the address is entered together with a secret.
pub(super) fn before(state: &ConsoleState, spec: &Spec, id: &str) -> Option<WebhookFacts> {
    let facts = facts(state, spec, id, None)?;
    let url = facts.url.filter(|_| !facts.hides_token && !id.is_empty());
    let unreachable = !state.options.has_public_webhooks(spec.role);
    Some(WebhookFacts { url, unreachable, hides_token: false, ..facts })
}

/// Calls shown.
const SHOWN: usize = 5;

/// What has been called lately.
pub(super) struct Calls {
    /// Calls that were accepted: what they were about, and when.
    pub(super) accepted: Vec<(When, Link)>,
    /// Since when nothing is left out, where the store did not look further back.
    pub(super) since: Option<When>,
    /// Calls that were refused since this program started: why, how often, when last.
    pub(super) refused: Vec<(&'static str, String, When)>,
}

impl Calls {
    pub(super) fn new(connection: &ConnectionId, calls: &heard::Calls, now: Timestamp) -> Self {
        let about = |heard: &Heard| {
            let Subject { kind, id } = &heard.subject;
            let pairs = [("connection", connection.as_str()), ("document", id.as_str())];
            let text = format!("{} {id}", word(kind.in_words()).label);
            (When::new(heard.at, now), Link { href: links::list("/exports", pairs), text })
        };
        let refused = calls.refused.iter().flatten();
        Self {
            accepted: calls.accepted.iter().take(SHOWN).map(about).collect(),
            since: calls.since.map(|at| When::new(at, now)),
            refused: refused
                .map(|calls| {
                    let times = say_n("connect-calls-times", calls.count);
                    (texts::label(calls.reason), times, When::new(calls.last_at, now))
                })
                .collect(),
        }
    }
}

/// `POST /connections/{id}/webhook-test`: asks its address from here. The page says what was found.
pub(in crate::pages) async fn test(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let (_, found) = webhook::ask(&state, &connection).await?;
    let there = links::list(&links::connection(&connection.id), [("tested", found.as_str())]);
    Ok(Redirect::to(&format!("{there}#h-webhook")))
}

/// `POST /connections/{id}/webhook-token`: a new token for its address, which is shown this one time.
pub(in crate::pages) async fn renew(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Response, Fault> {
    let new = state.flow.renew_url_token(&session.tenant, &id).await?;
    let beside = Beside { token: Some(new.token.expose_secret()), ..Beside::default() };
    Ok(show(&one::page(&state, &session, &new.connection, &beside).await?))
}

/// What was found, in words, and whether that is good.
pub(super) fn tested(word: &str) -> Option<(bool, &'static str)> {
    let found = Found::ALL.into_iter().find(|found| found.as_str() == word)?;
    let said = match found {
        Found::Ours => "connect-webhook-ours",
        Found::NotKnown => "connect-webhook-not-known",
        Found::Unavailable => "connect-webhook-unavailable",
        Found::Another => "connect-webhook-another",
        Found::Private => "connect-webhook-private",
        Found::Nobody => "connect-webhook-nobody",
    };
    Some((found == Found::Ours, say(said)))
}
