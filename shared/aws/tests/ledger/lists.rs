//! Lists and counts, which this store puts together from notes of batches and an index of what wants attention.

use crate::stage::ledger::{known_table, ledger, process};
use domain::{Export, ExportId, HoldReason, State, TenantId};
use export_flow::claim::{Claim, Claimed};
use export_flow::ports::{ExportQuery, Ledger};
use jiff::SignedDuration;
use testkit::ManualClock;
use testkit::samples::{at, claim, due_claim, ended, guard, held, key, noon, revision};

pub(super) async fn won(ledger: &dyn Ledger, claim: &Claim) -> Export {
    match ledger.claim(claim).await.unwrap() {
        Claimed::Won { export, .. } => *export,
        Claimed::Refused { refusal, .. } => panic!("must be won: {refusal:?}"),
    }
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
