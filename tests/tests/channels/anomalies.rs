//! For every n the n-th call goes wrong, in every way a call can; then it is run again, clean. The practice vendors must
//! have counted exactly one effect of each kind. The calls count themselves, so a new call is covered without a new test.

use crate::play::{Play, holds, line};
use crate::practice::World;
use async_trait::async_trait;
use connectors::{Answer, Http, HttpError, Lane, Request, Stop};
use domain::{HoldReason, Operation};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It never arrives.
    Before,
    /// It arrives and takes effect; its answer does not come back.
    After,
    /// It arrives and takes effect; a gateway answers 502.
    Gateway,
    /// It arrives and takes effect; the answer is cut off.
    Cut,
}

const WAYS: [Wrong; 4] = [Wrong::Before, Wrong::After, Wrong::Gateway, Wrong::Cut];

/// The real sender, but for one call.
struct Faulty<'a> {
    real: &'a dyn Http,
    at: usize,
    wrong: Wrong,
    calls: AtomicUsize,
}

#[async_trait]
impl Http for Faulty<'_> {
    async fn call(&self, lane: &Lane, request: Request, writing: bool) -> Result<Answer, HttpError> {
        let strikes = self.calls.fetch_add(1, Ordering::Relaxed) == self.at;
        if strikes && self.wrong == Wrong::Before {
            return Err(HttpError::TimedOut);
        }
        let answer = self.real.call(lane, request, writing).await?;
        match self.wrong {
            Wrong::After if strikes => Err(HttpError::Broken("the connection broke".into())),
            Wrong::Gateway if strikes => Ok(Answer { status: 502, body: "<html></html>".into(), ..answer }),
            Wrong::Cut if strikes => Ok(Answer { body: answer.body.slice(..answer.body.len() / 2), ..answer }),
            _ => Ok(answer),
        }
    }
}

/// What is carried, and the effects it must have had in the end.
struct Case {
    channel: &'static str,
    operation: Operation,
    part: bool,
    effects: Value,
}

fn cases() -> Vec<Case> {
    let case = |channel, operation, part, effects| Case { channel, operation, part, effects };
    vec![
        case("mirakl", Operation::SendInvoice, false, json!({"documents": 1})),
        case("mirakl", Operation::SendTracking, false, json!({"tracking": 1, "shipped": 1})),
        case("mirakl", Operation::SendTracking, true, json!({"shipments": 1})),
        case("magento", Operation::SendInvoice, false, json!({"invoices": 1})),
        case("magento", Operation::SendInvoice, true, json!({"invoices": 1})),
        case("magento", Operation::RefundOrder, true, json!({"invoices": 1, "creditmemos": 1})),
        case("magento", Operation::SendTracking, false, json!({"shipments": 1, "tracks": 1})),
        case("magento", Operation::SendTracking, true, json!({"shipments": 1, "tracks": 1})),
    ]
}

async fn effects_of(world: &World, channel: &str, order: &str) -> Value {
    let path = format!("/_sandbox/effects?vendor={channel}&order={order}");
    let all = world.control("GET", &path, None).await;
    let mut counts = serde_json::Map::new();
    for effect in all.get("effects").and_then(Value::as_array).unwrap() {
        let kind = effect.get("kind").and_then(Value::as_str).unwrap();
        let count = counts.get(kind).and_then(Value::as_u64).unwrap_or(0);
        counts.insert(kind.to_owned(), (count + 1).into());
    }
    counts.into()
}

#[tokio::test]
async fn whichever_call_goes_wrong_the_target_has_it_once_in_the_end() {
    let world = World::new().await;
    for (number, case) in cases().into_iter().enumerate() {
        for wrong in WAYS {
            let mut at = 0;
            loop {
                let reference = format!("{number}-{wrong:?}-{at}");
                let mut play = Play::of(&world, case.channel, &reference).await;
                if case.operation == Operation::RefundOrder {
                    play.delivered(Operation::SendInvoice).await;
                    play.document.number = "2026/0002".into();
                }
                if case.part {
                    play.parcel.lines = holds("MUG", 1);
                    play.document.lines = vec![line("MUG", 1, 121)];
                    play.document.total = Decimal::from(121);
                }
                let faulty = Faulty { real: &world.sender, at, wrong, calls: AtomicUsize::new(0) };
                let first = play.deliver_over(case.operation, &faulty).await;
                let struck = faulty.calls.into_inner() > at;
                let what =
                    format!("{} {:?} part {} call {at} {wrong:?}: {first:?}", case.channel, case.operation, case.part);
                // A cut answer may still say all that is needed (204 has nothing to cut).
                assert!(!struck || first.0.is_err() || wrong == Wrong::Cut, "{what}");
                play.in_doubt = first.0.is_err();
                let second = play.deliver(case.operation).await.0;
                assert!(second.is_ok(), "{what}\nthen {second:?}");
                assert_eq!(effects_of(&world, case.channel, &reference).await, case.effects, "{what}");
                if !struck {
                    break;
                }
                at += 1;
            }
            assert!(at >= 3, "{}: a conversation has three calls at least", case.channel);
        }
    }
    world.running.stop().await;
}

#[tokio::test]
async fn a_number_told_early_is_told_once_whichever_call_goes_wrong() {
    let world = World::new().await;
    for at in 0..4 {
        let reference = format!("early-{at}");
        let mut play = Play::of(&world, "mirakl", &reference).await;
        play.parcel.state = domain::DeliveryState::LabelCreated;
        let faulty = Faulty { real: &world.sender, at, wrong: Wrong::After, calls: AtomicUsize::new(0) };
        let _stopped = play.deliver_over(Operation::SendTracking, &faulty).await;
        play.in_doubt = true;
        let second = play.deliver(Operation::SendTracking).await.0;
        assert!(matches!(second, Err(Stop::Hold { reason: HoldReason::NotHandedOver, .. })), "{second:?}");
        assert_eq!(effects_of(&world, "mirakl", &reference).await, json!({"tracking": 1}));
    }
    world.running.stop().await;
}
