//! Exports: list, one, by hand, trial, retry, resolve.

use super::input::{JsonBody, MayJson, Params, Tenant, Who, list_failed};
use super::listed::{self, Listed};
use super::{shapes, trials};
use crate::access::gate::Trace;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::{
    AboutKind, ConnectionId, Export, ExportId, FieldProblem, Operation, OrderReference, State as ExportState,
};
use export_flow::person::{Asks, Hand, Requested, Resolution};
use export_flow::ports::{ExportQuery, PortError};
use http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

/// Looks for what a worker made of a request, and the pause between them: ten seconds in all.
const LOOKS_MAX: usize = 100;
const LOOK_EVERY: SignedDuration = SignedDuration::from_millis(100);

/// `GET /exports`.
pub(crate) async fn list(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    const FILTERS: [&str; 6] = ["state", "connection", "order", "document", "operation", "code"];
    let as_table = crate::table::wanted(&headers, params.get("format"))?;
    // A table goes on to its end by itself.
    let more: &[&str] = if as_table { &["format"] } else { &["format", "limit", "cursor"] };
    params.only(&[&FILTERS, more].concat())?;
    let text = |name: &str| params.get(name).map(str::to_owned);
    let query = ExportQuery {
        state: params.word("state", ExportState::from_word)?,
        connection: params.get("connection").map(ConnectionId::new),
        order: text("order"),
        document: text("document"),
        operation: params.word("operation", Operation::from_word)?,
        code: text("code"),
    };
    if as_table {
        return listed::table(state, "exports.csv", Listed { tenant, query, at: None }).await;
    }
    let (limit, cursor) = (params.limit()?, params.get("cursor"));
    let page = state.flow.parts().ledger.exports(&tenant, &query, limit, cursor).await;
    let page = page.map_err(|error| list_failed(error, cursor))?;
    let exports: Vec<Value> = page.items.iter().map(|export| shapes::export(export, false)).collect();
    Ok(Json(json!({"exports": exports, "next": page.next})).into_response())
}

/// `GET /exports/{id}`.
pub(crate) async fn one(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let export = state.flow.export_of(&tenant, &ExportId::new(id)).await?;
    Ok(Json(shapes::export(&export, true)))
}

/// The body of `POST /exports`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    source: String,
    #[serde(default)]
    document: Option<String>,
    #[serde(default)]
    shipment: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    trial: bool,
}

/// `POST /exports`.
pub(crate) async fn create(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    trace: Trace,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Response, Problem> {
    let hand = Hand {
        source: asked.source,
        document: asked.document,
        shipment: asked.shipment,
        target: asked.target.map(ConnectionId::new),
    };
    if asked.trial {
        let trial = state.flow.trial(&tenant, &hand).await?;
        return Ok(Json(trials::shape(&trial)).into_response());
    }
    let requested = state.flow.request(&tenant, &hand).await?;
    let met = wait_for(&state, &requested).await?;
    let exports = if met.is_empty() { state.flow.foreseen(&requested).await? } else { met };
    let Some(first) = exports.first() else {
        return Err(Problem::plain(domain::Code::StoreUnavailable));
    };
    trace.about(AboutKind::Export, first.id.as_str());
    let mut answer = shapes::export(first, true);
    if let (Some(object), true) = (answer.as_object_mut(), exports.len() > 1) {
        let all = exports.iter().map(|export| shapes::export(export, false)).collect();
        object.insert("exports".into(), Value::Array(all));
    }
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// The exports of a request as a worker has made or met them; empty if none has in ten seconds.
pub(crate) async fn wait_for(state: &ConsoleState, requested: &Requested) -> Result<Vec<Export>, PortError> {
    for _ in 0..LOOKS_MAX {
        let met = state.flow.met(requested).await?;
        if !met.is_empty() {
            return Ok(met);
        }
        state.timer.sleep(LOOK_EVERY).await;
    }
    Ok(vec![])
}

/// `POST /exports/{id}/retry`.
pub(crate) async fn retry(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(who): Who,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let asks = Asks { by: who.as_deref(), ..Asks::from(&tenant) };
    let export = state.flow.retry(asks, &ExportId::new(id), None).await?;
    Ok(accepted(&export))
}

/// The body of `POST /exports/{id}/seen`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    #[serde(default)]
    note: Option<String>,
}

/// `POST /exports/{id}/seen`: what was found about it.
pub(crate) async fn seen(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(who): Who,
    Path(id): Path<String>,
    MayJson(seen): MayJson<Seen>,
) -> Result<Json<Value>, Problem> {
    let asks = Asks { by: who.as_deref(), ..Asks::from(&tenant) };
    let finding = state.flow.finding_seen(asks, &ExportId::new(id), seen.note.as_deref()).await?;
    Ok(Json(shapes::finding(&finding)))
}

/// The body of `POST /exports/{id}/resolve`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    outcome: Word,
    #[serde(default)]
    order: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    without_lines: bool,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Arrived,
    SendAgain,
    NotNeeded,
    Use,
}

/// `POST /exports/{id}/resolve`.
pub(crate) async fn resolve(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(who): Who,
    Path(id): Path<String>,
    JsonBody(decision): JsonBody<Decision>,
) -> Result<Response, Problem> {
    let note = decision.note.clone();
    let resolution = read(decision)?;
    let asks = Asks { by: who.as_deref(), ..Asks::from(&tenant) };
    let export = state.flow.resolve(asks, &ExportId::new(id), &resolution, note.as_deref()).await?;
    Ok(accepted(&export))
}

fn read(decision: Decision) -> Result<Resolution, Problem> {
    let chosen = decision.order.is_some() || decision.target.is_some() || decision.without_lines;
    if decision.outcome != Word::Use && chosen {
        return Err(Problem::field(
            "outcome",
            (FieldProblem::NotTogether, "order, target and without_lines go with use only"),
        ));
    }
    Ok(match decision.outcome {
        Word::Arrived => Resolution::Arrived,
        Word::SendAgain => Resolution::SendAgain,
        Word::NotNeeded => Resolution::NotNeeded,
        Word::Use => Resolution::Use {
            order: decision.order.map(|order| OrderReference::new(order.trim())),
            target: decision.target.map(ConnectionId::new),
            without_lines: decision.without_lines,
        },
    })
}

fn accepted(export: &Export) -> Response {
    (StatusCode::ACCEPTED, Json(shapes::export(export, true))).into_response()
}
