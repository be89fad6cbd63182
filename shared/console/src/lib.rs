#![doc = include_str!("../README.md")]

pub mod api;
mod health;
mod openapi;
pub mod pages;
mod problem;
mod state;

pub use problem::{FieldError, Problem};
pub use state::{Access, ConsoleState, OneToken, Options, Timer};

use axum::Router;
use axum::routing::get;

/// Everything this crate serves, as one router.
pub fn router(state: ConsoleState) -> Router {
    Router::new()
        .merge(pages::router(state.clone()))
        .route("/health", get(health::health))
        .route("/api/v1/openapi.json", get(openapi::serve))
        .nest("/api/v1", api::router(state.clone()))
        .fallback(pages::unknown_path)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .with_state(state)
}

/// `GET /health` alone, for an address that serves nothing else of this crate.
pub fn health_router(state: ConsoleState) -> Router {
    Router::new().route("/health", get(health::health)).with_state(state)
}
