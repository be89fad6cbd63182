//! One machine: signed webhooks in at one end, receipts at the other; vendors in another process, commits durable.

use crate::load::Client;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SENDERS: usize = 16;
const VENDORS: &str = "127.0.0.1:9191";
const SERVER: &str = "127.0.0.1:9190";
const TOKEN: &str = "Bearer bench-token-bench-token-bench-token";
const SECRET: &str = "Bearer bench-webhook-secret";

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Carries this many documents and prints rate, acknowledgement times and memory.
pub(crate) async fn run(documents: usize) {
    let own = std::env::current_exe().unwrap();
    let vendors = Process(Command::new(&own).args(["vendors", VENDORS]).spawn().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let program: PathBuf = own.with_file_name("backhaul");
    let server = Command::new(program)
        .args(["serve", "--listen", SERVER, "--allow-private-targets", "--data"])
        .arg(folder.path().join("data"))
        .env("BACKHAUL_API_TOKEN", TOKEN.trim_start_matches("Bearer "))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let server = Process(server.unwrap());
    connect().await;
    println!("one machine, vendors in another process, {documents} documents, {SENDERS} senders");
    let before = memory(&server);
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
    let at = |percent: usize| acknowledged[(acknowledged.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!("  webhook to receipt: {:.0} documents/s ({seconds:.2} s)", documents as f64 / seconds);
    println!("  acknowledged: p50 {:.1} ms, p99 {:.1} ms, all after {:.2} s", at(50), at(99), accepted.as_secs_f64());
    println!("  resident memory: {before} MB before, {} MB after", memory(&server));
    drop(vendors);
}

async fn send(sender: usize, documents: usize) -> Vec<Duration> {
    let mut client = Client::connect(SERVER).await.unwrap();
    let mut times = vec![];
    for n in (sender..documents).step_by(SENDERS) {
        let body = json!({"webhook_id": 1, "event_name": "invoice_created", "created_at": "2026-11-21T12:00:00.000+01:00",
                          "body": {"invoice": {"id": format!("D{n}"), "document_type": "invoice"}}});
        let began = Instant::now();
        let (status, answer) = client.call("POST", "/webhooks/accounting/books", SECRET, &body.to_string()).await;
        assert_eq!(status, 202, "{answer}");
        times.push(began.elapsed());
    }
    times
}

async fn connect() {
    let books = json!({"role": "accounting", "connector": "fakturoid", "label": "Books", "switches": {}, "rules": {}, "mappings": {},
        "settings": {"base_url": format!("http://{VENDORS}/fakturoid"), "pace": "off", "slug": "bench", "client_id": "c",
                     "contact_email": "bench@example.com"},
        "secrets": {"client_secret": "bench-secret", "webhook_authorization": SECRET}});
    let market = json!({"role": "channel", "connector": "mirakl", "label": "Market", "rules": {}, "mappings": {},
        "settings": {"base_url": format!("http://{VENDORS}/mirakl"), "pace": "off"},
        "secrets": {"api_key": "bench-api-key"}, "switches": {"send_invoice": true}});
    put("books", &books).await;
    put("market", &market).await;
}

async fn put(id: &str, connection: &Value) {
    let began = Instant::now();
    let mut client = loop {
        match Client::connect(SERVER).await {
            Ok(client) => break client,
            Err(error) => assert!(began.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let (status, answer) =
        client.call("PUT", &format!("/api/v1/connections/{id}"), TOKEN, &connection.to_string()).await;
    assert!(status < 300 && answer["state"] == "active", "{status} {answer}");
}

/// Resident memory in MB.
fn memory(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.0.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}
