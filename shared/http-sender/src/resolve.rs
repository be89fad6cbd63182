//! Names become addresses here, at the moment of connecting, and only allowed ones leave.

use crate::address::is_public;
use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Looks names up.
#[async_trait]
pub(crate) trait Names: Send + Sync {
    /// The addresses of a host.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
pub(crate) struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Every address of the name is one we may not connect to.
#[derive(Debug, thiserror::Error)]
#[error("every address of the host is private, loopback or link-local")]
pub(crate) struct OnlyPrivate;

/// The resolver that the client connects by: what it lets through is what is connected to, so there is no second
/// look-up that could answer otherwise.
pub(crate) struct Guarded {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) allow_private: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allow_private) = (Arc::clone(&self.names), self.allow_private);
        Box::pin(async move {
            let found = names.addresses(name.as_str()).await?;
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| allow_private || is_public(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if allowed.is_empty() {
                return Err(OnlyPrivate.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::names;

    #[tokio::test]
    async fn a_name_that_changes_its_mind_is_judged_at_every_connection() {
        let names = names(&[&["8.8.8.8", "10.0.0.1", "2606:4700::1111"], &["127.0.0.1", "::1"]]);
        let resolver = Guarded { names, allow_private: false };
        let ask = || resolver.resolve("shop.example".parse().unwrap());
        let first: Vec<String> = ask().await.unwrap().map(|address| address.ip().to_string()).collect();
        assert_eq!(first, ["8.8.8.8", "2606:4700::1111"]);
        assert!(ask().await.err().unwrap().is::<OnlyPrivate>());
    }
}
