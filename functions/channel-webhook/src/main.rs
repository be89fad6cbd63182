//! Takes webhooks of marketplaces and shops.

fn main() {}
