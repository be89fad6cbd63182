//! Source against target: what is not as it should be, and a button for what can be made good.

use super::choice::Choice;
use super::fault::Fault;
use super::guard::{Asked, Fields, Posted};
use super::hand;
use super::links;
use super::login::Session;
use super::view::{Chrome, Link, Names, Section, show};
use crate::ConsoleState;
use crate::api::instant;
use crate::texts::{self, fill, filters, say, say_with, word};
use askama::Template;
use axum::extract::State;
use axum::response::{Redirect, Response};
use domain::{ConnectionId, Currency, InWords, Money, SubjectKind};
use export_flow::person::Hand;
use export_flow::reconciliation::{Ask, Finding, NotRead, Reconciliation, Remedy};
use rust_decimal::Decimal;

/// Objects compared for one page: a page is waited for.
const OBJECTS: usize = 50;

struct Row {
    label: &'static str,
    explanation: &'static str,
    next_step: &'static str,
    what: String,
    order: Option<Link>,
    way: String,
    at_source: Option<String>,
    at_target: Option<String>,
    amount: Option<String>,
    state: Option<&'static str>,
    export: Option<String>,
    make: Option<Make>,
    retry: Option<String>,
}

/// The fields of the form that makes a missing export.
struct Make {
    source: String,
    what: &'static str,
    subject: String,
    target: Option<String>,
}

struct Unread {
    what: String,
    at: String,
    label: &'static str,
    message: String,
    next_step: &'static str,
}

/// Why the comparison ended before its end.
struct Stopped {
    at: String,
    label: &'static str,
    message: String,
    next_step: &'static str,
}

struct Outcome {
    rows: Vec<Row>,
    unread: Vec<Unread>,
    compared: u64,
    agreed: u64,
    found: u64,
    left_out: u64,
    not_readable: u64,
    stakes: Vec<String>,
    stopped: Option<Stopped>,
    next: Option<String>,
    table: String,
}

#[derive(Template)]
#[template(path = "reconciliation.html")]
struct Page {
    chrome: Chrome,
    connections: Vec<Choice>,
    since: String,
    until: String,
    result: Option<Outcome>,
}

/// `GET /reconciliation`.
pub(super) async fn show_page(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let connections = state.flow.parts().ledger.connections(&session.tenant).await?;
    let names = Names::new(&connections);
    let chosen = fields.get("connection");
    let result = match chosen {
        None => None,
        Some(connection) => {
            let found = state.flow.reconcile(&session.tenant, &ask(connection, &fields)?).await?;
            Some(result(&found, &names, &fields))
        }
    };
    Ok(show(&Page {
        chrome: Chrome::new(say("reconciliation-title"), Section::Reconciliation, &session),
        connections: Choice::of_connections(&connections, |_| true, chosen),
        since: fields.get("since").unwrap_or_default().to_owned(),
        until: fields.get("until").unwrap_or_default().to_owned(),
        result,
    }))
}

fn ask(connection: &str, fields: &Fields) -> Result<Ask, Fault> {
    let time = |name: &str, wrong: &'static str| {
        let read = |text: &str| instant(text).ok_or_else(|| Fault::Wrong(say(wrong).to_owned()));
        fields.get(name).map(read).transpose()
    };
    Ok(Ask {
        connection: connection.to_owned(),
        since: time("since", "reconciliation-first-no-date")?,
        until: time("until", "reconciliation-last-no-date")?,
        cursor: fields.get("cursor").map(str::to_owned),
        limit: OBJECTS,
    })
}

fn result(found: &Reconciliation, names: &Names, fields: &Fields) -> Outcome {
    let asked = |cursor: &'_ str| {
        let field = |name: &'static str| (name, fields.get(name).unwrap_or_default());
        let pairs = [field("connection"), field("since"), field("until"), ("cursor", cursor)];
        links::list("/reconciliation", pairs)
    };
    let stopped = found.stopped.as_ref().map(|stopped| {
        let known = word(stopped.code.in_words());
        Stopped {
            at: names.label(&stopped.at),
            label: known.label,
            message: texts::said(&stopped.message),
            next_step: known.next_step,
        }
    });
    let sums = &found.so_far;
    Outcome {
        rows: found.findings.iter().map(|finding| row(finding, names)).collect(),
        unread: found.not_read.iter().map(|line| unread(line, names)).collect(),
        compared: sums.compared,
        agreed: sums.agreed,
        found: sums.findings,
        left_out: sums.left_out,
        not_readable: sums.not_readable,
        stakes: sums.at_stake.iter().map(|(currency, sum)| stake(currency, *sum)).collect(),
        stopped,
        next: found.next.as_deref().map(asked),
        table: links::list(
            "/reconciliation/table",
            ["connection", "since", "until", "cursor"].map(|name| (name, fields.get(name).unwrap_or_default())),
        ),
    }
}

fn stake(currency: &str, sum: Decimal) -> String {
    match Currency::parse(currency) {
        Ok(currency) => texts::money(&Money::new(sum, currency)),
        Err(_) => format!("{} {currency}", texts::number(sum)),
    }
}

fn row(finding: &Finding, names: &Names) -> Row {
    let known = word(finding.code.in_words());
    let target = finding.target.as_ref().map(|target| names.label(target));
    let number = finding.number.as_deref().or(finding.subject.as_deref()).unwrap_or_default();
    let order = finding.order.as_ref();
    let made = || {
        Some(Make {
            source: finding.source.to_string(),
            what: if finding.kind == SubjectKind::Parcel { "shipment" } else { "document" },
            subject: finding.subject.clone()?,
            target: finding.target.as_ref().map(ToString::to_string),
        })
    };
    Row {
        label: known.label,
        explanation: known.explanation,
        next_step: known.next_step,
        what: format!("{} {number}", word(finding.kind.in_words()).label),
        order: order.zip(finding.target.as_ref()).map(|(order, channel)| Link {
            href: links::order(channel, order),
            text: say_with("reconciliation-order", "order", order.to_string()),
        }),
        way: match target {
            Some(target) => format!("{} → {target}", names.label(&finding.source)),
            None => names.label(&finding.source),
        },
        at_source: finding.at_source.clone(),
        at_target: finding.at_target.clone(),
        amount: finding.amount.as_ref().map(texts::money),
        state: finding.state.as_ref().map(|(state, _)| word(state.in_words()).label),
        export: finding.export.as_ref().map(links::export),
        make: if finding.remedy == Some(Remedy::Make) { made() } else { None },
        retry: finding
            .export
            .as_ref()
            .filter(|_| finding.remedy == Some(Remedy::Retry))
            .map(|id| format!("{}/decide", links::export(id))),
    }
}

fn unread(line: &NotRead, names: &Names) -> Unread {
    let known = word(line.code.in_words());
    let source = names.label(&line.source);
    let what = line.number.as_deref().or(line.subject.as_deref());
    Unread {
        what: match what {
            Some(what) => fill("reconciliation-unread-one", [("what", what.into()), ("source", source.into())]),
            None => say_with("reconciliation-unread-all", "source", source),
        },
        at: names.label(&line.at),
        label: known.label,
        message: texts::said(&line.message),
        next_step: known.next_step,
    }
}

/// `GET /reconciliation/table`: the same as a file for a spreadsheet.
pub(super) async fn table(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let connection = fields.get("connection").ok_or_else(|| Fault::Wrong(say("reconciliation-choose").to_owned()))?;
    let found = state.flow.reconcile(&session.tenant, &ask(connection, &fields)?).await?;
    Ok(crate::api::reconciliation_table(&found))
}

/// `POST /reconciliation/make`: has one missing thing carried, and shows what becomes of it.
pub(super) async fn make(
    State(state): State<ConsoleState>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let text = |name: &str| fields.get(name).map(str::to_owned);
    let hand = Hand {
        source: text("source").unwrap_or_default(),
        document: text("document"),
        shipment: text("shipment"),
        target: fields.get("target").map(ConnectionId::new),
    };
    hand::carry(&state, &session, &hand).await
}
