//! Which system is to be connected: every connector with what it carries.

use super::does::{self, Does};
use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::login::Session;
use crate::pages::view::{Chrome, Section, show};
use crate::texts::{filters, say, word};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use connectors::Spec;
use domain::{Connection, InWords, Role, Word};

struct Offer {
    href: String,
    id: &'static str,
    label: &'static str,
    about: &'static str,
    does: Vec<Does>,
    /// How what changes there is heard of; sources only.
    hears: Option<&'static str>,
    /// Connections to it that there are already.
    there: usize,
}

struct Group {
    role: Word,
    offers: Vec<Offer>,
}

#[derive(Template)]
#[template(path = "connect_choose.html")]
struct Choose {
    chrome: Chrome,
    groups: Vec<Group>,
    first: bool,
}

/// `GET /connections/new`.
pub(in crate::pages) async fn choose(State(state): State<ConsoleState>, session: Session) -> Result<Response, Fault> {
    let parts = state.flow.parts();
    let connections = parts.ledger.connections(&session.tenant).await?;
    let group = |role: Role| Group {
        role: word(role.in_words()),
        offers: parts.registry.specs().filter(|spec| spec.role == role).map(|spec| offer(spec, &connections)).collect(),
    };
    Ok(show(&Choose {
        chrome: Chrome::new(say("connect-choose-title"), Section::Connections, &session),
        groups: [Role::Accounting, Role::Courier, Role::Channel].map(group).into(),
        first: connections.is_empty(),
    }))
}

fn offer(spec: &'static Spec, connections: &[Connection]) -> Offer {
    Offer {
        href: format!("/connections/new/{}", spec.id),
        id: spec.id,
        label: spec.label,
        about: does::about(spec),
        does: does::does(spec),
        hears: spec.source.map(|source| match (spec.webhook.is_some(), source.lists_changes) {
            (true, _) => say("connect-hears-webhook"),
            (false, true) => say("connect-hears-polled"),
            (false, false) => say("connect-hears-told"),
        }),
        there: connections.iter().filter(|connection| connection.connector == spec.id).count(),
    }
}
