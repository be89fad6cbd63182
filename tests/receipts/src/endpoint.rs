//! An endpoint in front of a local AWS that counts what AWS would charge for each call.

use crate::calls::{Call, Charge, Kind, LAMBDA, Told};
use crate::sizes::Item;
use crate::wire::{Answer, Wire};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// Counts, and passes everything on.
pub(crate) struct Endpoint {
    pub(crate) address: String,
    aws: Wire,
    charges: Mutex<Vec<Charge>>,
    /// What could not be counted: a receipt with one of these is none.
    uncounted: Mutex<Vec<String>>,
    /// Writes go one after the other, so that the item before each is known.
    writing: tokio::sync::Mutex<()>,
}

impl Endpoint {
    /// Listens before a local AWS.
    pub(crate) async fn before(aws: Wire) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let endpoint = Arc::new(Self {
            address,
            aws,
            charges: Mutex::default(),
            uncounted: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        });
        let router = Router::new().fallback(pass).with_state(Arc::clone(&endpoint));
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }

    /// A function was called.
    pub(crate) fn invoked(&self) {
        self.note(Charge { line: LAMBDA, kind: Kind::Lambda, units: 1.0, bytes: 0 });
    }

    /// What was counted since the last time.
    ///
    /// # Panics
    /// If something was called that there is no rule for.
    pub(crate) fn take(&self) -> Vec<Charge> {
        let uncounted = std::mem::take(&mut *self.uncounted.lock().unwrap());
        assert!(uncounted.is_empty(), "cannot be counted: {uncounted:?}");
        std::mem::take(&mut *self.charges.lock().unwrap())
    }

    fn note(&self, charge: Charge) {
        self.charges.lock().unwrap().push(charge);
    }

    async fn item(&self, table: &str, key: &Value) -> Option<Item> {
        let get = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        self.aws.aws("DynamoDB_20120810.GetItem", get).await["Item"].as_object().cloned()
    }

    async fn dynamodb(&self, call: Call<'_>, pass_on: impl Future<Output = Answer>) -> Answer {
        let targets = call.targets();
        let (answer, counted) = if targets.is_empty() {
            let answer = pass_on.await;
            let body = read(&answer);
            let counted = call.reading(Told { status: answer.status, body: &body });
            (answer, counted)
        } else {
            let one_at_a_time = self.writing.lock().await;
            let mut images = vec![];
            for target in &targets {
                images.push((self.item(&target.table, &target.key).await, None));
            }
            let answer = pass_on.await;
            for (target, (_, after)) in targets.iter().zip(&mut images) {
                *after = self.item(&target.table, &target.key).await;
            }
            drop(one_at_a_time);
            let body = read(&answer);
            let counted = call.writing(Told { status: answer.status, body: &body }, &images);
            (answer, counted)
        };
        match counted {
            Ok(charges) => charges.into_iter().for_each(|charge| self.note(charge)),
            Err(why) => self.uncounted.lock().unwrap().push(why),
        }
        answer
    }
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
}

async fn pass(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let target = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let (service, operation) = target.split_once('.').unwrap_or_default();
    let call = Call { operation, body: &body };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let pass_on = endpoint.aws.send(head.method, path, &head.headers, bytes);
    let answer = match service {
        "DynamoDB_20120810" => endpoint.dynamodb(call, pass_on).await,
        "AmazonSQS" => {
            let answer = pass_on.await;
            // A refused request is a request.
            endpoint.note(call.queueing(Told { status: answer.status, body: &read(&answer) }));
            answer
        }
        "TrentService" => {
            endpoint.note(Charge { line: "KMS", kind: Kind::Keys, units: 1.0, bytes: 0 });
            pass_on.await
        }
        _ => {
            endpoint.uncounted.lock().unwrap().push(format!("{path} {target}"));
            pass_on.await
        }
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "content-length" | "transfer-encoding" | "connection"))
    {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}
