//! Practice Packeta: packets, their tracking, their labels and the number of the carrier behind them. One address, XML in
//! and out, the password in every call, faults in the body.

mod packet;
mod xml;

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) use packet::check;

use self::packet::{CANCELLED, Packet, RECEIVED, id_of};
use self::xml::{Element, element};
use crate::clock::Millis;
use crate::control::merged;
use crate::http::{Answer, Call, Route};
use crate::sendcloud::{NewParcel, ParcelChange};
use crate::world::{Keys, Practice, Reply, Tx};

const ROUTES: &[Route] = &[("POST", "/api/rest", "rest")];
/// Methods: the root element of a call.
const METHODS: &[&str] = &[
    "createPacket",
    "cancelPacket",
    "packetStatus",
    "packetTracking",
    "packetInfo",
    "packetCourierNumberV2",
    "packetLabelPdf",
    "packetCourierLabelPdf",
];
const FORMATS: &[&str] = &["A6 on A6", "A7 on A7", "A6 on A4", "A7 on A4", "A7 on A6", "105x35mm on A4", "A8 on A8"];
/// Attributes without which no packet is made.
const REQUIRED: &[&str] = &["number", "name", "surname", "addressId", "value", "weight"];
const FIRST_ID: u64 = 3_669_041_900;

/// The practice vendor's own switches.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    /// HTTP status of an answer that carries a fault: which one the vendor uses is not documented.
    fault_status: u16,
}

/// One account.
pub(crate) struct Packeta {
    api_password: String,
    options: Options,
    packets: BTreeMap<u64, Packet>,
    last_id: u64,
}

impl Packeta {
    pub(crate) fn new(keys: &Keys<'_>) -> Self {
        let api_password = keys.secret("api_password").chars().take(32).collect();
        Self { api_password, options: Options { fault_status: 200 }, packets: BTreeMap::new(), last_id: FIRST_ID }
    }

    fn keep(&mut self, packet: Packet) {
        self.last_id = self.last_id.max(packet.id);
        self.packets.insert(packet.id, packet);
    }

    fn fault(&self, name: &str, words: &str) -> Answer {
        xml::fault(self.options.fault_status, name, words, &[])
    }

    /// Makes a packet for a control call; `reference` is the order's.
    pub(crate) fn make(
        &mut self,
        vendor: &str,
        wish: NewParcel,
        reference: Option<&str>,
        tx: &mut Tx,
    ) -> Result<Value, String> {
        let packet = Packet::made_of(wish, self.last_id + 1, reference, tx.now)?;
        if self.packets.contains_key(&packet.id) {
            return Err("a packet with this number exists".to_owned());
        }
        tx.put("packet", packet.id, &packet);
        let made = packet.made(vendor);
        self.keep(packet);
        Ok(made)
    }

    /// Changes a packet's state, its order, or the number of the carrier behind it.
    pub(crate) fn change(
        &mut self,
        vendor: &str,
        id: &str,
        change: ParcelChange,
        tx: &mut Tx,
    ) -> Result<Value, String> {
        let packet = id_of(id).and_then(|id| self.packets.get_mut(&id)).ok_or_else(|| format!("no packet {id}"))?;
        let mut changed = packet.clone();
        changed.change(change, tx.now)?;
        *packet = changed;
        tx.put("packet", packet.id, packet);
        Ok(packet.made(vendor))
    }

    /// `createPacket`. A second one with the same number makes a second packet: nothing documented forbids it.
    fn create(&mut self, call: &Element, tx: &mut Tx) -> Answer {
        let empty = Element::default();
        let given = call.child("packetAttributes").unwrap_or(&empty);
        let mut wrong: Vec<(&str, &str)> =
            REQUIRED.iter().filter(|name| given.text_of(name).is_none()).map(|name| (*name, "is required")).collect();
        if given.text_of("email").or(given.text_of("phone")).is_none() {
            wrong.push(("email", "email or phone is required"));
        }
        if given.text_of("addressId").is_some_and(|id| id.parse::<u32>().is_err()) {
            wrong.push(("addressId", "is not a number"));
        }
        if !wrong.is_empty() {
            let words = "Packet attributes are not valid.";
            return xml::fault(self.options.fault_status, "PacketAttributesFault", words, &wrong);
        }
        let number = given.text_of("number").map(str::to_owned);
        let packet = Packet::announced(self.last_id + 1, number.clone(), tx.now);
        tx.put("packet", packet.id, &packet);
        tx.effect("packets", number.as_deref(), number.as_deref().unwrap_or_default());
        let made = element("id", &packet.id.to_string()) + &element("barcode", &packet.barcode());
        self.keep(packet);
        xml::ok(Some(&made))
    }

    /// Only until it was handed over.
    fn cancel(&mut self, id: u64, tx: &mut Tx) -> Answer {
        match self.packets.get_mut(&id) {
            Some(packet) if packet.code() == RECEIVED => {
                packet.moved(CANCELLED, tx.now);
                tx.put("packet", id, packet);
                tx.effect("packet_cancellations", packet.number.as_deref(), &id.to_string());
                xml::ok(None)
            }
            _ => self.fault("CancelNotAllowedFault", "The packet was submitted already."),
        }
    }

    fn label(&self, packet: &Packet, call: &Element) -> Answer {
        let format = call.text_of("format").is_some_and(|format| FORMATS.contains(&format));
        let offset = call.text_of("offset").is_some_and(|offset| offset.parse::<u32>().is_ok());
        if format && offset { file(&packet.label(&packet.barcode())) } else { self.unknown_format() }
    }

    fn unknown_format(&self) -> Answer {
        self.fault("UnknownLabelFormatFault", "Unknown label format.")
    }

    fn courier_number(&self, packet: &Packet) -> Answer {
        match (&packet.carrier, &packet.carrier_number) {
            (None, _) => self.fault("NotSupportedFault", "The packet is not for an external carrier."),
            (Some(_), None) => self.fault("ExternalGatewayFault", "The carrier has not answered."),
            (Some(carrier), Some(number)) => {
                let named = element("carrierId", "4159") + &element("carrierName", carrier);
                xml::ok(Some(&(element("courierNumber", number) + &named)))
            }
        }
    }

    fn courier_label(&self, packet: &Packet, call: &Element) -> Answer {
        match (&packet.carrier, &packet.carrier_number) {
            (None, _) => self.fault("NotSupportedFault", "The packet is not for an external carrier."),
            (Some(_), Some(number)) if call.text_of("courierNumber") == Some(number) => file(&packet.label(number)),
            _ => self.fault("InvalidCourierNumber", "The courier number is not valid."),
        }
    }
}

fn file(bytes: &[u8]) -> Answer {
    xml::ok(Some(&BASE64.encode(bytes)))
}

fn info(packet: &Packet) -> Answer {
    let number = packet.number.as_deref().map(|number| element("number", number)).unwrap_or_default();
    xml::ok(Some(&(element("branchId", "95") + &element("invoicedWeightGrams", "500") + &number)))
}

impl Practice for Packeta {
    fn routes(&self) -> &'static [Route] {
        ROUTES
    }

    /// One address for all methods: calls are counted, and go wrong, by their method.
    fn named(&self, route: &'static str, call: &Call) -> &'static str {
        let method = xml::read(&call.body).and_then(|root| METHODS.iter().copied().find(|method| root.name == *method));
        method.unwrap_or(route)
    }

    fn authenticate(&mut self, route: Option<&str>, call: &Call, _now: Millis) -> Result<(), Answer> {
        if route.is_none() {
            return Ok(());
        }
        let Some(root) = xml::read(&call.body) else {
            return Err(self.fault("IncorrectDataFault", "The data are not valid XML."));
        };
        if root.text_of("apiPassword") == Some(&self.api_password) {
            return Ok(());
        }
        Err(self.fault("IncorrectApiPasswordFault", "Incorrect API password."))
    }

    fn handle(&mut self, _route: &str, _free: &[String], call: &Call, tx: &mut Tx) -> Reply {
        let Some(root) = xml::read(&call.body) else { return self.unknown(404).into() };
        if !METHODS.contains(&root.name.as_str()) {
            return self.fault("IncorrectDataFault", "Unknown method.").into();
        }
        if root.name == "createPacket" {
            return self.create(&root, tx).into();
        }
        let id = root.text_of("packetId").and_then(|text| text.parse::<u64>().ok());
        let Some(packet) = id.and_then(|id| self.packets.get(&id)) else {
            return self.fault("PacketIdFault", "Packet ID does not exist.").into();
        };
        let answer = match root.name.as_str() {
            "packetStatus" => xml::ok(Some(&packet.status())),
            "packetTracking" => xml::ok(Some(&packet.tracking())),
            "packetInfo" => info(packet),
            "packetCourierNumberV2" => self.courier_number(packet),
            "packetLabelPdf" => self.label(packet, &root),
            "packetCourierLabelPdf" => self.courier_label(packet, &root),
            _ => {
                let id = packet.id;
                self.cancel(id, tx)
            }
        };
        answer.into()
    }

    fn unknown(&self, status: u16) -> Answer {
        Answer::bytes(status, "text/html", bytes::Bytes::from_static(b"<html><body>Not here</body></html>"))
    }

    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error> {
        match kind {
            "packet" => self.keep(serde_json::from_str(body)?),
            "options" => self.options = serde_json::from_str(body)?,
            _ => {}
        }
        Ok(())
    }

    fn connection(&self) -> Value {
        json!({
            "settings": {}, "secrets": {"api_password": self.api_password}, "webhook_secret": null,
            "options": self.options,
        })
    }

    fn configure(&mut self, change: &Value, tx: &mut Tx) -> Result<(), String> {
        self.options = merged(&self.options, change)?;
        tx.put("options", "", &self.options);
        Ok(())
    }
}
