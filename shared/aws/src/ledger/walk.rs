//! What came to rest, newest first, read from the notes of batches day by day.

use super::item::get_text;
use super::lists::Scope;
use super::names::{self, sortable, sorted_time};
use super::notes::{Batch, NOTED_AGAIN, Rested, rested_partition};
use super::table::{Range, Table};
use domain::{ExportId, TenantId};
use export_flow::ports::PortError;
use jiff::{SignedDuration, Timestamp};

/// Notes read at once for a list.
const NOTES: usize = 50;
/// A batch notes what came to rest within a function's life, with time to spare; what it left out is noted later.
const NOTED_LATER: SignedDuration = SignedDuration::from_secs(NOTED_AGAIN.as_secs() + 15 * 60);

/// Where a line stands in a list: newest first, and among the same time the larger id.
pub(crate) type Rank = (Timestamp, ExportId);

/// Walks back through what came to rest, newest first.
pub(crate) struct Walk<'a> {
    table: &'a Table,
    tenant: &'a TenantId,
    after: Option<Rank>,
    /// The day that is read, and from which sort key down.
    at: Timestamp,
    below: Option<String>,
    first: Timestamp,
    /// Read, newest last, and as far down as complete.
    read: Vec<Rested>,
    complete: Option<Timestamp>,
    pub(crate) ended: bool,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(table: &'a Table, scope: &Scope<'a>, after: Option<Rank>) -> Self {
        // A cursor comes from outside: nothing lies in days to come.
        let at = after.as_ref().map_or(scope.now, |(at, _)| scope.now.min(*at)) + NOTED_LATER;
        let (tenant, first) = (scope.tenant, scope.first);
        Self { table, tenant, after, at, below: None, first, read: vec![], complete: None, ended: false }
    }

    /// The next line, read if need be.
    pub(crate) async fn peek(&mut self) -> Result<Option<&Rested>, PortError> {
        while !self.ended && !self.is_complete() {
            self.read_on().await?;
        }
        Ok(self.read.last())
    }

    pub(crate) fn take(&mut self) -> Option<Rested> {
        self.read.pop()
    }

    /// Whether nothing that is still unread can come before the next line.
    fn is_complete(&self) -> bool {
        match (self.read.last(), self.complete) {
            (Some(next), Some(complete)) => next.at > complete,
            _ => false,
        }
    }

    async fn read_on(&mut self) -> Result<(), PortError> {
        let above = self.below.clone().unwrap_or_else(|| format!("{}~", sortable(self.at)));
        let range = Range {
            partition: rested_partition(self.tenant, self.at),
            between: Some((String::from("0"), above)),
            backwards: true,
            limit: Some(NOTES),
            ..Range::default()
        };
        let items = self.table.query(&range).await?;
        for item in &items {
            let batch: Batch = super::item::body(item)?;
            let after = self.after.as_ref();
            let fresh = batch.rested(self.tenant);
            self.read.extend(fresh.into_iter().filter(|one| after.is_none_or(|after| (one.at, one.key.id()) < *after)));
        }
        self.read.sort_by_key(|one| (one.at, one.key.id()));
        let last = items.last().and_then(|item| get_text(item, super::item::SK)).unwrap_or_default();
        self.complete = sorted_time(last).or(self.complete);
        if items.len() == NOTES {
            self.below = Some(names::below(last));
            return Ok(());
        }
        self.below = None;
        let midnight = names::day(self.at);
        self.at -= SignedDuration::from_hours(24);
        self.complete = format!("{midnight}T00:00:00Z").parse().ok().or(self.complete);
        self.ended = self.at < self.first - SignedDuration::from_hours(24);
        if !self.ended {
            // The whole of the day before.
            let end = format!("{}T23:59:59.999999999Z", names::day(self.at)).parse();
            self.at = end.unwrap_or(self.at);
        }
        Ok(())
    }
}
