//! The end of a connection: what will become of what waits, and whether a person means it.

use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::guard::Posted;
use crate::pages::links;
use crate::pages::login::Session;
use crate::pages::view::{self, Badge, Chrome, Section, show};
use crate::texts::{filters, say, say_with};
use askama::Template;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Connection, State};
use export_flow::refused::Refused;
use http::StatusCode;
use std::collections::{BTreeMap, BTreeSet};

/// Exports in one state.
struct Open {
    badge: Badge,
    to: u64,
    from: u64,
    href: String,
}

#[derive(Template)]
#[template(path = "connect_remove.html")]
struct Page {
    chrome: Chrome,
    title: String,
    id: String,
    label: String,
    here: String,
    /// What is not at its end, by state, as a target and as a source.
    open: Vec<Open>,
    /// How many are left out when their turn comes.
    left_out: u64,
    more: bool,
    problem: Option<&'static str>,
}

/// `GET /connections/{id}/remove`.
pub(in crate::pages) async fn ask(
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    Ok(show(&page(&state, &session, &connection, None).await?))
}

/// `POST /connections/{id}/remove`.
pub(in crate::pages) async fn remove(
    extract::State(state): extract::State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    if fields.get("confirm") != Some(connection.id.as_str()) {
        let page = page(&state, &session, &connection, Some(say("connect-remove-mistyped"))).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response());
    }
    state.flow.delete_connection(&session.tenant, connection.id.as_str()).await?;
    Ok(Redirect::to(&links::list("/connections", [("removed", view::label(&connection).as_str())])).into_response())
}

async fn page(
    state: &ConsoleState,
    session: &Session,
    connection: &Connection,
    problem: Option<&'static str>,
) -> Result<Page, Refused> {
    let outlook = state.flow.removal_outlook(&session.tenant, connection.id.as_str()).await?;
    let (id, label) = (connection.id.as_str(), view::label(connection));
    let title = say_with("connect-remove-title", "label", label.as_str());
    let states: BTreeSet<State> = outlook.as_target.keys().chain(outlook.as_source.keys()).copied().collect();
    let count = |of: &BTreeMap<State, u64>, state: State| of.get(&state).copied().unwrap_or(0);
    let open = |state: State| Open {
        badge: Badge::of_state(state),
        to: count(&outlook.as_target, state),
        from: count(&outlook.as_source, state),
        href: links::list("/exports", [("state", state.as_str()), ("connection", id)]),
    };
    Ok(Page {
        chrome: Chrome::new(title.as_str(), Section::Connections, session),
        title,
        here: links::connection(&connection.id),
        open: states.into_iter().map(open).collect(),
        left_out: outlook.would_be_skipped(),
        more: outlook.more,
        id: id.to_owned(),
        label,
        problem,
    })
}
