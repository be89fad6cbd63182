use super::{Notes, Scene, scene};
use crate::{Bell, Handler, Limits, Worker};
use async_trait::async_trait;
use domain::{Code, ConnectionId, EventId, ExportId, SourceHint, State, Subject, SubjectKind, TenantId};
use export_flow::Verdict;
use export_flow::jobs::{Filter, JobKind, JobRequest};
use export_flow::message::{ExportDue, Message, SourceEvent};
use export_flow::ports::{Incoming, Outbox as _, Outgoing, Queue as _};
use export_flow::times::{RECEIVES_MAX, VISIBILITY};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::{Told, samples};
use tokio::sync::{Notify, Semaphore};
use tracing::Instrument as _;

/// Works as the message's name says: `panic`, `back`, or waits for a permit and is done. Notes who ran beside whom.
#[derive(Default)]
struct Actor {
    permits: Option<Semaphore>,
    now: AtomicUsize,
    most: AtomicUsize,
    ran: Notes<(String, bool, usize)>,
    ended: Notify,
}

impl Actor {
    fn waiting() -> Arc<Self> {
        Arc::new(Self { permits: Some(Semaphore::new(0)), ..Self::default() })
    }

    fn names(&self) -> Vec<String> {
        self.ran.all().into_iter().map(|(name, ..)| name).collect()
    }

    fn let_go(&self, count: usize) {
        self.permits.as_ref().unwrap().add_permits(count);
    }

    async fn until_ran(&self, count: usize) {
        while self.ran.all().len() < count {
            self.ended.notified().await;
        }
    }
}

#[async_trait]
impl Handler for Actor {
    async fn handle(&self, message: &Message, alone: bool) -> Verdict {
        let name = match message {
            Message::SourceEventV1(event) => event.hint.subject.id.clone(),
            Message::ExportDueV1(due) => due.export.to_string(),
            other => panic!("{other:?}"),
        };
        let beside = self.now.fetch_add(1, Ordering::SeqCst);
        self.most.fetch_max(beside + 1, Ordering::SeqCst);
        self.ran.add((name.clone(), alone, beside));
        self.ended.notify_one();
        if let Some(permits) = &self.permits {
            permits.acquire().await.unwrap().forget();
        }
        tokio::task::yield_now().await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        match name.as_str() {
            "panic" => panic!("on purpose"),
            "back" => Verdict::GiveBack(SignedDuration::from_secs(7)),
            _ => Verdict::Done,
        }
    }
}

struct Always;

#[async_trait]
impl Bell for Always {
    async fn wait(&self, _beside: &[ConnectionId]) {
        tokio::task::yield_now().await;
    }
}

fn event(name: &str) -> Message {
    let subject = Subject { kind: SubjectKind::Document, id: name.into() };
    Message::SourceEventV1(SourceEvent {
        event: EventId::new(format!("event of {name}")),
        tenant: TenantId::local(),
        source: samples::books(),
        hint: SourceHint { subject, hints: BTreeMap::new() },
        cause: domain::Cause::Webhook,
        target: None,
        at: samples::noon(),
    })
}

fn lonely(name: &str) -> Message {
    Message::ExportDueV1(ExportDue { export: ExportId::new(name), claim: 1, alone: true, trace: None })
}

fn received(message: Message, group: &str) -> Incoming {
    let receipt = format!("{message:?}");
    Incoming { message: Some(message), receipt, receives: 1, group: ConnectionId::new(group) }
}

fn batch(count: usize, group: impl Fn(usize) -> &'static str) -> Vec<Incoming> {
    (0..count).map(|n| received(event(&format!("e{n}")), group(n))).collect()
}

async fn send(scene: &Scene, message: Message, group: &str) {
    let outgoing = Outgoing { message, group: ConnectionId::new(group), delay: SignedDuration::ZERO };
    scene.queue.send(vec![outgoing]).await.unwrap();
}

fn worker(scene: &Scene, actor: &Arc<Actor>, limits: Limits) -> Worker {
    Worker::with_handler(scene.flow.clone(), actor.clone(), limits)
}

fn far() -> Timestamp {
    samples::at(1000)
}

#[tokio::test(start_paused = true)]
async fn every_message_of_a_batch_is_answered_by_itself_and_a_panic_is_one_messages_failure() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    let messages = ["ok", "panic", "back"].map(|name| received(event(name), "books")).to_vec();
    let answers = worker(&scene, &actor, Limits::default()).run_batch(messages.clone(), far()).await;
    let verdict = |n: usize| answers.iter().find(|a| a.receipt == messages[n].receipt).unwrap().verdict;
    assert_eq!(answers.len(), 3);
    assert_eq!(verdict(0), Verdict::Done);
    assert_eq!(verdict(1), Verdict::GiveBack(SignedDuration::from_secs(95)));
    assert_eq!(verdict(2), Verdict::GiveBack(SignedDuration::from_secs(7)));
}

#[tokio::test(start_paused = true)]
async fn no_more_are_in_flight_than_allowed_in_all_and_per_group() {
    let limits = Limits { in_flight: 6, per_group: 4 };
    for (groups, most) in [(1, 4), (3, 6)] {
        let (scene, actor) = (scene(), Arc::new(Actor::default()));
        let messages = batch(20, |n| ["a", "b", "c"][n % groups]);
        let answers = worker(&scene, &actor, limits).run_batch(messages, far()).await;
        assert_eq!(answers.len(), 20);
        assert_eq!(actor.most.load(Ordering::SeqCst), most);
    }
}

#[tokio::test(start_paused = true)]
async fn what_must_be_alone_runs_with_nothing_beside_it() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    let mut messages = batch(8, |n| ["a", "b"][n % 2]);
    messages.insert(3, received(lonely("lonely"), "a"));
    // Received again and again without an end: it may be what brings the worker down.
    messages[6].receives = 21;
    worker(&scene, &actor, Limits::default()).run_batch(messages, far()).await;
    let ran = actor.ran.all();
    assert_eq!(ran.len(), 9);
    for (index, (name, alone, beside)) in ran.iter().enumerate() {
        assert_eq!(*alone, name == "lonely" || name == "e5", "{name}");
        assert!(!alone || *beside == 0, "{name} ran beside others");
        assert!(index == 0 || !ran[index - 1].1 || *beside == 0, "{name} ran beside one that must be alone");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_without_time_for_it() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    let worker = worker(&scene, &actor, Limits::default());
    let answers = worker.run_batch(batch(3, |_| "a"), samples::at(74)).await;
    assert!(answers.iter().all(|a| a.verdict == Verdict::GiveBack(SignedDuration::ZERO)) && answers.len() == 3);
    assert!(actor.ran.all().is_empty());
    assert_eq!(worker.run_batch(batch(3, |_| "a"), samples::at(75)).await.len(), 3);
    assert_eq!(actor.ran.all().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_still_runs_at_the_deadline_is_stopped_and_comes_again() {
    let (scene, actor) = (scene(), Actor::waiting());
    let answers = worker(&scene, &actor, Limits::default()).run_batch(batch(2, |_| "a"), samples::at(90)).await;
    assert_eq!(actor.ran.all().len(), 2);
    assert!(answers.iter().all(|a| a.verdict == Verdict::GiveBack(SignedDuration::from_secs(95))));
}

#[tokio::test(start_paused = true)]
async fn the_endless_worker_deletes_what_is_done_and_gives_back_what_is_not() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    for name in ["one", "back", "two"] {
        send(&scene, event(name), "books").await;
    }
    let worker = worker(&scene, &actor, Limits::default());
    worker.run_forever(&Always, actor.until_ran(3)).await;
    assert_eq!(scene.queued(), ["back"]);
    assert_eq!(scene.queue.next_at(), Some(samples::at(7)));
}

#[tokio::test(start_paused = true)]
async fn a_slow_group_keeps_no_other_out() {
    let (scene, actor) = (scene(), Actor::waiting());
    for n in 0..100 {
        send(&scene, event(&format!("slow {n}")), "slow").await;
    }
    send(&scene, event("quick"), "quick").await;
    let worker = worker(&scene, &actor, Limits { in_flight: 10, per_group: 4 });
    worker.run_forever(&Always, actor.until_ran(5)).await;
    assert!(actor.names().contains(&"quick".to_owned()), "{:?}", actor.names());
    assert_eq!(scene.queue.all().len(), 101, "nothing was done, so nothing is lost");
    let at_once = scene.queue.receive(200, VISIBILITY).await.unwrap();
    assert_eq!(at_once.len(), 96, "what was not started goes back at once");
}

#[tokio::test(start_paused = true)]
async fn new_work_starts_as_soon_as_a_seat_is_free() {
    let (scene, actor) = (scene(), Actor::waiting());
    for n in 0..5 {
        send(&scene, event(&format!("e{n}")), "a").await;
    }
    let worker = worker(&scene, &actor, Limits { in_flight: 2, per_group: 2 });
    let running = worker.run_forever(&Always, async {
        actor.until_ran(2).await;
        actor.let_go(1);
        actor.until_ran(3).await;
        assert_eq!(actor.now.load(Ordering::SeqCst), 2);
        actor.let_go(10);
        actor.until_ran(5).await;
    });
    running.await;
    assert!(scene.queue.all().is_empty());
}

#[tokio::test]
async fn a_message_that_cannot_be_read_becomes_a_visible_dead_letter() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    scene.queue.add_unreadable(&samples::books());
    let messages = scene.queue.receive(1, VISIBILITY).await.unwrap();
    let answers = worker(&scene, &actor, Limits::default()).run_batch(messages, far()).await;
    assert_eq!(answers[0].verdict, Verdict::Done);
    let dead = scene.ledger.all().remove(0);
    assert_eq!((dead.state, dead.code), (State::Dead, Some(domain::Code::Crashed)));
    assert_eq!(dead.attempt_log.len(), 1);
    assert_eq!(scene.queue.buried()[0].export.id, dead.id);
}

#[tokio::test]
async fn an_unreadable_message_stays_while_it_cannot_be_shown() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    scene.queue.add_unreadable(&samples::books());
    scene.ledger.trouble().throttle("claim");
    let messages = scene.queue.receive(1, VISIBILITY).await.unwrap();
    let answers = worker(&scene, &actor, Limits::default()).run_batch(messages, far()).await;
    assert!(matches!(answers[0].verdict, Verdict::GiveBack(_)));
}

#[tokio::test]
async fn an_event_that_breaks_the_program_for_the_third_time_is_dead_and_visible() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    let worker = worker(&scene, &actor, Limits::default());
    let mut incoming = received(event("panic"), "books");
    let told = Told::listen("info");
    for (receives, done) in [(1, false), (2, false), (3, true)] {
        incoming.receives = receives;
        let batch = worker.run_batch(vec![incoming.clone()], far());
        let answers = batch.instrument(tracing::error_span!("invocation", request = receives)).await;
        assert_eq!(answers[0].verdict == Verdict::Done, done, "{receives}");
        assert_eq!(scene.ledger.all().len(), usize::from(done));
    }
    assert_eq!(scene.ledger.all()[0].state, State::Dead);
    assert_eq!(scene.queue.buried().len(), 1);
    let trace = incoming.message.as_ref().and_then(Message::trace).unwrap().as_str();
    let lines = told.lines();
    let names: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["worker.panic", "worker.panic", "worker.panic", "export.recorded", "notice.raised"]);
    assert!(lines.iter().all(|line| line["trace"] == trace), "{lines:?}");
    let requests: Vec<u64> = lines.iter().map(|line| line["request"].as_u64().unwrap()).collect();
    assert_eq!(requests, [1, 2, 3, 3, 3], "and the invocation is named, although each message is a task of its own");
    assert_eq!(told.totals(), serde_json::json!({"Dead": 1}));
}

/// The queue of one machine has no net beneath it: whatever ends the process is there again at its next start.
#[tokio::test]
async fn an_event_that_ends_every_process_before_it_is_recorded_is_dead_and_visible_and_the_others_go_on() {
    let (scene, actor) = (scene(), Actor::waiting());
    for name in ["poison", "innocent"] {
        send(&scene, event(name), "books").await;
    }
    let mut deaths = 0;
    while scene.ledger.all().is_empty() {
        // A life of the process: it receives both, and neither comes to an end.
        let life = worker(&scene, &actor, Limits::default());
        for incoming in scene.queue.receive(10, VISIBILITY).await.unwrap() {
            match life.run(&incoming).now_or_never() {
                Some(Verdict::Done) => scene.queue.delete(&[incoming.receipt]).await.unwrap(),
                Some(other) => panic!("{other:?}"),
                None => deaths += 1,
            }
        }
        assert!(deaths < 100, "it goes on for ever");
        scene.clock.advance(VISIBILITY);
    }
    let dead = scene.ledger.all().remove(0);
    assert_eq!((dead.key.subject.id.as_str(), dead.state), ("poison", State::Dead));
    assert_eq!((dead.code, dead.attempt_log.last().unwrap().code), (Some(Code::Crashed), Code::Crashed));
    assert_eq!(scene.queue.buried().len(), 1);
    let ran = actor.ran.all();
    assert!(ran.iter().any(|(name, alone, _)| name == "poison" && *alone), "it had a turn alone");
    assert!(ran.last().unwrap().0 == "innocent" && ran.last().unwrap().1, "and so has what was received beside it");
    assert_eq!(scene.queue.all().len(), 1, "which is still there");
}

#[tokio::test]
async fn what_a_record_carries_on_is_given_up_without_a_second_record_and_a_job_fails_visibly() {
    let (scene, actor) = (scene(), Arc::new(Actor::default()));
    let request = JobRequest { filter: Filter { all: true, ..Filter::default() }, ..JobRequest::default() };
    let job = scene.flow.start_job(&TenantId::local(), JobKind::Redrive, &request).await.unwrap();
    for message in [lonely("e"), Message::JobV1 { job: job.id.clone() }] {
        let incoming = Incoming { receives: RECEIVES_MAX + 2, ..received(message, "books") };
        assert_eq!(worker(&scene, &actor, Limits::default()).run(&incoming).await, Verdict::Done);
    }
    assert!(scene.ledger.all().is_empty() && actor.names().is_empty());
    assert_eq!(scene.flow.job_of(&TenantId::local(), &job.id).await.unwrap().state, "failed");
}

#[tokio::test]
async fn what_our_own_store_fails_on_is_left_alone_longer_each_time() {
    let scene = scene();
    let worker = Worker::with_handler(Arc::clone(&scene.flow), Arc::new(Actor::default()), Limits::default());
    let mut waits = vec![];
    for receives in 1..=20 {
        let incoming = Incoming { receives, ..received(event("back"), "books") };
        let Verdict::GiveBack(delay) = worker.run(&incoming).await else { panic!("it is not done") };
        waits.push(delay.as_secs());
    }
    assert_eq!(waits[..5], [7, 7, 8, 16, 32], "what the engine asks for is the least");
    let hours = waits.iter().sum::<i64>() / 3600;
    assert!(waits.is_sorted() && waits[19] <= 1024 && hours >= 3, "{waits:?}");
}

#[tokio::test]
async fn a_message_of_a_later_version_is_neither_done_nor_buried() {
    let scene = scene();
    let worker = Worker::new(Arc::clone(&scene.flow), Limits::default());
    let verdict = worker.run(&received(Message::Later, "books")).await;
    assert_eq!(verdict, Verdict::GiveBack(SignedDuration::from_secs(60)));
    assert!(scene.ledger.all().is_empty() && scene.queue.buried().is_empty());
}
