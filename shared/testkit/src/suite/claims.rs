//! The claim table, line by line.

use crate::samples::{at, claim, due_claim, ended, guard, held, key, noon, revision};
use domain::{Cause, EventId, Export, HoldReason, OrderReference, Skip, SkipReason, State};
use export_flow::claim::{Claim, Claimed, Refusal, Trigger};
use export_flow::ports::Ledger;
use futures_util::future::join_all;
use std::sync::Arc;

pub(super) async fn won(ledger: &Arc<dyn Ledger>, claim: &Claim) -> Export {
    match ledger.claim(claim).await.unwrap() {
        Claimed::Won { export, .. } => *export,
        refused @ Claimed::Refused { .. } => {
            assert!(matches!(refused, Claimed::Won { .. }), "{refused:?}");
            Export::new(claim.key.clone(), claim.now)
        }
    }
}

async fn refused(ledger: &Arc<dyn Ledger>, claim: &Claim, expected: Refusal) {
    let before = ledger.export(&claim.key.id()).await.unwrap();
    match ledger.claim(claim).await.unwrap() {
        Claimed::Refused { refusal, old } => {
            assert_eq!((refusal, old.as_deref()), (expected, before.as_ref()), "{claim:?}");
        }
        Claimed::Won { .. } => assert_eq!(None, Some(expected), "{claim:?}"),
    }
    assert_eq!(ledger.export(&claim.key.id()).await.unwrap(), before, "a refusal writes nothing");
}

/// Claims an export of this subject at noon and ends it as `end` says.
pub(super) async fn ends_as(ledger: &Arc<dyn Ledger>, id: &str, end: impl Fn(&Export) -> Export) -> Export {
    let first = Claim { revision: Some(revision("a", noon())), ..claim(key(id), &format!("first {id}"), noon()) };
    let export = won(ledger, &first).await;
    ledger.finish(&guard(&export), &end(&export)).await.unwrap().unwrap()
}

fn caused(cause: Cause, goes: bool, claim: Claim) -> Claim {
    let event = EventId::new(format!("event of {}", claim.run));
    Claim { trigger: Trigger::Event { event, cause, goes }, ..claim }
}

/// Absent: ours for an event; a due message of a vanished record finds nothing.
pub async fn an_unknown_export_is_made_by_an_event_and_by_nothing_else(ledger: Arc<dyn Ledger>) {
    refused(&ledger, &due_claim(key("1"), "r", noon(), 1), Refusal::Absent).await;
    let request = claim(key("1"), "r", noon());
    let Claimed::Won { old, export } = ledger.claim(&request).await.unwrap() else {
        return assert_eq!("refused", "won");
    };
    assert_eq!(old, None);
    assert_eq!((export.state, export.claim, export.run.as_ref()), (State::Sending, 1, Some(&request.run)));
    assert_eq!((export.lease_until, export.due_at), (Some(at(90)), Some(at(90))));
    assert_eq!(ledger.export(&key("1").id()).await.unwrap(), Some(*export));
}

/// Sending: busy while the lease lives, ours once it ran out; for events and due messages alike.
pub async fn a_live_lease_refuses_and_one_that_ran_out_does_not(ledger: Arc<dyn Ledger>) {
    won(&ledger, &claim(key("1"), "r1", noon())).await;
    refused(&ledger, &claim(key("1"), "r2", at(89)), Refusal::Busy).await;
    refused(&ledger, &due_claim(key("1"), "r2", at(89), 1), Refusal::Busy).await;
    let second = won(&ledger, &claim(key("1"), "r2", at(90))).await;
    assert_eq!((second.claim, second.lease_until), (2, Some(at(180))));
    let third = won(&ledger, &Claim { alone: true, ..due_claim(key("1"), "r3", at(180), 2) }).await;
    assert_eq!(third.claim, 3);
}

/// A client that repeats an applied write is told of its success and nothing changes.
pub async fn a_claim_repeated_by_its_own_run_is_the_same_claim(ledger: Arc<dyn Ledger>) {
    let request = claim(key("1"), "r1", noon());
    let first = won(&ledger, &request).await;
    let again = won(&ledger, &request).await;
    assert_eq!(first, again);
    assert_eq!(ledger.export(&first.id).await.unwrap(), Some(first));
}

/// Thirty-two at once: one wins, and the others see the winner's record.
pub async fn of_many_claims_at_once_exactly_one_wins(ledger: Arc<dyn Ledger>) {
    for round in 0..8 {
        let id = round.to_string();
        let requests: Vec<_> = (0..32).map(|run| claim(key(&id), &format!("{round}/{run}"), noon())).collect();
        let outcomes = join_all(requests.iter().map(|request| ledger.claim(request))).await;
        let (mut winners, mut seen) = (vec![], vec![]);
        for outcome in outcomes {
            match outcome.unwrap() {
                Claimed::Won { export, .. } => winners.push(export.run),
                Claimed::Refused { refusal, old } => {
                    assert_eq!(refusal, Refusal::Busy);
                    seen.push(old.unwrap().run);
                }
            }
        }
        assert_eq!((winners.len(), seen.len()), (1, 31));
        assert!(seen.iter().all(|run| Some(run) == winners.first()));
    }
}

/// Retrying: by event or message, when due and not before.
pub async fn a_retry_is_claimed_when_it_is_due(ledger: Arc<dyn Ledger>) {
    for id in ["by event", "by message"] {
        ends_as(&ledger, id, |export| ended(export, State::Retrying, Some(at(60)))).await;
    }
    refused(&ledger, &claim(key("by event"), "r2", at(59)), Refusal::Waiting).await;
    refused(&ledger, &due_claim(key("by message"), "r3", at(59), 1), Refusal::Waiting).await;
    won(&ledger, &claim(key("by event"), "r2", at(60))).await;
    won(&ledger, &due_claim(key("by message"), "r3", at(60), 1)).await;
}

/// A message queued under an earlier claim number is dropped, whatever the state is now.
pub async fn a_due_message_of_an_earlier_claim_is_superseded(ledger: Arc<dyn Ledger>) {
    ends_as(&ledger, "1", |export| ended(export, State::Retrying, Some(at(60)))).await;
    let second = won(&ledger, &due_claim(key("1"), "r2", at(60), 1)).await;
    refused(&ledger, &due_claim(key("1"), "r3", at(61), 1), Refusal::Superseded).await;
    let retrying = ended(&second, State::Retrying, Some(at(100)));
    ledger.finish(&guard(&second), &retrying).await.unwrap().unwrap();
    refused(&ledger, &due_claim(key("1"), "r3", at(200), 1), Refusal::Superseded).await;
    won(&ledger, &due_claim(key("1"), "r3", at(200), 2)).await;
}

/// Held: what depends on the source is released by any of its news, what depends on the target by new content or a
/// person, and what waits for a time by that alone.
pub async fn what_a_hold_waits_for_releases_it_and_nothing_else_does(ledger: Arc<dyn Ledger>) {
    use HoldReason::{
        ConnectionPaused, NotHandedOver, NotPaidYet, NumberMissing, OrderAmbiguous, OrderUnknown, RateLimited, Settling,
    };
    let until = at(100_000);
    for (index, reason) in HoldReason::ALL.iter().enumerate() {
        let by_news = [NotPaidYet, NotHandedOver, NumberMissing, OrderUnknown, OrderAmbiguous].contains(reason);
        let by_time = [RateLimited, ConnectionPaused, Settling].contains(reason);
        let same = |run: &str| Claim { revision: Some(revision("a", at(1))), ..claim(key(run), run, at(2)) };
        let other = |run: &str| Claim { revision: Some(revision("b", at(1))), ..claim(key(run), run, at(2)) };
        let tries = [
            (by_news, same as fn(&str) -> Claim, Cause::Webhook, true),
            (!by_time, same, Cause::Hand, true),
            (!by_time, same, Cause::Release, true),
            (!by_time, other, Cause::Webhook, true),
            (false, other, Cause::Webhook, false),
        ];
        for (number, (releases, request, cause, goes)) in tries.into_iter().enumerate() {
            let id = format!("{index}/{number}");
            ends_as(&ledger, &id, |export| held(export, *reason, until)).await;
            let request = caused(cause, goes, request(&id));
            if releases {
                won(&ledger, &request).await;
            } else {
                refused(&ledger, &request, Refusal::Waiting).await;
                won(&ledger, &due_claim(key(&id), "when due", until, 1)).await;
            }
        }
    }
}

/// Skipped and expired: ours when the plan now says go.
pub async fn a_skipped_or_expired_export_goes_when_the_plan_says_so(ledger: Arc<dyn Ledger>) {
    let skip = Skip { reason: SkipReason::SwitchedOff, detail: None, remark: None };
    for state in [State::Skipped, State::Expired, State::Planned] {
        let id = state.as_str();
        ends_as(&ledger, id, |export| Export { skip: Some(skip.clone()), ..ended(export, state, None) }).await;
        refused(&ledger, &caused(Cause::Batch, false, claim(key(id), "r2", at(9))), Refusal::Done).await;
        refused(&ledger, &due_claim(key(id), "r2", at(9), 1), Refusal::Done).await;
        won(&ledger, &caused(Cause::Batch, true, claim(key(id), "r2", at(9)))).await;
    }
}

/// What a person dismissed is not revived by a repeated webhook.
pub async fn a_dismissed_export_goes_only_by_hand_or_with_new_content(ledger: Arc<dyn Ledger>) {
    let skip = Skip { reason: SkipReason::Dismissed, detail: None, remark: None };
    for id in ["by hand", "new"] {
        ends_as(&ledger, id, |export| Export { skip: Some(skip.clone()), ..ended(export, State::Skipped, None) }).await;
        let same = Claim { revision: Some(revision("a", at(1))), ..claim(key(id), "r2", at(9)) };
        refused(&ledger, &same, Refusal::Done).await;
    }
    won(&ledger, &caused(Cause::Hand, true, claim(key("by hand"), "r2", at(9)))).await;
    won(&ledger, &Claim { revision: Some(revision("b", at(1))), ..claim(key("new"), "r2", at(9)) }).await;
}

/// Delivered: older and same content are refused; newer content is claimed as the next revision, its proof kept.
pub async fn a_delivered_export_is_reopened_by_newer_content_only(ledger: Arc<dyn Ledger>) {
    ends_as(&ledger, "1", |export| ended(export, State::Delivered, None)).await;
    let with = |content: &str, version| Claim {
        revision: Some(revision(content, at(version))),
        ..claim(key("1"), "r2", at(9))
    };
    refused(&ledger, &with("a", 5), Refusal::Done).await;
    refused(&ledger, &with("b", -5), Refusal::Older).await;
    refused(&ledger, &claim(key("1"), "r2", at(9)), Refusal::Done).await;
    refused(&ledger, &due_claim(key("1"), "r2", at(9), 1), Refusal::Done).await;
    let again = won(&ledger, &with("b", 5)).await;
    assert_eq!((again.revision_number, again.earlier_receipts.len(), again.receipt), (2, 1, None));
}

/// Dead: no event and no message, only a redrive.
pub async fn a_dead_export_stays_dead(ledger: Arc<dyn Ledger>) {
    let dead = ends_as(&ledger, "1", |export| ended(export, State::Dead, None)).await;
    let newer = Claim { revision: Some(revision("b", at(5))), ..claim(key("1"), "r2", at(9)) };
    refused(&ledger, &caused(Cause::Hand, true, newer), Refusal::Dead).await;
    refused(&ledger, &due_claim(key("1"), "r2", at(9), 1), Refusal::Dead).await;
    assert!(ledger.decide(&dead, &ended(&dead, State::Retrying, Some(at(10)))).await.unwrap());
    won(&ledger, &due_claim(key("1"), "r2", at(10), 1)).await;
}

/// Two claims in a row that ended without a record: the next must be alone.
pub async fn two_ends_without_a_record_allow_only_a_claim_alone(ledger: Arc<dyn Ledger>) {
    won(&ledger, &claim(key("1"), "r1", noon())).await;
    won(&ledger, &claim(key("1"), "r2", at(90))).await;
    refused(&ledger, &claim(key("1"), "r3", at(180)), Refusal::Alone).await;
    won(&ledger, &Claim { alone: true, ..claim(key("1"), "r3", at(180)) }).await;
}

/// The doubt of the first claim stays, with its number.
pub async fn a_claim_that_writes_is_in_doubt_until_a_record_says_otherwise(ledger: Arc<dyn Ledger>) {
    let reading = won(&ledger, &claim(key("0"), "r0", noon())).await;
    assert_eq!(reading.in_doubt, None);
    let writing = |run: &str, seconds| Claim { writes: true, ..claim(key("1"), run, at(seconds)) };
    let first = won(&ledger, &writing("r1", 0)).await;
    let doubt = first.in_doubt.clone().unwrap();
    assert_eq!((doubt.claim, doubt.since), (1, noon()));
    let second = won(&ledger, &writing("r2", 90)).await;
    assert_eq!(second.in_doubt, first.in_doubt);
    ledger.finish(&guard(&second), &ended(&second, State::Delivered, None)).await.unwrap().unwrap();
    assert_eq!(ledger.export(&second.id).await.unwrap().unwrap().in_doubt, None);
}

/// Order, numbers, hints and the arrival are stored with the claim.
pub async fn a_claim_adds_what_it_knows(ledger: Arc<dyn Ledger>) {
    let order = OrderReference::new("100");
    let request = Claim {
        order: Some(order.clone()),
        numbers: vec!["2026-001".into()],
        hints: [("order".to_owned(), "7".to_owned())].into(),
        ..claim(key("1"), "r1", noon())
    };
    let export = won(&ledger, &request).await;
    assert_eq!((export.order, export.numbers, export.hints), (Some(order), request.numbers.clone(), request.hints));
    let later = Claim { numbers: vec!["2026-001".into(), "DPD1".into()], ..claim(key("1"), "r2", at(90)) };
    assert_eq!(won(&ledger, &later).await.numbers, ["2026-001", "DPD1"]);
    let Trigger::Event { event, .. } = request.trigger else { return };
    let arrival = export_flow::ports::Arrival { event, duplicate: true, newer: None };
    let after = ledger.arrive(&key("1").id(), &arrival).await.unwrap().unwrap();
    assert_eq!(after.shared.duplicates, 0, "the arrival that made the record is not its duplicate");
}
