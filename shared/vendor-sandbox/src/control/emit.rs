//! `POST /_sandbox/emit`: sends a vendor's webhook, signed as the vendor signs it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, Result};
use crate::clock;
use crate::http::Call;
use crate::server::App;
use crate::webhooks::{self, Hook};
use crate::world::{World, vendor_of};

/// What is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tamper {
    /// A wrong signature or `Authorization` value.
    Signature,
    /// The body is changed after it was signed.
    Body,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    vendor: String,
    url: String,
    event: Option<String>,
    document: Option<String>,
    parcel: Option<String>,
    /// A parcel's webhook tells this state instead of the last one.
    state: Option<String>,
    /// The webhook's own time, milliseconds since 1970; default the time of the state it tells.
    timestamp: Option<i64>,
    #[serde(default = "once")]
    times: usize,
    #[serde(default)]
    concurrent: bool,
    /// Which of the vendor's keys signs, where it has several.
    #[serde(default)]
    secret_index: usize,
    tamper: Option<Tamper>,
    /// Sent instead of the vendor's own body, signed all the same. A string is sent as it is.
    body: Option<Value>,
}

fn once() -> usize {
    1
}

pub(super) async fn emit(app: &App, wish: Wish, call: &Call) -> Result<Value> {
    if wish.times == 0 || wish.times > 10_000 {
        return Err(Refusal::unprocessable("times must be between 1 and 10000"));
    }
    let host = format!("http://{}/{}", call.header("host").unwrap_or("localhost"), wish.vendor);
    let hook = prepare(&mut app.world(), &wish, &host)?;
    let sent = webhooks::send(&wish.url, &hook, wish.times, wish.concurrent).await;
    Ok(json!({"sent": sent}))
}

fn prepare(world: &mut World, wish: &Wish, host: &str) -> Result<Hook> {
    let mut hook = match vendor_of(&wish.vendor) {
        Some("fakturoid") => fakturoid(world, wish, host)?,
        Some("sendcloud") => sendcloud(world, wish, host)?,
        _ => return Err(Refusal::unprocessable(format!("{} sends no webhooks", wish.vendor))),
    };
    if wish.tamper == Some(Tamper::Body) {
        hook.body.push(b' ');
    }
    Ok(hook)
}

fn fakturoid(world: &mut World, wish: &Wish, host: &str) -> Result<Hook> {
    let now = clock::now();
    let vendor = world.fakturoid(&wish.vendor)?;
    let event = wish.event.as_deref().unwrap_or("invoice_created");
    let body = match (&wish.body, &wish.document) {
        (Some(body), _) => text(body),
        (None, Some(id)) => {
            let document = vendor.document(id).ok_or_else(|| Refusal(404, format!("no document {id}")))?;
            vendor.event(document, event, host, now).to_string()
        }
        (None, None) => return Err(Refusal::unprocessable("document is required")),
    };
    let mut authorization = vendor.webhook_authorization().to_owned();
    if wish.tamper == Some(Tamper::Signature) {
        authorization.push('x');
    }
    let headers = vec![
        ("authorization".to_owned(), authorization),
        ("idempotency-key".to_owned(), clock::uuid_v7(now)),
        ("user-agent".to_owned(), "Fakturoid".to_owned()),
    ];
    Ok(Hook { headers, body: body.into_bytes() })
}

fn sendcloud(world: &mut World, wish: &Wish, host: &str) -> Result<Hook> {
    let vendor = world.sendcloud(&wish.vendor)?;
    let event = wish.event.as_deref().unwrap_or("parcel_status_changed");
    let body = match (&wish.body, &wish.parcel) {
        (Some(body), _) => text(body),
        (None, Some(id)) => {
            let parcel = vendor.parcel(id).ok_or_else(|| Refusal(404, format!("no parcel {id}")))?;
            parcel.event(event, wish.state.as_deref(), wish.timestamp, host)?.to_string()
        }
        (None, None) => return Err(Refusal::unprocessable("parcel is required")),
    };
    let mut signature = vendor.sign(wish.secret_index, body.as_bytes());
    if wish.tamper == Some(Tamper::Signature) {
        signature = signature.chars().rev().collect();
    }
    Ok(Hook { headers: vec![("sendcloud-signature".to_owned(), signature)], body: body.into_bytes() })
}

fn text(body: &Value) -> String {
    match body {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
