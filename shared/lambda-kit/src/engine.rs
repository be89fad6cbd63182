//! The engine on AWS, put together in the init phase.

use crate::environment::Environment;
use async_trait::async_trait;
use aws::{Clients, DynamoLedger, KmsKeys, QueueNames, SqsQueue, Warm};
use connectors::{Answer, Clock, Entropy, Http, HttpError, Lane, NotConnected, Registry, Request};
use export_flow::{Flow, Parts};
use http_sender::HttpSender;
use kit::metrics::Metrics;
use kit::{SystemClock, SystemEntropy};
use std::sync::Arc;

/// The engine and what a function needs of it beyond the ports.
pub struct Engine {
    pub(crate) flow: Arc<Flow>,
    pub(crate) ledger: Arc<DynamoLedger>,
    pub(crate) queue: Arc<SqsQueue>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) allow_private_targets: bool,
    metrics: Metrics,
}

/// The way out of a function that must not call any vendor.
struct NoWayOut;

#[async_trait]
impl Http for NoWayOut {
    async fn call(&self, _: &Lane, _: Request, _: bool) -> Result<Answer, HttpError> {
        Err(HttpError::NotConnected(NotConnected::HostRefused, "this function calls no vendor".to_owned()))
    }
}

impl Engine {
    /// The engine of a webhook function: it calls no vendor.
    pub async fn of_webhooks(environment: &Environment) -> Self {
        Self::start(environment, |_| Arc::new(NoWayOut)).await
    }

    /// The engine with its way out to vendors, which is opened at its first call.
    pub async fn with_vendors(environment: &Environment) -> Self {
        let options = http_sender::Options {
            allow_private_targets: environment.allow_private_targets,
            ..http_sender::Options::default()
        };
        Self::start(environment, |clock| Arc::new(HttpSender::new(options, Arc::clone(clock)))).await
    }

    /// Makes the parts, and opens their connections at the same time.
    async fn start(environment: &Environment, http: impl FnOnce(&Arc<dyn Clock>) -> Arc<dyn Http>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clients = Clients::new(&environment.aws);
        let names = QueueNames {
            url: environment.queue_url.clone(),
            dead_letter_url: environment.dead_letter_url.clone(),
            table: environment.table.clone(),
        };
        let table = environment.table.clone();
        let ledger = DynamoLedger::new(clients.dynamodb.clone(), table, Arc::clone(&clock), Arc::clone(&entropy));
        let ledger = Arc::new(ledger);
        let queue = Arc::new(SqsQueue::new(&clients, names, Arc::clone(&clock)));
        let keys = KmsKeys::new(clients.kms.clone(), environment.key.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let parts = Parts {
            ledger: Arc::<DynamoLedger>::clone(&ledger),
            queue: Arc::<SqsQueue>::clone(&queue),
            keys: Arc::new(keys),
            http: http(&clock),
            clock: Arc::clone(&clock),
            entropy,
            registry: Registry::standard(),
        };
        let warm = Warm { table: &environment.table, queue_url: &environment.queue_url, key: &environment.key };
        clients.warm(warm).await;
        let flow = Arc::new(Flow::new(parts, environment.times.clone()));
        let allow_private_targets = environment.allow_private_targets;
        Self { flow, ledger, queue, clock, allow_private_targets, metrics: environment.metrics.clone() }
    }

    /// Writes what this call leaves for lists and counts, and its metrics. What fails is kept for the next call of this
    /// sandbox, if there is one. False: lists and counts lack something for now.
    pub(crate) async fn flush(&self) -> bool {
        let listed = self.ledger.flush().await;
        if let Err(error) = &listed {
            tracing::warn!(event = "ledger.flush_failed", %error);
        }
        if let Err(error) = self.metrics.flush() {
            tracing::warn!(event = "metrics.flush_failed", %error);
        }
        listed.is_ok()
    }
}
