//! Whose order it is. The ledger alone decides only if exactly one channel can own the reference; else every channel
//! that can is asked, and one hit decides after all have answered.

use crate::aliases::speaks_for_all;
use crate::flow::Flow;
use crate::look::{Blamed, Looked, ours};
use crate::ports::{OrderItem, OrderView, PortError};
use connectors::{Account, Mode, Stop};
use domain::{
    Code, Connection, ConnectionId, ConnectionState, HoldReason, OrderReference, Overrides, Role, SkipReason, Step,
    TenantId, remark,
};
use futures_util::future::join_all;
use std::sync::Arc;

/// The order, at the channel that has it.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) channel: Arc<Account>,
    pub(crate) item: OrderItem,
    /// Whether the channel was asked in this run.
    pub(crate) fresh: bool,
    /// Why the order could not be read there: another channel says that it is this one's too.
    pub(crate) missing: Option<Blamed>,
}

impl Owner {
    /// Keeps names that a person gave the order, which its channel does not know.
    pub(crate) fn named_as(mut self, known: &OrderView) -> Self {
        let id = &self.channel.connection.id;
        let before = known.orders.iter().find(|item| item.channel == *id);
        for alias in before.into_iter().flat_map(|item| &item.order.aliases) {
            if !self.item.order.aliases.iter().any(|own| own.channel == alias.channel) {
                self.item.order.aliases.push(alias.clone());
            }
        }
        self
    }
}

/// What a run may do although a connection is paused: it probes it.
pub(crate) type Probing<'a> = Option<&'a ConnectionId>;

impl Flow {
    /// Finds the channel that has the order.
    pub(crate) async fn owner(
        &self,
        source: &Account,
        looked: &Looked,
        overrides: &Overrides,
        probing: Probing<'_>,
    ) -> Result<(Owner, OrderReference, OrderView), Blamed> {
        let at_source = |stop| Blamed::quiet(stop, source.connection.id.clone());
        let reference = overrides
            .order
            .clone()
            .or_else(|| looked.reference.clone())
            .ok_or_else(|| at_source(Stop::skip(SkipReason::NotOurs, Code::NoOrderReference)))?;
        let tenant = &source.connection.tenant;
        let connections = self.connections(tenant).await.map_err(|error| at_source(ours(&error)))?;
        let candidates = candidates(&connections, &reference, overrides.target.as_ref());
        if candidates.is_empty() {
            return Err(at_source(Stop::skip(SkipReason::NotOurs, Code::NoChannelMatches)));
        }
        let view = self.parts.ledger.glance(tenant, &reference).await.map_err(|error| at_source(ours(&error)))?;
        if let [only] = candidates.as_slice()
            && let Some(item) = view.orders.iter().find(|item| item.channel == *only)
            && let Some(channel) = self.account(only).await.map_err(|error| at_source(ours(&error)))?
            && !names_may_be_new(&channel, item)
        {
            let item = item.clone();
            return Ok((Owner { channel, item, fresh: false, missing: None }, reference, view));
        }
        let owner = self.ask_all(source, &candidates, &reference, probing).await?.named_as(&view);
        self.parts.ledger.remember_order(&owner.item).await.map_err(|error| at_source(ours(&error)))?;
        Ok((owner, reference, view))
    }

    /// The channels that may be asked for an order, or be sent something of it.
    pub(crate) async fn may_own(
        &self,
        tenant: &TenantId,
        reference: &OrderReference,
        chosen: Option<&ConnectionId>,
    ) -> Result<Vec<ConnectionId>, PortError> {
        let mut connections = self.connections(tenant).await?;
        connections.retain(Connection::is_usable);
        Ok(candidates(&connections, reference, chosen))
    }

    async fn ask_all(
        &self,
        source: &Account,
        candidates: &[ConnectionId],
        reference: &OrderReference,
        probing: Probing<'_>,
    ) -> Result<Owner, Blamed> {
        let answers = join_all(candidates.iter().map(|id| self.ask(id, reference, probing))).await;
        let mut hits = vec![];
        let mut refused: Option<Blamed> = None;
        for answer in answers {
            match answer {
                Ok(hit) => hits.extend(hit),
                // A hold costs nothing, so a failure that must be counted is the one to be recorded.
                Err(blamed) => {
                    if refused.as_ref().is_none_or(|known| matches!(known.stop, Stop::Hold { .. })) {
                        refused = Some(blamed);
                    }
                }
            }
        }
        if let Some(blamed) = refused {
            return Err(blamed);
        }
        let hold = |reason, detail| Blamed::quiet(Stop::hold(reason, detail), source.connection.id.clone());
        match hits.len() {
            0 => Err(hold(HoldReason::OrderUnknown, Some(remark::asked(names(candidates.iter()))))),
            1 => hits.pop().ok_or_else(|| hold(HoldReason::OrderUnknown, None)),
            _ => {
                if let Some(at) = speaks_for_all(&hits) {
                    return Ok(hits.swap_remove(at));
                }
                let who = names(hits.iter().map(|hit| &hit.channel.connection.id));
                Err(hold(HoldReason::OrderAmbiguous, Some(remark::candidates(who))))
            }
        }
    }

    /// Asks one channel. A channel that is paused, or was active and is not now, cannot be asked.
    pub(crate) async fn ask(
        &self,
        id: &ConnectionId,
        reference: &OrderReference,
        probing: Probing<'_>,
    ) -> Result<Option<Owner>, Blamed> {
        let quiet = |stop| Blamed::quiet(stop, id.clone());
        let Some(channel) = self.account(id).await.map_err(|error| quiet(ours(&error)))? else { return Ok(None) };
        if !channel.connection.is_usable() && probing != Some(id) {
            return Err(quiet(Stop::hold(HoldReason::ConnectionPaused, Some(remark::channel_unasked(id)))));
        }
        let session = self.session(&channel, Mode::Live, Step::Look);
        let found = match self.connector(&channel).map_err(quiet)?.channel() {
            Some(side) => side.find_order(&session, reference).await,
            None => Ok(None),
        };
        let found = found.map_err(|stop| Blamed::new(stop, &session));
        if session.heard() && !found.as_ref().is_err_and(Blamed::is_outage) {
            self.answered(&channel).await.map_err(|error| quiet(ours(&error)))?;
        }
        let Some(mut order) = found? else { return Ok(None) };
        let tenant = channel.connection.tenant.clone();
        order.aliases = self.plausible(&tenant, order.aliases).await.map_err(|error| quiet(ours(&error)))?;
        let item = OrderItem { tenant, channel: id.clone(), order, seen_at: self.now() };
        let owner = Owner { channel, item, fresh: true, missing: None };
        self.seek_parcels(&owner).await.map_err(|error| quiet(ours(&error)))?;
        Ok(Some(owner))
    }
}

/// Whether a channel may own references: one that is disabled or never was active takes no part.
pub(crate) fn takes_part(c: &Connection) -> bool {
    c.role == Role::Channel && c.ever_active && c.state != ConnectionState::Disabled
}

/// Whether a rule about the order's other names may have come after the order was last read.
fn names_may_be_new(channel: &Account, item: &OrderItem) -> bool {
    channel.connection.rules.also_known_as.is_some() && item.seen_at < channel.connection.changed_at
}

/// Channels that could own a reference: a channel without a pattern matches all.
pub(crate) fn candidates(
    connections: &[Connection],
    reference: &OrderReference,
    chosen: Option<&ConnectionId>,
) -> Vec<ConnectionId> {
    connections
        .iter()
        .filter(|c| takes_part(c))
        .filter(|c| match chosen {
            Some(id) => c.id == *id,
            None => c.rules.order_pattern.as_deref().is_none_or(|pattern| fits(pattern, reference.as_str())),
        })
        .map(|c| c.id.clone())
        .collect()
}

/// Whether a reference fits a pattern. Patterns are checked when they are saved; one that does not compile fits nothing.
pub(crate) fn fits(pattern: &str, reference: &str) -> bool {
    pattern.is_empty() || regex_lite::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(reference))
}

fn names<'a>(ids: impl Iterator<Item = &'a ConnectionId>) -> String {
    ids.map(ConnectionId::as_str).collect::<Vec<_>>().join(", ")
}
