//! The scheduled pass of the sweep.

use crate::batch::deadline;
use crate::engine::Engine;
use jiff::SignedDuration;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::sync::Arc;
use std::time::Duration;
use worker::Sweep;

/// Kept back beyond what every handler keeps: the lease must be given back, and what the pass did must be written.
const KEPT_BACK: SignedDuration = SignedDuration::from_secs(4);

/// Passes whenever the schedule says so, until Lambda ends the sandbox.
///
/// # Errors
/// If the runtime cannot be reached.
pub async fn sweep(engine: Engine) -> Result<(), Error> {
    let sweep = Arc::new(Sweep::new(Arc::clone(&engine.flow)));
    let engine = Arc::new(engine);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<serde_json::Value>| {
        let (engine, sweep) = (Arc::clone(&engine), Arc::clone(&sweep));
        async move { pass(&engine, &sweep, event.context.deadline).await }
    }))
    .await
}

/// One pass, if no other runs. It is cut off in time; what it did not reach is found by the next.
async fn pass(engine: &Engine, sweep: &Sweep, until: u64) -> Result<(), Error> {
    let now = engine.clock.now();
    let until = deadline(until).checked_sub(KEPT_BACK).unwrap_or(now);
    let run = engine.flow.new_run();
    if !engine.ledger.begin_sweep(&run, now, until).await? {
        tracing::info!(event = "sweep.left_out", "another pass is running");
        return Ok(());
    }
    let time: Duration = until.duration_since(now).try_into().unwrap_or(Duration::ZERO);
    if tokio::time::timeout(time, everything(engine, sweep)).await.is_err() {
        tracing::warn!(event = "sweep.cut", "the pass took too long; the next one goes on");
    }
    engine.flush().await;
    engine.ledger.end_sweep(&run).await?;
    Ok(())
}

/// First what is quick and asks our own stores, then the polls, which take as long as vendors like.
async fn everything(engine: &Engine, sweep: &Sweep) {
    if let Err(error) = engine.ledger.add_up().await {
        tracing::warn!(event = "sweep.failed", part = "tally", %error);
    }
    if let Err(error) = worker::drain(&engine.flow, engine.queue.as_ref(), worker::CAUGHT_MAX).await {
        tracing::warn!(event = "sweep.failed", part = "drain", %error);
    }
    sweep.gauges().await;
    sweep.pass().await;
}
