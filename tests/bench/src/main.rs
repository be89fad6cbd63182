#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

mod engine;
mod load;
mod serve;
mod vendors;

use std::env::args;

const DOCUMENTS: usize = 20_000;

fn main() {
    let wanted: Vec<String> = args().skip(1).collect();
    let count = wanted.get(1).and_then(|n| n.parse().ok()).unwrap_or(DOCUMENTS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match wanted.first().map(String::as_str) {
        Some("engine") => runtime.block_on(engine::run(count)),
        Some("serve") => runtime.block_on(serve::run(count)),
        Some("vendors") => runtime.block_on(vendors::listen(&wanted[1])),
        _ => println!("bench engine|serve [documents]"),
    }
}
