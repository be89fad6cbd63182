//! One machine, one tenant: a token for who may do everything, and perhaps one for who may look.

use super::by::By;
use domain::{AccessRole, TenantId};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// One machine, one tenant.
pub struct OneToken {
    token: SecretString,
    viewer: Option<SecretString>,
    tenant: TenantId,
}

impl OneToken {
    /// Whoever has this token is this tenant's operator.
    #[must_use]
    pub const fn new(token: SecretString, tenant: TenantId) -> Self {
        Self { token, viewer: None, tenant }
    }

    /// Whoever has that token is a viewer.
    #[must_use]
    pub fn with_viewer(self, token: Option<SecretString>) -> Self {
        Self { viewer: token, ..self }
    }

    /// Whose token it is; `None` if it is nobody's. Compares in constant time.
    pub(crate) fn by(&self, token: &str) -> Option<By> {
        let same = |known: &SecretString| {
            let known = known.expose_secret().as_bytes();
            !known.is_empty() && bool::from(known.ct_eq(token.as_bytes()))
        };
        let viewer = self.viewer.as_ref().filter(|viewer| same(viewer)).map(|_| AccessRole::Viewer);
        // Both are compared, whichever fits; a token that is both opens what the greater one does.
        let role = if same(&self.token) { Some(AccessRole::Operator) } else { viewer };
        role.map(|role| By { tenant: self.tenant.clone(), role, who: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(access: &OneToken, token: &str) -> Option<AccessRole> {
        access.by(token).map(|by| by.role)
    }

    #[test]
    fn only_the_very_token_opens() {
        let access = OneToken::new("s3cret".into(), TenantId::local());
        assert_eq!(role(&access, "s3cret"), Some(AccessRole::Operator));
        assert_eq!(access.by("s3cret").unwrap().tenant, TenantId::local());
        for wrong in ["", "s3cre", "s3cret ", "S3CRET"] {
            assert_eq!(role(&access, wrong), None, "{wrong}");
        }
        assert_eq!(role(&OneToken::new("".into(), TenantId::local()), ""), None);
    }

    #[test]
    fn the_viewers_token_opens_less() {
        let access = OneToken::new("s3cret".into(), TenantId::local()).with_viewer(Some("l00k".into()));
        assert_eq!(role(&access, "l00k"), Some(AccessRole::Viewer));
        assert_eq!(role(&access, "s3cret"), Some(AccessRole::Operator));
        assert_eq!(role(&access, "look"), None);
        let empty = OneToken::new("s3cret".into(), TenantId::local()).with_viewer(Some("".into()));
        assert_eq!(role(&empty, ""), None);
    }
}
