//! Look: re-read the source. Changes nothing outside and may be repeated freely.

use crate::flow::Flow;
use crate::ports::{DocumentItem, DocumentStanding, ParcelItem, PortError, TOLD_ORDER};
use connectors::{Account, Before, Courier, Failure, Mode, Session, Stop};
use domain::{
    Code, Connection, ConnectionId, DeliveryState, Document, DocumentKind, DocumentStatus, ExportKey, Operation,
    OrderReference, Parcel, Revision, SkipReason, SourceHint, Step, Subject, SubjectKind,
};
use jiff::{SignedDuration, Timestamp};

/// A stop, and the connection it happened at.
#[derive(Debug, Clone)]
pub(crate) struct Blamed {
    pub(crate) stop: Stop,
    pub(crate) at: ConnectionId,
    /// Buyer values read, for the redactor.
    pub(crate) private: Vec<String>,
    /// Which credentials were used, where they were refused ([`Connection::credentials_mark`]).
    pub(crate) used: Option<u64>,
}

impl Blamed {
    pub(crate) fn new(stop: Stop, session: &Session<'_>) -> Self {
        let connection = &session.account.connection;
        let used = matches!(stop, Stop::Credentials(_)).then(|| connection.credentials_mark());
        Self {
            stop: in_step(stop, session.current_step()),
            at: connection.id.clone(),
            private: session.private(),
            used,
        }
    }

    pub(crate) const fn is_outage(&self) -> bool {
        matches!(&self.stop, Stop::Fail(failure) if failure.outage)
    }

    /// A stop that no call led to.
    pub(crate) const fn quiet(stop: Stop, at: ConnectionId) -> Self {
        Self { stop, at, private: vec![], used: None }
    }
}

/// Our own store failed: the run ends without an outcome.
pub(crate) fn ours(error: &PortError) -> Stop {
    Stop::Ours(error.to_string())
}

/// Puts the step of the conversation into a failure: connectors need not know it.
pub(crate) fn in_step(stop: Stop, step: Step) -> Stop {
    match stop {
        Stop::Fail(failure) => Stop::Fail(Failure { step, ..failure }),
        Stop::Credentials(failure) => Stop::Credentials(Failure { step, ..failure }),
        other => other,
    }
}

/// What a source object is, read just now.
#[derive(Debug, Clone)]
pub(crate) enum Facts {
    Document(Box<Document>),
    Parcel(Box<Parcel>),
}

/// A look that succeeded.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) facts: Facts,
    pub(crate) hint: SourceHint,
    pub(crate) subject: Subject,
    pub(crate) reference: Option<OrderReference>,
    pub(crate) revision: Revision,
    pub(crate) numbers: Vec<String>,
    pub(crate) private: Vec<String>,
}

impl Looked {
    /// A document that was just read.
    pub(crate) fn at_document(document: Document, hint: &SourceHint) -> Self {
        let kind = match document.kind {
            DocumentKind::Invoice => SubjectKind::Invoice,
            DocumentKind::Proforma => SubjectKind::Proforma,
            DocumentKind::CreditNote => SubjectKind::CreditNote,
        };
        Self {
            hint: hint.clone(),
            subject: Subject { kind, id: document.id.clone() },
            reference: document.order_reference.clone().map(OrderReference::new),
            revision: Revision::of_document(&document),
            numbers: vec![document.number.clone()],
            private: document.private.clone(),
            facts: Facts::Document(Box::new(document)),
        }
    }

    pub(crate) fn document(&self) -> Option<&Document> {
        match &self.facts {
            Facts::Document(document) => Some(document),
            Facts::Parcel(_) => None,
        }
    }

    pub(crate) fn parcel(&self) -> Option<&Parcel> {
        match &self.facts {
            Facts::Parcel(parcel) => Some(parcel),
            Facts::Document(_) => None,
        }
    }

    /// Whether the source says that it does not count any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        match &self.facts {
            Facts::Document(document) => document.status == DocumentStatus::Cancelled,
            Facts::Parcel(parcel) => parcel.state == DeliveryState::Cancelled,
        }
    }

    /// What is done with such a thing at a channel, each an export of its own.
    pub(crate) const fn operations(&self) -> &'static [Operation] {
        done_with(self.subject.kind)
    }

    /// The export that carries it to one target.
    pub(crate) fn key(&self, source: &Account, operation: Operation, target: &ConnectionId) -> ExportKey {
        ExportKey {
            tenant: source.connection.tenant.clone(),
            source: source.connection.id.clone(),
            subject: self.subject.clone(),
            operation,
            target: Some(target.clone()),
        }
    }
}

/// What is done at a channel with a thing of this kind: first what tells of it, which every channel is asked, then what
/// only some can do besides.
pub(crate) const fn done_with(kind: SubjectKind) -> &'static [Operation] {
    match kind {
        SubjectKind::Invoice => &[Operation::SendInvoice],
        SubjectKind::CreditNote => &[Operation::SendCreditNote, Operation::RefundOrder],
        SubjectKind::Parcel => &[Operation::SendTracking],
        SubjectKind::Document => &[Operation::SendInvoice, Operation::SendCreditNote, Operation::RefundOrder],
        SubjectKind::Proforma | SubjectKind::Order => &[],
    }
}

/// The look record of a source object. Documents are looked at before their kind is known.
pub(crate) fn look_key(source: &Account, hint: &SourceHint) -> ExportKey {
    let kind = match hint.subject.kind {
        SubjectKind::Parcel => SubjectKind::Parcel,
        SubjectKind::Order => SubjectKind::Order,
        _ => SubjectKind::Document,
    };
    let subject = Subject { kind, id: hint.subject.id.clone() };
    ExportKey::look(source.connection.tenant.clone(), source.connection.id.clone(), subject)
}

impl Flow {
    /// Re-reads a source object and remembers it.
    pub(crate) async fn look(&self, source: &Account, hint: &SourceHint) -> Result<Looked, Blamed> {
        let session = self.session(source, Mode::Live, Step::Look);
        let result = match hint.subject.kind {
            SubjectKind::Parcel => self.look_at_parcel(&session, hint).await,
            _ => self.look_at_document(&session, hint).await,
        };
        let result = result.map_err(|stop| Blamed::new(stop, &session));
        if session.heard() && !result.as_ref().is_err_and(Blamed::is_outage) {
            self.answered(source).await.map_err(|error| Blamed::new(ours(&error), &session))?;
        }
        result
    }

    async fn look_at_document(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Looked, Stop> {
        let connector = self.connector(session.account)?;
        let accounting = connector.accounting().ok_or_else(not_such_a_source)?;
        let document = accounting
            .read_document(session, &hint.subject.id)
            .await?
            .ok_or(Stop::skip(SkipReason::DocumentGone, Code::DocumentGone))?;
        session.hide(document.private.clone());
        Ok(Looked { private: session.private(), ..Looked::at_document(document, hint) })
    }

    async fn look_at_parcel(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Looked, Stop> {
        let connector = self.connector(session.account)?;
        let courier = connector.courier().ok_or_else(not_such_a_source)?;
        let mut read = self.ask_courier(session, courier, hint).await?;
        if let Some(order) = hint.hints.get(TOLD_ORDER) {
            read.order_reference = Some(order.clone());
        }
        let every = session.account.spec.source.as_ref().map(|s| self.times.capped(s.parcel_every));
        let watch_at = every.filter(|_| !read.state.is_final()).map(|every| session.now() + every);
        let item = ParcelItem {
            tenant: session.account.connection.tenant.clone(),
            source: session.account.connection.id.clone(),
            parcel: read,
            hints: hint.hints.clone(),
            watch_at,
            seen_at: session.now(),
        };
        let merged = self.parts.ledger.merge_parcel(&item).await.map_err(|error| ours(&error))?.parcel;
        Ok(Looked {
            hint: hint.clone(),
            subject: Subject { kind: SubjectKind::Parcel, id: merged.id.clone() },
            reference: merged.order_reference.clone().map(OrderReference::new),
            revision: Revision::of_parcel(&merged),
            numbers: merged.tracking_numbers.clone(),
            private: session.private(),
            facts: Facts::Parcel(Box::new(merged)),
        })
    }

    /// Asks a courier for a parcel, with what is known of it where that makes a difference. The order that somebody told
    /// is ours to keep, no hint for the courier.
    async fn ask_courier(
        &self,
        session: &Session<'_>,
        courier: &dyn Courier,
        hint: &SourceHint,
    ) -> Result<Parcel, Stop> {
        let mut asked = hint.clone();
        let told = asked.hints.remove(TOLD_ORDER);
        let read = match courier.numbers() {
            None => courier.read_parcel(session, &asked).await?,
            Some(numbers) => {
                let Connection { tenant, id, .. } = &session.account.connection;
                let known = self.parts.ledger.parcel(tenant, id, &hint.subject.id).await.map_err(|e| ours(&e))?;
                let every = self.times.capped(numbers.carrier_every);
                let before = Before {
                    parcel: known.as_ref().map(|item| &item.parcel),
                    order: told.as_deref().or_else(|| Some(known.as_ref()?.hints.get(TOLD_ORDER)?.as_str())),
                    rests: known.as_ref().is_some_and(|item| same_turn(item.seen_at, session.now(), every)),
                };
                courier.read_again(session, &asked, before).await?
            }
        };
        read.ok_or(Stop::skip(SkipReason::DocumentGone, Code::DocumentGone))
    }

    /// The index from a source's id and number to the order. True only if nothing of the document was known before.
    pub(crate) async fn remember_document(&self, source: &Account, looked: &Looked) -> Result<bool, PortError> {
        let Some(document) = looked.document() else { return Ok(false) };
        let item = DocumentItem {
            tenant: source.connection.tenant.clone(),
            source: source.connection.id.clone(),
            id: document.id.clone(),
            kind: document.kind,
            number: document.number.clone(),
            order: looked.reference.clone(),
            total: document.money(),
            version_at: document.version_at,
            seen_at: self.now(),
            standing: DocumentStanding::of(document),
        };
        self.parts.ledger.remember_document(&item).await
    }

    /// The connector of an opened account.
    pub(crate) fn connector(&self, account: &Account) -> Result<&'static dyn connectors::Connector, Stop> {
        self.parts.registry.get(&account.connection.connector).ok_or_else(not_such_a_source)
    }
}

/// Whether two moments lie in the same turn of a clock. A look that comes often has a first time in every turn, which one
/// that waits from look to look would never have.
fn same_turn(one: Timestamp, other: Timestamp, turn: SignedDuration) -> bool {
    let turn = turn.as_secs().max(1);
    one.as_second().div_euclid(turn) == other.as_second().div_euclid(turn)
}

fn not_such_a_source() -> Stop {
    Stop::skip(SkipReason::Unsupported, Code::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_turn_has_its_first_look_however_often_one_looks() {
        let hour = SignedDuration::from_hours(1);
        let mut firsts = 0;
        let mut last = Timestamp::UNIX_EPOCH;
        for _ in 0..24 * 60 / 5 {
            let next = last + SignedDuration::from_mins(5);
            firsts += usize::from(!same_turn(last, next, hour));
            last = next;
        }
        assert_eq!(firsts, 24);
        assert!(!same_turn(last, last + SignedDuration::from_secs(1), SignedDuration::ZERO));
    }
}
