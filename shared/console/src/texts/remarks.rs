//! Remarks of the engine in the language spoken: English from the code, the others from their folders.

use super::language::english;
use super::{find, label, named, spoken};
use domain::{Remark, Said};
use fluent_bundle::{FluentArgs, FluentValue};

/// What a record keeps: the remark in the reader's language, else the text that stands there.
pub(crate) fn kept(text: &str, remark: Option<&Remark>) -> String {
    let language = spoken();
    let own = remark.filter(|_| language.code != english().code).and_then(|remark| {
        let mut args = FluentArgs::new();
        for (gap, value) in &remark.args {
            args.set(gap.as_str(), FluentValue::from(filling(gap, value)));
        }
        language.filled(&format!("remark-{}", remark.code.replace('_', "-")), &args)
    });
    own.unwrap_or_else(|| text.to_owned())
}

/// The same of what was said just now.
pub(crate) fn said(said: &Said) -> String {
    kept(said, said.as_remark())
}

/// What fills a gap: words of ours in the reader's language, anything else as it is.
fn filling<'a>(gap: &str, value: &'a str) -> std::borrow::Cow<'a, str> {
    let own = match gap {
        "state" => Some(label(value)).filter(|label| !label.is_empty()),
        "job" => named("jobs-state", value),
        "kind" => find(&format!("subject-{value}")),
        _ => None,
    };
    own.map_or_else(|| value.into(), |own| own.to_lowercase().into())
}

/// A remark as a sentence of its own.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let said = chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect());
    if said.is_empty() || said.ends_with(['.', '!', '?', '…']) { said } else { said + "." }
}
