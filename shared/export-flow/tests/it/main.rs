//! The engine on fakes: what must happen, and above all what must not.

mod bench;
mod carrying;
mod outages;
mod practice;
mod retrying;
