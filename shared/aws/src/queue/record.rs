//! What SQS hands out, by a receive or in a Lambda event, as the engine takes it.

use super::message;
use aws_sdk_sqs::types::{Message as Received, MessageSystemAttributeName};
use domain::{ConnectionId, ExportKey};
use export_flow::message::Message;
use export_flow::ports::{Incoming, group};
use std::collections::HashMap;
use std::hash::BuildHasher;

/// The record of a Lambda event as a received message: its body, its receipt handle and its attributes.
///
/// What is missing is made up for: a body that is absent cannot be read, a count is that of a first receive, and a
/// group that was not told is the one that the message would have been sent with.
#[must_use]
pub fn incoming<S: BuildHasher>(
    body: Option<&str>,
    receipt: &str,
    attributes: &HashMap<String, String, S>,
) -> Incoming {
    let attribute = |name: &str| attributes.get(name).map(String::as_str);
    made(body, receipt, attribute("ApproximateReceiveCount"), attribute("MessageGroupId"))
}

/// The same of a message that we received ourselves.
pub(super) fn of_receive(received: Received) -> Incoming {
    let attribute = |name| received.attributes().and_then(|all| all.get(&name)).map(String::as_str);
    let receives = attribute(MessageSystemAttributeName::ApproximateReceiveCount);
    let group = attribute(MessageSystemAttributeName::MessageGroupId);
    made(received.body(), received.receipt_handle().unwrap_or_default(), receives, group)
}

fn made(body: Option<&str>, receipt: &str, receives: Option<&str>, group: Option<&str>) -> Incoming {
    let message = body.and_then(message);
    let group = group.filter(|group| !group.is_empty()).map(ConnectionId::new);
    Incoming {
        group: group.or_else(|| message.as_ref().and_then(group_of)).unwrap_or_else(|| ConnectionId::new("unknown")),
        receives: receives.and_then(|count| count.parse().ok()).unwrap_or(1),
        receipt: receipt.to_owned(),
        message,
    }
}

fn group_of(message: &Message) -> Option<ConnectionId> {
    match message {
        Message::SourceEventV1(event) => Some(event.source.clone()),
        Message::HandedOnV1 { target, .. } => Some(target.clone()),
        Message::BatchLineV1 { news, line, .. } => Some(line.as_ref().unwrap_or(&news.source).clone()),
        Message::ExportDueV1(due) => ExportKey::decode(&due.export).ok().map(|key| group(&key).clone()),
        Message::ReleaseV1(release) => Some(release.connection.clone()),
        Message::JobV1 { .. } | Message::Later => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::samples;

    fn attributes(all: &[(&str, &str)]) -> HashMap<String, String> {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn body() -> String {
        serde_json::to_string(&samples::due_message("1", &samples::shop()).message).unwrap()
    }

    #[test]
    fn a_record_is_what_was_sent() {
        let told = attributes(&[("ApproximateReceiveCount", "3"), ("MessageGroupId", "books"), ("SenderId", "me")]);
        let incoming = incoming(Some(&body()), "receipt", &told);
        assert_eq!(incoming.message, Some(samples::due_message("1", &samples::shop()).message));
        assert_eq!((incoming.receipt.as_str(), incoming.receives), ("receipt", 3));
        assert_eq!(incoming.group, samples::books());
    }

    #[test]
    fn a_body_that_cannot_be_read_is_none_and_keeps_its_group() {
        let told = attributes(&[("MessageGroupId", "books")]);
        for body in [None, Some(""), Some("{"), Some(r#"{"type":7}"#)] {
            let incoming = incoming(body, "receipt", &told);
            assert_eq!((incoming.message, incoming.group), (None, samples::books()), "{body:?}");
        }
        let later = incoming(Some(r#"{"type":"FromTheFutureV2"}"#), "receipt", &told);
        assert_eq!((later.message, later.group), (Some(Message::Later), samples::books()));
    }

    #[test]
    fn what_is_not_told_is_made_up_for() {
        let known = incoming(Some(&body()), "receipt", &attributes(&[("ApproximateReceiveCount", "many")]));
        assert_eq!((known.group, known.receives), (samples::shop(), 1));
        assert_eq!(incoming(None, "receipt", &attributes(&[])).group.as_str(), "unknown");
    }
}
