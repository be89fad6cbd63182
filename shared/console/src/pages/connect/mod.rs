//! Setting up a system: which one, its form, what its check says; the page of one connection, and its end.
//!
//! A form is made from the connector's data alone (`inputs.rs`, `form.rs`), read into what the API would be given
//! (`given.rs`), and saved the way the API does (`save.rs`).

mod choose;
pub(super) mod does;
mod form;
mod given;
mod inputs;
mod missing;
mod oauth;
mod one;
mod remove;
mod save;
mod secrets;
mod webhook;

pub(super) use choose::choose;
pub(super) use oauth::{FINISH, arrive, begin, finish};
pub(super) use one::one;
pub(super) use remove::{ask, remove};
pub(super) use save::{create, edit, new, preview, update};
pub(super) use secrets::exchange;
pub(super) use webhook::{renew, test};

use super::fault::Fault;
use crate::ConsoleState;
use connectors::Spec;
use domain::Code;

/// The connector of that name, as data.
fn spec_of(state: &ConsoleState, connector: &str) -> Result<&'static Spec, Fault> {
    let found = state.flow.parts().registry.get(connector);
    found.map(|connector| connector.spec()).ok_or(Fault::Missing(Code::UnknownConnector))
}
