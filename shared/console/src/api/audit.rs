//! The trail: who changed or redrove what.

use super::input::{Params, Tenant, list_failed};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use domain::{AuditEntry, InWords as _};
use export_flow::audit::AuditQuery;
use serde_json::{Value, json};

/// `GET /audit`.
pub(crate) async fn list(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.only(&["about", "who", "limit", "cursor"])?;
    let text = |name: &str| params.get(name).map(str::to_owned);
    let query = AuditQuery { about: text("about"), who: text("who") };
    let (limit, cursor) = (params.limit()?, params.get("cursor"));
    let page = state.flow.audit(&tenant, &query, limit, cursor).await;
    let page = page.map_err(|error| list_failed(error, cursor))?;
    let lines: Vec<Value> = page.items.iter().map(line).collect();
    Ok(Json(json!({"audit": lines, "next": page.next})))
}

fn line(entry: &AuditEntry) -> Value {
    json!({
        "id": entry.id, "at": entry.at, "who": entry.who, "role": entry.role, "action": entry.action,
        "label": entry.action.in_words().label, "about": entry.about, "detail": entry.detail, "cut": entry.cut,
        "outcome": entry.outcome, "code": entry.code,
    })
}
