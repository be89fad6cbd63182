//! Questions about everything there is, each answered from an index. Reads only.

use crate::around::many;
use crate::exports::{COLUMNS, Stored};
use crate::fault::{Fault, count, limit};
use crate::open::SqliteStore;
use async_trait::async_trait;
use domain::{ConnectionId, TenantId};
use export_flow::ports::{Figures, Found, Happening, Hours, PortError, hour_of};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// What begins with a word lies between the word and the word with the largest character behind it, whole words first.
macro_rules! begins {
    ($column:literal) => {
        concat!($column, " >= ?2 AND ", $column, " < ?2 || char(1114111)")
    };
}

const ORDERS: &str = concat!(
    "SELECT body FROM order_item WHERE tenant = ?1 AND ",
    begins!("reference"),
    " ORDER BY reference, channel LIMIT ?3"
);
const DOCUMENTS: &str = concat!(
    "SELECT body FROM document INDEXED BY document_number WHERE tenant = ?1 AND ",
    begins!("number"),
    " ORDER BY number LIMIT ?3"
);
const DOCUMENTS_BY_ID: &str = "SELECT d.body FROM connection c CROSS JOIN document d
  ON d.tenant = c.tenant AND d.source = c.id AND d.id = ?2 WHERE c.tenant = ?1 LIMIT ?3";
const PARCELS: &str = concat!(
    "SELECT p.body FROM parcel_number n CROSS JOIN parcel p
       ON p.tenant = n.tenant AND p.source = n.source AND p.id = n.id WHERE n.tenant = ?1 AND ",
    begins!("n.number"),
    " ORDER BY n.number LIMIT ?3"
);
const PARCELS_BY_ID: &str = "SELECT p.body FROM connection c CROSS JOIN parcel p
  ON p.tenant = c.tenant AND p.source = c.id AND p.id = ?2 WHERE c.tenant = ?1 LIMIT ?3";
const EXPORTS: &str = concat!(
    "FROM export_number n CROSS JOIN export e ON e.seq = n.seq WHERE e.tenant = ?1 AND ",
    begins!("n.number"),
    " ORDER BY n.number LIMIT ?3"
);
const EXPORTS_OF_ORDER: &str = concat!(
    "FROM export e INDEXED BY export_order WHERE e.tenant = ?1 AND ",
    begins!("e.order_ref"),
    " ORDER BY e.order_ref LIMIT ?3"
);

fn add<T: PartialEq>(to: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !to.contains(&one) {
            to.push(one);
        }
    }
}

fn search(connection: &Connection, tenant: &str, words: &[String], lines: usize) -> Result<Found, Fault> {
    let mut found = Found { beginnings: true, ..Found::default() };
    for word in words {
        let given = params![tenant, word, limit(lines)];
        add(&mut found.orders, many(connection, ORDERS, given)?);
        for sql in [DOCUMENTS_BY_ID, DOCUMENTS] {
            add(&mut found.documents, many(connection, sql, given)?);
        }
        for sql in [PARCELS_BY_ID, PARCELS] {
            add(&mut found.parcels, many(connection, sql, given)?);
        }
        for way in [EXPORTS, EXPORTS_OF_ORDER] {
            let mut list = connection.prepare_cached(&format!("SELECT {COLUMNS} {way}"))?;
            let stored = list.query_map(given, Stored::of)?.collect::<Result<Vec<_>, _>>()?;
            add(&mut found.exports, stored.iter().map(Stored::export).collect::<Result<_, _>>()?);
        }
    }
    Ok(found)
}

const HOURS: &str = "SELECT hour, queue_group, word, n FROM happened WHERE tenant = ?1 AND hour >= ?2
  UNION ALL SELECT hour, queue_group, 'delivered', n FROM delivered WHERE tenant = ?1 AND hour >= ?2";

/// From counters, so that it costs the same whatever the store holds.
fn hours(connection: &Connection, tenant: &str, since: Timestamp) -> Result<Hours, Fault> {
    let mut hours = Hours { counted: Happening::ALL.to_vec(), ..Hours::default() };
    let mut list = connection.prepare_cached(HOURS)?;
    let lines = list
        .query_map(params![tenant, hour_of(since)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    for (hour, group, word, n) in lines.collect::<Result<Vec<(i64, String, String, i64)>, _>>()? {
        if let Some(what) = Happening::ALL.into_iter().find(|what| what.as_str() == word) {
            hours.counts.insert((hour, ConnectionId::new(group), what), count(n));
        }
    }
    Ok(hours)
}

#[async_trait]
impl Figures for SqliteStore {
    async fn search(&self, tenant: &TenantId, words: &[String], limit: usize) -> Result<Found, PortError> {
        let (tenant, words) = (tenant.clone(), words.to_vec());
        self.read(move |file| search(file, tenant.as_str(), &words, limit)).await
    }

    async fn hours(&self, tenant: &TenantId, since: Timestamp) -> Result<Hours, PortError> {
        let tenant = tenant.clone();
        self.read(move |file| hours(file, tenant.as_str(), since)).await
    }
}
