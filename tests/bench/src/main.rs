#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops"
)]

mod engine;
mod filled;
mod load;
mod machine;
mod outage;
mod pages;
mod serve;
mod vendors;

use std::env::args;

const DOCUMENTS: usize = 20_000;
/// Requests for each page.
const REQUESTS: usize = 40;
const DOCUMENTS_BESIDE: usize = 1_000;

fn main() {
    let wanted: Vec<String> = args().skip(1).collect();
    let count = |default| wanted.get(1).and_then(|n| n.parse().ok()).unwrap_or(default);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match wanted.first().map(String::as_str) {
        Some("engine") => runtime.block_on(engine::run(count(DOCUMENTS))),
        Some("serve") => runtime.block_on(serve::run(count(DOCUMENTS))),
        Some("outage") => runtime.block_on(outage::run(count(DOCUMENTS_BESIDE))),
        Some("pages") => runtime.block_on(pages::run(count(REQUESTS))),
        Some("vendors") => runtime.block_on(vendors::listen(&wanted[1])),
        _ => println!("bench engine|serve|outage [documents], bench pages [requests]"),
    }
}
