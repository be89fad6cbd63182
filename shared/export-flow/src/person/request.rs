//! A document or parcel that a person wants carried: the subject is found, the event queued, and its exports are read
//! back once a worker has met it.

use super::one_of;
use crate::flow::Flow;
use crate::message::{Message, SourceEvent};
use crate::ports::{ExportQuery, Outgoing, PortError};
use crate::refused::Refused;
use connectors::{Account, Connector, Mode};
use domain::{
    Cause, ConnectionId, EventId, Export, FieldProblem, Operation, Role, SourceHint, Step, Subject, SubjectKind,
    TenantId, remark,
};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;

const EXPORTS_MAX: usize = 50;

/// What a person asks to be carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hand {
    /// The source connection.
    pub source: String,
    /// A document's id or number.
    pub document: Option<String>,
    /// A parcel's id or tracking number.
    pub shipment: Option<String>,
    /// Only to this channel.
    pub target: Option<ConnectionId>,
}

/// A request whose event is on the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Whose.
    pub tenant: TenantId,
    /// The source.
    pub source: ConnectionId,
    /// What.
    pub hint: SourceHint,
    /// The arrival that was queued.
    pub event: EventId,
    /// Only to this channel.
    pub target: Option<ConnectionId>,
}

impl Flow {
    /// Finds what a person means and queues it.
    ///
    /// # Errors
    /// [`Refused::Fields`] for what cannot be found; [`Refused::Conflict`] if the source cannot be asked;
    /// [`Refused::Vendor`] if asking it failed; [`Refused::Ours`].
    pub async fn request(&self, tenant: &TenantId, hand: &Hand) -> Result<Requested, Refused> {
        let (source, hint) = self.meant(tenant, hand).await?;
        let requested = Requested {
            tenant: tenant.clone(),
            source: source.connection.id.clone(),
            hint,
            event: self.new_event(),
            target: hand.target.clone(),
        };
        let message = Message::SourceEventV1(SourceEvent {
            event: requested.event.clone(),
            tenant: tenant.clone(),
            source: requested.source.clone(),
            hint: requested.hint.clone(),
            cause: Cause::Hand,
            target: requested.target.clone(),
            at: self.now(),
        });
        let outgoing = Outgoing { message, group: requested.source.clone(), delay: SignedDuration::ZERO };
        self.parts.queue.send(vec![outgoing]).await?;
        Ok(requested)
    }

    /// The exports of a request that a worker has met already, those with a target first; empty if none has yet.
    ///
    /// # Errors
    /// [`PortError`] if the ledger cannot be read.
    pub async fn met(&self, requested: &Requested) -> Result<Vec<Export>, PortError> {
        let mut exports = self.exports_of(requested).await?;
        // Seeing the same arrival a second time says that it was seen.
        exports.retain(|export| !export.shared.clone().see(&requested.event));
        Ok(exports)
    }

    /// The exports of what a request is about, whoever brought them about, those with a target first.
    ///
    /// # Errors
    /// [`PortError`] if the ledger cannot be read.
    pub async fn exports_of(&self, requested: &Requested) -> Result<Vec<Export>, PortError> {
        let named = &requested.hint.subject.id;
        let query = ExportQuery {
            connection: Some(requested.source.clone()),
            document: Some(named.clone()),
            ..ExportQuery::default()
        };
        let page = self.parts.ledger.exports(&requested.tenant, &query, EXPORTS_MAX, None).await?;
        let mut exports: Vec<Export> = page
            .items
            .into_iter()
            .filter(|export| export.key.source == requested.source)
            .filter(|export| export.key.subject.id == *named || export.numbers.contains(named))
            .filter(|export| {
                let target = requested.target.as_ref();
                target.is_none() || export.key.target.as_ref() == target || export.key.operation == Operation::Look
            })
            .collect();
        exports.sort_by(|a, b| (a.key.target.is_none(), &a.id).cmp(&(b.key.target.is_none(), &b.id)));
        Ok(exports)
    }

    /// What a person means: the source, opened, and the subject at it.
    pub(crate) async fn meant(&self, tenant: &TenantId, hand: &Hand) -> Result<(Arc<Account>, SourceHint), Refused> {
        one_of("document, shipment", usize::from(hand.document.is_some()) + usize::from(hand.shipment.is_some()))?;
        let source = match self.account_of(tenant, &hand.source).await {
            Err(Refused::Unknown(_)) => {
                return Err(Refused::field("source", (FieldProblem::UnknownConnection, "is not a connection")));
            }
            other => other?,
        };
        if let Some(target) = &hand.target {
            self.known_channel(tenant, target).await?;
        }
        let hint = match (&hand.document, &hand.shipment) {
            (Some(document), _) => self.document_meant(tenant, &source, document.trim()).await?,
            (_, Some(shipment)) => self.parcel_meant(tenant, &source, shipment.trim()).await?,
            (None, None) => return Err(Refused::field("document", (FieldProblem::Missing, "is missing"))),
        };
        Ok((source, hint))
    }

    async fn document_meant(&self, tenant: &TenantId, source: &Account, text: &str) -> Result<SourceHint, Refused> {
        let not_there = || Refused::field("document", (FieldProblem::NotFound, "the source has no such document"));
        let connection = &source.connection;
        let side = self.parts.registry.get(&connection.connector).and_then(Connector::accounting);
        let Some(accounting) = side.filter(|_| connection.role == Role::Accounting) else {
            return Err(Refused::field("source", (FieldProblem::OtherRole, "issues no documents")));
        };
        if text.is_empty() {
            return Err(not_there());
        }
        if let Some(known) = self.parts.ledger.document(tenant, &connection.id, text).await? {
            return Ok(hint(SubjectKind::Document, &known.id, BTreeMap::new()));
        }
        usable(source)?;
        let session = self.session(source, Mode::Live, Step::Look);
        let refuse = |stop| self.refuse(stop, source, &session);
        let found = match accounting.find_document(&session, text).await.map_err(refuse)? {
            Some(found) => Some(found),
            None => accounting.read_document(&session, text).await.map_err(refuse)?,
        };
        Ok(hint(SubjectKind::Document, &found.ok_or_else(not_there)?.id, BTreeMap::new()))
    }

    async fn parcel_meant(&self, tenant: &TenantId, source: &Account, text: &str) -> Result<SourceHint, Refused> {
        let not_there = || Refused::field("shipment", (FieldProblem::NotFound, "the courier has no such parcel"));
        let connection = &source.connection;
        let side = self.parts.registry.get(&connection.connector).and_then(Connector::courier);
        let Some(courier) = side.filter(|_| connection.role == Role::Courier) else {
            return Err(Refused::field("source", (FieldProblem::OtherRole, "carries no parcels")));
        };
        if text.is_empty() {
            return Err(not_there());
        }
        if let Some(known) = self.parts.ledger.parcel(tenant, &connection.id, text).await? {
            return Ok(hint(SubjectKind::Parcel, &known.parcel.id, known.hints));
        }
        usable(source)?;
        let session = self.session(source, Mode::Live, Step::Look);
        let asked = hint(SubjectKind::Parcel, text, BTreeMap::from([("tracking_number".into(), text.into())]));
        let found = courier.read_parcel(&session, &asked).await.map_err(|stop| self.refuse(stop, source, &session))?;
        let found = found.ok_or_else(not_there)?;
        let hints = found.tracking_number().map(|number| ("tracking_number".to_owned(), number.to_owned()));
        Ok(hint(SubjectKind::Parcel, &found.id, hints.into_iter().collect()))
    }
}

fn usable(source: &Account) -> Result<(), Refused> {
    if source.connection.is_usable() { Ok(()) } else { Err(Refused::Conflict(remark::source_unused())) }
}

pub(super) fn hint(kind: SubjectKind, id: &str, hints: BTreeMap<String, String>) -> SourceHint {
    SourceHint { subject: Subject { kind, id: id.to_owned() }, hints }
}
