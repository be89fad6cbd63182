//! In and out behind a gateway: the identity provider says who it is, and what is remembered lies in the browser alone,
//! signed.
//!
//! The session's cookie is strict, as on one machine. The cookie of a login under way cannot be: it must come along when
//! the identity provider, another site, sends the browser back.

use super::fault::Fault;
use super::guard::{Asked, Posted, cookie};
use super::view::{Chrome, Section, show};
use super::welcome;
use crate::ConsoleState;
use crate::access::{
    CameBack, Door, Gateway, LOGGED_OUT_PATH, LOGIN_COOKIE, LOGIN_LIFE, SESSION_COOKIE, SESSION_LIFE, SignInError,
    local_path,
};
use crate::texts::{filters, say};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{AuditAction, Code};
use export_flow::audit::Act;
use futures_util::future::{Either, select};
use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};
use jiff::SignedDuration;
use std::pin::pin;

/// What the identity provider may take in all, so that a page of ours says so and not the gateway's.
const PATIENCE: SignedDuration = SignedDuration::from_secs(20);

#[derive(Template)]
#[template(path = "goodbye.html")]
struct Goodbye {
    chrome: Chrome,
    /// Where one logs out of the identity provider too.
    way_out: Option<String>,
}

/// `GET /login?to=`: sends the browser to the identity provider.
pub(super) async fn begin(
    State(state): State<ConsoleState>,
    headers: HeaderMap,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let (gateway, now) = (gateway(&state)?, state.flow.now());
    let to = fields.get("to").and_then(local_path).unwrap_or_else(|| "/".to_owned());
    let anew = fields.get("anew").is_some();
    let open = cookie(&headers, SESSION_COOKIE).and_then(|cookie| gateway.session(cookie, now));
    // Whoever came here from another site is logged in after all: the strict cookie only shows from within.
    if open.is_some() && !anew {
        return Ok(Redirect::to(&to).into_response());
    }
    let parts = state.flow.parts();
    let begun = in_time(&state, gateway.begin(&*parts.http, &*parts.entropy, now, &to, anew)).await?;
    let answer = Redirect::to(begun.address.as_str()).into_response();
    Ok(with_cookie(answer, &set_cookie(LOGIN_COOKIE, &begun.cookie, "Lax", LOGIN_LIFE)))
}

/// `GET /login/callback`: the identity provider sent the browser back.
pub(super) async fn callback(
    State(state): State<ConsoleState>,
    headers: HeaderMap,
    Asked(fields): Asked,
) -> Result<Response, Fault> {
    let (gateway, now) = (gateway(&state)?, state.flow.now());
    let came = CameBack { state: fields.get("state"), code: fields.get("code"), issuer: fields.get("iss") };
    let pending = gateway.pending(cookie(&headers, LOGIN_COOKIE), came, now).map_err(refused)?;
    let finished = in_time(&state, gateway.finish(&*state.flow.parts().http, &pending, came, now)).await;
    let found = match finished.and_then(|claims| gateway.by(&claims).ok_or(Fault::SignIn(Code::NoTenant))) {
        // Written down before the cookie is given out.
        Ok(by) => {
            let act = Act::new(AuditAction::LogIn);
            state.flow.traced(&by.actor(Door::Session), act, async { Ok::<_, Fault>(by.clone()) }).await
        }
        Err(fault) => Err(fault),
    };
    let answer = match found {
        Ok(by) => {
            let session = gateway.open_session(by, state.flow.parts().entropy.bytes(), now);
            // Not a redirect: it would still count as coming from the identity provider, without the strict cookie.
            with_cookie(welcome(&pending.return_to), &set_cookie(SESSION_COOKIE, &session, "Strict", SESSION_LIFE))
        }
        Err(fault) => fault.into_response(),
    };
    // One answer per login, good or bad.
    Ok(with_cookie(answer, &set_cookie(LOGIN_COOKIE, "", "Lax", SignedDuration::ZERO)))
}

/// `POST /logout`: forgets the session here, and leads to where it is ended at the identity provider.
pub(super) async fn logout(State(state): State<ConsoleState>, _form: Posted) -> Result<Response, Fault> {
    let gateway = gateway(&state)?;
    let way_out = in_time(&state, async { Ok(gateway.way_out(&*state.flow.parts().http, state.flow.now()).await) });
    let answer = match way_out.await.ok().flatten() {
        // Not a redirect: the policy lets forms lead to our own host only, and browsers count redirects as a part of it.
        Some(address) => goodbye(Some(address.to_string())),
        None => Redirect::to(LOGGED_OUT_PATH).into_response(),
    };
    Ok(with_cookie(answer, &set_cookie(SESSION_COOKIE, "", "Strict", SignedDuration::ZERO)))
}

/// `GET /logged-out`.
pub(super) async fn logged_out() -> Response {
    goodbye(None)
}

fn goodbye(way_out: Option<String>) -> Response {
    show(&Goodbye { chrome: Chrome::bare(say("entrance-logged-out"), Section::Outside), way_out })
}

fn gateway(state: &ConsoleState) -> Result<&Gateway, Fault> {
    state.access.gateway().ok_or(Fault::Missing(Code::UnknownPath))
}

async fn in_time<T>(state: &ConsoleState, work: impl Future<Output = Result<T, SignInError>>) -> Result<T, Fault> {
    match select(pin!(work), state.timer.sleep(PATIENCE)).await {
        Either::Left((done, _)) => done.map_err(refused),
        Either::Right(((), _)) => Err(refused(SignInError::Unavailable("took_too_long"))),
    }
}

fn refused(error: SignInError) -> Fault {
    let (code, reason) = match error {
        SignInError::Failed(reason) => (Code::LoginFailed, reason),
        SignInError::Unavailable(reason) => (Code::IssuerUnavailable, reason),
    };
    tracing::warn!(event = "console.login_refused", code = code.as_str(), reason);
    Fault::SignIn(code)
}

fn set_cookie(name: &str, value: &str, same_site: &str, life: SignedDuration) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}; Max-Age={}", life.as_secs())
}

fn with_cookie(mut answer: Response, cookie: &str) -> Response {
    // Our own values have no character that a header cannot carry.
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(SET_COOKIE, value);
    }
    answer
}
