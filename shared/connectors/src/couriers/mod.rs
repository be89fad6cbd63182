//! Systems that carry parcels.

pub(crate) mod sendcloud;
