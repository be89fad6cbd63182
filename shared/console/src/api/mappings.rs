//! Mappings of a channel: the target's own values, what waits, what might fit; saving them.

use super::connections::shape;
use super::input::{JsonBody, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use domain::{Mappings, Unmapped};
use export_flow::connections::{TargetMappings, Waiting};
use serde_json::{Value, json};

/// `GET /connections/{id}/mappings`.
pub(crate) async fn get(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = state.flow.target_mappings(&tenant, &id).await?;
    Ok(Json(view(&found)))
}

/// `PUT /connections/{id}/mappings`.
pub(crate) async fn put(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    JsonBody(given): JsonBody<Mappings>,
) -> Result<Json<Value>, Problem> {
    let saved = state.flow.save_mappings(&tenant, &id, |mappings| *mappings = given.clone()).await?;
    let mut answer = shape(&state, &saved.connection).await?;
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("woken".to_owned(), json!(saved.woken));
    }
    Ok(Json(answer))
}

fn view(found: &TargetMappings) -> Value {
    let values = |values: &[(String, String)]| -> Vec<Value> {
        values.iter().map(|(code, label)| json!({"code": code, "label": label})).collect()
    };
    let not_loaded = found.not_loaded.as_ref().map(|(code, message)| json!({"code": code, "message": message}));
    json!({
        "connection": found.connection.id,
        "mappings": found.connection.mappings,
        "values": {
            "carriers": values(&found.values.carriers), "document_types": values(&found.values.document_types),
        },
        "not_loaded": not_loaded,
        "unmapped": found.waiting.iter().map(waiting).collect::<Vec<_>>(),
        "counted_all": found.counted_all,
        "proposals": found.waiting.iter().flat_map(proposals).collect::<Vec<_>>(),
        "warnings": found.warnings,
    })
}

fn waiting(waiting: &Waiting) -> Value {
    let Waiting { value, detail, count, .. } = waiting;
    let (mapping, code, name) = parts(value.as_ref());
    json!({"mapping": mapping, "value": code, "name": name, "detail": detail, "count": count})
}

fn proposals(waiting: &Waiting) -> Vec<Value> {
    let (mapping, value, _) = parts(waiting.value.as_ref());
    let one = |proposal: &export_flow::connections::Proposal| {
        json!({
            "for": waiting.detail, "mapping": mapping, "value": value,
            "code": proposal.code, "label": proposal.label, "because": proposal.because,
        })
    };
    waiting.proposals.iter().map(one).collect()
}

fn parts(value: Option<&Unmapped>) -> (Option<&str>, Option<&str>, Option<&str>) {
    let name = value.and_then(|value| value.name.as_deref());
    (value.map(|value| value.mapping.as_str()), value.map(|value| value.value.as_str()), name)
}
