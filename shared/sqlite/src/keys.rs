//! Secrets sealed with one key: AES-256-GCM, a random nonce each, tied to their connection and name.
//!
//! `v1:<key>:<base64url of nonce, ciphertext and tag>`, where `<key>` is eight hexadecimal digits that name the key, so
//! that a wrong key is told from a damaged secret.

use async_trait::async_trait;
use connectors::Entropy;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use domain::ConnectionId;
use export_flow::ports::{Keys, PortError};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{Context, SHA256};
use secrecy::{ExposeSecret, SecretString};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

const VERSION: &str = "v1";
const KEY_BYTES: usize = 32;

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Neither 64 hexadecimal digits nor base64 of 32 bytes. The text is not repeated.
    #[error("a key must be 32 bytes, written as 64 hexadecimal digits or as base64")]
    Form,
    /// The key file cannot be made or read.
    #[error("the key file cannot be used: {0}")]
    File(#[from] std::io::Error),
}

/// Seals and opens with one key that never leaves this process.
pub struct SealedKeys {
    key: LessSafeKey,
    name: String,
    entropy: Arc<dyn Entropy>,
}

impl std::fmt::Debug for SealedKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedKeys({})", self.name)
    }
}

impl SealedKeys {
    /// From 64 hexadecimal digits or base64 of 32 bytes.
    ///
    /// # Errors
    /// [`KeyError::Form`].
    pub fn from_text(text: &SecretString, entropy: Arc<dyn Entropy>) -> Result<Self, KeyError> {
        let text = text.expose_secret().trim().as_bytes();
        let forms = [HEXLOWER_PERMISSIVE, BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD];
        let key = forms.iter().filter_map(|form| form.decode(text).ok()).find(|key| key.len() == KEY_BYTES);
        Self::from_bytes(&key.ok_or(KeyError::Form)?, entropy)
    }

    /// From a key file; made with a new key and mode 0600 if it is absent. Keep it apart from the data directory: whoever
    /// has both has the secrets.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_file(path: &Path, entropy: Arc<dyn Entropy>) -> Result<Self, KeyError> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => make_file(path, entropy.as_ref())?,
            other => other?,
        };
        Self::from_text(&SecretString::from(text), entropy)
    }

    fn from_bytes(key: &[u8], entropy: Arc<dyn Entropy>) -> Result<Self, KeyError> {
        let mut digest = Context::new(&SHA256);
        digest.update(b"the name of a key");
        digest.update(key);
        let name = HEXLOWER.encode(digest.finish().as_ref()).chars().take(8).collect();
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| KeyError::Form)?;
        Ok(Self { key: LessSafeKey::new(key), name, entropy })
    }

    fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        for (to, from) in nonce.iter_mut().zip(self.entropy.bytes()) {
            *to = from;
        }
        nonce
    }
}

fn make_file(path: &Path, entropy: &dyn Entropy) -> Result<String, KeyError> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    if let Some(directory) = directory {
        std::fs::create_dir_all(directory)?;
    }
    let text = HEXLOWER.encode(&[entropy.bytes(), entropy.bytes()].concat());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    // A secret sealed with a key that a power cut takes away is lost: neither the bytes nor the name may go.
    file.sync_all()?;
    #[cfg(unix)]
    std::fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(text)
}

/// What the sealed secret is tied to; lengths first, so that no two places look alike.
fn place(connection: &ConnectionId, name: &str) -> Aad<Vec<u8>> {
    Aad::from(format!("{}:{connection}{}:{name}", connection.as_str().len(), name.len()).into_bytes())
}

#[async_trait]
impl Keys for SealedKeys {
    async fn seal(&self, connection: &ConnectionId, name: &str, secret: &SecretString) -> Result<String, PortError> {
        let nonce = self.nonce();
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place(connection, name), &mut bytes)
            .map_err(|_| PortError::Unavailable("a secret could not be sealed".into()))?;
        let sealed = [nonce.as_slice(), &bytes].concat();
        Ok(format!("{VERSION}:{}:{}", self.name, BASE64URL_NOPAD.encode(&sealed)))
    }

    async fn open(&self, connection: &ConnectionId, name: &str, sealed: &str) -> Result<SecretString, PortError> {
        let damaged = |why: &str| PortError::Damaged(format!("secret `{name}` of {connection} {why}"));
        let mut parts = sealed.splitn(3, ':');
        let (Some(VERSION), Some(key), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(damaged("has a form that this program does not know"));
        };
        if key != self.name {
            return Err(damaged(&format!("was sealed with another key ({key}); this process has {}", self.name)));
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| damaged("is not readable"))?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(|| damaged("is too short"))?;
        let mut sealed = sealed.to_vec();
        let opened = self
            .key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), place(connection, name), &mut sealed)
            .map_err(|_| damaged("was changed, or sealed for another place"))?;
        let text = std::str::from_utf8(opened).map_err(|_| damaged("is not text"))?;
        Ok(SecretString::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{SeededEntropy, samples};

    fn keys(text: &str) -> Result<SealedKeys, KeyError> {
        SealedKeys::from_text(&SecretString::from(text), SeededEntropy::new(1))
    }

    testkit::keys_tests!(async || (Arc::new(keys(&"5a".repeat(32)).unwrap()), ()));

    #[test]
    fn a_key_is_hexadecimal_or_base64_of_32_bytes_and_nothing_else() {
        let bytes = [0x5a_u8; 32];
        for text in [
            "5a".repeat(32),
            "5A".repeat(32),
            BASE64.encode(&bytes),
            BASE64URL_NOPAD.encode(&bytes),
            format!("{}\n", BASE64.encode(&bytes)),
        ] {
            assert_eq!(keys(&text).unwrap().name, keys(&"5a".repeat(32)).unwrap().name, "{text}");
        }
        for text in ["", "5a", &"5a".repeat(31), &"5a".repeat(33), &"zz".repeat(32), &BASE64.encode(&[1; 33])] {
            let error = keys(text).unwrap_err();
            assert!(matches!(error, KeyError::Form) && (text.is_empty() || !error.to_string().contains(text)));
        }
    }

    #[tokio::test]
    async fn another_key_is_named_as_the_reason() {
        let secret = SecretString::from("s3cret");
        let sealed = keys(&"5a".repeat(32)).unwrap().seal(&samples::shop(), "token", &secret).await.unwrap();
        let error = keys(&"5b".repeat(32)).unwrap().open(&samples::shop(), "token", &sealed).await.unwrap_err();
        assert!(error.to_string().contains("another key"), "{error}");
    }

    #[tokio::test]
    async fn the_same_secret_is_sealed_differently_each_time_and_every_change_is_noticed() {
        let (keys, secret) = (keys(&"5a".repeat(32)).unwrap(), SecretString::from("s3cret"));
        let sealed = keys.seal(&samples::shop(), "token", &secret).await.unwrap();
        assert_ne!(sealed, keys.seal(&samples::shop(), "token", &secret).await.unwrap());
        let (head, text) = sealed.rsplit_once(':').unwrap();
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            let changed = format!("{head}:{}", BASE64URL_NOPAD.encode(&changed));
            assert!(keys.open(&samples::shop(), "token", &changed).await.is_err(), "byte {index}");
        }
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys/key");
        let first = SealedKeys::from_file(&path, SeededEntropy::new(1)).unwrap();
        let again = SealedKeys::from_file(&path, SeededEntropy::new(2)).unwrap();
        assert_eq!(first.name, again.name);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&path).unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "not a key").unwrap();
        assert!(matches!(SealedKeys::from_file(&path, SeededEntropy::new(1)), Err(KeyError::Form)));
    }
}
