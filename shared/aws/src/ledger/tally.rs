//! Counts of what came to rest: the sweep adds up what batches left, per tenant in all and per hour, and what has come
//! since is added when somebody asks. The sum and how far it has come are written together, so that nothing is counted
//! twice.

use super::item::{BODY, SK, body, get_text, text, with_body};
use super::names::{Place, day, joined, sortable, sorted_time};
use super::notes::{Batch, rested_partition};
use super::record::at_rest;
use super::table::{Range, Table};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::{ConnectionId, State, TenantId};
use export_flow::ports::{ConnectionCounts, Counts, PortError, hour_of};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A batch writes its note within a function's life, and tries again if it cannot; before this has passed it is not
/// added up, and after this it is added up no more.
const SETTLED: SignedDuration = SignedDuration::from_mins(15);
/// Notes added up at once.
const STEP: usize = 90;
/// Hours that one transaction changes, beside the sum.
const HOURS_MAX: usize = 90;
/// How far back the first sum begins where nothing says when the deployment did.
const BEGINNING: SignedDuration = SignedDuration::from_hours(72);

/// What has been added up so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sum {
    /// When the first note may lie.
    pub(crate) first: Option<Timestamp>,
    /// Sort key of the last note added.
    upto: Option<String>,
    /// Below zero for as long as the note of what moved on is here before the note of what it was.
    states: BTreeMap<State, i64>,
    duplicates: u64,
}

impl Sum {
    /// When the first note may lie, also where nothing says so yet.
    pub(crate) fn first_or_before(&self, now: Timestamp) -> Timestamp {
        self.first.unwrap_or(now - BEGINNING)
    }
}

/// What was delivered at each target within an hour.
pub(crate) type Hour = BTreeMap<String, u64>;

/// Adds up.
pub(crate) struct Tally<'a> {
    pub(crate) table: &'a Table,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Added {
    states: BTreeMap<State, i64>,
    duplicates: u64,
    hours: BTreeMap<i64, Hour>,
}

impl Added {
    fn add(&mut self, tenant: &TenantId, batch: &Batch) {
        for one in batch.rested(tenant).into_iter().filter(|one| !one.again && at_rest(one.state)) {
            *self.states.entry(one.state).or_default() += 1;
            if let (State::Delivered, Some(target)) = (one.state, &one.key.target) {
                let hour = self.hours.entry(hour_of(one.at)).or_default();
                *hour.entry(target.to_string()).or_default() += 1;
            }
        }
        for (state, n) in &batch.left {
            *self.states.entry(*state).or_default() -= i64::try_from(*n).unwrap_or(i64::MAX);
        }
        self.duplicates += batch.duplicates.values().sum::<u64>();
    }
}

/// How many of the notes, oldest first, change no more hours than a transaction can, and what they add up to. One at
/// least, so that the sum moves on.
fn fitting(tenant: &TenantId, notes: &[(String, Batch)]) -> (usize, Added) {
    let mut added = Added::default();
    for (index, (_, batch)) in notes.iter().enumerate() {
        let before = added.clone();
        added.add(tenant, batch);
        if added.hours.len() > HOURS_MAX && index > 0 {
            return (index, before);
        }
        // Of a note that spans more than any batch can, what is longest past is not told by the hour.
        while added.hours.len() > HOURS_MAX {
            added.hours.pop_first();
        }
    }
    (notes.len(), added)
}

fn sum_place(tenant: &TenantId) -> Result<Place, PortError> {
    Place::new(joined(&["tally", tenant.as_str()]), "all".to_owned())
}

fn hour_sort(hour: i64) -> String {
    format!("h#{hour:012}")
}

fn hour_place(tenant: &TenantId, hour: i64) -> Result<Place, PortError> {
    Place::new(joined(&["tally", tenant.as_str()]), hour_sort(hour))
}

impl Tally<'_> {
    /// What has been added up; begun at a time if there is nothing yet.
    pub(crate) async fn sum(&self, tenant: &TenantId) -> Result<Sum, PortError> {
        let item = self.table.get(&sum_place(tenant)?, true).await?;
        item.map_or_else(|| Ok(Sum::default()), |item| body(&item))
    }

    /// Adds up what has settled. `since`: when the tenant's first connection was made.
    pub(crate) async fn add_up(
        &self,
        tenant: &TenantId,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), PortError> {
        loop {
            let place = sum_place(tenant)?;
            let old = self.table.get(&place, true).await?;
            let known = old.as_ref().and_then(|old| get_text(old, BODY)).map(ToOwned::to_owned);
            let mut sum: Sum = old.map_or_else(|| Ok(Sum::default()), |old| body(&old))?;
            let first = *sum.first.get_or_insert_with(|| since.unwrap_or(now).min(now - BEGINNING));
            let notes = self.notes(tenant, &sum, first, now - SETTLED, Some(STEP)).await?;
            let (taken, added) = fitting(tenant, &notes);
            let Some((last, _)) = taken.checked_sub(1).and_then(|last| notes.get(last)) else { return Ok(()) };
            sum.upto = Some(last.clone());
            for (state, n) in &added.states {
                *sum.states.entry(*state).or_default() += n;
            }
            sum.duplicates += added.duplicates;
            let mut writes = vec![];
            for (hour, targets) in &added.hours {
                let place = hour_place(tenant, *hour)?;
                let mut whole: Hour =
                    self.table.get(&place, true).await?.map_or_else(|| Ok(Hour::new()), |old| body(&old))?;
                targets.iter().for_each(|(target, n)| *whole.entry(target.clone()).or_default() += n);
                writes.push(self.put(&place, &whole, None)?);
            }
            writes.push(self.put(&place, &sum, Some(known))?);
            if !self.table.together(writes).await? || (taken == notes.len() && taken < STEP) {
                return Ok(());
            }
        }
    }

    /// A write of a transaction; `known`: the body that must lie there.
    fn put(
        &self,
        place: &Place,
        value: &impl Serialize,
        known: Option<Option<String>>,
    ) -> Result<TransactWriteItem, PortError> {
        let mut put = Put::builder().table_name(self.table.name()).set_item(Some(with_body(place, value)?));
        put = match known {
            None => put,
            Some(None) => put.condition_expression("attribute_not_exists(pk)"),
            Some(Some(known)) => put
                .condition_expression("#b = :b")
                .expression_attribute_names("#b", BODY)
                .expression_attribute_values(":b", text(known)),
        };
        let put = put.build().map_err(|error| PortError::Damaged(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Notes after those added up, oldest first, to a time.
    async fn notes(
        &self,
        tenant: &TenantId,
        sum: &Sum,
        first: Timestamp,
        until: Timestamp,
        limit: Option<usize>,
    ) -> Result<Vec<(String, Batch)>, PortError> {
        let begin = sum.upto.as_deref().and_then(sorted_time).unwrap_or(first);
        // `~` sorts behind every sort key of the time.
        let from = sum.upto.as_ref().map_or_else(|| sortable(first), |upto| format!("{upto}~"));
        let to = format!("{}~", sortable(until));
        let (mut found, mut at) = (vec![], begin);
        while day(at) <= day(until) && limit.is_none_or(|limit| found.len() < limit) && from <= to {
            let range = Range {
                partition: rested_partition(tenant, at),
                between: Some((from.clone(), to.clone())),
                limit: limit.map(|limit| limit - found.len()),
                ..Range::default()
            };
            for item in self.table.query(&range).await? {
                found.push((get_text(&item, SK).unwrap_or_default().to_owned(), body(&item)?));
            }
            at += SignedDuration::from_hours(24);
        }
        Ok(found)
    }

    /// The sum, the hours since a time, and what is not added up yet.
    async fn added(&self, tenant: &TenantId, sum: &Sum, since: Timestamp, now: Timestamp) -> Result<Added, PortError> {
        let mut added = Added { states: sum.states.clone(), duplicates: sum.duplicates, hours: BTreeMap::new() };
        let range = Range {
            partition: joined(&["tally", tenant.as_str()]),
            between: Some((hour_sort(hour_of(since)), "h~".to_owned())),
            consistent: true,
            ..Range::default()
        };
        for item in self.table.query(&range).await? {
            let named = get_text(&item, SK).and_then(|sk| sk.strip_prefix("h#")?.parse().ok());
            added.hours.insert(named.unwrap_or_default(), body(&item)?);
        }
        let first = sum.first_or_before(now);
        let ahead = now + SignedDuration::from_hours(1);
        for (_, batch) in self.notes(tenant, sum, first, ahead, None).await? {
            added.add(tenant, &batch);
        }
        Ok(added)
    }

    /// Counts of what is at rest: in all, and delivered since a time.
    pub(crate) async fn counts(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Counts, PortError> {
        let sum = self.sum(tenant).await?;
        let added = self.added(tenant, &sum, since, now).await?;
        let mut counts = Counts { duplicates: added.duplicates, ..Counts::default() };
        for (state, n) in added.states {
            counts.states.extend(u64::try_from(n).ok().filter(|n| *n > 0).map(|n| (state, n)));
        }
        for (_, targets) in added.hours.range(hour_of(since)..) {
            for (target, n) in targets {
                let here: &mut ConnectionCounts =
                    counts.connections.entry(ConnectionId::new(target.as_str())).or_default();
                here.delivered += n;
            }
        }
        Ok(counts)
    }

    /// What was delivered in each hour: what was added up, and what has come since.
    pub(crate) async fn hours(
        &self,
        tenant: &TenantId,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<BTreeMap<i64, Hour>, PortError> {
        let sum = self.sum(tenant).await?;
        Ok(self.added(tenant, &sum, since, now).await?.hours.split_off(&hour_of(since)))
    }
}
