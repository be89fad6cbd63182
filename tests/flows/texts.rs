//! What the pages say, by the names of their messages.

use std::path::Path;

/// The message of this name: one line, its gaps as they stand in the file.
pub(crate) fn say(language: &str, key: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/console/texts").join(language);
    let beginning = format!("{key} = ");
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "ftl")) {
        let text = std::fs::read_to_string(file).unwrap();
        if let Some(said) = text.lines().find_map(|line| line.strip_prefix(&beginning)) {
            // A reader sees no difference between the two kinds of spaces.
            return said.replace('\u{a0}', " ");
        }
    }
    panic!("{} has no {key}", folder.display())
}
