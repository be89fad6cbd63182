//! Outages, refused credentials and one poisoned document: what each costs the others, which is nothing.

use crate::stage::{Options, SOON, Stage, books, eventually, market, shop};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the program passes over what waits, and twice as long: by then everything must have gone on.
const SWEEP: &str = "20s";
const TWO_SWEEPS: Duration = Duration::from_secs(40);
/// An outage has lasted longer than all retry delays together once the time of the next probe was seen to move more often:
/// each probe moves it twice, and there are 2 s from the pause to the first and from one to the next.
const MOVES: usize = 3;
/// Exports of the one connection that the other must not keep waiting.
const BESIDE: usize = 20;
/// More than the program works on at once.
const HANGING: usize = 150;
/// From the environment: more exports in flight when the target goes down.
const EXPORTS: &str = "BACKHAUL_OUTAGE_EXPORTS";
const EXPORTS_DEFAULT: usize = 300;

/// How a target can be away.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Down {
    /// Nobody listens.
    Refuses,
    /// Takes the call, says nothing for two seconds and hangs up.
    Hangs,
    /// Hangs up at once.
    Drops,
    /// Somebody before it says that it is not there.
    Says503,
}

impl Down {
    /// The marketplace, at a door of its own where that is what will be shut.
    fn connect(self, stage: &Stage) {
        let market = match self {
            Self::Refuses => {
                let door = stage.vendor("PUT", "/_sandbox/doors/mirakl", json!({"open": true}));
                market().setting("base_url", door["base_url"].clone())
            }
            _ => market(),
        };
        assert_eq!(stage.put(&market).json["state"], "active");
    }

    fn begins(self, stage: &Stage) {
        let down = |how: Value| {
            let mut fault = json!({"vendor": "mirakl", "match": "", "kind": "down"});
            fault.as_object_mut().unwrap().extend(how.as_object().unwrap().clone());
            stage.fault(fault);
        };
        match self {
            Self::Refuses => drop(stage.vendor("PUT", "/_sandbox/doors/mirakl", json!({"open": false}))),
            Self::Hangs => down(json!({"seconds": 2})),
            Self::Drops => down(json!({})),
            Self::Says503 => down(json!({"status": 503})),
        }
    }

    fn ends(self, stage: &Stage) {
        match self {
            Self::Refuses => drop(stage.vendor("PUT", "/_sandbox/doors/mirakl", json!({"open": true}))),
            _ => stage.heal(),
        }
    }
}

fn options() -> Options {
    Options { sweep_every: SWEEP, ..Options::default() }
}

/// Orders with an invoice each; the ids of the invoices.
fn invoices(stage: &Stage, channel: &str, count: usize, reference: impl Fn(usize) -> String) -> Vec<Value> {
    let order = |n| json!({"channel": channel, "reference": reference(n), "parcels": []});
    let orders: Vec<Value> = (1..=count).map(order).collect();
    let made = stage.order(json!({ "orders": orders }));
    made["orders"].as_array().unwrap().iter().map(|order| order["document"]["id"].clone()).collect()
}

fn tell(stage: &Stage, documents: &[Value]) {
    for document in documents {
        assert_eq!(stage.tell_document(document), 202);
    }
}

/// All records, looks too; there are more than fit on a page.
fn everything(stage: &Stage) -> Vec<Value> {
    let mut all = vec![];
    let mut path = "/exports?limit=500".to_owned();
    loop {
        let page = stage.get(&path);
        all.extend(page["exports"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        path = format!("/exports?limit=500&cursor={next}");
    }
}

/// What waits for the marketplace has not used up its attempts.
fn nothing_is_counted_out(stage: &Stage) {
    for export in everything(stage) {
        assert!(export["attempts"].as_u64().is_some_and(|attempts| attempts < 3), "{export:#}");
        assert_ne!(export["state"], "dead", "{export:#}");
    }
}

fn paused(stage: &Stage, reason: &str) -> Value {
    let market = eventually("the marketplace is paused", SOON, || {
        let market = stage.get("/connections/market");
        (market["state"] == "paused").then_some(market)
    });
    assert_eq!(market["pause"]["reason"], reason, "{market:#}");
    assert!(market["pause"]["next_step"].as_str().is_some_and(|step| !step.is_empty()), "{market:#}");
    market["pause"].clone()
}

/// The marketplace goes away with this many exports under way, and stays away for longer than all retry delays. The shop
/// beside it is served meanwhile.
fn outage(down: Down, count: usize, in_flight: bool) {
    let stage = Stage::with_options(options(), &[books(), shop()]);
    down.connect(&stage);
    let documents = invoices(&stage, "mirakl", count, |n| format!("MKP-{n}"));
    let beside = invoices(&stage, "magento", BESIDE, |n| format!("{n:09}"));
    if in_flight {
        // Some have arrived, some are half way there, some have not begun.
        std::thread::scope(|scope| {
            scope.spawn(|| tell(&stage, &documents));
            let wait = format!("/_sandbox/wait?vendor=mirakl&effects={}&timeout=60", count / 10);
            assert_eq!(stage.vendor("GET", &wait, Value::Null)["reached"], true);
            down.begins(&stage);
        });
    } else {
        down.begins(&stage);
        tell(&stage, &documents);
    }
    let pause = paused(&stage, "outage");
    assert!(pause["next_probe"].is_string(), "{pause}");

    tell(&stage, &beside);
    let wait = format!("/_sandbox/wait?vendor=magento&kind=invoices&effects={BESIDE}&timeout=60");
    assert_eq!(stage.vendor("GET", &wait, Value::Null)["reached"], true, "{}", stage.states());
    assert_eq!(stage.get("/connections/market")["state"], "paused");
    assert_eq!(stage.get("/connections/shop")["state"], "active");

    let mut probes = BTreeSet::new();
    eventually("it was asked again and again", SOON, || {
        assert_eq!(stage.states()["dead"], 0);
        let pause = stage.get("/connections/market")["pause"].clone();
        assert_eq!(pause["reason"], "outage", "nobody has answered yet");
        probes.insert(pause["next_probe"].as_str().unwrap().to_owned());
        (probes.len() > MOVES).then_some(())
    });
    nothing_is_counted_out(&stage);
    assert!(stage.effect_count("vendor=mirakl&kind=documents") < count.max(1));

    down.ends(&stage);
    stage.wait_states("delivered", u64::try_from(count + BESIDE).unwrap(), TWO_SWEEPS);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), count);
    assert_eq!(stage.effect_count("vendor=magento&kind=invoices"), BESIDE);
    let market = stage.get("/connections/market");
    assert_eq!((&market["state"], &market["pause"]), (&json!("active"), &Value::Null));
    nothing_is_counted_out(&stage);
    assert_eq!(stage.get("/overview")["queue"]["dead_letters"], 0);
}

fn exports() -> usize {
    std::env::var(EXPORTS).ok().and_then(|text| text.parse().ok()).unwrap_or(EXPORTS_DEFAULT)
}

/// These mostly wait, so they wait together.
fn at_once(outages: &[(Down, usize, bool)]) {
    std::thread::scope(|scope| {
        for (down, count, in_flight) in outages.iter().copied() {
            scope.spawn(move || outage(down, count, in_flight));
        }
    });
}

#[test]
fn an_outage_costs_hundreds_of_exports_in_flight_nothing() {
    at_once(&[(Down::Refuses, exports(), true), (Down::Hangs, exports(), true)]);
}

#[test]
fn an_outage_costs_hundreds_of_exports_that_begin_in_it_nothing() {
    at_once(&[(Down::Says503, exports(), false), (Down::Drops, exports() / 3, false)]);
}

#[test]
fn an_outage_costs_a_single_export_nothing() {
    at_once(&[(Down::Refuses, 1, false), (Down::Hangs, 1, false), (Down::Says503, 1, false)]);
}

#[test]
fn an_outage_costs_too_few_exports_to_open_the_circuit_nothing() {
    at_once(&[(Down::Refuses, 4, false), (Down::Drops, 4, false), (Down::Says503, 4, false)]);
}

#[test]
fn a_target_that_hangs_keeps_no_news_of_the_same_books_from_another() {
    let stage = Stage::with_options(options(), &[books(), shop(), market()]);
    let documents = invoices(&stage, "mirakl", HANGING, |n| format!("MKP-{n}"));
    let beside = invoices(&stage, "magento", BESIDE, |n| format!("{n:09}"));
    stage.fault(json!({"vendor": "mirakl", "match": "", "kind": "pause"}));
    tell(&stage, &documents);
    tell(&stage, &beside);
    let wait = format!("/_sandbox/wait?vendor=magento&kind=invoices&effects={BESIDE}&timeout=60");
    assert_eq!(stage.vendor("GET", &wait, Value::Null)["reached"], true, "{}", stage.states());
    // Nothing has even begun to lose patience with the marketplace.
    let states = stage.states();
    assert_eq!((&states["held"], &states["retrying"]), (&json!(0), &json!(0)), "{states}");
    stage.heal();
    stage.wait_states("delivered", u64::try_from(HANGING + BESIDE).unwrap(), TWO_SWEEPS);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), HANGING);
    assert_eq!(stage.effect_count("vendor=magento&kind=invoices"), BESIDE);
}

/// The one that the marketplace always answers with 500, among others that it takes.
fn is_dead_and_says_why(stage: &Stage, order: &str) {
    let found = eventually("the poisoned one is dead", 2 * SOON, || {
        let found = stage.get(&format!("/exports?order={order}"));
        found["exports"].as_array().unwrap().iter().find(|export| export["state"] == "dead").cloned()
    });
    let dead = stage.get(&format!("/exports/{}", found["id"].as_str().unwrap()));
    assert_eq!((&dead["attempts"], &dead["code"]), (&json!(3), &json!("vendor_error")), "{dead:#}");
    let log = dead["attempt_log"].as_array().unwrap();
    let said_why = log.iter().filter(|attempt| {
        attempt["status"] == 500 && attempt["message"].as_str().is_some_and(|said| said.contains("Deadlock"))
    });
    assert_eq!((log.len(), said_why.count()), (3, 3), "{dead:#}");
}

fn poison(stage: &Stage, regex: &str) {
    stage.fault(json!({"vendor": "mirakl", "regex": regex, "kind": "answer", "status": 500,
                       "body": {"message": "Deadlock found, call the operator"}}));
    tell(stage, &invoices(stage, "mirakl", 1, |_| "MKP-BAD".to_owned()));
}

#[test]
fn a_poisoned_document_does_not_pause_its_target() {
    let stage = Stage::with_options(options(), &[books(), market()]);
    poison(&stage, "^POST .*MKP-BAD.*documents");
    tell(&stage, &invoices(&stage, "mirakl", BESIDE, |n| format!("MKP-{n}")));
    stage.wait_states("delivered", u64::try_from(BESIDE).unwrap(), SOON);
    is_dead_and_says_why(&stage, "MKP-BAD");
    let market = stage.get("/connections/market");
    assert_eq!((&market["state"], &market["last_error"]), (&json!("active"), &Value::Null), "never was paused");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), BESIDE);
}

#[test]
fn a_poisoned_document_does_not_keep_its_target_paused() {
    let stage = Stage::with_options(options(), &[books()]);
    let down = Down::Refuses;
    down.connect(&stage);
    down.begins(&stage);
    // Not even its order can be read.
    poison(&stage, "MKP-BAD");
    tell(&stage, &invoices(&stage, "mirakl", BESIDE, |n| format!("MKP-{n}")));
    paused(&stage, "outage");
    down.ends(&stage);
    stage.wait_states("delivered", u64::try_from(BESIDE).unwrap(), TWO_SWEEPS);
    let look = eventually("the poisoned one is dead", TWO_SWEEPS, || {
        let dead = everything(&stage).into_iter().find(|export| export["state"] == "dead");
        assert_eq!(stage.get("/connections/market")["state"], "active");
        dead
    });
    assert_eq!((&look["operation"], &look["attempts"]), (&json!("look"), &json!(3)), "{look:#}");
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), BESIDE);
}

/// The marketplace refuses our key while a few exports are under way, until `again`.
fn refused(again: impl Fn(&Stage)) {
    let stage = Stage::with_options(options(), &[books(), market()]);
    stage.fault(json!({"vendor": "mirakl", "match": "", "kind": "answer", "status": 401,
                       "body": {"status": 401, "message": "Unauthorized"}}));
    let documents = invoices(&stage, "mirakl", BESIDE, |n| format!("MKP-{n}"));
    tell(&stage, &documents);
    let pause = paused(&stage, "credentials");
    assert_eq!(pause["next_probe"], Value::Null, "nothing is tried until somebody has done something");
    stage.wait_states("held", u64::try_from(BESIDE).unwrap(), SOON);
    for export in everything(&stage) {
        assert_eq!((&export["attempts"], &export["hold"]["reason"]), (&json!(0), &json!("connection_paused")));
    }
    let check = stage.post("/connections/market/check", Value::Null, 200);
    assert_eq!(check["ok"], false, "{check}");
    assert_eq!(stage.get("/connections/market")["pause"]["reason"], "credentials");

    stage.heal();
    again(&stage);
    assert_eq!(stage.get("/connections/market")["state"], "active");
    stage.wait_states("delivered", u64::try_from(BESIDE).unwrap(), TWO_SWEEPS);
    assert_eq!(stage.effect_count("vendor=mirakl&kind=documents"), BESIDE);
    for export in everything(&stage).iter().filter(|export| export["operation"] != "look") {
        assert_eq!((&export["state"], &export["attempts"]), (&json!("delivered"), &json!(0)), "{export:#}");
    }
}

#[test]
fn a_good_check_resumes_what_refused_our_credentials() {
    refused(|stage| assert_eq!(stage.post("/connections/market/check", Value::Null, 200)["ok"], true));
}

#[test]
fn new_secrets_resume_what_refused_our_credentials() {
    refused(|stage| assert_eq!(stage.put(&market()).json["state"], "active"));
}
