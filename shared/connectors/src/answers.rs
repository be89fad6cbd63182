//! Reading answers: JSON with the place of a fault, and refusals in their general meaning.

use crate::depth::{JSON_DEPTH_MAX, json_within_depth};
use crate::http::Answer;
use crate::stop::{Failure, Stop};
use domain::{Code, Said, Step, remark};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use std::fmt::Display;

const EXCERPT_CHARS_MAX: usize = 300;

impl Answer {
    /// The body as JSON, told by its place where it does not fit.
    ///
    /// # Errors
    /// [`Stop::Fail`] with `vendor_nonsense`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Stop> {
        if !json_within_depth(&self.body, JSON_DEPTH_MAX) {
            return Err(Stop::fail(Code::VendorNonsense, Some(self.status), remark::answer_too_deep()));
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| Stop::fail(Code::VendorNonsense, Some(self.status), misfit(error.inner(), error.path())))
    }

    /// The body as text, shortened; markup is not repeated.
    #[must_use]
    pub fn excerpt(&self) -> Said {
        let text = String::from_utf8_lossy(&self.body);
        let text = text.trim();
        if text.starts_with('<') {
            return remark::html_page();
        }
        text.chars().take(EXCERPT_CHARS_MAX).collect::<String>().into()
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `Retry-After` in seconds, if the vendor said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<SignedDuration> {
        self.header("retry-after")?.trim().parse::<u32>().ok().map(|s| SignedDuration::from_secs(i64::from(s)))
    }

    /// What a refusal means in general; `message` is the vendor's, read by the connector. Connectors look at their own
    /// misleading codes first.
    #[must_use]
    pub fn refusal(&self, message: impl Into<Said>) -> Stop {
        let message = message.into();
        let message = if message.is_empty() { self.excerpt() } else { message };
        let failure = |code, outage| Failure {
            code,
            step: Step::Look,
            status: Some(self.status),
            message: message.clone(),
            outage,
        };
        match self.status {
            401 => Stop::Credentials(failure(Code::CredentialsRefused, false)),
            403 => Stop::Credentials(failure(Code::PermissionMissing, false)),
            402 => Stop::Credentials(failure(Code::AccountBlocked, false)),
            429 => Stop::RateLimited { retry_after: self.retry_after(), message },
            502..=504 => Stop::Fail(failure(Code::VendorError, true)),
            500.. => Stop::Fail(failure(Code::VendorError, false)),
            400..=499 => Stop::Fail(failure(Code::VendorRefused, false)),
            _ => Stop::Fail(failure(Code::VendorNonsense, false)),
        }
    }
}

/// Serde's own words may repeat the vendor's values; these do not.
fn misfit(error: &serde_json::Error, at: impl Display) -> Said {
    match error.classify() {
        serde_json::error::Category::Eof => remark::answer_cut_at(at),
        serde_json::error::Category::Syntax => remark::answer_not_json(at),
        serde_json::error::Category::Data => remark::answer_other_type(at),
        serde_json::error::Category::Io => remark::answer_unread(at),
    }
}
