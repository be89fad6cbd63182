//! REST API and pages.

fn main() {}
