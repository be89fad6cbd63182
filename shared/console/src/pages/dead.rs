//! Dead letters: what failed for good, and why.

use super::exports::LINES;
use super::fault::Fault;
use super::filter::{Filter, FilterForm};
use super::guard::Asked;
use super::login::Session;
use super::rows::Row;
use super::view::{Chrome, Names, Section, show};
use crate::ConsoleState;
use askama::Template;
use axum::extract;
use axum::response::Response;
use domain::State;

const PATH: &str = "/dead-letters";

#[derive(Template)]
#[template(path = "dead.html")]
struct List {
    chrome: Chrome,
    form: FilterForm,
    /// What the list is narrowed by, for the form that decides about all of it.
    narrowed: Vec<(String, String)>,
    rows: Vec<Row>,
    newest: Option<String>,
    older: Option<String>,
}

/// `GET /dead-letters`.
pub(super) async fn list(
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    // Only what a job takes as well narrows this list, so that "all of these" means what is shown.
    let filter = Filter { state: None, order: None, document: None, ..Filter::read(&fields)? };
    let mut query = filter.query();
    query.state = Some(State::Dead);
    let cursor = fields.get("cursor");
    let page = ledger.exports(&session.tenant, &query, LINES, cursor).await?;
    let names = Names::new(&ledger.connections(&session.tenant).await?);
    Ok(show(&List {
        chrome: Chrome::new("Dead letters", Section::Dead, &session),
        form: FilterForm::of_dead(&filter, PATH, &names),
        narrowed: filter.pairs().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        rows: page.items.iter().map(|export| Row::new(export, &names, now)).collect(),
        newest: cursor.map(|_| filter.href(PATH, "")),
        older: page.next.map(|next| filter.href(PATH, &next)),
    }))
}
