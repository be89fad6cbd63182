//! Fakturoid and Mirakl that answer at once: in this process behind the HTTP port, or as a process of their own.

use crate::outage::now;
use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use connectors::{Answer, Http, HttpError, Lane};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a call takes at a slow vendor.
const SLOW: Duration = Duration::from_secs(3);

/// How the marketplace at `/sick` is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Health {
    #[default]
    Well,
    /// Each call is answered with 503.
    Down,
    /// No call is answered.
    Hangs,
    /// Each call takes three seconds.
    Slow,
}

/// An upload: its number, and when it came, in nanoseconds since 1970.
struct Upload {
    id: u64,
    at: u64,
}

/// What they have been given.
#[derive(Default)]
pub(crate) struct Vendors {
    uploads: Mutex<HashMap<String, Upload>>,
    health: Mutex<Health>,
    /// The documents that the accounting system lists; it has any that is asked for.
    listed: Range<usize>,
}

impl Vendors {
    /// With a list of documents, by their numbers.
    pub(crate) fn listing(listed: Range<usize>) -> Self {
        Self { listed, ..Self::default() }
    }

    /// Uploads so far.
    pub(crate) fn uploads(&self) -> usize {
        self.uploads.lock().unwrap().len()
    }

    /// The marketplace at `/sick`: the same as the other, in bad health.
    async fn sick(&self, path: &str) -> Option<(u16, Vec<u8>)> {
        let health = *self.health.lock().unwrap();
        match path.strip_prefix("/become/") {
            Some(word) => {
                *self.health.lock().unwrap() = match word {
                    "down" => Health::Down,
                    "hangs" => Health::Hangs,
                    "slow" => Health::Slow,
                    _ => Health::Well,
                };
                Some(ok(&json!({})))
            }
            None if health == Health::Down => Some((503, b"{}".to_vec())),
            None if health == Health::Hangs => std::future::pending().await,
            None => {
                if health == Health::Slow {
                    tokio::time::sleep(SLOW).await;
                }
                None
            }
        }
    }

    /// Answers one call: status, whether it is a PDF, and the body.
    fn answer(&self, method: &Method, path: &str, query: &str) -> (u16, Vec<u8>) {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("POST", ["fakturoid", "api", "v3", "oauth", "token"]) => {
                ok(&json!({"access_token": "token", "token_type": "Bearer", "expires_in": 7200}))
            }
            ("GET", ["fakturoid", "api", "v3", "user.json"]) => ok(&json!({"accounts": [{"slug": "bench"}]})),
            ("GET", ["fakturoid", .., "invoices.json"]) => ok(&self.list(query)),
            ("GET", ["fakturoid", .., "invoices", _, "download.pdf"]) => (200, pdf()),
            ("GET", ["fakturoid", .., "invoices", file]) => ok(&invoice(file.trim_end_matches(".json"))),
            ("GET", ["effects"]) => {
                let uploads = self.uploads.lock().unwrap();
                ok(&uploads.iter().map(|(order, upload)| (order.clone(), json!(upload.at))).collect())
            }
            ("GET", ["mirakl", "api", "orders", "documents"]) => ok(&self.documents(query)),
            ("GET", ["mirakl", "api", "orders"]) => ok(&order(value(query, "order_ids"))),
            ("POST", ["mirakl", "api", "orders", order, "documents"]) => {
                let mut uploads = self.uploads.lock().unwrap();
                let (id, at) = (uploads.len() as u64 + 1, u64::try_from(now().as_nanos()).unwrap());
                uploads.insert((*order).to_owned(), Upload { id, at });
                ok(&json!({"errors_count": 0, "order_documents": []}))
            }
            ("GET", ["mirakl", "api", "documents"]) => {
                ok(&json!({"documents": [{"code": "CUSTOMER_INVOICE", "label": "Invoice", "entity": "ORDER"}]}))
            }
            ("GET", ["mirakl", "api", "reasons"]) => ok(&json!({"reasons": []})),
            ("GET", ["mirakl", "api", "version"]) => ok(&json!({"version": "1"})),
            _ => (404, b"{}".to_vec()),
        }
    }

    fn list(&self, query: &str) -> Value {
        let listed = if value(query, "page") == "1" { self.listed.clone() } else { 0..0 };
        listed.step_by(2).map(|n| invoice(&format!("D{n}"))).collect()
    }

    fn documents(&self, query: &str) -> Value {
        let order = value(query, "order_ids");
        let uploads = self.uploads.lock().unwrap();
        let there: Vec<Value> = uploads
            .get(order)
            .map(|Upload { id, .. }| {
                json!({"id": id, "order_id": order, "file_name": format!("{order}.pdf"), "type": "CUSTOMER_INVOICE",
                       "file_size": pdf().len(), "date_uploaded": "2026-11-21T12:00:00Z"})
            })
            .into_iter()
            .collect();
        json!({"order_documents": there})
    }
}

fn ok(body: &Value) -> (u16, Vec<u8>) {
    (200, body.to_string().into_bytes())
}

fn pdf() -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    bytes.resize(20_000, b' ');
    bytes.extend_from_slice(b"%%EOF");
    bytes
}

fn value<'a>(query: &'a str, name: &str) -> &'a str {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
}

/// Invoice, number and order of a document all share its id.
fn invoice(id: &str) -> Value {
    json!({"id": id, "document_type": "invoice", "number": id, "status": "sent", "order_number": id, "currency": "CZK",
           "subtotal": "100.0", "total": "121.0", "remaining_amount": "121.0", "issued_on": "2026-11-21",
           "updated_at": "2026-11-21T12:00:00.000+01:00",
           "lines": [{"id": 1, "name": "Mug", "quantity": "1.0", "unit_price": "100.0", "vat_rate": 21,
                      "total_price_without_vat": "100.0", "total_vat": "21.0", "inventory": {"sku": "A-1"}}],
           "vat_rates_summary": [{"vat_rate": 21, "base": "100.0", "vat": "21.0", "currency": "CZK"}]})
}

fn order(id: &str) -> Value {
    json!({"orders": [{"order_id": id, "order_state": "SHIPPING", "currency_iso_code": "CZK", "total_price": 121.0,
           "order_tax_mode": "TAX_INCLUDED", "order_lines": [{"order_line_id": format!("{id}-1"), "offer_sku": "A-1",
           "quantity": 1, "order_line_state": "SHIPPING"}]}], "total_count": 1})
}

#[async_trait]
impl Http for Vendors {
    async fn call(&self, _lane: &Lane, request: connectors::Request, _writing: bool) -> Result<Answer, HttpError> {
        let url = &request.url;
        let (status, body) = self.answer(&request.method, url.path(), url.query().unwrap_or_default());
        Ok(Answer { status, headers: HeaderMap::new(), body: body.into() })
    }
}

async fn handle(State(vendors): State<Arc<Vendors>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let read: Result<Bytes, _> = axum::body::to_bytes(body, 16 << 20).await;
    drop(read);
    let (mut path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default());
    let mut answer = None;
    if let Some(rest) = path.strip_prefix("/sick") {
        answer = vendors.sick(rest).await;
        path = format!("/mirakl{rest}");
    }
    let (status, body) = answer.unwrap_or_else(|| vendors.answer(&parts.method, &path, query));
    Response::builder().status(status).body(body.into()).unwrap()
}

/// Serves them until the process is ended.
pub(crate) async fn listen(address: &str) {
    let vendors = Arc::new(Vendors::default());
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    axum::serve(listener, axum::Router::new().fallback(handle).with_state(vendors)).await.unwrap();
}
