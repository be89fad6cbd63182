//! What people decide about many exports of a list at once.

use super::exports::{self, Draft};
use super::fault::Fault;
use super::filter::Filter;
use super::guard::Posted;
use super::rows::{self, Row};
use super::view::{Chrome, Names, Section, show};
use crate::ConsoleState;
use crate::access::gate::Trace;
use crate::texts::{filters, say, say_n};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::{AboutKind, ExportId};
use export_flow::person::{Decided, Many};
use export_flow::refused::Refused;
use http::StatusCode;

/// One of them, and what became of it.
struct Line {
    /// As it stands now; none is there of an id that is unknown.
    row: Option<Row>,
    id: String,
    done: bool,
    said: String,
}

#[derive(Template)]
#[template(path = "many.html")]
struct Page {
    chrome: Chrome,
    done: String,
    left: Option<String>,
    lines: Vec<Line>,
    back: String,
}

/// `POST /exports/selected`: decides about the ticked ones, and says of each what became of it.
pub(super) async fn decide(
    State(state): State<ConsoleState>,
    trace: Trace,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let filter = Filter::read(&fields)?;
    let ids: Vec<ExportId> = fields.all("ids").map(ExportId::new).collect();
    let decision = fields.get("decision").and_then(Many::from_word);
    let many = decision.ok_or_else(|| Fault::Wrong(say("many-choose").to_owned()))?;
    let note = fields.get("note");
    let wrong = match (ids.is_empty(), many, note) {
        (true, ..) => Some(("ids", say("many-tick-one"))),
        (_, Many::NotNeeded, None) => Some(("note", say("many-note-needed"))),
        _ => None,
    };
    if let Some(wrong) = wrong {
        let draft = Draft { ticked: ids, note: note.map(str::to_owned), wrong: Some(wrong), ..Draft::default() };
        let page = exports::page_of(&state, &session, &filter, fields.get("cursor"), draft).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let told = state.flow.decide_many(session.asks(), many, &ids, note).await?;
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    let found = rows::exports(&state, &session, told.iter().map(|told| &told.id)).await?;
    let mut lines = vec![];
    for (told, export) in told.iter().zip(found) {
        if told.outcome.is_ok() {
            trace.about(AboutKind::Export, told.id.as_str());
        }
        lines.push(Line {
            row: export.map(|export| Row::new(&export, &names, now)),
            id: told.id.to_string(),
            done: told.outcome.is_ok(),
            said: said(told, many),
        });
    }
    let done = lines.iter().filter(|line| line.done).count();
    Ok(show(&Page {
        chrome: Chrome::new(say("many-title"), Section::Exports, &session),
        done: say_n("many-done", u64::try_from(done).unwrap_or(u64::MAX)),
        left: (done < lines.len()).then(|| say_n("many-left", u64::try_from(lines.len() - done).unwrap_or(u64::MAX))),
        lines,
        back: filter.href("/exports", ""),
    }))
}

fn said(told: &Decided, many: Many) -> String {
    let text = match (&told.outcome, many) {
        (Ok(_), Many::Retry) => say("many-retried"),
        (Ok(_), Many::Redrive) => say("many-redriven"),
        (Ok(_), Many::NotNeeded) => say("many-left-out"),
        (Err(Refused::Ours(_)), _) => say("many-store"),
        (Err(Refused::Unknown(_)), _) => say("many-unknown"),
        (Err(_), Many::Redrive) => say("many-not-dead"),
        (Err(_), _) => say("many-not-now"),
    };
    text.to_owned()
}
