//! The fields of the rules: what each is called, what it does, its default, and what is wrong with it.

use super::typed::Typed;
use crate::pages::choice::Choice;
use crate::pages::wrong::named_sentence;
use crate::texts::{find, say, say_with};
use connectors::Spec;
use domain::{Connection, Role};
use export_flow::refused::FieldError;
use serde::Serialize;

/// Words of a rule and what they are called.
type Words = &'static [(&'static str, &'static str)];

const WHEN: Words = &[
    ("issued", "rules-when-issued"),
    ("sent", "rules-when-sent"),
    ("in_payment", "rules-when-in-payment"),
    ("paid", "rules-when-paid"),
    ("never", "rules-when-never"),
];
const NUMBER: Words = &[("known", "rules-number-known"), ("shipped", "rules-number-shipped")];
const SHIPPED: Words = &[
    ("handed_over", "rules-shipped-handed-over"),
    ("number_known", "rules-shipped-number-known"),
    ("manual", "rules-shipped-manual"),
];
const HAS_ONE: Words =
    &[("adopt", "rules-has-one-adopt"), ("hold", "rules-has-one-hold"), ("send_anyway", "rules-has-one-send-anyway")];
const BOOLEAN: Words = &[("true", "yes"), ("false", "no")];

/// One rule.
pub(super) struct Field {
    /// Its place in the rules.
    pub(super) name: &'static str,
    /// Its text, with an explanation below it.
    key: &'static str,
    pub(super) value: String,
    /// What there is to choose from; none: it is written.
    pub(super) choices: Vec<Choice>,
    /// Written in several lines.
    pub(super) lines: bool,
    /// What counts without an entry.
    pub(super) usual: String,
    pub(super) error: Option<String>,
}

impl Field {
    fn written(name: &'static str, key: &'static str, usual: &str, typed: &Typed) -> Self {
        let (value, usual) = (typed.get(name).to_owned(), say_with("rules-usual", "usual", usual));
        Self { name, key, value, choices: vec![], lines: false, usual, error: None }
    }

    fn chosen(name: &'static str, key: &'static str, words: Words, usual: Option<&str>, typed: &Typed) -> Self {
        let usual = usual.and_then(|usual| words.iter().find(|(word, _)| *word == usual));
        let usual = usual.map_or_else(|| say("rules-no-usual"), |(_, label)| say(label));
        let choices = words.iter().map(|(word, label)| Choice::new(word, say(label), Some(typed.get(name)))).collect();
        Self { choices, ..Self::written(name, key, usual, typed) }
    }

    pub(super) fn label(&self) -> &'static str {
        say(self.key)
    }

    pub(super) fn help(&self) -> &'static str {
        find(&format!("{}.explanation", self.key)).unwrap_or_default()
    }
}

/// Rules that belong together.
pub(super) struct Group {
    pub(super) label: &'static str,
    /// The table of payment kinds stands below it.
    pub(super) payments: bool,
    pub(super) fields: Vec<Field>,
}

/// A payment kind with its own rule.
pub(super) struct Payment {
    pub(super) kind: String,
    pub(super) choices: Vec<Choice>,
}

impl Payment {
    pub(super) fn new(kind: &str, when: &str) -> Self {
        let choices = WHEN.iter().map(|(word, label)| Choice::new(word, say(label), Some(when))).collect();
        Self { kind: kind.to_owned(), choices }
    }
}

/// The word of something, as it stands in JSON.
fn word(of: impl Serialize) -> Option<String> {
    serde_json::to_value(of).ok()?.as_str().map(str::to_owned)
}

/// Every rule of a connection of this role.
pub(super) fn groups(
    role: Role,
    spec: Option<&'static Spec>,
    typed: &Typed,
    others: &[&Connection],
    errors: &[FieldError],
) -> Vec<Group> {
    let mut groups = match role {
        Role::Channel => of_channel(spec, typed, others),
        Role::Accounting | Role::Courier => of_source(spec, typed),
    };
    for field in groups.iter_mut().flat_map(|group| &mut group.fields) {
        let error = errors.iter().find(|error| place(error) == field.name);
        // What is wrong with the whole of a rule is told at its first field.
        let first = |error: &&FieldError| WHOLE.contains(&(place(error), field.name));
        field.error = error.or_else(|| errors.iter().find(first)).map(problem);
    }
    groups
}

fn of_channel(spec: Option<&'static Spec>, typed: &Typed, others: &[&Connection]) -> Vec<Group> {
    let channel = spec.and_then(|spec| spec.channel.as_ref());
    let when = channel.and_then(|channel| word(channel.invoice_when?));
    let has_one = channel.and_then(|channel| word(channel.if_target_has_one));
    let other_channels = Field {
        choices: Choice::of_connections(others.iter().copied(), |_| true, Some(typed.get("also_known_as.channel"))),
        ..Field::written("also_known_as.channel", "rules-also-channel", say("rules-none"), typed)
    };
    let group = |label, fields| Group { label, payments: false, fields };
    vec![
        group(
            say("rules-of-orders"),
            vec![
                Field::written("order_pattern", "rules-order-pattern", say("rules-every-order"), typed),
                Field::written("also_known_as.field", "rules-also-field", say("rules-none"), typed),
                other_channels,
            ],
        ),
        Group {
            payments: true,
            ..group(
                say("rules-of-invoices"),
                vec![
                    Field::chosen("invoice_when", "rules-invoice-when", WHEN, when.as_deref(), typed),
                    Field::chosen("if_target_has_one", "rules-has-one", HAS_ONE, has_one.as_deref(), typed),
                    Field::chosen(
                        "full_invoice_without_line_match",
                        "rules-without-lines",
                        BOOLEAN,
                        Some("true"),
                        typed,
                    ),
                ],
            )
        },
        group(
            say("rules-of-parcels"),
            vec![
                Field::chosen("number_when", "rules-number-when", NUMBER, Some("known"), typed),
                Field::chosen("shipped_when", "rules-shipped-when", SHIPPED, Some("handed_over"), typed),
            ],
        ),
        group(
            say("rules-of-buyers"),
            vec![Field::chosen("notify_customer", "rules-notify", BOOLEAN, Some("false"), typed)],
        ),
    ]
}

fn of_source(spec: Option<&'static Spec>, typed: &Typed) -> Vec<Group> {
    let lines = |name, key| Field { lines: true, ..Field::written(name, key, say("rules-all"), typed) };
    let mut groups = vec![Group {
        label: say("rules-of-carrying"),
        payments: false,
        fields: vec![
            lines("carry_when.series", "rules-series"),
            lines("carry_when.tags", "rules-tags"),
            Field::written("carry_when.order_pattern", "rules-source-pattern", say("rules-all"), typed),
        ],
    }];
    // What cannot list what it has is asked for nothing by night; what was set before stays visible.
    let lists = spec.and_then(|spec| spec.source.as_ref()).is_some_and(|source| source.lists_changes);
    if lists || !typed.get("batch_export.at").is_empty() {
        groups.push(Group {
            label: say("rules-of-nights"),
            payments: false,
            fields: vec![
                Field::written("batch_export.at", "rules-batch-at", say("rules-batch-never"), typed),
                Field::written("batch_export.days_back", "rules-batch-days", "7", typed),
                Field::written("batch_export.time_zone", "rules-batch-zone", "UTC", typed),
            ],
        });
    }
    groups
}

/// What people call a rule.
pub(super) fn called(rule: &str) -> Option<&'static str> {
    let key = match rule {
        "if_target_has_one" => "rules-has-one",
        "notify_customer" => "rules-notify",
        "full_invoice_without_line_match" => "rules-without-lines",
        "also_known_as" => "rules-also-field",
        "batch_export" => "rules-of-nights",
        _ => return None,
    };
    Some(say(key))
}

/// Rules of several fields, with the first of these.
const WHOLE: [(&str, &str); 2] = [("also_known_as", "also_known_as.field"), ("batch_export", "batch_export.at")];

fn is_whole(place: &str) -> bool {
    WHOLE.iter().any(|(whole, _)| *whole == place)
}

/// Where an error lies within the rules.
fn place(error: &FieldError) -> &str {
    error.field.strip_prefix("rules.").unwrap_or(&error.field)
}

/// What is wrong: every rule can only be wrong in one way.
fn problem(error: &FieldError) -> String {
    let key = match place(error) {
        "order_pattern" | "carry_when.order_pattern" => "rules-wrong-pattern",
        "batch_export" | "batch_export.at" => "rules-wrong-time",
        "batch_export.days_back" => "rules-wrong-days",
        "batch_export.time_zone" => "rules-wrong-zone",
        "also_known_as" => "rules-wrong-pair",
        "invoice_when" => "rules-wrong-when",
        _ => "rules-wrong-value",
    };
    say(key).to_owned()
}

/// What is wrong where no field says it.
pub(super) fn elsewhere(groups: &[Group], errors: &[FieldError]) -> Vec<String> {
    let said: Vec<&str> = groups.iter().flat_map(|group| &group.fields).map(|field| field.name).collect();
    let unsaid = errors.iter().filter(|error| !said.contains(&place(error)) && !is_whole(place(error)));
    unsaid.map(named_sentence).collect()
}
