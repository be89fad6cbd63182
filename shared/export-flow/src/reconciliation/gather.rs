//! Reads one object of a source, its exports, and its order at each target.

use super::judge::{self, Case, Judged, carries, id, same_number, same_text};
use super::page::{Halt, Page};
use super::{Finding, Remedy};
use crate::look::{Blamed, Looked, look_key};
use crate::plan::Planned;
use crate::ports::{ExportQuery, OrderView, PortError};
use crate::refused::Refused;
use connectors::{Account, Asked, Mode, Shown, ShownDocument, Stop};
use domain::{
    Code, ConnectionId, Deviation, Document, Export, HoldReason, Money, Operation, Order, OrderReference, Role,
    SourceHint, State, Step, Subject, SubjectKind,
};
use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Exports of one object.
const EXPORTS_MAX: usize = 50;

impl Page<'_> {
    /// Something that a source lists.
    pub(super) async fn listed_one(&mut self, account: &Account, hint: &SourceHint) -> Result<(), Halt> {
        match self.flow.look(account, hint).await {
            Ok(looked) if self.is_in_period(&looked) => self.compare(account, &looked, None).await,
            // What went since it was listed is met among the records.
            Ok(_) => Ok(()),
            Err(blamed) if is_gone(&blamed) => Ok(()),
            Err(blamed) => Err(blamed.into()),
        }
    }

    /// Something that our records say was carried; `lists`: what is still at the source was met in its list.
    pub(super) async fn recorded_one(&mut self, account: &Account, export: &Export, lists: bool) -> Result<(), Halt> {
        let planned = export.key.target.is_none() && export.state == State::Planned;
        if planned || !is_compared(export.key.operation) {
            return Ok(());
        }
        let hint = SourceHint { subject: export.key.subject.clone(), hints: export.hints.clone() };
        match self.flow.look(account, &hint).await {
            Ok(_) if lists => Ok(()),
            Ok(looked) => self.compare(account, &looked, export.key.target.as_ref()).await,
            Err(blamed) if is_gone(&blamed) => self.gone(account, export).await,
            Err(blamed) => Err(blamed.into()),
        }
    }

    /// A document counts by the day it was issued, a parcel by the first that is known of it.
    fn is_in_period(&self, looked: &Looked) -> bool {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        match (looked.document(), looked.parcel()) {
            (Some(document), _) => {
                let issued = document.issued_on.unwrap_or_else(|| day(document.version_at));
                (day(self.since)..=day(self.until)).contains(&issued)
            }
            (_, Some(parcel)) => {
                let first = parcel.states.first().map_or(parcel.version_at, |state| state.at);
                (self.since..=self.until).contains(&first)
            }
            _ => false,
        }
    }

    /// Compares an object with each target it is, or ought to be, at.
    async fn compare(&mut self, account: &Account, looked: &Looked, to: Option<&ConnectionId>) -> Result<(), Halt> {
        let only = to.or(self.only.as_ref()).cloned();
        let exports = self.exports_of(account, &looked.subject.id).await?;
        let look = self.flow.parts.ledger.export(&look_key(account, &looked.hint).id()).await?;
        let said = look.as_ref().map(|look| look.overrides.clone()).unwrap_or_default();
        let (planned, blamed) = match self.flow.plan(account, looked, &said, None).boxed().await {
            Ok(plan) => (plan.exports.into_iter().filter(|one| is_compared(one.key.operation)).collect(), None),
            Err(blamed) => (vec![], Some(blamed)),
        };
        let mut pairs = paired(planned, exports, only.as_ref());
        let mut strays = 0;
        let mut judged = vec![];
        for pair in &mut pairs {
            if pair.planned.is_none()
                && let Some(export) = &pair.export
            {
                pair.planned = self.as_delivered(export).boxed().await?;
                strays += usize::from(pair.planned.is_some());
            }
            if let Some(planned) = &pair.planned {
                judged.extend(self.at_target(account, looked, planned, pair.export.as_ref()).boxed().await?);
            }
        }
        self.compared();
        if let Some(blamed) = blamed
            && strays == 0
        {
            return self.unplanned(account, looked, look.as_ref(), blamed, only.is_some());
        }
        judged.into_iter().for_each(|one| self.keep(one));
        Ok(())
    }

    /// No plan could be made, and nothing was ever delivered.
    fn unplanned(
        &mut self,
        account: &Account,
        looked: &Looked,
        look: Option<&Export>,
        blamed: Blamed,
        one_target: bool,
    ) -> Result<(), Halt> {
        let waits =
            matches!(&blamed.stop, Stop::Hold { reason: HoldReason::OrderUnknown | HoldReason::OrderAmbiguous, .. });
        if matches!(&blamed.stop, Stop::Skip { .. }) || (waits && one_target) {
            self.left_out();
            return Ok(());
        }
        if !waits {
            return Err(blamed.into());
        }
        let code = if look.is_some() { Deviation::StillWaiting } else { Deviation::NotExported };
        let source = &account.connection.id;
        self.found(Finding {
            id: id(code, source, None, &looked.subject.id, ""),
            code,
            source: source.clone(),
            target: None,
            order: looked.reference.clone(),
            kind: looked.subject.kind,
            subject: Some(looked.subject.id.clone()),
            number: looked.numbers.first().cloned(),
            at_source: looked.reference.as_ref().map(|order| format!("order {order}")),
            at_target: None,
            amount: looked.document().map(Document::money),
            export: look.map(|look| look.id.clone()),
            state: look.map(|look| (look.state, crate::ports::reason(look).map(str::to_owned))),
            remedy: Some(if look.is_some() { Remedy::Retry } else { Remedy::Make }),
        });
        Ok(())
    }

    async fn exports_of(&self, account: &Account, subject: &str) -> Result<Vec<Export>, PortError> {
        let source = &account.connection.id;
        let query = ExportQuery {
            connection: Some(source.clone()),
            document: Some(subject.to_owned()),
            ..ExportQuery::default()
        };
        let page = self.flow.parts.ledger.exports(self.tenant, &query, EXPORTS_MAX, None).await?;
        let of_it = |export: &Export| export.key.source == *source && export.key.subject.id == subject;
        let compared = |export: &Export| export.key.target.is_some() && is_compared(export.key.operation);
        Ok(page.items.into_iter().filter(|export| of_it(export) && compared(export)).collect())
    }

    /// A delivery that no plan of today would make: at the order it was made to.
    async fn as_delivered(&self, export: &Export) -> Result<Option<Planned>, Halt> {
        let (Some(reference), Some(target)) = (&export.order, &export.key.target) else { return Ok(None) };
        let Some(account) = self.flow.account(target).await? else { return Ok(None) };
        let Some(order) = self.order_at(target, reference).await? else { return Ok(None) };
        let spec = account.spec.operation(export.key.operation);
        Ok(Some(Planned {
            key: export.key.clone(),
            target: account,
            spec,
            order,
            stop: None,
            private: vec![],
            after: None,
        }))
    }

    async fn order_at(&self, target: &ConnectionId, reference: &OrderReference) -> Result<Option<Order>, PortError> {
        let view = self.flow.parts.ledger.order(self.tenant, reference).await?;
        Ok(view.orders.into_iter().find(|item| item.channel == *target).map(|item| item.order))
    }

    /// Reads one target and judges. Nothing: it was not read, which is noted.
    async fn at_target(
        &mut self,
        account: &Account,
        looked: &Looked,
        planned: &Planned,
        export: Option<&Export>,
    ) -> Result<Option<Judged>, Halt> {
        let delivered = export.is_some_and(|export| export.state == State::Delivered);
        if matches!(&planned.stop, Some(Stop::Skip { .. })) && !delivered {
            self.left_out();
            return Ok(None);
        }
        let source = &account.connection.id;
        let target = &planned.target.connection.id;
        let silent = self.silent.get(target).cloned().or_else(|| {
            let why = domain::remark::target_unasked();
            (!planned.target.connection.is_usable()).then_some((Code::Conflict, why))
        });
        if let Some((code, message)) = silent {
            self.push_not_read(source, &looked.subject.id, looked.numbers.first(), (target.clone(), code, message));
            return Ok(None);
        }
        let read = self.read_target(account, looked, planned, export).await;
        match read {
            Ok(judged) => Ok(Some(judged)),
            Err(Halt::At(blamed)) if !matches!(&blamed.stop, Stop::RateLimited { .. }) => {
                let noted = self.halted(Err(Halt::At(blamed)), account, &looked.subject.id, looked.numbers.first());
                noted.map(|_| None).map_err(|refused| match refused {
                    Refused::Ours(error) => Halt::Ours(error),
                    other => Halt::Ours(PortError::Unavailable(other.to_string())),
                })
            }
            Err(halt) => Err(halt),
        }
    }

    async fn read_target(
        &mut self,
        account: &Account,
        looked: &Looked,
        planned: &Planned,
        export: Option<&Export>,
    ) -> Result<Judged, Halt> {
        let (target, order) = (&planned.target, &planned.order);
        let shown = self.shown(target, order, looked.document(), looked.parcel().is_some()).await?;
        let elsewhere = self.elsewhere(target, order, looked, export).await?;
        let corrects = self.corrected(account, looked).await?;
        let judged = judge::judge(&Case {
            source: &account.connection.id,
            target: &target.connection.id,
            looked,
            order,
            export,
            stop: planned.stop.as_ref(),
            shown: shown.as_ref(),
            elsewhere: elsewhere.as_ref().map(|(reference, shown)| (reference, shown)),
            corrects: corrects.as_deref(),
            now: self.flow.now(),
        });
        if let Some(shown) = &shown {
            let view = self.flow.parts.ledger.order(self.tenant, &order.reference).await?;
            let about = Strangers { account, target, order, view: &view, looked };
            match &shown.parcels {
                Some(_) => self.strange_parcels(&about, shown, &judged),
                None => self.strange_documents(&about, shown).await?,
            }
        }
        Ok(judged)
    }

    /// What a channel shows at an order. `None`: it cannot be read back.
    async fn shown(
        &self,
        target: &Arc<Account>,
        order: &Order,
        document: Option<&Document>,
        parcels: bool,
    ) -> Result<Option<Shown>, Halt> {
        let Some(shows) = self.flow.parts.registry.get(&target.connection.connector).and_then(|c| c.shows()) else {
            return Ok(None);
        };
        let session = self.flow.session(target, Mode::Live, Step::ReadBack);
        let by_total = target.connection.rules.full_invoice_without_line_match.unwrap_or(true);
        let asked = Asked { order, parcels, document, by_total };
        match shows.shown(&session, &asked).await {
            Ok(Some(shown)) => Ok(Some(shown)),
            // Of an order that is gone nothing stands.
            Ok(None) => {
                let none = || (!parcels).then(Vec::new);
                Ok(Some(Shown { invoices: none(), credit_notes: none(), parcels: parcels.then(Vec::new) }))
            }
            Err(stop) => Err(Blamed::new(stop, &session).into()),
        }
    }

    /// What the order shows that an object was once carried to, where its source names another one now.
    async fn elsewhere(
        &self,
        target: &Arc<Account>,
        order: &Order,
        looked: &Looked,
        export: Option<&Export>,
    ) -> Result<Option<(OrderReference, Shown)>, Halt> {
        let carried_to = export.filter(|export| export.state == State::Delivered).and_then(|e| e.order.clone());
        let Some(other) = carried_to.filter(|other| *other != order.reference) else { return Ok(None) };
        let Some(there) = self.order_at(&target.connection.id, &other).await? else { return Ok(None) };
        let shown = self.shown(target, &there, looked.document(), looked.parcel().is_some()).await?;
        Ok(shown.map(|shown| (other, shown)))
    }

    /// The number of the invoice that a credit note corrects.
    async fn corrected(&self, account: &Account, looked: &Looked) -> Result<Option<String>, Halt> {
        let Some(invoice) = looked.document().and_then(|document| document.corrects.clone()) else { return Ok(None) };
        if let Some(known) = self.flow.parts.ledger.document(self.tenant, &account.connection.id, &invoice).await? {
            return Ok(Some(known.number));
        }
        let subject = Subject { kind: SubjectKind::Document, id: invoice };
        match self.flow.look(account, &SourceHint { subject, hints: BTreeMap::new() }).await {
            Ok(invoice) => Ok(invoice.numbers.first().cloned()),
            Err(blamed) if is_gone(&blamed) => Ok(None),
            Err(blamed) => Err(blamed.into()),
        }
    }

    /// It was delivered, and the source does not have it any more.
    async fn gone(&mut self, account: &Account, export: &Export) -> Result<(), Halt> {
        let Some(target) = export.key.target.as_ref().filter(|_| export.state == State::Delivered) else {
            self.left_out();
            return Ok(());
        };
        let Some(planned) = self.as_delivered(export).await? else { return Ok(()) };
        let parcels = export.key.subject.kind == SubjectKind::Parcel;
        let shown = self.shown(&planned.target, &planned.order, None, parcels).await?;
        self.compared();
        let named = |remote_id: &str| export.receipt.iter().any(|receipt| receipt.remote_id == remote_id);
        let known = |number: &str| export.numbers.iter().any(|own| same_number(own, number));
        let there = shown.into_iter().find_map(|shown| {
            let documents = shown.invoices.iter().chain(&shown.credit_notes).flatten();
            let mut documents =
                documents.filter(|d| named(&d.remote_id) || export.numbers.iter().any(|n| carries(d, n)));
            let mut parcels = shown.parcels.iter().flatten().filter(|parcel| known(&parcel.number));
            documents.next().map(judge::called).or_else(|| parcels.next().map(|parcel| parcel.number.clone()))
        });
        let Some(there) = there else {
            self.left_out();
            return Ok(());
        };
        let source = &account.connection.id;
        let document = self.flow.parts.ledger.document(self.tenant, source, &export.key.subject.id).await?;
        let code = Deviation::GoneAtSource;
        self.found(Finding {
            id: id(code, source, Some(target), &export.key.subject.id, ""),
            code,
            source: source.clone(),
            target: Some(target.clone()),
            order: export.order.clone(),
            kind: export.read_as.unwrap_or(export.key.subject.kind),
            subject: Some(export.key.subject.id.clone()),
            number: export.numbers.first().cloned(),
            at_source: None,
            at_target: Some(there),
            amount: Some(document.map_or(planned.order.total, |document| document.total)),
            export: Some(export.id.clone()),
            state: Some((export.state, None)),
            remedy: None,
        });
        Ok(())
    }
}

/// Whether what an operation leaves at a channel is among what is compared. A refund is the same credit note once more,
/// as a record of another kind.
fn is_compared(operation: Operation) -> bool {
    operation != Operation::RefundOrder
}

/// What ought to be at a target, and the export that has to do with it. What is not planned any more counts only where it
/// was delivered.
struct Pair {
    planned: Option<Planned>,
    export: Option<Export>,
}

fn paired(planned: Vec<Planned>, exports: Vec<Export>, only: Option<&ConnectionId>) -> Vec<Pair> {
    let wanted = |target: &ConnectionId| only.is_none_or(|only| only == target);
    let of = |export: &Export, planned: &Planned| export.key.target.as_ref() == Some(&planned.target.connection.id);
    let strays: Vec<Export> = exports
        .iter()
        .filter(|export| export.state == State::Delivered && !planned.iter().any(|planned| of(export, planned)))
        .filter(|export| export.key.target.as_ref().is_some_and(wanted))
        .cloned()
        .collect();
    let planned = planned.into_iter().filter(|planned| wanted(&planned.target.connection.id));
    let pairs = planned.map(|planned| {
        let export = exports.iter().find(|export| of(export, &planned)).cloned();
        Pair { planned: Some(planned), export }
    });
    pairs.chain(strays.into_iter().map(|export| Pair { planned: None, export: Some(export) })).collect()
}

/// An order whose things are looked through for what no source knows.
struct Strangers<'a> {
    account: &'a Account,
    target: &'a Arc<Account>,
    order: &'a Order,
    view: &'a OrderView,
    looked: &'a Looked,
}

impl Strangers<'_> {
    /// Whether a receipt names it: then it is judged with that export's own object.
    fn is_receipted(&self, remote_id: &str) -> bool {
        let here = self.view.exports.iter().filter(|e| e.key.target.as_ref() == Some(&self.target.connection.id));
        here.flat_map(|export| export.receipt.iter().chain(&export.earlier_receipts)).any(|r| r.remote_id == remote_id)
    }

    /// Documents under numbers that are none of the order's, as far as our records know.
    fn strange_documents(&self, shown: &Shown) -> Vec<(SubjectKind, ShownDocument, String)> {
        let known = |number: &String| {
            let documents = self.view.documents.iter().map(|document| &document.number);
            let exports = self.view.exports.iter().flat_map(|export| &export.numbers);
            documents.chain(exports).chain(&self.looked.numbers).any(|own| same_text(own, number))
        };
        let lists = [(SubjectKind::Invoice, &shown.invoices), (SubjectKind::CreditNote, &shown.credit_notes)];
        let mut strange = vec![];
        for (kind, list) in lists {
            for document in list.iter().flatten().filter(|document| !self.is_receipted(&document.remote_id)) {
                if let Some(number) = document.numbers.first().filter(|number| !known(number)) {
                    strange.push((kind, document.clone(), number.clone()));
                }
            }
        }
        strange
    }

    fn finding(&self, code: Deviation, kind: SubjectKind, number: &str, amount: Money) -> Finding {
        let (source, target) = (&self.account.connection.id, &self.target.connection.id);
        Finding {
            id: id(code, source, Some(target), number, self.order.reference.as_str()),
            code,
            source: source.clone(),
            target: Some(target.clone()),
            order: Some(self.order.reference.clone()),
            kind,
            subject: None,
            number: Some(number.to_owned()),
            at_source: None,
            at_target: Some(number.to_owned()),
            amount: Some(amount),
            export: None,
            state: None,
            remedy: None,
        }
    }
}

impl Page<'_> {
    /// Documents at the order under numbers that are none of its documents'.
    async fn strange_documents(&mut self, about: &Strangers<'_>, shown: &Shown) -> Result<(), Halt> {
        for (kind, document, number) in about.strange_documents(shown) {
            let number = number.as_str();
            let amount = document.total.map(|total| Money::new(total.abs(), about.order.total.currency));
            let amount = amount.unwrap_or(about.order.total);
            match self.document_numbered(number).await? {
                None => {
                    let finding = about.finding(Deviation::UnknownAtSource, kind, number, amount);
                    self.found(Finding { at_target: Some(judge::called(&document)), ..finding });
                }
                Some((source, found)) if found.order_reference.as_deref() != Some(about.order.reference.as_str()) => {
                    let code = Deviation::WrongOrder;
                    let finding = about.finding(code, kind, number, found.money());
                    let order = found.order_reference.as_deref().unwrap_or("no order");
                    self.found(Finding {
                        id: id(code, &source, Some(&about.target.connection.id), &found.id, ""),
                        source,
                        at_source: Some(format!("{number} of {order}")),
                        at_target: Some(format!("{} at order {}", judge::called(&document), about.order.reference)),
                        subject: Some(found.id),
                        ..finding
                    });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A document of this number, whichever source has it.
    async fn document_numbered(&self, number: &str) -> Result<Option<(ConnectionId, Document)>, Halt> {
        for source in self.flow.connections(self.tenant).await? {
            let connector = self.flow.parts.registry.get(&source.connector);
            let Some(accounting) = connector.and_then(|c| c.accounting()).filter(|_| source.role == Role::Accounting)
            else {
                continue;
            };
            let Some(account) = self.flow.account(&source.id).await?.filter(|a| a.connection.is_usable()) else {
                continue;
            };
            let session = self.flow.session(&account, Mode::Live, Step::Look);
            match accounting.find_document(&session, number).await {
                Ok(Some(found)) => return Ok(Some((source.id, found))),
                Ok(None) => {}
                Err(stop) => return Err(Blamed::new(stop, &session).into()),
            }
        }
        Ok(None)
    }

    /// Tracking numbers at the order that belong to none of its parcels.
    fn strange_parcels(&mut self, about: &Strangers<'_>, shown: &Shown, judged: &Judged) {
        let told = |number: &str| {
            let other = |finding: &&Finding| finding.code == Deviation::ParcelNumberDiffers;
            judged.findings.iter().filter(other).any(|finding| finding.at_target.as_deref() == Some(number))
        };
        let known = |number: &str| {
            let parcels = about.view.parcels.iter().flat_map(|item| &item.parcel.tracking_numbers);
            let exports = about.view.exports.iter().flat_map(|export| &export.numbers);
            parcels.chain(exports).chain(&about.looked.numbers).any(|own| same_number(own, number))
        };
        for parcel in shown.parcels.iter().flatten().filter(|p| !known(&p.number) && !told(&p.number)) {
            let amount = about.order.total;
            let finding = about.finding(Deviation::ParcelExtra, SubjectKind::Parcel, &parcel.number, amount);
            self.found(finding);
        }
    }
}

fn is_gone(blamed: &Blamed) -> bool {
    matches!(&blamed.stop, Stop::Skip { code: Code::DocumentGone, .. })
}
