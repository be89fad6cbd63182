//! The official Runtime Interface Emulator runs each bootstrap: what Lambda's own runtime says is understood.

use crate::http;
use crate::merchant::{Merchant, public_host};
use crate::stack::{PEACE, SOON, code, eventually, output, root, stack, target};
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Ends its process when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// It comes with the tool that builds and deploys the template.
fn emulator() -> PathBuf {
    let mut tools = Command::new(root().join("infra/aws/tools"));
    let programs = PathBuf::from(output(tools.arg("sam").env("CARGO_TARGET_DIR", target())).trim());
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let library = programs.parent().unwrap().join("lib");
    let all = std::fs::read_dir(library).unwrap().flatten();
    let all =
        all.map(|python| python.path().join(format!("site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")));
    all.into_iter().find(|path| path.is_file()).expect("aws-sam-cli brings no emulator")
}

/// One call of a function with an event; what it answers.
fn invoke(function: &str, event: &Value) -> Value {
    let stack = stack();
    let name = stack.told["functions"][function].as_str().unwrap();
    let path = format!("/2015-03-31/functions/{name}/configuration");
    let configured = stack.lambda("GET", &path, Value::Null).json;
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (door, runtime) = (free(), free());
    let mut emulator = Command::new(emulator());
    emulator.args(["--runtime-interface-emulator-address", &door, "--runtime-api-address", &runtime]);
    emulator.arg(code().join(function).join("bootstrap"));
    let variables = configured["Environment"]["Variables"].as_object().unwrap_or_else(|| panic!("{configured}"));
    emulator.envs(variables.iter().map(|(name, value)| (name, value.as_str().unwrap())));
    emulator.envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    emulator
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_TIMEOUT", configured["Timeout"].to_string());
    emulator.env("AWS_ENDPOINT_URL", format!("http://{}", stack.aws));
    let running = emulator.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let _running = Running(running.unwrap());
    eventually("the emulator listens", SOON, || TcpStream::connect(&door).ok());
    let body = event.to_string();
    let answer = http::call(&door, "POST", "/2015-03-31/functions/function/invocations", &[], Some(body.as_bytes()));
    let answer = answer.unwrap();
    assert_eq!(answer.status, 200, "{function}: {}", answer.text);
    assert!(answer.json.get("errorType").is_none(), "{function}: {}", answer.text);
    answer.json
}

/// A call as function URLs and HTTP APIs tell it; `claims` as a JWT authorizer adds them.
fn called(method: &str, path: &str, headers: Value, body: &str, claims: Value) -> Value {
    let mut context = json!({"accountId": "anonymous", "apiId": "practice", "domainName": "practice.example",
        "domainPrefix": "practice", "requestId": "id", "routeKey": "$default", "stage": "$default",
        "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_000_u64,
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"}});
    if !claims.is_null() {
        context["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
    }
    json!({"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
           "requestContext": context, "body": body, "isBase64Encoded": false})
}

#[test]
#[ignore = "needs the local AWS: .ci/run starts it"]
fn every_function_runs_under_the_official_emulator() {
    let merchant = Merchant::with(42, &["books"]);
    let _peace = PEACE.read();
    let shown =
        merchant.stack.vendor("GET", &format!("/_sandbox/vendors/{}", merchant.vendor("fakturoid")), Value::Null);
    let word = &shown["secrets"]["webhook_authorization"];
    let event = json!({"webhook_id": 1, "event_name": "invoice_created", "created_at": "2026-01-01T00:00:00Z",
                       "body": {"invoice": {"id": 999_999}}});
    let path = format!("/webhooks/accounting/{}", merchant.id("books"));
    let headers = json!({"authorization": word, "content-type": "application/json", "host": "practice.example"});
    let taken = invoke("accounting-webhook", &called("POST", &path, headers, &event.to_string(), Value::Null));
    assert_eq!((&taken["statusCode"], &taken["body"]), (&json!(202), &json!(r#"{"accepted":1}"#)), "{taken}");
    for role in ["courier", "channel"] {
        let path = format!("/webhooks/{role}/nobody");
        let unknown = invoke(&format!("{role}-webhook"), &called("POST", &path, json!({}), "{}", Value::Null));
        assert_eq!(unknown["statusCode"], 404, "{unknown}");
    }

    let record = |id: &str, body: &str| {
        json!({"messageId": id, "receiptHandle": format!("receipt-{id}"), "body": body, "md5OfBody": "",
               "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": merchant.id("books")},
               "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
               "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:export"})
    };
    let batch = [record("known", r#"{"type":"JobV1","job":"job_nobodys"}"#), record("later", r#"{"type":"JobV2"}"#)];
    let answered = invoke("export-worker", &json!({ "Records": batch }));
    assert_eq!(answered, json!({"batchItemFailures": [{"itemIdentifier": "later"}]}));

    let schedule = json!({"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.scheduler",
        "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail": "{}"});
    assert_eq!(invoke("sweep", &schedule), Value::Null);

    let claims = json!({"custom:tenant": merchant.tenant, "token_use": "id", "sub": "person"});
    let host = json!({"host": public_host(merchant.stack)});
    let shown = invoke("console", &called("GET", "/api/v1/connections", host, "", claims));
    assert_eq!(shown["statusCode"], 200, "{shown}");
    assert!(shown["body"].as_str().unwrap().contains(&merchant.id("books")), "{shown}");
}
