//! Writes of records when calls get lost or are refused.

use super::lists::{ends_as, won};
use crate::stage::ledger::{known_table, process};
use crate::stage::proxy::{Fate, Proxy};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ConnectionId, EventId, State};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{Arrival, Connections as _, ExportQuery, Ledger, PortError};
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
        let mut told = |error: Option<PortError>| {
            assert!(matches!(error, None | Some(PortError::Throttled(_))), "{operation}: {error:?}");
            throttled += usize::from(error.is_some());
        };
        let id = operation.to_owned();
        let request = claim(key(&id), &id, noon());
        told(ledger.claim(&request).await.err());
        told(ledger.flush().await.err());
        told(ledger.due(at(900), 10).await.err());
        proxy.decides(|_, _| Fate::Passes);
        let export = won(&*ledger, &request).await;
        proxy.decides(throttle);
        let end = ended(&export, State::Delivered, None);
        let written = ledger.finish(&guard(&export), &end).await;
        let unwritten = written.is_err();
        told(written.err());
        told(ledger.flush().await.err());
        let list = ExportQuery::default();
        told(ledger.exports(&export.key.tenant, &list, 10, None).await.err());
        assert!(throttled > 0, "{operation}");
        proxy.decides(|_, _| Fate::Passes);
        if unwritten {
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

/// In the minutes of an upgrade, and after one that was rolled back.
#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_record_of_a_later_form_is_left_as_it_is_and_hides_no_other() {
    let (client, table) = known_table().await;
    let clock = ManualClock::at_noon();
    let ledger = process(&client, &table, &clock, 1);
    let (kept, other) = (at(60), at(61));
    let before = ends_as(&*ledger, "1", 0, |export| ended(export, State::Retrying, Some(kept))).await;
    let known = ends_as(&*ledger, "2", 0, |export| ended(export, State::Retrying, Some(other))).await;
    let entry = ledger.due(at(61), 10).await.unwrap().remove(0);
    assert_eq!(entry.id, before.id);
    let word = |word: &str| AttributeValue::S(word.to_owned());
    let place = [("pk", "s#default#books#1"), ("sk", "x#books#1#invoice#send_invoice#shop")];
    let mut change = client.update_item().table_name(&table).update_expression("SET v = :v, st = :st");
    for (name, value) in place {
        change = change.key(name, word(value));
    }
    let later = AttributeValue::N("2".into());
    let change = change.expression_attribute_values(":v", later).expression_attribute_values(":st", word("asleep"));
    change.send().await.unwrap();
    let stored = async || {
        let [(pk, partition), (sk, sort)] = place;
        let get = client.get_item().table_name(&table).key(pk, word(partition)).key(sk, word(sort));
        get.consistent_read(true).send().await.unwrap().item.unwrap()
    };
    let untouched = stored().await;
    let unavailable = |error: PortError| assert!(matches!(error, PortError::Unavailable(_)), "{error}");
    let guard = guard(&before);
    unavailable(ledger.claim(&claim(key("1"), "r2", at(70))).await.unwrap_err());
    unavailable(ledger.claim(&due_claim(key("1"), "r2", at(70), 1)).await.unwrap_err());
    unavailable(ledger.finish(&guard, &ended(&before, State::Delivered, None)).await.unwrap_err());
    let arrival = Arrival { event: EventId::new("e"), duplicate: true, newer: None };
    unavailable(ledger.arrive(&before.id, &arrival).await.unwrap_err());
    unavailable(ledger.export(&before.id).await.unwrap_err());
    assert!(!ledger.renew(&guard, at(900)).await.unwrap());
    assert!(!ledger.postpone(&entry, at(900)).await.unwrap());
    unavailable(ledger.decide(&before, &ended(&before, State::Dead, None)).await.unwrap_err());
    assert_eq!(stored().await, untouched);
    let due: Vec<_> = ledger.due(at(900), 10).await.unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(due, std::slice::from_ref(&known.id));
    let listed = ledger.exports(&before.key.tenant, &ExportQuery::default(), 10, None).await.unwrap().items;
    assert_eq!(listed.into_iter().map(|export| export.id).collect::<Vec<_>>(), [known.id]);
    assert_eq!(ledger.counts(&before.key.tenant, noon()).await.unwrap().states, [(State::Retrying, 1)].into());
}

/// They come from paths of webhooks.
#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn an_id_that_no_connection_can_have_is_not_found() {
    let (client, table) = known_table().await;
    let ledger = process(&client, &table, &ManualClock::at_noon(), 1);
    for id in [String::new(), "x".repeat(1025), "nobody".into()] {
        let id = ConnectionId::new(id);
        assert_eq!(ledger.connection(&id).await.unwrap(), None);
        assert!(!ledger.delete_connection(&id).await.unwrap());
    }
}
