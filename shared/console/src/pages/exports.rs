//! Exports: the list, and one with everything that happened to it.

use super::decide::{Decision, decisions};
use super::fault::Fault;
use super::filter::{Filter, FilterForm};
use super::guard::Asked;
use super::links;
use super::login::Session;
use super::rows::{Row, order_link, title};
use super::timeline::{self, Moment};
use super::view::{self, Badge, Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::texts::{self, filters, say};
use crate::why::why;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{ATTEMPTS_MAX, Connection, Export, ExportId, HoldReason, InWords, Operation, Role, Word};

/// Lines of a list.
pub(super) const LINES: usize = 50;

#[derive(Template)]
#[template(path = "exports.html")]
struct List {
    chrome: Chrome,
    form: FilterForm,
    rows: Vec<Row>,
    newest: Option<String>,
    older: Option<String>,
}

/// `GET /exports`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let filter = Filter::read(&fields)?;
    let cursor = fields.get("cursor");
    let page = ledger.exports(&session.tenant, &filter.query(), LINES, cursor).await?;
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    Ok(show(&List {
        chrome: Chrome::new(say("nav-exports"), Section::Exports, &session),
        form: FilterForm::of_exports(&filter, &names),
        rows: page.items.iter().map(|export| Row::new(export, &names, now)).collect(),
        newest: cursor.map(|_| filter.href("/exports", "")),
        older: page.next.map(|next| filter.href("/exports", &next)),
    }))
}

struct HoldFacts {
    detail: Option<String>,
    since: When,
    until: When,
    last_day: When,
}

struct ReceiptFacts {
    number: Option<String>,
    remote_id: String,
    at: When,
    proof: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "export.html")]
struct One {
    chrome: Chrome,
    /// It moves on by itself, so the page looks again; nobody has anything to decide or to type meanwhile.
    looks_again: bool,
    id: String,
    title: String,
    does: Word,
    source: String,
    target: Option<String>,
    order: Option<Link>,
    total: Option<String>,
    badge: Badge,
    state: Word,
    why: Option<&'static str>,
    /// Where more is said about that.
    advice: Option<String>,
    explanation: &'static str,
    next_step: Option<&'static str>,
    in_doubt: Option<Word>,
    hold: Option<HoldFacts>,
    receipt: Option<ReceiptFacts>,
    became: Vec<Row>,
    promise: Option<(Word, &'static str)>,
    attempts: u32,
    attempts_max: u32,
    duplicates: u64,
    version: u32,
    subject_id: String,
    created: When,
    changed: When,
    moments: Vec<Moment>,
    decisions: Vec<Decision>,
    /// Where a look may be told to go.
    channels: Vec<(String, String)>,
}

/// `GET /exports/{id}`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let export = state.flow.export_of(&session.tenant, &ExportId::new(id)).await?;
    let connections = ledger.connections(&session.tenant).await?;
    let names = Names::new(&connections);
    let document = ledger.document(&session.tenant, &export.key.source, &export.key.subject.id).await?;
    let mut became = vec![];
    for id in &export.became {
        if let Some(child) = ledger.export(id).await? {
            became.push(Row::new(&child, &names, now));
        }
    }
    let (explanation, next_step) = advice(&export);
    Ok(show(&One {
        chrome: Chrome::new(title(&export), Section::Exports, &session),
        looks_again: matches!(export.state, domain::State::Sending | domain::State::Accepted),
        id: export.id.to_string(),
        title: title(&export),
        does: texts::word(export.key.operation.in_words()),
        source: names.label(&export.key.source),
        target: export.key.target.as_ref().map(|target| names.label(target)),
        order: order_link(&export, &names),
        total: document.filter(|_| export.key.operation != Operation::Look).map(|d| texts::money(&d.total)),
        badge: Badge::of_state(export.state),
        state: texts::word(export.state.in_words()),
        why: why(&export).map(|word| word.label),
        advice: why(&export).map(|word| links::code(word.word)),
        explanation,
        next_step,
        in_doubt: in_doubt(&export),
        hold: export.hold.as_ref().filter(|_| is_waiting(&export)).map(|hold| HoldFacts {
            detail: hold.detail.clone(),
            since: When::new(hold.since, now),
            until: When::new(hold.until, now),
            last_day: When::new(hold.last_day, now),
        }),
        receipt: export.receipt.as_ref().map(|receipt| ReceiptFacts {
            number: receipt.number.clone(),
            remote_id: receipt.remote_id.clone(),
            at: When::new(receipt.at, now),
            proof: view::facts(&receipt.proof),
        }),
        became,
        promise: promise(&state, &export, &connections),
        attempts: export.attempts,
        attempts_max: ATTEMPTS_MAX,
        duplicates: export.shared.duplicates,
        version: export.revision_number,
        subject_id: export.key.subject.id.clone(),
        created: When::new(export.created_at, now),
        changed: When::new(export.changed_at, now),
        moments: timeline::of_export(&export, now),
        decisions: decisions(&export),
        channels: connections
            .iter()
            .filter(|c| c.role == Role::Channel && export.key.operation == Operation::Look)
            .map(|c| (c.id.to_string(), view::label(c)))
            .collect(),
    }))
}

const fn is_waiting(export: &Export) -> bool {
    matches!(export.state, domain::State::Held | domain::State::Expired)
}

/// What the state means in this case, and what a person can do: the reason's own words where there are any.
fn advice(export: &Export) -> (&'static str, Option<&'static str>) {
    let state = texts::word(export.state.in_words());
    let hold = export
        .hold
        .as_ref()
        .filter(|_| export.state == domain::State::Held)
        .map(|hold| texts::word(hold.reason.in_words()));
    let skip = export
        .skip
        .as_ref()
        .filter(|_| export.state == domain::State::Skipped)
        .map(|s| texts::word(s.reason.in_words()));
    let failed = export.attempt_log.last().map(|attempt| attempt.code);
    let code = match export.state {
        domain::State::Dead | domain::State::Retrying => export.code.or(failed),
        domain::State::Skipped => export.code,
        _ => None,
    };
    let word = hold.or_else(|| code.map(|code| texts::word(code.in_words()))).or(skip).unwrap_or_else(|| state.clone());
    // What is tried again by itself needs nobody yet.
    let next_step = view::to_do(if export.state == domain::State::Retrying { &state } else { &word });
    (word.explanation, next_step)
}

fn in_doubt(export: &Export) -> Option<Word> {
    let shown = !matches!(export.state, domain::State::Sending | domain::State::Delivered);
    (export.in_doubt.is_some() && shown).then(|| texts::word(HoldReason::Settling.in_words()))
}

/// How the target keeps from doing it twice, and what that is worth, in the connector's words.
fn promise(state: &ConsoleState, export: &Export, connections: &[Connection]) -> Option<(Word, &'static str)> {
    let target = export.key.target.as_ref()?;
    let connection = connections.iter().find(|c| c.id == *target)?;
    let spec = state.flow.parts().registry.get(&connection.connector)?.spec();
    let operation = spec.operation(export.key.operation)?;
    let key = format!("promise-{}", operation.operation.as_str());
    let promise = texts::connector(spec.id, &key, operation.promise);
    Some((texts::word(operation.guarantee.in_words()), promise))
}
