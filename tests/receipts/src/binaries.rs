//! The programs that are measured. They are built before, since that takes long.

use std::path::{Path, PathBuf};

/// Package and program of every function; the bare one last.
pub(crate) const FUNCTIONS: &[(&str, &str)] = &[
    ("accounting-webhook", "accounting-webhook"),
    ("courier-webhook", "courier-webhook"),
    ("channel-webhook", "channel-webhook"),
    ("export-worker", "export-worker"),
    ("sweep-function", "sweep"),
    ("console-function", "console"),
    (BARE, BARE),
];
pub(crate) const BARE: &str = "bare-function";

/// The folder with all of them: the one given, else that of the profile `lambda`. Says how to build what is missing.
pub(crate) fn built(folder: Option<&str>) -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/lambda");
    let folder = folder.map_or(usual, PathBuf::from);
    let missing = FUNCTIONS.iter().find(|(_, name)| !folder.join(name).is_file());
    let Some((_, name)) = missing else { return Some(folder) };
    let packages: Vec<String> = FUNCTIONS.iter().map(|(package, _)| format!("-p {package}")).collect();
    eprintln!("{name} is not in {}. Build them all:\n", folder.display());
    eprintln!("cargo build --profile lambda {}", packages.join(" "));
    None
}
