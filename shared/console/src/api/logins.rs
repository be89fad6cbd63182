//! Links that open the pages.

use super::input::{Tenant, read_body, read_json};
use crate::{ConsoleState, Problem, pages};
use axum::Json;
use axum::extract::{Request, State};
use domain::AccessRole;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /login-links`, which may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    role: Option<AccessRole>,
}

/// `POST /login-links`: the pages are open to whoever has the token, without a restart; to a viewer too, if it is for one.
pub(crate) async fn create(
    State(state): State<ConsoleState>,
    Tenant(tenant): Tenant,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let body = read_body(request).await?;
    let asked = if body.is_empty() { None } else { read_json::<Asked>(&body)?.role };
    let role = asked.unwrap_or(AccessRole::Operator);
    let until = state.flow.now().checked_add(pages::LINK_LIFE).ok();
    let url = pages::new_link(&state, &tenant, role);
    Ok((StatusCode::CREATED, Json(json!({"url": url, "role": role, "expires_at": until}))))
}
