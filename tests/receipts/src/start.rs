//! How long a function takes from the spawn of its process to its first answer, beside a bare one.

use crate::binaries::{BARE, FUNCTIONS, built};
use crate::functions::{Engine, ModelClock};
use crate::paths::connect;
use crate::stage::{Names, Stage};
use crate::stub::{Hook, Runtime, aws, signed};
use crate::wire::REGION;
use domain::{Cause, ConnectionId, SourceHint, Subject, SubjectKind, TenantId};
use export_flow::message::{Message, SourceEvent};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};
use tokio::process::Command;

const RUNS: usize = 21;
/// Of the webhook functions, against the bare one.
const RATIO_MAX: f64 = 1.5;
const START_MAX: Duration = Duration::from_secs(30);

/// What a function is asked first, and what it must say.
struct Asked {
    program: &'static str,
    what: &'static str,
    event: Value,
    status: Option<u16>,
}

/// Prints the median of each. Fails above the budget.
pub(crate) async fn run(folder: Option<&str>) -> ExitCode {
    let Some(folder) = built(folder) else { return ExitCode::FAILURE };
    let stage = Stage::empty().await;
    let names = stage.queues("export").await;
    let clock = ModelClock::new();
    connect(&stage, &Engine::at(&stage.aws.url(), &stage.queues("aside").await, &clock)).await;
    let endpoint = format!("http://{}", aws(stage.aws.clone()).await);
    let asked = events(&stage).await;
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    // In turns, so that whatever else the machine does falls on all alike. The first turn fills the stub.
    for turn in 0..=RUNS {
        for one in &asked {
            let time = start(&folder, one, &endpoint, &names).await;
            if turn > 0 {
                times.entry(one.program).or_default().push(time);
            }
        }
    }
    let median = |program: &str| {
        let mut sorted = times[program].clone();
        sorted.sort();
        sorted[RUNS / 2].as_secs_f64() * 1e3
    };
    println!("<!-- receipts -->");
    println!(
        "From spawn to the first answer, median of {RUNS}, without TLS: the functions trust Amazon's roots only, and no"
    );
    println!("setting makes them trust a stub.\n");
    println!("| function | first answer | ms | against the bare one | at most |");
    println!("|---|---|--:|--:|--:|");
    let mut fits = true;
    for one in &asked {
        let (ms, ratio) = (median(one.program), median(one.program) / median(BARE));
        let webhook = one.program.ends_with("-webhook");
        fits &= !webhook || ratio <= RATIO_MAX;
        let max = if webhook { format!("{RATIO_MAX:.1}") } else { String::new() };
        println!("| {} | {} | {ms:.1} | {ratio:.2} | {max} |", one.program, one.what);
    }
    println!("<!-- /receipts -->");
    if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn events(stage: &Stage) -> Vec<Asked> {
    let order =
        json!({"channel": "mirakl", "reference": "MKP-1", "parcels": [{"tracking_number": "T-1", "carrier": "dpd"}]});
    let made = stage.vendor("/_sandbox/orders", order).await;
    let books = "/webhooks/accounting/books";
    let told = json!({"vendor": "fakturoid", "event": "invoice_created", "document": made["document"]["id"]});
    let hook = signed(&stage.vendors, books, told).await;
    let parcels = "/webhooks/courier/parcels";
    let parcel =
        signed(&stage.vendors, parcels, json!({"vendor": "sendcloud", "parcel": made["parcels"][0]["id"]})).await;
    let asked = |program, what, event, status| Asked { program, what, event, status };
    let events: [(&str, &str, Value, Option<u16>); 7] = [
        (BARE, "one item read", json!({}), Some(202)),
        ("accounting-webhook", "a signed webhook, queued", request("POST", books, &hook), Some(202)),
        ("courier-webhook", "a signed webhook, queued", request("POST", parcels, &parcel), Some(202)),
        (
            "channel-webhook",
            "refused: no channel tells by webhook yet",
            request("POST", "/webhooks/channel/market", &hook),
            Some(404),
        ),
        ("export-worker", "a message of a removed connection", message(), None),
        ("sweep", "a whole pass", json!({}), None),
        ("console", "its health", request("GET", "/health", &Hook::default()), Some(200)),
    ];
    assert_eq!(events.len(), FUNCTIONS.len());
    events.map(|(program, what, event, status)| asked(program, what, event, status)).into()
}

/// A request as a function URL and an HTTP API bring it.
fn request(method: &str, path: &str, (headers, body): &Hook) -> Value {
    json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
           "requestContext": {"accountId": "anonymous", "apiId": "a", "domainName": "a.example", "domainPrefix": "a",
             "requestId": "1", "routeKey": "$default", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000",
             "timeEpoch": 1_767_225_600_000_i64, "http": {"method": method, "path": path, "protocol": "HTTP/1.1",
             "sourceIp": "192.0.2.1", "userAgent": "vendor"}},
           "body": body, "isBase64Encoded": false})
}

fn message() -> Value {
    let event = SourceEvent {
        event: domain::EventId::new("1"),
        tenant: TenantId::local(),
        source: ConnectionId::new("removed"),
        hint: SourceHint { subject: Subject { kind: SubjectKind::Document, id: "1".into() }, hints: BTreeMap::new() },
        cause: Cause::Webhook,
        target: None,
        at: jiff::Timestamp::now(),
    };
    let body = serde_json::to_string(&Message::SourceEventV1(event)).unwrap();
    json!({"Records": [{"messageId": "1", "receiptHandle": "r", "body": body, "attributes": {"ApproximateReceiveCount": "1"},
           "messageAttributes": {}, "md5OfBody": "x", "eventSource": "aws:sqs", "awsRegion": REGION,
           "eventSourceARN": "arn:aws:sqs:us-east-1:1:export"}]})
}

async fn start(folder: &Path, asked: &Asked, endpoint: &str, names: &Names) -> Duration {
    let mut runtime = Runtime::with(&asked.event).await;
    let queue = |url: &str| format!("{endpoint}/{}", url.splitn(4, '/').nth(3).unwrap_or_default());
    let began = Instant::now();
    let process = Command::new(folder.join(asked.program))
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime.address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "measured"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", endpoint),
            ("BACKHAUL_TABLE", &names.queues.table),
            ("BACKHAUL_QUEUE_URL", &queue(&names.queues.url)),
            ("BACKHAUL_DEAD_LETTER_URL", &queue(&names.queues.dead_letter_url)),
            ("BACKHAUL_KMS_KEY", &names.key),
            ("BACKHAUL_ALLOW_PRIVATE_TARGETS", "true"),
            ("BACKHAUL_PUBLIC_URL", "https://console.example"),
            ("BACKHAUL_ACCOUNTING_URL", "https://a.example"),
            ("BACKHAUL_COURIER_URL", "https://b.example"),
            ("BACKHAUL_CHANNEL_URL", "https://c.example"),
            ("BACKHAUL_OIDC_ISSUER", "https://issuer.example"),
            ("BACKHAUL_OIDC_CLIENT_ID", "client"),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn();
    let mut process = process.unwrap();
    let answer = tokio::time::timeout(START_MAX, runtime.answer()).await;
    let (at, said) = answer.unwrap_or_else(|_| panic!("{} did not answer", asked.program));
    process.kill().await.unwrap();
    if let Some(status) = asked.status {
        assert_eq!(said["statusCode"], status, "{}: {said}", asked.program);
    }
    at.duration_since(began)
}
