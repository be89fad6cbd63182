//! The state of everything, in numbers.

use super::input::Tenant;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use domain::State as ExportState;
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
