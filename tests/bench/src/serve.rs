//! One machine: signed webhooks in at one end, receipts at the other; vendors in another process, commits durable.

use crate::load::Client;
use crate::machine::{Machine, SERVER, TOKEN, millis, tell};
use std::time::{Duration, Instant};

const SENDERS: usize = 16;

/// Carries this many documents and prints rate, acknowledgement times and memory.
pub(crate) async fn run(documents: usize) {
    let machine = Machine::start(&[("market", "mirakl", "")]).await;
    println!("one machine, vendors in another process, {documents} documents, {SENDERS} senders");
    let before = machine.memory();
    let began = Instant::now();
    let senders: Vec<_> = (0..SENDERS).map(|n| tokio::spawn(send(n, documents))).collect();
    let mut acknowledged = vec![];
    for sender in senders {
        acknowledged.extend(sender.await.unwrap());
    }
    let accepted = began.elapsed();
    let mut client = Client::connect(SERVER).await.unwrap();
    loop {
        let (_, overview) = client.call("GET", "/api/v1/overview", TOKEN, "").await;
        let delivered = overview["states"]["delivered"].as_u64().unwrap_or(0);
        if delivered as usize >= documents {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(600), "only {delivered} arrived: {overview}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    acknowledged.sort_unstable();
    println!("  webhook to receipt: {:.0} documents/s ({seconds:.2} s)", documents as f64 / seconds);
    let (p50, p99) = (millis(&acknowledged, 50), millis(&acknowledged, 99));
    println!("  acknowledged: p50 {p50:.1} ms, p99 {p99:.1} ms, all after {:.2} s", accepted.as_secs_f64());
    println!("  resident memory: {before} MB before, {} MB after", machine.memory());
}

async fn send(sender: usize, documents: usize) -> Vec<Duration> {
    let mut client = Client::connect(SERVER).await.unwrap();
    let mut times = vec![];
    for n in (sender..documents).step_by(SENDERS) {
        let began = Instant::now();
        tell(&mut client, &format!("D{n}")).await;
        times.push(began.elapsed());
    }
    times
}
