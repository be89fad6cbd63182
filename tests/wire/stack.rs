//! One stack for all tests of this binary: the look-alike with the deployed template, the practice vendors, and between
//! the functions and their AWS a proxy that can be told to misbehave. All of it ends with this process, however it ends.

use crate::http::{self, Answer};
use crate::proxy::Proxy;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{OnceLock, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take that takes a moment: machines are busy, and functions start cold.
pub(crate) const SOON: Duration = Duration::from_secs(90);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The first port tried.
const PORT: u16 = 4574;
/// Held for reading by every test, for writing by what would disturb the others.
pub(crate) static PEACE: RwLock<()> = RwLock::new(());

/// Where everything is.
pub(crate) struct Stack {
    /// The look-alike, without what the proxy does.
    pub(crate) aws: String,
    /// What `infra/aws/local up` printed.
    pub(crate) told: Value,
    /// The practice vendors.
    pub(crate) vendors: String,
    /// Between the functions and their AWS.
    pub(crate) proxy: &'static Proxy,
}

/// Looks until there is something to see.
pub(crate) fn eventually<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + within;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "not within {} s: {what}", within.as_secs());
        sleep(LOOK_EVERY);
    }
}

/// The stack, started by whoever needs it first.
pub(crate) fn stack() -> &'static Stack {
    static STACK: OnceLock<Stack> = OnceLock::new();
    STACK.get_or_init(start)
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// `target`: this test lies at target/<profile>/deps/wire-…
pub(crate) fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// Runs something to its end and gives what it printed.
pub(crate) fn output(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let done = done.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.status.success(), "{command:?} failed");
    String::from_utf8(done.stdout).unwrap()
}

/// The functions as a folder of bootstraps, and the program: `tests/wire/build` has made them.
pub(crate) fn code() -> PathBuf {
    target().join("quick-functions")
}

/// Starts a program that ends with this process: the shell waits for its input to end, which happens however this
/// process ends. It is in a group of its own, so that what ends ours does not end it first. `words` are the shell's `$0`,
/// `$1` …
fn until_we_end(script: &str, words: &[&str], log: &File) {
    let mut shell = Command::new("sh")
        .args(["-c", script])
        .args(words)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log.try_clone().unwrap())
        .spawn()
        .unwrap();
    // Its input stays open for as long as this process lives.
    std::mem::forget(shell.stdin.take());
    std::thread::spawn(move || drop(shell.wait()));
}

fn start() -> Stack {
    let (code, program) = (code(), target().join("quick/backhaul"));
    assert!(code.is_dir() && program.is_file(), "run tests/wire/build first");
    let folder = target().join("wire");
    std::fs::create_dir_all(&folder).unwrap();
    let log = File::create(folder.join("log")).unwrap();
    let port = (PORT..).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap().to_string();
    let aws = format!("127.0.0.1:{port}");
    let proxy = Proxy::before(&aws);
    let local = root().join("infra/aws/local");
    until_we_end("cat >/dev/null; exec \"$0\" down --port \"$1\"", &[local.to_str().unwrap(), &port], &log);
    let mut up = Command::new(&local);
    up.args(["up", "--port", &port, "--code"]).arg(code).env("CARGO_TARGET_DIR", target());
    for variable in [
        "BACKHAUL_ALLOW_PRIVATE_TARGETS=true",
        "BACKHAUL_RETRY_DELAYS=0s,1s,2s",
        "BACKHAUL_RECHECK_MAX=2s",
        &format!("AWS_ENDPOINT_URL=http://{}", proxy.address),
    ] {
        up.args(["--env", variable]);
    }
    let told: Value = serde_json::from_str(&output(&mut up)).unwrap();
    assert_eq!(told["status"], "CREATE_COMPLETE", "{told:#}");

    let vendors = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let data = folder.join(format!("sandbox-{port}"));
    drop(std::fs::remove_dir_all(&data));
    let script = r#""$0" sandbox --listen "$1" --data "$2" & child=$!; cat >/dev/null; kill "$child""#;
    until_we_end(script, &[program.to_str().unwrap(), &vendors, data.to_str().unwrap()], &log);
    eventually("the practice vendors answer", SOON, || TcpStream::connect(&vendors).ok());
    Stack { aws, told, vendors, proxy }
}

/// The worker gets no messages while this lives.
pub(crate) struct Halted<'a>(&'a Stack);

impl Drop for Halted<'_> {
    fn drop(&mut self) {
        self.0.working(true);
    }
}

impl Stack {
    /// One of the texts that `infra/aws/local up` printed.
    pub(crate) fn told(&self, name: &str) -> &str {
        self.told[name].as_str().unwrap_or_else(|| panic!("{name} was not told"))
    }

    /// Any call to the look-alike; credentials are only looked at, not verified.
    pub(crate) fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let answer = http::call(&self.aws, method, path, headers, Some(body));
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// A call of AWS's JSON protocols: `DynamoDB_20120810.GetItem`.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
    pub(crate) fn aws(&self, operation: &str, body: Value) -> Value {
        let (service, version) = match operation.split(['.', '_']).next().unwrap() {
            "DynamoDB" => ("dynamodb", "1.0"),
            "AmazonSQS" => ("sqs", "1.0"),
            _ => ("cognito-idp", "1.1"),
        };
        let kind = format!("application/x-amz-json-{version}");
        let who = format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, Signature=0");
        let headers = [("X-Amz-Target", operation), ("Content-Type", &kind), ("Authorization", &who)];
        let answer = self.raw("POST", "/", &headers, body.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{operation} {body}: {}", answer.text);
        answer.json
    }

    /// A call of the Lambda API.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
    pub(crate) fn lambda(&self, method: &str, path: &str, body: Value) -> Answer {
        let who = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, Signature=0";
        self.raw(method, path, &[("Authorization", who)], body.to_string().as_bytes())
    }

    /// One pass of the sweep, now. False: another one runs, and this one was not let in.
    pub(crate) fn sweep(&self) -> bool {
        let path = format!("/2015-03-31/functions/{}/invocations", self.told["functions"]["sweep"].as_str().unwrap());
        let answer = self.lambda("POST", &path, json!({}));
        assert!(answer.status == 200 || answer.status == 429, "the sweep: {} {}", answer.status, answer.text);
        assert_eq!(answer.header("x-amz-function-error"), "", "the sweep: {}", answer.text);
        answer.status == 200
    }

    /// Keeps the queue's messages from the worker until what it gives is dropped.
    pub(crate) fn halt(&self) -> Halted<'_> {
        self.working(false);
        Halted(self)
    }

    fn working(&self, on: bool) {
        let path = "/2015-03-31/event-source-mappings/";
        let all = self.lambda("GET", path, Value::Null).json;
        let id = all["EventSourceMappings"][0]["UUID"].as_str().unwrap_or_else(|| panic!("{all}")).to_owned();
        let answer = self.lambda("PUT", &format!("{path}{id}"), json!({ "Enabled": on }));
        assert!(answer.status < 300, "{}", answer.text);
    }

    /// Puts a text on one of the queues.
    pub(crate) fn send(&self, queue: &str, group: &str, body: &str) -> String {
        let wish = json!({"QueueUrl": self.told(queue), "MessageBody": body, "MessageGroupId": group});
        self.aws("AmazonSQS.SendMessage", wish)["MessageId"].as_str().unwrap().to_owned()
    }

    /// Up to ten messages of a queue, kept from others for so long.
    pub(crate) fn receive(&self, queue: &str, seconds: u32) -> Vec<Value> {
        let wish = json!({"QueueUrl": self.told(queue), "MaxNumberOfMessages": 10, "VisibilityTimeout": seconds,
                          "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]});
        self.aws("AmazonSQS.ReceiveMessage", wish)["Messages"].as_array().cloned().unwrap_or_default()
    }

    /// All messages of a queue, without receiving them.
    pub(crate) fn peek(&self, queue: &str) -> Vec<Value> {
        let url = self.told(queue);
        let found = self.raw("GET", &format!("/_ministack/sqs/messages?QueueUrl={url}"), &[], b"").json;
        let accounts = found["messages"].as_object().unwrap_or_else(|| panic!("{found}")).values();
        let queues = accounts.flat_map(|regions| regions.as_object().unwrap().values());
        queues.flat_map(|queues| queues[url].as_array().cloned().unwrap_or_default()).collect()
    }

    /// Takes a received message from its queue.
    pub(crate) fn remove(&self, queue: &str, message: &Value) {
        let wish = json!({"QueueUrl": self.told(queue), "ReceiptHandle": message["ReceiptHandle"]});
        self.aws("AmazonSQS.DeleteMessage", wish);
    }

    /// Processes that run one of the functions of this stack and no other.
    pub(crate) fn processes(&self, function: &str) -> Vec<u32> {
        let name = format!("AWS_LAMBDA_FUNCTION_NAME={}", self.told["functions"][function].as_str().unwrap());
        let home = format!("AWS_ENDPOINT_URL=http://{}", self.proxy.address);
        let runs = |pid: &u32| {
            let mut environment = vec![];
            let read =
                File::open(format!("/proc/{pid}/environ")).and_then(|mut file| file.read_to_end(&mut environment));
            let has = |wanted: &str| environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes());
            read.is_ok() && has(&name) && has(&home)
        };
        let pids =
            std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(runs).collect()
    }

    /// A control call to the practice vendors that must succeed.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the body where they call")]
    pub(crate) fn vendor(&self, method: &str, path: &str, body: Value) -> Value {
        let bytes = if body.is_null() { None } else { Some(body.to_string().into_bytes()) };
        let answer = http::call(&self.vendors, method, path, &[("Content-Type", "application/json")], bytes.as_deref());
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text);
        answer.json
    }
}
