//! One box for whatever a person has of an order: its reference, a document's number, a tracking number, an export's id.

use super::fault::Fault;
use super::guard::Asked;
use super::links;
use super::login::Session;
use super::view::{Badge, Chrome, Link, Names, Section, show};
use crate::ConsoleState;
use crate::texts::{self, filters, say};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use export_flow::search::{CHARS_MAX, HITS_MAX, Hit, HitKind};
use http::StatusCode;
use std::collections::BTreeSet;

struct HitLine {
    /// The thing itself: its number, or the order's.
    name: String,
    /// Where its order is told in full, else its export.
    href: Option<String>,
    source: Option<String>,
    order: Option<Link>,
    badge: Option<Badge>,
    /// Where a parcel or order stands: no state of ours.
    state: Option<&'static str>,
    /// The export that says so, where the line leads elsewhere.
    export: Option<String>,
}

/// Hits of one kind.
struct Group {
    id: &'static str,
    heading: &'static str,
    lines: Vec<HitLine>,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Page {
    chrome: Chrome,
    q: String,
    groups: Vec<Group>,
    /// Nothing was found.
    nothing: bool,
    /// There may be more than are shown.
    full: bool,
    /// What begins with the word was not looked for.
    whole_words: bool,
    /// Why it cannot be searched for.
    error: Option<&'static str>,
}

/// `GET /search`: leads on where all hits that bear the very name belong together, else lists what there is.
pub(super) async fn search(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let q = fields.get("q").unwrap_or_default().to_owned();
    let mut page = Page {
        chrome: Chrome::new(say("search-title"), Section::None, &session),
        groups: vec![],
        nothing: false,
        full: false,
        whole_words: false,
        error: unsearchable(&q),
        q,
    };
    if page.error.is_some() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)).into_response());
    }
    if page.q.is_empty() {
        return Ok(show(&page));
    }
    let found = state.flow.search(&session.tenant, &page.q).await?;
    if let Some(only) = only_place(&found.hits) {
        return Ok(Redirect::to(&only).into_response());
    }
    let names = Names::new(&state.flow.parts().ledger.connections(&session.tenant).await?);
    page.groups = groups(&found.hits, &names);
    page.full = found.hits.len() >= HITS_MAX;
    page.nothing = found.hits.is_empty();
    page.whole_words = !found.beginnings;
    Ok(show(&page))
}

/// Why this cannot be searched for.
fn unsearchable(q: &str) -> Option<&'static str> {
    if q.contains('@') {
        Some(say("search-no-mail"))
    } else if q.chars().count() > CHARS_MAX {
        Some(say("search-too-long"))
    } else {
        None
    }
}

/// The one page that everything bearing exactly this name is told on.
fn only_place(hits: &[Hit]) -> Option<String> {
    let places: Option<BTreeSet<String>> = hits.iter().filter(|hit| hit.whole).map(place).collect();
    let mut places = places?.into_iter();
    places.next().filter(|_| places.next().is_none())
}

/// Where a hit is told in full: the page of its order, else of its export.
fn place(hit: &Hit) -> Option<String> {
    match (&hit.channel, &hit.reference, &hit.export) {
        (Some(channel), Some(reference), _) => Some(links::order(channel, reference)),
        (_, _, Some(export)) => Some(links::export(export)),
        (None, Some(reference), None) => Some(links::list("/exports", [("order", reference.as_str())])),
        (_, None, None) => None,
    }
}

fn groups(hits: &[Hit], names: &Names) -> Vec<Group> {
    let kinds = [
        (HitKind::Order, "orders", say("search-orders")),
        (HitKind::Document, "documents", say("order-documents")),
        (HitKind::Parcel, "parcels", say("order-parcels")),
        (HitKind::Export, "exports", say("nav-exports")),
    ];
    let of = |kind| hits.iter().filter(move |hit| hit.kind == kind).map(|hit| line(hit, names)).collect::<Vec<_>>();
    let all = kinds.into_iter().map(|(kind, id, heading)| Group { id, heading, lines: of(kind) });
    all.filter(|group| !group.lines.is_empty()).collect()
}

fn line(hit: &Hit, names: &Names) -> HitLine {
    let reference = hit.reference.as_ref().map(ToString::to_string);
    let order = hit.reference.as_ref().map(|reference| Link {
        href: hit.channel.as_ref().map_or_else(
            || links::list("/exports", [("order", reference.as_str())]),
            |channel| links::order(channel, reference),
        ),
        text: reference.to_string(),
    });
    let (export, own) = (hit.export.as_ref().map(links::export), place(hit));
    let of_ours = hit.state.as_ref().and_then(|word| domain::State::from_word(word.word));
    let place = if hit.kind == HitKind::Export { export.clone() } else { own };
    HitLine {
        name: match (hit.kind, &hit.number) {
            (HitKind::Order, _) | (_, None) => reference.clone().unwrap_or_default(),
            (_, Some(number)) => number.clone(),
        },
        source: hit
            .channel
            .as_ref()
            .filter(|_| hit.kind == HitKind::Order)
            .or(hit.source.as_ref())
            .map(|id| names.label(id)),
        order: order.filter(|_| hit.kind != HitKind::Order),
        badge: of_ours.filter(|_| matches!(hit.kind, HitKind::Document | HitKind::Export)).map(Badge::of_state),
        state: hit
            .state
            .clone()
            .filter(|_| matches!(hit.kind, HitKind::Order | HitKind::Parcel))
            .map(|word| texts::word(word).label),
        export: export.filter(|href| place.as_ref() != Some(href)),
        href: place,
    }
}
