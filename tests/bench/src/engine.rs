//! The engine alone: targets in this process, the store in a durable file.

use crate::vendors::Vendors;
use connectors::{Clock, Registry};
use domain::{
    Cause, Connection, ConnectionId, ConnectionState, EventId, Mappings, Role, Rules, SourceHint, Subject, SubjectKind,
    Switch, TenantId,
};
use export_flow::message::{Message, SourceEvent};
use export_flow::ports::{Keys, Ledger, Outgoing, Queue};
use export_flow::times::VISIBILITY;
use export_flow::{Flow, Parts, Times, Verdict};
use jiff::SignedDuration;
use kit::{SystemClock, SystemEntropy};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use testkit::PlainKeys;

const AT_ONCE: usize = 64;

/// Carries this many documents and prints the rate.
pub(crate) async fn run(documents: usize) {
    println!("engine alone, targets in process, {documents} documents, {AT_ONCE} at once");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(sqlite::SqliteStore::open(folder.path(), Arc::clone(&clock)).unwrap());
    measure(store.clone(), store, clock, documents).await;
}

async fn measure(ledger: Arc<dyn Ledger>, queue: Arc<dyn Queue>, clock: Arc<dyn Clock>, documents: usize) {
    let vendors = Arc::new(Vendors::default());
    let keys: Arc<dyn Keys> = Arc::new(PlainKeys);
    let parts = Parts {
        ledger: Arc::clone(&ledger),
        queue: Arc::clone(&queue),
        keys,
        http: vendors.clone(),
        clock: Arc::clone(&clock),
        entropy: Arc::new(SystemEntropy),
        registry: Registry::standard(),
    };
    let flow = Arc::new(Flow::new(parts, Times::default()));
    for connection in [books(&clock), market(&clock)] {
        assert!(ledger.put_connection(&connection, None).await.unwrap());
    }
    for ids in (0..documents).collect::<Vec<_>>().chunks(500) {
        queue.send(ids.iter().map(|n| event(*n, &clock)).collect()).await.unwrap();
    }
    let began = Instant::now();
    let workers: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(work(Arc::clone(&flow), Arc::clone(&queue)))).collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(vendors.uploads(), documents, "every document arrived");
    println!("  {:.0} documents/s ({seconds:.2} s)", documents as f64 / seconds);
}

async fn work(flow: Arc<Flow>, queue: Arc<dyn Queue>) {
    loop {
        let received = queue.receive(10, VISIBILITY).await.unwrap();
        if received.is_empty() {
            return;
        }
        let mut done = vec![];
        for incoming in received {
            let verdict = flow.handle(&incoming.message.unwrap(), false).await;
            assert_eq!(verdict, Verdict::Done);
            done.push(incoming.receipt);
        }
        queue.delete(&done).await.unwrap();
    }
}

fn event(n: usize, clock: &Arc<dyn Clock>) -> Outgoing {
    let source = ConnectionId::new("books");
    let event = SourceEvent {
        event: EventId::new(format!("event-{n}")),
        tenant: TenantId::local(),
        source: source.clone(),
        hint: SourceHint {
            subject: Subject { kind: SubjectKind::Document, id: format!("D{n}") },
            hints: BTreeMap::new(),
        },
        cause: Cause::Webhook,
        target: None,
        at: clock.now(),
    };
    Outgoing { message: Message::SourceEventV1(event), group: source, delay: SignedDuration::ZERO }
}

pub(crate) fn books(clock: &Arc<dyn Clock>) -> Connection {
    let settings = json!({"base_url": "http://vendors/fakturoid", "pace": "off", "slug": "bench", "client_id": "c",
                          "contact_email": "bench@example.com"});
    connection("books", Role::Accounting, "fakturoid", settings, clock)
}

pub(crate) fn market(clock: &Arc<dyn Clock>) -> Connection {
    let settings = json!({"base_url": "http://vendors/mirakl", "pace": "off"});
    let mut market = connection("market", Role::Channel, "mirakl", settings, clock);
    market.switches.insert(Switch::SendInvoice, true);
    market
}

/// An active connection whose vendor answers at once.
pub(crate) fn connection(
    id: &str,
    role: Role,
    connector: &str,
    settings: serde_json::Value,
    clock: &Arc<dyn Clock>,
) -> Connection {
    let now = clock.now();
    Connection {
        id: ConnectionId::new(id),
        tenant: TenantId::local(),
        role,
        connector: connector.to_owned(),
        label: id.to_owned(),
        state: ConnectionState::Active,
        settings: serde_json::from_value(settings).unwrap(),
        secrets: BTreeMap::new(),
        switches: BTreeMap::new(),
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
