#![doc = include_str!("README.md")]

mod calls;
mod map;
mod spec;
mod states;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use crate::contract::{Connector, Courier, Hears, ParcelPage, Pdf, Webhook};
use crate::session::Session;
use crate::spec::Spec;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{CheckStep, Parcel, SourceHint};
use jiff::Timestamp;

/// Sendcloud.
pub(crate) struct Sendcloud;

impl Hears for Sendcloud {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        Some(self)
    }
}

#[async_trait]
impl Connector for Sendcloud {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        calls::check(session).await
    }

    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        calls::reach(session).await
    }

    fn courier(&self) -> Option<&dyn Courier> {
        Some(self)
    }
}

#[async_trait]
impl Courier for Sendcloud {
    async fn read_parcel(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Option<Parcel>, Stop> {
        calls::read_parcel(session, hint).await
    }

    async fn read_label(&self, session: &Session<'_>, parcel_id: &str) -> Result<Pdf, Stop> {
        calls::read_label(session, parcel_id).await
    }

    async fn changed(&self, session: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<ParcelPage, Stop> {
        calls::changed(session, since, cursor).await
    }
}
