//! What really happened at the vendors, counted apart from the calls.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::clock;
use crate::store::Effect;

/// Every effect since the durable file was made.
#[derive(Default)]
pub(crate) struct Effects {
    all: Vec<Effect>,
    counts: BTreeMap<String, BTreeMap<String, u64>>,
    same: BTreeMap<(String, String, Option<String>, String), u64>,
}

impl Effects {
    pub(crate) fn add(&mut self, effect: Effect) {
        *self.counts.entry(effect.vendor.clone()).or_default().entry(effect.kind.clone()).or_default() += 1;
        let key = (effect.vendor.clone(), effect.kind.clone(), effect.order.clone(), effect.key.clone());
        *self.same.entry(key).or_default() += 1;
        self.all.push(effect);
    }

    /// Effects of a vendor, or of all.
    pub(crate) fn count(&self, vendor: Option<&str>, kind: Option<&str>) -> u64 {
        let wanted = |name: &str| vendor.is_none_or(|vendor| vendor == name);
        let kinds = self.counts.iter().filter(|(name, _)| wanted(name)).flat_map(|(_, kinds)| kinds);
        kinds.filter(|(name, _)| kind.is_none_or(|kind| kind == name.as_str())).map(|(_, count)| count).sum()
    }

    /// The page of `GET /_sandbox/effects`.
    pub(crate) fn show(&self, filter: &Filter<'_>) -> Value {
        let list: Vec<Value> = self.all.iter().filter(|effect| filter.takes(effect)).map(show_one).collect();
        let duplicates: Vec<Value> = self
            .same
            .iter()
            .filter(|((vendor, kind, order, key), count)| {
                **count > 1 && filter.takes_parts(vendor, kind, order.as_deref(), key)
            })
            .map(|((vendor, kind, order, key), count)| {
                json!({"vendor": vendor, "kind": kind, "order": order, "key": key, "count": count})
            })
            .collect();
        let counts: BTreeMap<&String, &BTreeMap<String, u64>> =
            self.counts.iter().filter(|(vendor, _)| filter.vendor.is_none_or(|wanted| wanted == *vendor)).collect();
        if filter.list {
            json!({"vendors": counts, "total": self.all.len(), "duplicates": duplicates, "effects": list})
        } else {
            json!({"vendors": counts, "total": self.all.len(), "duplicates": duplicates})
        }
    }
}

fn show_one(effect: &Effect) -> Value {
    json!({"vendor": effect.vendor, "kind": effect.kind, "order": effect.order, "key": effect.key,
           "at": clock::utc_millis(effect.at)})
}

/// Which effects to list.
pub(crate) struct Filter<'a> {
    pub(crate) vendor: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) order: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    /// `false` leaves the single effects out.
    pub(crate) list: bool,
}

impl Filter<'_> {
    fn takes(&self, effect: &Effect) -> bool {
        self.takes_parts(&effect.vendor, &effect.kind, effect.order.as_deref(), &effect.key)
    }

    fn takes_parts(&self, vendor: &str, kind: &str, order: Option<&str>, key: &str) -> bool {
        self.vendor.is_none_or(|wanted| wanted == vendor)
            && self.kind.is_none_or(|wanted| wanted == kind)
            && self.order.is_none_or(|wanted| Some(wanted) == order)
            && self.key.is_none_or(|wanted| wanted == key)
    }
}
