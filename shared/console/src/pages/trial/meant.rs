//! What a person means by a number: a document or parcel of the source that was chosen, or whatever is known under it.

use crate::ConsoleState;
use crate::pages::fault::Fault;
use crate::pages::guard::Fields;
use crate::pages::view::Names;
use domain::{Connection, ConnectionId, Role, TenantId};
use export_flow::person::Hand;
use export_flow::refused::Refused;
use export_flow::search::{Hit, HitKind};

/// What was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) source: String,
    pub(super) number: String,
    pub(super) target: String,
}

impl Typed {
    pub(super) fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
        let number = fields.get("document").or_else(|| fields.get("order")).unwrap_or_default();
        Self { source: text("connection"), number: number.to_owned(), target: text("target") }
    }

    /// With a channel in its place: a link from its page names it as the connection.
    pub(super) fn sorted(mut self, connections: &[Connection]) -> Self {
        if role(connections, &self.source) == Some(Role::Channel) {
            let channel = std::mem::take(&mut self.source);
            if self.target.is_empty() {
                self.target = channel;
            }
        }
        self
    }

    /// What is asked for, if a source was chosen.
    pub(super) fn hand(&self, connections: &[Connection]) -> Option<Hand> {
        Some(hand(&self.source, role(connections, &self.source)?, &self.number, &self.target))
    }
}

fn role(connections: &[Connection], id: &str) -> Option<Role> {
    connections.iter().find(|connection| connection.id.as_str() == id).map(|connection| connection.role)
}

fn hand(source: &str, role: Role, number: &str, target: &str) -> Hand {
    let number = Some(number.to_owned());
    let (document, shipment) = if role == Role::Courier { (None, number) } else { (number, None) };
    let target = Some(target).filter(|target| !target.is_empty()).map(ConnectionId::new);
    Hand { source: source.to_owned(), document, shipment, target }
}

/// Something that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The source that has it.
    pub(super) source: String,
    /// What people call that.
    pub(super) label: String,
    /// Its number there.
    pub(super) number: String,
    role: Role,
}

impl Candidate {
    /// As a person would ask for it.
    pub(super) fn hand(&self, typed: &Typed) -> Hand {
        hand(&self.source, self.role, &self.number, &typed.target)
    }
}

/// Documents and parcels that are known under what was typed, or belong to an order of that number.
pub(super) async fn candidates(
    state: &ConsoleState,
    tenant: &TenantId,
    typed: &Typed,
    connections: &[Connection],
) -> Result<Vec<Candidate>, Fault> {
    let hits = match state.flow.search(tenant, &typed.number).await {
        Ok(found) => found.hits,
        // What cannot be searched for is known under no number.
        Err(Refused::Fields(_)) => vec![],
        Err(refused) => return Err(refused.into()),
    };
    let names = Names::new(connections);
    let mut found: Vec<Candidate> = vec![];
    let mut add = |source: &ConnectionId, number: &str| {
        let Some(role) = role(connections, source.as_str()).filter(|role| *role != Role::Channel) else { return };
        let label = names.label(source);
        let candidate = Candidate { source: source.to_string(), label, number: number.to_owned(), role };
        let asked_already = candidate.source == typed.source && candidate.number == typed.number;
        if !asked_already && !found.contains(&candidate) {
            found.push(candidate);
        }
    };
    for hit in &hits {
        if let (Some(source), Some(number)) = (&hit.source, &hit.number) {
            add(source, number);
        }
        for (source, number) in of_order(state, tenant, hit).await? {
            add(&source, &number);
        }
    }
    Ok(found)
}

/// What belongs to an order.
async fn of_order(state: &ConsoleState, tenant: &TenantId, hit: &Hit) -> Result<Vec<(ConnectionId, String)>, Fault> {
    let (HitKind::Order, Some(channel), Some(reference)) = (hit.kind, &hit.channel, &hit.reference) else {
        return Ok(vec![]);
    };
    let order = state.flow.timeline(tenant, channel.as_str(), reference).await?;
    let documents = order.documents.into_iter().map(|document| (document.source, document.number));
    let parcels = order.parcels.into_iter().map(|item| {
        let number = item.parcel.tracking_number().unwrap_or(&item.parcel.id).to_owned();
        (item.source, number)
    });
    Ok(documents.chain(parcels).collect())
}
