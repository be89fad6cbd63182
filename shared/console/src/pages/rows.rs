//! An export as one line of a list.

use super::links;
use super::login::Session;
use super::view::{Badge, Link, Names, When};
use crate::ConsoleState;
use crate::texts;
use crate::why::why;
use domain::{Export, ExportId, InWords, Operation};
use export_flow::ports::PortError;
use futures_util::future::try_join_all;
use jiff::Timestamp;

/// One line.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) what: Link,
    pub(super) order: Option<Link>,
    pub(super) source: String,
    pub(super) target: Option<String>,
    pub(super) badge: Badge,
    /// What it waits for, or why it failed or was left out.
    pub(super) why: Option<&'static str>,
    /// Where more is said about that.
    pub(super) advice: Option<String>,
    /// The vendor's words at the last failed attempt, for dead letters.
    pub(super) said: Option<String>,
    pub(super) changed: When,
}

impl Row {
    /// Of an export.
    pub(super) fn new(export: &Export, names: &Names, now: Timestamp) -> Self {
        let last = export.attempt_log.last();
        Self {
            id: export.id.to_string(),
            what: Link { href: links::export(&export.id), text: title(export) },
            order: order_link(export, names),
            source: names.label(&export.key.source),
            target: export.key.target.as_ref().map(|id| names.label(id)),
            badge: Badge::of_state(export.state),
            why: why(export).map(|word| word.label),
            advice: why(export).map(|word| links::code(word.word)),
            said: last
                .map(|attempt| texts::kept(&attempt.message, attempt.remark.as_deref()))
                .filter(|said| !said.is_empty()),
            changed: When::new(export.changed_at, now),
        }
    }
}

/// The exports of these ids that are the reader's own, each at its id's place; read together.
pub(super) async fn exports(
    state: &ConsoleState,
    session: &Session,
    ids: impl IntoIterator<Item = &ExportId>,
) -> Result<Vec<Option<Export>>, PortError> {
    let ledger = &state.flow.parts().ledger;
    let found = try_join_all(ids.into_iter().map(|id| ledger.export(id))).await?;
    let own = |export: &Export| export.key.tenant == session.tenant;
    Ok(found.into_iter().map(|export| export.filter(own)).collect())
}

/// What an export is about: "Invoice 2026-0001".
pub(super) fn title(export: &Export) -> String {
    let number = export.numbers.first().map_or(export.key.subject.id.as_str(), String::as_str);
    let kind = match export.key.operation {
        Operation::Look => texts::word(export.key.subject.kind.in_words()).label,
        operation => texts::word(operation.in_words()).label,
    };
    format!("{kind} {number}")
}

/// Where its order is told in full; without a channel, everything of that reference.
pub(super) fn order_link(export: &Export, names: &Names) -> Option<Link> {
    let reference = export.order.as_ref()?;
    let href = names
        .channel_of(export)
        .map_or_else(|| links::list("/exports", [("order", reference.as_str())]), |id| links::order(id, reference));
    Some(Link { href, text: reference.to_string() })
}
