//! The outside world itself: what it knows, what it did, and what it is told to do wrong.

use crate::ManualClock;
use ::http::{HeaderMap, Method};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{Answer, Body, Clock as _, Http, HttpError, Lane, NotConnected, Request};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Nothing was reached.
    Refused,
    /// The connection breaks before the effect.
    DropBefore,
    /// The effect happens, the connection breaks.
    DropAfter,
    /// The effect happens, no answer comes in time.
    TimeOut,
    /// The connection breaks, the effect happens later.
    Late(SignedDuration),
    /// This status and body, no effect.
    Answer(u16, Value),
    /// The effect, then this status.
    AnswerAfter(u16),
    /// The effect, then an answer that nobody can read.
    Garbled,
    /// The process that asks ends.
    Kill,
}

/// Lines of a page, where a test does not say.
const PAGE: usize = 50;

struct Fault {
    method: Method,
    place: String,
    kind: Kind,
    left: usize,
}

/// Something a market did because it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The market.
    pub host: String,
    /// The order it was done to.
    pub order: String,
    /// The number of what arrived.
    pub key: String,
    /// Hash of what arrived.
    pub revision: String,
    /// The market's id for it.
    pub id: String,
    /// When it was done.
    pub at: Timestamp,
    /// The key that came with it, if any.
    pub idempotency: String,
}

#[derive(Default)]
struct Facts {
    documents: BTreeMap<String, Value>,
    parcels: BTreeMap<String, Value>,
    orders: BTreeMap<(String, String), Value>,
    effects: Vec<Effect>,
    /// Calls that take effect later.
    late: Vec<(Timestamp, Request)>,
    faults: Vec<Fault>,
    calls: Vec<String>,
    pdf_not_ready: usize,
    hangs_at: Option<String>,
    pdf_takes: SignedDuration,
    /// Lines of a page of a list.
    page: usize,
}

/// The outside world.
pub struct World {
    facts: Mutex<Facts>,
    clock: Arc<ManualClock>,
}

impl World {
    /// Nothing in it.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>) -> Arc<Self> {
        Arc::new(Self { facts: Mutex::new(Facts { page: PAGE, ..Facts::default() }), clock })
    }

    /// Lists come in pages of so many lines.
    pub fn pages_of(&self, lines: usize) {
        self.facts().page = lines;
    }

    /// An invoice that the books have issued or changed.
    pub fn document(&self, id: &str, number: &str, order: Option<&str>, total: &str) {
        self.document_as(id, json!({"number": number, "order": order, "total": total}));
    }

    /// The same, with any of its fields set.
    ///
    /// # Panics
    /// If `changes` is no object.
    pub fn document_as(&self, id: &str, mut changes: Value) {
        let mut facts = self.facts();
        let entry = facts.documents.entry(id.to_owned()).or_insert_with(|| {
            json!({"id": id, "number": id, "kind": "invoice", "status": "issued", "order": null, "total": "100.00",
                   "currency": "CZK", "corrects": null})
        });
        changes["at"] = self.clock.now().to_string().into();
        for (name, value) in changes.as_object().unwrap() {
            entry[name] = value.clone();
        }
    }

    /// The books do not have it any more.
    pub fn remove_document(&self, id: &str) {
        self.facts().documents.remove(id);
    }

    /// A parcel as the van knows it now.
    pub fn parcel(&self, id: &str, order: &str, number: Option<&str>, state: &str) {
        let at = self.clock.now().to_string();
        let parcel = json!({"id": id, "order": order, "number": number, "state": state, "at": at});
        self.facts().parcels.insert(id.to_owned(), parcel);
    }

    /// An order of a market.
    pub fn order(&self, host: &str, reference: &str, total: &str) {
        self.order_paid_by(host, reference, total, "card");
    }

    /// An order of a market, paid in one of its ways.
    pub fn order_paid_by(&self, host: &str, reference: &str, total: &str, payment: &str) {
        let order = json!({"reference": reference, "total": total, "currency": "CZK", "payment": payment});
        self.facts().orders.insert((host.to_owned(), reference.to_owned()), order);
    }

    /// The same that another market has under another reference.
    pub fn order_also(&self, host: &str, reference: &str, total: &str, also: &str) {
        let order = json!({"reference": reference, "total": total, "currency": "CZK", "payment": "card", "also": also});
        self.facts().orders.insert((host.to_owned(), reference.to_owned()), order);
    }

    /// A market has this without having been asked by us.
    pub fn place(&self, host: &str, order: &str, key: &str) {
        let mut facts = self.facts();
        let id = format!("{host}-{}", facts.effects.len() + 1);
        let at = self.clock.now();
        let (host, order, key) = (host.to_owned(), order.to_owned(), key.to_owned());
        let (revision, idempotency) = (String::new(), String::new());
        facts.effects.push(Effect { host, order, key, revision, id, at, idempotency });
    }

    /// A market does not have an order (any more).
    pub fn forget_order(&self, host: &str, reference: &str) {
        self.facts().orders.remove(&(host.to_owned(), reference.to_owned()));
    }

    /// The next `n` calls of this method whose `host/path` contains `place` go wrong.
    pub fn fault(&self, method: Method, place: &str, kind: Kind, n: usize) {
        self.facts().faults.push(Fault { method, place: place.to_owned(), kind, left: n });
    }

    /// Calls whose host and path contain `place` are never answered.
    pub fn hang(&self, place: &str) {
        self.facts().hangs_at = Some(place.to_owned());
    }

    fn hangs(&self, request: &Request) -> bool {
        let place = format!("{}{}", request.url.host_str().unwrap_or_default(), request.url.path());
        self.facts().hangs_at.as_ref().is_some_and(|at| place.contains(at))
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        let mut facts = self.facts();
        facts.faults.clear();
        facts.hangs_at = None;
    }

    /// The next asks for a PDF are too early.
    pub fn pdf_not_ready(&self, asks: usize) {
        self.facts().pdf_not_ready = asks;
    }

    /// Time passes while a PDF is read.
    pub fn pdf_takes(&self, time: SignedDuration) {
        self.facts().pdf_takes = time;
    }

    /// Everything that was done, in that order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let mut facts = self.facts();
        facts.settle(self.clock.now());
        facts.effects.clone()
    }

    /// A market does not have any more what was done there.
    pub fn take_away(&self, host: &str) {
        self.facts().effects.retain(|effect| effect.host != host);
    }

    /// How much was done so far.
    #[must_use]
    pub fn done(&self) -> usize {
        let mut facts = self.facts();
        facts.settle(self.clock.now());
        facts.effects.len()
    }

    /// When the last call that takes effect later does so; `None` if there is none.
    #[must_use]
    pub fn last_late(&self) -> Option<Timestamp> {
        self.facts().late.iter().map(|(at, _)| *at).max()
    }

    /// The markets do not know any more under which keys they were asked.
    pub fn forget_keys(&self) {
        for effect in &mut self.facts().effects {
            effect.idempotency.clear();
        }
    }

    /// How much was done at one market.
    #[must_use]
    pub fn effects_at(&self, host: &str) -> usize {
        self.effects().iter().filter(|effect| effect.host == host).count()
    }

    /// How many calls were made whose method, host and path contain this.
    #[must_use]
    pub fn calls(&self, place: &str) -> usize {
        self.facts().calls.iter().filter(|call| call.contains(place)).count()
    }

    /// Answers a call, right or wrong.
    ///
    /// # Errors
    /// What the fault says.
    pub fn answer(&self, request: &Request, fault: Option<Kind>) -> Result<Answer, HttpError> {
        let mut facts = self.facts();
        let now = self.clock.now();
        facts.settle(now);
        let place = format!("{}{}", request.url.host_str().unwrap_or_default(), request.url.path());
        facts.calls.push(format!("{} {place}", request.method));
        if place.ends_with("/pdf") {
            self.clock.advance(facts.pdf_takes);
        }
        let broken = || HttpError::Broken("the connection broke".into());
        match fault.or_else(|| facts.next_fault(&request.method, &place)) {
            None => Ok(facts.serve(request, now)),
            Some(Kind::Refused) => Err(HttpError::NotConnected(NotConnected::Tcp, "refused".into())),
            Some(Kind::DropBefore) => Err(broken()),
            Some(Kind::DropAfter) => {
                facts.serve(request, now);
                Err(broken())
            }
            Some(Kind::TimeOut) => {
                facts.serve(request, now);
                Err(HttpError::TimedOut)
            }
            Some(Kind::Late(after)) => {
                facts.late.push((now + after, request.clone()));
                Err(broken())
            }
            Some(Kind::Answer(status, body)) => Ok(answer(status, &body)),
            Some(Kind::Kill) => {
                drop(facts);
                panic!("on purpose");
            }
            Some(Kind::AnswerAfter(status)) => {
                facts.serve(request, now);
                Ok(answer(status, &json!({"message": "it failed after all"})))
            }
            Some(Kind::Garbled) => {
                facts.serve(request, now);
                Ok(Answer { status: 200, headers: HeaderMap::new(), body: Bytes::from_static(b"<html>busy</html>") })
            }
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts {
    fn next_fault(&mut self, method: &Method, place: &str) -> Option<Kind> {
        let fits = |fault: &&mut Fault| fault.left > 0 && fault.method == *method && place.contains(&fault.place);
        let fault = self.faults.iter_mut().find(fits)?;
        fault.left -= 1;
        Some(fault.kind.clone())
    }

    /// Calls whose time has come take effect, in the order of their times.
    fn settle(&mut self, now: Timestamp) {
        if self.late.iter().all(|(at, _)| *at > now) {
            return;
        }
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = later;
        due.sort_by_key(|(at, _)| *at);
        for (at, request) in due {
            self.serve(&request, at);
        }
    }
    fn serve(&mut self, request: &Request, now: Timestamp) -> Answer {
        let host = request.url.host_str().unwrap_or_default();
        let path: Vec<&str> = request.url.path().trim_matches('/').split('/').collect();
        let missing = || answer(404, &json!({"message": "there is no such thing"}));
        match (request.method.as_str(), path.as_slice()) {
            ("GET", [""]) => answer(200, &json!({})),
            ("GET", ["documents"]) => changed(&self.documents, request, self.page),
            ("GET", ["parcels"]) => changed(&self.parcels, request, self.page),
            ("GET", ["documents", "many", ids]) => {
                let there: Vec<Value> = ids.split(',').filter_map(|id| self.documents.get(id).cloned()).collect();
                answer(200, &there.into())
            }
            ("GET", ["documents", id]) => self.documents.get(*id).map_or_else(missing, |d| answer(200, d)),
            ("GET", ["documents", _, "pdf"]) if self.pdf_not_ready > 0 => {
                self.pdf_not_ready -= 1;
                answer(204, &Value::Null)
            }
            ("GET", ["documents", id, "pdf"]) => {
                Answer { status: 200, headers: HeaderMap::new(), body: Bytes::from(format!("%PDF-1.4 {id}")) }
            }
            ("GET", ["parcels", id]) => self.parcels.get(*id).map_or_else(missing, |p| answer(200, p)),
            ("GET", ["orders", reference]) => {
                let key = (host.to_owned(), (*reference).to_owned());
                self.orders.get(&key).map_or_else(missing, |order| answer(200, order))
            }
            ("GET", ["effects", order]) => {
                let there: Vec<Value> = self
                    .effects
                    .iter()
                    .filter(|effect| effect.host == host && effect.order == *order)
                    .map(|effect| json!({"id": effect.id, "key": effect.key, "revision": effect.revision}))
                    .collect();
                answer(200, &there.into())
            }
            ("POST", ["effects", order]) => self.make(host, order, request, now),
            _ => missing(),
        }
    }

    fn make(&mut self, host: &str, order: &str, request: &Request, at: Timestamp) -> Answer {
        let Body::Bytes { bytes, .. } = &request.body else { return answer(400, &json!({"message": "no body"})) };
        let Ok(asked) = serde_json::from_slice::<Value>(bytes) else {
            return answer(400, &json!({"message": "no JSON"}));
        };
        let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
        let (key, idempotency) = (text("key"), text("idempotency"));
        let mut same = self.effects.iter().filter(|e| e.host == host && e.order == order);
        if let Some(known) = same.clone().find(|e| !idempotency.is_empty() && e.idempotency == idempotency) {
            return answer(200, &json!({"id": known.id}));
        }
        if asked["unique"] == true && same.any(|e| e.key == key) {
            return answer(409, &json!({"message": "exists"}));
        }
        let id = format!("{host}-{}", self.effects.len() + 1);
        let revision = text("revision");
        self.effects.push(Effect {
            host: host.into(),
            order: order.into(),
            key,
            revision,
            id: id.clone(),
            at,
            idempotency,
        });
        answer(200, &json!({"id": id}))
    }
}

/// What has changed since the time asked for, page by page.
fn changed(things: &BTreeMap<String, Value>, request: &Request, lines: usize) -> Answer {
    let asked = |wanted: &str| request.url.query_pairs().find(|(name, _)| name == wanted).map(|(_, text)| text);
    let since = asked("since").and_then(|at| at.parse().ok());
    let page: usize = asked("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let at = |thing: &Value| thing["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let mut listed = things.values().filter(|thing| at(thing) >= since).skip(page * lines).peekable();
    let here: Vec<&Value> = listed.by_ref().take(lines).collect();
    answer(200, &json!({"listed": here, "next": listed.peek().map(|_| (page + 1).to_string())}))
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) }
}

#[async_trait]
impl Http for World {
    async fn call(&self, _lane: &Lane, request: Request, _writing: bool) -> Result<Answer, HttpError> {
        // As the sender does.
        tracing::debug!(event = "http.called", method = %request.method, host = request.url.host_str());
        if self.hangs(&request) {
            std::future::pending::<()>().await;
        }
        self.answer(&request, None)
    }
}
