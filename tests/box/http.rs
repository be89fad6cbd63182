//! The least of an HTTP/1.1 client: one call, one connection, the whole answer read to its end.

use serde_json::Value;
use std::fmt::Write as _;
use std::io::{Read as _, Result, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than anything may take: the check of a connection has 20 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// A status and what came with it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    /// `Null` where the body is not JSON.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Calls `address` (host and port).
pub(crate) fn call(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        write!(head, "Host: {address}\r\n").expect("writing to a string");
    }
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").expect("writing to a string");
    }
    if let Some(body) = body {
        write!(head, "Content-Length: {}\r\n", body.len()).expect("writing to a string");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    // A server may refuse a body before it has read it: what it says then counts, not that it stopped reading.
    let sent = body.map_or(Ok(()), |body| stream.write_all(body));
    let mut bytes = vec![];
    let read = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        sent?;
        read?;
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|word| word.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut body = bytes[end + 4..].to_vec();
    if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
        body = unchunked(&body);
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status: status.expect("an answer has a status"), headers, text, json }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = vec![];
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).ok().and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok());
        let size = size.expect("a chunk has a size");
        if size == 0 {
            break;
        }
        whole.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
    }
    whole
}
