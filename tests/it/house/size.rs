//! How large things may grow, and what may not stand in them.

use super::nobody;
use super::source::{File, files, files_named, shipped};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 80;

/// Functions with their line and length. Formatted code ends a function on the indent on which it began.
fn functions(file: &File) -> Vec<(usize, usize, String)> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = vec![];
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start().split(' ');
        let is_head = words.clone().any(|word| word == "fn") && !line.trim_start().starts_with("//");
        if !is_head || words.clone().next().is_some_and(|word| word.starts_with('"')) {
            continue;
        }
        // A head without a body ends with a semicolon before any brace opens.
        let head_ends = lines[start..].iter().position(|l| l.ends_with(';') || l.ends_with('{') || l.ends_with('}'));
        let has_body = head_ends.is_some_and(|at| lines[start + at].ends_with('{'));
        let end = lines[start..].iter().position(|l| l.len() == indent + 1 && l.ends_with('}'));
        if let Some(length) = end.filter(|_| has_body) {
            found.push((start + 1, length + 1, line.trim().to_owned()));
        }
    }
    found
}

#[test]
fn files_fit_on_a_few_screens() {
    let long =
        files().into_iter().filter(|file| [".rs", ".css", ".html", ".js"].iter().any(|e| file.path.ends_with(e)));
    let long = long.map(|file| (file.text.lines().count(), file.path)).filter(|(lines, _)| *lines > FILE_LINES_MAX);
    nobody(long.map(|(lines, path)| format!("{path}: {lines} lines")), "split the file along its subjects");
}

#[test]
fn functions_fit_on_two_screens() {
    let long = shipped();
    let long = long.iter().flat_map(|file| {
        let too_long = functions(file).into_iter().filter(|(_, length, _)| *length > FUNCTION_LINES_MAX);
        too_long.map(|(line, length, head)| format!("{}:{line}: {length} lines: {head}", file.path))
    });
    nobody(long, "split the function; 70 lines is the aim");
}

#[test]
fn a_functions_length_is_counted_from_head_to_brace() {
    let text =
        "impl A {\n    fn b(&self) {\n        c();\n    }\n    fn d() {}\n    fn e(\n        f: u8,\n    );\n}\n";
    assert_eq!(functions(&File { path: "x.rs".into(), text: text.into() }), [(2, 3, "fn b(&self) {".to_owned())]);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TODO", "FIXME", "XXX", "HACK"].map(|mark| mark.to_owned());
    let mut offenders = vec![];
    for file in files_named(".rs").into_iter().chain(files_named(".toml")).chain(files_named(".html")) {
        if file.path == "tests/it/house/size.rs" {
            continue;
        }
        for (n, line) in file.text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric());
            if words.into_iter().any(|word| marks.iter().any(|mark| mark == word)) {
                offenders.push(format!("{}:{}: {}", file.path, n + 1, line.trim()));
            }
        }
    }
    nobody(offenders, "do it, or say in the docs what is not there; what is planned stands in the issues");
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let places = ["/home/", "/root/", "/Users/", "/tmp/", concat!("/wo", "rk/"), "C:\\"];
    let mut offenders = vec![];
    for file in files().into_iter().filter(|file| file.path != "tests/it/house/size.rs" && file.path != "Cargo.lock") {
        for (n, line) in file.text.lines().enumerate() {
            // Not the middle of a longer path or address: the end of a URL is nobody's disk.
            let named = places.iter().any(|place| {
                line.match_indices(place)
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}".contains(c)))
            });
            if named {
                offenders.push(format!("{}:{}: {}", file.path, n + 1, line.trim()));
            }
        }
    }
    nobody(offenders, "take the place as a setting, from tempfile, or relative to the project");
}
