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
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// A message that ended the process before this one has been given up.
    gave_up: Arc<AtomicBool>,
}

impl Worker {
    /// A worker that runs the engine.
    #[must_use]
    pub fn new(flow: Arc<Flow>, limits: Limits) -> Self {
        Self { handler: Arc::<Flow>::clone(&flow), flow, limits, gave_up: Arc::default() }
    }

    /// The same with something else in the engine's place; its store, queue and clock stay in use.
    #[must_use]
    pub fn with_handler(flow: Arc<Flow>, handler: Arc<dyn Handler>, limits: Limits) -> Self {
        Self { flow, limits, handler, gave_up: Arc::default() }
    }

    /// Runs one message to its answer. Never panics for what the handler does.
    pub async fn run(&self, incoming: &Incoming) -> Verdict {
        let Some(message) = &incoming.message else {
            return net::unreadable(&self.flow, incoming).await;
        };
        let (trace, receives) = (message.trace().map(domain::EventId::as_str), incoming.receives);
        if self.gives_up(incoming, message) {
            tracing::error!(event = "worker.gave_up", trace, group = %incoming.group, receives);
        } else {
            let work = AssertUnwindSafe(self.handler.handle(message, must_be_alone(incoming)));
            match work.catch_unwind().await {
                Ok(Verdict::Done) => return self.picked_up(message, receives).await,
                Ok(Verdict::GiveBack(delay)) => return Verdict::GiveBack(delay.max(patience(receives))),
                Err(_) => tracing::error!(event = "worker.panic", trace, group = %incoming.group, receives),
            }
        }
        match net::crashed(&self.flow, message, incoming.receives).await {
            net::Outcome::Kept => Verdict::Done,
            net::Outcome::ComesAgain => Verdict::GiveBack(AFTER_A_CRASH),
        }
    }

    /// Lets the engine know what was received together. What may be what brings the worker down stays out of it.
    pub(crate) fn expect(&self, received: &[Incoming]) {
        let company = received.iter().filter(|incoming| !must_be_alone(incoming));
        self.flow.expect(company.filter_map(|incoming| incoming.message.as_ref()));
    }

    /// A message that was alone the last time and never answered ended the process with it. A queue with a net beneath
    /// has caught it before; any other would have it end every process to come. Others that were received beside it
    /// may have come as often and are innocent: so only the first goes, and each of them gets its own turn alone.
    fn gives_up(&self, incoming: &Incoming, message: &Message) -> bool {
        let had_its_turn = incoming.receives > RECEIVES_MAX + 1 && *message != Message::Later;
        had_its_turn && !self.gave_up.swap(true, Ordering::Relaxed)
    }

    /// An event that comes again may have been left by a run that had claimed something.
    async fn picked_up(&self, message: &Message, receives: u32) -> Verdict {
        let Some(event) = message.news().filter(|_| receives > 1) else { return Verdict::Done };
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
#[must_use]
pub fn must_be_alone(incoming: &Incoming) -> bool {
    let asked = matches!(&incoming.message, Some(Message::ExportDueV1(due)) if due.alone);
    asked || incoming.receives > RECEIVES_MAX
}
