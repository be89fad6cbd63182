//! Transcripts: what is expected of a connector, what the vendor answers, and why we believe so.

use crate::http::{Answer, Body, Http, HttpError, Lane, NotConnected, Request};
use crate::spec::Hosts;
use ::http::{HeaderMap, HeaderName, HeaderValue};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use url::Url;

/// What a connector's transcripts must show between them.
pub(crate) const KINDS: [&str; 8] = [
    "accepted",
    "refused",
    "rate_limited",
    "unauthorised",
    "already_there",
    "not_ready",
    "nonsense",
    "error_inside_success",
];

/// One conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transcript {
    /// A sentence.
    pub(crate) title: String,
    /// Which of [`KINDS`] it shows; may be none.
    #[serde(default)]
    pub(crate) kinds: Vec<String>,
    /// Settings that differ from the sample account's; `null` removes one.
    #[serde(default)]
    pub(crate) settings: BTreeMap<String, Value>,
    /// In order; each must happen exactly once.
    pub(crate) calls: Vec<Call>,
}

/// One call and its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// The contract line this follows.
    pub(crate) follows: String,
    /// What the connector must send.
    pub(crate) expect: Expect,
    /// What comes back.
    pub(crate) answer: Said,
}

/// What a request must look like.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    method: String,
    /// Path with its query. The order of the query's pairs does not matter, its content does.
    path: String,
    /// Header values that must be exactly so; `null`: must be absent; `"*"`: any value.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// JSON body: every key named here must be there with this value; arrays must be equal in length.
    #[serde(default)]
    body: Option<Value>,
    /// Texts that the raw body must contain (form data, multipart).
    #[serde(default)]
    body_contains: Vec<String>,
    /// Whether the call must go out as a writing or a reading one.
    #[serde(default)]
    writing: Option<bool>,
}

/// What comes back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A string is sent as it is, everything else as JSON.
    #[serde(default)]
    body: Value,
    /// Instead of an answer: `timed_out`, `broken`, `dns`, `not_connected`, `tls`, `address_refused`, `host_refused`,
    /// `too_large`, `paced`.
    #[serde(default)]
    error: Option<String>,
}

impl Said {
    /// A plain answer.
    pub(crate) fn status(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Self { status, headers, body: Value::String(body.to_owned()), error: None }
    }

    /// No answer.
    pub(crate) fn error(name: &str) -> Self {
        Self { error: Some(name.to_owned()), ..Self::default() }
    }

    fn give(&self, now: Timestamp, limit: usize) -> Result<Answer, HttpError> {
        if let Some(error) = &self.error {
            let refused = |kind| HttpError::NotConnected(kind, "no connection".into());
            return Err(match error.as_str() {
                "timed_out" => HttpError::TimedOut,
                "broken" => HttpError::Broken("the connection broke".into()),
                "dns" => refused(NotConnected::Dns),
                "not_connected" => refused(NotConnected::Tcp),
                "tls" => refused(NotConnected::Tls),
                "address_refused" => refused(NotConnected::AddressRefused),
                "host_refused" => refused(NotConnected::HostRefused),
                "too_large" => HttpError::AnswerTooLarge { limit },
                "paced" => HttpError::Paced { until: now + jiff::SignedDuration::from_secs(7) },
                other => panic!("a transcript knows no error `{other}`"),
            });
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let body = match &self.body {
            Value::Null => Vec::new(),
            Value::String(text) => text.as_bytes().to_vec(),
            json => serde_json::to_vec(json).unwrap(),
        };
        if body.len() > limit {
            return Err(HttpError::AnswerTooLarge { limit });
        }
        Ok(Answer { status: self.status, headers, body: body.into() })
    }
}

/// A request as it came, for what a transcript cannot say.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// As sent.
    pub(crate) request: Request,
    /// Sent as a writing call.
    pub(crate) writing: bool,
}

enum Plan {
    /// These calls, in this order, and no others.
    Script(VecDeque<Call>),
    /// The named openings as they are, everything else the same.
    Always { openings: Vec<Call>, said: Said },
}

/// A vendor that plays a transcript and refuses everything else.
pub(crate) struct Vendor {
    plan: Mutex<Plan>,
    seen: Mutex<Vec<Seen>>,
    closed: Mutex<Vec<Timestamp>>,
    secrets: Vec<String>,
    base_url: Url,
    now: Timestamp,
}

impl Vendor {
    /// Plays these calls, in this order.
    pub(crate) fn scripted(calls: Vec<Call>, base_url: &str, secrets: Vec<String>, now: Timestamp) -> Self {
        Self::with(Plan::Script(calls.into()), base_url, secrets, now)
    }

    /// Answers the openings as they say, everything else the same.
    pub(crate) fn always(
        openings: Vec<Call>,
        said: Said,
        base_url: &str,
        secrets: Vec<String>,
        now: Timestamp,
    ) -> Self {
        Self::with(Plan::Always { openings, said }, base_url, secrets, now)
    }

    fn with(plan: Plan, base_url: &str, secrets: Vec<String>, now: Timestamp) -> Self {
        let (plan, seen, closed) = (Mutex::new(plan), Mutex::new(vec![]), Mutex::default());
        Self { plan, seen, closed, secrets, base_url: base_url.parse().unwrap(), now }
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Calls of the script that were not made.
    pub(crate) fn left(&self) -> usize {
        match &*self.plan.lock().unwrap() {
            Plan::Script(calls) => calls.len(),
            Plan::Always { .. } => 0,
        }
    }

    /// Until when a connector has said that no call is welcome, each time it said so.
    pub(crate) fn closed(&self) -> Vec<Timestamp> {
        self.closed.lock().unwrap().clone()
    }

    /// What must hold for every request of every connector.
    fn check_manners(&self, lane: &Lane, request: &Request) {
        let url = request.url.as_str();
        let host = request.url.host_str().unwrap();
        match &lane.hosts {
            Hosts::Fixed(hosts) => {
                assert!(hosts.contains(&host), "{host} is not among the connector's hosts {hosts:?}")
            }
            Hosts::BaseUrl(base) => {
                let base: Url = base.parse().unwrap();
                assert_eq!(base.host_str(), Some(host), "only the base address's host may be called");
            }
        }
        for secret in self.secrets.iter().filter(|s| s.len() >= 6) {
            assert!(!url.contains(secret.as_str()), "a secret stands in an address: {url}");
        }
        for (name, value) in &request.headers {
            let carries = name == ::http::header::AUTHORIZATION
                || self.secrets.iter().any(|s| s.len() >= 6 && value.to_str().is_ok_and(|v| v.contains(s.as_str())));
            assert!(!carries || value.is_sensitive(), "header {name} carries a secret and is not marked sensitive");
        }
    }
}

#[async_trait]
impl Http for Vendor {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        self.check_manners(lane, &request);
        let limit = request.answer_bytes_max.unwrap_or(2 * 1024 * 1024);
        self.seen.lock().unwrap().push(Seen { request: request.clone(), writing });
        let mut plan = self.plan.lock().unwrap();
        match &mut *plan {
            Plan::Script(calls) => {
                let told = format!("{} {}", request.method, path_of(&self.base_url, &request.url));
                let Some(call) = calls.pop_front() else { panic!("the transcript is over, but then came {told}") };
                if let Err(why) = call.expect.fits(&self.base_url, &request, writing) {
                    panic!("{told}: {why}\nexpected {:?}", call.expect);
                }
                call.answer.give(self.now, limit)
            }
            Plan::Always { openings, said } => {
                let opening = openings.iter().find(|c| c.expect.fits(&self.base_url, &request, writing).is_ok());
                opening.map_or(&*said, |c| &c.answer).give(self.now, limit)
            }
        }
    }

    async fn close(&self, _lane: &Lane, until: Timestamp) {
        self.closed.lock().unwrap().push(until);
    }
}

/// The path and query as a transcript writes them: below the base address, or the whole address for another host.
fn path_of(base: &Url, url: &Url) -> String {
    let query = url.query().map_or_else(String::new, |q| format!("?{q}"));
    let (base_path, path) = (base.path().trim_end_matches('/'), url.path());
    match path.strip_prefix(base_path) {
        Some(rest) if base.host_str() == url.host_str() => format!("{rest}{query}"),
        _ => format!("{}{query}", url.as_str().split('?').next().unwrap()),
    }
}

fn pairs(path: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    (path.to_owned(), pairs)
}

impl Expect {
    fn fits(&self, base: &Url, request: &Request, writing: bool) -> Result<(), String> {
        if self.method != request.method.as_str() {
            return Err(format!("method {} instead of {}", request.method, self.method));
        }
        if pairs(&self.path) != pairs(&path_of(base, &request.url)) {
            return Err(format!("address {} instead of {}", path_of(base, &request.url), self.path));
        }
        if self.writing.is_some_and(|w| w != writing) {
            return Err(format!("writing is {writing}"));
        }
        let empty = bytes::Bytes::new();
        let (content_type, bytes) = match &request.body {
            Body::Empty => (None, &empty),
            Body::Bytes { content_type, bytes } => (Some(content_type.as_str()), bytes),
        };
        for (name, wanted) in &self.headers {
            let sent = match name.as_str() {
                "content-type" if content_type.is_some() => content_type,
                name => request.headers.get(name).map(|v| v.to_str().unwrap()),
            };
            let fits = match (wanted.as_deref(), sent) {
                (Some("*"), sent) => sent.is_some(),
                (wanted, sent) => wanted == sent,
            };
            if !fits {
                return Err(format!("header {name} is {sent:?} instead of {wanted:?}"));
            }
        }
        if let Some(wanted) = &self.body {
            let sent: Value = serde_json::from_slice(bytes).map_err(|_| "the body is not JSON".to_owned())?;
            if !within(wanted, &sent) {
                return Err(format!("body {sent} does not contain {wanted}"));
            }
        }
        let text = String::from_utf8_lossy(bytes);
        match self.body_contains.iter().find(|part| !text.contains(part.as_str())) {
            Some(part) => Err(format!("the body does not contain {part:?}: {text}")),
            None => Ok(()),
        }
    }
}

fn within(wanted: &Value, sent: &Value) -> bool {
    match (wanted, sent) {
        (Value::Object(wanted), Value::Object(sent)) => {
            wanted.iter().all(|(key, value)| sent.get(key).is_some_and(|s| within(value, s)))
        }
        (Value::Array(wanted), Value::Array(sent)) => {
            wanted.len() == sent.len() && wanted.iter().zip(sent).all(|(w, s)| within(w, s))
        }
        (wanted, sent) => wanted == sent,
    }
}
