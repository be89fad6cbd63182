//! A ledger and a queue that read and write nothing: what makes a trial leave no trace.

use crate::audit::{AuditQuery, AuditStore};
use crate::claim::{Claim, Claimed};
use crate::heard::{Heard, HeardPage, HeardStore};
use crate::notices::{Notice, NoticeSettings, NoticeStore};
use crate::ports::{
    Arrival, Circuit, Connections, Counts, DeadCopy, Depth, DocumentItem, DueEntry, ExportQuery, Figures, Found, Guard,
    Hours, Incoming, Job, Ledger, OrderItem, OrderLease, OrderView, Outbox, Outgoing, Page, ParcelItem, PollState,
    PortError, Queue, Standing,
};
use async_trait::async_trait;
use domain::{
    AuditEntry, Connection, ConnectionId, Export, ExportId, Finding, HoldReason, JobId, OrderReference, State, TenantId,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Reads the ledger behind it. Writes end as if they had succeeded where that is harmless, else as refused.
pub(super) struct DryLedger(pub(super) Arc<dyn Ledger>);

fn never<T>() -> Result<T, PortError> {
    Err(PortError::Unavailable("a trial writes nothing".into()))
}

#[async_trait]
impl Connections for DryLedger {
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, PortError> {
        self.0.connection(id).await
    }
}

#[async_trait]
impl NoticeStore for DryLedger {
    async fn put_notice(&self, _: &Notice) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn notices_due(&self, by: Timestamp, limit: usize) -> Result<Vec<Notice>, PortError> {
        self.0.notices_due(by, limit).await
    }
    async fn change_notice(&self, _: &Notice) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn notice_settings(&self, tenant: &TenantId) -> Result<Option<NoticeSettings>, PortError> {
        self.0.notice_settings(tenant).await
    }
    async fn put_notice_settings(&self, _: &NoticeSettings) -> Result<bool, PortError> {
        Ok(false)
    }
}

#[async_trait]
impl Figures for DryLedger {
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError> {
        self.0.search(tenant, words, limit).await
    }
    async fn hours(&self, tenant: &TenantId, since: Timestamp) -> Result<Hours, PortError> {
        self.0.hours(tenant, since).await
    }
}

#[async_trait]
impl AuditStore for DryLedger {
    async fn put_audit(&self, _: &AuditEntry) -> Result<(), PortError> {
        never()
    }
    async fn end_audit(&self, _: &AuditEntry) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        by: Timestamp,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>, PortError> {
        self.0.audit(tenant, query, by, limit, cursor).await
    }
}

#[async_trait]
impl HeardStore for DryLedger {
    async fn note_heard(&self, _: &Heard) -> Result<(), PortError> {
        Ok(())
    }
    async fn heard(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        by: Timestamp,
        limit: usize,
    ) -> Result<HeardPage, PortError> {
        self.0.heard(tenant, source, by, limit).await
    }
}

#[async_trait]
impl Ledger for DryLedger {
    async fn claim(&self, _: &Claim) -> Result<Claimed, PortError> {
        never()
    }
    async fn finish(&self, _: &Guard, _: &Export) -> Result<Option<Export>, PortError> {
        Ok(None)
    }
    async fn renew(&self, _: &Guard, _: Timestamp) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn arrive(&self, _: &ExportId, _: &Arrival) -> Result<Option<Export>, PortError> {
        Ok(None)
    }
    async fn decide(&self, _: &Export, _: &Export) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn export(&self, id: &ExportId) -> Result<Option<Export>, PortError> {
        self.0.export(id).await
    }
    async fn order(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        self.0.order(tenant, reference).await
    }
    async fn remember_order(&self, _: &OrderItem) -> Result<(), PortError> {
        Ok(())
    }
    async fn put_finding(&self, _: &Finding) -> Result<bool, PortError> {
        Ok(true)
    }
    async fn remember_document(&self, _: &DocumentItem) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn document(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<DocumentItem>, PortError> {
        self.0.document(tenant, source, id_or_number).await
    }
    async fn merge_parcel(&self, item: &ParcelItem) -> Result<ParcelItem, PortError> {
        let known = self.0.parcel(&item.tenant, &item.source, &item.parcel.id).await?;
        Ok(match known {
            Some(known) => known.merged(item.clone()),
            None => item.clone(),
        })
    }
    async fn parcel(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<ParcelItem>, PortError> {
        self.0.parcel(tenant, source, id_or_number).await
    }
    async fn parcels_due(&self, now: Timestamp, limit: usize) -> Result<Vec<ParcelItem>, PortError> {
        self.0.parcels_due(now, limit).await
    }
    async fn exports(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Export>, PortError> {
        self.0.exports(tenant, query, limit, cursor).await
    }
    async fn standing(
        &self,
        tenant: &TenantId,
        connection: &ConnectionId,
        states: &[State],
    ) -> Result<Standing, PortError> {
        self.0.standing(tenant, connection, states).await
    }
    async fn exports_of(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        ids: &[String],
    ) -> Result<Vec<Export>, PortError> {
        self.0.exports_of(tenant, source, ids).await
    }
    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<DueEntry>, PortError> {
        self.0.due(before, limit).await
    }
    async fn postpone(&self, _: &DueEntry, _: Timestamp) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn waiting(
        &self,
        connection: &ConnectionId,
        reason: HoldReason,
        after: Option<&ExportId>,
        limit: usize,
    ) -> Result<Vec<DueEntry>, PortError> {
        self.0.waiting(connection, reason, after, limit).await
    }
    async fn lease_order(&self, _: &OrderLease) -> Result<Result<(), ExportId>, PortError> {
        Ok(Ok(()))
    }
    async fn release_order(&self, _: &OrderLease) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        self.0.connections(tenant).await
    }
    async fn all_connections(&self) -> Result<Vec<Connection>, PortError> {
        self.0.all_connections().await
    }
    async fn put_connection(&self, _: &Connection, _: Option<u64>) -> Result<bool, PortError> {
        Ok(true)
    }
    async fn delete_connection(&self, _: &ConnectionId) -> Result<bool, PortError> {
        Ok(false)
    }
    async fn circuit(&self, id: &ConnectionId) -> Result<Circuit, PortError> {
        self.0.circuit(id).await
    }
    async fn put_circuit(&self, _: &ConnectionId, _: &Circuit) -> Result<bool, PortError> {
        Ok(true)
    }
    async fn poll_state(&self, id: &ConnectionId) -> Result<PollState, PortError> {
        self.0.poll_state(id).await
    }
    async fn put_poll_state(&self, _: &ConnectionId, _: &PollState) -> Result<(), PortError> {
        Ok(())
    }
    async fn job(&self, id: &JobId) -> Result<Option<Job>, PortError> {
        self.0.job(id).await
    }
    async fn put_job(&self, _: &Job) -> Result<bool, PortError> {
        Ok(true)
    }
    async fn jobs(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        self.0.jobs(tenant, limit, cursor).await
    }
    async fn running_jobs(&self, limit: usize) -> Result<Vec<Job>, PortError> {
        self.0.running_jobs(limit).await
    }
    async fn counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Counts, PortError> {
        self.0.counts(tenant, since).await
    }
}

/// Sends nothing and has nothing.
pub(super) struct DryQueue;

#[async_trait]
impl Outbox for DryQueue {
    async fn send(&self, _: Vec<Outgoing>) -> Result<(), PortError> {
        Ok(())
    }
}

#[async_trait]
impl Queue for DryQueue {
    async fn receive(&self, _: usize, _: SignedDuration) -> Result<Vec<Incoming>, PortError> {
        Ok(vec![])
    }
    async fn delete(&self, _: &[String]) -> Result<(), PortError> {
        Ok(())
    }
    async fn give_back(&self, _: &str, _: SignedDuration) -> Result<(), PortError> {
        Ok(())
    }
    async fn bury(&self, _: &DeadCopy) -> Result<(), PortError> {
        Ok(())
    }
    async fn exhume(&self, _: &ExportId) -> Result<(), PortError> {
        Ok(())
    }
    async fn depth(&self) -> Result<Depth, PortError> {
        Ok(Depth::default())
    }
}
