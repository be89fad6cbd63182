//! Lists, counts, and what wants attention. Reads only.

use crate::exports::{COLUMNS, Stored};
use crate::fault::{Fault, count, limit, nanos, time};
use domain::{ConnectionId, Export, ExportId, HoldReason, State};
use export_flow::ports::{ConnectionCounts, Counts, DueEntry, ExportQuery, Page, PortError, Standing, hour_of};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Every filter; one that is not given is NULL.
const FILTERS: &str = "e.tenant = ?1 AND e.seq < ?2
  AND (?4 IS NULL OR e.state = ?4)
  AND (?5 IS NULL OR e.source = ?5 OR e.target = ?5)
  AND (?6 IS NULL OR e.order_ref = ?6)
  AND (?7 IS NULL OR EXISTS (SELECT 1 FROM export_number x WHERE x.number = ?7 AND x.seq = e.seq))
  AND (?8 IS NULL OR e.operation = ?8)
  AND (?9 IS NULL OR e.code = ?9 OR e.reason = ?9)";

/// The ways into the table, each in the order of `seq`: the index to walk, and the condition that makes it usable. The
/// filters given decide which; where one filter looks at two columns, two ways are merged.
fn ways(query: &ExportQuery) -> &'static [(&'static str, &'static str)] {
    let state = query.state.is_some_and(|state| state != State::Delivered);
    if query.document.is_some() {
        &[("export_number n CROSS JOIN export e ON e.seq = n.seq", "n.number = ?7 AND n.seq < ?2")]
    } else if query.order.is_some() {
        &[("export e INDEXED BY export_order", "e.order_ref = ?6")]
    } else if query.code.is_some() {
        &[
            ("export e INDEXED BY export_code", "e.code = ?9"),
            ("export e INDEXED BY export_reason", "e.reason = ?9 AND e.code IS NOT ?9"),
        ]
    } else if state {
        &[("export e INDEXED BY export_state", "e.state = ?4 AND e.state <> 'delivered'")]
    } else if query.connection.is_some() && query.operation.is_some() {
        &[
            ("export e INDEXED BY export_source_operation", "e.source = ?5 AND e.operation = ?8"),
            ("export e INDEXED BY export_target_operation", "e.target = ?5 AND e.operation = ?8 AND e.source <> ?5"),
        ]
    } else if query.connection.is_some() {
        &[
            ("export e INDEXED BY export_source", "e.source = ?5"),
            ("export e INDEXED BY export_target", "e.target = ?5 AND e.source <> ?5"),
        ]
    } else if query.operation.is_some() {
        &[("export e INDEXED BY export_operation", "e.operation = ?8")]
    } else {
        &[("export e NOT INDEXED", "TRUE")]
    }
}

fn listing(query: &ExportQuery) -> String {
    let ways = ways(query).iter().map(|(from, condition)| {
        format!(
            "SELECT * FROM (SELECT {COLUMNS} FROM {from} WHERE {condition} AND {FILTERS}
               ORDER BY e.seq DESC LIMIT ?3)"
        )
    });
    format!("{} ORDER BY 1 DESC LIMIT ?3", ways.collect::<Vec<_>>().join(" UNION ALL "))
}

pub(crate) fn exports(
    connection: &Connection,
    tenant: &str,
    query: &ExportQuery,
    lines: usize,
    cursor: Option<&str>,
) -> Result<Page<Export>, Fault> {
    let before: i64 = match cursor {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| PortError::Damaged("not a cursor of ours".into()))?,
    };
    let mut list = connection.prepare_cached(&listing(query))?;
    let given = params![
        tenant,
        before,
        limit(lines.saturating_add(1)),
        query.state.map(State::as_str),
        query.connection.as_ref().map(ConnectionId::as_str),
        query.order,
        query.document,
        query.operation.map(domain::Operation::as_str),
        query.code,
    ];
    let mut found = list.query_map(given, Stored::of)?.collect::<Result<Vec<_>, _>>()?;
    let more = found.len() > lines;
    found.truncate(lines);
    let next = found.last().filter(|_| more).map(|last| last.seq.to_string());
    let items = found.iter().map(Stored::export).collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<(String, i64, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn entries(rows: Vec<(String, i64, i64, String)>) -> Result<Vec<DueEntry>, Fault> {
    let made = rows.into_iter().map(|(id, claim, due_at, group)| {
        let (id, group) = (ExportId::new(id), ConnectionId::new(group));
        Ok(DueEntry { id, claim: count(claim), due_at: time(due_at)?, group })
    });
    made.collect()
}

pub(crate) fn due(connection: &Connection, before: Timestamp, lines: usize) -> Result<Vec<DueEntry>, Fault> {
    let mut due = connection.prepare_cached(
        "SELECT id, claim, due_at, queue_group FROM export INDEXED BY export_due
         WHERE due_at < ?1 ORDER BY due_at LIMIT ?2",
    )?;
    entries(due.query_map(params![nanos(before), limit(lines)], entry)?.collect::<Result<_, _>>()?)
}

pub(crate) fn waiting(
    connection: &Connection,
    at: &str,
    reason: HoldReason,
    after: &str,
    lines: usize,
) -> Result<Vec<DueEntry>, Fault> {
    let mut waiting = connection.prepare_cached(
        "SELECT id, claim, due_at, queue_group FROM export INDEXED BY export_waiting
         WHERE waits_at = ?1 AND reason = ?2 AND id > ?3 AND due_at IS NOT NULL ORDER BY id LIMIT ?4",
    )?;
    let given = params![at, reason.as_str(), after, limit(lines)];
    entries(waiting.query_map(given, entry)?.collect::<Result<_, _>>()?)
}

/// Exports of an order, oldest first.
pub(crate) fn of_order(connection: &Connection, tenant: &str, reference: &str) -> Result<Vec<Export>, Fault> {
    let mut list = connection.prepare_cached(
        "SELECT e.seq, e.body, e.shared, e.due_at, e.lease_until FROM export e INDEXED BY export_order
         WHERE e.order_ref = ?1 AND e.tenant = ?2 ORDER BY e.seq",
    )?;
    let found = list.query_map([reference, tenant], Stored::of)?.collect::<Result<Vec<_>, _>>()?;
    found.iter().map(Stored::export).collect()
}

/// Exports and looks of things of a source.
pub(crate) fn of_things(
    connection: &Connection,
    tenant: &str,
    source: &str,
    ids: &[String],
) -> Result<Vec<Export>, Fault> {
    // Every export has its subject's id among its numbers; so may one of another thing.
    let mut list = connection.prepare_cached(
        "SELECT e.seq, e.body, e.shared, e.due_at, e.lease_until FROM export_number n CROSS JOIN export e ON e.seq = n.seq
         WHERE n.number = ?1 AND e.tenant = ?2 AND e.source = ?3",
    )?;
    let mut exports: Vec<Export> = vec![];
    for id in ids {
        let found = list.query_map([id.as_str(), tenant, source], Stored::of)?.collect::<Result<Vec<_>, _>>()?;
        for stored in found {
            let export = stored.export()?;
            if export.key.subject.id == *id {
                exports.push(export);
            }
        }
    }
    Ok(exports)
}

/// Exports of a connection by state: read from the index alone, where it has them.
pub(crate) fn standing(
    connection: &Connection,
    tenant: &str,
    of: &ConnectionId,
    states: &[State],
) -> Result<Standing, Fault> {
    let mut standing = Standing::default();
    for state in states {
        let from = match state {
            State::Delivered => "export WHERE",
            _ => "export INDEXED BY export_state WHERE state <> 'delivered' AND",
        };
        let mut sides = connection.prepare_cached(&format!(
            "SELECT target IS ?3, count(*) FROM {from} state = ?2 AND tenant = ?1 AND (source = ?3 OR target = ?3)
             GROUP BY 1"
        ))?;
        let sides = sides.query_map([tenant, state.as_str(), of.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for (as_target, n) in sides.collect::<Result<Vec<(bool, i64)>, _>>()? {
            standing.add(*state, as_target, count(n));
        }
    }
    Ok(standing)
}

/// Counts from counters, so that they cost the same whatever the store holds.
pub(crate) fn counts(connection: &Connection, tenant: &str, since: Timestamp) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    let mut words = connection.prepare_cached("SELECT queue_group, word, n FROM tally WHERE tenant = ?1 AND n <> 0")?;
    let words = words.query_map([tenant], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for line in words.collect::<Result<Vec<(String, String, i64)>, _>>()? {
        let (group, word, n) = line;
        let n = count(n);
        let Some(state) = State::from_word(&word) else {
            counts.duplicates += n;
            continue;
        };
        *counts.states.entry(state).or_default() += n;
        let here = counts.connections.entry(ConnectionId::new(group.as_str())).or_default();
        match state {
            State::Held => here.held += n,
            State::Dead => here.dead += n,
            _ => {}
        }
        if matches!(state, State::Held | State::Retrying | State::Accepted) && here.oldest_waiting.is_none() {
            here.oldest_waiting = oldest(connection, tenant, &group)?;
        }
    }
    let mut delivered = connection.prepare_cached(
        "SELECT queue_group, sum(n) FROM delivered WHERE tenant = ?1 AND hour >= ?2 GROUP BY queue_group",
    )?;
    let hour = hour_of(since);
    let delivered = delivered.query_map(params![tenant, hour], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for line in delivered.collect::<Result<Vec<(String, i64)>, _>>()? {
        let here: &mut ConnectionCounts = counts.connections.entry(ConnectionId::new(line.0)).or_default();
        here.delivered = count(line.1);
    }
    Ok(counts)
}

fn oldest(connection: &Connection, tenant: &str, group: &str) -> Result<Option<Timestamp>, Fault> {
    let mut oldest = connection.prepare_cached(
        "SELECT created_at FROM export INDEXED BY export_oldest
         WHERE tenant = ?1 AND queue_group = ?2 AND state IN ('held', 'retrying', 'accepted')
         ORDER BY created_at LIMIT 1",
    )?;
    oldest.query_row([tenant, group], |row| row.get(0)).optional()?.map(time).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqliteStore;
    use domain::{ExportKey, Operation};
    use export_flow::ports::Ledger;
    use rusqlite::StatementStatus;
    use testkit::{ManualClock, samples};

    /// What SQLite does for a list that finds nothing.
    fn steps(file: &Connection, query: &ExportQuery) -> i32 {
        let found = exports(file, "default", query, 50, None).unwrap();
        assert!(found.items.is_empty(), "{query:?}");
        file.prepare_cached(&listing(query)).unwrap().reset_status(StatementStatus::VmStep)
    }

    #[tokio::test]
    async fn a_connection_without_exports_of_a_kind_costs_the_same_whatever_else_it_has() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path(), ManualClock::at_noon()).unwrap();
        let file = Connection::open(directory.path().join("backhaul.db")).unwrap();
        let of = |connection, state| ExportQuery {
            connection: Some(connection),
            operation: Some(Operation::RefundOrder),
            state,
            ..ExportQuery::default()
        };
        let asked = [samples::books(), samples::shop()]
            .map(|id| [of(id.clone(), None), of(id, Some(State::Delivered))])
            .concat();
        let mut before: Vec<i32> = vec![];
        for n in 0..200 {
            let key = ExportKey { operation: Operation::SendTracking, ..samples::key(&n.to_string()) };
            store.claim(&samples::claim(key, &n.to_string(), samples::at(n))).await.unwrap();
            if n == 1 {
                before = asked.iter().map(|query| steps(&file, query)).collect();
            }
        }
        let after: Vec<i32> = asked.iter().map(|query| steps(&file, query)).collect();
        assert_eq!(after, before);
    }
}
