//! What notices are worded in. Their own lines stand beside this file; the words of kinds, codes and reasons are those of
//! the pages, and only their files are linked here.

use domain::Word;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;

macro_rules! languages {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// A language of notices.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Language {
            /// English.
            #[default]
            En,
            $($(#[$doc])* $name,)*
        }

        impl Language {
            /// Every one, English first.
            pub const ALL: &'static [Self] = &[Self::En, $(Self::$name,)*];

            /// As in `lang="cs"`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { Self::En => "en", $(Self::$name => $code,)* }
            }

            fn texts(self) -> &'static Texts {
                static ENGLISH: LazyLock<Texts> = LazyLock::new(|| texts(&[include_str!("texts/en.ftl")]));
                match self {
                    Self::En => &ENGLISH,
                    $(Self::$name => {
                        static OTHER: LazyLock<Texts> = LazyLock::new(|| texts(&[
                            include_str!(concat!("texts/", $code, ".ftl")),
                            include_str!(concat!("../../../console/texts/", $code, "/words.ftl")),
                        ]));
                        &OTHER
                    })*
                }
            }
        }
    };
}

languages! {
    /// Czech.
    Cs = "cs";
    /// Polish.
    Pl = "pl";
}

type Texts = HashMap<String, &'static str>;

/// Messages of one line each, and the attributes below them: all that these files have.
fn texts(files: &[&'static str]) -> Texts {
    let (mut found, mut key) = (Texts::new(), "");
    for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#')) {
        let Some((name, text)) = line.split_once(" = ") else { continue };
        match name.trim_start().strip_prefix('.') {
            Some(attribute) => drop(found.insert(format!("{key}.{attribute}"), text)),
            None => {
                key = name;
                found.insert(name.to_owned(), text);
            }
        }
    }
    found
}

impl Language {
    /// Reads [`Language::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.as_str() == code)
    }

    /// A word in it; in English from the code.
    #[must_use]
    pub fn word(self, word: Word) -> Word {
        if self == Self::En {
            return word;
        }
        let key = format!("{}-{}", word.kind, word.word);
        let said = |ending: &str, english| self.texts().get(&format!("{key}{ending}")).copied().unwrap_or(english);
        Word {
            label: said("", word.label),
            explanation: said(".explanation", word.explanation),
            next_step: said(".next", word.next_step),
            ..word
        }
    }

    /// A line with its gaps filled.
    pub(super) fn line(self, key: &'static str, gaps: &[(&str, &str)]) -> String {
        let known = |language: Self| language.texts().get(key).copied();
        let text = known(self).or_else(|| known(Self::En)).unwrap_or(key);
        gaps.iter().fold(text.to_owned(), |text, (gap, value)| text.replace(&format!("{{ ${gap} }}"), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn gaps(text: &str) -> BTreeSet<&str> {
        text.split("{ $").skip(1).filter_map(|rest| rest.split(' ').next()).collect()
    }

    #[test]
    fn every_line_and_every_word_is_in_every_language() {
        let english = Language::En.texts();
        assert!(english.len() > 10, "{english:?}");
        for language in &Language::ALL[1..] {
            for (key, text) in english {
                let other = language.texts().get(key).unwrap_or_else(|| panic!("{key} in {language:?}"));
                assert_eq!(gaps(other), gaps(text), "{key} in {language:?}");
            }
            for word in domain::words() {
                let key = format!("{}-{}", word.kind, word.word);
                assert!(language.texts().contains_key(&key), "{key} in {language:?}");
                assert_ne!(language.word(word.clone()).explanation, "", "{key} in {language:?}");
            }
        }
    }
}
