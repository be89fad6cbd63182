//! What the handlers work with.

use async_trait::async_trait;
use domain::TenantId;
use export_flow::Flow;
use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Says whose a bearer token is.
pub trait Access: Send + Sync {
    /// The tenant of a token; `None` if it is nobody's. Compares in constant time.
    fn tenant(&self, token: &str) -> Option<TenantId>;
}

/// One token, one tenant: a single machine.
pub struct OneToken {
    token: SecretString,
    tenant: TenantId,
}

impl OneToken {
    /// Whoever has this token is this tenant.
    #[must_use]
    pub const fn new(token: SecretString, tenant: TenantId) -> Self {
        Self { token, tenant }
    }
}

impl Access for OneToken {
    fn tenant(&self, token: &str) -> Option<TenantId> {
        let known = self.token.expose_secret().as_bytes();
        let same = !known.is_empty() && bool::from(known.ct_eq(token.as_bytes()));
        same.then(|| self.tenant.clone())
    }
}

/// Waits; the runtime's, implemented at the edge.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Ends after this time.
    async fn sleep(&self, time: SignedDuration);
}

/// What the person who started the program chose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How vendors reach us, without a slash at its end; absent if nobody said.
    pub public_url: Option<String>,
    /// Where this process listens, as an address people can open: `http://127.0.0.1:8080`.
    pub local_url: String,
    /// Private, loopback and link-local targets may be called.
    pub allow_private_targets: bool,
}

impl Options {
    /// The address that webhook addresses begin with.
    #[must_use]
    pub fn webhook_base(&self) -> &str {
        self.public_url.as_deref().unwrap_or(&self.local_url).trim_end_matches('/')
    }
}

/// What the handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct ConsoleState {
    /// The engine.
    pub flow: Arc<Flow>,
    /// Whose a token is.
    pub access: Arc<dyn Access>,
    /// What was chosen at start.
    pub options: Arc<Options>,
    /// Waits.
    pub timer: Arc<dyn Timer>,
    /// What the pages keep in memory.
    pub pages: Arc<crate::pages::PagesState>,
}

impl ConsoleState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(flow: Arc<Flow>, access: Arc<dyn Access>, options: Options, timer: Arc<dyn Timer>) -> Self {
        Self { flow, access, options: Arc::new(options), timer, pages: Arc::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_token_opens() {
        let access = OneToken::new("s3cret".into(), TenantId::local());
        assert_eq!(access.tenant("s3cret"), Some(TenantId::local()));
        for wrong in ["", "s3cre", "s3cret ", "S3CRET"] {
            assert_eq!(access.tenant(wrong), None, "{wrong}");
        }
        assert_eq!(OneToken::new("".into(), TenantId::local()).tenant(""), None);
    }
}
