//! A till, a kiosk and ledgers: connectors with fields, checks and lists, for what people do with connections.

use crate::bench::Bench;
use async_trait::async_trait;
use connectors::{
    Accounting, Changed, Channel, ChannelSpec, Connector, DocumentPage, FieldSpec, Hears, OperationSpec, Pdf, Registry,
    Request, Retries, Session, SourceSpec, Spec, Stop, Target, TargetValues, WebhookScheme, WebhookSpec,
};
use domain::{
    AdoptRule, CheckStep, Code, Document, Guarantee, Operation, Order, OrderReference, Role, SourceHint, Subject,
    SubjectKind, Switch, TenantId, Verified,
};
use export_flow::connections::{Put, PutOptions};
use export_flow::refused::Refused;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Documents that the ledgers list, and how many of them at once.
pub(crate) const LISTED: usize = 5;
const LISTED_AT_ONCE: usize = 2;

struct Till(&'static Spec);
struct Ledgers;

static TILL: Spec = channel("till");
static KIOSK: Spec = channel("kiosk");
static FIELDS: [FieldSpec; 4] = [
    FieldSpec { choices: &["eu", "us"], required: true, ..field("region", false) },
    field("note", false),
    FieldSpec { required: true, ..field("key", true) },
    field("spare_key", true),
];
static OPERATIONS: [OperationSpec; 2] = [
    operation(Operation::SendInvoice, Switch::SendInvoice),
    operation(Operation::SendCreditNote, Switch::SendCreditNote),
];
static LEDGERS: Spec = Spec {
    id: "ledgers",
    label: "Ledgers",
    role: Role::Accounting,
    fields: &[],
    operations: &[],
    webhook: Some(WebhookSpec {
        scheme: WebhookScheme::UrlToken,
        secrets: &[],
        events: &["changed"],
        setup: "Settings",
        retries: Retries { text: "none" },
    }),
    source: Some(SourceSpec {
        poll_every: SignedDuration::from_mins(5),
        event_delay: SignedDuration::ZERO,
        poll_overlap: SignedDuration::from_mins(5),
        parcel_every: SignedDuration::from_mins(15),
        order_field: "order",
        lists_changes: true,
    }),
    channel: None,
    ..channel("ledgers")
};

const fn field(name: &'static str, secret: bool) -> FieldSpec {
    FieldSpec { secret, ..FieldSpec::optional(name, name, "") }
}

const fn operation(operation: Operation, switch: Switch) -> OperationSpec {
    OperationSpec {
        operation,
        switch,
        guarantee: Guarantee::K,
        late_bound: SignedDuration::from_secs(120),
        exclusive_order: false,
        verified: Verified::OfficialText,
        promise: "once",
    }
}

const fn channel(id: &'static str) -> Spec {
    Spec {
        id,
        label: id,
        role: Role::Channel,
        about: "practice",
        fields: &FIELDS,
        oauth: None,
        fixed_base_url: None,
        fixed_hosts: &[],
        pace: None,
        operations: &OPERATIONS,
        webhook: None,
        source: None,
        channel: Some(ChannelSpec { invoice_when: None, if_target_has_one: AdoptRule::Hold, number_apart: false }),
        checked_on: "2026-11-27",
    }
}

pub(crate) fn bench() -> Bench {
    static ALL: &[&dyn Connector] = &[&Till(&TILL), &Till(&KIOSK), &Ledgers];
    Bench::of(Registry::of(ALL))
}

/// A till as a person gives it.
pub(crate) fn till() -> Value {
    json!({
        "role": "channel", "connector": "till", "settings": {"base_url": "http://till", "region": "eu"},
        "secrets": {"key": "k-1"}, "switches": {}, "rules": {},
    })
}

pub(crate) fn ledgers() -> Value {
    json!({"role": "accounting", "connector": "ledgers", "settings": {"base_url": "http://ledgers"}, "rules": {}})
}

/// The same with another value at one place, given as `settings/region`.
pub(crate) fn with(mut body: Value, place: &str, value: Value) -> Value {
    let mut at = &mut body;
    for name in place.split('/') {
        at = &mut at[name];
    }
    *at = value;
    body
}

pub(crate) async fn put(bench: &Bench, id: &str, body: &Value) -> Result<Put, Refused> {
    let never = std::future::pending::<()>();
    bench.flow.put_connection(&TenantId::local(), id, body, PutOptions::default(), never).await
}

impl Hears for Till {
    fn spec(&self) -> &'static Spec {
        self.0
    }
}

/// Asks who we are: 401 is a wrong key, anything else that is not 200 a failure.
async fn who_are_we(session: &Session<'_>) -> Vec<CheckStep> {
    let answer = async { session.read(Request::get(session.account.url("/")?)).await }.await;
    let code = match answer.map(|answer| answer.status) {
        Ok(200) => None,
        Ok(401) => Some(Code::CredentialsRefused),
        _ => Some(Code::Unreachable),
    };
    vec![CheckStep { name: "reach".into(), ok: code.is_none(), code, message: None, remark: None, next_step: None }]
}

#[async_trait]
impl Connector for Till {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        who_are_we(session).await
    }
    async fn reach(&self, _: &Session<'_>) -> Result<(), Stop> {
        Ok(())
    }
    fn target(&self, _: Operation) -> Option<&'static dyn Target> {
        None
    }
    fn channel(&self) -> Option<&dyn Channel> {
        Some(self)
    }
}

#[async_trait]
impl Channel for Till {
    async fn find_order(&self, _: &Session<'_>, _: &OrderReference) -> Result<Option<Order>, Stop> {
        Ok(None)
    }
    async fn target_values(&self, _: &Session<'_>) -> Result<TargetValues, Stop> {
        Ok(TargetValues::default())
    }
}

impl Hears for Ledgers {
    fn spec(&self) -> &'static Spec {
        &LEDGERS
    }
}

#[async_trait]
impl Connector for Ledgers {
    async fn check(&self, session: &Session<'_>) -> Vec<CheckStep> {
        who_are_we(session).await
    }
    async fn reach(&self, _: &Session<'_>) -> Result<(), Stop> {
        Ok(())
    }
    fn accounting(&self) -> Option<&dyn Accounting> {
        Some(self)
    }
}

#[async_trait]
impl Accounting for Ledgers {
    async fn read_document(&self, _: &Session<'_>, _: &str) -> Result<Option<Document>, Stop> {
        Ok(None)
    }
    async fn find_document(&self, _: &Session<'_>, _: &str) -> Result<Option<Document>, Stop> {
        Ok(None)
    }
    async fn read_pdf(&self, _: &Session<'_>, _: &Document) -> Result<Pdf, Stop> {
        Ok(Pdf { bytes: "%PDF-1.4".into() })
    }
    async fn changed(&self, _: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<DocumentPage, Stop> {
        let first: usize = cursor.map_or(0, |text| text.parse().unwrap());
        let end = (first + LISTED_AT_ONCE).min(LISTED);
        let line = |n: usize| Changed {
            hint: SourceHint {
                subject: Subject { kind: SubjectKind::Document, id: n.to_string() },
                hints: BTreeMap::new(),
            },
            number: None,
            order_reference: None,
            version_at: since,
        };
        Ok(DocumentPage { changed: (first..end).map(line).collect(), next: (end < LISTED).then(|| end.to_string()) })
    }
}
