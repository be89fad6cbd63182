//! Parcels that are to be asked for again: entries of the sparse index beside the exports that are due.

use super::item::{INDEX_PK, INDEX_SK, text};
use super::names::{Thing, sortable};
use super::record::{Change, shard, shard_of};
use jiff::Timestamp;

/// How the entry of a parcel sorts that is to be asked for at a time; apart from those of exports.
pub(crate) fn sort(at: Timestamp) -> String {
    format!("w{}", sortable(at))
}

/// What makes a parcel stand in the index until a time, or not at all.
pub(crate) fn change(thing: &Thing, watch_at: Option<Timestamp>) -> Change {
    let partition = watch_at.map(|_| text(shard(&thing.tenant, thing.source.as_str(), shard_of(&thing.id))));
    vec![(INDEX_PK, partition), (INDEX_SK, watch_at.map(|at| text(sort(at))))]
}
