//! The trail in memory.

use crate::ledger::MemoryLedger;
use async_trait::async_trait;
use domain::{AuditEntry, AuditOutcome, TenantId};
use export_flow::audit::{AuditQuery, AuditStore, KEPT, Position, READ_MAX};
use export_flow::ports::{Page, PortError};
use jiff::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(BTreeMap<(TenantId, Position), AuditEntry>);

fn place(entry: &AuditEntry) -> (TenantId, Position) {
    (entry.tenant.clone(), Position::of(entry))
}

#[async_trait]
impl AuditStore for MemoryLedger {
    async fn put_audit(&self, entry: &AuditEntry) -> Result<(), PortError> {
        self.run("put_audit", |records| {
            records.audit.0.entry(place(entry)).or_insert_with(|| entry.clone());
            Ok(())
        })
    }

    async fn end_audit(&self, entry: &AuditEntry) -> Result<bool, PortError> {
        self.run("end_audit", |records| {
            let there = records.audit.0.get_mut(&place(entry));
            let there = there.filter(|there| there.outcome == AuditOutcome::Asked);
            Ok(there.map(|there| *there = entry.clone()).is_some())
        })
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
        let oldest = by.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.run("audit", |records| {
            let listed = |entry: &&AuditEntry| {
                entry.tenant == *tenant
                    && (oldest..=by).contains(&entry.at)
                    && below.as_ref().is_none_or(|below| Position::of(entry) < *below)
            };
            let mut rest = records.audit.0.values().rev().filter(listed);
            let (mut items, mut read, mut last) = (vec![], 0, None);
            while items.len() < limit && read < READ_MAX {
                let Some(entry) = rest.next() else { break };
                read += 1;
                last = Some(Position::of(entry));
                items.extend(Some(entry).filter(|entry| query.fits(entry)).cloned());
            }
            let next = last.filter(|_| rest.next().is_some()).map(|last| last.text());
            Ok(Page { items, next })
        })
    }
}
