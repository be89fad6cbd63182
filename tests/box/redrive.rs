//! Many dead letters put back to work at once, and a program that is killed while it does so.

use crate::stage::{Options, Stage, books, eventually, market};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// From the environment: more dead letters, where there is time.
const LETTERS: &str = "BACKHAUL_REDRIVE_LETTERS";
const LETTERS_DEFAULT: usize = 300;
/// For each thousand dead letters, of a debug build on a busy machine.
const LONG_PER_1000: Duration = Duration::from_secs(240);
/// Makes of one call.
const ORDERS_AT_ONCE: usize = 500;

/// Dead letters of the marketplace: each order read, each upload refused for good three times.
fn dead_letters(stage: &Stage, count: usize, long: Duration) {
    // Refused where nothing is in doubt afterwards: a person has to heal it, and then it goes.
    stage.fault(json!({"vendor": "mirakl", "match": "OR72", "kind": "answer", "status": 400,
                       "body": {"status": 400, "message": "The shop is suspended"}}));
    for first in (1..=count).step_by(ORDERS_AT_ONCE) {
        let order = |n: usize| json!({"reference": format!("MKP-{n}"), "parcels": []});
        let orders: Vec<Value> = (first..=count).take(ORDERS_AT_ONCE).map(order).collect();
        stage.order(json!({ "orders": orders }));
    }
    stage.wait_states("dead", u64::try_from(count).unwrap(), long);
}

#[test]
fn a_redrive_that_is_killed_twice_puts_each_dead_letter_back_once() {
    let count = std::env::var(LETTERS).ok().and_then(|text| text.parse().ok()).unwrap_or(LETTERS_DEFAULT);
    let long = LONG_PER_1000 * u32::try_from(count.div_ceil(1000)).unwrap();
    let stage = Stage::with_options(Options { retry_delays: "0s,0s,0s", ..Options::default() }, &[books(), market()]);
    let began = Instant::now();
    dead_letters(&stage, count, long);
    println!("{count} dead letters after {:.1} s", began.elapsed().as_secs_f64());
    assert_eq!(stage.effect_count(""), 0);

    stage.heal();
    let began = Instant::now();
    let wish = json!({"filter": {"connection": "market", "operation": "send_invoice"}, "note": "the shop is back"});
    let job = stage.post("/dead-letters/redrive", wish, 202);
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    // First while the job is at its pages, then while much of what it queued is under way.
    for done in [count / 20, count / 2] {
        let wait = format!("/_sandbox/wait?vendor=mirakl&kind=documents&effects={done}&timeout=600");
        assert_eq!(stage.vendor("GET", &wait, Value::Null)["reached"], true, "{}", stage.states());
        let redriven = stage.get(&path)["redriven"].clone();
        println!("killed after {:.1} s: {done} delivered, {redriven} redriven", began.elapsed().as_secs_f64());
        stage.kill();
        stage.start();
    }
    let done = eventually("the job ends", long, || {
        let job = stage.get(&path);
        (job["state"] == "done").then_some(job)
    });
    stage.wait_states("delivered", u64::try_from(count).unwrap(), long);
    println!("all delivered {:.1} s after the redrive began", began.elapsed().as_secs_f64());

    for name in ["found", "matched", "queued", "redriven"] {
        assert_eq!(done[name], count, "{name}: {done}");
    }
    assert_eq!((&done["already_delivered"], &done["dry_run"]), (&json!(0), &json!(false)), "{done}");
    let effects = stage.effects("list=false");
    assert_eq!((&effects["total"], &effects["duplicates"]), (&json!(count), &json!([])));
    let overview = stage.get("/overview");
    assert_eq!((&overview["states"]["dead"], &overview["queue"]["dead_letters"]), (&json!(0), &json!(0)), "{overview}");
}
