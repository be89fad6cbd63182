//! The last events of each source. They are kept back and written many at once, so that they cost the way of a document next
//! to nothing; whoever looks has them written first.

use crate::fault::{Fault, limit, nanos};
use crate::open::SqliteStore;
use crate::writer::Tx;
use async_trait::async_trait;
use domain::{ConnectionId, Subject, SubjectKind, TenantId};
use export_flow::heard::{Heard, HeardPage, HeardStore, SHOWN_MAX};
use export_flow::ports::PortError;
use jiff::Timestamp;
use rusqlite::params;
use std::collections::BTreeSet;
use std::sync::PoisonError;

/// Events kept back at most: what a crash can lose of them.
const KEPT_BACK: usize = 64;

fn write(tx: &Tx<'_>, heard: &[Heard]) -> Result<(), Fault> {
    // Of two in the same millisecond that are about the same, one says all.
    const ADD: &str = "INSERT INTO heard VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    const CROWD_OUT: &str = "DELETE FROM heard WHERE tenant = ?1 AND source = ?2 AND at <
        (SELECT min(at) FROM (SELECT at FROM heard WHERE tenant = ?1 AND source = ?2 ORDER BY at DESC LIMIT ?3))";
    let mut sources = BTreeSet::new();
    for one in heard {
        let (kind, id) = (one.subject.kind.as_str(), &one.subject.id);
        tx.sql(ADD)?.execute(params![one.tenant.as_str(), one.source.as_str(), nanos(one.at) / 1_000_000, kind, id])?;
        sources.insert((one.tenant.as_str(), one.source.as_str()));
    }
    for (tenant, source) in sources {
        tx.sql(CROWD_OUT)?.execute(params![tenant, source, limit(SHOWN_MAX)])?;
    }
    Ok(())
}

impl SqliteStore {
    async fn write_heard(&self, least: usize) -> Result<(), PortError> {
        let heard = {
            let mut kept_back = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            if kept_back.len() < least {
                return Ok(());
            }
            std::mem::take(&mut *kept_back)
        };
        self.write(move |tx| write(tx, &heard)).await
    }
}

#[async_trait]
impl HeardStore for SqliteStore {
    async fn note_heard(&self, heard: &Heard) -> Result<(), PortError> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard.clone());
        self.write_heard(KEPT_BACK).await
    }

    async fn heard(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        by: Timestamp,
        lines: usize,
    ) -> Result<HeardPage, PortError> {
        const SQL: &str = "SELECT at, kind, id FROM heard WHERE tenant = ?1 AND source = ?2 AND at <= ?3
            ORDER BY at DESC, kind DESC, id DESC LIMIT ?4";
        self.write_heard(1).await?;
        let (tenant, source) = (tenant.clone(), source.clone());
        self.read(move |file| {
            let mut statement = file.prepare_cached(SQL)?;
            let by = nanos(by) / 1_000_000;
            let mut rows = statement.query(params![tenant.as_str(), source.as_str(), by, limit(lines)])?;
            let mut items = vec![];
            while let Some(row) = rows.next()? {
                let (at, kind, id): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let (Some(kind), Ok(at)) = (SubjectKind::from_word(&kind), Timestamp::from_millisecond(at)) else {
                    continue;
                };
                let subject = Subject { kind, id };
                items.push(Heard { tenant: tenant.clone(), source: source.clone(), at, subject });
            }
            Ok(HeardPage { items, since: None })
        })
        .await
    }
}
