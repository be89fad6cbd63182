#![doc = include_str!("../README.md")]

mod clock;
mod durations;
mod entropy;
mod environment;
mod line;
pub mod logs;
pub mod metrics;

pub use clock::SystemClock;
pub use durations::{Duration, ThreeDurations};
pub use entropy::SystemEntropy;
pub use environment::{Unreadable, read_env, read_env_as};
