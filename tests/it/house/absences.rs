//! What must not be there.

use super::source::shipped;
use super::{cargo, nobody};

/// Crates of the cloud, of the network, of stores and runtimes.
const OUTSIDE: [&str; 12] =
    ["aws-", "reqwest", "hyper", "tokio", "async-std", "smol", "rustls", "rusqlite", "axum", "ureq", "curl", "mio"];

/// A package's dependencies, and theirs, without those of its tests.
fn dependencies(package: &str) -> Vec<String> {
    let tree = cargo(&["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn brought_in(package: &str) -> Vec<String> {
    let outside = |name: &String| OUTSIDE.iter().any(|o| name == o || (o.ends_with('-') && name.starts_with(o)));
    let mut found: Vec<String> = dependencies(package).into_iter().filter(outside).collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|name| format!("{package} depends on {name}")).collect()
}

fn named_in(folder: &str, words: &[&str]) -> Vec<String> {
    shipped().iter().filter(|file| file.path.starts_with(folder)).flat_map(|file| file.lines_with(words)).collect()
}

#[test]
fn the_domain_does_no_input_or_output() {
    const FIX: &str = "domain is words and rules: let the caller read or write, and give domain the value";
    let words = ["std::fs", "std::net", "std::process", "std::env", "std::io", "std::thread", "SystemTime", "Instant"];
    nobody(named_in("shared/domain/", &words), FIX);
    nobody(brought_in("domain"), FIX);
}

#[test]
fn connectors_and_engine_name_neither_cloud_nor_client_nor_runtime() {
    const FIX: &str =
        "connectors and export-flow reach the world through ports only: move the call behind the port that needs it";
    let words =
        ["tokio", "reqwest", "hyper", "aws_", "aws-", "rusqlite", "std::fs", "std::net", "std::process", "std::thread"];
    for package in ["connectors", "export-flow"] {
        nobody(named_in(&format!("shared/{package}/"), &words), FIX);
        nobody(brought_in(package), FIX);
    }
}

#[test]
fn only_one_crate_names_the_cloud_and_no_default_member_needs_it() {
    const FIX: &str = "the AWS SDK is named in shared/aws alone; what needs it there stays out of default-members";
    let elsewhere = shipped().into_iter().filter(|file| !file.path.starts_with("shared/aws/"));
    nobody(elsewhere.flat_map(|file| file.lines_with(&["aws_sdk", "aws-sdk", "aws_smithy"])), FIX);
    // In the root folder, cargo speaks of the default members.
    let tree = cargo(&["tree", "--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}"]);
    assert!(tree.contains("backhaul v"), "{tree}");
    nobody(tree.lines().filter(|line| line.starts_with("aws")).map(str::to_owned), FIX);
}

#[test]
fn only_the_edge_reads_clock_randomness_and_environment() {
    let words = [
        "Timestamp::now",
        "Zoned::now",
        "SystemTime",
        "Instant::now",
        "std::env",
        "env::var",
        "SystemRandom",
        "getrandom",
        "thread_rng",
        "rand::rng",
    ];
    // The practice vendors stand for the world outside, which has its own time.
    let edge = ["shared/kit/", "shared/vendor-sandbox/", "infra/local/src/", "functions/"];
    let offenders = shipped();
    let offenders = offenders.iter().filter(|file| !edge.iter().any(|folder| file.path.starts_with(folder)));
    nobody(
        offenders.flat_map(|file| file.lines_with(&words)),
        "take time and randomness as arguments (connectors::Clock, connectors::Entropy) and settings from the main; only kit and the mains read them",
    );
}

#[test]
fn only_the_sender_names_the_outward_client() {
    // The SDK's own calls go over the same client, to AWS and nowhere else.
    let theirs = ["shared/http-sender/", "shared/aws/src/http.rs"];
    let offenders = shipped();
    let offenders = offenders.iter().filter(|file| !theirs.iter().any(|ours| file.path.starts_with(ours)));
    nobody(
        offenders.flat_map(|file| file.lines_with(&["reqwest"])),
        "call out through the Http port; http-sender is the only client that calls vendors",
    );
}
