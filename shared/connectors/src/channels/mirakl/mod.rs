#![doc = include_str!("README.md")]

mod calls;
mod documents;
mod map;
mod shows;
mod spec;
#[cfg(test)]
mod tests;
mod tracking;
mod wire;

use crate::contract::{Channel, Connector, Hears, Target, TargetValues};
use crate::session::Session;
use crate::shows::Shows;
use crate::spec::Spec;
use crate::steps::Steps;
use crate::stop::Stop;
use async_trait::async_trait;
use documents::Upload;
use domain::{CheckStep, Code, DocumentKind, Operation, Order, OrderReference, Said, Switch, remark};

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
                Some(message) => steps.failed("document_types", Code::SettingInvalid, message),
                None => {
                    steps.passed("document_types");
                    if session.account.connection.is_on(Switch::SendTracking) {
                        several_shipments(session, &mut steps).await;
                    }
                }
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

    fn shows(&self) -> Option<&dyn Shows> {
        Some(self)
    }

    fn target(&self, operation: Operation) -> Option<&'static dyn Target> {
        match operation {
            Operation::SendInvoice | Operation::SendCreditNote => Some(&Upload),
            Operation::SendTracking => Some(&tracking::SendTracking),
            _ => None,
        }
    }
}

/// Whether several parcels of an order can be told: never a reason not to use the connection.
async fn several_shipments(session: &Session<'_>, steps: &mut Steps) {
    const STEP: &str = "multi_shipment";
    match calls::several_shipments(session).await {
        Ok(Some(false)) => steps.noted(STEP, Some(Code::OneNumberPerOrder), remark::parcels_one_told()),
        Ok(Some(true)) => steps.passed(STEP),
        Ok(None) | Err(_) => steps.noted(STEP, None, remark::parcels_unsaid()),
    }
}

/// Which type code the marketplace does not have, in words.
fn unknown_type(session: &Session<'_>, known: &[wire::DocumentType]) -> Option<Said> {
    let account = session.account;
    // A mapping stands above its setting, whose default may be no type of this marketplace.
    let mappings = &account.connection.mappings;
    let used = [DocumentKind::Invoice, DocumentKind::CreditNote].map(|kind| {
        let setting = documents::type_setting(kind).unwrap_or_default().to_owned();
        let mapped = mappings.document_type(kind).map(|_| format!("mappings.document_types.{}", kind.as_str()));
        (mapped.unwrap_or(setting), documents::type_code(account, mappings, kind))
    });
    used.into_iter().find_map(|(name, code)| {
        let code = code?;
        let codes: Vec<&str> = known.iter().map(|t| t.code.as_str()).collect();
        (!codes.contains(&code.as_str())).then(|| remark::type_unknown(name, &code, codes.join(", ")))
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
