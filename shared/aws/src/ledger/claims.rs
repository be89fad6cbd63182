//! Claims and what follows them, each one conditional write.
//!
//! What a claim means is said once, by [`decide`]; here it is made safe. The first claim of an export is one write whose
//! condition is that there is no record. Where there is one, the refusal brings it back, it is decided in memory, and
//! written under the condition that nothing of it has changed since: every write of a record counts its changes.

use super::homes::Homes;
use super::item::{INDEX_SK, Item, get_number, nanos, number, text};
use super::names::Thing;
use super::notes::Notes;
use super::record::{
    self, CHANGES, CLAIM, Change, DUE, FORM, LEASE, RUN, SHARED, STATE, VERSION, at_rest, change, due_sort,
    shared_attribute,
};
use super::table::{Condition, Table, Written};
use super::{TRIES_MAX, too_many};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{Export, ExportId, ExportKey, OrderReference, State};
use export_flow::claim::{Claim, Claimed, Trigger, decide};
use export_flow::ports::{Arrival, DueEntry, Guard, PortError};
use jiff::Timestamp;

/// Writes records.
pub(crate) struct Records<'a> {
    pub(crate) table: &'a Table,
    pub(crate) homes: &'a Homes,
    pub(crate) notes: &'a Notes,
}

/// How the write of a claim ended.
enum Taken {
    Ours,
    /// The record is not what it was when the claim was decided; as it is now.
    Otherwise(Option<Box<Read>>),
}

/// A record as it was read, and how often it had been changed then.
struct Read {
    export: Export,
    changes: u64,
}

impl Read {
    fn of(key: &ExportKey, item: &Item) -> Result<Self, PortError> {
        Ok(Self { export: record::read(key.clone(), item)?, changes: get_number(item, CHANGES)?.unwrap_or(0) })
    }

    fn unchanged(&self) -> Condition {
        Condition::is(CHANGES, number(self.changes))
    }
}

fn guarded(guard: &Guard) -> Condition {
    known_form(Condition::is(CLAIM, number(guard.claim)).and(RUN, Some(text(guard.run.as_str()))))
}

/// Also that no later version of this program has written it since it was read.
fn known_form(condition: Condition) -> Condition {
    condition.also("#v <= :if_v", vec![(VERSION, number(FORM))])
}

impl Records<'_> {
    /// Reads an export by its key, strongly consistent.
    pub(crate) async fn read(&self, key: &ExportKey) -> Result<Option<Export>, PortError> {
        Ok(self.find(key).await?.map(|read| read.export))
    }

    async fn find(&self, key: &ExportKey) -> Result<Option<Read>, PortError> {
        let Some(place) = self.homes.find(key).await? else { return Ok(None) };
        let item = self.table.get(&place, true).await?;
        item.map(|item| Read::of(key, &item)).transpose()
    }

    pub(crate) async fn claim(&self, claim: &Claim) -> Result<Claimed, PortError> {
        let key = &claim.key;
        let mut old = None;
        // What the last write of ours was decided on.
        let mut written_on = None;
        // A due message names a record that is there: reading it costs less than a write that must be refused.
        if matches!(claim.trigger, Trigger::Due { .. }) {
            old = self.find(key).await?.map(Box::new);
        }
        for _ in 0..TRIES_MAX {
            let before = old.as_ref().map(|read| &read.export);
            let export = match decide(before, claim) {
                Ok(export) => export,
                Err(refusal) => {
                    let old = old.map(|read| Box::new(read.export));
                    old.iter().for_each(|old| self.notes.met(old, claim.now));
                    return Ok(Claimed::Refused { refusal, old });
                }
            };
            if before.is_some_and(|old| old.claim == export.claim) {
                // Our own write, whose answer was lost. The record before it is what it was decided on; taken for a
                // record that was found, our claim would look like one that a crash has left in doubt.
                let old = written_on.unwrap_or(old);
                return Ok(self.won(old, export));
            }
            match self.take(old.as_deref(), &export).await? {
                Taken::Ours => return Ok(self.won(old, export)),
                Taken::Otherwise(now) => written_on = Some(std::mem::replace(&mut old, now)),
            }
        }
        Err(too_many())
    }

    fn won(&self, old: Option<Box<Read>>, export: Export) -> Claimed {
        if let Some(old) = &old {
            self.notes.moves_on(&old.export);
        }
        self.notes.numbers(&Thing::of(&export.key), &export.numbers);
        Claimed::Won { old: old.map(|read| Box::new(read.export)), export: Box::new(export) }
    }

    async fn take(&self, old: Option<&Read>, export: &Export) -> Result<Taken, PortError> {
        let place = self.homes.settle(&export.key, export.order.as_ref()).await?;
        self.point(export).await?;
        // An entry of the index that is there stays until the lease ends; where there is none, none is made: the
        // message that asked for the claim brings it back.
        let indexed = old.is_some_and(|old| !at_rest(old.export.state));
        let mut change = change(export, indexed)?;
        change.push((SHARED, shared_attribute(&export.shared)?));
        let condition = old.map_or_else(Condition::absent, Read::unchanged);
        Ok(match self.table.update(&place, change, condition, ReturnValue::None).await? {
            Written::Done(_) => Taken::Ours,
            Written::Refused(None) => Taken::Otherwise(None),
            Written::Refused(Some(item)) => Taken::Otherwise(Some(Box::new(Read::of(&export.key, &item)?))),
        })
    }

    pub(crate) async fn finish(&self, guard: &Guard, export: &Export) -> Result<Option<Export>, PortError> {
        let place = if guard.id == export.id { self.place(&guard.id).await? } else { None };
        let Some(place) = place else { return Ok(None) };
        // First the way to it, then the record: a crash between leaves a pointer to what will come.
        self.point(export).await?;
        let written = self.table.update(&place, change(export, true)?, guarded(guard), ReturnValue::AllNew).await?;
        self.written(export, written)
    }

    pub(crate) async fn decide(&self, before: &Export, after: &Export) -> Result<bool, PortError> {
        let place = if before.id == after.id { self.place(&before.id).await? } else { None };
        let Some(place) = place else { return Ok(false) };
        self.point(after).await?;
        let same = Condition::is(CLAIM, number(before.claim)).and(STATE, Some(text(before.state.as_str())));
        let written = self.table.update(&place, change(after, true)?, known_form(same), ReturnValue::AllNew).await?;
        let decided = self.written(after, written)?.is_some();
        if decided {
            self.notes.moves_on(before);
        }
        Ok(decided)
    }

    fn written(&self, export: &Export, written: Written) -> Result<Option<Export>, PortError> {
        let item = match written {
            Written::Done(item) => item,
            Written::Refused(now) => {
                // Of a later form: not lost, but not ours to write.
                now.map_or(Ok(()), |now| record::check_form(&now))?;
                return Ok(None);
            }
        };
        let stored = Export { shared: record::shared(&item)?, ..export.clone() };
        self.notes.rests(&stored);
        Ok(Some(stored))
    }

    pub(crate) async fn renew(&self, guard: &Guard, lease_until: Timestamp) -> Result<bool, PortError> {
        let Some(place) = self.place(&guard.id).await? else { return Ok(false) };
        let until = Some(nanos(lease_until));
        // Where the record has no entry in the index, half a key makes none.
        let entry = Some(text(due_sort(lease_until)));
        let change: Change = vec![(CHANGES, Some(number(1))), (LEASE, until.clone()), (DUE, until), (INDEX_SK, entry)];
        let held = guarded(guard).and(STATE, Some(text(State::Sending.as_str())));
        Ok(matches!(self.table.update(&place, change, held, ReturnValue::None).await?, Written::Done(_)))
    }

    pub(crate) async fn postpone(&self, entry: &DueEntry, to: Timestamp) -> Result<bool, PortError> {
        let Some(place) = self.place(&entry.id).await? else { return Ok(false) };
        let same = known_form(Condition::is(CLAIM, number(entry.claim)).and(DUE, Some(nanos(entry.due_at))));
        let change: Change =
            vec![(CHANGES, Some(number(1))), (DUE, Some(nanos(to))), (INDEX_SK, Some(text(due_sort(to))))];
        Ok(matches!(self.table.update(&place, change, same, ReturnValue::None).await?, Written::Done(_)))
    }

    pub(crate) async fn arrive(&self, id: &ExportId, arrival: &Arrival) -> Result<Option<Export>, PortError> {
        let Ok(key) = ExportKey::decode(id) else { return Ok(None) };
        let Some(place) = self.homes.find(&key).await? else { return Ok(None) };
        let Some(mut item) = self.table.get(&place, true).await? else { return Ok(None) };
        for _ in 0..TRIES_MAX {
            let read = Read::of(&key, &item)?;
            let unchanged = read.unchanged();
            let mut export = read.export;
            let before = export.shared.clone();
            let counts = arrival.leave(&mut export.shared);
            if export.shared == before {
                return Ok(Some(export));
            }
            let change: Change = vec![(CHANGES, Some(number(1))), (SHARED, shared_attribute(&export.shared)?)];
            match self.table.update(&place, change, unchanged, ReturnValue::AllNew).await? {
                Written::Done(item) => {
                    if counts {
                        self.notes.duplicate(&export);
                    }
                    return record::read(key, &item).map(Some);
                }
                Written::Refused(Some(now)) => item = now,
                Written::Refused(None) => return Ok(None),
            }
        }
        Err(too_many())
    }

    async fn place(&self, id: &ExportId) -> Result<Option<super::names::Place>, PortError> {
        match ExportKey::decode(id) {
            Ok(key) => self.homes.find(&key).await,
            Err(_) => Ok(None),
        }
    }

    async fn point(&self, export: &Export) -> Result<(), PortError> {
        self.homes.point(&Thing::of(&export.key), export.order.as_ref().map(OrderReference::as_str)).await
    }
}
