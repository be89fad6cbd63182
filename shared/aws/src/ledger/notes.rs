//! What a batch leaves for whoever looks later: one item that lists what came to rest, by day, and items that lead from
//! document and tracking numbers to their things, shared by numbers that begin alike. They are written once per batch,
//! since an index entry of its own for every export would cost as much as the export.
//!
//! The record is the truth: a list reads the records that these items name. What a crash between a record and its
//! batch's note leaves out is noted when the message comes again.

use super::item::{Item, TTL, number, place_of, with_body};
use super::names::{Place, Thing, day, joined, sortable};
use super::record::at_rest;
use super::table::Table;
use connectors::{Clock, Entropy};
use domain::{ConnectionId, Export, ExportKey, State, Subject, SubjectKind, TenantId};
use export_flow::heard::Heard;
use export_flow::ports::{PortError, group};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Notes are kept as long as the records they name.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);
/// A record that came to rest so recently is noted again when it is met: its batch may have crashed before its note.
pub(crate) const NOTED_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// So much of a number is left open: a hundred numbers in a row share an item.
const OPEN_CHARS: usize = 2;
/// Bytes of a number that can be searched for, at most.
const NUMBER_BYTES_MAX: usize = 200;
/// Entries of one list of an item, and their bytes, so that two of them stay far below what the table takes; the rest goes
/// into the next.
const ENTRIES_MAX: usize = 500;
const ENTRY_BYTES_MAX: usize = 150_000;
/// What an entry has besides its texts, and what a character becomes in JSON at most.
const ENTRY_BYTES: usize = 60;
const ESCAPED_BYTES: usize = 6;

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
    /// How many that had come to rest moved on, by the state they were in.
    #[serde(rename = "l", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) left: BTreeMap<State, u64>,
    /// Repeated arrivals that changed nothing, per queue group.
    #[serde(rename = "d", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) duplicates: BTreeMap<String, u64>,
    /// Sources of what was heard: source and kind of the subject.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    sources: Vec<(String, String)>,
    /// What was heard: index of the source, subject, milliseconds since 1970.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    heard: Vec<(usize, String, i64)>,
}

impl Batch {
    fn of(rested: &[Rested], heard: &[Heard], Others { left, duplicates }: Others) -> Self {
        let mut batch = Self { left, duplicates, ..Self::default() };
        for one in heard {
            let source = (one.source.to_string(), one.subject.kind.as_str().to_owned());
            let index = index_of(&mut batch.sources, source);
            batch.heard.push((index, one.subject.id.clone(), one.at.as_millisecond()));
        }
        for one in rested {
            let key = &one.key;
            let target = key.target.as_ref().map_or("", |target| target.as_str());
            let (kind, operation) = (key.subject.kind.as_str(), key.operation.as_str());
            let way = (key.source.as_str().into(), kind.into(), operation.into(), target.into());
            let index = index_of(&mut batch.ways, way);
            batch.entries.push((index, key.subject.id.clone(), one.at.as_millisecond(), one.state, one.again));
        }
        batch
    }

    /// What was heard, in any order.
    pub(crate) fn heard(&self, tenant: &TenantId) -> Vec<Heard> {
        let read = self.heard.iter().filter_map(|(source, subject, at)| {
            let (source, kind) = self.sources.get(*source)?;
            Some(Heard {
                tenant: tenant.clone(),
                source: ConnectionId::new(source.as_str()),
                at: Timestamp::from_millisecond(*at).ok()?,
                subject: Subject { kind: SubjectKind::from_word(kind)?, id: subject.clone() },
            })
        });
        read.collect()
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

/// Where a thing stands in a list, put there if need be.
fn index_of<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    list.iter().position(|known| *known == thing).unwrap_or_else(|| {
        list.push(thing);
        list.len() - 1
    })
}

/// What a batch counts besides what came to rest.
#[derive(Default, Clone)]
struct Others {
    left: BTreeMap<State, u64>,
    duplicates: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Pending {
    rested: BTreeMap<TenantId, Vec<Rested>>,
    others: BTreeMap<TenantId, Others>,
    numbers: BTreeSet<(Thing, String)>,
    heard: BTreeMap<TenantId, Vec<Heard>>,
}

/// What is to be noted when the batch ends.
pub(crate) struct Notes {
    table: Table,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pending: Mutex<Pending>,
    /// Made and perhaps not written. They keep their keys, so that what is written once more is the same item: nothing is
    /// counted twice, whatever a lost answer hides.
    unsent: Mutex<Vec<Item>>,
}

impl Notes {
    pub(crate) fn new(table: Table, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { table, clock, entropy, pending: Mutex::default(), unsent: Mutex::default() }
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

    /// A record was written that may have been at rest before.
    pub(crate) fn moves_on(&self, before: &Export) {
        if at_rest(before.state) {
            let mut pending = self.lock();
            let others = pending.others.entry(before.key.tenant.clone()).or_default();
            *others.left.entry(before.state).or_default() += 1;
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
        let others = pending.others.entry(key.tenant.clone()).or_default();
        *others.duplicates.entry(group(key).to_string()).or_default() += 1;
    }

    /// An event was worked on.
    pub(crate) fn heard(&self, heard: &Heard) {
        self.lock().heard.entry(heard.tenant.clone()).or_default().push(heard.clone());
    }

    /// A thing has these numbers. One that no person would type is not noted.
    pub(crate) fn numbers(&self, thing: &Thing, numbers: &[String]) {
        let mut pending = self.lock();
        for number in numbers.iter().filter(|number| number.len() <= NUMBER_BYTES_MAX) {
            pending.numbers.insert((thing.clone(), number.clone()));
        }
    }

    /// Writes what is pending. What was not written for sure, because of an error or because nobody waited for the end of
    /// this, is written by the next call.
    pub(crate) async fn flush(&self) -> Result<(), PortError> {
        let items = {
            let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
            let pending = std::mem::take(&mut *self.lock());
            unsent.extend(self.items(&pending));
            unsent.clone()
        };
        if items.is_empty() {
            return Ok(());
        }
        let written: BTreeSet<Place> = items.iter().filter_map(|item| place_of(item).ok()).collect();
        self.table.put_all(items).await?;
        let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
        unsent.retain(|item| place_of(item).is_ok_and(|place| !written.contains(&place)));
        Ok(())
    }

    fn items(&self, pending: &Pending) -> Vec<Item> {
        let now = self.clock.now();
        let mut items = vec![];
        let tenants: BTreeSet<_> =
            pending.rested.keys().chain(pending.others.keys()).chain(pending.heard.keys()).collect();
        for tenant in tenants {
            let rested = pending.rested.get(tenant).map(Vec::as_slice).unwrap_or_default();
            let heard = pending.heard.get(tenant).map(Vec::as_slice).unwrap_or_default();
            let mut others = pending.others.get(tenant).cloned().unwrap_or_default();
            let mut chunks = chunks(rested, |one| one.key.subject.id.len() + one.key.source.as_str().len());
            let mut heard = self::chunks(heard, |one| one.subject.id.len() + one.source.as_str().len());
            chunks.resize(chunks.len().max(heard.len()).max(1), &[]);
            heard.resize(chunks.len(), &[]);
            for (chunk, heard) in chunks.into_iter().zip(heard) {
                // Never before what it lists, so that a list may stop at the first item that is too old.
                let latest = chunk.iter().map(|one| one.at).chain(heard.iter().map(|one| one.at)).max();
                let at = latest.unwrap_or(now).max(now);
                let batch = Batch::of(chunk, heard, std::mem::take(&mut others));
                items.extend(self.item(rested_partition(tenant, at), at, &batch));
            }
        }
        for (partition, numbers) in shared_pages(&pending.numbers) {
            for chunk in chunks(&numbers, |(number, source, id)| number.len() + source.len() + id.len()) {
                items.extend(self.item(partition.clone(), now, &chunk));
            }
        }
        items
    }

    /// An item of its own key. One that can never be stored is told and left out: it must not hold up all others.
    fn item(&self, partition: String, at: Timestamp, body: &impl Serialize) -> Option<Item> {
        let made = Place::new(partition, self.sort(at)).and_then(|place| with_body(&place, body));
        let mut item = made.inspect_err(|error| tracing::error!(event = "ledger.note_dropped", %error)).ok()?;
        item.insert(TTL.to_owned(), number(at.as_second().saturating_add(KEPT.as_secs())));
        Some(item)
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

/// Parts of a list that an item can hold each.
fn chunks<T>(list: &[T], texts: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let (mut chunks, mut bytes, mut count) = (vec![], 0, 0);
    let mut rest = list;
    for one in list {
        let more = ENTRY_BYTES + ESCAPED_BYTES * texts(one);
        if count > 0 && (count == ENTRIES_MAX || bytes + more > ENTRY_BYTES_MAX) {
            let (chunk, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            chunks.push(chunk);
            (rest, bytes, count) = (after, 0, 0);
        }
        bytes += more;
        count += 1;
    }
    if !rest.is_empty() {
        chunks.push(rest);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_list_is_larger_than_an_item_can_be_and_none_is_left_out() {
        for (entries, length) in [(0, 1), (1, 1), (500, 10), (501, 10), (1200, 10), (700, 1000), (3, 1_000_000)] {
            let list: Vec<(usize, String)> = (0..entries).map(|n| (n, "\u{1}".repeat(length))).collect();
            let chunks = chunks(&list, |(_, text)| text.len());
            assert_eq!(chunks.concat(), list, "{entries} of {length}");
            for chunk in chunks {
                assert!(chunk.len() <= ENTRIES_MAX);
                let bytes = serde_json::to_string(chunk).unwrap().len();
                assert!(bytes <= ENTRY_BYTES_MAX || chunk.len() == 1, "{bytes}");
            }
        }
    }
}
