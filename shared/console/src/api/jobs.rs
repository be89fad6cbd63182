//! Dead letters by the many, and the jobs that work on them.

use super::input::{JsonBody, Object, Params, Tenant, Who, list_failed, time};
use super::listed::{self, Listed};
use super::shapes;
use crate::access::gate::Trace;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{AboutKind, ConnectionId, FieldProblem, JobId, Operation};
use export_flow::jobs::{BatchRequest, Filter, JobKind, JobRequest};
use export_flow::ports::Job;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /dead-letters`: what they have in common; as a table, each of them.
pub(crate) async fn groups(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    let as_table = crate::table::wanted(&headers, params.get("format"))?;
    let more: &[&str] = if as_table { &["format"] } else { &["format", "cursor"] };
    params.only(&[&["connection", "at", "operation", "code"], more].concat())?;
    let filter = Filter {
        connection: params.get("connection").map(ConnectionId::new),
        at: params.get("at").map(ConnectionId::new),
        operation: params.word("operation", Operation::from_word)?,
        code: params.get("code").map(str::to_owned),
        ..Filter::default()
    };
    if as_table {
        let (query, at) = (filter.query(), filter.at);
        return listed::table(state, "dead-letters.csv", Listed { tenant, query, at }).await;
    }
    let cursor = params.get("cursor");
    let found = state.flow.dead_letters(&tenant, &filter, cursor).await.map_err(|error| list_failed(error, cursor))?;
    let groups: Vec<Value> = found.groups.iter().map(|group| shapes::group(group, &filter)).collect();
    // What was read before the cursor is counted there.
    let whole = cursor.is_none() && found.next.is_none();
    Ok(Json(json!({"dead_letters": groups, "read": found.read, "lower_bound": !whole, "next": found.next}))
        .into_response())
}

/// The body of `POST /dead-letters/redrive` and `/dismiss`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Asked {
    filter: Object<Filter>,
    dry_run: bool,
    note: Option<String>,
}

/// `POST /dead-letters/redrive`.
pub(crate) async fn redrive(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(who): Who,
    trace: Trace,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    let job = state.flow.start_job(&tenant, JobKind::Redrive, &asked.by(who)).await?;
    Ok(begun(&job, &trace))
}

/// `POST /dead-letters/dismiss`.
pub(crate) async fn dismiss(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(who): Who,
    trace: Trace,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    let job = state.flow.start_job(&tenant, JobKind::Dismiss, &asked.by(who)).await?;
    Ok(begun(&job, &trace))
}

/// A job that was begun, which the trail is to name too.
fn begun(job: &Job, trace: &Trace) -> Response {
    trace.about(AboutKind::Job, job.id.as_str());
    (StatusCode::ACCEPTED, Json(shapes::job(job))).into_response()
}

impl Asked {
    fn by(self, by: Option<String>) -> JobRequest {
        JobRequest { filter: self.filter.0, dry_run: self.dry_run, note: self.note, by }
    }
}

/// The body of `POST /batch-exports`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Batch {
    source: Option<ConnectionId>,
    target: Option<ConnectionId>,
    since: Option<String>,
    operations: Option<Vec<String>>,
    ids: Option<Vec<String>>,
    dry_run: bool,
}

/// `POST /batch-exports`.
pub(crate) async fn batch(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(by): Who,
    trace: Trace,
    JsonBody(asked): JsonBody<Batch>,
) -> Result<Response, Problem> {
    let Batch { source, target, since, operations, ids, dry_run } = asked;
    let since = time("since", since.as_deref())?;
    let known = |word: &String| {
        Operation::from_word(word).ok_or_else(|| {
            Problem::field("operations", (FieldProblem::NotOneOf, "names something that is no operation"))
        })
    };
    let operations = operations.unwrap_or_default().iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let ids = ids.unwrap_or_default();
    let request = BatchRequest { source, target, since, operations, ids, dry_run, by, ..BatchRequest::default() };
    let job = state.flow.start_batch(&tenant, &request).await?;
    Ok(begun(&job, &trace))
}

/// `GET /jobs`.
pub(crate) async fn list(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.only(&["limit", "cursor"])?;
    let cursor = params.get("cursor");
    let page = state.flow.jobs_of(&tenant, params.limit()?, cursor).await;
    let page = page.map_err(|error| list_failed(error, cursor))?;
    let jobs: Vec<Value> = page.items.iter().map(shapes::job).collect();
    Ok(Json(json!({"jobs": jobs, "next": page.next})))
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

/// `POST /jobs/{id}/cancel`.
pub(crate) async fn cancel(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let job = state.flow.cancel_job(&tenant, &JobId::new(id)).await?;
    Ok(Json(shapes::job(&job)))
}
