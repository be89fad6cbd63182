//! One token, one tenant: a single machine.

use domain::TenantId;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

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

    /// The tenant of a token; `None` if it is nobody's. Compares in constant time.
    pub(crate) fn tenant(&self, token: &str) -> Option<TenantId> {
        let known = self.token.expose_secret().as_bytes();
        let same = !known.is_empty() && bool::from(known.ct_eq(token.as_bytes()));
        same.then(|| self.tenant.clone())
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
