//! A day of one order through the real engine: two parts of it invoiced, two parcels, one credit note, told twice, and
//! the process ends at any of its calls. Whatever happens, the practice vendors have counted each once.

use crate::practice::World;
use async_trait::async_trait;
use connectors::{Answer, Clock as _, Http, HttpError, Lane, Registry, Request};
use domain::{
    Cause, Connection, ConnectionId, EventId, Export, Operation, SourceHint, State, Subject, SubjectKind, Switch,
    TenantId,
};
use export_flow::message::{ExportDue, Message, SourceEvent};
use export_flow::ports::{Connections as _, ExportQuery, Keys as _, Ledger as _, Outbox as _, Outgoing, Queue as _};
use export_flow::times::{OVERDUE, VISIBILITY};
use export_flow::{Flow, Parts, Times, Verdict};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy};
use tokio::sync::Notify;

/// At which call the process ends, and whether the vendor still hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crash {
    pub(crate) at: usize,
    pub(crate) heard: bool,
}

/// The real sender in a process that may end in the middle of a call.
struct Mortal {
    real: Arc<World>,
    calls: AtomicUsize,
    crash: Option<Crash>,
    dead: Notify,
}

#[async_trait]
impl Http for Mortal {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let Some(crash) = self.crash.filter(|crash| crash.at == number) else {
            return self.real.sender.call(lane, request, writing).await;
        };
        if crash.heard {
            drop(self.real.sender.call(lane, request, writing).await);
        }
        self.dead.notify_one();
        std::future::pending().await
    }
}

/// The engine between the practice books, the practice courier and the practice channels.
pub(crate) struct Day {
    pub(crate) world: Arc<World>,
    pub(crate) ledger: Arc<MemoryLedger>,
    queue: Arc<MemoryQueue>,
    clock: Arc<ManualClock>,
    http: Arc<Mortal>,
    pub(crate) flow: Flow,
    told: AtomicUsize,
}

impl Day {
    pub(crate) async fn begin(world: &Arc<World>, crash: Option<Crash>) -> Self {
        // The vendors' clocks run on; ours jumps.
        let clock = ManualClock::at(kit::SystemClock.now());
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let http = Arc::new(Mortal { real: world.clone(), calls: AtomicUsize::new(0), crash, dead: Notify::new() });
        let flow = flow(&ledger, &queue, &clock, http.clone());
        let day = Self { world: world.clone(), ledger, queue, clock, http, flow, told: AtomicUsize::new(0) };
        for vendor in ["fakturoid", "sendcloud", "mirakl", "magento"] {
            day.connect(vendor).await;
        }
        day
    }

    /// The vendor's own id names the connection. Magento is called with a bearer token: a signature bears a time, and
    /// here time jumps.
    async fn connect(&self, vendor: &str) {
        let more = match vendor {
            "magento" => json!({"auth": "bearer", "pace": "off"}),
            "mirakl" => json!({"credit_note_type_code": "CUSTOMER_CREDIT_NOTE", "pace": "off"}),
            _ => json!({"pace": "off"}),
        };
        let account = self.world.account(vendor, more).await;
        let mut connection = account.connection.clone();
        let on = [Switch::SendInvoice, Switch::SendCreditNote, Switch::SendTracking];
        connection.switches = on.into_iter().map(|switch| (switch, true)).collect();
        connection.rules.invoice_when = Some(domain::InvoiceWhen::Issued);
        if matches!(vendor, "mirakl" | "magento") {
            connection.rules.order_pattern = Some(format!("^{vendor}"));
        }
        for (name, secret) in self.world.secrets(vendor).await {
            let sealed = PlainKeys.seal(&connection.id, &name, &secret).await.unwrap();
            connection.secrets.insert(name, domain::SealedSecret::entered(connection.created_at, sealed));
        }
        self.put(&connection).await;
    }

    pub(crate) async fn put(&self, connection: &Connection) {
        let old = self.ledger.connection(&connection.id).await.unwrap().map(|c| c.version);
        let new = Connection { version: old.unwrap_or(0) + 1, ..connection.clone() };
        assert!(self.ledger.put_connection(&new, old).await.unwrap());
        self.flow.forget(&new.id, &new.tenant);
    }

    pub(crate) async fn change(&self, id: &str, change: impl FnOnce(&mut Connection)) {
        let mut connection = self.ledger.connection(&ConnectionId::new(id)).await.unwrap().unwrap();
        change(&mut connection);
        self.put(&connection).await;
    }

    /// A source tells of a thing.
    pub(crate) async fn tell(&self, kind: SubjectKind, id: &str) {
        let source = ConnectionId::new(if kind == SubjectKind::Parcel { "sendcloud" } else { "fakturoid" });
        let number = self.told.fetch_add(1, Ordering::Relaxed);
        let hints = BTreeMap::new();
        let message = Message::SourceEventV1(SourceEvent {
            event: EventId::new(format!("told-{number}")),
            tenant: TenantId::local(),
            source: source.clone(),
            hint: SourceHint { subject: Subject { kind, id: id.to_owned() }, hints },
            cause: Cause::Webhook,
            target: None,
            at: self.flow.now(),
        });
        self.queue.send(vec![Outgoing { message, group: source, delay: SignedDuration::ZERO }]).await.unwrap();
    }

    /// Works off what is due now. Where the process ends, another one goes on with what it left.
    async fn work(&mut self) {
        loop {
            let received = self.queue.receive(1, VISIBILITY).await.unwrap();
            let Some(incoming) = received.into_iter().next() else { return };
            let message = incoming.message.unwrap();
            let verdict = tokio::select! {
                verdict = self.flow.handle(&message, false) => Some(verdict),
                () = self.http.dead.notified() => None,
            };
            match verdict {
                Some(Verdict::Done) => self.queue.delete(&[incoming.receipt]).await.unwrap(),
                Some(Verdict::GiveBack(delay)) => self.queue.give_back(&incoming.receipt, delay).await.unwrap(),
                None => self.flow = flow(&self.ledger, &self.queue, &self.clock, self.http.clone()),
            }
        }
    }

    /// Lets time jump from one due time to the next, with the sweep as in the real thing, until nothing is due within
    /// this time.
    pub(crate) async fn rest(&mut self, within: SignedDuration) {
        let end = self.clock.now() + within;
        loop {
            self.work().await;
            let entries = self.ledger.due(jiff::Timestamp::MAX, 1).await.unwrap();
            let swept = entries.first().map(|entry| entry.due_at + OVERDUE + SignedDuration::from_millis(1));
            let next = self.queue.next_at().into_iter().chain(swept).min();
            let Some(next) = next.filter(|next| *next <= end) else { return };
            self.clock.set(next.max(self.clock.now() + SignedDuration::from_millis(1)));
            let now = self.clock.now();
            for entry in self.ledger.due(now - OVERDUE, usize::MAX).await.unwrap() {
                if self.ledger.postpone(&entry, now).await.unwrap() {
                    let due = ExportDue { export: entry.id, claim: entry.claim, alone: false, trace: None };
                    let message = Message::ExportDueV1(due);
                    let out = Outgoing { message, group: entry.group, delay: SignedDuration::ZERO };
                    self.queue.send(vec![out]).await.unwrap();
                }
            }
        }
    }

    pub(crate) async fn exports(&self) -> Vec<Export> {
        self.ledger.exports(&TenantId::local(), &ExportQuery::default(), 500, None).await.unwrap().items
    }

    /// Whether the process has ended where it was to end.
    pub(crate) fn struck(&self) -> bool {
        self.http.crash.is_some_and(|crash| self.http.calls.load(Ordering::Relaxed) > crash.at)
    }
}

fn flow(ledger: &Arc<MemoryLedger>, queue: &Arc<MemoryQueue>, clock: &Arc<ManualClock>, http: Arc<dyn Http>) -> Flow {
    let parts = Parts {
        ledger: ledger.clone(),
        queue: queue.clone(),
        keys: Arc::new(PlainKeys),
        http,
        clock: clock.clone(),
        entropy: SeededEntropy::new(1),
        registry: Registry::standard(),
    };
    Flow::new(parts, Times { jitter_percent: 0, ..Times::default() })
}

/// What the practice vendors did to one order, by kind, each with the keys it was known by.
pub(crate) async fn done(world: &World, channel: &str, order: &str) -> BTreeMap<String, Vec<String>> {
    let path = format!("/_sandbox/effects?vendor={channel}&order={order}");
    let all = world.control("GET", &path, None).await;
    assert_eq!(all["duplicates"], json!([]), "{order}");
    let mut done: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for effect in all["effects"].as_array().unwrap() {
        let text = |name: &str| effect[name].as_str().unwrap().to_owned();
        done.entry(text("kind")).or_default().push(text("key"));
    }
    done.values_mut().for_each(|keys| keys.sort());
    done
}

/// The ids of what an order became at the sources.
pub(crate) struct Sold {
    /// Both invoices, then the credit note of the first.
    pub(crate) documents: [String; 3],
    pub(crate) parcels: [String; 2],
}

/// Two mugs and three bowls and shipping, in two invoices and two parcels, and a mug taken back.
pub(crate) async fn sell(world: &World, channel: &str, reference: &str) -> Sold {
    let line = |sku: &str, quantity: u32, price: &str| json!({"sku": sku, "quantity": quantity, "price": price});
    let wish = json!({"channel": channel, "reference": reference, "currency": "EUR", "shipping": "5",
        "lines": [line("MUG", 2, "121"), line("BOWL", 3, "10")], "document": null,
        "documents": [
            {"number": format!("{reference}/1"), "lines": [line("MUG", 1, "121")]},
            {"number": format!("{reference}/2"),
             "lines": [line("MUG", 1, "121"), line("BOWL", 3, "10"), {"sku": null, "name": "Shipping", "price": "5"}]},
            {"number": format!("{reference}/3"), "type": "credit_note", "lines": [line("MUG", 1, "121")]}],
        "parcels": [
            {"tracking_number": format!("{reference}-A"), "carrier": "dpd", "items": [{"sku": "MUG", "quantity": 1}]},
            {"tracking_number": format!("{reference}-B"), "carrier": "dpd",
             "items": [{"sku": "MUG", "quantity": 1}, {"sku": "BOWL", "quantity": 3}]}]});
    let made = world.control("POST", "/_sandbox/orders", Some(wish)).await;
    let id = |list: &str, at: usize| made[list][at]["id"].as_str().unwrap().to_owned();
    Sold { documents: [0, 1, 2].map(|at| id("documents", at)), parcels: [0, 1].map(|at| id("parcels", at)) }
}

/// Plays one order's day to its end, and says whether the process ended on the way.
async fn play(world: &Arc<World>, channel: &str, reference: &str, crash: Option<Crash>) -> bool {
    let Sold { documents: [first, second, note], parcels } = sell(world, channel, reference).await;
    let mut day = Day::begin(world, crash).await;
    // The credit note is told first, and everything twice.
    for _ in 0..2 {
        for id in [&note, &first, &second] {
            day.tell(SubjectKind::Document, id).await;
        }
        for parcel in &parcels {
            day.tell(SubjectKind::Parcel, parcel).await;
        }
    }
    day.rest(SignedDuration::from_hours(36)).await;
    let what = format!("{channel} {crash:?}");
    let exports = day.exports().await;
    let ended: Vec<_> = exports.iter().filter(|e| e.key.operation != Operation::Look).map(|e| e.state).collect();
    assert_eq!(ended, [State::Delivered; 5], "{what}: {exports:#?}");
    check(world, channel, reference, &what).await;
    day.struck()
}

/// Quantities and effects, exactly.
async fn check(world: &World, channel: &str, reference: &str, what: &str) {
    let done = done(world, channel, reference).await;
    let keys = |kind: &str| done.get(kind).cloned().unwrap_or_default();
    let numbers = [format!("{reference}-A"), format!("{reference}-B")];
    if channel == "mirakl" {
        assert_eq!(done.keys().collect::<Vec<_>>(), ["documents", "shipments"], "{what}: {done:?}");
        assert_eq!((keys("documents").len(), keys("shipments")), (3, numbers.to_vec()), "{what}");
    } else {
        assert_eq!(
            done.keys().collect::<Vec<_>>(),
            ["comments", "invoices", "shipments", "tracks"],
            "{what}: no money moved and nothing else was made: {done:?}"
        );
        assert_eq!(
            (keys("invoices").len(), keys("shipments"), keys("tracks")),
            (2, numbers.to_vec(), numbers.to_vec()),
            "{what}"
        );
        assert_eq!(keys("comments").len(), 1, "{what}");
    }
    let account =
        world.account(channel, if channel == "magento" { json!({"auth": "bearer"}) } else { json!({}) }).await;
    let session = world.session(&account);
    let side = Registry::standard().get(channel).unwrap().channel().unwrap();
    let order = side.find_order(&session, &domain::OrderReference::new(reference)).await.unwrap().unwrap();
    for line in &order.lines {
        assert_eq!(line.shipped, line.ordered, "{what}: {line:?}");
        assert!(channel == "mirakl" || line.invoiced == line.ordered, "{what}: {line:?}");
        assert!(line.withdrawn.is_zero(), "{what}: {line:?}");
    }
}

#[tokio::test]
async fn two_parcels_two_invoices_and_a_credit_note_arrive_once_wherever_the_process_ends() {
    let world = Arc::new(World::new().await);
    world.control("PATCH", "/_sandbox/vendors/magento", Some(json!({"bearer": true}))).await;
    for channel in ["mirakl", "magento"] {
        assert!(!play(&world, channel, &format!("{channel}-whole"), None).await);
        for heard in [false, true] {
            let mut at = 0;
            while play(&world, channel, &format!("{channel}-{at}-{heard}"), Some(Crash { at, heard })).await {
                at += 1;
            }
            assert!(at > 30, "{channel}: a day has more calls than {at}");
        }
    }
}
