//! What a poll tells about its source, and a paused connection that is asked because nothing waits for it.

use crate::bench::{Bench, seconds};
use ::http::Method;
use connectors::{Account, Failure, Stop};
use domain::{Code, ConnectionId, ConnectionState, Pause, PauseReason, SealedSecret, Step, TenantId};
use export_flow::ports::{Ledger as _, PortError};
use serde_json::json;
use std::sync::Arc;
use testkit::practice::Kind;

async fn books(bench: &Bench) -> Arc<Account> {
    bench.flow.account_anew(&ConnectionId::new("books")).await.unwrap().unwrap()
}

async fn stopped(bench: &Bench, stop: Stop) -> Result<(), PortError> {
    bench.flow.poll_stopped(&*books(bench).await, &stop).await
}

async fn paused_for(bench: &Bench, reason: PauseReason) {
    let (since, next_step) = (bench.flow.now(), "Nothing.".to_owned());
    let pause = Pause { reason, since, next_probe: None, next_step };
    bench.change("books", |books| (books.state, books.pause) = (ConnectionState::Paused, Some(pause))).await;
}

async fn probed(bench: &Bench) {
    bench.flow.probe_reach(&ConnectionId::new("books")).await.unwrap();
}

#[tokio::test]
async fn a_poll_that_fails_is_shown_without_private_words_and_written_once() {
    let bench = Bench::new().await;
    let (changed_at, sealed) = (bench.flow.now(), "plain:books:api_key:yek-terces".to_owned());
    bench.change("books", |c| _ = c.secrets.insert("api_key".into(), SealedSecret::entered(changed_at, sealed))).await;
    let broke = |message: &str| Stop::fail(Code::VendorError, Some(500), message);
    stopped(&bench, broke("no list for jana@example.com with secret-key")).await.unwrap();
    let shown = bench.state_of("books").await;
    let error = shown.last_error.clone().unwrap();
    assert_eq!((error.code, error.at), (Code::VendorError, bench.flow.now()));
    assert_eq!(error.message, "no list for [redacted] with [redacted]");
    assert_eq!(shown.state, ConnectionState::Active, "a poll alone pauses nothing");

    bench.clock.advance(seconds(60));
    stopped(&bench, broke("no list for jana@example.com with secret-key")).await.unwrap();
    assert_eq!(bench.state_of("books").await, shown, "the same is not written at every poll");
    stopped(&bench, broke("no list at all")).await.unwrap();
    assert_eq!(bench.state_of("books").await.last_error.unwrap().message, "no list at all");
    stopped(&bench, Stop::fail(Code::VendorRefused, Some(400), "no list at all")).await.unwrap();
    assert_eq!(bench.state_of("books").await.last_error.unwrap().code, Code::VendorRefused);
}

#[tokio::test]
async fn refused_credentials_pause_a_polled_source_and_our_own_failure_is_ours() {
    let bench = Bench::new().await;
    let failure = Failure::new(Code::CredentialsRefused, Step::Look, Some(401), "bad key");
    stopped(&bench, Stop::Credentials(failure)).await.unwrap();
    let books = bench.state_of("books").await;
    assert_eq!((books.state, books.pause.unwrap().reason), (ConnectionState::Paused, PauseReason::Credentials));
    let ours = stopped(&bench, Stop::Ours("the store is away".into())).await;
    assert_eq!(ours, Err(PortError::Unavailable("the store is away".into())));
}

#[tokio::test]
async fn a_source_that_nothing_waits_for_is_asked_ever_less_often_until_it_answers() {
    let bench = Bench::new().await;
    paused_for(&bench, PauseReason::Outage).await;
    bench.world.fault(Method::GET, "books/", Kind::Refused, 3);
    for (n, wait) in [(1, 60), (2, 120), (3, 240)] {
        probed(&bench).await;
        let pause = bench.state_of("books").await.pause.unwrap();
        assert_eq!(pause.next_probe, Some(bench.flow.now() + seconds(wait)));
        let circuit = bench.ledger.circuit(&ConnectionId::new("books")).await.unwrap();
        assert_eq!(circuit.probes, n);
    }
    probed(&bench).await;
    let books = bench.state_of("books").await;
    assert_eq!((books.state, books.pause), (ConnectionState::Active, None));
}

#[tokio::test]
async fn an_error_is_an_answer_too() {
    let bench = Bench::new().await;
    paused_for(&bench, PauseReason::Outage).await;
    bench.world.fault(Method::GET, "books/", Kind::Answer(500, json!({})), 1);
    probed(&bench).await;
    assert_eq!(bench.state_of("books").await.state, ConnectionState::Active);
}

#[tokio::test]
async fn a_poll_that_is_answered_ends_an_outage_and_no_other_pause() {
    for (reason, state) in [
        (PauseReason::Outage, ConnectionState::Active),
        (PauseReason::ByHand, ConnectionState::Paused),
        (PauseReason::Credentials, ConnectionState::Paused),
    ] {
        let bench = Bench::new().await;
        paused_for(&bench, reason).await;
        bench.flow.poll_answered(&*books(&bench).await).await.unwrap();
        assert_eq!(bench.state_of("books").await.state, state, "{reason:?}");
    }
}

#[tokio::test]
async fn a_probe_that_fails_moves_no_pause_but_that_of_an_outage() {
    let bench = Bench::new().await;
    bench.world.fault(Method::GET, "books/", Kind::Refused, usize::MAX);
    bench.flow.pause_connection(&TenantId::local(), "books").await.unwrap();
    probed(&bench).await;
    assert_eq!(bench.state_of("books").await.pause.unwrap().next_probe, None);
}

#[tokio::test]
async fn refused_credentials_end_the_probing_of_an_outage_and_no_pause_by_hand() {
    for (before, after) in [
        (PauseReason::Outage, PauseReason::Credentials),
        (PauseReason::ByHand, PauseReason::ByHand),
        (PauseReason::Credentials, PauseReason::Credentials),
    ] {
        let bench = Bench::new().await;
        paused_for(&bench, before).await;
        let failure = Failure::new(Code::CredentialsRefused, Step::Look, Some(401), "bad key");
        stopped(&bench, Stop::Credentials(failure)).await.unwrap();
        assert_eq!(bench.state_of("books").await.pause.unwrap().reason, after);
    }
}
