//! What the source has taken back: what did not go out does not go, and what did is a finding on its order. Nothing is
//! deleted anywhere by itself.

use crate::claiming::Won;
use crate::flow::Flow;
use crate::look::Looked;
use crate::message::{Message, SourceEvent};
use crate::person::{Asks, fits};
use crate::plan::{Plan, Planned};
use crate::ports::PortError;
use crate::record::Outcome;
use crate::refused::Refused;
use crate::telling::Work;
use connectors::Stop;
use domain::{Code, Export, ExportId, Finding, OrderReference, Receipt, Resolved, ResolvedHow, Revision, State};
use domain::{SourceHint, SubjectKind, TenantId};
use jiff::SignedDuration;

/// A decision that loses against another is made again on what that left, this often.
const WRITES_MAX: usize = 8;

/// What a skip means for what has gone out before it, if it means that the source has taken it back.
pub(crate) fn taken_back(stop: &Stop) -> Option<Code> {
    match stop {
        Stop::Skip { code: Code::DocumentCancelled, .. } => Some(Code::CancelledAfterSending),
        Stop::Skip { code: Code::DocumentGone, .. } => Some(Code::GoneAfterSending),
        _ => None,
    }
}

/// Whether something of an export stands at its target, or may.
fn went_out(export: &Export) -> bool {
    let stands = matches!(export.state, State::Delivered | State::Accepted | State::Uncertain);
    stands || export.in_doubt.is_some() || export.receipt.is_some() || !export.earlier_receipts.is_empty()
}

impl Flow {
    /// News that the source has taken back what one export carries. True: there is nothing to be claimed for it.
    pub(crate) async fn news_of_withdrawal(
        &self,
        id: &ExportId,
        code: Code,
        event: &SourceEvent,
        work: &Work,
    ) -> Result<bool, PortError> {
        let Some(record) = self.parts.ledger.export(id).await? else { return Ok(false) };
        let now = self.now();
        match record.state {
            // It may be going out right now: the same news is for what comes of that.
            State::Sending => {
                let left = record.lease_until.map_or(SignedDuration::ZERO, |until| until.duration_since(now));
                if left > SignedDuration::ZERO {
                    let again = Message::SourceEventV1(event.clone());
                    self.send(again, event.source.clone(), left + SignedDuration::from_secs(1)).await?;
                }
                Ok(left > SignedDuration::ZERO)
            }
            // Its own run reads the source once more and leaves it out.
            State::Held | State::Retrying => self.make_due(&record, work).await.map(|()| true),
            State::Delivered | State::Accepted | State::Uncertain => self.find(&record, code).await.map(|()| true),
            State::Expired | State::Dead | State::Skipped | State::Planned => {
                if went_out(&record) {
                    self.find(&record, code).await?;
                }
                Ok(false)
            }
        }
    }

    /// News that the source does not have something any more: for everything that was carried of it.
    pub(crate) async fn news_of_loss(&self, event: &SourceEvent, work: &Work) -> Result<(), PortError> {
        let (ledger, tenant) = (&self.parts.ledger, &event.tenant);
        let SourceHint { subject, .. } = &event.hint;
        let order = if subject.kind == SubjectKind::Parcel {
            let known = ledger.parcel(tenant, &event.source, &subject.id).await?;
            known.and_then(|item| item.parcel.order_reference).map(OrderReference::new)
        } else {
            ledger.document(tenant, &event.source, &subject.id).await?.and_then(|item| item.order)
        };
        let Some(order) = order else { return Ok(()) };
        for export in ledger.order(tenant, &order).await?.exports {
            let of_it = export.key.source == event.source && export.key.subject.id == subject.id;
            if of_it && export.key.target.is_some() {
                self.news_of_withdrawal(&export.id, Code::GoneAfterSending, event, work).await?;
            }
        }
        Ok(())
    }

    /// A run has met that the source has taken back what it was to carry. What went out before is a finding; what was
    /// delivered, and claimed for something newer only, stays delivered: returned with its proof and what that proves.
    pub(crate) async fn withdrawn_in_run(
        &self,
        won: &Won,
        stop: &Stop,
    ) -> Result<Option<(Export, Receipt, Option<Revision>)>, PortError> {
        let (Some(code), Some(old)) = (taken_back(stop), &won.old) else { return Ok(None) };
        if won.export.key.target.is_none() || !went_out(old) {
            return Ok(None);
        }
        self.find(old, code).await?;
        if old.state != State::Delivered {
            return Ok(None);
        }
        let mut export = won.export.clone();
        export.attempts = old.attempts;
        export.revision_number = old.revision_number;
        Ok(export.earlier_receipts.pop().map(|receipt| (export, receipt, old.revision.clone())))
    }

    /// Where the source has taken back what was delivered: that stands, whatever was to follow it.
    pub(crate) async fn stays_delivered(&self, won: &Won, stop: &Stop) -> Result<bool, PortError> {
        let Some((export, receipt, proven)) = self.withdrawn_in_run(won, stop).await? else { return Ok(false) };
        self.record(&export, &won.work, Outcome::Unchanged(receipt), None, proven.as_ref()).await?;
        Ok(true)
    }

    /// Notes a finding, unless it is known.
    async fn find(&self, export: &Export, code: Code) -> Result<(), PortError> {
        let Some(order) = &export.order else { return Ok(()) };
        let tenant = &export.key.tenant;
        for _ in 0..WRITES_MAX {
            let known = self.known_finding(tenant, order, &export.id).await?;
            let found = match known {
                None => Finding::new(tenant.clone(), order.clone(), export.id.clone(), code, self.now()),
                Some(known) => match known.found_again(code, self.now()) {
                    Some(again) => again,
                    None => return Ok(()),
                },
            };
            if self.parts.ledger.put_finding(&found).await? {
                tracing::warn!(
                    event = "order.finding",
                    export = export.id.as_str(),
                    tenant = tenant.as_str(),
                    order = order.as_str(),
                    code = code.as_str(),
                    "the source has taken back what went out"
                );
                return Ok(());
            }
        }
        Err(busy())
    }

    /// The source has it, so what was found about its exports is over.
    pub(crate) async fn came_back(&self, plan: &Plan, planned: &Planned) -> Result<(), PortError> {
        let id = planned.key.id();
        for finding in plan.view.findings.iter().filter(|finding| finding.export == id) {
            let resolved = Resolved { at: self.now(), how: ResolvedHow::CameBack, by: None, note: None };
            if let Some(ended) = finding.ended(resolved) {
                // Whoever wrote meanwhile knew better.
                self.parts.ledger.put_finding(&ended).await?;
            }
        }
        Ok(())
    }

    /// A person has seen what was found about an export.
    ///
    /// # Errors
    /// [`Refused::Unknown`] if nothing was found about it; [`Refused::Fields`]; [`Refused::Ours`].
    pub async fn finding_seen<'a>(
        &self,
        asks: impl Into<Asks<'a>> + Send,
        id: &ExportId,
        note: Option<&str>,
    ) -> Result<Finding, Refused> {
        let asks = asks.into();
        fits(note)?;
        let export = self.export_of(asks.tenant, id).await?;
        let Some(order) = &export.order else { return Err(Refused::Unknown(Code::UnknownExport)) };
        for _ in 0..WRITES_MAX {
            let known = self.known_finding(asks.tenant, order, id).await?;
            let known = known.ok_or(Refused::Unknown(Code::UnknownExport))?;
            let resolved = Resolved {
                at: self.now(),
                how: ResolvedHow::Seen,
                by: asks.by.map(str::to_owned),
                note: note.map(str::to_owned),
            };
            let Some(ended) = known.ended(resolved) else { return Ok(known) };
            if self.parts.ledger.put_finding(&ended).await? {
                return Ok(ended);
            }
        }
        Err(busy().into())
    }

    async fn known_finding(
        &self,
        tenant: &TenantId,
        order: &OrderReference,
        export: &ExportId,
    ) -> Result<Option<Finding>, PortError> {
        let view = self.parts.ledger.order(tenant, order).await?;
        Ok(view.findings.into_iter().find(|finding| finding.export == *export))
    }
}

fn busy() -> PortError {
    PortError::Throttled("the finding is being written".into())
}

/// What a plan says of a thing that the source has taken back.
pub(crate) fn withdrawn(planned: &Planned, looked: &Looked) -> Option<Code> {
    planned.stop.as_ref().filter(|_| looked.is_cancelled()).and_then(taken_back)
}
