//! Items of the table, and reading and writing their attributes.

use super::names::Place;
use aws_sdk_dynamodb::types::AttributeValue;
use export_flow::ports::PortError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Partition and sort key.
pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// Partition and sort key of the sparse index `due`.
pub(crate) const INDEX_PK: &str = "ik";
pub(crate) const INDEX_SK: &str = "is";
/// JSON.
pub(crate) const BODY: &str = "b";
/// Seconds since 1970 after which the table forgets the item.
pub(crate) const TTL: &str = "ttl";

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn nanos(at: Timestamp) -> AttributeValue {
    number(at.as_nanosecond())
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, PortError> {
    serde_json::to_string(value).map_err(|error| damaged("cannot be written", &error))
}

/// What is stored does not have the form it must have.
pub(crate) fn damaged(what: &str, why: &dyn std::fmt::Display) -> PortError {
    PortError::Damaged(format!("{what}: {why}"))
}

pub(crate) fn place_of(item: &Item) -> Result<Place, PortError> {
    match (get_text(item, PK), get_text(item, SK)) {
        (Some(pk), Some(sk)) => Ok(Place { pk: pk.to_owned(), sk: sk.to_owned() }),
        _ => Err(PortError::Damaged("an item without a key".into())),
    }
}

pub(crate) fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(crate) fn get_number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<Option<T>, PortError> {
    let Some(value) = item.get(name) else { return Ok(None) };
    let number = value.as_n().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| PortError::Damaged(format!("attribute {name} is no such number")))
}

pub(crate) fn get_time(item: &Item, name: &str) -> Result<Option<Timestamp>, PortError> {
    let nanos: Option<i128> = get_number(item, name)?;
    nanos.map(Timestamp::from_nanosecond).transpose().map_err(|error| damaged(name, &error))
}

pub(crate) fn get_json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<Option<T>, PortError> {
    let Some(text) = get_text(item, name) else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|error| damaged("a record cannot be read", &error))
}

/// The body, which must be there.
pub(crate) fn body<T: DeserializeOwned>(item: &Item) -> Result<T, PortError> {
    get_json(item, BODY)?.ok_or_else(|| PortError::Damaged("a record without a body".into()))
}

/// An item with a JSON body.
pub(crate) fn with_body(place: &Place, value: &impl Serialize) -> Result<Item, PortError> {
    let mut item = key(place);
    item.insert(BODY.to_owned(), text(json(value)?));
    Ok(item)
}

pub(crate) fn key(place: &Place) -> Item {
    Item::from([(PK.to_owned(), text(&place.pk)), (SK.to_owned(), text(&place.sk))])
}
