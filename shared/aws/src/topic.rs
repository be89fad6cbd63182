//! Notices to a topic of SNS. Whoever wants them subscribes there: people get text, programs JSON.

use crate::clients::Settings;
use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata as _;
use domain::{Code, NoticeWay, without_marks};
use export_flow::notices::{Letter, Notifier, Undelivered};
use serde_json::json;

/// Characters of a subject, by SNS's rule, which takes printable ASCII only.
const SUBJECT_CHARS_MAX: usize = 100;

/// A topic. Only the sweep makes one, so that no other function carries its client.
pub struct SnsTopic {
    client: Client,
    arn: String,
}

impl SnsTopic {
    /// The topic of this ARN.
    #[must_use]
    pub fn new(settings: &Settings, arn: String) -> Self {
        Self { client: Client::new(&settings.sdk_config()), arn }
    }
}

fn subject(letter: &Letter) -> String {
    let printable = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
    letter.subject.chars().take(SUBJECT_CHARS_MAX).map(without_marks).map(printable).collect()
}

/// What each kind of subscriber gets.
fn message(letter: &Letter) -> String {
    let Letter { text, json, .. } = letter;
    json!({"default": text, "http": json, "https": json, "lambda": json, "sqs": json}).to_string()
}

#[async_trait]
impl Notifier for SnsTopic {
    fn way(&self) -> NoticeWay {
        NoticeWay::Topic
    }

    async fn notify(&self, letter: &Letter, _: &[String]) -> Result<(), Undelivered> {
        let publish = self.client.publish().topic_arn(&self.arn).subject(subject(letter));
        let sent = publish.message_structure("json").message(message(letter)).send().await;
        sent.map(drop).map_err(|error| match error.code() {
            Some(code) => Undelivered::new(Code::NoticeRefused, domain::remark::receiver_answered(code)),
            None => Undelivered::new(Code::Unreachable, domain::remark::no_answer()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{NoticeKind, TenantId};
    use export_flow::notices::{Facts, Language, Notice};
    use serde_json::Value;

    #[test]
    fn people_get_text_and_programs_json() {
        let facts = Facts { connection: Some(domain::ConnectionId::new("x".repeat(200))), ..Facts::default() };
        let at = "2026-03-02T12:00:00Z".parse().unwrap();
        let letter = Letter::of(&Notice::new(TenantId::local(), "t".into(), NoticeKind::Test, at, facts), Language::En);
        assert_eq!(subject(&letter).len(), SUBJECT_CHARS_MAX);
        assert_eq!(subject(&Letter { subject: "Kůň Żuk 馬\n".into(), ..letter.clone() }), "Kun Zuk ??");
        let message: Value = serde_json::from_str(&message(&letter)).unwrap();
        assert_eq!(message["default"], letter.text.as_str());
        let inner: Value = serde_json::from_str(message["sqs"].as_str().unwrap()).unwrap();
        assert_eq!(inner["data"]["id"], letter.id.as_str());
    }
}
