//! What a connection's webhooks brought, what became of it, and what was refused.

use super::fault::Fault;
use super::guard::Posted;
use super::hand;
use super::links;
use super::login::Session;
use super::rows::Row;
use super::view::{self, Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::texts::{filters, say_with, word};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use domain::{Code, Connection, Export, InWords, Operation, Role, State as ExportState, Subject, SubjectKind};
use export_flow::heard::{RefusedCalls, Shown};
use export_flow::person::Hand;
use jiff::Timestamp;

/// An event that was accepted.
struct Line {
    at: When,
    what: String,
    became: Vec<Row>,
    /// How the form that looks again calls what it is about.
    again: Option<&'static str>,
    id: String,
}

/// Calls that were refused for one reason.
struct Calls {
    reason: Link,
    explanation: &'static str,
    next_step: &'static str,
    count: u64,
    last: When,
}

#[derive(Template)]
#[template(path = "events.html")]
struct Page {
    chrome: Chrome,
    id: String,
    /// Its vendor sends webhooks at all.
    sends: bool,
    lines: Vec<Line>,
    since: Option<When>,
    refused: Option<Vec<Calls>>,
}

/// `GET /connections/{id}/events`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let found = state.flow.events(&session.tenant, &id).await?;
    let now = state.flow.now();
    let names = Names::new(&state.flow.parts().ledger.connections(&session.tenant).await?);
    let title = say_with("events-title", "name", view::label(&found.connection));
    let connector = state.flow.parts().registry.get(&found.connection.connector);
    Ok(show(&Page {
        chrome: Chrome::new(title, Section::Connections, &session),
        id: found.connection.id.to_string(),
        sends: connector.is_some_and(|connector| connector.spec().webhook.is_some()),
        lines: found.accepted.iter().map(|shown| line(shown, &found.connection, &names, now)).collect(),
        since: found.since.map(|since| When::new(since, now)),
        refused: found.refused.as_ref().map(|all| all.iter().filter_map(|one| calls(one, now)).collect()),
    }))
}

/// `POST /connections/{id}/events`: looks again at what one event was about.
pub(super) async fn look_again(
    State(state): State<ConsoleState>,
    Path(source): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let text = |name: &str| fields.get(name).map(str::to_owned);
    let hand = Hand { source, document: text("document"), shipment: text("shipment"), target: None };
    hand::carry(&state, &session, &hand).await
}

fn line(shown: &Shown, connection: &Connection, names: &Names, now: Timestamp) -> Line {
    let Subject { kind, id } = &shown.heard.subject;
    let number = shown.exports.iter().flat_map(|export| &export.numbers).find(|number| *number != id);
    Line {
        at: When::new(shown.heard.at, now),
        what: format!("{} {}", word(kind.in_words()).label, number.unwrap_or(id)),
        became: shown
            .exports
            .iter()
            .filter(|export| !is_planned(export))
            .map(|export| Row::new(export, names, now))
            .collect(),
        again: match (connection.role, kind) {
            (Role::Courier, SubjectKind::Parcel) => Some("shipment"),
            (Role::Accounting, _) => Some("document"),
            _ => None,
        },
        id: id.clone(),
    }
}

/// A look that has become exports of its own: those are shown.
fn is_planned(export: &Export) -> bool {
    export.key.operation == Operation::Look && export.state == ExportState::Planned
}

fn calls(calls: &RefusedCalls, now: Timestamp) -> Option<Calls> {
    let reason = word(Code::from_word(calls.reason)?.in_words());
    Some(Calls {
        reason: Link { href: links::code(reason.word), text: reason.label.to_owned() },
        explanation: reason.explanation,
        next_step: reason.next_step,
        count: calls.count,
        last: When::new(calls.last_at, now),
    })
}
