//! What a person can decide about one export.

use super::fault::Fault;
use super::guard::Posted;
use super::links;
use crate::ConsoleState;
use axum::extract;
use axum::extract::Path;
use axum::response::Redirect;
use domain::{ConnectionId, Export, ExportId, HoldReason, Operation, OrderReference, State};
use export_flow::person::Resolution;

/// One thing that can be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// The form's value.
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    pub(super) explanation: &'static str,
}

const fn decision(value: &'static str, label: &'static str, explanation: &'static str) -> Decision {
    Decision { value, label, explanation }
}

const RETRY: Decision =
    decision("retry", "Try it now", "The source is read again. At the target we look before anything is sent.");
const ANEW: Decision = decision(
    "retry",
    "Redrive it",
    "It is tried anew, with three more attempts. The source is read again, and at the target we look before anything is sent.",
);
const ARRIVED: Decision =
    decision("arrived", "It has arrived", "You have seen it at the target. Nothing is sent any more.");
const SEND: Decision = decision(
    "send_again",
    "Send it",
    "It goes without waiting for what it waits for. You have seen that it is not at the target, or it shall go all the same.",
);
const WITHOUT_LINES: Decision = decision(
    "without_lines",
    "Send it without lines",
    "The document goes as a whole, without matching the order's lines.",
);
const USE: Decision =
    decision("use", "It belongs to this order or shop", "Say below which order it is, or where it goes.");
const NOT_NEEDED: Decision =
    decision("not_needed", "It is not needed", "It is left out. Say why, for whoever asks later.");

/// What can be decided about an export as it stands. Empty: nothing.
pub(super) fn decisions(export: &Export) -> Vec<Decision> {
    let look = export.key.operation == Operation::Look;
    let hold = export.hold.as_ref().filter(|_| export.state == State::Held).map(|hold| hold.reason);
    let mut decisions = match export.state {
        State::Held if look => vec![RETRY, USE],
        State::Held if hold == Some(HoldReason::LinesUnmatched) => vec![RETRY, WITHOUT_LINES, ARRIVED],
        State::Held => vec![RETRY, SEND, ARRIVED],
        State::Retrying => vec![RETRY, ARRIVED],
        State::Dead | State::Expired if look => vec![ANEW, USE],
        State::Dead | State::Expired => vec![ANEW, ARRIVED],
        State::Uncertain => vec![ARRIVED, SEND],
        State::Sending | State::Accepted | State::Delivered | State::Skipped | State::Planned => return vec![],
    };
    decisions.retain(|decision| !look || decision.value != ARRIVED.value);
    decisions.push(NOT_NEEDED);
    decisions
}

/// `POST /exports/{id}/decide`.
pub(super) async fn decide(
    extract::State(state): extract::State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let id = ExportId::new(id);
    let resolution = match fields.get("outcome") {
        Some("retry") => {
            state.flow.retry(session.asks(), &id, fields.get("note")).await?;
            return Ok(Redirect::to(&links::export(&id)));
        }
        Some("arrived") => Resolution::Arrived,
        Some("send_again") => Resolution::SendAgain,
        Some("not_needed") => Resolution::NotNeeded,
        Some("without_lines") => Resolution::Use { order: None, target: None, without_lines: true },
        Some("use") => Resolution::Use {
            order: fields.get("order").map(OrderReference::new),
            target: fields.get("target").map(ConnectionId::new),
            without_lines: false,
        },
        _ => return Err(Fault::Wrong("Choose what you have decided.".into())),
    };
    if matches!(&resolution, Resolution::Use { order: None, target: None, without_lines: false }) {
        return Err(Fault::Wrong("Name the order, or choose where it goes.".into()));
    }
    if resolution == Resolution::NotNeeded && fields.get("note").is_none() {
        return Err(Fault::Wrong("Say in the note why it is not needed.".into()));
    }
    state.flow.resolve(session.asks(), &id, &resolution, fields.get("note")).await?;
    Ok(Redirect::to(&links::export(&id)))
}

/// `POST /exports/{id}/seen`: what was found about it. Leads back to its order.
pub(super) async fn seen(
    extract::State(state): extract::State<ConsoleState>,
    Path(id): Path<String>,
    Posted { session, fields }: Posted,
) -> Result<Redirect, Fault> {
    let id = ExportId::new(id);
    state.flow.finding_seen(session.asks(), &id, fields.get("note")).await?;
    let export = state.flow.export_of(&session.tenant, &id).await?;
    let back = match (&export.key.target, &export.order) {
        (Some(channel), Some(order)) => links::order(channel, order),
        _ => links::export(&id),
    };
    Ok(Redirect::to(&back))
}
