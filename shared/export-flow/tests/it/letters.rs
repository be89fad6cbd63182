//! Dead letters by the many, whatever is cut short.

use crate::bench::{Bench, seconds};
use async_trait::async_trait;
use domain::{Code, Export, ExportId, JobId, State, TenantId};
use export_flow::jobs::{Filter, JobKind, JobRequest};
use export_flow::message::Message;
use export_flow::person::Asks;
use export_flow::ports::{DeadCopy, Depth, Incoming, Job, Ledger as _, Outbox, Outgoing, PortError, Queue};
use export_flow::refused::Refused;
use export_flow::times::VISIBILITY;
use export_flow::{Flow, Parts, Verdict};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use testkit::{Moment, samples};

fn tenant() -> TenantId {
    TenantId::local()
}

/// As many dead letters as two pages of a job hold; those named end with a code of their own.
async fn bury(bench: &Bench, refused: &[usize]) -> Vec<Export> {
    let mut dead = vec![];
    for n in 0..52 {
        let mut export = Export::new(samples::key(&format!("d{n}")), bench.flow.now());
        export.state = State::Dead;
        export.attempts = 3;
        export.code = Some(if refused.contains(&n) { Code::VendorRefused } else { Code::VendorError });
        bench.ledger.put(export.clone());
        bench.queue.bury(&DeadCopy { export: export.clone(), at: bench.flow.now() }).await.unwrap();
        dead.push(export);
    }
    dead
}

fn refused() -> JobRequest {
    let filter = Filter { code: Some("vendor_refused".into()), ..Filter::default() };
    JobRequest { filter, note: Some("repaired".into()), ..JobRequest::default() }
}

async fn job(bench: &Bench, id: &JobId) -> Job {
    match bench.ledger.job(id).await {
        Ok(job) => job.unwrap(),
        // A fault meant for the job's own reads struck the test's.
        Err(_) => bench.ledger.job(id).await.unwrap().unwrap(),
    }
}

fn record(bench: &Bench, id: &ExportId) -> Export {
    bench.ledger.all().into_iter().find(|export| export.id == *id).unwrap()
}

/// Works off the job's messages until it has ended. What it has put back to work is not carried on, and only counted.
async fn ended(bench: &Bench, id: &JobId) -> (Job, BTreeMap<ExportId, usize>) {
    let mut due = BTreeMap::new();
    for _ in 0..50 {
        let received = bench.queue.receive(10, VISIBILITY).await.unwrap();
        if received.is_empty() && job(bench, id).await.state != "running" {
            return (job(bench, id).await, due);
        }
        for incoming in received {
            let message = incoming.message.unwrap();
            if let Message::ExportDueV1(one) = &message {
                *due.entry(one.export.clone()).or_default() += 1;
            } else if let Verdict::GiveBack(delay) = bench.flow.handle(&message, false).await {
                bench.queue.give_back(&incoming.receipt, delay).await.unwrap();
                continue;
            }
            bench.queue.delete(&[incoming.receipt]).await.unwrap();
        }
        bench.clock.advance(seconds(10));
    }
    panic!("the job does not end: {:?}", job(bench, id).await);
}

fn by(export: &Export, id: &JobId) -> usize {
    export.notes.iter().filter(|note| note.job.as_ref() == Some(id)).count()
}

const FIT: [usize; 4] = [1, 20, 50, 51];

/// A job that is cut short once, at one of the calls it makes.
async fn cut(kind: JobKind, call: Option<(bool, &'static str, usize, Moment)>) -> Vec<(bool, &'static str)> {
    let bench = Bench::new().await;
    let dead = bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), kind, &refused()).await.unwrap().id;
    let before = (bench.ledger.trouble().calls().len(), bench.queue.trouble().calls().len());
    if let Some((of_ledger, name, skip, moment)) = call {
        let trouble = if of_ledger { bench.ledger.trouble() } else { bench.queue.trouble() };
        trouble.strike(name, skip, moment, PortError::Unavailable("on purpose".into()));
    }
    let (done, due) = ended(&bench, &id).await;
    let counts = (done.found, done.matched, done.redriven, done.queued, done.dismissed);
    let redrives = kind == JobKind::Redrive;
    let (redriven, dismissed) = if redrives { (Some(4), Some(0)) } else { (Some(0), Some(4)) };
    assert_eq!((done.state.as_str(), counts), ("done", (Some(52), Some(4), redriven, redriven, dismissed)), "{call:?}");
    let copies: BTreeSet<ExportId> = bench.queue.buried().into_iter().map(|copy| copy.export.id).collect();
    for (n, old) in dead.iter().enumerate() {
        let export = record(&bench, &old.id);
        if FIT.contains(&n) {
            let state = if redrives { State::Retrying } else { State::Skipped };
            assert_eq!((export.state, by(&export, &id), &export.key), (state, 1, &old.key), "{call:?} {n}");
            assert_eq!(due.contains_key(&old.id), redrives, "it has its message: {call:?} {n}");
            assert!(!copies.contains(&old.id), "{call:?} {n}");
        } else {
            assert_eq!((&export, copies.contains(&old.id)), (old, true), "{call:?} {n}");
        }
    }
    let of_ledger = bench.ledger.trouble().calls().split_off(before.0).into_iter().map(|name| (true, name));
    let of_queue = bench.queue.trouble().calls().split_off(before.1).into_iter().map(|name| (false, name));
    of_ledger.chain(of_queue).collect()
}

#[tokio::test]
async fn a_job_cut_short_at_any_call_loses_nothing_counts_nothing_twice_and_decides_nothing_twice() {
    for kind in [JobKind::Redrive, JobKind::Dismiss] {
        // What the test itself asks of store and queue is no call of the job.
        let own = |name: &str| matches!(name, "receive" | "delete" | "give_back");
        let calls: Vec<_> = cut(kind, None).await.into_iter().filter(|(_, name)| !own(name)).collect();
        let mut seen = BTreeMap::new();
        for (of_ledger, name) in calls {
            let skip: &mut usize = seen.entry(name).or_default();
            for moment in [Moment::Before, Moment::After] {
                cut(kind, Some((of_ledger, name, *skip, moment))).await;
            }
            *skip += 1;
        }
        for name in ["job", "put_job", "exports", "export", "decide", "send", "exhume"] {
            assert!(seen.get(name).is_some_and(|count| *count > 0), "{name} was not cut: {seen:?}");
        }
    }
}

#[tokio::test]
async fn what_died_again_while_the_job_was_cut_short_is_not_redriven_a_second_time() {
    let bench = Bench::new().await;
    let dead = bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    bench.ledger.trouble().strike("decide", 1, Moment::Before, PortError::Unavailable("on purpose".into()));
    let received = bench.queue.receive(1, VISIBILITY).await.unwrap();
    let verdict = bench.flow.handle(received[0].message.as_ref().unwrap(), false).await;
    assert!(matches!(verdict, Verdict::GiveBack(_)));
    let first = bench.ledger.all().into_iter().find(|export| by(export, &id) == 1).unwrap();
    bench.clock.advance(VISIBILITY);
    let again = Export { state: State::Dead, claim: 3, changed_at: bench.flow.now(), due_at: None, ..first.clone() };
    bench.ledger.put(again.clone());
    let (done, _) = ended(&bench, &id).await;
    assert_eq!((done.matched, done.redriven), (Some(4), Some(4)));
    assert_eq!(record(&bench, &first.id), again, "a person decides about it");
    assert_eq!(bench.ledger.all().iter().filter(|export| export.state == State::Dead).count(), dead.len() - 3);
}

#[tokio::test]
async fn what_others_put_back_to_work_is_not_counted_by_the_job_and_an_id_named_twice_counts_once() {
    let bench = Bench::new().await;
    let dead = bury(&bench, &FIT).await;
    let ids = vec![dead[1].id.clone(), dead[20].id.clone(), dead[1].id.clone(), ExportId::new("exp_unknown")];
    let request = JobRequest { filter: Filter { ids: Some(ids), ..Filter::default() }, ..JobRequest::default() };
    let one = bench.flow.start_job(&tenant(), JobKind::Redrive, &request).await.unwrap();
    bench.ledger.trouble().strike("export", 5, Moment::Before, PortError::Unavailable("on purpose".into()));
    let received = bench.queue.receive(1, VISIBILITY).await.unwrap();
    bench.flow.handle(received[0].message.as_ref().unwrap(), false).await;
    assert!(bench.flow.redrive(&tenant(), &dead[20].id, None).await.unwrap(), "a person is faster");
    bench.clock.advance(VISIBILITY);
    let (done, _) = ended(&bench, &one.id).await;
    assert_eq!((done.found, done.matched, done.redriven), (Some(2), Some(2), Some(1)));
}

#[tokio::test]
async fn letters_that_leave_the_list_while_a_job_goes_through_it_hide_no_others() {
    let bench = Bench::new().await;
    let dead = bury(&bench, &[]).await;
    let all = JobRequest { filter: Filter { all: true, ..Filter::default() }, dry_run: true, ..JobRequest::default() };
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &all).await.unwrap().id;
    let received = bench.queue.receive(1, VISIBILITY).await.unwrap();
    assert_eq!(bench.flow.handle(received[0].message.as_ref().unwrap(), false).await, Verdict::Done);
    bench.queue.delete(&[received[0].receipt.clone()]).await.unwrap();
    // The newest are listed first: of the first page all but the one at the cursor go, and one of the second.
    for export in dead.iter().skip(3).chain(dead.first()) {
        bench.flow.redrive(&tenant(), &export.id, None).await.unwrap();
    }
    let (done, _) = ended(&bench, &id).await;
    assert_eq!((done.found, done.ids.contains(&dead[1].id)), (Some(51), true));
}

#[tokio::test]
async fn a_message_that_comes_twice_runs_no_page_twice() {
    let bench = Bench::new().await;
    bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    let message = Message::JobV1 { job: id.clone() };
    for _ in 0..3 {
        assert_eq!(bench.flow.handle(&message, false).await, Verdict::Done);
    }
    let (done, due) = ended(&bench, &id).await;
    assert_eq!((done.found, done.matched, done.redriven), (Some(52), Some(4), Some(4)));
    assert!(due.values().all(|count| *count == 1), "{due:?}");
}

#[tokio::test]
async fn a_cancelled_job_stops_and_tells_what_it_had_done() {
    let bench = Bench::new().await;
    let dead = bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    // The first page is done and not yet written down when a person cancels.
    bench.ledger.trouble().strike("put_job", 1, Moment::Before, PortError::Unavailable("on purpose".into()));
    let received = bench.queue.receive(1, VISIBILITY).await.unwrap();
    bench.flow.handle(received[0].message.as_ref().unwrap(), false).await;
    for _ in 0..2 {
        assert_eq!(bench.flow.cancel_job(&tenant(), &id).await.unwrap().state, "cancelled", "twice is once");
    }
    bench.clock.advance(VISIBILITY);
    let received = bench.queue.receive(10, VISIBILITY).await.unwrap();
    for incoming in received.iter().filter(|one| matches!(one.message, Some(Message::JobV1 { .. }))) {
        assert_eq!(bench.flow.handle(incoming.message.as_ref().unwrap(), false).await, Verdict::Done);
    }
    let told = job(&bench, &id).await;
    assert_eq!((told.state.as_str(), told.redriven, told.matched), ("cancelled", Some(3), Some(3)));
    assert_eq!(record(&bench, &dead[1].id).state, State::Dead, "that of the second page");
    assert!(matches!(bench.flow.cancel_job(&TenantId::new("stranger"), &id).await, Err(Refused::Unknown(_))));
    let other = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    ended(&bench, &other).await;
    let refused = bench.flow.cancel_job(&tenant(), &other).await;
    assert!(matches!(refused, Err(Refused::Conflict(_))), "{refused:?}");
}

#[tokio::test]
async fn a_job_without_its_message_goes_on_when_somebody_looks_at_it() {
    let bench = Bench::new().await;
    bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    let received = bench.queue.receive(1, VISIBILITY).await.unwrap();
    bench.queue.delete(&[received[0].receipt.clone()]).await.unwrap();
    bench.flow.job_of(&tenant(), &id).await.unwrap();
    assert!(bench.queue.all().is_empty(), "it may just wait for its turn");
    bench.clock.advance(VISIBILITY + seconds(61));
    for _ in 0..2 {
        bench.flow.job_of(&tenant(), &id).await.unwrap();
    }
    assert_eq!(bench.queue.all().len(), 1, "once for all who look");
    assert_eq!(ended(&bench, &id).await.0.redriven, Some(4));
}

#[tokio::test]
async fn a_dry_run_confirmed_twice_or_half_is_one_job_about_what_was_shown() {
    let bench = Bench::new().await;
    let dead = bury(&bench, &FIT).await;
    let dry = JobRequest { dry_run: true, ..refused() };
    let seen = bench.flow.start_job(&tenant(), JobKind::Redrive, &dry).await.unwrap().id;
    let tenant = tenant();
    let jana = Asks { by: Some("jana"), ..Asks::from(&tenant) };
    let early = bench.flow.confirm_job(jana, &seen, None).await;
    assert!(matches!(early, Err(Refused::Conflict(_))), "{early:?}");
    assert_eq!(ended(&bench, &seen).await.0.redriven, Some(0));
    // One more that fits dies between what was shown and what is confirmed.
    let late = Export { code: Some(Code::VendorRefused), ..dead[0].clone() };
    bench.ledger.put(late.clone());
    bench.queue.trouble().throttle("send");
    assert!(bench.flow.confirm_job(jana, &seen, Some("repaired")).await.is_err(), "written, and not queued");
    let first = bench.flow.confirm_job(jana, &seen, Some("repaired")).await.unwrap();
    let (done, _) = ended(&bench, &first.id).await;
    assert_eq!((done.matched, done.redriven), (Some(4), Some(4)));
    assert_eq!(record(&bench, &late.id), late);
    let note = record(&bench, &dead[1].id).notes.pop().unwrap();
    assert_eq!((note.by.as_deref(), note.note.as_deref()), (Some("jana"), Some("repaired")));
    let again = bench.flow.confirm_job(jana, &seen, None).await.unwrap();
    assert_eq!((again.id, again.redriven), (first.id, Some(4)));
    assert!(bench.queue.all().is_empty());
}

/// A queue on whose first exhumation something else happens first.
struct Meanwhile {
    queue: Arc<dyn Queue>,
    happens: Mutex<Option<BoxFuture<'static, ()>>>,
}

#[async_trait]
impl Outbox for Meanwhile {
    async fn send(&self, messages: Vec<Outgoing>) -> Result<(), PortError> {
        self.queue.send(messages).await
    }
}

#[async_trait]
impl Queue for Meanwhile {
    async fn receive(&self, max: usize, visibility: SignedDuration) -> Result<Vec<Incoming>, PortError> {
        self.queue.receive(max, visibility).await
    }
    async fn delete(&self, receipts: &[String]) -> Result<(), PortError> {
        self.queue.delete(receipts).await
    }
    async fn give_back(&self, receipt: &str, delay: SignedDuration) -> Result<(), PortError> {
        self.queue.give_back(receipt, delay).await
    }
    async fn bury(&self, copy: &DeadCopy) -> Result<(), PortError> {
        self.queue.bury(copy).await
    }
    async fn exhume(&self, id: &ExportId) -> Result<(), PortError> {
        let happens = self.happens.lock().unwrap().take();
        if let Some(happens) = happens {
            happens.await;
        }
        self.queue.exhume(id).await
    }
    async fn depth(&self) -> Result<Depth, PortError> {
        self.queue.depth().await
    }
}

/// An engine beside the bench's own, in the middle of whose page something happens.
fn beside(bench: &Bench, happens: BoxFuture<'static, ()>) -> Flow {
    let queue = Arc::new(Meanwhile { queue: bench.queue.clone(), happens: Mutex::new(Some(happens)) });
    let parts = Parts { queue, ..bench.flow.parts().clone() };
    Flow::new(parts, bench.flow.times().clone())
}

#[tokio::test]
async fn of_two_runs_of_the_same_page_one_writes_and_goes_on() {
    let bench = Bench::new().await;
    bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    let (flow, message) = (bench.flow.clone(), Message::JobV1 { job: id.clone() });
    let other = message.clone();
    let slow = beside(&bench, async move { assert_eq!(flow.handle(&other, false).await, Verdict::Done) }.boxed());
    assert_eq!(slow.handle(&message, false).await, Verdict::Done);
    let on = bench.queue.all().into_iter().filter(|(message, ..)| matches!(message, Message::JobV1 { .. })).count();
    assert_eq!(on, 3, "the first message, that by which the faster run goes on, and one that does no harm");
    let (done, _) = ended(&bench, &id).await;
    assert_eq!((done.found, done.matched, done.redriven), (Some(52), Some(4), Some(4)));
}

#[tokio::test]
async fn what_a_page_did_while_its_job_was_cancelled_is_counted() {
    let bench = Bench::new().await;
    bury(&bench, &FIT).await;
    let id = bench.flow.start_job(&tenant(), JobKind::Redrive, &refused()).await.unwrap().id;
    let (flow, job_id) = (bench.flow.clone(), id.clone());
    let working = beside(&bench, async move { drop(flow.cancel_job(&tenant(), &job_id).await.unwrap()) }.boxed());
    assert_eq!(working.handle(&Message::JobV1 { job: id.clone() }, false).await, Verdict::Done);
    let told = job(&bench, &id).await;
    assert_eq!((told.state.as_str(), told.matched, told.redriven), ("cancelled", Some(3), Some(3)));
}
