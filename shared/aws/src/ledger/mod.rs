//! The ledger on one DynamoDB table.

mod around;
mod audit;
mod claims;
mod figures;
mod heard;
mod homes;
mod item;
mod jobs;
mod lists;
mod names;
mod notes;
mod notices;
mod record;
mod slices;
mod table;
mod tally;
mod walk;
mod watch;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;
use claims::Records;
use connectors::{Clock, Entropy};
use domain::{ConnectionId, RunId, TenantId};
use export_flow::ports::PortError;
use homes::Homes;
use item::{BODY, get_text, nanos, text};
use jiff::Timestamp;
use jobs::Jobs;
use lists::Lists;
use notes::Notes;
use record::{LEASE, RUN};
use std::collections::BTreeMap;
use std::sync::Arc;
use table::{Condition, Table, Written};
use tally::Tally;

/// A write that meets others' writes is tried again so often.
const TRIES_MAX: usize = 20;

fn too_many() -> PortError {
    PortError::Throttled("a record is written by many at once".into())
}

/// The ledger in a table. What a batch has done is listed once [`DynamoLedger::flush`] has run.
pub struct DynamoLedger {
    table: Table,
    homes: Homes,
    notes: Notes,
    seen: slices::Seen,
    clock: Arc<dyn Clock>,
}

impl DynamoLedger {
    /// A ledger in a table that the template has made.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let table = Table::new(client, table.into());
        let homes = Homes::new(table.clone());
        let notes = Notes::new(table.clone(), Arc::clone(&clock), entropy);
        Self { table, homes, notes, seen: slices::Seen::default(), clock }
    }

    /// Writes what the batch leaves for lists and counts: to be called before a handler returns.
    ///
    /// # Errors
    /// [`PortError`] if the table cannot be written; what was not written is kept for the next call.
    pub async fn flush(&self) -> Result<(), PortError> {
        self.notes.flush().await
    }

    /// Adds up what batches have left, so that counts stay cheap: to be called by every pass of the sweep.
    ///
    /// # Errors
    /// [`PortError`] if the table cannot be read or written; the next pass goes on.
    pub async fn add_up(&self) -> Result<(), PortError> {
        let mut tenants = BTreeMap::new();
        for connection in self.stored_connections().await? {
            let since = tenants.entry(connection.tenant).or_insert(connection.created_at);
            *since = connection.created_at.min(*since);
        }
        for (tenant, since) in tenants {
            self.tally().add_up(&tenant, Some(since), self.clock.now()).await?;
        }
        Ok(())
    }

    /// Takes the sweep's lease for a pass, so that no two run at once; one that was cut off frees it by its end. False:
    /// another pass holds it.
    ///
    /// # Errors
    /// [`PortError`] if the table cannot be written.
    pub async fn begin_sweep(&self, run: &RunId, now: Timestamp, until: Timestamp) -> Result<bool, PortError> {
        let free = "attribute_not_exists(#le) OR #le <= :if_le";
        let change = vec![(RUN, Some(text(run.as_str()))), (LEASE, Some(nanos(until)))];
        let condition = Condition::written(free, vec![(LEASE, nanos(now))]);
        let taken = self.table.update(&names::single("sweep", "")?, change, condition, ReturnValue::None).await?;
        Ok(matches!(taken, Written::Done(_)))
    }

    /// Gives the sweep's lease back, if this pass still holds it.
    ///
    /// # Errors
    /// [`PortError`] if the table cannot be written.
    pub async fn end_sweep(&self, run: &RunId) -> Result<(), PortError> {
        let held = Condition::is(RUN, text(run.as_str()));
        self.table.delete(&names::single("sweep", "")?, held).await.map(drop)
    }

    /// A text of the deployment that is made once: the one that is stored, or this one if there is none.
    ///
    /// # Errors
    /// [`PortError`] if the table cannot be read or written.
    pub async fn settle(&self, name: &str, made: &str) -> Result<String, PortError> {
        let place = names::single("made", name)?;
        let change = vec![(BODY, Some(text(made)))];
        Ok(match self.table.update(&place, change, Condition::absent(), ReturnValue::None).await? {
            Written::Done(_) => made.to_owned(),
            Written::Refused(stored) => {
                let stored = stored.unwrap_or_default();
                get_text(&stored, BODY).unwrap_or(made).to_owned()
            }
        })
    }

    /// A text of the deployment, if it was made.
    ///
    /// # Errors
    /// [`PortError`] if the table cannot be read.
    pub async fn settled(&self, name: &str) -> Result<Option<String>, PortError> {
        let stored = self.table.get(&names::single("made", name)?, true).await?;
        Ok(stored.and_then(|stored| get_text(&stored, BODY).map(ToOwned::to_owned)))
    }

    fn records(&self) -> Records<'_> {
        Records { table: &self.table, homes: &self.homes, notes: &self.notes }
    }

    fn lists(&self) -> Lists<'_> {
        Lists { table: &self.table, homes: &self.homes }
    }

    fn jobs(&self) -> Jobs<'_> {
        Jobs { table: &self.table }
    }

    fn tally(&self) -> Tally<'_> {
        Tally { table: &self.table }
    }

    /// Every connection there is or was, of one tenant.
    async fn known_of(&self, tenant: &TenantId) -> Result<Vec<ConnectionId>, PortError> {
        let known = self.known().await?;
        Ok(known.into_iter().filter(|(whose, _)| whose == tenant).map(|(_, id)| id).collect())
    }
}
