#![doc = include_str!("../README.md")]

mod answer;
mod body;
mod handler;

pub use body::BODY_BYTES_MAX;
pub use handler::{Parts, router};

#[cfg(test)]
mod tests;
