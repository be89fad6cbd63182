//! How the API refuses: `application/problem+json` with a code of the one list.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use domain::{Advice, Code};
use export_flow::ports::PortError;
use export_flow::refused::{Refused, Wrong};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

/// A field that cannot be used.
pub use export_flow::refused::FieldError;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub code: Code,
    /// What it is about in this case; never repeats a body or a secret.
    pub detail: String,
    /// The fields, for [`Code::InvalidField`].
    pub errors: Vec<FieldError>,
    /// What to do about this case, where it is more than what the code says.
    pub next_step: Option<&'static str>,
}

impl Problem {
    /// A refusal with a sentence about this case.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: vec![], next_step: None }
    }

    /// A refusal in the code's own words.
    #[must_use]
    pub fn plain(code: Code) -> Self {
        Self::new(code, code.explanation())
    }

    /// One field that cannot be used.
    pub fn field(field: &str, wrong: impl Into<Wrong>) -> Self {
        Self::fields(vec![FieldError::new(field, wrong)])
    }

    /// Fields that cannot be used.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail: Vec<String> = errors.iter().map(|e| format!("{}: {}", e.field, e.problem)).collect();
        Self { errors, ..Self::new(Code::InvalidField, detail.join("; ")) }
    }

    /// With what to do about this case.
    #[must_use]
    pub const fn next(mut self, step: &'static str) -> Self {
        self.next_step = Some(step);
        self
    }

    /// The HTTP status of it.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.code {
            Code::UnknownConnection
            | Code::UnknownExport
            | Code::UnknownOrder
            | Code::UnknownJob
            | Code::UnknownCode
            | Code::UnknownConnector
            | Code::UnknownPath => StatusCode::NOT_FOUND,
            Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Code::InvalidField | Code::EmptyFilter => StatusCode::UNPROCESSABLE_ENTITY,
            Code::InvalidJson | Code::InvalidBody => StatusCode::BAD_REQUEST,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::Forbidden | Code::NoTenant => StatusCode::FORBIDDEN,
            Code::HostRefused => StatusCode::MISDIRECTED_REQUEST,
            Code::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Conflict => StatusCode::CONFLICT,
            // A vendor had to be asked while a person waits, and that failed.
            _ => StatusCode::FAILED_DEPENDENCY,
        }
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("type".into(), json!(Advice::path(self.code.as_str())));
        object.insert("title".into(), json!(self.code.label()));
        object.insert("status".into(), json!(self.status().as_u16()));
        object.insert("detail".into(), json!(self.detail));
        object.insert("code".into(), json!(self.code));
        object.insert("next_step".into(), json!(self.next_step.unwrap_or_else(|| self.code.next_step())));
        if !self.errors.is_empty() {
            object.insert("errors".into(), json!(self.errors));
        }
        Value::Object(object)
    }
}

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        tracing::error!(error = %error, "console.store_failed");
        Self::plain(Code::StoreUnavailable)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown(code) => Self::plain(code),
            Refused::Fields(errors) => Self::fields(errors),
            Refused::Empty => Self::plain(Code::EmptyFilter),
            Refused::Conflict(detail) => Self::new(Code::Conflict, &*detail),
            Refused::Vendor(code, detail) => Self::new(code, &*detail),
            Refused::Ours(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.json().to_string()));
        *response.status_mut() = self.status();
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }
}

/// Nothing at this address.
pub(crate) async fn unknown_path() -> Problem {
    Problem::plain(Code::UnknownPath)
}

/// Not with this method.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::plain(Code::MethodNotAllowed)
}
