//! What other rules would have done to the last days.

use super::input::{JsonBody, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use export_flow::connections::{PutOptions, RuleChange};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /connections/{id}/rules/preview`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    rules: Value,
}

/// `POST /connections/{id}/rules/preview`.
pub(crate) async fn preview(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody<Asked>,
) -> Result<Json<Value>, Problem> {
    let options = PutOptions { allow_private_targets: state.options.allow_private_targets };
    let found = state.flow.preview_rules(&tenant, &id, &asked.rules, options).await?;
    let change = |change: &RuleChange| {
        let RuleChange { from, to, count, examples } = change;
        json!({"from": from, "to": to, "count": count, "examples": examples})
    };
    Ok(Json(json!({
        "since": found.since, "looked_at": found.looked_at, "unchanged": found.unchanged, "unjudged": found.unjudged,
        "more": found.more, "changes": found.changes.iter().map(change).collect::<Vec<_>>(),
    })))
}
