//! Systems that carry parcels.

pub(crate) mod packeta;
pub(crate) mod sendcloud;
