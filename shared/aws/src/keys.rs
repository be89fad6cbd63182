//! Secrets sealed by envelope: KMS makes and guards one data key per connection, the secrets are sealed here with
//! AES-256-GCM under it.
//!
//! `v1:<base64url of the encrypted data key>:<base64url of nonce, ciphertext and tag>`. The data key is bound to its
//! connection by KMS's encryption context, the secret to connection and name besides; so neither opens elsewhere.

use crate::clients::failed;
use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_sdk_kms::error::SdkError;
use aws_sdk_kms::operation::decrypt::DecryptError;
use aws_sdk_kms::types::DataKeySpec;
use aws_smithy_types::Blob;
use connectors::{Clock, Entropy};
use data_encoding::BASE64URL_NOPAD;
use domain::ConnectionId;
use export_flow::ports::{Keys, PortError};
use jiff::{SignedDuration, Timestamp};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const VERSION: &str = "v1";
/// The name under which KMS knows the connection a data key belongs to; AWS's audit trail shows it with every use.
const CONTEXT: &str = "backhaul:connection";
/// A data key is asked for again after this, so that a withdrawn permission counts.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Data keys kept in memory.
const KEPT_MAX: usize = 1000;

/// A data key in the clear; wiped when it goes.
struct DataKey {
    plain: SecretSlice<u8>,
    /// As KMS encrypted it, in base64.
    sealed: String,
    until: Timestamp,
}

impl DataKey {
    fn cipher(&self) -> Result<LessSafeKey, PortError> {
        let key = UnboundKey::new(&AES_256_GCM, self.plain.expose_secret());
        key.map(LessSafeKey::new).map_err(|_| PortError::Damaged("a data key has the wrong length".into()))
    }
}

/// The data keys in memory: the one to seal with by connection, those to open with by what KMS made of them.
#[derive(Default)]
struct Kept {
    to_seal: HashMap<ConnectionId, Arc<DataKey>>,
    to_open: HashMap<(ConnectionId, String), Arc<DataKey>>,
}

impl Kept {
    fn keep(&mut self, connection: &ConnectionId, key: &Arc<DataKey>, now: Timestamp) {
        if self.to_open.len() >= KEPT_MAX {
            self.to_open.retain(|_, key| key.until > now);
        }
        // None has run out: those of all connections but this one go, rather than one more without bound.
        if self.to_open.len() >= KEPT_MAX {
            self.to_open.clear();
            self.to_seal.clear();
        }
        self.to_open.insert((connection.clone(), key.sealed.clone()), key.clone());
    }
}

/// Seals and opens with data keys that KMS guards.
pub struct KmsKeys {
    client: Client,
    /// The KMS key's id or ARN.
    key: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    kept: Mutex<Kept>,
}

impl std::fmt::Debug for KmsKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KmsKeys")
    }
}

impl KmsKeys {
    /// Keys under one KMS key, named by id or ARN.
    #[must_use]
    pub fn new(client: Client, key: impl Into<String>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, key: key.into(), clock, entropy, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn data_key(&self, plain: Option<Blob>, sealed: String, now: Timestamp) -> Result<Arc<DataKey>, PortError> {
        let plain = plain.ok_or_else(|| PortError::Unavailable("keys: an answer without a key".into()))?;
        let until = now.checked_add(KEPT).unwrap_or(now);
        Ok(Arc::new(DataKey { plain: SecretSlice::from(plain.into_inner()), sealed, until }))
    }

    /// The data key that a connection's secrets are sealed with.
    async fn sealing_key(&self, connection: &ConnectionId) -> Result<Arc<DataKey>, PortError> {
        let now = self.clock.now();
        let known = self.kept().to_seal.get(connection).filter(|key| key.until > now).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let made = self
            .client
            .generate_data_key()
            .key_id(&self.key)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT, connection.as_str())
            .send()
            .await
            .map_err(|error| failed("keys", &error))?;
        let sealed =
            made.ciphertext_blob.ok_or_else(|| PortError::Unavailable("keys: an answer without a key".into()))?;
        let key = self.data_key(made.plaintext, BASE64URL_NOPAD.encode(sealed.as_ref()), now)?;
        let mut kept = self.kept();
        kept.keep(connection, &key, now);
        kept.to_seal.insert(connection.clone(), key.clone());
        Ok(key)
    }

    /// The data key that a secret was sealed with.
    async fn opening_key(&self, connection: &ConnectionId, sealed: &str) -> Result<Arc<DataKey>, PortError> {
        let now = self.clock.now();
        let place = (connection.clone(), sealed.to_owned());
        let known = self.kept().to_open.get(&place).filter(|key| key.until > now).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).map_err(|_| damaged(connection, "is not readable"))?;
        let opened = self
            .client
            .decrypt()
            .key_id(&self.key)
            .ciphertext_blob(Blob::new(bytes))
            .encryption_context(CONTEXT, connection.as_str())
            .send()
            .await
            .map_err(|error| refused(connection, &error))?;
        let key = self.data_key(opened.plaintext, sealed.to_owned(), now)?;
        self.kept().keep(connection, &key, now);
        Ok(key)
    }
}

fn damaged(connection: &ConnectionId, why: &str) -> PortError {
    PortError::Damaged(format!("a secret of {connection} {why}"))
}

fn refused<R>(connection: &ConnectionId, error: &SdkError<DecryptError, R>) -> PortError {
    match error.as_service_error() {
        Some(DecryptError::InvalidCiphertextException(_)) => {
            damaged(connection, "was changed, or sealed for another connection")
        }
        Some(DecryptError::IncorrectKeyException(_)) => damaged(connection, "was sealed with another KMS key"),
        _ => failed("keys", error),
    }
}

/// What a sealed secret is tied to; lengths first, so that no two places look alike.
fn place(connection: &ConnectionId, name: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{}:{connection}{}:{name}", connection.as_str().len(), name.len()).into_bytes())
}

#[async_trait]
impl Keys for KmsKeys {
    async fn seal(&self, connection: &ConnectionId, name: &str, secret: &SecretString) -> Result<String, PortError> {
        let key = self.sealing_key(connection).await?;
        let mut nonce = [0; NONCE_LEN];
        for (to, from) in nonce.iter_mut().zip(self.entropy.bytes()) {
            *to = from;
        }
        // In place: the buffer holds only ciphertext when it is given away.
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        key.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place(connection, name), &mut bytes)
            .map_err(|_| PortError::Unavailable("a secret could not be sealed".into()))?;
        let text = BASE64URL_NOPAD.encode(&[nonce.as_slice(), &bytes].concat());
        Ok(format!("{VERSION}:{}:{text}", key.sealed))
    }

    async fn open(&self, connection: &ConnectionId, name: &str, sealed: &str) -> Result<SecretString, PortError> {
        let damaged = |why: &str| PortError::Damaged(format!("secret `{name}` of {connection} {why}"));
        let mut parts = sealed.splitn(3, ':');
        let (Some(VERSION), Some(key), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(damaged("has a form that this program does not know"));
        };
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| damaged("is not readable"))?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(|| damaged("is too short"))?;
        let key = self.opening_key(connection, key).await?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let opened = key
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), place(connection, name), &mut sealed)
            .map_err(|_| damaged("was changed, or sealed for another place"))?;
        let text = std::str::from_utf8(opened).map_err(|_| damaged("is not text"))?;
        Ok(SecretString::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Answer, Endpoint};
    use testkit::{ManualClock, SeededEntropy, samples};

    const MADE: Answer = (
        200,
        r#"{"CiphertextBlob":"c2VhbGVkIGJ5IGttcw==","Plaintext":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=","KeyId":"k"}"#,
    );
    const OPENED: Answer = (200, r#"{"Plaintext":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=","KeyId":"k"}"#);

    fn keys(endpoint: &Endpoint, clock: &Arc<ManualClock>) -> KmsKeys {
        KmsKeys::new(endpoint.clients().kms, "the key", clock.clone(), SeededEntropy::new(1))
    }

    #[tokio::test]
    async fn kms_is_asked_once_an_hour_and_told_which_connection_it_is_for() {
        let endpoint = Endpoint::answering(&[MADE, OPENED, OPENED]).await;
        let clock = ManualClock::at_noon();
        let sealed = keys(&endpoint, &clock).seal(&samples::shop(), "token", &"s3cret".into()).await.unwrap();
        let other = keys(&endpoint, &clock);
        for minutes in [0, 59, 2] {
            clock.advance(SignedDuration::from_mins(minutes));
            let opened = other.open(&samples::shop(), "token", &sealed).await.unwrap();
            assert_eq!(opened.expose_secret(), "s3cret");
        }
        let asked = endpoint.asked();
        let operations: Vec<&str> = asked.iter().map(|(operation, _)| operation.as_str()).collect();
        assert_eq!(operations, ["GenerateDataKey", "Decrypt", "Decrypt"]);
        for (_, call) in &asked {
            assert_eq!(call["KeyId"], "the key");
            assert_eq!(call["EncryptionContext"], serde_json::json!({"backhaul:connection": "shop"}));
        }
        assert!(!format!("{asked:?}").contains("s3cret"), "secrets are sealed here");
    }

    #[tokio::test]
    async fn what_kms_refuses_for_good_is_damaged_and_what_may_pass_is_not() {
        for (code, damaged) in [
            ("InvalidCiphertextException", true),
            ("IncorrectKeyException", true),
            ("AccessDeniedException", false),
            ("DisabledException", false),
        ] {
            let answer = format!(r#"{{"__type":"{code}"}}"#);
            let endpoint = Endpoint::answering(&[MADE, (400, answer.leak())]).await;
            let clock = ManualClock::at_noon();
            let sealed = keys(&endpoint, &clock).seal(&samples::shop(), "token", &"s3cret".into()).await.unwrap();
            let error = keys(&endpoint, &clock).open(&samples::shop(), "token", &sealed).await.unwrap_err();
            assert_eq!(matches!(error, PortError::Damaged(_)), damaged, "{error}");
        }
    }

    fn key(sealed: &str, until: i64) -> Arc<DataKey> {
        let until = Timestamp::from_second(until).unwrap();
        Arc::new(DataKey { plain: SecretSlice::from(vec![7; 32]), sealed: sealed.to_owned(), until })
    }

    #[test]
    fn no_more_data_keys_are_kept_than_allowed() {
        let (mut kept, shop) = (Kept::default(), ConnectionId::new("shop"));
        let now = Timestamp::from_second(100).unwrap();
        for n in 0..KEPT_MAX {
            kept.keep(&shop, &key(&n.to_string(), if n % 2 == 0 { 50 } else { 200 }), now);
        }
        kept.keep(&shop, &key("one more", 200), now);
        assert_eq!(kept.to_open.len(), KEPT_MAX / 2 + 1, "those that have run out go first");
        for n in 0..KEPT_MAX {
            kept.keep(&shop, &key(&format!("again {n}"), 200), now);
        }
        assert!(kept.to_open.len() <= KEPT_MAX);
        assert!(kept.to_open.contains_key(&(shop, format!("again {}", KEPT_MAX - 1))));
    }

    #[test]
    fn a_data_key_of_another_length_is_no_key() {
        let short =
            DataKey { plain: SecretSlice::from(vec![7; 16]), sealed: String::new(), until: Timestamp::UNIX_EPOCH };
        assert!(matches!(short.cipher(), Err(PortError::Damaged(_))));
    }
}
