//! Exports: the list, and one with everything that happened to it.

use super::connect::does;
use super::decide::{Decision, decisions};
use super::fault::Fault;
use super::filter::{Filter, FilterForm};
use super::guard::Asked;
use super::links;
use super::login::Session;
use super::mend;
use super::rows::{Row, order_link, title};
use super::timeline::{self, Moment};
use super::view::{self, Badge, Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::api::{Listed, listed_table};
use crate::texts::{self, filters, say, say_n};
use crate::why::why;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{ATTEMPTS_MAX, Connection, Export, ExportId, HoldReason, InWords, Operation, Role, Word};
use export_flow::ports::Page;

/// Lines of a list.
pub(super) const LINES: usize = 50;

/// One line of the list, and whether something can be decided about it.
struct Pick {
    row: Row,
    can: bool,
    ticked: bool,
}

/// What somebody has filled in about the lines of a list.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Every line that can be.
    pub(super) all: bool,
    pub(super) ticked: Vec<ExportId>,
    pub(super) note: Option<String>,
    /// The field that cannot be used, and why.
    pub(super) wrong: Option<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "exports.html")]
struct List {
    chrome: Chrome,
    form: FilterForm,
    /// What the list is narrowed by, for forms about it.
    narrowed: Vec<(String, String)>,
    cursor: Option<String>,
    fits: Option<String>,
    picks: Vec<Pick>,
    can: bool,
    /// Some are dead letters.
    dead: bool,
    /// All that fit can be decided about by a job.
    by_job: bool,
    draft: Draft,
    tick_all: String,
    tick_none: String,
    /// This list, for whoever is to see the same, and as a table.
    canonical: String,
    table: String,
    newest: Option<String>,
    older: Option<String>,
}

impl List {
    fn wrong(&self, field: &str) -> Option<&'static str> {
        self.draft.wrong.filter(|(of, _)| *of == field).map(|(_, why)| why)
    }
}

/// `GET /exports`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let filter = Filter::read(&fields)?;
    let draft = Draft { all: fields.get("tick") == Some("all"), ..Draft::default() };
    page_of(&state, &session, &filter, fields.get("cursor"), draft).await
}

/// A list with what has been filled in about its lines.
pub(super) async fn page_of(
    state: &ConsoleState,
    session: &Session,
    filter: &Filter,
    cursor: Option<&str>,
    draft: Draft,
) -> Result<Response, Fault> {
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let page = ledger.exports(&session.tenant, &filter.query(), LINES, cursor).await?;
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    let pick = |export: &Export| {
        let can = session.may_change() && !decisions(export).is_empty();
        Pick {
            row: Row::new(export, &names, now),
            can,
            ticked: can && (draft.all || draft.ticked.contains(&export.id)),
        }
    };
    let picks: Vec<Pick> = page.items.iter().map(pick).collect();
    let of_state = |state| page.items.iter().any(|export| export.state == state);
    let narrowed = filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let here = filter.href("/exports", cursor.unwrap_or_default());
    Ok(show(&List {
        chrome: Chrome::new(say("nav-exports"), Section::Exports, session),
        form: FilterForm::of_exports(filter, &names),
        narrowed,
        cursor: cursor.map(str::to_owned),
        fits: fits(state, session, filter, cursor, &page).await?,
        can: picks.iter().any(|pick| pick.can),
        dead: of_state(domain::State::Dead),
        by_job: filter.state == Some(domain::State::Dead) && filter.order.is_none() && filter.document.is_none(),
        picks,
        draft,
        tick_all: format!("{here}{}tick=all#lines", if here.contains('?') { '&' } else { '?' }),
        tick_none: format!("{here}#lines"),
        canonical: filter.href("/exports", ""),
        table: filter.href("/exports/table", ""),
        newest: cursor.map(|_| filter.href("/exports", "")),
        older: page.next.map(|next| filter.href("/exports", &next)),
    }))
}

/// `GET /exports/table`: all that fit, for a spreadsheet.
pub(super) async fn table(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let query = Filter::read(&fields)?.query();
    as_table(state, "exports.csv", Listed { tenant: session.tenant, query, at: None }).await
}

/// A list as a table.
pub(super) async fn as_table(state: ConsoleState, name: &str, listed: Listed) -> Result<Response, Fault> {
    listed_table(state, name, listed).await.map_err(|problem| match problem.code {
        domain::Code::InvalidField => Fault::Wrong(super::wrong::sentences(&problem.errors)),
        _ => Fault::Store,
    })
}

/// How many fit: exactly where it shows or is counted anyway, else that there are more.
async fn fits(
    state: &ConsoleState,
    session: &Session,
    filter: &Filter,
    cursor: Option<&str>,
    page: &Page<Export>,
) -> Result<Option<String>, Fault> {
    let shown = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
    let counted = matches!(filter.pairs().as_slice(), [] | [("state", _)]);
    Ok(match (&page.next, cursor) {
        // Where a list goes on, only its beginning knows how much came before.
        (None, Some(_)) => None,
        (None, None) => (shown > 0).then(|| say_n("exports-fit", shown)),
        (Some(_), None) if counted => {
            let now = state.flow.now();
            let counts = state.flow.parts().ledger.counts(&session.tenant, now).await?;
            let of = |state| counts.states.get(&state).copied().unwrap_or(0);
            let all = || counts.states.values().sum();
            Some(say_n("exports-fit", filter.state.map_or_else(all, of).max(shown)))
        }
        (Some(_), _) => Some(say_n("exports-fit-more", shown)),
    })
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
    /// Where that is done.
    mend: Option<Link>,
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
        mend: mend::place(&export, &names).filter(|_| session.may_change()),
        in_doubt: in_doubt(&export),
        hold: export.hold.as_ref().filter(|_| is_waiting(&export)).map(|hold| HoldFacts {
            detail: hold.detail.as_deref().map(|detail| texts::kept(detail, hold.remark.as_deref())),
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
    let promise = does::promise(spec, operation.operation, operation.promise);
    Some((texts::word(operation.guarantee.in_words()), promise))
}
