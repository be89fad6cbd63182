//! What there is: connectors as data, and the words of the API for people.

use super::shapes;
use crate::{ConsoleState, Problem, texts};
use axum::Json;
use axum::extract::{Path, State};
use connectors::{FieldSpec, Spec};
use domain::{Advice, Code, Word};
use serde_json::{Value, json};

/// `GET /connectors`.
pub(crate) async fn connectors(State(state): State<ConsoleState>) -> Json<Value> {
    let connectors: Vec<Value> = state.flow.parts().registry.specs().map(connector).collect();
    Json(json!({"connectors": connectors, "next": null}))
}

/// `GET /words`, in the language that is asked for.
pub(crate) async fn words() -> Json<Value> {
    let words: Vec<Word> = domain::words().into_iter().map(texts::word).collect();
    Json(json!({"words": words, "next": null}))
}

/// `GET /codes`.
pub(crate) async fn codes() -> Json<Value> {
    let codes: Vec<Value> = Advice::all().iter().map(shapes::advice).collect();
    Json(json!({"codes": codes, "next": null}))
}

/// `GET /codes/{code}`.
pub(crate) async fn code(Path(word): Path<String>) -> Result<Json<Value>, Problem> {
    let advice = Advice::of(&word).ok_or_else(|| Problem::plain(Code::UnknownCode))?;
    Ok(Json(shapes::advice(&advice)))
}

/// A connector as data.
pub(crate) fn connector(spec: &'static Spec) -> Value {
    let fields: Vec<Value> = spec.fields.iter().map(field).collect();
    let operations: Vec<Value> = spec
        .operations
        .iter()
        .map(|operation| {
            json!({
                "name": operation.operation,
                "switch": operation.switch,
                "guarantee": operation.guarantee,
                "verified": operation.verified,
                "late_bound": operation.late_bound.to_string(),
                "exclusive": operation.exclusive_order.then_some("order"),
                "promise": operation.promise,
            })
        })
        .collect();
    json!({
        "id": spec.id,
        "label": spec.label,
        "role": spec.role,
        "about": spec.about,
        "fields": fields,
        "operations": operations,
        "webhook": spec.webhook,
        "oauth": spec.oauth,
        "base_url": spec.fixed_base_url,
        "pace": spec.pace.map(|pace| format!("{}/{}s", pace.calls, pace.seconds)),
        "checked_on": spec.checked_on,
    })
}

fn field(field: &FieldSpec) -> Value {
    json!({
        "name": field.name,
        "label": field.label,
        "help": field.help,
        "secret": field.secret,
        "required": field.required,
        "default": field.default,
        "choices": field.choices,
        "example": field.example,
        "link": field.link,
    })
}
