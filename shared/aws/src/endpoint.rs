//! A stand-in for AWS in tests: answers what it is told to and remembers what it was asked.

use crate::clients::{Clients, Settings};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A status and a body.
pub(crate) type Answer = (u16, &'static str);

#[derive(Default)]
struct Seen {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<(String, Value)>>,
    connections: Mutex<usize>,
}

/// Listens on this machine. When it runs out of answers it refuses everything.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    seen: Arc<Seen>,
}

impl Endpoint {
    pub(crate) async fn answering(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen { answers: Mutex::new(answers.iter().copied().collect()), ..Seen::default() });
        let endpoint = Self { url, seen };
        let listening = endpoint.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *listening.seen.connections.lock().unwrap() += 1;
                tokio::spawn(listening.clone().serve(stream));
            }
        });
        endpoint
    }

    /// Clients that ask here.
    pub(crate) fn clients(&self) -> Clients {
        Clients::new(&Settings {
            region: "eu-central-1".into(),
            access_key_id: "id".into(),
            secret_access_key: "s3cret".into(),
            session_token: None,
            endpoint: Some(self.url.clone()),
        })
    }

    /// The calls so far: operation and body.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        self.seen.asked.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.seen.connections.lock().unwrap()
    }

    async fn serve(self, mut stream: TcpStream) {
        let (mut bytes, mut buffer) = (vec![], [0; 4096]);
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            bytes.extend_from_slice(&buffer[..read]);
            let Some(call) = whole(&bytes) else { continue };
            bytes.clear();
            self.seen.asked.lock().unwrap().push(call);
            let answer = self.seen.answers.lock().unwrap().pop_front();
            let (status, body) = answer.unwrap_or((400, r#"{"__type":"NotTold"}"#));
            let kind = "content-type: application/x-amz-json-1.0";
            let answer = format!("HTTP/1.1 {status} So\r\n{kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }
}

/// Operation and body of a request, once it is there as a whole.
fn whole(request: &[u8]) -> Option<(String, Value)> {
    let text = std::str::from_utf8(request).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let operation = header("x-amz-target")?.rsplit('.').next()?.to_owned();
    if body.len() < header("content-length")?.parse().ok()? {
        return None;
    }
    Some((operation, serde_json::from_str(body).ok()?))
}
