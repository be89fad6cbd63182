//! One engine on fakes, with a clock that only the test moves.

use connectors::{Http, Registry};
use domain::{
    Cause, Connection, ConnectionId, ConnectionState, Currency, Document, DocumentKind, DocumentStatus, EventId,
    Export, HoldReason, Mappings, Money, Revision, Role, Rules, SourceHint, State, Subject, SubjectKind, Switch,
    TenantId,
};
use export_flow::message::{ExportDue, Message, SourceEvent};
use export_flow::ports::{Connections as _, ExportQuery, Ledger, Outbox as _, Outgoing, Queue};
use export_flow::times::OVERDUE;
use export_flow::{Flow, Parts, Times, Verdict};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::practice::{World, registry};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy};

pub(crate) struct Bench {
    pub(crate) flow: Arc<Flow>,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) queue: Arc<MemoryQueue>,
    events: AtomicU64,
}

pub(crate) const INVOICE: SubjectKind = SubjectKind::Document;

impl Bench {
    /// Books and a van as sources, one market `shop` of class R, all switches on.
    pub(crate) async fn new() -> Self {
        let bench = Self::empty();
        bench.connect("shop", "market").await;
        bench
    }

    pub(crate) fn empty() -> Self {
        Self::of(registry())
    }

    /// Nothing connected, and these connectors to choose from.
    pub(crate) fn of(registry: Registry) -> Self {
        Self::with(registry, Times { jitter_percent: 0, ..Times::default() })
    }

    /// Books, van and shop, with these times.
    pub(crate) async fn timed(times: Times) -> Self {
        let bench = Self::with(registry(), times);
        bench.connect("shop", "market").await;
        bench
    }

    fn with(registry: Registry, times: Times) -> Self {
        Self::through(registry, times, |world| world)
    }

    /// With something between the engine and the world.
    pub(crate) fn through(registry: Registry, times: Times, way: impl FnOnce(Arc<World>) -> Arc<dyn Http>) -> Self {
        let clock = ManualClock::at_noon();
        let world = World::new(clock.clone());
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let parts = Parts {
            ledger: ledger.clone(),
            queue: queue.clone(),
            keys: Arc::new(PlainKeys),
            http: way(world.clone()),
            clock: clock.clone(),
            entropy: SeededEntropy::new(1),
            registry,
        };
        let flow = Arc::new(Flow::new(parts, times));
        Self { flow, world, clock, ledger, queue, events: AtomicU64::new(0) }
    }

    pub(crate) async fn connect(&self, id: &str, connector: &str) -> Connection {
        for (source, role, connector) in [("books", Role::Accounting, "books"), ("van", Role::Courier, "van")] {
            if self.ledger.connection(&ConnectionId::new(source)).await.unwrap().is_none() {
                self.put(&self.connection(source, role, connector)).await;
            }
        }
        let connection = self.connection(id, Role::Channel, connector);
        self.put(&connection).await;
        connection
    }

    fn connection(&self, id: &str, role: Role, connector: &str) -> Connection {
        let now = self.flow.now();
        let on = [Switch::SendInvoice, Switch::SendCreditNote, Switch::SendTracking];
        Connection {
            id: ConnectionId::new(id),
            tenant: TenantId::local(),
            role,
            connector: connector.to_owned(),
            label: id.to_owned(),
            state: ConnectionState::Active,
            settings: BTreeMap::from([("base_url".to_owned(), format!("http://{id}").into())]),
            secrets: BTreeMap::new(),
            switches: on.into_iter().map(|switch| (switch, true)).collect(),
            rules: Rules::default(),
            mappings: Mappings::default(),
            pause: None,
            last_error: None,
            check: None,
            ever_active: true,
            url_token_hash: None,
            rotation: domain::Rotation::default(),
            oauth: domain::OAuth::default(),
            created_at: now,
            changed_at: now,
            version: 1,
        }
    }

    pub(crate) async fn put(&self, connection: &Connection) {
        let old = self.ledger.connection(&connection.id).await.unwrap().map(|c| c.version);
        let new = Connection { version: old.unwrap_or(0) + 1, ..connection.clone() };
        assert!(self.ledger.put_connection(&new, old).await.unwrap());
        self.flow.forget(&new.id, &new.tenant);
    }

    pub(crate) async fn change(&self, id: &str, change: impl FnOnce(&mut Connection)) {
        let mut connection = self.state_of(id).await;
        change(&mut connection);
        self.put(&connection).await;
    }

    pub(crate) async fn state_of(&self, id: &str) -> Connection {
        self.ledger.connection(&ConnectionId::new(id)).await.unwrap().unwrap()
    }

    pub(crate) fn event(&self, kind: SubjectKind, id: &str, cause: Cause) -> Message {
        let n = self.events.fetch_add(1, Ordering::Relaxed);
        let source = if kind == SubjectKind::Parcel { "van" } else { "books" };
        Message::SourceEventV1(SourceEvent {
            event: EventId::new(format!("event-{n}")),
            tenant: TenantId::local(),
            source: ConnectionId::new(source),
            hint: SourceHint { subject: Subject { kind, id: id.to_owned() }, hints: BTreeMap::new() },
            cause,
            target: None,
            at: self.flow.now(),
        })
    }

    pub(crate) async fn arrive(&self, kind: SubjectKind, id: &str) {
        let message = self.event(kind, id, Cause::Webhook);
        self.send(message).await;
    }

    pub(crate) async fn send(&self, message: Message) {
        let group = ConnectionId::new("books");
        let delay = SignedDuration::ZERO;
        self.queue.send(vec![Outgoing { message, group, delay }]).await.unwrap();
    }

    /// Works off what is due now.
    pub(crate) async fn work(&self) {
        for round in 0.. {
            assert!(round < 10_000, "messages chase each other: {:?}", self.queue.all().first());
            let received = self.queue.receive(10, export_flow::times::VISIBILITY).await.unwrap();
            if received.is_empty() {
                return;
            }
            for incoming in received {
                match self.flow.handle(&incoming.message.unwrap(), false).await {
                    Verdict::Done => self.queue.delete(&[incoming.receipt]).await.unwrap(),
                    Verdict::GiveBack(delay) => self.queue.give_back(&incoming.receipt, delay).await.unwrap(),
                }
            }
        }
    }

    /// Works off what is due now, but loses every message about an export of this object.
    pub(crate) async fn work_but_for(&self, subject: &str) {
        let exports = self.exports().await;
        let lost = |message: &Option<Message>| match message {
            Some(Message::ExportDueV1(due)) => {
                exports.iter().any(|export| export.id == due.export && export.key.subject.id == subject)
            }
            _ => false,
        };
        loop {
            let received = self.queue.receive(1, export_flow::times::VISIBILITY).await.unwrap();
            let Some(incoming) = received.into_iter().next() else { return };
            if !lost(&incoming.message) {
                self.flow.handle(&incoming.message.unwrap(), false).await;
            }
            self.queue.delete(&[incoming.receipt]).await.unwrap();
        }
    }

    /// Works while time passes, second by second.
    pub(crate) async fn pass(&self, time: SignedDuration) {
        for _ in 0..time.as_secs() {
            self.work().await;
            self.clock.advance(SignedDuration::from_secs(1));
        }
        self.work().await;
    }

    /// Lets time jump from one due time to the next, with the sweep as in the real thing, until nothing is due within
    /// this time.
    pub(crate) async fn rest(&self, within: SignedDuration) {
        let end = self.flow.now() + within;
        loop {
            self.work().await;
            let Some(next) = self.next_at().await.filter(|next| *next <= end) else { break };
            self.clock.set(next.max(self.flow.now() + SignedDuration::from_millis(1)));
            self.sweep().await;
        }
    }

    /// When something happens by itself: a message, or the sweep on an entry that no message has come for.
    pub(crate) async fn next_at(&self) -> Option<Timestamp> {
        let entries = self.ledger.due(Timestamp::MAX, 1).await.unwrap();
        let swept = entries.first().map(|entry| entry.due_at + OVERDUE + SignedDuration::from_millis(1));
        self.queue.next_at().into_iter().chain(swept).min()
    }

    /// Queues what is overdue, its due time first.
    pub(crate) async fn sweep(&self) {
        let now = self.flow.now();
        for entry in self.ledger.due(now - OVERDUE, usize::MAX).await.unwrap() {
            if self.ledger.postpone(&entry, now).await.unwrap() {
                let due = ExportDue { export: entry.id, claim: entry.claim, alone: false, trace: None };
                self.send(Message::ExportDueV1(due)).await;
            }
        }
    }

    pub(crate) async fn exports(&self) -> Vec<Export> {
        let page = self.ledger.exports(&TenantId::local(), &ExportQuery::default(), 500, None).await.unwrap();
        page.items
    }

    /// Order 100 of the shop, with one invoice.
    pub(crate) async fn sold() -> Self {
        let bench = Self::new().await;
        bench.world.order("shop", "100", "100.00");
        bench.world.document("9001", "2026-1", Some("100"), "100.00");
        bench
    }

    /// The one export to a target.
    pub(crate) async fn only(&self, target: &str) -> Export {
        let to = |export: &Export| export.key.target.as_ref().is_some_and(|id| id.as_str() == target);
        let mut found: Vec<Export> = self.exports().await.into_iter().filter(to).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// The one look.
    pub(crate) async fn look(&self) -> Export {
        let mut found: Vec<Export> = self.exports().await.into_iter().filter(|e| e.key.target.is_none()).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// The revision of invoice 2026-1 of order 100 with this total, as the books tell it.
    pub(crate) fn hash_of(&self, total: &str) -> String {
        let total = Money::parse_amount(total).unwrap();
        let document = Document {
            id: "9001".into(),
            kind: DocumentKind::Invoice,
            number: "2026-1".into(),
            status: DocumentStatus::Issued,
            issued_on: None,
            taxed_on: None,
            due_on: None,
            currency: Currency::parse("CZK").unwrap(),
            subtotal: total,
            total,
            vat: vec![],
            lines: vec![],
            order_reference: Some("100".into()),
            corrects: None,
            payment_kind: None,
            series: None,
            tags: vec![],
            public_url: None,
            version_at: self.flow.now(),
            private: vec![],
        };
        Revision::of_document(&document).hash
    }

    pub(crate) async fn count(&self, state: State) -> usize {
        self.exports().await.iter().filter(|export| export.state == state).count()
    }
}

pub(crate) fn hold_of(export: &Export) -> Option<HoldReason> {
    export.hold.as_ref().filter(|_| export.state == State::Held).map(|hold| hold.reason)
}

pub(crate) fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}
