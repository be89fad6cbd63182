#![doc = include_str!("README.md")]

mod calls;
mod map;
mod spec;
mod states;
#[cfg(test)]
mod tests;
mod wire;

use crate::contract::{Before, Connector, Courier, Hears, ParcelPage, Pdf};
use crate::session::Session;
use crate::spec::{NumberSpec, Spec};
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{CheckStep, Parcel, SourceHint};
use jiff::Timestamp;

/// Packeta.
pub(crate) struct Packeta;

impl Hears for Packeta {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }
}

#[async_trait]
impl Connector for Packeta {
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
impl Courier for Packeta {
    async fn read_parcel(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Option<Parcel>, Stop> {
        self.read_again(session, hint, Before::default()).await
    }

    async fn read_again(
        &self,
        session: &Session<'_>,
        hint: &SourceHint,
        before: Before<'_>,
    ) -> Result<Option<Parcel>, Stop> {
        calls::read_parcel(session, hint, before).await
    }

    fn numbers(&self) -> Option<&'static NumberSpec> {
        Some(&spec::NUMBERS)
    }

    fn parcel_named(&self, text: &str) -> Option<String> {
        map::packet_id(text)
    }

    async fn read_label(&self, session: &Session<'_>, parcel_id: &str) -> Result<Pdf, Stop> {
        calls::read_label(session, parcel_id).await
    }

    async fn changed(&self, _: &Session<'_>, _: Timestamp, _: Option<&str>) -> Result<ParcelPage, Stop> {
        // It has no list (`SourceSpec::lists_changes`).
        Ok(ParcelPage::default())
    }
}
