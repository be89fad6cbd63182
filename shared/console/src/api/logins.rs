//! Links that open the pages.

use super::input::Tenant;
use crate::{ConsoleState, pages};
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Value, json};

/// `POST /login-links`: the pages are open to whoever has the token, without a restart.
pub(crate) async fn create(State(state): State<ConsoleState>, Tenant(tenant): Tenant) -> (StatusCode, Json<Value>) {
    let until = state.flow.now().checked_add(pages::LINK_LIFE).ok();
    (StatusCode::CREATED, Json(json!({"url": pages::new_link(&state, &tenant), "expires_at": until})))
}
