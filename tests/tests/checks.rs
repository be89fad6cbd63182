//! Every way in which a check can fail, at each practice vendor that can answer so, over the real sender.
#![expect(clippy::unwrap_used, reason = "a test's stage: what fails here fails the test")]

mod practice;

use connectors::{Account, Clock, Mode, Registry, Secrets, Session, TokenCache};
use domain::{CheckStep, Code, Switch};
use jiff::{SignedDuration, Timestamp};
use kit::{SystemClock, SystemEntropy};
use practice::World;
use secrecy::SecretString;
use serde_json::{Value, json};

/// Each connector with the secret that its calls need.
const VENDORS: [(&str, &str); 6] = [
    ("fakturoid", "client_secret"),
    ("superfaktura", "api_key"),
    ("sendcloud", "secret_key"),
    ("packeta", "api_password"),
    ("magento", "access_token_secret"),
    ("mirakl", "api_key"),
];

/// A clock that goes wrong.
struct Wrong;

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_hours(2)
    }
}

async fn check_by(world: &World, account: &Account, clock: &dyn Clock) -> Vec<CheckStep> {
    let tokens = TokenCache::default();
    let session = Session::new(account, &world.sender, clock, &SystemEntropy, &tokens, Mode::Live, domain::Step::Look);
    Registry::standard().get(account.spec.id).unwrap().check(&session).await
}

async fn check(world: &World, account: &Account) -> Vec<CheckStep> {
    check_by(world, account, &SystemClock).await
}

/// The failed step, which is the last one and says all that a person needs.
fn failure(vendor: &str, steps: &[CheckStep]) -> (String, Code) {
    let (last, before) = steps.split_last().unwrap();
    assert!(!last.ok && before.iter().all(|step| step.ok), "{vendor}: {steps:?}");
    let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    assert!(said(&last.message) && said(&last.next_step), "{vendor}: {last:?}");
    (last.name.clone(), last.code.unwrap())
}

async fn with_secret(world: &World, vendor: &str, name: &str, value: &str) -> Account {
    let account = world.account(vendor, json!({})).await;
    let mut secrets = world.secrets(vendor).await;
    secrets.insert(name.to_owned(), SecretString::from(value.to_owned()));
    Account::open(account.connection, account.spec, Secrets::new(secrets)).unwrap()
}

/// The same address by another scheme or port.
fn elsewhere(account: &Account, scheme: &str, port: Option<u16>) -> Value {
    let mut url: String = account.base_url.clone();
    if let Some(port) = port {
        let old = format!(":{}", url.rsplit(':').next().unwrap().split('/').next().unwrap());
        url = url.replace(&old, &format!(":{port}"));
    }
    json!({"base_url": url.replace("http://", &format!("{scheme}://"))})
}

#[tokio::test]
async fn a_wrong_address_a_wrong_key_and_somebody_else_are_told_apart_at_every_vendor() {
    let world = World::new().await;
    // A port at which nobody listens any more.
    let shut = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (vendor, secret) in VENDORS {
        let right = world.account(vendor, json!({})).await;
        let connector = Registry::standard().get(vendor).unwrap();
        let steps = connector.check(&world.session(&right)).await;
        assert!(steps.iter().all(|step| step.ok), "{vendor}: {steps:?}");

        let nobody = world.account(vendor, elsewhere(&right, "http", Some(shut))).await;
        assert_eq!(failure(vendor, &check(&world, &nobody).await), ("reach".into(), Code::Unreachable), "{vendor}");
        let no_tls = world.account(vendor, elsewhere(&right, "https", None)).await;
        assert_eq!(failure(vendor, &check(&world, &no_tls).await), ("reach".into(), Code::TlsFailed), "{vendor}");
        let wrong = with_secret(&world, vendor, secret, "0123456789abcdef0123456789abcdef").await;
        let found = failure(vendor, &check(&world, &wrong).await);
        assert_eq!(found, ("credentials".into(), Code::CredentialsRefused), "{vendor}");

        let page = json!({"vendor": vendor, "kind": "answer", "status": 200, "body": "<html>Welcome</html>"});
        world.control("POST", "/_sandbox/faults", Some(page)).await;
        let (_, code) = failure(vendor, &check(&world, &right).await);
        assert_eq!(code, Code::NotThatVendor, "{vendor}");
        world.control("DELETE", "/_sandbox/faults", None).await;
    }
    world.running.stop().await;
}

#[tokio::test]
async fn a_missing_right_and_a_call_for_patience_are_told_by_their_own_code() {
    let world = World::new().await;
    // Where the vendor refuses what a good key may not do; the practice magento says it in its own way below.
    for (vendor, place) in [
        ("fakturoid", "invoices.json"),
        ("superfaktura", "index.json"),
        ("sendcloud", "/api/v2/parcels"),
        ("mirakl", "/api/documents"),
    ] {
        let account = world.account(vendor, json!({})).await;
        for (kind, code) in [("answer", Code::PermissionMissing), ("rate_limit", Code::RateLimited)] {
            let mut fault = json!({"vendor": vendor, "match": place, "kind": kind});
            if kind == "answer" {
                fault["status"] = json!(403);
            }
            world.control("POST", "/_sandbox/faults", Some(fault)).await;
            assert_eq!(failure(vendor, &check(&world, &account).await).1, code, "{vendor} {kind}");
            world.control("DELETE", "/_sandbox/faults", None).await;
        }
    }
    let options = |vendor: &str, change: Value| {
        let path = format!("/_sandbox/vendors/{vendor}");
        let world = &world;
        async move { world.control("PATCH", &path, Some(change)).await }
    };
    let shop = world.account("magento", json!({})).await;
    for (denied, step) in [("Magento_Sales::sales_invoice", "invoices"), ("Magento_Sales::shipment", "shipments")] {
        options("magento", json!({"acl_denied": [denied]})).await;
        assert_eq!(failure("magento", &check(&world, &shop).await), (step.into(), Code::PermissionMissing), "{denied}");
    }
    options("fakturoid", json!({"blocked": true})).await;
    let books = world.account("fakturoid", json!({})).await;
    assert_eq!(failure("fakturoid", &check(&world, &books).await).1, Code::AccountBlocked);
    options("fakturoid", json!({"blocked": false})).await;
    let quota = json!({"vendor": "fakturoid", "match": "invoices.json", "kind": "answer", "status": 403,
                       "body": {"error": "quota_exhausted", "error_description": "your plan has ended"}});
    world.control("POST", "/_sandbox/faults", Some(quota)).await;
    assert_eq!(failure("fakturoid", &check(&world, &books).await), ("permission".into(), Code::SubscriptionInactive));
    world.running.stop().await;
}

#[tokio::test]
async fn a_wrong_clock_is_told_where_signatures_depend_on_it_and_seen_elsewhere() {
    let world = World::new().await;
    let shop = world.account("magento", json!({})).await;
    let steps = check_by(&world, &shop, &Wrong).await;
    assert_eq!(failure("magento", &steps), ("credentials".into(), Code::ClockSkew));
    let books = world.account("fakturoid", json!({})).await;
    let tokens = TokenCache::default();
    let session = Session::new(&books, &world.sender, &Wrong, &SystemEntropy, &tokens, Mode::Live, domain::Step::Look);
    assert!(Registry::standard().get("fakturoid").unwrap().check(&session).await.iter().all(|step| step.ok));
    // Whole seconds are told, and this machine may be busy.
    let skew = session.skew().unwrap();
    assert!((skew + SignedDuration::from_hours(2)).abs() < SignedDuration::from_mins(10), "{skew}");
    world.running.stop().await;
}

#[tokio::test]
async fn what_a_marketplace_lacks_for_several_parcels_is_said_and_hinders_nothing() {
    let world = World::new().await;
    let mut market = world.account("mirakl", json!({})).await;
    assert!(check(&world, &market).await.iter().all(|step| step.name != "multi_shipment"), "nobody asked for parcels");
    market.connection.switches.insert(Switch::SendTracking, true);
    for (active, code) in [(true, None), (false, Some(Code::OneNumberPerOrder))] {
        world.control("PATCH", "/_sandbox/vendors/mirakl", Some(json!({"multi_shipment": active}))).await;
        let steps = check(&world, &market).await;
        let last = steps.last().unwrap();
        assert_eq!((last.name.as_str(), last.ok, last.code), ("multi_shipment", true, code), "{steps:?}");
        assert_eq!(last.next_step.is_some(), code.is_some());
    }
    world.running.stop().await;
}
