//! How things stand, told once per pass: numbers that no single event makes.

use crate::poll;
use crate::sweep::Sweep;
use domain::{Connection, ConnectionState, PauseReason, State, TenantId};
use export_flow::Flow;
use export_flow::connections::expires_soon;
use export_flow::ports::PortError;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A source is silent when its list of changes has not been read to its end for so long, or for four of its own
/// intervals where those are longer.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(1);
const SILENT_INTERVALS: i32 = 4;

/// How things stand, over all tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gauges {
    /// Age of the oldest export that is held, retrying or accepted.
    pub oldest_waiting_seconds: u64,
    /// Connections paused because they cannot be reached or refuse us. Those that a person paused need no alarm.
    pub connections_paused: u64,
    /// Exports that a person must decide about.
    pub uncertain: u64,
    /// Dead letters.
    pub dead: u64,
    /// Exports on hold.
    pub held: u64,
    /// Connections whose credentials end within two weeks, as far as people have entered when they do.
    pub credentials_expiring: u64,
    /// Active sources whose list of changes could not be read to its end for an hour or more. Sources that only send
    /// webhooks are never among them: of those the store does not know when they last spoke.
    pub silent_sources: u64,
}

impl Sweep {
    /// Reads how things stand and tells it in one line, `sweep.gauges`. For a function, once after each pass: it asks the
    /// store about every tenant and source. What cannot be read is not told.
    pub async fn gauges(&self) -> Option<Gauges> {
        match gauges(&self.flow).await {
            Ok(gauges) => {
                tell(&gauges);
                Some(gauges)
            }
            Err(error) => {
                tracing::warn!(event = "sweep.failed", part = "gauges", %error);
                None
            }
        }
    }
}

async fn gauges(flow: &Flow) -> Result<Gauges, PortError> {
    let (ledger, now) = (&flow.parts().ledger, flow.now());
    let connections = ledger.all_connections().await?;
    let tenants: BTreeSet<&TenantId> = connections.iter().map(|connection| &connection.tenant).collect();
    let mut gauges = Gauges::default();
    for tenant in tenants {
        let counts = ledger.counts(tenant, now).await?;
        let of = |state| counts.states.get(&state).copied().unwrap_or(0);
        gauges.uncertain += of(State::Uncertain);
        gauges.dead += of(State::Dead);
        gauges.held += of(State::Held);
        let oldest = counts.connections.values().filter_map(|here| here.oldest_waiting).min();
        let age = oldest.map_or(0, |oldest| u64::try_from(now.duration_since(oldest).as_secs()).unwrap_or(0));
        gauges.oldest_waiting_seconds = gauges.oldest_waiting_seconds.max(age);
    }
    for connection in &connections {
        gauges.connections_paused += u64::from(needs_a_look(connection));
        gauges.credentials_expiring += u64::from(expires_soon(connection, now));
        gauges.silent_sources += u64::from(is_silent(flow, connection, now).await?);
    }
    Ok(gauges)
}

fn needs_a_look(connection: &Connection) -> bool {
    let by_hand = connection.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::ByHand);
    connection.state == ConnectionState::Paused && !by_hand
}

/// Whether nothing was heard of a source that lists its changes. One that is paused tells so by itself.
async fn is_silent(flow: &Flow, connection: &Connection, now: Timestamp) -> Result<bool, PortError> {
    if !poll::may_be_asked(connection) {
        return Ok(false);
    }
    // One connection that cannot be opened must not hide how the others stand; the polls tell of it.
    let Ok(Some(account)) = flow.account(&connection.id).await else { return Ok(false) };
    if !account.spec.source.as_ref().is_some_and(|source| source.lists_changes) {
        return Ok(false);
    }
    let state = flow.parts().ledger.poll_state(&connection.id).await?;
    // In the midst of a long list, page by page: it is heard.
    if state.cursor.is_some() {
        return Ok(false);
    }
    let checked = connection.check.as_ref().map(|check| check.at);
    let begun = checked.map_or(connection.changed_at, |checked| checked.max(connection.changed_at));
    let heard = state.since.map_or(begun, |since| since.max(begun));
    let bearable = account.poll_every.checked_mul(SILENT_INTERVALS).unwrap_or(SignedDuration::MAX).max(SILENT_AFTER);
    Ok(now.duration_since(heard) > bearable)
}

fn tell(gauges: &Gauges) {
    tracing::info!(
        event = "sweep.gauges",
        oldest_waiting_seconds = gauges.oldest_waiting_seconds,
        connections_paused = gauges.connections_paused,
        uncertain = gauges.uncertain,
        dead = gauges.dead,
        held = gauges.held,
        credentials_expiring = gauges.credentials_expiring,
        silent_sources = gauges.silent_sources,
    );
}
