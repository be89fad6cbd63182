//! What functions work with, put together in the init phase.

use crate::environment::Environment;
use aws::{Clients, DynamoLedger, KmsKeys, QueueNames, SnsTopic, SqsQueue, Warm};
use connectors::{Clock, Entropy, Hearing, Registry};
use domain::{NoticeWay, Role};
use export_flow::notices::{Notifier, TellingWays};
use export_flow::{Accounts, Flow, Parts};
use http_sender::HttpSender;
use kit::metrics::Metrics;
use kit::{SystemClock, SystemEntropy};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The ports on AWS.
struct Ports {
    ledger: Arc<DynamoLedger>,
    queue: Arc<SqsQueue>,
    keys: Arc<KmsKeys>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Ports {
    /// Makes them, and opens their connections at the same time.
    async fn open(environment: &Environment) -> Self {
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
        let queue = SqsQueue::new(&clients, names, Arc::clone(&clock));
        let key = environment.key.clone();
        let keys = KmsKeys::new(clients.kms.clone(), key, Arc::clone(&clock), Arc::clone(&entropy));
        let warm = Warm { table: &environment.table, queue_url: &environment.queue_url, key: &environment.key };
        clients.warm(warm).await;
        Self { ledger: Arc::new(ledger), queue: Arc::new(queue), keys: Arc::new(keys), clock, entropy }
    }
}

/// What a webhook function needs: it reads connections, opens their secrets and sends to the queue. The engine, the
/// conversations with vendors and the rest of the ledger are not part of it, and not of its binary either.
pub struct Intake {
    pub(crate) parts: inbox::Parts,
    pub(crate) metrics: Metrics,
}

impl Intake {
    /// Makes it.
    pub async fn open(environment: &Environment) -> Self {
        let Ports { ledger, queue, keys, clock, entropy } = Ports::open(environment).await;
        let accounts = Accounts::new(ledger, keys, Arc::clone(&clock), Hearing::standard());
        let parts = inbox::Parts { accounts: Arc::new(accounts), outbox: queue, clock, entropy, refusals: None };
        Self { parts, metrics: environment.metrics.clone() }
    }
}

/// The engine, and what a function needs of it beyond the ports.
pub struct Engine {
    pub(crate) flow: Arc<Flow>,
    pub(crate) ledger: Arc<DynamoLedger>,
    pub(crate) queue: Arc<SqsQueue>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) allow_private_targets: bool,
    pub(crate) bases: BTreeMap<Role, String>,
    metrics: Metrics,
}

impl Engine {
    /// Makes it. The way out to vendors is opened at its first call. Notices to the topic are left to the sweep.
    pub async fn open(environment: &Environment) -> Self {
        let elsewhere = environment.topic.iter().map(|_| NoticeWay::Topic).collect();
        Self::open_with(environment, TellingWays { here: vec![], elsewhere }).await
    }

    /// The same with the client of the topic, which is in the binary of who calls this alone.
    pub async fn open_telling(environment: &Environment) -> Self {
        let topic = environment.topic.clone().map(|arn| SnsTopic::new(&environment.aws, arn));
        let here = topic.into_iter().map(|topic| Arc::new(topic) as Arc<dyn Notifier>).collect();
        Self::open_with(environment, TellingWays { here, ..TellingWays::default() }).await
    }

    async fn open_with(environment: &Environment, ways: TellingWays) -> Self {
        let Ports { ledger, queue, keys, clock, entropy } = Ports::open(environment).await;
        let allow_private_targets = environment.allow_private_targets;
        let options = http_sender::Options { allow_private_targets, ..http_sender::Options::default() };
        let http = HttpSender::new(options, Arc::clone(&clock)).sharing(Arc::<DynamoLedger>::clone(&ledger));
        let parts = Parts {
            ledger: Arc::<DynamoLedger>::clone(&ledger),
            queue: Arc::<SqsQueue>::clone(&queue),
            keys,
            http: Arc::new(http),
            clock: Arc::clone(&clock),
            entropy,
            registry: Registry::standard(),
        };
        let flow =
            Arc::new(Flow::new(parts, environment.times.clone()).telling(ways).reached_at(environment.bases.clone()));
        let bases = environment.bases.clone();
        Self { flow, ledger, queue, clock, allow_private_targets, bases, metrics: environment.metrics.clone() }
    }

    /// Writes what this call leaves for lists and counts, and its metrics. What fails is kept for the next call of this
    /// sandbox, if there is one. False: lists and counts lack something for now.
    pub(crate) async fn flush(&self) -> bool {
        let listed = self.ledger.flush().await;
        if let Err(error) = &listed {
            tracing::warn!(event = "ledger.flush_failed", %error);
        }
        tell(&self.metrics);
        listed.is_ok()
    }
}

/// Writes the metrics of a call.
pub(crate) fn tell(metrics: &Metrics) {
    if let Err(error) = metrics.flush() {
        tracing::warn!(event = "metrics.flush_failed", %error);
    }
}
