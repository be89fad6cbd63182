//! What a batch leaves for whoever looks later: one item that lists what came to rest, by day, and items that lead from
//! document and tracking numbers to their things, shared by numbers that begin alike. They are written once per batch,
//! since an index entry of its own for every export would cost as much as the export.
//!
//! The record is the truth: a list reads the records that these items name. What a crash between a record and its
//! batch's note leaves out is noted when the message comes again.

use super::item::{BODY, Item, TTL, key, number, text};
use super::names::{Place, Thing, day, joined, sortable};
use super::record::at_rest;
use super::table::Table;
use connectors::{Clock, Entropy};
use domain::{Export, ExportKey, State, TenantId};
use export_flow::ports::{PortError, group};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Notes are kept as long as the records they name.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// A record that came to rest so recently is noted again when it is met: its batch may have crashed before its note.
const NOTED_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// So much of a number is left open: a hundred numbers in a row share an item.
const OPEN_CHARS: usize = 2;
/// Bytes of a number that can be searched for, at most.
const NUMBER_BYTES_MAX: usize = 200;
/// Entries of one item; the rest goes into the next.
const ENTRIES_MAX: usize = 500;

/// Something that came to rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rested {
    pub(crate) at: Timestamp,
    pub(crate) key: ExportKey,
    pub(crate) state: State,
    /// Noted once more, so not counted again.
    pub(crate) again: bool,
}

/// What one batch brought to rest, as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Batch {
    /// Ways: source, kind, operation, target; they recur.
    #[serde(rename = "w", default)]
    ways: Vec<(String, String, String, String)>,
    /// Index of the way, subject, milliseconds since 1970, state, whether noted again.
    #[serde(rename = "e", default)]
    entries: Vec<(usize, String, i64, State, bool)>,
    /// Repeated arrivals that changed nothing, per queue group.
    #[serde(rename = "d", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) duplicates: BTreeMap<String, u64>,
}

impl Batch {
    fn of(rested: &[Rested], duplicates: BTreeMap<String, u64>) -> Self {
        let mut batch = Self { duplicates, ..Self::default() };
        for one in rested {
            let key = &one.key;
            let target = key.target.as_ref().map_or("", |target| target.as_str());
            let (kind, operation) = (key.subject.kind.as_str(), key.operation.as_str());
            let way = (key.source.as_str().into(), kind.into(), operation.into(), target.into());
            let index = batch.ways.iter().position(|known| *known == way).unwrap_or_else(|| {
                batch.ways.push(way);
                batch.ways.len() - 1
            });
            batch.entries.push((index, key.subject.id.clone(), one.at.as_millisecond(), one.state, one.again));
        }
        batch
    }

    /// What it lists, newest first.
    pub(crate) fn rested(&self, tenant: &TenantId) -> Vec<Rested> {
        let read = self.entries.iter().filter_map(|(way, subject, at, state, again)| {
            let (source, kind, operation, target) = self.ways.get(*way)?;
            let words = ["x", source, subject, kind, operation, target];
            let key = super::names::export_key(tenant, &joined(&words))?;
            let at = Timestamp::from_millisecond(*at).ok()?;
            Some(Rested { at, key, state: *state, again: *again })
        });
        let mut rested: Vec<_> = read.collect();
        rested.sort_by_key(|one| Reverse((one.at, one.key.id())));
        rested
    }
}

#[derive(Default)]
struct Pending {
    rested: BTreeMap<TenantId, Vec<Rested>>,
    duplicates: BTreeMap<TenantId, BTreeMap<String, u64>>,
    numbers: BTreeSet<(Thing, String)>,
}

/// What is to be noted when the batch ends.
pub(crate) struct Notes {
    table: Table,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pending: Mutex<Pending>,
}

impl Notes {
    pub(crate) fn new(table: Table, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { table, clock, entropy, pending: Mutex::default() }
    }

    /// A record was written.
    pub(crate) fn rests(&self, export: &Export) {
        self.numbers(&Thing::of(&export.key), &export.numbers);
        if at_rest(export.state) {
            self.push(export, false);
        }
    }

    /// A record was met that needs nothing.
    pub(crate) fn met(&self, export: &Export, now: Timestamp) {
        let fresh = now.duration_since(rested_at(export)) <= NOTED_AGAIN;
        if at_rest(export.state) && fresh {
            self.push(export, true);
            self.numbers(&Thing::of(&export.key), &export.numbers);
        }
    }

    fn push(&self, export: &Export, again: bool) {
        let rested = Rested { at: rested_at(export), key: export.key.clone(), state: export.state, again };
        self.lock().rested.entry(export.key.tenant.clone()).or_default().push(rested);
    }

    /// An arrival counted as a duplicate.
    pub(crate) fn duplicate(&self, export: &Export) {
        let key = &export.key;
        let mut pending = self.lock();
        let counts = pending.duplicates.entry(key.tenant.clone()).or_default();
        *counts.entry(group(key).to_string()).or_default() += 1;
    }

    /// A thing has these numbers. One that no person would type is not noted.
    pub(crate) fn numbers(&self, thing: &Thing, numbers: &[String]) {
        let mut pending = self.lock();
        for number in numbers.iter().filter(|number| number.len() <= NUMBER_BYTES_MAX) {
            pending.numbers.insert((thing.clone(), number.clone()));
        }
    }

    /// Writes what is pending. What could not be written is pending again.
    pub(crate) async fn flush(&self) -> Result<(), PortError> {
        let pending = std::mem::take(&mut *self.lock());
        if pending.rested.is_empty() && pending.numbers.is_empty() && pending.duplicates.is_empty() {
            return Ok(());
        }
        let written = match self.items(&pending) {
            Ok(items) => self.table.put_all(items).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            let mut now = self.lock();
            for (tenant, rested) in pending.rested {
                now.rested.entry(tenant).or_default().extend(rested);
            }
            for (tenant, counts) in pending.duplicates {
                let known = now.duplicates.entry(tenant).or_default();
                counts.into_iter().for_each(|(group, n)| *known.entry(group).or_default() += n);
            }
            now.numbers.extend(pending.numbers);
        }
        written
    }

    fn items(&self, pending: &Pending) -> Result<Vec<Item>, PortError> {
        let now = self.clock.now();
        let mut items = vec![];
        let tenants: BTreeSet<_> = pending.rested.keys().chain(pending.duplicates.keys()).collect();
        for tenant in tenants {
            let none = vec![];
            let rested = pending.rested.get(tenant).unwrap_or(&none);
            let mut duplicates = pending.duplicates.get(tenant).cloned().unwrap_or_default();
            let mut chunks: Vec<&[Rested]> = rested.chunks(ENTRIES_MAX).collect();
            if chunks.is_empty() {
                chunks.push(&[]);
            }
            for chunk in chunks {
                // Never before what it lists, so that a list may stop at the first item that is too old.
                let at = chunk.iter().map(|one| one.at).max().unwrap_or(now).max(now);
                let place = Place::new(rested_partition(tenant, at), self.sort(at))?;
                items.push(self.item(&place, at, &Batch::of(chunk, std::mem::take(&mut duplicates)))?);
            }
        }
        for (partition, numbers) in shared_pages(&pending.numbers) {
            for chunk in numbers.chunks(ENTRIES_MAX) {
                items.push(self.item(&Place { pk: partition.clone(), sk: self.sort(now) }, now, &chunk)?);
            }
        }
        Ok(items)
    }

    fn item(&self, place: &Place, at: Timestamp, body: &impl Serialize) -> Result<Item, PortError> {
        let mut item = key(place);
        item.insert(BODY.to_owned(), text(super::item::json(body)?));
        item.insert(TTL.to_owned(), number(at.as_second().saturating_add(KEPT.as_secs())));
        Ok(item)
    }

    fn sort(&self, at: Timestamp) -> String {
        let [a, b, c, d, ..] = self.entropy.bytes();
        format!("{}#{:08x}", sortable(at), u32::from_be_bytes([a, b, c, d]))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a record came to rest.
pub(crate) fn rested_at(export: &Export) -> Timestamp {
    export.receipt.as_ref().filter(|_| export.state == State::Delivered).map_or(export.changed_at, |receipt| receipt.at)
}

/// The partition that lists what came to rest on a time's day.
pub(crate) fn rested_partition(tenant: &TenantId, at: Timestamp) -> String {
    joined(&["r", tenant.as_str(), &day(at)])
}

/// One line of an item of numbers: number, source, subject.
pub(crate) type NumberLine = (String, String, String);

/// The partition of an item that leads from a number to its things.
pub(crate) fn number_partition(tenant: &TenantId, number: &str) -> String {
    let chars = number.chars().count();
    let begins: String = number.chars().take(chars.saturating_sub(OPEN_CHARS)).collect();
    joined(&["n", tenant.as_str(), &begins])
}

fn shared_pages(numbers: &BTreeSet<(Thing, String)>) -> BTreeMap<String, Vec<NumberLine>> {
    let mut pages: BTreeMap<String, Vec<NumberLine>> = BTreeMap::new();
    for (thing, number) in numbers {
        let line = (number.clone(), thing.source.to_string(), thing.id.clone());
        pages.entry(number_partition(&thing.tenant, number)).or_default().push(line);
    }
    pages
}
