//! The ledger port: every call goes to the writing thread or to one that reads.

use crate::around;
use crate::exports::{self, Flat, Stored};
use crate::fault::{Fault, limit, nanos, number};
use crate::lists;
use crate::open::SqliteStore;
use async_trait::async_trait;
use domain::{Connection, ConnectionId, Export, ExportId, Finding, HoldReason, JobId, OrderReference, State, TenantId};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{
    Arrival, Circuit, Connections, Counts, DocumentItem, DueEntry, ExportQuery, Guard, Job, Ledger, OrderItem,
    OrderLease, OrderView, Page, ParcelItem, PollState, PortError, Standing,
};
use jiff::Timestamp;
use rusqlite::params;
use serde::Serialize;

fn json(value: &impl Serialize) -> Result<String, PortError> {
    Ok(serde_json::to_string(value).map_err(Fault::from)?)
}

#[async_trait]
impl Connections for SqliteStore {
    async fn connection(&self, id: &ConnectionId) -> Result<Option<Connection>, PortError> {
        let id = id.clone();
        self.read(move |file| around::one(file, "SELECT body FROM connection WHERE id = ?1", [id.as_str()])).await
    }
}

#[async_trait]
impl Ledger for SqliteStore {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, PortError> {
        let claim = claim.clone();
        self.write(move |tx| exports::claim(tx, &claim)).await
    }

    async fn finish(&self, guard: &Guard, export: &Export) -> Result<Option<Export>, PortError> {
        let (guard, flat) = (guard.clone(), Flat::of(export)?);
        let Some(shared) = self.write(move |tx| exports::finish(tx, &guard, &flat)).await? else { return Ok(None) };
        let shared = serde_json::from_str(&shared).map_err(Fault::from)?;
        Ok(Some(Export { shared, ..export.clone() }))
    }

    async fn renew(&self, guard: &Guard, lease_until: Timestamp) -> Result<bool, PortError> {
        let guard = guard.clone();
        self.write(move |tx| exports::renew(tx, &guard, lease_until)).await
    }

    async fn arrive(&self, id: &ExportId, arrival: &Arrival) -> Result<Option<Export>, PortError> {
        let (id, arrival) = (id.clone(), arrival.clone());
        let stored = self.write(move |tx| exports::arrive(tx, id.as_str(), &arrival)).await?;
        Ok(stored.map(|stored| stored.export()).transpose()?)
    }

    async fn decide(&self, before: &Export, after: &Export) -> Result<bool, PortError> {
        if before.id != after.id {
            return Ok(false);
        }
        let (claim, state, flat) = (before.claim, before.state, Flat::of(after)?);
        self.write(move |tx| exports::decision(tx, claim, state, &flat)).await
    }

    async fn export(&self, id: &ExportId) -> Result<Option<Export>, PortError> {
        let id = id.clone();
        let stored = self.read(move |file| Stored::by_id(file, id.as_str())).await?;
        Ok(stored.map(|stored| stored.export()).transpose()?)
    }

    async fn order(&self, tenant: &TenantId, reference: &OrderReference) -> Result<OrderView, PortError> {
        let (tenant, reference) = (tenant.clone(), reference.clone());
        self.read(move |file| around::order_view(file, tenant.as_str(), reference.as_str())).await
    }

    async fn remember_order(&self, item: &OrderItem) -> Result<(), PortError> {
        let (item, body) = (item.clone(), json(item)?);
        self.write(move |tx| around::remember_order(tx, &item, &body)).await
    }

    async fn put_finding(&self, finding: &Finding) -> Result<bool, PortError> {
        let finding = finding.clone();
        self.write(move |tx| around::put_finding(tx, &finding)).await
    }

    async fn remember_document(&self, item: &DocumentItem) -> Result<bool, PortError> {
        let (item, body) = (item.clone(), json(item)?);
        self.write(move |tx| around::remember_document(tx, &item, &body)).await?;
        // Whether it was the first would cost more to find out here than what it saves.
        Ok(false)
    }

    async fn document(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<DocumentItem>, PortError> {
        let (tenant, source, word) = (tenant.clone(), source.clone(), id_or_number.to_owned());
        self.read(move |file| around::document(file, tenant.as_str(), source.as_str(), &word)).await
    }

    async fn merge_parcel(&self, item: &ParcelItem) -> Result<ParcelItem, PortError> {
        let item = item.clone();
        self.write(move |tx| around::merge_parcel(tx, &item)).await
    }

    async fn parcel(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id_or_number: &str,
    ) -> Result<Option<ParcelItem>, PortError> {
        let (tenant, source, word) = (tenant.clone(), source.clone(), id_or_number.to_owned());
        self.read(move |file| around::parcel(file, tenant.as_str(), source.as_str(), &word)).await
    }

    async fn parcels_due(&self, now: Timestamp, lines: usize) -> Result<Vec<ParcelItem>, PortError> {
        self.read(move |file| around::parcels_due(file, now, limit(lines))).await
    }

    async fn exports(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Export>, PortError> {
        let (tenant, query, cursor) = (tenant.clone(), query.clone(), cursor.map(ToOwned::to_owned));
        self.read(move |file| lists::exports(file, tenant.as_str(), &query, limit, cursor.as_deref())).await
    }

    async fn standing(
        &self,
        tenant: &TenantId,
        connection: &ConnectionId,
        states: &[State],
    ) -> Result<Standing, PortError> {
        let (tenant, connection, states) = (tenant.clone(), connection.clone(), states.to_vec());
        self.read(move |file| lists::standing(file, tenant.as_str(), &connection, &states)).await
    }

    async fn exports_of(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        ids: &[String],
    ) -> Result<Vec<Export>, PortError> {
        let (tenant, source, ids) = (tenant.clone(), source.clone(), ids.to_vec());
        self.read(move |file| lists::of_things(file, tenant.as_str(), source.as_str(), &ids)).await
    }

    async fn due(&self, before: Timestamp, limit: usize) -> Result<Vec<DueEntry>, PortError> {
        self.read(move |file| lists::due(file, before, limit)).await
    }

    async fn postpone(&self, entry: &DueEntry, to: Timestamp) -> Result<bool, PortError> {
        let entry = entry.clone();
        self.write(move |tx| {
            let mut postpone = tx.sql("UPDATE export SET due_at = ?4 WHERE id = ?1 AND claim = ?2 AND due_at = ?3")?;
            let given = params![entry.id.as_str(), number(entry.claim), nanos(entry.due_at), nanos(to)];
            Ok(postpone.execute(given)? > 0)
        })
        .await
    }

    async fn waiting(
        &self,
        connection: &ConnectionId,
        reason: HoldReason,
        after: Option<&ExportId>,
        limit: usize,
    ) -> Result<Vec<DueEntry>, PortError> {
        let (at, after) = (connection.clone(), after.map(ToString::to_string).unwrap_or_default());
        self.read(move |file| lists::waiting(file, at.as_str(), reason, &after, limit)).await
    }

    async fn lease_order(&self, lease: &OrderLease) -> Result<Result<(), ExportId>, PortError> {
        let wanted = lease.clone();
        let (holder, claim) = self.write(move |tx| around::lease_order(tx, &wanted)).await?;
        let ours = holder == lease.holder.as_str() && claim == lease.claim;
        Ok(if ours { Ok(()) } else { Err(ExportId::new(holder)) })
    }

    async fn release_order(&self, lease: &OrderLease) -> Result<bool, PortError> {
        let lease = lease.clone();
        self.write(move |tx| around::release_order(tx, &lease)).await
    }

    async fn connections(&self, tenant: &TenantId) -> Result<Vec<Connection>, PortError> {
        const SQL: &str = "SELECT body FROM connection WHERE tenant = ?1 ORDER BY id";
        let tenant = tenant.clone();
        self.read(move |file| around::many(file, SQL, [tenant.as_str()])).await
    }

    async fn all_connections(&self) -> Result<Vec<Connection>, PortError> {
        self.read(|file| around::many(file, "SELECT body FROM connection ORDER BY id", [])).await
    }

    async fn put_connection(&self, connection: &Connection, expected: Option<u64>) -> Result<bool, PortError> {
        let connection = connection.clone();
        self.write(move |tx| around::put_connection(tx, &connection, expected)).await
    }

    async fn delete_connection(&self, id: &ConnectionId) -> Result<bool, PortError> {
        let id = id.clone();
        self.write(move |tx| around::delete_connection(tx, id.as_str())).await
    }

    async fn circuit(&self, id: &ConnectionId) -> Result<Circuit, PortError> {
        let id = id.clone();
        let sql = "SELECT body FROM circuit WHERE id = ?1";
        Ok(self.read(move |file| around::one(file, sql, [id.as_str()])).await?.unwrap_or_default())
    }

    async fn put_circuit(&self, id: &ConnectionId, circuit: &Circuit) -> Result<bool, PortError> {
        let (id, circuit) = (id.clone(), circuit.clone());
        self.write(move |tx| around::put_circuit(tx, id.as_str(), &circuit)).await
    }

    async fn poll_state(&self, id: &ConnectionId) -> Result<PollState, PortError> {
        let id = id.clone();
        let sql = "SELECT body FROM poll_state WHERE id = ?1";
        Ok(self.read(move |file| around::one(file, sql, [id.as_str()])).await?.unwrap_or_default())
    }

    async fn put_poll_state(&self, id: &ConnectionId, state: &PollState) -> Result<(), PortError> {
        let (id, body) = (id.clone(), json(state)?);
        self.write(move |tx| {
            tx.sql("INSERT OR REPLACE INTO poll_state VALUES (?1, ?2)")?.execute([id.as_str(), &body])?;
            Ok(())
        })
        .await
    }

    async fn job(&self, id: &JobId) -> Result<Option<Job>, PortError> {
        let id = id.clone();
        self.read(move |file| around::one(file, "SELECT body FROM job WHERE id = ?1", [id.as_str()])).await
    }

    async fn put_job(&self, job: &Job) -> Result<bool, PortError> {
        let job = job.clone();
        self.write(move |tx| around::put_job(tx, &job)).await
    }

    async fn jobs(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        let (tenant, cursor) = (tenant.clone(), cursor.map(str::to_owned));
        self.read(move |file| around::jobs(file, tenant.as_str(), limit, cursor.as_deref())).await
    }

    async fn running_jobs(&self, limit: usize) -> Result<Vec<Job>, PortError> {
        self.read(move |file| around::running_jobs(file, limit)).await
    }

    async fn counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Counts, PortError> {
        let tenant = tenant.clone();
        self.read(move |file| lists::counts(file, tenant.as_str(), since)).await
    }
}
