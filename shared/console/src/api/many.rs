//! One decision about many exports at once.

use super::input::{JsonBody, Tenant, Who};
use crate::access::gate::Trace;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use domain::{AboutKind, ExportId, FieldProblem};
use export_flow::person::{Asks, Decided, Many};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /exports/decisions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    decision: String,
    ids: Vec<ExportId>,
    #[serde(default)]
    note: Option<String>,
}

/// `POST /exports/decisions`.
pub(crate) async fn decide(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Who(who): Who,
    trace: Trace,
    JsonBody(asked): JsonBody<Decision>,
) -> Result<Json<Value>, Problem> {
    let many = Many::from_word(&asked.decision);
    let many = many.ok_or_else(|| {
        Problem::field("decision", (FieldProblem::NotOneOf, "is none of retry, redrive and not_needed"))
    })?;
    let asks = Asks { by: who.as_deref(), ..Asks::from(&tenant) };
    let told = state.flow.decide_many(asks, many, &asked.ids, asked.note.as_deref()).await?;
    for told in told.iter().filter(|told| told.outcome.is_ok()) {
        trace.about(AboutKind::Export, told.id.as_str());
    }
    Ok(Json(json!({"results": told.into_iter().map(line).collect::<Vec<_>>()})))
}

fn line(told: Decided) -> Value {
    match told.outcome {
        Ok(state) => json!({"id": told.id, "ok": true, "state": state, "problem": null}),
        Err(refused) => json!({"id": told.id, "ok": false, "state": null, "problem": Problem::from(refused).json()}),
    }
}
