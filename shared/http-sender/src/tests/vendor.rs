//! A vendor as a raw socket: it says byte for byte what a test wants and counts what reached it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// What the vendor does with a whole request.
pub(crate) enum Reply {
    /// Says this and keeps the connection.
    Say(String),
    /// Says this and closes the connection.
    SayAndClose(String),
    /// Says nothing and keeps the connection.
    Hang,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) connections: AtomicUsize,
    pub(crate) requests: Mutex<Vec<String>>,
    pub(crate) closed: Notify,
}

pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
}

impl Vendor {
    /// Listens; `reply` gets the text of each request.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, reply).await
    }

    /// Listens, behind TLS.
    pub(crate) async fn secured(tls: TlsAcceptor, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(Some(tls), reply).await
    }

    async fn listen(tls: Option<TlsAcceptor>, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::<Seen>::default());
        let (reply, counts) = (Arc::new(reply), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counts.connections.fetch_add(1, Ordering::SeqCst);
                let (reply, counts, tls) = (Arc::clone(&reply), Arc::clone(&counts), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &*reply, &counts).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &*reply, &counts).await;
                            }
                        }
                    }
                    counts.closed.notify_one();
                });
            }
        });
        Self { address, seen }
    }

    /// Its base address under any name.
    pub(crate) fn base(&self, host: &str) -> String {
        format!("http://{host}:{}", self.address.port())
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    reply: &(impl Fn(&str) -> Reply + Send + Sync),
    seen: &Seen,
) {
    while let Some(request) = read_request(&mut stream).await {
        seen.requests.lock().unwrap().push(request.clone());
        match reply(&request) {
            Reply::Say(text) => {
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
            Reply::SayAndClose(text) => {
                stream.write_all(text.as_bytes()).await.ok();
                return;
            }
            Reply::Hang => {}
        }
    }
}

/// Head and body of one request; `None` when the peer has gone.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = vec![];
    loop {
        let mut chunk = [0; 4096];
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

/// An ordinary answer.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}
