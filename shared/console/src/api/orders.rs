//! One order: everything that lies beside it, and its other names.

use super::input::{JsonBody, Object, Tenant};
use super::shapes;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::{Path, State};
use domain::{Alias, Code, ConnectionId, OrderReference};
use export_flow::orders::{Moment, Timeline};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /orders/{channel}/{reference}`.
pub(crate) async fn timeline(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path((channel, reference)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let found = state.flow.timeline(&tenant, &channel, &OrderReference::new(reference)).await?;
    Ok(Json(shape(&found)))
}

/// The body of `PUT /orders/{channel}/{reference}/aliases`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    aliases: Vec<Object<Other>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    channel: String,
    reference: String,
}

/// `PUT /orders/{channel}/{reference}/aliases`.
pub(crate) async fn aliases(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    Path((channel, reference)): Path<(String, String)>,
    JsonBody(named): JsonBody<Named>,
) -> Result<Json<Value>, Problem> {
    if named.aliases.iter().any(|Object(alias)| alias.reference.trim().is_empty()) {
        return Err(Problem::new(Code::InvalidField, "an alias needs a reference"));
    }
    let aliases: Vec<Alias> = named
        .aliases
        .into_iter()
        .map(|Object(alias)| Alias {
            channel: ConnectionId::new(alias.channel),
            reference: OrderReference::new(alias.reference.trim()),
        })
        .collect();
    let found = state.flow.name_aliases(&tenant, &channel, &OrderReference::new(reference), &aliases).await?;
    Ok(Json(shape(&found)))
}

fn shape(timeline: &Timeline) -> Value {
    let order = timeline.order.as_ref().map(|item| &item.order);
    let aliases: Vec<Value> =
        timeline.aliases.iter().map(|a| json!({"channel": a.channel, "reference": a.reference})).collect();
    let documents: Vec<Value> = timeline.documents.iter().map(shapes::document).collect();
    let parcels: Vec<Value> = timeline.parcels.iter().map(shapes::parcel).collect();
    let exports: Vec<Value> = timeline.exports.iter().map(|export| shapes::export(export, false)).collect();
    let findings: Vec<Value> = timeline.findings.iter().map(shapes::finding).collect();
    let events: Vec<Value> = timeline.events.iter().map(event).collect();
    json!({
        "order": timeline.reference,
        "channel": timeline.channel,
        "aliases": aliases,
        "state": order.map(|order| order.state),
        "total": order.map(|order| shapes::amount(order.total.amount)),
        "currency": order.map(|order| order.total.currency),
        "seen_at": timeline.order.as_ref().map(|item| item.seen_at),
        "documents": documents,
        "parcels": parcels,
        "exports": exports,
        "findings": findings,
        "events": events,
    })
}

fn event(moment: &Moment) -> Value {
    json!({
        "at": moment.at, "what": moment.what, "export": moment.export, "parcel": moment.parcel, "word": moment.word,
        "detail": moment.detail,
    })
}
