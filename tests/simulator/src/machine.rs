//! The processes of a run: each has its own engine, all share one ledger, one queue and one outside world. Every step
//! lets one piece of work go on to its next call, starts another, lets time pass, or kills a process.

use crate::bugs::{Bent, Bug};
use crate::dice::Dice;
use crate::schedule::{Class, Kind, Schedule, Thing};
use crate::stage::Trouble;
use connectors::Clock as _;
use domain::{
    Cause, ConnectionId, EventId, Export, ExportId, Role, Rules, SourceHint, State, Subject, SubjectKind, Switch,
    TenantId,
};
use export_flow::message::{Message, SourceEvent};
use export_flow::person::Resolution;
use export_flow::ports::{Incoming, Ledger, Outbox as _, Outgoing, Queue};
use export_flow::times::VISIBILITY;
use export_flow::{Flow, Parts, Times, Verdict};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use testkit::practice::{World, registry};
use testkit::{ManualClock, MemoryLedger, MemoryQueue, PlainKeys, SeededEntropy, Staged};
use worker::{Limits, Sweep, Worker};

/// A function's own time: what is still running then is dropped.
const TIME_OUT: SignedDuration = SignedDuration::from_secs(90);
/// How long one step may take, milliseconds. Where no function's time ends a run, it is the sender's own limits that keep
/// a writing call within its lease: no step may be long.
const SLOW_STEP_MAX: i64 = 60_000;
const SLOW_STEP_UNHURRIED_MAX: i64 = 10_000;
/// Messages in hand at once.
const PER_PROCESS: usize = 4;

/// Says whether a message was acknowledged.
type Work = Pin<Box<dyn Future<Output = bool> + Send>>;

struct Task {
    work: Work,
    name: String,
    began: Timestamp,
    alone: bool,
    /// What the message was about, to be looked at once it is acknowledged.
    about: Option<Subject>,
}

struct Process {
    flow: Arc<Flow>,
    worker: Worker,
    sweep: Arc<Sweep>,
    queue: Arc<dyn Queue>,
    tasks: Vec<Task>,
}

/// One run's machinery.
pub(crate) struct Machine {
    pub(crate) schedule: Schedule,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) world: Arc<World>,
    pub(crate) ledger: Arc<MemoryLedger>,
    pub(crate) queue: Arc<MemoryQueue>,
    pub(crate) trouble: Arc<Trouble>,
    dice: Dice,
    processes: Vec<Process>,
    started: u64,
    events: Arc<AtomicU64>,
    swept: Option<Timestamp>,
    /// Subjects of events whose messages were acknowledged and not yet looked at.
    pub(crate) acknowledged: Vec<Subject>,
}

pub(crate) fn books() -> ConnectionId {
    ConnectionId::new("books")
}

pub(crate) fn van() -> ConnectionId {
    ConnectionId::new("van")
}

impl Machine {
    pub(crate) fn new(schedule: &Schedule, bug: Option<Bug>, trace: bool) -> Self {
        let clock = ManualClock::at_noon();
        let now = clock.now();
        let world = World::new(Arc::clone(&clock));
        let ledger = Arc::new(match bug {
            Some(bug) => MemoryLedger::judged_by(Arc::new(Bent { bug, world: Arc::clone(&world) })),
            None => MemoryLedger::default(),
        });
        let queue = MemoryQueue::new(clock.clone());
        let dice = Dice::new(schedule.seed ^ 0x5eed_0fd1_ce00_0000);
        let after = |seconds| now + SignedDuration::from_secs(seconds);
        let outage = schedule.outage.map(|(class, from, to)| (class, after(from), after(to)));
        let trouble = Trouble::new(
            (dice.clone(), schedule.rates.clone(), bug),
            Arc::clone(&clock),
            outage,
            Arc::clone(&world),
            Arc::clone(&ledger),
            trace,
        );
        let mut machine = Self {
            schedule: schedule.clone(),
            clock,
            world,
            ledger,
            queue,
            trouble,
            dice,
            processes: vec![],
            started: 0,
            events: Arc::default(),
            swept: None,
            acknowledged: vec![],
        };
        machine.connect();
        for _ in 0..schedule.processes {
            let process = machine.process();
            machine.processes.push(process);
        }
        machine
    }

    fn connect(&self) {
        let put = |id: &ConnectionId, role, connector: &str, pattern: Option<String>| {
            let mut connection = testkit::samples::connection(id, role, connector);
            connection.settings = BTreeMap::from([("base_url".to_owned(), format!("http://{id}").into())]);
            let on = [Switch::SendInvoice, Switch::SendCreditNote, Switch::SendTracking];
            connection.switches = on.into_iter().map(|switch| (switch, true)).collect();
            connection.rules = Rules { order_pattern: pattern, ..Rules::default() };
            self.ledger.put_connection_as_is(connection);
        };
        put(&books(), Role::Accounting, "listed-books", None);
        put(&van(), Role::Courier, "listed-van", None);
        // In some runs every market must be asked whose an order is.
        let patterns = self.dice.chance(800);
        let mut classes: Vec<Class> = self.schedule.things.iter().map(|thing| thing.class).collect();
        classes.sort();
        classes.dedup();
        for class in classes {
            let pattern = patterns.then(|| format!("^{}-", class.letter().to_lowercase()));
            put(&ConnectionId::new(class.host()), Role::Channel, class.connector(), pattern);
        }
    }

    fn process(&mut self) -> Process {
        self.started += 1;
        let ledger: Arc<dyn Ledger> = self.ledger.clone();
        let queue: Arc<dyn Queue> = self.queue.clone();
        let ledger: Arc<dyn Ledger> = Staged::new(ledger, self.trouble.clone());
        let queue: Arc<dyn Queue> = Staged::new(queue, self.trouble.clone());
        let parts = Parts {
            ledger,
            queue: Arc::clone(&queue),
            keys: Arc::new(PlainKeys),
            http: Staged::new(Arc::clone(&self.world), self.trouble.clone()),
            clock: self.clock.clone(),
            entropy: SeededEntropy::new(self.schedule.seed.wrapping_mul(1000).wrapping_add(self.started)),
            registry: registry(),
        };
        let flow = Arc::new(Flow::new(parts, Times::default()));
        let limits = Limits { in_flight: PER_PROCESS, per_group: PER_PROCESS };
        Process {
            worker: Worker::new(Arc::clone(&flow), limits),
            sweep: Arc::new(Sweep::new(Arc::clone(&flow))),
            flow,
            queue,
            tasks: vec![],
        }
    }

    /// Whether every source was asked for changes after this time.
    pub(crate) fn polled_since(&self, at: Timestamp) -> bool {
        [books(), van()].iter().all(|source| {
            let state = self.ledger.poll_state(source).now_or_never();
            state.and_then(Result::ok).and_then(|state| state.since).is_some_and(|since| since >= at)
        })
    }

    /// Whether some work is under way.
    pub(crate) fn busy(&self) -> bool {
        self.processes.iter().any(|process| !process.tasks.is_empty())
    }

    /// The source says that a thing changed.
    pub(crate) fn announce(&self, index: usize, thing: &Thing) {
        let (source, subject) = source_of(index, thing);
        self.trouble.tell(|| format!("webhook of {} {}", source, subject.id));
        let n = self.events.fetch_add(1, Ordering::Relaxed);
        let event = SourceEvent {
            event: EventId::new(format!("event-{n}")),
            tenant: TenantId::local(),
            source: source.clone(),
            hint: SourceHint { subject, hints: BTreeMap::new() },
            cause: Cause::Webhook,
            target: None,
            at: self.clock.now(),
        };
        let outgoing = Outgoing { message: Message::SourceEventV1(event), group: source, delay: SignedDuration::ZERO };
        // The inbox answers 503 if the queue does not take it, and the sender repeats: only what was taken counts.
        let sent = self.queue.send(vec![outgoing]).now_or_never();
        debug_assert!(matches!(sent, Some(Ok(()))), "the model queue takes everything");
    }

    /// What the things of this index are now.
    pub(crate) fn happen(&self, index: usize, thing: &Thing, total: Option<&str>) {
        let id = id_of(index);
        match thing.kind {
            Kind::Invoice => {
                let total = total.unwrap_or("100.00");
                self.world.document_as(&id, json!({"number": number_of(index), "order": thing.order, "total": total}));
            }
            Kind::CreditNote(of) => self.world.document_as(
                &id,
                json!({"number": number_of(index), "order": thing.order, "kind": "credit_note",
                       "total": "-40.00", "corrects": id_of(of)}),
            ),
            Kind::Parcel(_) => {
                let number = total.map(|_| number_of(index));
                self.world.parcel(&id, &thing.order, number.as_deref(), "in_transit");
            }
        }
    }

    pub(crate) fn order_arrives(&self, thing: &Thing) {
        self.world.order(thing.class.host(), &thing.order, "100.00");
    }

    /// One step.
    pub(crate) fn step(&mut self) {
        let trouble = !self.trouble.is_over();
        let rates = self.schedule.rates.clone();
        if trouble && self.busy() && self.dice.chance(rates.crash) {
            return self.kill();
        }
        if trouble && self.dice.chance(rates.queue) {
            self.trouble.count("message disturbed");
            let which = self.dice.index(64);
            let by = SignedDuration::from_secs(self.dice.between(0, 300));
            if self.dice.chance(500) {
                self.queue.double(which, by)
            } else {
                self.queue.hold_up(which, by)
            }
            return;
        }
        if trouble && self.dice.chance(rates.person) {
            self.person_redrives();
        }
        if self.dice.chance(200) && self.start() {
            return;
        }
        if self.busy() {
            self.advance_work();
            if trouble && self.dice.chance(rates.slow) {
                let longest = if self.schedule.unhurried { SLOW_STEP_UNHURRIED_MAX } else { SLOW_STEP_MAX };
                self.pass(SignedDuration::from_millis(self.dice.between(1, longest)));
            } else {
                self.pass(SignedDuration::from_millis(self.dice.between(0, 40)));
            }
        } else {
            self.start();
        }
    }

    /// Starts what is on the queue, if anything is due and somebody has room.
    fn start(&mut self) -> bool {
        let place = self.dice.index(self.processes.len());
        let Some(process) = self.processes.get_mut(place) else { return false };
        if process.tasks.len() >= PER_PROCESS || process.tasks.iter().any(|task| task.alone) {
            return false;
        }
        let received = self.queue.receive(1, VISIBILITY).now_or_never();
        let Some(Ok(received)) = received else { return false };
        let Some(incoming) = received.into_iter().next() else { return false };
        let alone = worker::must_be_alone(&incoming);
        if alone && !process.tasks.is_empty() {
            // It waits until this process has nothing else in hand.
            let _later = self.queue.give_back(&incoming.receipt, SignedDuration::from_secs(1)).now_or_never();
            return false;
        }
        let about = match &incoming.message {
            Some(Message::SourceEventV1(event)) => Some(event.hint.subject.clone()),
            _ => None,
        };
        let name = if self.trouble.trace { format!("[{place}] {:?}", incoming.message) } else { String::new() };
        self.trouble.tell(|| format!("{name} starts"));
        if self.trouble.bug == Some(Bug::AcknowledgedFirst) {
            let _gone = self.queue.delete(std::slice::from_ref(&incoming.receipt)).now_or_never();
            self.acknowledged.extend(about.clone());
        }
        let work = Box::pin(run(process.worker.clone(), Arc::clone(&process.queue), incoming));
        process.tasks.push(Task { work, name, began: self.clock.now(), alone, about });
        true
    }

    /// Lets one piece of work go on to its next call.
    fn advance_work(&mut self) {
        let count: usize = self.processes.iter().map(|process| process.tasks.len()).sum();
        let mut chosen = self.dice.index(count);
        for process in &mut self.processes {
            if chosen < process.tasks.len() {
                let Some(task) = process.tasks.get_mut(chosen) else { return };
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(acknowledged) = task.work.as_mut().poll(&mut context) {
                    let task = process.tasks.swap_remove(chosen);
                    self.trouble.tell(|| format!("{} ends", task.name));
                    self.acknowledged.extend(task.about.filter(|_| acknowledged));
                }
                return;
            }
            chosen -= process.tasks.len();
        }
    }

    /// A process dies with everything it has in hand; another takes its place.
    fn kill(&mut self) {
        let place = self.dice.index(self.processes.len());
        self.trouble.count("process killed");
        self.trouble.tell(|| format!("[{place}] dies"));
        let fresh = self.process();
        if let Some(process) = self.processes.get_mut(place) {
            *process = fresh;
        }
    }

    /// Time passes; what has outlived its function's time is dropped.
    pub(crate) fn pass(&mut self, by: SignedDuration) {
        let before = self.clock.now();
        let now = self.clock.advance(by);
        if now.as_second() != before.as_second() {
            self.trouble.remember();
        }
        let unhurried = self.schedule.unhurried;
        for process in &mut self.processes {
            let trouble = &self.trouble;
            process.tasks.retain(|task| {
                let keeps = unhurried || now.duration_since(task.began) < TIME_OUT;
                if !keeps {
                    trouble.count("work timed out");
                    trouble.tell(|| format!("{} is dropped: its time is over", task.name));
                }
                keeps
            });
        }
    }

    /// The sweep, where one is due.
    pub(crate) fn sweep(&mut self, every: SignedDuration) {
        let now = self.clock.now();
        if self.swept.is_some_and(|swept| now.duration_since(swept) < every) {
            return;
        }
        self.swept = Some(now);
        let Some(process) = self.processes.first_mut() else { return };
        let sweep = Arc::clone(&process.sweep);
        let work: Work = Box::pin(async move {
            sweep.pass().await;
            false
        });
        process.tasks.push(Task { work, name: "sweep".into(), began: now, alone: false, about: None });
    }

    /// Works with nothing in its way until nothing is under way.
    fn settle<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = Box::pin(work);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..100_000 {
            if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
                return Some(done);
            }
        }
        None
    }

    fn person_redrives(&mut self) {
        let dead: Vec<ExportId> = self.in_state(State::Dead).into_iter().map(|export| export.id).collect();
        for id in dead {
            self.redrive(&id);
        }
    }

    pub(crate) fn redrive(&mut self, id: &ExportId) {
        let Some(flow) = self.flow() else { return };
        self.trouble.tell(|| format!("a person redrives {id}"));
        self.trouble.count("redrive");
        let _done = self.settle(async move { flow.redrive(&TenantId::local(), id, None).await.is_ok() });
    }

    pub(crate) fn resolve(&mut self, id: &ExportId, resolution: &Resolution) {
        let Some(flow) = self.flow() else { return };
        self.trouble.tell(|| format!("a person says {resolution:?} of {id}"));
        let _done = self.settle(async move { flow.resolve(&TenantId::local(), id, resolution, None).await.is_ok() });
    }

    fn flow(&self) -> Option<Arc<Flow>> {
        self.processes.first().map(|process| Arc::clone(&process.flow))
    }

    pub(crate) fn in_state(&self, state: State) -> Vec<Export> {
        self.ledger.look(|exports| exports.iter().filter(|export| export.state == state).cloned().collect())
    }
}

async fn run(worker: Worker, queue: Arc<dyn Queue>, incoming: Incoming) -> bool {
    // An answer that the queue does not hear: the message comes again by itself.
    match worker.run(&incoming).await {
        Verdict::Done => queue.delete(std::slice::from_ref(&incoming.receipt)).await.is_ok(),
        Verdict::GiveBack(delay) => {
            let _heard = queue.give_back(&incoming.receipt, delay).await;
            false
        }
    }
}

/// The source's id of a thing.
pub(crate) fn id_of(index: usize) -> String {
    format!("{}", 9000 + index)
}

/// Its number.
pub(crate) fn number_of(index: usize) -> String {
    format!("2026-{index:04}")
}

/// Its source, and what it is there.
pub(crate) fn source_of(index: usize, thing: &Thing) -> (ConnectionId, Subject) {
    let (source, kind) = match thing.kind {
        Kind::Parcel(_) => (van(), SubjectKind::Parcel),
        _ => (books(), SubjectKind::Document),
    };
    (source, Subject { kind, id: id_of(index) })
}
