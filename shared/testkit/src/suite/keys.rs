//! What sealing promises.

use crate::samples::{books, shop};
use export_flow::ports::{Keys, PortError};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// Any text survives, and the sealed form does not show it.
pub async fn a_secret_opens_as_it_was_sealed(keys: Arc<dyn Keys>) {
    for text in ["s3cret-of-the-shop", "", "žluťoučký kůň", &"x".repeat(10_000)] {
        let sealed = keys.seal(&shop(), "token", &SecretString::from(text)).await.unwrap();
        assert!(text.is_empty() || !sealed.contains(text) || text.chars().all(|c| c == 'x'), "{sealed}");
        assert_eq!(keys.open(&shop(), "token", &sealed).await.unwrap().expose_secret(), text);
    }
}

/// Neither another connection nor another name of the same one opens it.
pub async fn a_secret_opens_only_where_it_was_sealed(keys: Arc<dyn Keys>) {
    let sealed = keys.seal(&shop(), "token", &SecretString::from("s3cret")).await.unwrap();
    assert!(matches!(keys.open(&books(), "token", &sealed).await, Err(PortError::Damaged(_))));
    assert!(matches!(keys.open(&shop(), "other", &sealed).await, Err(PortError::Damaged(_))));
}

/// Garbage is an error, never a secret.
pub async fn what_was_not_sealed_does_not_open(keys: Arc<dyn Keys>) {
    let sealed = keys.seal(&shop(), "token", &SecretString::from("s3cret")).await.unwrap();
    let cut: String = sealed.chars().take(5).collect();
    for garbage in ["", "s3cret", "v1:", "v9:AAAA", "v1:!!!!", cut.as_str()] {
        assert!(keys.open(&shop(), "token", garbage).await.is_err(), "{garbage}");
    }
}
