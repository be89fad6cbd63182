//! What lies around exports: orders, documents, parcels, connections, circuits, jobs.

use super::claims::won;
use crate::samples::{at, books, claim, connection, document, key, noon, order, parcel, shop};
use domain::{
    Code, Connection, ConnectionId, DeliveryState, Export, ExportId, ExportKey, Finding, JobId, OrderReference,
    OrderState, Resolved, ResolvedHow, Role, StateChange, Subject, SubjectKind, TenantId,
};
use export_flow::claim::Claim;
use export_flow::ports::{Circuit, DocumentItem, Job, Ledger, OrderItem, OrderView, ParcelItem, PollState};
use futures_util::future::join_all;
use std::sync::Arc;

async fn view(ledger: &Arc<dyn Ledger>, reference: &str) -> OrderView {
    ledger.order(&TenantId::local(), &OrderReference::new(reference)).await.unwrap()
}

/// Orders of every channel, exports, documents and parcels of one reference, and nothing of another.
pub async fn everything_lies_beside_its_order(ledger: Arc<dyn Ledger>) {
    assert_eq!(view(&ledger, "100").await, OrderView::default());
    let market = ConnectionId::new("market");
    for channel in [&shop(), &market] {
        for reference in ["100", "101"] {
            ledger.remember_order(&order(channel, reference, noon())).await.unwrap();
        }
    }
    for reference in ["100", "101"] {
        let invoice = document(reference, &format!("F{reference}"), reference, noon());
        ledger.remember_document(&invoice).await.unwrap();
        let sent = parcel(reference, &format!("T{reference}"), reference, DeliveryState::InTransit, noon());
        ledger.merge_parcel(&sent).await.unwrap();
        // Whatever is remembered of an order is also looked at or carried.
        let source = sent.source.clone();
        let subject = Subject { kind: SubjectKind::Parcel, id: reference.into() };
        let look = ExportKey::look(TenantId::local(), source, subject);
        for key in [key(reference), look] {
            let request = claim(key, reference, noon());
            won(&ledger, &Claim { order: Some(OrderReference::new(reference)), ..request }).await;
        }
    }
    let view = view(&ledger, "100").await;
    let mut channels: Vec<_> = view.orders.iter().map(|item| item.channel.clone()).collect();
    channels.sort();
    assert_eq!(channels, [market, shop()]);
    assert!(view.orders.iter().all(|item| item.order.reference.as_str() == "100"));
    let lies_there = |export: &Export| export.key.subject.id == "100";
    assert!(view.exports.len() == 2 && view.exports.iter().all(lies_there), "{:?}", view.exports);
    assert_eq!(view.documents, [document("100", "F100", "100", noon())]);
    assert_eq!(view.parcels, [parcel("100", "T100", "100", DeliveryState::InTransit, noon())]);
}

/// One finding for each export, written by whoever has seen its last version.
pub async fn a_finding_lies_beside_its_order_and_is_written_version_by_version(ledger: Arc<dyn Ledger>) {
    let (here, there) = (OrderReference::new("100"), OrderReference::new("10#0"));
    let of = |order: &OrderReference, subject: &str| {
        Finding::new(TenantId::local(), order.clone(), key(subject).id(), Code::GoneAfterSending, at(5))
    };
    let (one, two, other) = (of(&here, "1"), of(&here, "2"), of(&there, "1"));
    for finding in [&one, &two, &other] {
        assert!(ledger.put_finding(finding).await.unwrap());
        assert!(!ledger.put_finding(finding).await.unwrap(), "the same version twice");
    }
    let seen = Resolved { at: at(9), how: ResolvedHow::Seen, by: Some("Eva".into()), note: None };
    let seen = one.ended(seen).unwrap();
    assert!(!ledger.put_finding(&Finding { version: 3, ..seen.clone() }).await.unwrap(), "a version is missing");
    assert!(ledger.put_finding(&seen).await.unwrap());
    let mut found = view(&ledger, "100").await.findings;
    found.sort_by(|a, b| a.export.cmp(&b.export));
    assert_eq!(found, [seen.clone(), two]);
    let glanced = ledger.glance(&TenantId::local(), &here).await.unwrap().findings;
    assert!(glanced.contains(&seen), "{glanced:?}");
    assert_eq!(view(&ledger, "10#0").await.findings, [other]);
    assert!(ledger.order(&TenantId::new("other"), &here).await.unwrap().findings.is_empty());
}

/// A slow reader does not push out what was read after it.
pub async fn a_later_read_of_an_order_stays(ledger: Arc<dyn Ledger>) {
    let read = |state, seconds| {
        let mut item = order(&shop(), "100", at(seconds));
        item.order.state = state;
        item
    };
    for item in [read(OrderState::Open, 5), read(OrderState::Shipped, 9), read(OrderState::Pending, 7)] {
        ledger.remember_order(&item).await.unwrap();
    }
    assert_eq!(view(&ledger, "100").await.orders, [read(OrderState::Shipped, 9)]);
    let same_time = read(OrderState::Closed, 9);
    ledger.remember_order(&same_time).await.unwrap();
    let orders: Vec<OrderItem> = view(&ledger, "100").await.orders;
    assert_eq!(orders, [same_time]);
}

/// Found by id before number; of several with one number, the newest.
pub async fn a_newer_version_of_a_document_stays_and_may_move_to_another_order(ledger: Arc<dyn Ledger>) {
    let find = async |word: &str| -> Option<DocumentItem> {
        ledger.document(&TenantId::local(), &books(), word).await.unwrap()
    };
    let (old, new) = (document("1", "F1", "100", at(5)), document("1", "F1b", "101", at(9)));
    for item in [&old, &new, &old] {
        ledger.remember_document(item).await.unwrap();
    }
    assert_eq!(find("1").await.as_ref(), Some(&new));
    assert_eq!(find("F1b").await.as_ref(), Some(&new));
    assert_eq!(find("F1").await, None);
    assert!(view(&ledger, "100").await.documents.is_empty());
    assert_eq!(view(&ledger, "101").await.documents, std::slice::from_ref(&new));
    let (copy, id_like_a_number) = (document("2", "F1b", "102", at(12)), document("F1b", "F9", "103", at(1)));
    ledger.remember_document(&copy).await.unwrap();
    assert_eq!(find("F1b").await.as_ref(), Some(&copy));
    ledger.remember_document(&id_like_a_number).await.unwrap();
    assert_eq!(find("F1b").await.as_ref(), Some(&id_like_a_number));
    assert_eq!(ledger.document(&TenantId::local(), &shop(), "1").await.unwrap(), None);
    assert_eq!(ledger.document(&TenantId::new("other"), &books(), "1").await.unwrap(), None);
}

/// Numbers and hints add up, states only move forward, and any number ever known finds it.
pub async fn parcels_merge_what_was_ever_read(ledger: Arc<dyn Ledger>) {
    let with_hint =
        |name: &str, item: ParcelItem| ParcelItem { hints: [(name.to_owned(), "x".to_owned())].into(), ..item };
    let first = with_hint("a", parcel("1", "T1", "100", DeliveryState::OutForDelivery, at(5)));
    assert_eq!(ledger.merge_parcel(&first).await.unwrap(), first);
    let mut late = with_hint("b", parcel("1", "T2", "100", DeliveryState::InTransit, at(3)));
    let change = StateChange { state: DeliveryState::InTransit, at: at(3), raw: "scanned".into() };
    late.parcel.states.push(change.clone());
    late.seen_at = at(6);
    let merged = ledger.merge_parcel(&late).await.unwrap();
    assert_eq!(merged.parcel.tracking_numbers, ["T1", "T2"]);
    assert_eq!((merged.parcel.state, &merged.parcel.states), (DeliveryState::OutForDelivery, &vec![change]));
    assert_eq!((merged.hints.len(), merged.seen_at), (2, at(6)));
    for word in ["1", "T1", "T2"] {
        let found = ledger.parcel(&TenantId::local(), &merged.source, word).await.unwrap();
        assert_eq!(found.as_ref(), Some(&merged), "{word}");
    }
    assert_eq!(ledger.parcel(&TenantId::local(), &books(), "1").await.unwrap(), None);
    let mut moved = first.clone();
    moved.parcel.order_reference = Some("101".into());
    ledger.merge_parcel(&moved).await.unwrap();
    assert!(view(&ledger, "100").await.parcels.is_empty());
    assert_eq!(view(&ledger, "101").await.parcels.len(), 1);
}

/// Oldest first, by the time of the last read, and never again once final.
pub async fn parcels_are_asked_for_until_they_are_at_their_end(ledger: Arc<dyn Ledger>) {
    for (id, seconds) in [("1", 50), ("2", 20), ("3", 90)] {
        let sent = parcel(id, &format!("T{id}"), "100", DeliveryState::InTransit, at(seconds));
        ledger.merge_parcel(&sent).await.unwrap();
    }
    let ids = async |seconds: i64, limit: usize| -> Vec<String> {
        let due = ledger.parcels_due(at(seconds), limit).await.unwrap();
        due.into_iter().map(|item| item.parcel.id).collect()
    };
    assert!(ids(19, 10).await.is_empty());
    assert_eq!(ids(50, 10).await, ["2", "1"]);
    assert_eq!(ids(50, 1).await, ["2"]);
    let there = parcel("2", "T2", "100", DeliveryState::Delivered, at(60));
    assert_eq!(ledger.merge_parcel(&there).await.unwrap().watch_at, None);
    let later = ParcelItem { watch_at: Some(at(70)), ..parcel("1", "T1", "100", DeliveryState::InTransit, at(60)) };
    ledger.merge_parcel(&later).await.unwrap();
    assert_eq!(ids(100, 10).await, ["1", "3"]);
}

/// Of two that saw the same version one writes; a deleted connection leaves nothing to its successor.
pub async fn connections_are_written_by_version(ledger: Arc<dyn Ledger>) {
    let at_version = |version| Connection { version, ..connection(&shop(), Role::Channel, "magento") };
    assert!(!ledger.put_connection(&at_version(2), Some(1)).await.unwrap());
    assert!(ledger.put_connection(&at_version(1), None).await.unwrap());
    assert!(!ledger.put_connection(&at_version(1), None).await.unwrap());
    let second = at_version(2);
    let writes = join_all((0..8).map(|_| ledger.put_connection(&second, Some(1)))).await;
    assert_eq!(writes.into_iter().filter(|written| *written == Ok(true)).count(), 1);
    assert_eq!(ledger.connection(&shop()).await.unwrap().as_ref(), Some(&second));
    let theirs = ConnectionId::new("theirs");
    let theirs = Connection { tenant: TenantId::new("other"), ..connection(&theirs, Role::Channel, "magento") };
    assert!(ledger.put_connection(&theirs, None).await.unwrap());
    assert_eq!(ledger.connections(&TenantId::local()).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(ledger.all_connections().await.unwrap(), [second, theirs]);
    assert!(ledger.put_circuit(&shop(), &Circuit { version: 1, ..Circuit::default() }).await.unwrap());
    let polled = PollState { since: Some(noon()), ..PollState::default() };
    ledger.put_poll_state(&shop(), &polled).await.unwrap();
    assert!(ledger.delete_connection(&shop()).await.unwrap());
    assert!(!ledger.delete_connection(&shop()).await.unwrap());
    assert_eq!(ledger.connection(&shop()).await.unwrap(), None);
    assert_eq!(ledger.circuit(&shop()).await.unwrap(), Circuit::default());
    assert_eq!(ledger.poll_state(&shop()).await.unwrap(), PollState::default());
}

/// Each write is the next version.
pub async fn circuits_are_written_by_version(ledger: Arc<dyn Ledger>) {
    let at_version = |version| Circuit {
        failing: vec![ExportId::new("exp_x")],
        last_probe: Some(ExportId::new("exp_y")),
        probes: 3,
        version,
    };
    assert_eq!(ledger.circuit(&shop()).await.unwrap(), Circuit::default());
    assert!(!ledger.put_circuit(&shop(), &at_version(2)).await.unwrap());
    let (id, first) = (shop(), at_version(1));
    let writes = join_all((0..8).map(|_| ledger.put_circuit(&id, &first))).await;
    assert_eq!(writes.into_iter().filter(|written| *written == Ok(true)).count(), 1);
    assert!(!ledger.put_circuit(&shop(), &at_version(3)).await.unwrap());
    assert!(ledger.put_circuit(&shop(), &at_version(2)).await.unwrap());
    assert_eq!(ledger.circuit(&shop()).await.unwrap(), at_version(2));
    assert_eq!(ledger.circuit(&books()).await.unwrap(), Circuit::default());
}

/// Of polling states the last write counts, of jobs the next version.
pub async fn polling_states_and_jobs_are_kept_as_written(ledger: Arc<dyn Ledger>) {
    let state = PollState {
        since: Some(noon()),
        cursor: Some("3".into()),
        pass_started: Some(at(1)),
        next_at: Some(at(60)),
        seen: vec!["1@2".into()],
    };
    for state in [&state, &PollState::default(), &state] {
        ledger.put_poll_state(&books(), state).await.unwrap();
        assert_eq!(ledger.poll_state(&books()).await.unwrap(), *state);
    }
    let job = Job {
        id: JobId::new("job_1"),
        tenant: TenantId::local(),
        kind: "redrive".into(),
        state: "running".into(),
        dry_run: false,
        request: serde_json::json!({"all": true}),
        found: Some(3),
        matched: None,
        already_delivered: None,
        queued: None,
        redriven: None,
        dismissed: None,
        ids: vec![key("1").id()],
        cursor: None,
        created_at: noon(),
        changed_at: Some(at(1)),
        halt: None,
        version: 0,
    };
    assert_eq!(ledger.job(&job.id).await.unwrap(), None);
    // Of two that read the same version, one writes the next.
    for (version, state, written) in
        [(0, "running", false), (2, "running", false), (1, "running", true), (1, "failed", false), (2, "done", true)]
    {
        let before = ledger.job(&job.id).await.unwrap();
        let job = Job { state: state.into(), version, ..job.clone() };
        assert_eq!(ledger.put_job(&job).await.unwrap(), written, "{version} {state}");
        assert_eq!(ledger.job(&job.id).await.unwrap(), if written { Some(job) } else { before });
    }
}
