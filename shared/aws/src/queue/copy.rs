//! The copy of a dead export as it lies in the dead-letter queue: the whole record as body, and what a person wants to
//! see in a list of messages as attributes.

use super::batch::attribute;
use super::{VERSION, text};
use aws_sdk_sqs::types::{Message as Received, MessageAttributeValue};
use domain::{Export, ExportId};
use export_flow::ports::{DeadCopy, PortError, group};
use serde::Deserialize;
use std::collections::HashMap;

/// Bytes of a copy's body at most. SQS takes 1 MiB, in some places still 256 KiB, attributes included.
const BYTES_MAX: usize = 224 * 1024;
/// Characters of an attribute at most; the export's id is never cut.
const CHARS_MAX: usize = 200;
/// Characters left of an attempt's message when the copy is too large.
const MESSAGE_CHARS: usize = 80;

const KIND: (&str, &str) = ("kind", "dead_copy");
const EXPORT: &str = "export";

/// What may go from a copy that is too large, least missed first. The record itself keeps everything.
const TRIMS: [fn(&mut Export); 4] = [
    |export| export.attempt_log.iter_mut().for_each(|attempt| cut(&mut attempt.message, MESSAGE_CHARS)),
    |export| export.attempt_log.iter_mut().for_each(|attempt| attempt.message.clear()),
    |export| {
        export.earlier_receipts.clear();
        export.receipt = None;
        export.notes.clear();
    },
    |export| {
        let bare = Export::new(export.key.clone(), export.created_at);
        *export = Export {
            state: export.state,
            code: export.code,
            attempts: export.attempts,
            claim: export.claim,
            changed_at: export.changed_at,
            ..bare
        };
    },
];

fn cut(text: &mut String, chars: usize) {
    if let Some((end, _)) = text.char_indices().nth(chars) {
        text.truncate(end);
    }
}

/// A copy's body: the whole if it fits, else as much as does.
pub(super) fn body(copy: &DeadCopy) -> Result<String, PortError> {
    let written = |copy: &DeadCopy| {
        let json = serde_json::to_string(copy).map_err(|error| PortError::Damaged(error.to_string()))?;
        Ok::<_, PortError>(text(&json))
    };
    let mut body = written(copy)?;
    let mut copy = copy.clone();
    for trim in TRIMS {
        if body.len() <= BYTES_MAX {
            break;
        }
        trim(&mut copy.export);
        body = written(&copy)?;
    }
    Ok(body)
}

/// A copy's attributes: ten at most, none empty.
pub(super) fn attributes(export: &Export) -> HashMap<String, MessageAttributeValue> {
    let key = &export.key;
    let document = export.numbers.first().unwrap_or(&key.subject.id);
    let (version, attempts) = (VERSION.1.to_owned(), export.attempts.to_string());
    let numbers = [(VERSION.0, version), ("attempts", attempts)].map(|(name, value)| (name, "Number", value));
    let texts = [
        (KIND.0, KIND.1),
        ("connection", group(key).as_str()),
        ("source", key.source.as_str()),
        ("operation", key.operation.as_str()),
        ("code", export.code.map_or("", domain::Code::as_str)),
        ("order", export.order.as_ref().map_or("", |order| order.as_str())),
        ("document", document),
    ];
    let texts = texts.map(|(name, value)| {
        let mut value: String =
            value.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
        cut(&mut value, CHARS_MAX);
        (name, "String", value)
    });
    let id = [(EXPORT, "String", export.id.to_string())];
    let all = numbers.into_iter().chain(texts).chain(id).filter(|(_, _, value)| !value.is_empty());
    all.filter_map(|(name, kind, value)| Some((name.to_owned(), attribute(kind, &value).ok()?))).collect()
}

/// Of which export a message of the dead-letter queue is the copy; `None` if it is no copy. A copy that a newer version
/// of this program wrote is still known by its attribute.
pub(super) fn export_of(received: &Received) -> Option<ExportId> {
    #[derive(Deserialize)]
    struct Copy {
        export: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        id: ExportId,
    }
    let told = received.message_attributes().and_then(|all| all.get(EXPORT)).and_then(|value| value.string_value());
    let read = || serde_json::from_str::<Copy>(received.body()?).ok().map(|copy| copy.export.id);
    told.map(ExportId::new).or_else(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Attempt, Code, OrderReference, State, Step};
    use testkit::samples::{at, ended, key, noon, receipt};

    fn copy(messages: usize, proof: usize) -> DeadCopy {
        let mut export = Export::new(key("1"), noon());
        export.claim = 3;
        export.attempts = 3;
        export.code = Some(Code::VendorRefused);
        export.order = Some(OrderReference::new("1001"));
        export.numbers = vec!["2026-0001".into()];
        for _ in 0..3 {
            let message = "ž".repeat(messages);
            export.log_attempt(Attempt {
                at: at(1),
                step: Step::Send,
                status: Some(400),
                code: Code::VendorRefused,
                message,
                remark: None,
            });
        }
        let mut earlier = receipt(at(2));
        earlier.proof = serde_json::json!("p".repeat(proof));
        export.earlier_receipts.push(earlier);
        DeadCopy { export: ended(&export, State::Dead, None), at: at(5) }
    }

    fn read(body: &str) -> DeadCopy {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_copy_is_the_whole_record_where_it_fits() {
        let whole = copy(500, 1000);
        assert_eq!(read(&body(&whole).unwrap()), whole);
    }

    #[test]
    fn of_a_copy_that_is_too_large_the_attempts_messages_are_cut_first() {
        let (large, cut) = (copy(60_000, 10), read(&body(&copy(60_000, 10)).unwrap()));
        assert_eq!(cut.export.attempt_log.len(), 3);
        assert_eq!(cut.export.attempt_log[0].message.chars().count(), MESSAGE_CHARS);
        assert_eq!(cut.export.earlier_receipts, large.export.earlier_receipts);
    }

    #[test]
    fn no_copy_is_too_large_to_be_sent() {
        let cut = body(&copy(100, 300_000)).unwrap();
        assert!(cut.len() <= BYTES_MAX);
        let cut = read(&cut).export;
        assert_eq!((cut.state, cut.code, cut.attempt_log.len()), (State::Dead, Some(Code::VendorRefused), 3));
        let mut huge = copy(100, 10);
        huge.export.hints.insert("h".into(), "x".repeat(300_000));
        let cut = body(&huge).unwrap();
        assert!(cut.len() <= BYTES_MAX);
        assert_eq!(read(&cut).export.claim, 3);
    }

    #[test]
    fn a_person_sees_what_it_is_about() {
        let mut export = copy(1, 1).export;
        let shown = attributes(&export);
        let value = |name: &str| shown.get(name).map(|value| value.string_value().unwrap().to_owned());
        assert_eq!(shown.len(), 10, "SQS takes ten at most");
        for (name, expected) in [
            ("connection", "shop"),
            ("operation", "send_invoice"),
            ("code", "vendor_refused"),
            ("order", "1001"),
            ("document", "2026-0001"),
            ("attempts", "3"),
            ("version", "1"),
        ] {
            assert_eq!(value(name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(value("export"), Some(export.id.to_string()));
        export.order = None;
        export.code = None;
        assert_eq!(attributes(&export).len(), 8, "an empty attribute would be refused");
    }

    #[test]
    fn a_copy_is_known_by_its_attribute_and_else_by_its_body() {
        let copy = copy(1, 1);
        let by_attribute =
            Received::builder().set_message_attributes(Some(attributes(&copy.export))).body("from the future");
        let by_body = Received::builder().body(body(&copy).unwrap());
        assert_eq!(export_of(&by_attribute.build()), Some(copy.export.id.clone()));
        assert_eq!(export_of(&by_body.build()), Some(copy.export.id));
        assert_eq!(export_of(&Received::builder().body(r#"{"type":"JobV1","job":"1"}"#).build()), None);
    }
}
