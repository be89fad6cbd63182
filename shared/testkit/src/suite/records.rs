//! Writes to a record after its claim.

use super::claims::{ends_as, won};
use crate::samples::{at, claim, due_claim, ended, guard, held, key, key_to, noon, revision, shop};
use domain::{ConnectionId, EventId, Export, ExportKey, HoldReason, Note, OrderReference, RunId, State, TenantId};
use export_flow::ports::{Arrival, DueEntry, Guard, Ledger, OrderLease};
use futures_util::future::join_all;
use std::sync::Arc;

fn arrival(event: &str) -> Arrival {
    Arrival { event: EventId::new(event), duplicate: true, newer: None }
}

/// An arrival between claim and finish survives the finish.
pub async fn finishing_stores_all_but_the_shared_part(ledger: Arc<dyn Ledger>) {
    let export = won(&ledger, &claim(key("1"), "r1", noon())).await;
    let newer = Arrival { newer: Some(revision("b", at(5))), ..arrival("e2") };
    let arrived = ledger.arrive(&export.id, &newer).await.unwrap().unwrap();
    assert_eq!(arrived.shared.duplicates, 1);
    let delivered = ended(&export, State::Delivered, None);
    let stored = ledger.finish(&guard(&export), &delivered).await.unwrap().unwrap();
    assert_eq!(stored.shared, arrived.shared);
    assert_eq!(Export { shared: export.shared.clone(), ..stored.clone() }, delivered);
    assert_eq!(ledger.export(&export.id).await.unwrap(), Some(stored));
    won(&ledger, &due_claim(key("1"), "r2", at(6), 1)).await;
}

/// Number and run are the condition, each of them.
pub async fn a_run_that_lost_its_claim_writes_nothing(ledger: Arc<dyn Ledger>) {
    let lost = won(&ledger, &claim(key("1"), "r1", noon())).await;
    let held = won(&ledger, &claim(key("1"), "r2", at(90))).await;
    let end = |export: &Export| ended(export, State::Delivered, None);
    let mixed = Guard { run: RunId::new("r1"), ..guard(&held) };
    let ahead = Guard { claim: held.claim + 1, ..guard(&held) };
    let absent = Guard { id: key("2").id(), ..guard(&held) };
    for guard in [&guard(&lost), &mixed, &ahead, &absent] {
        let export = Export { id: guard.id.clone(), ..end(&lost) };
        assert_eq!(ledger.finish(guard, &export).await.unwrap(), None, "{guard:?}");
        assert!(!ledger.renew(guard, at(300)).await.unwrap(), "{guard:?}");
    }
    assert_eq!(ledger.export(&held.id).await.unwrap().as_ref(), Some(&held));
    assert!(ledger.finish(&guard(&held), &end(&held)).await.unwrap().is_some());
}

/// Lease and due time move together; a run that has ended renews nothing.
pub async fn renewing_moves_the_lease_of_the_run_that_holds_it(ledger: Arc<dyn Ledger>) {
    let export = won(&ledger, &claim(key("1"), "r1", noon())).await;
    assert!(ledger.renew(&guard(&export), at(130)).await.unwrap());
    let renewed = ledger.export(&export.id).await.unwrap().unwrap();
    assert_eq!((renewed.lease_until, renewed.due_at), (Some(at(130)), Some(at(130))));
    assert!(ledger.due(at(130), 10).await.unwrap().is_empty());
    won(&ledger, &claim(key("2"), "keeps away", noon())).await;
    let ended = ended(&renewed, State::Delivered, None);
    ledger.finish(&guard(&export), &ended).await.unwrap().unwrap();
    assert!(!ledger.renew(&guard(&export), at(300)).await.unwrap());
}

/// A redelivered message is one arrival; one that is no duplicate is remembered and not counted.
pub async fn an_arrival_counts_once(ledger: Arc<dyn Ledger>) {
    assert_eq!(ledger.arrive(&key("1").id(), &arrival("e")).await.unwrap(), None);
    let export = won(&ledger, &claim(key("1"), "r1", noon())).await;
    for event in ["e2", "e3", "e2", "e3"] {
        ledger.arrive(&export.id, &arrival(event)).await.unwrap().unwrap();
    }
    let polled = Arrival { duplicate: false, ..arrival("e4") };
    let after = ledger.arrive(&export.id, &polled).await.unwrap().unwrap();
    assert_eq!(after.shared.duplicates, 2);
    let at_once: Vec<_> = (0..4).map(|n| arrival(&format!("at once {n}"))).collect();
    let arrivals = join_all(at_once.iter().map(|arrival| ledger.arrive(&export.id, arrival))).await;
    assert!(arrivals.into_iter().all(|after| after.is_ok()));
    let stored = ledger.export(&export.id).await.unwrap().unwrap();
    assert_eq!(stored.shared.duplicates, 6);
    assert_eq!(Export { shared: export.shared.clone(), ..stored }, export);
}

/// Of several, the one with the latest version; a claim takes it up.
pub async fn an_arrival_leaves_the_newest_revision_noted(ledger: Arc<dyn Ledger>) {
    let export = won(&ledger, &claim(key("1"), "r1", noon())).await;
    for (event, content, version) in [("e2", "b", 5), ("e3", "c", 7), ("e4", "d", 6)] {
        let newer = Some(revision(content, at(version)));
        ledger.arrive(&export.id, &Arrival { newer, ..arrival(event) }).await.unwrap();
    }
    let noted = ledger.export(&export.id).await.unwrap().unwrap().shared.noted;
    assert_eq!(noted, Some(revision("c", at(7))));
    assert_eq!(won(&ledger, &claim(key("1"), "r2", at(90))).await.shared.noted, None);
}

/// Claim number and state are the condition; the shared part stays as it is.
pub async fn a_decision_needs_the_record_it_was_made_on(ledger: Arc<dyn Ledger>) {
    let before = ends_as(&ledger, "1", |export| held(export, HoldReason::Preflight, at(500))).await;
    ledger.arrive(&before.id, &arrival("e2")).await.unwrap();
    let note = Note { at: at(9), outcome: "retry".into(), note: None, by: None, job: None };
    let after = Export { notes: vec![note], due_at: Some(at(9)), ..before.clone() };
    let stale_claim = Export { claim: before.claim + 1, ..before.clone() };
    let stale_state = Export { state: State::Dead, ..before.clone() };
    let absent = Export { id: key("2").id(), ..before.clone() };
    for stale in [&stale_claim, &stale_state, &absent] {
        let decision = Export { id: stale.id.clone(), ..after.clone() };
        assert!(!ledger.decide(stale, &decision).await.unwrap());
    }
    assert!(ledger.decide(&before, &after).await.unwrap());
    let stored = ledger.export(&before.id).await.unwrap().unwrap();
    assert_eq!(stored.shared.duplicates, 1);
    assert_eq!(Export { shared: after.shared.clone(), ..stored }, after);
}

/// Fenced: the holder may take it again, only the holder gives it back, and never for an earlier claim.
pub async fn an_order_is_leased_to_one_export_at_a_time(ledger: Arc<dyn Ledger>) {
    let lease = |holder: &str| OrderLease {
        tenant: TenantId::local(),
        target: shop(),
        order: OrderReference::new("100"),
        holder: key(holder).id(),
        claim: 1,
    };
    assert_eq!(ledger.lease_order(&lease("1")).await.unwrap(), Ok(()));
    assert_eq!(ledger.lease_order(&lease("1")).await.unwrap(), Ok(()));
    assert_eq!(ledger.lease_order(&lease("2")).await.unwrap(), Err(key("1").id()));
    let elsewhere = OrderLease { target: ConnectionId::new("market"), ..lease("2") };
    assert_eq!(ledger.lease_order(&elsewhere).await.unwrap(), Ok(()));
    assert!(!ledger.release_order(&lease("2")).await.unwrap());
    assert!(ledger.release_order(&lease("1")).await.unwrap());
    assert!(!ledger.release_order(&lease("1")).await.unwrap());
    let (early, late) = (lease("1"), OrderLease { claim: 2, ..lease("1") });
    assert_eq!(ledger.lease_order(&early).await.unwrap(), Ok(()));
    assert_eq!(ledger.lease_order(&late).await.unwrap(), Ok(()));
    assert_eq!(ledger.lease_order(&early).await.unwrap(), Err(key("1").id()), "a later claim has it");
    assert!(!ledger.release_order(&early).await.unwrap());
    assert!(ledger.release_order(&late).await.unwrap());
    let many: Vec<_> = (0..16).map(|n| lease(&n.to_string())).collect();
    let outcomes = join_all(many.iter().map(|lease| ledger.lease_order(lease))).await;
    assert_eq!(outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Ok(())))).count(), 1);
}

/// Of many that saw the same entry one moves it; a claim since makes it stale.
pub async fn a_due_time_is_moved_by_one_of_those_who_saw_it(ledger: Arc<dyn Ledger>) {
    let export = ends_as(&ledger, "1", |export| ended(export, State::Retrying, Some(at(60)))).await;
    let entry = ledger.due(at(61), 10).await.unwrap().remove(0);
    let moves = join_all((0..8).map(|_| ledger.postpone(&entry, at(200)))).await;
    assert_eq!(moves.into_iter().filter(|moved| *moved == Ok(true)).count(), 1);
    assert!(ledger.due(at(200), 10).await.unwrap().is_empty());
    let stored = ledger.export(&export.id).await.unwrap().unwrap();
    assert_eq!(stored, Export { due_at: Some(at(200)), ..export });
    let entry = ledger.due(at(201), 10).await.unwrap().remove(0);
    let claimed = won(&ledger, &due_claim(key("1"), "r2", at(200), 1)).await;
    assert!(!ledger.postpone(&entry, at(300)).await.unwrap());
    assert!(!ledger.postpone(&DueEntry { claim: 2, ..entry }, at(300)).await.unwrap());
    assert_eq!(ledger.export(&claimed.id).await.unwrap(), Some(claimed));
}

/// What had been due and is under way is due when its lease ends; what is done is not due at all.
pub async fn due_entries_come_oldest_first_and_only_what_wants_attention(ledger: Arc<dyn Ledger>) {
    ends_as(&ledger, "under way", |export| ended(export, State::Retrying, Some(noon()))).await;
    won(&ledger, &due_claim(key("under way"), "r1", noon(), 1)).await;
    ends_as(&ledger, "delivered", |export| ended(export, State::Delivered, None)).await;
    ends_as(&ledger, "dead", |export| ended(export, State::Dead, None)).await;
    ends_as(&ledger, "retrying", |export| ended(export, State::Retrying, Some(at(60)))).await;
    ends_as(&ledger, "held", |export| held(export, HoldReason::OrderUnknown, at(30))).await;
    let look = ExportKey::look(TenantId::local(), crate::samples::books(), key("look").subject);
    let looking = won(&ledger, &claim(look.clone(), "r2", at(10))).await;
    ledger.finish(&guard(&looking), &ended(&looking, State::Retrying, Some(at(100)))).await.unwrap().unwrap();
    let due = ledger.due(at(101), 10).await.unwrap();
    let found: Vec<_> = due.iter().map(|entry| (entry.id.clone(), entry.due_at, entry.claim)).collect();
    let expected =
        [(key("held").id(), 30, 1), (key("retrying").id(), 60, 1), (key("under way").id(), 90, 2), (look.id(), 100, 1)];
    assert_eq!(found, expected.map(|(id, seconds, claim)| (id, at(seconds), claim)));
    let groups: Vec<_> = due.into_iter().map(|entry| entry.group).collect();
    assert_eq!(groups, [shop(), shop(), shop(), crate::samples::books()]);
    assert_eq!(ledger.due(at(101), 2).await.unwrap().len(), 2);
    assert_eq!(ledger.due(at(30), 10).await.unwrap(), []);
}

/// Only held ones, of this connection and for this reason, page by page.
pub async fn waiting_exports_come_by_reason_in_the_order_of_their_ids(ledger: Arc<dyn Ledger>) {
    let mut expected = vec![];
    for n in 0..5 {
        let id = format!("paused {n}");
        let export = ends_as(&ledger, &id, |export| held(export, HoldReason::ConnectionPaused, at(500 - n))).await;
        expected.push(export.id);
    }
    let at_the_shop = key_to("waits for the shop", &ConnectionId::new("market"));
    let export = won(&ledger, &claim(at_the_shop, "r", noon())).await;
    let mut named = held(&export, HoldReason::ConnectionPaused, at(500));
    named.hold.as_mut().unwrap().connection = Some(shop());
    expected.push(ledger.finish(&guard(&export), &named).await.unwrap().unwrap().id);
    expected.sort();
    ends_as(&ledger, "other reason", |export| held(export, HoldReason::Preflight, at(500))).await;
    ends_as(&ledger, "expired", |export| Export {
        state: State::Expired,
        due_at: None,
        ..held(export, HoldReason::ConnectionPaused, at(500))
    })
    .await;
    let elsewhere = key_to("elsewhere", &ConnectionId::new("market"));
    let export = won(&ledger, &claim(elsewhere, "r", noon())).await;
    ledger.finish(&guard(&export), &held(&export, HoldReason::ConnectionPaused, at(500))).await.unwrap();
    let mut found = vec![];
    loop {
        let page = ledger.waiting(&shop(), HoldReason::ConnectionPaused, found.last(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 2 && page.iter().all(|entry| entry.claim == 1));
        found.extend(page.into_iter().map(|entry| entry.id));
    }
    assert_eq!(found, expected);
}
