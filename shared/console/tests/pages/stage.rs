//! A console in front of an in-memory store with a day of work in it.

use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::{Http, Registry};
use console::{Access, ConsoleState, OneToken, Options, Timer};
use domain::{
    AccessRole, Alias, Attempt, Carrier, Check, CheckStep, Code, Connection, ConnectionId, ConnectionState,
    DeliveryState, Doubt, Export, ExportKey, Hold, HoldReason, LastError, Note, Operation, OrderLine, OrderReference,
    ParcelLine, Pause, PauseReason, Receipt, Role, Skip, SkipReason, State, StateChange, Step, Subject, SubjectKind,
    Switch, TenantId,
};
use export_flow::message::Message;
use export_flow::ports::{Ledger, Queue};
use export_flow::{Flow, Parts, Times, Verdict};
use http::{Method, Request, Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;
use testkit::practice::{World, registry};
use testkit::{FakeHttp, ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, samples};
use tower::ServiceExt;

/// Waits for nothing.
struct NoWait;

#[async_trait::async_trait]
impl Timer for NoWait {
    async fn sleep(&self, _: SignedDuration) {}
}

/// Carries what is due whenever somebody waits.
struct Worker {
    flow: Arc<Flow>,
    queue: Arc<MemoryQueue>,
}

#[async_trait::async_trait]
impl Timer for Worker {
    async fn sleep(&self, _: SignedDuration) {
        for incoming in self.queue.receive(10, SignedDuration::from_secs(540)).await.unwrap() {
            if let Some(message) = &incoming.message {
                self.flow.handle(message, false).await;
            }
            self.queue.delete(&[incoming.receipt]).await.unwrap();
        }
    }
}

/// Waits for ever: no time is ever up.
struct Never;

#[async_trait::async_trait]
impl Timer for Never {
    async fn sleep(&self, _: SignedDuration) {
        std::future::pending().await
    }
}

/// A console and what lies behind it.
pub(crate) struct Stage {
    pub(crate) state: ConsoleState,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) queue: Arc<MemoryQueue>,
}

fn console_of(flow: Flow) -> ConsoleState {
    let access = Access::Local(OneToken::new("token".into(), TenantId::local()).with_viewer(Some("viewer".into())));
    let options = Options { local_url: "http://127.0.0.1:8080".into(), ..Options::default() };
    ConsoleState::new(Arc::new(flow), access, options, Arc::new(NoWait))
}

/// An answer, read whole.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) html: String,
}

impl Stage {
    /// Nothing in store.
    pub(crate) fn empty() -> Self {
        Self::of(ManualClock::at_noon(), Arc::new(FakeHttp::default()), Registry::standard())
    }

    /// Beside a practice world, with its connectors.
    pub(crate) fn beside_a_world() -> (Self, Arc<World>) {
        let clock = ManualClock::at_noon();
        let world = World::new(clock.clone());
        (Self::of(clock, world.clone(), registry()), world)
    }

    /// With the connectors that ship, and this way out of the house.
    pub(crate) fn reaching(clock: Arc<ManualClock>, http: Arc<dyn Http>) -> Self {
        let mut stage = Self::of(clock, http, Registry::standard());
        stage.state.options = Arc::new(Options { allow_private_targets: true, ..(*stage.state.options).clone() });
        stage.state.timer = Arc::new(Never);
        stage
    }

    fn of(clock: Arc<ManualClock>, http: Arc<dyn Http>, registry: Registry) -> Self {
        let ledger = Arc::new(MemoryLedger::default());
        let queue = MemoryQueue::new(clock.clone());
        let parts = Parts {
            ledger: ledger.clone(),
            queue: queue.clone(),
            keys: Arc::new(PlainKeys),
            http,
            clock: clock.clone(),
            entropy: SeededEntropy::new(7),
            registry,
        };
        Self { state: console_of(Flow::new(parts, Times::default())), ledger, clock, queue }
    }

    /// The same where every webhook call meets this process.
    pub(crate) fn counting_refusals(self) -> Self {
        let flow = Flow::new(self.state.flow.parts().clone(), Times::default()).counting_refusals();
        Self { state: console_of(flow), ..self }
    }

    /// A day of work; whatever outside systems wrote ends with `tail`.
    pub(crate) async fn with_a_day(tail: &str) -> Self {
        let stage = Self::empty();
        Day { ledger: &stage.ledger, tail }.fill().await;
        let wanted = serde_json::json!({"webhook": {"url": format!("https://hooks.example/{tail}")}});
        stage.state.flow.put_notice_settings(&domain::TenantId::local(), &wanted).await.unwrap();
        stage
    }

    /// The same, with a worker that does what lies in the queue while a page waits.
    pub(crate) fn with_a_worker(mut self) -> Self {
        let worker = Worker { flow: self.state.flow.clone(), queue: self.queue.clone() };
        let access = Access::Local(OneToken::new("token".into(), TenantId::local()));
        let options = Options { local_url: "http://127.0.0.1:8080".into(), ..Options::default() };
        self.state = ConsoleState::new(self.state.flow.clone(), access, options, Arc::new(worker));
        self
    }

    /// Does the jobs that the queue holds, as a worker would, until none is left.
    pub(crate) async fn work(&self) {
        loop {
            let received = self.queue.receive(10, SignedDuration::from_secs(540)).await.unwrap();
            if received.is_empty() {
                return;
            }
            for incoming in received {
                if let Some(message @ Message::JobV1 { .. }) = &incoming.message {
                    assert_eq!(self.state.flow.handle(message, false).await, Verdict::Done);
                }
                self.queue.delete(&[incoming.receipt]).await.unwrap();
            }
        }
    }

    pub(crate) fn router(&self) -> Router {
        console::router(self.state.clone())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Seen {
        let response: Response<Body> = self.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 4 << 20).await.unwrap();
        Seen { status: parts.status, headers: parts.headers, html: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// Opens a session; its cookie as a browser sends it.
    pub(crate) async fn log_in(&self) -> String {
        self.log_in_as(AccessRole::Operator).await
    }

    /// The same with this role.
    pub(crate) async fn log_in_as(&self, role: AccessRole) -> String {
        let link = console::pages::new_link(&self.state, &TenantId::local(), role);
        let seen = self.send(get(link.strip_prefix("http://127.0.0.1:8080").unwrap(), None)).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.html);
        let cookie = seen.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// A page as somebody who is logged in sees it.
    pub(crate) async fn page(&self, path: &str) -> Seen {
        let cookie = self.log_in().await;
        self.send(get(path, Some(&cookie))).await
    }
}

pub(crate) fn get(path: &str, cookie: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().uri(path);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    request.body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, cookie: &str, form: &str) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap()
}

/// The form token that a page carries.
pub(crate) fn csrf(html: &str) -> String {
    let (_, rest) = html.split_once(r#"name="csrf" value=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn ago(minutes: i64) -> Timestamp {
    samples::noon() - SignedDuration::from_mins(minutes)
}

fn ahead(minutes: i64) -> Timestamp {
    samples::noon() + SignedDuration::from_mins(minutes)
}

struct Day<'a> {
    ledger: &'a MemoryLedger,
    tail: &'a str,
}

impl Day<'_> {
    fn say(&self, words: &str) -> String {
        format!("{words}{}", self.tail)
    }

    async fn fill(&self) {
        self.connections();
        self.carried();
        self.waiting();
        self.failed();
        self.left_out();
        self.order().await;
    }

    fn connection(&self, id: &str, label: &str, role: Role, connector: &str) -> Connection {
        Connection { label: self.say(label), ..samples::connection(&ConnectionId::new(id), role, connector) }
    }

    fn connections(&self) {
        let good = |name: &str| CheckStep {
            name: name.into(),
            ok: true,
            code: None,
            message: None,
            remark: None,
            next_step: None,
        };
        let check =
            Check { ok: true, at: ago(240), steps: vec![good("reach"), good("credentials"), good("permission")] };
        let books = Connection {
            check: Some(check.clone()),
            ..self.connection("books", "Fakturoid", Role::Accounting, "fakturoid")
        };
        let post = Connection {
            check: Some(check.clone()),
            ..self.connection("post", "Sendcloud", Role::Courier, "sendcloud")
        };
        let shop = Connection {
            check: Some(check),
            switches: [(Switch::SendInvoice, true), (Switch::SendTracking, true)].into(),
            last_error: Some(LastError {
                at: ago(35),
                code: Code::VendorRefused,
                message: self.say("The order does not allow an invoice to be created."),
                remark: None,
            }),
            ..self.connection("shop", "Garden shop", Role::Channel, "magento")
        };
        let market = Connection {
            state: ConnectionState::Paused,
            switches: [(Switch::SendInvoice, true), (Switch::SendTracking, true)].into(),
            pause: Some(Pause {
                reason: PauseReason::Outage,
                since: ago(18),
                next_probe: Some(ahead(2)),
                next_step: "Nothing: it is tried again by itself and goes on when it answers.".into(),
            }),
            last_error: Some(LastError {
                at: ago(18),
                code: Code::VendorUnreachable,
                message: self.say("503 Service Unavailable: upstream connect error"),
                remark: None,
            }),
            check: Some(Check {
                ok: false,
                at: ago(17),
                steps: vec![CheckStep {
                    name: "reach".into(),
                    ok: false,
                    code: Some(Code::Unreachable),
                    message: Some(self.say("connection refused")),
                    remark: None,
                    next_step: Some("Check the address and whether the host is up.".into()),
                }],
            }),
            ..self.connection("market", "Home & Living marketplace", Role::Channel, "mirakl")
        };
        let outlet = Connection {
            state: ConnectionState::Unverified,
            ..self.connection("outlet", "Outlet shop", Role::Channel, "magento")
        };
        for connection in [books, post, shop, market, outlet] {
            self.ledger.put_connection_as_is(connection);
        }
    }

    fn export(&self, n: i64, operation: Operation, target: &str, state: State, at: Timestamp) -> Export {
        let (kind, source, number) = match operation {
            Operation::SendTracking => (SubjectKind::Parcel, "post", format!("Z{}", 4_820_117_000 + n)),
            Operation::SendCreditNote => (SubjectKind::CreditNote, "books", format!("CN-2026-{n:04}")),
            Operation::Look => (SubjectKind::Document, "books", format!("2026-{n:04}")),
            _ => (SubjectKind::Invoice, "books", format!("2026-{n:04}")),
        };
        let key = ExportKey {
            tenant: TenantId::local(),
            source: ConnectionId::new(source),
            subject: Subject { kind, id: self.say(&format!("{}", 9000 + n)) },
            operation,
            target: (operation != Operation::Look).then(|| ConnectionId::new(target)),
        };
        let mut export = Export::new(key, at - SignedDuration::from_mins(4));
        export.order = Some(OrderReference::new(self.say(&format!("{}", 100_000_000 + n))));
        export.numbers = vec![self.say(&number)];
        export.state = state;
        export.changed_at = at;
        export
    }

    fn put(&self, export: Export) {
        self.ledger.put(export);
    }

    fn carried(&self) {
        for n in 1..=64_i64 {
            let target = if n % 3 == 0 { "market" } else { "shop" };
            let operation = if n % 2 == 0 { Operation::SendTracking } else { Operation::SendInvoice };
            let mut export = self.export(n, operation, target, State::Delivered, ago(400 - 4 * n));
            let proof = json!({"file_name": self.say(&format!("2026-{n:04}.pdf")), "adopted": false});
            export.receipt = Some(Receipt {
                remote_id: self.say(&format!("{}", 7000 + n)),
                number: Some(self.say(&format!("{}", 3_000_000 + n))),
                at: export.changed_at,
                proof,
            });
            export.shared.duplicates = u64::try_from(n % 3).unwrap();
            self.put(export);
        }
        self.put(self.export(71, Operation::SendInvoice, "shop", State::Sending, ago(0)));
        self.put(self.export(72, Operation::SendInvoice, "market", State::Accepted, ago(2)));
        let mut planned = self.export(1, Operation::Look, "", State::Planned, ago(395));
        planned.became = vec![self.export(1, Operation::SendInvoice, "shop", State::Delivered, ago(0)).id];
        self.put(planned);
    }

    fn hold(&self, n: i64, operation: Operation, target: &str, reason: HoldReason, detail: Option<&str>) {
        let mut export = self.export(n, operation, target, State::Held, ago(n - 60));
        export.hold = Some(Hold {
            reason,
            since: export.changed_at,
            until: ahead(n),
            last_day: ahead(14 * 24 * 60),
            detail: detail.map(|detail| self.say(detail)),
            remark: None,
            checks: 1,
            connection: None,
            unmapped: (reason == HoldReason::MappingMissing).then(|| domain::Unmapped {
                mapping: domain::MappingKind::Carriers,
                value: self.say("gls_cz"),
                name: None,
            }),
        });
        self.put(export);
    }

    fn waiting(&self) {
        self.hold(80, Operation::SendInvoice, "shop", HoldReason::NotPaidYet, None);
        self.hold(81, Operation::SendTracking, "shop", HoldReason::NotHandedOver, None);
        self.hold(82, Operation::SendInvoice, "market", HoldReason::ConnectionPaused, None);
        self.hold(
            83,
            Operation::Look,
            "",
            HoldReason::OrderUnknown,
            Some("Asked: Garden shop, Home & Living marketplace."),
        );
        self.hold(
            84,
            Operation::SendTracking,
            "market",
            HoldReason::MappingMissing,
            Some("The carrier \"gls_cz\" has no counterpart."),
        );
        let mut retrying = self.export(85, Operation::SendInvoice, "shop", State::Retrying, ago(3));
        retrying.attempts = 1;
        retrying.attempt_log = vec![self.attempt(
            3,
            Step::Send,
            Some(400),
            Code::VendorRefused,
            "Deadlock found when trying to get lock; try restarting transaction",
        )];
        retrying.due_at = Some(ahead(7));
        self.put(retrying);
    }

    fn attempt(&self, minutes: i64, step: Step, status: Option<u16>, code: Code, message: &str) -> Attempt {
        Attempt { at: ago(minutes), step, status, code, message: self.say(message), remark: None }
    }

    fn failed(&self) {
        let refused = "The order does not allow an invoice to be created.";
        for n in [90_i64, 91] {
            let mut dead = self.export(n, Operation::SendInvoice, "shop", State::Dead, ago(35 - n + 90));
            dead.code = Some(Code::VendorRefused);
            dead.attempts = 3;
            dead.attempt_log = [46, 45, 35]
                .map(|minutes| self.attempt(minutes - n + 90, Step::Send, Some(400), Code::VendorRefused, refused))
                .into();
            dead.created_at = ago(50);
            self.put(dead);
        }
        let mut dead = self.export(92, Operation::SendTracking, "market", State::Dead, ago(120));
        dead.code = Some(Code::ErrorInsideSuccess);
        dead.attempts = 3;
        dead.attempt_log = vec![
            self.attempt(
                131,
                Step::Send,
                Some(200),
                Code::ErrorInsideSuccess,
                "Carrier code is not valid for this shop",
            ),
            self.attempt(130, Step::Send, None, Code::VendorTimeout, "no answer within 30 s"),
            self.attempt(120, Step::ReadBack, Some(500), Code::VendorError, "Internal Server Error"),
        ];
        dead.in_doubt = Some(Doubt { claim: 2, since: ago(130), ended_at: Some(ago(130)), revision: None, key: None });
        dead.created_at = ago(132);
        dead.notes = vec![Note {
            at: ago(100),
            outcome: "send_again".into(),
            note: Some(self.say("Asked the marketplace, ticket 4411")),
            by: None,
            job: None,
        }];
        self.put(dead);
        let mut uncertain = self.export(93, Operation::SendCreditNote, "market", State::Uncertain, ago(80));
        uncertain.in_doubt = Some(Doubt { claim: 1, since: ago(80), ended_at: None, revision: None, key: None });
        self.put(uncertain);
        let mut expired = self.export(94, Operation::SendInvoice, "shop", State::Expired, ago(10));
        expired.hold = Some(Hold {
            reason: HoldReason::NotPaidYet,
            since: ago(90 * 24 * 60),
            until: ago(10),
            last_day: ago(10),
            detail: None,
            remark: None,
            checks: 90,
            connection: None,
            unmapped: None,
        });
        self.put(expired);
    }

    fn left_out(&self) {
        let mut ours = self.export(95, Operation::Look, "", State::Skipped, ago(200));
        ours.order = None;
        ours.code = Some(Code::NoOrderReference);
        ours.skip = Some(Skip { reason: SkipReason::NotOurs, detail: None, remark: None });
        self.put(ours);
        let mut off = self.export(96, Operation::SendCreditNote, "shop", State::Skipped, ago(190));
        off.code = Some(Code::SwitchedOff);
        off.skip = Some(Skip {
            reason: SkipReason::SwitchedOff,
            detail: Some(self.say("Receives credit notes is off")),
            remark: None,
        });
        self.put(off);
    }

    async fn order(&self) {
        let (shop, reference) = (ConnectionId::new("shop"), self.say("100000090"));
        let mut order = samples::order(&shop, &reference, ago(50));
        order.order.placed_at = Some(ago(300));
        order.order.payment_kind = Some(self.say("cashondelivery"));
        order.order.aliases = vec![Alias {
            channel: ConnectionId::new("market"),
            reference: OrderReference::new(self.say("MK-55120-A")),
        }];
        order.order.lines = vec![OrderLine {
            id: "1".into(),
            sku: Some(self.say("LAMP-OAK")),
            ordered: 2.into(),
            invoiced: 0.into(),
            shipped: 1.into(),
            withdrawn: 0.into(),
        }];
        self.ledger.remember_order(&order).await.unwrap();
        let document = samples::document("9090", &self.say("2026-0090"), &reference, ago(50));
        self.ledger.remember_document(&document).await.unwrap();
        let mut parcel =
            samples::parcel("9190", &self.say("Z4820117090"), &reference, DeliveryState::OutForDelivery, ago(20));
        parcel.parcel.carrier = Some(Carrier { code: "dpd".into(), name: self.say("DPD") });
        parcel.parcel.lines = vec![ParcelLine { sku: "LAMP-OAK".into(), quantity: 1.into() }];
        let change = |state, minutes, raw: &str| StateChange { state, at: ago(minutes), raw: self.say(raw) };
        parcel.parcel.states = vec![
            change(DeliveryState::LabelCreated, 180, "Ready to send"),
            change(DeliveryState::InTransit, 90, "Parcel scanned at depot"),
            change(DeliveryState::OutForDelivery, 20, "Driver en route"),
        ];
        self.ledger.merge_parcel(&parcel).await.unwrap();
        let mut sent = self.export(90, Operation::SendTracking, "shop", State::Delivered, ago(88));
        sent.receipt = Some(Receipt {
            remote_id: self.say("5501"),
            number: Some(self.say("000000301")),
            at: ago(88),
            proof: json!({"track_number": self.say("Z4820117090"), "tracks": [{"title": self.say("DPD")}]}),
        });
        self.put(sent);
    }
}
