//! The names that an entry of the trail gives, in words.

use crate::access::{SESSION, TOKEN, VIEWER_TOKEN};
use crate::pages::timeline::decision;
use crate::pages::view::{Names, humanise};
use crate::texts::{self, say, word};
use domain::{AuditEntry, ConnectionId};

/// Names of one kind.
pub(super) struct Named {
    /// What they are names of.
    pub(super) label: String,
    /// The names.
    pub(super) values: Vec<Value>,
}

/// A name.
pub(super) struct Value {
    /// As people say it.
    pub(super) text: String,
    /// Nobody has a word for it: it is shown as machines write it.
    pub(super) raw: bool,
}

/// Who acted, as people say it.
pub(super) fn who(who: &str) -> String {
    let known = match who {
        SESSION => "audit-who-session",
        TOKEN => "audit-who-token",
        VIEWER_TOKEN => "audit-who-viewer-token",
        // What looked like an address was not kept.
        "" => "audit-who-unknown",
        other => return other.to_owned(),
    };
    say(known).to_owned()
}

/// Everything that an entry names.
pub(super) fn named(entry: &AuditEntry, names: &Names) -> Vec<Named> {
    let of_one = |(name, values): (&String, &Vec<String>)| Named {
        label: called(name),
        values: values.iter().map(|value| said(name, value, names)).collect(),
    };
    entry.detail.iter().map(of_one).collect()
}

fn called(name: &str) -> String {
    texts::named("audit-names", name).map_or_else(|| humanise(name), str::to_owned)
}

fn said(name: &str, value: &str, names: &Names) -> Value {
    let known = match name {
        "source" | "target" | "connection" | "at" => Some(names.label(&ConnectionId::new(value))),
        "operation" | "operations" => of_words(&["operation"], value),
        "switches" => of_words(&["switch"], value),
        "kinds" => of_words(&["notice"], value),
        "role" => of_words(&["role", "access_role"], value),
        "code" => Some(texts::label(value).to_owned()).filter(|label| !label.is_empty()),
        "outcome" | "decision" => Some(decision(value)),
        "all" | "dry_run" => Some(say("yes").to_owned()),
        "changed" => changed(value),
        _ => None,
    };
    Value { raw: known.is_none(), text: known.unwrap_or_else(|| value.to_owned()) }
}

fn of_words(kinds: &[&str], value: &str) -> Option<String> {
    let found = kinds.iter().find_map(|kind| domain::word(kind, value))?;
    Some(word(found).label.to_owned())
}

/// A changed part of a connection: `label`, `settings.base_url`, `switches.send_invoice`.
fn changed(value: &str) -> Option<String> {
    let Some((part, inside)) = value.split_once('.') else { return Some(called(value)) };
    let inside = if part == "switches" { of_words(&["switch"], inside) } else { None }.unwrap_or_else(|| inside.into());
    Some(format!("{} ({inside})", called(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, value: &str) -> (String, bool) {
        let said = said(name, value, &Names::default());
        (said.text, said.raw)
    }

    #[test]
    fn what_has_a_word_is_said_and_the_rest_is_shown_as_it_is() {
        assert_eq!(text("changed", "settings.base_url"), ("Settings (base_url)".into(), false));
        assert_eq!(text("changed", "switches.send_invoice"), ("Switches (Receives invoices)".into(), false));
        assert_eq!(text("outcome", "not_needed"), ("it is not needed".into(), false));
        assert_eq!(text("code", "vendor_refused"), ("The vendor refused".into(), false));
        assert_eq!(text("code", "odd"), ("odd".into(), true));
        assert_eq!(text("secrets", "api_key"), ("api_key".into(), true));
        assert_eq!(text("role", "viewer"), ("Viewer".into(), false));
    }
}
