#![doc = include_str!("README.md")]

mod calls;
mod local;
mod map;
mod quota;
mod spec;
#[cfg(test)]
mod tests;
mod wire;

use crate::contract::{Accounting, Connector, DocumentPage, Hears, ManyDocuments, Pdf};
use crate::session::Session;
use crate::spec::Spec;
use crate::stop::Stop;
use async_trait::async_trait;
use domain::{CheckStep, Document};
use jiff::Timestamp;

/// SuperFaktura.
pub(crate) struct SuperFaktura;

impl Hears for SuperFaktura {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }
}

#[async_trait]
impl Connector for SuperFaktura {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        calls::check(session).await
    }

    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        calls::reach(session).await
    }

    fn accounting(&self) -> Option<&dyn Accounting> {
        Some(self)
    }
}

#[async_trait]
impl Accounting for SuperFaktura {
    async fn read_document(&self, session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop> {
        calls::read_document(session, id).await
    }

    async fn find_document(&self, session: &Session<'_>, number: &str) -> Result<Option<Document>, Stop> {
        calls::find_document(session, number).await
    }

    async fn read_pdf(&self, session: &Session<'_>, document: &Document) -> Result<Pdf, Stop> {
        calls::read_pdf(session, document).await
    }

    async fn changed(
        &self,
        session: &Session<'_>,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<DocumentPage, Stop> {
        calls::changed(session, since, cursor).await
    }

    fn many(&self) -> Option<&dyn ManyDocuments> {
        Some(self)
    }
}

#[async_trait]
impl ManyDocuments for SuperFaktura {
    fn at_once(&self) -> usize {
        calls::DETAILS_MAX
    }

    async fn read_documents(&self, session: &Session<'_>, ids: &[&str]) -> Result<Vec<Document>, Stop> {
        calls::read_documents(session, ids).await
    }
}
