//! The project's files, and what of them is code that ships.

use super::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Folders that are not the project's own.
const NOT_OURS: [&str; 5] = ["target", ".git", "backhaul-data", "node_modules", "proptest-regressions"];

/// A text file of the project.
pub(super) struct File {
    /// From the project's root, with slashes.
    pub(super) path: String,
    /// The whole text.
    pub(super) text: String,
}

/// Every text file.
pub(super) fn files() -> Vec<File> {
    let mut found = vec![];
    walk(&root(), "", &mut found);
    assert!(found.len() > 100, "the project was not found");
    found
}

/// Every text file whose name ends so.
pub(super) fn files_named(ending: &str) -> Vec<File> {
    files().into_iter().filter(|file| file.path.ends_with(ending)).collect()
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<File>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), found);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            found.push(File { path, text });
        }
    }
}

/// Rust files that ship, with what only tests compile taken out of them.
pub(super) fn shipped() -> Vec<File> {
    let rust = files_named(".rs");
    let only_tests: BTreeSet<String> = rust.iter().flat_map(test_modules).collect();
    let is_test = |path: &str| {
        path.starts_with("tests/")
            || path.starts_with("shared/testkit/")
            || path.contains("/tests/")
            || path.contains("/examples/")
            || only_tests.iter().any(|module| {
                path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
    };
    rust.into_iter()
        .filter(|file| !is_test(&file.path))
        .map(|file| File { text: without_tests(&file.text), ..file })
        .collect()
}

impl File {
    /// Lines with their numbers, comments taken out.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(i, line)| (i + 1, without_comment(line)))
            .filter(|(_, line)| !line.is_empty())
    }

    /// `path:line: text` of every line of code that holds one of the words.
    pub(super) fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let hits = self.code().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        hits.map(|(n, line)| format!("{}:{n}: {}", self.path, line.trim())).collect()
    }
}

/// Paths, without their ending, of the modules that a file declares for tests only.
fn test_modules(file: &File) -> Vec<String> {
    let here = match file.path.strip_suffix("/mod.rs").or_else(|| file.path.strip_suffix("/lib.rs")) {
        Some(folder) => folder,
        None => file.path.trim_end_matches(".rs"),
    };
    let lines: Vec<&str> = file.text.lines().collect();
    let declared = lines.windows(2).filter(|pair| pair[0].trim() == "#[cfg(test)]").filter_map(|pair| {
        let name = pair[1].trim().strip_suffix(';')?.rsplit_once("mod ")?.1;
        Some(format!("{here}/{name}"))
    });
    declared.collect()
}

/// Leaves the lines of test items empty, so that numbers stay right.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        kept.push('\n');
        let indent = line.len() - line.trim_start().len();
        for line in lines.by_ref() {
            kept.push('\n');
            // Formatted code ends an item on its own indent.
            let ends = line.len() > indent && line.trim_start().len() == line.len() - indent;
            if ends && (line.ends_with(';') || line.trim_start().starts_with('}')) {
                break;
            }
        }
    }
    kept
}

fn without_comment(line: &str) -> &str {
    let mut from = 0;
    while let Some(at) = line[from..].find("//").map(|at| at + from) {
        // Not the middle of an address.
        if !line[..at].ends_with(':') {
            return line[..at].trim_end();
        }
        from = at + 2;
    }
    line.trim_end()
}

#[test]
fn tests_and_comments_do_not_count_as_code_that_ships() {
    let text = "fn a() {} // one\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nlet c = \"https://d\";\n";
    let file = File { path: "x.rs".into(), text: without_tests(text) };
    let code: Vec<_> = file.code().collect();
    assert_eq!(code, [(1, "fn a() {}"), (7, "let c = \"https://d\";")]);
    let file = File { path: "shared/x/src/lib.rs".into(), text: "#[cfg(test)]\npub(crate) mod suite;\n".into() };
    assert_eq!(test_modules(&file), ["shared/x/src/suite"]);
}
