//! The queue on SQS: a standard queue with a group per connection (fair between them), and its dead-letter queue.
//!
//! Nothing is lost between us and SQS: a batch done in part is repeated for the rest, and what stays undone is an error.

mod batch;
mod copy;
mod grave;
mod net;
mod record;

pub use record::incoming;

use crate::clients::{Clients, failed};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message as Received, MessageSystemAttributeName, QueueAttributeName};
use connectors::Clock;
use domain::ExportId;
use export_flow::message::{MESSAGE_BYTES_MAX, Message};
use export_flow::ports::{DeadCopy, Depth, Incoming, Outbox, Outgoing, PortError, Queue};
use export_flow::times::QUEUE_DELAY_MAX;
use grave::Graves;
use jiff::SignedDuration;
use std::sync::Arc;

/// Messages that SQS sends, deletes, gives back or hands out in one call at most.
const BATCH_MAX: usize = 10;
/// How long a receive waits for a first message: long enough that every server of the queue is asked.
const WAIT_SECONDS: i32 = 1;
/// The longest that SQS keeps a received message from others.
const VISIBILITY_MAX: i64 = 12 * 60 * 60;

/// Which queues, and the table that remembers which copies were put down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueNames {
    /// `BACKHAUL_QUEUE_URL`.
    pub url: String,
    /// `BACKHAUL_DEAD_LETTER_URL`.
    pub dead_letter_url: String,
    /// `BACKHAUL_TABLE`.
    pub table: String,
}

/// The export queue and its dead-letter queue.
pub struct SqsQueue {
    client: Client,
    names: QueueNames,
    graves: Graves,
}

impl std::fmt::Debug for SqsQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SqsQueue").field(&self.names).finish()
    }
}

/// A message in the form that SQS takes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Flat {
    body: String,
    group: String,
    delay: i32,
}

impl SqsQueue {
    /// The queues of a deployment. Nothing is asked yet.
    #[must_use]
    pub fn new(clients: &Clients, names: QueueNames, clock: Arc<dyn Clock>) -> Self {
        let graves = Graves::new(clients.dynamodb.clone(), names.table.clone(), clock);
        Self { client: clients.sqs.clone(), names, graves }
    }

    /// Gives received messages back, each after a delay of its own, in as few calls as possible.
    ///
    /// # Errors
    /// [`PortError`] if a message may not have been given back; it comes again when its receive has run out.
    pub async fn give_back_all(&self, receipts: &[(String, SignedDuration)]) -> Result<(), PortError> {
        self.show_again(&self.names.url, receipts).await
    }

    /// Receives up to `max` messages in calls of ten. Only the first call waits; it ends when nothing more comes.
    async fn take(&self, url: &str, max: usize, visibility: SignedDuration) -> Result<Vec<Received>, PortError> {
        let mut taken: Vec<Received> = vec![];
        while taken.len() < max {
            let page = (max - taken.len()).min(BATCH_MAX);
            let received = self
                .client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(i32::try_from(page).unwrap_or(1))
                .visibility_timeout(seconds(visibility, VISIBILITY_MAX))
                .wait_time_seconds(if taken.is_empty() { WAIT_SECONDS } else { 0 })
                .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
                .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
                .message_attribute_names("All")
                .send()
                .await;
            match received.map(|received| received.messages.unwrap_or_default()) {
                Ok(messages) if messages.is_empty() => break,
                Ok(messages) => taken.extend(messages),
                // What was received before is in hand, and must be answered.
                Err(_) if !taken.is_empty() => break,
                Err(error) => return Err(failed("queue", &error)),
            }
        }
        Ok(taken)
    }

    /// Visible or delayed, and in flight.
    async fn count(&self, url: &str) -> Result<(u64, u64), PortError> {
        use QueueAttributeName as Name;
        let asked = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(Name::ApproximateNumberOfMessages)
            .attribute_names(Name::ApproximateNumberOfMessagesDelayed)
            .attribute_names(Name::ApproximateNumberOfMessagesNotVisible);
        let counts = asked.send().await.map_err(|error| failed("queue", &error))?.attributes.unwrap_or_default();
        let count = |name: Name| {
            let number = counts.get(&name).and_then(|text| text.parse::<u64>().ok());
            number.ok_or_else(|| PortError::Unavailable(format!("queue: {name} was not told")))
        };
        let waiting = count(Name::ApproximateNumberOfMessages)? + count(Name::ApproximateNumberOfMessagesDelayed)?;
        Ok((waiting, count(Name::ApproximateNumberOfMessagesNotVisible)?))
    }
}

/// Whole seconds, as SQS counts: a part of one is one more, so that nothing comes too early.
fn seconds(span: SignedDuration, max: i64) -> i32 {
    let whole = span.as_secs().saturating_add(i64::from(span.subsec_nanos() > 0));
    i32::try_from(whole.clamp(0, max)).unwrap_or(0)
}

/// JSON that SQS takes: of the characters that JSON leaves as they are, it refuses two.
fn text(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

fn flat(outgoing: &Outgoing) -> Result<Flat, PortError> {
    let body = serde_json::to_string(&outgoing.message).map_err(|error| PortError::Damaged(error.to_string()))?;
    let body = text(&body);
    if body.len() > MESSAGE_BYTES_MAX {
        return Err(PortError::Damaged(format!("a message of {} bytes is too large", body.len())));
    }
    if outgoing.delay > QUEUE_DELAY_MAX {
        return Err(PortError::Damaged(format!("a message cannot be delayed by {}", outgoing.delay)));
    }
    let delay = seconds(outgoing.delay, QUEUE_DELAY_MAX.as_secs());
    Ok(Flat { body, group: outgoing.group.to_string(), delay })
}

#[async_trait]
impl Outbox for SqsQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Result<(), PortError> {
        let messages = messages.iter().map(flat).collect::<Result<Vec<_>, _>>()?;
        self.send_all(&messages).await
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn receive(&self, max: usize, visibility: SignedDuration) -> Result<Vec<Incoming>, PortError> {
        let received = self.take(&self.names.url, max, visibility).await?;
        Ok(received.into_iter().map(record::of_receive).collect())
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), PortError> {
        self.remove(&self.names.url, receipts).await
    }

    async fn give_back(&self, receipt: &str, delay: SignedDuration) -> Result<(), PortError> {
        self.show_again(&self.names.url, &[(receipt.to_owned(), delay)]).await
    }

    async fn bury(&self, copy: &DeadCopy) -> Result<(), PortError> {
        let (id, claim) = (&copy.export.id, copy.export.claim);
        if self.graves.is_full(id, claim).await? {
            return Ok(());
        }
        let send = self
            .client
            .send_message()
            .queue_url(&self.names.dead_letter_url)
            .message_group_id(export_flow::ports::group(&copy.export.key).as_str())
            .message_body(copy::body(copy)?)
            .set_message_attributes(Some(copy::attributes(&copy.export)));
        send.send().await.map_err(|error| failed("dead-letter queue", &error))?;
        self.graves.fill(id, claim).await;
        Ok(())
    }

    async fn exhume(&self, id: &ExportId) -> Result<(), PortError> {
        self.dig(id).await
    }

    async fn depth(&self) -> Result<Depth, PortError> {
        let (work, dead) = tokio::join!(self.count(&self.names.url), self.count(&self.names.dead_letter_url));
        let ((visible, in_flight), (lying, looked_at)) = (work?, dead?);
        Ok(Depth { visible, in_flight, dead_letters: lying + looked_at })
    }
}

/// The version that every message of ours carries as an attribute, beside the one in its body's type.
const VERSION: (&str, &str) = ("version", "1");

/// The message of a body; `None` if this program cannot read it.
fn message(body: &str) -> Option<Message> {
    serde_json::from_str(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Answer, Endpoint};
    use domain::{ConnectionId, JobId};
    use testkit::ManualClock;

    async fn queue(answers: &[Answer]) -> (SqsQueue, Endpoint) {
        let endpoint = Endpoint::answering(answers).await;
        let names = QueueNames {
            url: format!("{}/1/export", endpoint.url),
            dead_letter_url: format!("{}/1/dead", endpoint.url),
            table: "t".into(),
        };
        (SqsQueue::new(&endpoint.clients(), names, ManualClock::at_noon()), endpoint)
    }

    fn entries(call: &(String, serde_json::Value)) -> Vec<&str> {
        call.1["Entries"].as_array().unwrap().iter().map(|entry| entry["MessageBody"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn one_message_is_sent_as_one_with_group_delay_and_version() {
        let (queue, endpoint) = queue(&[(200, r#"{"MessageId":"1","MD5OfMessageBody":"x"}"#)]).await;
        queue.send(vec![outgoing("1", SignedDuration::from_millis(1500))]).await.unwrap();
        let (operation, asked) = endpoint.asked().remove(0);
        assert_eq!(operation, "SendMessage");
        assert_eq!((asked["MessageGroupId"].as_str(), asked["DelaySeconds"].as_i64()), (Some("shop"), Some(2)));
        assert_eq!(asked["MessageAttributes"]["version"]["StringValue"], "1");
    }

    #[tokio::test]
    async fn what_a_batch_left_undone_is_sent_again_and_nothing_else() {
        let half = r#"{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"x"}],
            "Failed":[{"Id":"1","Code":"InternalError","SenderFault":false}]}"#;
        let rest = r#"{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"x"}],"Failed":[]}"#;
        let (queue, endpoint) = queue(&[(200, half), (200, rest)]).await;
        let all = ["1", "2"].map(|job| outgoing(job, SignedDuration::ZERO)).to_vec();
        queue.send(all).await.unwrap();
        let asked = endpoint.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(entries(&asked[0]).len(), 2);
        assert_eq!(entries(&asked[1]), [r#"{"type":"JobV1","job":"2"}"#]);
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_sent_is_never_silently_lost() {
        let wrong = r#"{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"x"}],
            "Failed":[{"Id":"1","Code":"InvalidMessageContents","SenderFault":true}]}"#;
        let (queue, _) = queue(&[(200, wrong)]).await;
        let all = ["1", "2"].map(|job| outgoing(job, SignedDuration::ZERO)).to_vec();
        assert!(matches!(queue.send(all).await, Err(PortError::Damaged(_))));
    }

    #[tokio::test]
    async fn a_throttle_is_repeated_and_if_it_stays_told_as_one() {
        let throttle = (400, r#"{"__type":"com.amazonaws.sqs#RequestThrottled"}"#);
        let sent = (200, r#"{"MessageId":"1","MD5OfMessageBody":"x"}"#);
        let (queue, endpoint) = queue(&[throttle, sent, throttle, throttle, throttle, throttle]).await;
        queue.send(vec![outgoing("1", SignedDuration::ZERO)]).await.unwrap();
        assert_eq!(endpoint.asked().len(), 2);
        let error = queue.send(vec![outgoing("1", SignedDuration::ZERO)]).await.unwrap_err();
        assert!(matches!(error, PortError::Throttled(_)), "{error}");
    }

    #[tokio::test]
    async fn what_was_received_is_in_hand_although_the_next_receive_fails() {
        let messages = serde_json::to_string(&serde_json::json!({
            "Messages": (0..10).map(|n| serde_json::json!({"ReceiptHandle": n.to_string(), "Body": "{}"})).collect::<Vec<_>>()
        }));
        let (queue, _) = queue(&[(200, messages.unwrap().leak())]).await;
        assert_eq!(queue.receive(20, SignedDuration::from_secs(60)).await.unwrap().len(), 10);
    }

    #[tokio::test]
    async fn a_receive_that_is_over_needs_no_answer_and_a_queue_that_fails_does() {
        let over = (400, r#"{"__type":"com.amazonaws.sqs#ReceiptHandleIsInvalid"}"#);
        let gone = (400, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}"#);
        let (queue, _) = queue(&[over, over, gone]).await;
        queue.delete(&["r".to_owned()]).await.unwrap();
        queue.give_back("r", SignedDuration::ZERO).await.unwrap();
        assert!(matches!(queue.delete(&["r".to_owned()]).await, Err(PortError::Unavailable(_))));
    }

    fn outgoing(job: &str, delay: SignedDuration) -> Outgoing {
        Outgoing { message: Message::JobV1 { job: JobId::new(job) }, group: ConnectionId::new("shop"), delay }
    }

    #[test]
    fn a_part_of_a_second_is_a_whole_one_and_nothing_is_below_zero_or_above_the_limit() {
        let millis = |millis| seconds(SignedDuration::from_millis(millis), 900);
        assert_eq!([millis(0), millis(1), millis(1000), millis(1001)], [0, 1, 1, 2]);
        assert_eq!([millis(-5000), millis(901_000)], [0, 900]);
    }

    #[test]
    fn every_text_is_one_that_sqs_takes_and_stays_what_it_was() {
        let odd = outgoing("\u{fffe}\u{ffff}\u{0}\u{7f}ž", SignedDuration::ZERO);
        let body = flat(&odd).unwrap().body;
        assert!(body.chars().all(|c| c >= ' ' && c != '\u{fffe}' && c != '\u{ffff}'), "{body:?}");
        assert_eq!(message(&body), Some(odd.message));
    }

    #[test]
    fn what_is_too_large_or_too_late_is_damaged() {
        assert!(matches!(
            flat(&outgoing(&"x".repeat(MESSAGE_BYTES_MAX), SignedDuration::ZERO)),
            Err(PortError::Damaged(_))
        ));
        assert!(matches!(flat(&outgoing("1", SignedDuration::from_secs(901))), Err(PortError::Damaged(_))));
        assert_eq!(flat(&outgoing("1", SignedDuration::from_secs(900))).unwrap().delay, 900);
    }
}
