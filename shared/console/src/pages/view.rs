//! Pieces that many pages show: times, states, names, and the frame around it all.

use super::assets;
use super::fault::Fault;
use super::guard::with_headers;
use super::links;
use super::login::Session;
use crate::access::Door;
use crate::texts::{self, Choice, say, say_n};
use askama::Template;
use askama::filters::HtmlSafe;
use axum::response::{Html, IntoResponse, Response};
use domain::{AccessRole, AuditOutcome, Connection, ConnectionId, Export, InWords, Role, State, Word};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Which part of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What there is at a glance.
    Overview,
    /// Exports and orders.
    Exports,
    /// Dead letters.
    Dead,
    /// Source against target.
    Reconciliation,
    /// Connections.
    Connections,
    /// Notices.
    Notices,
    /// Inside, but in none of them.
    None,
    /// Before the login: no navigation.
    Outside,
}

/// Who reads a page.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// As the trail names them, where an identity provider was asked.
    pub(super) name: Option<String>,
    role: AccessRole,
}

impl Reader {
    /// What they may do, in words.
    pub(super) fn role(&self) -> &'static str {
        texts::word(self.role.in_words()).label
    }
}

/// The frame around a page.
#[derive(Debug, Clone)]
pub(super) struct Chrome {
    /// For the window.
    pub(super) title: String,
    /// Where in the navigation.
    pub(super) section: Section,
    /// The session's form token; without one there is nothing to log out of.
    pub(super) csrf: Option<String>,
    /// Who reads it, if anybody is logged in.
    pub(super) reader: Option<Reader>,
    /// Address of the style sheet.
    pub(super) style: &'static str,
    /// Address of the icon.
    pub(super) icon: &'static str,
}

impl Chrome {
    /// For somebody who is logged in.
    pub(super) fn new(title: impl Into<String>, section: Section, session: &Session) -> Self {
        let name = session.who.as_ref().map(|_| session.by().actor(Door::Session).who);
        let reader = Some(Reader { name, role: session.role });
        Self { csrf: Some(session.csrf.clone()), reader, ..Self::bare(title, section) }
    }

    /// For anybody.
    pub(super) fn bare(title: impl Into<String>, section: Section) -> Self {
        let (style, icon) = (assets::style_path(), assets::icon_path());
        Self { title: title.into(), section, csrf: None, reader: None, style, icon }
    }

    /// Whether the gate lets the reader's changes through: only then does a page show what makes them.
    pub(super) fn may_change(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| reader.role >= AccessRole::Operator)
    }

    /// What was done about a thing, in the trail.
    pub(super) fn trail(&self, about: &str) -> String {
        links::list("/audit", [("about", about)])
    }

    /// The form token, for forms; empty where nobody is logged in.
    pub(super) fn token(&self) -> &str {
        self.csrf.as_deref().unwrap_or_default()
    }

    /// Whether a link of the navigation leads to this very part.
    pub(super) fn is(&self, section: &str) -> bool {
        matches!(
            (self.section, section),
            (Section::Overview, "overview")
                | (Section::Exports, "exports")
                | (Section::Dead, "dead")
                | (Section::Reconciliation, "reconciliation")
                | (Section::Connections, "connections")
                | (Section::Notices, "notices")
        )
    }

    /// The language of the page, as in `lang="cs"`.
    pub(super) fn lang(&self) -> &'static str {
        texts::code()
    }

    /// The languages that it can be read in.
    pub(super) fn languages(&self) -> Vec<Choice> {
        texts::choices()
    }

    /// Whether the navigation is shown.
    pub(super) fn inside(&self) -> bool {
        self.section != Section::Outside
    }
}

/// A page as an answer.
pub(super) fn show(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => with_headers(Html(html).into_response()),
        Err(error) => {
            tracing::error!(error = %error, "console.page_failed");
            Fault::Broken.into_response()
        }
    }
}

/// An instant: exact, and how far away it is.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    source = r#"<span class="when"><time datetime="{{ iso }}">{{ text }}</time> <span class="ago">{{ away }}</span></span>"#,
    ext = "html"
)]
pub(super) struct When {
    at: Timestamp,
    iso: String,
    text: String,
    away: String,
}

impl HtmlSafe for When {}

impl When {
    /// As seen from `now`.
    pub(super) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self { at, iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), text: texts::instant(at), away: away(at, now) }
    }

    /// The instant itself.
    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }
}

fn away(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let size = seconds.unsigned_abs();
    let past = seconds < 0;
    let (number, key) = match size {
        0..5 => return say("away-now").to_owned(),
        5..120 => (size, if past { "away-seconds" } else { "ahead-seconds" }),
        120..7_200 => (size / 60, if past { "away-minutes" } else { "ahead-minutes" }),
        7_200..172_800 => (size / 3_600, if past { "away-hours" } else { "ahead-hours" }),
        _ => (size / 86_400, if past { "away-days" } else { "ahead-days" }),
    };
    say_n(key, number)
}

/// Where an export stands, in a few words with a sign beside the colour.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(
    source = r#"<span class="badge {{ tone }}"><span class="sign" aria-hidden="true">{{ sign }}</span>{{ label }}</span>"#,
    ext = "html"
)]
pub(super) struct Badge {
    /// Class of the style sheet.
    pub(super) tone: &'static str,
    sign: &'static str,
    label: &'static str,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// Of an export's state.
    pub(super) fn of_state(state: State) -> Self {
        let (tone, sign) = match state {
            State::Delivered => ("good", "✓"),
            State::Sending | State::Accepted => ("busy", "→"),
            State::Held | State::Retrying => ("wait", "…"),
            State::Expired | State::Uncertain => ("warn", "!"),
            State::Dead => ("bad", "✕"),
            State::Skipped | State::Planned => ("calm", "–"),
        };
        Self { tone, sign, label: texts::word(state.in_words()).label }
    }

    /// Of a connection's state.
    pub(super) fn of_connection(state: domain::ConnectionState) -> Self {
        use domain::ConnectionState::{Active, Disabled, Paused, Unverified};
        let (tone, sign) = match state {
            Active => ("good", "✓"),
            Unverified => ("warn", "!"),
            Paused => ("wait", "…"),
            Disabled => ("calm", "–"),
        };
        Self { tone, sign, label: texts::word(state.in_words()).label }
    }

    /// Of something that somebody did.
    pub(super) fn of_act(outcome: AuditOutcome) -> Self {
        let (tone, sign) = match outcome {
            AuditOutcome::Done => ("good", "✓"),
            AuditOutcome::Asked => ("warn", "!"),
            AuditOutcome::Refused => ("calm", "–"),
            AuditOutcome::Failed => ("bad", "✕"),
        };
        Self { tone, sign, label: texts::word(outcome.in_words()).label }
    }

    /// Of a step that went well or did not.
    pub(super) fn of_outcome(ok: bool) -> Self {
        if ok {
            Self { tone: "good", sign: "✓", label: say("outcome-good") }
        } else {
            Self { tone: "bad", sign: "✕", label: say("outcome-failed") }
        }
    }
}

/// A text with the names of things in backticks, as HTML.
#[derive(Debug, Clone, Default, Template)]
#[template(
    source = "{% for (named, text) in pieces %}{% if *named %}<code>{{ text }}</code>{% else %}{{ text }}{% endif %}{% endfor %}",
    ext = "html"
)]
pub(super) struct Prose {
    pieces: Vec<(bool, String)>,
}

impl HtmlSafe for Prose {}

impl Prose {
    /// Of a text as it is written.
    pub(super) fn new(text: &str) -> Self {
        Self { pieces: text.split('`').enumerate().map(|(n, piece)| (n % 2 == 1, piece.to_owned())).collect() }
    }
}

/// What a person is to do, if anything.
pub(super) fn to_do(word: &Word) -> Option<&'static str> {
    Some(word.next_step).filter(|step| !step.is_empty() && *step != say("nothing-to-do"))
}

/// Somewhere to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Address within the pages.
    pub(super) href: String,
    /// What it is called.
    pub(super) text: String,
}

/// What people call a tenant's connections.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    known: BTreeMap<ConnectionId, (String, Role)>,
}

impl Names {
    /// Of these connections.
    pub(super) fn new(connections: &[Connection]) -> Self {
        let known = connections.iter().map(|c| (c.id.clone(), (label(c), c.role))).collect();
        Self { known }
    }

    /// What people call it; the id of one that is gone.
    pub(super) fn label(&self, id: &ConnectionId) -> String {
        self.known.get(id).map_or_else(|| id.to_string(), |(label, _)| label.clone())
    }

    /// Whether it is there.
    pub(super) fn knows(&self, id: &ConnectionId) -> bool {
        self.known.contains_key(id)
    }

    /// The same for a form's list, in the order of the names.
    pub(super) fn all(&self) -> Vec<(&ConnectionId, &str)> {
        let mut all: Vec<_> = self.known.iter().map(|(id, (label, _))| (id, label.as_str())).collect();
        all.sort_by_key(|(_, label)| label.to_lowercase());
        all
    }

    /// The channel among an export's two ends.
    pub(super) fn channel_of<'a>(&self, export: &'a Export) -> Option<&'a ConnectionId> {
        [export.key.target.as_ref(), Some(&export.key.source)]
            .into_iter()
            .flatten()
            .find(|id| self.known.get(*id).is_some_and(|(_, role)| *role == Role::Channel))
    }
}

/// What people call a connection.
pub(super) fn label(connection: &Connection) -> String {
    if connection.label.trim().is_empty() { connection.id.to_string() } else { connection.label.clone() }
}

/// A name from a machine as a person would write it.
pub(super) fn humanise(name: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    let mut chars = spaced.trim().chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Names and values of a proof, nested ones with their way, for a list of facts.
pub(super) fn facts(value: &Value) -> Vec<(String, String)> {
    let mut out = vec![];
    collect(value, String::new(), &mut out);
    out.truncate(FACTS_MAX);
    out
}

/// Facts of a proof shown at most.
const FACTS_MAX: usize = 40;

fn collect(value: &Value, path: String, out: &mut Vec<(String, String)>) {
    let below = |name: &str| {
        if path.is_empty() { humanise(name) } else { format!("{path}, {}", humanise(name).to_lowercase()) }
    };
    match value {
        Value::Null => {}
        Value::Object(object) => object.iter().for_each(|(name, value)| collect(value, below(name), out)),
        Value::Array(list) if list.iter().any(|v| v.is_object() || v.is_array()) => {
            list.iter().enumerate().for_each(|(n, value)| collect(value, below(&(n + 1).to_string()), out));
        }
        Value::Array(list) => out.push((path, list.iter().map(scalar).collect::<Vec<_>>().join(", "))),
        other => out.push((path, scalar(other))),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Bool(true) => say("yes").to_owned(),
        Value::Bool(false) => say("no").to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn instants_are_exact_and_say_how_far_away_they_are() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let said = |seconds: i64| When::new(now + SignedDuration::from_secs(seconds), now).away;
        assert_eq!(said(-3), "now");
        assert_eq!(said(-90), "90 s ago");
        assert_eq!(said(600), "in 10 min");
        assert_eq!(said(-3 * 86_400), "3 days ago");
        let html = When::new("2026-11-21T11:58:00.25Z".parse().unwrap(), now).to_string();
        assert!(html.contains(r#"<time datetime="2026-11-21T11:58:00Z">2026-11-21 11:58:00 UTC</time>"#), "{html}");
    }

    #[test]
    fn proofs_read_as_facts() {
        let proof = serde_json::json!({"file_name": "a.pdf", "adopted": true, "gone": null, "lines": [{"qty": 2}], "tags": ["a", "b"]});
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            facts(&proof),
            [pair("Adopted", "yes"), pair("File name", "a.pdf"), pair("Lines, 1, qty", "2"), pair("Tags", "a, b")]
        );
    }
}
