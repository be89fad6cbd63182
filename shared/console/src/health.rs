//! Whether this process can do its work.

use crate::{ConsoleState, Problem};
use axum::Json;
use axum::extract::State;
use domain::ConnectionId;
use serde_json::{Value, json};

/// 200 when store and queue answer, else 503.
///
/// # Errors
/// [`Problem`] with `store_unavailable`.
pub(crate) async fn health(State(state): State<ConsoleState>) -> Result<Json<Value>, Problem> {
    let parts = state.flow.parts();
    parts.ledger.connection(&ConnectionId::new("health")).await?;
    parts.queue.depth().await?;
    Ok(Json(json!({"status": "ok"})))
}
