//! Outages. Five outage failures in a row on different exports pause a connection; before one would be counted as an
//! export's third attempt, the connection is asked whether it answers at all. One export probes a paused connection, each
//! time another; any real answer resumes it. So an outage costs no dead letter.

use crate::connections::{AT_ONCE, Instead, ONCE_MORE};
use crate::flow::Flow;
use crate::message::Message;
use crate::ports::{Circuit, PortError};
use crate::times::OUTAGES_MAX;
use connectors::{Account, Mode, Stop};
use domain::{
    Code, Connection, ConnectionId, ConnectionState, Export, ExportId, HoldReason, LastError, Pause, PauseReason, Said,
    Step,
};
use jiff::SignedDuration;
use std::sync::PoisonError;

const RACES_MAX: usize = 8;
/// A probe that does not come back within this time is taken for lost.
pub(crate) const PROBE_LEASE: SignedDuration = SignedDuration::from_secs(90);

impl Flow {
    /// Notes an outage failure. True: the connection is paused, and this failure is not counted as an attempt.
    pub(crate) async fn outage(
        &self,
        at: &ConnectionId,
        export: &Export,
        code: Code,
        message: &Said,
        third: bool,
        probe: bool,
    ) -> Result<bool, PortError> {
        self.shaky.lock().unwrap_or_else(PoisonError::into_inner).insert(at.clone());
        let circuit = self
            .change_circuit(at, |circuit| {
                // Enough have failed: one more says nothing new, and a hundred at once would only be in each other's way.
                if !probe && circuit.failing.len() >= OUTAGES_MAX {
                    return;
                }
                circuit.failing.retain(|id| *id != export.id);
                circuit.failing.push(export.id.clone());
                if circuit.failing.len() > OUTAGES_MAX {
                    circuit.failing.remove(0);
                }
                if probe {
                    circuit.probes += 1;
                    circuit.last_probe = Some(export.id.clone());
                }
            })
            .await?;
        if probe {
            self.probe_failed(at, &circuit, export).await?;
            return Ok(true);
        }
        let Some(account) = self.account_anew(at).await? else { return Ok(false) };
        if account.connection.state == ConnectionState::Paused {
            return Ok(third);
        }
        let open = circuit.failing.len() >= OUTAGES_MAX;
        // The reach check asks only where it decides something: a third failure of an export.
        let unreachable = third && self.unreachable(&account).await;
        if open || unreachable {
            self.pause_for_outage(at, export, code, message).await?;
        }
        Ok(unreachable)
    }

    async fn unreachable(&self, account: &Account) -> bool {
        let session = self.session(account, Mode::Live, Step::Look);
        let Ok(connector) = self.connector(account) else { return false };
        match connector.reach(&session).await {
            Err(Stop::Fail(failure)) => failure.outage,
            _ => false,
        }
    }

    async fn pause_for_outage(
        &self,
        at: &ConnectionId,
        export: &Export,
        code: Code,
        message: &Said,
    ) -> Result<(), PortError> {
        let now = self.now();
        let next_probe = now + self.times.probe(0);
        let mut paused_as = None;
        self.change_connection(at, |connection| {
            paused_as = None;
            if connection.state != ConnectionState::Active {
                return false;
            }
            connection.state = ConnectionState::Paused;
            connection.pause = Some(Pause {
                reason: PauseReason::Outage,
                since: now,
                next_probe: Some(next_probe),
                next_step: "Nothing: it is tried again by itself, and what waits goes out when it answers.".to_owned(),
            });
            connection.last_error = Some(LastError::new(now, code, message.clone()));
            paused_as = Some(Box::new(connection.clone()));
            true
        })
        .await?;
        if let Some(connection) = paused_as {
            tracing::warn!(
                event = "connection.paused",
                connection = at.as_str(),
                reason = "outage",
                code = code.as_str(),
                "paused"
            );
            self.change_circuit(at, |circuit| circuit.probes = 0).await?;
            self.wake_probe(at, Some(&export.id), next_probe.duration_since(now)).await?;
            self.tell_pause(&connection).await?;
        }
        Ok(())
    }

    async fn probe_failed(&self, at: &ConnectionId, circuit: &Circuit, export: &Export) -> Result<(), PortError> {
        let next_probe = self.now() + self.times.probe(circuit.probes);
        self.change_connection(at, |connection| match &mut connection.pause {
            Some(pause) if pause.reason == PauseReason::Outage => {
                pause.next_probe = Some(next_probe);
                true
            }
            _ => false,
        })
        .await?;
        self.wake_probe(at, Some(&export.id), next_probe.duration_since(self.now())).await
    }

    /// Has another export than the last one try at the time of the next probe. The last one too if there is no other.
    pub async fn wake_probe(
        &self,
        at: &ConnectionId,
        last: Option<&ExportId>,
        delay: SignedDuration,
    ) -> Result<(), PortError> {
        let after = self.parts.ledger.waiting(at, HoldReason::ConnectionPaused, last, 1).await?;
        let entry = match after.into_iter().next() {
            Some(entry) => Some(entry),
            None => self.parts.ledger.waiting(at, HoldReason::ConnectionPaused, None, 1).await?.into_iter().next(),
        };
        let Some(entry) = entry else { return Ok(()) };
        if self.parts.ledger.postpone(&entry, self.now() + delay).await? {
            let due = crate::message::ExportDue { export: entry.id, claim: entry.claim, alone: false, trace: None };
            self.send(Message::ExportDueV1(due), entry.group, delay).await?;
        }
        Ok(())
    }

    /// When an export held at a connection that is paused for an outage comes back by itself: at the next probe if it is
    /// the first to wait there, so that somebody probes; else it waits for the resume.
    pub(crate) async fn own_probe(&self, at: &ConnectionId) -> Result<Option<jiff::Timestamp>, PortError> {
        let Some(account) = self.account_anew(at).await? else { return Ok(None) };
        let Some(next) = account.connection.pause.as_ref().and_then(|pause| pause.next_probe) else { return Ok(None) };
        let first = self.parts.ledger.waiting(at, HoldReason::ConnectionPaused, None, 1).await?.is_empty();
        // Never at once: whoever is probing right now has moved the time of the next probe.
        Ok(first.then_some(next.max(self.now() + self.times.probe(0))))
    }

    /// Whether this export may probe a connection paused for an outage now: the time has come, and no other does.
    pub(crate) async fn may_probe(&self, account: &Account, export: &ExportId) -> Result<bool, PortError> {
        let due = |connection: &Connection| {
            connection.state == ConnectionState::Paused
                && connection.pause.as_ref().is_some_and(|pause| {
                    pause.reason == PauseReason::Outage && pause.next_probe.is_none_or(|at| at <= self.now())
                })
        };
        if !due(&account.connection) {
            return Ok(false);
        }
        let until = self.now() + PROBE_LEASE;
        let won = self
            .change_connection(&account.connection.id, |connection| {
                if !due(connection) {
                    return false;
                }
                if let Some(pause) = &mut connection.pause {
                    pause.next_probe = Some(until);
                }
                true
            })
            .await?;
        if won {
            tracing::info!(
                event = "connection.probed",
                connection = account.connection.id.as_str(),
                export = export.as_str(),
                "probing"
            );
        }
        Ok(won)
    }

    /// A real answer: clears the circuit, and resumes the connection if it was paused for an outage.
    pub(crate) async fn answered(&self, account: &Account) -> Result<(), PortError> {
        let id = &account.connection.id;
        let paused = account.connection.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::Outage);
        let shaky = self.shaky.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        if !paused && !shaky {
            return Ok(());
        }
        self.change_circuit(id, |circuit| {
            circuit.failing.clear();
            circuit.probes = 0;
            circuit.last_probe = None;
        })
        .await?;
        // Said before, to be heard after: who waits is let go even if this run never hears that the connection resumed.
        let waits = [HoldReason::ConnectionPaused];
        if paused {
            self.announce_after(id, &waits, &[ONCE_MORE]).await?;
        }
        let resumed = self
            .change_connection(id, |connection| {
                let outage = connection.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::Outage);
                if !outage {
                    return false;
                }
                connection.state = ConnectionState::Active;
                connection.pause = None;
                true
            })
            .await?;
        if resumed {
            tracing::info!(event = "connection.resumed", connection = id.as_str(), "it answers again");
            let delays: &[SignedDuration] = if paused { &[AT_ONCE] } else { &[AT_ONCE, ONCE_MORE] };
            self.announce_after(id, &waits, delays).await?;
        }
        Ok(())
    }

    /// Credentials or permission refused: nothing more is tried until a good check or new secrets. If there are new ones
    /// already, those are used instead. `used` marks the credentials that were refused.
    pub(crate) async fn pause_for_credentials(
        &self,
        at: &ConnectionId,
        code: Code,
        message: &Said,
        used: Option<u64>,
    ) -> Result<Instead, PortError> {
        let instead = Box::pin(self.other_credentials(at, used)).await?;
        if instead != Instead::Nothing {
            return Ok(instead);
        }
        let now = self.now();
        let mut paused_as = None;
        self.change_connection(at, |connection| {
            paused_as = None;
            if connection.state != ConnectionState::Active
                && connection.pause.as_ref().is_none_or(|p| p.reason != PauseReason::Outage)
            {
                return false;
            }
            connection.state = ConnectionState::Paused;
            connection.pause = Some(Pause {
                reason: PauseReason::Credentials,
                since: now,
                next_probe: None,
                next_step: code.next_step().to_owned(),
            });
            connection.last_error = Some(LastError::new(now, code, message.clone()));
            paused_as = Some(Box::new(connection.clone()));
            true
        })
        .await?;
        if let Some(connection) = paused_as {
            tracing::warn!(
                event = "connection.paused",
                connection = at.as_str(),
                reason = "credentials",
                code = code.as_str(),
                "paused"
            );
            self.tell_pause(&connection).await?;
        }
        Ok(Instead::Nothing)
    }

    /// Changes a connection by compare-and-set. `change` says whether anything is to be written.
    pub(crate) async fn change_connection(
        &self,
        id: &ConnectionId,
        mut change: impl FnMut(&mut Connection) -> bool,
    ) -> Result<bool, PortError> {
        for _ in 0..RACES_MAX {
            let Some(mut connection) = self.parts.ledger.connection(id).await? else { return Ok(false) };
            let before = connection.version;
            if !change(&mut connection) {
                return Ok(false);
            }
            connection.version = before + 1;
            let written = self.parts.ledger.put_connection(&connection, Some(before)).await?;
            self.forget(id, &connection.tenant);
            if written {
                return Ok(true);
            }
        }
        Err(PortError::Throttled(format!("connection {id} is being changed by many")))
    }

    /// Changes the circuit by compare-and-set; what stays as it is is not written.
    async fn change_circuit(
        &self,
        id: &ConnectionId,
        mut change: impl FnMut(&mut Circuit),
    ) -> Result<Circuit, PortError> {
        for _ in 0..RACES_MAX {
            let before = self.parts.ledger.circuit(id).await?;
            let mut circuit = before.clone();
            change(&mut circuit);
            if circuit == before {
                return Ok(circuit);
            }
            circuit.version += 1;
            if self.parts.ledger.put_circuit(id, &circuit).await? {
                return Ok(circuit);
            }
        }
        Err(PortError::Throttled(format!("the circuit of {id} is being changed by many")))
    }
}
