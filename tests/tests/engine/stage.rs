//! One engine on fakes of store and queue, between practice vendors that hold what they are told.

use crate::practice::World;
use connectors::{Permit, Request};
use domain::{Cause, Connection, ConnectionId, Export, SourceHint, Subject, SubjectKind, TenantId};
use export_flow::connections::PutOptions;
use export_flow::message::{Message, SourceEvent};
use export_flow::ports::{ExportQuery, Ledger, Outbox, Outgoing, Queue};
use export_flow::{Flow, Parts, Times, Verdict};
use http::header::AUTHORIZATION;
use http_sender::{HttpSender, Options};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy};

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) flow: Arc<Flow>,
    pub(crate) clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    queue: Arc<MemoryQueue>,
}

impl Stage {
    /// Nothing is connected yet. The clock begins at the vendors' time, for they check it.
    pub(crate) async fn new() -> Self {
        let world = World::new().await;
        let clock = ManualClock::at(Timestamp::now());
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let sender = HttpSender::new(Options { allow_private_targets: true, ..Options::default() }, clock.clone());
        let parts = Parts {
            ledger: ledger.clone(),
            queue: queue.clone(),
            keys: Arc::new(PlainKeys),
            http: Arc::new(sender),
            clock: clock.clone(),
            entropy: SeededEntropy::new(7),
            registry: connectors::Registry::standard(),
        };
        let flow = Arc::new(Flow::new(parts, Times { jitter_percent: 0, ..Times::default() }));
        Self { world, flow, clock, ledger, queue }
    }

    /// Connects a practice vendor; the check must succeed.
    pub(crate) async fn connect(&self, id: &str, vendor: &str, more: Value) -> Connection {
        let given = self.world.control("GET", &format!("/_sandbox/vendors/{vendor}"), None).await;
        let connector = vendor.split('-').next().unwrap();
        let role = match connector {
            "fakturoid" => "accounting",
            "sendcloud" => "courier",
            _ => "channel",
        };
        let mut wish = json!({"role": role, "connector": connector, "label": id, "settings": given["settings"],
            "secrets": given["secrets"], "switches": {}, "rules": {}, "mappings": {}});
        // Paces have tests of their own; here they would only take time.
        wish["settings"]["pace"] = "off".into();
        for (name, value) in more.as_object().unwrap() {
            match (wish[name].as_object_mut(), value) {
                (Some(old), Value::Object(new)) => old.extend(new.clone()),
                _ => wish[name] = value.clone(),
            }
        }
        let options = PutOptions { allow_private_targets: true, ..PutOptions::default() };
        let put = self.flow.put_connection(&TenantId::local(), id, &wish, options, std::future::pending()).await;
        let put = put.unwrap();
        assert!(put.connection.check.as_ref().is_some_and(|check| check.ok), "{:?}", put.connection.check);
        put.connection
    }

    /// An order with its documents and parcels.
    pub(crate) async fn order(&self, wish: Value) -> Value {
        self.world.control("POST", "/_sandbox/orders", Some(wish)).await
    }

    /// News of a source's object, as its webhook would bring it.
    pub(crate) async fn tell(&self, source: &str, kind: SubjectKind, id: &str, hints: &[(&str, &str)]) {
        let hints: BTreeMap<String, String> =
            hints.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let source = ConnectionId::new(source);
        let message = Message::SourceEventV1(SourceEvent {
            event: self.flow.new_event(),
            tenant: TenantId::local(),
            source: source.clone(),
            hint: SourceHint { subject: Subject { kind, id: id.to_owned() }, hints },
            cause: Cause::Webhook,
            target: None,
            at: self.flow.now(),
        });
        self.queue.send(vec![Outgoing { message, group: source, delay: SignedDuration::ZERO }]).await.unwrap();
    }

    /// News of a parcel, by its number.
    pub(crate) async fn tell_parcel(&self, number: &str) {
        self.tell("van", SubjectKind::Parcel, number, &[("tracking_number", number)]).await;
    }

    /// A seller's own call at the marketplace: OR76.
    pub(crate) async fn mirakl_deletes(&self, document: &str) {
        let account = self.world.account("mirakl", json!({})).await;
        let url = account.url(&format!("/api/orders/documents/{document}")).unwrap();
        let request =
            Request::new("DELETE".parse().unwrap(), url).secret_header(AUTHORIZATION, account.secrets.get("api_key"));
        let answer = self.world.session(&account).write(&Permit::granted(None), request).await.unwrap();
        assert_eq!(answer.status, 204, "{}", answer.excerpt());
    }

    /// Works off what is due now.
    pub(crate) async fn work(&self) {
        loop {
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

    /// Works now and after a time.
    pub(crate) async fn work_after(&self, time: SignedDuration) {
        self.work().await;
        self.clock.advance(time);
        self.work().await;
    }

    /// Every export that fits, by its first number.
    pub(crate) async fn exports(&self, query: ExportQuery) -> BTreeMap<String, Export> {
        let page = self.ledger.exports(&TenantId::local(), &query, 500, None).await.unwrap();
        let named = page.items.into_iter().filter(|export| export.key.target.is_some());
        named.map(|export| (export.numbers.first().cloned().unwrap_or_default(), export)).collect()
    }

    /// Effects at a vendor, by their kind.
    pub(crate) async fn effects(&self, vendor: &str) -> Value {
        let all = self.world.control("GET", &format!("/_sandbox/effects?vendor={vendor}&list=false"), None).await;
        assert_eq!(all["duplicates"], json!([]));
        all["vendors"][vendor].clone()
    }
}
