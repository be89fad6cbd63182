//! Who asks.

use data_encoding::HEXLOWER;
use domain::{AccessRole, TenantId};
use export_flow::audit::Actor;
use ring::digest::{SHA256, digest};

/// Who acts where nobody says who it is: whoever has a session of the pages.
pub(crate) const SESSION: &str = "console session";
/// Whoever has the token.
pub(crate) const TOKEN: &str = "token";
/// Whoever has the viewer's token.
pub(crate) const VIEWER_TOKEN: &str = "viewer token";

/// Which door somebody came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// With a token.
    Token,
    /// With a session of the pages.
    Session,
}

/// Who asks: for which tenant, with which role, and under which name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct By {
    /// Whose everything is.
    pub(crate) tenant: TenantId,
    /// What they may do.
    pub(crate) role: AccessRole,
    /// As the identity provider names them: an id. Nobody says so on one machine.
    pub(crate) who: Option<String>,
}

impl By {
    /// As the trail of what was done names them. Some issuers make the subject of an e-mail address: it becomes a name that
    /// is always the same and tells no address.
    pub(crate) fn actor(&self, door: Door) -> Actor {
        let who = match (&self.who, door, self.role) {
            (Some(who), _, _) if who.contains('@') => {
                let hash = HEXLOWER.encode(digest(&SHA256, who.as_bytes()).as_ref());
                format!("subject-{}", hash.get(..16).unwrap_or_default())
            }
            (Some(who), _, _) => who.clone(),
            (None, Door::Session, _) => SESSION.to_owned(),
            (None, Door::Token, AccessRole::Operator) => TOKEN.to_owned(),
            (None, Door::Token, AccessRole::Viewer) => VIEWER_TOKEN.to_owned(),
        };
        Actor { tenant: self.tenant.clone(), who, role: self.role }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(who: Option<&str>, door: Door) -> String {
        let by = By { tenant: TenantId::local(), role: AccessRole::Operator, who: who.map(str::to_owned) };
        by.actor(door).who
    }

    #[test]
    fn people_are_named_by_their_subject_or_their_door_and_never_by_an_address() {
        assert_eq!((by(None, Door::Token), by(None, Door::Session)), ("token".into(), "console session".into()));
        assert_eq!(by(Some("user-0007"), Door::Session), "user-0007");
        let hidden = by(Some("jana@example.com"), Door::Token);
        assert!(hidden.starts_with("subject-") && !hidden.contains("jana"), "{hidden}");
        assert_eq!(by(Some("jana@example.com"), Door::Session), hidden);
        assert_ne!(by(Some("hank@example.com"), Door::Session), hidden);
    }
}
