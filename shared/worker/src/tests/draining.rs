use super::{Scene, scene};
use crate::{CAUGHT_MAX, Drained, drain};
use async_trait::async_trait;
use domain::{Cause, Code, EventId, Export, ExportKey, JobId, SourceHint, State, Subject, SubjectKind, TenantId};
use export_flow::message::{ExportDue, Message, Release, SourceEvent};
use export_flow::ports::{Caught, DeadCopy, Incoming, Job, Ledger as _, Lying, Net, PortError, Queue as _};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Mutex;
use testkit::samples::{at, books, claim, ended, guard, key, noon, shop};

/// A dead-letter queue in memory. What was received is hidden until it is left.
#[derive(Default)]
struct FakeNet {
    lying: Mutex<Vec<(Caught, bool)>>,
    discard_fails: Mutex<bool>,
}

impl FakeNet {
    fn with(things: Vec<Lying>) -> Self {
        let caught = things.into_iter().enumerate().map(|(n, what)| {
            let caught = Caught { receipt: format!("r{n}"), name: format!("message {n}"), group: books(), what };
            (caught, true)
        });
        Self { lying: Mutex::new(caught.collect()), ..Self::default() }
    }

    fn visible(&self) -> usize {
        self.lying.lock().unwrap().iter().filter(|(_, visible)| *visible).count()
    }

    fn all(&self) -> usize {
        self.lying.lock().unwrap().len()
    }
}

#[async_trait]
impl Net for FakeNet {
    async fn caught(&self, max: usize) -> Result<Vec<Caught>, PortError> {
        let mut lying = self.lying.lock().unwrap();
        let visible = lying.iter_mut().filter(|(_, visible)| *visible).take(max);
        Ok(visible
            .map(|(caught, visible)| {
                *visible = false;
                caught.clone()
            })
            .collect())
    }

    async fn discard(&self, receipts: &[String]) -> Result<(), PortError> {
        if std::mem::take(&mut *self.discard_fails.lock().unwrap()) {
            self.lying.lock().unwrap().iter_mut().for_each(|(_, visible)| *visible = true);
            return Err(PortError::Unavailable("on purpose".into()));
        }
        self.lying.lock().unwrap().retain(|(caught, _)| !receipts.contains(&caught.receipt));
        Ok(())
    }

    async fn leave(&self, receipts: &[String]) -> Result<(), PortError> {
        for (caught, visible) in self.lying.lock().unwrap().iter_mut() {
            *visible |= receipts.contains(&caught.receipt);
        }
        Ok(())
    }
}

fn due(id: &str) -> Lying {
    Lying::Message(Message::ExportDueV1(ExportDue { export: key(id).id(), claim: 1, alone: false, trace: None }))
}

fn copy(id: &str) -> Lying {
    Lying::Copy(key(id).id())
}

fn event(kind: SubjectKind, id: &str) -> Lying {
    Lying::Message(Message::SourceEventV1(SourceEvent {
        event: domain::EventId::new("e"),
        tenant: TenantId::local(),
        source: books(),
        hint: SourceHint { subject: Subject { kind, id: id.into() }, hints: BTreeMap::new() },
        cause: Cause::Webhook,
        target: None,
        at: noon(),
    }))
}

impl Scene {
    /// A record as a run has claimed it, with its lease until 90 s.
    async fn sending(&self, key: ExportKey) -> Export {
        self.ledger.claim(&claim(key.clone(), "run", noon())).await.unwrap();
        self.record(&key).await
    }

    /// A record in a state, due at a time where it has one.
    async fn record_in(&self, key: ExportKey, state: State, due: Option<i64>) -> Export {
        let sending = self.sending(key).await;
        let ended = ended(&sending, state, due.map(at));
        self.ledger.finish(&guard(&sending), &ended).await.unwrap().unwrap()
    }

    async fn record(&self, key: &ExportKey) -> Export {
        self.ledger.export(&key.id()).await.unwrap().unwrap()
    }

    async fn drained(&self, net: &FakeNet) -> Drained {
        drain(&self.flow, net, CAUGHT_MAX).await.unwrap()
    }
}

const NOTHING: Drained = Drained { again: 0, buried: 0, removed: 0, left: 0 };

#[tokio::test]
async fn what_no_record_knows_becomes_a_dead_one_with_its_copy() {
    let look = ExportKey::look(TenantId::local(), books(), Subject { kind: SubjectKind::Document, id: "9".into() });
    for (thing, expected) in
        [(due("1"), key("1")), (copy("1"), key("1")), (event(SubjectKind::Document, "9"), look.clone())]
    {
        let (scene, net) = (scene(), FakeNet::with(vec![thing]));
        assert_eq!(scene.drained(&net).await, Drained { buried: 1, ..NOTHING });
        let record = scene.record(&expected).await;
        assert_eq!((record.state, record.code), (State::Dead, Some(Code::Crashed)));
        assert_eq!(record.attempt_log.len(), 1, "a person reads why");
        assert_eq!(scene.queue.buried().len(), 1);
        assert_eq!(net.all(), 0);
    }
}

#[tokio::test]
async fn what_was_sending_waits_for_its_lease_and_goes_once_more_alone() {
    let (scene, net) = (scene(), FakeNet::with(vec![due("1")]));
    let record = scene.sending(key("1")).await;
    scene.clock.set(at(89));
    assert_eq!(scene.drained(&net).await, Drained { left: 1, ..NOTHING });
    assert_eq!((net.visible(), scene.queue.all().len()), (1, 0));
    scene.clock.set(at(90));
    assert_eq!(scene.drained(&net).await, Drained { again: 1, ..NOTHING });
    let again = ExportDue { export: record.id, claim: record.claim, alone: true, trace: None };
    assert_eq!(scene.queue.all(), [(Message::ExportDueV1(again), shop(), at(90))]);
    assert_eq!(net.all(), 0);
}

#[tokio::test]
async fn what_is_retrying_goes_once_more_alone_when_it_is_due() {
    let (scene, net) = (scene(), FakeNet::with(vec![due("1"), due("2")]));
    let record = scene.record_in(key("1"), State::Retrying, Some(600)).await;
    scene.record_in(key("2"), State::Retrying, Some(-5)).await;
    assert_eq!(scene.drained(&net).await, Drained { again: 2, ..NOTHING });
    let all = scene.queue.all();
    let again = ExportDue { export: record.id, claim: record.claim, alone: true, trace: None };
    assert_eq!(all[0], (Message::ExportDueV1(again), shop(), at(600)));
    assert_eq!(all[1].2, noon(), "overdue is at once");
}

#[tokio::test]
async fn what_its_record_carries_on_is_removed() {
    for state in State::ALL {
        if matches!(state, State::Sending | State::Retrying | State::Dead) {
            continue;
        }
        let things = vec![due("1"), copy("1"), event(SubjectKind::Invoice, "1")];
        let (scene, net) = (scene(), FakeNet::with(things));
        scene.record_in(key("1"), *state, None).await;
        assert_eq!(scene.drained(&net).await, Drained { removed: 3, ..NOTHING }, "{state:?}");
        assert!(scene.queue.all().is_empty() && scene.queue.buried().is_empty() && net.all() == 0, "{state:?}");
    }
}

#[tokio::test]
async fn the_copy_of_a_dead_export_stays_and_a_message_about_it_leaves_that_copy() {
    let (scene, net) = (scene(), FakeNet::with(vec![copy("1"), due("1"), event(SubjectKind::Invoice, "1")]));
    let dead = scene.record_in(key("1"), State::Dead, None).await;
    assert_eq!(scene.drained(&net).await, Drained { buried: 2, left: 1, ..NOTHING });
    assert_eq!((net.all(), net.visible()), (1, 1), "what stays is seen again at once");
    assert_eq!(scene.queue.buried(), [DeadCopy { export: dead, at: noon() }]);
    assert_eq!(scene.drained(&net).await, Drained { left: 1, ..NOTHING });
}

#[tokio::test]
async fn a_copy_goes_as_soon_as_its_record_is_put_back_to_work() {
    let (scene, net) = (scene(), FakeNet::with(vec![copy("1"), copy("2")]));
    scene.record_in(key("1"), State::Retrying, Some(600)).await;
    scene.sending(key("2")).await;
    assert_eq!(scene.drained(&net).await, Drained { removed: 2, ..NOTHING });
    assert!(scene.queue.all().is_empty(), "its own message is on its way");
}

#[tokio::test]
async fn of_several_exports_of_an_event_each_goes_its_own_way() {
    let (scene, net) = (scene(), FakeNet::with(vec![event(SubjectKind::Invoice, "1")]));
    scene.record_in(key("1"), State::Retrying, Some(600)).await;
    let market = testkit::samples::key_to("1", &domain::ConnectionId::new("market"));
    scene.record_in(market, State::Delivered, None).await;
    assert_eq!(scene.drained(&net).await, Drained { again: 1, ..NOTHING });
    assert_eq!(scene.queue.all().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_shown_once_however_often_it_is_found() {
    let (scene, net) = (scene(), FakeNet::with(vec![Lying::Unreadable]));
    *net.discard_fails.lock().unwrap() = true;
    assert!(drain(&scene.flow, &net, CAUGHT_MAX).await.is_err());
    assert_eq!(net.all(), 1, "it is not lost");
    assert_eq!(scene.drained(&net).await, Drained { buried: 1, ..NOTHING });
    assert_eq!((scene.ledger.all().len(), scene.queue.buried().len(), net.all()), (1, 1, 0));
    assert_eq!(scene.ledger.all()[0].state, State::Dead);
}

#[tokio::test]
async fn a_burial_that_ended_in_the_middle_is_ended_later() {
    let (scene, net) = (scene(), FakeNet::with(vec![Lying::Unreadable]));
    scene.ledger.trouble().throttle("finish");
    assert_eq!(scene.drained(&net).await, Drained { left: 1, ..NOTHING });
    assert_eq!(scene.drained(&net).await, Drained { left: 1, ..NOTHING }, "its lease still holds");
    scene.clock.set(at(90));
    scene.queue.trouble().throttle("bury");
    assert_eq!(scene.drained(&net).await, Drained { left: 1, ..NOTHING });
    assert_eq!(scene.drained(&net).await, Drained { buried: 1, ..NOTHING });
    assert_eq!((scene.ledger.all().len(), scene.queue.buried().len()), (1, 1));
}

#[tokio::test]
async fn what_cannot_be_dealt_with_stays_and_the_others_go_on() {
    let (scene, net) = (scene(), FakeNet::with(vec![due("1"), due("2")]));
    scene.record_in(key("1"), State::Retrying, Some(600)).await;
    scene.record_in(key("2"), State::Retrying, Some(600)).await;
    scene.queue.trouble().throttle("send");
    assert_eq!(scene.drained(&net).await, Drained { again: 1, left: 1, ..NOTHING });
    assert_eq!((net.visible(), scene.queue.all().len()), (1, 1));
    assert_eq!(scene.drained(&net).await, Drained { again: 1, ..NOTHING });
}

#[tokio::test]
async fn a_pass_looks_at_no_more_than_it_may() {
    let (scene, net) = (scene(), FakeNet::with((0..5).map(|_| due("1")).collect()));
    scene.record_in(key("1"), State::Delivered, None).await;
    assert_eq!(drain(&scene.flow, &net, 3).await.unwrap(), Drained { removed: 3, ..NOTHING });
    assert_eq!(net.all(), 2);
}

#[tokio::test]
async fn a_running_job_goes_on_for_a_day_and_then_fails_visibly() {
    let message = || Lying::Message(Message::JobV1 { job: JobId::new("job_1") });
    let job = |state: &str, version| Job {
        id: JobId::new("job_1"),
        tenant: TenantId::local(),
        kind: "redrive".into(),
        state: state.into(),
        dry_run: false,
        request: serde_json::Value::Null,
        found: None,
        matched: None,
        already_delivered: None,
        queued: None,
        redriven: None,
        dismissed: None,
        ids: vec![],
        cursor: None,
        created_at: noon(),
        changed_at: None,
        halt: None,
        version,
    };
    let scene = scene();
    assert!(scene.ledger.put_job(&job("done", 1)).await.unwrap());
    assert_eq!(scene.drained(&FakeNet::with(vec![message()])).await, Drained { removed: 1, ..NOTHING });
    assert!(scene.ledger.put_job(&job("running", 2)).await.unwrap());
    assert_eq!(scene.drained(&FakeNet::with(vec![message()])).await, Drained { again: 1, ..NOTHING });
    assert_eq!(scene.queue.all().len(), 1);
    scene.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(scene.drained(&FakeNet::with(vec![message()])).await, Drained { removed: 1, ..NOTHING });
    assert_eq!(scene.ledger.job(&JobId::new("job_1")).await.unwrap().unwrap().state, "failed");
    assert_eq!(scene.queue.all().len(), 1);
}

#[tokio::test]
async fn a_release_is_removed_since_what_waits_has_a_time_of_its_own() {
    let reason = domain::HoldReason::ConnectionPaused;
    let release = Message::ReleaseV1(Release { connection: shop(), reason, mapped: false, after: None });
    let (scene, net) = (scene(), FakeNet::with(vec![Lying::Message(release)]));
    assert_eq!(scene.drained(&net).await, Drained { removed: 1, ..NOTHING });
    assert_eq!(net.all(), 0);
}

#[tokio::test]
async fn a_receipt_of_any_length_makes_an_id_that_fits() {
    let (scene, receipt) = (scene(), "ž".repeat(2000));
    scene.queue.add_unreadable(&books());
    let mut incoming = scene.queue.receive(1, SignedDuration::from_secs(60)).await.unwrap().remove(0);
    incoming.receipt = receipt;
    crate::net::unreadable(&scene.flow, &incoming).await;
    assert!(scene.ledger.all()[0].id.as_str().len() < 500);
}

#[tokio::test]
async fn what_a_later_version_sent_stays_for_it() {
    let (scene, net) = (scene(), FakeNet::with(vec![Lying::Message(Message::Later)]));
    assert_eq!(scene.drained(&net).await, Drained { left: 1, ..NOTHING });
    assert_eq!((scene.ledger.all().len(), net.all()), (0, 1));
}

#[tokio::test]
async fn what_a_crashed_run_had_claimed_is_looked_after_when_its_event_comes_again() {
    let scene = scene();
    let left = scene.sending(key("1")).await;
    let subject = Subject { kind: SubjectKind::Document, id: "1".into() };
    let event = SourceEvent {
        event: EventId::new("again"),
        tenant: TenantId::local(),
        source: books(),
        hint: SourceHint { subject, hints: BTreeMap::new() },
        cause: Cause::Webhook,
        target: None,
        at: at(0),
    };
    // The event is planned without that export by now: its work does nothing here.
    struct Nothing;
    #[async_trait]
    impl crate::Handler for Nothing {
        async fn handle(&self, _: &Message, _: bool) -> export_flow::Verdict {
            export_flow::Verdict::Done
        }
    }
    let worker =
        crate::Worker::with_handler(scene.flow.clone(), std::sync::Arc::new(Nothing), crate::Limits::default());
    let come = |receives| Incoming {
        message: Some(Message::SourceEventV1(event.clone())),
        receipt: "r".into(),
        receives,
        group: books(),
    };
    worker.run(&come(1)).await;
    assert!(scene.queue.all().is_empty(), "the first time nobody can have left anything");
    worker.run(&come(2)).await;
    let queued = scene.queue.all();
    let due = ExportDue { export: left.id, claim: left.claim, alone: false, trace: Some(EventId::new("again")) };
    assert_eq!(queued.len(), 1);
    assert_eq!((&queued[0].0, queued[0].2), (&Message::ExportDueV1(due), at(91)));
}
