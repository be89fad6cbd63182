//! A vendor that counts calls by the day: a merchant's day in virtual time, through the sweep, the worker and the engine
//! as they are, counted at the practice vendor.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's stage: what fails here fails the test")]

#[expect(dead_code, reason = "the engine of these tests makes its own conversations")]
mod practice;

use connectors::Registry;
use domain::{Connection, ConnectionId, SealedSecret, State, Switch, TenantId};
use export_flow::ports::{Connections as _, ExportQuery, Keys as _, Ledger as _, Queue as _};
use export_flow::times::VISIBILITY;
use export_flow::{Flow, Parts, Times, Verdict};
use http_sender::{HttpSender, Options};
use jiff::{SignedDuration, Timestamp};
use practice::World;
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy};
use worker::{Limits, Sweep, Worker};

/// Midnight in Bratislava.
const MIDNIGHT: &str = "2026-11-19T23:00:00Z";
const STEP: SignedDuration = SignedDuration::from_mins(5);
const INVOICES: usize = 200;
/// From eight to four.
const OPEN_MINUTES: usize = 8 * 60;
/// Messages that a function gets at once.
const BATCH: usize = 10;

/// One merchant: books that are only polled, and a marketplace that takes PDFs.
struct Merchant {
    world: World,
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    queue: Arc<MemoryQueue>,
    sweep: Sweep,
    worker: Worker,
    made: usize,
}

impl Merchant {
    async fn new() -> Self {
        let world = World::new().await;
        let clock = ManualClock::at(MIDNIGHT.parse().unwrap());
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let options = Options { allow_private_targets: true, ..Options::default() };
        let parts = Parts {
            ledger: ledger.clone(),
            queue: queue.clone(),
            keys: Arc::new(PlainKeys),
            http: Arc::new(HttpSender::new(options, clock.clone())),
            clock: clock.clone(),
            entropy: SeededEntropy::new(1),
            registry: Registry::standard(),
        };
        let flow = Arc::new(Flow::new(parts, Times::default()));
        let worker = Worker::new(Arc::clone(&flow), Limits { in_flight: BATCH, per_group: BATCH });
        let merchant = Self { world, clock, ledger, queue, sweep: Sweep::new(flow), worker, made: 0 };
        merchant.connect("superfaktura").await;
        merchant.connect("mirakl").await;
        merchant
    }

    /// A connection as the practice vendor gives it, made at midnight.
    async fn connect(&self, vendor: &str) {
        let account = self.world.account(vendor, json!({"pace": "off"})).await;
        let given = self.world.control("GET", &format!("/_sandbox/vendors/{vendor}"), None).await;
        let now = MIDNIGHT.parse().unwrap();
        let mut connection = Connection { created_at: now, changed_at: now, ..account.connection.clone() };
        connection.switches.insert(Switch::SendInvoice, true);
        for (name, secret) in given["secrets"].as_object().unwrap() {
            let sealed =
                PlainKeys.seal(&connection.id, name, &secret.as_str().unwrap().to_owned().into()).await.unwrap();
            connection.secrets.insert(name.clone(), SealedSecret::entered(now, sealed));
        }
        self.ledger.put_connection_as_is(connection);
    }

    /// The vendor's clock is ours.
    async fn at(&self, now: Timestamp) {
        self.clock.set(now);
        let change = json!({"clock": now.to_string()});
        self.world.control("PATCH", "/_sandbox/vendors/superfaktura", Some(change)).await;
    }

    /// Issues invoices, each over an order of its own.
    async fn issue(&mut self, count: usize) {
        let order = |n: usize| json!({"reference": format!("MKP-{n}"), "books": "superfaktura", "parcels": []});
        let orders: Vec<Value> = (self.made..self.made + count).map(order).collect();
        self.made += count;
        self.world.control("POST", "/_sandbox/orders", Some(json!({"orders": orders}))).await;
    }

    /// A pass of the sweep, then whatever is on the queue, in batches.
    async fn pass(&self) {
        self.sweep.pass().await;
        loop {
            let batch = self.queue.receive(BATCH, VISIBILITY).await.unwrap();
            if batch.is_empty() {
                return;
            }
            for answer in self.worker.run_batch(batch, Timestamp::MAX).await {
                match answer.verdict {
                    Verdict::Done => self.queue.delete(&[answer.receipt]).await.unwrap(),
                    Verdict::GiveBack(delay) => self.queue.give_back(&answer.receipt, delay).await.unwrap(),
                }
            }
        }
    }

    async fn delivered(&self) -> usize {
        let query = ExportQuery { state: Some(State::Delivered), ..ExportQuery::default() };
        self.ledger.exports(&TenantId::local(), &query, 1000, None).await.unwrap().items.len()
    }

    /// Calls of the day at the source, by what they ask for.
    async fn calls(&self) -> Value {
        let calls = self.world.control("GET", "/_sandbox/calls", None).await;
        calls["vendors"]["superfaktura"].clone()
    }

    async fn uploads(&self) -> Value {
        let effects = self.world.control("GET", "/_sandbox/effects?vendor=mirakl", None).await;
        assert_eq!(effects["duplicates"], json!([]));
        effects["vendors"]["mirakl"]["documents"].clone()
    }
}

fn total(calls: &Value) -> u64 {
    calls.as_object().unwrap().values().filter_map(Value::as_u64).sum()
}

#[tokio::test]
async fn a_day_of_two_hundred_invoices_with_their_pdfs_takes_less_than_half_of_the_quota() {
    let mut merchant = Merchant::new().await;
    let midnight: Timestamp = MIDNIGHT.parse().unwrap();
    let hours = |hours: i64| midnight + SignedDuration::from_hours(hours);
    let (opens, closes) = (hours(8), hours(16));
    let mut now = midnight;
    while now < hours(24) {
        merchant.at(now).await;
        merchant.pass().await;
        // What is issued now is found by a later pass. As many are out as the hour of the day wants.
        let open = now.clamp(opens, closes).duration_since(opens).as_mins();
        let wanted = INVOICES * usize::try_from(open).unwrap() / OPEN_MINUTES;
        merchant.issue(wanted - merchant.made).await;
        now += STEP;
    }
    let calls = merchant.calls().await;
    println!("{} calls: {calls}", total(&calls));
    assert_eq!((merchant.made, merchant.delivered().await), (INVOICES, INVOICES));
    assert_eq!(merchant.uploads().await, INVOICES);
    assert!(total(&calls) < 400, "{calls}");
    assert_eq!((calls["pdf"].as_u64(), calls.get("view")), (Some(200), None), "{calls}");
    merchant.world.running.stop().await;
}

#[tokio::test]
async fn a_day_that_is_caught_up_with_at_once_takes_little_more_than_its_pdfs() {
    let mut merchant = Merchant::new().await;
    let midnight: Timestamp = MIDNIGHT.parse().unwrap();
    let down = json!({"vendor": "superfaktura", "match": "", "kind": "down"});
    merchant.at(midnight).await;
    merchant.pass().await;
    merchant.world.control("POST", "/_sandbox/faults", Some(down)).await;
    for hour in 1..24 {
        merchant.at(midnight + SignedDuration::from_hours(hour)).await;
        merchant.issue(if (8..16).contains(&hour) { INVOICES / 8 } else { 0 }).await;
        merchant.pass().await;
    }
    assert_eq!(merchant.delivered().await, 0);
    let before = merchant.calls().await;
    merchant.world.control("DELETE", "/_sandbox/faults", None).await;
    merchant.at(midnight + SignedDuration::from_hours(25)).await;
    merchant.pass().await;
    let calls = merchant.calls().await;
    println!("{} calls, {} of them while it was down: {calls}", total(&calls), total(&before));
    assert_eq!((merchant.delivered().await, merchant.uploads().await), (INVOICES, json!(INVOICES)));
    assert!(total(&calls) - total(&before) < 230, "{calls}");
    let books = merchant.ledger.connection(&ConnectionId::new("superfaktura")).await.unwrap().unwrap();
    assert_eq!(books.pause, None);
    merchant.world.running.stop().await;
}
