//! A call of the engine to AWS: what it touches, what that costs, and under which line of the receipt it stands.

use crate::sizes::{self, Item};
use crate::units;
use serde_json::Value;

/// What is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Write,
    Read,
    Queue,
    Lambda,
    /// Not among the units of the budget.
    Keys,
}

/// One line's share of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Charge {
    pub(crate) line: &'static str,
    pub(crate) kind: Kind,
    pub(crate) units: f64,
    /// Of the item, where one was written.
    pub(crate) bytes: usize,
}

/// Lines of the receipt, in the order in which they are printed.
pub(crate) const LINES: [&str; 18] = [
    LAMBDA,
    QUEUE,
    "claim",
    "completion",
    "document index",
    "order read",
    "order remembered",
    "connections",
    "pace slices",
    "receipt items",
    "number items",
    "parcel index",
    "order lease",
    "arrival noted",
    "record read",
    INDEX,
    "dead-letter copy",
    OTHER,
];
pub(crate) const LAMBDA: &str = "Lambda";
pub(crate) const QUEUE: &str = "SQS";
const INDEX: &str = "sparse index";
const OTHER: &str = "other";

/// An item that a call writes: its table and key, how many times a plain write it costs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub(crate) table: String,
    pub(crate) key: Value,
    line: &'static str,
    times: f64,
}

/// A call as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a str,
    pub(crate) body: &'a Value,
}

/// What the service answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a Value,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn key_of(item: &Value) -> Value {
    serde_json::json!({"pk": item["pk"], "sk": item["sk"]})
}

impl Call<'_> {
    /// The items it writes; empty for a call that only reads.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let body = self.body;
        let target = |table: &str, key: Value, times| {
            let line = self.line(&key);
            Target { table: table.to_owned(), key, line, times }
        };
        match self.operation {
            "PutItem" => vec![target(text(body, "TableName"), key_of(&body["Item"]), 1.0)],
            "UpdateItem" | "DeleteItem" => vec![target(text(body, "TableName"), body["Key"].clone(), 1.0)],
            "BatchWriteItem" => {
                let tables = body["RequestItems"].as_object().into_iter().flatten();
                let requests =
                    tables.flat_map(|(table, list)| list.as_array().into_iter().flatten().map(move |one| (table, one)));
                let key = |one: &Value| match &one["PutRequest"]["Item"] {
                    Value::Null => one["DeleteRequest"]["Key"].clone(),
                    item => key_of(item),
                };
                requests.map(|(table, one)| target(table, key(one), 1.0)).collect()
            }
            "TransactWriteItems" => {
                let parts = body["TransactItems"].as_array().into_iter().flatten();
                let parts = parts.flat_map(|part| part.as_object().into_iter().flatten());
                let key =
                    |part: &Value| if part["Item"].is_null() { part["Key"].clone() } else { key_of(&part["Item"]) };
                parts.map(|(_, part)| target(text(part, "TableName"), key(part), 2.0)).collect()
            }
            _ => vec![],
        }
    }

    /// The line of a written or read place, by the layout in `aws`'s `ledger/names.rs`.
    fn line(&self, key: &Value) -> &'static str {
        let (pk, sk) = (key["pk"]["S"].as_str().unwrap_or_default(), key["sk"]["S"].as_str().unwrap_or_default());
        let first = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
        let writes = self.operation == "UpdateItem";
        match (first(pk).as_str(), first(sk).as_str()) {
            ("connections", _) => "connections",
            ("o", "x") | ("s", "x") if writes => self.record_line(),
            ("o", "x") | ("s", "x") => "record read",
            ("o", "c") => "order remembered",
            ("s", "i") if text(self.body, "UpdateExpression").contains("#p =") => "parcel index",
            ("s", "i") => "document index",
            ("l", _) => "order lease",
            ("pace", _) => "pace slices",
            ("r", _) => "receipt items",
            ("n", _) => "number items",
            ("dead", _) => "dead-letter copy",
            _ => OTHER,
        }
    }

    /// Which write of a record it is.
    fn record_line(&self) -> &'static str {
        let (change, condition) = (text(self.body, "UpdateExpression"), text(self.body, "ConditionExpression"));
        if condition.contains(":if_ru") {
            if condition.contains(":if_st") { OTHER } else { "completion" }
        } else if change.contains("#ru = :ru") {
            "claim"
        } else if change.contains("#s ") {
            "arrival noted"
        } else {
            OTHER
        }
    }

    /// What a writing call is charged, from the items before and after it in the order of [`Call::targets`].
    pub(crate) fn writing(
        &self,
        told: Told<'_>,
        images: &[(Option<Item>, Option<Item>)],
    ) -> Result<Vec<Charge>, String> {
        if told.status != 200 {
            let refused = text(told.body, "__type").rsplit('#').next().unwrap_or_default().to_owned();
            if !matches!(refused.as_str(), "ConditionalCheckFailedException" | "TransactionCanceledException") {
                return Err(format!("{} was answered {} {refused}", self.operation, told.status));
            }
        }
        if told.body["UnprocessedItems"].as_object().is_some_and(|left| !left.is_empty()) {
            return Err("a batch was done in part".to_owned());
        }
        let mut charges = vec![];
        for (target, (before, after)) in self.targets().iter().zip(images) {
            let (before, after) = (before.as_ref(), after.as_ref());
            let bytes = after.map_or(0, sizes::item);
            let units = target.times * units::write(before, after);
            charges.push(Charge { line: target.line, kind: Kind::Write, units, bytes });
            let units = target.times * units::index(before, after);
            if units > 0.0 {
                let bytes = after.and_then(units::entry).map_or(0, |entry| sizes::item(&entry));
                charges.push(Charge { line: INDEX, kind: Kind::Write, units, bytes });
            }
        }
        Ok(charges)
    }

    /// What a reading call is charged, by what it answered.
    pub(crate) fn reading(&self, told: Told<'_>) -> Result<Vec<Charge>, String> {
        let body = self.body;
        if told.status != 200 {
            return Err(format!("{} was answered {}", self.operation, told.status));
        }
        // What is read is charged, not what is answered: they are the same only where nothing is left out.
        for name in ["ProjectionExpression", "FilterExpression", "Select"] {
            if !body[name].is_null() {
                return Err(format!("{} with a {name} cannot be counted", self.operation));
            }
        }
        let size = |item: &Value| item.as_object().map_or(0, sizes::item);
        let charge = |line, bytes, consistent| Charge {
            line,
            kind: Kind::Read,
            units: units::read(bytes, consistent),
            bytes: 0,
        };
        let consistent = |of: &Value| of["ConsistentRead"].as_bool().unwrap_or(false);
        match self.operation {
            "GetItem" => Ok(vec![charge(self.line(&body["Key"]), size(&told.body["Item"]), consistent(body))]),
            "Query" => {
                let bytes = told.body["Items"].as_array().into_iter().flatten().map(size).sum();
                Ok(vec![charge(self.query_line(), bytes, consistent(body))])
            }
            "BatchGetItem" => {
                let mut charges = vec![];
                for (table, wanted) in body["RequestItems"].as_object().into_iter().flatten() {
                    let found = told.body["Responses"][table].as_array().cloned().unwrap_or_default();
                    for key in wanted["Keys"].as_array().into_iter().flatten() {
                        let item = found.iter().find(|item| key_of(item) == key_of(key)).unwrap_or(&Value::Null);
                        charges.push(charge(self.line(key), size(item), consistent(wanted)));
                    }
                }
                Ok(charges)
            }
            other => Err(format!("no rule for {other}")),
        }
    }

    fn query_line(&self) -> &'static str {
        if !self.body["IndexName"].is_null() {
            return INDEX;
        }
        let values = self.body["ExpressionAttributeValues"].as_object().into_iter().flatten();
        let partition = values.filter(|(name, _)| *name == ":p").find_map(|(_, value)| value["S"].as_str());
        match partition.unwrap_or_default().split('#').next() {
            Some("o") => "order read",
            Some("connections") => "connections",
            Some("s") => "record read",
            _ => OTHER,
        }
    }

    /// What a request to the queue is charged: by all that is in it, or in its answer.
    pub(crate) fn queueing(&self, told: Told<'_>) -> Charge {
        let messages = |list: &Value| list.as_array().into_iter().flatten().map(message).sum::<usize>();
        let bytes = message(self.body) + messages(&self.body["Entries"]) + messages(&told.body["Messages"]);
        Charge { line: QUEUE, kind: Kind::Queue, units: units::message(bytes), bytes: 0 }
    }
}

/// Bytes of a message: its text and its attributes with names, kinds and values.
fn message(message: &Value) -> usize {
    let body = message["MessageBody"].as_str().or_else(|| message["Body"].as_str()).map_or(0, str::len);
    let attributes = message["MessageAttributes"].as_object().into_iter().flatten();
    let attribute = |(name, value): (&String, &Value)| {
        name.len() + text(value, "DataType").len() + text(value, "StringValue").len() + text(value, "BinaryValue").len()
    };
    body + attributes.map(attribute).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OK: &Value = &Value::Null;

    fn call<'a>(operation: &'a str, body: &'a Value) -> Call<'a> {
        Call { operation, body }
    }

    fn key(pk: &str, sk: &str) -> Value {
        json!({"pk": {"S": pk}, "sk": {"S": sk}})
    }

    fn lines(charges: &[Charge]) -> Vec<(&str, f64)> {
        charges.iter().map(|charge| (charge.line, charge.units)).collect()
    }

    #[test]
    fn a_refused_claim_is_charged_as_a_write_of_what_is_there() {
        let body = json!({"TableName": "t", "Key": key("o#t#1", "x#b#1"), "UpdateExpression": "SET #ru = :ru",
                          "ConditionExpression": "attribute_not_exists(pk)"});
        let item = json!({"pk": {"S": "o#t#1"}, "b": {"S": "x".repeat(1500)}}).as_object().unwrap().clone();
        let refused = json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"});
        let images = [(Some(item.clone()), Some(item))];
        let charges = call("UpdateItem", &body).writing(Told { status: 400, body: &refused }, &images).unwrap();
        assert_eq!(lines(&charges), [("claim", 2.0)]);
        let throttled = json!({"__type": "ThrottlingException"});
        assert!(call("UpdateItem", &body).writing(Told { status: 400, body: &throttled }, &images).is_err());
    }

    #[test]
    fn the_writes_of_a_record_are_told_apart() {
        let line = |change: &str, condition: &str| {
            let body = json!({"TableName": "t", "Key": key("o#t#1", "x#b#1"), "UpdateExpression": change,
                              "ConditionExpression": condition});
            call("UpdateItem", &body).targets()[0].line
        };
        assert_eq!(line("SET #st = :st, #ru = :ru ADD #n :n", "attribute_not_exists(pk)"), "claim");
        assert_eq!(line("SET #st = :st, #ru = :ru ADD #n :n", "#n = :if_n"), "claim");
        assert_eq!(line("SET #st = :st, #ru = :ru ADD #n :n", "#cl = :if_cl AND #ru = :if_ru"), "completion");
        assert_eq!(line("SET #le = :le ADD #n :n", "#cl = :if_cl AND #ru = :if_ru AND #st = :if_st"), OTHER);
        assert_eq!(line("SET #s = :s ADD #n :n", "#n = :if_n"), "arrival noted");
        assert_eq!(line("SET #du = :du, #is = :is ADD #n :n", "#cl = :if_cl AND #du = :if_du"), OTHER);
    }

    #[test]
    fn a_transaction_costs_double_and_a_batch_what_its_items_cost() {
        let item = |pk: &str| json!({"pk": {"S": pk}, "sk": {"S": "1"}});
        let parts = json!({"TransactItems": [{"Put": {"TableName": "t", "Item": item("tally#t")}},
                                             {"Delete": {"TableName": "t", "Key": item("r#t#d")}}]});
        let charges =
            call("TransactWriteItems", &parts).writing(Told { status: 200, body: OK }, &[(None, None), (None, None)]);
        assert_eq!(lines(&charges.unwrap()), [(OTHER, 2.0), ("receipt items", 2.0)]);
        let batch = json!({"RequestItems": {"t": [{"PutRequest": {"Item": item("r#t#d")}}, {"PutRequest": {"Item": item("n#t#2")}}]}});
        let charges =
            call("BatchWriteItem", &batch).writing(Told { status: 200, body: OK }, &[(None, None), (None, None)]);
        assert_eq!(lines(&charges.unwrap()), [("receipt items", 1.0), ("number items", 1.0)]);
        let undone = json!({"UnprocessedItems": {"t": [{}]}});
        assert!(call("BatchWriteItem", &batch).writing(Told { status: 200, body: &undone }, &[]).is_err());
    }

    #[test]
    fn a_query_is_charged_by_the_sum_and_a_batch_of_reads_item_by_item() {
        let items = json!({"Items": [{"pk": {"S": "x".repeat(3000)}}, {"pk": {"S": "x".repeat(3000)}}]});
        let body =
            json!({"TableName": "t", "ConsistentRead": false, "ExpressionAttributeValues": {":p": {"S": "o#t#1"}}});
        let told = Told { status: 200, body: &items };
        assert_eq!(lines(&call("Query", &body).reading(told).unwrap()), [("order read", 1.0)]);
        let body = json!({"RequestItems": {"t": {"Keys": [key("s#t#b#1", "i"), key("s#t#b#2", "i")], "ConsistentRead": true}}});
        let found =
            json!({"Responses": {"t": [{"pk": {"S": "s#t#b#1"}, "sk": {"S": "i"}, "b": {"S": "x".repeat(5000)}}]}});
        let charges = call("BatchGetItem", &body).reading(Told { status: 200, body: &found }).unwrap();
        assert_eq!(lines(&charges), [("document index", 2.0), ("document index", 1.0)]);
    }

    #[test]
    fn what_the_answer_does_not_show_whole_is_not_guessed() {
        let body = json!({"TableName": "t", "Key": key("connections", "a"), "ProjectionExpression": "b"});
        assert!(call("GetItem", &body).reading(Told { status: 200, body: OK }).is_err());
        assert!(call("Scan", &json!({})).reading(Told { status: 200, body: OK }).is_err());
    }

    #[test]
    fn a_batch_to_the_queue_is_one_request_until_it_is_large() {
        let entry = |bytes: usize| json!({"Id": "1", "MessageBody": "x".repeat(bytes)});
        let small = json!({"Entries": [entry(1000), entry(1000)]});
        let large = json!({"Entries": [entry(40_000), entry(40_000)]});
        let units = |body: &Value| call("SendMessageBatch", body).queueing(Told { status: 200, body: OK }).units;
        assert!((units(&small) - 1.0).abs() < 1e-9);
        assert!((units(&large) - 2.0).abs() < 1e-9);
        let received = json!({"Messages": [{"Body": "x".repeat(70_000)}]});
        let charge = call("ReceiveMessage", &json!({})).queueing(Told { status: 200, body: &received });
        assert!((charge.units - 2.0).abs() < 1e-9);
    }
}
