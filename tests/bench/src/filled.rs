//! A store with a long past: a hundred thousand exports, and what lies beside them.

use domain::{
    About, AboutKind, AccessRole, Attempt, AuditAction, AuditEntry, AuditOutcome, Carrier, Code, ConnectionId,
    DeliveryState, Doubt, Export, ExportId, ExportKey, Finding, Hold, HoldReason, JobId, MappingKind, Operation,
    OrderLine, OrderReference, ParcelLine, Receipt, Skip, SkipReason, State, StateChange, Step, Subject, SubjectKind,
    TenantId, Unmapped,
};
use domain::{EventId, LastError, NoticeKind, NoticeWay};
use export_flow::audit::AuditStore as _;
use export_flow::claim::{Claim, Claimed};
use export_flow::heard::{Heard, HeardStore as _};
use export_flow::notices::{Facts, Notice, NoticeStore as _, Progress};
use export_flow::ports::{Arrival, DeadCopy, Job, Ledger, Outbox as _, Queue as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sqlite::SqliteStore;
use std::collections::BTreeMap;
use std::sync::Arc;
use testkit::samples;
use tokio::task::JoinSet;

/// Exports and looks.
pub(crate) const EXPORTS: usize = 100_000;
/// Over so many days.
const DAYS: i64 = 60;
/// Writers at once, so that commits are shared.
const WRITERS: usize = 256;
const JOBS: usize = 300;
const NOTICES: usize = 2_000;
const AUDIT: usize = 20_000;
const MESSAGES: usize = 2_000;
const HEARD: usize = 200;
/// A small store has the newest of so many, and of everything at least as much as a page shows.
const SMALL: usize = 20;
const PAGE: usize = 100;

/// How much of the past a store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    None,
    /// One in twenty, the newest: what pages show is the same as in a full one.
    Small,
    Full,
}

impl Past {
    fn of(self, all: usize) -> usize {
        match self {
            Self::None => 0,
            Self::Small => (all / SMALL).max(PAGE),
            Self::Full => all,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    Delivered,
    Held(HoldReason),
    Dead(Code),
    Skipped(SkipReason, Option<Code>),
    Planned,
    Expired,
    Uncertain,
    Retrying,
    Accepted,
    Sending,
}

/// How many of all end how.
const MIX: &[(usize, End)] = &[
    (90_000, End::Delivered),
    (1_500, End::Held(HoldReason::NotPaidYet)),
    (900, End::Held(HoldReason::NotHandedOver)),
    (500, End::Held(HoldReason::OrderUnknown)),
    (400, End::Held(HoldReason::MappingMissing)),
    (400, End::Held(HoldReason::ConnectionPaused)),
    (200, End::Held(HoldReason::Predecessor)),
    (100, End::Held(HoldReason::OrderMismatch)),
    (200, End::Dead(Code::VendorRefused)),
    (100, End::Dead(Code::ErrorInsideSuccess)),
    (100, End::Dead(Code::VendorError)),
    (60, End::Dead(Code::VendorTimeout)),
    (40, End::Dead(Code::VendorUnreachable)),
    (2_500, End::Skipped(SkipReason::NotOurs, Some(Code::NoOrderReference))),
    (800, End::Skipped(SkipReason::SwitchedOff, Some(Code::SwitchedOff))),
    (200, End::Skipped(SkipReason::OrderCancelled, Some(Code::OrderCancelled))),
    (200, End::Skipped(SkipReason::Dismissed, None)),
    (1_000, End::Planned),
    (300, End::Expired),
    (100, End::Uncertain),
    (200, End::Retrying),
    (100, End::Accepted),
    (100, End::Sending),
];

/// Spread evenly over the whole time.
fn end(n: usize) -> End {
    let mut place = n * 7_919 % EXPORTS;
    for (many, end) in MIX {
        match place.checked_sub(*many) {
            Some(rest) => place = rest,
            None => return *end,
        }
    }
    unreachable!("the mix has a place for each of {EXPORTS}")
}

/// The first export that ended so, of those that a small store has too.
fn first(wanted: fn(End) -> bool) -> usize {
    (EXPORTS - Past::Small.of(EXPORTS)..EXPORTS).find(|n| wanted(end(*n))).unwrap()
}

/// Invoices, credit notes and parcels; of two neighbours of one order the first is a document, the second a parcel.
fn key(n: usize) -> ExportKey {
    let order = n / 2;
    let (source, kind, operation) = match n % 2 {
        0 if order % 12 == 11 => (books(order), SubjectKind::CreditNote, Operation::SendCreditNote),
        0 => (books(order), SubjectKind::Invoice, Operation::SendInvoice),
        _ => (courier(order), SubjectKind::Parcel, Operation::SendTracking),
    };
    let id = if n.is_multiple_of(2) { document(n) } else { format!("P{n}") };
    let looks =
        matches!(end(n), End::Planned | End::Held(HoldReason::OrderUnknown) | End::Skipped(SkipReason::NotOurs, _));
    if looks {
        let kind = if n.is_multiple_of(2) { SubjectKind::Document } else { SubjectKind::Parcel };
        let subject = Subject { kind, id };
        return ExportKey { tenant: tenant(), source, subject, operation: Operation::Look, target: None };
    }
    ExportKey { tenant: tenant(), source, subject: Subject { kind, id }, operation, target: Some(channel(order)) }
}

fn tenant() -> TenantId {
    TenantId::local()
}

fn books(order: usize) -> ConnectionId {
    ConnectionId::new(if order % 5 == 4 { "ledger" } else { "books" })
}

fn courier(order: usize) -> ConnectionId {
    ConnectionId::new(if order % 3 == 2 { "van" } else { "post" })
}

fn channel(order: usize) -> ConnectionId {
    ConnectionId::new(match order % 10 {
        0..6 => "shop",
        6..9 => "market",
        _ => "outlet",
    })
}

/// Order, document and number share a word, as at this bench's vendors.
fn document(n: usize) -> String {
    format!("D{}", n - n % 2)
}

/// What addresses of pages are filled with.
pub(crate) struct Known {
    pub(crate) order: String,
    pub(crate) number: String,
    pub(crate) channel: ConnectionId,
    pub(crate) delivered: ExportId,
    pub(crate) dead: ExportId,
    pub(crate) job: JobId,
}

/// Things that a filled store has.
pub(crate) fn known() -> Known {
    let n = first(|end| matches!(end, End::Delivered));
    Known {
        order: document(n),
        number: number(n | 1),
        channel: channel(n / 2),
        delivered: key(n).id(),
        dead: key(first(|end| matches!(end, End::Dead(_)))).id(),
        job: job_id(JOBS - 1),
    }
}

/// Fills a store.
pub(crate) async fn fill(store: &Arc<SqliteStore>, past: Past, now: Timestamp) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(store);
        writers.spawn(async move {
            for n in (EXPORTS - past.of(EXPORTS) + writer..EXPORTS).step_by(WRITERS) {
                carried(&store, n, now).await;
            }
            for n in (writer..past.of(AUDIT)).step_by(WRITERS) {
                audited(&store, n, now).await;
            }
            for n in (writer..past.of(NOTICES)).step_by(WRITERS) {
                told(&store, n, now).await;
            }
            for n in (JOBS - past.of(JOBS) + writer..JOBS).step_by(WRITERS) {
                assert!(store.put_job(&job(n, now)).await.unwrap());
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    for n in 0..past.of(HEARD) {
        let at = now - SignedDuration::from_mins(i64::try_from(n).unwrap());
        let key = key(EXPORTS - HEARD + n);
        store.note_heard(&Heard { tenant: tenant(), source: key.source, at, subject: key.subject }).await.unwrap();
    }
    let due: Vec<_> = (0..past.of(MESSAGES)).map(|n| samples::due_message(&n.to_string(), &channel(n))).collect();
    for some in due.chunks(500) {
        store.send(some.to_vec()).await.unwrap();
    }
}

/// When the n-th began, the first longest ago.
fn began(n: usize, now: Timestamp) -> Timestamp {
    let before = DAYS * 86_400 * i64::try_from(EXPORTS - n).unwrap() / i64::try_from(EXPORTS).unwrap();
    now - SignedDuration::from_secs(before)
}

/// One export as its run left it, with its order and its document or parcel.
async fn carried(store: &SqliteStore, n: usize, now: Timestamp) {
    let (at, reference) = (began(n, now), document(n));
    if n.is_multiple_of(2) {
        let mut order = samples::order(&channel(n / 2), &reference, at);
        order.order.lines = ["A-1", "B-2"].map(line).into();
        store.remember_order(&order).await.unwrap();
        let mut item = samples::document(&reference, &reference, &reference, at);
        item.source = books(n / 2);
        store.remember_document(&item).await.unwrap();
    } else {
        parcel(store, n, at).await;
    }
    let claim = Claim {
        order: Some(OrderReference::new(reference.as_str())),
        numbers: vec![if n.is_multiple_of(2) { reference } else { number(n) }],
        revision: Some(samples::revision(&n.to_string(), at)),
        writes: true,
        ..samples::claim(key(n), &format!("run-of-{n}"), at)
    };
    let Claimed::Won { export: won, .. } = store.claim(&claim).await.unwrap() else { unreachable!("{n} is new") };
    let left = ended(&won, n, at + SignedDuration::from_secs(4));
    if left.state != State::Sending {
        assert!(store.decide(&won, &left).await.unwrap());
    }
    if left.state == State::Dead {
        store.bury(&DeadCopy { at: left.changed_at, export: left.clone() }).await.unwrap();
    }
    if n.is_multiple_of(7) {
        let arrival = Arrival { event: EventId::new(format!("again-{n}")), duplicate: true, newer: None };
        store.arrive(&left.id, &arrival).await.unwrap();
    }
    if n.is_multiple_of(500) {
        let (order, export) = (OrderReference::new(document(n)), left.id);
        let (code, resolved) = (Code::DocumentCancelled, None);
        let finding = Finding { tenant: tenant(), order, export, code, at, resolved, version: 1 };
        assert!(store.put_finding(&finding).await.unwrap());
    }
}

fn line(sku: &str) -> OrderLine {
    let (id, sku) = (sku.to_owned(), Some(sku.to_owned()));
    let (one, none) = (samples::crowns(100).amount, samples::crowns(0).amount);
    OrderLine { id, sku, ordered: one, invoiced: one, shipped: one, withdrawn: none }
}

fn number(n: usize) -> String {
    format!("Z{}", 4_820_000_000 + n)
}

async fn parcel(store: &SqliteStore, n: usize, at: Timestamp) {
    let mut item = samples::parcel(&format!("P{n}"), &number(n), &document(n), DeliveryState::Delivered, at);
    item.source = courier(n / 2);
    item.parcel.carrier = Some(Carrier { code: "dpd".into(), name: "DPD".into() });
    item.parcel.lines = vec![ParcelLine { sku: "A-1".into(), quantity: samples::crowns(100).amount }];
    item.parcel.states = [DeliveryState::LabelCreated, DeliveryState::InTransit, DeliveryState::Delivered]
        .map(|state| StateChange { state, at, raw: format!("{state:?}") })
        .into();
    item.watch_at = None;
    store.merge_parcel(&item).await.unwrap();
}

fn ended(won: &Export, n: usize, at: Timestamp) -> Export {
    let due = Some(at + SignedDuration::from_hours(24 * 90));
    let export = Export { changed_at: at, in_doubt: None, ..won.clone() };
    let doubt = Doubt { claim: 1, since: at, ended_at: Some(at), revision: None, key: None };
    let failed = |code| (0..3).map(|n| attempt(code, at - SignedDuration::from_mins(3 - n))).collect();
    let state = |state, due| samples::ended(&export, state, due);
    match end(n) {
        End::Delivered => Export { receipt: Some(receipt(n, at)), ..state(State::Delivered, None) },
        End::Held(reason) => Export { hold: Some(hold(reason, n, at)), ..state(State::Held, due) },
        End::Dead(code) => {
            Export { code: Some(code), attempts: 3, attempt_log: failed(code), ..state(State::Dead, None) }
        }
        End::Skipped(reason, code) => {
            Export { code, skip: Some(Skip { reason, detail: None, remark: None }), ..state(State::Skipped, None) }
        }
        End::Planned => Export { became: vec![key(n + 2).id()], ..state(State::Planned, None) },
        End::Expired => Export { hold: Some(hold(HoldReason::NotPaidYet, n, at)), ..state(State::Expired, None) },
        End::Uncertain => Export { in_doubt: Some(doubt), ..state(State::Uncertain, None) },
        End::Retrying => {
            let attempt_log = vec![attempt(Code::VendorError, at)];
            Export { attempts: 1, attempt_log, ..state(State::Retrying, due) }
        }
        End::Accepted => state(State::Accepted, due),
        End::Sending => export,
    }
}

fn attempt(code: Code, at: Timestamp) -> Attempt {
    let message = "The order does not allow an invoice to be created: please look at its state".to_owned();
    Attempt { at, step: Step::Send, status: Some(400), code, message, remark: None }
}

fn receipt(n: usize, at: Timestamp) -> Receipt {
    let proof = json!({"id": n, "increment_id": format!("3{n:08}"), "grand_total": "121.00", "items": [
        {"order_item_id": n, "sku": "A-1", "qty": 1}, {"order_item_id": n + 1, "sku": "B-2", "qty": 1}]});
    Receipt { remote_id: n.to_string(), number: Some(format!("3{n:08}")), at, proof }
}

fn hold(reason: HoldReason, n: usize, at: Timestamp) -> Hold {
    let last_day = at + SignedDuration::from_hours(24 * 90);
    let unmapped = (reason == HoldReason::MappingMissing).then(|| Unmapped {
        mapping: MappingKind::Carriers,
        value: format!("carrier-{}", n % 5),
        name: None,
    });
    Hold {
        reason,
        since: at,
        until: last_day,
        last_day,
        detail: None,
        remark: None,
        checks: 3,
        connection: None,
        unmapped,
    }
}

fn job_id(n: usize) -> JobId {
    JobId::new(format!("job_{n:06}"))
}

fn job(n: usize, now: Timestamp) -> Job {
    let (hundred, at) = (Some(100), now - SignedDuration::from_hours(i64::try_from(JOBS - n).unwrap()));
    Job {
        id: job_id(n),
        tenant: tenant(),
        kind: "redrive".into(),
        state: "done".into(),
        dry_run: false,
        request: json!({"filter": {"all": true}}),
        found: hundred,
        matched: hundred,
        already_delivered: Some(0),
        queued: hundred,
        redriven: hundred,
        dismissed: Some(0),
        ids: (0..100).map(|other| key(n * 100 + other).id()).collect(),
        cursor: None,
        created_at: at,
        changed_at: Some(at),
        halt: None,
        version: 1,
    }
}

/// A quarter of the notices could not be told yet.
async fn told(store: &SqliteStore, n: usize, now: Timestamp) {
    let at = now - SignedDuration::from_mins(20 * i64::try_from(n).unwrap());
    let facts = Facts { connection: Some(channel(n)), export: Some(key(n).id()), ..Facts::default() };
    let mut notice = Notice::new(tenant(), format!("notice:{n}"), NoticeKind::DeadLetter, at, facts);
    if n.is_multiple_of(4) {
        let error = LastError { at, code: Code::VendorUnreachable, message: "connection refused".into(), remark: None };
        let progress = Progress { failed: 3, error: Some(error), next_at: Some(now), sent_at: None };
        notice.ways = BTreeMap::from([(NoticeWay::Webhook, progress)]);
    } else {
        notice.due_at = None;
    }
    assert!(store.put_notice(&notice).await.unwrap());
}

async fn audited(store: &SqliteStore, n: usize, now: Timestamp) {
    let entry = AuditEntry {
        id: format!("a{n}"),
        tenant: tenant(),
        at: now - SignedDuration::from_mins(3 * i64::try_from(n).unwrap()),
        who: format!("person-{}", n % 7),
        role: AccessRole::Operator,
        action: AuditAction::Retry,
        about: vec![About::new(AboutKind::Export, key(n).id().to_string())],
        detail: BTreeMap::new(),
        cut: false,
        outcome: AuditOutcome::Done,
        code: None,
    };
    store.put_audit(&entry).await.unwrap();
}
