//! What may happen to a document, played on the stage while its calls are counted.

use crate::calls::Charge;
use crate::endpoint::Endpoint;
use crate::functions::{Engine, Functions, ModelClock, Ran};
use crate::logs::Logs;
use crate::stage::Stage;
use connectors::Mode;
use domain::{ConnectionId, OrderReference, State, Step, TenantId};
use export_flow::connections::PutOptions;
use export_flow::ports::OrderItem;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Documents a second that one sandbox carries in the model. It decides how often a cached connection is read again.
pub(crate) const PACE: i64 = 10;
/// Twice the time in which every cache is read again, at that pace.
const MANY: usize = 120;
const SOME: usize = 60;
/// The batches with which the sweep is looked at.
const LISTED: usize = 10;
const CHECK: Duration = Duration::from_secs(20);

/// What was counted while a path was played.
pub(crate) struct Played {
    pub(crate) name: &'static str,
    pub(crate) documents: usize,
    pub(crate) charges: Vec<Charge>,
    pub(crate) ran: Ran,
    pub(crate) logged: u64,
}

/// A sold thing with its document and its parcel.
struct Sale {
    reference: OrderReference,
    document: String,
    parcel: String,
}

impl Sale {
    fn told(&self, event: &str) -> Value {
        json!({"vendor": "fakturoid", "event": event, "document": self.document})
    }
}

/// How a path goes.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    /// How often each comes to the worker.
    rounds: usize,
    /// How often the marketplace answers each with an error.
    failures: usize,
}

const fn way(name: &'static str) -> Way {
    Way { name, rounds: 1, failures: 0 }
}

/// Plays paths.
pub(crate) struct Player<'a> {
    stage: &'a Stage,
    endpoint: &'a Endpoint,
    clock: Arc<ModelClock>,
    /// Looks and prepares beside the counting.
    aside: Engine,
    logs: Logs,
    sold: AtomicUsize,
}

impl<'a> Player<'a> {
    /// With every connection put and checked.
    pub(crate) async fn new(stage: &'a Stage, endpoint: &'a Endpoint) -> Self {
        let clock = ModelClock::new();
        let aside = Engine::at(&stage.aws.url(), &stage.queues("aside").await, &clock);
        connect(stage, &aside).await;
        Self { stage, endpoint, clock, aside, logs: Logs::start(), sold: AtomicUsize::new(0) }
    }

    /// Every path in batches of this size.
    pub(crate) async fn all(&self, batch: usize) -> Vec<Played> {
        let mut played = vec![];
        let names = self.stage.queues(&format!("by-{batch}")).await;
        let mut functions = Functions::cold(self.stage, self.endpoint, &names, &self.clock).await;
        if batch == LISTED {
            // From here the polls list what is new.
            functions.sweep().await;
        }
        let sales = self.known(batch, json!({"parcels": []})).await;
        played.push(self.play(way("cold"), batch, &mut functions, &sales, |sale| sale.told("invoice_created")).await);

        let sales = self.known(MANY, json!({"parcels": []})).await;
        let told = |sale: &Sale| sale.told("invoice_created");
        played.push(self.play(way("plain"), batch, &mut functions, &sales, told).await);
        self.all_are(&sales, State::Delivered).await;
        played.push(self.play(way("duplicate"), batch, &mut functions, &sales[..SOME], told).await);

        if batch == LISTED {
            played.extend(self.swept(&mut functions).await);
        }
        let sales = self.sell("mirakl", "MKP", MANY, json!({})).await;
        played.push(self.play(way("first"), batch, &mut functions, &sales, told).await);
        self.all_are(&sales, State::Delivered).await;

        let sales = self.sell("mirakl-2", "LTR", SOME, json!({})).await;
        played.push(self.play(way("not paid yet"), batch, &mut functions, &sales, told).await);
        self.all_are(&sales, State::Held).await;
        for sale in &sales {
            let path = format!("/_sandbox/documents/{}", sale.document);
            self.stage.vendors.json(Method::PATCH, &path, json!({"status": "paid"})).await;
        }
        played.push(self.play(way("paid then"), batch, &mut functions, &sales, |sale| sale.told("invoice_paid")).await);
        self.all_are(&sales, State::Delivered).await;

        let failed = Way { rounds: 2, failures: 1, ..way("failed once") };
        let dead = Way { rounds: 3, failures: 3, ..way("dead") };
        for (way, state) in [(failed, State::Delivered), (dead, State::Dead)] {
            let sales = self.known(SOME, json!({})).await;
            played.push(self.play(way, batch, &mut functions, &sales, told).await);
            self.all_are(&sales, state).await;
        }

        let sales = self.known(SOME, json!({})).await;
        let parcel = |sale: &Sale| json!({"vendor": "sendcloud", "parcel": sale.parcel});
        played.push(self.play(way("tracking"), batch, &mut functions, &sales, parcel).await);
        self.all_are(&sales, State::Delivered).await;
        // Last: what is held so shortly comes back by the queue.
        let sales = self.sell("mirakl", "MKP", SOME, json!({"channel": null})).await;
        played.push(self.play(way("order unknown"), batch, &mut functions, &sales, told).await);
        self.all_are(&sales, State::Held).await;
        played
    }

    /// The sweep's minute: once when the polls list what webhooks have told of already, once when nothing is new.
    async fn swept(&self, functions: &mut Functions<'_>) -> [Played; 2] {
        // A poll is due, and what batches have noted is old enough to be added up.
        self.clock.advance(SignedDuration::from_mins(5));
        self.begin(functions);
        functions.sweep().await;
        self.logs.call_ended();
        let listed = functions.everything().await;
        self.logs.call_ended();
        let listed = self.end("listed", listed, functions);
        self.clock.advance(SignedDuration::from_mins(1));
        self.begin(functions);
        functions.sweep().await;
        self.logs.call_ended();
        [listed, self.end("idle pass", 1, functions)]
    }

    fn begin(&self, functions: &mut Functions<'_>) {
        functions.ran = Ran::default();
        drop(self.endpoint.take());
        self.logs.take();
    }

    fn end(&self, name: &'static str, documents: usize, functions: &Functions<'_>) -> Played {
        Played { name, documents, charges: self.endpoint.take(), ran: functions.ran, logged: self.logs.take() }
    }

    /// Tells of every sale, and works it off in batches, each so many times as it comes back.
    async fn play(
        &self,
        way: Way,
        batch: usize,
        functions: &mut Functions<'_>,
        sales: &[Sale],
        told: impl Fn(&Sale) -> Value,
    ) -> Played {
        self.begin(functions);
        for some in sales.chunks(batch) {
            for sale in some {
                self.clock.advance(SignedDuration::from_millis(1000 / PACE));
                functions.hook(&told(sale)).await;
                self.logs.call_ended();
            }
            if way.failures > 0 {
                let count = way.failures * some.len();
                let fault = json!({"vendor": "mirakl", "match": "OR72", "kind": "answer", "n": count});
                self.stage.vendor("/_sandbox/faults", fault).await;
            }
            for _ in 0..way.rounds {
                functions.batch(batch).await;
                self.logs.call_ended();
            }
        }
        self.end(way.name, sales.len(), functions)
    }

    /// Orders with a document and a parcel, of which the ledger knows nothing.
    async fn sell(&self, channel: &str, prefix: &str, count: usize, wish: Value) -> Vec<Sale> {
        let mut sales = vec![];
        for _ in 0..count {
            let n = 100_000 + self.sold.fetch_add(1, Ordering::SeqCst);
            let reference = format!("{prefix}-{n:09}-A");
            let mut order = json!({"channel": channel, "reference": reference,
                "document": {"id": (40_000_000 + n).to_string(), "number": format!("2026-{n:06}"), "order_number": reference},
                "parcels": [{"tracking_number": format!("0034043412{n:010}"), "carrier": "dpd", "order_number": reference}]});
            order.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
            let made = self.stage.vendor("/_sandbox/orders", order).await;
            sales.push(Sale {
                reference: OrderReference::new(reference),
                document: made["document"]["id"].as_str().unwrap().to_owned(),
                parcel: made["parcels"][0]["id"].as_str().unwrap_or_default().to_owned(),
            });
        }
        sales
    }

    /// The same at the marketplace, remembered by the ledger as by an earlier document of the order.
    async fn known(&self, count: usize, wish: Value) -> Vec<Sale> {
        let sales = self.sell("mirakl", "MKP", count, wish).await;
        let channel = ConnectionId::new("market");
        let account = self.aside.flow.account_anew(&channel).await.unwrap().unwrap();
        let session = self.aside.flow.session(&account, Mode::Live, Step::Look);
        let parts = self.aside.flow.parts();
        let asked = parts.registry.get("mirakl").and_then(|connector| connector.channel()).unwrap();
        for sale in &sales {
            let order = asked.find_order(&session, &sale.reference).await.unwrap().unwrap();
            let seen_at = self.aside.flow.now();
            let item = OrderItem { tenant: TenantId::local(), channel: channel.clone(), order, seen_at };
            parts.ledger.remember_order(&item).await.unwrap();
        }
        sales
    }

    /// The receipt is of the path that its name says.
    async fn all_are(&self, sales: &[Sale], state: State) {
        for sale in sales {
            let view = self.aside.flow.parts().ledger.order(&TenantId::local(), &sale.reference).await.unwrap();
            let states: Vec<State> = view.exports.iter().map(|export| export.state).collect();
            assert_eq!(states, [state], "{}", sale.reference);
        }
    }
}

/// Puts the connections.
pub(crate) async fn connect(stage: &Stage, engine: &Engine) {
    let market = json!({"order_pattern": "^MKP-"});
    let later = json!({"order_pattern": "^LTR-", "invoice_when": "paid"});
    for (id, vendor, role, rules) in [
        ("books", "fakturoid", "accounting", json!({})),
        ("parcels", "sendcloud", "courier", json!({})),
        ("market", "mirakl", "channel", market),
        ("later", "mirakl-2", "channel", later),
    ] {
        let body = stage.connection(vendor, role, rules).await;
        let options = PutOptions { allow_private_targets: true, ..PutOptions::default() };
        let put = engine.flow.put_connection(&TenantId::local(), id, &body, options, tokio::time::sleep(CHECK)).await;
        let connection = put.unwrap().connection;
        assert!(connection.ever_active, "{id} is not active: {:?}", connection.last_error);
    }
}
