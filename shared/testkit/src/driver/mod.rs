//! The fault driver's half that knows no flow: which faults a port call can meet, a stage that lets one of them strike at
//! the n-th call, and the account of what was struck.

mod fault;
mod matrix;
mod script;

pub use fault::Fault;
pub use matrix::{Matrix, Run};
pub use script::{Script, Strike};
