//! Rules as they stand in the fields of a form, and back.

use crate::pages::guard::Fields;
use domain::{Role, Rules};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Lines of the table of payment kinds at most.
const LINES_MAX: usize = 200;

/// How a rule is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Text,
    Boolean,
    Number,
    /// A line each.
    List,
}

/// The rules of a channel by their place, the table of payment kinds aside.
const OF_CHANNELS: [(&str, Way); 9] = [
    ("order_pattern", Way::Text),
    ("also_known_as.field", Way::Text),
    ("also_known_as.channel", Way::Text),
    ("invoice_when", Way::Text),
    ("full_invoice_without_line_match", Way::Boolean),
    ("if_target_has_one", Way::Text),
    ("number_when", Way::Text),
    ("shipped_when", Way::Text),
    ("notify_customer", Way::Boolean),
];
/// Those of a source.
const OF_SOURCES: [(&str, Way); 6] = [
    ("carry_when.series", Way::List),
    ("carry_when.tags", Way::List),
    ("carry_when.order_pattern", Way::Text),
    (BATCH_AT, Way::Text),
    ("batch_export.days_back", Way::Number),
    ("batch_export.time_zone", Way::Text),
];
/// Without a time of day there is no nightly export, whatever else stands there.
const BATCH_AT: &str = "batch_export.at";

/// What stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    values: BTreeMap<&'static str, String>,
    /// Payment kinds, each with its word.
    pub(super) payments: Vec<(String, String)>,
}

impl Typed {
    /// The rules as they are stored.
    pub(super) fn of(rules: &Rules) -> Self {
        let stored = serde_json::to_value(rules).unwrap_or_default();
        let at = |place: &str| stored.pointer(&format!("/{}", place.replace('.', "/")));
        let known = OF_CHANNELS.iter().chain(&OF_SOURCES);
        let values = known.filter_map(|(place, _)| Some((*place, written(at(place)?)))).collect();
        let payments = stored.get("invoice_when_by_payment").and_then(Value::as_object).into_iter().flatten();
        Self { values, payments: payments.map(|(kind, when)| (kind.clone(), written(when))).collect() }
    }

    /// What was posted.
    pub(super) fn read(fields: &Fields) -> Self {
        let known = OF_CHANNELS.iter().chain(&OF_SOURCES);
        let values = known.filter_map(|(place, _)| Some((*place, fields.get(place)?.to_owned()))).collect();
        let line = |n: usize| {
            let kind = fields.get(&format!("payment-{n}"))?;
            Some((kind.to_owned(), fields.get(&format!("payment_when-{n}")).unwrap_or_default().to_owned()))
        };
        Self { values, payments: (0..LINES_MAX).filter_map(line).collect() }
    }

    pub(super) fn get(&self, place: &str) -> &str {
        self.values.get(place).map_or("", String::as_str)
    }

    /// As the engine takes them.
    pub(super) fn rules(&self, role: Role) -> Value {
        let places = if role == Role::Channel { &OF_CHANNELS[..] } else { &OF_SOURCES[..] };
        let mut rules = Map::new();
        for (place, way) in places {
            let text = self.get(place);
            let without_time = place.starts_with("batch_export.") && self.get(BATCH_AT).is_empty();
            if text.is_empty() || without_time {
                continue;
            }
            let value = match way {
                Way::Text => text.into(),
                Way::Boolean => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
                Way::Number => text.parse::<u64>().map_or_else(|_| text.into(), Value::from),
                Way::List => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
            };
            match place.split_once('.') {
                None => _ = rules.insert((*place).to_owned(), value),
                Some((outer, inner)) => {
                    let object = rules.entry(outer).or_insert_with(|| Map::new().into());
                    if let Some(object) = object.as_object_mut() {
                        object.insert(inner.to_owned(), value);
                    }
                }
            }
        }
        if role == Role::Channel {
            let payments: Map<String, Value> =
                self.payments.iter().map(|(kind, when)| (kind.clone(), when.as_str().into())).collect();
            rules.insert("invoice_when_by_payment".to_owned(), payments.into());
        }
        Value::Object(rules)
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_go_into_the_form_and_come_back_the_same() {
        let of_channel = json!({
            "order_pattern": "^1", "invoice_when": "paid", "invoice_when_by_payment": {"cod": "never"},
            "number_when": "shipped", "shipped_when": "manual", "if_target_has_one": "hold", "notify_customer": true,
            "full_invoice_without_line_match": false, "also_known_as": {"field": "ext_id", "channel": "market"},
        });
        let of_source = json!({
            "carry_when": {"series": ["A, B", "C"], "tags": ["web"], "order_pattern": "^1"},
            "batch_export": {"at": "02:30", "days_back": 3, "time_zone": "Europe/Prague"},
        });
        for (role, given) in [(Role::Channel, of_channel), (Role::Accounting, of_source)] {
            let rules: Rules = serde_json::from_value(given.clone()).unwrap();
            let back: Rules = serde_json::from_value(Typed::of(&rules).rules(role)).unwrap();
            assert_eq!(serde_json::to_value(back).unwrap(), given);
            assert_eq!(back_to_nothing(role), Rules::default());
        }
    }

    fn back_to_nothing(role: Role) -> Rules {
        serde_json::from_value(Typed::of(&Rules::default()).rules(role)).unwrap()
    }
}
