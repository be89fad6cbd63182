//! A writing call as a trial shows it: what is secret masked, files told by their names, sizes and hashes.

use crate::http::Body;
use crate::session::Recorded;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

/// A text of a form that is longer is told like a file.
const TEXT_BYTES_MAX: usize = 2_000;

impl Recorded {
    /// `{"method","url","headers","body"}`; the body of a form is `{"parts":[…]}`.
    #[must_use]
    pub fn shown(&self) -> Value {
        let headers: Map<String, Value> = self
            .request
            .headers
            .iter()
            .map(|(name, value)| {
                let text = if value.is_sensitive() { "***" } else { value.to_str().unwrap_or("***") };
                (name.to_string(), text.into())
            })
            .collect();
        let body = match &self.request.body {
            Body::Empty => Value::Null,
            Body::Bytes { content_type, bytes } => body(content_type, bytes),
        };
        json!({
            "method": self.request.method.as_str(), "url": self.request.url.as_str(), "headers": headers, "body": body,
        })
    }
}

fn body(content_type: &str, bytes: &[u8]) -> Value {
    if content_type.starts_with("application/json") {
        return serde_json::from_slice(bytes).unwrap_or(Value::Null);
    }
    let boundary = content_type.strip_prefix("multipart/").and_then(|rest| rest.split_once("boundary="));
    match boundary {
        Some((_, boundary)) => json!({"parts": parts(boundary.trim_matches('"'), bytes)}),
        None => format!("{content_type}, {} bytes", bytes.len()).into(),
    }
}

fn parts(boundary: &str, bytes: &[u8]) -> Vec<Value> {
    let delimiter = format!("--{boundary}");
    let mut parts = vec![];
    let mut rest = after(bytes, delimiter.as_bytes());
    while let Some(begun) = rest {
        let end = position(begun, delimiter.as_bytes());
        parts.extend(end.and_then(|end| begun.get(..end)).and_then(part));
        rest = after(begun, delimiter.as_bytes());
    }
    parts
}

/// One part, without the line ends that its delimiters bring.
fn part(raw: &[u8]) -> Option<Value> {
    let split = position(raw, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(raw.get(..split)?);
    let content = raw.get(split + 4..)?.strip_suffix(b"\r\n")?;
    let quoted = |name: &str| Some(head.split_once(name)?.1.split_once('"')?.0.to_owned());
    let (name, file_name) = (quoted(" name=\""), quoted("filename=\""));
    let kind = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    let read = match (&file_name, kind.as_deref()) {
        (None, Some("application/json")) => serde_json::from_slice(content).ok(),
        (None, _) if content.len() <= TEXT_BYTES_MAX => std::str::from_utf8(content).ok().map(Value::from),
        _ => None,
    };
    Some(match read {
        Some(read) => json!({"name": name, "content_type": kind, "body": read}),
        None => json!({
            "name": name, "file_name": file_name, "content_type": kind, "bytes": content.len(),
            "sha256": HEXLOWER.encode(digest(&SHA256, content).as_ref()),
        }),
    })
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn after<'a>(bytes: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    bytes.get(position(bytes, wanted)? + wanted.len()..)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;
    use crate::http::Request;

    fn shown(content_type: &str, body: &str) -> Value {
        let url = "https://x.example/a".parse().unwrap();
        let request = Request::new(::http::Method::POST, url).body(content_type, body.to_owned());
        Recorded { request }.shown()["body"].clone()
    }

    #[test]
    fn a_form_is_shown_part_by_part_and_its_file_by_name_size_and_hash() {
        let form = "--b-1\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\
                    \r\n\r\n%PDF-1.4\r\nsecret words\r\n--b-1\r\nContent-Disposition: form-data; name=\"what\"\r\nContent-Type: \
                    application/json\r\n\r\n{\"n\":1}\r\n--b-1--\r\n";
        let body = shown("multipart/form-data; boundary=b-1", form);
        let hash = HEXLOWER.encode(digest(&SHA256, b"%PDF-1.4\r\nsecret words").as_ref());
        assert_eq!(
            body,
            json!({"parts": [
                {"name": "files", "file_name": "a.pdf", "content_type": "application/pdf", "bytes": 22, "sha256": hash},
                {"name": "what", "content_type": "application/json", "body": {"n": 1}},
            ]})
        );
    }

    #[test]
    fn other_bodies_are_shown_as_json_or_by_their_size() {
        assert_eq!(shown("application/json", "{\"a\":[1]}"), json!({"a": [1]}));
        assert_eq!(shown("text/plain", "Jana"), json!("text/plain, 4 bytes"));
        assert_eq!(shown("multipart/form-data; boundary=b", "--b\r\nnothing"), json!({"parts": []}));
    }
}
