//! How many exports of a connection stand where.

use super::{ExportQuery, Ledger, PortError};
use domain::{ConnectionId, Export, State, TenantId};
use std::collections::BTreeMap;

/// Exports looked through per state, where a store counts by reading. What lies beyond them is said to be more.
const PAGES_MAX: usize = 20;
const PAGE: usize = 500;

/// Exports of a connection by state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// To it.
    pub as_target: BTreeMap<State, u64>,
    /// From it to others, and looks.
    pub as_source: BTreeMap<State, u64>,
    /// There are more than were counted.
    pub more: bool,
}

impl Standing {
    /// Exports that would be left out when their turn comes, were the connection removed.
    #[must_use]
    pub fn would_be_skipped(&self) -> u64 {
        let waits = |(state, count): (&State, &u64)| {
            matches!(state, State::Sending | State::Accepted | State::Retrying | State::Held).then_some(*count)
        };
        self.as_target.iter().chain(&self.as_source).filter_map(waits).sum()
    }

    /// Adds so many in a state.
    pub fn add(&mut self, state: State, as_target: bool, count: u64) {
        let side = if as_target { &mut self.as_target } else { &mut self.as_source };
        *side.entry(state).or_default() += count;
    }
}

/// Counts by reading, up to a bound.
pub(super) async fn counted<L: Ledger + ?Sized>(
    ledger: &L,
    tenant: &TenantId,
    connection: &ConnectionId,
    states: &[State],
) -> Result<Standing, PortError> {
    let mut standing = Standing::default();
    for state in states {
        let (state, connection) = (Some(*state), Some(connection.clone()));
        let query = ExportQuery { state, connection, ..ExportQuery::default() };
        let mut one = |export: &Export| standing.add(export.state, export.key.target == query.connection, 1);
        let more = look_through(ledger, tenant, &query, &mut one).await?;
        standing.more |= more;
    }
    Ok(standing)
}

/// Looks at exports, up to a bound. True: there are more.
pub(crate) async fn look_through<L: Ledger + ?Sized>(
    ledger: &L,
    tenant: &TenantId,
    query: &ExportQuery,
    look: &mut (impl FnMut(&Export) + Send),
) -> Result<bool, PortError> {
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let page = ledger.exports(tenant, query, PAGE, cursor.as_deref()).await?;
        page.items.iter().for_each(&mut *look);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
