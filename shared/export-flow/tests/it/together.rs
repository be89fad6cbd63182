//! Documents that arrive together are read together, and each is what it would have been alone.

use crate::bench::{Bench, INVOICE, seconds};
use ::http::Method;
use domain::{Cause, Code, State};
use export_flow::message::Message;
use export_flow::{Flow, Times, Verdict};
use serde_json::json;
use std::sync::Arc;
use testkit::practice::Kind;

/// Books that give many documents at once, with an order and an invoice of 100.00 for each of `ids`, made a while ago.
async fn bench(ids: std::ops::Range<u32>) -> Bench {
    let bench = Bench::new().await;
    bench.change("books", |books| books.connector = "dozen-books".to_owned()).await;
    for id in ids {
        bench.world.order("shop", &format!("order-{id}"), "100.00");
        bench.world.document(&id.to_string(), &format!("2026-{id}"), Some(&format!("order-{id}")), "100.00");
    }
    bench.clock.advance(seconds(60));
    bench
}

fn news(bench: &Bench, ids: std::ops::Range<u32>) -> Vec<Message> {
    ids.map(|id| bench.event(INVOICE, &id.to_string(), Cause::Poll)).collect()
}

async fn handle(flow: &Flow, messages: &[Message]) {
    for message in messages {
        assert_eq!(flow.handle(message, false).await, Verdict::Done);
    }
}

fn calls(bench: &Bench) -> (usize, usize) {
    let all = bench.world.calls("GET books/documents") - bench.world.calls("/pdf");
    let many = bench.world.calls("GET books/documents/many");
    (many, all - many)
}

#[tokio::test]
async fn documents_that_arrive_together_take_one_call() {
    let bench = bench(1..9).await;
    let messages = news(&bench, 1..9);
    bench.flow.expect(messages.iter());
    assert_eq!(calls(&bench), (0, 0), "nothing is asked before the first look");
    handle(&bench.flow, &messages).await;
    assert_eq!(calls(&bench), (1, 0));
    assert_eq!(bench.count(State::Delivered).await, 8);
    assert_eq!(bench.world.effects_at("shop"), 8);
    // What was read has served its look: the same again is read again, alone.
    handle(&bench.flow, &messages[..1]).await;
    assert_eq!(calls(&bench), (1, 1));
    assert_eq!(bench.world.effects_at("shop"), 8);
}

#[tokio::test]
async fn they_may_all_be_looked_at_at_the_same_moment() {
    let bench = bench(1..9).await;
    let messages = news(&bench, 1..9);
    bench.flow.expect(messages.iter());
    let looks = messages.iter().map(|message| bench.flow.handle(message, false));
    assert_eq!(futures_util::future::join_all(looks).await, [Verdict::Done; 8]);
    assert_eq!((calls(&bench), bench.world.effects_at("shop")), ((1, 0), 8));
}

#[tokio::test]
async fn more_than_fit_into_one_call_take_two() {
    let bench = bench(1..21).await;
    let messages = news(&bench, 1..21);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages).await;
    assert_eq!((calls(&bench), bench.world.effects_at("shop")), ((2, 0), 20));
}

#[tokio::test]
async fn one_that_is_not_there_spoils_none_of_the_others() {
    let bench = bench(1..5).await;
    bench.world.remove_document("3");
    let messages = news(&bench, 1..5);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages).await;
    assert_eq!(calls(&bench), (1, 1), "it is asked for alone, and said to be gone");
    let look = bench.look().await;
    assert_eq!((look.state, look.code), (State::Skipped, Some(Code::DocumentGone)));
    assert_eq!(bench.world.effects_at("shop"), 3);
}

#[tokio::test]
async fn a_call_for_many_that_fails_leaves_each_to_itself() {
    let bench = bench(1..5).await;
    bench.world.fault(Method::GET, "books/documents/many", Kind::Answer(500, json!({"message": "no"})), 1);
    let messages = news(&bench, 1..5);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages).await;
    assert_eq!((calls(&bench), bench.world.effects_at("shop")), ((1, 4), 4));
    assert!(bench.exports().await.iter().all(|export| export.attempts == 0), "nothing was counted");
}

#[tokio::test]
async fn what_was_read_too_long_ago_is_read_again_for_all_that_are_left() {
    let bench = bench(1..6).await;
    let messages = news(&bench, 1..6);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages[..2]).await;
    bench.clock.advance(seconds(11));
    bench.world.document_as("4", json!({"total": "90.00"}));
    bench.clock.advance(seconds(5));
    handle(&bench.flow, &messages[2..]).await;
    assert_eq!((calls(&bench), bench.world.effects_at("shop")), ((2, 0), 5));
}

#[tokio::test]
async fn the_same_document_told_three_times_goes_out_once() {
    let bench = bench(1..3).await;
    let messages: Vec<Message> =
        ["1", "1", "2", "1"].iter().map(|id| bench.event(INVOICE, id, Cause::Webhook)).collect();
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages).await;
    assert_eq!(bench.world.effects_at("shop"), 2);
    let duplicates: u64 = bench.exports().await.iter().map(|export| export.shared.duplicates).sum();
    assert_eq!(duplicates, 2);
}

#[tokio::test]
async fn an_older_content_read_for_many_is_never_sent_after_a_newer_one() {
    let bench = bench(1..3).await;
    let messages = news(&bench, 1..3);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages[..1]).await;
    // The second changes, and another process hears of it and carries the new content before the first one goes on.
    bench.clock.advance(seconds(1));
    bench.world.document_as("2", json!({"total": "90.00"}));
    let other = Arc::new(Flow::new(bench.flow.parts().clone(), Times::default()));
    handle(&other, &[bench.event(INVOICE, "2", Cause::Webhook)]).await;
    let before = (bench.world.effects(), calls(&bench));
    handle(&bench.flow, &messages[1..]).await;
    assert_eq!((bench.world.effects(), calls(&bench)), before, "it was looked at as it was read, and refused");
    let second = bench.exports().await.into_iter().find(|export| export.key.subject.id == "2").unwrap();
    assert_eq!((second.state, second.revision_number), (State::Delivered, 1));
}

#[tokio::test]
async fn what_has_only_just_changed_is_read_anew_for_its_look() {
    let bench = bench(1..4).await;
    bench.world.document_as("2", json!({"total": "90.00"}));
    let messages = news(&bench, 1..4);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages).await;
    assert_eq!((calls(&bench), bench.world.effects_at("shop")), ((1, 1), 3));
}

#[tokio::test]
async fn a_source_that_gives_one_at_a_time_is_asked_as_ever() {
    let bench = bench(1..4).await;
    bench.change("books", |books| books.connector = "books".to_owned()).await;
    let messages = news(&bench, 1..4);
    bench.flow.expect(messages.iter());
    handle(&bench.flow, &messages).await;
    assert_eq!((calls(&bench), bench.world.effects_at("shop")), ((0, 3), 3));
}
