//! Has one document or parcel carried because a person asks for it, and leads to what becomes of it.

use super::fault::Fault;
use super::links;
use super::login::Session;
use crate::ConsoleState;
use axum::response::Redirect;
use domain::ExportId;
use export_flow::person::Hand;

/// Asks for it. Leads to its first export, or to the list while there is none yet.
pub(super) async fn carry(state: &ConsoleState, session: &Session, hand: &Hand) -> Result<Redirect, Fault> {
    let requested = state.flow.request(&session.tenant, hand).await?;
    let exports = state.flow.foreseen(&requested).await?;
    let first: Option<&ExportId> = exports.first().map(|export| &export.id);
    let known = match first {
        Some(id) => state.flow.parts().ledger.export(id).await?.map(|export| links::export(&export.id)),
        None => None,
    };
    let list = || links::list("/exports", [("document", requested.hint.subject.id.as_str())]);
    Ok(Redirect::to(&known.unwrap_or_else(list)))
}
