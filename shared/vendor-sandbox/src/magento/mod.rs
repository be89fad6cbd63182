//! Practice Magento 2: orders, invoices, shipments, credit memos.
//!
//! Strict where the vendor is: OAuth 1.0a signatures really verified, 401 for a missing permission, 400 for what is
//! already done, bare integers as answers, and a second record for every repeated partial call or track.

mod actions;
mod comments;
mod entities;
mod json;
mod memo;
mod oauth;
mod search;
mod tamper;

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::http::{Answer, Call, Route};
use crate::world::{Keys, Practice, Reply, Tx};
use entities::{Creditmemo, Invoice, Order, Shipment};
use oauth::Consumer;

const ROUTES: &[Route] = &[
    ("GET", "/rest/{}/V1/store/storeConfigs", "storeConfigs"),
    ("GET", "/rest/{}/V1/orders", "orders"),
    ("GET", "/rest/{}/V1/orders/{}", "order"),
    ("GET", "/rest/{}/V1/orders/{}/comments", "order_comments"),
    ("POST", "/rest/{}/V1/orders/{}/comments", "order_comment"),
    ("POST", "/rest/{}/V1/orders/{}/cancel", "cancel"),
    ("POST", "/rest/{}/V1/order/{}/invoice", "invoice_create"),
    ("POST", "/rest/{}/V1/order/{}/ship", "ship"),
    ("POST", "/rest/{}/V1/order/{}/refund", "refund"),
    ("GET", "/rest/{}/V1/invoices", "invoices"),
    ("POST", "/rest/{}/V1/invoices/comments", "invoice_comment"),
    ("GET", "/rest/{}/V1/invoices/{}", "invoice"),
    ("GET", "/rest/{}/V1/invoices/{}/comments", "invoice_comments"),
    ("GET", "/rest/{}/V1/shipments", "shipments"),
    ("POST", "/rest/{}/V1/shipment/track", "track"),
    ("DELETE", "/rest/{}/V1/shipment/track/{}", "track_delete"),
    ("GET", "/rest/{}/V1/shipment/{}", "shipment"),
    ("GET", "/rest/{}/V1/creditmemos", "creditmemos"),
    ("GET", "/rest/{}/V1/creditmemo/{}", "creditmemo"),
    ("GET", "/rest/{}/V1/creditmemo/{}/comments", "creditmemo_comments"),
    ("POST", "/rest/{}/V1/creditmemo/{}/comments", "creditmemo_comment"),
];

/// Switches of the practice vendor, changed through the control calls.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// On: the access token is also taken as a plain bearer token.
    bearer: bool,
    /// Permissions that the integration does not have, for instance `Magento_Sales::ship`; `["*"]` = none at all.
    acl_denied: Vec<String>,
    /// On: a payment's transaction is pending, so that an invoice that captures nothing stays open and unpaid.
    payments_pending: bool,
    /// On: shipping is shown with tax, so that a memo's shipping amount is read so.
    shipping_with_tax: bool,
    /// What an extension adds to the total of every credit memo.
    memo_extra: Decimal,
}

/// One shop.
pub(crate) struct Magento {
    consumer: Consumer,
    options: Options,
    orders: BTreeMap<u64, Order>,
    /// By increment id in lower case.
    by_increment: HashMap<String, u64>,
    invoices: BTreeMap<u64, Invoice>,
    shipments: BTreeMap<u64, Shipment>,
    creditmemos: BTreeMap<u64, Creditmemo>,
    /// Ids of invoices, shipments and credit memos per order.
    children: HashMap<u64, [Vec<u64>; 3]>,
    last_item: u64,
    last_comment: u64,
    last_track: u64,
}

/// An error in the vendor's shape; `%1`, `%name` are left for the reader to fill from `parameters`.
fn refuse(status: u16, message: &str, parameters: Option<Value>) -> Answer {
    let mut page = json!({"message": message});
    if let (Some(page), Some(parameters)) = (page.as_object_mut(), parameters) {
        page.insert("parameters".to_owned(), parameters);
    }
    Answer::json(status, &page)
}

fn no_entity() -> Answer {
    refuse(404, "The entity that was requested doesn't exist. Verify the entity and try again.", None)
}

fn required(field: &str) -> Answer {
    refuse(400, "\"%fieldName\" is required. Enter and try again.", Some(json!({"fieldName": field})))
}

fn bad_json() -> Answer {
    refuse(400, "Decoding error: Syntax error", None)
}

/// The permission that a route needs.
fn resource(route: &str) -> &'static str {
    match route {
        "storeConfigs" => "Magento_Backend::store",
        "invoice_create" | "invoices" | "invoice" | "invoice_comment" | "invoice_comments" => {
            "Magento_Sales::sales_invoice"
        }
        "ship" => "Magento_Sales::ship",
        "shipments" | "shipment" | "track" | "track_delete" => "Magento_Sales::shipment",
        "refund" | "creditmemos" | "creditmemo" | "creditmemo_comments" | "creditmemo_comment" => {
            "Magento_Sales::sales_creditmemo"
        }
        "cancel" => "Magento_Sales::cancel",
        "order_comment" => "Magento_Sales::comment",
        _ => "Magento_Sales::actions_view",
    }
}

fn unauthorised(resource: &str) -> Answer {
    let parameters = json!({"resources": resource});
    refuse(401, "The consumer isn't authorized to access %resources.", Some(parameters))
}

impl Magento {
    pub(crate) fn new(keys: &Keys<'_>) -> Self {
        Self {
            consumer: Consumer::new(keys),
            options: Options::default(),
            orders: BTreeMap::new(),
            by_increment: HashMap::new(),
            invoices: BTreeMap::new(),
            shipments: BTreeMap::new(),
            creditmemos: BTreeMap::new(),
            children: HashMap::new(),
            last_item: 0,
            last_comment: 0,
            last_track: 0,
        }
    }

    fn children(&self, order: u64, index: usize) -> &[u64] {
        self.children.get(&order).and_then(|kinds| kinds.get(index)).map(Vec::as_slice).unwrap_or_default()
    }

    fn adopt(&mut self, order: u64, index: usize, id: u64) {
        if let Some(ids) = self.children.entry(order).or_default().get_mut(index) {
            ids.push(id);
            ids.sort_unstable();
        }
    }

    fn keep_order(&mut self, order: Order) {
        let last = order.items.iter().map(|item| item.id).max();
        self.last_item = self.last_item.max(last.unwrap_or(0));
        self.note_comments(&order.comments);
        self.by_increment.insert(order.increment_id.to_lowercase(), order.id);
        self.orders.insert(order.id, order);
    }

    fn keep_invoice(&mut self, invoice: Invoice) {
        self.note_comments(&invoice.comments);
        if !self.invoices.contains_key(&invoice.id) {
            self.adopt(invoice.order_id, 0, invoice.id);
        }
        self.invoices.insert(invoice.id, invoice);
    }

    fn keep_shipment(&mut self, shipment: Shipment) {
        self.note_comments(&shipment.comments);
        let last = shipment.tracks.iter().map(|track| track.id).max();
        self.last_track = self.last_track.max(last.unwrap_or(0));
        if !self.shipments.contains_key(&shipment.id) {
            self.adopt(shipment.order_id, 1, shipment.id);
        }
        self.shipments.insert(shipment.id, shipment);
    }

    fn keep_creditmemo(&mut self, memo: Creditmemo) {
        self.note_comments(&memo.comments);
        if !self.creditmemos.contains_key(&memo.id) {
            self.adopt(memo.order_id, 2, memo.id);
        }
        self.creditmemos.insert(memo.id, memo);
    }

    fn note_comments(&mut self, comments: &[entities::Comment]) {
        let last = comments.iter().map(|comment| comment.id).max();
        self.last_comment = self.last_comment.max(last.unwrap_or(0));
    }

    fn order_by_id(&self, id: &str) -> Option<&Order> {
        id.parse().ok().and_then(|id: u64| self.orders.get(&id))
    }

    fn store_configs() -> Value {
        json!([{
            "id": 1, "code": "default", "website_id": 1, "locale": "cs_CZ", "base_currency_code": "CZK",
            "default_display_currency_code": "CZK", "timezone": "Europe/Prague", "weight_unit": "kgs",
            "base_url": "https://shop.example/", "base_link_url": "https://shop.example/",
            "base_static_url": "https://shop.example/static/", "base_media_url": "https://shop.example/media/",
            "secure_base_url": "https://shop.example/", "secure_base_link_url": "https://shop.example/",
            "secure_base_static_url": "https://shop.example/static/",
            "secure_base_media_url": "https://shop.example/media/",
        }])
    }
}

impl Practice for Magento {
    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn authenticate(&mut self, route: Option<&str>, call: &Call, now: Millis) -> Result<(), Answer> {
        let needed = resource(route.unwrap_or_default());
        match call.bearer() {
            Some(token) if self.options.bearer && self.consumer.is_token(token) => {}
            Some(_) => return Err(unauthorised(needed)),
            None => match call.header("authorization").and_then(|value| value.strip_prefix("OAuth ")) {
                None => return Err(unauthorised(needed)),
                Some(header) => self.consumer.verify(header, call, now)?,
            },
        }
        if self.options.acl_denied.iter().any(|denied| denied == needed || denied == "*") {
            return Err(unauthorised(needed));
        }
        if !call.body.is_empty() && call.media_type().as_deref() != Some("application/json") {
            let kind = call.media_type().unwrap_or_default();
            let message = format!("Server cannot understand Content-Type HTTP header media type {kind}");
            return Err(refuse(400, &message, None));
        }
        Ok(())
    }

    fn handle(&mut self, route: &str, free: &[String], call: &Call, tx: &mut Tx) -> Reply {
        if !matches!(free.first().map(String::as_str), Some("default" | "all")) {
            return self.unknown(404).into();
        }
        let id = free.get(1).map(String::as_str).unwrap_or_default();
        match route {
            "storeConfigs" => Answer::json(200, &Self::store_configs()),
            "orders" | "invoices" | "shipments" | "creditmemos" => self.search(route, call),
            "order" | "invoice" | "shipment" | "creditmemo" => self.one(route, id),
            "order_comments" | "invoice_comments" | "creditmemo_comments" => self.list_comments(route, id),
            "order_comment" => self.comment_order(id, call, tx),
            "invoice_comment" => self.comment_invoice(call, tx),
            "creditmemo_comment" => self.comment_memo(id, call, tx),
            "invoice_create" => self.invoice(id, call, tx),
            "ship" => self.ship(id, call, tx),
            "refund" => self.refund(id, call, tx),
            "cancel" => self.cancel(id, tx),
            "track" => self.add_track(call, tx),
            "track_delete" => self.delete_track(id, tx),
            _ => self.unknown(404),
        }
        .into()
    }

    fn unknown(&self, _status: u16) -> Answer {
        refuse(404, "Request does not match any route.", None)
    }

    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error> {
        match kind {
            "order" => self.keep_order(serde_json::from_str(body)?),
            "invoice" => self.keep_invoice(serde_json::from_str(body)?),
            "shipment" => self.keep_shipment(serde_json::from_str(body)?),
            "creditmemo" => self.keep_creditmemo(serde_json::from_str(body)?),
            "options" => self.options = serde_json::from_str(body)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&self) -> Value {
        let auth = if self.options.bearer { "bearer" } else { "oauth1" };
        json!({
            "settings": {"auth": auth, "store_code": "default", "consumer_key": self.consumer.key},
            "secrets": self.consumer.secrets(),
            "webhook_secret": null,
            "options": self.options,
        })
    }

    fn configure(&mut self, change: &Value, tx: &mut Tx) -> Result<(), String> {
        self.options = crate::control::merged(&self.options, change)?;
        tx.put("options", "", &self.options);
        Ok(())
    }
}
