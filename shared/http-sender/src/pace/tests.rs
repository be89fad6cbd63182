mod workers;

use super::*;
use crate::tests::{RuntimeClock, lane};
use std::collections::BTreeSet;

fn pace(calls: u32, seconds: u32) -> Pace {
    Pace { calls, seconds }
}

fn paced_until(result: Result<Turn, HttpError>) -> Timestamp {
    match result {
        Err(HttpError::Paced { until }) => until,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn short_waits_are_waited_and_longer_ones_answered_with_the_time() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let slow = lane("shop", Some(pace(1, 9)));
    drop(lanes.enter(&slow, &clock).await.unwrap());
    let second = lanes.enter(&slow, &clock).await.unwrap();
    let waited = clock.now().duration_since(RuntimeClock::START).as_secs();
    assert_eq!(waited, 9);
    drop(second);
    let slower = lane("other", Some(pace(1, 60)));
    drop(lanes.enter(&slower, &clock).await.unwrap());
    let until = paced_until(lanes.enter(&slower, &clock).await);
    assert_eq!(until.duration_since(clock.now()).as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn turns_are_given_in_the_order_of_asking() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let (lane, order) = (lane("shop", Some(pace(1, 1))), Mutex::new(vec![]));
    let ask = async |n: u32| {
        let turn = lanes.enter(&lane, &clock).await.unwrap();
        order.lock().unwrap().push(n);
        drop(turn);
    };
    tokio::join!(ask(1), ask(2), ask(3), ask(4), ask(5), ask(6));
    assert_eq!(*order.lock().unwrap(), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_never_has_more_than_four_calls_and_others_do_not_wait_for_it() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let lane_a = lane("shop", None);
    let mut turns = vec![];
    for _ in 0..4 {
        turns.push(lanes.enter(&lane_a, &clock).await.unwrap());
    }
    assert!(lanes.enter(&lane("other", None), &clock).await.is_ok());
    assert_eq!(clock.now(), RuntimeClock::START);
    let until = paced_until(lanes.enter(&lane_a, &clock).await);
    assert_eq!(until.duration_since(RuntimeClock::START).as_secs(), 20, "ten in vain, come back in ten");
    turns.pop();
    assert!(lanes.enter(&lane_a, &clock).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_told_closes_that_connection_at_once() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let lane_a = lane("shop", None);
    let turn = lanes.enter(&lane_a, &clock).await.unwrap();
    let until = clock.now() + SignedDuration::from_secs(30);
    drop(turn);
    lanes.close(&lane_a, until, clock.now()).await;
    lanes.close(&lane_a, clock.now() + SignedDuration::from_secs(5), clock.now()).await;
    assert_eq!(paced_until(lanes.enter(&lane_a, &clock).await), until, "a shorter word does not open it");
    assert!(lanes.enter(&lane("other", None), &clock).await.is_ok());
    tokio::time::advance(Duration::from_secs(29)).await;
    assert!(lanes.enter(&lane_a, &clock).await.is_ok(), "the last second is waited");
    assert!(clock.now() >= until);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_pace_hears_what_the_vendor_says_meanwhile() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let lane_a = lane("shop", Some(pace(1, 5)));
    let _first = lanes.enter(&lane_a, &clock).await.unwrap();
    let (now, until) = (clock.now(), clock.now() + SignedDuration::from_secs(60));
    let (second, ()) = tokio::join!(lanes.enter(&lane_a, &clock), lanes.close(&lane_a, until, now));
    assert_eq!(paced_until(second), until);
}

#[tokio::test]
async fn connections_at_rest_are_forgotten_when_there_are_very_many() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    for n in 0..=CONNECTIONS_REMEMBERED_MAX {
        drop(lanes.enter(&lane(&format!("shop-{n}"), None), &clock).await.unwrap());
    }
    assert_eq!(lanes.states.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_vendor_goes_on_in_the_rhythm_of_the_pace() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let lane_a = lane("shop", Some(pace(1, 1)));
    let told = clock.now() + SignedDuration::from_secs(2);
    let went = async || {
        lanes.enter(&lane_a, &clock).await.unwrap();
        clock.now().duration_since(RuntimeClock::START).as_secs()
    };
    let close = async {
        lanes.close(&lane_a, told, clock.now()).await;
        -1
    };
    let (a, b, c, _) = tokio::join!(went(), went(), went(), close);
    assert_eq!(BTreeSet::from([a, b, c]), BTreeSet::from([0, 2, 3]), "never two in one second");
}

#[tokio::test(start_paused = true)]
async fn nonsense_of_a_vendor_closes_for_a_day_at_most() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let lane_a = lane("shop", None);
    lanes.close(&lane_a, clock.now() + SignedDuration::from_hours(100_000), clock.now()).await;
    let until = paced_until(lanes.enter(&lane_a, &clock).await);
    assert_eq!(until.duration_since(clock.now()), SignedDuration::from_hours(24));
}

#[tokio::test(start_paused = true)]
async fn a_slow_target_gets_one_call_at_once() {
    let (lanes, clock) = (Lanes::new(Limits::default()), RuntimeClock::default());
    let lane_a = lane("shop", None);
    for _ in 0..5 {
        lanes.enter(&lane_a, &clock).await.unwrap().took(SignedDuration::from_secs(6));
    }
    let first = lanes.enter(&lane_a, &clock).await.unwrap();
    let (second, ()) = tokio::join!(lanes.enter(&lane_a, &clock), async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        drop(first);
    });
    assert!(second.is_ok());
    assert_eq!(clock.now().duration_since(RuntimeClock::START).as_secs(), 7);
}
