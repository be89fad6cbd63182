//! A small outside world with its connectors: books that issue documents, and markets of each guarantee class that count
//! effects, double what nobody stops them from doubling, and fail as they are told.

use ::http::{HeaderMap, Method};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{
    Accounting, Answer, Body, Channel, ChannelSpec, Clock, Connector, Courier, Delivered, DocumentPage, Hears, Http,
    HttpError, Lane, NotConnected, OperationSpec, ParcelPage, Pdf, Registry, Request, Session, SourceSpec, Spec, Stop,
    Target, TargetValues, Task,
};
use domain::{
    AdoptRule, CheckStep, Code, Currency, DeliveryState, Document, DocumentKind, DocumentStatus, Guarantee, HoldReason,
    InvoiceWhen, Money, Operation, Order, OrderReference, OrderState, Parcel, Role, SourceHint, StateChange, Switch,
    Verified,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testkit::ManualClock;

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Nothing was reached.
    Refused,
    /// The connection breaks before the effect.
    DropBefore,
    /// The effect happens, the connection breaks.
    DropAfter,
    /// The connection breaks, the effect happens later.
    Late(SignedDuration),
    /// This status and body, no effect.
    Answer(u16, Value),
    /// The effect, then this status.
    AnswerAfter(u16),
}

struct Fault {
    method: Method,
    place: String,
    kind: Kind,
    left: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Effect {
    pub(crate) host: String,
    pub(crate) order: String,
    pub(crate) key: String,
    pub(crate) revision: String,
    pub(crate) id: String,
    idempotency: String,
}

#[derive(Default)]
struct Facts {
    documents: BTreeMap<String, Value>,
    parcels: BTreeMap<String, Value>,
    orders: BTreeMap<(String, String), Value>,
    effects: Vec<Effect>,
    late: Vec<(Timestamp, Effect)>,
    faults: Vec<Fault>,
    calls: Vec<String>,
    pdf_not_ready: usize,
    hangs_at: Option<String>,
}

/// The outside world.
pub(crate) struct World {
    facts: Mutex<Facts>,
    clock: Arc<ManualClock>,
}

impl World {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Arc<Self> {
        Arc::new(Self { facts: Mutex::default(), clock })
    }

    pub(crate) fn document(&self, id: &str, number: &str, order: Option<&str>, total: &str) {
        self.document_as(id, json!({"number": number, "order": order, "total": total}));
    }

    pub(crate) fn document_as(&self, id: &str, mut changes: Value) {
        let mut facts = self.facts.lock().unwrap();
        let entry = facts.documents.entry(id.to_owned()).or_insert_with(|| {
            json!({"id": id, "number": id, "kind": "invoice", "status": "issued", "order": null, "total": "100.00",
                   "currency": "CZK", "corrects": null})
        });
        changes["at"] = self.clock.now().to_string().into();
        for (name, value) in changes.as_object().unwrap() {
            entry[name] = value.clone();
        }
    }

    pub(crate) fn remove_document(&self, id: &str) {
        self.facts.lock().unwrap().documents.remove(id);
    }

    pub(crate) fn parcel(&self, id: &str, order: &str, number: Option<&str>, state: &str) {
        let at = self.clock.now().to_string();
        let parcel = json!({"id": id, "order": order, "number": number, "state": state, "at": at});
        self.facts.lock().unwrap().parcels.insert(id.to_owned(), parcel);
    }

    pub(crate) fn order(&self, host: &str, reference: &str, total: &str) {
        let order = json!({"reference": reference, "total": total, "currency": "CZK", "payment": "card"});
        self.facts.lock().unwrap().orders.insert((host.to_owned(), reference.to_owned()), order);
    }

    /// The next `n` calls of this method whose `host/path` contains `place` go wrong.
    pub(crate) fn fault(&self, method: Method, place: &str, kind: Kind, n: usize) {
        self.facts.lock().unwrap().faults.push(Fault { method, place: place.to_owned(), kind, left: n });
    }

    /// Calls whose `host/path` contains `place` are never answered.
    pub(crate) fn hang(&self, place: &str) {
        self.facts.lock().unwrap().hangs_at = Some(place.to_owned());
    }

    fn hangs(&self, request: &Request) -> bool {
        let place = format!("{}{}", request.url.host_str().unwrap(), request.url.path());
        self.facts.lock().unwrap().hangs_at.as_ref().is_some_and(|at| place.contains(at))
    }

    pub(crate) fn heal(&self) {
        let mut facts = self.facts.lock().unwrap();
        facts.faults.clear();
        facts.hangs_at = None;
    }

    pub(crate) fn pdf_not_ready(&self, asks: usize) {
        self.facts.lock().unwrap().pdf_not_ready = asks;
    }

    pub(crate) fn effects(&self) -> Vec<Effect> {
        let mut facts = self.facts.lock().unwrap();
        apply_late(&mut facts, self.clock.now());
        facts.effects.clone()
    }

    pub(crate) fn effects_at(&self, host: &str) -> usize {
        self.effects().iter().filter(|effect| effect.host == host).count()
    }

    pub(crate) fn calls(&self, place: &str) -> usize {
        self.facts.lock().unwrap().calls.iter().filter(|call| call.contains(place)).count()
    }

    fn answer(&self, request: &Request) -> Result<Answer, HttpError> {
        let mut facts = self.facts.lock().unwrap();
        apply_late(&mut facts, self.clock.now());
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let place = format!("{host}{}", request.url.path());
        facts.calls.push(format!("{} {place}", request.method));
        let fault = facts
            .faults
            .iter_mut()
            .find(|fault| fault.left > 0 && fault.method == request.method && place.contains(&fault.place))
            .map(|fault| {
                fault.left -= 1;
                fault.kind.clone()
            });
        let broken = || HttpError::Broken("the connection broke".to_owned());
        match fault {
            None => Ok(serve(&mut facts, &host, request)),
            Some(Kind::Refused) => Err(HttpError::NotConnected(NotConnected::Tcp, "refused".to_owned())),
            Some(Kind::DropBefore) => Err(broken()),
            Some(Kind::DropAfter) => {
                serve(&mut facts, &host, request);
                Err(broken())
            }
            Some(Kind::Late(after)) => {
                let known = facts.effects.len();
                serve(&mut facts, &host, request);
                let late = facts.effects.split_off(known);
                let at = self.clock.now() + after;
                facts.late.extend(late.into_iter().map(|effect| (at, effect)));
                Err(broken())
            }
            Some(Kind::Answer(status, body)) => Ok(answer(status, &body)),
            Some(Kind::AnswerAfter(status)) => {
                serve(&mut facts, &host, request);
                Ok(answer(status, &json!({"message": "it failed after all"})))
            }
        }
    }
}

fn apply_late(facts: &mut Facts, now: Timestamp) {
    let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut facts.late).into_iter().partition(|(at, _)| *at <= now);
    facts.late = later;
    facts.effects.extend(due.into_iter().map(|(_, effect)| effect));
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_string()) }
}

fn serve(facts: &mut Facts, host: &str, request: &Request) -> Answer {
    let path: Vec<&str> = request.url.path().trim_matches('/').split('/').collect();
    let missing = || answer(404, &json!({"message": "there is no such thing"}));
    match (request.method.as_str(), path.as_slice()) {
        ("GET", [""]) => answer(200, &json!({})),
        ("GET", ["documents", id]) => facts.documents.get(*id).map_or_else(missing, |d| answer(200, d)),
        ("GET", ["documents", _, "pdf"]) if facts.pdf_not_ready > 0 => {
            facts.pdf_not_ready -= 1;
            answer(204, &Value::Null)
        }
        ("GET", ["documents", id, "pdf"]) => {
            Answer { status: 200, headers: HeaderMap::new(), body: Bytes::from(format!("%PDF-1.4 {id}")) }
        }
        ("GET", ["parcels", id]) => facts.parcels.get(*id).map_or_else(missing, |p| answer(200, p)),
        ("GET", ["orders", reference]) => {
            let key = (host.to_owned(), (*reference).to_owned());
            facts.orders.get(&key).map_or_else(missing, |order| answer(200, order))
        }
        ("GET", ["effects", order]) => {
            let there: Vec<Value> = facts
                .effects
                .iter()
                .filter(|effect| effect.host == host && effect.order == *order)
                .map(|effect| json!({"id": effect.id, "key": effect.key, "revision": effect.revision}))
                .collect();
            answer(200, &there.into())
        }
        ("POST", ["effects", order]) => make(facts, host, order, request),
        _ => missing(),
    }
}

fn make(facts: &mut Facts, host: &str, order: &str, request: &Request) -> Answer {
    let Body::Bytes { bytes, .. } = &request.body else { return answer(400, &json!({"message": "no body"})) };
    let asked: Value = serde_json::from_slice(bytes).unwrap();
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let (key, idempotency) = (text("key"), text("idempotency"));
    let mut same = facts.effects.iter().filter(|e| e.host == host && e.order == order);
    if let Some(known) = same.clone().find(|e| !idempotency.is_empty() && e.idempotency == idempotency) {
        return answer(200, &json!({"id": known.id}));
    }
    if asked["unique"] == true && same.any(|e| e.key == key) {
        return answer(409, &json!({"message": "exists"}));
    }
    let id = format!("{host}-{}", facts.effects.len() + facts.late.len() + 1);
    let revision = text("revision");
    facts.effects.push(Effect { host: host.into(), order: order.into(), key, revision, id: id.clone(), idempotency });
    answer(200, &json!({"id": id}))
}

#[async_trait]
impl Http for World {
    async fn call(&self, _lane: &Lane, request: Request, _writing: bool) -> Result<Answer, HttpError> {
        // As the sender does.
        tracing::debug!(event = "http.called", method = %request.method, host = request.url.host_str());
        if self.hangs(&request) {
            std::future::pending::<()>().await;
        }
        self.answer(&request)
    }
}

struct Books;
struct Van;
struct Market(&'static Spec);
struct Post(Guarantee);

static BOOKS_SPEC: Spec = spec("books", Role::Accounting, &[], Some(SOURCE), None);
static VAN_SPEC: Spec = spec("van", Role::Courier, &[], Some(SOURCE), None);
static R_SPEC: Spec = spec("market", Role::Channel, &R_OPERATIONS, None, Some(CHANNEL));
static K_SPEC: Spec = spec("keyed", Role::Channel, &K_OPERATIONS, None, Some(CHANNEL));
static N_SPEC: Spec = spec("natural", Role::Channel, &N_OPERATIONS, None, Some(CHANNEL));
static U_SPEC: Spec = spec("mute", Role::Channel, &U_OPERATIONS, None, Some(CHANNEL));
static R_OPERATIONS: [OperationSpec; 3] = [
    operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::R, false),
    operation(Operation::SendCreditNote, Switch::SendCreditNote, Guarantee::R, false),
    operation(Operation::SendTracking, Switch::SendTracking, Guarantee::R, true),
];
static K_OPERATIONS: [OperationSpec; 1] = [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::K, false)];
static N_OPERATIONS: [OperationSpec; 1] = [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::N, false)];
static U_OPERATIONS: [OperationSpec; 1] = [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::U, false)];
static POSTS: [Post; 4] = [Post(Guarantee::K), Post(Guarantee::N), Post(Guarantee::R), Post(Guarantee::U)];

const SOURCE: SourceSpec = SourceSpec {
    poll_every: SignedDuration::from_mins(5),
    event_delay: SignedDuration::ZERO,
    poll_overlap: SignedDuration::from_mins(5),
    parcel_every: SignedDuration::from_mins(15),
    order_field: "order",
    lists_changes: false,
};
const CHANNEL: ChannelSpec =
    ChannelSpec { invoice_when: Some(InvoiceWhen::Issued), if_target_has_one: AdoptRule::Hold };

const fn spec(
    id: &'static str,
    role: Role,
    operations: &'static [OperationSpec],
    source: Option<SourceSpec>,
    channel: Option<ChannelSpec>,
) -> Spec {
    Spec {
        id,
        label: id,
        role,
        about: "practice",
        fields: &[],
        fixed_base_url: None,
        fixed_hosts: &[],
        pace: None,
        operations,
        webhook: None,
        source,
        channel,
        checked_on: "2026-11-21",
    }
}

const fn operation(operation: Operation, switch: Switch, guarantee: Guarantee, exclusive_order: bool) -> OperationSpec {
    OperationSpec {
        operation,
        switch,
        guarantee,
        late_bound: SignedDuration::from_secs(120),
        exclusive_order,
        verified: Verified::OfficialText,
        promise: "practice",
    }
}

/// The connectors of this world.
pub(crate) fn registry() -> Registry {
    static ALL: &[&dyn Connector] =
        &[&Books, &Van, &Market(&R_SPEC), &Market(&K_SPEC), &Market(&N_SPEC), &Market(&U_SPEC)];
    Registry::of(ALL)
}

async fn get(session: &Session<'_>, path: &str) -> Result<Option<Value>, Stop> {
    let answer = session.read(Request::get(session.account.url(path)?)).await?;
    match answer.status {
        200 => answer.json().map(Some),
        404 => Ok(None),
        _ => Err(answer.refusal("")),
    }
}

async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    let answer = session.read(Request::get(session.account.url("/")?)).await?;
    if matches!(answer.status, 502..=504) { Err(answer.refusal("")) } else { Ok(()) }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Hears for Books {
    fn spec(&self) -> &'static Spec {
        &BOOKS_SPEC
    }
}

#[async_trait]
impl Connector for Books {
    async fn check(&self, _session: &Session<'_>) -> Vec<CheckStep> {
        vec![]
    }
    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        reach(session).await
    }
    fn accounting(&self) -> Option<&dyn Accounting> {
        Some(self)
    }
}

#[async_trait]
impl Accounting for Books {
    async fn read_document(&self, session: &Session<'_>, id: &str) -> Result<Option<Document>, Stop> {
        let Some(read) = get(session, &format!("/documents/{id}")).await? else { return Ok(None) };
        let total = Money::parse_amount(&text(&read["total"])).unwrap();
        Ok(Some(Document {
            id: text(&read["id"]),
            kind: serde_json::from_value::<DocumentKind>(read["kind"].clone()).unwrap(),
            number: text(&read["number"]),
            status: serde_json::from_value::<DocumentStatus>(read["status"].clone()).unwrap(),
            issued_on: None,
            taxed_on: None,
            due_on: None,
            currency: Currency::parse(&text(&read["currency"])).unwrap(),
            subtotal: total,
            total,
            vat: vec![],
            lines: vec![],
            order_reference: read["order"].as_str().map(str::to_owned),
            corrects: read["corrects"].as_str().map(str::to_owned),
            payment_kind: None,
            series: None,
            tags: vec![],
            public_url: None,
            version_at: text(&read["at"]).parse().unwrap(),
            private: vec!["Jana Nováková".to_owned()],
        }))
    }

    async fn find_document(&self, _session: &Session<'_>, _number: &str) -> Result<Option<Document>, Stop> {
        Ok(None)
    }

    async fn read_pdf(&self, session: &Session<'_>, document: &Document) -> Result<Pdf, Stop> {
        let url = session.account.url(&format!("/documents/{}/pdf", document.id))?;
        let answer = session.read(Request::get(url)).await?;
        match answer.status {
            200 => Ok(Pdf { bytes: answer.body }),
            204 => Err(Stop::hold(HoldReason::DocumentNotReady, None)),
            _ => Err(answer.refusal("")),
        }
    }

    async fn changed(&self, _: &Session<'_>, _: Timestamp, _: Option<&str>) -> Result<DocumentPage, Stop> {
        Ok(DocumentPage::default())
    }
}

impl Hears for Van {
    fn spec(&self) -> &'static Spec {
        &VAN_SPEC
    }
}

#[async_trait]
impl Connector for Van {
    async fn check(&self, _session: &Session<'_>) -> Vec<CheckStep> {
        vec![]
    }
    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        reach(session).await
    }
    fn courier(&self) -> Option<&dyn Courier> {
        Some(self)
    }
}

#[async_trait]
impl Courier for Van {
    async fn read_parcel(&self, session: &Session<'_>, hint: &SourceHint) -> Result<Option<Parcel>, Stop> {
        let Some(read) = get(session, &format!("/parcels/{}", hint.subject.id)).await? else { return Ok(None) };
        let state: DeliveryState = serde_json::from_value(read["state"].clone()).unwrap();
        let at: Timestamp = text(&read["at"]).parse().unwrap();
        Ok(Some(Parcel {
            id: text(&read["id"]),
            tracking_numbers: read["number"].as_str().map(str::to_owned).into_iter().collect(),
            carrier: None,
            tracking_url: None,
            state,
            states: vec![StateChange { state, at, raw: text(&read["state"]) }],
            order_reference: read["order"].as_str().map(str::to_owned),
            lines: vec![],
            version_at: at,
        }))
    }

    async fn read_label(&self, _session: &Session<'_>, _parcel: &str) -> Result<Pdf, Stop> {
        Err(Stop::hold(HoldReason::DocumentNotReady, None))
    }

    async fn changed(&self, _: &Session<'_>, _: Timestamp, _: Option<&str>) -> Result<ParcelPage, Stop> {
        Ok(ParcelPage::default())
    }
}

impl Hears for Market {
    fn spec(&self) -> &'static Spec {
        self.0
    }
}

#[async_trait]
impl Connector for Market {
    async fn check(&self, _session: &Session<'_>) -> Vec<CheckStep> {
        vec![]
    }
    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        reach(session).await
    }
    fn target(&self, operation: Operation) -> Option<&'static dyn Target> {
        let post = match self.0.operation(operation)?.guarantee {
            Guarantee::K => &POSTS[0],
            Guarantee::N => &POSTS[1],
            Guarantee::R => &POSTS[2],
            Guarantee::U => &POSTS[3],
        };
        Some(post)
    }
    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }
}

#[async_trait]
impl Channel for Market {
    async fn find_order(&self, session: &Session<'_>, reference: &OrderReference) -> Result<Option<Order>, Stop> {
        let Some(read) = get(session, &format!("/orders/{reference}")).await? else { return Ok(None) };
        let currency = Currency::parse(&text(&read["currency"])).unwrap();
        Ok(Some(Order {
            remote_id: text(&read["reference"]),
            reference: reference.clone(),
            total: Money::new(Money::parse_amount(&text(&read["total"])).unwrap(), currency),
            state: OrderState::Open,
            payment_kind: read["payment"].as_str().map(str::to_owned),
            lines: vec![],
            aliases: vec![],
            placed_at: None,
        }))
    }

    async fn target_values(&self, _session: &Session<'_>) -> Result<TargetValues, Stop> {
        Ok(TargetValues::default())
    }
}

#[async_trait]
impl Target for Post {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let path = format!("/effects/{}", task.order.reference);
        let url = session.account.url(&path)?;
        let key = match (task.document, task.parcel) {
            (Some(document), _) => document.number.clone(),
            (_, Some(parcel)) => parcel.tracking_number().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        if self.0 == Guarantee::R
            && let Some(there) = find(session, task, &path, &key).await?
        {
            return Ok(there);
        }
        if task.document.is_some() {
            task.files.pdf().await?;
        }
        let permit = task.gate.absent().await?;
        let body = json!({"key": key, "revision": task.revision.hash, "idempotency": permit.key(), "unique": self.0 == Guarantee::N});
        let answer = session.write(&permit, Request::new(Method::POST, url).json(&body)).await?;
        match answer.status {
            200 => {
                let read: Value = answer.json()?;
                if let Some(error) = read["error"].as_str() {
                    session.not_done();
                    return Err(Stop::fail(Code::ErrorInsideSuccess, Some(200), error));
                }
                session.done();
                Ok(Delivered { remote_id: text(&read["id"]), number: Some(key), proof: read })
            }
            409 => find(session, task, &path, &key)
                .await?
                .ok_or_else(|| Stop::fail(Code::VendorRefused, Some(409), "exists, but cannot be found")),
            _ => Err(answer.refusal("")),
        }
    }
}

async fn find(session: &Session<'_>, task: &Task<'_>, path: &str, key: &str) -> Result<Option<Delivered>, Stop> {
    let there = get(session, path).await?.unwrap_or_default();
    let ours = there.as_array().into_iter().flatten().find(|effect| {
        effect["key"] == key && effect["revision"] == task.revision.hash && !task.taken(&text(&effect["id"]))
    });
    Ok(ours.map(|effect| Delivered {
        remote_id: text(&effect["id"]),
        number: Some(key.to_owned()),
        proof: json!({"read_back": effect}),
    }))
}
