//! A connection's form as the API would be given it.

use crate::api::instant;
use crate::pages::guard::Fields;
use connectors::{SECRETS_EXPIRE_ON, Spec};
use domain::{Connection, ConnectionState, Role, Switch};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Settings that every connector knows, as the form has them.
const COMMON: [&str; 8] =
    ["base_url", "since", "poll_every", "pace", "late_bound", "event_delay", "rotation_overlap", SECRETS_EXPIRE_ON];
/// Prefix of the boxes that take a stored secret away.
pub(super) const REMOVE: &str = "remove.";
/// Rules that the form has.
const RULES: [&str; 2] = ["order_pattern", "invoice_when"];

/// The whole of it. What the form does not show stays as it is stored.
pub(super) fn given(spec: &Spec, fields: &Fields, old: Option<&Connection>) -> Value {
    let mut given = json!({
        "role": spec.role, "connector": spec.id, "settings": settings(spec, fields, old),
        "secrets": secrets(spec, fields), "switches": switches(spec, fields, old), "rules": rules(spec, fields, old),
    });
    if let Some(given) = given.as_object_mut() {
        given.extend(fields.get("label").map(|label| ("label".to_owned(), json!(label))));
        given.extend(old.map(|old| ("mappings".to_owned(), json!(old.mappings))));
        let off = fields.get("state").is_some();
        given.extend(off.then(|| ("state".to_owned(), json!(ConnectionState::Disabled))));
    }
    given
}

fn settings(spec: &Spec, fields: &Fields, old: Option<&Connection>) -> Map<String, Value> {
    let mut settings = Map::new();
    let own = spec.fields.iter().filter(|field| !field.secret);
    for (name, default) in own.map(|field| (field.name, field.default)).chain(COMMON.map(|name| (name, None))) {
        let stored = old.and_then(|old| old.setting(name));
        let typed = fields.get(&format!("settings.{name}"));
        // What is the default anyway follows it when it changes, unless somebody has written it down.
        let typed = typed.filter(|typed| stored.is_some() || default != Some(typed));
        if let Some(typed) = typed {
            let value = if name == "since" { since(typed, stored) } else { typed.to_owned() };
            settings.insert(name.to_owned(), Value::String(value));
        }
    }
    if spec.role != Role::Channel {
        let part = |name: &str| fields.get(&format!("settings.order_reference.{name}"));
        let (field, pattern) = (part("field"), part("pattern"));
        if field.is_some() || pattern.is_some() {
            settings.insert("order_reference".to_owned(), json!({"field": field, "pattern": pattern}));
        }
    }
    settings
}

/// A day as the instant at which it begins; the stored instant if it is of that day.
fn since(typed: &str, stored: Option<&str>) -> String {
    match (stored.filter(|stored| stored.split('T').next() == Some(typed)), instant(typed)) {
        (Some(stored), _) => stored.to_owned(),
        (None, Some(at)) => at.to_string(),
        (None, None) => typed.to_owned(),
    }
}

/// An empty input keeps what is stored.
fn secrets(spec: &Spec, fields: &Fields) -> Map<String, Value> {
    let mut secrets = Map::new();
    for field in spec.fields.iter().filter(|field| field.secret) {
        let name = format!("secrets.{}", field.name);
        if let Some(typed) = fields.get(&name) {
            secrets.insert(field.name.to_owned(), json!(typed));
        } else if fields.get(&format!("{REMOVE}{name}")).is_some() {
            secrets.insert(field.name.to_owned(), Value::Null);
        }
    }
    secrets
}

/// New secrets, and the settings that come into force with them: those that were changed.
pub(super) fn rotation(spec: &Spec, fields: &Fields, stored: &Connection) -> Value {
    let own = spec.fields.iter().filter(|field| !field.secret).map(|field| field.name);
    let mut settings = Map::new();
    for name in own.chain([SECRETS_EXPIRE_ON]) {
        let typed = fields.get(&format!("settings.{name}"));
        if typed.is_some() && typed != stored.setting(name) {
            settings.insert(name.to_owned(), json!(typed));
        }
    }
    json!({"secrets": secrets(spec, fields), "settings": settings})
}

/// Withdraws every secret that waits.
pub(super) fn withdrawal(stored: &Connection) -> Value {
    let pending = stored.rotation.pending.iter().flat_map(|pending| pending.secrets.keys());
    let nothing: Map<String, Value> = pending.map(|name| (name.clone(), Value::Null)).collect();
    json!({"secrets": nothing})
}

fn switches(spec: &Spec, fields: &Fields, old: Option<&Connection>) -> Map<String, Value> {
    let mut switches = Map::new();
    for switch in spec.switches() {
        let Ok(Value::String(name)) = serde_json::to_value(switch) else { continue };
        let on = fields.get(&format!("switches.{name}")).is_some();
        if on || old.is_some_and(|old| old.switches.contains_key(&switch)) {
            switches.insert(name, Value::Bool(on));
        }
    }
    switches
}

/// The switches that the form turns, if it turns any.
pub(super) fn switched(spec: &Spec, fields: &Fields, stored: &Connection) -> BTreeMap<Switch, bool> {
    let typed = Value::Object(switches(spec, fields, Some(stored)));
    let mut switches: BTreeMap<Switch, bool> = serde_json::from_value(typed).unwrap_or_default();
    switches.retain(|switch, on| stored.is_on(*switch) != *on);
    switches
}

fn rules(spec: &Spec, fields: &Fields, old: Option<&Connection>) -> Value {
    let mut rules = old.map_or_else(|| json!({}), |old| json!(old.rules));
    if let (Role::Channel, Some(rules)) = (spec.role, rules.as_object_mut()) {
        for name in RULES {
            match fields.get(&format!("rules.{name}")) {
                Some(typed) => _ = rules.insert(name.to_owned(), json!(typed)),
                None => _ = rules.remove(name),
            }
        }
    }
    rules
}
