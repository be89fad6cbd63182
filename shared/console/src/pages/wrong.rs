//! What is wrong with fields, in the reader's language: one sentence for each word of [`domain::FieldProblem`].

use super::view::humanise;
use crate::texts::{self, named};
use export_flow::refused::FieldError;

/// What is wrong with a field, below its input.
pub(super) fn sentence(error: &FieldError) -> String {
    let remark = error.remark.as_deref();
    let known = named("field-problem", error.problem_code.as_str()).filter(|_| remark.is_none());
    known.map_or_else(|| texts::sentence(&texts::kept(&error.problem, remark)), str::to_owned)
}

/// The same where its input does not show: with its name.
pub(super) fn named_sentence(error: &FieldError) -> String {
    let name =
        named("field-name", &error.field.replace('.', "-")).map_or_else(|| humanise(&error.field), str::to_owned);
    format!("{name}: {}", sentence(error))
}

/// The same of several at once.
pub(super) fn sentences(errors: &[FieldError]) -> String {
    errors.iter().map(named_sentence).collect::<Vec<_>>().join(" ")
}
