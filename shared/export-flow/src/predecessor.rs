//! A credit note never overtakes its invoice on the same target. Our records prove that it has arrived, or what is read
//! there does.

use crate::flow::Flow;
use crate::look::{Blamed, ours};
use crate::ports::OrderView;
use connectors::{Account, Mode, Stop};
use domain::{Connection, Document, Export, Operation, SkipReason, State, Step, Switch};

/// How far a credit note's invoice has come at one target, as far as our records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// It is there, or will not come: left out, by a rule or by a person.
    Met,
    /// It is on its way and wakes whoever waits for it.
    UnderWay,
    /// Our records do not say that it is there. It may have been there before us, or a person may have brought it.
    Unproven,
}

/// Reads it from what lies beside the order. One that was left out because its switch was off may still come once the
/// switch is on: a list of what there was begins with the newest.
pub(crate) fn invoice_before(document: &Document, target: &Connection, view: &OrderView) -> Before {
    let Some(invoice) = document.corrects.as_ref() else { return Before::Met };
    let is_it = |export: &&Export| {
        export.key.operation == Operation::SendInvoice
            && export.key.target.as_ref() == Some(&target.id)
            && export.key.subject.id == *invoice
    };
    let may_still_go = |export: &Export| {
        let switched_off = export.skip.as_ref().is_some_and(|skip| skip.reason == SkipReason::SwitchedOff);
        switched_off && target.is_on(Switch::SendInvoice)
    };
    let Some(export) = view.exports.iter().find(is_it) else { return Before::Unproven };
    match export.state {
        State::Skipped if may_still_go(export) => Before::Unproven,
        State::Delivered | State::Skipped => Before::Met,
        State::Sending | State::Accepted | State::Retrying | State::Uncertain => Before::UnderWay,
        State::Held | State::Expired | State::Dead | State::Planned => Before::Unproven,
    }
}

impl Flow {
    /// The number by which a credit note's invoice is looked for at a target; `None` if the source does not have it.
    pub(crate) async fn number_of_invoice(
        &self,
        source: &Account,
        document: &Document,
    ) -> Result<Option<String>, Blamed> {
        let Some(invoice) = &document.corrects else { return Ok(None) };
        let (tenant, id) = (&source.connection.tenant, &source.connection.id);
        let known = self.parts.ledger.document(tenant, id, invoice).await;
        let known = known.map_err(|error| Blamed::quiet(ours(&error), id.clone()))?;
        if let Some(known) = known.filter(|known| known.id == *invoice) {
            return Ok(Some(known.number));
        }
        let session = self.session(source, Mode::Live, Step::Look);
        let connector = self.connector(source).map_err(|stop: Stop| Blamed::new(stop, &session))?;
        let Some(accounting) = connector.accounting() else { return Ok(None) };
        let read = accounting.read_document(&session, invoice).await.map_err(|stop| Blamed::new(stop, &session))?;
        Ok(read.map(|invoice| invoice.number))
    }
}
