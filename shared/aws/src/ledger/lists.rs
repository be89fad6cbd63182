//! Lists: by order and by number from where these lead; all others from the index of what wants attention and from the
//! notes of what came to rest. The records that are named are read and decide.

use super::homes::Homes;
use super::item::{INDEX_SK, get_text};
use super::names::{self, Place, Thing, sortable, sorted_time};
use super::notes::{NumberLine, number_partition, rested_at};
use super::record::{self, Entry, SHARDS, at_rest, due_sort, shard};
use super::table::{Range, Table};
use super::walk::{Rank, Walk};
use super::watch;
use domain::{ConnectionId, Export, ExportId, ExportKey, Finding, TenantId};
use export_flow::ports::{ExportQuery, Page, PortError};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

/// Partitions of the index asked at once.
const AT_ONCE: usize = 16;
/// Records read at once for a list.
const CHUNK: usize = 100;

/// What a list is of.
pub(crate) struct Scope<'a> {
    pub(crate) tenant: &'a TenantId,
    /// Its connections, those removed included.
    pub(crate) known: &'a [ConnectionId],
    /// Nothing came to rest before.
    pub(crate) first: Timestamp,
    pub(crate) now: Timestamp,
}

/// Reads lists.
pub(crate) struct Lists<'a> {
    pub(crate) table: &'a Table,
    pub(crate) homes: &'a Homes,
}

/// What cannot be read is told and left out of a list: it may be of a later version of this program, and must not keep
/// everything else from being listed or done. Whoever asks for the record itself is told that it cannot be read.
fn readable<T>(read: Result<T, PortError>) -> Option<T> {
    read.inspect_err(|error| tracing::error!(event = "ledger.left_out", %error)).ok()
}

fn cursor(text: Option<&str>) -> Result<Option<Rank>, PortError> {
    let Some(text) = text else { return Ok(None) };
    let parsed = text.split_once('.').and_then(|(at, id)| {
        let id = ExportId::new(id);
        ExportKey::decode(&id).ok()?;
        sorted_time(at).filter(|time| sortable(*time) == at).map(|time| (time, id))
    });
    parsed.map(Some).ok_or_else(|| PortError::Damaged("not a cursor of ours".into()))
}

fn page(mut found: Vec<(Rank, Export)>, limit: usize) -> Page<Export> {
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|((at, id), _)| format!("{}.{id}", sortable(*at)));
    Page { items: found.into_iter().map(|(_, export)| export).collect(), next }
}

impl Lists<'_> {
    /// Exports of a tenant, newest first.
    pub(crate) async fn exports(
        &self,
        scope: &Scope<'_>,
        query: &ExportQuery,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<Export>, PortError> {
        let Scope { tenant, known, .. } = *scope;
        let after = cursor(after)?;
        let named = match (&query.order, &query.document) {
            (Some(order), _) => Some(self.of_order(tenant, order, true).await?),
            (None, Some(document)) => Some(self.of_things(&self.things(tenant, document, known).await?).await?),
            (None, None) => None,
        };
        if let Some(named) = named {
            let mut found: Vec<_> = named
                .into_iter()
                .filter(|export| query.fits(export))
                .map(|export| ((export.created_at, export.id.clone()), export))
                .filter(|(rank, _)| after.as_ref().is_none_or(|after| rank < after))
                .collect();
            found.sort_by(|(a, _), (b, _)| b.cmp(a));
            return Ok(page(found, limit));
        }
        if query.connection.as_ref().is_some_and(|id| !known.contains(id)) {
            return Ok(page(vec![], limit));
        }
        let mut attention = vec![];
        if query.state.is_none_or(|state| !at_rest(state)) {
            attention = self.attention(tenant, known).await?;
            attention.retain(|entry| {
                query.state.is_none_or(|state| state == entry.state)
                    && query.operation.is_none_or(|operation| operation == entry.key.operation)
                    && after.as_ref().is_none_or(|after| (entry.created_at, entry.key.id()) < *after)
            });
            attention.sort_by_key(|entry| Reverse((entry.created_at, entry.key.id())));
        }
        let mut walk = Walk::new(self.table, scope, after);
        if query.state.is_some_and(|state| !at_rest(state)) {
            walk.ended = true;
        }
        self.merge(tenant, query, limit, attention, walk).await.map(|found| page(found, limit))
    }

    /// Candidates of both kinds in the order of the list, read and filtered until there are enough.
    async fn merge(
        &self,
        tenant: &TenantId,
        query: &ExportQuery,
        limit: usize,
        attention: Vec<Entry>,
        mut walk: Walk<'_>,
    ) -> Result<Vec<(Rank, Export)>, PortError> {
        let mut found = vec![];
        let mut waiting = attention.into_iter().peekable();
        let mut met = HashSet::new();
        while found.len() <= limit {
            let mut chunk: Vec<(Rank, ExportKey, bool)> = vec![];
            while chunk.len() < CHUNK.min(limit.saturating_add(1)) {
                let rested = walk.peek().await?.map(|one| (one.at, one.key.id()));
                let entry = waiting.peek().map(|entry| (entry.created_at, entry.key.id()));
                match (entry, rested) {
                    (None, None) => break,
                    (Some(entry), rested) if rested.as_ref().is_none_or(|rested| entry > *rested) => {
                        chunk.extend(waiting.next().map(|line| (entry, line.key, false)));
                    }
                    (_, rested) => chunk.extend(walk.take().zip(rested).map(|(one, rank)| (rank, one.key, true))),
                }
            }
            if chunk.is_empty() {
                break;
            }
            // What is listed is not read again. What is not may stand at another place as well.
            chunk.retain(|(_, key, _)| !met.contains(&key.id()));
            let records = self.records(tenant, chunk.iter().map(|(_, key, _)| key)).await?;
            for (rank, key, rested) in chunk {
                let Some(export) = records.iter().find(|export| export.key == key) else { continue };
                // What moved on since is listed by where and when it came to rest last.
                let here = if rested { rested_at(export).as_millisecond() == rank.0.as_millisecond() } else { true };
                if here && at_rest(export.state) == rested && query.fits(export) && met.insert(key.id()) {
                    found.push((rank, export.clone()));
                }
            }
        }
        Ok(found)
    }

    /// Records by their keys, in any order.
    pub(crate) async fn records(
        &self,
        tenant: &TenantId,
        keys: impl Iterator<Item = &ExportKey>,
    ) -> Result<Vec<Export>, PortError> {
        let keys: Vec<&ExportKey> = keys.collect();
        self.homes.learn_all(keys.iter().map(|key| Thing::of(key))).await?;
        let mut places = BTreeSet::new();
        for key in keys {
            places.extend(self.homes.find(key).await?);
        }
        let places: Vec<Place> = places.into_iter().collect();
        let items = self.table.get_all(&places, true).await?;
        Ok(items.iter().filter_map(|item| readable(record::export(tenant, item))).collect())
    }

    /// Everything in the index.
    pub(crate) async fn attention(&self, tenant: &TenantId, known: &[ConnectionId]) -> Result<Vec<Entry>, PortError> {
        let whole = |partition| Range { partition, of_index: true, ..Range::default() };
        let items = self.shards(known.iter().map(|id| (tenant, id)), whole).await?;
        let exports = items.iter().filter(|item| get_text(item, INDEX_SK).is_some_and(|sk| !sk.starts_with('w')));
        Ok(exports.filter_map(|item| readable(Entry::of(tenant, item))).collect())
    }

    /// Entries of exports that are due before a time, oldest first in each shard.
    pub(crate) async fn due(
        &self,
        known: &[(TenantId, ConnectionId)],
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Entry>, PortError> {
        let last = before - SignedDuration::from_nanos(1);
        let due = |partition| Range {
            partition,
            between: Some(("d".to_owned(), due_sort(last))),
            of_index: true,
            limit: Some(limit),
            ..Range::default()
        };
        let mut entries = vec![];
        for (tenant, id) in known {
            let items = self.shards(std::iter::once((tenant, id)), due).await?;
            entries.extend(items.iter().filter_map(|item| readable(Entry::of(tenant, item))));
        }
        entries.sort_by_key(|entry| entry.due_at);
        entries.truncate(limit);
        Ok(entries)
    }

    /// Places of parcels that are to be asked for by a time, oldest first.
    pub(crate) async fn watched(
        &self,
        known: &[(TenantId, ConnectionId)],
        by: Timestamp,
        limit: usize,
    ) -> Result<Vec<Place>, PortError> {
        let due = |partition| Range {
            partition,
            between: Some(("w".to_owned(), watch::sort(by))),
            of_index: true,
            limit: Some(limit),
            ..Range::default()
        };
        let mut found = self.shards(known.iter().map(|(tenant, id)| (tenant, id)), due).await?;
        found.sort_by(|a, b| get_text(a, INDEX_SK).cmp(&get_text(b, INDEX_SK)));
        found.truncate(limit);
        found.iter().map(super::item::place_of).collect()
    }

    /// The same question to every shard of these connections.
    async fn shards<'a>(
        &self,
        known: impl Iterator<Item = (&'a TenantId, &'a ConnectionId)>,
        range: impl Fn(String) -> Range,
    ) -> Result<Vec<super::item::Item>, PortError> {
        let partitions: Vec<String> =
            known.flat_map(|(tenant, id)| (0..SHARDS).map(|n| shard(tenant, id.as_str(), n))).collect();
        let mut found = vec![];
        for some in partitions.chunks(AT_ONCE) {
            let ranges: Vec<Range> = some.iter().cloned().map(&range).collect();
            for page in join_all(ranges.iter().map(|range| self.table.query(range))).await {
                found.extend(page?);
            }
        }
        Ok(found)
    }

    /// Exports of an order, oldest first.
    async fn of_order(&self, tenant: &TenantId, order: &str, consistent: bool) -> Result<Vec<Export>, PortError> {
        Ok(self.beside(tenant, order, consistent).await?.exports)
    }

    /// Everything in an order's partition, and the exports of things that point to it.
    pub(crate) async fn beside(&self, tenant: &TenantId, order: &str, consistent: bool) -> Result<Beside, PortError> {
        let partition = names::order_partition(tenant, order);
        let items = self.table.query(&Range { partition, consistent, ..Range::default() }).await?;
        let mut beside = Beside::default();
        for item in items {
            let sk = super::item::place_of(&item)?.sk;
            match sk.split_once('#') {
                Some(("c", _)) => beside.orders.push(super::item::body(&item)?),
                Some(("f", _)) => beside.findings.push(super::item::body(&item)?),
                Some(("x", _)) => {
                    let export = record::export(tenant, &item)?;
                    beside.things.insert(Thing::of(&export.key));
                    beside.exports.push(export);
                }
                Some(("p", _)) => {
                    if let [_, source, id] = names::split(&sk).as_slice() {
                        let source = ConnectionId::new(source.as_str());
                        beside.elsewhere.insert(Thing { tenant: tenant.clone(), source, id: id.clone() });
                    }
                }
                _ => {}
            }
        }
        let elsewhere: Vec<Thing> = beside.elsewhere.iter().cloned().collect();
        beside.exports.extend(self.of_things(&elsewhere).await?);
        beside.exports.retain(|export| export.order.as_ref().is_some_and(|own| own.as_str() == order));
        beside.exports.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        beside.things.extend(elsewhere);
        Ok(beside)
    }

    /// The same for things most of which may be unknown: their homes are read at once, and of the unknown no more.
    pub(crate) async fn of_known_things(&self, things: Vec<Thing>) -> Result<Vec<Export>, PortError> {
        let at_home = self.homes.learn_all(things.into_iter()).await?;
        let mut exports = vec![];
        for some in at_home.chunks(AT_ONCE) {
            for page in join_all(some.iter().map(|thing| self.of_things(std::slice::from_ref(thing)))).await {
                exports.extend(page?);
            }
        }
        Ok(exports)
    }

    /// Exports of things, strongly consistent.
    async fn of_things(&self, things: &[Thing]) -> Result<Vec<Export>, PortError> {
        let mut exports = vec![];
        for thing in things {
            let Some(partition) = self.homes.partition(thing).await? else { continue };
            let begins = Some(thing.exports());
            let range = Range { partition, begins, consistent: true, ..Range::default() };
            for item in self.table.query(&range).await? {
                exports.push(record::export(&thing.tenant, &item)?);
            }
        }
        Ok(exports)
    }

    /// Things that a word may mean: by number, and by id at any of the connections.
    pub(crate) async fn things(
        &self,
        tenant: &TenantId,
        word: &str,
        known: &[ConnectionId],
    ) -> Result<Vec<Thing>, PortError> {
        let by_id = |source: &ConnectionId| Thing { tenant: tenant.clone(), source: source.clone(), id: word.into() };
        let mut things: BTreeSet<Thing> = known.iter().map(by_id).collect();
        things.extend(self.numbered(tenant, word).await?);
        let things: Vec<Thing> = things.into_iter().collect();
        self.homes.learn_all(things.iter().cloned()).await?;
        Ok(things)
    }

    /// Things that have, or had, a number.
    pub(crate) async fn numbered(&self, tenant: &TenantId, number: &str) -> Result<BTreeSet<Thing>, PortError> {
        let partition = number_partition(tenant, number);
        let mut things = BTreeSet::new();
        for item in self.table.query(&Range { partition, ..Range::default() }).await? {
            let lines: Vec<NumberLine> = super::item::body(&item)?;
            for (known, source, id) in lines {
                if known == number {
                    things.insert(Thing { tenant: tenant.clone(), source: ConnectionId::new(source), id });
                }
            }
        }
        Ok(things)
    }
}

/// What lies beside an order.
#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) orders: Vec<export_flow::ports::OrderItem>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) exports: Vec<Export>,
    /// Whose exports lie here, or point here.
    pub(crate) things: BTreeSet<Thing>,
    elsewhere: BTreeSet<Thing>,
}
