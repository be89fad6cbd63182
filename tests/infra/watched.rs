//! Alarms, dashboard and saved queries speak of what the code says, and tell a person what to do.

use super::source::{code, nobody, root};
use super::template::{all_of, listed, properties, texts};
use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the code counts, and by what else than altogether.
const METRICS: [(&str, &[&str]); 18] = [
    ("Arrivals", &["", "Role"]),
    ("WebhooksRefused", &["", "Reason"]),
    ("Delivered", &["", "Connector,Operation"]),
    ("Held", &["", "Reason"]),
    ("AttemptsFailed", &["", "Connector,Code"]),
    ("Dead", &["", "Connector,Code"]),
    ("Uncertain", &[""]),
    ("Skipped", &["", "Reason"]),
    ("DuplicatesSuppressed", &[""]),
    ("TimeToTarget", &["", "Connector"]),
    ("ColdStarts", &["Function"]),
    ("OldestWaitingSeconds", &[""]),
    ("ConnectionsPaused", &[""]),
    ("UncertainNow", &[""]),
    ("DeadNow", &[""]),
    ("HeldNow", &[""]),
    ("CredentialsExpiring", &[""]),
    ("SilentSources", &[""]),
];

fn is_known(name: &str, dimensions: &str) -> bool {
    METRICS.iter().any(|(metric, by)| *metric == name && by.contains(&dimensions))
}

/// Name and dimensions of every metric of ours that an alarm looks at.
fn in_alarms() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (_, alarm) in all_of("AWS::CloudWatch::Alarm") {
        let single = alarm.clone();
        let many = alarm["Metrics"].as_array().cloned().unwrap_or_default();
        let many = many.into_iter().map(|metric| metric["MetricStat"]["Metric"].clone());
        for metric in many.chain([single]).filter(|metric| metric["Namespace"] == "Backhaul") {
            let dimensions = metric["Dimensions"].as_array().cloned().unwrap_or_default();
            let dimensions: Vec<&str> =
                dimensions.iter().map(|dimension| dimension["Name"].as_str().unwrap()).collect();
            found.insert((metric["MetricName"].as_str().unwrap().to_owned(), dimensions.join(",")));
        }
    }
    assert!(found.len() > 5, "the alarms were not read");
    found
}

fn dashboard() -> Value {
    let body = properties("Dashboard")["DashboardBody"]["Fn::Sub"].as_str().unwrap().to_owned();
    serde_json::from_str(&Regex::new(r"\$\{[^}]+\}").unwrap().replace_all(&body, "x")).unwrap()
}

/// The same for the dashboard.
fn in_dashboard() -> BTreeSet<(String, String)> {
    let search = Regex::new(r#"SEARCH\('\{Backhaul,([A-Za-z,]+)\} MetricName="([A-Za-z]+)"'"#).unwrap();
    let mut found = BTreeSet::new();
    for widget in dashboard()["widgets"].as_array().unwrap() {
        for metric in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            if metric[0] == "Backhaul" {
                let rest = metric.as_array().unwrap()[2..].iter().filter_map(Value::as_str).step_by(2);
                let dimensions = rest.collect::<Vec<_>>().join(",");
                found.insert((metric[1].as_str().unwrap().to_owned(), dimensions));
            } else if let Some(expression) = metric[0]["expression"].as_str().filter(|text| text.contains("SEARCH")) {
                let (_, [dimensions, name]) = search.captures(expression).unwrap().extract();
                found.insert((name.to_owned(), dimensions.to_owned()));
            }
        }
    }
    assert!(found.len() > 10, "the dashboard was not read");
    found
}

#[test]
fn only_metrics_that_exist_are_watched() {
    let strangers = in_alarms().into_iter().chain(in_dashboard()).filter(|(name, by)| !is_known(name, by));
    nobody(
        strangers.map(|(name, by)| format!("{name} by [{by}]")),
        "nothing counts this: an alarm on it never rings, a graph of it stays empty",
    );
}

#[test]
fn every_metric_is_one_that_the_code_writes_and_stands_on_the_dashboard() {
    let code = code(&["shared", "functions"]);
    let names: Vec<&str> = METRICS.iter().map(|(name, _)| *name).collect();
    let shown: BTreeSet<String> = in_dashboard().into_iter().map(|(name, _)| name).collect();
    nobody(
        names.iter().filter(|name| !shown.contains(**name)).map(|name| (*name).to_owned()),
        "show it on the dashboard",
    );
    let unwritten = names.iter().filter(|name| !code.contains(&format!("\"{name}\"")));
    nobody(unwritten.map(|name| (*name).to_owned()), "no code writes this metric");
}

#[test]
fn every_alarm_says_what_to_do_rings_and_has_a_page() {
    let page = Regex::new(r"Runbook: (infra/docs/runbooks/[a-z-]+\.md)$").unwrap();
    let mut pages = BTreeSet::new();
    let alarms = all_of("AWS::CloudWatch::Alarm");
    assert!(alarms.len() >= 10);
    for (id, alarm) in alarms {
        let text = alarm["AlarmDescription"].as_str().unwrap();
        let named = page.captures(text).unwrap_or_else(|| panic!("{id} names no runbook: {text}"))[1].to_owned();
        assert!(root().join(&named).is_file(), "{id}: {named} is not there");
        assert!(text.len() > 150 && text.len() < 1024, "{id} says too little or too much");
        assert_eq!(alarm["AlarmActions"], json!([{"Ref": "Alarms"}]), "{id}");
        let told = std::fs::read_to_string(root().join(&named)).unwrap();
        assert!(told.contains(&format!("`{id}`")), "{named} does not say that it is about {id}");
        pages.insert(named);
    }
    let there = std::fs::read_dir(root().join("infra/docs/runbooks")).unwrap();
    let there = there.map(|entry| format!("infra/docs/runbooks/{}", entry.unwrap().file_name().to_string_lossy()));
    nobody(there.filter(|path| !pages.contains(path)), "no alarm names this page");
}

#[test]
fn saved_queries_ask_for_events_that_the_code_logs() {
    let code = code(&["shared", "functions"]);
    let event = Regex::new(r#"event (?:= |in \[)((?:"[a-z_.]+"(?:, )?)+)"#).unwrap();
    let queries = all_of("AWS::Logs::QueryDefinition");
    assert_eq!(queries.len(), 6);
    let mut unknown = vec![];
    let mut asked = 0;
    for (id, query) in queries {
        let text = query["QueryString"].as_str().unwrap();
        for events in event.captures_iter(text) {
            for name in events[1].split(", ").map(|name| name.trim_matches('"')) {
                asked += 1;
                if !code.contains(&format!("event = \"{name}\"")) {
                    unknown.push(format!("{id}: {name}"));
                }
            }
        }
        let groups = listed(&query["LogGroupNames"]);
        assert!(groups.iter().all(|group| texts(group)[0].ends_with("Log")), "{id} reads no log group of ours");
    }
    assert!(asked > 8, "the queries were not read");
    nobody(unknown, "the code logs no such event");
}
