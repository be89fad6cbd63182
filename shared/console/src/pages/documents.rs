//! What a source has, read live, with what became of each line, and the form that starts a batch export.

use super::fault::Fault;
use super::guard::{Asked, Posted};
use super::links;
use super::login::Session;
use super::rows::title;
use super::view::{self, Badge, Chrome, Link, Section, When, show};
use crate::ConsoleState;
use crate::api::instant;
use crate::texts::{self, filters, say};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use domain::{ConnectionId, Operation, Role};
use export_flow::connections::DocumentLine;
use export_flow::jobs::{BatchRequest, Fate};
use jiff::{SignedDuration, Timestamp};

/// Lines of a page.
const LINES: usize = 50;
/// How far back is shown if nobody says.
const DAYS: i64 = 30;

struct Line {
    id: String,
    name: String,
    /// Where whoever may only look can try it out.
    trial: String,
    order: Option<String>,
    changed: When,
    exports: Vec<(Link, Badge)>,
    /// What a batch export would make of it, and why.
    fate: &'static str,
    why: &'static str,
    goes: bool,
}

#[derive(Template)]
#[template(path = "documents.html")]
struct List {
    chrome: Chrome,
    id: String,
    label: String,
    parcels: bool,
    since: String,
    lines: Vec<Line>,
    next: Option<String>,
}

/// `GET /connections/{id}/documents`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let now = state.flow.now();
    let since = match fields.get("since") {
        Some(text) => date(text)?,
        None => now - SignedDuration::from_hours(24 * DAYS),
    };
    let found = state.flow.documents(&session.tenant, &id, Some(since), LINES, fields.get("cursor")).await?;
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let day = since.strftime("%Y-%m-%d").to_string();
    let here = format!("{}/documents", links::connection(&connection.id));
    let next = found.next.as_deref().map(|next| links::list(&here, [("since", day.as_str()), ("cursor", next)]));
    Ok(show(&List {
        chrome: Chrome::new(say("documents-window"), Section::Connections, &session),
        id: connection.id.to_string(),
        label: view::label(&connection),
        parcels: connection.role == Role::Courier,
        since: day,
        lines: found.lines.iter().map(|found| line(found, &connection.id, now)).collect(),
        next,
    }))
}

fn date(text: &str) -> Result<Timestamp, Fault> {
    instant(text).ok_or_else(|| Fault::Wrong(say("documents-give-date").to_owned()))
}

fn line(line: &DocumentLine, source: &ConnectionId, now: Timestamp) -> Line {
    let changed = &line.changed;
    let exports =
        line.exports.iter().filter(|export| export.key.operation != Operation::Look || line.exports.len() == 1);
    Line {
        id: changed.hint.subject.id.clone(),
        name: changed.number.clone().unwrap_or_else(|| changed.hint.subject.id.clone()),
        trial: links::trial(source, &changed.hint.subject.id, None),
        order: changed.order_reference.clone(),
        changed: When::new(changed.version_at, now),
        exports: exports
            .map(|export| {
                let link = Link { href: links::export(&export.id), text: title(export) };
                (link, Badge::of_state(export.state))
            })
            .collect(),
        fate: match line.outlook.fate {
            Fate::Goes => say("documents-goes"),
            Fate::Delivered => say("documents-delivered"),
            Fate::UnderWay => say("documents-under-way"),
            Fate::Stays => say("documents-stays"),
        },
        why: why(line.outlook.why),
        goes: line.outlook.fate == Fate::Goes,
    }
}

/// What people call the reason of an outlook.
fn why(reason: &str) -> &'static str {
    match reason {
        "not_seen" => say("documents-not-seen"),
        "changed" => say("documents-source-changed"),
        "outside" => say("documents-not-asked"),
        _ => texts::label(reason),
    }
}

/// `POST /connections/{id}/documents`: counts what a batch export would be about.
pub(super) async fn preview(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let since = fields.get("since").map(date).transpose()?;
    let ids: Vec<String> =
        if fields.get("which") == Some("all") { vec![] } else { fields.all("ids").map(str::to_owned).collect() };
    if fields.get("which") != Some("all") && ids.is_empty() {
        return Err(Fault::Wrong(say("documents-tick-one").to_owned()));
    }
    let request = BatchRequest { source: Some(connection.id), since, ids, dry_run: true, ..BatchRequest::default() };
    let job = state.flow.start_batch(&session.tenant, &request).await?;
    Ok(Redirect::to(&links::job(&job.id)))
}
