//! One call and one answer, apart from any server.

use bytes::Bytes;
use data_encoding::BASE64;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One part of a multipart body.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

/// One call as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Path below the instance's prefix, not decoded.
    pub(crate) path: String,
    /// Path as sent, prefix included: what an OAuth 1 signature covers.
    pub(crate) full_path: String,
    /// Decoded pairs in the order sent.
    pub(crate) query: Vec<(String, String)>,
    /// Query as sent, without the question mark.
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Filled for `multipart/form-data`; `Err` when it could not be read.
    pub(crate) parts: Option<Result<Vec<Part>, String>>,
}

/// What is kept of a call that will be applied later.
#[derive(Serialize, Deserialize)]
struct Kept {
    method: String,
    prefix: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Call {
    /// `target` is path and query as sent; `prefix` the instance's, for instance `/magento-2`.
    pub(crate) fn new(method: &str, prefix: &str, target: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (full_path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        let path = full_path.strip_prefix(prefix).unwrap_or(full_path);
        let query =
            url::form_urlencoded::parse(raw_query.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            full_path: full_path.to_owned(),
            query,
            raw_query: raw_query.to_owned(),
            headers,
            body,
            parts: None,
        }
    }

    /// Reads a multipart body into `parts`.
    pub(crate) async fn read_parts(&mut self) {
        let Some(boundary) = self.header("content-type").and_then(|kind| multer::parse_boundary(kind).ok()) else {
            return;
        };
        self.parts = Some(split_parts(boundary, self.body.clone()).await.map_err(|error| error.to_string()));
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a repeated query parameter.
    pub(crate) fn query_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Media type without its parameters, lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let kind = self.header("content-type")?;
        Some(kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase())
    }

    /// User and password of `Authorization: Basic`.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let text = self.header("authorization")?.strip_prefix("Basic ")?;
        let bytes = BASE64.decode(text.trim().as_bytes()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    pub(crate) fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// Text of the call, to be stored and applied later.
    pub(crate) fn keep(&self) -> String {
        let prefix = self.full_path.strip_suffix(&self.path).unwrap_or("").to_owned();
        let target = if self.raw_query.is_empty() {
            self.full_path.clone()
        } else {
            format!("{}?{}", self.full_path, self.raw_query)
        };
        let headers = self
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect();
        let kept = Kept { method: self.method.clone(), prefix, target, headers, body: BASE64.encode(&self.body) };
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// The reverse of [`Call::keep`].
    pub(crate) fn from_kept(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let mut headers = HeaderMap::new();
        for (name, value) in kept.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&value).ok()?);
        }
        let body = BASE64.decode(kept.body.as_bytes()).ok()?;
        Some(Self::new(&kept.method, &kept.prefix, &kept.target, headers, Bytes::from(body)))
    }
}

async fn split_parts(boundary: String, body: Bytes) -> Result<Vec<Part>, multer::Error> {
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(ToString::to_string);
        parts.push(Part { name, file_name, content_type, body: field.bytes().await? });
    }
    Ok(parts)
}

/// A method, a path with `{}` for one free segment and `{*}` for all that follow, and the name of what it does.
pub(crate) type Route = (&'static str, &'static str, &'static str);

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Name of the route and its decoded free segments.
    Route(&'static str, Vec<String>),
    /// The path exists, the method does not.
    OtherMethod,
    Nothing,
}

pub(crate) fn find(routes: &[Route], method: &str, path: &str) -> Found {
    let mut other_method = false;
    for (wanted, pattern, name) in routes {
        if let Some(free) = fit(pattern, path) {
            if *wanted == method {
                return Found::Route(name, free);
            }
            other_method = true;
        }
    }
    if other_method { Found::OtherMethod } else { Found::Nothing }
}

fn fit(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut free = Vec::new();
    let mut given = path.split('/');
    for wanted in pattern.split('/') {
        let segment = given.next()?;
        if wanted == "{*}" {
            for segment in std::iter::once(segment).chain(given) {
                free.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
            }
            return Some(free);
        }
        if let Some((before, after)) = wanted.split_once("{}") {
            let middle = segment.strip_prefix(before)?.strip_suffix(after)?;
            if middle.is_empty() {
                return None;
            }
            free.push(percent_decode_str(middle).decode_utf8().ok()?.into_owned());
        } else if wanted != segment {
            return None;
        }
    }
    given.next().is_none().then_some(free)
}

/// One answer, before it meets the server.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json; charset=utf-8", Bytes::from(body.to_string()))
    }

    pub(crate) fn bytes(status: u16, content_type: &str, body: Bytes) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// None at all: the connection is closed.
    pub(crate) fn none() -> Self {
        Self::empty(0)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route] = &[("GET", "/a/{}/b.json", "one"), ("GET", "/a/{}.json", "two")];

    #[test]
    fn a_free_segment_may_have_fixed_text_around_it() {
        assert_eq!(find(ROUTES, "GET", "/a/7.json"), Found::Route("two", vec!["7".to_owned()]));
        assert_eq!(find(ROUTES, "GET", "/a/x%2Fy/b.json"), Found::Route("one", vec!["x/y".to_owned()]));
        assert_eq!(find(ROUTES, "PUT", "/a/7.json"), Found::OtherMethod);
        assert_eq!(find(ROUTES, "GET", "/a/.json"), Found::Nothing);
        let all = |free: &[&str]| Found::Route("all", free.iter().map(|s| (*s).to_owned()).collect());
        let routes: &[Route] = &[("GET", "/list/{}/{*}", "all")];
        assert_eq!(find(routes, "GET", "/list/x/a:1/b:%7C"), all(&["x", "a:1", "b:|"]));
        assert_eq!(find(routes, "GET", "/list/x"), Found::Nothing);
    }

    #[test]
    fn a_kept_call_comes_back_whole() {
        let mut headers = HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("1"));
        let call = Call::new("POST", "/mirakl-2", "/mirakl-2/api/x?a=b%20c", headers, Bytes::from_static(b"\xff\x00"));
        let again = Call::from_kept(&call.keep()).unwrap();
        assert_eq!(again.path, "/api/x");
        assert_eq!(again.full_path, "/mirakl-2/api/x");
        assert_eq!(again.query("a"), Some("b c"));
        assert_eq!(again.header("x-one"), Some("1"));
        assert_eq!(again.body, call.body);
    }
}
