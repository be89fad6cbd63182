//! A local AWS with the template's table, queues and key, and the practice vendors.

use crate::wire::{REGION, Wire};
use aws::{Clients, QueueNames, Settings};
use http::Method;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A program written in Python on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);
const TABLE: &str = "backhaul";

/// What lies in the local AWS, by name.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) queues: QueueNames,
    pub(crate) key: String,
}

/// The stage. Everything on it ends with this process.
pub(crate) struct Stage {
    pub(crate) aws: Wire,
    pub(crate) vendors: Wire,
    key: String,
    _vendors: vendor_sandbox::Running,
    _data: TempDir,
}

impl Stage {
    /// Everything, with nothing on it yet.
    pub(crate) async fn empty() -> Self {
        let aws = Wire::to(local_aws());
        let data = tempfile::tempdir().unwrap();
        let options = vendor_sandbox::Options { listen: ([127, 0, 0, 1], 0).into(), data: data.path().to_owned() };
        let running = vendor_sandbox::start(options).await.unwrap();
        let vendors = Wire::to(running.address.to_string());
        table(&aws).await;
        let key = key(&aws).await;
        Self { aws, vendors, key, _vendors: running, _data: data }
    }

    /// Where an engine works: the one table and key, and queues of its own, so that nothing reaches it from another.
    pub(crate) async fn queues(&self, name: &str) -> Names {
        Names { queues: queues(&self.aws, name).await, key: self.key.clone() }
    }

    /// A control call of the practice vendors.
    pub(crate) async fn vendor(&self, path: &str, body: Value) -> Value {
        self.vendors.json(Method::POST, path, body).await
    }

    /// The body that puts a connection to a practice vendor.
    pub(crate) async fn connection(&self, vendor: &str, role: &str, rules: Value) -> Value {
        let shown = self.vendors.json(Method::GET, &format!("/_sandbox/vendors/{vendor}"), Value::Null).await;
        let mut settings = shown["settings"].clone();
        // The accounting system has a pace of its own, whose slices cost. Here it is one that the model's pace fits into.
        settings["pace"] = if role == "accounting" { "6000/60s" } else { "off" }.into();
        let switches = if role == "channel" { json!({"send_invoice": true, "send_tracking": true}) } else { json!({}) };
        json!({"role": role, "connector": vendor.split('-').next(), "label": vendor, "settings": settings,
               "secrets": shown["secrets"], "switches": switches, "rules": rules})
    }
}

/// Clients as a function makes them.
pub(crate) fn clients(url: &str) -> Clients {
    Clients::new(&Settings {
        region: REGION.into(),
        access_key_id: "test".into(),
        secret_access_key: "test".to_owned().into(),
        session_token: None,
        endpoint: Some(url.to_owned()),
    })
}

/// Host and port of a local AWS: one that `BACKHAUL_WIRE_ENDPOINT` names, or one started by `BACKHAUL_MINISTACK`.
fn local_aws() -> String {
    let given = |name| kit::read_env(name).unwrap();
    if let Some(endpoint) = given("BACKHAUL_WIRE_ENDPOINT") {
        return endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
    }
    let program = given("BACKHAUL_MINISTACK").unwrap_or_else(|| "ministack".to_owned());
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    // The shell outlives this process only until its input ends, which happens however this process ends.
    let mut shell = Command::new("sh")
        .args(["-c", r#""$0" & child=$!; cat >/dev/null; kill "$child""#, &program])
        .env("GATEWAY_PORT", address.port().to_string())
        .envs([("MINISTACK_HOST", "127.0.0.1"), ("BIND_HOST", "127.0.0.1"), ("LOG_LEVEL", "WARNING")])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Its input stays open for as long as this process lives.
    std::mem::forget(shell.stdin.take());
    std::thread::spawn(move || drop(shell.wait()));
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(
            began.elapsed() < START_MAX,
            "{program} does not answer at {address}: name it by BACKHAUL_MINISTACK, or a running one by BACKHAUL_WIRE_ENDPOINT"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    address.to_string()
}

/// The keys and the index of the template.
async fn table(aws: &Wire) {
    let keys = |partition: &str, sort: &str| json!([{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]);
    let attributes: Vec<Value> =
        ["pk", "sk", "ik", "is"].iter().map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect();
    let due = json!({"IndexName": "due", "KeySchema": keys("ik", "is"),
                     "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["st", "cl", "gr", "ch", "rs"]}});
    let table = json!({"TableName": TABLE, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": attributes,
                       "KeySchema": keys("pk", "sk"), "GlobalSecondaryIndexes": [due]});
    aws.aws("DynamoDB_20120810.CreateTable", table).await;
}

async fn queues(aws: &Wire, name: &str) -> QueueNames {
    let create = async |name: &str| {
        let made = aws.aws("AmazonSQS.CreateQueue", json!({"QueueName": name})).await;
        // It may name itself by another host than the one we reach it at.
        let url = made["QueueUrl"].as_str().unwrap().to_owned();
        let path = url.splitn(4, '/').nth(3).unwrap().to_owned();
        format!("{}/{path}", aws.url())
    };
    QueueNames { url: create(name).await, dead_letter_url: create(&format!("{name}-dead")).await, table: TABLE.into() }
}

async fn key(aws: &Wire) -> String {
    let made = aws.aws("TrentService.CreateKey", json!({"Description": "seals credentials"})).await;
    made["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}
