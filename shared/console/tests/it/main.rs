//! The API as a program outside sees it: one engine on fakes, requests through the router.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers outside of test functions: a fault in them is a failed test"
)]

mod anomalies;
mod audit;
mod codes;
mod connections;
mod decisions;
mod events;
mod exports;
mod figures;
mod letters;
mod notices;
mod orders;
mod previews;
mod reconciliation;
mod refusals;
mod search;
mod secrets;
mod shipments;
mod support;
