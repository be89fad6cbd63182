//! Parcels that somebody tells us of: those of a courier that has no list, or that it does not list in time. Each line
//! is taken or not by itself; what is taken is looked at like any other news.

use super::request::{Requested, hint};
use crate::flow::Flow;
use crate::message::{Message, SourceEvent};
use crate::ports::{Outgoing, ParcelItem, PortError, TOLD_ORDER};
use crate::refused::{FieldError, Refused};
use connectors::{Connector, Courier};
use domain::{Cause, ConnectionId, FieldProblem, OrderReference, Role, SubjectKind, TenantId};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap};

/// Parcels told at once at most.
pub const SHIPMENTS_MAX: usize = 1_000;
const REFERENCE_BYTES_MAX: usize = 200;

/// A parcel as somebody tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shipment {
    /// The courier's connection.
    pub source: String,
    /// Its id or number there.
    pub shipment: String,
    /// The order it belongs to; else the courier is asked.
    pub order: Option<String>,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Its event is on the queue.
    Accepted(Requested),
    /// It was known before, with this order.
    Known(Requested),
    /// Left out, and why.
    Refused(FieldError),
}

/// One line after it was looked at, and before anything is sent.
type Line = Result<(Requested, bool), FieldError>;

impl Flow {
    /// Takes what was told, line by line, in the order given. A repeat is harmless: what is known is left alone.
    ///
    /// # Errors
    /// [`Refused::Fields`] for more than [`SHIPMENTS_MAX`] lines; [`Refused::Ours`], after which nothing or all of it is
    /// on the queue.
    pub async fn tell_shipments(&self, tenant: &TenantId, shipments: &[Shipment]) -> Result<Vec<Taken>, Refused> {
        if shipments.len() > SHIPMENTS_MAX {
            return Err(Refused::field(
                "shipments",
                (FieldProblem::TooMany, format!("at most {SHIPMENTS_MAX} at once")),
            ));
        }
        let mut couriers = HashMap::new();
        let mut told: HashMap<(ConnectionId, String), Option<String>> = HashMap::new();
        let mut taken = vec![];
        let mut outgoing = vec![];
        for shipment in shipments {
            let line = match self.courier_named(tenant, shipment.source.trim(), &mut couriers).await? {
                Ok((source, courier)) => self.line(tenant, &source, courier, shipment, &mut told).await?,
                Err(error) => Err(error),
            };
            taken.push(match line {
                Err(error) => Taken::Refused(error),
                Ok((requested, true)) => Taken::Known(requested),
                Ok((requested, false)) => {
                    outgoing.push(self.news(&requested));
                    Taken::Accepted(requested)
                }
            });
        }
        if !outgoing.is_empty() {
            self.parts.queue.send(outgoing).await?;
        }
        Ok(taken)
    }

    /// The courier behind a connection, read once for all lines.
    async fn courier_named(
        &self,
        tenant: &TenantId,
        source: &str,
        met: &mut HashMap<String, Result<(ConnectionId, &'static dyn Courier), FieldError>>,
    ) -> Result<Result<(ConnectionId, &'static dyn Courier), FieldError>, Refused> {
        if let Some(known) = met.get(source) {
            return Ok(known.clone());
        }
        let found = match self.account_of(tenant, source).await {
            Err(Refused::Unknown(_)) => {
                Err(FieldError::new("source", (FieldProblem::UnknownConnection, "is not a connection")))
            }
            Err(other) => return Err(other),
            Ok(account) => {
                let connection = &account.connection;
                let side = self.parts.registry.get(&connection.connector).and_then(Connector::courier);
                side.filter(|_| connection.role == Role::Courier)
                    .map(|courier| (connection.id.clone(), courier))
                    .ok_or_else(|| FieldError::new("source", (FieldProblem::OtherRole, "carries no parcels")))
            }
        };
        met.insert(source.to_owned(), found.clone());
        Ok(found)
    }

    /// Whether a line can be taken; true if nothing is to be done for it.
    async fn line(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        courier: &dyn Courier,
        shipment: &Shipment,
        told: &mut HashMap<(ConnectionId, String), Option<String>>,
    ) -> Result<Line, PortError> {
        let Some(id) = courier.parcel_named(&shipment.shipment) else {
            return Ok(Err(FieldError::new("shipment", (FieldProblem::NotAnId, "is no id or number of this courier"))));
        };
        let order = shipment.order.as_deref().map(str::trim).filter(|order| !order.is_empty());
        if order.is_some_and(|order| order.len() > REFERENCE_BYTES_MAX || order.chars().any(char::is_control)) {
            return Ok(Err(FieldError::new("order", (FieldProblem::NotAReference, "is not an order reference"))));
        }
        let known = self.parts.ledger.parcel(tenant, source, &id).await?;
        let id = known.as_ref().map_or(id, |item| item.parcel.id.clone());
        let before = match told.get(&(source.clone(), id.clone())) {
            Some(before) => Some(before.clone()),
            None => known.as_ref().map(|item| item.parcel.order_reference.clone()),
        };
        let done = match (order, before.as_ref()) {
            (_, None) | (Some(_), Some(None)) => false,
            (None, Some(_)) => true,
            (Some(order), Some(Some(other))) if order == other => true,
            (Some(order), Some(Some(other))) if self.same_sale(tenant, other, order).await? => true,
            (Some(_), Some(Some(other))) => {
                return Ok(Err(FieldError::new(
                    "order",
                    (FieldProblem::BelongsElsewhere, format!("the parcel is known for order {other}")),
                )));
            }
        };
        let requested = self.requested(tenant, source, id.clone(), order, known.as_ref());
        told.insert((source.clone(), id), order.map(str::to_owned).or(before.flatten()));
        Ok(Ok((requested, done)))
    }

    /// Whether both are names of one sale.
    async fn same_sale(&self, tenant: &TenantId, known: &str, other: &str) -> Result<bool, PortError> {
        let view = self.parts.ledger.glance(tenant, &OrderReference::new(known)).await?;
        Ok(view.orders.iter().flat_map(|item| &item.order.aliases).any(|alias| alias.reference.as_str() == other))
    }

    fn requested(
        &self,
        tenant: &TenantId,
        source: &ConnectionId,
        id: String,
        order: Option<&str>,
        known: Option<&ParcelItem>,
    ) -> Requested {
        let mut hints = match known {
            Some(item) => item.hints.clone(),
            None => BTreeMap::from([("tracking_number".to_owned(), id.clone())]),
        };
        hints.extend(order.map(|order| (TOLD_ORDER.to_owned(), order.to_owned())));
        Requested {
            tenant: tenant.clone(),
            source: source.clone(),
            hint: hint(SubjectKind::Parcel, &id, hints),
            event: self.new_event(),
            target: None,
        }
    }

    /// Told by a program or in a list, it is no wish that its parcel be confirmed as shipped before its time.
    fn news(&self, requested: &Requested) -> Outgoing {
        let event = SourceEvent {
            event: requested.event.clone(),
            tenant: requested.tenant.clone(),
            source: requested.source.clone(),
            hint: requested.hint.clone(),
            cause: Cause::Batch,
            target: None,
            at: self.now(),
        };
        Outgoing {
            message: Message::SourceEventV1(event),
            group: requested.source.clone(),
            delay: SignedDuration::ZERO,
        }
    }
}
