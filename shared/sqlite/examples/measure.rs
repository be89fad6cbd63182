#![allow(clippy::all, missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use domain::*;
use export_flow::claim::*;
use export_flow::ports::*;
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Instant;
use testkit::{ManualClock, samples};
async fn one(store: &sqlite::SqliteStore, n: usize, target: &ConnectionId) {
    let mut c = samples::claim(
        samples::key_to(&format!("{:09}", n), target),
        &format!("run-{n:032}"),
        samples::at(n as i64 / 100),
    );
    c.order = Some(OrderReference::new(format!("1000{:07}", n / 2)));
    c.numbers = vec![format!("2026-{n:07}")];
    c.writes = true;
    c.revision = Some(samples::revision(&format!("{n:032x}"), samples::noon()));
    let Claimed::Won { export, .. } = store.claim(&c).await.unwrap() else { panic!() };
    let done = samples::ended(&export, State::Delivered, None);
    store.finish(&samples::guard(&export), &done).await.unwrap().unwrap();
}
fn cpu() -> f64 {
    let t = std::fs::read_to_string("/proc/self/stat").unwrap();
    let v: Vec<&str> = t.rsplit(')').next().unwrap().split_whitespace().collect();
    (v[11].parse::<f64>().unwrap() + v[12].parse::<f64>().unwrap()) / 100.0
}
fn rss() -> String {
    std::fs::read_to_string("/proc/self/status")
        .unwrap()
        .lines()
        .filter(|l| l.starts_with("VmRSS") || l.starts_with("VmHWM"))
        .collect::<Vec<_>>()
        .join(" ")
}
fn main() {
    let total: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let width: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let store = Arc::new(sqlite::SqliteStore::open(dir.path(), ManualClock::at_noon()).unwrap());
        let targets = [samples::shop(), ConnectionId::new("market")];
        let mut n = 0;
        let mut next = 1000;
        while n < total {
            let to = (n + if n < 20000 { 4000 } else { 50000 }).min(total);
            let (t, c0) = (Instant::now(), cpu());
            futures_util::stream::iter(n..to)
                .for_each_concurrent(width, |i| {
                    let store = &store;
                    let targets = &targets;
                    async move { one(store, i, &targets[i % 2]).await }
                })
                .await;
            let e = t.elapsed().as_secs_f64();
            if to >= next {
                println!(
                    "{to:>8}: {:.0} claim+finish/s, cpu {:.1} us each  {}",
                    (to - n) as f64 / e,
                    (cpu() - c0) * 1e6 / (to - n) as f64,
                    rss()
                );
                next = to;
            }
            n = to;
        }
        let t = Instant::now();
        let c = store.counts(&TenantId::local(), samples::noon()).await.unwrap();
        println!("counts {:?} {:?}", t.elapsed(), c.states);
        for q in [
            ExportQuery::default(),
            ExportQuery { state: Some(State::Held), ..Default::default() },
            ExportQuery { state: Some(State::Delivered), connection: Some(samples::shop()), ..Default::default() },
            ExportQuery { document: Some("2026-0000003".into()), ..Default::default() },
            ExportQuery { code: Some("not_ours".into()), ..Default::default() },
            ExportQuery {
                connection: Some(samples::books()),
                operation: Some(Operation::SendInvoice),
                ..Default::default()
            },
        ] {
            let t = Instant::now();
            let p = store.exports(&TenantId::local(), &q, 100, None).await.unwrap();
            println!("list {:?} -> {} in {:?}", q, p.items.len(), t.elapsed());
        }
        let t = Instant::now();
        let k = 20000.min(total);
        futures_util::stream::iter(0..k)
            .for_each_concurrent(width, |i| {
                let store = &store;
                async move {
                    store.export(&samples::key_to(&format!("{i:09}"), &targets_(i % 2)).id()).await.unwrap().unwrap();
                }
            })
            .await;
        println!("reads/s {:.0}", k as f64 / t.elapsed().as_secs_f64());
        let t = Instant::now();
        let k = 20000;
        futures_util::stream::iter(0..k / 10)
            .for_each_concurrent(width, |i| {
                let store = &store;
                async move {
                    store
                        .send((0..10).map(|j| samples::due_message(&format!("{i}/{j}"), &targets_(j % 2))).collect())
                        .await
                        .unwrap()
                }
            })
            .await;
        println!("send/s (10 each) {:.0}", k as f64 / t.elapsed().as_secs_f64());
        let t = Instant::now();
        let mut got = 0;
        loop {
            let r = store.receive(10, jiff::SignedDuration::from_secs(540)).await.unwrap();
            if r.is_empty() {
                break;
            }
            got += r.len();
            let rs: Vec<_> = r.into_iter().map(|r| r.receipt).collect();
            store.delete(&rs).await.unwrap();
        }
        println!("receive+delete/s one consumer {:.0}", got as f64 / t.elapsed().as_secs_f64());
        let size: u64 = std::fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
        println!("bytes on disk {} MB; {}", size / 1_000_000, rss());
    });
}
fn targets_(n: usize) -> ConnectionId {
    if n == 0 { samples::shop() } else { ConnectionId::new("market") }
}
