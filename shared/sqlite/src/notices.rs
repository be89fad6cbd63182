//! The outbox of notices: one row each, in a small index until it is at its end.

use crate::around::{many, one};
use crate::fault::{Fault, limit, nanos, number};
use crate::open::SqliteStore;
use crate::writer::Tx;
use async_trait::async_trait;
use domain::TenantId;
use export_flow::notices::{KEPT, Notice, NoticeSettings, NoticeStore};
use export_flow::ports::PortError;
use jiff::Timestamp;
use rusqlite::params;

const BY_ID: &str = "SELECT body FROM notice WHERE tenant = ?1 AND id = ?2";

fn write(tx: &Tx<'_>, notice: &Notice) -> Result<(), Fault> {
    tx.sql("INSERT OR REPLACE INTO notice VALUES (?1, ?2, ?3, ?4, ?5)")?.execute(params![
        notice.tenant.as_str(),
        notice.id,
        nanos(notice.at),
        notice.due_at.map(nanos),
        serde_json::to_string(notice)?
    ])?;
    Ok(())
}

fn put(tx: &Tx<'_>, notice: &Notice) -> Result<bool, Fault> {
    let there: Option<Notice> = one(tx.connection(), BY_ID, [notice.tenant.as_str(), &notice.id])?;
    if !notice.replaces(there.as_ref()) {
        return Ok(false);
    }
    let forgotten = notice.at.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    tx.sql("DELETE FROM notice WHERE due_at IS NULL AND at < ?1")?.execute([nanos(forgotten)])?;
    write(tx, notice)?;
    Ok(true)
}

fn change(tx: &Tx<'_>, notice: &Notice) -> Result<bool, Fault> {
    let there: Option<Notice> = one(tx.connection(), BY_ID, [notice.tenant.as_str(), &notice.id])?;
    let fits = there.is_some_and(|there| there.version + 1 == notice.version);
    if fits {
        write(tx, notice)?;
    }
    Ok(fits)
}

fn put_settings(tx: &Tx<'_>, settings: &NoticeSettings) -> Result<bool, Fault> {
    let (tenant, version) = (settings.tenant.as_str(), number(settings.version));
    let body = serde_json::to_string(settings)?;
    let sql = if settings.version == 1 {
        "INSERT INTO telling VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE telling SET version = ?2, body = ?3 WHERE tenant = ?1 AND version = ?2 - 1"
    };
    Ok(tx.sql(sql)?.execute(params![tenant, version, body])? > 0)
}

#[async_trait]
impl NoticeStore for SqliteStore {
    async fn put_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        let notice = notice.clone();
        self.write(move |tx| put(tx, &notice)).await
    }

    async fn notices_due(&self, by: Timestamp, lines: usize) -> Result<Vec<Notice>, PortError> {
        const SQL: &str = "SELECT body FROM notice INDEXED BY notice_due WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2";
        self.read(move |file| many(file, SQL, params![nanos(by), limit(lines)])).await
    }

    async fn change_notice(&self, notice: &Notice) -> Result<bool, PortError> {
        let notice = notice.clone();
        self.write(move |tx| change(tx, &notice)).await
    }

    async fn notice_settings(&self, tenant: &TenantId) -> Result<Option<NoticeSettings>, PortError> {
        let tenant = tenant.clone();
        self.read(move |file| one(file, "SELECT body FROM telling WHERE tenant = ?1", [tenant.as_str()])).await
    }

    async fn put_notice_settings(&self, settings: &NoticeSettings) -> Result<bool, PortError> {
        let settings = settings.clone();
        self.write(move |tx| put_settings(tx, &settings)).await
    }
}
