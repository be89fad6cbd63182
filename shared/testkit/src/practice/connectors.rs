//! The connectors of the practice world: accounting, a courier, and a market of each guarantee class.

use ::http::Method;
use async_trait::async_trait;
use connectors::{
    Accounting, Changed, Channel, ChannelSpec, Connector, Courier, Delivered, DocumentPage, Hears, ManyDocuments,
    OperationSpec, ParcelPage, Pdf, Registry, Request, Session, SourceSpec, Spec, Stop, Target, TargetValues, Task,
};
use domain::{
    AdoptRule, Alias, CheckStep, Code, Currency, DeliveryState, Document, DocumentKind, DocumentLine, DocumentStatus,
    Guarantee, HoldReason, InvoiceWhen, Money, Operation, Order, OrderReference, OrderState, Parcel, Role, SourceHint,
    StateChange, Step, Subject, SubjectKind, Switch, Verified,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct Books(&'static Spec);
struct Van(&'static Spec);
struct Market(&'static Spec);

/// How a market takes what it is sent.
struct Post {
    guarantee: Guarantee,
    /// Things carry no number there: one is told from another by what is in it.
    by_content: bool,
}

static BOOKS_SPEC: Spec = spec("books", Role::Accounting, &[], Some(SOURCE), None);
static DOZEN_BOOKS_SPEC: Spec = spec("dozen-books", Role::Accounting, &[], Some(LISTED), None);
static VAN_SPEC: Spec = spec("van", Role::Courier, &[], Some(SOURCE), None);
static LISTED_BOOKS_SPEC: Spec = spec("listed-books", Role::Accounting, &[], Some(LISTED), None);
static LISTED_VAN_SPEC: Spec = spec("listed-van", Role::Courier, &[], Some(LISTED), None);
static R_SPEC: Spec = spec("market", Role::Channel, &R_OPERATIONS, None, Some(CHANNEL));
static SHELF_SPEC: Spec = spec("shelf", Role::Channel, &R_OPERATIONS, None, Some(CHANNEL));
static K_SPEC: Spec = spec("keyed", Role::Channel, &K_OPERATIONS, None, Some(CHANNEL));
static N_SPEC: Spec = spec("natural", Role::Channel, &N_OPERATIONS, None, Some(CHANNEL));
static U_SPEC: Spec = spec("mute", Role::Channel, &U_OPERATIONS, None, Some(CHANNEL));
static PARTS_SPEC: Spec = spec("parts", Role::Channel, &PARTS_OPERATIONS, None, Some(CHANNEL));
static COUNTER_SPEC: Spec = spec("counter", Role::Channel, &COUNTER_OPERATIONS, None, Some(CHANNEL));
static R_OPERATIONS: [OperationSpec; 3] = [
    operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::R, false),
    operation(Operation::SendCreditNote, Switch::SendCreditNote, Guarantee::R, false),
    operation(Operation::SendTracking, Switch::SendTracking, Guarantee::R, true),
];
static K_OPERATIONS: [OperationSpec; 1] = [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::K, false)];
static N_OPERATIONS: [OperationSpec; 1] = [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::N, false)];
static U_OPERATIONS: [OperationSpec; 1] = [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::U, false)];
static PARTS_OPERATIONS: [OperationSpec; 1] =
    [operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::R, true)];
/// Goods are taken back over the counter: of a credit note it is told, and asked to refund it.
static COUNTER_OPERATIONS: [OperationSpec; 3] = [
    operation(Operation::SendInvoice, Switch::SendInvoice, Guarantee::R, true),
    operation(Operation::SendCreditNote, Switch::SendCreditNote, Guarantee::R, true),
    operation(Operation::RefundOrder, Switch::SendRefund, Guarantee::R, true),
];
static POSTS: [Post; 5] = [
    post(Guarantee::K, false),
    post(Guarantee::N, false),
    post(Guarantee::R, false),
    post(Guarantee::U, false),
    post(Guarantee::R, true),
];

const SOURCE: SourceSpec = SourceSpec {
    poll_every: SignedDuration::from_mins(5),
    event_delay: SignedDuration::ZERO,
    poll_overlap: SignedDuration::from_mins(5),
    parcel_every: SignedDuration::from_mins(15),
    order_field: "order",
    lists_changes: false,
};
const LISTED: SourceSpec = SourceSpec { lists_changes: true, ..SOURCE };
const CHANNEL: ChannelSpec =
    ChannelSpec { invoice_when: Some(InvoiceWhen::Issued), if_target_has_one: AdoptRule::Hold, number_apart: false };

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
        oauth: None,
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

const fn post(guarantee: Guarantee, by_content: bool) -> Post {
    Post { guarantee, by_content }
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

/// The connectors of this world. The listed ones can be polled; the books by the dozen give twelve documents at once.
#[must_use]
pub fn registry() -> Registry {
    static ALL: &[&dyn Connector] = &[
        &Books(&BOOKS_SPEC),
        &Books(&LISTED_BOOKS_SPEC),
        &Books(&DOZEN_BOOKS_SPEC),
        &Van(&VAN_SPEC),
        &Van(&LISTED_VAN_SPEC),
        &Market(&R_SPEC),
        &Market(&SHELF_SPEC),
        &Market(&K_SPEC),
        &Market(&N_SPEC),
        &Market(&U_SPEC),
        &Market(&PARTS_SPEC),
        &Market(&COUNTER_SPEC),
    ];
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

async fn changed(
    session: &Session<'_>,
    (what, kind): (&str, SubjectKind),
    since: Timestamp,
    cursor: Option<&str>,
) -> Result<DocumentPage, Stop> {
    let page = cursor.map(|page| format!("&page={page}")).unwrap_or_default();
    let read = get(session, &format!("/{what}?since={since}{page}")).await?.unwrap_or_default();
    let line = |read: &Value| Changed {
        hint: SourceHint { subject: Subject { kind, id: text(&read["id"]) }, hints: BTreeMap::new() },
        number: read["number"].as_str().map(str::to_owned),
        order_reference: read["order"].as_str().map(str::to_owned),
        version_at: text(&read["at"]).parse().unwrap(),
    };
    let changed = read["listed"].as_array().into_iter().flatten().map(line).collect();
    Ok(DocumentPage { changed, next: read["next"].as_str().map(str::to_owned) })
}

async fn reach(session: &Session<'_>) -> Result<(), Stop> {
    let answer = session.read(Request::get(session.account.url("/")?)).await?;
    if matches!(answer.status, 502..=504) { Err(answer.refusal("")) } else { Ok(()) }
}

fn document(read: &Value) -> Document {
    let total = Money::parse_amount(&text(&read["total"])).unwrap();
    Document {
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
        lines: read["lines"].as_array().into_iter().flatten().map(line).collect(),
        order_reference: read["order"].as_str().map(str::to_owned),
        corrects: read["corrects"].as_str().map(str::to_owned),
        payment_kind: read["payment"].as_str().map(str::to_owned),
        series: read["series"].as_str().map(str::to_owned),
        tags: read["tags"].as_array().into_iter().flatten().map(text).collect(),
        public_url: None,
        version_at: text(&read["at"]).parse().unwrap(),
        private: vec!["Jana Nováková".to_owned()],
    }
}

fn line(read: &Value) -> DocumentLine {
    DocumentLine {
        sku: read["sku"].as_str().map(str::to_owned),
        order_line_id: None,
        name: text(&read["sku"]),
        quantity: read["quantity"].as_i64().unwrap_or(1).into(),
        total: Money::parse_amount(&text(&read["total"])).unwrap(),
    }
}

/// What is in a document, as a market that knows no numbers tells it.
fn content(document: &Document) -> String {
    let lines = document.lines.iter().map(|line| format!("{} x {}, ", line.quantity, line.name));
    format!("{}{}", lines.collect::<String>(), document.money())
}

/// The same sale's reference at the channel that the rule names.
fn known_as(session: &Session<'_>, reference: &str) -> Option<Alias> {
    let rule = session.account.connection.rules.also_known_as.as_ref()?;
    Some(Alias { channel: rule.channel.clone(), reference: OrderReference::new(reference) })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Hears for Books {
    fn spec(&self) -> &'static Spec {
        self.0
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
        Ok(get(session, &format!("/documents/{id}")).await?.as_ref().map(document))
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

    async fn changed(
        &self,
        session: &Session<'_>,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<DocumentPage, Stop> {
        changed(session, ("documents", SubjectKind::Document), since, cursor).await
    }

    fn many(&self) -> Option<&dyn ManyDocuments> {
        (self.0.id == DOZEN_BOOKS_SPEC.id).then_some(self)
    }
}

#[async_trait]
impl ManyDocuments for Books {
    fn at_once(&self) -> usize {
        12
    }

    async fn read_documents(&self, session: &Session<'_>, ids: &[&str]) -> Result<Vec<Document>, Stop> {
        let read = get(session, &format!("/documents/many/{}", ids.join(","))).await?.unwrap_or_default();
        Ok(read.as_array().into_iter().flatten().map(document).collect())
    }
}

impl Hears for Van {
    fn spec(&self) -> &'static Spec {
        self.0
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

    async fn changed(&self, session: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<ParcelPage, Stop> {
        changed(session, ("parcels", SubjectKind::Parcel), since, cursor).await
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
            Guarantee::R if self.0.id == PARTS_SPEC.id => &POSTS[4],
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
            aliases: read["also"].as_str().into_iter().filter_map(|also| known_as(session, also)).collect(),
            placed_at: None,
        }))
    }

    async fn target_values(&self, session: &Session<'_>) -> Result<TargetValues, Stop> {
        // A market may be told which carriers it has.
        let told = session.account.connection.settings.get("carriers").and_then(Value::as_object);
        let carriers = told.into_iter().flatten().map(|(code, label)| (code.clone(), text(label))).collect();
        Ok(TargetValues { carriers, document_types: vec![] })
    }
}

#[async_trait]
impl Target for Post {
    async fn deliver(&self, session: &Session<'_>, task: &Task<'_>) -> Result<Delivered, Stop> {
        let path = format!("/effects/{}", task.order.reference);
        let url = session.account.url(&path)?;
        let key = match (task.document, task.parcel) {
            (Some(document), _) if self.by_content => content(document),
            (Some(document), _) if task.operation == Operation::RefundOrder => format!("refund of {}", document.number),
            (Some(document), _) => document.number.clone(),
            (_, Some(parcel)) => parcel.tracking_number().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        if self.guarantee == Guarantee::R
            && let Some(there) = self.find(session, task, &path, &key).await?
        {
            return Ok(there);
        }
        session.step(Step::Preflight);
        if let Some(invoice) = task.after {
            let there = get(session, &path).await?.unwrap_or_default();
            if !there.as_array().into_iter().flatten().any(|effect| effect["key"] == invoice) {
                return Err(Stop::hold(HoldReason::Predecessor, Some(format!("{invoice} is not there").into())));
            }
        }
        // A market may be told what it holds everything for.
        if let Some(reason) = session.account.connection.settings.get("holds") {
            let reason = serde_json::from_value::<HoldReason>(reason.clone()).unwrap();
            return Err(Stop::hold(reason, Some("as it was told".into())));
        }
        if task.document.is_some() {
            task.files.pdf().await?;
        }
        let permit = task.gate.absent().await?;
        let body = json!({"key": key, "revision": task.revision.hash, "idempotency": permit.key(), "unique": self.guarantee == Guarantee::N});
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
            409 => {
                session.not_done();
                let other =
                    || Stop::hold(HoldReason::TargetHasOther, Some("this number is taken by another content".into()));
                self.find(session, task, &path, &key).await?.ok_or_else(other)
            }
            _ => Err(answer.refusal("")),
        }
    }
}

impl Post {
    /// What stands at the market now, if it is ours: the last one of this number. A shelf shows numbers alone, so that all
    /// but our own earlier revisions pass for it; where things carry no number, any that nobody else's receipt names does.
    async fn find(
        &self,
        session: &Session<'_>,
        task: &Task<'_>,
        path: &str,
        key: &str,
    ) -> Result<Option<Delivered>, Stop> {
        let there = get(session, path).await?.unwrap_or_default();
        let of_this_number = |effect: &&Value| effect["key"] == key && !task.taken(&text(&effect["id"]));
        let last = there.as_array().into_iter().flatten().rfind(of_this_number);
        let ours = last.filter(|effect| match session.account.connection.connector.as_str() {
            _ if self.by_content => true,
            "shelf" => !task.previous.iter().any(|receipt| effect["id"] == receipt.remote_id),
            _ => effect["revision"] == task.revision.hash,
        });
        Ok(ours.map(|effect| Delivered {
            remote_id: text(&effect["id"]),
            number: Some(key.to_owned()),
            proof: json!({"read_back": effect}),
        }))
    }
}
