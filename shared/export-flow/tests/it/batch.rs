//! Batch exports, whatever they meet and whatever is cut short.

use crate::bench::{Bench, INVOICE, hold_of, seconds};
use ::http::Method;
use domain::{
    Cause, ConnectionId, ConnectionState, HoldReason, JobId, Operation, Pause, PauseReason, SkipReason, State, Switch,
    TenantId,
};
use export_flow::Verdict;
use export_flow::connections::PutOptions;
use export_flow::jobs::BatchRequest;
use export_flow::message::Message;
use export_flow::person::{Asks, Resolution};
use export_flow::ports::{Job, Outbox as _, Outgoing, PortError, Queue as _};
use export_flow::refused::Refused;
use export_flow::times::VISIBILITY;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;
use testkit::Moment;
use testkit::practice::Kind;

fn tenant() -> TenantId {
    TenantId::local()
}

fn of_books() -> BatchRequest {
    BatchRequest { source: Some(ConnectionId::new("books")), ..BatchRequest::default() }
}

/// Books that list three documents a page, and a market.
async fn listing() -> Bench {
    let bench = Bench::new().await;
    bench.change("books", |books| books.connector = "listed-books".into()).await;
    bench.change("van", |van| van.connector = "listed-van".into()).await;
    bench.world.pages_of(3);
    bench
}

async fn switch(bench: &Bench, on: bool) {
    bench
        .change("shop", |shop| {
            shop.switches.insert(Switch::SendInvoice, on);
        })
        .await;
}

fn issue(bench: &Bench, ids: &[&str]) {
    for id in ids {
        bench.world.order("shop", id, "100.00");
        bench.world.document(id, id, Some(id), "100.00");
    }
}

async fn job(bench: &Bench, id: &JobId) -> Job {
    bench.flow.job_of(&tenant(), id).await.unwrap()
}

/// Starts it and lets it come to its end.
async fn run(bench: &Bench, request: &BatchRequest) -> Job {
    let id = bench.flow.start_batch(&tenant(), request).await.unwrap().id;
    bench.rest(seconds(5)).await;
    job(bench, &id).await
}

fn counts(job: &Job) -> (&str, [Option<u64>; 4]) {
    (job.state.as_str(), [job.found, job.matched, job.already_delivered, job.queued])
}

fn some(counts: [u64; 4]) -> [Option<u64>; 4] {
    counts.map(Some)
}

/// One of each: 1 delivered, 2 said to be not needed, 3 dead, 4 waits for its order, 5 and 6 left out by a switch that
/// is on now, 7 never seen, 8 of an order that no channel has.
async fn one_of_each() -> Bench {
    let bench = listing().await;
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^[0-9]$".into())).await;
    issue(&bench, &["1", "2", "3", "5", "6", "7"]);
    bench.world.document("4", "4", Some("4"), "100.00");
    bench.world.document("8", "8", Some("elsewhere"), "100.00");
    bench.arrive(INVOICE, "1").await;
    bench.arrive(INVOICE, "4").await;
    bench.work().await;
    bench.world.fault(Method::POST, "shop/effects", Kind::Answer(400, json!({})), 6);
    bench.arrive(INVOICE, "2").await;
    bench.arrive(INVOICE, "3").await;
    bench.rest(seconds(2000)).await;
    assert_eq!(bench.count(State::Dead).await, 2);
    let second = bench.exports().await.into_iter().find(|export| export.key.subject.id == "2").unwrap();
    let note = Some("a test order");
    bench.flow.resolve(&tenant(), &second.id, &Resolution::NotNeeded, note).await.unwrap();
    switch(&bench, false).await;
    bench.arrive(INVOICE, "5").await;
    bench.arrive(INVOICE, "6").await;
    bench.work().await;
    switch(&bench, true).await;
    assert_eq!(bench.world.effects().len(), 1);
    bench
}

fn carried(bench: &Bench) -> Vec<String> {
    let mut keys: Vec<String> = bench.world.effects().into_iter().map(|effect| effect.key).collect();
    keys.sort();
    keys
}

#[tokio::test]
async fn a_batch_carries_what_is_missing_and_leaves_what_waits_is_dead_or_was_said_to_be_not_needed() {
    let bench = one_of_each().await;
    let (before, calls) = (bench.ledger.all(), bench.world.calls(""));
    let dry = run(&bench, &BatchRequest { dry_run: true, ..of_books() }).await;
    assert_eq!(counts(&dry), ("done", some([8, 3, 1, 0])), "{dry:?}");
    assert_eq!(bench.world.calls("") - calls, 3, "one call per page of the list");
    assert!(before.iter().all(|old| bench.ledger.all().iter().any(|new| new == old)), "nothing was changed");
    assert_eq!(dry.ids.len(), 2, "what has no record yet has no id: {:?}", dry.ids);

    let done = run(&bench, &of_books()).await;
    assert_eq!(counts(&done), ("done", some([8, 3, 1, 3])), "{done:?}");
    assert_eq!(carried(&bench), ["1", "5", "6", "7"]);
    let of = |id: &str| bench.ledger.all().into_iter().find(|export| export.key.subject.id == id);
    assert_eq!(
        (of("2").unwrap().state, of("2").unwrap().skip.unwrap().reason),
        (State::Skipped, SkipReason::Dismissed)
    );
    assert_eq!((of("3").unwrap().state, hold_of(&of("4").unwrap())), (State::Dead, Some(HoldReason::OrderUnknown)));
    assert_eq!(of("8"), None, "nobody has to look at what no channel has");
    let duplicates = |id: &str| of(id).unwrap().shared.duplicates;
    assert_eq!((duplicates("1"), duplicates("4"), duplicates("3"), duplicates("5")), (1, 1, 0, 0));

    // Once more, and twice at once.
    let first = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    let second = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    bench.rest(seconds(5)).await;
    for id in [first, second] {
        assert_eq!(counts(&job(&bench, &id).await), ("done", some([8, 0, 4, 0])));
    }
    assert_eq!(carried(&bench), ["1", "5", "6", "7"]);
    assert_eq!(of("1").unwrap().shared.duplicates, 3);
}

#[tokio::test]
async fn what_was_left_out_for_good_is_looked_at_again_only_when_something_has_changed() {
    let bench = listing().await;
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^[0-9]$".into())).await;
    issue(&bench, &["1"]);
    for (id, order) in [("none", None), ("other", Some("A-1"))] {
        bench.world.document(id, id, order, "100.00");
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    assert_eq!(bench.count(State::Skipped).await, 2);
    let looks = |bench: &Bench| bench.world.calls("documents/none") + bench.world.calls("documents/other");
    let before = looks(&bench);
    bench.clock.advance(seconds(1));
    assert_eq!(counts(&run(&bench, &of_books()).await), ("done", some([3, 1, 0, 1])));
    assert_eq!(looks(&bench), before, "nobody asks for them again");
    // A channel that could have it, and a source that tells more.
    bench.clock.advance(seconds(1));
    bench.change("shop", |shop| shop.rules.order_pattern = Some("^A-|^[0-9]$".into())).await;
    bench.world.order("shop", "A-1", "100.00");
    assert_eq!(counts(&run(&bench, &of_books()).await), ("done", some([3, 1, 1, 1])));
    assert_eq!(carried(&bench), ["1", "other"]);
    bench.clock.advance(seconds(1));
    bench.world.order("shop", "9", "100.00");
    bench.world.document("none", "none", Some("9"), "100.00");
    assert_eq!(counts(&run(&bench, &of_books()).await), ("done", some([3, 1, 2, 1])));
    assert_eq!(carried(&bench), ["1", "none", "other"]);
}

#[tokio::test]
async fn a_batch_for_one_target_or_operation_leaves_everything_else_as_it_is() {
    let bench = listing().await;
    bench.connect("stall", "market").await;
    for (id, pattern) in [("shop", "^[0-9]$"), ("stall", "^S-")] {
        bench.change(id, |channel| channel.rules.order_pattern = Some(pattern.into())).await;
    }
    issue(&bench, &["1", "2"]);
    bench.world.order("stall", "S-1", "100.00");
    bench.world.document("3", "3", Some("S-1"), "100.00");
    bench.world.document_as("4", json!({"order": "1", "kind": "credit_note", "corrects": "1"}));
    bench.world.parcel("p1", "1", Some("T1"), "in_transit");
    let to_shop = BatchRequest { target: Some(ConnectionId::new("shop")), ..BatchRequest::default() };
    let only = |operations: &[Operation]| BatchRequest { operations: operations.to_vec(), ..to_shop.clone() };
    let dry = run(&bench, &BatchRequest { dry_run: true, ..to_shop.clone() }).await;
    assert_eq!(counts(&dry), ("done", some([5, 4, 0, 0])), "both sources: {dry:?}");
    let done = run(&bench, &only(&[Operation::SendInvoice])).await;
    assert_eq!(counts(&done), ("done", some([4, 3, 0, 3])), "books alone, whose list does not say which is an invoice");
    assert_eq!(carried(&bench), ["1", "2"]);
    assert!(!bench.ledger.all().iter().any(|export| ["3", "4"].contains(&export.key.subject.id.as_str())));
    run(&bench, &to_shop).await;
    assert_eq!(carried(&bench), ["1", "2", "4", "T1"]);
    run(&bench, &of_books()).await;
    assert_eq!(carried(&bench), ["1", "2", "3", "4", "T1"]);
}

#[tokio::test]
async fn a_look_that_fails_in_a_restricted_batch_stays_restricted_until_other_news_asks_for_all() {
    for told in [false, true] {
        let bench = listing().await;
        bench.world.document_as("4", json!({"order": "1", "kind": "credit_note"}));
        let only = BatchRequest { operations: vec![Operation::SendInvoice], ..of_books() };
        bench.world.fault(Method::GET, "documents/4", Kind::Answer(500, json!({})), 1);
        let id = bench.flow.start_batch(&tenant(), &only).await.unwrap().id;
        bench.work().await;
        assert_eq!((job(&bench, &id).await.state.as_str(), bench.look().await.state), ("done", State::Retrying));
        bench.world.order("shop", "1", "100.00");
        if told {
            bench.world.fault(Method::GET, "documents/4", Kind::Answer(500, json!({})), 1);
            bench.arrive(INVOICE, "4").await;
        }
        bench.rest(seconds(600)).await;
        assert_eq!(bench.look().await.state, State::Planned);
        assert_eq!(carried(&bench).len(), usize::from(told));
    }
}

#[tokio::test]
async fn what_keeps_the_list_from_being_read_is_said_and_waited_for_and_counts_against_nothing() {
    let bench = listing().await;
    issue(&bench, &["1", "2", "3", "4"]);
    let id = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    let reason = |job: Job| job.halt.map(|halt| halt.reason);
    bench.world.fault(Method::GET, "books/documents", Kind::Answer(429, json!({})), 1);
    bench.work().await;
    assert_eq!(reason(job(&bench, &id).await).as_deref(), Some("rate_limited"));
    bench.world.fault(Method::GET, "books/documents", Kind::Refused, 1);
    bench.pass(seconds(31)).await;
    assert_eq!(reason(job(&bench, &id).await).as_deref(), Some("vendor_unreachable"));
    let pause =
        Pause { reason: PauseReason::ByHand, since: bench.flow.now(), next_probe: None, next_step: String::new() };
    bench
        .change("books", |books| {
            books.state = ConnectionState::Paused;
            books.pause = Some(pause);
        })
        .await;
    bench.pass(seconds(61)).await;
    let halt = job(&bench, &id).await.halt.unwrap();
    assert_eq!((halt.reason.as_str(), halt.until.unwrap() > bench.flow.now()), ("connection_paused", true));
    bench.pass(seconds(1000)).await;
    assert_eq!(job(&bench, &id).await.state, "running", "it may wait for long and does not stall");
    bench
        .change("books", |books| {
            books.state = ConnectionState::Active;
            books.pause = None;
        })
        .await;
    bench.pass(seconds(601)).await;
    let done = job(&bench, &id).await;
    assert_eq!((counts(&done), &done.halt), (("done", some([4, 4, 0, 4])), &None));
    assert_eq!(carried(&bench), ["1", "2", "3", "4"]);
    assert!(bench.ledger.all().iter().all(|export| export.attempts == 0 && export.attempt_log.is_empty()));
}

#[tokio::test]
async fn a_list_that_is_refused_again_and_again_ends_the_job_and_credentials_pause_the_source() {
    let bench = listing().await;
    issue(&bench, &["1"]);
    bench.world.fault(Method::GET, "books/documents", Kind::Answer(400, json!({"error": "secret words"})), 9);
    let id = run(&bench, &of_books()).await.id;
    bench.rest(seconds(3600)).await;
    let done = job(&bench, &id).await;
    assert_eq!((done.state.as_str(), done.halt.unwrap().until), ("failed", None));
    assert_eq!(bench.world.calls("books/documents"), 3);
    bench.world.heal();
    bench.world.fault(Method::GET, "books/documents", Kind::Answer(401, json!({})), 1);
    let id = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    bench.work().await;
    assert_eq!(bench.state_of("books").await.pause.unwrap().reason, PauseReason::Credentials);
    assert_eq!(job(&bench, &id).await.halt.unwrap().reason, "connection_paused");
}

#[tokio::test]
async fn a_batch_gives_way_while_the_queue_is_full() {
    let bench = listing().await;
    issue(&bench, &["1", "2", "3", "4"]);
    let nobody = |n: usize| Outgoing {
        message: Message::JobV1 { job: JobId::new(format!("nobody-{n}")) },
        group: ConnectionId::new("others"),
        delay: seconds(300),
    };
    bench.queue.send((0..1_000).map(nobody).collect()).await.unwrap();
    let id = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    bench.pass(seconds(200)).await;
    assert_eq!((job(&bench, &id).await.found, bench.world.calls("")), (None, 0));
    bench.pass(seconds(110)).await;
    assert_eq!(counts(&job(&bench, &id).await), ("done", some([4, 4, 0, 4])));
}

/// A batch of seven documents that is cut short once, at one of the calls it makes.
async fn cut(call: Option<(bool, &'static str, usize, Moment)>) -> Vec<(bool, &'static str)> {
    let bench = listing().await;
    issue(&bench, &["1", "2", "3", "4", "5", "6", "7"]);
    bench.arrive(INVOICE, "2").await;
    bench.work().await;
    let id = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    let before = (bench.ledger.trouble().calls().len(), bench.queue.trouble().calls().len());
    if let Some((of_ledger, name, skip, moment)) = call {
        let trouble = if of_ledger { bench.ledger.trouble() } else { bench.queue.trouble() };
        trouble.strike(name, skip, moment, PortError::Unavailable("on purpose".into()));
    }
    // The job alone; what it queues is worked off afterwards.
    for _ in 0..40 {
        for incoming in bench.queue.receive(20, VISIBILITY).await.unwrap_or_default() {
            match &incoming.message {
                Some(message @ Message::JobV1 { .. }) => {
                    if let Verdict::GiveBack(delay) = bench.flow.handle(message, false).await {
                        bench.queue.give_back(&incoming.receipt, delay).await.unwrap();
                    } else {
                        bench.queue.delete(&[incoming.receipt]).await.unwrap();
                    }
                }
                _ => bench.queue.give_back(&incoming.receipt, seconds(600)).await.unwrap(),
            }
        }
        bench.clock.advance(seconds(3));
    }
    let of_ledger = bench.ledger.trouble().calls().split_off(before.0).into_iter().map(|name| (true, name));
    let of_queue = bench.queue.trouble().calls().split_off(before.1).into_iter().map(|name| (false, name));
    let calls = of_ledger.chain(of_queue).collect();
    bench.rest(seconds(3600)).await;
    let done = job(&bench, &id).await;
    assert_eq!(counts(&done), ("done", some([7, 6, 1, 6])), "{call:?}");
    assert_eq!(carried(&bench), ["1", "2", "3", "4", "5", "6", "7"], "{call:?}");
    let duplicates: Vec<u64> = bench.ledger.all().iter().map(|export| export.shared.duplicates).collect();
    assert_eq!(duplicates.iter().sum::<u64>(), 1, "that which was there: {call:?} {duplicates:?}");
    calls
}

#[tokio::test]
async fn a_batch_cut_short_at_any_call_loses_nothing_and_counts_nothing_twice() {
    let own = |name: &str| matches!(name, "receive" | "delete" | "give_back");
    let calls: Vec<_> = cut(None).await.into_iter().filter(|(_, name)| !own(name)).collect();
    let mut seen = BTreeMap::new();
    for (of_ledger, name) in calls {
        let skip: &mut usize = seen.entry(name).or_default();
        for moment in [Moment::Before, Moment::After] {
            cut(Some((of_ledger, name, *skip, moment))).await;
        }
        *skip += 1;
    }
    for name in ["job", "put_job", "exports_of", "arrive", "send", "depth", "connection"] {
        assert!(seen.get(name).is_some_and(|count| *count > 0), "{name} was not cut: {seen:?}");
    }
}

#[tokio::test]
async fn a_cancelled_batch_ends_the_page_it_was_at() {
    let bench = listing().await;
    issue(&bench, &["1", "2", "3", "4", "5"]);
    let id = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    // The first page is written down and not yet queued when a person cancels.
    bench.queue.trouble().strike("send", 0, Moment::Before, PortError::Unavailable("on purpose".into()));
    let message = Message::JobV1 { job: id.clone() };
    assert!(matches!(bench.flow.handle(&message, false).await, Verdict::GiveBack(_)));
    assert_eq!(bench.flow.cancel_job(&tenant(), &id).await.unwrap().state, "cancelled");
    bench.rest(seconds(60)).await;
    assert_eq!(counts(&job(&bench, &id).await), ("cancelled", some([3, 3, 0, 3])));
    assert_eq!(carried(&bench), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_dry_run_that_is_confirmed_is_done_once_and_a_request_that_makes_no_sense_is_refused() {
    let bench = listing().await;
    issue(&bench, &["1", "2", "3", "4"]);
    let dry = run(&bench, &BatchRequest { dry_run: true, ..of_books() }).await;
    let tenant = tenant();
    for _ in 0..2 {
        let confirmed = bench.flow.confirm_job(Asks::from(&tenant), &dry.id, None).await.unwrap();
        bench.rest(seconds(60)).await;
        assert_eq!(counts(&job(&bench, &confirmed.id).await), ("done", some([4, 4, 0, 4])));
    }
    let id = |id: &str| Some(ConnectionId::new(id));
    let fields = |request: BatchRequest| {
        let flow = bench.flow.clone();
        async move {
            match flow.start_batch(&TenantId::local(), &request).await {
                Err(Refused::Fields(fields)) => fields[0].field.clone(),
                Err(Refused::Conflict(_)) => "conflict".to_owned(),
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(fields(BatchRequest::default()).await, "source, target");
    assert_eq!(fields(BatchRequest { target: id("shop"), ..of_books() }).await, "source, target");
    assert_eq!(fields(BatchRequest { source: id("nobody"), ..BatchRequest::default() }).await, "source");
    assert_eq!(fields(BatchRequest { target: id("books"), ..BatchRequest::default() }).await, "target");
    assert_eq!(fields(BatchRequest { source: id("shop"), ..BatchRequest::default() }).await, "conflict");
    assert_eq!(fields(BatchRequest { operations: vec![Operation::Look], ..of_books() }).await, "operations");
    let later = bench.flow.now() + seconds(60);
    assert_eq!(fields(BatchRequest { since: Some(later), ..of_books() }).await, "since");
    bench.change("books", |books| books.state = ConnectionState::Disabled).await;
    assert_eq!(fields(of_books()).await, "conflict");
}

#[tokio::test]
async fn named_documents_go_without_their_list_being_read() {
    let bench = listing().await;
    issue(&bench, &["1", "2", "3"]);
    let these = BatchRequest { ids: ["3", "1", "3"].map(str::to_owned).to_vec(), ..of_books() };
    assert_eq!(counts(&run(&bench, &these).await), ("done", some([2, 2, 0, 2])));
    assert_eq!(carried(&bench), ["1", "3"]);
    assert_eq!(bench.world.calls("books/documents"), bench.world.calls("books/documents/"));
}

/// An invoice that was left out while its switch was off; it is on now, and the shop is paused.
async fn left_out_and_paused() -> Bench {
    let bench = listing().await;
    switch(&bench, false).await;
    issue(&bench, &["1"]);
    bench.arrive(INVOICE, "1").await;
    bench.work().await;
    let pause =
        Pause { reason: PauseReason::ByHand, since: bench.flow.now(), next_probe: None, next_step: String::new() };
    bench
        .change("shop", |shop| {
            shop.switches.insert(Switch::SendInvoice, true);
            shop.state = ConnectionState::Paused;
            shop.pause = Some(pause);
        })
        .await;
    bench.send(bench.event(INVOICE, "1", Cause::Poll)).await;
    bench.work().await;
    assert_eq!(bench.only("shop").await.state, State::Skipped, "nothing skipped goes unasked");
    bench
}

#[tokio::test]
async fn what_a_batch_finds_and_must_wait_becomes_a_visible_hold() {
    let bench = left_out_and_paused().await;
    assert_eq!(counts(&run(&bench, &of_books()).await), ("done", some([1, 1, 0, 1])));
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::ConnectionPaused));
}

#[tokio::test]
async fn what_is_asked_for_by_hand_and_must_wait_becomes_a_visible_hold() {
    let bench = left_out_and_paused().await;
    bench.send(bench.event(INVOICE, "1", Cause::Hand)).await;
    bench.work().await;
    assert_eq!(hold_of(&bench.only("shop").await), Some(HoldReason::ConnectionPaused));
}

#[tokio::test]
async fn a_credit_note_that_is_listed_before_its_invoice_waits_for_it() {
    let bench = listing().await;
    bench.change("shop", |shop| shop.switches = BTreeMap::new()).await;
    bench.world.order("shop", "100", "100.00");
    bench.world.document_as("1", json!({"number": "C-1", "order": "100", "kind": "credit_note", "corrects": "9"}));
    bench.world.document("9", "2026-9", Some("100"), "100.00");
    for id in ["9", "1"] {
        bench.arrive(INVOICE, id).await;
    }
    bench.work().await;
    assert_eq!(bench.count(State::Skipped).await, 2);
    let on = [Switch::SendInvoice, Switch::SendCreditNote].map(|switch| (switch, true));
    bench.change("shop", |shop| shop.switches = on.into()).await;
    assert_eq!(counts(&run(&bench, &of_books()).await), ("done", some([2, 2, 0, 2])));
    let order: Vec<String> = bench.world.effects().into_iter().map(|effect| effect.key).collect();
    assert_eq!(order, ["2026-9", "C-1"]);
}

#[tokio::test]
async fn a_job_that_lost_its_message_is_found_by_the_sweep() {
    let bench = listing().await;
    issue(&bench, &["1"]);
    let id = bench.flow.start_batch(&tenant(), &of_books()).await.unwrap().id;
    let received = bench.queue.receive(1, VISIBILITY).await.unwrap();
    bench.queue.delete(&[received[0].receipt.clone()]).await.unwrap();
    assert_eq!(bench.flow.revive_jobs().await.unwrap(), 0, "it may just wait for its turn");
    bench.clock.advance(VISIBILITY + SignedDuration::from_secs(61));
    assert_eq!(bench.flow.revive_jobs().await.unwrap(), 1);
    assert_eq!(bench.flow.revive_jobs().await.unwrap(), 0, "once");
    bench.work().await;
    assert_eq!(job(&bench, &id).await.state, "done");
    let listed = bench.flow.jobs_of(&tenant(), 10, None).await.unwrap().items;
    assert_eq!((listed.len(), &listed[0].id), (1, &id));
}

#[tokio::test]
async fn the_nightly_rule_is_of_sources_that_can_list_and_each_of_its_faults_is_named() {
    let bench = Bench::new().await;
    let put = async |role: &str, connector: &str, rule: serde_json::Value| {
        let given = json!({"role": role, "connector": connector, "settings": {"base_url": "http://x"},
                           "rules": {"batch_export": rule}});
        let options = PutOptions { allow_private_targets: true, ..PutOptions::default() };
        match bench.flow.put_connection(&tenant(), connector, &given, options, std::future::pending()).await {
            Ok(put) => {
                vec![format!("{:?}", put.connection.rules.batch_export.map(|rule| (rule.days_back, rule.time_zone)))]
            }
            Err(Refused::Fields(fields)) => fields.into_iter().map(|fault| fault.field).collect(),
            Err(other) => panic!("{other}"),
        }
    };
    let night = || json!({"at": "02:30"});
    assert_eq!(put("accounting", "listed-books", night()).await, [r#"Some((7, "UTC"))"#]);
    assert_eq!(put("accounting", "listed-books", serde_json::Value::Null).await, ["None"], "off by default");
    assert_eq!(put("accounting", "books", night()).await, ["rules.batch_export"], "it cannot list");
    assert_eq!(put("channel", "market", night()).await, ["rules.batch_export"], "it is no source");
    let wrong = json!({"at": "25:00", "days_back": 91, "time_zone": "Europe/Nowhere"});
    let fields = ["at", "days_back", "time_zone"].map(|field| format!("rules.batch_export.{field}"));
    assert_eq!(put("accounting", "listed-books", wrong).await, fields);
    for at in ["2:30", "02:30:00", "", "noon"] {
        assert_eq!(put("accounting", "listed-books", json!({"at": at})).await, fields[..1], "{at}");
    }
}
