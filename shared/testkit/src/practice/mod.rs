//! A small outside world with its connectors: books that issue documents, a van that carries parcels, and markets of each
//! guarantee class that count effects, double what nobody stops them from doubling, and fail as they are told.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the practice books say nothing that cannot be read"
)]

mod connectors;
mod world;

pub use connectors::registry;
pub use world::{Effect, Kind, World};
