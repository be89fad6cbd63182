//! The trail of who did what: one item each in its tenant's partition of that month, forgotten by the table in time.

use super::DynamoLedger;
use super::item::{BODY, TTL, body, json, number, place_of, text};
use super::names::{self, Place};
use super::record::Change;
use super::table::{Condition, Range, Written};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{AuditEntry, AuditOutcome, TenantId};
use export_flow::audit::{AuditQuery, AuditStore, KEPT, Position, READ_MAX};
use export_flow::ports::{Page, PortError};
use jiff::{Timestamp, ToSpan};

/// Whether it is known how it ended.
const ASKED: &str = "ak";
/// Items read by one query at most, where not every one fits.
const CHUNK: usize = 500;

fn partition(tenant: &TenantId, at: Timestamp) -> String {
    names::joined(&["audit", tenant.as_str(), &month(at)])
}

fn month(at: Timestamp) -> String {
    at.strftime("%Y-%m").to_string()
}

fn place(entry: &AuditEntry) -> Result<Place, PortError> {
    Place::new(partition(&entry.tenant, entry.at), Position::of(entry).text())
}

fn change(entry: &AuditEntry) -> Result<Change, PortError> {
    let forgotten = entry.at.checked_add(KEPT).unwrap_or(Timestamp::MAX);
    Ok(vec![
        (BODY, Some(text(json(entry)?))),
        (ASKED, (entry.outcome == AuditOutcome::Asked).then(|| number(1))),
        (TTL, Some(number(forgotten.as_second()))),
    ])
}

/// The month before a time's, as its last instant.
fn month_before(at: Timestamp) -> Option<Timestamp> {
    let utc = at.to_zoned(jiff::tz::TimeZone::UTC);
    let first = utc.first_of_month().ok()?.start_of_day().ok()?;
    first.timestamp().checked_sub(1.nanosecond()).ok()
}

impl DynamoLedger {
    async fn write_audit(&self, entry: &AuditEntry, condition: Condition) -> Result<bool, PortError> {
        let written = self.table.update(&place(entry)?, change(entry)?, condition, ReturnValue::None).await?;
        Ok(matches!(written, Written::Done(_)))
    }
}

#[async_trait]
impl AuditStore for DynamoLedger {
    async fn put_audit(&self, entry: &AuditEntry) -> Result<(), PortError> {
        self.write_audit(entry, Condition::absent()).await?;
        Ok(())
    }

    async fn end_audit(&self, entry: &AuditEntry) -> Result<bool, PortError> {
        self.write_audit(entry, Condition::is(ASKED, number(1))).await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        by: Timestamp,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>, PortError> {
        let below = cursor.map(Position::read).transpose()?;
        let oldest = by.checked_sub(KEPT).unwrap_or(Timestamp::UNIX_EPOCH);
        let lowest = Position { at: oldest, id: String::new() }.text();
        let mut in_month = Some(below.as_ref().map_or(by, |below| below.at.min(by)));
        // All of an instant sort below its text with this behind it.
        let mut above =
            below.map_or_else(|| format!("{}~", Position { at: by, id: String::new() }.text()), |b| b.text());
        // The one at the cursor comes once more, and one behind the page says that it goes on.
        let chunk = if *query == AuditQuery::default() { limit.saturating_add(2).min(CHUNK) } else { CHUNK };
        let (mut items, mut read, mut last): (Vec<AuditEntry>, usize, Option<Position>) = (vec![], 0, None);
        while let Some(at) = in_month.filter(|at| *at >= oldest) {
            let range = Range {
                partition: partition(tenant, at),
                between: Some((lowest.clone(), above.clone())),
                backwards: true,
                consistent: true,
                limit: Some(chunk),
                ..Range::default()
            };
            let found = self.table.query(&range).await?;
            let ended = found.len() < chunk;
            for item in &found {
                if place_of(item)?.sk == above {
                    continue;
                }
                if items.len() == limit || read == READ_MAX {
                    return Ok(Page { items, next: last.map(|last| last.text()) });
                }
                let entry: AuditEntry = body(item)?;
                read += 1;
                last = Some(Position::of(&entry));
                items.extend(Some(entry).filter(|entry| query.fits(entry)));
            }
            match (&last, ended) {
                (Some(last), false) => above = last.text(),
                _ => in_month = month_before(at),
            }
        }
        Ok(Page { items, next: None })
    }
}
