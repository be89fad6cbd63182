//! Lists and counts, which this store puts together from notes of batches and an index of what wants attention.

use crate::stage::ledger::{known_table, ledger, process};
use crate::stage::proxy::{Fate, Proxy};
use domain::{Export, ExportId, HoldReason, Role, Skip, SkipReason, State, TenantId};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{ExportQuery, Ledger};
use jiff::SignedDuration;
use testkit::ManualClock;
use testkit::samples::{at, claim, connection, due_claim, ended, guard, held, key, noon, revision, shop};

pub(super) async fn won(ledger: &dyn Ledger, claim: &Claim) -> Export {
    let claimed = ledger.claim(claim).await.unwrap();
    let export = if let Claimed::Won { export, .. } = claimed { Some(*export) } else { None };
    export.expect("a claim that must be won")
}

/// Claims an export at a second after noon and ends it as `end` says.
pub(super) async fn ends_as(ledger: &dyn Ledger, id: &str, seconds: i64, end: impl Fn(&Export) -> Export) -> Export {
    let request =
        Claim { revision: Some(revision("a", noon())), ..claim(key(id), &format!("first {id}"), at(seconds)) };
    let export = won(ledger, &request).await;
    ledger.finish(&guard(&export), &end(&export)).await.unwrap().unwrap()
}

fn delivered(export: &Export) -> Export {
    ended(export, State::Delivered, None)
}

/// Page by page.
async fn listed(ledger: &dyn Ledger, query: &ExportQuery, limit: usize) -> Vec<ExportId> {
    let (mut found, mut cursor) = (vec![], None::<String>);
    loop {
        let page = ledger.exports(&TenantId::local(), query, limit, cursor.as_deref()).await.unwrap();
        found.extend(page.items.into_iter().map(|export| export.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn what_was_delivered_and_is_open_again_is_still_listed() {
    let (ledger, _) = ledger().await;
    for (id, state) in [("1", State::Held), ("2", State::Delivered)] {
        ends_as(&*ledger, id, 0, delivered).await;
        let newer = Claim { revision: Some(revision("b", at(5))), ..claim(key(id), &format!("again {id}"), at(9)) };
        let again = won(&*ledger, &newer).await;
        let end = match state {
            State::Held => held(&again, HoldReason::Preflight, at(900)),
            _ => delivered(&again),
        };
        ledger.finish(&guard(&again), &end).await.unwrap().unwrap();
    }
    let mut found = listed(&*ledger, &ExportQuery::default(), 10).await;
    found.sort();
    assert_eq!(found, [key("1").id(), key("2").id()]);
    let counts = ledger.counts(&TenantId::local(), noon()).await.unwrap();
    assert_eq!(counts.states, [(State::Held, 1), (State::Delivered, 1)].into());
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn lists_go_over_days_page_by_page_and_miss_nothing() {
    let (client, table) = known_table().await;
    let clock = ManualClock::at(noon() - SignedDuration::from_mins(60 * 60 + 22));
    let mut expected = vec![];
    // One batch ends before midnight, one has midnight within, and one begins after it.
    for batch in 0..18 {
        clock.advance(SignedDuration::from_mins(if batch % 6 < 3 { 5 } else { 455 }));
        let ledger = process(&client, &table, &clock, batch);
        for n in 0..3 {
            let now = clock.advance(SignedDuration::from_mins(2));
            let seconds = now.duration_since(noon()).as_secs();
            let export = ends_as(&*ledger, &format!("{batch}/{n}"), seconds, delivered).await;
            expected.insert(0, export.id);
        }
        ledger.flush().await.unwrap();
    }
    let reader = process(&client, &table, &clock, 99);
    for limit in [1, 2, 5, 100] {
        assert_eq!(listed(&*reader, &ExportQuery::default(), limit).await, expected, "{limit} at once");
    }
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn what_a_crashed_batch_left_unlisted_is_listed_when_its_message_comes_again() {
    let (client, table) = known_table().await;
    let clock = ManualClock::at_noon();
    let crashed = process(&client, &table, &clock, 1);
    let first = ends_as(&*crashed, "1", 0, |export| ended(export, State::Retrying, Some(at(60)))).await;
    let again = won(&*crashed, &due_claim(key("1"), "second", at(60), first.claim)).await;
    crashed.finish(&guard(&again), &delivered(&again)).await.unwrap().unwrap();
    ends_as(&*crashed, "2", 62, delivered).await;
    drop(crashed);
    clock.set(at(600));
    let ledger = process(&client, &table, &clock, 2);
    assert!(listed(&*ledger, &ExportQuery::default(), 10).await.is_empty());
    // One by the message of its second claim, one by its event.
    assert!(matches!(
        ledger.claim(&due_claim(key("1"), "third", at(600), first.claim)).await.unwrap(),
        Claimed::Refused { .. }
    ));
    assert!(matches!(ledger.claim(&claim(key("2"), "fourth", at(600))).await.unwrap(), Claimed::Refused { .. }));
    // Others come to rest meanwhile.
    for n in 3..6 {
        ends_as(&*ledger, &n.to_string(), 3000 + n, delivered).await;
    }
    clock.set(at(3600));
    ledger.flush().await.unwrap();
    let expected = ["5", "4", "3", "2", "1"].map(|id| key(id).id());
    assert_eq!(listed(&*ledger, &ExportQuery::default(), 10).await, expected);
    assert_eq!(listed(&*ledger, &ExportQuery::default(), 1).await, expected);
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn what_batches_left_is_added_up_once_by_however_many_and_however_often() {
    let (client, table) = known_table().await;
    let clock = ManualClock::at(noon() - SignedDuration::from_hours(40));
    let settings = process(&client, &table, &clock, 0);
    assert!(settings.put_connection(&connection(&shop(), Role::Channel, "magento"), None).await.unwrap());
    // More notes than are added up at once, over two midnights; the last have not settled when it is done first.
    for batch in 1..=120 {
        let now = clock.advance(SignedDuration::from_mins(20));
        let ledger = process(&client, &table, &clock, batch);
        ends_as(&*ledger, &batch.to_string(), now.duration_since(noon()).as_secs(), delivered).await;
        ledger.flush().await.unwrap();
    }
    let (one, other) = (process(&client, &table, &clock, 1000), process(&client, &table, &clock, 1001));
    for minutes in [0, 5, 60] {
        clock.advance(SignedDuration::from_mins(minutes));
        for ended in [tokio::join!(one.add_up(), other.add_up()), tokio::join!(one.add_up(), one.add_up())] {
            assert_eq!(ended, (Ok(()), Ok(())));
        }
        for since in [SignedDuration::from_hours(24), SignedDuration::from_hours(1000)] {
            let counts = one.counts(&TenantId::local(), noon() - since).await.unwrap();
            assert_eq!(counts.states, [(State::Delivered, 120)].into(), "after {minutes} min");
            let at_shop = counts.connections.get(&shop()).unwrap().delivered;
            // Three an hour, those of both ends included.
            assert_eq!(at_shop, if since.as_hours() == 24 { 73 } else { 120 });
        }
    }
}

/// The answer to a note may be lost, and whoever waits for it may be stopped; the note is there once, and nothing is lost.
#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_note_is_written_once_whatever_becomes_of_its_answer() {
    let (client, table) = known_table().await;
    let (proxy, clock) = (Proxy::start().await, ManualClock::at_noon());
    let ledger = process(&proxy.clients().dynamodb, &table, &clock, 1);
    let fates = [Fate::AnswerLost, Fate::Throttled];
    for (n, fate) in (0..).zip(fates) {
        ends_as(&*ledger, &n.to_string(), n, delivered).await;
        proxy.decides(move |operation, _| if operation == "BatchWriteItem" { fate } else { Fate::Passes });
        ledger.flush().await.unwrap_err();
    }
    ends_as(&*ledger, "2", 2, delivered).await;
    proxy.decides(|_, _| Fate::Passes);
    {
        // Begun, and stopped before its end.
        let mut flush = std::pin::pin!(ledger.flush());
        assert!(futures_util::poll!(flush.as_mut()).is_pending());
    }
    ledger.flush().await.unwrap();
    let reader = process(&client, &table, &clock, 2);
    let expected = ["2", "1", "0"].map(|id| key(id).id());
    assert_eq!(listed(&*reader, &ExportQuery::default(), 10).await, expected);
    assert_eq!(reader.counts(&TenantId::local(), noon()).await.unwrap().states, [(State::Delivered, 3)].into());
}

/// What a person would see otherwise: a day's work that was never done, in a sum that only grows.
#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn counts_follow_what_moves_on() {
    let (ledger, clock) = ledger().await;
    assert!(ledger.put_connection(&connection(&shop(), Role::Channel, "magento"), None).await.unwrap());
    let skip = Skip { reason: SkipReason::SwitchedOff, detail: None, remark: None };
    let skipped = |export: &Export| Export { skip: Some(skip.clone()), ..ended(export, State::Skipped, None) };
    let first = ends_as(&*ledger, "1", 0, skipped).await;
    ends_as(&*ledger, "2", 1, skipped).await;
    let states = async || ledger.counts(&TenantId::local(), noon()).await.unwrap().states;
    assert_eq!(states().await, [(State::Skipped, 2)].into());
    let again = won(&*ledger, &claim(key("2"), "again", at(9))).await;
    ledger.finish(&guard(&again), &delivered(&again)).await.unwrap().unwrap();
    assert_eq!(states().await, [(State::Skipped, 1), (State::Delivered, 1)].into());
    assert!(ledger.decide(&first, &Export { notes: vec![], ..first.clone() }).await.unwrap());
    assert!(ledger.decide(&first, &ended(&first, State::Retrying, Some(at(60)))).await.unwrap());
    let expected = [(State::Retrying, 1), (State::Delivered, 1)];
    assert_eq!(states().await, expected.into());
    clock.set(at(3600));
    ledger.add_up().await.unwrap();
    assert_eq!(states().await, expected.into());
}

#[tokio::test]
#[ignore = "needs ministack: .ci/run starts it"]
async fn a_cursor_of_days_to_come_is_the_beginning() {
    let (ledger, _) = ledger().await;
    let id = ends_as(&*ledger, "1", 0, delivered).await.id;
    let cursor = format!("{}.{id}", "9".repeat(20));
    let page = ledger.exports(&TenantId::local(), &ExportQuery::default(), 1, Some(&cursor)).await.unwrap();
    assert_eq!(page.items.len(), 1);
}
