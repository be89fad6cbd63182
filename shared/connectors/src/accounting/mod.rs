//! Systems that issue documents.

pub(crate) mod fakturoid;
pub(crate) mod superfaktura;
