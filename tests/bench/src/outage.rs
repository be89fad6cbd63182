//! What a target costs the others that is down, hangs or is slow: from the webhook of a document for one marketplace to its
//! arrival there, beside as many of the same books for another, which is well at first, and then has hundreds waiting.

use crate::load::Client;
use crate::machine::{Machine, SERVER, VENDORS, connected, millis, tell};
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Documents for the sick marketplace that are told at once, before the measured ones.
const WAITING: usize = 300;
/// One document for the healthy marketplace in this time.
const EVERY: Duration = Duration::from_millis(20);
/// Until the last of them has arrived.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures with this many documents, once for each kind of sickness.
pub(crate) async fn run(documents: usize) {
    println!(
        "{documents} documents for one marketplace, one in {} ms, beside another with {WAITING} waiting",
        EVERY.as_millis()
    );
    for sickness in ["down", "hangs", "slow"] {
        let machine = Machine::start(&[("market", "mirakl", "^D"), ("sick", "sick", "^S")]).await;
        let mut vendors = connected(VENDORS).await;
        let well = measure(&mut vendors, "Dq", "Sq", documents).await;
        vendors.call("POST", &format!("/sick/become/{sickness}"), "", "").await;
        let mut webhooks = connected(SERVER).await;
        for n in 0..WAITING {
            tell(&mut webhooks, &format!("S{n}")).await;
        }
        let sick = measure(&mut vendors, "Ds", "Sx", documents).await;
        let line = |times: &[Duration]| format!("p50 {:6.1} ms, p99 {:6.1} ms", millis(times, 50), millis(times, 99));
        let ratio = |percent| millis(&sick, percent) / millis(&well, percent);
        println!(
            "  {sickness:5}: well {}; sick {}; ratio {:.2} and {:.2}",
            line(&well),
            line(&sick),
            ratio(50),
            ratio(99)
        );
        drop(machine);
    }
}

/// From webhook to effect, sorted. As many documents `beside` them, for the other marketplace, come in between.
async fn measure(vendors: &mut Client, name: &str, beside: &str, documents: usize) -> Vec<Duration> {
    let mut webhooks = connected(SERVER).await;
    let mut told = vec![];
    let mut tick = tokio::time::interval(EVERY);
    for n in 0..documents {
        tick.tick().await;
        told.push(now());
        tell(&mut webhooks, &format!("{name}{n}")).await;
        tell(&mut webhooks, &format!("{beside}{n}")).await;
    }
    let began = now();
    let mut effects = Value::Null;
    let at = |effects: &Value, n: usize| effects[format!("{name}{n}")].as_u64().map(Duration::from_nanos);
    while (0..documents).any(|n| at(&effects, n).is_none()) {
        assert!(now() - began < PATIENCE, "not all have arrived: {effects}");
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
