//! The engine between the practice vendors, over the real sender: what is carried, held, released and compared there.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's stage: what fails here fails the test"
)]

mod mappings;
#[path = "../practice/mod.rs"]
mod practice;
mod reconciliation;
mod stage;
