//! Practice Sendcloud: parcels, tracking, labels, and the signed `parcel_status_changed` webhook.

mod parcel;
mod status;

use std::collections::{BTreeMap, HashMap};

use data_encoding::HEXLOWER;
use ring::hmac;
use serde_json::{Value, json};

pub(crate) use parcel::{NewParcel, Parcel, ParcelChange};

use crate::clock::{self, Millis};
use crate::http::{Answer, Call, Route};
use crate::world::{Keys, Practice, Reply, Tx};

const ROUTES: &[Route] = &[
    ("GET", "/api/v3/user/auth/metadata", "metadata"),
    ("GET", "/api/v3/parcels/statuses", "statuses"),
    ("GET", "/api/v3/parcels/tracking/{}", "tracking"),
    ("GET", "/api/v3/parcels/{}/documents/{}", "document"),
    ("GET", "/api/v2/parcels/statuses", "statuses_v2"),
    ("GET", "/api/v2/parcels", "parcels_v2"),
    ("GET", "/api/v2/parcels/{}", "parcel_v2"),
    ("GET", "/api/v2/tracking/{}", "tracking_v2"),
];

const DOCUMENTS: &[&str] = &["label", "customs-declaration", "air-waybill"];
/// Parcels per page of the v2 list.
const PAGE: usize = 100;

/// One account with one integration.
pub(crate) struct Sendcloud {
    public_key: String,
    secret_key: String,
    webhook_signature_key: String,
    parcels: BTreeMap<u64, Parcel>,
    by_number: HashMap<String, u64>,
    last_id: u64,
    last_number: u64,
    last_change: Millis,
}

fn error(status: u16, code: &str, detail: &str) -> Answer {
    Answer::json(status, &json!({"errors": [{"code": code, "status": status.to_string(), "detail": detail}]}))
}

fn error_v2(status: u16, call: &Call, message: &str) -> Answer {
    let request = call.path.trim_start_matches('/');
    Answer::json(status, &json!({"error": {"code": status, "message": message, "request": request}}))
}

impl Sendcloud {
    pub(crate) fn new(keys: &Keys<'_>) -> Self {
        Self {
            public_key: keys.secret("public_key"),
            secret_key: keys.secret("secret_key"),
            webhook_signature_key: keys.secret("webhook_signature_key"),
            parcels: BTreeMap::new(),
            by_number: HashMap::new(),
            last_id: 300_000,
            last_number: 0,
            last_change: 0,
        }
    }

    pub(crate) fn parcel(&self, id: &str) -> Option<&Parcel> {
        let by_id = id.parse().ok().and_then(|id: u64| self.parcels.get(&id));
        by_id.or_else(|| self.by_number.get(id).and_then(|id| self.parcels.get(id)))
    }

    /// Signature of a webhook: key 0 is the webhook signature key, key 1 the secret key.
    pub(crate) fn sign(&self, secret: usize, body: &[u8]) -> String {
        let key = if secret == 0 { &self.webhook_signature_key } else { &self.secret_key };
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        HEXLOWER.encode(hmac::sign(&key, body).as_ref())
    }

    fn keep(&mut self, parcel: Parcel) {
        self.last_id = self.last_id.max(parcel.id);
        self.last_change = self.last_change.max(parcel.updated_at);
        if let Some(number) = &parcel.tracking_number {
            self.by_number.insert(number.clone(), parcel.id);
        }
        self.parcels.insert(parcel.id, parcel);
    }

    /// Makes a parcel; `reference` is the order's.
    pub(crate) fn make(&mut self, wish: NewParcel, reference: Option<&str>, tx: &mut Tx) -> Result<Parcel, String> {
        self.last_change = tx.now.max(self.last_change + 1);
        self.last_number += 1;
        let generated = format!("3SPRAC{:07}", self.last_number);
        let parcel = wish.build(self.last_id + 1, generated, reference, self.last_change)?;
        if parcel.tracking_number.as_ref().is_some_and(|number| self.by_number.contains_key(number)) {
            return Err("a parcel with this tracking number exists".to_owned());
        }
        tx.put("parcel", parcel.id, &parcel);
        tx.put("last_number", "", &self.last_number);
        self.keep(parcel.clone());
        Ok(parcel)
    }

    /// Changes a parcel's number or state; `updated_at` moves.
    pub(crate) fn change(&mut self, id: &str, change: ParcelChange, tx: &mut Tx) -> Result<Parcel, String> {
        let id = self.parcel(id).map(|parcel| parcel.id).ok_or(format!("no parcel {id}"))?;
        self.last_change = tx.now.max(self.last_change + 1);
        let parcel = self.parcels.get_mut(&id).ok_or("no such parcel")?;
        if let Some(number) = &parcel.tracking_number {
            self.by_number.remove(number);
        }
        let changed = parcel.change(change, self.last_change);
        if let Some(number) = &parcel.tracking_number {
            self.by_number.insert(number.clone(), id);
        }
        changed?;
        tx.put("parcel", id, parcel);
        Ok(parcel.clone())
    }

    fn document(&mut self, id: &str, kind: &str, tx: &mut Tx) -> Answer {
        if !DOCUMENTS.contains(&kind) {
            return error(400, "invalid", "Invalid document type.");
        }
        let missing = || error(404, "not_found", "No Parcel matches the given query.");
        let Some(parcel) = id.parse().ok().and_then(|id: u64| self.parcels.get_mut(&id)) else { return missing() };
        if kind != "label" || parcel.tracking_number.is_none() {
            return missing();
        }
        if parcel.label_asked < parcel.label_ready_after {
            parcel.label_asked += 1;
            tx.put("parcel", parcel.id, parcel);
            return missing();
        }
        Answer::bytes(200, "application/pdf", parcel.label())
    }

    fn list_v2(&self, call: &Call, host: &str) -> Answer {
        let since = match call.query("updated_after").map(clock::read) {
            Some(None) => return error_v2(400, call, "updated_after: Enter a valid date/time."),
            Some(Some(at)) => Some(at),
            None => None,
        };
        let ids: Option<Vec<&str>> = call.query("ids").map(|ids| ids.split(',').collect());
        let after: u64 = call.query("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let mut found = self.parcels.range(after + 1..).map(|(_, parcel)| parcel).filter(|parcel| {
            since.is_none_or(|at| parcel.updated_at >= at)
                && ids.as_ref().is_none_or(|ids| ids.contains(&parcel.id.to_string().as_str()))
                && call.query("order_number").is_none_or(|wanted| parcel.order_number.as_deref() == Some(wanted))
                && call.query("tracking_number").is_none_or(|wanted| parcel.tracking_number.as_deref() == Some(wanted))
        });
        let page: Vec<&Parcel> = found.by_ref().take(PAGE).collect();
        let next = match (found.next(), page.last()) {
            (Some(_), Some(last)) => {
                let rest = call.query.iter().filter(|(name, _)| name != "cursor");
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.extend_pairs(rest).append_pair("cursor", &last.id.to_string());
                Some(format!("{host}/api/v2/parcels?{}", query.finish()))
            }
            _ => None,
        };
        let parcels: Vec<Value> = page.into_iter().map(|parcel| parcel.v2(host)).collect();
        Answer::json(200, &json!({"next": next, "previous": null, "parcels": parcels}))
    }
}

fn host(call: &Call) -> String {
    let prefix = call.full_path.strip_suffix(&call.path).unwrap_or("");
    format!("http://{}{prefix}", call.header("host").unwrap_or("localhost"))
}

impl Practice for Sendcloud {
    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn authenticate(&mut self, _route: Option<&str>, call: &Call, _now: Millis) -> Result<(), Answer> {
        if call.basic() == Some((self.public_key.clone(), self.secret_key.clone())) {
            return Ok(());
        }
        if call.path.starts_with("/api/v2/") {
            return Err(error_v2(401, call, "Invalid username/password."));
        }
        Err(error(401, "authentication_failed", "Invalid username/password."))
    }

    fn handle(&mut self, route: &str, free: &[String], call: &Call, tx: &mut Tx) -> Reply {
        let id = free.first().map(String::as_str).unwrap_or_default();
        let host = host(call);
        let answer = match route {
            "metadata" => Answer::json(200, &json!({"data": {"user_id": 1, "integration_id": 7}})),
            "statuses" => {
                let list: Vec<Value> = status::STATUSES
                    .iter()
                    .map(|status| json!({"code": status.code, "message": status.message}))
                    .collect();
                Answer::json(200, &json!({"data": list}))
            }
            "statuses_v2" => {
                let list: Vec<Value> =
                    status::STATUSES.iter().map(|status| json!({"id": status.id, "message": status.message})).collect();
                Answer::json(200, &Value::Array(list))
            }
            "tracking" => match self.by_number.get(id).and_then(|id| self.parcels.get(id)) {
                Some(parcel) => Answer::json(200, &parcel.tracking()),
                None => Answer::json(404, &json!({"detail": "Parcel does not exist"})),
            },
            "tracking_v2" => match self.by_number.get(id).and_then(|id| self.parcels.get(id)) {
                Some(parcel) => Answer::json(200, &parcel.tracking_v2()),
                // The vendor's own page: an XML document of its storage.
                None => Answer::bytes(
                    404,
                    "application/xml",
                    bytes::Bytes::from_static(
                        b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
                    ),
                ),
            },
            "document" => self.document(id, free.get(1).map(String::as_str).unwrap_or_default(), tx),
            "parcels_v2" => self.list_v2(call, &host),
            "parcel_v2" => match id.parse().ok().and_then(|id: u64| self.parcels.get(&id)) {
                Some(parcel) => Answer::json(200, &json!({"parcel": parcel.v2(&host)})),
                None => error_v2(404, call, "No Parcel matches the given query."),
            },
            _ => self.unknown(404),
        };
        answer.into()
    }

    fn unknown(&self, status: u16) -> Answer {
        error(status, if status == 404 { "not_found" } else { "method_not_allowed" }, "Not found.")
    }

    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error> {
        match kind {
            "parcel" => self.keep(serde_json::from_str(body)?),
            "last_number" => self.last_number = serde_json::from_str(body)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&self) -> Value {
        json!({
            "settings": {"public_key": self.public_key},
            "secrets": {"secret_key": self.secret_key, "webhook_signature_key": self.webhook_signature_key},
            "webhook_secret": self.webhook_signature_key,
            "options": {},
        })
    }

    fn configure(&mut self, _change: &Value, _tx: &mut Tx) -> Result<(), String> {
        Err("this practice vendor has no switches".to_owned())
    }
}
