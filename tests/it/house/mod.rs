//! House rules. Each prints the fix, not only the fault.

mod absences;
mod connectors;
mod crates;
mod lock;
mod pages;
mod size;
mod source;

use std::path::PathBuf;
use std::process::Command;

/// The checkout's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails with the fix and every offender.
#[track_caller]
fn nobody(offenders: impl IntoIterator<Item = String>, fix: &str) {
    let offenders: Vec<String> = offenders.into_iter().collect();
    assert!(offenders.is_empty(), "{fix}\n  {}", offenders.join("\n  "));
}

/// What `cargo` answers, offline.
fn cargo(arguments: &[&str]) -> String {
    let out = Command::new(env!("CARGO")).args(arguments).args(["--offline"]).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}
