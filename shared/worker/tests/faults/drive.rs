//! One flow in virtual time: a process that works off the queue, a sweep every minute, a person at the end.

use crate::flows::{Act, Flow};
use crate::truths::Watch;
use connectors::Clock as _;
use domain::{
    Cause, Connection, ConnectionId, ConnectionState, EventId, Role, SealedSecret, SourceHint, State, Subject,
    SubjectKind, Switch, TenantId,
};
use export_flow::jobs::{BatchRequest, Filter, JobKind, JobRequest, STALLED};
use export_flow::message::{Message, SourceEvent};
use export_flow::person::Resolution;
use export_flow::ports::{Incoming, Keys as _, Ledger, Outbox as _, Outgoing, Queue};
use export_flow::times::{OVERDUE, VISIBILITY};
use export_flow::{Parts, Times, Verdict};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use testkit::driver::{Script, Strike};
use testkit::practice::{World, registry};
use testkit::{Judge, ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, Staged, samples};
use worker::{Limits, Sweep, Worker};

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Nothing that a single fault delays takes longer than this from the flow's last act on.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// A person asks after an effect when it can come no more.
const LATE_BOUND: SignedDuration = SignedDuration::from_secs(120);
const TURNS_MAX: usize = 2_000;

pub(crate) struct Drive {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) script: Arc<Script>,
    parts: Parts,
    process: Process,
    pub(crate) watch: Watch,
    events: u32,
    pub(crate) told: Vec<Subject>,
}

struct Process {
    flow: Arc<export_flow::Flow>,
    worker: Worker,
    sweep: Sweep,
}

impl Process {
    fn start(parts: &Parts) -> Self {
        let times = Times { jitter_percent: 0, ..Times::default() };
        let flow = Arc::new(export_flow::Flow::new(parts.clone(), times));
        Self { worker: Worker::new(Arc::clone(&flow), Limits::default()), sweep: Sweep::new(Arc::clone(&flow)), flow }
    }
}

impl Drive {
    /// Plays a flow to its end with these faults, judged by a ledger of these rules.
    pub(crate) async fn play(flow: &Flow, strikes: Vec<Strike>, judge: Option<Arc<dyn Judge>>) -> Self {
        let clock = ManualClock::at_noon();
        let world = World::new(clock.clone());
        let ledger = Arc::new(judge.map_or_else(MemoryLedger::default, MemoryLedger::judged_by));
        let queue = MemoryQueue::new(clock.clone());
        let script = Script::new(strikes, ledger.clone(), clock.clone(), flow.pace);
        let parts = Parts {
            ledger: Staged::<dyn Ledger>::new(ledger.clone(), script.clone()),
            queue: Staged::<dyn Queue>::new(queue.clone(), script.clone()),
            keys: Staged::<dyn export_flow::ports::Keys>::new(Arc::new(PlainKeys), script.clone()),
            http: Staged::new(world.clone(), script.clone()),
            clock: clock.clone(),
            entropy: SeededEntropy::new(1),
            registry: registry(),
        };
        let process = Process::start(&parts);
        let (watch, told) = (Watch::default(), vec![]);
        let mut drive = Self { world, clock, ledger, queue, script, parts, process, watch, events: 0, told };
        for (id, role, connector) in flow.connections() {
            drive.connect(id, role, connector, flow.history).await;
        }
        for act in &flow.acts {
            drive.act(act).await;
        }
        drive.come_to_rest().await;
        drive.sweep().await;
        drive.come_to_rest().await;
        drive.person().await;
        // Whatever is still to take effect has done so when the effects are counted.
        drive.clock.advance(LATE_BOUND);
        drive
    }

    async fn connect(&self, id: &str, role: Role, connector: &str, history: bool) {
        let id = ConnectionId::new(id);
        let sealed = PlainKeys.seal(&id, "token", &"secret".to_owned().into()).await.unwrap();
        let on = [Switch::SendInvoice, Switch::SendCreditNote, Switch::SendTracking, Switch::SendRefund];
        let mut settings = BTreeMap::from([("base_url".to_owned(), format!("http://{id}").into())]);
        if history {
            settings.insert("since".to_owned(), "2099-01-01T00:00:00Z".into());
        }
        self.ledger.put_connection_as_is(Connection {
            settings,
            secrets: BTreeMap::from([("token".to_owned(), SealedSecret::entered(samples::noon(), sealed))]),
            switches: on.into_iter().map(|switch| (switch, true)).collect(),
            ..samples::connection(&id, role, connector)
        });
    }

    async fn act(&mut self, act: &Act) {
        match act {
            Act::World(change) => change(&self.world),
            Act::Tell(kind, id) => self.tell(*kind, id).await,
            Act::Pass(seconds) => {
                let until = self.clock.now() + SignedDuration::from_secs(*seconds);
                while let Some(next) = self.turn().await.filter(|next| *next <= until) {
                    self.wait_until(next).await;
                }
                self.clock.set(until.max(self.clock.now()));
            }
            Act::Sweep => self.sweep().await,
            Act::Redrive => {
                let request = JobRequest { filter: Filter { all: true, ..Filter::default() }, ..JobRequest::default() };
                self.insist(async |flow| {
                    flow.start_job(&TenantId::local(), JobKind::Redrive, &request).await.map(|_| ())
                })
                .await;
            }
            Act::Batch => {
                let request = BatchRequest { source: Some(ConnectionId::new("books")), ..BatchRequest::default() };
                self.insist(async |flow| flow.start_batch(&TenantId::local(), &request).await.map(|_| ())).await;
            }
        }
    }

    /// A webhook has been accepted.
    async fn tell(&mut self, kind: SubjectKind, id: &str) {
        self.events += 1;
        let source = ConnectionId::new(if kind == SubjectKind::Parcel { "van" } else { "books" });
        let subject = Subject { kind, id: id.to_owned() };
        self.told.push(subject.clone());
        let event = SourceEvent {
            event: EventId::new(format!("event-{}", self.events)),
            tenant: TenantId::local(),
            source: source.clone(),
            hint: SourceHint { subject, hints: BTreeMap::new() },
            cause: Cause::Webhook,
            target: None,
            at: self.clock.now(),
        };
        let message = Message::SourceEventV1(event);
        self.queue.send(vec![Outgoing { message, group: source, delay: SignedDuration::ZERO }]).await.unwrap();
    }

    /// Works on until nothing is left to be done.
    async fn come_to_rest(&mut self) {
        let end = self.clock.now() + LONGEST;
        for _ in 0..TURNS_MAX {
            match self.turn().await {
                None => return,
                Some(next) if next > end => return self.watch.broken("it is not at rest after a day".to_owned()),
                Some(next) => self.wait_until(next).await,
            }
        }
        self.watch.broken("its messages chase each other".to_owned());
    }

    /// Works off what is due now. When there will be something again.
    async fn turn(&mut self) -> Option<Timestamp> {
        loop {
            let queue = Arc::clone(&self.parts.queue);
            match self.alive(queue.receive(10, VISIBILITY)).await {
                Some(Ok(batch)) if batch.is_empty() => break,
                Some(Ok(batch)) => self.work(batch).await,
                Some(Err(_)) | None => {
                    self.clock.advance(SECOND);
                }
            }
        }
        let sweep = self.next_sweep().await;
        self.queue.next_at().into_iter().chain(sweep).min()
    }

    async fn work(&mut self, batch: Vec<Incoming>) {
        for incoming in batch {
            let (worker, queue) = (self.process.worker.clone(), Arc::clone(&self.parts.queue));
            let work = async {
                // A queue that cannot be told delivers the message again.
                drop(match worker.run(&incoming).await {
                    Verdict::Done => queue.delete(std::slice::from_ref(&incoming.receipt)).await,
                    Verdict::GiveBack(delay) => queue.give_back(&incoming.receipt, delay).await,
                });
            };
            let lived = self.alive(Box::pin(work)).await;
            self.ledger.look(|exports| self.watch.see(exports));
            if lived.is_none() {
                return;
            }
        }
    }

    /// Lets time pass; where nothing is on the queue, it is the sweep that is waited for.
    async fn wait_until(&mut self, next: Timestamp) {
        self.clock.set(next.max(self.clock.now()));
        if self.queue.next_at().is_none_or(|at| at > next) {
            self.sweep().await;
        }
    }

    async fn sweep(&mut self) {
        let flow = Arc::clone(&self.process.flow);
        let sweep = std::mem::replace(&mut self.process.sweep, Sweep::new(flow));
        self.alive(sweep.pass()).await;
    }

    /// When the sweep will find something, on the minute.
    async fn next_sweep(&self) -> Option<Timestamp> {
        let late = OVERDUE + SECOND;
        let due = self.ledger.look(|exports| exports.iter().filter_map(|export| export.due_at).min());
        let due = due.and_then(|at| at.checked_add(late).ok());
        let parcel = self.ledger.parcels_due(Timestamp::MAX, 1).await.unwrap().first().and_then(|item| item.watch_at);
        let connections = self.ledger.all_connections().await.unwrap();
        let probe = connections.iter().filter(|c| c.state == ConnectionState::Paused).filter_map(|c| c.pause.as_ref());
        let probe = probe.filter_map(|pause| pause.next_probe.and_then(|at| at.checked_add(late).ok())).min();
        let jobs = self.ledger.running_jobs(usize::MAX).await.unwrap();
        let job = jobs.iter().filter_map(|job| job.changed_at?.checked_add(STALLED).ok()).min();
        let at = due.into_iter().chain(parcel).chain(probe).chain(job).min()?.max(self.clock.now() + SECOND);
        let minutes = at.duration_since(samples::noon()).as_secs().div_euclid(60) + 1;
        samples::noon().checked_add(MINUTE * i32::try_from(minutes).unwrap()).ok()
    }

    /// At last somebody looks: what is uncertain is asked after, what is dead is redriven.
    async fn person(&mut self) {
        self.watch.before_person(&self.ledger.all(), &self.queue.buried());
        let tenant = TenantId::local();
        let of = |exports: Vec<domain::Export>, state| exports.into_iter().filter(move |export| export.state == state);
        let uncertain: Vec<_> = of(self.ledger.all(), State::Uncertain).collect();
        if !uncertain.is_empty() {
            self.clock.advance(LATE_BOUND);
        }
        for export in uncertain {
            let arrived = self.world.effects().iter().any(|effect| export.numbers.contains(&effect.key));
            let outcome = if arrived { Resolution::Arrived } else { Resolution::SendAgain };
            self.insist(async |flow| flow.resolve(&tenant, &export.id, &outcome, None).await.map(|_| ())).await;
        }
        for export in of(self.ledger.all(), State::Dead) {
            self.insist(async |flow| flow.redrive(&tenant, &export.id, None).await.map(|_| ())).await;
        }
        self.come_to_rest().await;
    }

    /// A person presses again until it works.
    async fn insist<E>(&mut self, work: impl AsyncFn(Arc<export_flow::Flow>) -> Result<(), E>) {
        for _ in 0..5 {
            let flow = Arc::clone(&self.process.flow);
            if let Some(Ok(())) = self.alive(Box::pin(work(flow))).await {
                self.ledger.look(|exports| self.watch.see(exports));
                return;
            }
            self.clock.advance(SECOND);
        }
        self.watch.broken("a person was refused five times".to_owned());
    }

    /// Runs something in the process; if that dies, the next one is started.
    async fn alive<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let ended = Arc::clone(&self.script).alive(work).await;
        if ended.is_none() {
            self.process = Process::start(&self.parts);
        }
        ended
    }
}
