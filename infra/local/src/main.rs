#![doc = include_str!("../README.md")]

mod bell;
mod cli;
mod demo;
mod host;
mod listen;
mod mail;
mod practice;
mod serve;
mod settings;
mod signals;
mod terminal;

use clap::Parser as _;
use cli::{Cli, Command, ServeArgs};
use kit::logs::{self, Shape};
use std::process::ExitCode;
use terminal::say;

/// What ends the program with a failure code.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let command = Cli::parse().command();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let ended = runtime.map_err(Failure::from).and_then(|runtime| runtime.block_on(run(command)));
    match ended {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo(args) => demo::run(&args).await,
        Command::Serve(args) => serve(&args).await,
        Command::Sandbox(args) => practice::run(&args).await,
    }
}

async fn serve(args: &ServeArgs) -> Result<ExitCode, Failure> {
    let filter = kit::read_env("BACKHAUL_LOG")?.unwrap_or_else(|| "info".to_owned());
    logs::start(Shape::Json, &filter)?;
    let mut serving = serve::start(args).await?;
    say(&format!("Backhaul listens on {}", serving.url()));
    if let Some(address) = serving.webhook_address {
        say(&format!("Webhooks also on {}", serve::local_url(address)));
    }
    say(&format!("Pages (this link opens them once): {}", serving.login_link()));
    if kit::read_env("BACKHAUL_API_TOKEN")?.is_none() {
        say(&format!("API token: in {}", args.data.join("api-token").display()));
    }
    tokio::select! {
        () = signals::asked_to_end() => {}
        () = serving.broken() => return Err("a part of the program ended; see the log".into()),
    }
    serving.stop().await;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "the one place where a failure to start is told")]
fn complain(error: &Failure) {
    eprintln!("backhaul: {error}");
}
