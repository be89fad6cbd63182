#![doc = include_str!("../README.md")]

mod batch;
mod drain;
mod endless;
mod gauges;
mod hearing;
mod net;
mod notices;
mod poll;
mod seats;
mod sweep;
mod worker;

pub use batch::Answer;
pub use drain::{CAUGHT_MAX, Drained, drain};
pub use endless::Bell;
pub use gauges::Gauges;
pub use seats::Limits;
pub use sweep::{Sweep, Tally};
pub use worker::{Handler, Worker, must_be_alone};

#[cfg(test)]
mod tests;
