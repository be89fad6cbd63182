//! Reading a body without trusting its size.
//!
//! Small bodies are read at once. What is larger, or says that it is, takes one of a fixed number of seats first, so
//! that a hundred large bodies at once cost the memory of a few. A body beyond the limit is read on and thrown away for
//! a while, because a sender that is cut off in the middle of its body does not see the refusal.

use crate::answer::Refusal;
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Bytes of a webhook body at most.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// A body up to this size needs no seat.
const SMALL_BYTES_MAX: usize = 64 * 1024;
/// Large bodies in memory at once.
const SEATS: usize = 12;
/// Bytes of an oversized body that are read and thrown away.
const THROWN_AWAY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// A body must have come whole within this time, waiting for a seat included.
const READ_TIME_MAX: Duration = Duration::from_secs(20);
/// Reading and throwing away ends after this time.
const THROW_AWAY_TIME_MAX: Duration = Duration::from_secs(3);

/// Reads bodies; one per process.
#[derive(Clone)]
pub(crate) struct BodyReader {
    seats: Arc<Semaphore>,
}

impl BodyReader {
    pub(crate) fn new() -> Self {
        Self { seats: Arc::new(Semaphore::new(SEATS)) }
    }

    /// The whole body, or why not.
    pub(crate) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
        let whole = self.read_whole(headers, body);
        tokio::time::timeout(READ_TIME_MAX, whole).await.unwrap_or(Err(Refusal::Unreadable))
    }

    async fn read_whole(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
        let declared = declared_length(headers);
        let mut stream = body.into_data_stream();
        if declared.is_some_and(|length| length > BODY_BYTES_MAX) {
            // A sender that asks first must not be told to go on.
            if !headers.contains_key(header::EXPECT) {
                let _seat = self.seats.acquire().await;
                throw_away(&mut stream, 0).await;
            }
            return Err(Refusal::TooLarge);
        }
        let mut read = Vec::with_capacity(declared.unwrap_or(0).min(SMALL_BYTES_MAX));
        let mut seat = None;
        while let Some(chunk) = stream.next().await {
            // The sender went away in the middle: nobody hears the answer.
            let chunk = chunk.map_err(|_| Refusal::Unreadable)?;
            if read.len() + chunk.len() > BODY_BYTES_MAX {
                drop(read);
                throw_away(&mut stream, BODY_BYTES_MAX).await;
                return Err(Refusal::TooLarge);
            }
            if seat.is_none() && read.len() + chunk.len() > SMALL_BYTES_MAX {
                seat = self.seats.acquire().await.ok();
                read.reserve_exact(declared.unwrap_or(BODY_BYTES_MAX).saturating_sub(read.len()));
            }
            read.extend_from_slice(&chunk);
        }
        Ok(read.into())
    }
}

fn declared_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn throw_away(stream: &mut BodyDataStream, mut read: usize) {
    let reading = async {
        while let Some(Ok(chunk)) = stream.next().await {
            read = read.saturating_add(chunk.len());
            if read > THROWN_AWAY_BYTES_MAX {
                break;
            }
        }
    };
    if tokio::time::timeout(THROW_AWAY_TIME_MAX, reading).await.is_err() {
        tracing::debug!("an oversized body took too long to be thrown away");
    }
}
