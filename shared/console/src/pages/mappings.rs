//! Mappings of a channel: the sources' values beside the target's, with what waits and what might fit.

use super::fault::Fault;
use super::guard::{Asked, Fields, Posted};
use super::links;
use super::login::Session;
use super::view::{self, Chrome, Section, show};
use super::wrong::sentence;
use crate::ConsoleState;
use crate::texts::{self, filters, say, say_with, word};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use domain::{InWords, MappingKind, Mappings};
use export_flow::connections::{TargetMappings, Waiting};
use std::collections::BTreeMap;

/// Empty lines for new entries of each kind.
const NEW_LINES: usize = 1;
/// Lines of a form at most.
const LINES_MAX: usize = 1000;
/// What the button says that takes every proposal.
const ALL: &str = "all";

struct Proposed {
    code: String,
    label: String,
    because: &'static str,
}

/// One value of the sources and its counterpart.
struct Line {
    n: usize,
    /// Empty: to be written.
    from: String,
    name: Option<String>,
    to: String,
    count: u64,
    proposed: Vec<Proposed>,
    doubts: Vec<String>,
}

/// What the sources have of one kind, beside what the target has.
struct Side {
    kind: MappingKind,
    label: &'static str,
    /// What counts without an entry.
    usual: &'static str,
    lines: Vec<Line>,
    /// The target's own values, where it tells them.
    values: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "mappings.html")]
struct Page {
    chrome: Chrome,
    id: String,
    label: String,
    sides: Vec<Side>,
    not_loaded: Option<(&'static str, String)>,
    counted_all: bool,
    /// Exports that wait without a value to map.
    nameless: u64,
    /// Lines with a proposal.
    proposals: usize,
    /// Exports that were let go by what was saved just now.
    woken: Option<u64>,
    waiting: String,
}

/// `GET /connections/{id}/mappings`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
    Asked(asked): Asked,
) -> Result<Response, Fault> {
    let found = state.flow.target_mappings(&session.tenant, &id).await?;
    let label = view::label(&found.connection);
    let sides = sides(&found);
    Ok(show(&Page {
        chrome: Chrome::new(say_with("mappings-title", "name", label.as_str()), Section::Connections, &session),
        not_loaded: found
            .not_loaded
            .as_ref()
            .map(|(code, said)| (word(code.in_words()).explanation, texts::said(said))),
        counted_all: found.counted_all,
        nameless: found.waiting.iter().filter(|one| one.value.is_none()).map(|one| one.count).sum(),
        proposals: sides.iter().flat_map(|side| &side.lines).filter(|line| line.is_proposed()).count(),
        woken: asked.get("woken").and_then(|woken| woken.parse().ok()),
        waiting: links::list("/exports", [("state", "held"), ("connection", &id), ("code", "mapping_missing")]),
        sides,
        id,
        label,
    }))
}

/// Every kind that can be mapped, its lines numbered through. A kind that nothing uses is there only while it has entries.
fn sides(found: &TargetMappings) -> Vec<Side> {
    let mut n = 0;
    let mut sides = vec![];
    for kind in MappingKind::ALL {
        let mut lines = lines(*kind, found);
        if lines.is_empty() && *kind == MappingKind::Deliveries {
            continue;
        }
        lines.extend((0..NEW_LINES).map(|_| line(*kind, "", "", None, found)));
        for line in &mut lines {
            line.n = n;
            n += 1;
        }
        let (usual, values) = match kind {
            MappingKind::Carriers => (say("mappings-usual-carriers"), found.values.carriers.clone()),
            MappingKind::DocumentTypes => (say("mappings-usual-types"), found.values.document_types.clone()),
            MappingKind::Payments => (say("mappings-usual-payments"), vec![]),
            MappingKind::Deliveries => (say("mappings-usual-deliveries"), vec![]),
        };
        sides.push(Side { kind: *kind, label: word(kind.in_words()).label, usual, lines, values });
    }
    sides
}

/// What waits first, then the entries that are there.
fn lines(kind: MappingKind, found: &TargetMappings) -> Vec<Line> {
    let mappings = &found.connection.mappings;
    let mut lines: Vec<Line> = vec![];
    for one in &found.waiting {
        let Some(value) = one.value.as_ref().filter(|value| value.mapping == kind) else { continue };
        // An entry may have been saved a moment ago, and what waited for it be still on its way.
        let to = mappings.get(kind, &value.value).unwrap_or_default();
        lines.push(line(kind, &value.value, to, Some(one), found));
    }
    for (from, to) in mappings.of(kind) {
        if !lines.iter().any(|line| line.from == *from) {
            lines.push(line(kind, from, to, None, found));
        }
    }
    lines
}

impl Line {
    /// Something may be meant, and nothing is chosen yet.
    fn is_proposed(&self) -> bool {
        self.to.is_empty() && !self.proposed.is_empty()
    }
}

fn line(kind: MappingKind, from: &str, to: &str, waiting: Option<&Waiting>, found: &TargetMappings) -> Line {
    let field = format!("mappings.{}.{from}", kind.as_str());
    let proposals = waiting.into_iter().flat_map(|one| &one.proposals);
    let name = waiting.and_then(|one| one.value.as_ref()?.name.clone());
    Line {
        n: 0,
        from: from.to_owned(),
        name: name.filter(|name| name != from),
        to: to.to_owned(),
        count: waiting.map_or(0, |one| one.count),
        proposed: proposals
            .map(|proposal| Proposed {
                code: proposal.code.clone(),
                label: proposal.label.clone(),
                because: word(proposal.because.in_words()).label,
            })
            .collect(),
        doubts: found.warnings.iter().filter(|doubt| doubt.field == field).map(sentence).collect(),
    }
}

/// `POST /connections/{id}/mappings`.
pub(super) async fn save(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let entries = entries(&fields)?;
    let saved = state.flow.save_mappings(&session.tenant, &id, |mappings| {
        for ((kind, from), to) in &entries {
            write(mappings, *kind, from, to.as_deref());
        }
    });
    let saved = saved.await?;
    let here = format!("{}/mappings", links::connection(&saved.connection.id));
    Ok(Redirect::to(&links::list(&here, [("woken", saved.woken.to_string().as_str())])))
}

fn write(mappings: &mut Mappings, kind: MappingKind, from: &str, to: Option<&str>) {
    let entries = mappings.of_mut(kind);
    match to {
        Some(to) => entries.insert(from.to_owned(), to.to_owned()),
        None => entries.remove(from),
    };
}

/// The lines of the form: what it does not show stays as it is, what it shows empty goes.
fn entries(fields: &Fields) -> Result<BTreeMap<(MappingKind, String), Option<String>>, Fault> {
    let take = fields.get("take");
    let taken = take.and_then(|take| take.split_once(':'));
    let mut entries = BTreeMap::new();
    for n in 0..LINES_MAX {
        let field = |name: &str| fields.get(&format!("{name}-{n}"));
        let Some(name) = field("mapping") else { break };
        let kind = MappingKind::ALL.iter().find(|kind| kind.as_str() == name);
        let kind = kind.ok_or_else(|| Fault::Wrong(say("mappings-no-such-kind").to_owned()))?;
        let own = taken.filter(|(line, _)| *line == n.to_string()).map(|(_, code)| code);
        let proposed = || field("proposed").filter(|_| take == Some(ALL));
        let to = own.or_else(|| field("to")).or_else(proposed).map(str::to_owned);
        match (field("from"), &to) {
            (Some(from), _) => {
                entries.insert((*kind, from.to_owned()), to);
            }
            (None, Some(to)) => return Err(Fault::Wrong(say_with("mappings-for-which", "value", to.as_str()))),
            (None, None) => {}
        }
    }
    Ok(entries)
}
