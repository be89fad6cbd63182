//! The end of a connection: what will become of what waits, and whether a person means it.

use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::guard::Posted;
use crate::pages::links;
use crate::pages::login::Session;
use crate::pages::view::{self, Chrome, Section, show};
use crate::texts::{filters, say, say_with};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Connection;
use export_flow::ports::PortError;
use http::StatusCode;

#[derive(Template)]
#[template(path = "connect_remove.html")]
struct Page {
    chrome: Chrome,
    title: String,
    id: String,
    label: String,
    here: String,
    held: u64,
    dead: u64,
    waiting: String,
    letters: String,
    problem: Option<&'static str>,
}

/// `GET /connections/{id}/remove`.
pub(in crate::pages) async fn ask(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    Ok(show(&page(&state, &session, &connection, None).await?))
}

/// `POST /connections/{id}/remove`.
pub(in crate::pages) async fn remove(
    State(state): State<ConsoleState>,
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
) -> Result<Page, PortError> {
    let counts = state.flow.parts().ledger.counts(&session.tenant, state.flow.now()).await?;
    let counted = counts.connections.get(&connection.id).cloned().unwrap_or_default();
    let (id, label) = (connection.id.as_str(), view::label(connection));
    let title = say_with("connect-remove-title", "label", label.as_str());
    Ok(Page {
        chrome: Chrome::new(title.as_str(), Section::Connections, session),
        title,
        here: links::connection(&connection.id),
        held: counted.held,
        dead: counted.dead,
        waiting: links::list("/exports", [("state", "held"), ("connection", id)]),
        letters: links::list("/dead-letters", [("connection", id)]),
        id: id.to_owned(),
        label,
        problem,
    })
}
