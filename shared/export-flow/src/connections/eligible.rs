//! What a switch that is put on lets out.

use crate::flow::Flow;
use crate::ports::{ExportQuery, PortError, look_through};
use domain::{Code, Connection, ConnectionId, Export, ExportId, ExportKey, Operation, SkipReason, State};
use std::collections::{BTreeMap, BTreeSet};

/// Credit notes whose refunds are asked for in one call.
const READ_TOGETHER: usize = 100;

impl Flow {
    /// Exports that were left out because these operations were switched off, and credit notes that could be refunded if
    /// refunds are among them. Counted up to a bound; true: there are more.
    pub(super) async fn eligible(
        &self,
        channel: &Connection,
        operations: &[Operation],
    ) -> Result<(u64, bool), PortError> {
        if operations.is_empty() {
            return Ok((0, false));
        }
        let query = ExportQuery {
            state: Some(State::Skipped),
            connection: Some(channel.id.clone()),
            code: Some(Code::SwitchedOff.as_str().to_owned()),
            ..ExportQuery::default()
        };
        let mut count = 0;
        let mut look = |export: &Export| {
            let left_out = export.key.target.as_ref() == Some(&channel.id)
                && operations.contains(&export.key.operation)
                && export.skip.as_ref().is_some_and(|skip| skip.reason == SkipReason::SwitchedOff);
            count += u64::from(left_out);
        };
        let mut more = look_through(&*self.parts.ledger, &channel.tenant, &query, &mut look).await?;
        if operations.contains(&Operation::RefundOrder) {
            let (unrefunded, beyond) = self.unrefunded(channel).await?;
            count += unrefunded;
            more |= beyond;
        }
        Ok((count, more))
    }

    /// Credit notes that this channel was told of and that have no record of a refund: while nobody asks for refunds none
    /// is kept.
    async fn unrefunded(&self, channel: &Connection) -> Result<(u64, bool), PortError> {
        let query = ExportQuery {
            connection: Some(channel.id.clone()),
            operation: Some(Operation::SendCreditNote),
            ..ExportQuery::default()
        };
        let mut told: BTreeMap<ConnectionId, Vec<ExportKey>> = BTreeMap::new();
        let mut look = |export: &Export| {
            if export.key.target.as_ref() == Some(&channel.id) {
                let refund = ExportKey { operation: Operation::RefundOrder, ..export.key.clone() };
                told.entry(refund.source.clone()).or_default().push(refund);
            }
        };
        let more = look_through(&*self.parts.ledger, &channel.tenant, &query, &mut look).await?;
        let mut count = 0;
        for (source, refunds) in &told {
            for refunds in refunds.chunks(READ_TOGETHER) {
                let subjects: Vec<String> = refunds.iter().map(|refund| refund.subject.id.clone()).collect();
                let there = self.parts.ledger.exports_of(&channel.tenant, source, &subjects).await?;
                let there: BTreeSet<ExportId> = there.into_iter().map(|export| export.id).collect();
                count += refunds.iter().map(|refund| u64::from(!there.contains(&refund.id()))).sum::<u64>();
            }
        }
        Ok((count, more))
    }
}

/// What a connector does whose switch stands otherwise in `new` than in `old`, and there as `on` says.
pub(super) fn turned(
    spec: &connectors::Spec,
    on: bool,
    old: impl Fn(domain::Switch) -> bool,
    new: impl Fn(domain::Switch) -> bool,
) -> Vec<Operation> {
    let turned = spec.operations.iter().filter(|one| old(one.switch) != on && new(one.switch) == on);
    turned.map(|one| one.operation).collect()
}
