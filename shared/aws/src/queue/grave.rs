//! Which copies lie in the dead-letter queue: a standard queue takes the same message twice, so a small item of the
//! table remembers what was sent.
//!
//! Put down before the copy is sent, and marked after: a crash in between leaves an unmarked item, and the copy is sent
//! again by whoever comes next.

use crate::clients::failed;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use connectors::Clock;
use domain::ExportId;
use export_flow::ports::PortError;
use jiff::SignedDuration;
use std::sync::Arc;

/// As long as the copy itself is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
const SENT: &str = "sent";

/// The items of the table.
pub(super) struct Graves {
    client: Client,
    table: String,
    clock: Arc<dyn Clock>,
}

fn place(id: &ExportId) -> AttributeValue {
    AttributeValue::S(format!("dead#{id}"))
}

fn claim_key(claim: u64) -> AttributeValue {
    AttributeValue::S(claim.to_string())
}

impl Graves {
    pub(super) fn new(client: Client, table: String, clock: Arc<dyn Clock>) -> Self {
        Self { client, table, clock }
    }

    /// Makes the item of an export's claim, and says whether its copy has been sent already.
    pub(super) async fn is_full(&self, id: &ExportId, claim: u64) -> Result<bool, PortError> {
        let until = self.clock.now().checked_add(KEPT).unwrap_or(jiff::Timestamp::MAX);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", place(id))
            .item("sk", claim_key(claim))
            .item("v", AttributeValue::N("1".into()))
            .item("ttl", AttributeValue::N(until.as_second().to_string()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(false) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                Ok(refused.item().is_some_and(|item| item.contains_key(SENT)))
            }
            _ => Err(failed("table", &error)),
        }
    }

    /// Notes that the copy has been sent. Without this the copy might be sent twice, never not at all: so a failure
    /// here is told and no reason to send again.
    pub(super) async fn fill(&self, id: &ExportId, claim: u64) {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", place(id))
            .key("sk", claim_key(claim))
            .update_expression("SET #sent = :yes")
            .expression_attribute_names("#sent", SENT)
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        if let Err(error) = update.send().await {
            tracing::warn!(event = "aws.grave_not_marked", export = %id, claim, code = error.code());
        }
    }
}
