#![doc = include_str!("../README.md")]

mod around;
mod audit;
mod exports;
mod fault;
mod figures;
mod heard;
mod keys;
mod ledger;
mod lists;
mod notices;
mod open;
mod queue;
mod readers;
mod schema;
mod writer;

pub use keys::{KeyError, SealedKeys};
pub use open::{OpenError, SqliteStore, TakenOver};
