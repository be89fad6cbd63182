//! The table: every call of the SDK that the ledger makes, with AWS's failures in our words.

use super::item::{INDEX_PK, INDEX_SK, Item, PK, SK, key, text};
use super::names::Place;
use super::record::{CHANGES, Change};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, PutRequest, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    WriteRequest,
};
use export_flow::ports::PortError;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// The sparse index.
const DUE_INDEX: &str = "due";
/// Items that one call reads or writes at most.
const READS_MAX: usize = 100;
const WRITES_MAX: usize = 25;
/// A batch that was done in part is asked for again so often.
const REPEATS_MAX: u32 = 6;

/// A table, and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: Client,
    name: String,
}

/// A write under a condition.
pub(crate) enum Written {
    /// Done; the item as asked for (before or after).
    Done(Item),
    /// The condition was not met; the item as it is, if there is one.
    Refused(Option<Item>),
}

/// A condition, in the table's language, with the names and values it uses.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    pub(crate) text: String,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

impl Condition {
    /// Nothing lies there yet.
    pub(crate) fn absent() -> Self {
        Self { text: "attribute_not_exists(pk)".to_owned(), values: vec![] }
    }

    /// An attribute has a value, or is absent.
    pub(crate) fn and(mut self, name: &'static str, value: Option<AttributeValue>) -> Self {
        if !self.text.is_empty() {
            self.text.push_str(" AND ");
        }
        // Every name is given as `#name`, since many short words are reserved.
        match value {
            Some(value) => {
                self.text.push_str(&format!("#{name} = :if_{name}"));
                self.values.push((name, value));
            }
            None => self.text.push_str(&format!("attribute_not_exists(#{name})")),
        }
        self
    }

    /// Besides, beyond what [`Condition::and`] can say; values are named `:if_<name>`.
    pub(crate) fn also(mut self, text: &str, values: Vec<(&'static str, AttributeValue)>) -> Self {
        self.text.push_str(" AND ");
        self.text.push_str(text);
        self.values.extend(values);
        self
    }

    /// An attribute has a value.
    pub(crate) fn is(name: &'static str, value: AttributeValue) -> Self {
        Self::default().and(name, Some(value))
    }

    /// Beyond what [`Condition::and`] can say; values are named `:if_<name>`.
    pub(crate) fn written(text: &str, values: Vec<(&'static str, AttributeValue)>) -> Self {
        Self { text: text.to_owned(), values }
    }
}

/// What a query of one partition asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Range {
    pub(crate) partition: String,
    /// Sort keys that begin so.
    pub(crate) begins: Option<String>,
    /// Sort keys from here to there, both included.
    pub(crate) between: Option<(String, String)>,
    /// Largest sort key first.
    pub(crate) backwards: bool,
    /// Strongly consistent; never of the index.
    pub(crate) consistent: bool,
    /// Of the index.
    pub(crate) of_index: bool,
    /// So many at most; all where it is absent.
    pub(crate) limit: Option<usize>,
}

impl Table {
    pub(crate) fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    pub(crate) async fn get(&self, place: &Place, consistent: bool) -> Result<Option<Item>, PortError> {
        let get = self.client.get_item().table_name(&self.name).set_key(Some(key(place))).consistent_read(consistent);
        Ok(get.send().await.map_err(|error| failed(&error))?.item)
    }

    /// Puts an item, whatever was there.
    pub(crate) async fn put(&self, item: Item) -> Result<(), PortError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map(drop).map_err(|error| failed(&error))
    }

    /// Changes attributes under a condition; the count of changes is added to. Answers the item after the change, or
    /// before it.
    pub(crate) async fn update(
        &self,
        place: &Place,
        change: Change,
        condition: Condition,
        answers: ReturnValue,
    ) -> Result<Written, PortError> {
        let (mut set, mut gone, mut add) = (vec![], vec![], vec![]);
        let (mut names, mut values) = (HashMap::new(), HashMap::new());
        for (name, value) in change {
            names.insert(format!("#{name}"), name.to_owned());
            match value {
                Some(value) => {
                    if name == CHANGES {
                        add.push(format!("#{name} :{name}"));
                    } else {
                        set.push(format!("#{name} = :{name}"));
                    }
                    values.insert(format!(":{name}"), value);
                }
                None => gone.push(format!("#{name}")),
            }
        }
        self.send_update(place, &sections(&set, &gone, &add), (names, values), condition, answers).await
    }

    /// The same with an expression of its own, in which `#name` and `:value` are declared.
    pub(crate) async fn send_update(
        &self,
        place: &Place,
        expression: &str,
        (mut names, mut values): (HashMap<String, String>, HashMap<String, AttributeValue>),
        condition: Condition,
        answers: ReturnValue,
    ) -> Result<Written, PortError> {
        names.extend(names_in(&condition.text));
        values.extend(condition.values.into_iter().map(|(name, value)| (format!(":if_{name}"), value)));
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(place)))
            .update_expression(expression)
            .set_expression_attribute_names(Some(names).filter(|names| !names.is_empty()))
            .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()))
            .set_condition_expression(Some(condition.text).filter(|text| !text.is_empty()))
            .return_values(answers)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(done) => Ok(Written::Done(done.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Written::Refused(refused.item.clone()))
                }
                _ => Err(failed(&error)),
            },
        }
    }

    /// Removes an item if a condition is met. True if it did.
    pub(crate) async fn delete(&self, place: &Place, condition: Condition) -> Result<bool, PortError> {
        let names: HashMap<_, _> = names_in(&condition.text).collect();
        let values: HashMap<_, _> =
            condition.values.into_iter().map(|(name, value)| (format!(":if_{name}"), value)).collect();
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key(place)))
            .set_expression_attribute_names(Some(names).filter(|names| !names.is_empty()))
            .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()))
            .set_condition_expression(Some(condition.text).filter(|text| !text.is_empty()))
            .return_values(ReturnValue::AllOld);
        match delete.send().await {
            Ok(done) => Ok(done.attributes.is_some_and(|item| !item.is_empty())),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_conditional_check_failed_exception() => Ok(false),
                _ => Err(failed(&error)),
            },
        }
    }

    /// Items of one partition, page by page until there are enough.
    pub(crate) async fn query(&self, range: &Range) -> Result<Vec<Item>, PortError> {
        let (pk, sk) = if range.of_index { (INDEX_PK, INDEX_SK) } else { (PK, SK) };
        let mut condition = "#p = :p".to_owned();
        let mut values = HashMap::from([(":p".to_owned(), text(&range.partition))]);
        let mut names = HashMap::from([("#p".to_owned(), pk.to_owned())]);
        if let Some(begins) = &range.begins {
            condition.push_str(" AND begins_with(#s, :s)");
            values.insert(":s".to_owned(), text(begins));
        }
        if let Some((from, to)) = &range.between {
            condition.push_str(" AND #s BETWEEN :s AND :t");
            values.insert(":s".to_owned(), text(from));
            values.insert(":t".to_owned(), text(to));
        }
        if range.begins.is_some() || range.between.is_some() {
            names.insert("#s".to_owned(), sk.to_owned());
        }
        let (mut found, mut after) = (vec![], None);
        if range.limit == Some(0) {
            return Ok(found);
        }
        loop {
            let missing = range.limit.map(|limit| limit.saturating_sub(found.len()));
            let page = self
                .client
                .query()
                .table_name(&self.name)
                .set_index_name(range.of_index.then(|| DUE_INDEX.to_owned()))
                .key_condition_expression(&condition)
                .set_expression_attribute_names(Some(names.clone()))
                .set_expression_attribute_values(Some(values.clone()))
                .scan_index_forward(!range.backwards)
                .consistent_read(range.consistent && !range.of_index)
                .set_limit(missing.and_then(|missing| i32::try_from(missing).ok()))
                .set_exclusive_start_key(after)
                .send()
                .await
                .map_err(|error| failed(&error))?;
            found.extend(page.items.unwrap_or_default());
            after = page.last_evaluated_key.filter(|key| !key.is_empty());
            if after.is_none() || range.limit.is_some_and(|limit| found.len() >= limit) {
                return Ok(found);
            }
        }
    }

    /// The items at these places, in any order; those that are not there are left out.
    pub(crate) async fn get_all(&self, places: &[Place], consistent: bool) -> Result<Vec<Item>, PortError> {
        // The index may show one thing twice while it moves; the table refuses to be asked twice for it.
        let places: Vec<&Place> = places.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let mut found = vec![];
        for places in places.chunks(READS_MAX) {
            let mut keys: Vec<Item> = places.iter().map(|place| key(place)).collect();
            for repeat in 0.. {
                let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(consistent).build();
                let wanted = wanted.map_err(|error| PortError::Damaged(error.to_string()))?;
                let read = self.client.batch_get_item().request_items(&self.name, wanted).send().await;
                let read = read.map_err(|error| failed(&error))?;
                found.extend(read.responses.unwrap_or_default().remove(&self.name).unwrap_or_default());
                let left = read.unprocessed_keys.unwrap_or_default().remove(&self.name).map(|left| left.keys);
                keys = left.unwrap_or_default();
                if keys.is_empty() {
                    break;
                }
                again(repeat).await?;
            }
        }
        Ok(found)
    }

    /// Puts all items, whatever was there; after an error some may have been put.
    pub(crate) async fn put_all(&self, items: Vec<Item>) -> Result<(), PortError> {
        let mut requests = vec![];
        for item in items {
            let put = PutRequest::builder().set_item(Some(item)).build();
            let put = put.map_err(|error| PortError::Damaged(error.to_string()))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        for requests in requests.chunks(WRITES_MAX) {
            let mut left = requests.to_vec();
            for repeat in 0.. {
                let written = self.client.batch_write_item().request_items(&self.name, left).send().await;
                let written = written.map_err(|error| failed(&error))?;
                left = written.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
                if left.is_empty() {
                    break;
                }
                again(repeat).await?;
            }
        }
        Ok(())
    }

    /// Does all of the writes or none. False: a condition was not met, or somebody else writes the same items.
    pub(crate) async fn together(&self, writes: Vec<TransactWriteItem>) -> Result<bool, PortError> {
        match self.client.transact_write_items().set_transact_items(Some(writes)).send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_transaction_canceled_exception() => Ok(false),
                _ => Err(failed(&error)),
            },
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

fn sections(set: &[String], gone: &[String], add: &[String]) -> String {
    let section = |word: &str, list: &[String]| (!list.is_empty()).then(|| format!("{word} {}", list.join(", ")));
    [section("SET", set), section("REMOVE", gone), section("ADD", add)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The names that an expression uses, each standing for itself.
fn names_in(text: &str) -> impl Iterator<Item = (String, String)> {
    let words = text.split('#').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().to_owned()
    });
    words.map(|word| (format!("#{word}"), word))
}

/// Waits before what was left undone is asked for again, and gives up in the end.
async fn again(repeat: u32) -> Result<(), PortError> {
    if repeat >= REPEATS_MAX {
        return Err(PortError::Throttled("the table leaves part of a batch undone".into()));
    }
    tokio::time::sleep(Duration::from_millis(25 << repeat)).await;
    Ok(())
}

/// AWS's failure in our words: what is wrong with the request is ours, everything else passes.
fn failed<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> PortError {
    match error.code() {
        Some(code @ "ValidationException") => PortError::Damaged(format!("table: {code}")),
        Some(code @ ("TransactionInProgressException" | "TransactionConflictException")) => {
            PortError::Throttled(format!("table: {code}"))
        }
        _ => crate::clients::failed("table", error),
    }
}

#[cfg(test)]
mod tests;
