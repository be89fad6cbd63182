//! A language as it lies on the disk, read by other means than the program's.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The names of a text's gaps.
pub(super) type Gaps = BTreeSet<String>;

/// One language.
pub(super) struct Folder {
    pub(super) code: String,
    /// By key, and `key.attribute`.
    pub(super) messages: BTreeMap<String, Gaps>,
    /// By `<connector>/key`, likewise.
    pub(super) connectors: BTreeMap<String, Gaps>,
    /// Pages by what they are about.
    pub(super) advice: BTreeMap<String, String>,
    /// What cannot be read, or stands twice.
    pub(super) faults: Vec<String>,
    /// First parts of its keys.
    beginnings: BTreeSet<String>,
}

pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// What lies in a folder, by name; nothing if there is none.
fn inside(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    paths.sort();
    paths
}

impl Folder {
    pub(super) fn all() -> Vec<Self> {
        let folders = inside(&root().join("texts"), "").into_iter().filter(|path| path.is_dir());
        folders.map(|path| Self::read(&stem(&path))).collect()
    }

    pub(super) fn read(code: &str) -> Self {
        let folder = root().join("texts").join(code);
        let mut faults = vec![];
        let mut messages = BTreeMap::new();
        for file in inside(&folder, ".ftl") {
            add(&mut messages, "", &file, &mut faults);
        }
        let mut connectors = BTreeMap::new();
        for file in inside(&folder.join("connectors"), ".ftl") {
            add(&mut connectors, &format!("{}/", stem(&file)), &file, &mut faults);
        }
        let pages = inside(&folder.join("advice"), "");
        let advice = pages.iter().map(|page| (stem(page), fs::read_to_string(page).unwrap())).collect();
        let beginnings = messages.keys().filter_map(|key| key.split_once('-')).map(|(first, _)| first.to_owned());
        let beginnings = beginnings.collect();
        Self { code: code.to_owned(), messages, connectors, advice, faults, beginnings }
    }

    /// Whether keys begin like this one.
    pub(super) fn has_file_of(&self, key: &str) -> bool {
        key.split_once('-').is_some_and(|(first, _)| self.beginnings.contains(first))
    }
}

fn add(into: &mut BTreeMap<String, Gaps>, prefix: &str, file: &Path, faults: &mut Vec<String>) {
    let text = fs::read_to_string(file).unwrap();
    let resource = parser::parse(text.as_str()).unwrap_or_else(|(read, errors)| {
        faults.extend(errors.iter().map(|error| format!("{}: {error}", file.display())));
        read
    });
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let key = format!("{prefix}{}", message.id.name);
        let attributes = message.attributes.iter().map(|one| (format!("{key}.{}", one.id.name), &one.value));
        let value = message.value.iter().map(|value| (key.clone(), value));
        for (key, pattern) in value.chain(attributes) {
            let mut gaps = Gaps::new();
            of_pattern(pattern, &mut gaps);
            if into.insert(key.clone(), gaps).is_some() {
                faults.push(format!("{}: {key} stands twice", file.display()));
            }
        }
    }
}

fn of_pattern(pattern: &Pattern<&str>, gaps: &mut Gaps) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, gaps);
        }
    }
}

fn of_expression(expression: &Expression<&str>, gaps: &mut Gaps) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, gaps),
        Expression::Select { selector, variants } => {
            of_inline(selector, gaps);
            variants.iter().for_each(|variant| of_pattern(&variant.value, gaps));
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, gaps: &mut Gaps) {
    match inline {
        InlineExpression::VariableReference { id } => {
            gaps.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => of_expression(expression, gaps),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|one| of_inline(one, gaps));
        }
        _ => {}
    }
}
