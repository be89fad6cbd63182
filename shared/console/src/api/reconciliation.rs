//! Source against target, as JSON or as a table for a spreadsheet.

use super::input::{Params, Tenant, time};
use super::shapes::amount;
use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{FieldProblem, InWords, TenantId};
use export_flow::reconciliation::{Ask, Finding, NotRead, Reconciliation, Remedy, Stopped, Summary};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

/// In a table the sums have no place; where to go on stands in this header.
const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");
const PARAMS: &[&str] = &["connection", "since", "until", "limit", "cursor", "format"];

/// `GET /reconciliation`.
pub(crate) async fn get(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Problem> {
    params.only(PARAMS)?;
    let as_table = crate::table::wanted(&headers, params.get("format"))?;
    let found = compared(&state, &tenant, &params).await?;
    if !as_table {
        return Ok(Json(view(&found)).into_response());
    }
    Ok(table(&found))
}

/// A part of a comparison as a table.
pub(crate) fn table(found: &Reconciliation) -> Response {
    let mut answer = crate::table::answer("reconciliation.csv", &HEAD, rows(found));
    if let Some(next) = found.next.as_deref().and_then(|next| HeaderValue::from_str(next).ok()) {
        answer.headers_mut().insert(NEXT, next);
    }
    answer
}

async fn compared(state: &ConsoleState, tenant: &TenantId, params: &Params) -> Result<Reconciliation, Problem> {
    let connection =
        params.get("connection").ok_or_else(|| Problem::field("connection", (FieldProblem::Missing, "is missing")))?;
    let ask = Ask {
        connection: connection.to_owned(),
        since: time("since", params.get("since"))?,
        until: time("until", params.get("until"))?,
        cursor: params.get("cursor").map(str::to_owned),
        limit: params.limit()?,
    };
    Ok(state.flow.reconcile(tenant, &ask).await?)
}

fn view(found: &Reconciliation) -> Value {
    json!({
        "connection": found.connection, "since": found.since, "until": found.until,
        "reconciliation": found.findings.iter().map(finding).collect::<Vec<_>>(),
        "not_read": found.not_read.iter().map(not_read).collect::<Vec<_>>(),
        "summary": summary(&found.summary), "so_far": summary(&found.so_far),
        "stopped": found.stopped.as_ref().map(stopped), "next": found.next,
    })
}

fn finding(finding: &Finding) -> Value {
    let word = finding.code.in_words();
    json!({
        "id": finding.id, "code": finding.code, "label": word.label, "explanation": word.explanation,
        "source": finding.source, "target": finding.target, "order": finding.order,
        "subject": {"kind": finding.kind, "id": finding.subject, "number": finding.number},
        "at_source": finding.at_source, "at_target": finding.at_target,
        "amount": finding.amount.map(|money| amount(money.amount)),
        "currency": finding.amount.map(|money| money.currency),
        "export": finding.export, "state": finding.state.as_ref().map(|(state, _)| state),
        "reason": finding.state.as_ref().and_then(|(_, reason)| reason.as_ref()),
        "next_step": word.next_step, "call": call(finding),
    })
}

/// The call that helps.
fn call(finding: &Finding) -> Option<Value> {
    let path = |verb: &str| Some(format!("/api/v1/exports/{}/{verb}", finding.export.as_ref()?));
    let (path, body) = match finding.remedy.as_ref()? {
        Remedy::Make => ("/api/v1/exports".to_owned(), Value::Object(wish(finding)?)),
        Remedy::Retry => (path("retry")?, Value::Null),
        Remedy::Arrived => (path("resolve")?, json!({"outcome": "arrived"})),
    };
    Some(json!({"method": "POST", "path": path, "body": body}))
}

/// The body of `POST /exports` that makes the missing export.
fn wish(finding: &Finding) -> Option<Map<String, Value>> {
    let what = if finding.kind == domain::SubjectKind::Parcel { "shipment" } else { "document" };
    let mut wish = Map::new();
    wish.insert("source".into(), json!(finding.source));
    wish.insert(what.into(), json!(finding.subject.as_ref()?));
    if let Some(target) = &finding.target {
        wish.insert("target".into(), json!(target));
    }
    Some(wish)
}

fn not_read(line: &NotRead) -> Value {
    json!({
        "source": line.source, "subject": line.subject, "number": line.number, "at": line.at, "code": line.code,
        "label": line.code.label(), "message": line.message, "next_step": line.code.next_step(),
    })
}

fn stopped(stopped: &Stopped) -> Value {
    json!({
        "at": stopped.at, "code": stopped.code, "label": stopped.code.label(), "message": stopped.message,
        "retry_after_s": stopped.retry_after.map(|after| after.as_secs()), "next_step": stopped.code.next_step(),
    })
}

fn summary(summary: &Summary) -> Value {
    let stakes: Map<String, Value> =
        summary.at_stake.iter().map(|(currency, sum)| (currency.clone(), json!(amount(*sum)))).collect();
    json!({
        "compared": summary.compared, "agreed": summary.agreed, "findings": summary.findings,
        "not_readable": summary.not_readable, "left_out": summary.left_out, "not_read": summary.not_read,
        "facts": summary.facts, "at_stake": stakes,
    })
}

const HEAD: [&str; 18] = [
    "id",
    "code",
    "label",
    "source",
    "target",
    "order",
    "kind",
    "subject",
    "number",
    "at_source",
    "at_target",
    "amount",
    "currency",
    "export",
    "state",
    "reason",
    "next_step",
    "message",
];

/// Findings, then what was not read, so that a table alone never looks better than it is.
fn rows(found: &Reconciliation) -> Vec<[String; 18]> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let finding = |finding: &Finding| {
        let word = finding.code.in_words();
        let state = finding.state.as_ref();
        [
            finding.id.clone(),
            finding.code.as_str().to_owned(),
            word.label.to_owned(),
            finding.source.to_string(),
            text(finding.target.as_ref().map(domain::ConnectionId::as_str)),
            text(finding.order.as_ref().map(domain::OrderReference::as_str)),
            finding.kind.as_str().to_owned(),
            text(finding.subject.as_deref()),
            text(finding.number.as_deref()),
            text(finding.at_source.as_deref()),
            text(finding.at_target.as_deref()),
            finding.amount.map(|money| amount(money.amount)).unwrap_or_default(),
            text(finding.amount.map(|money| money.currency.code())),
            text(finding.export.as_ref().map(domain::ExportId::as_str)),
            text(state.map(|(state, _)| state.as_str())),
            text(state.and_then(|(_, reason)| reason.as_deref())),
            word.next_step.to_owned(),
            String::new(),
        ]
    };
    let unread =
        |source: &str, at: &str, subject: Option<&str>, number: Option<&str>, code: domain::Code, said: &str| {
            let mut row: [String; 18] = Default::default();
            let cells = [(1, "not_read"), (2, "Not read"), (3, source), (4, at), (7, subject.unwrap_or_default())];
            let more = [(8, number.unwrap_or_default()), (15, code.as_str()), (16, code.next_step()), (17, said)];
            for (cell, value) in cells.into_iter().chain(more) {
                if let Some(cell) = row.get_mut(cell) {
                    value.clone_into(cell);
                }
            }
            row
        };
    let not_read = |line: &NotRead| {
        let (subject, number) = (line.subject.as_deref(), line.number.as_deref());
        unread(line.source.as_str(), line.at.as_str(), subject, number, line.code, &line.message)
    };
    let stopped = |stopped: &Stopped| unread("", stopped.at.as_str(), None, None, stopped.code, &stopped.message);
    let mut rows: Vec<[String; 18]> = found.findings.iter().map(finding).collect();
    rows.extend(found.not_read.iter().map(not_read));
    rows.extend(found.stopped.iter().map(stopped));
    rows
}
