//! An order: its documents, parcels and exports, and what happened to them.

use super::fault::Fault;
use super::guard::Asked;
use super::links;
use super::login::Session;
use super::rows::{self, Row};
use super::timeline::{self, Kind, Moment};
use super::view::{Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::texts::{self, fill, filters, say, say_with};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{ConnectionId, DocumentKind, Export, Finding, InWords, OrderReference, SubjectKind, Word};
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
    /// Where it can be tried out.
    trial: String,
}

struct ParcelFacts {
    numbers: Vec<String>,
    carrier: Option<String>,
    state: Word,
    source: String,
    /// Where it can be tried out.
    trial: String,
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
    /// What there is of it, in numbers.
    so_far: String,
    /// The story, or the part of it that was asked for.
    moments: Vec<Moment>,
    /// All of it, and its parts.
    chapters: Vec<Part>,
    canonical: String,
}

/// A part of the story.
struct Part {
    link: Link,
    count: usize,
    chosen: bool,
}

/// `GET /orders/{channel}/{reference}`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path((channel, reference)): Path<(String, String)>,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let asked = fields.get("show");
    let only = Kind::ALL.into_iter().find(|kind| asked == Some(kind.as_str()));
    if asked.is_some() && only.is_none() {
        return Err(Fault::Wrong(say("story-no-part").to_owned()));
    }
    let reference = OrderReference::new(reference);
    let found = state.flow.timeline(&session.tenant, &channel, &reference).await?;
    let now = state.flow.now();
    let names = Names::new(&state.flow.parts().ledger.connections(&session.tenant).await?);
    let canonical = links::order(&found.channel, &reference);
    let mut moments = moments(&found, &names, now);
    let chapters = chapters(&moments, only, &canonical);
    moments.retain(|moment| only.is_none_or(|kind| kind == moment.kind));
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
        documents: found.documents.iter().map(|item| document(item, &found.channel, &names, now)).collect(),
        parcels: found.parcels.iter().map(|item| parcel(item, &found.channel, &names)).collect(),
        rows: found.exports.iter().map(|export| Row::new(export, &names, now)).collect(),
        so_far: so_far(&found),
        moments,
        chapters,
        canonical,
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

fn document(item: &DocumentItem, channel: &ConnectionId, names: &Names, now: Timestamp) -> DocumentFacts {
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
        trial: links::trial(&item.source, &item.number, Some(channel)),
    }
}

fn parcel(item: &ParcelItem, channel: &ConnectionId, names: &Names) -> ParcelFacts {
    ParcelFacts {
        numbers: item.parcel.tracking_numbers.clone(),
        carrier: item.parcel.carrier.as_ref().map(|carrier| carrier.name.clone()),
        state: texts::word(item.parcel.state.in_words()),
        source: names.label(&item.source),
        trial: links::trial(&item.source, item.parcel.tracking_number().unwrap_or(&item.parcel.id), Some(channel)),
    }
}

fn so_far(found: &Timeline) -> String {
    let carried = || found.exports.iter().filter(|export| export.key.target.is_some());
    let delivered = carried().filter(|export| export.state == domain::State::Delivered).count();
    let number = |n: usize| n.to_string().into();
    fill(
        "story-so-far",
        [
            ("documents", number(found.documents.len())),
            ("parcels", number(found.parcels.len())),
            ("delivered", number(delivered)),
            ("all", number(carried().count())),
        ],
    )
}

/// The whole and its parts, each with how much there is of it.
fn chapters(moments: &[Moment], only: Option<Kind>, canonical: &str) -> Vec<Part> {
    let whole = Part {
        link: Link { href: canonical.to_owned(), text: say("story-all").to_owned() },
        count: moments.len(),
        chosen: only.is_none(),
    };
    let part = |kind: Kind| Part {
        link: Link { href: links::list(canonical, [("show", kind.as_str())]), text: kind.label().to_owned() },
        count: moments.iter().filter(|moment| moment.kind == kind).count(),
        chosen: only == Some(kind),
    };
    let parts = Kind::ALL.into_iter().map(part).filter(|part| part.count > 0 || part.chosen);
    std::iter::once(whole).chain(parts).collect()
}

/// Everything that happened, oldest first, what lies ahead last.
fn moments(found: &Timeline, names: &Names, now: Timestamp) -> Vec<Moment> {
    let mut moments = timeline::of_exports(&found.exports, names, now);
    let placed = found.order.as_ref().and_then(|item| item.order.placed_at);
    let placed = placed.map(|at| Moment::new(at, now, "calm", say("order-was-placed")).of(Kind::Order));
    // Of two things at the same time the cause comes first.
    let mut whole: Vec<Moment> = placed.into_iter().collect();
    whole.extend(found.documents.iter().map(|item| issued(item, found, names, now)));
    for item in &found.parcels {
        let number = item.parcel.tracking_number().unwrap_or(&item.parcel.id);
        whole.extend(item.parcel.states.iter().map(|change| {
            let state = texts::word(change.state.in_words()).label;
            let title = fill("order-parcel", [("number", number.into()), ("state", state.into())]);
            Moment::new(change.at, now, "busy", title).quoting(&change.raw, say("story-courier")).of(Kind::Parcel)
        }));
    }
    whole.append(&mut moments);
    for finding in &found.findings {
        let about = found.exports.iter().find(|export| export.id == finding.export);
        let about = about.map(|export| Link { href: links::export(&export.id), text: rows::title(export) });
        whole.extend(timeline::of_finding(finding, now).into_iter().map(|m| Moment { about: about.clone(), ..m }));
    }
    whole.sort_by_key(|moment| (moment.ahead, moment.when.at()));
    whole
}

/// A document at its source: there since it was first heard of, or earlier.
fn issued(item: &DocumentItem, found: &Timeline, names: &Names, now: Timestamp) -> Moment {
    let of_it =
        found.exports.iter().filter(|export| export.key.source == item.source && export.key.subject.id == item.id);
    let heard = of_it.map(|export| export.created_at).min();
    let at = heard.map_or(item.version_at, |heard| heard.min(item.version_at));
    let facts = document(item, &found.channel, names, now);
    let gaps = [("kind", facts.kind.into()), ("number", facts.number.into()), ("source", facts.source.into())];
    let moment = Moment::new(at, now, "calm", fill("story-issued", gaps)).of(Kind::Document);
    let changed = (at < item.version_at).then(|| say_with("story-changed", "at", texts::instant(item.version_at)));
    moment.saying(say_with("story-total", "total", facts.total)).saying(changed.unwrap_or_default())
}
