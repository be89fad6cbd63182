//! One box for everything that a person may have of an order.

use super::input::{Params, Tenant};
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use export_flow::refused::Refused;
use export_flow::search::{Hit, SEARCHABLE};
use serde_json::{Value, json};

/// `GET /search`.
pub(crate) async fn search(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    params: Params,
) -> Result<Json<Value>, Problem> {
    params.only(&["q"])?;
    let found = state.flow.search(&tenant, params.get("q").unwrap_or_default()).await.map_err(|refused| {
        let about_the_word = matches!(refused, Refused::Fields(_));
        let problem = Problem::from(refused);
        if about_the_word { problem.next(SEARCHABLE) } else { problem }
    })?;
    let hits: Vec<Value> = found.hits.iter().map(hit).collect();
    let matched = if found.beginnings { "prefix" } else { "exact" };
    Ok(Json(json!({"hits": hits, "matched": matched, "next": null})))
}

fn hit(hit: &Hit) -> Value {
    json!({
        "kind": hit.kind.as_str(), "channel": hit.channel, "source": hit.source, "reference": hit.reference,
        "number": hit.number, "export": hit.export, "state": hit.state.as_ref().map(|word| word.word),
        "label": hit.state.as_ref().map(|word| word.label),
    })
}
