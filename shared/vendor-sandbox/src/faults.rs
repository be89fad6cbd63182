//! Misbehaviour on request: which calls are answered falsely, late or not at all.

use std::collections::BTreeMap;

use bytes::Bytes;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::http::Answer;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Answered falsely, without the effect.
    Answer,
    /// The effect happens, then this false answer.
    AnswerAfter,
    /// Connection closed without an answer and without the effect.
    DropBefore,
    /// Connection closed without an answer, after the effect.
    DropAfter,
    /// The right answer, `seconds` late.
    Delay,
    /// 429, with `Retry-After` when `seconds` is given.
    RateLimit,
    /// Nobody there: `status` answers with it, `seconds` hangs, else the connection closes at once.
    Down,
    /// Connection closed at once; the effect comes `seconds` later.
    LateEffect,
    /// The answer is held until released.
    Pause,
}

/// Before or after the effect; matters for `delay` and `pause`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    Before,
    #[default]
    After,
}

/// Body of `POST /_sandbox/faults`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    vendor: Option<String>,
    r#match: Option<String>,
    regex: Option<String>,
    kind: Kind,
    n: Option<u64>,
    #[serde(default)]
    skip: u64,
    status: Option<u16>,
    body: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    seconds: Option<f64>,
    #[serde(default)]
    when: When,
}

struct Fault {
    id: u64,
    wish: Wish,
    regex: Option<Regex>,
    left: Option<u64>,
    skip: u64,
    hits: u64,
    gate: watch::Sender<bool>,
}

/// What to do with the one call that met a fault.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) when: When,
    pub(crate) seconds: Option<f64>,
    pub(crate) status: Option<u16>,
    body: Option<Value>,
    headers: BTreeMap<String, String>,
    /// Turns true when a paused call may go on.
    pub(crate) gate: watch::Receiver<bool>,
}

impl Plan {
    /// The false answer, with `status` where none was asked for.
    pub(crate) fn answer(&self, status: u16) -> Answer {
        let status = self.status.unwrap_or(status);
        let answer = match &self.body {
            None => Answer::json(status, &json!({"message": "practice fault"})),
            Some(Value::String(text)) => {
                Answer::bytes(status, "text/html; charset=utf-8", Bytes::from(text.clone().into_bytes()))
            }
            Some(body) => Answer::json(status, body),
        };
        self.headers.iter().fold(answer, |answer, (name, value)| answer.with(name, value.clone()))
    }
}

/// All faults that were asked for.
#[derive(Default)]
pub(crate) struct Faults {
    last_id: u64,
    all: Vec<Fault>,
}

impl Faults {
    /// Adds one and answers its id; `Err` says what is wrong with it.
    pub(crate) fn add(&mut self, wish: Wish) -> Result<u64, String> {
        let regex = wish.regex.as_deref().map(Regex::new).transpose().map_err(|error| error.to_string())?;
        if wish.seconds.is_some_and(|seconds| !(0.0..=86_400.0).contains(&seconds)) {
            return Err("seconds must be between 0 and 86400".to_owned());
        }
        if wish.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status must be between 200 and 599".to_owned());
        }
        self.last_id += 1;
        let (gate, _) = watch::channel(false);
        self.all.push(Fault { id: self.last_id, regex, left: wish.n, skip: wish.skip, hits: 0, gate, wish });
        Ok(self.last_id)
    }

    /// The first fault that this call meets. `text` is `METHOD path[?query] route`.
    pub(crate) fn take(&mut self, vendor: &str, text: &str) -> Option<Plan> {
        for fault in &mut self.all {
            let wish = &fault.wish;
            let meets = wish.vendor.as_deref().is_none_or(|wanted| wanted == vendor)
                && wish.r#match.as_deref().is_none_or(|part| text.contains(part))
                && fault.regex.as_ref().is_none_or(|regex| regex.is_match(text));
            if !meets || fault.left == Some(0) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.left = fault.left.map(|left| left - 1);
            fault.hits += 1;
            return Some(Plan {
                kind: wish.kind,
                when: wish.when,
                seconds: wish.seconds,
                status: wish.status,
                body: wish.body.clone(),
                headers: wish.headers.clone(),
                gate: fault.gate.subscribe(),
            });
        }
        None
    }

    /// Lets the calls go that a `pause` holds; the fault itself ends. `false` when there is no such fault.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.all.len();
        self.all.retain(|fault| {
            if fault.id == id {
                fault.gate.send_replace(true);
            }
            fault.id != id
        });
        self.all.len() < before
    }

    /// Ends all faults, answers how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        for fault in &self.all {
            fault.gate.send_replace(true);
        }
        let count = self.all.len();
        self.all.clear();
        count
    }

    pub(crate) fn show(&self) -> Value {
        let faults: Vec<Value> = self
            .all
            .iter()
            .map(|fault| {
                json!({"id": fault.id.to_string(), "vendor": fault.wish.vendor, "match": fault.wish.r#match,
                       "regex": fault.wish.regex, "kind": fault.wish.kind, "left": fault.left, "hits": fault.hits,
                       "seconds": fault.wish.seconds, "status": fault.wish.status})
            })
            .collect();
        json!({"faults": faults})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(body: Value) -> Wish {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_fault_skips_then_strikes_n_times() {
        let mut faults = Faults::default();
        faults.add(wish(json!({"vendor": "mirakl", "match": "POST", "kind": "answer", "n": 2, "skip": 1}))).unwrap();
        let met: Vec<bool> = (0..5).map(|_| faults.take("mirakl", "POST /x OR74").is_some()).collect();
        assert_eq!(met, [false, true, true, false, false]);
        assert!(faults.take("mirakl-2", "POST /x").is_none());
    }

    #[test]
    fn a_fault_may_match_by_pattern_and_a_bad_pattern_is_refused() {
        let mut faults = Faults::default();
        faults.add(wish(json!({"regex": "^PUT .*/ship", "kind": "drop_after"}))).unwrap();
        assert!(faults.take("mirakl", "PUT /api/orders/1/ship OR24").is_some());
        assert!(faults.take("mirakl", "GET /api/orders/1/ship").is_none());
        assert!(faults.add(wish(json!({"regex": "(", "kind": "delay"}))).is_err());
    }
}
