//! The programs that are measured. They are built before, since that takes long.

use std::path::{Path, PathBuf};

/// A function, as it is built for Lambda.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Function {
    pub(crate) package: &'static str,
    pub(crate) name: &'static str,
    pub(crate) profile: &'static str,
}

const fn function(package: &'static str, name: &'static str, profile: &'static str) -> Function {
    Function { package, name, profile }
}

/// Every function; the bare one last.
pub(crate) const FUNCTIONS: &[Function] = &[
    function("accounting-webhook", "accounting-webhook", "lambda-webhook"),
    function("courier-webhook", "courier-webhook", "lambda-webhook"),
    function("channel-webhook", "channel-webhook", "lambda-webhook"),
    function("export-worker", "export-worker", "lambda"),
    function("sweep-function", "sweep", "lambda"),
    function("console-function", "console", "lambda"),
    function(BARE, BARE, "lambda-webhook"),
];
pub(crate) const BARE: &str = "bare-function";

/// Where the programs are.
#[derive(Debug, Clone)]
pub(crate) struct Programs(PathBuf);

impl Programs {
    /// Those in the folder given, one beside the other, else those of their profiles. Says how to build what is missing.
    pub(crate) fn built(folder: Option<&str>) -> Option<Self> {
        let programs = Self(folder.map_or_else(PathBuf::new, PathBuf::from));
        let missing: Vec<&Function> = FUNCTIONS.iter().filter(|one| !programs.path(one).is_file()).collect();
        if missing.is_empty() {
            return Some(programs);
        }
        eprintln!("Not built yet:\n");
        // The bare one apart: its client would switch HTTP/2 on in those built with it.
        for (profile, bare) in [("lambda", false), ("lambda-webhook", false), ("lambda-webhook", true)] {
            let these = missing.iter().filter(|one| one.profile == profile && (one.package == BARE) == bare);
            let packages: String = these.map(|one| format!(" -p {}", one.package)).collect();
            if !packages.is_empty() {
                eprintln!("cargo build --profile {profile}{packages}");
            }
        }
        None
    }

    pub(crate) fn path(&self, function: &Function) -> PathBuf {
        if self.0.as_os_str().is_empty() {
            let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
            return target.join(function.profile).join(function.name);
        }
        self.0.join(function.name)
    }
}
