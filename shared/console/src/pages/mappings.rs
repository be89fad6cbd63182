//! Mappings of a channel: the sources' values beside the target's, with what waits and what might fit.

use super::fault::Fault;
use super::guard::{Fields, Posted};
use super::links;
use super::login::Session;
use super::view::{self, Chrome, Section, show};
use crate::ConsoleState;
use crate::texts::{filters, say, say_with, word};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use domain::{InWords, MappingKind, Mappings};
use export_flow::connections::{TargetMappings, Waiting};
use std::collections::BTreeMap;

/// Empty lines for new entries.
const NEW_LINES: usize = 2;
/// Lines of a form at most.
const LINES_MAX: usize = 1000;

struct Proposed {
    /// What its button says to the form: the line and the code.
    take: String,
    label: String,
    because: &'static str,
}

/// One value of the sources and its counterpart.
struct Line {
    n: usize,
    kind: MappingKind,
    kind_label: &'static str,
    from: String,
    name: Option<String>,
    to: String,
    count: u64,
    proposed: Vec<Proposed>,
    doubts: Vec<String>,
    /// The target's values to choose from, by the id of their list.
    choices: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "mappings.html")]
struct Page {
    chrome: Chrome,
    id: String,
    label: String,
    lines: Vec<Line>,
    new: Vec<usize>,
    kinds: Vec<(&'static str, &'static str)>,
    carriers: Vec<(String, String)>,
    document_types: Vec<(String, String)>,
    not_loaded: Option<(&'static str, String)>,
    counted_all: bool,
    /// Exports that wait without a value to map.
    nameless: u64,
    waiting: String,
}

/// `GET /connections/{id}/mappings`.
pub(super) async fn one(
    State(state): State<ConsoleState>,
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let found = state.flow.target_mappings(&session.tenant, &id).await?;
    let label = view::label(&found.connection);
    let lines = lines(&found);
    let new = (lines.len()..lines.len() + NEW_LINES).collect();
    let offered = [MappingKind::Carriers, MappingKind::DocumentTypes, MappingKind::Payments];
    Ok(show(&Page {
        chrome: Chrome::new(say_with("mappings-title", "name", label.as_str()), Section::Connections, &session),
        lines,
        new,
        kinds: offered.map(|kind| (kind.as_str(), word(kind.in_words()).label)).into(),
        not_loaded: found.not_loaded.as_ref().map(|(code, said)| (word(code.in_words()).explanation, said.clone())),
        counted_all: found.counted_all,
        nameless: found.waiting.iter().filter(|one| one.value.is_none()).map(|one| one.count).sum(),
        waiting: links::list("/exports", [("state", "held"), ("connection", &id), ("code", "mapping_missing")]),
        carriers: found.values.carriers,
        document_types: found.values.document_types,
        id,
        label,
    }))
}

/// What waits first, then the entries that are there.
fn lines(found: &TargetMappings) -> Vec<Line> {
    let mappings = &found.connection.mappings;
    let mut lines: Vec<Line> = vec![];
    for one in &found.waiting {
        let Some(value) = &one.value else { continue };
        // An entry may have been saved a moment ago, and what waited for it be still on its way.
        let to = mappings.get(value.mapping, &value.value).unwrap_or_default();
        lines.push(line(lines.len(), value.mapping, &value.value, to, Some(one), found));
    }
    for kind in MappingKind::ALL {
        for (from, to) in mappings.of(*kind) {
            if !lines.iter().any(|line| line.kind == *kind && line.from == *from) {
                lines.push(line(lines.len(), *kind, from, to, None, found));
            }
        }
    }
    lines
}

fn line(n: usize, kind: MappingKind, from: &str, to: &str, waiting: Option<&Waiting>, found: &TargetMappings) -> Line {
    let field = format!("mappings.{}.{from}", kind.as_str());
    let proposals = waiting.into_iter().flat_map(|one| &one.proposals);
    let name = waiting.and_then(|one| one.value.as_ref()?.name.clone());
    Line {
        n,
        kind,
        kind_label: word(kind.in_words()).label,
        from: from.to_owned(),
        name: name.filter(|name| name != from),
        to: to.to_owned(),
        count: waiting.map_or(0, |one| one.count),
        proposed: proposals
            .map(|proposal| Proposed {
                take: format!("{n}:{}", proposal.code),
                label: proposal.label.clone(),
                because: word(proposal.because.in_words()).label,
            })
            .collect(),
        doubts: found.warnings.iter().filter(|doubt| doubt.field == field).map(|doubt| doubt.problem.clone()).collect(),
        choices: match kind {
            MappingKind::Carriers => Some("known-carriers"),
            MappingKind::DocumentTypes => Some("known-types"),
            MappingKind::Payments | MappingKind::Deliveries => None,
        },
    }
}

/// `POST /connections/{id}/mappings`.
pub(super) async fn save(
    State(state): State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let entries = entries(&fields)?;
    state
        .flow
        .save_mappings(&session.tenant, &id, |mappings| {
            for ((kind, from), to) in &entries {
                write(mappings, *kind, from, to.as_deref());
            }
        })
        .await?;
    Ok(Redirect::to(&format!("/connections/{id}/mappings")))
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
    let taken = fields.get("take").and_then(|take| take.split_once(':'));
    let mut entries = BTreeMap::new();
    for n in 0..LINES_MAX {
        let field = |name: &str| fields.get(&format!("{name}-{n}"));
        let Some(name) = field("mapping") else { break };
        let kind = MappingKind::ALL.iter().find(|kind| kind.as_str() == name);
        let kind = kind.ok_or_else(|| Fault::Wrong(say("mappings-no-such-kind").to_owned()))?;
        let own = taken.filter(|(line, _)| *line == n.to_string()).map(|(_, code)| code);
        let to = own.or_else(|| field("to")).map(str::to_owned);
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
