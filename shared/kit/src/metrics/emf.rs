//! The embedded metric format.

use super::{Series, Set, Unit};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const NAMESPACE: &str = "Backhaul";
/// Values that one metric may have in one line.
const VALUES_MAX: usize = 100;

/// The lines of one set of dimensions: one, or more where a metric has more values than one line may hold.
pub(super) fn lines(set: &Set, metrics: &BTreeMap<&'static str, Series>, now: Timestamp) -> Vec<Value> {
    let mut pages: Vec<Vec<(&'static str, Unit, Value)>> = vec![vec![]];
    for (name, series) in metrics {
        for (n, (unit, value)) in values(series).into_iter().enumerate() {
            if n == pages.len() {
                pages.push(vec![]);
            }
            if let Some(page) = pages.get_mut(n) {
                page.push((*name, unit, value));
            }
        }
    }
    pages.into_iter().filter(|page| !page.is_empty()).map(|page| line(set, page, now)).collect()
}

fn values(series: &Series) -> Vec<(Unit, Value)> {
    match series {
        Series::Count(n) => vec![(Unit::Count, json!(n))],
        Series::Gauge(n, unit) => vec![(*unit, json!(n))],
        Series::Times(times) => times.chunks(VALUES_MAX).map(|some| (Unit::Milliseconds, json!(some))).collect(),
    }
}

fn line(set: &Set, page: Vec<(&'static str, Unit, Value)>, now: Timestamp) -> Value {
    let dimensions: Vec<&str> = set.keys().map(|dimension| dimension.name()).collect();
    let metrics: Vec<Value> = page.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": word(*unit)})).collect();
    let directive = json!({"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics});
    let mut line = Map::new();
    line.insert("_aws".into(), json!({"Timestamp": now.as_millisecond(), "CloudWatchMetrics": [directive]}));
    line.insert("event".into(), "metrics".into());
    line.extend(set.iter().map(|(dimension, value)| (dimension.name().to_owned(), value.as_str().into())));
    line.extend(page.into_iter().map(|(name, _, value)| (name.to_owned(), value)));
    Value::Object(line)
}

const fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "Count",
        Unit::Milliseconds => "Milliseconds",
        Unit::Seconds => "Seconds",
    }
}
