//! Dead letters by the many, and the jobs that work on them.

use super::input::{JsonBody, Tenant};
use super::shapes;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{JobId, TenantId};
use export_flow::jobs::{Filter, JobKind, JobRequest};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

/// The body of `POST /dead-letters/redrive` and `/dismiss`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    filter: Filter,
    dry_run: bool,
    note: Option<String>,
}

/// `POST /dead-letters/redrive`.
pub(crate) async fn redrive(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    start(&state, &tenant, JobKind::Redrive, asked).await
}

/// `POST /dead-letters/dismiss`.
pub(crate) async fn dismiss(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    start(&state, &tenant, JobKind::Dismiss, asked).await
}

async fn start(state: &ConsoleState, tenant: &TenantId, kind: JobKind, asked: Asked) -> Result<Response, Problem> {
    let request = JobRequest { filter: asked.filter, dry_run: asked.dry_run, note: asked.note, by: None };
    let job = state.flow.start_job(tenant, kind, &request).await?;
    Ok((StatusCode::ACCEPTED, Json(shapes::job(&job))).into_response())
}

/// `GET /jobs/{id}`.
pub(crate) async fn one(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let job = state.flow.job_of(&tenant, &JobId::new(id)).await?;
    Ok(Json(shapes::job(&job)))
}
