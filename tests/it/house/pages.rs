//! Pages name only what is there.

use super::source::{File, files_named, shipped};
use super::{nobody, root};

fn folder(file: &File) -> &str {
    file.path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut offenders = vec![];
    for page in files_named(".md") {
        for (_, [target]) in link.captures_iter(&page.text).map(|found| found.extract()) {
            let path = target.split('#').next().unwrap_or_default();
            let elsewhere = path.is_empty() || path.contains(':') || path.starts_with('/') || path.starts_with("crate");
            if !elsewhere && !root().join(folder(&page)).join(path).exists() {
                offenders.push(format!("{}: {target}", page.path));
            }
        }
    }
    nobody(offenders, "mend the link, or remove it with what it pointed at");
}

#[test]
fn every_path_a_page_names_is_there() {
    let path = regex::Regex::new(r"`((?:shared|infra|functions|tests)/[A-Za-z0-9_./-]+)`").unwrap();
    let mut offenders = vec![];
    for page in files_named(".md") {
        for (_, [named]) in path.captures_iter(&page.text).map(|found| found.extract()) {
            let beside = root().join(folder(&page)).join(named);
            if !root().join(named).exists() && !beside.exists() {
                offenders.push(format!("{}: {named}", page.path));
            }
        }
    }
    nobody(offenders, "mend the path; a page describes what is there");
}

#[test]
fn the_page_of_log_lines_names_every_event_and_only_those() {
    const PAGE: &str = "infra/docs/logs.md";
    let event = regex::Regex::new(r#"\bevent = "([a-z_.]+)""#).unwrap();
    let told: std::collections::BTreeSet<String> = shipped()
        .iter()
        .filter(|file| !file.path.starts_with("shared/vendor-sandbox/"))
        .flat_map(|file| event.captures_iter(&file.text).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .collect();
    assert!(told.len() > 20, "the code was not read: {told:?}");
    let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let named = regex::Regex::new(r"`([a-z]+\.[a-z_]+)`").unwrap();
    let named: std::collections::BTreeSet<String> =
        named.captures_iter(&page).map(|found| found[1].to_owned()).collect();
    let missing = told.difference(&named).map(|event| format!("{PAGE}: {event} is missing"));
    let gone = named.difference(&told).map(|event| format!("{PAGE}: {event} is told nowhere"));
    nobody(missing.chain(gone), "say on the page what the event means and which fields it has, or take it out");
}
