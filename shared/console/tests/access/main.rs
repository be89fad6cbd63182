//! Access behind a gateway: claims for the API, a login at a practice identity provider for the pages. Every request
//! meets an instance of its own, as it may on AWS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod api;
mod browser;
#[allow(dead_code, reason = "the tests of the pages use more of it")]
#[path = "../pages/chromium.rs"]
mod chromium;
mod cookies;
mod issuer;
mod login;
mod refused;
mod stage;
mod tenants;
