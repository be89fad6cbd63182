//! The practice vendors over real loopback HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail the test"
)]

mod control;
mod fakturoid;
mod faults;
mod killed;
mod magento;
mod magento_memos;
mod mirakl;
mod packeta;
mod sendcloud;
mod superfaktura;
mod support;
