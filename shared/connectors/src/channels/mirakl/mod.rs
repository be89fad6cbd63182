#![doc = include_str!("README.md")]

mod calls;
mod documents;
mod map;
mod spec;
#[cfg(test)]
mod tests;
mod tracking;
mod wire;

use crate::channels::setting;
use crate::contract::{Channel, Connector, Hears, Target, TargetValues};
use crate::session::Session;
use crate::spec::Spec;
use crate::steps::Steps;
use crate::stop::Stop;
use async_trait::async_trait;
use documents::Upload;
use domain::{CheckStep, Code, Operation, Order, OrderReference};

/// Mirakl, seller side.
pub(crate) struct Mirakl;

impl Hears for Mirakl {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }
}

#[async_trait]
impl Connector for Mirakl {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        let mut steps = Steps::default();
        if let Err(stop) = calls::reach(session).await {
            steps.stopped("reach", &stop);
            return steps.into_steps();
        }
        steps.passed("reach");
        match calls::reasons(session).await {
            Ok(_) => steps.passed("credentials"),
            Err(stop) => {
                steps.stopped("credentials", &stop);
                return steps.into_steps();
            }
        }
        match calls::document_types(session).await {
            Err(stop) => steps.stopped("document_types", &stop),
            Ok(known) => match unknown_type(session, &known) {
                None => steps.passed("document_types"),
                Some(message) => steps.failed("document_types", Code::SettingInvalid, message),
            },
        }
        steps.into_steps()
    }

    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        calls::reach(session).await
    }

    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }

    fn target(&self, operation: Operation) -> Option<&'static dyn Target> {
        match operation {
            Operation::SendInvoice => Some(&Upload { type_setting: "invoice_type_code" }),
            Operation::SendCreditNote => Some(&Upload { type_setting: "credit_note_type_code" }),
            Operation::SendTracking => Some(&tracking::SendTracking),
            _ => None,
        }
    }
}

/// Which type code the marketplace does not have, in words.
fn unknown_type(session: &Session<'_>, known: &[wire::DocumentType]) -> Option<String> {
    ["invoice_type_code", "credit_note_type_code"].into_iter().find_map(|name| {
        let code = setting(session.account, name)?;
        let codes: Vec<&str> = known.iter().map(|t| t.code.as_str()).collect();
        (!codes.contains(&code.as_str()))
            .then(|| format!("{name} is {code}, but the marketplace has only: {}", codes.join(", ")))
    })
}

#[async_trait]
impl Channel for Mirakl {
    async fn find_order(&self, session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
        calls::find_order(session, reference).await
    }

    async fn target_values(&self, session: &Session<'_>) -> Result<TargetValues, Stop> {
        calls::target_values(session).await
    }
}
