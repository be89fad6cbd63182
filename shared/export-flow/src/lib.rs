#![doc = include_str!("../README.md")]

mod accounts;
mod circuit;
pub mod claim;
mod claiming;
pub mod connections;
mod crowd;
mod flow;
mod handle;
pub mod jobs;
mod look;
pub mod message;
pub mod notices;
pub mod orders;
mod owner;
pub mod pace;
pub mod person;
mod plan;
mod polled;
pub mod ports;
mod record;
pub mod refused;
mod revising;
mod run;
mod subscriptions;
mod telling;
pub mod times;
mod waking;

pub use accounts::Accounts;
pub use flow::{Flow, Parts};
pub use handle::Verdict;
pub use run::Tried;
pub use times::Times;
