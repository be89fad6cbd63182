//! What would go out, without anything going out or being written.

mod compared;
mod masked;
mod standing;
mod story;

pub use compared::Compared;
pub use standing::Standing;
pub use story::{Met, Told};

use super::dry::{DryLedger, DryQueue};
use super::request::{Hand, Requested};
use crate::flow::{Flow, Parts};
use crate::look::{Blamed, Looked, look_key};
use crate::plan::{Plan, Planned};
use crate::refused::Refused;
use crate::run::Carriage;
use connectors::{Account, Stop};
use domain::{Code, ConnectionId, Export, ExportId, HoldReason, InWords, Overrides, Said, SkipReason, TenantId, Word};
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
    pub detail: Option<Said>,
}

/// What a trial found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trial {
    /// Exports that would be made.
    pub exports: Vec<(ExportId, ConnectionId)>,
    /// Writing calls that would be made, secrets masked.
    pub requests: Vec<Value>,
    /// What would keep them from going out.
    pub preflight: Vec<Finding>,
    /// What the targets have already, as they tell it.
    pub already_there: Vec<Value>,
    /// How far it would come, step by step and target by target.
    pub steps: Vec<Told>,
    /// What is compared before it goes, with both values.
    pub compared: Vec<Compared>,
    /// What stands at the order already, whoever put it there.
    pub standing: Vec<Standing>,
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
        let mut trial = Trial::default();
        let (source, hint) = match self.meant(tenant, hand).await {
            // What the source cannot be asked is part of the story.
            Err(Refused::Vendor(code, detail)) => {
                let finding = Finding { target: None, kind: "failure", word: code.in_words(), detail: Some(detail) };
                trial.stops(story::LOOK, finding);
                return Ok(trial);
            }
            Err(Refused::Conflict(detail)) if !self.connection_of(tenant, &hand.source).await?.is_usable() => {
                let word = HoldReason::ConnectionPaused.in_words();
                trial.stops(story::LOOK, Finding { target: None, kind: "hold", word, detail: Some(detail) });
                return Ok(trial);
            }
            meant => meant?,
        };
        let looked = match self.look(&source, &hint).await {
            Ok(looked) => looked,
            Err(blamed) => {
                trial.stops(story::LOOK, self.finding(None, &blamed, &[&source])?);
                return Ok(trial);
            }
        };
        trial.steps.push(Told::fine(story::LOOK, None, story::read(&looked)));
        let overrides = Overrides { target: hand.target.clone(), ..Overrides::default() };
        match self.plan(&source, &looked, &overrides, None).await {
            Ok(plan) => {
                for planned in &plan.exports {
                    self.try_one(&source, &looked, &plan, planned, &mut trial).await?;
                }
            }
            Err(blamed) => {
                let accounts = self.accounts_of(&source, &blamed).await?;
                let accounts: Vec<&Account> = accounts.iter().map(AsRef::as_ref).chain([source.as_ref()]).collect();
                trial.stops(story::PLAN, self.finding(None, &blamed, &accounts)?);
            }
        }
        Ok(trial)
    }

    /// Whoever is to blame besides the source: its secrets stay hidden as well.
    async fn accounts_of(&self, source: &Account, blamed: &Blamed) -> Result<Option<Arc<Account>>, Refused> {
        if blamed.at == source.connection.id {
            return Ok(None);
        }
        Ok(self.account(&blamed.at).await?)
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
        let waits = match &planned.stop {
            Some(stop) => {
                let mut blamed = Blamed::quiet(stop.clone(), target.clone());
                blamed.private.clone_from(&planned.private);
                let finding = self.finding(Some(&target), &blamed, &accounts)?;
                trial.stops(story::PLAN, finding.clone());
                Some(finding)
            }
            None => {
                trial.steps.push(Told::fine(story::PLAN, Some(&target), story::planned(planned)));
                None
            }
        };
        if !planned.target.connection.is_usable() {
            return Ok(());
        }
        let known = self.parts.ledger.export(&id).await?;
        let export = known.unwrap_or_else(|| Export::new(planned.key.clone(), self.now()));
        let carriage = Carriage { export: &export, source, looked, planned, names: &plan.names, view: &plan.view };
        let tried = self.carry_as_trial(&carriage).await;
        let requests: Vec<Value> = tried.requests.iter().map(connectors::Recorded::shown).collect();
        trial.compared.extend(compared::compared(&target, looked, planned, &tried, &requests));
        trial.standing.extend(self.standing(planned, looked).await);
        for shown in requests {
            let mut shown = masked::masked(shown, &accounts);
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("target".to_owned(), json!(target));
            }
            trial.requests.push(shown);
        }
        if let Some(there) = &tried.already_there {
            trial.already_there.push(json!({
                "target": target, "remote_id": there.remote_id, "number": there.number, "proof": there.proof,
            }));
        }
        let stopped = tried.stopped.clone().filter(|stop| planned.stop.as_ref() != Some(stop));
        let stopped = stopped.map(|stop| {
            let mut blamed = Blamed::quiet(stop, target.clone());
            blamed.private.clone_from(&looked.private);
            self.finding(Some(&target), &blamed, &accounts)
        });
        let stopped = stopped.transpose()?;
        trial.steps.extend(story::conversation(&target, &tried, stopped.as_ref(), waits.as_ref()));
        trial.preflight.extend(stopped);
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
        let detail = detail.map(|said| said.cleaned(&redactor));
        Ok(Finding { target: target.cloned(), kind, word, detail })
    }
}

fn skip_word(reason: SkipReason, code: Code) -> Word {
    if reason == SkipReason::NotOurs { code.in_words() } else { reason.in_words() }
}
