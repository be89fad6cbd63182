//! The program and its vendors, each a process of its own, and the connections between them.

use crate::load::Client;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where the vendors listen.
pub(crate) const VENDORS: &str = "127.0.0.1:9191";
/// Where the program listens.
pub(crate) const SERVER: &str = "127.0.0.1:9190";
/// Who calls its API.
pub(crate) const TOKEN: &str = "Bearer bench-token-bench-token-bench-token";
const SECRET: &str = "Bearer bench-webhook-secret";
const STARTS_WITHIN: Duration = Duration::from_secs(20);

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Both processes; they end with it.
pub(crate) struct Machine {
    server: Process,
    _vendors: Process,
    _folder: TempDir,
}

impl Machine {
    /// Starts both and puts the accounting system and these marketplaces: name, path at the vendors, and the orders that
    /// are theirs.
    pub(crate) async fn start(markets: &[(&str, &str, &str)]) -> Self {
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
        let machine = Self { server: Process(server.unwrap()), _vendors: vendors, _folder: folder };
        let books = json!({"role": "accounting", "connector": "fakturoid", "label": "Books", "switches": {}, "rules": {}, "mappings": {},
            "settings": {"base_url": format!("http://{VENDORS}/fakturoid"), "pace": "off", "slug": "bench", "client_id": "c",
                         "contact_email": "bench@example.com"},
            "secrets": {"client_secret": "bench-secret", "webhook_authorization": SECRET}});
        put("books", &books).await;
        for (name, path, orders) in markets {
            let market = json!({"role": "channel", "connector": "mirakl", "label": name, "mappings": {},
                "rules": {"order_pattern": orders}, "settings": {"base_url": format!("http://{VENDORS}/{path}"), "pace": "off"},
                "secrets": {"api_key": "bench-api-key"}, "switches": {"send_invoice": true}});
            put(name, &market).await;
        }
        machine
    }

    /// Resident memory of the program in MB.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.0.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
    }
}

async fn put(id: &str, connection: &Value) {
    let mut client = connected(SERVER).await;
    let (status, answer) =
        client.call("PUT", &format!("/api/v1/connections/{id}"), TOKEN, &connection.to_string()).await;
    assert!(status < 300 && answer["state"] == "active", "{status} {answer}");
}

/// A connection to a process that may be just starting.
pub(crate) async fn connected(address: &str) -> Client {
    let began = Instant::now();
    loop {
        match Client::connect(address).await {
            Ok(client) => return client,
            Err(error) => assert!(began.elapsed() < STARTS_WITHIN, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The accounting system's webhook about a document.
pub(crate) async fn tell(client: &mut Client, document: &str) {
    let body = json!({"webhook_id": 1, "event_name": "invoice_created", "created_at": "2026-11-21T12:00:00.000+01:00",
                      "body": {"invoice": {"id": document, "document_type": "invoice"}}});
    let (status, answer) = client.call("POST", "/webhooks/accounting/books", SECRET, &body.to_string()).await;
    assert_eq!(status, 202, "{answer}");
}

/// A percentile of sorted times, in milliseconds.
pub(crate) fn millis(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1000.0
}
