//! What polling tells about a source, and asking a paused connection directly when nothing waits for it.

use crate::flow::Flow;
use crate::ports::PortError;
use connectors::{Account, Failure, Mode, Session, Stop};
use domain::{Code, ConnectionId, LastError, PauseReason, Said, Step};

impl Flow {
    /// A source answered a poll.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be written.
    pub async fn poll_answered(&self, account: &Account) -> Result<(), PortError> {
        self.answered(account).await
    }

    /// A poll ended early. Refused credentials pause the connection; anything else is shown as its last error. An outage
    /// of the list alone pauses nothing: exports that meet it do.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or written.
    pub async fn poll_stopped(&self, account: &Account, stop: &Stop) -> Result<(), PortError> {
        let id = &account.connection.id;
        let redact = |failure: &Failure| failure.message.cleaned(&self.redactor(&[account]));
        match stop {
            Stop::Credentials(failure) => {
                let used = Some(account.connection.credentials_mark());
                self.pause_for_credentials(id, failure.code, &redact(failure), used).await.map(drop)
            }
            Stop::Fail(failure) => self.note_error(id, failure.code, redact(failure)).await,
            Stop::RateLimited { .. } | Stop::Hold { .. } | Stop::Unmapped { .. } | Stop::Skip { .. } => Ok(()),
            Stop::Ours(message) => Err(PortError::Unavailable(message.clone())),
        }
    }

    /// Asks a connection that is paused for an outage whether it answers; if so it resumes, else the next probe moves.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or written.
    pub async fn probe_reach(&self, id: &ConnectionId) -> Result<(), PortError> {
        let Some(account) = self.account_anew(id).await? else { return Ok(()) };
        let Some(connector) = self.parts.registry.get(&account.connection.connector) else { return Ok(()) };
        let session: Session<'_> = self.session(&account, Mode::Live, Step::Look);
        match connector.reach(&session).await {
            Err(Stop::Fail(failure)) if failure.outage => {}
            Err(Stop::Ours(message)) => return Err(PortError::Unavailable(message)),
            _ => return self.answered(&account).await,
        }
        let mut circuit = self.parts.ledger.circuit(id).await?;
        circuit.probes += 1;
        circuit.version += 1;
        // Lost to another writer, the count is one short: the next probe comes a little earlier.
        self.parts.ledger.put_circuit(id, &circuit).await?;
        let next_probe = self.now().checked_add(self.times.probe(circuit.probes)).ok();
        self.change_connection(id, |connection| match &mut connection.pause {
            Some(pause) if pause.reason == PauseReason::Outage => {
                pause.next_probe = next_probe;
                true
            }
            _ => false,
        })
        .await?;
        Ok(())
    }

    /// Written once per kind of error, not at every poll.
    pub(crate) async fn note_error(&self, id: &ConnectionId, code: Code, message: Said) -> Result<(), PortError> {
        let at = self.now();
        self.change_connection(id, |connection| {
            let known = connection.last_error.as_ref().is_some_and(|e| e.code == code && *e.message == *message);
            if !known {
                connection.last_error = Some(LastError::new(at, code, message.clone()));
            }
            !known
        })
        .await?;
        Ok(())
    }
}
