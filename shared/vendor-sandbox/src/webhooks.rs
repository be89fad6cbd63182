//! Sending webhooks: one small HTTP/1.1 client, plain HTTP only.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// The vendors wait at most so long for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Headers and raw body of one delivery.
#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Sends it `times`, one after the other or all at once, and says how each was answered.
pub(crate) async fn send(url: &str, hook: &Hook, times: usize, concurrent: bool) -> Vec<Value> {
    if concurrent {
        return futures_util::future::join_all((0..times).map(|_| once(url, hook))).await;
    }
    let mut sent = Vec::with_capacity(times);
    for _ in 0..times {
        sent.push(once(url, hook).await);
    }
    sent
}

async fn once(url: &str, hook: &Hook) -> Value {
    match tokio::time::timeout(PATIENCE, deliver(url, hook)).await {
        Ok(Ok((status, body))) => {
            let body = serde_json::from_slice(&body)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
            json!({"status": status, "body": body})
        }
        Ok(Err(error)) => json!({"status": null, "error": error.to_string()}),
        Err(_) => json!({"status": null, "error": "no answer in time"}),
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn deliver(url: &str, hook: &Hook) -> Result<(u16, Bytes), Failure> {
    let url = url::Url::parse(url)?;
    if url.scheme() != "http" {
        return Err("only plain http is spoken here".into());
    }
    let host = url.host_str().ok_or("the URL has no host")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut request = Request::post(target)
        .header("host", format!("{host}:{port}"))
        .header("content-type", "application/json; charset=utf-8");
    for (name, value) in &hook.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    let response = sender.send_request(request.body(Full::new(Bytes::from(hook.body.clone())))?).await?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), 1 << 20).collect().await?.to_bytes();
    connection.abort();
    Ok((status, body))
}
