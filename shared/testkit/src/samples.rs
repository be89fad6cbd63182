//! Small, complete things to test with.

use domain::{
    Cause, Connection, ConnectionId, ConnectionState, Currency, DeliveryState, DocumentKind, DocumentStatus, EventId,
    Export, ExportKey, Hold, HoldReason, Mappings, Money, Operation, Order, OrderReference, OrderState, Parcel,
    Receipt, Revision, Role, Rules, RunId, State, Subject, SubjectKind, TenantId,
};
use export_flow::claim::{Claim, Trigger};
use export_flow::message::{ExportDue, Message};
use export_flow::ports::{DocumentItem, DocumentStanding, Guard, OrderItem, Outgoing, ParcelItem};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The time at which samples happen.
#[must_use]
pub const fn noon() -> Timestamp {
    // 2026-03-02T12:00:00Z.
    Timestamp::constant(1_772_452_800, 0)
}

/// Seconds after [`noon`].
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

/// The sample accounting system.
#[must_use]
pub fn books() -> ConnectionId {
    ConnectionId::new("books")
}

/// The sample channel.
#[must_use]
pub fn shop() -> ConnectionId {
    ConnectionId::new("shop")
}

/// The key of carrying an invoice from [`books`] to [`shop`].
#[must_use]
pub fn key(id: &str) -> ExportKey {
    key_to(id, &shop())
}

/// The key of carrying an invoice from [`books`] to a target.
#[must_use]
pub fn key_to(id: &str, target: &ConnectionId) -> ExportKey {
    ExportKey {
        tenant: TenantId::local(),
        source: books(),
        subject: Subject { kind: SubjectKind::Invoice, id: id.into() },
        operation: Operation::SendInvoice,
        target: Some(target.clone()),
    }
}

/// A revision; the same content has the same hash.
#[must_use]
pub fn revision(content: &str, version_at: Timestamp) -> Revision {
    Revision { hash: format!("v1:{content}"), version_at, gist: format!("{content}|||") }
}

/// An event's claim with a lease of 90 s, without a revision.
#[must_use]
pub fn claim(key: ExportKey, run: &str, now: Timestamp) -> Claim {
    Claim {
        key,
        run: RunId::new(run),
        now,
        lease_until: now + SignedDuration::from_secs(90),
        trigger: Trigger::Event { event: EventId::new(format!("event of {run}")), cause: Cause::Webhook, goes: true },
        revision: None,
        alone: false,
        writes: false,
        order: None,
        numbers: vec![],
        hints: BTreeMap::new(),
    }
}

/// A due message's claim.
#[must_use]
pub fn due_claim(key: ExportKey, run: &str, now: Timestamp, number: u64) -> Claim {
    Claim { trigger: Trigger::Due { claim: number }, ..claim(key, run, now) }
}

/// The guard of the run that holds an export.
#[must_use]
pub fn guard(export: &Export) -> Guard {
    let run = export.run.clone().unwrap_or_else(|| RunId::new("none"));
    Guard { id: export.id.clone(), claim: export.claim, run }
}

/// An export as the run that ends it would leave it: in a state, wanted again at a time.
#[must_use]
pub fn ended(export: &Export, state: State, due_at: Option<Timestamp>) -> Export {
    let ended = Export { state, due_at, lease_until: None, unrecorded: 0, ..export.clone() };
    match state {
        State::Delivered => Export { receipt: Some(receipt(export.changed_at)), in_doubt: None, ..ended },
        _ => ended,
    }
}

/// An export held for a reason until a time.
#[must_use]
pub fn held(export: &Export, reason: HoldReason, until: Timestamp) -> Export {
    let hold = Hold {
        reason,
        since: export.changed_at,
        until,
        last_day: until,
        detail: None,
        remark: None,
        checks: 0,
        connection: None,
        unmapped: None,
    };
    Export { hold: Some(hold), ..ended(export, State::Held, Some(until)) }
}

/// A proof read at a time.
#[must_use]
pub fn receipt(at: Timestamp) -> Receipt {
    Receipt { remote_id: "17".into(), number: Some("R-17".into()), at, proof: serde_json::json!({"id": 17}) }
}

/// An active connection without settings.
#[must_use]
pub fn connection(id: &ConnectionId, role: Role, connector: &str) -> Connection {
    Connection {
        id: id.clone(),
        tenant: TenantId::local(),
        role,
        connector: connector.into(),
        label: id.to_string(),
        state: ConnectionState::Active,
        settings: BTreeMap::new(),
        secrets: BTreeMap::new(),
        switches: BTreeMap::new(),
        rules: Rules::default(),
        mappings: Mappings::default(),
        pause: None,
        last_error: None,
        check: None,
        ever_active: true,
        url_token_hash: None,
        rotation: domain::Rotation::default(),
        oauth: domain::OAuth::default(),
        created_at: noon(),
        changed_at: noon(),
        version: 1,
    }
}

/// An amount of crowns, in hundredths.
///
/// # Panics
/// Never: the currency exists.
#[must_use]
#[expect(clippy::unwrap_used, reason = "CZK is an ISO currency")]
pub fn crowns(hundredths: i64) -> Money {
    Money::new(rust_decimal::Decimal::new(hundredths, 2), Currency::parse("CZK").unwrap())
}

/// An open order of a channel without lines.
#[must_use]
pub fn order(channel: &ConnectionId, reference: &str, seen_at: Timestamp) -> OrderItem {
    let order = Order {
        remote_id: format!("remote {reference}"),
        reference: OrderReference::new(reference),
        total: crowns(121_000),
        state: OrderState::Open,
        payment_kind: None,
        lines: vec![],
        aliases: vec![],
        placed_at: None,
    };
    OrderItem { tenant: TenantId::local(), channel: channel.clone(), order, seen_at }
}

/// An invoice of [`books`].
#[must_use]
pub fn document(id: &str, number: &str, order: &str, version_at: Timestamp) -> DocumentItem {
    DocumentItem {
        tenant: TenantId::local(),
        source: books(),
        id: id.into(),
        kind: DocumentKind::Invoice,
        number: number.into(),
        order: Some(OrderReference::new(order)),
        total: crowns(121_000),
        version_at,
        seen_at: version_at,
        standing: Some(DocumentStanding {
            status: DocumentStatus::Sent,
            payment_kind: Some("card".into()),
            series: None,
            tags: vec!["shop".into()],
        }),
    }
}

/// A parcel of the courier `post`, to be asked for again at its version's time.
#[must_use]
pub fn parcel(id: &str, number: &str, order: &str, state: DeliveryState, version_at: Timestamp) -> ParcelItem {
    let parcel = Parcel {
        id: id.into(),
        tracking_numbers: vec![number.into()],
        carrier: None,
        tracking_url: None,
        state,
        states: vec![],
        order_reference: Some(order.into()),
        lines: vec![],
        version_at,
    };
    ParcelItem {
        tenant: TenantId::local(),
        source: ConnectionId::new("post"),
        parcel,
        hints: BTreeMap::new(),
        watch_at: Some(version_at),
        seen_at: version_at,
    }
}

/// A message that an export is due, for a group.
#[must_use]
pub fn due_message(id: &str, group: &ConnectionId) -> Outgoing {
    let due = ExportDue { export: key(id).id(), claim: 1, alone: false, trace: None };
    Outgoing { message: Message::ExportDueV1(due), group: group.clone(), delay: SignedDuration::ZERO }
}
