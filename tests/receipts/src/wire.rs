//! The least of a client for AWS's JSON protocols and for the practice vendors.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Calls one address; connections are kept open.
#[derive(Clone)]
pub(crate) struct Wire {
    client: Client<HttpConnector, Full<Bytes>>,
    address: String,
}

impl Wire {
    /// A way to `http://address`.
    pub(crate) fn to(address: impl Into<String>) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), address: address.into() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Any request; the host in it is replaced.
    pub(crate) async fn send(&self, method: Method, path: &str, headers: &HeaderMap, body: Bytes) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url()));
        for (name, value) in headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "content-length")) {
            request = request.header(name, value);
        }
        let answer = self.client.request(request.body(Full::new(body)).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        Answer { status: head.status.as_u16(), headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    /// A call of an AWS service by its target, such as `AmazonSQS.CreateQueue`; it must succeed.
    pub(crate) async fn aws(&self, target: &str, body: Value) -> Value {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", target.parse().unwrap());
        headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
        // Nobody checks it here, but the service is told by it.
        let service = if target.starts_with("AmazonSQS") {
            "sqs"
        } else if target.starts_with("Trent") {
            "kms"
        } else {
            "dynamodb"
        };
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        headers.insert("authorization", scope.parse().unwrap());
        let answer = self.send(Method::POST, "/", &headers, body.to_string().into()).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status == 200, "{target}: {} {text}", answer.status);
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    /// A JSON call that must succeed.
    pub(crate) async fn json(&self, method: Method, path: &str, body: Value) -> Value {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let bytes = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let answer = self.send(method, path, &headers, bytes).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 300, "{path}: {} {text}", answer.status);
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }
}

/// Where the local AWS says it is.
pub(crate) const REGION: &str = "us-east-1";
