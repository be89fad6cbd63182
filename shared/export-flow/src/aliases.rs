//! One sale that several channels know, each under its own reference: every one of them is a target, and each fares by
//! itself.

use crate::flow::Flow;
use crate::look::Blamed;
use crate::owner::{Owner, Probing, fits};
use crate::ports::{OrderItem, OrderView, PortError};
use connectors::{Account, Stop};
use domain::{Alias, ConnectionId, ConnectionState, HoldReason, Order, OrderReference, Role, TenantId, remark};
use std::sync::Arc;

impl Flow {
    /// The same sale at other channels. What is remembered of them is enough to plan; one that does not have the order yet,
    /// or cannot be asked, holds up its own export only. One that is switched off takes no part.
    pub(crate) async fn aliased(
        &self,
        owner: &Owner,
        view: &mut OrderView,
        probing: Probing<'_>,
    ) -> Result<Vec<Owner>, PortError> {
        let tenant = &owner.item.tenant;
        let own = Alias { channel: owner.channel.connection.id.clone(), reference: owner.item.order.reference.clone() };
        let mut others = vec![];
        for alias in &owner.item.order.aliases {
            if alias.channel == own.channel {
                continue;
            }
            let Some(channel) = self.account(&alias.channel).await? else { continue };
            let connection = &channel.connection;
            if connection.tenant != *tenant || !connection.ever_active || connection.state == ConnectionState::Disabled
            {
                continue;
            }
            let beside = self.parts.ledger.glance(tenant, &alias.reference).await?;
            let known = beside.orders.iter().find(|item| item.channel == alias.channel).cloned();
            join(view, beside);
            others.push(match known {
                Some(item) => self.named_back(Owner { channel, item, fresh: false, missing: None }, &own).await?,
                None => self.asked(channel, alias, owner, &own, probing).await?,
            });
        }
        Ok(others)
    }

    /// Asks another channel for its side of a sale.
    async fn asked(
        &self,
        channel: Arc<Account>,
        alias: &Alias,
        owner: &Owner,
        own: &Alias,
        probing: Probing<'_>,
    ) -> Result<Owner, PortError> {
        let missing = match self.ask(&alias.channel, &alias.reference, probing).await {
            Ok(Some(found)) => return self.named_back(found, own).await,
            Ok(None) => {
                let detail = Some(remark::reference_missing(&alias.channel, &alias.reference));
                Blamed::quiet(Stop::hold(HoldReason::OrderUnknown, detail), alias.channel.clone())
            }
            Err(Blamed { stop: Stop::Ours(why), .. }) => return Err(PortError::Unavailable(why)),
            Err(blamed) => blamed,
        };
        let order = Order { reference: alias.reference.clone(), remote_id: String::new(), ..owner.item.order.clone() };
        let item = OrderItem { channel: alias.channel.clone(), order, ..owner.item.clone() };
        Ok(Owner { channel, item, fresh: false, missing: Some(missing) })
    }

    /// The other side names this one too, so that what quotes the other's reference comes here as well.
    async fn named_back(&self, mut other: Owner, own: &Alias) -> Result<Owner, PortError> {
        let known = other.item.order.aliases.iter().any(|alias| alias.channel == own.channel);
        if !known {
            other.item.order.aliases.push(own.clone());
        }
        if !known || other.fresh {
            self.parts.ledger.remember_order(&other.item).await?;
        }
        Ok(other)
    }

    /// Only what another channel could own is its reference: a shop's field may hold any marketplace's.
    pub(crate) async fn plausible(&self, tenant: &TenantId, aliases: Vec<Alias>) -> Result<Vec<Alias>, PortError> {
        if aliases.is_empty() {
            return Ok(aliases);
        }
        let connections = self.connections(tenant).await?;
        let could_own = |alias: &Alias| {
            let channel = connections.iter().find(|c| c.id == alias.channel && c.role == Role::Channel);
            let pattern = channel.map(|channel| channel.rules.order_pattern.as_deref().unwrap_or_default());
            pattern.is_some_and(|pattern| fits(pattern, alias.reference.as_str()))
        };
        Ok(aliases.into_iter().filter(could_own).collect())
    }

    /// Everything beside an order under all its names, strongly consistent.
    pub(crate) async fn beside(&self, tenant: &TenantId, names: &[OrderReference]) -> Result<OrderView, PortError> {
        let mut view = OrderView::default();
        for name in names {
            join(&mut view, self.parts.ledger.order(tenant, name).await?);
        }
        Ok(view)
    }
}

/// Adds what lies beside another name. The orders stay those of the first.
fn join(view: &mut OrderView, other: OrderView) {
    if view.orders.is_empty() {
        view.orders = other.orders;
    }
    for export in other.exports {
        if !view.exports.iter().any(|known| known.id == export.id) {
            view.exports.push(export);
        }
    }
    view.findings.extend(other.findings);
}

/// Every name of an order that is found at these channels: the one that was quoted first.
pub(crate) fn names(quoted: &OrderReference, owners: &[Owner]) -> Vec<OrderReference> {
    let mut names = vec![quoted.clone()];
    for owner in owners {
        if !names.contains(&owner.item.order.reference) {
            names.push(owner.item.order.reference.clone());
        }
    }
    names
}

/// Of several channels that have an order, the one that says that the others have the same sale.
pub(crate) fn speaks_for_all(hits: &[Owner]) -> Option<usize> {
    let same = |a: &Owner, b: &Owner| {
        let id: &ConnectionId = &b.channel.connection.id;
        let reference = &b.item.order.reference;
        a.item.order.aliases.iter().any(|alias| alias.channel == *id && alias.reference == *reference)
    };
    hits.iter()
        .enumerate()
        .position(|(at, hit)| hits.iter().enumerate().all(|(other_at, other)| other_at == at || same(hit, other)))
}
