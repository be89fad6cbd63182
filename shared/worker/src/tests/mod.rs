//! Worker and sweep on the fakes.

mod draining;
mod gauging;
mod hearing;
mod history;
mod noticing;
mod running;
mod sweeping;
mod together;

use async_trait::async_trait;
use connectors::{Accounting, Changed, Connector, DocumentPage, Hears, Pdf, Registry, Session, SourceSpec, Spec, Stop};
use domain::{CheckStep, ConnectionId, Document, Role, SourceHint, Subject, SubjectKind};
use export_flow::message::Message;
use export_flow::{Flow, Parts, Times};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use testkit::{FakeHttp, ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, samples};

const SOURCE: SourceSpec = SourceSpec {
    poll_every: SignedDuration::from_mins(5),
    event_delay: SignedDuration::ZERO,
    poll_overlap: SignedDuration::from_mins(2),
    parcel_every: SignedDuration::from_mins(30),
    order_field: "order",
    lists_changes: true,
};

static LISTING: Spec = Spec {
    id: "listing",
    label: "A source that lists",
    role: Role::Accounting,
    about: "",
    fields: &[],
    oauth: None,
    fixed_base_url: Some("https://vendor.example"),
    fixed_hosts: &[],
    pace: None,
    operations: &[],
    webhook: Some(connectors::WebhookSpec {
        scheme: connectors::WebhookScheme::StaticHeader,
        secrets: &[],
        events: &[],
        setup: "",
        retries: connectors::Retries { text: "" },
    }),
    source: Some(SOURCE),
    channel: None,
    checked_on: "2026-11-21",
};

static VENDORS: [&dyn Connector; 1] = [&Listing];

/// Lists what the test put into the connection's settings: `pages`, each a list of `[id, version]`, or a word that says
/// how it fails; `reachable`.
struct Listing;

impl Hears for Listing {
    fn spec(&self) -> &'static Spec {
        &LISTING
    }
}

#[async_trait]
impl Connector for Listing {
    async fn check(&self, _: &Session<'_>) -> Vec<CheckStep> {
        vec![]
    }

    async fn reach(&self, session: &Session<'_>) -> Result<(), Stop> {
        let up = session.account.connection.settings.get("reachable").is_none_or(|up| up == true);
        if up { Ok(()) } else { Err(outage()) }
    }

    fn accounting(&self) -> Option<&dyn Accounting> {
        Some(self)
    }
}

fn outage() -> Stop {
    let failure = connectors::Failure::new(domain::Code::VendorUnreachable, domain::Step::Look, None, "nobody there");
    Stop::Fail(connectors::Failure { outage: true, ..failure })
}

#[async_trait]
impl Accounting for Listing {
    async fn read_document(&self, _: &Session<'_>, _: &str) -> Result<Option<Document>, Stop> {
        Ok(None)
    }

    async fn find_document(&self, _: &Session<'_>, _: &str) -> Result<Option<Document>, Stop> {
        Ok(None)
    }

    async fn read_pdf(&self, _: &Session<'_>, _: &Document) -> Result<Pdf, Stop> {
        Err(Stop::hold(domain::HoldReason::DocumentNotReady, None))
    }

    async fn changed(&self, s: &Session<'_>, since: Timestamp, cursor: Option<&str>) -> Result<DocumentPage, Stop> {
        let pages = s.account.connection.settings["pages"].as_array().unwrap();
        let index: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let Some(page) = pages.get(index) else { return Ok(DocumentPage::default()) };
        match page.as_str() {
            Some("down") => return Err(outage()),
            Some("refused") => return Err(Stop::fail(domain::Code::VendorRefused, Some(400), "bad page")),
            Some("login") => {
                let code = domain::Code::CredentialsRefused;
                let failure = connectors::Failure::new(code, domain::Step::Look, Some(401), "who are you");
                return Err(Stop::Credentials(failure));
            }
            _ => {}
        }
        let lines: Vec<(String, Timestamp)> = serde_json::from_value(page.clone()).unwrap();
        let changed = lines.into_iter().filter(|(_, version)| *version >= since).map(|(id, version_at)| Changed {
            hint: SourceHint { subject: Subject { kind: SubjectKind::Document, id }, hints: BTreeMap::new() },
            number: None,
            order_reference: None,
            version_at,
        });
        let next = (index + 1 < pages.len()).then(|| (index + 1).to_string());
        Ok(DocumentPage { changed: changed.collect(), next })
    }
}

struct Scene {
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    queue: Arc<MemoryQueue>,
    flow: Arc<Flow>,
}

fn scene() -> Scene {
    scene_with(Times::default())
}

fn scene_with(times: Times) -> Scene {
    let clock = ManualClock::at_noon();
    let ledger = Arc::new(MemoryLedger::default());
    let queue = MemoryQueue::new(clock.clone());
    let parts = Parts {
        ledger: ledger.clone(),
        queue: queue.clone(),
        keys: Arc::new(PlainKeys),
        http: Arc::new(FakeHttp::default()),
        clock: clock.clone(),
        entropy: SeededEntropy::new(1),
        registry: Registry::of(&VENDORS),
    };
    Scene { clock, ledger, queue, flow: Arc::new(Flow::new(parts, times)) }
}

impl Scene {
    /// The subjects of the events on the queue, in the order of sending.
    fn queued(&self) -> Vec<String> {
        let id = |(message, ..): (Message, ConnectionId, Timestamp)| match message {
            Message::SourceEventV1(event) => event.hint.subject.id,
            Message::ExportDueV1(due) => format!("due {}", due.claim),
            other => panic!("{other:?}"),
        };
        self.queue.all().into_iter().map(id).collect()
    }
}

/// Notes what happened, from any task.
#[derive(Default)]
struct Notes<T>(Mutex<Vec<T>>);

impl<T: Clone> Notes<T> {
    fn add(&self, note: T) {
        self.0.lock().unwrap().push(note);
    }

    fn all(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }
}

fn in_minutes(minutes: i64) -> Timestamp {
    samples::at(minutes * 60)
}
