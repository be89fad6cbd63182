//! How large each function is as it is deployed: its program, zipped.

use crate::binaries::{FUNCTIONS, built};
use std::process::{Command, ExitCode, Stdio};

const WEBHOOK_MAX: f64 = 2.5;
const WORKER_MAX: f64 = 4.0;

/// Prints every size. Fails above the budget.
pub(crate) fn run(folder: Option<&str>) -> ExitCode {
    let Some(folder) = built(folder) else { return ExitCode::FAILURE };
    println!("<!-- receipts -->");
    println!("| function | program, MB | zipped, MB | at most |");
    println!("|---|--:|--:|--:|");
    let mut fits = true;
    for (_, name) in FUNCTIONS {
        let program = folder.join(name);
        let zip = Command::new("zip").args(["-q", "-9", "-j", "-"]).arg(&program).stderr(Stdio::inherit()).output();
        let zipped = zip.expect("this needs the program `zip`").stdout.len();
        let size = std::fs::metadata(&program).unwrap().len();
        let max = match *name {
            webhook if webhook.ends_with("-webhook") => Some(WEBHOOK_MAX),
            "export-worker" => Some(WORKER_MAX),
            _ => None,
        };
        let megabytes = |bytes: u64| f64::from(u32::try_from(bytes).unwrap()) / 1e6;
        let zipped = megabytes(zipped as u64);
        fits &= zipped > 0.0 && max.is_none_or(|max| zipped <= max);
        let max = max.map_or(String::new(), |max| format!("{max:.1}"));
        println!("| {name} | {:.2} | {zipped:.2} | {max} |", megabytes(size));
    }
    println!("<!-- /receipts -->");
    if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
