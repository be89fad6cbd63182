//! Dead letters: what failed for good, and why.

use super::exports::{LINES, as_table};
use super::fault::Fault;
use super::filter::{Filter, FilterForm};
use super::guard::{Asked, Fields};
use super::links;
use super::login::Session;
use super::rows::Row;
use super::view::{Chrome, Names, Section, When, show};
use crate::ConsoleState;
use crate::api::Listed;
use crate::texts::{self, filters, say};
use askama::Template;
use axum::extract;
use axum::response::Response;
use domain::{Code, InWords, State};
use export_flow::jobs::Group;
use export_flow::ports::ExportQuery;
use jiff::Timestamp;

const PATH: &str = "/dead-letters";
/// Dead letters that are grouped at most, so that the page comes at once however many there are. A job counts them all.
const GROUPED: usize = 500;

#[derive(Template)]
#[template(path = "dead.html")]
struct List {
    chrome: Chrome,
    form: FilterForm,
    /// What the list is narrowed by, for the form that decides about all of it.
    narrowed: Vec<(String, String)>,
    groups: Vec<GroupLine>,
    /// There are more than were counted.
    lower_bound: bool,
    rows: Vec<Row>,
    /// This list, for whoever is to see the same, and as a table.
    canonical: String,
    table: String,
    newest: Option<String>,
    older: Option<String>,
}

/// Dead letters with one code at one connection.
struct GroupLine {
    count: u64,
    label: &'static str,
    next_step: &'static str,
    advice: Option<String>,
    connection: String,
    at: String,
    code: Option<&'static str>,
    oldest: When,
    newest: When,
    /// The list of these alone.
    href: String,
}

impl GroupLine {
    fn new(group: &Group, filter: &Filter, names: &Names, now: Timestamp) -> Self {
        let word = texts::word(group.code.map_or_else(|| State::Dead.in_words(), InWords::in_words));
        let code = group.code.map(Code::as_str);
        let of_these =
            Filter { connection: Some(group.connection.clone()), code: code.map(str::to_owned), ..filter.clone() };
        Self {
            count: group.count,
            label: word.label,
            next_step: word.next_step,
            advice: code.map(links::code),
            connection: names.label(&group.connection),
            at: group.connection.to_string(),
            code,
            oldest: When::new(group.oldest, now),
            newest: When::new(group.newest, now),
            href: of_these.href(PATH, ""),
        }
    }
}

/// What narrows a list of dead letters: only what a job takes as well, so that "all of these" means what is shown.
fn narrowed(fields: &Fields) -> Result<(Filter, ExportQuery), Fault> {
    let filter = Filter { state: None, order: None, document: None, ..Filter::read(fields)? };
    let query = ExportQuery { state: Some(State::Dead), ..filter.query() };
    Ok((filter, query))
}

/// `GET /dead-letters/table`: all that fit, for a spreadsheet.
pub(super) async fn table(
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let (_, query) = narrowed(&fields)?;
    as_table(state, "dead-letters.csv", Listed { tenant: session.tenant, query, at: None }).await
}

/// `GET /dead-letters`.
pub(super) async fn list(
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let (filter, query) = narrowed(&fields)?;
    let cursor = fields.get("cursor");
    let page = ledger.exports(&session.tenant, &query, LINES, cursor).await?;
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    // What they have in common stands above the newest; further pages only list.
    let (groups, lower_bound) = if cursor.is_none() && !page.items.is_empty() {
        let found = state.flow.newest_dead_letters(&session.tenant, &filter.of_dead(), GROUPED, None).await?;
        (found.groups, found.next.is_some())
    } else {
        (vec![], false)
    };
    Ok(show(&List {
        chrome: Chrome::new(say("nav-dead"), Section::Dead, &session),
        form: FilterForm::of_dead(&filter, PATH, &names),
        narrowed: filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        groups: groups.iter().map(|group| GroupLine::new(group, &filter, &names, now)).collect(),
        lower_bound,
        rows: page.items.iter().map(|export| Row::new(export, &names, now)).collect(),
        canonical: filter.href(PATH, ""),
        table: filter.href("/dead-letters/table", ""),
        newest: cursor.map(|_| filter.href(PATH, "")),
        older: page.next.map(|next| filter.href(PATH, &next)),
    }))
}
