#![doc = include_str!("README.md")]

mod calls;
mod map;
mod oauth;
mod spec;
mod subscriptions;
#[cfg(test)]
mod tests;
mod webhook;
mod wire;

use crate::contract::{Accounting, Connector, DocumentPage, Hears, Pdf, Subscriptions, Webhook};
use crate::oauth::OAuth;
use crate::session::Session;
use crate::spec::Spec;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{CheckStep, Document};
use jiff::Timestamp;

/// Fakturoid, API v3.
pub(crate) struct Fakturoid;

impl Hears for Fakturoid {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        Some(self)
    }
}

#[async_trait]
impl Connector for Fakturoid {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        calls::check(session).await
    }

    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        calls::reach(session).await
    }

    fn accounting(&self) -> Option<&dyn Accounting> {
        Some(self)
    }

    fn oauth(&self) -> Option<&dyn OAuth> {
        Some(self)
    }

    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        Some(self)
    }
}

#[async_trait]
impl Accounting for Fakturoid {
    async fn read_document(&self, session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop> {
        calls::read_document(session, id).await
    }

    async fn find_document(&self, session: &Session<'_>, number: &str) -> Result<Option<Document>, Stop> {
        calls::find_document(session, number).await
    }

    async fn read_pdf(&self, session: &Session<'_>, document: &Document) -> Result<Pdf, Stop> {
        calls::read_pdf(session, &document.id).await
    }

    async fn changed(
        &self,
        session: &Session<'_>,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<DocumentPage, Stop> {
        calls::changed(session, since, cursor).await
    }
}
