//! The list of documents: named parameters in the path, two defaults that hide documents, ranges of whole days.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::{Document, SuperFaktura};
use crate::clock::{self, Millis};
use crate::http::Answer;

const PER_PAGE: usize = 50;
const PER_PAGE_MAX: usize = 200;

/// `name:value`, decoded, in the order sent; of several the last counts.
struct Named<'a>(&'a [String]);

impl Named<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let value = |part: &'_ String| part.split_once(':').filter(|(key, _)| *key == name).is_some();
        let part = self.0.iter().rev().find(|part| value(part))?;
        part.split_once(':').map(|(_, value)| value)
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }

    /// Whether a time lies in the filter's, by its constant (value-lists.md).
    fn includes(&self, filter: &str, default: &str, at: Millis, now: DateTime) -> bool {
        let (at, today) = (clock::local(at), now.date());
        let day = |name: &str| Date::strptime("%Y-%m-%d", self.get(&format!("{filter}_{name}"))?).ok();
        match self.get(filter).unwrap_or(default) {
            "0" => true,
            "1" => at.date() == today,
            "2" => Some(at.date()) == today.yesterday().ok(),
            // Whole days: a time of the day is not part of it.
            "3" => day("since").zip(day("to")).is_some_and(|(since, to)| since <= at.date() && at.date() <= to),
            "4" => (at.year(), at.month()) == (now.year(), now.month()),
            "6" => at.year() == now.year(),
            "11" => at <= now && now.saturating_sub(jiff::Span::new().minutes(60)) <= at,
            "12" => (at.date(), at.hour()) == (today, now.hour()),
            _ => false,
        }
    }
}

impl SuperFaktura {
    pub(super) fn list(&self, parameters: &[String], now: Millis) -> Answer {
        let named = Named(parameters);
        let local = clock::local(now);
        let types: Vec<&str> = named.get("type").unwrap_or("regular").split('|').collect();
        let equals = |name: &str, value: Option<&str>| named.get(name).is_none_or(|wanted| value == Some(wanted));
        let fits = |document: &&Document| {
            types.contains(&document.kind.as_str())
                && named.includes("created", "6", document.created, local)
                && named.includes("modified", "0", document.modified, local)
                && equals("order_no", document.order_no.as_deref())
                && equals("variable", document.variable.as_deref())
                && equals("invoice_no_formatted", Some(&document.number))
                && equals("status", Some(&document.status))
        };
        // By id where asked for; else by a count that rises with it. Downwards unless asked otherwise.
        let mut all: Vec<&Document> = self.documents.values().filter(fits).collect();
        if !named.get("direction").is_some_and(|direction| direction.eq_ignore_ascii_case("asc")) {
            all.reverse();
        }
        let page = named.number("page").unwrap_or(1).max(1);
        let per_page = named.number("per_page").unwrap_or(PER_PAGE).clamp(1, PER_PAGE_MAX);
        let shown = all.iter().skip((page - 1).saturating_mul(per_page)).take(per_page);
        let items: Vec<Value> = shown.map(|document| document.json()).collect();
        if named.get("listinfo") != Some("1") {
            return Answer::json(200, &items.into());
        }
        let filtered = parameters.iter().any(|part| !part.starts_with("listinfo:") && !part.starts_with("page:"));
        Answer::json(
            200,
            &json!({"filtered": filtered, "itemCount": all.len(), "items": items, "page": page,
                    "pageCount": all.len().div_ceil(per_page), "perPage": per_page}),
        )
    }
}
