//! What a token says about whoever holds it.

use domain::{AccessRole, TenantId};
use serde_json::{Map, Value};
use std::fmt;

const TENANT_CHARS_MAX: usize = 64;
/// As many as the standard allows a subject (`OpenID` Connect Core 1.0, section 2).
const SUBJECT_CHARS_MAX: usize = 255;

/// Claims that have been verified: by the gateway, which alone may put them into a request's extensions, or by us.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Takes claims that have been verified.
    #[must_use]
    pub const fn new(verified: Map<String, Value>) -> Self {
        Self(verified)
    }

    /// One of them.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// One of them as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Who holds the token, as the issuer names them: an id, no name that people use.
    pub(crate) fn subject(&self) -> Option<String> {
        self.text("sub").filter(|id| (1..=SUBJECT_CHARS_MAX).contains(&id.chars().count())).map(str::to_owned)
    }

    /// What a claim of groups says that whoever holds the token may do. Nothing said is the least.
    pub(crate) fn role(&self, claim: &str) -> AccessRole {
        let group = |text: &str| AccessRole::from_word(text).unwrap_or_default();
        let most = match self.get(claim) {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(group).max(),
            // The gateway's authorizer writes a list as one text: `[operator other]`.
            Some(Value::String(text)) => {
                let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
                bare.split([' ', ',']).map(group).max()
            }
            _ => None,
        };
        most.unwrap_or_default()
    }

    /// The tenant that a claim names. Its characters are limited, since it becomes a part of keys.
    pub(crate) fn tenant(&self, claim: &str) -> Option<TenantId> {
        let name = self.text(claim)?;
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        (plain && (1..=TENANT_CHARS_MAX).contains(&name.len())).then(|| TenantId::new(name))
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Claims {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(verified: I) -> Self {
        Self(verified.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Claims {
    /// Claims name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} claims", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_a_plain_name_or_there_is_none() {
        let tenant = |value: Value| Claims::from_iter([("custom:tenant", value)]).tenant("custom:tenant");
        assert_eq!(tenant("acme_1.x-y".into()), Some(TenantId::new("acme_1.x-y")));
        for bad in ["", " ", "a b", "a#b", "a/b", "a|b", "ä", &"x".repeat(65)] {
            assert_eq!(tenant(bad.into()), None, "{bad}");
        }
        assert_eq!((tenant(7.into()), tenant(Value::Null), tenant(vec!["a"].into())), (None, None, None));
        assert_eq!(Claims::default().tenant("custom:tenant"), None);
    }

    #[test]
    fn only_the_group_of_operators_makes_an_operator() {
        let role = |value: Value| Claims::from_iter([("cognito:groups", value)]).role("cognito:groups");
        for operator in [
            Value::from(vec!["operator"]),
            vec!["viewer", "operator"].into(),
            "operator".into(),
            "[operator]".into(),
            "[viewer operator]".into(),
            "viewer,operator".into(),
        ] {
            assert_eq!(role(operator.clone()), AccessRole::Operator, "{operator}");
        }
        for viewer in [
            Value::Null,
            vec!["viewer"].into(),
            Vec::<&str>::new().into(),
            "".into(),
            "[]".into(),
            "operators".into(),
            "[an-operator Operator]".into(),
            true.into(),
            serde_json::json!({"operator": true}),
            serde_json::json!([["operator"]]),
        ] {
            assert_eq!(role(viewer.clone()), AccessRole::Viewer, "{viewer}");
        }
        assert_eq!(Claims::default().role("cognito:groups"), AccessRole::Viewer);
    }

    #[test]
    fn claims_are_not_shown() {
        let claims = Claims::from_iter([("email", "jana@example.com")]);
        assert_eq!(format!("{claims:?}"), "1 claims");
    }
}
