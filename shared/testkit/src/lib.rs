#![doc = include_str!("../README.md")]

mod audit;
pub mod driver;
mod heard;
mod http;
mod keys;
mod ledger;
mod notices;
pub mod practice;
mod queue;
pub mod samples;
mod slices;
mod staged;
pub mod suite;
mod time;
mod told;
mod trouble;

pub use http::{Call, FakeHttp, answer, json};
pub use keys::PlainKeys;
pub use ledger::{Judge, MemoryLedger};
pub use queue::MemoryQueue;
pub use slices::MemorySlices;
pub use staged::{Call as PortCall, Fate, Nature, Stage, Staged};
pub use time::{ManualClock, SeededEntropy};
pub use told::{FUNCTION, Told};
pub use trouble::{Moment, Trouble};
