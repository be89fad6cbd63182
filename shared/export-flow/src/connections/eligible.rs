//! What a switch that is put on lets out.

use crate::flow::Flow;
use crate::ports::{ExportQuery, PortError, look_through};
use domain::{Code, Connection, Export, ExportKey, Operation, SkipReason, State};

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
        let mut refunds = vec![];
        let mut look = |told: &Export| {
            if told.key.target.as_ref() == Some(&channel.id) {
                refunds.push(ExportKey { operation: Operation::RefundOrder, ..told.key.clone() }.id());
            }
        };
        let more = look_through(&*self.parts.ledger, &channel.tenant, &query, &mut look).await?;
        let mut count = 0;
        for id in &refunds {
            count += u64::from(self.parts.ledger.export(id).await?.is_none());
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
