//! What became of the day: the table, and whether it is right. Effects are those that the practice vendors counted
//! themselves, apart from calls.

use super::script::Expected;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What was asked of both sides at the end.
pub(super) struct Day {
    /// Every export, as the API lists them; dead ones with their log.
    pub(super) exports: Vec<Value>,
    /// `GET /overview`.
    pub(super) overview: Value,
    /// `GET /_sandbox/effects`.
    pub(super) effects: Value,
}

/// One kind of thing at one target, the practice vendor behind it, and the effects that are one of it.
struct Line {
    title: &'static str,
    operation: &'static str,
    target: &'static str,
    vendor: &'static str,
    effects: &'static [&'static str],
}

const LINES: [Line; 4] = [
    Line {
        title: "Invoices to the shop",
        operation: "send_invoice",
        target: "shop",
        vendor: "magento",
        effects: &["invoices"],
    },
    Line {
        title: "Invoices to the marketplace",
        operation: "send_invoice",
        target: "market",
        vendor: "mirakl",
        effects: &["documents"],
    },
    Line {
        title: "Tracking to the shop",
        operation: "send_tracking",
        target: "shop",
        vendor: "magento",
        effects: &["tracks"],
    },
    Line {
        title: "Tracking to the marketplace",
        operation: "send_tracking",
        target: "market",
        vendor: "mirakl",
        effects: &["tracking", "shipments"],
    },
];

impl Day {
    fn count(&self, state: &str) -> u64 {
        self.exports.iter().filter(|export| export["state"] == state).count() as u64
    }

    fn of(&self, line: &Line, state: &str) -> usize {
        let fits = |export: &&Value| {
            export["operation"] == line.operation && export["target"] == line.target && export["state"] == state
        };
        self.exports.iter().filter(fits).count()
    }

    /// Effects per order.
    fn effects(&self, line: &Line) -> BTreeMap<String, usize> {
        let mut effects = BTreeMap::new();
        for effect in self.effects["effects"].as_array().into_iter().flatten() {
            let kind = effect["kind"].as_str().unwrap_or_default();
            if effect["vendor"] == line.vendor && line.effects.contains(&kind) {
                *effects.entry(effect["order"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
        effects
    }

    /// The table as text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut row = |cells: [&str; 7]| {
            let [title, rest @ ..] = cells;
            let rest: String = rest.iter().map(|cell| format!("{cell:>11}")).collect();
            writeln!(text, "  {title:<28}{rest}").ok();
        };
        row(["", "delivered", "held", "skipped", "dead", "effects", ""]);
        for line in &LINES {
            let [delivered, held, skipped, dead] =
                ["delivered", "held", "skipped", "dead"].map(|state| self.of(line, state));
            let effects: usize = self.effects(line).values().sum();
            let right = if effects == delivered { "=" } else { "WRONG" };
            let numbers = [delivered, held, skipped, dead, effects].map(|n| n.to_string());
            let [delivered, held, skipped, dead, effects] = numbers.each_ref().map(String::as_str);
            row([line.title, delivered, held, skipped, dead, effects, right]);
        }
        let looks = |state: &str| {
            let fits = |export: &&Value| export["target"].is_null() && export["state"] == state;
            self.exports.iter().filter(fits).count().to_string()
        };
        row(["Of no known order", "", &looks("held"), &looks("skipped"), &looks("dead"), "", ""]);
        let totals = ["delivered", "held", "skipped", "dead"].map(|state| self.count(state).to_string());
        let [delivered, held, skipped, dead] = totals.each_ref().map(String::as_str);
        row(["Together", delivered, held, skipped, dead, "", ""]);
        writeln!(text, "  Duplicates suppressed: {}", self.overview["duplicates_suppressed"]).ok();
        self.dead_letters(&mut text);
        text
    }

    fn dead_letters(&self, text: &mut String) {
        for export in self.exports.iter().filter(|export| export["state"] == "dead") {
            let last = export["attempt_log"].as_array().and_then(|log| log.last()).cloned().unwrap_or_default();
            let said = last["message"].as_str().unwrap_or_default().replace('\n', " ");
            let number = export["subject"]["number"].as_str().unwrap_or("?");
            let target = export["target"].as_str().unwrap_or("?");
            let code = export["code"].as_str().unwrap_or("?");
            let attempts = &export["attempts"];
            writeln!(text, "  Dead letter {number} to {target}, {attempts} attempts, {code}: {said}").ok();
        }
    }

    /// Everything that is not as it must be; empty if all is right.
    pub(super) fn wrong(&self, expected: &Expected) -> Vec<String> {
        let mut wrong = vec![];
        let mut must = |what: &str, is: u64, be: u64| {
            if is != be {
                wrong.push(format!("{what}: {is}, must be {be}"));
            }
        };
        must("delivered", self.count("delivered"), expected.delivered);
        must("held", self.count("held"), expected.held);
        must("skipped", self.count("skipped"), expected.skipped);
        must("dead", self.count("dead"), expected.dead);
        for state in ["sending", "retrying", "accepted", "uncertain", "expired"] {
            must(state, self.count(state), 0);
        }
        for line in &LINES {
            let effects = self.effects(line);
            must(line.title, effects.values().sum::<usize>() as u64, self.of(line, "delivered") as u64);
            must(line.title, effects.values().filter(|count| **count > 1).count() as u64, 0);
        }
        let doubled = self.effects["duplicates"].as_array().map_or(0, Vec::len);
        must("effects made twice", doubled as u64, 0);
        let suppressed = self.overview["duplicates_suppressed"].as_u64().unwrap_or(0);
        if suppressed < expected.duplicates_min {
            wrong.push(format!("duplicates suppressed: {suppressed}, must be at least {}", expected.duplicates_min));
        }
        let told = |export: &&Value| export["attempt_log"].as_array().is_some_and(|log| log.len() == 3);
        let untold = self.exports.iter().filter(|e| e["state"] == "dead").filter(|e| !told(e)).count();
        if untold > 0 {
            wrong.push(format!("{untold} dead letters without their three attempts"));
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EXPECTED: Expected = Expected { delivered: 2, held: 0, skipped: 1, dead: 1, duplicates_min: 2 };

    fn day() -> Day {
        let export = |operation: &str, target: Value, state: &str| {
            json!({"operation": operation, "target": target, "state": state, "attempts": 3, "code": "vendor_refused",
                   "subject": {"number": "2026-0001"}, "attempt_log": [{}, {}, {"message": "no\nrule"}]})
        };
        Day {
            exports: vec![
                export("send_invoice", json!("shop"), "delivered"),
                export("send_tracking", json!("market"), "delivered"),
                export("send_invoice", json!("market"), "dead"),
                export("look", Value::Null, "skipped"),
                export("look", Value::Null, "planned"),
            ],
            overview: json!({"duplicates_suppressed": 2}),
            effects: json!({"duplicates": [], "effects": [
                {"vendor": "magento", "kind": "invoices", "order": "1", "key": "a"},
                {"vendor": "mirakl", "kind": "tracking", "order": "2", "key": "b"},
                {"vendor": "mirakl", "kind": "shipped", "order": "2", "key": "2"},
            ]}),
        }
    }

    #[test]
    fn a_right_table_has_nothing_wrong() {
        assert_eq!(day().wrong(&EXPECTED), Vec::<String>::new());
        let text = day().text();
        assert!(text.contains("Dead letter 2026-0001 to market, 3 attempts, vendor_refused: no rule"), "{text}");
        assert!(!text.contains("WRONG"), "{text}");
    }

    #[test]
    fn an_effect_too_many_or_too_few_is_told() {
        let mut twice = day();
        let again = twice.effects["effects"][0].clone();
        twice.effects["effects"].as_array_mut().unwrap().push(again);
        assert_eq!(twice.wrong(&EXPECTED).len(), 2, "{:?}", twice.wrong(&EXPECTED));
        assert!(twice.text().contains("WRONG"));
        let mut none = day();
        none.effects["effects"].as_array_mut().unwrap().remove(0);
        assert_eq!(none.wrong(&EXPECTED), ["Invoices to the shop: 0, must be 1"]);
    }

    #[test]
    fn what_is_missing_or_unfinished_is_told() {
        let mut day = day();
        day.exports[0]["state"] = json!("retrying");
        day.overview["duplicates_suppressed"] = json!(1);
        let wrong = day.wrong(&EXPECTED).join("; ");
        for part in ["delivered: 1, must be 2", "retrying: 1", "at least 2"] {
            assert!(wrong.contains(part), "{wrong}");
        }
    }
}
