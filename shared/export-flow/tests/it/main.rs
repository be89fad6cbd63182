//! The engine on fakes: what must happen, and above all what must not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod aliases;
mod bench;
mod carrying;
mod holds;
mod letters;
mod many_holds;
mod opening;
mod ordering;
mod outages;
mod people;
mod poison;
mod predecessor;
mod retrying;
mod revisions;
mod rules;
mod telling;
mod withdrawn;
