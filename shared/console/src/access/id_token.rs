//! What must be true of an id token before it is believed.

use super::claims::Claims;
use super::issuer::SignInError;
use connectors::{JSON_DEPTH_MAX, json_within_depth};
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// How far the issuer's clock may be from ours.
const SKEW_SECS: i64 = 60;
/// It was made for us a moment ago; an older one was made for something else.
const AGE_SECS_MAX: i64 = 600;

/// What the token of this login must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

impl Expected<'_> {
    /// The claims of a token that came straight from the token endpoint; one that came any other way must not be given to
    /// this function.
    pub(super) fn read(&self, token: &str) -> Result<Claims, SignInError> {
        // Its signature is not looked at. OpenID Connect Core 1.0, section 3.1.3.7, point 6: "If the ID Token is received
        // via direct communication between the Client and the Token Endpoint (which it is in this flow), the TLS server
        // validation MAY be used to validate the issuer in place of checking the token signature."
        let claims = payload(token).map(Claims::new).ok_or(SignInError::Failed("token_unreadable"))?;
        match self.fault(&claims) {
            None => Ok(claims),
            Some(reason) => Err(SignInError::Failed(reason)),
        }
    }

    fn fault(&self, claims: &Claims) -> Option<&'static str> {
        let now = self.now.as_second();
        let instant = |name: &str| claims.get(name).and_then(seconds);
        let same = |name: &str, expected: &str| {
            claims.text(name).is_some_and(|text| bool::from(text.as_bytes().ct_eq(expected.as_bytes())))
        };
        if !same("iss", self.issuer) {
            return Some("token_issuer");
        }
        if !self.is_for_us(claims) {
            return Some("token_audience");
        }
        if !same("nonce", self.nonce) {
            return Some("token_nonce");
        }
        if claims.text("sub").is_none_or(str::is_empty) {
            return Some("token_subject");
        }
        if instant("exp").is_none_or(|exp| exp.saturating_add(SKEW_SECS) <= now) {
            return Some("token_expired");
        }
        let fresh = |iat: i64| iat.saturating_sub(SKEW_SECS) <= now && iat.saturating_add(AGE_SECS_MAX) >= now;
        if !instant("iat").is_some_and(fresh) {
            return Some("token_age");
        }
        let begun = claims.get("nbf").is_none_or(|nbf| seconds(nbf).is_some_and(|nbf| nbf - SKEW_SECS <= now));
        (!begun).then_some("token_not_yet")
    }

    /// Audience and authorised party; other audiences than ours are none that we trust.
    fn is_for_us(&self, claims: &Claims) -> bool {
        let audience = match claims.get("aud") {
            Some(Value::String(one)) => one == self.client_id,
            Some(Value::Array(all)) => !all.is_empty() && all.iter().all(|one| one == self.client_id),
            _ => false,
        };
        audience && claims.get("azp").is_none_or(|azp| azp == self.client_id)
    }
}

/// Whole seconds of a `NumericDate`, which may have a fraction.
fn seconds(value: &Value) -> Option<i64> {
    // A cast of a float saturates; what is not a date is far away from now and refused as that.
    value.as_i64().or_else(|| value.as_f64().map(|float| float as i64)).filter(|at| at.unsigned_abs() < 1 << 40)
}

fn payload(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let bytes = BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?;
    if !json_within_depth(&bytes, JSON_DEPTH_MAX) {
        return None;
    }
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn good() -> Value {
        json!({
            "iss": "https://id.example.com", "aud": "console", "nonce": "n-1", "sub": "jana",
            "exp": NOW + 300, "iat": NOW - 1, "custom:tenant": "acme",
        })
    }

    fn read(claims: &Value) -> Result<Claims, SignInError> {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let token = format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(&claims.to_string()));
        let now = Timestamp::from_second(NOW).unwrap();
        Expected { issuer: "https://id.example.com", client_id: "console", nonce: "n-1", now }.read(&token)
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    #[test]
    fn a_good_token_is_read() {
        let lists = with("aud", json!(["console"]));
        let party = with("azp", json!("console"));
        let float = with("exp", json!(1_800_000_300.5));
        let skewed = with("iat", json!(NOW + 59));
        for claims in [good(), lists, party, float, skewed] {
            assert_eq!(read(&claims).unwrap().tenant("custom:tenant").unwrap().as_str(), "acme", "{claims}");
        }
    }

    #[test]
    fn each_claim_is_checked() {
        for (name, value, reason) in [
            ("iss", json!("https://id.example.com/"), "token_issuer"),
            ("iss", Value::Null, "token_issuer"),
            ("aud", json!("another"), "token_audience"),
            ("aud", json!(["console", "another"]), "token_audience"),
            ("aud", json!([]), "token_audience"),
            ("azp", json!("another"), "token_audience"),
            ("nonce", json!("n-2"), "token_nonce"),
            ("nonce", Value::Null, "token_nonce"),
            ("sub", json!(""), "token_subject"),
            ("exp", json!(NOW - 60), "token_expired"),
            ("exp", json!("soon"), "token_expired"),
            ("exp", json!(1e300), "token_expired"),
            ("iat", json!(NOW - 601), "token_age"),
            ("iat", json!(NOW + 61), "token_age"),
            ("iat", Value::Null, "token_age"),
            ("nbf", json!(NOW + 61), "token_not_yet"),
            ("nbf", json!(i64::MIN), "token_not_yet"),
        ] {
            let refused = read(&with(name, value.clone())).unwrap_err();
            assert_eq!(refused, SignInError::Failed(reason), "{name} {value}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let now = Timestamp::from_second(NOW).unwrap();
        let expected = Expected { issuer: "", client_id: "", nonce: "", now };
        let deep = BASE64URL_NOPAD.encode(format!("{}{}", "[".repeat(100), "]".repeat(100)).as_bytes());
        for bad in ["", "a.b", "a.b.c.d", "a.!.c", "a.W10.c", &format!("a.{deep}.c")] {
            assert_eq!(expected.read(bad).unwrap_err(), SignInError::Failed("token_unreadable"), "{bad}");
        }
    }
}
