//! The one port through which connectors speak HTTP.

use crate::spec::{Hosts, Pace};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method};
use async_trait::async_trait;
use bytes::Bytes;
use domain::{ConnectionId, Said, TenantId};
use jiff::Timestamp;
use url::Url;

/// Whose call it is and under which limits it is made.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Whose.
    pub tenant: TenantId,
    /// For which connection; pace and vendor limits are kept per connection.
    pub connection: ConnectionId,
    /// Declared pace; `None` is off.
    pub pace: Option<Pace>,
    /// Which hosts may be called.
    pub hosts: Hosts,
}

/// What is sent.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// Bytes with their content type.
    Bytes {
        /// `Content-Type`.
        content_type: String,
        /// The bytes.
        bytes: Bytes,
    },
}

/// One request. Header values that carry credentials are marked sensitive.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Whole address.
    pub url: Url,
    /// Headers; `Content-Type` comes from the body.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// Bytes of answer that are read at most; `None` is the sender's default (2 MiB).
    pub answer_bytes_max: Option<usize>,
}

impl Request {
    /// A request without headers or body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: Body::Empty, answer_bytes_max: None }
    }

    /// A GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Adds a header. A value that no header can carry is left out; settings are validated before they come here.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Adds a header that no log or trial may show.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.headers.insert(name, value);
        }
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json<T: serde::Serialize>(mut self, value: &T) -> Self {
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        self.body = Body::Bytes { content_type: "application/json".into(), bytes: bytes.into() };
        self
    }

    /// A body of any type.
    #[must_use]
    pub fn body(mut self, content_type: &str, bytes: impl Into<Bytes>) -> Self {
        self.body = Body::Bytes { content_type: content_type.into(), bytes: bytes.into() };
        self
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, read whole.
    pub body: Bytes,
}

/// Why no connection was made: nothing can have reached the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConnected {
    /// The name does not resolve.
    Dns,
    /// Refused, unreachable or timed out.
    Tcp,
    /// The certificate or handshake failed.
    Tls,
    /// The address is private, loopback or link-local and such are not allowed.
    AddressRefused,
    /// The host is not one this connection may call.
    HostRefused,
}

/// A call that brought no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// No connection was made.
    NotConnected(NotConnected, Said),
    /// The connection was made; no answer came in time.
    TimedOut,
    /// The connection was made and broke.
    Broken(Said),
    /// The answer is larger than allowed. The vendor has done what it was asked.
    AnswerTooLarge {
        /// The limit, bytes.
        limit: usize,
    },
    /// The pace, or a limit the vendor told us, does not allow the call before this time. Nothing was sent.
    Paced {
        /// When the next call may be made.
        until: Timestamp,
    },
}

/// The only way out. Implementations keep time-outs, size caps, address rules and paces.
#[async_trait]
pub trait Http: Send + Sync {
    /// Makes one call and reads the whole answer. `writing` calls have the longer time-out and are never repeated by
    /// the transport itself.
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError>;

    /// The vendor wants no call of this lane before `until`, as its connector has read in a body. What headers say, the
    /// implementation reads by itself; one that keeps no paces has nothing to do.
    async fn close(&self, _lane: &Lane, _until: Timestamp) {}
}
