//! What a sender is told. Never a byte of what it sent.

use axum::response::{IntoResponse, Response};
use domain::Code;
use http::{StatusCode, header};
use serde_json::json;

/// How a webhook call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// In the queue: so many events.
    Accepted(usize),
    /// Refused.
    Refused(Refusal),
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The body is larger than allowed.
    TooLarge,
    /// No connection with that id and role, or its vendor sends no webhooks.
    Unknown,
    /// The sender is not who it should be.
    Unauthentic,
    /// Authentic, but not readable, or it did not come whole.
    Unreadable,
    /// Not a POST.
    Method,
    /// Ours: connection, key or queue could not be read or written.
    Unavailable,
}

impl Refusal {
    const fn parts(self) -> (StatusCode, Code) {
        match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge),
            Self::Unknown => (StatusCode::NOT_FOUND, Code::UnknownConnection),
            Self::Unauthentic => (StatusCode::UNAUTHORIZED, Code::Unauthenticated),
            Self::Unreadable => (StatusCode::BAD_REQUEST, Code::InvalidBody),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Code::StoreUnavailable),
        }
    }
}

impl Refusal {
    /// The word that the answer gives too.
    pub(crate) const fn word(self) -> &'static str {
        self.parts().1.as_str()
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            Self::Accepted(count) => {
                (StatusCode::ACCEPTED, json_body("application/json", &json!({"accepted": count}))).into_response()
            }
            Self::Refused(refusal) => {
                let (status, code) = refusal.parts();
                let problem = json!({
                    "type": format!("urn:backhaul:problem:{code}"),
                    "title": code.label(),
                    "status": status.as_u16(),
                    "detail": code.explanation(),
                    "code": code,
                    "next_step": code.next_step(),
                });
                (status, json_body("application/problem+json", &problem)).into_response()
            }
        }
    }
}

fn json_body(content_type: &'static str, body: &serde_json::Value) -> impl IntoResponse + use<> {
    ([(header::CONTENT_TYPE, content_type)], body.to_string())
}
