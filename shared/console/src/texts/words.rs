//! Words, advice and connectors' forms in the language spoken: English from the code, the others from their folders.

use super::language::english;
use super::{find, spoken};
use domain::{Advice, Word};

/// A word as the reader's language says it.
pub(crate) fn word(word: Word) -> Word {
    if spoken().code == english().code {
        return word;
    }
    let key = format!("{}-{}", word.kind, word.word);
    let said = |ending: &str, english: &'static str| find(&format!("{key}{ending}")).unwrap_or(english);
    Word {
        label: said("", word.label),
        explanation: said(".explanation", word.explanation),
        next_step: said(".next", word.next_step),
        ..word
    }
}

/// What people call the word of a state, reason or code; nothing if there is no such word.
pub(crate) fn label(called: &str) -> &'static str {
    domain::words().into_iter().find(|known| known.word == called).map_or("", |known| word(known).label)
}

/// Text of a connector's form: `about`, `promise-send_invoice`, `webhook-setup` …
pub(crate) fn connector(id: &str, key: &str, english: &'static str) -> &'static str {
    find(&format!("{id}/{key}")).unwrap_or(english)
}

/// Label and help of a connector's field.
pub(crate) fn connector_field(id: &str, field: &connectors::FieldSpec) -> (&'static str, &'static str) {
    let key = format!("field-{}", field.name);
    (connector(id, &key, field.label), connector(id, &format!("{key}.help"), field.help))
}

/// A page of advice with its headings, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advised {
    /// What it is about.
    pub(crate) word: Word,
    /// Heading and text, as the page has them.
    pub(crate) sections: Vec<(String, String)>,
}

/// Which of the sections holds the numbered steps.
pub(crate) const STEPS: usize = 3;

/// The page about a word; `None` if no code or reason is called so.
pub(crate) fn advice(about: &str) -> Option<Advised> {
    let english = Advice::of(about)?;
    let sections = match spoken().advice(about) {
        Some(page) => sections(page),
        None => english.sections().into_iter().map(|(heading, text)| (heading.to_owned(), text)).collect(),
    };
    Some(Advised { word: word(english.word), sections })
}

/// The sections of a page: what stands below each `## `.
pub(super) fn sections(page: &str) -> Vec<(String, String)> {
    let parts = page.split("## ").skip(1);
    let split = parts.filter_map(|part| part.split_once('\n'));
    split.map(|(heading, text)| (heading.trim().to_owned(), text.trim().to_owned())).collect()
}
