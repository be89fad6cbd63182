//! Events heard, in memory.

use crate::ledger::MemoryLedger;
use async_trait::async_trait;
use domain::{ConnectionId, TenantId};
use export_flow::heard::{Heard, HeardPage, HeardStore};
use export_flow::ports::PortError;
use jiff::Timestamp;
use std::cmp::Reverse;

#[async_trait]
impl HeardStore for MemoryLedger {
    async fn note_heard(&self, heard: &Heard) -> Result<(), PortError> {
        // No call that could fail: a store keeps it back and writes it with what else there is.
        let at = Timestamp::from_millisecond(heard.at.as_millisecond()).unwrap_or(heard.at);
        self.lock().heard.insert(Heard { at, ..heard.clone() });
        Ok(())
    }

    async fn heard(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        by: Timestamp,
        limit: usize,
    ) -> Result<HeardPage, PortError> {
        self.run("heard", |records| {
            let of_it =
                records.heard.iter().filter(|one| one.tenant == *tenant && one.source == *source && one.at <= by);
            let mut items: Vec<Heard> = of_it.cloned().collect();
            items.sort_by_key(|one| Reverse((one.at, one.subject.clone())));
            items.truncate(limit);
            Ok(HeardPage { items, since: None })
        })
    }
}
