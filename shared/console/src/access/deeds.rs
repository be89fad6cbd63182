//! What a changing request is called in the trail, what it is about, and which names it gives. Names only: of a body's values
//! only ids and words are kept, of settings and secrets only how they are called.

use domain::{About, AboutKind, AuditAction, AuditDetail};
use http::Method;
use serde_json::Value;
use url::form_urlencoded;

/// What is at most kept of one list of names.
const NAMES_MAX: usize = 20;
const NAME_CHARS_MAX: usize = 200;

/// Every change there is, by the route that makes it.
const DEEDS: &[(&str, &str, AuditAction)] = &[
    ("PUT", "/api/v1/connections/{id}", AuditAction::PutConnection),
    ("DELETE", "/api/v1/connections/{id}", AuditAction::DeleteConnection),
    ("POST", "/api/v1/connections/{id}/check", AuditAction::CheckConnection),
    ("POST", "/api/v1/connections/{id}/pause", AuditAction::PauseConnection),
    ("POST", "/api/v1/connections/{id}/resume", AuditAction::ResumeConnection),
    ("POST", "/api/v1/connections/{id}/secrets", AuditAction::RotateSecrets),
    ("POST", "/api/v1/connections/{id}/webhook-token", AuditAction::RotateSecrets),
    ("POST", "/api/v1/connections/{id}/connect", AuditAction::ConnectAtVendor),
    ("POST", "/api/v1/connections/{id}/switches/outlook", AuditAction::Preview),
    ("POST", "/api/v1/connections/{id}/rules/preview", AuditAction::Preview),
    ("POST", "/api/v1/connections/{id}/webhook-test", AuditAction::CheckConnection),
    ("PUT", "/api/v1/connections/{id}/mappings", AuditAction::SaveMappings),
    ("POST", "/api/v1/exports", AuditAction::CarryByHand),
    ("POST", "/api/v1/exports/decisions", AuditAction::DecideMany),
    ("POST", "/api/v1/exports/{id}/retry", AuditAction::Retry),
    ("POST", "/api/v1/exports/{id}/resolve", AuditAction::Resolve),
    ("POST", "/api/v1/exports/{id}/seen", AuditAction::Seen),
    ("POST", "/api/v1/shipments", AuditAction::TellShipments),
    ("POST", "/api/v1/dead-letters/redrive", AuditAction::Redrive),
    ("POST", "/api/v1/dead-letters/dismiss", AuditAction::Dismiss),
    ("POST", "/api/v1/batch-exports", AuditAction::BatchExport),
    ("POST", "/api/v1/jobs/{id}/cancel", AuditAction::CancelJob),
    ("PUT", "/api/v1/notices", AuditAction::PutNotices),
    ("POST", "/api/v1/notices/test", AuditAction::TestNotices),
    ("PUT", "/api/v1/orders/{channel}/{reference}/aliases", AuditAction::NameAliases),
    ("POST", "/api/v1/login-links", AuditAction::MakeLink),
    ("POST", "/connections/new/{connector}", AuditAction::PutConnection),
    ("POST", "/connections/{id}/edit", AuditAction::PutConnection),
    ("POST", "/connections/{id}/remove", AuditAction::DeleteConnection),
    ("POST", "/connections/{id}/secrets", AuditAction::RotateSecrets),
    ("POST", "/connections/{id}/switches", AuditAction::Preview),
    ("POST", "/connections/{id}/webhook-test", AuditAction::CheckConnection),
    ("POST", "/connections/{id}/webhook-token", AuditAction::RotateSecrets),
    ("POST", "/connections/{id}/connect", AuditAction::ConnectAtVendor),
    ("POST", "/connections/{id}/check", AuditAction::CheckConnection),
    ("POST", "/connections/{id}/pause", AuditAction::PauseConnection),
    ("POST", "/connections/{id}/resume", AuditAction::ResumeConnection),
    ("POST", "/connections/{id}/mappings", AuditAction::SaveMappings),
    ("POST", "/connections/{id}/rules", AuditAction::PutConnection),
    ("POST", "/connections/{id}/rules/preview", AuditAction::Preview),
    ("POST", "/trial/send", AuditAction::CarryByHand),
    ("POST", "/connections/{id}/events", AuditAction::CarryByHand),
    ("POST", "/connections/{id}/documents", AuditAction::Preview),
    ("POST", "/exports/selected", AuditAction::DecideMany),
    ("POST", "/exports/{id}/decide", AuditAction::Resolve),
    ("POST", "/exports/{id}/seen", AuditAction::Seen),
    ("POST", "/shipments", AuditAction::TellShipments),
    ("POST", "/dead-letters/preview", AuditAction::Preview),
    ("POST", "/jobs/{id}/confirm", AuditAction::ConfirmJob),
    ("POST", "/jobs/{id}/cancel", AuditAction::CancelJob),
    ("POST", "/notices/test", AuditAction::TestNotices),
    ("POST", "/notices/language", AuditAction::PutNotices),
    ("POST", "/reconciliation/make", AuditAction::CarryByHand),
];

/// Fields whose value is an id or a word of ours.
const WORDS: [&str; 16] = [
    "all",
    "at",
    "code",
    "connection",
    "decision",
    "document",
    "dry_run",
    "kind",
    "operation",
    "order",
    "outcome",
    "role",
    "shipment",
    "since",
    "source",
    "target",
];
/// Fields that are lists of such.
const LISTS: [&str; 3] = ["ids", "kinds", "operations"];
/// Fields of which the names inside are told.
const PARTS: [&str; 6] = ["settings", "secrets", "switches", "rules", "mappings", "webhook"];

/// What a request does, and the names it gives.
pub(super) fn of(method: &Method, path: &str, names: &AuditDetail) -> (AuditAction, AuditDetail) {
    let known = DEEDS.iter().find(|(known, route, _)| *known == method.as_str() && *route == path);
    match known {
        Some((_, _, action)) => (*action, names.clone()),
        None => {
            let call = format!("{method} {path}");
            (AuditAction::Other, AuditDetail::from([("call".to_owned(), vec![call])]))
        }
    }
}

/// What a path names.
pub(super) fn about<'a>(path: &str, params: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<About> {
    let first = path.strip_prefix("/api/v1").unwrap_or(path).split('/').nth(1).unwrap_or_default();
    let kind = |name: &str| match (first, name) {
        ("connections", "connector") => None,
        ("connections", _) | ("orders", "channel") => Some(AboutKind::Connection),
        ("exports", _) => Some(AboutKind::Export),
        ("jobs", _) => Some(AboutKind::Job),
        ("orders", _) => Some(AboutKind::Order),
        _ => None,
    };
    let mut about: Vec<About> = params.filter_map(|(name, id)| Some(About::new(kind(name)?, id))).collect();
    if first == "notices" {
        about.push(About::new(AboutKind::Notices, "notices"));
    }
    about
}

/// With the connections that are named.
pub(super) fn and_named(mut about: Vec<About>, names: &AuditDetail) -> Vec<About> {
    for field in ["source", "target", "connection", "at"] {
        for id in names.get(field).into_iter().flatten() {
            if !about.iter().any(|known| known.kind == AboutKind::Connection && known.id == *id) {
                about.push(About::new(AboutKind::Connection, id.clone()));
            }
        }
    }
    about
}

/// The names that a body gives.
pub(super) fn names(path: &str, body: &[u8]) -> AuditDetail {
    if path.starts_with("/api/") { of_json(body) } else { of_form(body) }
}

fn of_json(body: &[u8]) -> AuditDetail {
    let mut names = AuditDetail::new();
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return names };
    let filter = body.get("filter").and_then(Value::as_object);
    for (name, value) in body.iter().chain(filter.into_iter().flatten()) {
        let found: Vec<String> = match value {
            Value::String(text) if WORDS.contains(&name.as_str()) => vec![text.clone()],
            Value::Bool(true) if WORDS.contains(&name.as_str()) => vec!["true".to_owned()],
            Value::Array(list) if LISTS.contains(&name.as_str()) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Value::Object(part) if PARTS.contains(&name.as_str()) => part.keys().cloned().collect(),
            _ => continue,
        };
        tell(&mut names, name, found);
    }
    names
}

fn of_form(body: &[u8]) -> AuditDetail {
    let mut names = AuditDetail::new();
    for (name, value) in form_urlencoded::parse(body) {
        if WORDS.contains(&name.as_ref()) || LISTS.contains(&name.as_ref()) {
            let mut found = names.remove(name.as_ref()).unwrap_or_default();
            found.push(value.trim().to_owned());
            tell(&mut names, &name, found);
        } else if let Some((part, inside)) = name.split_once('.').filter(|(part, _)| PARTS.contains(part))
            && !value.trim().is_empty()
        {
            let mut found = names.remove(part).unwrap_or_default();
            found.push(inside.to_owned());
            tell(&mut names, part, found);
        }
    }
    names
}

fn tell(names: &mut AuditDetail, name: &str, mut found: Vec<String>) {
    found.retain(|text| is_name(text));
    found.truncate(NAMES_MAX);
    if !found.is_empty() {
        names.insert(name.to_owned(), found);
    }
}

/// Whether a text is an id or a word, and neither a sentence nor an address.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "-_./:#+".contains(c);
    (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(body: &Value) -> Value {
        json!(of_json(body.to_string().as_bytes()))
    }

    #[test]
    fn of_a_connection_only_the_names_of_what_is_in_it_are_told() {
        let body = json!({
            "role": "channel", "connector": "magento", "label": "Jana's shop",
            "settings": {"base_url": "https://user:s3cret@shop.example"}, "secrets": {"access_token": "s3cret", "old": null},
            "switches": {"send_invoice": true}, "note": "s3cret",
        });
        assert_eq!(
            said(&body),
            json!({"role": ["channel"], "settings": ["base_url"], "secrets": ["access_token", "old"],
                "switches": ["send_invoice"]})
        );
    }

    #[test]
    fn of_a_filter_its_words_are_told_and_of_notices_no_address() {
        assert_eq!(
            said(
                &json!({"filter": {"connection": "shop", "ids": ["exp_1", "exp_2"]}, "dry_run": true, "note": "mended"})
            ),
            json!({"connection": ["shop"], "ids": ["exp_1", "exp_2"], "dry_run": ["true"]})
        );
        let notices = json!({
            "webhook": {"url": "https://hooks.example/s3cret"}, "email": ["jana@example.com"], "kinds": ["dead_letter"],
        });
        assert_eq!(said(&notices), json!({"webhook": ["url"], "kinds": ["dead_letter"]}));
    }

    #[test]
    fn what_is_no_name_is_not_told() {
        for body in [json!([1]), json!("x"), json!({"source": {"a": 1}}), json!({"source": "jana@example.com"})] {
            assert_eq!(said(&body), json!({}), "{body}");
        }
        assert_eq!(said(&json!({"document": "two words", "order": "x".repeat(201)})), json!({}));
        let form = of_form(b"csrf=s3cret&outcome=not_needed&note=Jana&ids=a&ids=b&to-0=x");
        assert_eq!(json!(form), json!({"outcome": ["not_needed"], "ids": ["a", "b"]}));
    }

    #[test]
    fn a_path_says_what_it_is_about() {
        let about = |path: &str, params: &[(&str, &str)]| -> Vec<(AboutKind, String)> {
            super::about(path, params.iter().copied()).into_iter().map(|about| (about.kind, about.id)).collect()
        };
        assert_eq!(
            about("/api/v1/connections/{id}/pause", &[("id", "shop")]),
            [(AboutKind::Connection, "shop".into())]
        );
        assert_eq!(about("/exports/{id}/decide", &[("id", "exp_1")]), [(AboutKind::Export, "exp_1".into())]);
        let order = about("/api/v1/orders/{channel}/{reference}/aliases", &[("channel", "shop"), ("reference", "1/2")]);
        assert_eq!(order, [(AboutKind::Connection, "shop".into()), (AboutKind::Order, "1/2".into())]);
        assert_eq!(about("/notices/test", &[]), [(AboutKind::Notices, "notices".into())]);
        assert_eq!(about("/api/v1/exports", &[]), []);
    }
}
