//! What is received together is read together at a source that can give many at once.

use crate::{Bell, Limits, Worker};
use async_trait::async_trait;
use domain::{Cause, Connection, ConnectionId, EventId, Role, SourceHint, Subject, SubjectKind, TenantId};
use export_flow::message::{Message, SourceEvent};
use export_flow::ports::{Outbox as _, Outgoing, Queue as _};
use export_flow::times::VISIBILITY;
use export_flow::{Flow, Parts, Times, Verdict};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::practice::{World, registry};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, samples};
use tokio::sync::Notify;

/// Ten invoices of ten orders on the queue of an engine between books that give a dozen at once and a market.
async fn scene() -> (Worker, Arc<World>, Arc<MemoryQueue>) {
    let clock = ManualClock::at_noon();
    let (world, queue) = (World::new(clock.clone()), MemoryQueue::new(clock.clone()));
    let ledger = Arc::new(MemoryLedger::default());
    let at = |id: &str, role, connector: &str| {
        let mut connection: Connection = samples::connection(&ConnectionId::new(id), role, connector);
        connection.settings.insert("base_url".into(), format!("http://{id}").into());
        connection
    };
    let shop = Connection {
        switches: BTreeMap::from([(domain::Switch::SendInvoice, true)]),
        ..at("shop", Role::Channel, "market")
    };
    ledger.put_connection_as_is(at("books", Role::Accounting, "dozen-books"));
    ledger.put_connection_as_is(shop);
    let mut messages = vec![];
    for n in 1..=10 {
        let (id, order) = (n.to_string(), format!("order-{n}"));
        world.order("shop", &order, "100.00");
        world.document(&id, &format!("2026-{n}"), Some(&order), "100.00");
        let news = SourceEvent {
            event: EventId::new(format!("event-{n}")),
            tenant: TenantId::local(),
            source: ConnectionId::new("books"),
            hint: SourceHint { subject: Subject { kind: SubjectKind::Document, id }, hints: BTreeMap::new() },
            cause: Cause::Poll,
            target: None,
            at: samples::noon(),
        };
        let (message, group) = (Message::SourceEventV1(news), ConnectionId::new("books"));
        messages.push(Outgoing { message, group, delay: SignedDuration::ZERO });
    }
    clock.advance(SignedDuration::from_mins(1));
    queue.send(messages).await.unwrap();
    let parts = Parts {
        ledger,
        queue: queue.clone(),
        keys: Arc::new(PlainKeys),
        http: world.clone(),
        clock,
        entropy: SeededEntropy::new(1),
        registry: registry(),
    };
    let flow = Arc::new(Flow::new(parts, Times::default()));
    (Worker::new(flow, Limits { in_flight: 4, per_group: 4 }), world, queue)
}

fn calls(world: &World) -> (usize, usize) {
    let all = world.calls("GET books/documents") - world.calls("/pdf");
    let many = world.calls("GET books/documents/many");
    (many, all - many)
}

#[tokio::test]
async fn a_batch_asks_its_source_once() {
    let (worker, world, queue) = scene().await;
    let batch = queue.receive(10, VISIBILITY).await.unwrap();
    let answers = worker.run_batch(batch, Timestamp::MAX).await;
    assert!(answers.len() == 10 && answers.iter().all(|answer| answer.verdict == Verdict::Done), "{answers:?}");
    assert_eq!((calls(&world), world.effects_at("shop")), ((1, 0), 10));
}

#[tokio::test]
async fn what_may_bring_the_worker_down_is_no_company() {
    let (worker, world, queue) = scene().await;
    let mut batch = queue.receive(10, VISIBILITY).await.unwrap();
    batch[0].receives = export_flow::times::RECEIVES_MAX + 1;
    worker.run_batch(batch, Timestamp::MAX).await;
    assert_eq!((calls(&world), world.effects_at("shop")), ((1, 1), 10));
}

/// Rings once the queue is empty.
struct Empty(Notify);

#[async_trait]
impl Bell for Empty {
    async fn wait(&self, _beside: &[ConnectionId]) {
        self.0.notify_one();
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn a_worker_without_end_asks_once_for_what_it_receives_at_once() {
    let (worker, world, queue) = scene().await;
    let bell = Empty(Notify::new());
    let done = async {
        while !queue.all().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    worker.run_forever(&bell, done).await;
    assert_eq!((calls(&world), world.effects_at("shop")), ((1, 0), 10));
}
