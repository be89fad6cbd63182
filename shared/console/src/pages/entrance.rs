//! In and out on one machine.

use super::fault::Fault;
use super::guard::{Asked, COOKIE_NAME, Posted, cookie};
use super::login::SESSION_LIFE;
use super::welcome;
use crate::ConsoleState;
use crate::access::Door;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::AuditAction;
use export_flow::audit::Act;
use http::HeaderMap;
use http::header::SET_COOKIE;

/// `GET /login?token=`: uses the link up and opens a session.
pub(super) async fn login(
    State(state): State<ConsoleState>,
    headers: HeaderMap,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let Some(token) = fields.get("token") else { return Err(Fault::LoggedOut) };
    let entropy = &state.flow.parts().entropy;
    let random = [entropy.bytes(), entropy.bytes(), entropy.bytes(), entropy.bytes()];
    let secret = state.pages.logins.redeem(token, state.flow.now(), random).ok_or(Fault::DeadLink)?;
    if let Err(fault) = traced(&state, &secret).await {
        state.pages.logins.end(&secret, state.flow.now());
        return Err(fault);
    }
    let set = set_cookie(&state, &secret, SESSION_LIFE.as_secs());
    // Whoever came here from another site would follow a redirect without the strict cookie.
    let from_elsewhere = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site.as_bytes() == b"cross-site" || site.as_bytes() == b"same-site");
    let answer = if from_elsewhere { welcome("/") } else { Redirect::to("/").into_response() };
    Ok(([(SET_COOKIE, set)], answer).into_response())
}

/// Writes down that the pages are opened: before the cookie is given out, without which nobody can use the session.
async fn traced(state: &ConsoleState, secret: &str) -> Result<(), Fault> {
    let session = state.pages.logins.session(secret, state.flow.now()).ok_or(Fault::DeadLink)?;
    state.flow.traced(&session.by().actor(Door::Session), Act::new(AuditAction::LogIn), async { Ok(()) }).await
}

/// `POST /logout`: ends the session.
pub(super) async fn logout(State(state): State<ConsoleState>, headers: HeaderMap, _form: Posted) -> Response {
    if let Some(secret) = cookie(&headers, COOKIE_NAME) {
        state.pages.logins.end(secret, state.flow.now());
    }
    ([(SET_COOKIE, set_cookie(&state, "", 0))], Redirect::to("/")).into_response()
}

fn set_cookie(state: &ConsoleState, secret: &str, seconds: i64) -> String {
    // A browser would not keep a `Secure` cookie of a plain local address.
    let secure = if state.options.local_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}
