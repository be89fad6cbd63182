//! What lies around exports: orders, documents, parcels, connections and small states. Each is a JSON body beside the
//! columns it is found by.

use crate::fault::{Fault, count, limit, nanos, number};
use crate::lists;
use crate::writer::Tx;
use domain::{Connection as Link, Finding};
use export_flow::ports::{Circuit, DocumentItem, Job, OrderItem, OrderLease, OrderView, Page, ParcelItem, PortError};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, params};
use serde::de::DeserializeOwned;

/// The body that a query finds, read.
pub(crate) fn one<T: DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    given: impl Params,
) -> Result<Option<T>, Fault> {
    let body: Option<String> = connection.prepare_cached(sql)?.query_row(given, |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}

/// The bodies that a query finds, read.
pub(crate) fn many<T: DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    given: impl Params,
) -> Result<Vec<T>, Fault> {
    let mut list = connection.prepare_cached(sql)?;
    let bodies = list.query_map(given, |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

pub(crate) fn order_view(connection: &Connection, tenant: &str, reference: &str) -> Result<OrderView, Fault> {
    Ok(OrderView {
        orders: many(
            connection,
            "SELECT body FROM order_item WHERE tenant = ?1 AND reference = ?2 ORDER BY channel",
            [tenant, reference],
        )?,
        exports: lists::of_order(connection, tenant, reference)?,
        documents: many(
            connection,
            "SELECT body FROM document INDEXED BY document_order WHERE order_ref = ?2 AND tenant = ?1 ORDER BY rowid",
            [tenant, reference],
        )?,
        parcels: many(
            connection,
            "SELECT body FROM parcel INDEXED BY parcel_order WHERE order_ref = ?2 AND tenant = ?1 ORDER BY rowid",
            [tenant, reference],
        )?,
        findings: many(
            connection,
            "SELECT body FROM finding WHERE tenant = ?1 AND reference = ?2 ORDER BY rowid",
            [tenant, reference],
        )?,
    })
}

pub(crate) fn put_finding(tx: &Tx<'_>, finding: &Finding) -> Result<bool, Fault> {
    let body = serde_json::to_string(finding)?;
    let place = [finding.tenant.as_str(), finding.order.as_str(), finding.export.as_str()];
    let given = params![place[0], place[1], place[2], number(finding.version), body];
    let sql = match finding.version {
        1 => "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        _ => {
            "UPDATE finding SET version = ?4, body = ?5
             WHERE tenant = ?1 AND reference = ?2 AND export = ?3 AND version = ?4 - 1"
        }
    };
    Ok(tx.sql(sql)?.execute(given)? > 0)
}

pub(crate) fn remember_order(tx: &Tx<'_>, item: &OrderItem, body: &str) -> Result<(), Fault> {
    tx.sql(
        "INSERT INTO order_item VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (tenant, reference, channel) DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body
         WHERE excluded.seen_at >= seen_at",
    )?
    .execute(params![
        item.tenant.as_str(),
        item.order.reference.as_str(),
        item.channel.as_str(),
        nanos(item.seen_at),
        body
    ])?;
    Ok(())
}

pub(crate) fn remember_document(tx: &Tx<'_>, item: &DocumentItem, body: &str) -> Result<(), Fault> {
    tx.sql(
        "INSERT INTO document VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (tenant, source, id) DO UPDATE SET number = excluded.number, order_ref = excluded.order_ref,
           version_at = excluded.version_at, body = excluded.body
         WHERE excluded.version_at >= version_at",
    )?
    .execute(params![
        item.tenant.as_str(),
        item.source.as_str(),
        item.id,
        item.number,
        item.order.as_ref().map(domain::OrderReference::as_str),
        nanos(item.version_at),
        body
    ])?;
    Ok(())
}

pub(crate) fn document(
    connection: &Connection,
    tenant: &str,
    source: &str,
    word: &str,
) -> Result<Option<DocumentItem>, Fault> {
    let by_id = one(
        connection,
        "SELECT body FROM document WHERE tenant = ?1 AND source = ?2 AND id = ?3",
        [tenant, source, word],
    )?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    one(
        connection,
        "SELECT body FROM document INDEXED BY document_number WHERE number = ?3 AND source = ?2 AND tenant = ?1
         ORDER BY version_at DESC LIMIT 1",
        [tenant, source, word],
    )
}

const PARCEL_BY_ID: &str = "SELECT body FROM parcel WHERE tenant = ?1 AND source = ?2 AND id = ?3";

pub(crate) fn merge_parcel(tx: &Tx<'_>, item: &ParcelItem) -> Result<ParcelItem, Fault> {
    let (tenant, source, id) = (item.tenant.as_str(), item.source.as_str(), item.parcel.id.as_str());
    let known: Option<ParcelItem> = one(tx.connection(), PARCEL_BY_ID, [tenant, source, id])?;
    let merged = known.unwrap_or_else(|| item.clone()).merged(item.clone());
    tx.sql(
        "INSERT INTO parcel VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (tenant, source, id) DO UPDATE SET order_ref = excluded.order_ref,
           watch_at = excluded.watch_at, body = excluded.body",
    )?
    .execute(params![
        tenant,
        source,
        id,
        merged.parcel.order_reference,
        merged.watch_at.map(nanos),
        serde_json::to_string(&merged)?
    ])?;
    let mut add = tx.sql(
        "INSERT INTO parcel_number VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (number, source, tenant, id) DO UPDATE SET version_at = excluded.version_at",
    )?;
    for number in &merged.parcel.tracking_numbers {
        add.execute(params![number, source, tenant, id, nanos(merged.parcel.version_at)])?;
    }
    Ok(merged)
}

pub(crate) fn parcel(
    connection: &Connection,
    tenant: &str,
    source: &str,
    word: &str,
) -> Result<Option<ParcelItem>, Fault> {
    let by_id = one(connection, PARCEL_BY_ID, [tenant, source, word])?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    one(
        connection,
        "SELECT p.body FROM parcel_number n JOIN parcel p ON p.tenant = n.tenant AND p.source = n.source AND p.id = n.id
         WHERE n.number = ?3 AND n.source = ?2 AND n.tenant = ?1 ORDER BY n.version_at DESC LIMIT 1",
        [tenant, source, word],
    )
}

pub(crate) fn parcels_due(connection: &Connection, now: Timestamp, lines: i64) -> Result<Vec<ParcelItem>, Fault> {
    many(
        connection,
        "SELECT body FROM parcel INDEXED BY parcel_watch WHERE watch_at <= ?1 ORDER BY watch_at LIMIT ?2",
        params![nanos(now), lines],
    )
}

/// Who holds it then, and for which claim.
pub(crate) fn lease_order(tx: &Tx<'_>, lease: &OrderLease) -> Result<(String, u64), Fault> {
    let place = [lease.tenant.as_str(), lease.target.as_str(), lease.order.as_str()];
    tx.sql(
        "INSERT INTO order_lease (tenant, target, reference, holder, claim) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET claim = excluded.claim WHERE holder = excluded.holder AND claim < excluded.claim",
    )?
    .execute(params![place[0], place[1], place[2], lease.holder.as_str(), number(lease.claim)])?;
    let mut held =
        tx.sql("SELECT holder, claim FROM order_lease WHERE tenant = ?1 AND target = ?2 AND reference = ?3")?;
    Ok(held.query_row(place, |row| Ok((row.get(0)?, count(row.get(1)?))))?)
}

pub(crate) fn release_order(tx: &Tx<'_>, lease: &OrderLease) -> Result<bool, Fault> {
    let mut release = tx.sql(
        "DELETE FROM order_lease WHERE tenant = ?1 AND target = ?2 AND reference = ?3 AND holder = ?4 AND claim <= ?5",
    )?;
    let place = [lease.tenant.as_str(), lease.target.as_str(), lease.order.as_str()];
    let given = params![place[0], place[1], place[2], lease.holder.as_str(), number(lease.claim)];
    Ok(release.execute(given)? > 0)
}

pub(crate) fn put_connection(tx: &Tx<'_>, link: &Link, expected: Option<u64>) -> Result<bool, Fault> {
    let body = serde_json::to_string(link)?;
    let given = params![link.id.as_str(), link.tenant.as_str(), number(link.version), body, expected.map(number)];
    let sql = match expected {
        None => "INSERT INTO connection SELECT ?1, ?2, ?3, ?4 WHERE ?5 IS NULL ON CONFLICT DO NOTHING",
        Some(_) => "UPDATE connection SET tenant = ?2, version = ?3, body = ?4 WHERE id = ?1 AND version = ?5",
    };
    Ok(tx.sql(sql)?.execute(given)? > 0)
}

/// With what was remembered of it, so that a later connection of the same id begins anew.
pub(crate) fn delete_connection(tx: &Tx<'_>, id: &str) -> Result<bool, Fault> {
    tx.sql("DELETE FROM circuit WHERE id = ?1")?.execute([id])?;
    tx.sql("DELETE FROM poll_state WHERE id = ?1")?.execute([id])?;
    Ok(tx.sql("DELETE FROM connection WHERE id = ?1")?.execute([id])? > 0)
}

/// A job's version lies in its body; one written before there were versions has none.
pub(crate) fn put_job(tx: &Tx<'_>, job: &Job) -> Result<bool, Fault> {
    let mut known = tx.sql("SELECT coalesce(json_extract(body, '$.version'), 0) FROM job WHERE id = ?1")?;
    let known: i64 = known.query_row([job.id.as_str()], |row| row.get(0)).optional()?.unwrap_or(0);
    if number(job.version) != known + 1 {
        return Ok(false);
    }
    let body = serde_json::to_string(job)?;
    // Changed where it lies: its rowid says when it was made.
    let sql = "INSERT INTO job VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    tx.sql(sql)?.execute([job.id.as_str(), &body])?;
    Ok(true)
}

/// Jobs of a tenant, newest first.
pub(crate) fn jobs(
    connection: &Connection,
    tenant: &str,
    lines: usize,
    cursor: Option<&str>,
) -> Result<Page<Job>, Fault> {
    let before: i64 = match cursor {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| PortError::Damaged("not a cursor of ours".into()))?,
    };
    let mut list = connection.prepare_cached(
        "SELECT rowid, body FROM job INDEXED BY job_tenant
         WHERE json_extract(body, '$.tenant') = ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3",
    )?;
    let given = params![tenant, before, limit(lines.saturating_add(1))];
    let found = list.query_map(given, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found: Vec<(i64, String)> = found.collect::<Result<_, _>>()?;
    let more = found.len() > lines;
    found.truncate(lines);
    let next = found.last().filter(|_| more).map(|(row, _)| row.to_string());
    let items = found.iter().map(|(_, body)| serde_json::from_str(body)).collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}

pub(crate) fn running_jobs(connection: &Connection, lines: usize) -> Result<Vec<Job>, Fault> {
    let mut list = connection.prepare_cached(
        "SELECT body FROM job INDEXED BY job_running WHERE json_extract(body, '$.state') = 'running' LIMIT ?1",
    )?;
    let found = list.query_map([limit(lines)], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(found.iter().map(|body| serde_json::from_str(body)).collect::<Result<_, _>>()?)
}

pub(crate) fn put_circuit(tx: &Tx<'_>, id: &str, circuit: &Circuit) -> Result<bool, Fault> {
    let mut known = tx.sql("SELECT version FROM circuit WHERE id = ?1")?;
    let known: i64 = known.query_row([id], |row| row.get(0)).optional()?.unwrap_or(0);
    if number(circuit.version) != known + 1 {
        return Ok(false);
    }
    tx.sql("INSERT OR REPLACE INTO circuit VALUES (?1, ?2, ?3)")?.execute(params![
        id,
        number(circuit.version),
        serde_json::to_string(circuit)?
    ])?;
    Ok(true)
}
