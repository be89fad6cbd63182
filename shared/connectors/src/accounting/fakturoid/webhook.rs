//! Fakturoid's webhooks (API v3, webhooks): a header value agreed beforehand, and the whole document, of which only the
//! id is taken.

use super::{Fakturoid, map};
use crate::account::Account;
use crate::contract::{Inbound, Malformed, Unauthentic, Webhook};
use crate::depth::webhook_json;
use domain::SourceHint;
use serde_json::Value;
use subtle::{Choice, ConstantTimeEq};

/// Where the values stand that are valid at one time, so that a change at the vendor loses nothing.
pub(super) const SECRETS: [&str; 2] = ["webhook_authorization", "webhook_authorization_previous"];

impl Webhook for Fakturoid {
    fn verify(&self, account: &Account, inbound: &Inbound<'_>) -> Result<(), Unauthentic> {
        let sent = inbound.headers.get(::http::header::AUTHORIZATION).ok_or(Unauthentic)?;
        let mut authentic = Choice::from(0);
        for expected in SECRETS.iter().flat_map(|name| account.secrets.accepted(name, inbound.now)) {
            authentic |= sent.as_bytes().ct_eq(expected.as_bytes());
        }
        if authentic.into() { Ok(()) } else { Err(Unauthentic) }
    }

    fn parse(&self, _account: &Account, inbound: &Inbound<'_>) -> Result<Vec<SourceHint>, Malformed> {
        let event: Value = webhook_json(inbound.body)?;
        let name = event.get("event_name").and_then(Value::as_str).unwrap_or_default();
        // Bulk actions carry a plural key with a count and no object; other events are none of ours.
        let Some(invoice) = event.pointer("/body/invoice").filter(|i| i.is_object()) else { return Ok(vec![]) };
        if !name.starts_with("invoice_") {
            return Ok(vec![]);
        }
        match invoice.get("id") {
            Some(Value::Number(id)) => Ok(vec![map::hint(id.to_string())]),
            Some(Value::String(id)) if !id.is_empty() && id.len() <= 64 => Ok(vec![map::hint(id.clone())]),
            _ => Err(Malformed("the event's invoice has no id")),
        }
    }
}
