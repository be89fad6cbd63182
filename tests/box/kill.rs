//! `kill -9` at seeded points of the work, each exactly where a practice vendor has counted a call or an effect.

use crate::stage::{SOON, Stage, books, market, shop};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Times the program is killed.
const POINTS: usize = 20;
/// From the environment: the seed of an earlier run, to repeat it.
const SEED: &str = "BACKHAUL_KILL_SEED";
/// From the environment: fewer documents, where time is short.
const DOCUMENTS: &str = "BACKHAUL_KILL_DOCUMENTS";
/// All documents, unless told otherwise.
const DOCUMENTS_DEFAULT: usize = 500;
/// Until the last one is delivered, after the last kill: what was in doubt settles first.
const IN_THE_END: Duration = Duration::from_secs(240);

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// `SplitMix64`, as published by Steele, Lea and Flood.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}

/// The orders of one round; every other one is the marketplace's.
fn orders(first: usize, count: usize) -> Value {
    let order = |n: usize| {
        let (channel, reference) =
            if n.is_multiple_of(2) { ("mirakl", format!("MKP-{n}")) } else { ("magento", format!("{n:09}")) };
        json!({"channel": channel, "reference": reference, "document": {"id": n.to_string()}, "parcels": []})
    };
    let orders: Vec<Value> = (first..first + count).map(order).collect();
    json!({ "orders": orders })
}

/// A call to stop at: before its effect, or after it and before the answer.
fn point(round: usize, per_vendor: usize, dice: &mut Dice) -> Value {
    let target = ["mirakl", "magento"][dice.below(2)];
    if round.is_multiple_of(2) {
        let vendor = ["mirakl", "magento", "fakturoid"][dice.below(3)];
        json!({"vendor": vendor, "match": "", "kind": "pause", "when": "before", "skip": dice.below(per_vendor * 2), "n": 1})
    } else {
        let skip = dice.below(per_vendor);
        json!({"vendor": target, "match": "POST ", "kind": "pause", "when": "after", "skip": skip, "n": 1})
    }
}

#[test]
fn whatever_moment_it_is_killed_at_every_document_arrives_once() {
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = from_environment(SEED).unwrap_or(clock);
    let documents = from_environment(DOCUMENTS).map_or(DOCUMENTS_DEFAULT, |n| usize::try_from(n).unwrap());
    let per_round = documents.div_ceil(POINTS).max(4);
    let documents = per_round * POINTS;
    println!("{documents} documents, seed {seed}: repeat it with {SEED}={seed}");
    let stage = Stage::with(&[books(), shop(), market()]);
    let mut dice = Dice(seed);
    let began = Instant::now();
    for round in 0..POINTS {
        let first = 9000 + round * per_round;
        let wish = point(round, per_round / 2 - 1, &mut dice);
        stage.fault(wish.clone());
        stage.order(orders(first, per_round));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for document in first..first + per_round {
                    tell_until_taken(&stage, document);
                }
            });
            let seen = stage.vendor("GET", "/_sandbox/wait?paused=1&timeout=60", Value::Null);
            assert_eq!(seen["reached"], true, "never got to {wish}: {}", stage.states());
            stage.kill();
            stage.heal();
            stage.start();
        });
    }
    println!("killed {POINTS} times within {:.1} s", began.elapsed().as_secs_f64());
    stage.wait_states("delivered", u64::try_from(documents).unwrap(), IN_THE_END);
    println!("all delivered after {:.1} s", began.elapsed().as_secs_f64());

    let effects = stage.effects("list=false");
    assert_eq!(effects["duplicates"], json!([]), "seed {seed}");
    assert_eq!(effects["total"], documents, "seed {seed}: {effects}");
    let half = documents / 2;
    assert_eq!(
        effects["vendors"],
        json!({"magento": {"invoices": half}, "mirakl": {"documents": half}}),
        "seed {seed}"
    );
    let states = stage.states();
    assert_eq!((&states["dead"], &states["expired"], &states["uncertain"]), (&json!(0), &json!(0), &json!(0)));
}

/// As the vendor does: a message that nobody took is repeated.
fn tell_until_taken(stage: &Stage, document: usize) {
    let until = Instant::now() + SOON;
    while stage.tell_document(&json!(document.to_string())) != 202 {
        assert!(Instant::now() < until, "nobody takes webhooks any more");
        std::thread::sleep(Duration::from_millis(100));
    }
}
