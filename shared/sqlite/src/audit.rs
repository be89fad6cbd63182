//! The trail of who did what: one row each, removed in time by whoever adds the next, and at start.

use crate::fault::{Fault, nanos};
use crate::open::SqliteStore;
use crate::writer::Tx;
use async_trait::async_trait;
use domain::{AuditEntry, AuditOutcome, TenantId};
use export_flow::audit::{AuditQuery, AuditStore, KEPT, Position, READ_MAX};
use export_flow::ports::{Page, PortError};
use jiff::Timestamp;
use rusqlite::params;

/// Rows removed in one transaction at most.
const FORGOTTEN_MAX: usize = 200;

fn oldest(by: Timestamp) -> Timestamp {
    by.checked_sub(KEPT).unwrap_or(Timestamp::MIN)
}

/// Removes some of what is too old. How many.
fn forget(tx: &Tx<'_>, by: Timestamp) -> Result<usize, Fault> {
    const SQL: &str = "DELETE FROM audit WHERE (tenant, at, id) IN
        (SELECT tenant, at, id FROM audit INDEXED BY audit_at WHERE at < ?1 ORDER BY at LIMIT ?2)";
    Ok(tx.sql(SQL)?.execute(params![nanos(oldest(by)), crate::fault::limit(FORGOTTEN_MAX)])?)
}

fn put(tx: &Tx<'_>, entry: &AuditEntry) -> Result<(), Fault> {
    forget(tx, entry.at)?;
    tx.sql("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")?.execute(params![
        entry.tenant.as_str(),
        nanos(entry.at),
        entry.id,
        entry.outcome == AuditOutcome::Asked,
        serde_json::to_string(entry)?
    ])?;
    Ok(())
}

fn end(tx: &Tx<'_>, entry: &AuditEntry) -> Result<bool, Fault> {
    const SQL: &str =
        "UPDATE audit SET asked = ?4, body = ?5 WHERE tenant = ?1 AND at = ?2 AND id = ?3 AND asked = TRUE";
    let rows = tx.sql(SQL)?.execute(params![
        entry.tenant.as_str(),
        nanos(entry.at),
        entry.id,
        entry.outcome == AuditOutcome::Asked,
        serde_json::to_string(entry)?
    ])?;
    Ok(rows > 0)
}

impl SqliteStore {
    /// Removes what is too old of the trail, a part at a time.
    pub(crate) async fn forget_audit(&self, now: Timestamp) -> Result<(), PortError> {
        while self.write(move |tx| forget(tx, now)).await? == FORGOTTEN_MAX {}
        Ok(())
    }
}

#[async_trait]
impl AuditStore for SqliteStore {
    async fn put_audit(&self, entry: &AuditEntry) -> Result<(), PortError> {
        let entry = entry.clone();
        self.write(move |tx| put(tx, &entry)).await
    }

    async fn end_audit(&self, entry: &AuditEntry) -> Result<bool, PortError> {
        let entry = entry.clone();
        self.write(move |tx| end(tx, &entry)).await
    }

    async fn audit(
        &self,
        tenant: &TenantId,
        query: &AuditQuery,
        by: Timestamp,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>, PortError> {
        const SQL: &str = "SELECT body FROM audit WHERE tenant = ?1 AND at >= ?2 AND (at, id) < (?3, ?4)
            ORDER BY at DESC, id DESC";
        let below = cursor.map(Position::read).transpose()?;
        let (at, id) = below.map_or((nanos(by).saturating_add(1), String::new()), |below| (nanos(below.at), below.id));
        let (tenant, query, oldest) = (tenant.clone(), query.clone(), nanos(oldest(by)));
        self.read(move |file| {
            let mut statement = file.prepare_cached(SQL)?;
            let mut rows = statement.query(params![tenant.as_str(), oldest, at, id])?;
            let (mut items, mut read, mut last) = (vec![], 0, None);
            while items.len() < limit && read < READ_MAX {
                let Some(row) = rows.next()? else { break };
                let entry: AuditEntry = serde_json::from_str(&row.get::<_, String>(0)?)?;
                read += 1;
                last = Some(Position::of(&entry));
                items.extend(Some(entry).filter(|entry| query.fits(entry)));
            }
            let more = rows.next()?.is_some();
            Ok(Page { items, next: last.filter(|_| more).map(|last| last.text()) })
        })
        .await
    }
}
