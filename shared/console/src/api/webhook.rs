//! Where vendors are to call, and whether somebody answers there.

use super::input::Tenant;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use connectors::{Hosts, HttpError, Lane, NotConnected, Request, Spec, WebhookScheme};
use domain::{Code, Connection, ConnectionId};
use export_flow::refused::Refused;
use http::Method;
use serde_json::{Value, json};

/// How a token of a webhook address is shown after the first time.
pub(crate) const MASKED: &str = "***";
/// What stands in place of the token of an address that is asked: never one that would be taken.
const NO_TOKEN: &str = "nobody";

/// Where a connector's vendor is to call; `None` where it calls nobody.
pub(crate) fn address(state: &ConsoleState, spec: &Spec, id: &str, token: &str) -> Option<String> {
    let webhook = spec.webhook?;
    let url = format!("{}/webhooks/{}/{id}", state.options.webhook_base(spec.role), spec.role.as_str());
    Some(match webhook.scheme {
        WebhookScheme::UrlToken => format!("{url}/{token}"),
        WebhookScheme::StaticHeader | WebhookScheme::Hmac => url,
    })
}

/// What was found at a webhook address by a call that nobody has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Our endpoint: it knows the connection and refuses what is not from its vendor.
    Ours,
    /// Our endpoint, but it does not know the connection.
    NotKnown,
    /// Our endpoint, but its store or keys cannot be read.
    Unavailable,
    /// Somebody else.
    Another,
    /// An address that is private, so that no vendor can call it.
    Private,
    /// Nobody.
    Nobody,
}

impl Found {
    /// Whatever can be found.
    pub(crate) const ALL: [Self; 6] =
        [Self::Ours, Self::NotKnown, Self::Unavailable, Self::Another, Self::Private, Self::Nobody];

    /// The word used in JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::NotKnown => "not_known",
            Self::Unavailable => "unavailable",
            Self::Another => "another",
            Self::Private => "private",
            Self::Nobody => "nobody",
        }
    }
}

/// Asks a connection's webhook address from here, as somebody who has no right to call it.
pub(crate) async fn ask(state: &ConsoleState, connection: &Connection) -> Result<(String, Found), Refused> {
    let parts = state.flow.parts();
    let spec = parts.registry.get(&connection.connector).map(|connector| connector.spec());
    let none = || Refused::Conflict(domain::remark::webhook_none());
    let url = spec.and_then(|spec| address(state, spec, connection.id.as_str(), NO_TOKEN)).ok_or_else(none)?;
    let parsed = url.parse().map_err(|_| Refused::Conflict(domain::remark::webhook_address()))?;
    let lane = Lane {
        tenant: connection.tenant.clone(),
        // What is found here says nothing about the vendor's limits.
        connection: ConnectionId::new(format!("{}:webhook", connection.id)),
        pace: None,
        hosts: Hosts::BaseUrl(state.options.webhook_base(connection.role).to_owned()),
    };
    let answer = parts.http.call(&lane, Request::new(Method::POST, parsed).json(&json!({})), false).await;
    let found = match answer {
        Ok(answer) => {
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            match said.get("code").and_then(Value::as_str) {
                Some(code) if code == Code::Unauthenticated.as_str() => Found::Ours,
                Some(code) if code == Code::UnknownConnection.as_str() => Found::NotKnown,
                Some(code) if code == Code::StoreUnavailable.as_str() => Found::Unavailable,
                _ => Found::Another,
            }
        }
        Err(HttpError::NotConnected(NotConnected::AddressRefused, _)) => Found::Private,
        Err(_) => Found::Nobody,
    };
    Ok((url, found))
}

/// `POST /connections/{id}/webhook-test`.
pub(crate) async fn test(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let connection = state.flow.connection_of(&tenant, &id).await?;
    let (url, found) = ask(&state, &connection).await?;
    let public = state.options.has_public_webhooks(connection.role);
    Ok(Json(json!({"ok": found == Found::Ours, "found": found.as_str(), "url": url, "public": public})))
}
