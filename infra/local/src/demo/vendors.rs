//! The practice vendors as a child process with a durable file of their own: what is killed with us must not be what
//! counts the effects.

use crate::Failure;
use crate::practice::ADDRESS_LINE;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// Where they listen, if it is free.
const USUAL_ADDRESS: &str = "127.0.0.1:9100";
/// Where they listen otherwise.
const ANY_ADDRESS: &str = "127.0.0.1:0";

/// The running child. It ends when this is dropped, and when this process is killed.
pub(super) struct Vendors {
    pub(super) url: String,
    _child: Child,
    /// The child ends when this closes.
    _lifeline: Option<ChildStdin>,
}

impl Vendors {
    pub(super) async fn start(data: &Path) -> Result<Self, Failure> {
        if let Some(running) = Self::start_at(USUAL_ADDRESS, data).await? {
            return Ok(running);
        }
        let running = Self::start_at(ANY_ADDRESS, data).await?;
        running.ok_or_else(|| "the practice vendors do not start; see the lines above".into())
    }

    /// `None`: the child ended at once, most likely because the address is taken.
    async fn start_at(address: &str, data: &Path) -> Result<Option<Self>, Failure> {
        let quiet = if address == USUAL_ADDRESS { Stdio::null() } else { Stdio::inherit() };
        let mut child = Command::new(std::env::current_exe()?)
            .args(["sandbox", "--until-stdin-ends", "--listen", address, "--data"])
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(quiet)
            .kill_on_drop(true)
            .spawn()?;
        let lifeline = child.stdin.take();
        let Some(stdout) = child.stdout.take() else { return Err("the practice vendors say nothing".into()) };
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(url) = line.strip_prefix(ADDRESS_LINE) {
                // What they say later is read and forgotten, so that they never wait for a reader.
                let url = url.trim().to_owned();
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Some(Self { url, _child: child, _lifeline: lifeline }));
            }
        }
        Ok(None)
    }
}
