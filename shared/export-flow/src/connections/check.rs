//! Checking a connection and what follows from the outcome.

use crate::flow::Flow;
use crate::refused::Refused;
use connectors::{Account, Mode, TokenCache};
use domain::{
    Check, CheckStep, Code, Connection, ConnectionState, HoldReason, InWords, Pause, PauseReason, Said, Step, kept,
    remark,
};
use futures_util::future::{Either, select};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::pin::pin;

/// Clocks may differ by so much.
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);
/// A whole check takes at most this long, seconds.
pub const CHECK_SECS_MAX: i64 = 20;

impl Flow {
    /// Checks a connection as written and notes the outcome on it, unless a person has written it anew meanwhile, or its
    /// secrets were exchanged.
    /// `fresh`: it has just been written, so a failed check leaves it `unverified`.
    pub(super) async fn check(
        &self,
        connection: &Connection,
        fresh: bool,
        deadline: impl Future<Output = ()> + Send,
    ) -> Result<Connection, Refused> {
        if super::awaits_consent(self.spec_of(connection)?, connection) {
            // There is nothing yet that could be checked.
            return Ok(connection.clone());
        }
        let account = self.open(connection.clone()).await?;
        let check = self.checked(&account, &self.tokens, true, deadline).await;
        let now = self.now();
        let before = connection.state;
        let checked = self
            .rewrite(connection.clone(), |latest| {
                if latest.credentials_mark() != connection.credentials_mark() {
                    return false;
                }
                latest.check = Some(check.clone());
                apply(latest, &check, fresh, now);
                true
            })
            .await?;
        if checked.state == ConnectionState::Active && (fresh || before != ConnectionState::Active) {
            self.close_circuit(&checked.id).await?;
            // After a write the releases follow from what was written.
            if !fresh {
                self.release_after_check(connection, &checked).await?;
            }
        }
        Ok(checked)
    }

    pub(super) async fn release_after_check(&self, old: &Connection, new: &Connection) -> Result<(), Refused> {
        if old.ever_active {
            self.announce(&new.id, &[HoldReason::ConnectionPaused]).await?;
        } else {
            self.release_after_put(None, new).await?;
        }
        Ok(())
    }

    /// Runs a check and notes nothing. `repair`: a webhook that is missing may be registered.
    pub(super) async fn checked(
        &self,
        account: &Account,
        tokens: &TokenCache,
        repair: bool,
        deadline: impl Future<Output = ()> + Send,
    ) -> Check {
        let steps = self.run_check(account, tokens, repair, deadline).await;
        let ok = !steps.is_empty() && steps.iter().all(|step| step.ok);
        Check { ok, at: self.now(), steps }
    }

    async fn run_check(
        &self,
        account: &Account,
        tokens: &TokenCache,
        repair: bool,
        deadline: impl Future<Output = ()> + Send,
    ) -> Vec<CheckStep> {
        let Some(connector) = self.parts.registry.get(&account.connection.connector) else {
            return vec![failed("connector", Code::UnknownConnector, remark::connector_unknown())];
        };
        let session = self.session_with(account, tokens, Mode::Live, Step::Look);
        let outcome = {
            let check = async {
                let mut steps = connector.check(&session).await;
                if steps.iter().all(|step| step.ok) {
                    steps.extend(session.skew().map(clock_step));
                    steps.extend(self.webhook_step(&session, repair).await);
                }
                steps
            };
            let deadline = pin!(deadline);
            match select(Box::pin(check), deadline).await {
                Either::Left((steps, _)) => Some(steps),
                Either::Right(_) => None,
            }
        };
        let Some(mut steps) = outcome else {
            return vec![failed("reach", Code::Unreachable, remark::check_too_long(CHECK_SECS_MAX))];
        };
        let mut redactor = self.redactor(&[account]);
        redactor.hide(session.private());
        for step in &mut steps {
            let message = step.message.take().map(|text| Said::of_parts(text, step.remark.take()).cleaned(&redactor));
            (step.message, step.remark) = kept(message);
            if let (false, None, Some(code)) = (step.ok, &step.next_step, step.code) {
                step.next_step = Some(code.next_step().to_owned());
            }
        }
        steps
    }
}

/// Whether our clock and the vendor's agree. Where signatures depend on it the vendor has judged already; elsewhere it is
/// no reason not to use the connection.
fn clock_step(skew: SignedDuration) -> CheckStep {
    let differ = skew.abs() > SKEW_MAX;
    let code = differ.then_some(Code::ClockSkew);
    let seconds = skew.abs().as_secs();
    let said = || if skew.is_negative() { remark::clock_behind(seconds) } else { remark::clock_ahead(seconds) };
    let (message, remark) = kept(differ.then(said));
    let next_step = code.map(|code| code.next_step().to_owned());
    CheckStep { name: "clock".to_owned(), ok: true, code, message, remark, next_step }
}

fn failed(name: &str, code: Code, message: Said) -> CheckStep {
    let (message, remark) = kept(Some(message));
    let next_step = Some(code.next_step().to_owned());
    CheckStep { name: name.to_owned(), ok: false, code: Some(code), message, remark, next_step }
}

/// What follows from a check for the connection's state.
pub(super) fn apply(connection: &mut Connection, check: &Check, fresh: bool, now: Timestamp) {
    let by_hand = connection.pause.as_ref().is_some_and(|pause| pause.reason == PauseReason::ByHand);
    if connection.state == ConnectionState::Disabled || (connection.state == ConnectionState::Paused && by_hand) {
        return;
    }
    if check.ok {
        connection.state = ConnectionState::Active;
        connection.ever_active = true;
        connection.pause = None;
        return;
    }
    let refused = check.steps.iter().filter(|step| !step.ok).find_map(|step| step.code).is_some_and(|code| {
        matches!(
            code,
            Code::CredentialsRefused | Code::PermissionMissing | Code::SubscriptionInactive | Code::AccountBlocked
        )
    });
    if fresh {
        connection.state = ConnectionState::Unverified;
        connection.pause = None;
    } else if refused && connection.state == ConnectionState::Active {
        connection.state = ConnectionState::Paused;
        connection.pause = Some(Pause {
            reason: PauseReason::Credentials,
            since: now,
            next_probe: None,
            next_step: PauseReason::Credentials.in_words().next_step.to_owned(),
        });
    }
}
