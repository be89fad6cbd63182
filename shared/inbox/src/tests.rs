//! The handlers on the fakes, with two vendors: one signs with a header, one has only a token in the address.

use crate::{BODY_BYTES_MAX, Parts, router};
use axum::body::{Body, Bytes};
use connectors::{
    Account, Hearing, Hears, Inbound, Malformed, Retries, SourceSpec, Spec, Unauthentic, Webhook, WebhookScheme,
    WebhookSpec,
};
use domain::{ConnectionState, Role, SourceHint, Subject, SubjectKind};
use export_flow::Accounts;
use export_flow::heard::{Refusals, RefusedCalls};
use export_flow::message::Message;
use export_flow::ports::{Connections as _, PortError};
use http::{Request, StatusCode};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, Moment, PlainKeys, SeededEntropy, Told, samples};
use tower::ServiceExt as _;

const SOURCE: SourceSpec = SourceSpec {
    poll_every: SignedDuration::from_mins(5),
    event_delay: SignedDuration::from_secs(5),
    poll_overlap: SignedDuration::from_mins(2),
    parcel_every: SignedDuration::from_mins(30),
    order_field: "order",
    lists_changes: true,
};

const fn spec(id: &'static str, scheme: Option<WebhookScheme>) -> Spec {
    let webhook = match scheme {
        Some(scheme) => {
            Some(WebhookSpec { scheme, secrets: &[], events: &[], setup: "", retries: Retries { text: "" } })
        }
        None => None,
    };
    Spec {
        id,
        label: id,
        role: Role::Accounting,
        about: "",
        fields: &[],
        oauth: None,
        fixed_base_url: Some("https://vendor.example"),
        fixed_hosts: &[],
        pace: None,
        operations: &[],
        webhook,
        source: Some(SOURCE),
        channel: None,
        checked_on: "2026-11-21",
    }
}

static SIGNING: Spec = spec("signing", Some(WebhookScheme::StaticHeader));
static TOKEN: Spec = spec("token", Some(WebhookScheme::UrlToken));
static SILENT: Spec = spec("silent", None);
static VENDORS: [&dyn Hears; 3] = [&Vendor(&SIGNING), &Vendor(&TOKEN), &Vendor(&SILENT)];

struct Vendor(&'static Spec);

impl Hears for Vendor {
    fn spec(&self) -> &'static Spec {
        self.0
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.0.webhook.is_some().then_some(self)
    }
}

impl Webhook for Vendor {
    fn verify(&self, account: &Account, inbound: &Inbound<'_>) -> Result<(), Unauthentic> {
        let given = inbound.headers.get("x-key").and_then(|value| value.to_str().ok());
        if given == account.setting("key") && given.is_some() { Ok(()) } else { Err(Unauthentic) }
    }

    fn parse(&self, _: &Account, inbound: &Inbound<'_>) -> Result<Vec<SourceHint>, Malformed> {
        let ids: Vec<String> = serde_json::from_slice(inbound.body).map_err(|_| Malformed("not a list"))?;
        let hint = |id| SourceHint { subject: Subject { kind: SubjectKind::Document, id }, hints: BTreeMap::new() };
        Ok(ids.into_iter().map(hint).collect())
    }
}

struct Scene {
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    queue: Arc<MemoryQueue>,
    router: axum::Router,
    refusals: Arc<Refusals>,
}

fn scene() -> Scene {
    let clock = ManualClock::at_noon();
    let ledger = Arc::new(MemoryLedger::default());
    let queue = MemoryQueue::new(clock.clone());
    let hearing = Hearing::Alone(&VENDORS);
    let accounts = Accounts::new(ledger.clone(), Arc::new(PlainKeys), clock.clone(), hearing);
    let parts = Parts {
        accounts: Arc::new(accounts),
        outbox: queue.clone(),
        clock: clock.clone(),
        entropy: SeededEntropy::new(1),
        refusals: Some(Arc::default()),
    };
    let refusals = parts.refusals.clone().unwrap();
    let scene = Scene { clock, ledger, queue, router: router(parts), refusals };
    scene.connect("books", "signing", "key-1");
    scene.connect("silent", "silent", "key-1");
    scene
}

impl Scene {
    fn connect(&self, id: &str, connector: &str, key: &str) {
        let mut connection = samples::connection(&domain::ConnectionId::new(id), Role::Accounting, connector);
        connection.settings.insert("key".into(), key.into());
        // printf %s token-1 | sha256sum
        let hash = "3f08aace122ee2368432c1ca23a049bc640bafbf00fdf33a52429f38ba12dbf9";
        connection.url_token_hash = Some(hash.to_owned());
        self.ledger.put_connection_as_is(connection);
    }

    async fn post(&self, path: &str, key: &str, body: impl Into<Body>) -> (StatusCode, serde_json::Value) {
        let request = Request::post(path).header("x-key", key).body(body.into()).unwrap();
        self.send(request).await
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, serde_json::Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn queued(&self) -> Vec<String> {
        let id = |message| match message {
            Message::SourceEventV1(event) => event.hint.subject.id,
            other => panic!("{other:?}"),
        };
        self.queue.all().into_iter().map(|(message, ..)| id(message)).collect()
    }
}

const BOOKS: &str = "/webhooks/accounting/books";

#[tokio::test]
async fn an_authentic_event_is_in_the_queue_before_it_is_acknowledged() {
    let scene = scene();
    let (status, body) = scene.post(BOOKS, "key-1", r#"["1","2"]"#).await;
    assert_eq!((status, body), (StatusCode::ACCEPTED, serde_json::json!({"accepted": 2})));
    assert_eq!(scene.queued(), ["1", "2"]);
    let (message, group, due) = scene.queue.all().remove(0);
    assert_eq!(group.as_str(), "books");
    assert_eq!(due, samples::at(5), "the source speaks before it has committed");
    let Message::SourceEventV1(event) = message else { panic!() };
    assert_eq!((event.cause, event.at), (domain::Cause::Webhook, samples::noon()));
}

#[tokio::test]
async fn refused_calls_are_counted_by_reason_for_connections_that_there_are_and_nothing_else() {
    let scene = scene();
    let counted = |id: &str| scene.refusals.of(&domain::ConnectionId::new(id));
    for _ in 0..2 {
        scene.post(BOOKS, "wrong", "[]").await;
    }
    scene.clock.advance(SignedDuration::from_secs(7));
    scene.post(BOOKS, "wrong", "[]").await;
    scene.post(BOOKS, "key-1", "{").await;
    scene.post(BOOKS, "key-1", vec![b'x'; BODY_BYTES_MAX + 1]).await;
    scene.post(BOOKS, "key-1", r#"["1"]"#).await;
    let reasons: Vec<_> = counted("books").iter().map(|calls| (calls.reason, calls.count)).collect();
    assert_eq!(reasons, [("invalid_body", 1), ("too_large", 1), ("unauthenticated", 3)]);
    let last = RefusedCalls { reason: "unauthenticated", count: 3, last_at: samples::at(7) };
    assert!(counted("books").contains(&last));
    for path in [
        "/webhooks/accounting/nowhere",
        "/webhooks/courier/books",
        "/webhooks/accounting/x%0ay",
        "/webhooks/spy/silent",
    ] {
        scene.post(path, "key-1", "[]").await;
    }
    assert_eq!(counted("books").iter().map(|calls| calls.count).sum::<u64>(), 5);
    assert_eq!((counted("nowhere"), counted("silent")), (vec![], vec![]));
}

#[tokio::test]
async fn every_arrival_is_an_event_of_its_own() {
    let scene = scene();
    for _ in 0..2 {
        scene.post(BOOKS, "key-1", r#"["1"]"#).await;
    }
    let events: std::collections::HashSet<String> =
        scene.queue.all().iter().map(|(message, ..)| serde_json::to_string(message).unwrap()).collect();
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn an_event_that_concerns_nothing_is_acknowledged_and_queues_nothing() {
    let scene = scene();
    let (status, body) = scene.post(BOOKS, "key-1", "[]").await;
    assert_eq!((status, body), (StatusCode::ACCEPTED, serde_json::json!({"accepted": 0})));
    assert!(scene.queued().is_empty());
}

#[tokio::test]
async fn checks_come_in_their_order_and_no_answer_repeats_the_body() {
    let scene = scene();
    let large = "S3CRET".repeat(200_000);
    for (path, key, body, status, code) in [
        ("/webhooks/accounting/nobody", "no", large.as_str(), 413, "too_large"),
        ("/webhooks/accounting/nobody", "no", "S3CRET", 404, "unknown_connection"),
        ("/webhooks/courier/books", "key-1", "[]", 404, "unknown_connection"),
        ("/webhooks/accounting/silent", "key-1", "[]", 404, "unknown_connection"),
        ("/webhooks/accounting/B%20S", "key-1", "[]", 404, "unknown_connection"),
        (BOOKS, "key-2", "S3CRET", 401, "unauthenticated"),
        (BOOKS, "key-1", "S3CRET", 400, "invalid_body"),
        (BOOKS, "key-1", "", 400, "invalid_body"),
    ] {
        let (answered, problem) = scene.post(path, key, body.to_owned()).await;
        assert_eq!((answered.as_u16(), &problem["code"]), (status, &code.into()), "{path}");
        assert!(!problem["next_step"].as_str().unwrap().is_empty());
        assert!(!problem.to_string().contains("S3CRET"));
    }
    assert!(scene.queued().is_empty());
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
    let scene = scene();
    for (extra, expected) in [(0, StatusCode::ACCEPTED), (1, StatusCode::PAYLOAD_TOO_LARGE)] {
        let body = format!("[]{}", " ".repeat(BODY_BYTES_MAX - 2 + extra));
        assert_eq!(scene.post(BOOKS, "key-1", body.clone()).await.0, expected);
        // The same without a declared length.
        let chunks: Vec<Bytes> = body.as_bytes().chunks(100_000).map(Bytes::copy_from_slice).collect();
        let stream = futures_util::stream::iter(chunks.into_iter().map(Ok::<_, Infallible>));
        assert_eq!(scene.post(BOOKS, "key-1", Body::from_stream(stream)).await.0, expected);
    }
}

#[tokio::test]
async fn a_sender_that_asks_first_is_refused_before_its_body_is_read() {
    let scene = scene();
    let read = Arc::new(AtomicUsize::new(0));
    let counted = read.clone();
    let chunks = std::iter::repeat_with(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1000]))
    });
    let body = Body::from_stream(futures_util::stream::iter(chunks));
    let request = Request::post(BOOKS).header("content-length", BODY_BYTES_MAX + 1).header("expect", "100-continue");
    let (status, _) = scene.send(request.body(body).unwrap()).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(read.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn what_our_own_store_or_queue_cannot_do_is_a_503() {
    let scene = scene();
    let unavailable = || PortError::Unavailable("on purpose".into());
    scene.ledger.trouble().strike("connection", 0, Moment::Before, unavailable());
    let (status, problem) = scene.post(BOOKS, "key-1", r#"["1"]"#).await;
    assert_eq!((status, &problem["code"]), (StatusCode::SERVICE_UNAVAILABLE, &"store_unavailable".into()));
    scene.queue.trouble().strike("send", 0, Moment::Before, unavailable());
    assert_eq!(scene.post(BOOKS, "key-1", r#"["1"]"#).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(scene.post(BOOKS, "key-1", r#"["1"]"#).await.0, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_stale_copy_of_a_connection_refuses_nobody() {
    let scene = scene();
    assert_eq!(scene.post("/webhooks/accounting/later", "key-1", "[]").await.0, StatusCode::NOT_FOUND);
    assert_eq!(scene.post(BOOKS, "key-1", "[]").await.0, StatusCode::ACCEPTED);
    // Another process makes one connection and changes the secret of the other; no time passes.
    scene.connect("later", "signing", "key-1");
    scene.connect("books", "signing", "key-2");
    assert_eq!(scene.post("/webhooks/accounting/later", "key-1", "[]").await.0, StatusCode::ACCEPTED);
    assert_eq!(scene.post(BOOKS, "key-2", "[]").await.0, StatusCode::ACCEPTED);
    assert_eq!(scene.post(BOOKS, "key-1", "[]").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_signs_nothing_needs_the_token_of_the_address() {
    let scene = scene();
    scene.connect("tokens", "token", "");
    let path = "/webhooks/accounting/tokens";
    assert_eq!(scene.post(&format!("{path}/token-1"), "", "[]").await.0, StatusCode::ACCEPTED);
    for wrong in ["", "/token-2", "/b6fbb5"] {
        assert_eq!(scene.post(&format!("{path}{wrong}"), "", "[]").await.0, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}

#[tokio::test]
async fn an_old_token_is_accepted_until_its_time_is_over() {
    let scene = scene();
    let until = samples::at(3_600);
    scene.connect("tokens", "token", "");
    let mut connection = scene.ledger.connection(&domain::ConnectionId::new("tokens")).await.unwrap().unwrap();
    // printf %s token-0 | sha256sum
    let hash = "6c02cf2083469e72758a38be0b7c6eabe9bc58580774daf6b2cf4b6ea1469722".to_owned();
    connection.rotation.former_tokens = vec![domain::FormerToken { hash, replaced_at: samples::noon(), until }];
    scene.ledger.put_connection_as_is(connection.clone());
    let answers = async |token: &str| scene.post(&format!("/webhooks/accounting/tokens/{token}"), "", "[]").await.0;
    for (at, old) in [(0, 202), (3_599, 202), (3_600, 401)] {
        scene.clock.set(samples::at(at));
        assert_eq!((answers("token-0").await.as_u16(), answers("token-1").await.as_u16()), (old, 202), "{at}");
    }
    scene.clock.set(samples::noon());
    connection.settings.insert("rotation_overlap".into(), "0s".into());
    scene.ledger.put_connection_as_is(connection);
    scene.clock.set(samples::at(10));
    assert_eq!(answers("token-0").await, StatusCode::UNAUTHORIZED, "the overlap was ended");
}

#[tokio::test]
async fn a_paused_connection_still_takes_events() {
    let scene = scene();
    for state in [ConnectionState::Paused, ConnectionState::Unverified] {
        let mut connection = samples::connection(&samples::books(), Role::Accounting, "signing");
        connection.settings.insert("key".into(), "key-1".into());
        connection.state = state;
        scene.ledger.put_connection_as_is(connection);
        scene.clock.advance(SignedDuration::from_secs(6));
        assert_eq!(scene.post(BOOKS, "key-1", r#"["1"]"#).await.0, StatusCode::ACCEPTED);
    }
    assert_eq!(scene.queued().len(), 2);
}

#[tokio::test]
async fn only_posts_are_taken() {
    let scene = scene();
    let (status, problem) = scene.send(Request::get(BOOKS).body(Body::empty()).unwrap()).await;
    assert_eq!((status, &problem["code"]), (StatusCode::METHOD_NOT_ALLOWED, &"method_not_allowed".into()));
}

#[tokio::test]
async fn what_was_taken_is_told_under_the_trace_of_its_events() {
    let (scene, told) = (scene(), Told::listen("info"));
    let request = Request::post(BOOKS)
        .header("x-key", "key-1")
        // Anybody may write these.
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .header("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678");
    scene.send(request.body(Body::from(r#"["1","2"]"#)).unwrap()).await;
    let line = told.of("webhook.accepted").remove(0);
    assert_eq!(
        json!([line["tenant"], line["connection"], line["role"], line["connector"], line["count"]]),
        json!(["default", "books", "accounting", "signing", 2])
    );
    let trace = line["trace"].as_str().unwrap();
    let events = scene.queue.all().into_iter().map(|(message, ..)| message.trace().unwrap().to_string());
    assert_eq!(events.collect::<Vec<_>>(), [trace.to_owned(), format!("{trace}-1")]);
    assert!(
        !told
            .lines()
            .iter()
            .any(|line| line.to_string().contains("0af7651916cd") || line.to_string().contains("67891233"))
    );
    assert_eq!(told.totals(), json!({"Arrivals": 2}));
}

#[tokio::test]
async fn what_was_refused_is_told_by_the_word_of_the_answer() {
    let (scene, told) = (scene(), Told::listen("info"));
    scene.post("/webhooks/accounting/nobody", "no", "S3CRET").await;
    scene.post(BOOKS, "key-2", "S3CRET").await;
    scene.post(BOOKS, "key-1", "S3CRET").await;
    scene.send(Request::get(BOOKS).body(Body::empty()).unwrap()).await;
    scene.queue.trouble().throttle("send");
    scene.post(BOOKS, "key-1", r#"["1"]"#).await;
    let reasons: Vec<serde_json::Value> =
        told.of("webhook.refused").into_iter().map(|line| line["reason"].clone()).collect();
    let expected = ["unknown_connection", "unauthenticated", "invalid_body", "method_not_allowed", "store_unavailable"];
    assert_eq!(json!(reasons), json!(expected));
    assert!(told.of("webhook.accepted").is_empty());
    assert!(!told.lines().iter().any(|line| line.to_string().contains("S3CRET")));
    assert_eq!(told.totals(), json!({"WebhooksRefused": 5}));
}
