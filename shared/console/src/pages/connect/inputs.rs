//! The inputs of a connection's form, with what stands in them and what is wrong with it.

use crate::pages::choice::Choice;
use crate::pages::guard::Fields;
use crate::pages::view::{Prose, When};
use crate::pages::wrong::{named_sentence, sentence};
use crate::texts::{self, say};
use connectors::{FieldSpec, Spec};
use domain::{Connection, FieldProblem};
use export_flow::refused::FieldError;
use serde_json::Value;

/// Characters of a value at most, as the engine takes them.
const VALUE_CHARS_MAX: usize = 8_000;

/// One input.
pub(super) struct Input {
    /// Its name in the form, which is the path that errors name: `settings.slug`.
    pub(super) name: String,
    /// `text`, `password`, `url`, `date` or `select`.
    pub(super) kind: &'static str,
    pub(super) label: String,
    pub(super) help: Option<Prose>,
    pub(super) required: bool,
    pub(super) value: String,
    pub(super) example: Option<String>,
    /// The vendor's page about it.
    pub(super) link: Option<&'static str>,
    pub(super) choices: Vec<Choice>,
    pub(super) problem: Option<String>,
    pub(super) longest: usize,
    pub(super) pattern: Option<&'static str>,
    /// Since when a secret is stored, which an empty input keeps.
    pub(super) kept: Option<When>,
    /// A stored secret may be taken away.
    pub(super) removable: bool,
}

impl Input {
    /// A line of text.
    pub(super) fn text(name: impl Into<String>, label: &'static str, filled: &Filled<'_>) -> Self {
        let name = name.into();
        Self {
            value: filled.get(&name).unwrap_or_default(),
            problem: filled.problem(&name),
            name,
            kind: "text",
            label: label.to_owned(),
            help: None,
            required: false,
            example: None,
            link: None,
            choices: vec![],
            longest: VALUE_CHARS_MAX,
            pattern: None,
            kept: None,
            removable: false,
        }
    }

    /// One of several values, each with what it is called.
    pub(super) fn select<'a>(
        name: impl Into<String>,
        label: &'static str,
        filled: &Filled<'_>,
        choices: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        let input = Self::text(name, label, filled);
        let choices = choices.into_iter().map(|(value, label)| Choice::new(value, label, Some(&input.value)));
        Self { choices: choices.collect(), kind: "select", ..input }
    }

    pub(super) fn help(self, text: &str) -> Self {
        Self { help: (!text.is_empty()).then(|| Prose::new(text)), ..self }
    }

    pub(super) fn like(self, example: impl Into<String>) -> Self {
        Self { example: Some(example.into()), ..self }
    }

    /// Its id in the page.
    pub(super) fn id(&self) -> String {
        format!("f-{}", self.name.replace('.', "-"))
    }

    /// Ids of what describes it.
    pub(super) fn described(&self) -> String {
        let id = self.id();
        let mut by = vec![];
        if self.problem.is_some() {
            by.push(format!("e-{id}"));
        }
        if self.help.is_some() || self.link.is_some() || self.kept.is_some() {
            by.push(format!("n-{id}"));
        }
        by.join(" ")
    }

    /// A connector's own field.
    pub(super) fn of_field(spec: &Spec, field: &FieldSpec, filled: &Filled<'_>) -> Self {
        let (label, help) = texts::connector_field(spec.id, field);
        let place = if field.secret { "secrets" } else { "settings" };
        let name = format!("{place}.{}", field.name);
        let input = if field.choices.is_empty() {
            Self::text(name, label, filled)
        } else {
            let mut choices: Vec<(&str, String)> = field.choices.iter().map(|value| (*value, called(value))).collect();
            if field.default.is_none() {
                choices.insert(0, ("", say("connect-choose-one").to_owned()));
            }
            let mut input = Self::select(name, label, filled, choices);
            if input.value.is_empty() {
                input.choices.iter_mut().for_each(|choice| choice.chosen = field.default == Some(&choice.value));
            }
            input
        };
        let kept = filled.kept(field.name).filter(|_| field.secret);
        let example = field.example.or(field.default.filter(|_| field.choices.is_empty()));
        Self {
            kind: if field.secret { "password" } else { input.kind },
            value: if field.secret { String::new() } else { input.value.clone() },
            // A stored secret need not be entered again.
            required: field.required && kept.is_none(),
            removable: kept.is_some() && !field.required,
            kept,
            example: example.map(str::to_owned),
            link: field.link,
            ..input.help(help)
        }
    }
}

/// What a choice is called: yes and no in the reader's language, the vendor's words as they are.
fn called(value: &str) -> String {
    match value {
        "yes" | "true" => say("yes").to_owned(),
        "no" | "false" => say("no").to_owned(),
        other => other.to_owned(),
    }
}

/// What stands in a form, and what is wrong with it.
pub(super) struct Filled<'a> {
    /// As stored, if it is.
    pub(super) stored: Option<&'a Connection>,
    /// As typed, if it was; else as stored.
    pub(super) typed: Option<&'a Fields>,
    pub(super) errors: &'a [FieldError],
    pub(super) now: jiff::Timestamp,
}

impl Filled<'_> {
    /// What stands in the input of this name.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        match (self.typed, self.stored) {
            (Some(typed), _) => typed.get(name).map(str::to_owned),
            (None, Some(stored)) => stored_at(stored, name),
            (None, None) => None,
        }
    }

    /// Whether a box of this name is ticked.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "false")
    }

    /// What is wrong with the input of this name: with itself, or with what it is a part of.
    pub(super) fn problem(&self, name: &str) -> Option<String> {
        let about = |error: &&FieldError| name == error.field || name.starts_with(&format!("{}.", error.field));
        self.errors.iter().find(about).map(wrong)
    }

    /// What is wrong with nothing that the form shows.
    pub(super) fn elsewhere<'b>(&self, shown: impl Iterator<Item = &'b str>) -> Vec<String> {
        let shown: Vec<&str> = shown.collect();
        let is_shown = |error: &&FieldError| {
            shown.iter().any(|name| *name == error.field || name.starts_with(&format!("{}.", error.field)))
        };
        let missed = self.errors.iter().filter(|error| !is_shown(error));
        missed.map(named_sentence).collect()
    }

    fn kept(&self, secret: &str) -> Option<When> {
        let secret = self.stored?.secrets.get(secret)?;
        Some(When::new(secret.changed_at, self.now))
    }
}

/// What is wrong with an input. Of its id more is to be said than of others.
fn wrong(error: &FieldError) -> String {
    match (error.field.as_str(), error.problem_code) {
        ("id", FieldProblem::NotAnId) => say("connect-id-unfit").to_owned(),
        ("id", FieldProblem::BelongsElsewhere) => say("connect-id-taken").to_owned(),
        _ => sentence(error),
    }
}

/// What is stored under the name of an input.
fn stored_at(connection: &Connection, name: &str) -> Option<String> {
    let (place, rest) = name.split_once('.').unwrap_or((name, ""));
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let below = |value: &Value| rest.split('.').try_fold(value, |value, step| value.get(step)).and_then(text);
    match place {
        "id" => Some(connection.id.to_string()),
        "label" => Some(connection.label.clone()),
        "state" => serde_json::to_value(connection.state).ok().as_ref().and_then(text),
        "settings" if rest == "since" => {
            connection.setting(rest).map(|text| text.split('T').next().unwrap_or_default().to_owned())
        }
        "settings" => below(&serde_json::to_value(&connection.settings).ok()?),
        "switches" => below(&serde_json::to_value(&connection.switches).ok()?),
        "rules" => below(&serde_json::to_value(&connection.rules).ok()?),
        _ => None,
    }
}
