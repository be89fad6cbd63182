//! Reading a connection as a person gives it: every fault named by its field, none by its value.

use crate::refused::FieldError;
use connectors::{Account, FieldSpec, Registry, Secrets, Spec};
use domain::{Connection, FieldProblem, InvoiceWhen, Mappings, NightlyBatch, Role, Rules, Switch};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Settings that every connector knows.
const COMMON: [&str; 9] = [
    "base_url",
    "since",
    "poll_every",
    "pace",
    "late_bound",
    "event_delay",
    "order_reference",
    "rotation_overlap",
    connectors::SECRETS_EXPIRE_ON,
];
/// Fields of the whole.
const TOP: [&str; 9] = ["role", "connector", "label", "settings", "secrets", "switches", "rules", "mappings", "state"];
const LABEL_CHARS_MAX: usize = 200;
const VALUE_CHARS_MAX: usize = 8_000;

/// A connection as given, its fields read.
pub(super) struct Form {
    pub(super) spec: &'static Spec,
    pub(super) label: String,
    pub(super) settings: BTreeMap<String, Value>,
    /// Given secrets; `None` removes.
    pub(super) secrets: BTreeMap<String, Option<SecretString>>,
    pub(super) switches: BTreeMap<Switch, bool>,
    pub(super) rules: Rules,
    pub(super) mappings: Mappings,
    pub(super) disabled: bool,
}

/// Reads what was given. `kept` says which secrets are stored already.
///
/// # Errors
/// Every field that cannot be used.
pub(super) fn read(
    registry: &Registry,
    given: &Value,
    kept: &dyn Fn(&str) -> bool,
    fixed_may_move: bool,
) -> Result<Form, Vec<FieldError>> {
    let mut errors = vec![];
    let Some(given) = given.as_object() else {
        return Err(vec![FieldError::new("body", (FieldProblem::NotAnObject, "must be an object"))]);
    };
    for name in given.keys().filter(|name| !TOP.contains(&name.as_str())) {
        errors.push(FieldError::new(name, (FieldProblem::UnknownField, "is not a field of a connection")));
    }
    let Some(spec) = connector(registry, given, &mut errors) else { return Err(errors) };
    let form = Form {
        spec,
        label: label(given, spec, &mut errors),
        settings: settings(given, spec, fixed_may_move, &mut errors),
        secrets: secrets(given, spec, kept, &mut errors),
        switches: switches(given, spec, &mut errors),
        rules: part(given, "rules", &mut errors),
        mappings: part(given, "mappings", &mut errors),
        disabled: disabled(given, &mut errors),
    };
    rules(form.spec, &form.rules, &form.switches, &mut errors);
    if errors.is_empty() { Ok(form) } else { Err(errors) }
}

/// Reads other rules and switches for a connection; what is `null` stays, and so does a switch that is not named.
///
/// # Errors
/// Every field that cannot be used.
pub(super) fn read_rules(
    spec: &'static Spec,
    connection: &Connection,
    given: (&Value, &Value),
) -> Result<(Rules, BTreeMap<Switch, bool>), Vec<FieldError>> {
    let mut errors = vec![];
    let whole: Map<String, Value> =
        [("rules".to_owned(), given.0.clone()), ("switches".to_owned(), given.1.clone())].into_iter().collect();
    let will = if given.0.is_null() { connection.rules.clone() } else { part(&whole, "rules", &mut errors) };
    let mut on = connection.switches.clone();
    on.extend(switches(&whole, spec, &mut errors));
    rules(spec, &will, &on, &mut errors);
    if errors.is_empty() { Ok((will, on)) } else { Err(errors) }
}

/// New secrets of a connection, and settings that come into force with them.
pub(super) struct RotationForm {
    /// Given secrets; `None` withdraws one that waits.
    pub(super) secrets: BTreeMap<String, Option<SecretString>>,
    /// Given settings; `null` removes one.
    pub(super) settings: BTreeMap<String, Value>,
}

/// Reads new secrets for a connection. Of the settings those of the connector may come with them, and the day on which
/// the secrets end.
///
/// # Errors
/// Every field that cannot be used.
pub(super) fn read_rotation(
    spec: &'static Spec,
    given: &Value,
    connection: &Connection,
) -> Result<RotationForm, Vec<FieldError>> {
    let mut errors = vec![];
    let Some(given) = given.as_object() else {
        return Err(vec![FieldError::new("body", (FieldProblem::NotAnObject, "must be an object"))]);
    };
    for name in given.keys().filter(|name| !["secrets", "settings"].contains(&name.as_str())) {
        errors.push(FieldError::new(name, (FieldProblem::UnknownField, "is not a field of new secrets")));
    }
    let secrets = given_secrets(given, spec, &mut errors);
    if given.get("secrets").is_none_or(Value::is_null) {
        errors.push(FieldError::new("secrets", (FieldProblem::Missing, "is missing")));
    }
    let mut changes = BTreeMap::new();
    for (name, value) in object(given, "settings", &mut errors) {
        if spec.fields.iter().all(|field| field.name != name) && name != connectors::SECRETS_EXPIRE_ON {
            errors.push(FieldError::new(
                format!("settings.{name}"),
                (FieldProblem::UnknownField, "does not belong to the secrets"),
            ));
        }
        changes.insert(name.clone(), value.clone());
    }
    // Read as part of the whole, whose other settings were found good before.
    let mut whole = connection.settings.clone();
    whole.extend(changes.clone());
    let whole: Map<String, Value> =
        [("settings".to_owned(), Value::Object(whole.into_iter().collect()))].into_iter().collect();
    let read = settings(&whole, spec, true, &mut errors);
    let settings: BTreeMap<String, Value> =
        changes.into_keys().map(|name| (name.clone(), read.get(&name).cloned().unwrap_or_default())).collect();
    let tried = Connection { settings: read, ..connection.clone() };
    if errors.is_empty()
        && let Err(error) = Account::open(tried, spec, Secrets::default())
    {
        errors.push(FieldError::of_setting(error));
    }
    if errors.is_empty() { Ok(RotationForm { secrets, settings }) } else { Err(errors) }
}

fn connector(registry: &Registry, given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> Option<&'static Spec> {
    let role = match given.get("role") {
        None | Some(Value::Null) => {
            errors.push(FieldError::new("role", (FieldProblem::Missing, "is missing")));
            None
        }
        Some(value) => match serde_json::from_value::<Role>(value.clone()) {
            Ok(role) => Some(role),
            Err(_) => {
                errors
                    .push(FieldError::new("role", (FieldProblem::NotOneOf, "must be accounting, courier or channel")));
                None
            }
        },
    };
    let name = match given.get("connector") {
        Some(Value::String(name)) => name,
        None | Some(Value::Null) => {
            errors.push(FieldError::new("connector", (FieldProblem::Missing, "is missing")));
            return None;
        }
        Some(_) => {
            errors.push(FieldError::new("connector", (FieldProblem::NotText, "must be text")));
            return None;
        }
    };
    let Some(connector) = registry.get(name) else {
        errors.push(FieldError::new(
            "connector",
            (FieldProblem::NotOneOf, "is not a connector; GET /connectors lists them"),
        ));
        return None;
    };
    let spec = connector.spec();
    if role.is_some_and(|role| role != spec.role) {
        errors.push(FieldError::new(
            "role",
            (FieldProblem::OtherRole, format!("this connector's role is {}", spec.role.as_str())),
        ));
    }
    Some(spec)
}

fn label(given: &Map<String, Value>, spec: &Spec, errors: &mut Vec<FieldError>) -> String {
    match given.get("label") {
        None | Some(Value::Null) => spec.label.to_owned(),
        Some(Value::String(label)) if label.chars().count() <= LABEL_CHARS_MAX => label.trim().to_owned(),
        Some(_) => {
            errors.push(FieldError::new(
                "label",
                (FieldProblem::TooLong, format!("must be text of at most {LABEL_CHARS_MAX} characters")),
            ));
            String::new()
        }
    }
}

fn disabled(given: &Map<String, Value>, errors: &mut Vec<FieldError>) -> bool {
    match given.get("state") {
        None | Some(Value::Null) => false,
        Some(Value::String(state)) if state == "disabled" => true,
        Some(_) => {
            errors.push(FieldError::new(
                "state",
                (FieldProblem::NotOneOf, "can only be given as \"disabled\"; the check decides the rest"),
            ));
            false
        }
    }
}

/// An object within the whole; absent is empty.
fn object<'a>(given: &'a Map<String, Value>, name: &str, errors: &mut Vec<FieldError>) -> Vec<(&'a String, &'a Value)> {
    match given.get(name) {
        None | Some(Value::Null) => vec![],
        Some(Value::Object(object)) => object.iter().collect(),
        Some(_) => {
            errors.push(FieldError::new(name, (FieldProblem::NotAnObject, "must be an object")));
            vec![]
        }
    }
}

fn settings(
    given: &Map<String, Value>,
    spec: &Spec,
    fixed_may_move: bool,
    errors: &mut Vec<FieldError>,
) -> BTreeMap<String, Value> {
    let mut settings = BTreeMap::new();
    for (name, value) in object(given, "settings", errors) {
        let place = format!("settings.{name}");
        let field = spec.fields.iter().find(|field| field.name == name);
        let common = COMMON.contains(&name.as_str());
        if field.is_some_and(|field| field.secret) {
            errors.push(FieldError::new(place, (FieldProblem::IsASecret, "is a secret: give it in secrets")));
        } else if field.is_none() && (!common || (name == "order_reference" && spec.role == Role::Channel)) {
            errors.push(FieldError::new(place, (FieldProblem::UnknownField, "is not a setting of this connector")));
        } else if value.is_null() {
            // Given as not given.
        } else if name == "order_reference" {
            settings.insert(name.clone(), value.clone());
        } else {
            match text(value).ok_or((FieldProblem::NotText, "must be text")).and_then(|text| allowed(field, text)) {
                Ok(text) => {
                    settings.insert(name.clone(), Value::String(text));
                }
                Err(problem) => errors.push(FieldError::new(place, problem)),
            }
        }
    }
    for field in spec.fields.iter().filter(|f| !f.secret && f.required && f.default.is_none()) {
        let given = settings.get(field.name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if !given && !errors.iter().any(|e| e.field.strip_prefix("settings.") == Some(field.name)) {
            errors.push(FieldError::new(format!("settings.{}", field.name), (FieldProblem::Missing, "is missing")));
        }
    }
    match (settings.contains_key("base_url"), spec.fixed_base_url) {
        (false, None) if !errors.iter().any(|e| e.field == "settings.base_url") => {
            errors.push(FieldError::new("settings.base_url", (FieldProblem::Missing, "is missing")));
        }
        (true, Some(_)) if !fixed_may_move => errors.push(FieldError::new(
            "settings.base_url",
            (FieldProblem::CannotChange, "this vendor's address is fixed; another one needs --allow-private-targets"),
        )),
        _ => {}
    }
    settings
}

fn allowed(field: Option<&FieldSpec>, text: String) -> Result<String, (FieldProblem, &'static str)> {
    let choices = field.map_or(&[][..], |field| field.choices);
    if text.chars().count() > VALUE_CHARS_MAX {
        Err((FieldProblem::TooLong, "is too long"))
    } else if text.chars().any(char::is_control) {
        Err((FieldProblem::ControlCharacters, "must not hold line breaks or control characters"))
    } else if !choices.is_empty() && !text.is_empty() && !choices.contains(&text.as_str()) {
        Err((FieldProblem::NotOneOf, "is not one of the choices; GET /connectors lists them"))
    } else {
        Ok(text)
    }
}

/// Numbers and switches are taken as the text a person would have typed.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn secrets(
    given: &Map<String, Value>,
    spec: &Spec,
    kept: &dyn Fn(&str) -> bool,
    errors: &mut Vec<FieldError>,
) -> BTreeMap<String, Option<SecretString>> {
    let secrets = given_secrets(given, spec, errors);
    for field in spec.fields.iter().filter(|f| f.secret && f.required && f.default.is_none()) {
        let there = secrets.get(field.name).map_or_else(|| kept(field.name), Option::is_some);
        if !there && !errors.iter().any(|e| e.field.strip_prefix("secrets.") == Some(field.name)) {
            errors.push(FieldError::new(format!("secrets.{}", field.name), (FieldProblem::Missing, "is missing")));
        }
    }
    secrets
}

fn given_secrets(
    given: &Map<String, Value>,
    spec: &Spec,
    errors: &mut Vec<FieldError>,
) -> BTreeMap<String, Option<SecretString>> {
    let mut secrets: BTreeMap<String, Option<SecretString>> = BTreeMap::new();
    for (name, value) in object(given, "secrets", errors) {
        let place = format!("secrets.{name}");
        let known = spec.fields.iter().any(|field| field.secret && field.name == name);
        match value {
            _ if !known => {
                errors.push(FieldError::new(place, (FieldProblem::UnknownField, "is not a secret of this connector")))
            }
            Value::Null => {
                secrets.insert(name.clone(), None);
            }
            Value::String(text) if text.chars().count() > VALUE_CHARS_MAX => {
                errors.push(FieldError::new(place, (FieldProblem::TooLong, "is too long")));
            }
            Value::String(text) if text.trim().is_empty() => {
                errors.push(FieldError::new(
                    place,
                    (FieldProblem::Empty, "is empty: leave it out to keep it, or give null to remove it"),
                ));
            }
            Value::String(text) => {
                secrets.insert(name.clone(), Some(text.trim().into()));
            }
            _ => errors.push(FieldError::new(place, (FieldProblem::NotText, "must be text, or null to remove it"))),
        }
    }
    secrets
}

fn switches(given: &Map<String, Value>, spec: &Spec, errors: &mut Vec<FieldError>) -> BTreeMap<Switch, bool> {
    let mut switches = BTreeMap::new();
    for (name, value) in object(given, "switches", errors) {
        let place = format!("switches.{name}");
        let Ok(switch) = serde_json::from_value::<Switch>(Value::String(name.clone())) else {
            errors.push(FieldError::new(place, (FieldProblem::UnknownField, "is not a switch")));
            continue;
        };
        let Some(on) = value.as_bool() else {
            errors.push(FieldError::new(place, (FieldProblem::NotABoolean, "must be true or false")));
            continue;
        };
        if on && !spec.switches().any(|known| known == switch) {
            errors.push(FieldError::new(place, (FieldProblem::NotOffered, format!("{} cannot do this", spec.label))));
            continue;
        }
        switches.insert(switch, on);
    }
    switches
}

fn part<T: DeserializeOwned + Serialize + Default>(
    given: &Map<String, Value>,
    name: &str,
    errors: &mut Vec<FieldError>,
) -> T {
    let Some(value) = given.get(name).filter(|value| !value.is_null()) else { return T::default() };
    let read = serde_path_to_error::deserialize(value).inspect(|read: &T| {
        let kept = serde_json::to_value(read).unwrap_or_default();
        let lists = lists_for_fields(name, value, &kept);
        errors.extend(lists.map(|place| FieldError::new(place, (FieldProblem::NotAnObject, "must be an object"))));
    });
    read.unwrap_or_else(|error| {
        let place = match error.path().to_string() {
            path if path == "." => name.to_owned(),
            path => format!("{name}.{path}"),
        };
        let said = error.inner().to_string();
        let problem = if said.starts_with("unknown field") {
            (FieldProblem::UnknownField, "is not known here")
        } else {
            (FieldProblem::NotOneOf, "has a value that is not known here")
        };
        errors.push(FieldError::new(place, problem));
        T::default()
    })
}

/// Where a list was taken for an object's fields in their order, which serde does by itself.
fn lists_for_fields(place: &str, given: &Value, kept: &Value) -> Option<String> {
    match (given, kept) {
        (Value::Array(_), Value::Object(_)) => Some(place.to_owned()),
        (Value::Object(given), Value::Object(kept)) => kept.iter().find_map(|(name, kept)| {
            given.get(name).and_then(|given| lists_for_fields(&format!("{place}.{name}"), given, kept))
        }),
        _ => None,
    }
}

fn nightly(rule: &NightlyBatch, spec: &Spec, errors: &mut Vec<FieldError>) {
    let mut wrong = |field: &str, code: FieldProblem, problem: String| {
        errors.push(FieldError::new(format!("rules.batch_export{field}"), (code, problem)));
    };
    if !super::lists(spec) {
        wrong("", FieldProblem::NotOffered, format!("{} cannot list what it has", spec.label));
    }
    if rule.time().is_none() {
        wrong(".at", FieldProblem::NotATimeOfDay, "must be a time of day such as 02:30".to_owned());
    }
    let (first, last) = (NightlyBatch::DAYS.start(), NightlyBatch::DAYS.end());
    if !NightlyBatch::DAYS.contains(&rule.days_back) {
        wrong(".days_back", FieldProblem::OutOfRange, format!("must be from {first} to {last}"));
    }
    if jiff::tz::TimeZone::get(&rule.time_zone).is_err() {
        wrong(".time_zone", FieldProblem::NotATimeZone, "must be a time zone such as Europe/Prague or UTC".to_owned());
    }
}

fn rules(spec: &Spec, rules: &Rules, switches: &BTreeMap<Switch, bool>, errors: &mut Vec<FieldError>) {
    let mut pattern = |place: &str, pattern: Option<&str>| {
        if pattern.is_some_and(|pattern| regex_lite::Regex::new(pattern).is_err()) {
            errors.push(FieldError::new(place, (FieldProblem::NotAPattern, "is not a regular expression")));
        }
    };
    pattern("rules.order_pattern", rules.order_pattern.as_deref());
    pattern("rules.carry_when.order_pattern", rules.carry_when.as_ref().map(|carry| carry.order_pattern.as_str()));
    let is_channel = spec.role == Role::Channel;
    let of_channels = Rules { carry_when: None, batch_export: None, ..rules.clone() };
    if !is_channel && of_channels != Rules::default() {
        errors
            .push(FieldError::new("rules", (FieldProblem::OtherRole, "a source has only carry_when and batch_export")));
    }
    for (place, given) in
        [("rules.carry_when", rules.carry_when.is_some()), ("rules.batch_export", rules.batch_export.is_some())]
    {
        if is_channel && given {
            errors.push(FieldError::new(place, (FieldProblem::OtherRole, "is a rule of sources")));
        }
    }
    if let Some(rule) = rules.batch_export.as_ref().filter(|_| !is_channel) {
        nightly(rule, spec, errors);
    }
    let sends = switches.get(&Switch::SendInvoice).copied().unwrap_or(false);
    let default: Option<InvoiceWhen> = spec.channel.as_ref().and_then(|channel| channel.invoice_when);
    if is_channel && sends && rules.invoice_when.is_none() && default.is_none() {
        errors.push(FieldError::new(
            "rules.invoice_when",
            (
                FieldProblem::MustBeChosen,
                "must be set with send_invoice: here the call makes an invoice record that changes the order",
            ),
        ));
    }
}
