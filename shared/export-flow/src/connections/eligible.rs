//! What a switch that was just put on would let out.

use crate::flow::Flow;
use crate::ports::{ExportQuery, PortError};
use domain::{Code, Connection, Export, ExportKey, Operation, SkipReason, State};
use std::collections::BTreeSet;

/// Pages looked through to count what a switch would let out.
const PAGES_MAX: usize = 20;
const PAGE: usize = 500;

impl Flow {
    /// Exports left out because of a switch that is on now, and credit notes that could be refunded now. Counted up to a
    /// bound.
    pub(super) async fn count_eligible(&self, old: &Connection, new: &Connection) -> Result<u64, PortError> {
        let Some(connector) = self.parts.registry.get(&new.connector) else { return Ok(0) };
        let operations: BTreeSet<_> = connector
            .spec()
            .operations
            .iter()
            .filter(|operation| new.is_on(operation.switch) && !old.is_on(operation.switch))
            .map(|operation| operation.operation)
            .collect();
        if operations.is_empty() {
            return Ok(0);
        }
        let query = ExportQuery {
            state: Some(State::Skipped),
            connection: Some(new.id.clone()),
            code: Some(Code::SwitchedOff.as_str().to_owned()),
            ..ExportQuery::default()
        };
        let is_left_out = |export: &Export| {
            operations.contains(&export.key.operation)
                && export.skip.as_ref().is_some_and(|skip| skip.reason == SkipReason::SwitchedOff)
        };
        let mut count = 0;
        self.each_page(new, &query, |page| count += page.iter().filter(|export| is_left_out(export)).count()).await?;
        if operations.contains(&Operation::RefundOrder) {
            count += self.unrefunded(new).await?;
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// Credit notes that this channel was told of and that have no record of a refund: while nobody asks for refunds none
    /// is kept.
    async fn unrefunded(&self, channel: &Connection) -> Result<usize, PortError> {
        let query = ExportQuery {
            connection: Some(channel.id.clone()),
            operation: Some(Operation::SendCreditNote),
            ..ExportQuery::default()
        };
        let mut refunds = vec![];
        let refund = |told: &Export| ExportKey { operation: Operation::RefundOrder, ..told.key.clone() }.id();
        self.each_page(channel, &query, |page| refunds.extend(page.iter().map(refund))).await?;
        let mut count = 0;
        for id in &refunds {
            count += usize::from(self.parts.ledger.export(id).await?.is_none());
        }
        Ok(count)
    }

    async fn each_page(
        &self,
        channel: &Connection,
        query: &ExportQuery,
        mut look: impl FnMut(&[Export]) + Send,
    ) -> Result<(), PortError> {
        let mut cursor = None;
        for _ in 0..PAGES_MAX {
            let mut page = self.parts.ledger.exports(&channel.tenant, query, PAGE, cursor.as_deref()).await?;
            page.items.retain(|export| export.key.target.as_ref() == Some(&channel.id));
            look(&page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }
}
