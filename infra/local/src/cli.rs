//! The command line.

use clap::{Args, Parser, Subcommand};
use export_flow::Times;
use jiff::SignedDuration;
use kit::ThreeDurations;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Backhaul carries invoices, credit notes and tracking numbers back to the marketplaces and shops the orders came from.
#[derive(Debug, Parser)]
#[command(name = "backhaul", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    demo: DemoArgs,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Practice vendors, a day of orders, a table of what became of them, and the console (the default).
    Demo(DemoArgs),
    /// The real thing, on this machine.
    Serve(Box<ServeArgs>),
    /// The practice vendors alone.
    Sandbox(SandboxArgs),
}

impl Cli {
    pub(crate) fn command(self) -> Command {
        self.command.unwrap_or(Command::Demo(self.demo))
    }
}

/// Options of `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// End after the table, with a failure code if it is wrong.
    #[arg(long)]
    pub(crate) once: bool,
    /// Where the demo keeps its files; a second run goes on where the first one ended.
    #[arg(long, value_name = "DIR", default_value = "backhaul-demo")]
    pub(crate) data: PathBuf,
    /// Where the console listens; without it port 8080, or a free one if that is taken.
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Options of `sandbox`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SandboxArgs {
    /// Where the practice vendors listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9100")]
    pub(crate) listen: SocketAddr,
    /// Where they keep their file.
    #[arg(long, value_name = "DIR", default_value = "backhaul-sandbox")]
    pub(crate) data: PathBuf,
    /// End when standard input ends: for a parent that may be killed.
    #[arg(long, hide = true)]
    pub(crate) until_stdin_ends: bool,
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen for webhooks, API and pages.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A second address that serves only /webhooks and /health.
    #[arg(long, value_name = "ADDR")]
    pub(crate) webhook_listen: Option<SocketAddr>,
    /// How vendors reach this machine: scheme, host, optional port and path.
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// The data directory. One process at a time.
    #[arg(long, value_name = "DIR", default_value = "backhaul-data")]
    pub(crate) data: PathBuf,
    /// The file with the key that seals secrets; made at first start. Default: beside the data directory, DIR.key.
    /// `BACKHAUL_KEY` in the environment wins.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Allow targets with private, loopback or link-local addresses.
    #[arg(long)]
    pub(crate) allow_private_targets: bool,
    /// Delay before the first, second and third attempt.
    #[arg(long, value_name = "D,D,D", default_value = "0s,60s,600s")]
    pub(crate) retry_delays: ThreeDurations,
    /// How often the sweep passes.
    #[arg(long, value_name = "DUR", default_value = "60s", value_parser = interval)]
    pub(crate) sweep_every: Duration,
    /// Cap on the re-check, poll and probe intervals that Backhaul chooses itself.
    #[arg(long, value_name = "DUR", value_parser = cap)]
    pub(crate) recheck_max: Option<SignedDuration>,
    /// The mail server for notices, as `smtps://user:password@host` (TLS) or `smtp://…` (STARTTLS). Better set
    /// `BACKHAUL_SMTP_URL` in the environment, where no other user of this machine reads the password.
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub(crate) smtp_url: Option<SecretString>,
    /// Where mails come from; without it the server's user name. Also `BACKHAUL_SMTP_FROM`.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) smtp_from: Option<String>,
}

impl ServeArgs {
    /// The engine's times.
    pub(crate) fn times(&self) -> Times {
        Times { retry_delays: self.retry_delays.0, recheck_max: self.recheck_max, ..Times::default() }
    }
}

fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(text.to_owned().into())
}

fn cap(text: &str) -> Result<SignedDuration, String> {
    let kit::Duration(cap) = text.parse()?;
    if cap.is_zero() { Err("must be longer than nothing".to_owned()) } else { Ok(cap) }
}

fn interval(text: &str) -> Result<Duration, String> {
    cap(text)?.try_into().map_err(|_| "is too long".to_owned())
}

fn public_url(text: &str) -> Result<String, String> {
    let problem = || "must be scheme, host, optional port and path: https://backhaul.example.com".to_owned();
    let url = Url::parse(text.trim()).map_err(|_| problem())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(problem()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn serve(args: &[&str]) -> Result<ServeArgs, String> {
        let line = ["backhaul", "serve"].iter().chain(args);
        match Cli::try_parse_from(line).map_err(|e| e.to_string())?.command() {
            Command::Serve(args) => Ok(*args),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_is_the_demo() {
        assert!(matches!(Cli::try_parse_from(["backhaul"]).unwrap().command(), Command::Demo(d) if !d.once));
        assert!(matches!(Cli::try_parse_from(["backhaul", "--once"]).unwrap().command(), Command::Demo(d) if d.once));
    }

    #[test]
    fn serve_has_the_defaults_of_the_surface() {
        let args = serve(&[]).unwrap();
        assert_eq!(args.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(args.data, PathBuf::from("backhaul-data"));
        assert_eq!(args.times(), Times::default());
        assert_eq!(args.sweep_every, Duration::from_secs(60));
        assert!(!args.allow_private_targets && args.webhook_listen.is_none() && args.recheck_max.is_none());
    }

    #[test]
    fn times_can_be_chosen() {
        let args = serve(&["--retry-delays", "0s,1s,2s", "--sweep-every", "500ms", "--recheck-max", "1s"]).unwrap();
        let secs = SignedDuration::from_secs;
        assert_eq!(args.times().retry_delays, [secs(0), secs(1), secs(2)]);
        assert_eq!(args.times().recheck_max, Some(secs(1)));
        assert_eq!(args.sweep_every, Duration::from_millis(500));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for bad in [
            &["--retry-delays", "0s,1s"][..],
            &["--retry-delays", "0s,1s,-2s"],
            &["--sweep-every", "0s"],
            &["--recheck-max", "soon"],
            &["--public-url", "backhaul.example.com"],
            &["--public-url", "https://user:pass@example.com"],
            &["--listen", "localhost"],
        ] {
            assert!(serve(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_public_address_loses_its_last_slash() {
        let args = serve(&["--public-url", "https://backhaul.example.com/in/"]).unwrap();
        assert_eq!(args.public_url.as_deref(), Some("https://backhaul.example.com/in"));
    }
}
