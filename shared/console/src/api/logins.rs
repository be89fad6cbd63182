//! Links that open the pages.

use super::input::{MayJson, Tenant};
use crate::{ConsoleState, Problem, pages};
use axum::Json;
use axum::extract::State;
use domain::AccessRole;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /login-links`, which may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    role: Option<AccessRole>,
}

/// `POST /login-links`: the pages are open to whoever has the token, without a restart; to a viewer too, if it is for one.
pub(crate) async fn create(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    MayJson(asked): MayJson<Asked>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let role = asked.role.unwrap_or(AccessRole::Operator);
    let until = state.flow.now().checked_add(pages::LINK_LIFE).ok();
    let url = pages::new_link(&state, &tenant, role);
    Ok((StatusCode::CREATED, Json(json!({"url": url, "role": role, "expires_at": until}))))
}
