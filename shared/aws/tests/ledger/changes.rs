//! Writes of records when calls get lost or are refused.

use super::lists::{ends_as, won};
use crate::stage::ledger::{known_table, process};
use crate::stage::proxy::{Fate, Proxy};
use domain::State;
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{Ledger, PortError};
use testkit::ManualClock;
use testkit::samples::{at, claim, due_claim, ended, guard, key, noon, revision};

/// The client repeats a call whose answer was lost, and the repetition meets what the first has done: the run is told
/// what was there before, not its own claim, which would look like one that a crash left in doubt.
#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_claim_whose_answer_was_lost_is_won_with_the_record_before_it() {
    let (_, table) = known_table().await;
    let (proxy, clock) = (Proxy::start().await, ManualClock::at_noon());
    let ledger = process(&proxy.clients().dynamodb, &table, &clock, 1);
    let lose_first_claim = || {
        let mut lost = false;
        move |operation: &str, body: &str| {
            let claims = operation == "UpdateItem" && body.contains("sending") && !lost;
            lost |= claims;
            if claims { Fate::AnswerLost } else { Fate::Passes }
        }
    };
    let writing = Claim { writes: true, revision: Some(revision("a", noon())), ..claim(key("1"), "r1", noon()) };
    proxy.decides(lose_first_claim());
    let Claimed::Won { old, export } = ledger.claim(&writing).await.unwrap() else { panic!("it is ours") };
    assert_eq!(old, None);
    let retrying = ended(&export, State::Retrying, Some(at(60)));
    let stored = ledger.finish(&guard(&export), &retrying).await.unwrap().unwrap();
    proxy.decides(lose_first_claim());
    let due = Claim { writes: true, ..due_claim(key("1"), "r2", at(60), 1) };
    let Claimed::Won { old, export } = ledger.claim(&due).await.unwrap() else { panic!("it is ours") };
    assert_eq!((old.as_deref(), export.claim), (Some(&stored), 2));
    assert_eq!(ledger.export(&export.id).await.unwrap(), Some(*export));
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_record_whose_answer_was_lost_is_written_once() {
    let (_, table) = known_table().await;
    let (proxy, clock) = (Proxy::start().await, ManualClock::at_noon());
    let ledger = process(&proxy.clients().dynamodb, &table, &clock, 1);
    let export = won(&*ledger, &claim(key("1"), "r1", noon())).await;
    let mut lost = false;
    proxy.decides(move |operation, _| {
        if operation == "UpdateItem" && !std::mem::replace(&mut lost, true) { Fate::AnswerLost } else { Fate::Passes }
    });
    let stored = ledger.finish(&guard(&export), &ended(&export, State::Delivered, None)).await.unwrap().unwrap();
    assert_eq!(ledger.export(&export.id).await.unwrap(), Some(stored));
    let counts = ledger.counts(&export.key.tenant, noon()).await.unwrap();
    assert_eq!(counts.states, [(State::Delivered, 1)].into());
}

/// Whatever call is throttled for as long as the client tries: the ledger says so, and the next time all is well.
#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn throttles_are_told_and_lose_nothing() {
    let (_, table) = known_table().await;
    let (proxy, clock) = (Proxy::start().await, ManualClock::at_noon());
    for (seed, operation) in (0..).zip(["GetItem", "UpdateItem", "BatchWriteItem", "Query", "BatchGetItem"]) {
        let ledger = process(&proxy.clients().dynamodb, &table, &clock, seed);
        let throttle = move |asked: &str, _: &str| if asked == operation { Fate::Throttled } else { Fate::Passes };
        proxy.decides(throttle);
        let mut throttled = 0;
        let mut told = |error: PortError| {
            assert!(matches!(error, PortError::Throttled(_)), "{operation}: {error}");
            throttled += 1;
        };
        let id = operation.to_owned();
        let request = claim(key(&id), &id, noon());
        let _ = ledger.claim(&request).await.map_err(&mut told);
        let _ = ledger.flush().await.map_err(&mut told);
        let _ = ledger.due(at(900), 10).await.map_err(&mut told);
        proxy.decides(|_, _| Fate::Passes);
        let export = won(&*ledger, &request).await;
        proxy.decides(throttle);
        let end = ended(&export, State::Delivered, None);
        let written = ledger.finish(&guard(&export), &end).await.map_err(&mut told);
        let _ = ledger.flush().await.map_err(&mut told);
        let list = export_flow::ports::ExportQuery::default();
        let _ = ledger.exports(&export.key.tenant, &list, 10, None).await.map_err(&mut told);
        assert!(throttled > 0, "{operation}");
        proxy.decides(|_, _| Fate::Passes);
        if written.is_err() {
            ledger.finish(&guard(&export), &end).await.unwrap().unwrap();
        }
        ledger.flush().await.unwrap();
        let page = ledger.exports(&export.key.tenant, &list, 10, None).await.unwrap();
        assert!(page.items.iter().any(|listed| listed.id == export.id), "{operation}");
    }
    let ledger = process(&proxy.clients().dynamodb, &table, &clock, 99);
    let counts = ledger.counts(&key("1").tenant, noon()).await.unwrap();
    assert_eq!(counts.states, [(State::Delivered, 5)].into(), "each once");
    ends_as(&*ledger, "after all", 1, |export| ended(export, State::Delivered, None)).await;
}
