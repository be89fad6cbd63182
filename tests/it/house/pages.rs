//! Pages name only what is there.

use super::source::{File, files_named};
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
