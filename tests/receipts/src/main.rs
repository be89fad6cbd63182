#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that cannot go on stops"
)]

mod binaries;
mod calls;
mod cost;
mod endpoint;
mod functions;
mod logs;
mod paths;
mod prices;
mod size;
mod sizes;
mod stage;
mod start;
mod stub;
mod units;
mod wire;

use std::env::args;
use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let given: Vec<String> = args().skip(1).collect();
    let folder = given.get(1).map(String::as_str);
    match given.first().map(String::as_str) {
        Some("cost") => runtime.block_on(cost::run()),
        Some("start") => runtime.block_on(start::run(folder)),
        Some("size") => size::run(folder),
        _ => {
            println!("receipts cost | start [folder of the programs] | size [folder of the programs]");
            ExitCode::FAILURE
        }
    }
}
