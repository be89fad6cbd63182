//! OAuth 1.0a with HMAC-SHA256 (RFC 5849), verified as a server does: signature, clock, nonce.

use std::collections::{BTreeMap, HashSet};

use data_encoding::BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use ring::hmac;
use serde_json::{Value, json};

use super::refuse;
use crate::clock::Millis;
use crate::http::{Answer, Call};
use crate::world::Keys;

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How far a timestamp may be off, seconds. The vendor refuses the future; refusing the far past too is the unkind
/// reading.
const SLACK: i64 = 600;

/// The integration's credentials and the nonces it has used.
pub(super) struct Consumer {
    pub(super) key: String,
    secret: String,
    token: String,
    token_secret: String,
    nonces: HashSet<(i64, String)>,
    pruned: i64,
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn parse(header: &str) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for field in header.split(',') {
        let (name, value) = field.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        // A field given twice is refused by the RFC.
        if fields.insert(decode(name)?, decode(value)?).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Method, address and sorted parameters, each encoded (RFC 5849, 3.4.1).
fn base_string(call: &Call, fields: &BTreeMap<String, String>) -> String {
    let of_header = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "realm" | "oauth_signature"));
    let mut pairs: Vec<(String, String)> = of_header.map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.extend(call.query.iter().map(|(name, value)| (encode(name), encode(value))));
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = call.header("host").unwrap_or("localhost").to_ascii_lowercase();
    let host = host.strip_suffix(":80").unwrap_or(&host);
    let address = format!("http://{host}{}", call.full_path);
    format!("{}&{}&{}", call.method.to_ascii_uppercase(), encode(&address), encode(&pairs.join("&")))
}

impl Consumer {
    pub(super) fn new(keys: &Keys<'_>) -> Self {
        let short = |field: &str| keys.secret(field).chars().take(32).collect::<String>();
        Self {
            key: short("consumer_key"),
            secret: short("consumer_secret"),
            token: short("access_token"),
            token_secret: short("access_token_secret"),
            nonces: HashSet::new(),
            pruned: 0,
        }
    }

    pub(super) fn secrets(&self) -> Value {
        json!({"consumer_secret": self.secret, "access_token": self.token, "access_token_secret": self.token_secret})
    }

    pub(super) fn is_token(&self, token: &str) -> bool {
        token == self.token
    }

    pub(super) fn verify(&mut self, header: &str, call: &Call, now: Millis) -> Result<(), Answer> {
        let fields = parse(header).ok_or_else(|| refuse(400, "The authorization header cannot be read.", None))?;
        let field = |name: &str| {
            let missing =
                || refuse(400, "oauth_problem=parameter_absent&oauth_parameters_absent=%1", Some(json!([name])));
            fields.get(name).cloned().ok_or_else(missing)
        };
        let timestamp = field("oauth_timestamp")?;
        let nonce = field("oauth_nonce")?;
        let signature = field("oauth_signature")?;
        if field("oauth_signature_method")? != "HMAC-SHA256" {
            return Err(refuse(400, "Signature method %1 is not supported", Some(json!(["other than HMAC-SHA256"]))));
        }
        if fields.get("oauth_version").is_some_and(|version| version != "1.0") {
            return Err(refuse(400, "The \"%1\" Oauth version isn't supported.", Some(json!(["other than 1.0"]))));
        }
        if field("oauth_consumer_key")? != self.key {
            return Err(refuse(401, "A consumer with the key doesn't exist. Verify the key and try again.", None));
        }
        if field("oauth_token")? != self.token {
            return Err(refuse(401, "The token isn't valid. Verify and try again.", None));
        }
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            format!("{}&{}", encode(&self.secret), encode(&self.token_secret)).as_bytes(),
        );
        let given = BASE64.decode(signature.as_bytes()).unwrap_or_default();
        if hmac::verify(&key, base_string(call, &fields).as_bytes(), &given).is_err() {
            return Err(refuse(401, "The signature is invalid. Verify and try again.", None));
        }
        self.take_nonce(&timestamp, nonce, now / 1000)
    }

    fn take_nonce(&mut self, timestamp: &str, nonce: String, now: i64) -> Result<(), Answer> {
        let at = timestamp.parse::<i64>().ok().filter(|at| (now - at).abs() <= SLACK);
        let Some(at) = at else {
            return Err(refuse(400, "Incorrect timestamp value in the oauth_timestamp parameter", None));
        };
        if now - self.pruned > SLACK {
            self.nonces.retain(|(used, _)| now - used <= SLACK);
            self.pruned = now;
        }
        if !self.nonces.insert((at, nonce)) {
            let message = "The nonce is already being used by the consumer with ID %1.";
            return Err(refuse(401, message, Some(json!(["1"]))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};

    use super::*;

    /// Signature of the call below, computed with another implementation: consumer secret `cs`, token secret `ts`.
    const SIGNATURE: &str = "6tvfhHUf+bHSYBAagVPErfZR0XZYzpo0W9GIfiBiCyo=";
    const QUERY: &str = "searchCriteria%5Bfilter_groups%5D%5B0%5D%5Bfilters%5D%5B0%5D%5Bvalue%5D=%C4%8D%201%2B%2F%26%3D&searchCriteria%5BpageSize%5D=1";
    const NOW: Millis = 1_700_000_000_000;

    fn consumer() -> Consumer {
        Consumer {
            key: "ck".to_owned(),
            secret: "cs".to_owned(),
            token: "t".to_owned(),
            token_secret: "ts".to_owned(),
            nonces: HashSet::new(),
            pruned: 0,
        }
    }

    fn call(query: &str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("127.0.0.1:9100"));
        let target = format!("/magento/rest/default/V1/orders?{query}");
        Call::new("GET", "/magento", &target, headers, Bytes::new())
    }

    fn header() -> String {
        format!(
            "realm=\"\", oauth_consumer_key=\"ck\", oauth_token=\"t\", oauth_signature_method=\"HMAC-SHA256\", \
             oauth_timestamp=\"1700000000\", oauth_nonce=\"n1\", oauth_version=\"1.0\", oauth_signature=\"{}\"",
            encode(SIGNATURE)
        )
    }

    fn status(result: Result<(), Answer>) -> u16 {
        result.map_or_else(|refusal| refusal.status, |()| 200)
    }

    #[test]
    fn a_signature_of_another_implementation_is_taken_once() {
        let mut consumer = consumer();
        assert_eq!(status(consumer.verify(&header(), &call(QUERY), NOW)), 200);
        assert_eq!(status(consumer.verify(&header(), &call(QUERY), NOW)), 401, "the nonce is used");
    }

    #[test]
    fn another_query_or_a_wrong_clock_is_refused() {
        assert_eq!(status(consumer().verify(&header(), &call("searchCriteria%5BpageSize%5D=1"), NOW)), 401);
        assert_eq!(status(consumer().verify(&header(), &call(QUERY), NOW + 700_000)), 400);
        assert_eq!(status(consumer().verify(&header(), &call(QUERY), NOW - 700_000)), 400);
        assert_eq!(status(consumer().verify("oauth_token=\"t\"", &call(QUERY), NOW)), 400);
    }
}
