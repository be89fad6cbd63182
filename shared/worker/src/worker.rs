//! One message: run it, whatever it does.

use crate::net;
use crate::seats::Limits;
use async_trait::async_trait;
use export_flow::message::Message;
use export_flow::ports::Incoming;
use export_flow::times::{LEASE, RECEIVES_MAX};
use export_flow::{Flow, Verdict};
use futures_util::FutureExt as _;
use jiff::SignedDuration;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// The first time a message is left alone, and how often that time doubles: up to 17 minutes.
const PATIENCE_MIN: SignedDuration = SignedDuration::from_secs(2);
const PATIENCE_DOUBLINGS: u32 = 9;
/// A message that broke the program comes again after the claim it may hold has run out.
const AFTER_A_CRASH: SignedDuration = SignedDuration::from_secs(LEASE.as_secs() + 5);

/// Works on one message: the engine, or a stand-in for it.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Does what the message asks. `alone`: nothing else is in flight in this worker.
    async fn handle(&self, message: &Message, alone: bool) -> Verdict;
}

#[async_trait]
impl Handler for Flow {
    async fn handle(&self, message: &Message, alone: bool) -> Verdict {
        Self::handle(self, message, alone).await
    }
}

/// Runs messages. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    pub(crate) flow: Arc<Flow>,
    pub(crate) limits: Limits,
    handler: Arc<dyn Handler>,
}

impl Worker {
    /// A worker that runs the engine.
    #[must_use]
    pub fn new(flow: Arc<Flow>, limits: Limits) -> Self {
        Self { handler: Arc::<Flow>::clone(&flow), flow, limits }
    }

    /// The same with something else in the engine's place; its store, queue and clock stay in use.
    #[must_use]
    pub fn with_handler(flow: Arc<Flow>, handler: Arc<dyn Handler>, limits: Limits) -> Self {
        Self { flow, limits, handler }
    }

    /// Runs one message to its answer. Never panics for what the handler does.
    pub(crate) async fn run(&self, incoming: &Incoming) -> Verdict {
        let Some(message) = &incoming.message else {
            return net::unreadable(&self.flow, incoming).await;
        };
        let alone = must_be_alone(incoming);
        let work = AssertUnwindSafe(self.handler.handle(message, alone));
        match work.catch_unwind().await {
            Ok(Verdict::Done) => return self.picked_up(message, incoming.receives).await,
            Ok(Verdict::GiveBack(delay)) => return Verdict::GiveBack(delay.max(patience(incoming.receives))),
            Err(_) => {}
        }
        let trace = message.trace().map(domain::EventId::as_str);
        tracing::error!(event = "worker.panic", trace, group = %incoming.group, receives = incoming.receives);
        match net::crashed(&self.flow, message, incoming.receives).await {
            net::Outcome::Kept => Verdict::Done,
            net::Outcome::ComesAgain => Verdict::GiveBack(AFTER_A_CRASH),
        }
    }

    /// An event that comes again may have been left by a run that had claimed something.
    async fn picked_up(&self, message: &Message, receives: u32) -> Verdict {
        let (Message::SourceEventV1(event) | Message::HandedOnV1 { news: event, .. }) = message else {
            return Verdict::Done;
        };
        if receives < 2 {
            return Verdict::Done;
        }
        match self.flow.pick_up(event).await {
            Ok(()) => Verdict::Done,
            Err(error) => {
                tracing::warn!(event = "message.given_back", %error);
                Verdict::GiveBack(patience(receives))
            }
        }
    }
}

/// How long a message that our own store or queue failed is left alone: twice as long each time, so that the receives
/// which a queue allows last for hours of trouble.
fn patience(receives: u32) -> SignedDuration {
    PATIENCE_MIN.saturating_mul(1 << receives.saturating_sub(1).min(PATIENCE_DOUBLINGS))
}

/// Whether nothing else may be in flight beside it: it says so, or it has come back so often that it may be what
/// brings the worker down.
pub(crate) fn must_be_alone(incoming: &Incoming) -> bool {
    let asked = matches!(&incoming.message, Some(Message::ExportDueV1(due)) if due.alone);
    asked || incoming.receives > RECEIVES_MAX
}
