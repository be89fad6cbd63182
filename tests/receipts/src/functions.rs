//! The functions as Lambda runs them: one sandbox that takes webhooks, one that works off batches, one that sweeps, each
//! with caches of its own. Their time is the model's, not the machine's: so many documents a second, exactly.

use crate::endpoint::Endpoint;
use crate::stage::{Names, Stage, clients};
use aws::{DynamoLedger, KmsKeys, SqsQueue};
use connectors::{Clock, Entropy, Registry};
use export_flow::ports::Incoming;
use export_flow::{Flow, Parts, Times, Verdict};
use http_sender::HttpSender;
use jiff::{SignedDuration, Timestamp};
use kit::SystemEntropy;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use worker::{Limits, Sweep, Worker};

/// As in `lambda-kit`.
const LIMITS: Limits = Limits { in_flight: 10, per_group: 10 };
const TIME: SignedDuration = SignedDuration::from_secs(87);

/// A clock that moves when it is told to.
pub(crate) struct ModelClock(Mutex<Timestamp>);

impl ModelClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::now())))
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ModelClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// An engine on the real adapters.
pub(crate) struct Engine {
    pub(crate) flow: Arc<Flow>,
    pub(crate) ledger: Arc<DynamoLedger>,
    queue: Arc<SqsQueue>,
}

impl Engine {
    /// As `lambda-kit` puts it together, at an endpoint.
    pub(crate) fn at(url: &str, names: &Names, clock: &Arc<ModelClock>) -> Self {
        let clock: Arc<dyn Clock> = Arc::<ModelClock>::clone(clock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clients = clients(url);
        let table = names.queues.table.clone();
        let ledger = DynamoLedger::new(clients.dynamodb.clone(), table, Arc::clone(&clock), Arc::clone(&entropy));
        let ledger = Arc::new(ledger);
        let queue = Arc::new(SqsQueue::new(&clients, names.queues.clone(), Arc::clone(&clock)));
        let keys = KmsKeys::new(clients.kms.clone(), names.key.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let options = http_sender::Options { allow_private_targets: true, ..http_sender::Options::default() };
        let http = HttpSender::new(options, Arc::clone(&clock)).sharing(Arc::<DynamoLedger>::clone(&ledger));
        let parts = Parts {
            ledger: Arc::<DynamoLedger>::clone(&ledger),
            queue: Arc::<SqsQueue>::clone(&queue),
            keys: Arc::new(keys),
            http: Arc::new(http),
            clock,
            entropy,
            registry: Registry::standard(),
        };
        // A second attempt follows at once: the model's time is not the queue's.
        let times = Times { retry_delays: [SignedDuration::ZERO; 3], ..Times::default() };
        Self { flow: Arc::new(Flow::new(parts, times)), ledger, queue }
    }
}

/// How long the functions ran, on this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ran {
    pub(crate) webhooks: Duration,
    pub(crate) batches: Duration,
}

/// A sandbox of each.
pub(crate) struct Functions<'a> {
    stage: &'a Stage,
    endpoint: &'a Endpoint,
    worker: Worker,
    engine: Engine,
    sweeper: Engine,
    queue: String,
    clock: Arc<ModelClock>,
    url: String,
    listening: JoinHandle<std::io::Result<()>>,
    pub(crate) ran: Ran,
}

impl Drop for Functions<'_> {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl<'a> Functions<'a> {
    /// New ones, with nothing in their caches.
    pub(crate) async fn cold(stage: &'a Stage, endpoint: &'a Endpoint, names: &Names, clock: &Arc<ModelClock>) -> Self {
        let at = format!("http://{}", endpoint.address);
        let mut names = names.clone();
        names.queues.url = names.queues.url.replace(&stage.aws.url(), &at);
        names.queues.dead_letter_url = names.queues.dead_letter_url.replace(&stage.aws.url(), &at);
        let inbox = Engine::at(&at, &names, clock);
        let engine = Engine::at(&at, &names, clock);
        let sweeper = Engine::at(&at, &names, clock);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = inbox::router(inbox::Parts::of(&inbox.flow));
        let listening = tokio::spawn(async move { axum::serve(listener, router).await });
        let worker = Worker::new(Arc::clone(&engine.flow), LIMITS);
        let (queue, ran) = (names.queues.url, Ran::default());
        Self { stage, endpoint, worker, engine, sweeper, queue, clock: Arc::clone(clock), url, listening, ran }
    }

    /// A vendor's webhook, signed by it. `said` says what it is about.
    pub(crate) async fn hook(&mut self, said: &Value) {
        let courier = said["vendor"] == "sendcloud";
        let path = if courier { "courier/parcels" } else { "accounting/books" };
        let mut wish = said.clone();
        wish["url"] = format!("{}/webhooks/{path}", self.url).into();
        let began = Instant::now();
        let sent = self.stage.vendor("/_sandbox/emit", wish).await;
        self.ran.webhooks += began.elapsed();
        assert_eq!(sent["sent"][0]["status"], 202, "{sent}");
        self.endpoint.invoked();
    }

    /// A batch as the event source mapping brings it: received, worked off, what was left undone shown again, deleted.
    pub(crate) async fn batch(&mut self, size: usize) {
        assert_eq!(self.receive_and_work(size).await, size, "the queue did not give a whole batch");
    }

    /// A pass of the sweep, as `lambda-kit` makes it.
    pub(crate) async fn sweep(&mut self) {
        let Engine { flow, ledger, queue } = &self.sweeper;
        let run = flow.new_run();
        assert!(ledger.begin_sweep(&run, self.clock.now(), self.clock.now() + TIME).await.unwrap());
        ledger.add_up().await.unwrap();
        worker::drain(flow, queue.as_ref(), worker::CAUGHT_MAX).await.unwrap();
        let sweep = Sweep::new(Arc::clone(flow));
        sweep.gauges().await.unwrap();
        sweep.pass().await;
        ledger.flush().await.unwrap();
        ledger.end_sweep(&run).await.unwrap();
        self.endpoint.invoked();
    }

    /// Batches until the queue is empty. Answers how many messages there were.
    pub(crate) async fn everything(&mut self) -> usize {
        let mut all = 0;
        loop {
            let worked = self.receive_and_work(10).await;
            all += worked;
            if worked < 10 {
                return all;
            }
        }
    }

    async fn receive_and_work(&mut self, size: usize) -> usize {
        let counting = crate::wire::Wire::to(self.endpoint.address.clone());
        let url = self.queue.clone();
        let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": size, "VisibilityTimeout": 540,
                             "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]});
        let received = counting.aws("AmazonSQS.ReceiveMessage", receive).await;
        let messages = received["Messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            return 0;
        }
        let receipt = |message: &Value| message["ReceiptHandle"].as_str().unwrap().to_owned();
        let incoming: Vec<Incoming> = messages
            .iter()
            .map(|message| {
                let attributes: HashMap<String, String> =
                    serde_json::from_value(message["Attributes"].clone()).unwrap_or_default();
                aws::incoming(message["Body"].as_str(), &receipt(message), &attributes)
            })
            .collect();
        let began = Instant::now();
        let answers = self.worker.run_batch(incoming, self.clock.now() + TIME).await;
        let back: Vec<_> = answers.iter().filter(|answer| answer.verdict != Verdict::Done).collect();
        assert!(back.is_empty(), "given back: {back:?}");
        self.engine.queue.give_back_all(&[]).await.unwrap();
        self.engine.ledger.flush().await.unwrap();
        self.ran.batches += began.elapsed();
        self.endpoint.invoked();
        let entries: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(n, message)| json!({"Id": n.to_string(), "ReceiptHandle": receipt(message)}))
            .collect();
        counting.aws("AmazonSQS.DeleteMessageBatch", json!({"QueueUrl": url, "Entries": entries})).await;
        messages.len()
    }
}
