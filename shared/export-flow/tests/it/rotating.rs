//! Secrets that are exchanged while they are in use.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::HeaderMap;
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{
    Answer, Channel, Connector, Delivered, FieldSpec, Hears, Http, HttpError, Lane, Registry, Request, Retries,
    Session, Spec, Stop, Target, TargetValues, Task, WebhookScheme, WebhookSpec,
};
use domain::{
    CheckStep, Code, Connection, ConnectionState, HoldReason, Operation, Order, OrderReference, PauseReason, State,
    TenantId,
};
use export_flow::connections::{Outcome, PutOptions, Rotated};
use export_flow::ports::{Connections as _, PortError};
use export_flow::refused::Refused;
use export_flow::{Flow, Times};
use futures_util::poll;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use testkit::Moment;
use testkit::practice::{World, registry};
use tokio::sync::Notify;

const fn secret(name: &'static str, required: bool) -> FieldSpec {
    FieldSpec::secret(name, name, "", required)
}

static FIELDS: [FieldSpec; 3] =
    [secret("key", true), secret("hook", false), FieldSpec { secret: false, ..secret("user", false) }];

/// The practice market behind a door that asks for a key.
struct Guarded;

static GUARDED: std::sync::LazyLock<Spec> = std::sync::LazyLock::new(|| Spec {
    id: "guarded",
    label: "Guarded",
    fields: &FIELDS,
    webhook: Some(WebhookSpec {
        scheme: WebhookScheme::StaticHeader,
        secrets: &["hook"],
        events: &[],
        setup: "",
        retries: Retries { text: "" },
    }),
    ..*market().spec()
});

fn market() -> &'static dyn Connector {
    registry().get("market").unwrap()
}

async fn pass_the_door(session: &Session<'_>) -> Result<(), Stop> {
    let account = session.account;
    let user = account.setting("user").unwrap_or_default();
    let key = format!("{user}{}", account.secrets.get("key"));
    let request = Request::get(account.url("/door")?);
    let answer = session.read(request.secret_header(::http::header::AUTHORIZATION, &key)).await?;
    if answer.status == 200 { Ok(()) } else { Err(answer.refusal("closed")) }
}

impl Hears for Guarded {
    fn spec(&self) -> &'static Spec {
        &GUARDED
    }
}

#[async_trait]
impl Connector for Guarded {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        let code = match pass_the_door(session).await {
            Ok(()) => None,
            Err(Stop::Credentials(failure)) => Some(failure.code),
            Err(_) => Some(Code::Unreachable),
        };
        vec![CheckStep {
            name: "credentials".into(),
            ok: code.is_none(),
            code,
            message: None,
            remark: None,
            next_step: None,
        }]
    }
    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        market().reach(session).await
    }
    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }
    fn target(&self, operation: Operation) -> Option<&'static dyn Target> {
        (operation == Operation::SendInvoice).then_some(&Guarded)
    }
}

#[async_trait]
impl Channel for Guarded {
    async fn find_order(&self, session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
        market().channel().unwrap().find_order(session, reference).await
    }
    async fn target_values(&self, _: &Session<'_>) -> Result<TargetValues, Stop> {
        Ok(TargetValues::default())
    }
}

#[async_trait]
impl Target for Guarded {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        pass_the_door(session).await?;
        market().target(task.operation).unwrap().deliver(session, task).await
    }
}

/// Opens to those who have one of the keys.
#[derive(Default)]
struct Door {
    keys: Mutex<BTreeSet<String>>,
    /// Who knocks with the new key waits for this, where it is there.
    slow: Mutex<Option<Arc<Notify>>>,
    knocks: Mutex<Vec<String>>,
}

struct ThroughTheDoor(Arc<Door>, Arc<World>);

#[async_trait]
impl Http for ThroughTheDoor {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        if request.url.path() != "/door" {
            return self.1.call(lane, request, writing).await;
        }
        let key = request.headers["authorization"].to_str().unwrap().to_owned();
        let slow = self.0.slow.lock().unwrap().clone().filter(|_| key == "new");
        if let Some(slow) = slow {
            slow.notified().await;
        }
        let status = if self.0.keys.lock().unwrap().contains(&key) { 200 } else { 401 };
        self.0.knocks.lock().unwrap().push(key);
        Ok(Answer { status, headers: HeaderMap::new(), body: Bytes::new() })
    }
}

struct Scene {
    bench: Bench,
    door: Arc<Door>,
}

impl std::ops::Deref for Scene {
    type Target = Bench;
    fn deref(&self) -> &Bench {
        &self.bench
    }
}

fn shop(changes: Value) -> Value {
    let mut shop = json!({
        "role": "channel", "connector": "guarded", "settings": {"base_url": "http://shop"},
        "secrets": {"key": "old", "hook": "hook-1"}, "switches": {"send_invoice": true},
    });
    for (name, value) in changes.as_object().unwrap() {
        shop[name] = value.clone();
    }
    shop
}

/// A shop that takes the key `old`, and books.
async fn scene() -> Scene {
    static ALL: std::sync::LazyLock<Vec<&'static dyn Connector>> =
        std::sync::LazyLock::new(|| vec![&Guarded, registry().get("books").unwrap(), registry().get("van").unwrap()]);
    let door = Arc::new(Door::default());
    let way = door.clone();
    let times = Times { jitter_percent: 0, ..Times::default() };
    let bench = Bench::through(Registry::of(&ALL), times, |world| Arc::new(ThroughTheDoor(way, world)));
    bench.connect("books-only", "books").await;
    let scene = Scene { bench, door };
    scene.takes(&["old"]);
    assert_eq!(scene.put(&shop(json!({}))).await.state, ConnectionState::Active);
    scene.world.order("shop", "100", "1000.00");
    scene
}

impl Scene {
    fn takes(&self, keys: &[&str]) {
        *self.door.keys.lock().unwrap() = keys.iter().map(|key| (*key).to_owned()).collect();
    }

    fn knocks(&self) -> Vec<String> {
        std::mem::take(&mut *self.door.knocks.lock().unwrap())
    }

    async fn put(&self, body: &Value) -> Connection {
        let never = std::future::pending::<()>();
        let put = self.flow.put_connection(&TenantId::local(), "shop", body, PutOptions::default(), never).await;
        put.unwrap().connection
    }

    async fn rotate(&self, body: Value) -> Result<Rotated, Refused> {
        rotate(&self.flow, body).await
    }

    async fn shop(&self) -> Connection {
        self.state_of("shop").await
    }

    /// What senders of webhooks may prove to know now.
    async fn hooks(&self) -> Vec<String> {
        let account = self.flow.account_anew(&"shop".parse_id()).await.unwrap().unwrap();
        account.secrets.accepted("hook", self.flow.now()).map(str::to_owned).collect()
    }

    /// The key in use.
    async fn key(&self) -> String {
        let account = self.flow.account_anew(&"shop".parse_id()).await.unwrap().unwrap();
        account.secrets.get("key").to_owned()
    }

    async fn sell(&self, invoice: &str) {
        self.world.document(invoice, invoice, Some("100"), "100.00");
        self.arrive(INVOICE, invoice).await;
    }

    async fn notices(&self) -> usize {
        use export_flow::notices::NoticeStore as _;
        self.ledger.notices_due(jiff::Timestamp::MAX, 100).await.unwrap().len()
    }
}

trait ParseId {
    fn parse_id(&self) -> domain::ConnectionId;
}

impl ParseId for str {
    fn parse_id(&self) -> domain::ConnectionId {
        domain::ConnectionId::new(self)
    }
}

async fn rotate(flow: &Flow, body: Value) -> Result<Rotated, Refused> {
    flow.rotate_secrets(&TenantId::local(), "shop", &body, std::future::pending::<()>()).await
}

fn new_key() -> Value {
    json!({"secrets": {"key": "new"}})
}

#[tokio::test]
async fn new_secrets_take_the_place_of_the_old_at_their_first_success() {
    let scene = scene().await;
    scene.takes(&["new"]);
    scene.clock.advance(seconds(60));
    let rotated = scene.rotate(new_key()).await.unwrap();
    assert_eq!(rotated.outcome, Outcome::Replaced);
    assert!(rotated.check.unwrap().ok);
    let shop = scene.shop().await;
    assert_eq!((shop.state, &shop.rotation.pending), (ConnectionState::Active, &None));
    assert_eq!(shop.secrets["key"].changed_at, scene.flow.now());
    assert_eq!(scene.key().await, "new");
    assert_eq!(scene.hooks().await, ["hook-1"], "what was not given stays");
}

#[tokio::test]
async fn new_secrets_that_fail_lie_beside_the_old_until_repeated_replaced_or_withdrawn() {
    let scene = scene().await;
    for (body, outcome, key, failure) in [
        (json!({"secrets": {"key": "wrong"}}), Outcome::Pending, "old", Some(Some(Code::CredentialsRefused))),
        (json!({"secrets": {"key": null}}), Outcome::Withdrawn, "old", None),
        (json!({"secrets": {"key": null}}), Outcome::Withdrawn, "old", None),
        (json!({"secrets": {"key": "wrong"}}), Outcome::Pending, "old", Some(Some(Code::CredentialsRefused))),
        (new_key(), Outcome::Replaced, "new", None),
    ] {
        if key == "new" {
            scene.takes(&["old", "new"]);
        }
        let rotated = scene.rotate(body.clone()).await.unwrap();
        assert_eq!(rotated.outcome, outcome, "{body}");
        let shop = scene.shop().await;
        assert_eq!(shop, rotated.connection);
        assert_eq!(shop.rotation.pending.map(|pending| pending.failure), failure, "{body}");
        assert_eq!((shop.state, scene.key().await.as_str()), (ConnectionState::Active, key), "{body}");
        assert!(shop.check.unwrap().ok, "it is about those in use");
    }
}

#[tokio::test]
async fn both_halves_of_a_key_change_together() {
    let scene = scene().await;
    scene.takes(&["old", "me:new"]);
    let body = json!({"secrets": {"key": "new"}, "settings": {"user": "me:", "secrets_expire_on": "2027-01-31"}});
    assert_eq!(scene.rotate(body).await.unwrap().outcome, Outcome::Replaced);
    let shop = scene.shop().await;
    assert_eq!((shop.setting("user"), shop.setting("secrets_expire_on")), (Some("me:"), Some("2027-01-31")));
    scene.takes(&["newer"]);
    let body = json!({"secrets": {"key": "newer"}, "settings": {"user": null}});
    assert_eq!(scene.rotate(body).await.unwrap().outcome, Outcome::Replaced);
    assert_eq!(scene.shop().await.setting("user"), None);
}

#[tokio::test]
async fn what_cannot_be_new_secrets_is_refused_by_field() {
    let scene = scene().await;
    let before = scene.shop().await;
    for (body, field) in [
        (json!([]), "body"),
        (json!({}), "secrets"),
        (json!({"secrets": {"other": "x"}}), "secrets.other"),
        (json!({"secrets": {"key": " "}}), "secrets.key"),
        (json!({"secrets": {"key": "x"}, "state": "disabled"}), "state"),
        (json!({"secrets": {"key": "x"}, "settings": {"base_url": "http://other"}}), "settings.base_url"),
        (json!({"secrets": {"key": "x"}, "settings": {"secrets_expire_on": "soon"}}), "settings.secrets_expire_on"),
    ] {
        let refused = scene.rotate(body.clone()).await;
        let Err(Refused::Fields(errors)) = refused else { panic!("{body}: {refused:?}") };
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), [field], "{body}");
    }
    assert_eq!(scene.shop().await, before);
}

#[tokio::test]
async fn a_key_that_the_vendor_exchanges_later_costs_no_attempt_and_no_pause() {
    let scene = scene().await;
    assert_eq!(scene.rotate(new_key()).await.unwrap().outcome, Outcome::Pending, "the vendor does not know it yet");
    scene.sell("9001").await;
    scene.work().await;
    assert_eq!(scene.only("shop").await.state, State::Delivered, "with the old one");

    scene.takes(&["new"]);
    for invoice in ["9002", "9003", "9004"] {
        scene.sell(invoice).await;
    }
    scene.knocks();
    scene.work().await;
    let exports = scene.exports().await;
    let ends: Vec<(State, u32)> =
        exports.iter().filter(|e| e.key.target.is_some()).map(|e| (e.state, e.attempts)).collect();
    assert_eq!(ends, [(State::Delivered, 0); 4]);
    assert_eq!(scene.world.effects_at("shop"), 4);
    let knocks = scene.knocks();
    assert_eq!(knocks.iter().filter(|key| *key == "old").count(), 1, "one refusal is enough: {knocks:?}");
    assert_eq!((scene.shop().await.state, scene.notices().await), (ConnectionState::Active, 0));
}

#[tokio::test]
async fn a_refusal_while_others_are_tried_waits_for_their_end() {
    let scene = scene().await;
    scene.rotate(new_key()).await.unwrap();
    scene.takes(&[]);
    // Somebody has begun to try them.
    let now = scene.flow.now();
    scene
        .change("shop", |shop| {
            let pending = shop.rotation.pending.as_mut().unwrap();
            (pending.tried_at, pending.failure) = (Some(now), None);
        })
        .await;
    scene.sell("9001").await;
    scene.work().await;
    let export = scene.only("shop").await;
    assert_eq!((hold_of(&export), export.attempts), (Some(HoldReason::ConnectionPaused), 0));
    assert_eq!(export.due_at, Some(now + seconds(5)));
    assert_eq!(scene.shop().await.state, ConnectionState::Active);
    // They do not come back: after a while somebody else tries, and it is the last word.
    scene.pass(seconds(36)).await;
    let shop = scene.shop().await;
    assert_eq!((shop.state, shop.pause.unwrap().reason), (ConnectionState::Paused, PauseReason::Credentials));
    assert_eq!(scene.notices().await, 1);
}

#[tokio::test]
async fn what_was_paused_for_its_credentials_goes_on_by_itself_once_the_new_ones_succeed() {
    let scene = scene().await;
    scene.takes(&[]);
    scene.sell("9001").await;
    scene.work().await;
    assert_eq!(scene.shop().await.state, ConnectionState::Paused);
    assert_eq!(scene.rotate(new_key()).await.unwrap().outcome, Outcome::Pending);
    assert_eq!(scene.shop().await.state, ConnectionState::Paused);
    scene.takes(&["new"]);
    let retry = async || {
        let shop = scene.shop().await;
        scene.flow.retry_pending(&shop, std::future::pending::<()>()).await.unwrap()
    };
    assert!(!retry().await, "not at once");
    scene.clock.advance(seconds(60));
    assert!(retry().await);
    assert!(!retry().await, "there is nothing left to try");
    scene.pass(seconds(10)).await;
    let export = scene.only("shop").await;
    assert_eq!((export.state, export.attempts), (State::Delivered, 0));
    assert_eq!(scene.shop().await.state, ConnectionState::Active);
}

#[tokio::test]
async fn pending_secrets_are_tried_ever_more_seldom_and_in_the_end_no_more() {
    let scene = scene().await;
    scene.rotate(new_key()).await.unwrap();
    let began = scene.flow.now();
    let mut waits = vec![];
    while let Some(next) = scene.shop().await.rotation.pending.unwrap().next_try {
        waits.push(next.duration_since(scene.flow.now()).as_secs());
        scene.clock.set(next);
        let shop = scene.shop().await;
        scene.flow.retry_pending(&shop, std::future::pending::<()>()).await.unwrap();
    }
    assert_eq!(waits[..10], [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600]);
    assert!(scene.flow.now().duration_since(began) > SignedDuration::from_hours(13 * 24));
    scene.takes(&["new"]);
    let checked = scene.flow.check_connection(&TenantId::local(), "shop", std::future::pending::<()>()).await.unwrap();
    assert_eq!(checked.rotation.pending, None, "but when somebody asks for a check");
    assert_eq!(scene.key().await, "new");
}

#[tokio::test]
async fn a_check_of_a_person_tries_the_pending_ones_and_else_those_in_use() {
    let scene = scene().await;
    scene.rotate(new_key()).await.unwrap();
    scene.knocks();
    let checked = scene.flow.check_connection(&TenantId::local(), "shop", std::future::pending::<()>()).await.unwrap();
    assert_eq!(scene.knocks(), ["new", "old"]);
    assert!(checked.check.unwrap().ok);
    assert!(checked.rotation.pending.is_some());
}

#[tokio::test]
async fn a_run_with_an_older_copy_of_the_secrets_pauses_nothing() {
    let scene = scene().await;
    scene.sell("9001").await;
    scene.work().await;
    // Another process exchanges them; this one has its copy for some seconds more.
    let other = Flow::new(scene.flow.parts().clone(), scene.flow.times().clone());
    scene.takes(&["new"]);
    assert_eq!(rotate(&other, new_key()).await.unwrap().outcome, Outcome::Replaced);
    scene.sell("9002").await;
    scene.work().await;
    assert_eq!(scene.knocks().last().map(String::as_str), Some("new"));
    assert_eq!((scene.shop().await.state, scene.notices().await), (ConnectionState::Active, 0));
    let dead = scene.exports().await.into_iter().filter(|e| e.attempts > 0 || e.state == State::Held).count();
    assert_eq!((dead, scene.world.effects_at("shop")), (0, 2));
}

#[tokio::test]
async fn what_a_person_writes_meanwhile_is_not_overwritten_by_what_was_tried() {
    let scene = scene().await;
    scene.rotate(new_key()).await.unwrap();
    scene.takes(&["put"]);
    let shop = scene.put(&shop(json!({"secrets": {"key": "put"}}))).await;
    assert_eq!((shop.state, &shop.rotation.pending), (ConnectionState::Active, &None), "it is not wanted any more");
    assert_eq!(scene.key().await, "put");
}

#[tokio::test]
async fn what_a_person_writes_during_the_check_is_what_counts() {
    let scene = scene().await;
    scene.takes(&["new", "put"]);
    let slow = Arc::new(Notify::new());
    *scene.door.slow.lock().unwrap() = Some(slow.clone());
    for written in [json!({"secrets": {"key": "put"}}), json!({"settings": {"base_url": "http://shop"}, "secrets": {}})]
    {
        let mut rotating = Box::pin(scene.rotate(new_key()));
        assert!(poll!(&mut rotating).is_pending(), "the check is under way");
        scene.clock.advance(seconds(1));
        scene.put(&shop(written.clone())).await;
        let between = scene.shop().await;
        slow.notify_one();
        let rotated = rotating.await.unwrap();
        assert!(rotated.outcome != Outcome::Replaced, "{written}");
        assert_eq!(scene.key().await, "put", "{written}");
        assert_eq!(scene.shop().await, between, "a success with what is not there any more says nothing: {written}");
    }
}

#[tokio::test]
async fn a_crash_at_any_write_leaves_one_set_that_works() {
    for moment in [Moment::Before, Moment::After] {
        for paused in [false, true] {
            for writes in 0.. {
                let scene = scene().await;
                if paused {
                    scene.takes(&[]);
                    scene.sell("9001").await;
                    scene.work().await;
                    assert_eq!(scene.shop().await.state, ConnectionState::Paused);
                }
                scene.takes(if paused { &["new"] } else { &["old", "new"] });
                scene.ledger.trouble().strike("put_connection", writes, moment, PortError::Unavailable("crash".into()));
                if scene.rotate(new_key()).await.is_ok() {
                    assert_eq!(writes, 3, "kept, taken to be tried, replaced");
                    break;
                }
                if !paused {
                    assert!(["old", "new"].contains(&scene.key().await.as_str()));
                    scene.sell("9001").await;
                    scene.pass(seconds(1)).await;
                }
                assert_eq!(scene.rotate(new_key()).await.unwrap().outcome, Outcome::Replaced, "{moment:?} {writes}");
                scene.pass(seconds(10)).await;
                let export = scene.only("shop").await;
                assert_eq!((export.state, export.attempts), (State::Delivered, 0), "{moment:?} {writes} {paused}");
                assert_eq!((scene.world.effects_at("shop"), scene.key().await.as_str()), (1, "new"));
            }
        }
    }
}

#[tokio::test]
async fn webhooks_signed_with_the_old_secret_are_accepted_for_the_overlap() {
    let scene = scene().await;
    scene.rotate(json!({"secrets": {"hook": "hook-2"}})).await.unwrap();
    assert_eq!(scene.hooks().await, ["hook-2", "hook-1"]);
    scene.clock.advance(SignedDuration::from_hours(12));
    let again = shop(json!({"secrets": {"hook": "hook-3"}}));
    scene.put(&again).await;
    assert_eq!(scene.hooks().await, ["hook-3", "hook-1", "hook-2"]);
    scene.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(scene.hooks().await, ["hook-3", "hook-2"]);
    scene.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(scene.hooks().await, ["hook-3"]);
    scene.put(&again).await;
    assert_eq!(scene.shop().await.rotation.former.len(), 1, "the older ones are gone");
}

#[tokio::test]
async fn the_overlap_can_be_ended_but_what_is_over_does_not_come_back() {
    let with = |overlap: &str, secrets: Value| {
        shop(json!({"settings": {"base_url": "http://shop", "rotation_overlap": overlap}, "secrets": secrets}))
    };
    let scene = scene().await;
    scene.put(&with("1h", json!({"hook": "hook-2"}))).await;
    assert_eq!(scene.hooks().await, ["hook-2", "hook-1"]);
    scene.put(&with("0s", json!({}))).await;
    assert_eq!(scene.hooks().await, ["hook-2"], "a secret that somebody has stolen");
    scene.put(&with("0s", json!({"hook": "hook-3"}))).await;
    scene.put(&with("48h", json!({}))).await;
    assert_eq!(scene.hooks().await, ["hook-3"]);
    scene.put(&with("48h", json!({"hook": "hook-4"}))).await;
    scene.put(&with("48h", json!({"hook": null}))).await;
    assert_eq!(scene.hooks().await, [""; 0], "removed is removed");
}

#[tokio::test]
async fn webhooks_may_be_signed_with_a_secret_that_waits() {
    let scene = scene().await;
    scene.takes(&[]);
    let rotated = scene.rotate(json!({"secrets": {"hook": "hook-2", "key": "new"}})).await.unwrap();
    assert_eq!(rotated.outcome, Outcome::Pending);
    assert_eq!(scene.hooks().await, ["hook-1", "hook-2"]);
    let account = scene.flow.account_anew(&"shop".parse_id()).await.unwrap().unwrap();
    assert_eq!(account.secrets.accepted("key", scene.flow.now()).collect::<Vec<_>>(), ["old"]);
    assert!(account.secrets.values().any(|secret| secret == "new"), "but no log may show it");
    scene.rotate(json!({"secrets": {"hook": null}})).await.unwrap();
    assert_eq!(scene.hooks().await, ["hook-1"]);
}

#[tokio::test]
async fn a_connection_stored_by_an_older_program_has_nothing_to_exchange() {
    let scene = scene().await;
    let mut stored = serde_json::to_value(scene.shop().await).unwrap();
    assert!(stored.as_object_mut().unwrap().remove("rotation").is_none(), "nothing is written where there is nothing");
    let read: Connection = serde_json::from_value(stored).unwrap();
    assert_eq!(read, scene.ledger.connection(&"shop".parse_id()).await.unwrap().unwrap());
}
