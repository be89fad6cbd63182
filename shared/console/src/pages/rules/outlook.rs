//! What the rules in the form would have done, as a page shows it.

use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::links;
use crate::pages::rows::title;
use crate::pages::view::Link;
use crate::texts::{self, say};
use export_flow::connections::RulePreview;

/// Exports that would have fared otherwise, all in one way.
pub(super) struct Change {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) count: u64,
    pub(super) examples: Vec<Link>,
}

pub(super) struct Outlook {
    pub(super) changes: Vec<Change>,
    pub(super) unchanged: u64,
    pub(super) unjudged: u64,
    pub(super) more: bool,
}

impl Outlook {
    pub(super) async fn new(state: &ConsoleState, found: &RulePreview) -> Result<Self, Fault> {
        let mut changes = vec![];
        for change in &found.changes {
            let mut examples = vec![];
            for id in &change.examples {
                let export = state.flow.parts().ledger.export(id).await?;
                examples.extend(export.map(|export| Link { href: links::export(id), text: title(&export) }));
            }
            let to = match change.to {
                "goes" => say("rules-preview-goes"),
                "looked_for" => say("rules-preview-looked-for"),
                known => texts::label(known),
            };
            changes.push(Change { from: texts::label(change.from), to, count: change.count, examples });
        }
        Ok(Self { changes, unchanged: found.unchanged, unjudged: found.unjudged, more: found.more })
    }
}
