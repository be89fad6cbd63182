//! What the pages say, read from their sources and templates.

use super::folder::{Gaps, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How a text is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As it stands.
    Plain,
    /// With a number.
    Number,
    /// With gaps that it names.
    Filled,
}

impl Way {
    /// Whether a text with these gaps is said whole.
    pub(super) fn fills(self, gaps: &Gaps) -> bool {
        match self {
            Self::Plain => gaps.is_empty(),
            Self::Number => gaps.iter().eq(["n"]),
            Self::Filled => !gaps.is_empty(),
        }
    }
}

/// As functions: before the name, which ends the text.
const BEFORE: &[(&str, Way)] =
    &[("say(", Way::Plain), ("say_n(", Way::Number), ("say_with(", Way::Filled), ("fill(", Way::Filled)];
/// As filters: behind it. The longer ones first.
const BEHIND: &[(&str, Way)] =
    &[("|say_with(", Way::Filled), ("|say_both(", Way::Filled), ("|say_n(", Way::Number), ("|say", Way::Plain)];

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let read = path.extension().is_some_and(|ending| ending == "rs" || ending == "html");
        let of_tests = path.ends_with("texts/tests") || path.ends_with("texts/tests.rs");
        if path.is_dir() && !of_tests {
            files(&path, into);
        } else if read && !of_tests {
            into.push(path);
        }
    }
}

/// Sources and templates by their place in the crate, without comments.
fn sources() -> Vec<(String, String)> {
    let mut paths = vec![];
    files(&root().join("src"), &mut paths);
    files(&root().join("templates"), &mut paths);
    let code = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let place = |path: &PathBuf| path.strip_prefix(root()).unwrap().display().to_string();
    paths.iter().map(|path| (place(path), code(path))).collect()
}

/// What stands between two quotation marks, with what is before and behind. Where a name stands inside other quotation
/// marks, as in an attribute, it is met between the next two.
fn quoted(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let marks: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let pairs: Vec<(usize, usize)> = marks.iter().copied().zip(marks.iter().copied().skip(1)).collect();
    pairs.into_iter().map(|(from, to)| (&text[..from], &text[from + 1..to], &text[to + 1..]))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Every text that is said by its name: where, how, and which.
pub(super) fn calls() -> Vec<(String, Way, String)> {
    let mut found = vec![];
    for (file, text) in sources() {
        for (before, name, behind) in quoted(&text).filter(|(_, name, _)| is_name(name)) {
            let before = before.trim_end();
            let function =
                BEFORE.iter().find(|(call, _)| before.ends_with(call) && !before.ends_with(&format!("|{call}")));
            let filter = BEHIND.iter().find(|(call, _)| behind.starts_with(call));
            found.extend(function.or(filter).map(|(_, way)| (file.clone(), *way, name.to_owned())));
        }
    }
    assert!(found.len() > 100, "{} texts are said", found.len());
    found
}

/// Everything in quotation marks.
pub(super) fn literals() -> BTreeSet<String> {
    let sources = sources();
    sources.iter().flat_map(|(_, text)| quoted(text)).map(|(_, name, _)| name.to_owned()).collect()
}

/// Whatever looks like a name in the pages' own code: some are chosen between before they are said.
pub(super) fn names_of_pages() -> Vec<(String, String)> {
    let mut found = vec![];
    for (file, text) in sources().into_iter().filter(|(file, _)| file.starts_with("src/pages")) {
        let names = quoted(&text).filter(|(_, name, _)| is_name(name) && name.contains('-'));
        found.extend(names.map(|(_, name, _)| (file.clone(), name.to_owned())));
    }
    found
}
