//! The stage on which connectors are tried: a vendor that plays a transcript, a clock that stands still, and the
//! conformance suite that runs on every registered connector by itself.
//!
//! A transcript is a JSON file in the connector's `transcripts/`: `title`, `kinds` (see [`transcript::KINDS`]), and
//! `calls`, each with the request that is expected, the answer, and `follows`, the contract line that says so.
//! `transcripts/index.json` is not a transcript: it holds the connector's sample account, how its webhook is signed,
//! the answers it always needs (a token call), and the kinds that make no sense for it, each with a reason.

mod budget;
mod conformance;
pub(crate) mod samples;
pub(crate) mod stage;
pub(crate) mod transcript;
