//! The pages.

use crate::ConsoleState;
use axum::Router;

/// What the pages keep in memory: nothing yet.
#[derive(Debug, Default)]
pub struct PagesState {}

/// The pages' routes.
pub(crate) fn router() -> Router<ConsoleState> {
    Router::new()
}
