#![doc = include_str!("../README.md")]

mod bugs;
mod dice;
mod laws;
mod machine;
mod run;
mod schedule;
mod search;
mod stage;

pub use bugs::Bug;
pub use run::{Outcome, run};
pub use schedule::{Class, Kind, Rates, Schedule, Thing};
pub use search::{Found, Report, hunt, shrink, sweep};
