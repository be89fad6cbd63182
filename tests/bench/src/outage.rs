//! What a target costs the others that is down, hangs or is slow: from the webhook of a document for one marketplace to its
//! arrival there, while all is quiet and while hundreds of documents of the same books wait for another.

use crate::load::Client;
use crate::machine::{Machine, SERVER, VENDORS, connected, millis, tell};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Documents for the sick marketplace: told at once, and then one for each of the other.
const WAITING: usize = 300;
/// One document for the healthy marketplace in this time.
const EVERY: Duration = Duration::from_millis(20);
/// Until the last of them has arrived.
const PATIENCE: Duration = Duration::from_secs(300);

/// Measures with this many documents, once for each kind of sickness.
pub(crate) async fn run(documents: usize) {
    println!(
        "{documents} documents for one marketplace, one in {} ms, beside another with {WAITING} waiting",
        EVERY.as_millis()
    );
    for sickness in ["down", "hangs", "slow"] {
        let machine = Machine::start(&[("market", "mirakl", "^D"), ("sick", "sick", "^S")]).await;
        let mut vendors = connected(VENDORS).await;
        let quiet = measure(&mut vendors, "Dq", None, documents).await;
        vendors.call("POST", &format!("/sick/become/{sickness}"), "", "").await;
        let mut webhooks = connected(SERVER).await;
        for n in 0..WAITING {
            tell(&mut webhooks, &format!("S{n}")).await;
        }
        let beside = measure(&mut vendors, "Ds", Some("Sx"), documents).await;
        let line = |times: &[Duration]| format!("p50 {:6.1} ms, p99 {:6.1} ms", millis(times, 50), millis(times, 99));
        let ratio = |percent| millis(&beside, percent) / millis(&quiet, percent);
        println!(
            "  {sickness:5}: quiet {}; beside it {}; ratio {:.2} and {:.2}",
            line(&quiet),
            line(&beside),
            ratio(50),
            ratio(99)
        );
        drop(machine);
    }
}

/// From webhook to effect, sorted. `beside`: as many documents for the sick marketplace come in between.
async fn measure(vendors: &mut Client, name: &str, beside: Option<&str>, documents: usize) -> Vec<Duration> {
    let mut webhooks = connected(SERVER).await;
    let mut told = vec![];
    let mut tick = tokio::time::interval(EVERY);
    for n in 0..documents {
        tick.tick().await;
        told.push(now());
        tell(&mut webhooks, &format!("{name}{n}")).await;
        if let Some(other) = beside {
            tell(&mut webhooks, &format!("{other}{n}")).await;
        }
    }
    let began = now();
    let mut effects = Value::Null;
    let at = |effects: &Value, n: usize| effects[format!("{name}{n}")].as_u64().map(Duration::from_nanos);
    while (0..documents).any(|n| at(&effects, n).is_none()) {
        assert!(now() - began < PATIENCE, "not all have arrived");
        tokio::time::sleep(Duration::from_millis(100)).await;
        effects = vendors.call("GET", "/effects", "", "").await.1;
    }
    let mut times: Vec<Duration> = told.iter().enumerate().map(|(n, told)| at(&effects, n).unwrap() - *told).collect();
    times.sort_unstable();
    times
}

/// Now, by the clock that all processes of this machine share.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
