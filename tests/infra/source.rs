//! What the code says.

use std::fs;
use std::path::{Path, PathBuf};

/// The checkout's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails with the fix and every offender.
#[track_caller]
pub(crate) fn nobody(offenders: impl IntoIterator<Item = String>, fix: &str) {
    let offenders: Vec<String> = offenders.into_iter().collect();
    assert!(offenders.is_empty(), "{fix}\n  {}", offenders.join("\n  "));
}

/// The Rust text below some folders, without files that only tests compile.
pub(crate) fn code(folders: &[&str]) -> String {
    let mut text = String::new();
    for folder in folders {
        gather(&root().join(folder), &mut text);
    }
    assert!(!text.is_empty(), "no code in {folders:?}");
    text
}

fn gather(path: &Path, text: &mut String) {
    let name = path.file_name().unwrap().to_string_lossy();
    if path.is_dir() && !["tests", "examples", "benches", "target"].contains(&&*name) {
        let mut entries: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| gather(entry, text));
    } else if path.is_file() && name.ends_with(".rs") && !name.ends_with("tests.rs") {
        let file = fs::read_to_string(path).unwrap();
        // Tests stand last in a file.
        text.push_str(file.split("\n#[cfg(test)]\nmod ").next().unwrap());
    }
}
