//! A page of advice for every code, hold reason and skip reason: what happened, why it usually happens, what happens by
//! itself, what to do, and how one sees that it is repaired.
//!
//! A page is a file of `advice/`, named like its word, with the five headings of [`Advice::HEADINGS`]. Its text is plain: paragraphs,
//! numbered steps, and names of things between backticks.

use crate::{Code, HoldReason, InWords, SkipReason, Word};
use serde::Serialize;

/// The page of one word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The word with its label, explanation and next step.
    #[serde(flatten)]
    pub word: Word,
    /// What happened.
    pub what_happened: String,
    /// Why it usually happens.
    pub why: String,
    /// What Backhaul does by itself.
    pub by_itself: String,
    /// What to do, step by step.
    pub what_to_do: Vec<String>,
    /// How to see that it is repaired.
    pub repaired: String,
}

impl Advice {
    /// The headings of every page, in order.
    pub const HEADINGS: [&str; 5] =
        ["What happened", "Why", "What Backhaul does by itself", "What to do", "How to see that it is repaired"];

    /// The page of a word; `None` if no code or reason is called so.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        if let Some(code) = Code::from_word(word) {
            return Some(Self::read(code.in_words(), code.page()));
        }
        let hold = HoldReason::ALL.iter().find(|reason| reason.as_str() == word);
        let skip = SkipReason::ALL.iter().find(|reason| reason.as_str() == word);
        hold.map(|reason| Self::read(reason.in_words(), hold_page(*reason)))
            .or_else(|| skip.map(|reason| Self::read(reason.in_words(), skip_page(*reason))))
    }

    /// Every page, each word once.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let codes = Code::ALL.iter().map(|code| code.as_str());
        let holds = HoldReason::ALL.iter().map(|reason| reason.as_str());
        let skips = SkipReason::ALL.iter().map(|reason| reason.as_str());
        let others = holds.chain(skips).filter(|word| Code::from_word(word).is_none());
        codes.chain(others).filter_map(Self::of).collect()
    }

    /// The address of a word's page.
    #[must_use]
    pub fn path(word: &str) -> String {
        format!("/codes/{word}")
    }

    /// Its sections with their headings, in order; steps are numbered.
    #[must_use]
    pub fn sections(&self) -> [(&'static str, String); 5] {
        let steps: Vec<String> = self.what_to_do.iter().zip(1..).map(|(step, n)| format!("{n}. {step}")).collect();
        let texts = [&self.what_happened, &self.why, &self.by_itself, &steps.join("\n"), &self.repaired];
        let mut sections = Self::HEADINGS.map(|heading| (heading, String::new()));
        for (section, text) in sections.iter_mut().zip(texts) {
            section.1.clone_from(text);
        }
        sections
    }

    fn read(word: Word, page: &str) -> Self {
        let [what_happened, why, by_itself, steps, repaired] = Self::HEADINGS.map(|heading| section(page, heading));
        let what_to_do = steps.lines().map(|line| step(line).to_owned()).collect();
        let flow = |text: String| text.replace('\n', " ");
        Self {
            word,
            what_happened: flow(what_happened),
            why: flow(why),
            by_itself: flow(by_itself),
            what_to_do,
            repaired: flow(repaired),
        }
    }
}

fn section(page: &str, heading: &str) -> String {
    let mut parts = page.split("## ").skip(1);
    let text = parts.find_map(|part| part.strip_prefix(heading)?.strip_prefix('\n'));
    text.unwrap_or_default().trim().to_owned()
}

/// A step without its number.
fn step(line: &str) -> &str {
    line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok()).map_or(line, |(_, text)| text)
}

macro_rules! pages {
    ($($function:ident($type:ident) { $($name:ident = $word:literal,)* } { $($twin:ident,)* })*) => {
        $(const fn $function(reason: $type) -> &'static str {
            match reason {
                $($type::$name => include_str!(concat!("../advice/", $word, ".md")),)*
                $($type::$twin => Code::$twin.page(),)*
            }
        })*
    };
}

// A reason without a page does not compile; the second list has those that are codes as well.
pages! {
    hold_page(HoldReason) {
        OrderUnknown = "order_unknown",
        OrderAmbiguous = "order_ambiguous",
        OrderMismatch = "order_mismatch",
        Predecessor = "predecessor",
        DocumentNotReady = "document_not_ready",
        NotPaidYet = "not_paid_yet",
        NotHandedOver = "not_handed_over",
        NumberMissing = "number_missing",
        MappingMissing = "mapping_missing",
        LinesUnmatched = "lines_unmatched",
        Preflight = "preflight",
        TargetHasOther = "target_has_other",
        ConnectionPaused = "connection_paused",
        Settling = "settling",
    } { RateLimited, }
    skip_page(SkipReason) {
        NotOurs = "not_ours",
    } {
        SwitchedOff, Unsupported, RuleNever, MarketplaceInvoices, DocumentGone, DocumentCancelled, OrderCancelled, Dismissed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_has_a_page_of_five_sections_that_fit_a_screen() {
        let all = Advice::all();
        let words: BTreeSet<&str> = all.iter().map(|page| page.word.word).collect();
        assert_eq!(words.len(), all.len(), "each word once");
        for page in &all {
            let sections = page.sections();
            for (heading, text) in &sections {
                assert!(!text.is_empty() && text.len() < 900, "{}: {heading}: {text}", page.word.word);
                assert!(text.ends_with('.') && !text.contains("##"), "{}: {heading}: {text}", page.word.word);
                assert_eq!(text.matches('`').count() % 2, 0, "{}: {heading}: {text}", page.word.word);
            }
            assert_eq!(Advice::of(page.word.word).as_ref(), Some(page));
            assert_eq!(Advice::path(page.word.word), format!("/codes/{}", page.word.word));
        }
        for word in crate::words() {
            let coded =
                matches!(word.kind, "hold" | "skip" | "problem" | "check" | "attempt" | "skip_code" | "finding");
            assert!(!coded || words.contains(word.word), "{word:?} has no page");
        }
        assert_eq!(Advice::of("no_such_word"), None);
    }

    #[test]
    fn pages_have_the_five_headings_and_no_others_and_their_steps_are_numbered() {
        let pages = Code::ALL.iter().map(|code| (code.as_str(), code.page()));
        let holds = HoldReason::ALL.iter().map(|reason| (reason.as_str(), hold_page(*reason)));
        let skips = SkipReason::ALL.iter().map(|reason| (reason.as_str(), skip_page(*reason)));
        for (word, page) in pages.chain(holds).chain(skips) {
            let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(headings, Advice::HEADINGS, "{word}");
            for (line, n) in section(page, "What to do").lines().zip(1..) {
                assert!(line.starts_with(&format!("{n}. ")), "{word}: {line}");
            }
        }
    }

    #[test]
    fn steps_lose_their_numbers_and_nothing_else() {
        assert_eq!(step("12. Look. Then act."), "Look. Then act.");
        assert_eq!(step("Look. Then act."), "Look. Then act.");
    }
}
