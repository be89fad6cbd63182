//! Takes webhooks of couriers.

fn main() {}
