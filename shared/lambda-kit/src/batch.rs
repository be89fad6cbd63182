//! A batch of SQS records, answered message by message.

use crate::engine::Engine;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use export_flow::Verdict;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::collections::HashMap;
use std::sync::Arc;
use worker::{Limits, Worker};

/// A function handles one batch of ten; per connection no more than four calls are made at once.
const LIMITS: Limits = Limits { in_flight: 10, per_group: 10 };
/// Kept back at the end: answers must be given, and what the batch leaves must be written.
const KEPT_BACK: SignedDuration = SignedDuration::from_secs(3);

/// Works off batches until Lambda ends the sandbox.
///
/// # Errors
/// If the runtime cannot be reached.
pub async fn work(engine: Engine) -> Result<(), Error> {
    let engine = Arc::new(engine);
    let worker = Worker::new(Arc::clone(&engine.flow), LIMITS);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let (engine, worker) = (Arc::clone(&engine), worker.clone());
        async move { Ok::<_, Error>(run(&engine, &worker, event).await) }
    }))
    .await
}

async fn run(engine: &Engine, worker: &Worker, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let mut messages = HashMap::new();
    let mut batch = vec![];
    for record in event.payload.records {
        let receipt = record.receipt_handle.unwrap_or_default();
        batch.push(aws::incoming(record.body.as_deref(), &receipt, &record.attributes));
        messages.insert(receipt, record.message_id.unwrap_or_default());
    }
    let answers = worker.run_batch(batch, deadline(event.context.deadline)).await;
    let mut back = vec![];
    for answer in answers {
        if let Verdict::GiveBack(delay) = answer.verdict {
            back.push((answer.receipt, delay));
        }
    }
    // A message that stays invisible longer than it should only comes later.
    if let Err(error) = engine.queue.give_back_all(&back).await {
        tracing::warn!(event = "worker.answer_failed", %error);
    }
    if engine.flush().await {
        return response(back.iter().map(|(receipt, _)| messages.get(receipt).cloned().unwrap_or_default()));
    }
    // This sandbox may never be called again. What was done is done; when its message comes again, it is only noted.
    response(messages.into_values())
}

/// The answer that names the messages which are to come again.
fn response(again: impl Iterator<Item = String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for message in again {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = message;
        response.batch_item_failures.push(failure);
    }
    response
}

/// When work must end, from the runtime's milliseconds since 1970.
pub(crate) fn deadline(millis: u64) -> Timestamp {
    let end = i64::try_from(millis).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    end.and_then(|end| end.checked_sub(KEPT_BACK).ok()).unwrap_or(Timestamp::MAX)
}
