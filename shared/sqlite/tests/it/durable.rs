//! What was answered is there afterwards, whatever happened to the process.

use crate::{at, store};
use domain::{Export, State};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{Counts, Ledger, OrderView, Outbox as _, Queue};
use futures_util::future::join_all;
use jiff::SignedDuration;
use sqlite::{SqliteStore, TakenOver};
use std::path::Path;
use testkit::samples::{self, claim, document, due_message, ended, guard, held, key, noon, order, shop};

async fn won(store: &SqliteStore, claim: &Claim) -> Export {
    match store.claim(claim).await.unwrap() {
        Claimed::Won { export, .. } => *export,
        Claimed::Refused { refusal, .. } => panic!("{refusal:?}"),
    }
}

/// Some of everything.
async fn fill(store: &SqliteStore) {
    for n in 0..40 {
        let id = n.to_string();
        let reference = Some(domain::OrderReference::new("100"));
        let export = won(store, &Claim { order: reference, ..claim(key(&id), &id, samples::at(n)) }).await;
        let end = match n % 4 {
            0 => continue,
            1 => ended(&export, State::Dead, None),
            2 => held(&export, domain::HoldReason::OrderUnknown, samples::at(500)),
            _ => ended(&export, State::Delivered, None),
        };
        store.finish(&guard(&export), &end).await.unwrap().unwrap();
        store.send(vec![due_message(&id, &shop())]).await.unwrap();
    }
    store.remember_order(&order(&shop(), "100", noon())).await.unwrap();
    store.remember_document(&document("1", "F1", "100", noon())).await.unwrap();
    store.receive(7, SignedDuration::from_secs(540)).await.unwrap();
}

async fn picture(store: &SqliteStore) -> (Counts, OrderView, export_flow::ports::Depth, usize) {
    let tenant = domain::TenantId::local();
    let view = store.order(&tenant, &domain::OrderReference::new("100")).await.unwrap();
    let due = store.due(samples::at(10_000), 100).await.unwrap().len();
    (store.counts(&tenant, noon()).await.unwrap(), view, store.depth().await.unwrap(), due)
}

#[tokio::test]
async fn a_store_dropped_without_farewell_is_whole_when_opened_again() {
    let (store, directory) = store();
    fill(&store).await;
    let before = picture(&store).await;
    drop(store);
    assert_eq!(picture(&at(directory.path())).await, before);
    assert_eq!((before.1.exports.len(), before.2.in_flight, before.2.visible), (40, 7, 23));
}

#[tokio::test]
async fn what_was_answered_is_in_the_files_while_the_process_still_runs() {
    let (store, directory) = store();
    fill(&store).await;
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let file = file.unwrap();
        // The index of the log is made again from the log, as after a crash of the machine.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    assert_eq!(picture(&at(copy.path())).await, picture(&store).await);
}

#[tokio::test]
async fn a_successor_frees_what_its_predecessor_held_and_nothing_else() {
    let (store, directory) = store();
    fill(&store).await;
    drop(store);
    let store = at(directory.path());
    let later = samples::at(45);
    assert_eq!(store.take_over(later).await.unwrap(), TakenOver { exports: 10, messages: 7 });
    assert_eq!(store.take_over(later).await.unwrap().messages, 0);
    let export = store.export(&key("0").id()).await.unwrap().unwrap();
    assert_eq!((export.state, export.lease_until, export.due_at), (State::Sending, Some(later), Some(later)));
    won(&store, &claim(key("0"), "successor", later)).await;
    let held = store.export(&key("2").id()).await.unwrap().unwrap();
    assert_eq!(held.due_at, Some(samples::at(500)));
    assert_eq!(store.depth().await.unwrap().in_flight, 0);
}

#[test]
fn threads_that_claim_the_same_key_get_it_once() {
    let (store, _directory) = store();
    let wins: usize = std::thread::scope(|scope| {
        let one = |n: usize| {
            let store = &store;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let claims = (0..20).map(|key| claim(samples::key(&key.to_string()), &format!("{n} {key}"), noon()));
                let claims: Vec<_> = claims.collect();
                let outcomes = runtime.block_on(join_all(claims.iter().map(|claim| store.claim(claim))));
                outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Claimed::Won { .. }))).count()
            })
        };
        let threads: Vec<_> = (0..32).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(wins, 20);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_fails_its_own_calls_and_no_other() {
    let (store, directory) = store();
    fill(&store).await;
    spoil(directory.path(), "UPDATE export SET shared = '{' WHERE seq = 5");
    let claims: Vec<_> = (0..40).map(|n| claim(key(&n.to_string()), "again", samples::at(1_000))).collect();
    let outcomes = join_all(claims.iter().map(|claim| store.claim(claim))).await;
    let failed: Vec<_> =
        outcomes.iter().enumerate().filter_map(|(n, outcome)| Some((n, outcome.as_ref().err()?))).collect();
    assert!(matches!(failed[..], [(4, export_flow::ports::PortError::Damaged(_))]), "{failed:?}");
    let sending = store.counts(&domain::TenantId::local(), noon()).await.unwrap().states[&State::Sending];
    let won = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Claimed::Won { .. }))).count();
    assert_eq!((sending, won), (20, 19), "ten of them were sending before, one of these is the damaged one");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_received_without_a_body() {
    let (store, directory) = store();
    store.send(vec![due_message("1", &shop())]).await.unwrap();
    spoil(directory.path(), "UPDATE message SET body = '{'");
    let received = store.receive(1, SignedDuration::from_secs(540)).await.unwrap();
    assert_eq!((received[0].message.as_ref(), received[0].receives), (None, 1));
}

#[tokio::test]
async fn a_receive_leaves_out_the_groups_it_is_told_to() {
    let (store, _directory) = store();
    let books = samples::books();
    store.send(vec![due_message("1", &shop()), due_message("2", &books), due_message("3", &shop())]).await.unwrap();
    let received = store.receive_beside(&[shop()], 10, SignedDuration::from_secs(540)).await.unwrap();
    assert_eq!(received.iter().map(|incoming| &incoming.group).collect::<Vec<_>>(), [&books]);
    assert!(store.receive_beside(&[shop()], 10, SignedDuration::from_secs(540)).await.unwrap().is_empty());
    assert_eq!(store.receive(10, SignedDuration::from_secs(540)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn whoever_waits_for_messages_is_told_of_those_sent_and_when_the_next_is_due() {
    let (store, _directory) = store();
    assert_eq!(store.next_message_at(&[]).await.unwrap(), None);
    let later =
        export_flow::ports::Outgoing { delay: SignedDuration::from_secs(60), ..due_message("1", &samples::books()) };
    store.send(vec![later]).await.unwrap();
    store.message_came().await;
    assert_eq!(store.next_message_at(&[]).await.unwrap(), Some(samples::at(60)));
    let (sent, ()) = tokio::join!(store.send(vec![due_message("2", &shop())]), store.message_came());
    sent.unwrap();
    assert_eq!(store.next_message_at(&[]).await.unwrap(), Some(noon()));
    assert_eq!(store.next_message_at(&[shop()]).await.unwrap(), Some(samples::at(60)), "of the other group");
    store.receive(10, SignedDuration::from_secs(540)).await.unwrap();
    assert_eq!(store.next_message_at(&[]).await.unwrap(), Some(samples::at(60)));
}

/// As an operator's tool would.
fn spoil(directory: &Path, sql: &str) {
    let file = rusqlite::Connection::open(directory.join("backhaul.db")).unwrap();
    assert_eq!(file.execute(sql, []).unwrap(), 1);
}
