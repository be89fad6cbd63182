//! What a person can decide about one export.

use super::fault::Fault;
use super::guard::Posted;
use super::links;
use crate::ConsoleState;
use crate::texts::{find, say};
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
    /// Its text, with an explanation below it.
    key: &'static str,
}

impl Decision {
    pub(super) fn label(&self) -> &'static str {
        say(self.key)
    }

    pub(super) fn explanation(&self) -> &'static str {
        find(&format!("{}.explanation", self.key)).unwrap_or_default()
    }
}

const RETRY: Decision = Decision { value: "retry", key: "decide-retry" };
const ANEW: Decision = Decision { value: "retry", key: "decide-anew" };
const ARRIVED: Decision = Decision { value: "arrived", key: "decide-arrived" };
const SEND: Decision = Decision { value: "send_again", key: "decide-send" };
const WITHOUT_LINES: Decision = Decision { value: "without_lines", key: "decide-without-lines" };
const USE: Decision = Decision { value: "use", key: "decide-use" };
const NOT_NEEDED: Decision = Decision { value: "not_needed", key: "decide-not-needed" };

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

fn wrong(key: &'static str) -> Fault {
    Fault::Wrong(say(key).to_owned())
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
        _ => return Err(wrong("decide-nothing")),
    };
    if matches!(&resolution, Resolution::Use { order: None, target: None, without_lines: false }) {
        return Err(wrong("decide-no-order"));
    }
    if resolution == Resolution::NotNeeded && fields.get("note").is_none() {
        return Err(wrong("decide-no-note"));
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
