//! One entry of a form's list.

use super::view;
use domain::Connection;

/// A value that can be chosen, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

impl Choice {
    /// A word.
    pub(super) fn new(value: &str, label: impl Into<String>, chosen: Option<&str>) -> Self {
        Self { value: value.to_owned(), label: label.into(), chosen: chosen == Some(value) }
    }

    /// Those of the connections that fit, in the order of their names.
    pub(super) fn of_connections<'a>(
        connections: impl IntoIterator<Item = &'a Connection>,
        fits: impl Fn(&Connection) -> bool,
        chosen: Option<&str>,
    ) -> Vec<Self> {
        let fitting = connections.into_iter().filter(|connection| fits(connection));
        let mut choices: Vec<Self> =
            fitting.map(|connection| Self::new(connection.id.as_str(), view::label(connection), chosen)).collect();
        choices.sort_by_key(|choice| choice.label.to_lowercase());
        choices
    }
}
