//! Calls with many messages: what a batch left undone is repeated, and what stays undone is said.

use super::{BATCH_MAX, Flat, SqsQueue, VERSION, VISIBILITY_MAX, seconds};
use crate::clients::{failed, is_throttle};
use aws_sdk_sqs::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageAttributeValue, SendMessageBatchRequestEntry,
};
use export_flow::message::MESSAGE_BYTES_MAX;
use export_flow::ports::PortError;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use std::time::Duration;

/// A batch done in part is repeated for the rest so often. The SDK repeats only whole calls.
const REPEATS_MAX: u32 = 4;
const REPEAT_AFTER: Duration = Duration::from_millis(100);

/// A full batch with its attributes is far below what SQS takes (1 MiB), also where that limit is still the old one.
const _: () = assert!(BATCH_MAX * (MESSAGE_BYTES_MAX + 1024) <= 256 * 1024);

/// The receive that a receipt names is over: the message is gone already, or comes again by itself.
const OVER: [&str; 4] =
    ["ReceiptHandleIsInvalid", "InvalidParameterValue", "InvalidParameterValueException", "MessageNotInflight"];

fn is_over(code: &str) -> bool {
    OVER.contains(&code.rsplit('.').next().unwrap_or(code))
}

/// An attribute with a text or a number.
pub(super) fn attribute(kind: &str, value: &str) -> Result<MessageAttributeValue, PortError> {
    MessageAttributeValue::builder().data_type(kind).string_value(value).build().map_err(|error| impossible(&error))
}

fn impossible(error: &BuildError) -> PortError {
    PortError::Damaged(format!("queue: {error}"))
}

/// What a batch left undone: places in the list that was sent, with the reason.
struct Undone {
    places: Vec<usize>,
    why: PortError,
}

/// Reads a batch's answer. `done` names what succeeded: what is in neither list counts as undone.
fn undone(count: usize, done: Vec<String>, refused: &[BatchResultErrorEntry]) -> Option<Undone> {
    let is_done = |place: &usize| done.contains(&place.to_string());
    let places: Vec<usize> = (0..count).filter(|place| !is_done(place)).collect();
    if places.is_empty() {
        return None;
    }
    let first = refused.first().map_or("no word about a message", BatchResultErrorEntry::code);
    let text = format!("queue: {} of {count} messages: {first}", places.len());
    let fault = |entry: &BatchResultErrorEntry| entry.sender_fault() && !is_throttle(entry.code());
    let why = if refused.iter().any(|entry| is_throttle(entry.code())) {
        PortError::Throttled(text)
    } else if refused.iter().any(fault) {
        PortError::Damaged(text)
    } else {
        PortError::Unavailable(text)
    };
    Some(Undone { places, why })
}

/// Repeats a call for what it left undone. What is wrong with the request itself does not get better by that.
async fn until_done<'a, T: Clone + Send + Sync>(
    all: &[T],
    call: impl Fn(Vec<T>) -> BoxFuture<'a, Result<Option<Undone>, PortError>> + Send + Sync,
) -> Result<(), PortError> {
    for batch in all.chunks(BATCH_MAX) {
        let mut left = batch.to_vec();
        let mut repeats = 0;
        while let Some(Undone { places, why }) = call(left.clone()).await? {
            if repeats == REPEATS_MAX || matches!(why, PortError::Damaged(_)) {
                return Err(why);
            }
            tokio::time::sleep(REPEAT_AFTER * 2_u32.pow(repeats)).await;
            repeats += 1;
            left = places.into_iter().filter_map(|place| left.get(place).cloned()).collect();
        }
    }
    Ok(())
}

/// Whether a call about one receive is done: it is also done where that receive is over.
fn unless_over<T, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> Result<(), PortError> {
    match result {
        Err(error) if error.code().is_some_and(is_over) => Ok(()),
        other => other.map(drop).map_err(|error| failed("queue", &error)),
    }
}

/// The places of a batch's answer that need no repeat: done, or about a receive that is over.
fn done_or_over(done: impl Iterator<Item = String>, refused: &[BatchResultErrorEntry]) -> Vec<String> {
    let over = refused.iter().filter(|entry| is_over(entry.code())).map(|entry| entry.id().to_owned());
    done.chain(over).collect()
}

impl SqsQueue {
    /// Sends all; a single one as such.
    pub(super) async fn send_all(&self, messages: &[Flat]) -> Result<(), PortError> {
        if let [message] = messages {
            let send = self
                .client
                .send_message()
                .queue_url(&self.names.url)
                .message_body(&message.body)
                .message_group_id(&message.group)
                .delay_seconds(message.delay)
                .message_attributes(VERSION.0, attribute("Number", VERSION.1)?);
            return send.send().await.map(drop).map_err(|error| failed("queue", &error));
        }
        until_done(messages, |batch: Vec<Flat>| {
            Box::pin(async move {
                let mut send = self.client.send_message_batch().queue_url(&self.names.url);
                for (place, message) in batch.iter().enumerate() {
                    let entry = SendMessageBatchRequestEntry::builder()
                        .id(place.to_string())
                        .message_body(&message.body)
                        .message_group_id(&message.group)
                        .delay_seconds(message.delay)
                        .message_attributes(VERSION.0, attribute("Number", VERSION.1)?);
                    send = send.entries(entry.build().map_err(|error| impossible(&error))?);
                }
                let answer = send.send().await.map_err(|error| failed("queue", &error))?;
                let done = answer.successful.into_iter().map(|entry| entry.id).collect();
                Ok(undone(batch.len(), done, &answer.failed))
            })
        })
        .await
    }

    /// Removes received messages from a queue.
    pub(super) async fn remove(&self, url: &str, receipts: &[String]) -> Result<(), PortError> {
        if let [receipt] = receipts {
            return unless_over(self.client.delete_message().queue_url(url).receipt_handle(receipt).send().await);
        }
        until_done(receipts, |batch: Vec<String>| {
            Box::pin(async move {
                let mut delete = self.client.delete_message_batch().queue_url(url);
                for (place, receipt) in batch.iter().enumerate() {
                    let entry = DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt);
                    delete = delete.entries(entry.build().map_err(|error| impossible(&error))?);
                }
                let answer = delete.send().await.map_err(|error| failed("queue", &error))?;
                let done = answer.successful.into_iter().map(|entry| entry.id);
                Ok(undone(batch.len(), done_or_over(done, &answer.failed), &answer.failed))
            })
        })
        .await
    }

    /// Lets received messages be received again, each after its delay.
    pub(super) async fn show_again(&self, url: &str, all: &[(String, SignedDuration)]) -> Result<(), PortError> {
        if let [(receipt, delay)] = all {
            let change = self.client.change_message_visibility().queue_url(url).receipt_handle(receipt);
            return unless_over(change.visibility_timeout(seconds(*delay, VISIBILITY_MAX)).send().await);
        }
        until_done(all, |batch: Vec<(String, SignedDuration)>| {
            Box::pin(async move {
                let mut change = self.client.change_message_visibility_batch().queue_url(url);
                for (place, (receipt, delay)) in batch.iter().enumerate() {
                    let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(place.to_string())
                        .receipt_handle(receipt)
                        .visibility_timeout(seconds(*delay, VISIBILITY_MAX));
                    change = change.entries(entry.build().map_err(|error| impossible(&error))?);
                }
                let answer = change.send().await.map_err(|error| failed("queue", &error))?;
                let done = answer.successful.into_iter().map(|entry| entry.id);
                Ok(undone(batch.len(), done_or_over(done, &answer.failed), &answer.failed))
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn refused(id: usize, code: &str, sender_fault: bool) -> BatchResultErrorEntry {
        let entry = BatchResultErrorEntry::builder().id(id.to_string()).code(code).sender_fault(sender_fault);
        entry.build().unwrap()
    }

    fn done(ids: &[usize]) -> Vec<String> {
        ids.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_message_of_which_nothing_is_said_is_undone() {
        let undone = undone(3, done(&[0, 2]), &[]).unwrap();
        assert_eq!(undone.places, [1]);
        assert!(matches!(undone.why, PortError::Unavailable(_)));
    }

    #[test]
    fn the_reason_says_whether_repeating_helps() {
        let why = |code: &str, fault| undone(1, vec![], &[refused(0, code, fault)]).unwrap().why;
        assert!(matches!(why("InternalError", false), PortError::Unavailable(_)));
        assert!(matches!(why("AWS.SimpleQueueService.RequestThrottled", true), PortError::Throttled(_)));
        assert!(matches!(why("InvalidMessageContents", true), PortError::Damaged(_)));
    }

    #[test]
    fn a_receive_that_is_over_needs_no_answer() {
        let entries = [refused(1, "ReceiptHandleIsInvalid", true), refused(2, "InternalError", false)];
        let done = done_or_over(done(&[0]).into_iter(), &entries);
        assert_eq!(undone(3, done, &entries).unwrap().places, [2]);
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_was_left_undone_is_repeated_and_what_stays_undone_is_said() {
        let calls = Mutex::new(vec![]);
        let all: Vec<usize> = (0..12).collect();
        let half = until_done(&all, |batch: Vec<usize>| {
            calls.lock().unwrap().push(batch.clone());
            let even = (0..batch.len()).filter(|place| place % 2 == 0).collect::<Vec<_>>();
            Box::pin(async move { Ok(undone(batch.len(), done(&even), &[])) })
        });
        half.await.unwrap();
        assert_eq!(calls.lock().unwrap()[..3], [(0..10).collect::<Vec<_>>(), vec![1, 3, 5, 7, 9], vec![3, 7]]);
        let times = AtomicU32::new(0);
        let never = until_done(&all, |batch: Vec<usize>| {
            times.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move { Ok(undone(batch.len(), done(&[0]), &[refused(1, "InternalError", false)])) })
        });
        assert!(never.await.is_err());
        assert_eq!(times.load(Ordering::SeqCst), REPEATS_MAX + 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_wrong_with_a_message_is_not_repeated() {
        let times = AtomicU32::new(0);
        let wrong = until_done(&[1, 2], |_: Vec<usize>| {
            times.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(undone(2, done(&[0]), &[refused(1, "InvalidMessageContents", true)])) })
        });
        assert!(matches!(wrong.await, Err(PortError::Damaged(_))));
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }
}
