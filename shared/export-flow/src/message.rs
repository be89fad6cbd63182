//! What travels on the queue: ids and hints, never documents; at most 20 KB. The version is in the variant's name, and
//! old variants stay readable until the queue's retention has passed.

use domain::{Cause, ConnectionId, EventId, ExportId, HoldReason, JobId, SourceHint, TenantId, Within};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes of a message at most.
pub const MESSAGE_BYTES_MAX: usize = 20 * 1024;

/// A queue message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Message {
    /// Something changed at a source.
    SourceEventV1(SourceEvent),
    /// The same, handed on by a worker that found its target crowded: it waits and works in that target's line.
    HandedOnV1 {
        /// The news.
        news: SourceEvent,
        /// Whose line.
        target: ConnectionId,
    },
    /// A line of a source that a batch export wants carried.
    BatchLineV1 {
        /// The line as news.
        news: SourceEvent,
        /// What it was restricted to.
        within: Box<Within>,
        /// The target in whose line it waits and works, once it was handed on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<ConnectionId>,
    },
    /// An export is due again.
    ExportDueV1(ExportDue),
    /// Something that holds waited for has happened.
    ReleaseV1(Release),
    /// A job goes on.
    JobV1 {
        /// Which.
        job: JobId,
    },
    /// Of a kind that this version does not know: a later version sent it, and its worker will take it. Never sent.
    #[serde(other, skip_serializing)]
    Later,
}

impl Message {
    /// What the log lines about this message have in common with those about the arrival it goes back to.
    #[must_use]
    pub const fn trace(&self) -> Option<&EventId> {
        match self {
            Self::ExportDueV1(due) => due.trace.as_ref(),
            _ => match self.news() {
                Some(news) => Some(&news.event),
                None => None,
            },
        }
    }

    /// The news it carries, whatever the way.
    #[must_use]
    pub const fn news(&self) -> Option<&SourceEvent> {
        match self {
            Self::SourceEventV1(news) | Self::HandedOnV1 { news, .. } | Self::BatchLineV1 { news, .. } => Some(news),
            Self::ExportDueV1(_) | Self::ReleaseV1(_) | Self::JobV1 { .. } | Self::Later => None,
        }
    }
}

/// Something changed at a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceEvent {
    /// This arrival; a redelivered message has the same.
    pub event: EventId,
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub source: ConnectionId,
    /// What.
    pub hint: SourceHint,
    /// How we heard.
    pub cause: Cause,
    /// Only this target, if a person named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<ConnectionId>,
    /// When we heard.
    pub at: Timestamp,
}

/// An export is due again. Dropped if the record has been claimed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportDue {
    /// Which.
    pub export: ExportId,
    /// The claim number it was queued under.
    pub claim: u64,
    /// To be tried with nothing else in flight in that worker.
    #[serde(default)]
    pub alone: bool,
    /// The arrival this goes back to, for the log. Absent where nobody knows it: from the sweep, from a person, from an
    /// older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<EventId>,
}

/// Something that holds waited for has happened: every export held for `reason` at `connection` is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Where.
    pub connection: ConnectionId,
    /// What they wait for.
    pub reason: HoldReason,
    /// Of those that wait for a value's counterpart only the ones that have it now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mapped: bool,
    /// Where the pass goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ExportId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Operation, Subject, SubjectKind};

    #[test]
    fn a_kind_that_is_not_known_yet_is_told_from_what_cannot_be_read() {
        let later = r#"{"type":"SourceEventV2","event":{"id":"e1"},"tenant":7}"#;
        assert_eq!(serde_json::from_str::<Message>(later).unwrap(), Message::Later);
        for broken in ["", "{", "{}", r#"{"type":7}"#, r#"{"type":"ExportDueV1"}"#, "[]"] {
            assert!(serde_json::from_str::<Message>(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn the_wire_form_of_each_variant_stays_readable() {
        let news = SourceEvent {
            event: EventId::new("e1"),
            tenant: TenantId::local(),
            source: ConnectionId::new("books"),
            hint: SourceHint {
                subject: Subject { kind: SubjectKind::Document, id: "9001".into() },
                hints: std::collections::BTreeMap::new(),
            },
            cause: Cause::Webhook,
            target: None,
            at: Timestamp::UNIX_EPOCH,
        };
        let event = Message::SourceEventV1(news.clone());
        let batch = Message::BatchLineV1 {
            news: SourceEvent { cause: Cause::Batch, ..news.clone() },
            within: Box::new(Within {
                target: Some(ConnectionId::new("shop")),
                operations: vec![Operation::SendInvoice],
            }),
            line: None,
        };
        let handed_on = Message::HandedOnV1 { news, target: ConnectionId::new("shop") };
        let due = ExportDue { export: ExportId::new("exp_x"), claim: 2, alone: false, trace: Some(EventId::new("e1")) };
        let untraced = Message::ExportDueV1(ExportDue { trace: None, ..due.clone() });
        let due = Message::ExportDueV1(due);
        let release = Message::ReleaseV1(Release {
            connection: ConnectionId::new("shop"),
            reason: HoldReason::ConnectionPaused,
            mapped: false,
            after: None,
        });
        let job = Message::JobV1 { job: JobId::new("job_1") };
        for (message, wire) in [
            (
                event,
                r#"{"type":"SourceEventV1","event":"e1","tenant":"default","source":"books","hint":{"subject":{"kind":"document","id":"9001"}},"cause":"webhook","at":"1970-01-01T00:00:00Z"}"#,
            ),
            (
                handed_on,
                r#"{"type":"HandedOnV1","news":{"event":"e1","tenant":"default","source":"books","hint":{"subject":{"kind":"document","id":"9001"}},"cause":"webhook","at":"1970-01-01T00:00:00Z"},"target":"shop"}"#,
            ),
            (
                batch,
                r#"{"type":"BatchLineV1","news":{"event":"e1","tenant":"default","source":"books","hint":{"subject":{"kind":"document","id":"9001"}},"cause":"batch","at":"1970-01-01T00:00:00Z"},"within":{"target":"shop","operations":["send_invoice"]}}"#,
            ),
            (due, r#"{"type":"ExportDueV1","export":"exp_x","claim":2,"alone":false,"trace":"e1"}"#),
            (untraced, r#"{"type":"ExportDueV1","export":"exp_x","claim":2,"alone":false}"#),
            (release, r#"{"type":"ReleaseV1","connection":"shop","reason":"connection_paused"}"#),
            (job, r#"{"type":"JobV1","job":"job_1"}"#),
        ] {
            assert_eq!(serde_json::to_string(&message).unwrap(), wire);
            assert_eq!(serde_json::from_str::<Message>(wire).unwrap(), message);
        }
    }

    #[test]
    fn what_a_newer_version_adds_is_passed_over() {
        let wire = r#"{"type":"ExportDueV1","export":"exp_x","claim":2,"alone":true,"from_the_future":{"a":1}}"#;
        let Message::ExportDueV1(due) = serde_json::from_str(wire).unwrap() else { panic!() };
        assert_eq!((due.claim, due.alone, due.trace), (2, true, None));
    }
}
