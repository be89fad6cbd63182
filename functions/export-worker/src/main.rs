//! Carries what lies on the queue.

fn main() {}
