//! What a source had before it was connected, exported in a batch by a program that is killed while it does so.

use crate::stage::{Options, Stage, books, eventually, market, memory};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// From the environment: more documents, where there is time.
const DOCUMENTS: &str = "BACKHAUL_BATCH_DOCUMENTS";
const DOCUMENTS_DEFAULT: usize = 1_000;
/// For each thousand documents, of a debug build on a busy machine.
const LONG_PER_1000: Duration = Duration::from_secs(240);
/// Makes of one call.
const ORDERS_AT_ONCE: usize = 500;
/// How much more a program may hold at the end than when it had begun.
const GROWS_KIB: u64 = 20 * 1024;

/// A job as it comes on: its counts only ever rise.
struct Watched<'a> {
    stage: &'a Stage,
    path: String,
    seen: [u64; 3],
}

impl Watched<'_> {
    fn look(&mut self) -> Value {
        let job = self.stage.get(&self.path);
        let now = ["found", "matched", "queued"].map(|name| job[name].as_u64().unwrap_or(0));
        assert!(now.iter().zip(self.seen).all(|(now, before)| *now >= before), "{:?}, then {job}", self.seen);
        self.seen = now;
        job
    }

    /// Until so many are at the market.
    fn until(&mut self, delivered: usize, long: Duration) {
        let wait = format!("/_sandbox/wait?vendor=mirakl&kind=documents&effects={delivered}&timeout=1");
        eventually("the batch comes on", long, || {
            self.look();
            (self.stage.vendor("GET", &wait, Value::Null)["reached"] == true).then_some(())
        });
    }

    fn ended(&mut self, long: Duration) -> Value {
        eventually("the job ends", long, || Some(self.look()).filter(|job| job["state"] != "running"))
    }
}

#[test]
fn a_batch_that_is_killed_twice_carries_what_was_there_before_exactly_once_in_little_memory() {
    let count = std::env::var(DOCUMENTS).ok().and_then(|text| text.parse().ok()).unwrap_or(DOCUMENTS_DEFAULT);
    let long = LONG_PER_1000 * u32::try_from(count.div_ceil(1000)).unwrap();
    let stage = Stage::empty(Options::default());
    let began = Instant::now();
    for first in (1..=count).step_by(ORDERS_AT_ONCE) {
        let order = |n: usize| json!({"reference": format!("MKP-{n}"), "parcels": []});
        let orders: Vec<Value> = (first..=count).take(ORDERS_AT_ONCE).map(order).collect();
        stage.order(json!({ "orders": orders }));
    }
    println!("{count} orders with their invoices after {:.1} s", began.elapsed().as_secs_f64());
    // Polling finds none of them.
    for wish in [books().setting("since", json!("2099-01-01T00:00:00Z")), market()] {
        assert!(stage.put(&wish).status < 300);
    }

    let wish = |dry_run: bool| json!({"source": "books", "since": "2000-01-01", "operations": ["send_invoice"], "dry_run": dry_run});
    let watched =
        |job: Value| Watched { stage: &stage, path: format!("/jobs/{}", job["id"].as_str().unwrap()), seen: [0; 3] };
    let began = Instant::now();
    let counted = watched(stage.post("/batch-exports", wish(true), 202)).ended(long);
    println!("counted after {:.1} s", began.elapsed().as_secs_f64());
    for (name, wanted) in [("found", count), ("matched", count), ("already_delivered", 0), ("queued", 0)] {
        assert_eq!(counted[name], wanted, "{name}: {counted}");
    }
    assert_eq!((stage.effect_count(""), stage.get("/exports")["exports"].as_array().unwrap().len()), (0, 0));

    let began = Instant::now();
    let mut job = watched(stage.post("/batch-exports", wish(false), 202));
    let mut held = vec![];
    let mut tell = |done: usize, began: Instant| {
        let resident = memory(stage.pid(), "VmRSS:");
        println!("{done} delivered after {:.1} s, {resident} KiB resident", began.elapsed().as_secs_f64());
        held.push(resident);
    };
    for (done, kill) in [(count / 20, true), (count / 10, false), (count / 2, true), (count * 6 / 10, false)] {
        job.until(done, long);
        tell(done, began);
        if kill {
            stage.kill();
            stage.start();
        }
    }
    let done = job.ended(long);
    stage.wait_states("delivered", u64::try_from(count).unwrap(), long);
    tell(count, began);
    for (name, wanted) in [("found", count), ("matched", count), ("already_delivered", 0), ("queued", count)] {
        assert_eq!(done[name], wanted, "{name}: {done}");
    }
    let effects = stage.effects("list=false");
    assert_eq!((&effects["total"], &effects["duplicates"]), (&json!(count), &json!([])));
    // The first was measured before anything much had happened, and each kill began anew.
    let after_a_tenth = held[1];
    assert!(held.iter().all(|resident| *resident <= after_a_tenth + GROWS_KIB), "{held:?} KiB");

    let began = Instant::now();
    let again = watched(stage.post("/batch-exports", wish(false), 202)).ended(long);
    println!("found to be delivered already after {:.1} s", began.elapsed().as_secs_f64());
    for (name, wanted) in [("found", count), ("matched", 0), ("already_delivered", count), ("queued", 0)] {
        assert_eq!(again[name], wanted, "{name}: {again}");
    }
    assert_eq!(stage.effects("list=false")["total"], count);
    assert_eq!(stage.get("/overview")["duplicates_suppressed"], count, "each was asked for once more");
    let listed = stage.get("/jobs");
    let kinds: Vec<&str> = listed["jobs"].as_array().unwrap().iter().map(|job| job["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["batch_export"; 3]);
}
