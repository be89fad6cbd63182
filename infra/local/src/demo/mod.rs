//! The demo: practice vendors in a process of their own, everything else in front of them, a day of orders, a table.
//!
//! `kill -9` it at any moment and start it again: it goes on, and every document is there exactly once.

#![expect(clippy::indexing_slicing, reason = "reading a JSON value by a name it does not have gives null")]

mod client;
mod play;
mod script;
mod stage;
mod table;
mod vendors;

use crate::cli::{Cli, Command, DemoArgs, ServeArgs};
use crate::serve::{self, Serving};
use crate::terminal::{Progress, say};
use crate::{Failure, listen, signals};
use clap::Parser as _;
use client::Client;
use kit::SystemClock;
use kit::logs::{self, Shape};
use serde_json::Value;
use stage::{RETRY_DELAYS, Stage};
use std::fs::File;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use table::Day;
use vendors::Vendors;

const USUAL_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const SWEEP_EVERY: &str = "1s";
const RECHECK_MAX: &str = "2s";
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// A day that has not come to rest by then never will.
const PATIENCE: Duration = Duration::from_secs(180);
/// Without a terminal a line is printed every so many exports.
const MILESTONE: u64 = 50;

/// Runs the demo.
pub(crate) async fn run(args: &DemoArgs) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(&args.data)?;
    let log = Mutex::new(File::options().create(true).append(true).open(args.data.join("demo.log"))?);
    let filter = kit::read_env("BACKHAUL_LOG")?.unwrap_or_else(|| "info".to_owned());
    tracing::subscriber::set_global_default(logs::subscriber(Shape::Json, &filter, log)?)?;

    let vendors = Vendors::start(&args.data.join("vendors")).await?;
    let control = Client::new("practice-vendors", vendors.url.clone(), None, Arc::new(SystemClock));
    play::spoil(&control).await?;
    let serving = serve::start(&serve_args(args).await?).await?;
    say(&format!("Practice vendors (Fakturoid, Sendcloud, Magento, Mirakl) at {}", vendors.url));
    say(&format!("Backhaul at {}, in front of them", serving.url()));
    say(&format!(
        "Short times for this demo: attempts after {RETRY_DELAYS}, sweep every {SWEEP_EVERY}, re-checks, polls and \
         probes at most {RECHECK_MAX} apart, vendors' paces off"
    ));
    let stage = stage(args, control, &serving);
    let day = tokio::select! {
        day = play(&stage) => day?,
        () = signals::asked_to_end() => {
            say("\nStopped. The next run goes on here.");
            serving.stop().await;
            return Ok(ExitCode::FAILURE);
        }
    };
    let right = show(&day);
    if !args.once {
        say(&format!("Pages (this link opens them once): {}", serving.login_link()));
        say("Ctrl-C ends the demo; the next run goes on here.");
        signals::asked_to_end().await;
    }
    serving.stop().await;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The options of `serve` that the demo uses, read as if they had been typed.
async fn serve_args(args: &DemoArgs) -> Result<ServeArgs, Failure> {
    let listen = match args.listen {
        Some(chosen) => chosen,
        None if listen::bind(USUAL_ADDRESS).await.is_ok() => USUAL_ADDRESS,
        None => SocketAddr::new(USUAL_ADDRESS.ip(), 0),
    };
    let listen = listen.to_string();
    let data = args.data.join("backhaul").display().to_string();
    let line = ["backhaul", "serve", "--allow-private-targets", "--listen", &listen, "--data", &data];
    let times = ["--retry-delays", RETRY_DELAYS, "--sweep-every", SWEEP_EVERY, "--recheck-max", RECHECK_MAX];
    match Cli::try_parse_from(line.into_iter().chain(times))?.command() {
        Command::Serve(args) => Ok(*args),
        other => Err(format!("{other:?} is not serve").into()),
    }
}

fn stage(args: &DemoArgs, vendors: Client, serving: &Serving) -> Stage {
    Stage {
        vendors,
        api: Client::new("backhaul", serving.url(), Some(serving.token.clone()), Arc::new(SystemClock)),
        played_file: args.data.join("played"),
        progress: Mutex::new(Progress::new()),
    }
}

async fn play(stage: &Stage) -> Result<Day, Failure> {
    stage.connect().await?;
    play::announce();
    let playing = async {
        play::day(stage).await?;
        match tokio::time::timeout(PATIENCE, rest(stage)).await {
            Ok(rested) => rested,
            // The table shows what is missing.
            Err(_) => Ok(()),
        }
    };
    tokio::select! {
        played = playing => played?,
        watched = watch(stage) => watched?,
    }
    stage.progress.lock().unwrap_or_else(PoisonError::into_inner).end();
    look(stage).await
}

/// Shows how far the day has come, without end.
async fn watch(stage: &Stage) -> Result<(), Failure> {
    let mut shown = u64::MAX;
    loop {
        let overview = stage.api.get("/api/v1/overview").await?;
        let count = |state: &str| overview["states"][state].as_u64().unwrap_or(0);
        let (delivered, dead) = (count("delivered"), count("dead"));
        let waiting = count("held") + count("retrying") + count("sending");
        let duplicates = overview["duplicates_suppressed"].as_u64().unwrap_or(0);
        let skipped = count("skipped");
        let line = format!(
            "{delivered} delivered · {waiting} waiting · {skipped} skipped · {dead} dead · {duplicates} duplicates \
             suppressed"
        );
        let milestone = delivered / MILESTONE != shown / MILESTONE;
        shown = delivered;
        stage.progress.lock().unwrap_or_else(PoisonError::into_inner).show(&line, milestone);
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Ends once nothing more is to be expected.
async fn rest(stage: &Stage) -> Result<(), Failure> {
    let expected = script::expected();
    loop {
        let overview = stage.api.get("/api/v1/overview").await?;
        let count = |state: &str| overview["states"][state].as_u64().unwrap_or(0);
        // What is held is looked at again every two seconds, and is `sending` meanwhile.
        let waiting = count("held") + count("sending");
        let done = [("delivered", expected.delivered), ("dead", expected.dead), ("skipped", expected.skipped)];
        if count("retrying") == 0 && waiting == expected.held && done.iter().all(|(s, least)| count(s) >= *least) {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Asks both sides what there is.
async fn look(stage: &Stage) -> Result<Day, Failure> {
    let mut exports: Vec<Value> = vec![];
    let mut cursor = String::new();
    loop {
        let page = stage.api.get(&format!("/api/v1/exports?limit=500{cursor}")).await?;
        exports.extend(page["exports"].as_array().into_iter().flatten().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for export in exports.iter_mut().filter(|export| export["state"] == "sending" && !export["hold"].is_null()) {
        // Being looked at again right now.
        if let Some(state) = export.get_mut("state") {
            *state = "held".into();
        }
    }
    for export in exports.iter_mut().filter(|export| export["state"] == "dead") {
        let id = export["id"].as_str().unwrap_or_default().to_owned();
        *export = stage.api.get(&format!("/api/v1/exports/{id}")).await?;
    }
    let overview = stage.api.get("/api/v1/overview").await?;
    let effects = stage.vendors.get("/_sandbox/effects").await?;
    Ok(Day { exports, overview, effects })
}

/// Prints the table; true if it is right.
fn show(day: &Day) -> bool {
    say("");
    say(&day.text());
    let wrong = day.wrong(&script::expected());
    if wrong.is_empty() {
        say("Every document is at its channel exactly once.");
        return true;
    }
    say("The table is WRONG:");
    for line in wrong {
        say(&format!("  {line}"));
    }
    false
}
