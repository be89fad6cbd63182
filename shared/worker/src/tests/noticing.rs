use super::{VENDORS, in_minutes};
use crate::Sweep;
use ::http::Method;
use connectors::Registry;
use data_encoding::BASE64;
use domain::{Code, ConnectionState, HoldReason, NoticeKind, NoticeWay, Pause, PauseReason, Role, TenantId};
use export_flow::claim::Claimed;
use export_flow::notices::{Facts, Letter, Notice, NoticeStore as _, Notifier, TellingWays, Undelivered};
use export_flow::ports::Ledger as _;
use export_flow::{Flow, Parts, Times};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use testkit::{FakeHttp, ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, answer, samples};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Scene {
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    http: Arc<FakeHttp>,
    mail: Arc<Mail>,
}

/// A mail server that takes everything, or nothing.
#[derive(Default)]
struct Mail {
    down: Mutex<bool>,
    letters: Mutex<Vec<(Letter, Vec<String>)>>,
}

#[async_trait::async_trait]
impl Notifier for Mail {
    fn way(&self) -> NoticeWay {
        NoticeWay::Email
    }

    async fn notify(&self, letter: &Letter, to: &[String]) -> Result<(), Undelivered> {
        if *self.down.lock().unwrap() {
            return Err(Undelivered::new(Code::Unreachable, "nobody there"));
        }
        self.letters.lock().unwrap().push((letter.clone(), to.to_vec()));
        Ok(())
    }
}

impl Scene {
    fn new() -> Self {
        Self {
            clock: ManualClock::at_noon(),
            ledger: Arc::new(MemoryLedger::default()),
            http: Arc::new(FakeHttp::default()),
            mail: Arc::new(Mail::default()),
        }
    }

    /// A process of its own on the same store.
    fn flow(&self) -> Arc<Flow> {
        let parts = Parts {
            ledger: self.ledger.clone(),
            queue: MemoryQueue::new(self.clock.clone()),
            keys: Arc::new(PlainKeys),
            http: self.http.clone(),
            clock: self.clock.clone(),
            entropy: SeededEntropy::new(1),
            registry: Registry::of(&VENDORS),
        };
        let ways = TellingWays { here: vec![self.mail.clone()], elsewhere: BTreeSet::new() };
        Arc::new(Flow::new(parts, Times::default()).telling(ways))
    }

    fn sweep(&self) -> Sweep {
        Sweep::new(self.flow())
    }

    async fn wants(&self, settings: Value) {
        self.flow().put_notice_settings(&TenantId::local(), &settings).await.unwrap();
    }

    fn shop(&self, reason: Option<PauseReason>, since: Timestamp) {
        let mut connection = samples::connection(&samples::shop(), Role::Channel, "listing");
        if let Some(reason) = reason {
            connection.state = ConnectionState::Paused;
            let next_probe = Some(since + SignedDuration::from_hours(24));
            connection.pause = Some(Pause { reason, since, next_probe, next_step: String::new() });
        }
        self.ledger.put_connection_as_is(connection);
    }

    /// Ids of the messages that the receiver was sent, each checked against its signature.
    fn received(&self) -> Vec<String> {
        let calls = self.http.calls();
        calls
            .iter()
            .map(|call| {
                let header = |name: &str| call.request.headers[name].to_str().unwrap().to_owned();
                let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
                let key = BASE64.decode(SECRET.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
                let tag = BASE64.decode(header("webhook-signature").strip_prefix("v1,").unwrap().as_bytes()).unwrap();
                ring::hmac::verify(&key, format!("{id}.{at}.{}", call.text()).as_bytes(), &tag).unwrap();
                let body: Value = serde_json::from_str(&call.text()).unwrap();
                assert_eq!(body["data"]["id"], id.as_str());
                id
            })
            .collect()
    }
}

fn webhook() -> Value {
    json!({"webhook": {"url": "https://hooks.example/in?x=1", "secret": SECRET},
        "kinds": ["connection_paused", "uncertain", "dead_letter"]})
}

fn dead(id: &str, code: Code, at: Timestamp) -> Notice {
    let facts = Facts { code: Some(code), connection: Some(samples::shop()), ..Facts::default() };
    Notice::new(TenantId::local(), id.into(), NoticeKind::DeadLetter, at, facts)
}

#[tokio::test]
async fn a_pause_that_nobody_told_of_is_told_by_the_sweep_once() {
    let scene = Scene::new();
    scene.wants(webhook()).await;
    scene.http.on(Method::POST, "/in", |_| answer(204, "", ""));
    scene.shop(Some(PauseReason::Credentials), samples::noon());
    let sweep = scene.sweep();
    assert_eq!(sweep.pass().await.notices, 1);
    for minutes in [1, 2, 60] {
        scene.clock.set(in_minutes(minutes));
        assert_eq!(sweep.pass().await.notices, 0);
        assert_eq!(scene.sweep().pass().await.notices, 0, "nor by a process that starts");
    }
    assert_eq!(scene.received().len(), 1);
    scene.shop(Some(PauseReason::Outage), in_minutes(61));
    scene.clock.set(in_minutes(62));
    assert_eq!(sweep.pass().await.notices, 1, "another pause is another notice");
    scene.shop(Some(PauseReason::ByHand), in_minutes(63));
    scene.clock.set(in_minutes(64));
    assert_eq!(sweep.pass().await.notices, 0, "whoever pauses by hand knows");
}

#[tokio::test]
async fn secrets_that_end_are_told_of_two_weeks_three_days_and_one_day_before_once_each() {
    let scene = Scene::new();
    let mut wanted = webhook();
    wanted["kinds"] = json!(["credentials_expiring"]);
    scene.wants(wanted).await;
    scene.http.on(Method::POST, "/in", |_| answer(204, "", ""));
    let start = samples::noon();
    let mut shop = samples::connection(&samples::shop(), Role::Channel, "listing");
    let ends = start + SignedDuration::from_hours(24 * 20);
    shop.settings.insert("secrets_expire_on".into(), ends.strftime("%F").to_string().into());
    scene.ledger.put_connection_as_is(shop);
    let mut told = vec![];
    for hour in 0..24 * 25 {
        scene.clock.set(start + SignedDuration::from_hours(hour));
        // A process that has told nothing yet: what was told is known by the store.
        if scene.sweep().pass().await.notices > 0 {
            told.push(hour / 24);
        }
    }
    assert_eq!(told, [5, 16, 18]);
}

#[tokio::test]
async fn a_receiver_that_is_down_for_an_hour_gets_each_notice_once() {
    let scene = Scene::new();
    let mut wanted = webhook();
    wanted["email"] = json!(["a@example.com"]);
    scene.wants(wanted).await;
    let up_at = in_minutes(60);
    let clock = scene.clock.clone();
    scene.http.on(Method::POST, "/in", move |_| {
        if connectors::Clock::now(clock.as_ref()) < up_at {
            Err(connectors::HttpError::TimedOut)
        } else {
            answer(200, "", "")
        }
    });
    let sweep = scene.sweep();
    for n in 0..3 {
        let notice = dead(&format!("dead:{n}"), Code::VendorRefused, samples::at(n));
        assert!(scene.ledger.put_notice(&notice).await.unwrap());
    }
    let mut calls = vec![];
    for minute in 1..180 {
        scene.clock.set(in_minutes(minute));
        sweep.pass().await;
        calls.push(scene.http.calls().len());
    }
    let ids: Vec<String> = scene.ledger.notices().iter().map(Notice::message_id).collect();
    let mut tries: BTreeMap<String, usize> = BTreeMap::new();
    for id in scene.received() {
        *tries.entry(id).or_default() += 1;
    }
    assert_eq!(tries.keys().cloned().collect::<BTreeSet<_>>(), ids.iter().cloned().collect(), "all of them");
    let sent_after: Vec<usize> = calls[60..].to_vec();
    assert_eq!(sent_after.last(), Some(&scene.http.calls().len()));
    for notice in scene.ledger.notices() {
        let way = &notice.ways[&NoticeWay::Webhook];
        assert!(way.sent_at.unwrap() >= up_at && notice.due_at.is_none(), "{notice:?}");
        // One call after the receiver was up, and none after that.
        assert_eq!(tries[&notice.message_id()], usize::try_from(way.failed).unwrap() + 1);
    }
    assert!(calls[0] == 1, "one that fails is not asked for the others in the same pass: {calls:?}");
    assert!(calls.iter().filter(|n| **n <= 20).count() > 55, "it is asked at a growing distance: {calls:?}");
    let mails: Vec<String> = scene.mail.letters.lock().unwrap().iter().map(|(letter, _)| letter.id.clone()).collect();
    assert_eq!(mails.len(), 3, "the other way did not wait");
    assert_eq!(mails.into_iter().collect::<BTreeSet<_>>().len(), 3);
}

#[tokio::test]
async fn a_pass_cut_off_after_sending_sends_the_same_again() {
    let scene = Scene::new();
    scene.wants(webhook()).await;
    scene.http.on(Method::POST, "/in", |_| answer(200, "", ""));
    scene.ledger.put_notice(&dead("d", Code::Crashed, samples::noon())).await.unwrap();
    // The second write of the notice is the one that says what became of it.
    let error = export_flow::ports::PortError::Unavailable("cut off".into());
    scene.ledger.trouble().strike("change_notice", 1, testkit::Moment::Before, error);
    scene.sweep().pass().await;
    scene.sweep().pass().await;
    assert_eq!(scene.received().len(), 1, "it is left alone while it may be under way");
    scene.clock.set(in_minutes(6));
    scene.sweep().pass().await;
    let received = scene.received();
    assert_eq!((received.len(), received[0] == received[1]), (2, true), "{received:?}");
    scene.clock.set(in_minutes(60));
    scene.sweep().pass().await;
    assert_eq!(scene.received().len(), 2);
}

#[tokio::test]
async fn of_two_passes_at_once_one_sends() {
    let scene = Scene::new();
    scene.wants(webhook()).await;
    scene.http.on(Method::POST, "/in", |_| answer(200, "", ""));
    let notice = dead("d", Code::Crashed, samples::noon());
    scene.ledger.put_notice(&notice).await.unwrap();
    let settings = scene.ledger.notice_settings(&TenantId::local()).await.unwrap();
    let (one, other) = (scene.flow(), scene.flow());
    for flow in [&one, &other] {
        flow.send_notice(notice.clone(), settings.as_ref(), &mut BTreeSet::new()).await.unwrap();
    }
    assert_eq!(scene.received().len(), 1);
}

#[tokio::test]
async fn what_nobody_wants_is_at_its_end_and_is_not_told_later() {
    let scene = Scene::new();
    scene.ledger.put_notice(&dead("d", Code::Crashed, samples::noon())).await.unwrap();
    assert_eq!(scene.sweep().pass().await.notices, 0);
    assert_eq!(scene.ledger.notices()[0].due_at, None);
    scene.wants(webhook()).await;
    scene.clock.set(in_minutes(600));
    assert_eq!(scene.sweep().pass().await.notices, 0);
    assert!(scene.http.calls().is_empty());
}

#[tokio::test]
async fn a_notice_that_is_never_taken_is_given_up_after_three_days() {
    let scene = Scene::new();
    scene.wants(webhook()).await;
    scene.http.on(Method::POST, "/in", |_| answer(410, "", ""));
    scene.ledger.put_notice(&dead("d", Code::Crashed, samples::noon())).await.unwrap();
    let sweep = scene.sweep();
    for hour in 0..100 {
        scene.clock.set(in_minutes(hour * 61));
        sweep.pass().await;
    }
    let notice = scene.ledger.notices().remove(0);
    let way = &notice.ways[&NoticeWay::Webhook];
    assert_eq!((notice.due_at, way.sent_at, way.next_at), (None, None, None));
    assert_eq!(way.error.as_ref().unwrap().code, Code::NoticeRefused);
    let tries = scene.http.calls().len();
    assert!((65..80).contains(&tries), "{tries}");
}

async fn held(scene: &Scene, id: &str, reason: HoldReason) {
    let claim = samples::claim(samples::key(id), "run", samples::noon());
    let Claimed::Won { export, .. } = scene.ledger.claim(&claim).await.unwrap() else { panic!() };
    let held = samples::held(&export, reason, in_minutes(100_000));
    scene.ledger.finish(&samples::guard(&export), &held).await.unwrap().unwrap();
}

fn mailed(scene: &Scene) -> Vec<String> {
    scene.mail.letters.lock().unwrap().iter().map(|(letter, _)| letter.text.clone()).collect()
}

#[tokio::test]
async fn a_digest_goes_out_once_a_day_at_its_hour_whoever_passes() {
    let scene = Scene::new();
    scene.shop(None, samples::noon());
    scene.wants(json!({"email": ["a@example.com"], "digest": {"hour": 7, "time_zone": "Europe/Prague"}})).await;
    held(&scene, "1", HoldReason::OrderUnknown).await;
    held(&scene, "2", HoldReason::OrderUnknown).await;
    // 2026-03-02T12:00:00Z; the next seven o'clock there is 2026-03-03T06:00:00Z.
    let (one, other) = (scene.sweep(), scene.sweep());
    for minute in (0..(3 * 24 * 60)).step_by(30) {
        scene.clock.set(in_minutes(minute));
        tokio::join!(one.pass(), other.pass());
    }
    let texts = mailed(&scene);
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].contains("2 The order is not known yet"), "{}", texts[0]);
    let dates: Vec<String> = scene.ledger.notices().iter().map(|notice| notice.id.clone()).collect();
    assert_eq!(dates, ["digest:2026-03-03", "digest:2026-03-04", "digest:2026-03-05"]);
    let first = scene.ledger.notices().remove(0);
    assert_eq!(first.at.to_string(), "2026-03-03T06:00:00Z");
}

#[tokio::test]
async fn where_there_is_nothing_to_say_no_digest_goes_out() {
    let scene = Scene::new();
    scene.shop(None, samples::noon());
    scene.wants(json!({"email": ["a@example.com"], "digest": {"hour": 0, "time_zone": "UTC"}})).await;
    scene.clock.set(in_minutes(24 * 60));
    scene.sweep().pass().await;
    held(&scene, "1", HoldReason::OrderUnknown).await;
    scene.sweep().pass().await;
    assert!(mailed(&scene).is_empty(), "it was looked at once, at its hour");
    scene.clock.set(in_minutes(48 * 60));
    scene.sweep().pass().await;
    assert_eq!(mailed(&scene).len(), 1);
}

#[tokio::test]
async fn a_test_says_of_each_way_what_became_of_it() {
    use export_flow::notices::Tried;
    let scene = Scene::new();
    let flow = scene.flow();
    assert!(flow.test_notices(&TenantId::local()).await.is_err(), "no way is set");
    let mut wanted = webhook();
    wanted["email"] = json!(["a@example.com"]);
    scene.wants(wanted).await;
    scene.http.on(Method::POST, "/in", |_| answer(401, "", ""));
    let tried = flow.test_notices(&TenantId::local()).await.unwrap();
    let refused = Undelivered::new(Code::NoticeRefused, domain::remark::receiver_answered(401));
    assert_eq!(tried, [(NoticeWay::Webhook, Tried::Failed(refused)), (NoticeWay::Email, Tried::Sent)]);
    assert!(scene.ledger.notices().is_empty(), "a test is not repeated");
}

#[tokio::test]
async fn settings_are_refused_by_field() {
    let scene = Scene::new();
    let flow = scene.flow();
    let fields = async |given: Value| match flow.put_notice_settings(&TenantId::local(), &given).await {
        Err(export_flow::refused::Refused::Fields(errors)) => {
            errors.into_iter().map(|error| error.field).collect::<Vec<_>>().join(" ")
        }
        other => panic!("{other:?}"),
    };
    let url = |url: &str| json!({"webhook": {"url": url}});
    for bad in ["ftp://x.example/", "https://user:pw@x.example/", "https://", "x"] {
        assert_eq!(fields(url(bad)).await, "webhook.url", "{bad}");
    }
    assert_eq!(fields(json!({"webhook": {"url": "https://x.example/", "secret": "short"}})).await, "webhook.secret");
    assert_eq!(fields(json!({"email": ["a@example.com", "a b@example.com", "x"]})).await, "email.1 email.2");
    assert_eq!(fields(json!({"email": ["a@example.com\r\nBcc: b@example.com"]})).await, "email.0");
    assert_eq!(fields(json!({"topic": true})).await, "topic", "this deployment has none");
    assert_eq!(fields(json!({"kinds": ["digest"]})).await, "kinds");
    assert_eq!(fields(json!({"digest": {"hour": 24, "time_zone": "Mars/Base"}})).await, "digest.hour digest.time_zone");
    assert_eq!(fields(json!({"other": 1})).await, "other");
}

#[tokio::test]
async fn a_secret_is_shown_when_it_is_made_and_kept_when_it_is_left_out() {
    let scene = Scene::new();
    let (flow, tenant) = (scene.flow(), TenantId::local());
    let given = json!({"webhook": {"url": "https://hooks.example/in"}});
    let made = flow.put_notice_settings(&tenant, &given).await.unwrap();
    assert!(export_flow::notices::signing_key(secrecy::ExposeSecret::expose_secret(&made.secret.unwrap())).is_some());
    scene.clock.set(in_minutes(1));
    let kept = flow.put_notice_settings(&tenant, &given).await.unwrap();
    assert!(kept.secret.is_none());
    assert_eq!(kept.settings.webhook.unwrap().secret.changed_at, samples::noon());
    let anew = json!({"webhook": {"url": "https://hooks.example/in", "secret": null}});
    assert!(flow.put_notice_settings(&tenant, &anew).await.unwrap().secret.is_some());
}
