//! A connection that a person allows at the vendor: the way there and back, and tokens that the vendor exchanges at each
//! use, with several processes and with crashes, at the practice vendor over the real sender.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's stage: what fails here fails the test"
)]

#[expect(dead_code, reason = "the engine of these tests makes its own conversations")]
mod practice;

use async_trait::async_trait;
use connectors::{Answer, Hosts, Http, HttpError, Lane, Registry, Request};
use domain::{Code, Connection, ConnectionId, ConnectionState, PauseReason, TenantId};
use export_flow::connections::{CameBack, Connected, Outcome, PutOptions, Rotated};
use export_flow::ports::{Connections as _, PortError};
use export_flow::refused::Refused;
use export_flow::{Flow, Parts, Times};
use http_sender::{HttpSender, Options};
use jiff::SignedDuration;
use practice::World;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, Moment, PlainKeys, SeededEntropy};
use tokio::sync::Notify;

const BACK: &str = "https://backhaul.example/oauth/callback";
const ID: &str = "books";

/// The way out, which can keep back the answer of a token call.
struct Way {
    sender: HttpSender,
    kept_back: Mutex<Option<(Arc<Notify>, Arc<Notify>)>>,
}

#[async_trait]
impl Http for Way {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        let token = request.url.path().ends_with("/oauth/token");
        let answer = self.sender.call(lane, request, writing).await;
        let kept_back = self.kept_back.lock().unwrap().take_if(|_| token);
        if let Some((answered, go)) = kept_back {
            answered.notify_one();
            go.notified().await;
        }
        answer
    }
}

struct Office {
    world: World,
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    way: Arc<Way>,
}

/// Processes must not draw the same random words.
fn process(office: &Office, seed: u64) -> Flow {
    let parts = Parts {
        ledger: office.ledger.clone(),
        queue: MemoryQueue::new(office.clock.clone()),
        keys: Arc::new(PlainKeys),
        http: office.way.clone(),
        clock: office.clock.clone(),
        entropy: SeededEntropy::new(seed),
        registry: Registry::standard(),
    };
    Flow::new(parts, Times::default())
}

impl Office {
    async fn new() -> Self {
        let world = World::new().await;
        let clock = ManualClock::at_noon();
        let options = Options { allow_private_targets: true, ..Options::default() };
        let sender = HttpSender::new(options, clock.clone());
        let way = Arc::new(Way { sender, kept_back: Mutex::default() });
        let office = Self { world, clock, ledger: Arc::new(MemoryLedger::default()), way };
        office.vendor(json!({"redirect_uri": BACK})).await;
        office
    }

    async fn vendor(&self, change: Value) {
        self.world.control("PATCH", "/_sandbox/vendors/fakturoid", Some(change)).await;
    }

    /// The token calls so far.
    async fn asked(&self) -> u64 {
        let calls = self.world.control("GET", "/_sandbox/calls", None).await;
        calls["vendors"]["fakturoid"]["token"].as_u64().unwrap_or(0)
    }

    async fn put(&self, flow: &Flow, change: Value) -> Connection {
        let given = self.world.control("GET", "/_sandbox/vendors/fakturoid", None).await;
        let mut settings = given["settings"].clone();
        settings["auth"] = json!("authorization_code");
        let mut body = json!({"role": "accounting", "connector": "fakturoid", "settings": settings,
            "secrets": given["secrets"]});
        for (name, value) in change.as_object().unwrap() {
            body["settings"][name] = value.clone();
        }
        let options = PutOptions { allow_private_targets: true, creates: false };
        let never = std::future::pending();
        flow.put_connection(&TenantId::local(), ID, &body, options, never).await.unwrap().connection
    }

    /// Presses one of the buttons of the vendor's page, and gives back what stands in the address a person is sent to.
    async fn press(&self, page: &url::Url, decision: &str) -> HashMap<String, String> {
        let lane = Lane {
            tenant: TenantId::local(),
            connection: ConnectionId::new("browser"),
            pace: None,
            hosts: Hosts::BaseUrl(page.origin().ascii_serialization()),
        };
        let shown = self.way.sender.call(&lane, Request::get(page.clone()), false).await.unwrap();
        assert_eq!(shown.status, 200, "{}", shown.excerpt());
        let mut to = page.clone();
        to.set_query(None);
        let body = format!("{}&decision={decision}", page.query().unwrap());
        let request = Request::new(::http::Method::POST, to).body("application/x-www-form-urlencoded", body);
        let sent = self.way.sender.call(&lane, request, true).await.unwrap();
        assert_eq!(sent.status, 302, "{}", sent.excerpt());
        let to: url::Url = sent.header("location").unwrap().parse().unwrap();
        assert!(to.as_str().starts_with(BACK), "{to}");
        to.query_pairs().into_owned().collect()
    }

    /// The whole way.
    async fn connect(&self, flow: &Flow) -> Rotated {
        let leaving = flow.begin_connect(&TenantId::local(), ID, BACK).await.unwrap();
        let back = self.press(&leaving.url, "allow").await;
        match come_back(flow, &back["state"], CameBack::Code(&back["code"])).await.unwrap() {
            Connected::Allowed(rotated) => rotated,
            Connected::Refused(word, _) => panic!("{word}"),
        }
    }

    /// A connection that works, at a vendor that exchanges refresh tokens.
    async fn exchanging(&self, flow: &Flow) {
        self.vendor(json!({"rotate_refresh_tokens": true})).await;
        self.put(flow, json!({})).await;
        assert_eq!(self.connect(flow).await.outcome, Outcome::Replaced);
    }

    async fn stored(&self) -> Connection {
        self.ledger.connection(&ConnectionId::new(ID)).await.unwrap().unwrap()
    }

    /// So late that every access token has ended here; at the vendor it lives on.
    fn tokens_end(&self) {
        self.clock.advance(SignedDuration::from_hours(3));
    }
}

async fn come_back(flow: &Flow, state: &str, back: CameBack<'_>) -> Result<Connected, Refused> {
    flow.finish_connect(&TenantId::local(), state, back, std::future::pending()).await
}

async fn read(flow: &Flow) -> Result<(), Refused> {
    flow.documents(&TenantId::local(), ID, None, 10, None).await.map(drop)
}

fn assert_conflict(result: Result<Connected, Refused>) {
    assert!(matches!(result, Err(Refused::Conflict(_))), "{result:?}");
}

#[tokio::test]
async fn a_person_allows_a_connection_at_the_vendor_and_it_works() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    let saved = office.put(&flow, json!({})).await;
    assert_eq!((saved.state, saved.check), (ConnectionState::Unverified, None), "there is nothing to be checked yet");
    assert_eq!(office.asked().await, 0);

    let rotated = office.connect(&flow).await;
    assert!(rotated.check.as_ref().unwrap().ok, "{:?}", rotated.check);
    assert_eq!((rotated.outcome, rotated.connection.state), (Outcome::Replaced, ConnectionState::Active));
    assert_eq!(office.asked().await, 1, "what came for the code is used");
    read(&flow).await.unwrap();
    let other = process(&office, 2);
    read(&other).await.unwrap();
    assert_eq!(office.asked().await, 1, "another process uses the same");
    office.tokens_end();
    read(&flow).await.unwrap();
    assert_eq!(office.asked().await, 2);
    assert!(!format!("{:?}", office.stored().await.settings).contains("refresh_token"));
}

#[tokio::test]
async fn a_way_back_can_be_gone_once_in_time_and_by_its_own_tenant() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.put(&flow, json!({})).await;
    let leave = async || flow.begin_connect(&TenantId::local(), ID, BACK).await.unwrap().url;

    let page = leave().await;
    let back = office.press(&page, "allow").await;
    let (state, code) = (back["state"].as_str(), CameBack::Code(&back["code"]));
    assert_conflict(come_back(&flow, &format!("{ID}.0000"), code).await);
    assert!(matches!(come_back(&flow, "nobody.0000", code).await, Err(Refused::Unknown(_))));
    assert!(matches!(come_back(&flow, "", code).await, Err(Refused::Unknown(_))));
    let stranger = TenantId::new("stranger");
    let never = std::future::pending();
    assert!(matches!(flow.finish_connect(&stranger, state, code, never).await, Err(Refused::Unknown(_))));
    // None of these has closed the way of who holds the state.
    let allowed = come_back(&flow, state, code).await.unwrap();
    assert!(matches!(allowed, Connected::Allowed(Rotated { outcome: Outcome::Replaced, .. })), "{allowed:?}");
    assert_conflict(come_back(&flow, state, code).await);
    assert_eq!(office.asked().await, 1, "a code is exchanged once");

    let (older, newer) = (leave().await, leave().await);
    let (older, newer) = (office.press(&older, "allow").await, office.press(&newer, "allow").await);
    assert_conflict(come_back(&flow, &older["state"], CameBack::Code(&older["code"])).await);
    office.clock.advance(SignedDuration::from_mins(10));
    assert_conflict(come_back(&flow, &newer["state"], CameBack::Code(&newer["code"])).await);
    assert_eq!(office.asked().await, 1);
}

#[tokio::test]
async fn two_that_come_back_at_once_exchange_once() {
    let office = Office::new().await;
    let (one, two) = (process(&office, 1), process(&office, 2));
    office.put(&one, json!({})).await;
    let leaving = one.begin_connect(&TenantId::local(), ID, BACK).await.unwrap();
    let back = office.press(&leaving.url, "allow").await;
    let code = || CameBack::Code(&back["code"]);
    let both = tokio::join!(come_back(&one, &back["state"], code()), come_back(&two, &back["state"], code()));
    assert_eq!([both.0.is_ok(), both.1.is_ok()].iter().filter(|ok| **ok).count(), 1, "{both:?}");
    assert_eq!(office.stored().await.state, ConnectionState::Active);
    assert_eq!(office.asked().await, 1);
}

#[tokio::test]
async fn who_does_not_allow_it_changes_nothing() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.put(&flow, json!({})).await;
    office.connect(&flow).await;
    let before = office.stored().await;
    let leaving = flow.begin_connect(&TenantId::local(), ID, BACK).await.unwrap();
    let back = office.press(&leaving.url, "deny").await;
    match come_back(&flow, &back["state"], CameBack::Error(&back["error"])).await.unwrap() {
        Connected::Refused(word, _) => assert_eq!(word, "access_denied"),
        Connected::Allowed(rotated) => panic!("{rotated:?}"),
    }
    let after = office.stored().await;
    assert_eq!(Connection { version: before.version, ..after }, before);
    assert_conflict(come_back(&flow, &back["state"], CameBack::Error(&back["error"])).await);
}

#[tokio::test]
async fn a_code_that_the_vendor_does_not_take_leaves_what_works() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.put(&flow, json!({})).await;
    office.connect(&flow).await;
    let secrets = office.stored().await.secrets;
    office.vendor(json!({"code_seconds": 0})).await;
    let leaving = flow.begin_connect(&TenantId::local(), ID, BACK).await.unwrap();
    let back = office.press(&leaving.url, "allow").await;
    let refused = come_back(&flow, &back["state"], CameBack::Code(&back["code"])).await.unwrap_err();
    assert!(
        matches!(&refused, Refused::Vendor(Code::CredentialsRefused, said) if said.contains("invalid_grant")),
        "{refused:?}"
    );
    let stored = office.stored().await;
    assert_eq!((stored.state, &stored.rotation.pending), (ConnectionState::Active, &None));
    assert_eq!(stored.secrets, secrets);
    read(&flow).await.unwrap();
}

#[tokio::test]
async fn what_was_allowed_for_another_account_does_not_push_out_what_works() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    let before = office.stored().await.secrets["refresh_token"].clone();
    // As if the second person had another account: the check finds none of this name.
    let fault = json!({"vendor": "fakturoid", "match": "user.json", "kind": "answer", "status": 200,
        "body": "{\"accounts\":[{\"slug\":\"somebody-else\"}]}"});
    office.world.control("POST", "/_sandbox/faults", Some(fault)).await;
    let rotated = office.connect(&flow).await;
    assert_eq!((rotated.outcome, rotated.connection.state), (Outcome::Pending, ConnectionState::Active));
    assert_eq!(rotated.connection.secrets["refresh_token"], before);
    office.world.control("DELETE", "/_sandbox/faults", None).await;
    read(&flow).await.unwrap();
    // What lies beside is exchanged in its own place when it is tried again, and then takes over.
    office.tokens_end();
    let checked = flow.check_connection(&TenantId::local(), ID, std::future::pending()).await.unwrap();
    assert_eq!((checked.state, &checked.rotation.pending), (ConnectionState::Active, &None));
    assert_ne!(checked.secrets["refresh_token"].origin(), before.origin());
    office.tokens_end();
    read(&flow).await.unwrap();
}

#[tokio::test]
async fn refresh_tokens_that_are_good_once_are_used_once() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    let mut seen = vec![office.stored().await.secrets["refresh_token"].sealed.clone()];
    for n in 0..4 {
        office.tokens_end();
        // Each time another process: none knows anything but what is stored.
        read(&process(&office, 10 + n)).await.unwrap();
        let stored = office.stored().await;
        let secret = &stored.secrets["refresh_token"];
        assert_eq!(secret.granted.as_ref().unwrap().before.as_ref(), seen.last(), "the one before lies beside");
        assert!(!seen.contains(&secret.sealed));
        seen.push(secret.sealed.clone());
    }
    assert_eq!(office.asked().await, 5);
    let checked = flow.check_connection(&TenantId::local(), ID, std::future::pending()).await.unwrap();
    assert!(checked.check.unwrap().ok);
}

#[tokio::test]
async fn a_check_that_is_given_another_refresh_token_is_noted() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    office.tokens_end();
    let now = flow.now();
    let checked = flow.check_connection(&TenantId::local(), ID, std::future::pending()).await.unwrap();
    assert_eq!(checked.check.map(|check| (check.ok, check.at)), Some((true, now)));
    assert_eq!(office.asked().await, 2);
}

#[tokio::test]
async fn two_processes_at_once_refresh_once() {
    let office = Office::new().await;
    let (one, two) = (process(&office, 1), process(&office, 2));
    office.exchanging(&one).await;
    office.tokens_end();
    let (answered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    *office.way.kept_back.lock().unwrap() = Some((Arc::clone(&answered), Arc::clone(&go)));
    let first = async { read(&one).await };
    let second = async {
        answered.notified().await;
        let told = read(&two).await;
        go.notify_one();
        told
    };
    let (first, second) = tokio::join!(first, second);
    first.unwrap();
    assert!(matches!(&second, Err(Refused::Vendor(Code::RateLimited, _))), "it is told to come again: {second:?}");
    read(&two).await.unwrap();
    assert_eq!(office.asked().await, 2, "one for the code, one for the refresh");
}

#[tokio::test]
async fn runs_of_one_process_wait_for_the_one_that_asks() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    office.tokens_end();
    for result in futures_util::future::join_all((0..8).map(|_| read(&flow))).await {
        result.unwrap();
    }
    assert_eq!(office.asked().await, 2);
}

/// The first write after the vendor's answer fails, and every one after it.
fn nothing_is_written(office: &Office) {
    for n in 0..8 {
        let gone = PortError::Unavailable("on purpose".to_owned());
        office.ledger.trouble().strike("put_connection", usize::from(n == 0), Moment::Before, gone);
    }
}

#[tokio::test]
async fn what_the_store_did_not_take_is_written_before_anything_else_is_asked_for() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    office.tokens_end();
    nothing_is_written(&office);
    assert!(matches!(read(&flow).await, Err(Refused::Ours(_))), "it is not used before it is written");
    read(&flow).await.unwrap();
    assert_eq!(office.asked().await, 2);
    office.tokens_end();
    read(&process(&office, 2)).await.unwrap();
    assert_eq!(office.stored().await.state, ConnectionState::Active);
}

#[tokio::test]
async fn a_process_that_ends_after_the_write_loses_nothing() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    office.tokens_end();
    // The write happens, its answer does not come; then the process is gone.
    let lost = PortError::Unavailable("on purpose".to_owned());
    office.ledger.trouble().strike("put_connection", 1, Moment::After, lost);
    read(&flow).await.unwrap();
    drop(flow);
    office.tokens_end();
    read(&process(&office, 2)).await.unwrap();
    assert_eq!(office.stored().await.state, ConnectionState::Active);
    assert_eq!(office.asked().await, 3);
}

#[tokio::test]
async fn a_process_that_ends_before_the_write_loses_nothing_where_the_vendor_gives_once_more() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    office.vendor(json!({"refresh_again_seconds": 3600})).await;
    office.tokens_end();
    nothing_is_written(&office);
    assert!(read(&flow).await.is_err());
    drop(flow);
    let other = process(&office, 2);
    let early = read(&other).await;
    assert!(matches!(&early, Err(Refused::Vendor(Code::RateLimited, _))), "its turn has not run out: {early:?}");
    office.clock.advance(SignedDuration::from_secs(61));
    read(&other).await.unwrap();
    assert_eq!(office.stored().await.state, ConnectionState::Active);
}

#[tokio::test]
async fn what_is_no_longer_allowed_pauses_until_a_person_connects_again() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.exchanging(&flow).await;
    office.vendor(json!({"revoke_consents": true})).await;
    office.tokens_end();
    let checked = flow.check_connection(&TenantId::local(), ID, std::future::pending()).await.unwrap();
    assert_eq!(checked.state, ConnectionState::Paused);
    let pause = checked.pause.unwrap();
    assert_eq!(pause.reason, PauseReason::Credentials);
    let failed = checked.check.unwrap().steps.pop().unwrap();
    assert_eq!(failed.code, Some(Code::CredentialsRefused));
    assert!(failed.message.unwrap().contains("connect it once more"));
    assert_eq!(office.connect(&flow).await.outcome, Outcome::Replaced);
    assert_eq!(office.stored().await.state, ConnectionState::Active);
    read(&flow).await.unwrap();
}

#[tokio::test]
async fn another_way_of_signing_in_forgets_what_was_allowed() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.put(&flow, json!({})).await;
    office.connect(&flow).await;
    let put = office.put(&flow, json!({"auth": "client_credentials"})).await;
    assert_eq!(put.state, ConnectionState::Active);
    assert!(!put.secrets.contains_key("refresh_token") && put.oauth.is_empty());
    let refused = flow.begin_connect(&TenantId::local(), ID, BACK).await;
    assert!(matches!(refused, Err(Refused::Conflict(_))));
}

#[tokio::test]
async fn a_wrong_client_secret_is_found_out_although_a_token_still_lives() {
    let office = Office::new().await;
    let flow = process(&office, 1);
    office.put(&flow, json!({})).await;
    office.connect(&flow).await;
    let wrong = json!({"secrets": {"client_secret": "wrong"}});
    let rotated = flow.rotate_secrets(&TenantId::local(), ID, &wrong, std::future::pending()).await.unwrap();
    assert_eq!(rotated.outcome, Outcome::Pending, "{:?}", rotated.check);
    assert_eq!(rotated.connection.state, ConnectionState::Active);
}
