//! The practice vendors, as a program of their own.

use crate::Failure;
use crate::cli::SandboxArgs;
use crate::signals;
use crate::terminal::say;
use kit::logs::{self, Shape};
use std::process::ExitCode;
use tokio::io::AsyncReadExt as _;

/// What the line that tells the address begins with; the demo reads it.
pub(crate) const ADDRESS_LINE: &str = "Practice vendors at ";

/// Serves until asked to end.
pub(crate) async fn run(args: &SandboxArgs) -> Result<ExitCode, Failure> {
    logs::start(Shape::Json, &kit::read_env("BACKHAUL_LOG")?.unwrap_or_else(|| "warn".to_owned()))?;
    let options = vendor_sandbox::Options { listen: args.listen, data: args.data.clone() };
    let running = vendor_sandbox::start(options).await?;
    say(&format!("{ADDRESS_LINE}http://{}", running.address));
    say(&format!("Credentials and control calls: http://{}/_sandbox", running.address));
    tokio::select! {
        () = signals::asked_to_end() => {}
        () = parent_ended(), if args.until_stdin_ends => {}
    }
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// A parent that is killed cannot say so; its end of our standard input closes.
async fn parent_ended() {
    let mut stdin = tokio::io::stdin();
    let mut byte = [0];
    while stdin.read(&mut byte).await.is_ok_and(|read| read > 0) {}
}
