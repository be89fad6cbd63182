#![doc = include_str!("../README.md")]

mod clients;
#[cfg(test)]
mod endpoint;
mod http;
mod keys;
mod ledger;
mod queue;
mod topic;

pub use clients::{Clients, Missing, Settings, Warm};
pub use keys::KmsKeys;
pub use ledger::DynamoLedger;
pub use queue::{QueueNames, SqsQueue, incoming};
pub use topic::SnsTopic;
