//! The scheduled pass.

fn main() {}
