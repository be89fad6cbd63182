//! What may be in the build.

use super::{nobody, root};
use std::collections::BTreeMap;

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
