//! Signed calls by the Standard Webhooks rules: HMAC-SHA256 over id, time and body, in base64.

use super::deliver::Undelivered;
use super::{Letter, WebhookWay};
use crate::flow::Flow;
use crate::ports::PortError;
use connectors::{Hosts, HttpError, Lane, NotConnected, Request};
use data_encoding::BASE64;
use domain::{Code, ConnectionId, TenantId, remark};
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// How a secret begins.
pub(super) const PREFIX: &str = "whsec_";
/// Bytes of a secret, by the rules.
pub(super) const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Bytes of a receiver's answer that are read: nothing in it matters.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The key in a secret of the form `whsec_<base64>`. `None`: it is none.
#[must_use]
pub fn signing_key(secret: &str) -> Option<Vec<u8>> {
    let key = BASE64.decode(secret.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    KEY_BYTES.contains(&key.len()).then_some(key)
}

/// What `webhook-signature` says about a message.
#[must_use]
pub fn sign(key: &[u8], id: &str, at: Timestamp, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let tag = hmac::sign(&key, format!("{id}.{}.{body}", at.as_second()).as_bytes());
    format!("v1,{}", BASE64.encode(tag.as_ref()))
}

/// Under what the secret is sealed. No connection can have such an id.
pub(super) fn sealed_for(tenant: &TenantId) -> ConnectionId {
    ConnectionId::new(format!("notices:{tenant}"))
}

impl Flow {
    pub(super) async fn call_webhook(
        &self,
        tenant: &TenantId,
        to: &WebhookWay,
        letter: &Letter,
    ) -> Result<Result<(), Undelivered>, PortError> {
        let secret: SecretString = self.parts.keys.open(&sealed_for(tenant), "secret", &to.secret.sealed).await?;
        let key = signing_key(secret.expose_secret()).ok_or_else(|| PortError::Damaged("a notice secret".into()))?;
        let url = Url::parse(&to.url).map_err(|error| PortError::Damaged(format!("a notice address: {error}")))?;
        let now = self.now();
        let signature = sign(&key, &letter.id, now, &letter.json);
        let mut request = Request::new(http::Method::POST, url)
            .header(http::HeaderName::from_static("webhook-id"), &letter.id)
            .header(http::HeaderName::from_static("webhook-timestamp"), &now.as_second().to_string())
            .header(http::HeaderName::from_static("webhook-signature"), &signature)
            .body("application/json", letter.json.clone());
        request.answer_bytes_max = Some(ANSWER_BYTES_MAX);
        let lane = Lane {
            tenant: tenant.clone(),
            connection: sealed_for(tenant),
            pace: None,
            hosts: Hosts::BaseUrl(to.url.clone()),
        };
        Ok(match self.parts.http.call(&lane, request, true).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(Undelivered::new(Code::NoticeRefused, remark::receiver_answered(answer.status))),
            // It has taken what it answers at such length.
            Err(HttpError::AnswerTooLarge { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        })
    }
}

fn failed(error: HttpError) -> Undelivered {
    let (code, message) = match error {
        HttpError::NotConnected(NotConnected::AddressRefused | NotConnected::HostRefused, said) => {
            (Code::AddressRefused, said)
        }
        HttpError::NotConnected(NotConnected::Tls, said) => (Code::TlsFailed, said),
        HttpError::NotConnected(NotConnected::Dns | NotConnected::Tcp, said) | HttpError::Broken(said) => {
            (Code::Unreachable, said)
        }
        HttpError::TimedOut => (Code::Unreachable, remark::no_answer()),
        HttpError::AnswerTooLarge { limit } => (Code::NoticeRefused, remark::answer_too_large(limit)),
        HttpError::Paced { until } => (Code::RateLimited, remark::receiver_rests(until)),
    };
    Undelivered::new(code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the specification's own libraries are tested with.
    #[test]
    fn a_signature_is_that_of_the_published_vector() {
        let key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let signed = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for bad in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_not base64!"] {
            assert_eq!(signing_key(bad), None, "{bad}");
        }
        assert!(signing_key(&format!("whsec_{}", BASE64.encode(&[7; 65]))).is_none());
        assert!(signing_key(&format!("whsec_{}", BASE64.encode(&[7; 64]))).is_some());
    }
}
