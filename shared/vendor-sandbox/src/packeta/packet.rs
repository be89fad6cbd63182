//! A packet of the practice Packeta and its XML.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::xml::element;
use crate::clock::{self, Millis};
use crate::sendcloud::{NewParcel, ParcelChange};

/// The vendor's codes and texts. There is no 8 and no 13.
const CODES: &[(u32, &str)] = &[
    (1, "received data"),
    (2, "arrived"),
    (3, "prepared for departure"),
    (4, "departed"),
    (5, "ready for pickup"),
    (6, "handed to carrier"),
    (7, "delivered"),
    (9, "posted back"),
    (10, "returned"),
    (11, "cancelled"),
    (12, "collected"),
    (14, "customs"),
    (15, "reverse packet arrived"),
    (16, "delivery attempt"),
    (17, "rejected by recipient"),
    (18, "rejected by recipient"),
    (19, "return from hd no branch nearby"),
    (20, "storage time expired"),
    (21, "packet cancelled but consigned"),
    (22, "return overlimit"),
    (23, "zbox delivery attempt"),
    (24, "zbox last delivery attempt"),
    (25, "carrier first delivery attempt"),
    (26, "packet under investigation"),
    (27, "packet investigation resolved"),
    (28, "favourite point redirect"),
    (29, "no favourite point available redirect"),
    (30, "no favourite point set redirect"),
    (999, "unknown"),
];
pub(super) const RECEIVED: u32 = 1;
pub(super) const CANCELLED: u32 = 11;

/// A code by its number, its text, or the canonical delivery state that it stands for.
fn known(state: &str) -> Result<u32, String> {
    let code = match state {
        "label_created" => Some(RECEIVED),
        "in_transit" => Some(4),
        "out_for_delivery" => Some(5),
        "delivery_failed" => Some(16),
        other => {
            CODES.iter().find(|(code, text)| other == code.to_string() || other.replace('_', " ") == *text).map(|c| c.0)
        }
    };
    code.ok_or_else(|| format!("unknown state {state}; a canonical delivery state, or one of {CODES:?}"))
}

fn text(code: u32) -> &'static str {
    CODES.iter().find(|known| known.0 == code).map_or("unknown", |known| known.1)
}

/// What a packet usually went through before it came to a code.
fn before(code: u32, with_carrier: bool) -> &'static [u32] {
    match (code, with_carrier) {
        (1, _) => &[],
        (2 | 11 | 12, _) => &[1],
        (3 | 4, _) => &[1, 2],
        (5 | 6, _) => &[1, 2, 4],
        (_, true) => &[1, 2, 4, 6],
        (_, false) => &[1, 2, 4, 5],
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    at: Millis,
    code: u32,
}

/// One packet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Packet {
    pub(super) id: u64,
    /// The e-shop's order number.
    pub(super) number: Option<String>,
    /// The carrier behind Packeta, in the vendor's words.
    pub(super) carrier: Option<String>,
    /// That carrier's own number, once there is one.
    pub(super) carrier_number: Option<String>,
    records: Vec<Record>,
}

/// What can be known to be wrong before anything is made.
pub(crate) fn check(wish: &NewParcel) -> Result<(), String> {
    known(wish.state.as_deref().unwrap_or("in_transit"))?;
    match &wish.tracking_number {
        None => {}
        Some(Some(number)) => {
            id_of(number).ok_or_else(|| format!("{number} is no packet's number: Z and figures"))?;
        }
        Some(None) => return Err("every packet has its number at once".to_owned()),
    }
    if wish.label_ready_after > 0 {
        return Err("a packet's label is ready at once; a carrier's with its carrier_number".to_owned());
    }
    Ok(())
}

/// The id in an id or a number.
pub(super) fn id_of(text: &str) -> Option<u64> {
    let figures = text.strip_prefix('Z').unwrap_or(text);
    figures.parse().ok().filter(|_| figures.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Packet {
    /// A packet that was only announced.
    pub(super) fn announced(id: u64, number: Option<String>, at: Millis) -> Self {
        Self { id, number, carrier: None, carrier_number: None, records: vec![Record { at, code: RECEIVED }] }
    }

    /// As a control call wants it. `carrier` or `carrier_name` puts it with a carrier behind Packeta.
    pub(super) fn made_of(wish: NewParcel, free_id: u64, reference: Option<&str>, at: Millis) -> Result<Self, String> {
        check(&wish)?;
        let last = known(wish.state.as_deref().unwrap_or("in_transit"))?;
        let id = wish.tracking_number.flatten().and_then(|number| id_of(&number)).unwrap_or(free_id);
        let carrier = wish.carrier_name.or(wish.carrier);
        let codes = before(last, carrier.is_some()).iter().copied().chain([last]);
        let count = i64::try_from(codes.clone().count()).unwrap_or(1);
        // An hour between the earlier records, the last one now.
        let records = codes.zip(1_i64..).map(|(code, n)| Record { at: at - (count - n) * 3_600_000, code });
        Ok(Self {
            id,
            number: wish.order_number.unwrap_or_else(|| reference.map(str::to_owned)),
            carrier,
            carrier_number: wish.carrier_number.flatten(),
            records: records.collect(),
        })
    }

    pub(super) fn change(&mut self, change: ParcelChange, at: Millis) -> Result<(), String> {
        if change.tracking_number.is_some() {
            return Err("a packet keeps its number; the carrier's is carrier_number".to_owned());
        }
        if let Some(state) = change.state.as_deref() {
            self.moved(known(state)?, at);
        }
        if let Some(number) = change.order_number {
            self.number = number;
        }
        if let Some(number) = change.carrier_number {
            if self.carrier.is_none() {
                return Err("the packet is with no carrier but Packeta".to_owned());
            }
            self.carrier_number = number;
        }
        Ok(())
    }

    /// The vendor's times are whole seconds; no two records share one.
    pub(super) fn moved(&mut self, code: u32, at: Millis) {
        let at = self.records.last().map_or(at, |last| at.max(last.at + 1000));
        self.records.push(Record { at, code });
    }

    pub(super) fn code(&self) -> u32 {
        self.records.last().map_or(999, |record| record.code)
    }

    pub(super) fn barcode(&self) -> String {
        format!("Z{}", self.id)
    }

    /// `packetStatus`.
    pub(super) fn status(&self) -> String {
        let now = self.records.last().map(Self::record).unwrap_or_default();
        let carrier = self.carrier.as_deref().map(|name| element("carrierId", "4159") + &element("carrierName", name));
        now + &element("isReturning", "false") + &carrier.unwrap_or_default()
    }

    /// `packetTracking`.
    pub(super) fn tracking(&self) -> String {
        self.records.iter().map(|record| format!("<record>{}</record>", Self::record(record))).collect()
    }

    fn record(record: &Record) -> String {
        let Record { at, code } = record;
        element("dateTime", &clock::local(*at).strftime("%Y-%m-%dT%H:%M:%S").to_string())
            + &element("statusCode", &code.to_string())
            + &element("codeText", text(*code))
            + &element("statusText", "Zásilka")
            + &element("branchId", "95")
    }

    /// The label's PDF: always the same bytes for the same packet.
    pub(super) fn label(&self, number: &str) -> bytes::Bytes {
        let order = format!("Order {}", self.number.as_deref().unwrap_or("-"));
        let carrier = self.carrier.as_deref().filter(|_| number != self.barcode()).unwrap_or("Packeta");
        crate::pdf::page(&[format!("{carrier} label"), number.to_owned(), order])
    }

    /// What the control calls answer about a packet.
    pub(super) fn made(&self, vendor: &str) -> Value {
        let (code, at) = self.records.last().map_or((999, 0), |record| (record.code, record.at));
        json!({"vendor": vendor, "id": self.id.to_string(), "tracking_number": self.barcode(),
               "carrier": self.carrier, "carrier_number": self.carrier_number, "state": text(code),
               "order_number": self.number, "status": {"id": code, "message": text(code)},
               "updated_at": clock::utc_millis(at)})
    }
}
