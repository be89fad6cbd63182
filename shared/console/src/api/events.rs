//! What a connection's webhooks brought, and what was refused.

use super::input::Tenant;
use super::shapes;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use domain::{Code, Export, SkipReason, State as ExportState};
use export_flow::heard::{RefusedCalls, Shown};
use serde_json::{Value, json};

/// `GET /connections/{id}/events`.
pub(crate) async fn get(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = state.flow.events(&tenant, &id).await?;
    let accepted: Vec<Value> = found.accepted.iter().map(shown).collect();
    let refused = found.refused.as_ref().map(|refused| refused.iter().map(calls).collect::<Vec<Value>>());
    Ok(Json(json!({"accepted": accepted, "since": found.since, "refused": refused})))
}

fn shown(shown: &Shown) -> Value {
    let subject = &shown.heard.subject;
    let exports: Vec<Value> = shown.exports.iter().map(|export| shapes::export(export, false)).collect();
    let number = shown.exports.iter().flat_map(|export| &export.numbers).find(|number| **number != subject.id);
    json!({
        "at": shown.heard.at,
        "subject": {"kind": subject.kind, "id": subject.id, "number": number},
        "ours": !shown.exports.is_empty() && !shown.exports.iter().all(is_not_ours),
        "exports": exports,
    })
}

/// A look that found no channel of ours.
fn is_not_ours(export: &Export) -> bool {
    export.state == ExportState::Skipped && export.skip.as_ref().is_some_and(|skip| skip.reason == SkipReason::NotOurs)
}

fn calls(calls: &RefusedCalls) -> Value {
    let label = Code::from_word(calls.reason).map(Code::label);
    json!({"reason": calls.reason, "label": label, "count": calls.count, "last_at": calls.last_at})
}
