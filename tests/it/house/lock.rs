//! What may be in the build.

use super::{cargo, nobody, root};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

/// Licences that ask for no more than to be named.
const PERMISSIVE: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "MIT",
    "ISC",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Unicode-3.0",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
];

fn locked() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        let field = |line: &str, name: &str| Some(line.strip_prefix(name)?.trim_matches('"').to_owned());
        if let (Some(name), Some(version)) = (field(pair[0], "name = "), field(pair[1], "version = ")) {
            found.entry(name).or_default().push(version);
        }
    }
    assert!(found.len() > 50, "Cargo.lock was not read");
    found
}

#[test]
fn there_is_one_stack_for_http_and_tls() {
    let locked = locked();
    let one = ["reqwest", "hyper", "hyper-util", "rustls", "tokio-rustls", "ring", "http", "tokio", "webpki-roots"];
    let many =
        one.iter().filter_map(|name| Some((*name, locked.get(*name)?))).filter(|(_, versions)| versions.len() > 1);
    nobody(
        many.map(|(name, versions)| format!("{name} {}", versions.join(" and "))),
        "`cargo tree --invert <name>@<version>` says who brings the second one; drop that feature or dependency",
    );
}

#[test]
fn nothing_brings_another_tls_or_mocks() {
    let banned = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "mockall", "ureq", "curl"];
    let locked = locked();
    nobody(
        banned.iter().filter(|name| locked.contains_key(**name)).map(|name| (*name).to_owned()),
        "`cargo tree --invert <name>` says who brings it: TLS is rustls on ring, and tests have fakes, not mocks",
    );
}

/// Whether a licence expression (SPDX; the older `/` means `OR`) can be met with permissive licences alone.
fn is_permissive(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest) && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut met = all(rest);
    while let ["OR", tail @ ..] = rest {
        *rest = tail;
        met |= all(rest);
    }
    met
}

fn all(rest: &mut &[&str]) -> bool {
    let mut met = one(rest);
    while let ["AND", tail @ ..] = rest {
        *rest = tail;
        met &= one(rest);
    }
    met
}

fn one(rest: &mut &[&str]) -> bool {
    match rest {
        ["(", tail @ ..] => {
            *rest = tail;
            let met = any(rest);
            *rest = rest.strip_prefix(&[")"]).unwrap_or(&[]);
            met
        }
        // An exception only allows more.
        [licence, "WITH", _, tail @ ..] | [licence, tail @ ..] => {
            *rest = tail;
            PERMISSIVE.contains(licence)
        }
        [] => false,
    }
}

/// What this machine would build, and where it comes from.
fn packages() -> Vec<Value> {
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(rustc.stdout).unwrap();
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = cargo(&["metadata", "--format-version", "1", "--filter-platform", host]);
    serde_json::from_str::<Value>(&metadata).unwrap()["packages"].as_array().unwrap().clone()
}

#[test]
fn every_dependency_is_permissive_and_comes_from_a_registry() {
    let mut offenders = vec![];
    for package in packages() {
        let text = |field: &str| package[field].as_str().unwrap_or("none").to_owned();
        if !is_permissive(&text("license")) {
            offenders.push(format!("{}: licence {}", text("name"), text("license")));
        }
        let ours = package["source"].is_null();
        if !ours && !text("source").starts_with("registry+") {
            offenders.push(format!("{}: from {}", text("name"), text("source")));
        }
    }
    nobody(
        offenders,
        "do without the dependency, or add a licence that asks for no more than to be named to PERMISSIVE",
    );
}

#[test]
fn a_licence_expression_is_read_as_written() {
    for met in
        ["MIT", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(MIT OR GPL-2.0) AND ISC", "Apache-2.0 WITH LLVM-exception OR MIT"]
    {
        assert!(is_permissive(met), "{met}");
    }
    for not_met in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND MPL-2.0", "none", "", "MIT MIT"] {
        assert!(!is_permissive(not_met), "{not_met}");
    }
}
