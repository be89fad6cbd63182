//! What a starting function meets: a Runtime API with one event for it, and an AWS that answers at once what the local
//! one answered to the same question before.

use crate::wire::Wire;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// What a function answered, and when.
pub(crate) type Answered = (Instant, Value);

/// The Runtime API of one sandbox.
pub(crate) struct Runtime {
    pub(crate) address: String,
    answers: mpsc::UnboundedReceiver<Answered>,
}

struct Invocations {
    event: Mutex<Option<String>>,
    answers: mpsc::UnboundedSender<Answered>,
}

impl Runtime {
    /// With this event.
    pub(crate) async fn with(event: &Value) -> Self {
        let (sender, answers) = mpsc::unbounded_channel();
        let state = Arc::new(Invocations { event: Mutex::new(Some(event.to_string())), answers: sender });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{how}", post(answered))
            .route("/2018-06-01/runtime/init/error", post(not_started))
            .with_state(state);
        Self { address: serve(router).await, answers }
    }

    /// The first answer.
    pub(crate) async fn answer(&mut self) -> Answered {
        self.answers.recv().await.unwrap()
    }
}

async fn next(State(state): State<Arc<Invocations>>) -> Response {
    let event = state.event.lock().unwrap().take();
    // There is one event only; the next one never comes.
    let Some(event) = event else { return std::future::pending().await };
    let deadline = jiff::Timestamp::now().as_millisecond() + 90_000;
    Response::builder()
        .header("lambda-runtime-aws-request-id", "1")
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:measured")
        .header("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793")
        .header("content-type", "application/json")
        .body(Body::from(event))
        .unwrap()
}

async fn answered(
    State(state): State<Arc<Invocations>>,
    Path((_, how)): Path<(String, String)>,
    body: Bytes,
) -> &'static str {
    let at = Instant::now();
    let text = String::from_utf8_lossy(&body);
    assert!(how == "response", "the function failed: {text}");
    state.answers.send((at, serde_json::from_str(&text).unwrap_or(Value::Null))).unwrap();
    ""
}

async fn not_started(body: Bytes) -> &'static str {
    panic!("the function did not start: {}", String::from_utf8_lossy(&body))
}

/// A target and a body, and what was answered.
type Known = HashMap<(String, Bytes), (u16, Bytes)>;

#[derive(Clone)]
struct Replayed {
    aws: Wire,
    known: Arc<Mutex<Known>>,
}

/// The address of an AWS that answers at once.
pub(crate) async fn aws(before: Wire) -> String {
    serve(Router::new().fallback(replay).with_state(Replayed { aws: before, known: Arc::default() })).await
}

async fn replay(State(state): State<Replayed>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (status, answer) = match target.as_str() {
        // An event has a name of its own every time; the queue's answer is the same.
        "AmazonSQS.SendMessage" => (200, Bytes::from(json!({"MessageId": "1", "MD5OfMessageBody": "x"}).to_string())),
        _ => {
            let question = (target, body.clone());
            let known = state.known.lock().unwrap().get(&question).cloned();
            match known {
                Some(known) => known,
                None => {
                    let answer = state.aws.send(Method::POST, "/", &headers, body).await;
                    state.known.lock().unwrap().insert(question, (answer.status, answer.body.clone()));
                    (answer.status, answer.body)
                }
            }
        }
    };
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(Body::from(answer)).unwrap()
}

/// What a vendor sent to us: headers in lower case, and the raw body.
pub(crate) type Hook = (HashMap<String, String>, String);

/// Has the practice vendor sign a webhook for a path of ours, and keeps it.
pub(crate) async fn signed(vendors: &Wire, path: &str, mut wish: Value) -> Hook {
    let (sender, mut hooks) = mpsc::unbounded_channel::<Hook>();
    let keep = move |headers: HeaderMap, body: Bytes| {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        sender.send((headers.collect(), String::from_utf8_lossy(&body).into_owned())).unwrap();
        std::future::ready("")
    };
    let address = serve(Router::new().fallback(keep)).await;
    wish["url"] = format!("http://{address}{path}").into();
    vendors.json(Method::POST, "/_sandbox/emit", wish).await;
    hooks.recv().await.unwrap()
}
