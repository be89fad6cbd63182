//! A running sandbox on a directory of its own, and the smallest HTTP client that shows a closed connection.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vendor_sandbox::{Options, Running, start};

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// `None` when the connection was closed without an answer.
pub(crate) async fn call(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    // A reset counts as closed without an answer.
    let _count = stream.read_to_end(&mut answer).await.unwrap_or(0);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    Some(Reply { status, headers, body: answer[end + 4..].to_vec() })
}

pub(crate) struct Sandbox {
    running: Option<Running>,
    pub(crate) address: SocketAddr,
    data: TempDir,
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        Self::on(tempfile::tempdir().unwrap()).await
    }

    /// On a directory that another one left.
    pub(crate) async fn on(data: TempDir) -> Self {
        let running = open(&data).await;
        Self { address: running.address, running: Some(running), data }
    }

    /// Ends and leaves its directory.
    pub(crate) async fn stop(mut self) -> TempDir {
        self.running.take().unwrap().stop().await;
        self.data
    }

    /// Closes and opens the durable file again; the address changes.
    pub(crate) async fn restart(self) -> Self {
        Self::on(self.stop().await).await
    }

    pub(crate) async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        call(self.address, method, target, headers, body).await.expect("an answer")
    }

    /// A control call that must succeed.
    pub(crate) async fn control(&self, method: &str, target: &str, body: Value) -> Value {
        let reply = self.send(method, &format!("/_sandbox{target}"), &[], body.to_string().as_bytes()).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    /// Settings and secrets of one instance.
    pub(crate) async fn vendor(&self, name: &str) -> Value {
        self.control("GET", &format!("/vendors/{name}"), json!({})).await
    }

    pub(crate) async fn order(&self, wish: Value) -> Value {
        self.control("POST", "/orders", wish).await
    }

    pub(crate) async fn effects(&self, vendor: &str, kind: &str) -> u64 {
        let page = self.control("GET", "/effects", json!({})).await;
        page["vendors"][vendor][kind].as_u64().unwrap_or(0)
    }
}

async fn open(data: &TempDir) -> Running {
    let options = Options { listen: "127.0.0.1:0".parse().unwrap(), data: data.path().join("practice") };
    start(options).await.unwrap()
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer} in {value}"))
}

/// A multipart body with one file, as a Mirakl client sends it; answers content type and body.
pub(crate) fn upload(file_name: &str, type_code: &str, file: &[u8]) -> (String, Vec<u8>) {
    uploads(&[(file_name, file)], &json!({"order_documents": [{"file_name": file_name, "type_code": type_code}]}))
}

pub(crate) fn uploads(files: &[(&str, &[u8])], documents: &Value) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file) in files {
        body.extend(
            format!(
                "--practice\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
                 content-type: application/pdf\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend(*file);
        body.extend(b"\r\n");
    }
    body.extend(
        format!(
            "--practice\r\ncontent-disposition: form-data; name=\"order_documents\"\r\n\
             content-type: application/json\r\n\r\n{documents}\r\n--practice--\r\n"
        )
        .as_bytes(),
    );
    ("multipart/form-data; boundary=practice".to_owned(), body)
}
