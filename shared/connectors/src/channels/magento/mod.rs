#![doc = include_str!("README.md")]

mod calls;
mod credit_note;
#[cfg(test)]
mod credit_note_tests;
mod invoice;
mod map;
#[cfg(test)]
mod map_tests;
mod memo;
mod memo_sum;
#[cfg(test)]
mod memo_tests;
mod oauth;
mod refund;
#[cfg(test)]
mod refund_tests;
mod shows;
mod spec;
#[cfg(test)]
mod tests;
mod tracking;
mod wire;

use crate::account::Account;
use crate::channels::setting;
use crate::contract::{Channel, Connector, Hears, Noted, OrderTexts, Target, TargetValues};
use crate::session::Session;
use crate::shows::Shows;
use crate::spec::Spec;
use crate::steps::{Steps, reached};
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{CheckStep, Code, Operation, Order, OrderReference, Switch, remark};

/// What people call it.
const VENDOR: &str = "Magento";

/// Magento 2.
pub(crate) struct Magento;

impl Hears for Magento {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }
}

#[async_trait]
impl Connector for Magento {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        let mut steps = Steps::default();
        let configs = calls::store_configs(session).await;
        if let Err(stop) = reached(configs.clone()) {
            steps.stopped("reach", &stop);
            return steps.into_steps();
        }
        steps.passed("reach");
        if let Some(missing) = missing_key(session.account) {
            steps.failed("credentials", Code::SettingInvalid, remark::key_missing(missing));
            return steps.into_steps();
        }
        match configs.and_then(|answer| stores(&answer)) {
            Ok(()) => steps.passed("credentials"),
            Err(stop) => {
                steps.stopped("credentials", &stop);
                return steps.into_steps();
            }
        }
        let memos = session.account.connection.is_on(Switch::SendRefund).then_some("creditmemos");
        for list in ["orders", "invoices", "shipments"].into_iter().chain(memos) {
            match calls::may_read(session, list).await {
                Ok(()) => steps.passed(list),
                Err(stop) => {
                    steps.stopped(list, &stop);
                    break;
                }
            }
        }
        steps.into_steps()
    }

    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        reached(calls::store_configs(session).await)
    }

    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }

    fn shows(&self) -> Option<&dyn Shows> {
        Some(self)
    }

    fn target(&self, operation: Operation) -> Option<&'static dyn Target> {
        match operation {
            Operation::SendInvoice => Some(&invoice::SendInvoice),
            Operation::SendCreditNote => Some(&credit_note::SendCreditNote),
            Operation::RefundOrder => Some(&refund::RefundOrder),
            Operation::SendTracking => Some(&tracking::SendTracking),
            _ => None,
        }
    }
}

/// Which part of an OAuth key is not there.
fn missing_key(account: &Account) -> Option<&'static str> {
    if setting(account, "auth").as_deref() == Some("bearer") {
        return None;
    }
    if setting(account, "consumer_key").is_none() {
        return Some("consumer_key");
    }
    ["consumer_secret", "access_token_secret"].into_iter().find(|name| account.secrets.get(name).is_empty())
}

/// A list of stores is what tells Magento from something else.
fn stores(answer: &crate::http::Answer) -> Result<(), Stop> {
    if answer.status != 200 {
        return Err(calls::refused(answer));
    }
    let stores: Vec<serde_json::Map<String, serde_json::Value>> = answer.json()?;
    if stores.iter().any(|store| store.contains_key("code")) {
        Ok(())
    } else {
        Err(Stop::fail(Code::VendorNonsense, Some(200), remark::stores_missing()))
    }
}

#[async_trait]
impl Noted for Magento {
    async fn order_texts(&self, session: &Session<'_>, order: &Order) -> Result<Option<OrderTexts>, Stop> {
        calls::order_texts(session, order).await
    }
}

#[async_trait]
impl Channel for Magento {
    fn noted(&self) -> Option<&dyn Noted> {
        Some(self)
    }

    async fn find_order(&self, session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
        calls::find_order(session, reference).await
    }

    async fn target_values(&self, _session: &Session<'_>) -> Result<TargetValues, Stop> {
        let carriers = map::CARRIERS.iter().map(|(code, label)| ((*code).to_owned(), (*label).to_owned())).collect();
        Ok(TargetValues { carriers, document_types: vec![] })
    }
}
