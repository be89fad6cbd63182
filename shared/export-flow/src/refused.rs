//! Why something a person asked for is not done.

use crate::ports::PortError;
use connectors::{SettingError, Stop};
use domain::{Code, FieldProblem, Remark, Said};
use serde::Serialize;

/// A field that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Its path: `settings.base_url`.
    pub field: String,
    /// Why, for people.
    pub problem: String,
    /// Why, as a word.
    pub problem_code: FieldProblem,
    /// Why, as a remark, where more is to be said than the word.
    #[serde(skip)]
    pub remark: Option<Box<Remark>>,
}

impl FieldError {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, wrong: impl Into<Wrong>) -> Self {
        let Wrong(problem_code, said) = wrong.into();
        let (problem, remark) = said.into_parts();
        Self { field: field.into(), problem, problem_code, remark }
    }

    /// A setting that cannot be used.
    pub(crate) fn of_setting(error: SettingError) -> Self {
        Self::new(format!("settings.{}", error.field), (error.code, error.problem))
    }
}

/// What is wrong with a field, as a word and in words. There is none without the word: pages would have nothing to say.
#[derive(Debug)]
pub struct Wrong(FieldProblem, Said);

impl<T: Into<Said>> From<(FieldProblem, T)> for Wrong {
    fn from((code, problem): (FieldProblem, T)) -> Self {
        Self(code, problem.into())
    }
}

/// Why something a person asked for is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such thing.
    #[error("{0}")]
    Unknown(Code),
    /// Fields that cannot be used.
    #[error("fields that cannot be used")]
    Fields(Vec<FieldError>),
    /// A filter that would mean everything without saying so.
    #[error("an empty filter")]
    Empty,
    /// The present state does not allow it.
    #[error("{0}")]
    Conflict(Said),
    /// The vendor had to be asked, and that failed; the words are redacted.
    #[error("{1}")]
    Vendor(Code, Said),
    /// Our own store, queue or key service failed.
    #[error(transparent)]
    Ours(#[from] PortError),
}

impl Refused {
    /// One field that cannot be used.
    pub fn field(field: &str, wrong: impl Into<Wrong>) -> Self {
        Self::Fields(vec![FieldError::new(field, wrong)])
    }

    /// A conversation with a vendor that ended without its result; `clean` redacts the vendor's words.
    pub(crate) fn from_stop(stop: Stop, clean: impl Fn(&Said) -> Said) -> Self {
        match stop {
            Stop::Fail(failure) | Stop::Credentials(failure) => Self::Vendor(failure.code, clean(&failure.message)),
            Stop::RateLimited { message, .. } => Self::Vendor(Code::RateLimited, clean(&message)),
            Stop::Hold { reason, detail, .. } => {
                Self::Conflict(clean(&detail.unwrap_or_default().after(reason.as_str())))
            }
            Stop::Unmapped { detail, .. } => Self::Conflict(clean(&detail)),
            Stop::Skip { code, detail, .. } => {
                Self::Conflict(clean(&detail.unwrap_or_else(|| code.explanation().into())))
            }
            Stop::Ours(message) => Self::Ours(PortError::Unavailable(message)),
        }
    }
}
