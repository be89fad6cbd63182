//! Runs many schedules, or one of them step by step.

#![expect(clippy::print_stdout, reason = "a report for whoever asked for it")]

use clap::Parser;
use simulator::{Bug, Report, Schedule, hunt, run, shrink, sweep};
use std::process::ExitCode;
use std::time::Instant;

/// Runs seeded schedules of faults against the engine, in virtual time.
#[derive(Parser)]
struct Args {
    /// How many seeds.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this seed: what happened, step by step, and the smallest schedule that still breaks.
    #[arg(long)]
    seed: Option<u64>,
    /// Threads; as many as the machine has, if nothing is said.
    #[arg(long)]
    threads: Option<usize>,
    /// Instead: plants every bug in turn and says how many seeds it took to find it.
    #[arg(long)]
    bugs: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(seed) = args.seed {
        return one(seed);
    }
    if args.bugs {
        return bugs(args.seeds);
    }
    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let began = Instant::now();
    let step = (args.seeds / 20).max(1);
    let report = sweep(args.from..args.from + args.seeds, threads, |done| {
        if done % step == 0 {
            println!("{done} of {}", args.seeds);
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    show(&report, seconds);
    if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn show(report: &Report, seconds: f64) {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = report.schedules as f64 / seconds.max(0.001);
    println!("schedules          {:>12}  ({rate:.0} per second, {} steps)", report.schedules, report.steps);
    for (what, count) in &report.faults {
        println!("  {what:<24} {count:>10}");
    }
    println!("effects            {:>12}", report.effects);
    println!("broken laws        {:>12}  (duplicates, losses, wrong counts, wrong proof)", report.broken.len());
    println!("beyond the bound   {:>12}  (done again; promised to nobody)", report.beyond);
    for class in ["K", "N", "R", "U"] {
        println!("uncertain, class {class} {:>12}", report.uncertain.get(class).copied().unwrap_or(0));
    }
    for (seed, law) in report.broken.iter().take(20) {
        println!("seed {seed}: {law}");
    }
}

fn one(seed: u64) -> ExitCode {
    let schedule = Schedule::of(seed);
    let outcome = run(&schedule, None, true);
    let Some(law) = outcome.broken else {
        for line in outcome.lines {
            println!("{line}");
        }
        println!("every law holds");
        return ExitCode::SUCCESS;
    };
    let smallest = shrink(&schedule, None);
    for line in run(&smallest, None, true).lines {
        println!("{line}");
    }
    println!("{smallest:#?}\nseed {seed} as it is: {law}");
    ExitCode::FAILURE
}

fn bugs(most: u64) -> ExitCode {
    let mut missed = 0;
    println!("| planted bug | seeds tried | what was broken |\n|---|---|---|");
    for bug in Bug::ALL {
        match hunt(*bug, most) {
            Some(found) => println!("| {} | {} | {} |", bug.about(), found.tried, found.law),
            None => {
                missed += 1;
                println!("| {} | more than {most} | |", bug.about());
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
