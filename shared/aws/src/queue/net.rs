//! The dead-letter queue as the net beneath the queue: our copies of dead exports, and beside them what SQS moved there
//! after too many receives.

use super::{SqsQueue, copy, record};
use async_trait::async_trait;
use aws_sdk_sqs::types::Message as Received;
use domain::ExportId;
use export_flow::ports::{Caught, Lying, Net, PortError};
use jiff::SignedDuration;

/// How long what was taken up is kept from others; what stays is visible again long before.
const LOOK: SignedDuration = SignedDuration::from_secs(60);
/// Copies looked at for one export at most. What lies beyond is found by the sweep, whose record is no longer dead.
const DIG_MAX: usize = 100;

impl SqsQueue {
    /// Removes an export's copies as far as they are found; all others are visible again at once.
    pub(super) async fn dig(&self, id: &ExportId) -> Result<(), PortError> {
        let taken = self.take(&self.names.dead_letter_url, DIG_MAX, LOOK).await?;
        let (found, others): (Vec<_>, Vec<_>) =
            taken.into_iter().partition(|received| copy::export_of(received).as_ref() == Some(id));
        let left = self.leave(&receipts(others)).await;
        self.discard(&receipts(found)).await.and(left)
    }
}

fn receipts(received: Vec<Received>) -> Vec<String> {
    received.into_iter().filter_map(|received| received.receipt_handle).collect()
}

fn caught(received: Received) -> Caught {
    let name = received.message_id().unwrap_or_default().to_owned();
    let copy = copy::export_of(&received);
    let incoming = record::of_receive(received);
    let what = match (copy, incoming.message) {
        (Some(export), _) => Lying::Copy(export),
        (None, Some(message)) => Lying::Message(message),
        (None, None) => Lying::Unreadable,
    };
    Caught { receipt: incoming.receipt, name, group: incoming.group, what }
}

#[async_trait]
impl Net for SqsQueue {
    async fn caught(&self, max: usize) -> Result<Vec<Caught>, PortError> {
        let taken = self.take(&self.names.dead_letter_url, max, LOOK).await?;
        Ok(taken.into_iter().map(caught).collect())
    }

    async fn discard(&self, receipts: &[String]) -> Result<(), PortError> {
        self.remove(&self.names.dead_letter_url, receipts).await
    }

    async fn leave(&self, receipts: &[String]) -> Result<(), PortError> {
        let at_once: Vec<_> = receipts.iter().map(|receipt| (receipt.clone(), SignedDuration::ZERO)).collect();
        self.show_again(&self.names.dead_letter_url, &at_once).await
    }
}
