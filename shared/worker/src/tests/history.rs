//! Fourteen days with a source full of what never goes anywhere: what that costs in calls, and that nobody is woken for it.

use crate::{Limits, Sweep, Worker};
use connectors::Clock as _;
use domain::{Connection, ConnectionId, InvoiceWhen, NightlyBatch, Role, State, Switch, TenantId};
use export_flow::ports::{Ledger as _, Queue as _};
use export_flow::times::{OVERDUE, VISIBILITY};
use export_flow::{Flow, Parts, Times, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;
use testkit::practice::{World, registry};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, samples};

/// From the environment: how many thousand belong to no channel; half as many are unpaid.
const THOUSANDS: &str = "BACKHAUL_HISTORY_THOUSANDS";
const DAYS: i64 = 14;
/// Polls of a day, and one at its beginning.
const POLLS: usize = 4;
/// Lines of a page of the source's list.
const PAGE: usize = 50;

struct History {
    clock: Arc<ManualClock>,
    world: Arc<World>,
    ledger: Arc<MemoryLedger>,
    queue: Arc<MemoryQueue>,
    worker: Worker,
    sweep: Sweep,
}

impl History {
    fn new() -> Self {
        let clock = ManualClock::at_noon();
        let world = World::new(clock.clone());
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let parts = Parts {
            ledger: ledger.clone(),
            queue: queue.clone(),
            keys: Arc::new(PlainKeys),
            http: world.clone(),
            clock: clock.clone(),
            entropy: SeededEntropy::new(1),
            registry: registry(),
        };
        let flow = Arc::new(Flow::new(parts, Times { jitter_percent: 0, ..Times::default() }));
        let (worker, sweep) = (Worker::new(flow.clone(), Limits::default()), Sweep::new(flow));
        Self { clock, world, ledger, queue, worker, sweep }
    }

    fn connect(&self, id: &str, role: Role, connector: &str, change: impl FnOnce(&mut Connection)) {
        let mut connection = samples::connection(&ConnectionId::new(id), role, connector);
        connection.settings.insert("base_url".into(), format!("http://{id}").into());
        change(&mut connection);
        self.ledger.put_connection_as_is(connection);
    }

    async fn work(&self) {
        loop {
            let received = self.queue.receive(10, VISIBILITY).await.unwrap();
            if received.is_empty() {
                return;
            }
            for incoming in received {
                match self.worker.run(&incoming).await {
                    Verdict::Done => self.queue.delete(&[incoming.receipt]).await.unwrap(),
                    Verdict::GiveBack(delay) => self.queue.give_back(&incoming.receipt, delay).await.unwrap(),
                }
            }
        }
    }

    /// Time goes from one thing that is due to the next, and at least every six hours the sweep passes.
    async fn until(&self, end: Timestamp) {
        while self.clock.now() < end {
            self.sweep.pass().await;
            self.work().await;
            let due = self.ledger.due(Timestamp::MAX, 1).await.unwrap();
            let swept = due.first().map(|entry| entry.due_at + OVERDUE + SignedDuration::from_millis(1));
            let reading = self.ledger.poll_state(&samples::books()).await.unwrap().cursor.is_some();
            let poll = self.clock.now() + SignedDuration::from_secs(if reading { 60 } else { 6 * 3600 });
            let next = self.queue.next_at().into_iter().chain(swept).chain([poll, end]).min().unwrap();
            self.clock.set(next.max(self.clock.now() + SignedDuration::from_millis(1)));
        }
        self.sweep.pass().await;
        self.work().await;
    }
}

#[tokio::test]
async fn what_belongs_to_nobody_is_looked_at_once_and_what_is_unpaid_once_a_day() {
    let thousands: usize = std::env::var(THOUSANDS).ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (nobodys, unpaid) = (1_000 * thousands, 500 * thousands);
    let history = History::new();
    for n in 0..nobodys {
        // Every other quotes something that is no channel's.
        let order = (n % 2 == 0).then(|| format!("PO-{n}"));
        history.world.document(&format!("n-{n}"), &format!("n-{n}"), order.as_deref(), "100.00");
    }
    for n in 0..unpaid {
        history.world.order("shop", &n.to_string(), "100.00");
        let open = json!({"number": format!("u-{n}"), "order": n.to_string(), "status": "sent"});
        history.world.document_as(&format!("u-{n}"), open);
    }
    history.clock.advance(SignedDuration::from_hours(1));
    history.connect("books", Role::Accounting, "listed-books", |books| {
        books.settings.insert("since".into(), "2020-01-01T00:00:00Z".into());
        books.settings.insert("poll_every".into(), "6h".into());
        books.rules.batch_export = Some(NightlyBatch { at: "02:30".into(), days_back: 30, time_zone: "UTC".into() });
    });
    history.connect("shop", Role::Channel, "market", |shop| {
        shop.switches.insert(Switch::SendInvoice, true);
        shop.rules.order_pattern = Some("^[0-9]+$".into());
        shop.rules.invoice_when = Some(InvoiceWhen::Paid);
    });
    let begun = history.clock.now();
    let calls = |place: &str| history.world.calls(place);
    let documents = || calls("books/documents/");
    let pages = (nobodys + unpaid).div_ceil(PAGE);
    for day in 1..=DAYS {
        let (lists, looks) = (calls("books/documents") - documents(), documents());
        history.until(begun + SignedDuration::from_hours(24 * day)).await;
        let (lists, looks) = (calls("books/documents") - documents() - lists, documents() - looks);
        println!("day {day}: {looks} looks, {lists} pages of the list");
        // The batch of the night reads the whole list, the polls only what is new: on the first day, that is everything.
        let polled = if day == 1 { pages } else { 0 };
        assert!(lists <= pages + polled + POLLS + 1, "day {day}: {lists} pages");
        let first = if day == 1 { nobodys + unpaid } else { 0 };
        assert!(looks >= first.min(1) && looks <= first + unpaid, "day {day}: {looks} looks");
        let gauges = history.sweep.gauges().await.unwrap();
        let alarms = (gauges.dead, gauges.uncertain, gauges.connections_paused, gauges.silent_sources);
        assert_eq!((alarms, gauges.held), ((0, 0, 0, 0), u64::try_from(unpaid).unwrap()), "day {day}: {gauges:?}");
    }
    assert_eq!(calls("books/documents/n-"), nobodys, "one look each");
    let daily = calls("books/documents/u-");
    let days = usize::try_from(DAYS).unwrap();
    assert!(daily > unpaid * (days - 1) && daily <= unpaid * (days + 1), "{daily} looks at {unpaid} unpaid");
    assert_eq!(calls("shop/orders/"), unpaid, "an order that is known is not asked for again");
    assert!(history.world.effects().is_empty() && history.queue.buried().is_empty());
    let exports = history.ledger.all();
    let of = |state: State| exports.iter().filter(|export| export.state == state).count();
    assert_eq!((of(State::Skipped), of(State::Held), exports.len()), (nobodys, unpaid, nobodys + unpaid));
    assert!(exports.iter().all(|export| export.attempts == 0));
    let nights = history.ledger.jobs(&TenantId::local(), 100, None).await.unwrap().items;
    assert_eq!(nights.len(), days, "one batch each night");
    assert!(nights.iter().all(|job| job.state == "done" && job.matched == Some(0)), "{:?}", nights.first());
}
