//! One connection: how it is, what it can do, what it is told to do, and what to do next.

use super::does::{self, Does};
use super::form::{lasting, pace_in_words};
use super::missing::Missing;
use super::oauth::Consent;
use super::secrets::Exchange;
use super::webhook::{self, Calls, WebhookFacts};
use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::guard::{Asked, Fields};
use crate::pages::health::Health;
use crate::pages::links;
use crate::pages::login::Session;
use crate::pages::rows::Row;
use crate::pages::view::{self, Badge, Chrome, Link, Names, Section, When, show};
use crate::texts::{filters, say, say_n, say_with, word};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use connectors::{Account, Secrets, Spec};
use domain::{Check, Code, Connection, ConnectionState, InWords, Role};
use export_flow::figures::ErrorLine;
use export_flow::ports::ExportQuery;
use export_flow::refused::{FieldError, Refused};
use jiff::Timestamp;

/// Exports shown.
const RECENT: usize = 10;

/// What it is told to carry, or not.
struct Carried {
    does: Does,
    on: bool,
}

/// What goes wrong there in one way.
struct Trouble {
    badge: Badge,
    label: &'static str,
    next_step: Option<&'static str>,
    advice: String,
    count: u64,
    last: When,
    /// Which exports they are.
    href: String,
}

/// What has just been done, for who comes from a form.
struct Done {
    said: &'static str,
    eligible: Option<Eligible>,
    /// Exports that a switch keeps in.
    left_out: Option<String>,
}

/// Exports that a switch lets out.
struct Eligible {
    said: String,
    /// Which they are.
    exports: String,
}

#[derive(Template)]
#[template(path = "connect_one.html")]
pub(super) struct Page {
    chrome: Chrome,
    id: String,
    here: String,
    label: String,
    role: &'static str,
    vendor: String,
    about: &'static str,
    health: Health,
    done: Option<Done>,
    missing: Vec<Missing>,
    /// Where what sources have already is fetched from.
    fetches: Vec<Link>,
    carried: Vec<Carried>,
    cannot: Vec<&'static str>,
    delivered: Option<(When, Link)>,
    troubles: Vec<Trouble>,
    recent: Vec<Row>,
    calls: Option<Calls>,
    settings: Vec<(&'static str, String)>,
    webhook: Option<WebhookFacts>,
    tested: Option<(bool, &'static str)>,
    exchange: Option<Exchange>,
    consent: Option<Consent>,
    links: Vec<Link>,
    can_edit: bool,
}

/// What a page shows beside what is stored.
#[derive(Default)]
pub(super) struct Beside<'a> {
    /// What its address says.
    pub(super) asked: Option<&'a Fields>,
    /// The token of its webhook address, this one time.
    pub(super) token: Option<&'a str>,
    /// A check of new secrets that failed.
    pub(super) tried: Option<&'a Check>,
    /// New secrets as they were typed, and what is wrong with them.
    pub(super) typed: Option<(&'a Fields, &'a [FieldError])>,
}

/// `GET /connections/{id}`.
pub(in crate::pages) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
    Asked(asked): Asked,
) -> Result<Response, Fault> {
    let connection = state.flow.connection_of(&session.tenant, &id).await?;
    let beside = Beside { asked: Some(&asked), ..Beside::default() };
    Ok(show(&page(&state, &session, &connection, &beside).await?))
}

/// The page of a connection.
pub(super) async fn page(
    state: &ConsoleState,
    session: &Session,
    connection: &Connection,
    beside: &Beside<'_>,
) -> Result<Page, Refused> {
    let (now, ledger) = (state.flow.now(), &state.flow.parts().ledger);
    let spec = state.flow.parts().registry.get(&connection.connector).map(|connector| connector.spec());
    let all = ledger.connections(&session.tenant).await?;
    let names = Names::new(&all);
    let query = ExportQuery { connection: Some(connection.id.clone()), ..ExportQuery::default() };
    let recent = ledger.exports(&session.tenant, &query, RECENT, None).await?.items;
    let delivered = ExportQuery { state: Some(domain::State::Delivered), ..query };
    let delivered = ledger.exports(&session.tenant, &delivered, 1, None).await?.items.pop();
    let trouble = |line: &ErrorLine| trouble(line, connection, now);
    let missing = state.flow.lacks(connection, state.options.has_public_webhooks(connection.role)).await?;
    let here = links::connection(&connection.id);
    let lists = spec.and_then(|spec| spec.source.as_ref()).is_some_and(|source| source.lists_changes);
    let hears = spec.is_some_and(|spec| spec.webhook.is_some());
    let documents = lists.then(|| format!("{here}/documents"));
    let label = view::label(connection);
    Ok(Page {
        chrome: Chrome::new(label.as_str(), Section::Connections, session),
        id: connection.id.to_string(),
        label,
        role: word(connection.role.in_words()).label,
        vendor: spec.map_or_else(|| view::humanise(&connection.connector), |spec| spec.label.to_owned()),
        about: spec.map_or("", does::about),
        health: Health::new(connection, now),
        done: beside.asked.and_then(|asked| done(asked, connection)),
        missing: missing.into_iter().map(|lack| Missing::new(lack, Some(&here))).collect(),
        carried: spec.map_or_else(Vec::new, |spec| carried(spec, connection)),
        cannot: spec.map_or_else(Vec::new, does::cannot),
        delivered: delivered.map(|export| {
            let link = Link { href: links::export(&export.id), text: crate::pages::rows::title(&export) };
            (When::new(export.changed_at, now), link)
        }),
        troubles: state
            .flow
            .errors_at(&session.tenant, connection.id.as_str())
            .await?
            .lines
            .iter()
            .map(trouble)
            .collect(),
        calls: match spec.and_then(|spec| spec.webhook) {
            Some(_) => Some(Calls::new(&connection.id, &state.flow.calls(connection).await?, now)),
            None => None,
        },
        recent: recent.iter().map(|export| Row::new(export, &names, now)).collect(),
        settings: spec.map_or_else(Vec::new, |spec| settings(spec, connection)),
        webhook: spec.and_then(|spec| webhook::facts(state, spec, connection.id.as_str(), beside.token)),
        tested: beside.asked.and_then(|asked| asked.get("tested")).and_then(webhook::tested),
        exchange: spec.filter(|_| session.may_change()).map(|spec| Exchange::new(spec, connection, beside, now)),
        consent: spec.and_then(|spec| Consent::new(spec, connection, session, beside)),
        links: further(connection, hears, documents.as_deref()),
        fetches: fetches(state, spec, connection, &all),
        can_edit: spec.is_some(),
        here,
    })
}

/// Where what is there already is fetched from: a source's own documents, or those of every source for a channel that
/// something is carried to.
fn fetches(state: &ConsoleState, spec: Option<&'static Spec>, here: &Connection, all: &[Connection]) -> Vec<Link> {
    let lists = |source: &&Connection| {
        let spec = state.flow.parts().registry.get(&source.connector).map(|connector| connector.spec());
        let lists = spec.and_then(|spec| spec.source.as_ref()).is_some_and(|source| source.lists_changes);
        lists && source.state == ConnectionState::Active
    };
    let link =
        |source: &Connection, text: String| Link { href: format!("{}/documents", links::connection(&source.id)), text };
    if here.role != Role::Channel {
        return Some(here).filter(lists).map(|own| link(own, say("connect-fetch").to_owned())).into_iter().collect();
    }
    let carries = spec.is_some_and(|spec| spec.switches().any(|switch| here.is_on(switch)));
    if here.state != ConnectionState::Active || !carries {
        return vec![];
    }
    let from = |source: &Connection| link(source, say_with("connect-fetch-from", "name", view::label(source)));
    all.iter().filter(lists).map(from).collect()
}

/// What has just been done, if a form leads here.
fn done(asked: &Fields, connection: &Connection) -> Option<Done> {
    let good = connection.state == ConnectionState::Active;
    let said = match (asked.get("saved")?, good) {
        ("new", true) => say("connect-made"),
        ("new", false) => say("connect-made-unverified"),
        ("changed", true) => say("connect-changed"),
        ("changed", false) => say("connect-changed-unverified"),
        _ => return None,
    };
    let id = connection.id.as_str();
    let eligible = asked.get("eligible").and_then(|count| count.parse::<u64>().ok()).filter(|count| *count > 0);
    let skipped = [("state", "skipped"), ("connection", id), ("code", Code::SwitchedOff.as_str())];
    let eligible = eligible
        .map(|count| Eligible { said: say_n("connect-eligible", count), exports: links::list("/exports", skipped) });
    let left_out = asked.get("left_out").and_then(|count| count.parse::<u64>().ok()).filter(|count| *count > 0);
    Some(Done { said, eligible, left_out: left_out.map(|count| say_n("connect-left-out", count)) })
}

fn trouble(line: &ErrorLine, connection: &Connection, now: Timestamp) -> Trouble {
    let said = word(line.word.clone());
    // What is tried again has its reason in its last attempt alone.
    let code = if line.state == domain::State::Retrying { "" } else { said.word };
    let pairs = [("state", line.state.as_str()), ("connection", connection.id.as_str()), ("code", code)];
    Trouble {
        badge: Badge::of_state(line.state),
        label: said.label,
        // What is tried again by itself needs nobody yet.
        next_step: view::to_do(&said).filter(|_| line.state != domain::State::Retrying),
        advice: links::code(said.word),
        count: line.count,
        last: When::new(line.last, now),
        href: links::list("/exports", pairs),
    }
}

fn carried(spec: &Spec, connection: &Connection) -> Vec<Carried> {
    let on = spec.operations.iter().map(|operation| connection.is_on(operation.switch));
    does::does(spec).into_iter().zip(on).map(|(does, on)| Carried { does, on }).collect()
}

/// Its times and limits in words, those that are not set as they are by default.
fn settings(spec: &'static Spec, connection: &Connection) -> Vec<(&'static str, String)> {
    let Ok(account) = Account::open(connection.clone(), spec, Secrets::default()) else { return vec![] };
    let mut said = vec![(say("connect-base-url"), account.base_url.clone())];
    if let Some(source) = &spec.source {
        if source.lists_changes {
            said.push((say("connect-poll-every"), lasting(account.poll_every)));
            said.push((say("connect-since"), crate::texts::instant(account.since)));
        } else {
            said.push((say("connect-parcels-every"), lasting(source.parcel_every)));
        }
        if !account.event_delay.is_zero() {
            said.push((say("connect-event-delay"), lasting(account.event_delay)));
        }
        said.push((say("connect-order-field"), account.order_field().to_owned()));
        said.extend(account.order_reference.pattern.clone().map(|text| (say("connect-reference-pattern"), text)));
    }
    said.push((say("connect-pace"), pace_in_words(account.pace)));
    if let Some(bound) = account.late_bound.or_else(|| spec.operations.iter().map(|o| o.late_bound).max()) {
        said.push((say("connect-late-bound"), lasting(bound)));
    }
    let rules = &connection.rules;
    said.extend(rules.order_pattern.clone().map(|pattern| (say("connect-order-pattern"), pattern)));
    let usual = spec.channel.as_ref().and_then(|channel| channel.invoice_when);
    let when = rules.invoice_when.or(usual);
    said.extend(when.map(|when| (say("connect-when"), super::form::invoice_when(when).1.to_owned())));
    said
}

/// What else there is about it.
fn further(connection: &Connection, hears: bool, documents: Option<&str>) -> Vec<Link> {
    let (id, here) = (connection.id.as_str(), links::connection(&connection.id));
    let link = |href: String, text: &'static str| Link { href, text: say(text).to_owned() };
    let mut further = vec![link(links::list("/exports", [("connection", id)]), "connections-exports")];
    if hears {
        further.push(link(format!("{here}/events"), "connections-events"));
    }
    further.extend(documents.map(|documents| link(documents.to_owned(), "connections-documents")));
    if connection.role == Role::Courier {
        further.push(link(links::list("/shipments", [("source", id)]), "connections-shipments"));
    }
    further.push(link(format!("{here}/rules"), "rules-link"));
    if connection.role == Role::Channel {
        further.push(link(format!("{here}/mappings"), "connections-mappings"));
    }
    further.push(link(links::list("/trial", [("connection", id)]), "trial-title"));
    further.push(link(links::list("/reconciliation", [("connection", id)]), "nav-compare"));
    further
}
