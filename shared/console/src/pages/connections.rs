//! Connections: whether they work, why not, and what they receive.

use super::fault::Fault;
use super::guard::{Asked, Posted};
use super::health::Health;
use super::links;
use super::login::Session;
use super::view::{self, Chrome, Section, show};
use crate::ConsoleState;
use crate::texts::{filters, say, word};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use domain::{Connection, InWords, Role};
use export_flow::connections::CHECK_SECS_MAX;
use jiff::{SignedDuration, Timestamp};

struct Card {
    id: String,
    label: String,
    vendor: String,
    role: &'static str,
    health: Health,
    receives: Vec<&'static str>,
    exports: String,
    /// Where its parcels are told; couriers only.
    shipments: Option<String>,
    /// Where what it has is listed, if it can list.
    documents: Option<String>,
    has_mappings: bool,
}

#[derive(Template)]
#[template(path = "connections.html")]
struct List {
    chrome: Chrome,
    /// What was removed just now.
    removed: Option<String>,
    cards: Vec<Card>,
}

/// `GET /connections`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(asked): Asked,
) -> Result<Response, Fault> {
    let now = state.flow.now();
    let mut connections = state.flow.parts().ledger.connections(&session.tenant).await?;
    connections.sort_by_key(|connection| (connection.role, view::label(connection).to_lowercase()));
    Ok(show(&List {
        chrome: Chrome::new(say("nav-connections"), Section::Connections, &session),
        removed: asked.get("removed").map(str::to_owned),
        cards: connections.iter().map(|connection| card(&state, connection, now)).collect(),
    }))
}

/// `POST /connections/{id}/check`.
pub(super) async fn check(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Fault> {
    let deadline = state.timer.sleep(SignedDuration::from_secs(CHECK_SECS_MAX));
    let connection = state.flow.check_connection(&session.tenant, &id, deadline).await?;
    Ok(back_to(&connection))
}

/// `POST /connections/{id}/pause`.
pub(super) async fn pause(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Fault> {
    Ok(back_to(&state.flow.pause_connection(&session.tenant, &id).await?))
}

/// `POST /connections/{id}/resume`.
pub(super) async fn resume(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, .. }: Posted,
) -> Result<Redirect, Fault> {
    Ok(back_to(&state.flow.resume_connection(&session.tenant, &id).await?))
}

fn back_to(connection: &Connection) -> Redirect {
    Redirect::to(&links::connection(&connection.id))
}

fn card(state: &ConsoleState, connection: &Connection, now: Timestamp) -> Card {
    let vendor = state.flow.parts().registry.get(&connection.connector).map(|connector| connector.spec().label);
    let source = state.flow.parts().registry.get(&connection.connector).and_then(|c| c.spec().source.as_ref());
    let lists = source.is_some_and(|source| source.lists_changes);
    let receives = connection.switches.iter().filter(|(_, on)| **on).map(|(switch, _)| word(switch.in_words()).label);
    Card {
        id: connection.id.to_string(),
        label: view::label(connection),
        vendor: vendor.map_or_else(|| view::humanise(&connection.connector), str::to_owned),
        role: word(connection.role.in_words()).label,
        health: Health::new(connection, now),
        receives: receives.collect(),
        exports: links::list("/exports", [("connection", connection.id.as_str())]),
        shipments: (connection.role == Role::Courier)
            .then(|| links::list("/shipments", [("source", connection.id.as_str())])),
        documents: lists.then(|| format!("{}/documents", links::connection(&connection.id))),
        has_mappings: connection.role == Role::Channel,
    }
}
