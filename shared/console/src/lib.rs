#![doc = include_str!("../README.md")]

mod access;
pub mod api;
mod health;
pub mod host;
mod openapi;
pub mod pages;
mod problem;
mod state;
mod table;
mod texts;
mod why;

pub use access::{Access, Claims, Gateway, GatewayError, GatewaySettings, OneToken};
pub use problem::{FieldError, Problem};
pub use state::{ConsoleState, Options, Timer};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::Code;

/// Everything this crate serves, as one router. Behind a gateway it also looks at the host that is asked for; on one
/// machine that is for the program, which knows where it listens.
pub fn router(state: ConsoleState) -> Router {
    let behind_a_gateway = state.access.gateway().is_some();
    let router = Router::new()
        .merge(pages::router(state.clone()))
        .route("/health", get(health::health))
        .route("/api/v1/openapi.json", get(openapi::serve))
        .nest("/api/v1", api::router(state.clone()))
        .fallback(pages::unknown_path)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(from_fn(texts::speak))
        .with_state(state.clone());
    if behind_a_gateway { router.layer(from_fn_with_state(state, check_host)) } else { router }
}

/// Refuses other hosts than the public one, except for health checks.
async fn check_host(State(state): State<ConsoleState>, request: Request, next: Next) -> Response {
    let ours = state.access.gateway().is_some_and(|gateway| gateway.is_addressed(&request));
    if ours || request.uri().path() == "/health" {
        next.run(request).await
    } else {
        Problem::plain(Code::HostRefused).into_response()
    }
}

/// `GET /health` alone, for an address that serves nothing else of this crate.
pub fn health_router(state: ConsoleState) -> Router {
    Router::new().route("/health", get(health::health)).with_state(state)
}
