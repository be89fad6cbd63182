//! The engine on fakes: what must happen, and above all what must not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod aliases;
mod asking;
mod batch;
mod bench;
mod carrying;
mod circuits;
mod claims;
mod connecting;
mod desk;
mod forms;
mod holds;
mod jobs;
mod leases;
mod letters;
mod looks;
mod many_holds;
mod mappings;
mod notices;
mod opening;
mod ordering;
mod outages;
mod people;
mod poison;
mod polling;
mod predecessor;
mod previews;
mod refunds;
mod refusals;
mod retrying;
mod revisions;
mod rotating;
mod rules;
mod ruling;
mod telling;
mod timelines;
mod together;
mod told;
mod trials;
mod withdrawn;
