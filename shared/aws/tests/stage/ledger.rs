//! The ledger under test, and the connections that the suites take for granted.

use super::table;
use aws::DynamoLedger;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::Arc;
use testkit::{ManualClock, SeededEntropy};

/// The connections that samples name, with their tenants. The ledger lists what belongs to those it knows or once knew.
const NAMED: [(&str, &str); 6] = [
    ("books", "default"),
    ("shop", "default"),
    ("market", "default"),
    ("post", "default"),
    ("their-books", "other"),
    ("their-shop", "other"),
];

/// A table in which the samples' connections once were.
pub(crate) async fn known_table() -> (Client, String) {
    let (client, name) = table().await;
    for (id, tenant) in NAMED {
        let put = client.put_item().table_name(&name);
        let word = |word: &str| AttributeValue::S(word.to_owned());
        put.item("pk", word("gone")).item("sk", word(id)).item("tn", word(tenant)).send().await.unwrap();
    }
    (client, name)
}

/// One more process on a table.
pub(crate) fn process(client: &Client, table: &str, clock: &Arc<ManualClock>, seed: u64) -> Arc<DynamoLedger> {
    Arc::new(DynamoLedger::new(client.clone(), table, clock.clone(), SeededEntropy::new(seed)))
}

/// A ledger on a table of its own.
pub(crate) async fn ledger() -> (Arc<DynamoLedger>, Arc<ManualClock>) {
    let (client, table) = known_table().await;
    let clock = ManualClock::at_noon();
    (process(&client, &table, &clock, 7), clock)
}
