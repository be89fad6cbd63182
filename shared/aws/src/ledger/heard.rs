//! What webhooks told of: read from the notes of batches day by day.

use super::DynamoLedger;
use super::item::{body, get_text};
use super::names::{self, sorted_time};
use super::notes::{Batch, rested_partition};
use super::table::Range;
use async_trait::async_trait;
use domain::{ConnectionId, TenantId};
use export_flow::heard::{Heard, HeardPage, HeardStore};
use export_flow::ports::PortError;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Notes read at once, and in all, of as many days at most: a source that speaks rarely beside one that never stops.
const NOTES: usize = 50;
const NOTES_MAX: usize = 400;
const DAYS_MAX: i64 = 14;

#[async_trait]
impl HeardStore for DynamoLedger {
    async fn note_heard(&self, heard: &Heard) -> Result<(), PortError> {
        self.notes.heard(heard);
        Ok(())
    }

    async fn heard(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        by: Timestamp,
        limit: usize,
    ) -> Result<HeardPage, PortError> {
        self.flush().await?;
        let (mut found, mut read) = (BTreeSet::new(), 0);
        // A note is written after what it lists, and never lies before it.
        let mut at = by.max(self.clock.now());
        let first = at - SignedDuration::from_hours(24 * DAYS_MAX);
        let mut since = Some(first);
        'days: while at > first {
            // Above every time: what was heard by a time may have been noted after it.
            let mut above = "~".to_owned();
            loop {
                let range = Range {
                    partition: rested_partition(tenant, at),
                    between: Some(("0".to_owned(), above.clone())),
                    backwards: true,
                    consistent: true,
                    limit: Some(NOTES),
                    ..Range::default()
                };
                let items = self.table.query(&range).await?;
                read += items.len();
                for item in &items {
                    let batch: Batch = body(item)?;
                    let of_it = batch.heard(tenant).into_iter().filter(|one| one.source == *source && one.at <= by);
                    found.extend(of_it.map(|one| Reverse((one.at, one.subject))));
                }
                let lowest = items.last().and_then(|item| get_text(item, super::item::SK)).unwrap_or_default();
                if found.len() >= limit || read >= NOTES_MAX {
                    since = sorted_time(lowest).filter(|_| found.len() < limit);
                    break 'days;
                }
                if items.len() < NOTES {
                    break;
                }
                above = names::below(lowest);
            }
            let Some(before) = names::day_before(at) else { break };
            at = before;
        }
        let heard = |Reverse((at, subject))| Heard { tenant: tenant.clone(), source: source.clone(), at, subject };
        Ok(HeardPage { items: found.into_iter().take(limit).map(heard).collect(), since })
    }
}
