//! Where the exports of a source's thing lie: beside the order that was known when the thing was first met, for ever.
//! All claims of one export therefore meet the same item, although its id does not say its order. Where the order was
//! not known then, or is another one now, the order has a pointer to the thing.

use super::item::{Item, get_json, get_text, key, nanos, text};
use super::names::{Place, Thing, export_sort, order_partition};
use super::table::{Condition, Table, Written};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{ExportKey, OrderReference};
use export_flow::ports::{DocumentItem, ParcelItem, PortError};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// The order it lies beside; empty: it lies by itself.
const HOME: &str = "h";
pub(super) const DOCUMENT: &str = "d";
pub(super) const PARCEL: &str = "p";
const SOURCE_VERSION: &str = "sv";
/// Homes remembered; they never change.
const REMEMBERED_MAX: usize = 10_000;

/// Homes, remembered.
pub(crate) struct Homes {
    table: Table,
    known: Mutex<HashMap<Thing, String>>,
    pointers: Mutex<HashSet<(Thing, String)>>,
}

/// What was remembered of a document, and what was known before.
pub(crate) struct Remembered {
    /// Nothing of the thing was known.
    pub(crate) first: bool,
    /// The document before; the newest, if what was to be remembered is older.
    pub(crate) before: Option<DocumentItem>,
}

impl Homes {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, known: Mutex::default(), pointers: Mutex::default() }
    }

    /// Where an export lies. `None`: nothing of its thing was ever known.
    pub(crate) async fn find(&self, export: &ExportKey) -> Result<Option<Place>, PortError> {
        let thing = Thing::of(export);
        match self.of(&thing).await? {
            Some(home) => place(&thing, &home, export).map(Some),
            None => Ok(None),
        }
    }

    /// Where an export lies or shall lie from now on.
    pub(crate) async fn settle(&self, export: &ExportKey, order: Option<&OrderReference>) -> Result<Place, PortError> {
        let thing = Thing::of(export);
        if let Some(home) = self.of(&thing).await? {
            return place(&thing, &home, export);
        }
        let home = text(order.map_or("", OrderReference::as_str));
        let own = thing.place()?;
        let settled = self.table.send_update(
            &own,
            "SET #h = if_not_exists(#h, :h)",
            (named([("#h", HOME)]), HashMap::from([(":h".to_owned(), home)])),
            Condition::default(),
            ReturnValue::AllNew,
        );
        let Written::Done(item) = settled.await? else {
            return Err(PortError::Damaged("a write without a condition was refused".into()));
        };
        let home = self.learn(&thing, &item);
        place(&thing, &home, export)
    }

    /// The partition that a thing's exports lie in.
    pub(crate) async fn partition(&self, thing: &Thing) -> Result<Option<String>, PortError> {
        Ok(self.of(thing).await?.map(|home| partition(thing, &home)))
    }

    /// The order that a thing lies beside; empty if it lies by itself.
    async fn of(&self, thing: &Thing) -> Result<Option<String>, PortError> {
        if let Some(home) = self.lock().get(thing) {
            return Ok(Some(home.clone()));
        }
        let item = self.table.get(&thing.place()?, true).await?;
        Ok(item.filter(|item| item.contains_key(HOME)).map(|item| self.learn(thing, &item)))
    }

    /// Reads the homes of many things at once, where they are not known yet. Answers the things that have one.
    pub(crate) async fn learn_all(&self, things: impl Iterator<Item = Thing>) -> Result<Vec<Thing>, PortError> {
        let (mut at_home, unknown): (Vec<Thing>, BTreeSet<Thing>) = {
            let known = self.lock();
            let (at_home, unknown): (Vec<Thing>, Vec<Thing>) = things.partition(|thing| known.contains_key(thing));
            (at_home, unknown.into_iter().collect())
        };
        let mut places = BTreeMap::new();
        for thing in unknown {
            places.insert(thing.place()?, thing);
        }
        let wanted: Vec<Place> = places.keys().cloned().collect();
        for item in self.table.get_all(&wanted, true).await? {
            if let Some(thing) = places.get(&super::item::place_of(&item)?).filter(|_| item.contains_key(HOME)) {
                self.learn(thing, &item);
                at_home.push(thing.clone());
            }
        }
        Ok(at_home)
    }

    /// Takes a home from the thing's own item.
    pub(crate) fn learn(&self, thing: &Thing, item: &Item) -> String {
        let home = get_text(item, HOME).unwrap_or_default().to_owned();
        let mut known = self.lock();
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(thing.clone(), home.clone());
        home
    }

    /// Makes an order find a thing that quotes it and lies elsewhere.
    pub(crate) async fn point(&self, thing: &Thing, order: Option<&str>) -> Result<(), PortError> {
        let Some(order) = order else { return Ok(()) };
        let Some(home) = self.of(thing).await? else { return Ok(()) };
        let pointer = (thing.clone(), order.to_owned());
        if home == order || self.pointers().contains(&pointer) {
            return Ok(());
        }
        self.table.put(key(&thing.pointer(order)?)).await?;
        let mut pointers = self.pointers();
        if pointers.len() >= REMEMBERED_MAX {
            pointers.clear();
        }
        pointers.insert(pointer);
        Ok(())
    }

    /// Remembers a document, unless a newer one is known.
    pub(crate) async fn remember(&self, document: &DocumentItem) -> Result<Remembered, PortError> {
        let thing = Thing { tenant: document.tenant.clone(), source: document.source.clone(), id: document.id.clone() };
        let order = document.order.as_ref().map_or("", OrderReference::as_str);
        let values = HashMap::from([
            (":h".to_owned(), text(order)),
            (":d".to_owned(), text(super::item::json(document)?)),
            (":v".to_owned(), nanos(document.version_at)),
        ]);
        let names = named([("#h", HOME), ("#d", DOCUMENT), ("#v", SOURCE_VERSION)]);
        let newer = "attribute_not_exists(#sv) OR #sv <= :if_sv";
        let own = thing.place()?;
        let written = self.table.send_update(
            &own,
            "SET #h = if_not_exists(#h, :h), #d = :d, #v = :v",
            (names, values),
            Condition::written(newer, vec![(SOURCE_VERSION, nanos(document.version_at))]),
            ReturnValue::AllOld,
        );
        let (first, before) = match written.await? {
            Written::Done(old) if old.contains_key(HOME) => {
                self.learn(&thing, &old);
                (false, old)
            }
            Written::Done(old) => {
                self.learn(&thing, &Item::from([(HOME.to_owned(), text(order))]));
                (true, old)
            }
            Written::Refused(newer) => {
                let newer = newer.unwrap_or_default();
                self.learn(&thing, &newer);
                return Ok(Remembered { first: false, before: get_json(&newer, DOCUMENT)? });
            }
        };
        self.point(&thing, document.order.as_ref().map(OrderReference::as_str)).await?;
        Ok(Remembered { first, before: get_json(&before, DOCUMENT)? })
    }

    /// Adds what was read of a parcel to what is known of it. Answers the whole, and what was known before.
    pub(crate) async fn merge(&self, read: &ParcelItem) -> Result<(ParcelItem, Option<ParcelItem>), PortError> {
        let thing = Thing { tenant: read.tenant.clone(), source: read.source.clone(), id: read.parcel.id.clone() };
        let place = thing.place()?;
        for _ in 0..super::TRIES_MAX {
            let old = self.table.get(&place, true).await?;
            let known_text = old.as_ref().and_then(|old| get_text(old, PARCEL)).map(ToOwned::to_owned);
            let known: Option<ParcelItem> = old.as_ref().map_or(Ok(None), |old| get_json(old, PARCEL))?;
            let merged = known.clone().unwrap_or_else(|| read.clone()).merged(read.clone());
            let order = merged.parcel.order_reference.clone();
            let mut change = super::watch::change(&thing, merged.watch_at);
            change.push((PARCEL, Some(text(super::item::json(&merged)?))));
            if !old.as_ref().is_some_and(|old| old.contains_key(HOME)) {
                change.push((HOME, Some(text(order.clone().unwrap_or_default()))));
            }
            let home = old.as_ref().and_then(|old| get_text(old, HOME)).map(text);
            let same = Condition::default().and(PARCEL, known_text.map(text)).and(HOME, home);
            if let Written::Done(new) = self.table.update(&place, change, same, ReturnValue::AllNew).await? {
                self.learn(&thing, &new);
                self.point(&thing, order.as_deref()).await?;
                return Ok((merged, known));
            }
        }
        Err(super::too_many())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Thing, String>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pointers(&self) -> std::sync::MutexGuard<'_, HashSet<(Thing, String)>> {
        self.pointers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named<const N: usize>(names: [(&str, &str); N]) -> HashMap<String, String> {
    names.map(|(short, name)| (short.to_owned(), name.to_owned())).into()
}

fn partition(thing: &Thing, home: &str) -> String {
    if home.is_empty() { thing.partition() } else { order_partition(&thing.tenant, home) }
}

fn place(thing: &Thing, home: &str, export: &ExportKey) -> Result<Place, PortError> {
    Place::new(partition(thing, home), export_sort(export))
}
