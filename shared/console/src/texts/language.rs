//! The languages there are: folders of `texts/`, read once.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use fluent_syntax::ast;
use include_dir::{Dir, include_dir};
use std::collections::HashMap;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// The language that words, advice and forms are written in.
pub(super) const ENGLISH: &str = "en";

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/texts");

/// Every language, English first.
pub(super) static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let mut all: Vec<Language> = FOLDER.dirs().map(Language::read).collect();
    all.sort_by_key(|language| (language.code != ENGLISH, language.code));
    all
});

/// What nothing is said in: the folder of English is always there, as a test proves.
static NONE: LazyLock<Language> = LazyLock::new(|| Language::new(ENGLISH));

/// English.
pub(super) fn english() -> &'static Language {
    LANGUAGES.first().unwrap_or(&NONE)
}

/// The best for what a browser says that its reader understands.
pub(super) fn negotiated(said: &str) -> &'static Language {
    let wanted = parse_accepted_languages(said);
    let known: Vec<&LanguageIdentifier> = LANGUAGES.iter().map(|language| &language.id).collect();
    let found = negotiate_languages(&wanted, &known, None, NegotiationStrategy::Lookup);
    let best = found.first().and_then(|id| LANGUAGES.iter().find(|language| language.id == ***id));
    best.unwrap_or_else(english)
}

/// One language.
pub(super) struct Language {
    /// Its folder, as in `lang="cs"`.
    pub(super) code: &'static str,
    id: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
    /// Texts without gaps, by `key` or `key.attribute`; of a connector's file by `<connector>/key`.
    plain: HashMap<String, String>,
    /// Pages of advice by the word they are about.
    advice: HashMap<&'static str, &'static str>,
}

impl Language {
    fn new(code: &'static str) -> Self {
        let id: LanguageIdentifier = code.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id.clone()]);
        // Marks around filled gaps would be found by who searches a page or copies from it.
        bundle.set_use_isolating(false);
        Self { code, id, bundle, plain: HashMap::new(), advice: HashMap::new() }
    }

    fn read(folder: &'static Dir<'static>) -> Self {
        let name = |path: &'static std::path::Path| path.file_stem().and_then(|stem| stem.to_str());
        let mut language = Self::new(name(folder.path()).unwrap_or_default());
        let messages = |folder: &'static Dir<'static>| {
            let files = folder.files().filter(|file| file.path().extension().is_some_and(|kind| kind == "ftl"));
            files.filter_map(move |file| Some((name(file.path())?, file.contents_utf8()?)))
        };
        for (_, text) in messages(folder) {
            language.add("", text);
        }
        let below = |called: &'static str| folder.dirs().filter(move |dir| name(dir.path()) == Some(called));
        for (connector, text) in below("connectors").flat_map(messages) {
            language.add(&format!("{connector}/"), text);
        }
        let pages = below("advice").flat_map(Dir::files);
        language.advice = pages.filter_map(|file| Some((name(file.path())?, file.contents_utf8()?))).collect();
        language
    }

    /// Takes the messages of one file, all of its texts without gaps under this prefix. What cannot be read is left out,
    /// and then missed by a test.
    fn add(&mut self, prefix: &str, text: &str) {
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, _)| read);
        let alone: FluentBundle<FluentResource> = FluentBundle::new_concurrent(vec![self.id.clone()]);
        let plain = |pattern: &ast::Pattern<&str>| {
            let mut errors = vec![];
            let said = alone.format_pattern(pattern, None, &mut errors).into_owned();
            // A long text is wrapped in its file, not on the page.
            errors.is_empty().then(|| said.replace('\n', " "))
        };
        for entry in resource.entries() {
            let ast::Entry::Message(message) = entry else { continue };
            let key = format!("{prefix}{}", message.id.name);
            for attribute in &message.attributes {
                let said = plain(&attribute.value);
                self.plain.extend(said.map(|said| (format!("{key}.{}", attribute.id.name), said)));
            }
            let said = message.value.as_ref().and_then(plain);
            self.plain.extend(said.map(|said| (key, said)));
        }
        if prefix.is_empty() {
            // Of two messages of one name the first stays; a test finds the second.
            self.bundle.add_resource(resource).unwrap_or_else(|errors| {
                tracing::error!(errors = errors.len(), language = self.code, "console.text_twice");
            });
        }
    }

    /// A text without gaps.
    pub(super) fn plain(&self, key: &str) -> Option<&str> {
        self.plain.get(key).map(String::as_str)
    }

    /// A text with its gaps filled.
    pub(super) fn filled(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(self.bundle.format_pattern(pattern, Some(args), &mut vec![]).into_owned())
    }

    /// The page of advice about a word.
    pub(super) fn advice(&self, word: &str) -> Option<&'static str> {
        self.advice.get(word).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_says_leads_to_the_best_language_there_is() {
        for (said, code) in [
            ("cs-CZ, en;q=0.8", "cs"),
            ("pl", "pl"),
            ("de, pl;q=0.5, en;q=0.3", "pl"),
            ("en-GB", "en"),
            ("de", "en"),
            ("", "en"),
            (";;;=,\u{e9}", "en"),
        ] {
            assert_eq!(negotiated(said).code, code, "{said}");
        }
    }

    #[test]
    fn a_text_that_is_wrapped_in_its_file_is_one_line() {
        let mut language = Language::new("cs");
        language.add("", "long = one\n    two\n    .next = three\ngap = { $n } of them\n");
        assert_eq!((language.plain("long"), language.plain("long.next")), (Some("one two"), Some("three")));
        assert_eq!(language.plain("gap"), None);
        let args: FluentArgs<'_> = [("n", 2)].into_iter().collect();
        assert_eq!(language.filled("gap", &args).as_deref(), Some("2 of them"));
    }
}
