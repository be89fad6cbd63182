//! Who asks, and what for: tokens, bodies, queries.

use crate::access::{By, Door, gate};
use crate::api::BODY_BYTES_MAX;
use crate::{Access, Claims, ConsoleState, Problem};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use connectors::{JSON_DEPTH_MAX, json_within_depth};
use domain::{Code, FieldProblem, TenantId};
use export_flow::ports::PortError;
use http::request::Parts;
use http::{HeaderMap, header};
use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 500;

/// What is said of a time that cannot be read.
const NOT_A_TIME: &str = "must be an RFC 3339 instant or a date";

/// An instant, or a date's midnight in UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let midnight = |text: &str| -> Option<Timestamp> {
        let date: jiff::civil::Date = text.parse().ok()?;
        Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(|| midnight(text))
}

/// The time that a field gives, if it gives one.
pub(crate) fn time(field: &str, given: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text| instant(text).ok_or_else(|| Problem::field(field, (FieldProblem::NotATime, NOT_A_TIME)));
    given.map(read).transpose()
}

/// The tenant who asks.
#[derive(Debug, Clone)]
pub struct Tenant(pub TenantId);

impl<S: Sync> FromRequestParts<S> for Tenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::plain(Code::Unauthenticated))
    }
}

/// Who asks, as the identity provider names them; on one machine nobody says so.
#[derive(Debug)]
pub(crate) struct Who(pub(crate) Option<String>);

impl<S: Sync> FromRequestParts<S> for Who {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Claims>().and_then(Claims::subject)))
    }
}

/// Lets only requests of a known tenant through, and says whose they are.
pub async fn authenticate(State(state): State<ConsoleState>, mut request: Request, next: Next) -> Response {
    let by = match whose(&state.access, &request) {
        Ok(by) => by,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(Tenant(by.tenant.clone()));
    let mut response =
        gate::pass(&state, &by, Door::Token, request, next).await.unwrap_or_else(IntoResponse::into_response);
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

fn whose(access: &Access, request: &Request) -> Result<By, Problem> {
    match access {
        Access::Local(token) => bearer(request.headers())
            .and_then(|given| token.by(given))
            .ok_or_else(|| Problem::new(Code::Unauthenticated, "the bearer token is missing or wrong")),
        Access::Gateway(gateway) => {
            // Only code in this process can put claims here; what headers say is anybody's.
            let claims = request.extensions().get::<Claims>();
            let claims =
                claims.ok_or_else(|| Problem::new(Code::Unauthenticated, "no token was verified before this call"))?;
            gateway.by(claims).ok_or_else(|| Problem::plain(Code::NoTenant))
        }
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
        read_json::<Object<T>>(&bytes).map(|Object(read)| Self(read))
    }
}

/// The same where there may be no body: then what stands for nothing said.
#[derive(Debug)]
pub(crate) struct MayJson<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for MayJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read_body(request).await?;
        if bytes.is_empty() {
            Ok(Self(T::default()))
        } else {
            read_json::<Object<T>>(&bytes).map(|Object(read)| Self(read))
        }
    }
}

/// Reads a body up to the limit.
pub(crate) async fn read_body(request: Request) -> Result<bytes::Bytes, Problem> {
    let (parts, body) = request.into_parts();
    read_bytes(&parts.headers, body, BODY_BYTES_MAX).await
}

/// Reads a body up to a limit.
pub(crate) async fn read_bytes(headers: &HeaderMap, body: Body, max: usize) -> Result<bytes::Bytes, Problem> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > max) {
        return Err(Problem::plain(Code::TooLarge));
    }
    axum::body::to_bytes(body, max).await.map_err(|error| {
        // The limit's own error is the cause of the body's; anything else is a connection that broke.
        let too_large =
            std::error::Error::source(&error).is_some_and(|cause| cause.to_string().contains("length limit"));
        Problem::plain(if too_large { Code::TooLarge } else { Code::InvalidBody })
    })
}

/// What must be an object: by itself, serde takes a list for its fields in their order.
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }

        from.deserialize_map(Fields(PhantomData)).map(Self)
    }
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
            Problem::field(&field, (FieldProblem::Unreadable, without_values(&inner.to_string())))
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

/// The parameters of a query string, each at most once; empty ones count as not given.
#[derive(Debug, Default)]
pub(crate) struct Params(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::field("query", (FieldProblem::Unreadable, "cannot be read")))?;
        let mut params = BTreeMap::new();
        for (name, value) in pairs {
            if params.insert(name.clone(), value).is_some() {
                return Err(Problem::field(&name, (FieldProblem::GivenTwice, "is given twice")));
            }
        }
        params.retain(|_, value| !value.is_empty());
        Ok(Self(params))
    }
}

impl Params {
    /// Refuses parameters that the call does not know.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Problem::field(name, (FieldProblem::UnknownField, "is not a parameter of this call"))),
            None => Ok(()),
        }
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One of them as a word of ours.
    pub(crate) fn word<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| {
            Problem::field(name, (FieldProblem::NotOneOf, "is not a word of this API; GET /words lists them"))
        })
    }

    /// How many lines: 100 by default, 1 to 500.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        limit(self.get("limit"))
    }
}

/// Reads a `limit`.
pub(crate) fn limit(given: Option<&str>) -> Result<usize, Problem> {
    let Some(text) = given else { return Ok(LIMIT_DEFAULT) };
    match text.parse::<usize>() {
        Ok(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        _ => {
            Err(Problem::field("limit", (FieldProblem::OutOfRange, format!("must be a number from 1 to {LIMIT_MAX}"))))
        }
    }
}

/// A cursor that the store does not know is the caller's fault, not the store's.
pub(crate) fn list_failed(error: PortError, cursor: Option<&str>) -> Problem {
    match error {
        PortError::Damaged(_) if cursor.is_some() => {
            Problem::field("cursor", (FieldProblem::NotACursor, "is not a cursor of this list"))
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[serde(rename = "inner")]
        _inner: Inner,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "n")]
        _n: u8,
    }

    #[test]
    fn a_fault_in_a_body_is_told_by_its_place_and_never_by_its_value() {
        for (body, code, place) in [
            (r#"{"inner":{"n":"s3cret"}}"#, Code::InvalidField, "inner.n"),
            (r#"{"inner":{"n":1,"m":"s3cret"}}"#, Code::InvalidField, "inner.m"),
            (r#"{"inner":{}}"#, Code::InvalidField, "inner"),
            (r#""s3cret""#, Code::InvalidField, "body"),
            (r#"{"inner":"#, Code::InvalidJson, ""),
            ("", Code::InvalidJson, ""),
            (r#"{"inner":{"n":1}} s3cret"#, Code::InvalidJson, ""),
        ] {
            let problem = read_json::<Thing>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code, code, "{body}");
            assert!(!problem.json().to_string().contains("s3cret"), "{body}: {problem:?}");
            assert_eq!(problem.errors.first().map_or("", |e| e.field.as_str()), place, "{body}");
        }
    }

    #[test]
    fn a_body_is_an_object_and_no_list_of_its_fields() {
        for (body, code) in [
            (r#"[{"n":1}]"#, Code::InvalidField),
            ("null", Code::InvalidField),
            ("7", Code::InvalidField),
            ("[", Code::InvalidField),
            ("", Code::InvalidJson),
        ] {
            assert_eq!(read_json::<Object<Thing>>(body.as_bytes()).unwrap_err().code, code, "{body}");
        }
        assert!(read_json::<Object<Thing>>(b" {\"inner\":{\"n\":1}}").is_ok());
        assert!(read_json::<Thing>(br#"[{"n":1}]"#).is_ok(), "then this is no longer needed");
    }

    #[test]
    fn json_deeper_than_allowed_is_refused_before_it_is_read() {
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        assert_eq!(read_json::<serde_json::Value>(deep.as_bytes()).unwrap_err().code, Code::InvalidJson);
        let fine = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert!(read_json::<serde_json::Value>(fine.as_bytes()).is_ok());
    }

    #[test]
    fn limits_are_numbers_from_1_to_500() {
        assert_eq!(limit(None), Ok(100));
        for good in ["1", "500"] {
            assert_eq!(limit(Some(good)).unwrap().to_string(), good);
        }
        for bad in ["0", "501", "-1", "x", "1.5", "99999999999999999999"] {
            assert_eq!(limit(Some(bad)).unwrap_err().code, Code::InvalidField, "{bad}");
        }
    }

    #[test]
    fn bearer_tokens_are_read_whatever_the_case_of_the_scheme() {
        let header = |text: &str| HeaderMap::from_iter([(header::AUTHORIZATION, text.parse().unwrap())]);
        assert_eq!(bearer(&header("bearer abc")), Some("abc"));
        assert_eq!(bearer(&header("Bearer  abc ")), Some("abc"));
        assert_eq!(bearer(&header("Basic abc")), None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
