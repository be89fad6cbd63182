//! A local AWS for the tests of this package, and what each test needs of it: a table, queues and a key of its own.
//!
//! `BACKHAUL_WIRE_ENDPOINT` names one that runs already; else `BACKHAUL_MINISTACK` names the program `ministack`, which
//! is started once for all tests of a binary and ends with it, however that ends.

pub(crate) mod ledger;
pub(crate) mod proxy;

use aws::{Clients, QueueNames, Settings};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use aws_sdk_sqs::types::QueueAttributeName;
use connectors::Clock;
use jiff::Timestamp;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A program written in Python on a busy machine.
const START_MAX: Duration = Duration::from_secs(60);

/// Where AWS is.
fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let given = std::env::var("BACKHAUL_WIRE_ENDPOINT").ok().filter(|endpoint| !endpoint.is_empty());
        given.unwrap_or_else(start)
    })
}

fn start() -> String {
    let program =
        std::env::var("BACKHAUL_MINISTACK").expect("BACKHAUL_MINISTACK or BACKHAUL_WIRE_ENDPOINT must be set");
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
        assert!(began.elapsed() < START_MAX, "{program} does not answer at {address}");
        std::thread::sleep(Duration::from_millis(50));
    }
    format!("http://{address}")
}

/// The clock that AWS goes by.
pub(crate) struct RealClock;

impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Clients as a function makes them. For the runtime of one test: connections do not outlive it.
pub(crate) fn clients() -> Clients {
    clients_of(endpoint())
}

fn clients_of(endpoint: &str) -> Clients {
    Clients::new(&Settings {
        region: "us-east-1".into(),
        access_key_id: "test".into(),
        secret_access_key: "test".into(),
        session_token: None,
        endpoint: Some(endpoint.into()),
    })
}

/// A name that no other test has, nor any run before against the same endpoint.
fn name(of: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    format!("{of}-{}-{}-{count}", Timestamp::now().as_nanosecond(), std::process::id())
}

/// An empty table with the keys and the index of the template.
pub(crate) async fn table() -> (aws_sdk_dynamodb::Client, String) {
    let (client, name) = (clients().dynamodb, name("backhaul"));
    let text = |name: &str| {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        attribute.build().unwrap()
    };
    let keys = |partition: &str, sort: &str| {
        let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
        vec![key(partition, KeyType::Hash), key(sort, KeyType::Range)]
    };
    let shown = ["st", "cl", "gr", "ch", "rs"].map(str::to_owned).to_vec();
    let shown = Projection::builder().projection_type(ProjectionType::Include).set_non_key_attributes(Some(shown));
    let due = GlobalSecondaryIndex::builder().index_name("due").set_key_schema(Some(keys("ik", "is")));
    let create = client
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "ik", "is"].map(text).to_vec()))
        .set_key_schema(Some(keys("pk", "sk")))
        .global_secondary_indexes(due.projection(shown.build()).build().unwrap());
    create.send().await.unwrap();
    (client, name)
}

/// An export queue and its dead-letter queue, with a table beside them. What is received so often without an end is
/// moved by the queue itself.
pub(crate) async fn queues(receives_max: u32) -> QueueNames {
    let (sqs, name, (_, table)) = (clients().sqs, name("export"), table().await);
    let dead_letter_url =
        sqs.create_queue().queue_name(format!("{name}-dead")).send().await.unwrap().queue_url.unwrap();
    let arn = sqs.get_queue_attributes().queue_url(&dead_letter_url).attribute_names(QueueAttributeName::QueueArn);
    let arn = arn.send().await.unwrap().attributes.unwrap().remove(&QueueAttributeName::QueueArn).unwrap();
    let redrive = serde_json::json!({"deadLetterTargetArn": arn, "maxReceiveCount": receives_max}).to_string();
    let export = sqs.create_queue().queue_name(&name).attributes(QueueAttributeName::RedrivePolicy, redrive);
    QueueNames { url: export.send().await.unwrap().queue_url.unwrap(), dead_letter_url, table }
}

/// A KMS key.
pub(crate) async fn key() -> String {
    let made = clients().kms.create_key().description("seals credentials").send().await.unwrap();
    made.key_metadata.unwrap().key_id
}
