//! Sendcloud's webhooks (API v3, webhooks): `Sendcloud-Signature` is the HMAC-SHA256 of the raw body, lower-case
//! hexadecimal, with the integration's Secret Key or its Webhook Signature Key.

use super::spec::WEBHOOK_KEYS;
use super::{Sendcloud, map, wire};
use crate::account::Account;
use crate::contract::{Inbound, Malformed, Unauthentic, Webhook};
use crate::depth::webhook_json;
use data_encoding::HEXLOWER;
use domain::SourceHint;
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;
use subtle::{Choice, ConstantTimeEq};

impl Webhook for Sendcloud {
    fn verify(&self, account: &Account, inbound: &Inbound<'_>) -> Result<(), Unauthentic> {
        let sent = inbound.headers.get("sendcloud-signature").ok_or(Unauthentic)?;
        let mut authentic = Choice::from(0);
        for key in WEBHOOK_KEYS.iter().flat_map(|name| account.secrets.accepted(name, inbound.now)) {
            let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), inbound.body);
            let expected = HEXLOWER.encode(signature.as_ref());
            authentic |= sent.as_bytes().ct_eq(expected.as_bytes());
        }
        if authentic.into() { Ok(()) } else { Err(Unauthentic) }
    }

    fn parse(&self, _account: &Account, inbound: &Inbound<'_>) -> Result<Vec<SourceHint>, Malformed> {
        let event: Value = webhook_json(inbound.body)?;
        if event.get("action").and_then(Value::as_str) != Some("parcel_status_changed") {
            return Ok(vec![]);
        }
        let Some(parcel) = event.get("parcel").filter(|p| p.is_object()) else { return Ok(vec![]) };
        let parcel = wire::Parcel::deserialize(parcel).map_err(|_| Malformed("the event's parcel cannot be read"))?;
        if parcel.id.is_empty() || parcel.id.len() > 64 {
            return Err(Malformed("the event's parcel has no id"));
        }
        let mut hint = map::hint(&parcel);
        // Without a number the parcel may not be found again: only then is the event's own word kept.
        if !hint.hints.contains_key(map::NUMBER) {
            let message = parcel.status.and_then(|s| s.message).unwrap_or_default();
            let at = event.get("timestamp").and_then(Value::as_f64).and_then(map::webhook_time).unwrap_or(inbound.now);
            hint.hints.insert(map::MESSAGE.to_owned(), message.chars().take(100).collect());
            hint.hints.insert(map::AT.to_owned(), at.to_string());
        }
        Ok(vec![hint])
    }
}
