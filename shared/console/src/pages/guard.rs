//! What stands before every page: the session, the form's token, the headers.

use super::fault::Fault;
use super::login::Session;
use crate::access::{Door, SESSION_COOKIE, gate};
use crate::api::connect::redirect_url;
use crate::{Access, ConsoleState};
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, COOKIE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, header};
use url::form_urlencoded;

/// The session's cookie on one machine.
pub(super) const COOKIE_NAME: &str = "backhaul_session";
/// The field that carries the form's token.
const CSRF_FIELD: &str = "csrf";
/// Bytes of a form at most: five hundred export ids fit.
const FORM_BYTES_MAX: usize = 256 * 1024;

/// Lets only requests with an open session through.
pub(super) async fn require_session(State(state): State<ConsoleState>, mut request: Request, next: Next) -> Response {
    let now = state.flow.now();
    let headers = request.headers();
    let session = match &*state.access {
        Access::Local(_) => cookie(headers, COOKIE_NAME)
            .and_then(|cookie| state.pages.logins.session(cookie, now))
            .ok_or(Fault::LoggedOut),
        Access::Gateway(gateway) => cookie(headers, SESSION_COOKIE)
            .and_then(|cookie| gateway.session(cookie, now))
            .map(|open| Session::new(open.by, open.csrf, open.until))
            .ok_or_else(|| Fault::Outside(wanted(&request))),
    };
    match session {
        Ok(mut session) => {
            session.redirect_url = redirect_url(&state.options, request.headers());
            let by = session.by();
            request.extensions_mut().insert(session);
            let passed = gate::pass(&state, &by, Door::Session, request, next).await;
            passed.unwrap_or_else(|problem| Fault::from(problem).into_response())
        }
        Err(fault) => fault.into_response(),
    }
}

/// Where somebody wanted to go, to be led there after the login. A form is not sent a second time.
fn wanted(request: &Request) -> String {
    let path = request.uri().path_and_query().filter(|_| request.method() == Method::GET);
    path.map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// The value of a cookie of ours.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().cloned().ok_or(Fault::LoggedOut)
    }
}

/// Fields of a query or form, in their order. Empty ones count as not given.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().filter(|(_, value)| !value.trim().is_empty()).collect())
    }

    /// Of these pairs.
    pub(super) fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The first of a name, trimmed.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// All of a name, trimmed.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }
}

/// The fields of a query string.
#[derive(Debug, Default)]
pub(super) struct Asked(pub(super) Fields);

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

/// A form posted from one of our own pages: extracting it has checked its token.
#[derive(Debug)]
pub(super) struct Posted {
    /// Whose.
    pub(super) session: Session,
    /// What.
    pub(super) fields: Fields,
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let session = parts.extensions.get::<Session>().cloned().ok_or(Fault::LoggedOut)?;
        let bytes = to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| Fault::TooLarge)?;
        let fields = Fields::parse(&bytes);
        if fields.get(CSRF_FIELD).is_some_and(|csrf| session.wrote(csrf)) {
            Ok(Self { session, fields })
        } else {
            Err(Fault::Forbidden)
        }
    }
}

const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts the headers on that every page carries.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    with_headers(next.run(request).await)
}

/// The same for one answer.
pub(super) fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=b; backhaul_sessions=no"));
        headers.append(COOKIE, HeaderValue::from_static("x; backhaul_session=yes; c=d"));
        assert_eq!(cookie(&headers, COOKIE_NAME), Some("yes"));
        assert_eq!(cookie(&headers, SESSION_COOKIE), None);
    }

    #[test]
    fn empty_fields_count_as_not_given_and_names_may_repeat() {
        let fields = Fields::parse(b"state=&order=+100%2F1+&ids=a&ids=b");
        assert_eq!((fields.get("state"), fields.get("order")), (None, Some("100/1")));
        assert_eq!(fields.all("ids").collect::<Vec<_>>(), ["a", "b"]);
    }
}
