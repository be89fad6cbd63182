//! What other rules and switches would have done, before they are saved.

use super::input::{JsonBody, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use export_flow::connections::{Fate, PREVIEW_DAYS, RuleChange, RuleExample};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    #[serde(default)]
    rules: Value,
    #[serde(default)]
    switches: Value,
}

/// `POST /connections/{id}/rules/preview`.
pub(crate) async fn rules(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    JsonBody(given): JsonBody<Given>,
) -> Result<Json<Value>, Problem> {
    let preview = state.flow.preview_rules(&tenant, &id, &given.rules, &given.switches).await?;
    let changes: Vec<Value> = preview.changes.iter().map(change).collect();
    Ok(Json(json!({
        "looked_at": preview.looked_at, "days": PREVIEW_DAYS, "complete": preview.complete, "changes": changes,
        "unchanged": preview.unchanged, "not_judged": preview.not_judged,
        "rules_not_judged": preview.rules_not_judged,
    })))
}

fn change(change: &RuleChange) -> Value {
    let examples: Vec<Value> = change.examples.iter().map(example).collect();
    json!({
        "from": fate(change.from), "to": fate(change.to), "effect": change.effect.as_str(), "gone": change.gone,
        "label": change.text(), "count": change.count, "examples": examples,
    })
}

fn fate(fate: Fate) -> Value {
    json!({"state": fate.state, "reason": fate.reason})
}

fn example(example: &RuleExample) -> Value {
    json!({"export": example.export, "order": example.order, "number": example.number})
}
