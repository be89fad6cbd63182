//! What there is at a glance, and what needs a person.

use super::fault::Fault;
use super::links;
use super::login::Session;
use super::view::{self, Badge, Chrome, Section, When, show};
use crate::ConsoleState;
use crate::texts::{filters, say, word};
use askama::Template;
use axum::extract;
use axum::response::Response;
use domain::{Connection, ConnectionState, InWords, State};
use export_flow::ports::{Counts, Depth};
use jiff::{SignedDuration, Timestamp};

/// How far back the delivered of a connection are counted.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

struct Tile {
    href: String,
    badge: Badge,
    count: u64,
    explanation: &'static str,
}

struct Line {
    href: String,
    label: String,
    role: &'static str,
    badge: Badge,
    why: Option<&'static str>,
    delivered: u64,
    held: u64,
    dead: u64,
    held_href: String,
    dead_href: String,
    oldest: Option<When>,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    chrome: Chrome,
    /// States that wait for a person, with something in them.
    needed: Vec<Tile>,
    troubled: Vec<Line>,
    moving: Vec<Tile>,
    done: Vec<Tile>,
    duplicates: u64,
    queue: Depth,
    connections: Vec<Line>,
    as_of: When,
}

/// `GET /`.
pub(super) async fn overview(
    extract::State(state): extract::State<ConsoleState>,
    session: Session,
) -> Result<Response, Fault> {
    let (now, parts) = (state.flow.now(), state.flow.parts());
    let since = now.checked_sub(RECENT).unwrap_or(Timestamp::MIN);
    let counts = parts.ledger.counts(&session.tenant, since).await?;
    let mut connections = parts.ledger.connections(&session.tenant).await?;
    connections.sort_by_key(|connection| (connection.role, view::label(connection).to_lowercase()));
    let queue = parts.queue.depth().await?;
    let tiles = |states: &[State]| states.iter().map(|s| tile(*s, &counts)).collect::<Vec<_>>();
    let lines = |which: fn(&Connection) -> bool| {
        connections.iter().filter(|c| which(c)).map(|c| line(c, &counts, now)).collect::<Vec<_>>()
    };
    let mut needed = tiles(&[State::Dead, State::Uncertain, State::Expired]);
    needed.retain(|tile| tile.count > 0);
    Ok(show(&Overview {
        chrome: Chrome::new(say("nav-overview"), Section::Overview, &session),
        needed,
        troubled: lines(|c| matches!(c.state, ConnectionState::Paused | ConnectionState::Unverified)),
        moving: tiles(&[State::Sending, State::Accepted, State::Retrying, State::Held]),
        done: tiles(&[State::Delivered, State::Skipped, State::Planned]),
        duplicates: counts.duplicates,
        queue,
        connections: lines(|_| true),
        as_of: When::new(now, now),
    }))
}

fn tile(state: State, counts: &Counts) -> Tile {
    let href = if state == State::Dead {
        "/dead-letters".to_owned()
    } else {
        links::list("/exports", [("state", state.as_str())])
    };
    Tile {
        href,
        badge: Badge::of_state(state),
        count: counts.states.get(&state).copied().unwrap_or(0),
        explanation: word(state.in_words()).explanation,
    }
}

fn line(connection: &Connection, counts: &Counts, now: Timestamp) -> Line {
    let counted = counts.connections.get(&connection.id).cloned().unwrap_or_default();
    let id = connection.id.as_str();
    Line {
        href: links::connection(&connection.id),
        label: view::label(connection),
        role: word(connection.role.in_words()).label,
        badge: Badge::of_connection(connection.state),
        why: connection.pause.as_ref().map(|pause| word(pause.reason.in_words()).label),
        delivered: counted.delivered,
        held: counted.held,
        dead: counted.dead,
        held_href: links::list("/exports", [("state", State::Held.as_str()), ("connection", id)]),
        dead_href: links::list("/dead-letters", [("connection", id)]),
        oldest: counted.oldest_waiting.map(|at| When::new(at, now)),
    }
}
