//! The state of everything, in numbers.

use super::input::{Params, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use domain::{Advice, FieldProblem, State as ExportState};
use export_flow::figures::HourLine;
use export_flow::ports::Happening;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

/// `GET /overview`.
pub(crate) async fn overview(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
) -> Result<Json<Value>, Problem> {
    let parts = state.flow.parts();
    let counts = parts.ledger.counts(&tenant, state.flow.now() - SignedDuration::from_hours(24)).await?;
    let depth = parts.queue.depth().await?;
    let states: Map<String, Value> = ExportState::ALL
        .iter()
        .map(|word| (word.as_str().to_owned(), json!(counts.states.get(word).copied().unwrap_or(0))))
        .collect();
    let mut all = parts.ledger.connections(&tenant).await?;
    all.sort_by(|a, b| a.id.cmp(&b.id));
    let connections: Vec<Value> = all
        .iter()
        .map(|connection| {
            let of = counts.connections.get(&connection.id).cloned().unwrap_or_default();
            json!({
                "id": connection.id, "label": connection.label, "role": connection.role, "state": connection.state,
                "delivered_24h": of.delivered, "held": of.held, "dead": of.dead, "oldest_waiting": of.oldest_waiting,
            })
        })
        .collect();
    Ok(Json(json!({
        "states": states,
        "connections": connections,
        "queue": {"visible": depth.visible, "in_flight": depth.in_flight, "dead_letters": depth.dead_letters},
        "duplicates_suppressed": counts.duplicates,
    })))
}

/// `GET /overview/hours`.
pub(crate) async fn hours(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.only(&["hours"])?;
    let hours = params.get("hours").map_or(Ok(24), str::parse);
    let hours =
        hours.map_err(|_| Problem::field("hours", (FieldProblem::OutOfRange, "must be a number from 1 to 48")))?;
    let found = state.flow.last_hours(&tenant, hours).await?;
    let lines = |lines: &[HourLine]| lines.iter().map(hour).collect::<Vec<_>>();
    let connections: Vec<Value> =
        found.connections.iter().map(|(id, hours)| json!({"id": id, "hours": lines(hours)})).collect();
    Ok(Json(json!({
        "hours": lines(&found.all), "connections": connections,
        "queue_age_s": found.queue_age.map(|age| age.as_secs()),
    })))
}

fn hour(line: &HourLine) -> Value {
    let mut object = Map::from_iter([("at".to_owned(), json!(line.at))]);
    object.extend(Happening::ALL.iter().zip(line.counts).map(|(what, n)| (what.as_str().to_owned(), json!(n))));
    Value::Object(object)
}

/// `GET /connections/{id}/errors`.
pub(crate) async fn errors(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = state.flow.errors_at(&tenant, &id).await?;
    let lines = found.lines.iter().map(|line| {
        let word = &line.word;
        json!({
            "code": word.word, "state": line.state, "label": word.label, "explanation": word.explanation,
            "next_step": word.next_step, "count": line.count, "first": line.first, "last": line.last,
            "example": line.example, "advice": Advice::path(word.word),
        })
    });
    let lines: Vec<Value> = lines.collect();
    Ok(Json(json!({"errors": lines, "read": found.read, "lower_bound": found.lower_bound, "next": null})))
}
