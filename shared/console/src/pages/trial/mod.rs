//! A trial: what would go out of one document or parcel, told step by step. Nothing is sent or written by it; sending the
//! same for real is another form.

mod meant;
mod told;

use super::choice::Choice;
use super::fault::Fault;
use super::guard::{Asked, Posted};
use super::links;
use super::login::Session;
use super::view::{Chrome, Names, Section, show};
use crate::ConsoleState;
use crate::api::wait_for;
use crate::texts::{filters, say, say_with};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Connection, ConnectionId, Role};
use export_flow::person::{Hand, Trial};
use export_flow::refused::Refused;
use http::StatusCode;
use meant::{Candidate, Typed};
use told::Shown;

#[derive(Template)]
#[template(path = "trial.html")]
struct Page {
    chrome: Chrome,
    typed: Typed,
    sources: Vec<Choice>,
    targets: Vec<Choice>,
    /// What is wrong with the number, said beside it.
    problem: Option<String>,
    /// What may be meant by it.
    candidates: Vec<Candidate>,
    shown: Option<Shown>,
}

#[derive(Template)]
#[template(path = "trial_sent.html")]
struct Sent {
    chrome: Chrome,
    /// Where it will be listed.
    exports: String,
}

/// What there is to show beside the form.
#[derive(Default)]
struct Beside {
    problem: Option<String>,
    candidates: Vec<Candidate>,
    shown: Option<Shown>,
}

/// `GET /trial`.
pub(super) async fn form(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(asked): Asked,
) -> Result<Response, Fault> {
    let connections = state.flow.parts().ledger.connections(&session.tenant).await?;
    let typed = Typed::read(&asked).sorted(&connections);
    Ok(page(&session, &connections, typed, Beside::default()))
}

/// `POST /trial`.
pub(super) async fn run(
    State(state): State<ConsoleState>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let connections = state.flow.parts().ledger.connections(&session.tenant).await?;
    let typed = Typed::read(&fields).sorted(&connections);
    let beside = tried(&state, &session, &connections, &typed).await?;
    let refused = beside.problem.is_some();
    let page = page(&session, &connections, typed, beside);
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

async fn tried(
    state: &ConsoleState,
    session: &Session,
    connections: &[Connection],
    typed: &Typed,
) -> Result<Beside, Fault> {
    let problem = |problem: String| Ok(Beside { problem: Some(problem), ..Beside::default() });
    if typed.number.is_empty() {
        return problem(say("trial-no-number").to_owned());
    }
    let asked = typed.hand(connections);
    let names = Names::new(connections);
    if let Some(hand) = &asked {
        match state.flow.trial(&session.tenant, hand).await {
            Ok(trial) => return Ok(shown(&trial, hand, &names)),
            // What was typed may be an order's number, or be known elsewhere.
            Err(Refused::Fields(errors)) if errors.iter().all(|error| error.field != "target") => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    let candidates = meant::candidates(state, &session.tenant, typed, connections).await?;
    match candidates.as_slice() {
        [] => problem(match &asked {
            Some(hand) => say_with("trial-not-there", "source", names.label(&ConnectionId::new(&hand.source))),
            None => say("trial-not-known").to_owned(),
        }),
        [one] if asked.is_none() => {
            let hand = one.hand(typed);
            match state.flow.trial(&session.tenant, &hand).await {
                Ok(trial) => Ok(shown(&trial, &hand, &names)),
                Err(Refused::Fields(_)) => problem(say_with("trial-not-there", "source", one.label.as_str())),
                Err(refused) => Err(refused.into()),
            }
        }
        _ => Ok(Beside { candidates, ..Beside::default() }),
    }
}

fn shown(trial: &Trial, hand: &Hand, names: &Names) -> Beside {
    Beside { shown: Some(Shown::new(trial, hand, names)), ..Beside::default() }
}

fn page(session: &Session, connections: &[Connection], typed: Typed, beside: Beside) -> Response {
    let Beside { problem, candidates, shown } = beside;
    show(&Page {
        chrome: Chrome::new(say("trial-title"), Section::Exports, session),
        sources: Choice::of_connections(connections, |there| there.role != Role::Channel, Some(&typed.source)),
        targets: Choice::of_connections(connections, |there| there.role == Role::Channel, Some(&typed.target)),
        typed,
        problem,
        candidates,
        shown,
    })
}

/// `POST /trial/send`: the same for real.
pub(super) async fn send(
    State(state): State<ConsoleState>,
    Posted { session, fields }: Posted,
) -> Result<Response, Fault> {
    let text = |name: &str| fields.get(name).map(str::to_owned);
    let hand = Hand {
        source: text("source").unwrap_or_default(),
        document: text("document"),
        shipment: text("shipment"),
        target: fields.get("target").map(ConnectionId::new),
    };
    let requested = state.flow.request(&session.tenant, &hand).await?;
    if let Some(first) = wait_for(&state, &requested).await?.first() {
        return Ok(Redirect::to(&links::export(&first.id)).into_response());
    }
    let named = [("connection", requested.source.as_str()), ("document", requested.hint.subject.id.as_str())];
    Ok(show(&Sent {
        chrome: Chrome::new(say("trial-sent-title"), Section::Exports, &session),
        exports: links::list("/exports", named),
    }))
}
