//! The REST API: `/api/v1`.

mod input;
mod vocabulary;

pub use input::{Tenant, authenticate};

use crate::{ConsoleState, problem};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

/// Bytes of a request body at most.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The API's routes, below `/api/v1`.
pub(crate) fn router(state: ConsoleState) -> Router<ConsoleState> {
    Router::new()
        .route("/connectors", get(vocabulary::connectors))
        .route("/words", get(vocabulary::words))
        .fallback(problem::unknown_path)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(state, authenticate))
}
