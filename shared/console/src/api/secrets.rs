//! New secrets of connections, and new tokens of their webhook addresses.

use super::connections::{beside, shape};
use super::input::{JsonBody, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use export_flow::connections::CHECK_SECS_MAX;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

/// `POST /connections/{id}/secrets`.
pub(crate) async fn rotate(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    JsonBody(given): JsonBody<Value>,
) -> Result<Json<Value>, Problem> {
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX));
    let rotated = state.flow.rotate_secrets(&tenant, &id, &given, deadline).await?;
    Ok(Json(json!({
        "outcome": rotated.outcome.as_str(), "check": rotated.check,
        "connection": shape(&state, &rotated.connection).await?,
    })))
}

/// `POST /connections/{id}/webhook-token`.
pub(crate) async fn webhook_token(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let new = state.flow.renew_url_token(&tenant, &id).await?;
    let beside = beside(&state, &new.connection, Some(new.token.expose_secret())).await?;
    Ok(Json(json!({
        "webhook_url": beside.webhook_url, "old_until": new.old_until,
        "connection": shape(&state, &new.connection).await?,
    })))
}
