//! Practice Mirakl, seller API: orders, tracking, shipments, documents.
//!
//! Strict where the vendor is: a raw key in `Authorization`, success codes with errors inside (OR74, ST01), 404 for
//! a feature that is off, 400 outside SHIPPING. It doubles where nothing says that the vendor does not.

mod documents;
mod orders;
mod shipments;
mod tamper;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::http::{Answer, Call, Route};
use crate::world::{Keys, Practice, Reply, Tx};
use documents::Document;
use orders::Order;
use shipments::Shipment;

const ROUTES: &[Route] = &[
    ("GET", "/api/orders", "OR11"),
    ("PUT", "/api/orders/{}/tracking", "OR23"),
    ("PUT", "/api/orders/{}/ship", "OR24"),
    ("PUT", "/api/orders/{}/accept", "OR21"),
    ("PUT", "/api/orders/{}/cancel", "OR29"),
    ("GET", "/api/orders/documents", "OR72"),
    ("GET", "/api/orders/documents/download", "OR73"),
    ("POST", "/api/orders/{}/documents", "OR74"),
    ("DELETE", "/api/orders/documents/{}", "OR76"),
    ("GET", "/api/shipping/carriers", "SH21"),
    ("POST", "/api/shipments", "ST01"),
    ("PUT", "/api/shipments/delete", "ST06"),
    ("GET", "/api/shipments", "ST11"),
    ("GET", "/api/shipments/items_to_ship", "ST12"),
    ("POST", "/api/shipments/tracking", "ST23"),
    ("PUT", "/api/shipments/ship", "ST24"),
    ("GET", "/api/documents", "DO01"),
    ("GET", "/api/reasons", "RE01"),
    ("GET", "/api/version", "V01"),
    ("GET", "/api/platform/configuration", "PC01"),
    ("GET", "/api/account", "A01"),
];

/// Carriers of SH21: code and label.
const CARRIERS: &[(&str, &str)] = &[
    ("FED", "Fed Ex"),
    ("UPS", "UPS"),
    ("DHL", "DHL"),
    ("DPD", "DPD"),
    ("TNT", "TNT"),
    ("GLS", "GLS"),
    ("PPL", "PPL"),
];

/// Document types of DO01: code, label, entity.
const TYPES: &[(&str, &str, &str)] = &[
    ("SYSTEM_DELIVERY_BILL", "Delivery slip", "ORDER"),
    ("CUSTOMER_INVOICE", "Invoice", "ORDER"),
    ("CUSTOMER_CREDIT_NOTE", "Credit note", "ORDER"),
    ("LEGAL_DOC", "Legal documents", "SHOP"),
];

/// Switches of the practice vendor, changed through the control calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// Off: ST01 and its siblings answer 404, as an instance without multi-shipment does.
    multi_shipment: bool,
    /// Off: only carriers of SH21 are taken.
    free_carriers: bool,
    /// The key that the seller has made anew; the first is void from then on.
    api_key: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { multi_shipment: true, free_carriers: true, api_key: None }
    }
}

/// One operator's instance with one seller.
pub(crate) struct Mirakl {
    api_key: String,
    options: Options,
    orders: BTreeMap<String, Order>,
    documents: BTreeMap<u64, Document>,
    documents_of: HashMap<String, Vec<u64>>,
    shipments: BTreeMap<u64, Shipment>,
    shipments_of: HashMap<String, Vec<u64>>,
    last_document: u64,
    last_shipment: u64,
    last_reference: u64,
    last_change: Millis,
}

/// The vendor's own connector reads `status` and `message`; the exact body is not documented.
fn refuse(status: u16, message: impl Into<String>) -> Answer {
    Answer::json(status, &json!({"status": status, "message": message.into()}))
}

/// How the vendor names the carrier: a code of its list, or a free name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Tracking {
    carrier_code: Option<String>,
    carrier_name: Option<String>,
    carrier_standard_code: Option<String>,
    #[serde(alias = "carrier_url")]
    tracking_url: Option<String>,
    tracking_number: Option<String>,
}

impl Tracking {
    /// What is wrong with it, if anything.
    fn fault(&self, options: &Options) -> Option<String> {
        match (&self.carrier_code, &self.carrier_name) {
            (Some(code), _) if !code.is_empty() => {
                let known = CARRIERS.iter().any(|(known, _)| known == code);
                (!known).then(|| format!("Carrier with code '{code}' not found"))
            }
            (_, Some(name)) if !name.is_empty() => {
                (!options.free_carriers).then(|| "Unregistered carriers are not allowed.".to_owned())
            }
            _ => Some("Either carrier_code or carrier_name is required.".to_owned()),
        }
    }

    fn name(&self) -> Option<String> {
        let of_code = self.carrier_code.as_ref().and_then(|code| CARRIERS.iter().find(|(known, _)| known == code));
        of_code.map(|(_, label)| (*label).to_owned()).or_else(|| self.carrier_name.clone())
    }
}

impl Mirakl {
    /// The key that counts now.
    fn api_key(&self) -> &str {
        self.options.api_key.as_deref().unwrap_or(&self.api_key)
    }

    pub(crate) fn new(keys: &Keys<'_>) -> Self {
        Self {
            api_key: keys.secret("api_key"),
            options: Options::default(),
            orders: BTreeMap::new(),
            documents: BTreeMap::new(),
            documents_of: HashMap::new(),
            shipments: BTreeMap::new(),
            shipments_of: HashMap::new(),
            last_document: 2000,
            last_shipment: 0,
            last_reference: 10_000,
            last_change: 0,
        }
    }

    /// Rises with every change, so that `start_update_date` sees each.
    fn change_time(&mut self, now: Millis) -> Millis {
        self.last_change = now.max(self.last_change + 1);
        self.last_change
    }

    fn fixed(&self, route: &str, call: &Call) -> Answer {
        let page = match route {
            "SH21" => {
                let carriers: Vec<Value> = CARRIERS
                    .iter()
                    .map(|(code, label)| {
                        json!({"code": code, "label": label, "standard_code": code,
                               "tracking_url": format!("https://track.example/{code}/{{trackingId}}")})
                    })
                    .collect();
                json!({"carriers": carriers})
            }
            "DO01" => {
                let entities = call.query("entities").unwrap_or("ORDER,SHOP");
                let types: Vec<Value> = TYPES
                    .iter()
                    .filter(|(_, _, entity)| entities.split(',').any(|wanted| wanted.trim() == *entity))
                    .map(|(code, label, entity)| {
                        json!({"code": code, "label": label, "description": label, "entity": entity})
                    })
                    .collect();
                json!({"documents": types})
            }
            "RE01" => json!({"reasons": [
                {"code": "1", "is_shop_right": false, "label": "Item not received", "type": "INCIDENT_OPEN"},
                {"code": "15", "is_shop_right": true, "label": "Out of stock", "type": "REFUND"},
                {"code": "34", "is_shop_right": true, "label": "Cancelled by the client prior to shipping", "type": "CANCELATION"},
            ]}),
            "PC01" => json!({
                "general_information": {"platform_name": "Practice marketplace"},
                "features": {
                    "shipment": {"multi_shipment": self.options.multi_shipment, "multi_part_item_shipment": false},
                },
            }),
            "A01" => {
                json!({"shop_id": 2001, "shop_name": "Practice shop", "shop_state": "OPEN", "currency_iso_code": "EUR"})
            }
            _ => json!({"version": "3.1000"}),
        };
        Answer::json(200, &page)
    }
}

impl Practice for Mirakl {
    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    fn authenticate(&mut self, route: Option<&str>, call: &Call, _now: Millis) -> Result<(), Answer> {
        if route == Some("V01") {
            return Ok(());
        }
        // Raw key: a "Bearer" before it makes it another, unknown key.
        if call.header("authorization") != Some(self.api_key()) {
            return Err(refuse(401, "Unauthorized"));
        }
        if let Some(accept) = call.header("accept")
            && !(accept.contains("*/*") || accept.contains("json") || route == Some("OR73"))
        {
            return Err(refuse(406, "Not Acceptable"));
        }
        let wanted = match route {
            Some("OR74") => "multipart/form-data",
            _ => "application/json",
        };
        if !call.body.is_empty() && call.media_type().as_deref() != Some(wanted) {
            return Err(refuse(415, "Unsupported Media Type"));
        }
        Ok(())
    }

    fn handle(&mut self, route: &str, free: &[String], call: &Call, tx: &mut Tx) -> Reply {
        let id = free.first().map(String::as_str).unwrap_or_default();
        let multi = matches!(route, "ST01" | "ST06" | "ST11" | "ST12" | "ST23" | "ST24");
        if multi && !self.options.multi_shipment {
            return refuse(404, "Not Found").into();
        }
        match route {
            "OR11" => self.orders(call),
            "OR21" => self.accept(id, call, tx),
            "OR23" => self.set_tracking(id, call, tx),
            "OR24" => self.ship(id, tx),
            "OR29" => self.cancel(id, tx),
            "OR72" => self.list_documents(call),
            "OR73" => return self.download(call),
            "OR74" => self.upload(id, call, tx),
            "OR76" => self.delete_document(id, tx),
            "ST01" => self.create_shipments(call, tx),
            "ST06" => self.delete_shipments(call, tx),
            "ST11" => self.list_shipments(call),
            "ST12" => self.items_to_ship(call),
            "ST23" => self.track_shipments(call, tx),
            "ST24" => self.ship_shipments(call, tx),
            _ => self.fixed(route, call),
        }
        .into()
    }

    fn unknown(&self, status: u16) -> Answer {
        refuse(status, if status == 404 { "Not Found" } else { "Method Not Allowed" })
    }

    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error> {
        match kind {
            "order" => {
                let order: Order = serde_json::from_str(body)?;
                self.last_change = self.last_change.max(order.updated_at);
                self.orders.insert(order.id.clone(), order);
            }
            "document" => self.keep_document(serde_json::from_str(body)?),
            "shipment" => self.keep_shipment(serde_json::from_str(body)?),
            "last_document" => self.last_document = self.last_document.max(serde_json::from_str(body)?),
            "last_reference" => self.last_reference = serde_json::from_str(body)?,
            "options" => self.options = serde_json::from_str(body)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&self) -> Value {
        json!({
            "settings": {"invoice_type_code": "CUSTOMER_INVOICE", "credit_note_type_code": "CUSTOMER_CREDIT_NOTE"},
            "secrets": {"api_key": self.api_key()},
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
