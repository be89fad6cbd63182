//! Signed values that any instance can check: what it takes not to keep sessions anywhere.

use data_encoding::BASE64URL_NOPAD;
use ring::hmac::{self, HMAC_SHA256, Key};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Characters of a key at least: as many bits as the signature has.
const KEY_CHARS_MIN: usize = 32;
/// A cookie of ours is much shorter; a longer one is not worth a look.
const SEALED_CHARS_MAX: usize = 4096;

/// What a signature is for, so that none can be passed for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The session's cookie.
    Session,
    /// The cookie of a login under way.
    Login,
    /// The token of a session's forms.
    Form,
    /// The code verifier of a login (PKCE).
    Verifier,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"backhaul.session.v1\0",
            Self::Login => b"backhaul.login.v1\0",
            Self::Form => b"backhaul.form.v1\0",
            Self::Verifier => b"backhaul.verifier.v1\0",
        }
    }
}

/// The key that signs, and the one that may have signed until it was changed.
pub(super) struct Seal {
    current: Key,
    previous: Option<Key>,
}

/// A value that carried a good signature, with the key of it: what is derived from the value stays the same while the
/// value lives, whichever key signs by now.
pub(super) struct Opened<'a, T> {
    pub(super) value: T,
    key: &'a Key,
}

impl Seal {
    /// `None` if a key is too short.
    pub(super) fn new(current: &SecretString, previous: Option<&SecretString>) -> Option<Self> {
        let key = |secret: &SecretString| {
            let text = secret.expose_secret();
            (text.len() >= KEY_CHARS_MIN).then(|| Key::new(HMAC_SHA256, text.as_bytes()))
        };
        let previous = match previous {
            Some(secret) => Some(key(secret)?),
            None => None,
        };
        Some(Self { current: key(current)?, previous })
    }

    /// Signs a value; it stays readable to whoever holds it.
    pub(super) fn close<T: Serialize>(&self, purpose: Purpose, value: &T) -> String {
        let payload = serde_json::to_vec(value).unwrap_or_default();
        let tag = hmac::sign(&self.current, &framed(purpose, &payload));
        format!("{}.{}", BASE64URL_NOPAD.encode(&payload), BASE64URL_NOPAD.encode(tag.as_ref()))
    }

    /// The value, if one of the keys signed it for this purpose. Compares in constant time.
    pub(super) fn open<T: DeserializeOwned>(&self, purpose: Purpose, sealed: &str) -> Option<Opened<'_, T>> {
        if sealed.len() > SEALED_CHARS_MAX {
            return None;
        }
        let (payload, tag) = sealed.split_once('.')?;
        let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        let framed = framed(purpose, &payload);
        let mut keys = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        let key = keys.find(|key| hmac::verify(key, &framed, &tag).is_ok())?;
        Some(Opened { value: serde_json::from_slice(&payload).ok()?, key })
    }

    /// A secret that only we can make of a text, under the key that signs.
    pub(super) fn derive(&self, purpose: Purpose, text: &str) -> String {
        derive(&self.current, purpose, text)
    }
}

impl<T> Opened<'_, T> {
    /// A secret that only we can make of a text, under the key that signed the value.
    pub(super) fn derive(&self, purpose: Purpose, text: &str) -> String {
        derive(self.key, purpose, text)
    }
}

fn derive(key: &Key, purpose: Purpose, text: &str) -> String {
    BASE64URL_NOPAD.encode(hmac::sign(key, &framed(purpose, text.as_bytes())).as_ref())
}

fn framed(purpose: Purpose, payload: &[u8]) -> Vec<u8> {
    [purpose.label(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";

    fn seal(current: &str, previous: Option<&str>) -> Seal {
        Seal::new(&current.into(), previous.map(SecretString::from).as_ref()).unwrap()
    }

    fn read(seal: &Seal, purpose: Purpose, sealed: &str) -> Option<String> {
        seal.open(purpose, sealed).map(|opened| opened.value)
    }

    #[test]
    fn only_what_we_signed_for_this_purpose_is_opened() {
        let ours = seal(OLD, None);
        let sealed = ours.close(Purpose::Session, &"acme");
        assert_eq!(read(&ours, Purpose::Session, &sealed), Some("acme".to_owned()));
        assert_eq!(read(&ours, Purpose::Login, &sealed), None);
        assert_eq!(read(&seal(NEW, None), Purpose::Session, &sealed), None);
        let (payload, tag) = sealed.split_once('.').unwrap();
        let other = BASE64URL_NOPAD.encode(br#""evil""#);
        for bad in [
            format!("{other}.{tag}"),
            format!("{payload}."),
            format!(".{tag}"),
            payload.to_owned(),
            format!("{payload}.{}", tag.get(1..).unwrap()),
            format!("{sealed}="),
            "x".repeat(5000),
            String::new(),
        ] {
            assert_eq!(read(&ours, Purpose::Session, &bad), None, "{bad}");
        }
    }

    #[test]
    fn what_the_previous_key_signed_is_good_and_keeps_its_derived_secrets() {
        let (before, after) = (seal(OLD, None), seal(NEW, Some(OLD)));
        let sealed = before.close(Purpose::Session, &"acme");
        let opened = after.open::<String>(Purpose::Session, &sealed).unwrap();
        assert_eq!(opened.derive(Purpose::Form, "x"), before.derive(Purpose::Form, "x"));
        assert_ne!(after.derive(Purpose::Form, "x"), before.derive(Purpose::Form, "x"));
        assert_ne!(before.derive(Purpose::Form, "x"), before.derive(Purpose::Verifier, "x"));
        assert_eq!(read(&before, Purpose::Session, &after.close(Purpose::Session, &"acme")), None);
    }

    #[test]
    fn short_keys_are_refused() {
        assert!(Seal::new(&"short".into(), None).is_none());
        assert!(Seal::new(&OLD.into(), Some(&"short".into())).is_none());
    }
}
