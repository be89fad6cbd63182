//! An order: its documents, parcels and exports, and what happened to them.

use super::fault::Fault;
use super::links;
use super::login::Session;
use super::rows::{self, Row};
use super::timeline::{self, Moment};
use super::view::{Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::texts::{self, fill, filters, say, say_with};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{DocumentKind, Export, Finding, InWords, OrderReference, SubjectKind, Word};
use export_flow::orders::Timeline;
use export_flow::ports::{DocumentItem, OrderItem, ParcelItem};
use jiff::Timestamp;

struct OrderFacts {
    state: Word,
    total: String,
    payment: Option<String>,
    placed: Option<When>,
    seen: When,
    lines: Vec<LineFacts>,
}

struct LineFacts {
    sku: String,
    ordered: String,
    invoiced: String,
    shipped: String,
    withdrawn: String,
}

struct DocumentFacts {
    kind: &'static str,
    number: String,
    total: String,
    source: String,
    changed: When,
}

struct ParcelFacts {
    numbers: Vec<String>,
    carrier: Option<String>,
    state: Word,
    source: String,
}

/// What was found and waits to be seen.
struct Found {
    about: Link,
    label: &'static str,
    explanation: &'static str,
    next_step: &'static str,
    advice: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "order.html")]
struct Page {
    chrome: Chrome,
    channel: String,
    reference: String,
    aliases: Vec<(String, Link)>,
    order: Option<OrderFacts>,
    findings: Vec<Found>,
    documents: Vec<DocumentFacts>,
    parcels: Vec<ParcelFacts>,
    rows: Vec<Row>,
    moments: Vec<Moment>,
}

/// `GET /orders/{channel}/{reference}`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path((channel, reference)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let reference = OrderReference::new(reference);
    let found = state.flow.timeline(&session.tenant, &channel, &reference).await?;
    let now = state.flow.now();
    let names = Names::new(&state.flow.parts().ledger.connections(&session.tenant).await?);
    Ok(show(&Page {
        chrome: Chrome::new(say_with("order-title", "reference", reference.as_str()), Section::Exports, &session),
        channel: names.label(&found.channel),
        reference: reference.to_string(),
        aliases: found
            .aliases
            .iter()
            .map(|alias| {
                let href = links::order(&alias.channel, &alias.reference);
                (names.label(&alias.channel), Link { href, text: alias.reference.to_string() })
            })
            .collect(),
        order: found.order.as_ref().map(|item| facts(item, now)),
        findings: found.findings.iter().filter(|f| f.is_open()).filter_map(|f| open(f, &found.exports)).collect(),
        documents: found.documents.iter().map(|item| document(item, &names, now)).collect(),
        parcels: found.parcels.iter().map(|item| parcel(item, &names)).collect(),
        rows: found.exports.iter().map(|export| Row::new(export, &names, now)).collect(),
        moments: moments(&found, now),
    }))
}

fn open(finding: &Finding, exports: &[Export]) -> Option<Found> {
    let export = exports.iter().find(|export| export.id == finding.export)?;
    let href = links::export(&export.id);
    let word = texts::word(finding.code.in_words());
    Some(Found {
        label: word.label,
        explanation: word.explanation,
        next_step: word.next_step,
        advice: links::code(finding.code.as_str()),
        seen: format!("{href}/seen"),
        about: Link { href, text: rows::title(export) },
    })
}

fn facts(item: &OrderItem, now: Timestamp) -> OrderFacts {
    let order = &item.order;
    let lines = order.lines.iter().map(|line| LineFacts {
        sku: line.sku.clone().unwrap_or_else(|| line.id.clone()),
        ordered: texts::number(line.ordered.normalize()),
        invoiced: texts::number(line.invoiced.normalize()),
        shipped: texts::number(line.shipped.normalize()),
        withdrawn: texts::number(line.withdrawn.normalize()),
    });
    OrderFacts {
        state: texts::word(order.state.in_words()),
        total: texts::money(&order.total),
        payment: order.payment_kind.clone(),
        placed: order.placed_at.map(|at| When::new(at, now)),
        seen: When::new(item.seen_at, now),
        lines: lines.collect(),
    }
}

fn document(item: &DocumentItem, names: &Names, now: Timestamp) -> DocumentFacts {
    let kind = match item.kind {
        DocumentKind::Invoice => SubjectKind::Invoice,
        DocumentKind::Proforma => SubjectKind::Proforma,
        DocumentKind::CreditNote => SubjectKind::CreditNote,
    };
    DocumentFacts {
        kind: texts::word(kind.in_words()).label,
        number: item.number.clone(),
        total: texts::money(&item.total),
        source: names.label(&item.source),
        changed: When::new(item.version_at, now),
    }
}

fn parcel(item: &ParcelItem, names: &Names) -> ParcelFacts {
    ParcelFacts {
        numbers: item.parcel.tracking_numbers.clone(),
        carrier: item.parcel.carrier.as_ref().map(|carrier| carrier.name.clone()),
        state: texts::word(item.parcel.state.in_words()),
        source: names.label(&item.source),
    }
}

/// Everything that happened, oldest first, what lies ahead last.
fn moments(found: &Timeline, now: Timestamp) -> Vec<Moment> {
    let mut moments = timeline::of_exports(&found.exports, now);
    for item in &found.parcels {
        let number = item.parcel.tracking_number().unwrap_or(&item.parcel.id);
        moments.extend(item.parcel.states.iter().map(|change| {
            let state = texts::word(change.state.in_words()).label;
            let title = fill("order-parcel", [("number", number.into()), ("state", state.into())]);
            Moment { quote: Some(change.raw.clone()), ..Moment::new(change.at, now, "busy", title) }
        }));
    }
    for finding in &found.findings {
        let about = found.exports.iter().find(|export| export.id == finding.export);
        let about = about.map(|export| Link { href: links::export(&export.id), text: rows::title(export) });
        moments.extend(timeline::of_finding(finding, now).into_iter().map(|m| Moment { about: about.clone(), ..m }));
    }
    let placed = found.order.as_ref().and_then(|item| item.order.placed_at);
    moments.extend(placed.map(|at| Moment::new(at, now, "calm", say("order-was-placed"))));
    moments.sort_by_key(|moment| (moment.ahead, moment.when.at()));
    moments
}
