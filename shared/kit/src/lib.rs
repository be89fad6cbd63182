#![doc = include_str!("../README.md")]

mod clock;
mod entropy;
mod environment;
pub mod logs;

pub use clock::SystemClock;
pub use entropy::SystemEntropy;
pub use environment::{Unreadable, read_env, read_env_as};
