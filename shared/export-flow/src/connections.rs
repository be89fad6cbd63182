//! What people do with connections: put, check, pause, resume, delete.

use serde::Serialize;

/// A field that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Its path: `settings.base_url`.
    pub field: String,
    /// Why, for people.
    pub problem: String,
}

impl FieldError {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}
