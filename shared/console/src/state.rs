//! What the handlers work with.

use crate::access::Access;
use async_trait::async_trait;
use domain::Role;
use export_flow::Flow;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Waits; the runtime's, implemented at the edge.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Ends after this time.
    async fn sleep(&self, time: SignedDuration);
}

/// What the person who started the program chose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How people and vendors reach us, without a slash at its end; absent if nobody said.
    pub public_url: Option<String>,
    /// How vendors reach the webhooks of a role that has an address of its own.
    pub webhook_urls: BTreeMap<Role, String>,
    /// Where this process listens, as an address people can open: `http://127.0.0.1:8080`.
    pub local_url: String,
    /// Private, loopback and link-local targets may be called.
    pub allow_private_targets: bool,
}

impl Options {
    /// The address that a role's webhook addresses begin with.
    #[must_use]
    pub fn webhook_base(&self, role: Role) -> &str {
        let told = self.webhook_urls.get(&role).or(self.public_url.as_ref());
        told.unwrap_or(&self.local_url).trim_end_matches('/')
    }

    /// Whether vendors can reach a role's webhooks.
    #[must_use]
    pub fn has_public_webhooks(&self, role: Role) -> bool {
        self.public_url.is_some() || self.webhook_urls.contains_key(&role)
    }
}

/// What the handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct ConsoleState {
    /// The engine.
    pub flow: Arc<Flow>,
    /// How people and programs are let in.
    pub access: Arc<Access>,
    /// What was chosen at start.
    pub options: Arc<Options>,
    /// Waits.
    pub timer: Arc<dyn Timer>,
    /// What the pages of a single machine keep in memory.
    pub pages: Arc<crate::pages::PagesState>,
}

impl ConsoleState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(flow: Arc<Flow>, access: Access, options: Options, timer: Arc<dyn Timer>) -> Self {
        Self { flow, access: Arc::new(access), options: Arc::new(options), timer, pages: Arc::default() }
    }
}
