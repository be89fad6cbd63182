//! A way to the local AWS on which calls get lost, so that tests can see what becomes of what they were about.

use super::clients_of;
use aws::Clients;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Passes,
    /// It is done, and nobody hears of it.
    AnswerLost,
    /// The table says that it is asked too much, and does nothing.
    Throttled,
}

type Decide = Box<dyn FnMut(&str, &str) -> Fate + Send>;

/// Listens on this machine and asks what shall become of each call, by its operation and body.
#[derive(Clone)]
pub(crate) struct Proxy {
    decide: Arc<Mutex<Decide>>,
    url: String,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let passes: Decide = Box::new(|_, _| Fate::Passes);
        let proxy = Self { decide: Arc::new(Mutex::new(passes)), url };
        let listening = proxy.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(listening.clone().serve(stream));
            }
        });
        proxy
    }

    pub(crate) fn clients(&self) -> Clients {
        clients_of(&self.url)
    }

    /// From now on this decides.
    pub(crate) fn decides(&self, decide: impl FnMut(&str, &str) -> Fate + Send + 'static) {
        *self.decide.lock().unwrap() = Box::new(decide);
    }

    /// One call per connection.
    async fn serve(self, mut stream: TcpStream) -> Option<()> {
        let request = whole(&mut stream).await?;
        let (head, body) = request.split_once("\r\n\r\n")?;
        let operation = head.lines().find_map(|line| line.strip_prefix("x-amz-target: "))?.rsplit('.').next()?;
        let fate = (self.decide.lock().unwrap())(operation, body);
        if fate == Fate::Throttled {
            let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}"#;
            let head = "HTTP/1.1 400 So\r\ncontent-type: application/x-amz-json-1.0\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            return stream.write_all(answer.as_bytes()).await.ok();
        }
        let mut aws = TcpStream::connect(super::endpoint().strip_prefix("http://")?).await.ok()?;
        let (line, rest) = request.split_once("\r\n")?;
        aws.write_all(format!("{line}\r\nconnection: close\r\n{rest}").as_bytes()).await.ok()?;
        let mut answer = vec![];
        aws.read_to_end(&mut answer).await.ok()?;
        if fate == Fate::Passes {
            stream.write_all(&answer).await.ok()?;
        }
        Some(())
    }
}

/// A request, once it is there as a whole.
async fn whole(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut buffer) = (vec![], [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(buffer.get(..read)?);
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        if body.len() >= length.parse().ok()? {
            return Some(text.to_owned());
        }
    }
}
