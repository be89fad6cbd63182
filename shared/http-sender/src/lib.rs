#![doc = include_str!("../README.md")]

mod address;
mod classify;
mod hosts;
mod limits;
mod pace;
mod resolve;
mod sender;
mod shown;
mod slots;
mod told;

#[cfg(test)]
mod tests;

pub use limits::Limits;
pub use sender::{HttpSender, Options};
