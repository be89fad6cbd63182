//! What every crate has, and which way the arrows point.

use super::source::{File, files};
use super::{cargo, nobody};
use serde_json::Value;

/// From the roof to the ground: a crate depends only on what stands after it. Functions stand on `lambda-kit` alone.
const ORDER: [&str; 13] = [
    "backhaul",
    "lambda-kit",
    "aws",
    "sqlite",
    "http-sender",
    "vendor-sandbox",
    "console",
    "worker",
    "inbox",
    "kit",
    "export-flow",
    "connectors",
    "domain",
];
/// They may stand on anything, and nothing that ships may stand on them.
const FOR_TESTS: [&str; 7] = ["testkit", "tests", "bench", "receipts", "bare-function", "simulator", "wire"];

fn packages() -> Vec<Value> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn manifests() -> Vec<File> {
    files().into_iter().filter(|file| file.path.ends_with("/Cargo.toml")).collect()
}

#[test]
fn every_crate_explains_itself_in_four_parts() {
    let all = files();
    let parts = ["what it is for", "not its job|what it is not", "invariants", "where to start reading"];
    let mut offenders = vec![];
    for manifest in manifests() {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let text = |name: &str| all.iter().find(|file| file.path == format!("{folder}{name}")).map(|file| &file.text);
        let readme = text("README.md").map_or("", String::as_str);
        let heads = readme.lines().filter(|line| line.starts_with(['#', '*'])).map(str::to_lowercase);
        let heads: Vec<String> = heads.collect();
        let missing =
            parts.iter().filter(|part| !part.split('|').any(|part| heads.iter().any(|head| head.contains(part))));
        offenders.extend(missing.map(|part| format!("{folder}README.md: no part {part:?}")));
        if text("src/lib.rs").is_some_and(|lib| !lib.starts_with("#![doc = include_str!(\"../README.md\")]")) {
            offenders.push(format!("{folder}src/lib.rs: does not begin with #![doc = include_str!(\"../README.md\")]"));
        }
    }
    nobody(offenders, "write the part into the crate's README.md, which is also its crate documentation");
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_workspace() {
    let mut offenders = vec![];
    for manifest in manifests() {
        let mut section = "";
        let mut lints = false;
        for (n, line) in manifest.text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                section = line;
            } else if section == "[lints]" {
                lints |= line == "workspace = true";
            } else if section.ends_with("dependencies]") && line.contains('=') && !line.starts_with('#') {
                let inherits = line.contains(".workspace = true")
                    || line.contains("workspace = true,")
                    || line.contains("workspace = true }");
                if !inherits {
                    offenders.push(format!("{}:{}: {line}", manifest.path, n + 1));
                }
            }
        }
        if !lints {
            offenders.push(format!("{}: no [lints] workspace = true", manifest.path));
        }
    }
    nobody(
        offenders,
        "put the version into [workspace.dependencies] of the root and write `name.workspace = true`; add `[lints]` with `workspace = true`",
    );
}

#[test]
fn every_manifest_is_a_member() {
    let members: Vec<String> =
        packages().iter().map(|p| p["manifest_path"].as_str().unwrap().replace('\\', "/")).collect();
    let lost = manifests()
        .into_iter()
        .map(|file| file.path)
        .filter(|path| !members.iter().any(|m| m.ends_with(&format!("/{path}"))));
    nobody(lost, "add the folder to [workspace] members in the root Cargo.toml");
}

#[test]
fn arrows_point_down() {
    let mut offenders = vec![];
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        if FOR_TESTS.contains(&name) {
            continue;
        }
        if package["manifest_path"].as_str().unwrap().replace('\\', "/").contains("/functions/") {
            let ours = package["dependencies"].as_array().unwrap().iter().filter(|on| on["path"].is_string());
            let other =
                ours.filter(|on| on["name"] != "lambda-kit").map(|on| format!("{name} depends on {}", on["name"]));
            offenders.extend(other);
            continue;
        }
        let Some(height) = ORDER.iter().position(|n| *n == name) else {
            offenders.push(format!("{name} has no place in the order"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let on = dependency["name"].as_str().unwrap();
            let ours = dependency["path"].is_string();
            if !ours || dependency["kind"] == "dev" {
                continue;
            }
            let down = ORDER.iter().position(|n| *n == on).is_some_and(|place| place > height);
            if !down {
                offenders.push(format!("{name} depends on {on}"));
            }
        }
    }
    nobody(
        offenders,
        "declare a port where it is needed and implement it above, or give a new crate its place in this test's ORDER",
    );
}
