//! Takes webhooks of accounting systems.

fn main() {}
