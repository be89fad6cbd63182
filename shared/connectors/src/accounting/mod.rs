//! Systems that issue documents.

pub(crate) mod fakturoid;
