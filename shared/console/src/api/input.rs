//! Who asks, and what for: tokens, bodies, queries.

use crate::api::BODY_BYTES_MAX;
use crate::{ConsoleState, Problem};
use axum::extract::{FromRequest, FromRequestParts, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use connectors::{JSON_DEPTH_MAX, json_within_depth};
use domain::{Code, TenantId};
use http::request::Parts;
use http::{HeaderMap, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 500;

/// The tenant who asks.
#[derive(Debug, Clone)]
pub struct Tenant(pub TenantId);

impl<S: Sync> FromRequestParts<S> for Tenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::plain(Code::Unauthenticated))
    }
}

/// Lets only requests with a good token through, and says whose it is.
pub async fn authenticate(State(state): State<ConsoleState>, mut request: Request, next: Next) -> Response {
    match bearer(request.headers()).and_then(|token| state.access.tenant(token)) {
        Some(tenant) => {
            request.extensions_mut().insert(Tenant(tenant));
            let mut response = next.run(request).await;
            response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
            response
        }
        None => Problem::new(Code::Unauthenticated, "the bearer token is missing or wrong").into_response(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A JSON body, read whole, with the place of a fault named.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read_body(request).await?;
        read_json(&bytes).map(Self)
    }
}

/// Reads a body up to the limit.
async fn read_body(request: Request) -> Result<bytes::Bytes, Problem> {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(Problem::plain(Code::TooLarge));
    }
    axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|error| {
        // The limit's own error is the cause of the body's; anything else is a connection that broke.
        let too_large =
            std::error::Error::source(&error).is_some_and(|cause| cause.to_string().contains("length limit"));
        Problem::plain(if too_large { Code::TooLarge } else { Code::InvalidBody })
    })
}

/// Reads JSON, naming the place of a fault but none of its values.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if !json_within_depth(bytes, JSON_DEPTH_MAX) {
        return Err(Problem::new(Code::InvalidJson, "the JSON is too deep"));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (inner, place) = (error.inner(), error.path().to_string());
        let at = format!("line {}, column {}", inner.line(), inner.column());
        if inner.is_data() {
            let field = if place == "." { "body".to_owned() } else { place };
            // Serde's words name types and the fields there are; the values given are cut off.
            Problem::field(&field, without_values(&inner.to_string()))
        } else {
            Problem::new(Code::InvalidJson, format!("not JSON at {at}"))
        }
    })?;
    reader.end().map_err(|_| Problem::new(Code::InvalidJson, "there is more after the JSON"))?;
    Ok(value)
}

/// Serde's message without the value it met and without its place, which is told apart.
fn without_values(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    match message.split_once("expected ") {
        Some((before, expected)) if before.starts_with("invalid") => format!("expected {expected}"),
        _ => message.to_owned(),
    }
}

/// A query string, with the field of a fault named.
#[derive(Debug)]
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Query::<T>::from_request_parts(parts, state)
            .await
            .map(|Query(query)| Self(query))
            .map_err(|_| Problem::field("query", "the query cannot be read: a parameter is unknown or given twice"))
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Paging {
    /// How many, as given.
    pub(crate) limit: Option<String>,
    /// Where to go on.
    pub(crate) cursor: Option<String>,
}

impl Paging {
    /// How many lines: 100 by default, 1 to 500.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        limit(self.limit.as_deref())
    }
}

/// Reads a `limit`.
pub(crate) fn limit(given: Option<&str>) -> Result<usize, Problem> {
    let Some(text) = given else { return Ok(LIMIT_DEFAULT) };
    match text.parse::<usize>() {
        Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        _ => Err(Problem::field("limit", format!("must be a number from 1 to {LIMIT_MAX}"))),
    }
}
