//! The trail: who did what, to what, and how it ended.

mod names;

use super::exports::LINES;
use super::fault::Fault;
use super::guard::Asked;
use super::links;
use super::login::Session;
use super::rows::{self, title};
use super::view::{Badge, Chrome, Link, Names, Section, When, show};
use crate::ConsoleState;
use crate::texts::{filters, say, say_with, word};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{
    About, AboutKind, AuditEntry, AuditOutcome, ConnectionId, Export, ExportId, InWords, JobId, OrderReference,
};
use export_flow::audit::AuditQuery;
use export_flow::ports::PortError;
use jiff::Timestamp;
use names::{Named, named, who};
use std::collections::BTreeMap;

/// Something that was acted on.
struct Thing {
    kind: &'static str,
    text: String,
    /// Where it is shown, if it is there still.
    href: Option<String>,
}

/// One thing that somebody did.
struct Line {
    when: When,
    /// Leads to whatever else they did.
    who: Link,
    role: &'static str,
    action: &'static str,
    about: Vec<Thing>,
    names: Vec<Named>,
    cut: bool,
    outcome: Badge,
    /// What the outcome leaves open.
    open: Option<(&'static str, &'static str)>,
    /// Why it was refused or failed.
    why: Option<Link>,
}

/// A condition, with the address of the list without it.
struct Condition {
    text: String,
    without: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    chrome: Chrome,
    about: String,
    who: String,
    /// What it can be about, for the field's proposals.
    connections: Vec<(String, String)>,
    conditions: Vec<Condition>,
    lines: Vec<Line>,
    newest: Option<String>,
    older: Option<String>,
}

/// `GET /audit`.
pub(super) async fn list(
    State(state): State<ConsoleState>,
    session: Session,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let text = |name: &str| fields.get(name).map(str::to_owned);
    let query = AuditQuery { about: text("about"), who: text("who") };
    let cursor = fields.get("cursor");
    let page = state.flow.audit(&session.tenant, &query, LINES, cursor).await.map_err(|error| match error {
        PortError::Damaged(_) if cursor.is_some() => Fault::Wrong(say("audit-no-place").to_owned()),
        other => other.into(),
    })?;
    let names = Names::new(&state.flow.parts().ledger.connections(&session.tenant).await?);
    let known = Known { exports: exports(&state, &session, &page.items).await?, names: &names };
    let now = state.flow.now();
    let (about, by) = (query.about.unwrap_or_default(), query.who.unwrap_or_default());
    let href = |cursor: &str| links::list("/audit", [("about", &*about), ("who", &*by), ("cursor", cursor)]);
    let mut conditions = vec![];
    if !about.is_empty() {
        let text = say_with("audit-only-about", "what", known.called(&about));
        conditions.push(Condition { text, without: links::list("/audit", [("who", &*by)]) });
    }
    if !by.is_empty() {
        let text = say_with("audit-only-who", "who", who(&by));
        conditions.push(Condition { text, without: links::list("/audit", [("about", &*about)]) });
    }
    Ok(show(&Page {
        chrome: Chrome::new(say("audit-title"), Section::None, &session),
        connections: names.all().into_iter().map(|(id, label)| (id.to_string(), label.to_owned())).collect(),
        conditions,
        lines: page.items.iter().map(|entry| line(entry, &known, now)).collect(),
        newest: cursor.map(|_| href("")),
        older: page.next.map(|next| href(&next)),
        about,
        who: by,
    }))
}

/// The exports that entries are about, as far as they are there.
async fn exports(
    state: &ConsoleState,
    session: &Session,
    entries: &[AuditEntry],
) -> Result<BTreeMap<String, Export>, Fault> {
    let mut ids: Vec<&str> = entries.iter().flat_map(|entry| &entry.about).filter_map(id_of_export).collect();
    ids.sort_unstable();
    ids.dedup();
    let ids: Vec<ExportId> = ids.into_iter().map(ExportId::new).collect();
    let found = rows::exports(state, session, &ids).await?;
    Ok(found.into_iter().flatten().map(|export| (export.id.to_string(), export)).collect())
}

fn id_of_export(about: &About) -> Option<&str> {
    (about.kind == AboutKind::Export).then_some(about.id.as_str())
}

/// What ids can be told of in words.
struct Known<'a> {
    names: &'a Names,
    exports: BTreeMap<String, Export>,
}

impl Known<'_> {
    /// What people call the thing with this id.
    fn called(&self, id: &str) -> String {
        self.exports.get(id).map_or_else(|| self.names.label(&ConnectionId::new(id)), title)
    }

    fn thing(&self, about: &About, beside: &[About]) -> Thing {
        let id = about.id.as_str();
        let href = match about.kind {
            AboutKind::Connection => {
                let id = ConnectionId::new(id);
                self.names.knows(&id).then(|| format!("/connections#c-{id}"))
            }
            AboutKind::Export => self.exports.get(id).map(|export| links::export(&export.id)),
            AboutKind::Job => Some(links::job(&JobId::new(id))),
            AboutKind::Order => {
                let channel = beside.iter().find(|other| other.kind == AboutKind::Connection);
                channel.map(|channel| links::order(&ConnectionId::new(&*channel.id), &OrderReference::new(id)))
            }
            AboutKind::Notices => Some("/notices".to_owned()),
        };
        let kind = word(about.kind.in_words()).label;
        let text = if about.kind == AboutKind::Notices { say("nav-notices").to_owned() } else { self.called(id) };
        Thing { kind, text, href }
    }
}

fn line(entry: &AuditEntry, known: &Known<'_>, now: Timestamp) -> Line {
    let outcome = word(entry.outcome.in_words());
    let open = matches!(entry.outcome, AuditOutcome::Asked | AuditOutcome::Failed);
    Line {
        when: When::new(entry.at, now),
        who: Link { href: links::list("/audit", [("who", entry.who.as_str())]), text: who(&entry.who) },
        role: word(entry.role.in_words()).label,
        action: word(entry.action.in_words()).label,
        about: entry.about.iter().map(|about| known.thing(about, &entry.about)).collect(),
        names: named(entry, known.names),
        cut: entry.cut,
        outcome: Badge::of_act(entry.outcome),
        open: open.then_some((outcome.explanation, outcome.next_step)),
        why: entry.code.map(|code| Link { href: links::code(code.as_str()), text: word(code.in_words()).label.into() }),
    }
}
