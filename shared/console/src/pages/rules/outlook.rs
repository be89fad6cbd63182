//! What the rules in the form would have done, as a page shows it.

use super::inputs;
use crate::pages::links;
use crate::pages::view::Link;
use crate::texts::{self, say};
use export_flow::connections::{Effect, Fate, RuleChange, RuleExample, RulePreview};

/// Exports that would have fared otherwise, all in one way.
pub(super) struct Change {
    /// Where they stand, and why.
    pub(super) from: String,
    /// What would have become of them.
    pub(super) effect: &'static str,
    /// Why.
    pub(super) why: Option<&'static str>,
    /// They have gone, and that stays so.
    pub(super) gone: bool,
    pub(super) count: u64,
    pub(super) examples: Vec<Link>,
}

pub(super) struct Outlook {
    pub(super) changes: Vec<Change>,
    pub(super) unchanged: u64,
    pub(super) not_judged: u64,
    pub(super) more: bool,
    /// What the rules are called whose effect is never judged.
    pub(super) rules_not_judged: String,
}

impl Outlook {
    pub(super) fn new(found: &RulePreview) -> Self {
        let named = found.rules_not_judged.iter().filter_map(|name| inputs::called(name));
        Self {
            changes: found.changes.iter().map(change).collect(),
            unchanged: found.unchanged,
            not_judged: found.not_judged,
            more: !found.complete,
            rules_not_judged: named.collect::<Vec<_>>().join(", "),
        }
    }
}

fn change(change: &RuleChange) -> Change {
    let Fate { state, reason } = change.from;
    let state = texts::label(state.as_str());
    Change {
        from: reason.map_or_else(|| state.to_owned(), |reason| format!("{state}: {}", texts::label(reason))),
        effect: match change.effect {
            Effect::Goes => say("rules-preview-goes"),
            Effect::Waits => say("rules-preview-waits"),
            Effect::LeftOut => say("rules-preview-left-out"),
            Effect::NumberTold => say("rules-preview-number-told"),
            Effect::NumberWaits => say("rules-preview-number-waits"),
        },
        why: change.to.reason.map(texts::label).filter(|why| !why.is_empty()),
        gone: change.gone,
        count: change.count,
        examples: change.examples.iter().map(example).collect(),
    }
}

fn example(example: &RuleExample) -> Link {
    let order = || example.order.as_ref().map(ToString::to_string);
    let text = example.number.clone().or_else(order).unwrap_or_else(|| example.export.to_string());
    Link { href: links::export(&example.export), text }
}
