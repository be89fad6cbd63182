//! The REST API: `/api/v1`.

mod audit;
pub(crate) mod connect;
mod connections;
mod events;
mod exports;
mod input;
mod jobs;
mod listed;
mod logins;
mod many;
mod mappings;
mod notices;
mod orders;
mod overview;
mod previews;
mod reconciliation;
mod search;
mod secrets;
mod shapes;
mod shipments;
mod trials;
mod vocabulary;
pub(crate) mod webhook;

pub(crate) use exports::wait_for;
pub use input::{Tenant, authenticate};
pub(crate) use input::{instant, read_bytes};
pub(crate) use listed::{Listed, table as listed_table};
pub(crate) use reconciliation::table as reconciliation_table;

use crate::{Access, ConsoleState, problem};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

/// Bytes of a request body at most.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The API's routes, below `/api/v1`.
pub(crate) fn router(state: ConsoleState) -> Router<ConsoleState> {
    let router = Router::new()
        .route("/connectors", get(vocabulary::connectors))
        .route("/words", get(vocabulary::words))
        .route("/audit", get(audit::list))
        .route("/overview", get(overview::overview))
        .route("/overview/hours", get(overview::hours))
        .route("/search", get(search::search))
        .route("/connections", get(connections::list))
        .route("/connections/{id}", put(connections::put).get(connections::one).delete(connections::delete))
        .route("/connections/{id}/check", post(connections::check))
        .route("/connections/{id}/removal", get(connections::removal))
        .route("/connections/{id}/switches/outlook", post(connections::switch_outlook))
        .route("/connections/{id}/rules/preview", post(previews::rules))
        .route("/connections/{id}/secrets", post(secrets::rotate))
        .route("/connections/{id}/webhook-token", post(secrets::webhook_token))
        .route("/connections/{id}/connect", post(connect::begin))
        .route("/connections/{id}/pause", post(connections::pause))
        .route("/connections/{id}/resume", post(connections::resume))
        .route("/connections/{id}/webhook-test", post(webhook::test))
        .route("/connections/{id}/errors", get(overview::errors))
        .route("/connections/{id}/documents", get(connections::documents))
        .route("/connections/{id}/events", get(events::get))
        .route("/connections/{id}/mappings", get(mappings::get).put(mappings::put))
        .route("/exports", get(exports::list).post(exports::create))
        .route("/exports/decisions", post(many::decide))
        .route("/exports/{id}", get(exports::one))
        .route("/exports/{id}/retry", post(exports::retry))
        .route("/exports/{id}/resolve", post(exports::resolve))
        .route("/exports/{id}/seen", post(exports::seen))
        .route("/shipments", post(shipments::create))
        .route("/codes", get(vocabulary::codes))
        .route("/codes/{code}", get(vocabulary::code))
        .route("/dead-letters", get(jobs::groups))
        .route("/dead-letters/redrive", post(jobs::redrive))
        .route("/dead-letters/dismiss", post(jobs::dismiss))
        .route("/batch-exports", post(jobs::batch))
        .route("/jobs", get(jobs::list))
        .route("/notices", get(notices::get).put(notices::put))
        .route("/notices/test", post(notices::test))
        .route("/reconciliation", get(reconciliation::get))
        .route("/jobs/{id}", get(jobs::one))
        .route("/jobs/{id}/cancel", post(jobs::cancel))
        .route("/orders/{channel}/{reference}", get(orders::timeline))
        .route("/orders/{channel}/{reference}/aliases", put(orders::aliases));
    let router = match *state.access {
        Access::Local(_) => router.route("/login-links", post(logins::create)),
        // The pages open by the identity provider's login; a link would be known to one instance alone.
        Access::Gateway(_) => router,
    };
    router
        .fallback(problem::unknown_path)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(from_fn_with_state(state, authenticate))
}
