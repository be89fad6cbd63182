//! The API as a program outside sees it: one engine on fakes, requests through the router.

mod connections;
mod exports;
mod letters;
mod orders;
mod refusals;
mod support;
