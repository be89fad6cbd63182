//! The rules of a connection as a form, every one with its default. Everything else of the connection stays as it is.

mod inputs;
mod outlook;
mod typed;

use super::fault::Fault;
use super::guard::{Asked, Posted};
use super::links;
use super::login::Session;
use super::view::{self, Chrome, Section, show};
use crate::ConsoleState;
use crate::texts::{filters, say_with};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Connection, Role};
use export_flow::connections::PutOptions;
use export_flow::refused::{FieldError, Refused};
use http::StatusCode;
use inputs::{Group, Payment};
use outlook::Outlook;
use serde_json::Value;
use typed::Typed;

/// Empty lines for further payment kinds.
const NEW_LINES: usize = 2;

#[derive(Template)]
#[template(path = "rules.html")]
struct Page {
    chrome: Chrome,
    id: String,
    label: String,
    groups: Vec<Group>,
    /// Payment kinds with their own rule, and some empty lines; none at a source.
    payments: Vec<Payment>,
    saved: bool,
    /// What was typed cannot be saved.
    refused: bool,
    /// What is wrong beside the fields.
    problems: Vec<String>,
    /// What the rules in the form would have done.
    outlook: Option<Outlook>,
}

/// What there is to show beside the form.
#[derive(Default)]
struct Beside {
    errors: Vec<FieldError>,
    saved: bool,
    outlook: Option<Outlook>,
}

/// `GET /connections/{id}/rules`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
    Asked(asked): Asked,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let beside = Beside { saved: asked.get("saved").is_some(), ..Beside::default() };
    page(&state, &session, &connection, &Typed::of(&connection.rules), beside).await
}

fn options(state: &ConsoleState) -> PutOptions {
    PutOptions { allow_private_targets: state.options.allow_private_targets, ..PutOptions::default() }
}

/// `POST /connections/{id}/rules`.
pub(super) async fn save(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let typed = Typed::read(&fields);
    match state.flow.save_rules(&session.tenant, &id, &typed.rules(connection.role), options(&state)).await {
        Ok(saved) => Ok(Redirect::to(&format!("{}/rules?saved=yes", links::connection(&saved.id))).into_response()),
        Err(Refused::Fields(errors)) => refuse(&state, &session, &connection, &typed, errors).await,
        Err(refused) => Err(refused.into()),
    }
}

/// `POST /connections/{id}/rules/preview`: what is typed would have done this, and is kept to be saved.
pub(super) async fn preview(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let typed = Typed::read(&fields);
    match state.flow.preview_rules(&session.tenant, &id, &typed.rules(connection.role), &Value::Null).await {
        Ok(found) => {
            let outlook = Some(Outlook::new(&found));
            page(&state, &session, &connection, &typed, Beside { outlook, ..Beside::default() }).await
        }
        Err(Refused::Fields(errors)) => refuse(&state, &session, &connection, &typed, errors).await,
        Err(refused) => Err(refused.into()),
    }
}

async fn refuse(
    state: &ConsoleState,
    session: &Session,
    connection: &Connection,
    typed: &Typed,
    errors: Vec<FieldError>,
) -> Result<Response, Fault> {
    let page = page(state, session, connection, typed, Beside { errors, ..Beside::default() }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn page(
    state: &ConsoleState,
    session: &Session,
    connection: &Connection,
    typed: &Typed,
    beside: Beside,
) -> Result<Response, Fault> {
    let Beside { errors, saved, outlook } = beside;
    let all = state.flow.parts().ledger.connections(&session.tenant).await?;
    let others: Vec<&Connection> =
        all.iter().filter(|other| other.role == Role::Channel && other.id != connection.id).collect();
    let spec = state.flow.parts().registry.get(&connection.connector).map(|connector| connector.spec());
    let groups = inputs::groups(connection.role, spec, typed, &others, &errors);
    let label = view::label(connection);
    let mut payments: Vec<Payment> = vec![];
    if connection.role == Role::Channel {
        payments.extend(typed.payments.iter().map(|(kind, when)| Payment::new(kind, when)));
        payments.extend((0..NEW_LINES).map(|_| Payment::new("", "")));
    }
    Ok(show(&Page {
        chrome: Chrome::new(say_with("rules-title", "name", label.as_str()), Section::Connections, session),
        id: connection.id.to_string(),
        label,
        problems: inputs::elsewhere(&groups, &errors),
        groups,
        payments,
        saved,
        refused: !errors.is_empty(),
        outlook,
    }))
}
