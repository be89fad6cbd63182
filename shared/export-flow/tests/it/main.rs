//! The engine on fakes: what must happen, and above all what must not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod bench;
mod carrying;
mod holds;
mod letters;
mod many_holds;
mod mappings;
mod opening;
mod ordering;
mod outages;
mod people;
mod poison;
mod retrying;
mod revisions;
mod telling;
