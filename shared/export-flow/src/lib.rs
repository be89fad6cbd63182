#![doc = include_str!("../README.md")]

pub mod claim;
pub mod connections;
mod flow;
pub mod message;
pub mod ports;
pub mod refused;
pub mod times;

pub use flow::{Flow, Parts};
pub use times::Times;
