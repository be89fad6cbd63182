//! What would go out, without anything going out or being written.

use super::dry::{DryLedger, DryQueue};
use super::request::{Hand, Requested};
use crate::flow::{Flow, Parts};
use crate::look::{Blamed, Looked, look_key};
use crate::plan::{Plan, Planned};
use crate::refused::Refused;
use crate::run::{Carriage, Tried};
use connectors::{Account, Stop};
use domain::{Code, ConnectionId, Export, ExportId, HoldReason, InWords, Overrides, SkipReason, TenantId, Word};
use serde_json::{Value, json};
use std::sync::Arc;

/// Something that would keep it from going out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where; absent for the look at the source.
    pub target: Option<ConnectionId>,
    /// `hold`, `skip` or `failure`.
    pub kind: &'static str,
    /// The reason or code, in words.
    pub word: Word,
    /// What is known, redacted.
    pub detail: Option<String>,
}

/// What a trial found.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Exports that would be made.
    pub exports: Vec<(ExportId, ConnectionId)>,
    /// Writing calls that would be made, secrets masked.
    pub requests: Vec<Value>,
    /// What would keep them from going out.
    pub preflight: Vec<Finding>,
    /// What the targets have already, as they tell it.
    pub already_there: Vec<Value>,
}

impl Flow {
    /// Tries what a person asks for. Reads the source and the target; writes nothing anywhere.
    ///
    /// # Errors
    /// As [`Flow::request`].
    pub async fn trial(&self, tenant: &TenantId, hand: &Hand) -> Result<Trial, Refused> {
        self.dry().try_out(tenant, hand).await
    }

    /// The exports that a request will become once a worker meets it; not yet on record. The look, if it cannot be said.
    ///
    /// # Errors
    /// [`Refused::Ours`].
    pub async fn foreseen(&self, requested: &Requested) -> Result<Vec<Export>, Refused> {
        let dry = self.dry();
        let Some(source) = dry.account(&requested.source).await? else {
            return Err(Refused::Unknown(Code::UnknownConnection));
        };
        let overrides = Overrides { target: requested.target.clone(), ..Overrides::default() };
        let planned = match dry.look(&source, &requested.hint).await {
            Ok(looked) => dry.plan(&source, &looked, &overrides, None).await.ok(),
            Err(_) => None,
        };
        let keys = planned.map(|plan| plan.exports.into_iter().map(|planned| planned.key).collect::<Vec<_>>());
        let keys = keys.filter(|keys| !keys.is_empty()).unwrap_or_else(|| vec![look_key(&source, &requested.hint)]);
        let mut exports = vec![];
        for key in keys {
            let known = self.parts.ledger.export(&key.id()).await?;
            exports.push(known.unwrap_or_else(|| Export::new(key, self.now())));
        }
        Ok(exports)
    }

    /// The same engine on a ledger and a queue that write nothing.
    pub(crate) fn dry(&self) -> Self {
        let parts = Parts {
            ledger: Arc::new(DryLedger(self.parts.ledger.clone())),
            queue: Arc::new(DryQueue),
            ..self.parts.clone()
        };
        Self::new(parts, self.times.clone())
    }

    async fn try_out(&self, tenant: &TenantId, hand: &Hand) -> Result<Trial, Refused> {
        let (source, hint) = self.meant(tenant, hand).await?;
        let mut trial = Trial { exports: vec![], requests: vec![], preflight: vec![], already_there: vec![] };
        let looked = match self.look(&source, &hint).await {
            Ok(looked) => looked,
            Err(blamed) => {
                let finding = self.finding(None, &blamed, &[&source])?;
                trial.preflight.push(finding);
                return Ok(trial);
            }
        };
        let overrides = Overrides { target: hand.target.clone(), ..Overrides::default() };
        match self.plan(&source, &looked, &overrides, None).await {
            Ok(plan) => {
                for planned in &plan.exports {
                    self.try_one(&source, &looked, &plan, planned, &mut trial).await?;
                }
            }
            Err(blamed) => trial.preflight.push(self.finding(None, &blamed, &[&source])?),
        }
        Ok(trial)
    }

    async fn try_one(
        &self,
        source: &Account,
        looked: &Looked,
        plan: &Plan,
        planned: &Planned,
        trial: &mut Trial,
    ) -> Result<(), Refused> {
        let target = planned.target.connection.id.clone();
        let id = planned.key.id();
        trial.exports.push((id.clone(), target.clone()));
        let accounts = [source, planned.target.as_ref()];
        if let Some(stop) = &planned.stop {
            let blamed = Blamed::quiet(stop.clone(), target.clone());
            trial.preflight.push(self.finding(Some(&target), &blamed, &accounts)?);
        }
        if !planned.target.connection.is_usable() {
            return Ok(());
        }
        let known = self.parts.ledger.export(&id).await?;
        let export = known.unwrap_or_else(|| Export::new(planned.key.clone(), self.now()));
        let carriage = Carriage { export: &export, source, looked, planned, names: &plan.names, view: &plan.view };
        let tried: Tried = self.carry_as_trial(&carriage).await;
        for recorded in &tried.requests {
            trial.requests.push(masked(recorded.shown(), &accounts));
        }
        if let Some(there) = tried.already_there {
            trial.already_there.push(json!({
                "target": target, "remote_id": there.remote_id, "number": there.number, "proof": there.proof,
            }));
        }
        if let Some(stop) = tried.stopped.filter(|stop| planned.stop.as_ref() != Some(stop)) {
            let mut blamed = Blamed::quiet(stop, target.clone());
            blamed.private.clone_from(&looked.private);
            trial.preflight.push(self.finding(Some(&target), &blamed, &accounts)?);
        }
        Ok(())
    }

    fn finding(
        &self,
        target: Option<&ConnectionId>,
        blamed: &Blamed,
        accounts: &[&Account],
    ) -> Result<Finding, Refused> {
        let mut redactor = self.redactor(accounts);
        redactor.hide(blamed.private.iter().cloned());
        let (kind, word, detail) = match &blamed.stop {
            Stop::Hold { reason, detail, .. } => ("hold", reason.in_words(), detail.clone()),
            Stop::Unmapped { detail, .. } => ("hold", HoldReason::MappingMissing.in_words(), Some(detail.clone())),
            Stop::Skip { reason, code, detail } => ("skip", skip_word(*reason, *code), detail.clone()),
            Stop::Fail(failure) | Stop::Credentials(failure) => {
                ("failure", failure.code.in_words(), Some(failure.message.clone()))
            }
            Stop::RateLimited { message, .. } => ("hold", HoldReason::RateLimited.in_words(), Some(message.clone())),
            Stop::Ours(message) => {
                return Err(Refused::Ours(crate::ports::PortError::Unavailable(message.clone())));
            }
        };
        let detail = detail.map(|text| redactor.clean(&text));
        Ok(Finding { target: target.cloned(), kind, word, detail })
    }
}

fn skip_word(reason: SkipReason, code: Code) -> Word {
    if reason == SkipReason::NotOurs { code.in_words() } else { reason.in_words() }
}

/// A request as shown, with every secret of these accounts taken out wherever a vendor wants it written.
fn masked(value: Value, accounts: &[&Account]) -> Value {
    let secrets: Vec<String> =
        accounts.iter().flat_map(|account| account.secrets.values()).filter(|secret| secret.len() >= 3).collect();
    mask(value, &secrets)
}

fn mask(value: Value, secrets: &[String]) -> Value {
    match value {
        Value::String(text) => {
            Value::String(secrets.iter().fold(text, |text, secret| text.replace(secret.as_str(), "***")))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| mask(item, secrets)).collect()),
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(name, item)| (name, mask(item, secrets))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_wherever_it_is_written() {
        let shown = json!({"url": "https://x.example/?key=s3cret", "body": {"deep": ["s3cret", 1, "fine"]}});
        let masked = mask(shown, &["s3cret".to_owned()]);
        assert_eq!(masked, json!({"url": "https://x.example/?key=***", "body": {"deep": ["***", 1, "fine"]}}));
    }
}
