//! Connections: put, get, delete, check, pause, resume, what a source has.

use super::input::{JsonBody, MayJson, Params, Tenant, time};
use super::shapes::{self, Beside};
use super::webhook;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{Connection, Switch};
use export_flow::connections::{CHECK_SECS_MAX, PutOptions, expires_at};
use http::header::IF_NONE_MATCH;
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `PUT /connections/{id}`.
pub(crate) async fn put(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(given): JsonBody<Value>,
) -> Result<Response, Problem> {
    // Whoever makes a connection must not write over one that somebody else has made a moment ago.
    let creates = headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == b"*");
    let options = PutOptions { allow_private_targets: state.options.allow_private_targets, creates };
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX));
    let put = state.flow.put_connection(&tenant, &id, &given, options, deadline).await?;
    let token = put.url_token.as_ref().map(ExposeSecret::expose_secret);
    let mut beside = beside(&state, &put.connection, token).await?;
    beside.now_eligible = put.now_eligible;
    beside.warnings = put.warnings;
    let status = if put.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(shapes::connection(&put.connection, &beside))).into_response())
}

/// `GET /connections`.
pub(crate) async fn list(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.only(&["limit", "cursor"])?;
    let limit = params.limit()?;
    let mut all = state.flow.parts().ledger.connections(&tenant).await?;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let after = params.get("cursor").unwrap_or_default();
    let mut page: Vec<Connection> = all.into_iter().filter(|c| c.id.as_str() > after).take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|connection| connection.id.clone());
    let mut connections = vec![];
    for connection in &page {
        connections.push(shape(&state, connection).await?);
    }
    Ok(Json(json!({"connections": connections, "next": next})))
}

/// `GET /connections/{id}`.
pub(crate) async fn one(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let connection = state.flow.connection_of(&tenant, &id).await?;
    Ok(Json(shape(&state, &connection).await?))
}

/// `DELETE /connections/{id}`.
pub(crate) async fn delete(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    state.flow.delete_connection(&tenant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /connections/{id}/check`: of the connection as it is, or of one as it is given, which is not written.
pub(crate) async fn check(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    MayJson(given): MayJson<Value>,
) -> Result<Json<Value>, Problem> {
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX));
    // Many a program sends an empty object where it has nothing to say.
    if !given.is_null() && given != json!({}) {
        let options =
            PutOptions { allow_private_targets: state.options.allow_private_targets, ..PutOptions::default() };
        let check = state.flow.try_connection(&tenant, &id, &given, options, deadline).await?;
        return Ok(Json(json!(check)));
    }
    let connection = state.flow.check_connection(&tenant, &id, deadline).await?;
    let check = connection.check.as_ref();
    Ok(Json(json!({
        "ok": check.is_some_and(|check| check.ok), "at": check.map(|check| check.at),
        "steps": check.map(|check| &check.steps), "state": connection.state,
    })))
}

/// `GET /connections/{id}/removal`.
pub(crate) async fn removal(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let outlook = state.flow.removal_outlook(&tenant, &id).await?;
    Ok(Json(json!({
        "as_target": outlook.as_target, "as_source": outlook.as_source, "would_be_skipped": outlook.would_be_skipped(),
        "more": outlook.more,
    })))
}

/// `POST /connections/{id}/switches/outlook`.
pub(crate) async fn switch_outlook(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    JsonBody(switches): JsonBody<BTreeMap<Switch, bool>>,
) -> Result<Json<Value>, Problem> {
    let outlook = state.flow.switch_outlook(&tenant, &id, &switches).await?;
    Ok(Json(json!({
        "would_be_skipped": outlook.would_be_skipped, "would_be_eligible": outlook.would_be_eligible,
        "more": outlook.more,
    })))
}

/// `POST /connections/{id}/pause`.
pub(crate) async fn pause(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let connection = state.flow.pause_connection(&tenant, &id).await?;
    Ok(Json(shape(&state, &connection).await?))
}

/// `POST /connections/{id}/resume`.
pub(crate) async fn resume(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let connection = state.flow.resume_connection(&tenant, &id).await?;
    Ok(Json(shape(&state, &connection).await?))
}

/// `GET /connections/{id}/documents`.
pub(crate) async fn documents(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.only(&["since", "limit", "cursor"])?;
    let since = time("since", params.get("since"))?;
    let page = state.flow.documents(&tenant, &id, since, params.limit()?, params.get("cursor")).await?;
    let documents: Vec<Value> = page.lines.iter().map(shapes::line).collect();
    Ok(Json(json!({"documents": documents, "next": page.next})))
}

/// A connection as the API shows it.
pub(crate) async fn shape(state: &ConsoleState, connection: &Connection) -> Result<Value, Problem> {
    Ok(shapes::connection(connection, &beside(state, connection, None).await?))
}

pub(super) async fn beside(
    state: &ConsoleState,
    connection: &Connection,
    token: Option<&str>,
) -> Result<Beside, Problem> {
    let missing = state.flow.missing(connection, state.options.has_public_webhooks(connection.role)).await?;
    let Some(connector) = state.flow.parts().registry.get(&connection.connector) else {
        return Ok(Beside { missing, ..Beside::default() });
    };
    let spec = connector.spec();
    let webhook_url = webhook::address(state, spec, connection.id.as_str(), token.unwrap_or(webhook::MASKED));
    Ok(Beside {
        expires_at: expires_at(connection),
        rotation_overlap: connectors::rotation_overlap(connection).unwrap_or(connectors::ROTATION_OVERLAP),
        webhook_url,
        switches_offered: state.flow.switches_offered(connection).await?,
        offers: spec.operations.iter().map(|operation| operation.operation).collect(),
        secrets: spec
            .fields
            .iter()
            .filter(|field| field.secret)
            .map(|field| field.name)
            .chain(spec.oauth_of(connection).map(|oauth| oauth.secret))
            .collect(),
        missing,
        now_eligible: None,
        warnings: vec![],
    })
}
