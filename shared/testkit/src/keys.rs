//! Secrets that are not sealed, only tied to their place.

use async_trait::async_trait;
use domain::ConnectionId;
use export_flow::ports::{Keys, PortError};
use secrecy::{ExposeSecret, SecretString};

/// Seals nothing, but opens only what was sealed for the same connection and name. For tests only.
#[derive(Debug, Default)]
pub struct PlainKeys;

impl PlainKeys {
    fn header(connection: &ConnectionId, name: &str) -> String {
        format!("plain:{connection}:{name}:")
    }
}

#[async_trait]
impl Keys for PlainKeys {
    async fn seal(&self, connection: &ConnectionId, name: &str, secret: &SecretString) -> Result<String, PortError> {
        // Backwards, so that a test that looks for secrets in the store does not find what a real store would not hold.
        let turned: String = secret.expose_secret().chars().rev().collect();
        Ok(format!("{}{turned}", Self::header(connection, name)))
    }

    async fn open(&self, connection: &ConnectionId, name: &str, sealed: &str) -> Result<SecretString, PortError> {
        let turned = sealed
            .strip_prefix(&Self::header(connection, name))
            .ok_or_else(|| PortError::Damaged(format!("secret `{name}` of {connection} was not sealed for it")))?;
        Ok(turned.chars().rev().collect::<String>().into())
    }
}

#[cfg(test)]
mod tests {
    crate::keys_tests!(async || (std::sync::Arc::new(super::PlainKeys), ()));
}
