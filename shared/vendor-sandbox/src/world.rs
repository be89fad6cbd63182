//! Everything the practice vendors know, in memory, and the transaction through which it changes.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use ring::hmac;
use serde::Serialize;
use serde_json::{Value, json};

use crate::books::Books;
use crate::clock::Millis;
use crate::control::Tamper;
use crate::effects::Effects;
use crate::fakturoid::Fakturoid;
use crate::faults::Faults;
use crate::http::{Answer, Call, Found, Route, find};
use crate::magento::Magento;
use crate::mirakl::Mirakl;
use crate::order::{MadeOrder, NewOrder};
use crate::packeta::Packeta;
use crate::sendcloud::{NewParcel, ParcelChange, Sendcloud};
use crate::store::{Change, Effect, Loaded};
use crate::superfaktura::SuperFaktura;

/// One practice vendor.
pub(crate) trait Practice: Send {
    fn routes(&self) -> &'static [Route];
    /// What a call of a route is counted as, where one address serves many.
    fn named(&self, route: &'static str, _call: &Call) -> &'static str {
        route
    }
    /// Refuses a call as the vendor would. `route` is `None` for paths that the vendor does not have.
    fn authenticate(&mut self, route: Option<&str>, call: &Call, now: Millis) -> Result<(), Answer>;
    /// Performs one route.
    fn handle(&mut self, route: &str, free: &[String], call: &Call, tx: &mut Tx) -> Reply;
    /// Answer for a path (404) or method (405) that the vendor does not have.
    fn unknown(&self, status: u16) -> Answer;
    /// Takes back one stored record.
    fn load(&mut self, kind: &str, body: &str) -> Result<(), serde_json::Error>;
    /// `settings` and `secrets` of a connection to this vendor, and the switches of the practice vendor itself.
    fn connection(&self) -> Value;
    /// Changes the practice vendor's own switches.
    fn configure(&mut self, change: &Value, tx: &mut Tx) -> Result<(), String>;
}

/// An answer, possibly with stored files that are read once everything is on disk.
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// File name and blob id; one is sent as it is, several as a ZIP archive.
    pub(crate) files: Vec<(String, String)>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self { answer, files: Vec::new() }
    }
}

/// Changes of one call, written in one transaction.
pub(crate) struct Tx {
    pub(crate) now: Millis,
    instance: String,
    changes: Vec<Change>,
    effects: Vec<Effect>,
}

impl Tx {
    pub(crate) fn new(instance: &str, now: Millis) -> Self {
        Self { now, instance: instance.to_owned(), changes: Vec::new(), effects: Vec::new() }
    }

    /// Stores one record of a kind under its id.
    pub(crate) fn put<T: Serialize>(&mut self, kind: &'static str, id: impl ToString, value: &T) {
        let body = serde_json::to_string(value).unwrap_or_default();
        self.changes.push(Change::Put { instance: self.instance.clone(), kind, id: id.to_string(), body });
    }

    pub(crate) fn delete(&mut self, kind: &'static str, id: impl ToString) {
        self.changes.push(Change::Delete { instance: self.instance.clone(), kind, id: id.to_string() });
    }

    pub(crate) fn blob(&mut self, id: impl ToString, body: bytes::Bytes) {
        self.changes.push(Change::Blob { instance: self.instance.clone(), id: id.to_string(), body });
    }

    /// Counts one effect. `key` is what would be equal in a duplicate: a file name, a number, a tracking number.
    pub(crate) fn effect(&mut self, kind: &str, order: Option<&str>, key: &str) {
        self.effects.push(Effect {
            vendor: self.instance.clone(),
            kind: kind.to_owned(),
            order: order.map(str::to_owned),
            key: key.to_owned(),
            at: self.now,
        });
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }
}

/// One instance of one vendor.
pub(crate) enum Vendor {
    Fakturoid(Box<Fakturoid>),
    SuperFaktura(Box<SuperFaktura>),
    Sendcloud(Box<Sendcloud>),
    Packeta(Box<Packeta>),
    Magento(Box<Magento>),
    Mirakl(Box<Mirakl>),
}

impl Vendor {
    fn new(instance: &str, keys: &Keys<'_>) -> Option<Self> {
        Some(match vendor_of(instance)? {
            "fakturoid" => Self::Fakturoid(Box::new(Fakturoid::new(instance, keys))),
            "superfaktura" => Self::SuperFaktura(Box::new(SuperFaktura::new(keys))),
            "sendcloud" => Self::Sendcloud(Box::new(Sendcloud::new(keys))),
            "packeta" => Self::Packeta(Box::new(Packeta::new(keys))),
            "magento" => Self::Magento(Box::new(Magento::new(keys))),
            "mirakl" => Self::Mirakl(Box::new(Mirakl::new(keys))),
            _ => return None,
        })
    }

    pub(crate) fn practice(&mut self) -> &mut dyn Practice {
        match self {
            Self::Fakturoid(vendor) => vendor.as_mut(),
            Self::SuperFaktura(vendor) => vendor.as_mut(),
            Self::Sendcloud(vendor) => vendor.as_mut(),
            Self::Packeta(vendor) => vendor.as_mut(),
            Self::Magento(vendor) => vendor.as_mut(),
            Self::Mirakl(vendor) => vendor.as_mut(),
        }
    }

    fn practice_ref(&self) -> &dyn Practice {
        match self {
            Self::Fakturoid(vendor) => vendor.as_ref(),
            Self::SuperFaktura(vendor) => vendor.as_ref(),
            Self::Sendcloud(vendor) => vendor.as_ref(),
            Self::Packeta(vendor) => vendor.as_ref(),
            Self::Magento(vendor) => vendor.as_ref(),
            Self::Mirakl(vendor) => vendor.as_ref(),
        }
    }
}

/// The vendors, in the order in which they are shown.
pub(crate) const VENDORS: &[&str] = &["fakturoid", "superfaktura", "sendcloud", "packeta", "magento", "mirakl"];

/// The vendor behind an instance's name: `magento-2` is a Magento. `None` for other names.
pub(crate) fn vendor_of(instance: &str) -> Option<&'static str> {
    VENDORS.iter().copied().find(|vendor| match instance.strip_prefix(vendor) {
        Some("") => true,
        Some(rest) => {
            matches!(rest.strip_prefix('-').map(str::as_bytes), Some([digit]) if (b'2'..=b'9').contains(digit))
        }
        None => false,
    })
}

/// Makes an instance's credentials: stable for a durable file, different in every other.
pub(crate) struct Keys<'a> {
    seed: &'a str,
    instance: &'a str,
}

impl Keys<'_> {
    /// A secret of 40 hexadecimal digits.
    pub(crate) fn secret(&self, field: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.seed.as_bytes());
        let tag = hmac::sign(&key, format!("{}/{field}", self.instance).as_bytes());
        HEXLOWER.encode(tag.as_ref()).chars().take(40).collect()
    }
}

/// All instances, effects, counted calls and faults.
pub(crate) struct World {
    seed: String,
    instances: BTreeMap<String, Vendor>,
    pub(crate) effects: Effects,
    pub(crate) faults: Faults,
    calls: BTreeMap<String, BTreeMap<&'static str, u64>>,
    pub(crate) paused: u64,
    submitted: u64,
}

impl World {
    /// Everything as the durable file has it.
    pub(crate) fn new(loaded: &Loaded) -> Result<Self, serde_json::Error> {
        let mut world = Self {
            seed: loaded.seed.clone(),
            instances: BTreeMap::new(),
            effects: Effects::default(),
            faults: Faults::default(),
            calls: BTreeMap::new(),
            paused: 0,
            submitted: 0,
        };
        for record in &loaded.records {
            if let Some(vendor) = world.vendor(&record.instance) {
                vendor.practice().load(&record.kind, &record.body)?;
            }
        }
        for effect in &loaded.effects {
            world.effects.add(effect.clone());
        }
        Ok(world)
    }

    /// An instance, made when first met; `None` when no vendor has that name.
    pub(crate) fn vendor(&mut self, instance: &str) -> Option<&mut Vendor> {
        if !self.instances.contains_key(instance) {
            let vendor = Vendor::new(instance, &Keys { seed: &self.seed, instance })?;
            self.instances.insert(instance.to_owned(), vendor);
        }
        self.instances.get_mut(instance)
    }

    pub(crate) fn fakturoid(&mut self, instance: &str) -> Result<&mut Fakturoid, String> {
        match self.vendor(instance) {
            Some(Vendor::Fakturoid(vendor)) => Ok(vendor),
            _ => Err(format!("{instance} is not a practice Fakturoid")),
        }
    }

    /// Any accounting.
    pub(crate) fn books(&mut self, instance: &str) -> Result<&mut dyn Books, String> {
        match self.vendor(instance) {
            Some(Vendor::Fakturoid(vendor)) => Ok(vendor.as_mut()),
            Some(Vendor::SuperFaktura(vendor)) => Ok(vendor.as_mut()),
            _ => Err(format!("{instance} is not a practice accounting")),
        }
    }

    pub(crate) fn sendcloud(&mut self, instance: &str) -> Result<&mut Sendcloud, String> {
        match self.vendor(instance) {
            Some(Vendor::Sendcloud(vendor)) => Ok(vendor),
            _ => Err(format!("{instance} is not a practice courier with webhooks")),
        }
    }

    /// Makes a parcel at a courier; what the control calls answer about it.
    pub(crate) fn make_parcel(
        &mut self,
        courier: &str,
        wish: NewParcel,
        reference: Option<&str>,
        tx: &mut Tx,
    ) -> Result<Value, String> {
        match self.vendor(courier) {
            Some(Vendor::Sendcloud(vendor)) => Ok(vendor.make(wish, reference, tx)?.made(courier)),
            Some(Vendor::Packeta(vendor)) => vendor.make(courier, wish, reference, tx),
            _ => Err(format!("{courier} is not a practice courier")),
        }
    }

    /// Changes a parcel of a courier, likewise.
    pub(crate) fn change_parcel(
        &mut self,
        courier: &str,
        id: &str,
        change: ParcelChange,
        tx: &mut Tx,
    ) -> Result<Value, String> {
        match self.vendor(courier) {
            Some(Vendor::Sendcloud(vendor)) => Ok(vendor.change(id, change, tx)?.made(courier)),
            Some(Vendor::Packeta(vendor)) => vendor.change(courier, id, change, tx),
            _ => Err(format!("{courier} is not a practice courier")),
        }
    }

    pub(crate) fn mirakl(&mut self, instance: &str) -> Result<&Mirakl, String> {
        match self.vendor(instance) {
            Some(Vendor::Mirakl(vendor)) => Ok(vendor),
            _ => Err(format!("{instance} is not a practice Mirakl")),
        }
    }

    /// Makes an order at a channel.
    pub(crate) fn make_order(&mut self, channel: &str, order: &NewOrder, tx: &mut Tx) -> Result<MadeOrder, String> {
        match self.vendor(channel) {
            Some(Vendor::Magento(vendor)) => vendor.make(order, tx),
            Some(Vendor::Mirakl(vendor)) => vendor.make(order, tx),
            _ => Err(format!("{channel} is not a practice channel")),
        }
    }

    /// Moves an order of a channel to a state in the vendor's words.
    pub(crate) fn change_order(
        &mut self,
        channel: &str,
        reference: &str,
        state: &str,
        tx: &mut Tx,
    ) -> Result<MadeOrder, String> {
        match self.vendor(channel) {
            Some(Vendor::Magento(vendor)) => vendor.change(reference, state, tx),
            Some(Vendor::Mirakl(vendor)) => vendor.change(reference, state, tx),
            _ => Err(format!("{channel} is not a practice channel")),
        }
    }

    /// Changes something at a channel behind everybody's back.
    pub(crate) fn tamper(&mut self, channel: &str, wish: &Tamper, tx: &mut Tx) -> Result<(), String> {
        match self.vendor(channel) {
            Some(Vendor::Magento(vendor)) => vendor.tamper(wish, tx),
            Some(Vendor::Mirakl(vendor)) => vendor.tamper(wish, tx),
            _ => Err(format!("{channel} is not a practice channel")),
        }
    }

    /// Counts a call that arrived and names its route.
    pub(crate) fn count_call(&mut self, instance: &str, call: &Call) -> Option<&'static str> {
        let practice = self.vendor(instance)?.practice();
        let name = match find(practice.routes(), &call.method, &call.path) {
            Found::Route(name, _) => practice.named(name, call),
            Found::OtherMethod | Found::Nothing => "unknown",
        };
        *self.calls.entry(instance.to_owned()).or_default().entry(name).or_default() += 1;
        Some(name)
    }

    pub(crate) fn calls(&self, vendor: Option<&str>, route: Option<&str>) -> u64 {
        let kinds = self.calls.iter().filter(|(name, _)| vendor.is_none_or(|wanted| wanted == *name));
        let counts = kinds.flat_map(|(_, routes)| routes);
        counts.filter(|(name, _)| route.is_none_or(|wanted| wanted == **name)).map(|(_, count)| count).sum()
    }

    pub(crate) fn show_calls(&self) -> Value {
        json!({"vendors": self.calls, "total": self.calls(None, None), "paused": self.paused})
    }

    /// One call through authentication (unless that was done before), routing and effect.
    pub(crate) fn perform(&mut self, instance: &str, call: &Call, checked: bool, tx: &mut Tx) -> Option<Reply> {
        let practice = self.vendor(instance)?.practice();
        let found = find(practice.routes(), &call.method, &call.path);
        let route = if let Found::Route(name, _) = &found { Some(*name) } else { None };
        if !checked && let Err(refusal) = practice.authenticate(route, call, tx.now) {
            return Some(refusal.into());
        }
        Some(match found {
            Found::Route(name, free) => practice.handle(name, &free, call, tx),
            Found::OtherMethod => practice.unknown(405).into(),
            Found::Nothing => practice.unknown(404).into(),
        })
    }

    /// Takes a transaction's effects and answers its number and what to write.
    pub(crate) fn commit(&mut self, tx: Tx) -> (u64, Vec<Change>) {
        let mut changes = tx.changes;
        for effect in tx.effects {
            self.effects.add(effect.clone());
            changes.push(Change::Effect(effect));
        }
        if !changes.is_empty() {
            self.submitted += 1;
        }
        (self.submitted, changes)
    }

    /// Number of the last transaction.
    pub(crate) fn last(&self) -> u64 {
        self.submitted
    }

    /// Settings and secrets of one instance, ready to be put as a connection.
    /// `host` is the one under which the asker reaches this program.
    pub(crate) fn show(&mut self, instance: &str, host: &str) -> Option<Value> {
        let base_url = format!("http://{host}/{instance}");
        let mut page = self.vendor(instance)?.practice_ref().connection();
        if let Some(settings) = page.get_mut("settings").and_then(Value::as_object_mut) {
            settings.insert("base_url".to_owned(), Value::String(base_url.clone()));
        }
        if let Some(page) = page.as_object_mut() {
            page.insert("base_url".to_owned(), Value::String(base_url));
        }
        Some(page)
    }

    /// Names to show: every vendor twice, and whatever else has been touched.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            VENDORS.iter().flat_map(|vendor| [(*vendor).to_owned(), format!("{vendor}-2")]).collect();
        names.extend(self.instances.keys().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_a_vendor_or_a_vendor_with_a_digit_from_two_to_nine() {
        assert_eq!(vendor_of("mirakl"), Some("mirakl"));
        assert_eq!(vendor_of("mirakl-9"), Some("mirakl"));
        for other in ["mirakl-1", "mirakl-", "mirakl-10", "miraklx", "shopify", ""] {
            assert_eq!(vendor_of(other), None, "{other}");
        }
    }
}
