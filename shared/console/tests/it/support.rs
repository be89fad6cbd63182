//! A router in front of an engine on fakes, and a small outside world: books that issue documents, a market that counts.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use connectors::{
    Accounting, Channel, ChannelSpec, Connector, Courier, Delivered, DocumentPage, FieldSpec, Hears, OperationSpec,
    Pdf, Registry, Request, Retries, Session, SourceSpec, Spec, Stop, Target, TargetValues, Task, WebhookScheme,
    WebhookSpec,
};
use console::{Access, ConsoleState, OneToken, Options, Timer};
use domain::{
    AdoptRule, CheckStep, Code, Currency, DeliveryState, Document, DocumentKind, DocumentStatus, Guarantee, Money,
    Operation, Order, OrderReference, OrderState, Parcel, Role, SourceHint, Subject, SubjectKind, Switch, TenantId,
    Verified,
};
use export_flow::{Flow, Parts, Times, Verdict};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use testkit::{FakeHttp, ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy};
use tower::ServiceExt;

pub(crate) const TOKEN: &str = "tok-s3cret";
pub(crate) const KEY: &str = "market-key-s3cret";

pub(crate) struct Console {
    pub(crate) router: Router,
    pub(crate) flow: Arc<Flow>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) http: Arc<FakeHttp>,
    pub(crate) clock: Arc<ManualClock>,
}

/// Short sleeps let the worker work; long ones never end.
#[derive(Default)]
struct Working {
    flow: OnceLock<Arc<Flow>>,
}

#[async_trait]
impl Timer for Working {
    async fn sleep(&self, time: SignedDuration) {
        if time >= SignedDuration::from_secs(1) {
            std::future::pending::<()>().await;
        }
        if let Some(flow) = self.flow.get() {
            work(flow).await;
        }
    }
}

/// Works off what is due now.
pub(crate) async fn work(flow: &Flow) {
    let queue = &flow.parts().queue;
    loop {
        let received = queue.receive(10, export_flow::times::VISIBILITY).await.unwrap();
        if received.is_empty() {
            return;
        }
        for incoming in received {
            match flow.handle(&incoming.message.unwrap(), false).await {
                Verdict::Done => queue.delete(&[incoming.receipt]).await.unwrap(),
                Verdict::GiveBack(delay) => queue.give_back(&incoming.receipt, delay).await.unwrap(),
            }
        }
    }
}

impl Console {
    pub(crate) fn new() -> Self {
        Self::with(Options { local_url: "http://127.0.0.1:8080".into(), ..Options::default() })
    }

    pub(crate) fn with(options: Options) -> Self {
        let clock = ManualClock::at_noon();
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let http = Arc::new(FakeHttp::default());
        let parts = Parts {
            ledger: ledger.clone(),
            queue: queue.clone(),
            keys: Arc::new(PlainKeys),
            http: http.clone(),
            clock: clock.clone(),
            entropy: SeededEntropy::new(1),
            registry: registry(),
        };
        let flow = Arc::new(Flow::new(parts, Times { jitter_percent: 0, ..Times::default() }));
        let timer = Arc::new(Working::default());
        assert!(timer.flow.set(flow.clone()).is_ok());
        let access = Access::Local(OneToken::new(TOKEN.into(), TenantId::local()));
        let router = console::router(ConsoleState::new(flow.clone(), access, options, timer));
        let console = Self { router, flow, ledger, queue, http, clock };
        for vendor in ["/books/", "/market/"] {
            console.http.on(Method::GET, vendor, |_| testkit::json(404, &json!({})));
        }
        console.market_answers(200);
        console
    }

    /// A second passes.
    pub(crate) fn later(&self) {
        self.clock.advance(SignedDuration::from_secs(1));
    }

    /// What the market's check meets.
    pub(crate) fn market_answers(&self, status: u16) {
        self.http.on(Method::GET, "/market/me", move |_| testkit::json(status, &json!({"message": KEY})));
    }

    /// An order at the market.
    pub(crate) fn order(&self, reference: &str) {
        let order = json!({"reference": reference, "total": "121.00"});
        self.http.on(Method::GET, &format!("/market/orders/{reference}"), move |_| testkit::json(200, &order));
        self.http.on(Method::GET, &format!("/market/effects/{reference}"), |_| testkit::json(404, &json!({})));
        self.http.on(Method::POST, &format!("/market/effects/{reference}"), |_| {
            testkit::json(200, &json!({"id": "made-1"}))
        });
    }

    /// A document at the books.
    pub(crate) fn document(&self, id: &str, number: &str, order: Option<&str>) {
        let document = json!({"id": id, "number": number, "order": order});
        let found = document.clone();
        self.http.on(Method::GET, &format!("/books/documents/{id}"), move |_| testkit::json(200, &document));
        self.http.on(Method::GET, &format!("/books/numbers/{number}"), move |_| testkit::json(200, &found));
    }

    /// The same, and a van with these parcels.
    pub(crate) async fn with_parcels(ids: &[&str]) -> Self {
        let console = Self::connected().await;
        console.http.on(Method::GET, "/van/", |_| testkit::json(404, &json!({})));
        for id in ids {
            let parcel = json!({"number": format!("T-{id}")});
            console.http.on(Method::GET, &format!("/van/parcels/{id}"), move |_| testkit::json(200, &parcel));
        }
        let (status, answer) = console.put("/connections/van", &van()).await;
        assert_eq!((status, &answer["state"]), (StatusCode::CREATED, &json!("active")), "{answer}");
        console
    }

    /// Books and market, both in use, invoices switched on.
    pub(crate) async fn connected() -> Self {
        let console = Self::new();
        for (id, body) in [("books", books()), ("market", market())] {
            let (status, answer) = console.put(&format!("/connections/{id}"), &body).await;
            assert_eq!((status, &answer["state"]), (StatusCode::CREATED, &json!("active")), "{answer}");
        }
        console
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::PUT, path, Some(body.to_string())).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<String>) -> (StatusCode, Value) {
        self.ask(method, &format!("/api/v1{path}"), Some(TOKEN), body).await
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        uri: &str,
        token: Option<&str>,
        body: Option<String>,
    ) -> (StatusCode, Value) {
        let mut request = http::Request::builder().method(method).uri(uri);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            assert_eq!(response.headers()["content-type"], "application/problem+json");
        }
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let answer = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        (status, answer)
    }

    pub(crate) async fn work(&self) {
        work(&self.flow).await;
    }
}

pub(crate) fn books() -> Value {
    json!({"role": "accounting", "connector": "books", "label": "Books", "settings": {"base_url": "http://books.test"}})
}

pub(crate) fn market() -> Value {
    json!({
        "role": "channel", "connector": "market", "label": "Market", "settings": {"region": "eu"},
        "secrets": {"key": KEY}, "switches": {"send_invoice": true}, "rules": {"invoice_when": "issued"},
    })
}

/// A courier without a list.
pub(crate) fn van() -> Value {
    json!({"role": "courier", "connector": "van", "label": "Van", "settings": {"base_url": "http://van.test"}})
}

struct Books;
struct Market;
struct Post;
struct Van;

const fn field(name: &'static str, secret: bool, required: bool) -> FieldSpec {
    FieldSpec { secret, required, ..FieldSpec::optional(name, name, "") }
}

static FIELDS: [FieldSpec; 3] = [
    FieldSpec { choices: &["eu", "us"], ..field("region", false, true) },
    field("key", true, true),
    field("spare_key", true, false),
];
static OPERATIONS: [OperationSpec; 1] = [OperationSpec {
    operation: Operation::SendInvoice,
    switch: Switch::SendInvoice,
    guarantee: Guarantee::R,
    late_bound: SignedDuration::from_secs(120),
    exclusive_order: false,
    verified: Verified::OfficialText,
    promise: "once",
}];

static BOOKS: Spec = Spec {
    id: "books",
    label: "Books",
    role: Role::Accounting,
    about: "Issues documents.",
    fields: &[],
    oauth: None,
    fixed_base_url: None,
    fixed_hosts: &[],
    pace: None,
    operations: &[],
    webhook: Some(WebhookSpec {
        scheme: WebhookScheme::UrlToken,
        secrets: &[],
        events: &["changed"],
        setup: "Settings",
        retries: Retries { text: "none" },
    }),
    source: Some(SourceSpec {
        poll_every: SignedDuration::from_mins(5),
        event_delay: SignedDuration::ZERO,
        poll_overlap: SignedDuration::from_mins(5),
        parcel_every: SignedDuration::from_mins(15),
        order_field: "order",
        lists_changes: true,
    }),
    channel: None,
    checked_on: "2026-11-21",
};
static MARKET: Spec = Spec {
    id: "market",
    label: "Market",
    role: Role::Channel,
    about: "Has orders.",
    fields: &FIELDS,
    oauth: None,
    fixed_base_url: Some("http://market.test"),
    fixed_hosts: &["market.test"],
    pace: None,
    operations: &OPERATIONS,
    webhook: None,
    source: None,
    channel: Some(ChannelSpec { invoice_when: None, if_target_has_one: AdoptRule::Hold, number_apart: false }),
    checked_on: "2026-11-21",
};

static VAN: Spec = Spec {
    id: "van",
    label: "Van",
    role: Role::Courier,
    about: "Carries parcels.",
    webhook: None,
    source: Some(SourceSpec {
        poll_every: SignedDuration::from_mins(5),
        event_delay: SignedDuration::ZERO,
        poll_overlap: SignedDuration::from_mins(5),
        parcel_every: SignedDuration::from_mins(15),
        order_field: "order",
        lists_changes: false,
    }),
    ..BOOKS
};

fn registry() -> Registry {
    static ALL: &[&dyn Connector] = &[&Books, &Market, &Van];
    Registry::of(ALL)
}

async fn read(session: &Session<'_>, path: &str) -> Result<Option<Value>, Stop> {
    let key = session.account.secrets.get("key");
    let request = Request::get(session.account.url(path)?).secret_header(http::header::AUTHORIZATION, key);
    let answer = session.read(request).await?;
    match answer.status {
        200 => answer.json().map(Some),
        404 => Ok(None),
        _ => Err(answer.refusal("")),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn document(read: &Value) -> Document {
    Document {
        id: text(&read["id"]),
        kind: DocumentKind::Invoice,
        number: text(&read["number"]),
        status: DocumentStatus::Issued,
        issued_on: None,
        taxed_on: None,
        due_on: None,
        currency: Currency::parse("CZK").unwrap(),
        subtotal: Money::parse_amount("100.00").unwrap(),
        total: Money::parse_amount("121.00").unwrap(),
        vat: vec![],
        lines: vec![],
        order_reference: read["order"].as_str().map(str::to_owned),
        corrects: None,
        payment_kind: None,
        series: None,
        tags: vec![],
        public_url: None,
        version_at: testkit::samples::noon(),
        private: vec!["Jana Nováková".into()],
    }
}

impl Hears for Books {
    fn spec(&self) -> &'static Spec {
        &BOOKS
    }
}

#[async_trait]
impl Connector for Books {
    async fn check(&self, _: &Session<'_>) -> Vec<CheckStep> {
        vec![CheckStep { name: "reach".into(), ok: true, code: None, message: None, remark: None, next_step: None }]
    }
    async fn reach(&self, _: &Session<'_>) -> Result<(), Stop> {
        Ok(())
    }
    fn accounting(&self) -> Option<&dyn Accounting> {
        Some(self)
    }
}

#[async_trait]
impl Accounting for Books {
    async fn read_document(&self, session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop> {
        Ok(read(session, &format!("/books/documents/{id}")).await?.as_ref().map(document))
    }
    async fn find_document(&self, session: &Session<'_>, number: &str) -> Result<Option<Document>, Stop> {
        Ok(read(session, &format!("/books/numbers/{number}")).await?.as_ref().map(document))
    }
    async fn read_pdf(&self, _: &Session<'_>, _: &Document) -> Result<Pdf, Stop> {
        Ok(Pdf { bytes: "%PDF-1.4".into() })
    }
    async fn changed(&self, _: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<DocumentPage, Stop> {
        let page: usize = cursor.map_or(0, |text| text.parse().unwrap());
        let changed = (0..3)
            .map(|n| connectors::Changed {
                hint: SourceHint {
                    subject: Subject { kind: SubjectKind::Document, id: format!("{}", 9000 + page * 3 + n) },
                    hints: std::collections::BTreeMap::new(),
                },
                number: Some(format!("2026-{n}")),
                order_reference: None,
                version_at: since,
            })
            .collect();
        Ok(DocumentPage { changed, next: (page < 2).then(|| (page + 1).to_string()) })
    }
}

impl Hears for Van {
    fn spec(&self) -> &'static Spec {
        &VAN
    }
}

#[async_trait]
impl Connector for Van {
    async fn check(&self, _: &Session<'_>) -> Vec<CheckStep> {
        vec![CheckStep { name: "reach".into(), ok: true, code: None, message: None, remark: None, next_step: None }]
    }
    async fn reach(&self, _: &Session<'_>) -> Result<(), Stop> {
        Ok(())
    }
    fn courier(&self) -> Option<&dyn Courier> {
        Some(self)
    }
}

#[async_trait]
impl Courier for Van {
    async fn read_parcel(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Option<Parcel>, Stop> {
        let Some(read) = read(session, &format!("/van/parcels/{}", hint.subject.id)).await? else { return Ok(None) };
        Ok(Some(Parcel {
            id: hint.subject.id.clone(),
            tracking_numbers: vec![text(&read["number"])],
            carrier: None,
            tracking_url: None,
            state: DeliveryState::InTransit,
            states: vec![],
            order_reference: None,
            lines: vec![],
            version_at: testkit::samples::noon(),
        }))
    }
    async fn read_label(&self, _: &Session<'_>, _: &str) -> Result<Pdf, Stop> {
        Ok(Pdf { bytes: "%PDF-1.4".into() })
    }
    async fn changed(&self, _: &Session<'_>, _: Timestamp, _: Option<&str>) -> Result<DocumentPage, Stop> {
        Ok(DocumentPage::default())
    }
}

impl Hears for Market {
    fn spec(&self) -> &'static Spec {
        &MARKET
    }
}

#[async_trait]
impl Connector for Market {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        let step = |ok, code: Option<Code>, message: Option<String>| CheckStep {
            name: "credentials".into(),
            ok,
            code,
            message,
            remark: None,
            next_step: None,
        };
        match read(session, "/market/me").await {
            Ok(_) => vec![step(true, None, None)],
            Err(Stop::Credentials(failure)) => vec![step(false, Some(failure.code), Some(failure.message.to_string()))],
            Err(_) => vec![step(false, Some(Code::Unreachable), None)],
        }
    }
    async fn reach(&self, _: &Session<'_>) -> Result<(), Stop> {
        Ok(())
    }
    fn target(&self, _: Operation) -> Option<&'static dyn Target> {
        Some(&Post)
    }
    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }
}

#[async_trait]
impl Channel for Market {
    async fn find_order(&self, session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
        let Some(read) = read(session, &format!("/market/orders/{reference}")).await? else { return Ok(None) };
        Ok(Some(Order {
            remote_id: reference.to_string(),
            reference: reference.clone(),
            total: Money::new(Money::parse_amount(&text(&read["total"])).unwrap(), Currency::parse("CZK").unwrap()),
            state: OrderState::Open,
            payment_kind: None,
            lines: vec![],
            aliases: vec![],
            placed_at: None,
        }))
    }
    async fn target_values(&self, _: &Session<'_>) -> Result<TargetValues, Stop> {
        Ok(TargetValues { carriers: vec![("dpd_cz".into(), "DPD".into())], document_types: vec![] })
    }
}

#[async_trait]
impl Target for Post {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let path = format!("/market/effects/{}", task.order.reference);
        let delivered = |read: &Value| Delivered { remote_id: text(&read["id"]), number: None, proof: read.clone() };
        if let Some(there) = read(session, &path).await? {
            return Ok(delivered(&there));
        }
        let permit = task.gate.absent().await?;
        let key = session.account.secrets.get("key");
        let request = Request::new(Method::POST, session.account.url(&path)?)
            .secret_header(http::header::AUTHORIZATION, key)
            .json(&json!({"number": task.document.map(|d| &d.number), "key": key}));
        let answer = session.write(&permit, request).await?;
        if answer.status != 200 {
            return Err(answer.refusal(""));
        }
        session.done();
        Ok(delivered(&answer.json::<Value>()?))
    }
}
