//! A connector is one folder and one registry line.

use super::nobody;
use super::source::{files, shipped};
use std::collections::BTreeMap;

const REGISTRY: &str = "shared/connectors/src/registry.rs";

/// Connectors by their id, with their folders: every folder with a `spec.rs`.
fn connectors() -> BTreeMap<String, String> {
    let all = shipped();
    let folders = all.iter().filter_map(|file| {
        let folder = file.path.strip_suffix("/spec.rs").filter(|f| f.starts_with("shared/connectors/src/"))?;
        let id = file.code().find_map(|(_, line)| line.trim().strip_prefix("id: \"")?.strip_suffix("\","));
        Some((id.unwrap_or_else(|| panic!("{}: no line `id: \"…\",`", file.path)).to_owned(), folder.to_owned()))
    });
    folders.collect()
}

#[test]
fn every_connector_has_one_folder_of_its_name_and_one_registry_line() {
    let connectors = connectors();
    assert!(!connectors.is_empty(), "no connector was found");
    let all = shipped();
    let registry = all.iter().find(|file| file.path == REGISTRY).unwrap();
    let lines: Vec<&str> = registry.code().map(|(_, l)| l.trim()).filter(|l| l.starts_with("crate::")).collect();
    let mut offenders = vec![];
    for (id, folder) in &connectors {
        if folder.rsplit('/').next() != Some(&id.replace('-', "_")) {
            offenders.push(format!("{folder}: the folder is not called like its connector, {id}"));
        }
        let path = folder.trim_start_matches("shared/connectors/src/").replace('/', "::");
        if lines.iter().filter(|line| line.starts_with(&format!("crate::{path}::"))).count() != 1 {
            offenders.push(format!("{folder}: not exactly one line in {REGISTRY}"));
        }
    }
    if lines.len() != connectors.len() {
        offenders.push(format!("{REGISTRY}: {} lines for {} folders", lines.len(), connectors.len()));
    }
    nobody(
        offenders,
        "a connector is one folder shared/connectors/src/<kind>/<id> with a spec.rs, and one line in the registry",
    );
}

#[test]
fn a_connector_is_named_in_its_folder_and_its_registry_line_only() {
    let connectors = connectors();
    // The practice vendors and the demo that plays with them name what they imitate. Carriers go by names of their own,
    // whoever carries for them.
    let free = ["shared/vendor-sandbox/", "infra/local/src/demo", "shared/domain/src/likeness.rs", REGISTRY];
    let all = shipped();
    let mut offenders = vec![];
    for file in all.iter().filter(|file| !free.iter().any(|place| file.path.starts_with(place))) {
        for (id, folder) in &connectors {
            if file.path.starts_with(&format!("{folder}/")) {
                continue;
            }
            let declaration = format!("mod {};", id.replace('-', "_"));
            let named = file.code().filter(|(_, line)| line.to_lowercase().contains(id.as_str()));
            let named = named.filter(|(_, line)| !line.trim().ends_with(&declaration));
            offenders.extend(named.map(|(n, line)| format!("{}:{n}: {}", file.path, line.trim())));
        }
    }
    nobody(offenders, "say it as data in the connector's spec.rs, or as a method of its contract, and read that here");
}

#[test]
fn every_connector_says_what_it_does_its_quirks_its_limits_and_when_that_was_checked() {
    let all = files();
    let mut offenders = vec![];
    for folder in connectors().values() {
        let path = format!("{folder}/README.md");
        let text = all.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
        for part in ["## What it does", "## Quirks", "## Limits", "## Checked"] {
            if !text.contains(part) {
                offenders.push(format!("{path}: no part {part:?}"));
            }
        }
        let dated = text.split("## Checked").nth(1).is_some_and(|rest| rest.contains("20"));
        if !dated {
            offenders.push(format!("{path}: no date under \"## Checked\""));
        }
    }
    nobody(
        offenders,
        "write the part: what it does, its quirks, its limits, and the date on which the vendor's pages were read",
    );
}
