//! The pages as a browser meets them, on an in-memory store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod axe;
mod browser;
mod chromium;
mod connecting;
mod consenting;
mod deciding;
mod entrance;
mod exporting;
mod glance;
mod hearing;
mod many;
mod mapping;
mod reading;
mod ruling;
mod seeking;
mod speaking;
mod stage;
mod telling;
mod tracing;
mod trail;
mod trying;
mod viewing;
mod walking;
