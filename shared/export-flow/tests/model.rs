//! A small model of the protocol, walked through to its last state: two workers, one export of class R, a clock of a few
//! ticks. Workers stall and crash anywhere, answers are lost, effects come late. What must hold: never two effects of one
//! revision while late effects keep to their bound. Each rule of the protocol is then left out, and the walk must find a
//! way to two effects: a model that cannot fail proves nothing.

#![allow(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::collections::{HashMap, VecDeque};

type Tick = u8;

/// How long a claim holds.
const LEASE: Tick = 3;
/// A call starts only with this much of it left. Not shorter than a call may last.
const LEFT_MIN: Tick = 1;
const CALL_MAX: Tick = 1;
/// A call's effect comes less than this after its connection ended.
const LATE: Tick = 2;
const END: Tick = 9;
const CRASHES_MAX: u8 = 1;
/// Claims at most: enough for a run, one that takes over, and one after both.
const CLAIMS_MAX: u8 = 3;

/// Which rules are kept.
#[derive(Clone, Copy)]
struct Rules {
    /// A run that lost its claim writes nothing.
    fence: bool,
    /// A call starts only with enough of the lease left; else the lease is renewed first, behind the fence.
    lease_check: bool,
    /// In doubt and absent: nothing is sent before the bound has passed.
    settle_wait: bool,
    /// And only a look that began after the bound counts.
    look_after_bound: bool,
    /// A call whose run crashed counts as ended when its lease ran out.
    crashed_with_lease: bool,
    /// The target is asked before anything is sent.
    read_back: bool,
    /// Late effects keep to their bound: the target's part.
    late_in_bound: bool,
}

const ALL: Rules = Rules {
    fence: true,
    lease_check: true,
    settle_wait: true,
    look_after_bound: true,
    crashed_with_lease: true,
    read_back: true,
    late_in_bound: true,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Record {
    Absent,
    Sending,
    Waiting,
    Delivered,
}

/// What a run knows: its claim, its lease, and when the call before it ended, if that one is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Run {
    claim: u8,
    lease_until: Tick,
    doubt: Option<Tick>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Worker {
    Idle,
    Claimed(Run),
    /// The target was asked at this time and had nothing.
    Absent(Run, Tick),
    Calling {
        run: Run,
        since: Tick,
        applied: bool,
    },
    /// What it is about to record: the proof, or the doubt that stays.
    Ending {
        run: Run,
        proof: bool,
        doubt: Option<Tick>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    now: Tick,
    record: Record,
    claim: u8,
    /// Of a record that waits: when it is due.
    lease_until: Tick,
    /// In doubt since the claim; when the call ended, once that is known.
    in_doubt: bool,
    ended: Tick,
    workers: [Worker; 2],
    /// Calls whose connection has ended and whose effect may still come, until when.
    late: Vec<Tick>,
    effects: u8,
    crashes: u8,
}

impl World {
    fn begin() -> Self {
        Self {
            now: 0,
            record: Record::Absent,
            claim: 0,
            lease_until: 0,
            in_doubt: false,
            ended: 0,
            workers: [Worker::Idle; 2],
            late: vec![],
            effects: 0,
            crashes: 0,
        }
    }

    fn with(&self, index: usize, worker: Worker) -> Self {
        let mut next = self.clone();
        next.workers[index] = worker;
        next
    }

    /// The same, with a call of this worker at its end whose effect may still come.
    fn connection_ended(mut self, rules: Rules) -> Self {
        self.late.push(if rules.late_in_bound { self.now + LATE } else { END });
        self.late.sort_unstable();
        self
    }

    fn next(&self, rules: Rules) -> Vec<(&'static str, Self)> {
        let mut next = vec![];
        let must_end = |w: &Worker| matches!(w, Worker::Calling { since, .. } if since + CALL_MAX <= self.now);
        if self.now < END && !self.workers.iter().any(must_end) {
            let mut later = Self { now: self.now + 1, ..self.clone() };
            later.late.retain(|until| *until > later.now);
            next.push(("time passes", later));
        }
        for place in 0..self.late.len() {
            let mut applied = Self { effects: self.effects + 1, ..self.clone() };
            applied.late.remove(place);
            next.push(("a late effect comes", applied));
        }
        for index in 0..2 {
            self.moves(index, rules, &mut next);
        }
        next
    }

    fn moves(&self, index: usize, rules: Rules, next: &mut Vec<(&'static str, Self)>) {
        let worker = self.workers[index];
        if worker != Worker::Idle && self.crashes < CRASHES_MAX {
            let crashed = Self { crashes: self.crashes + 1, ..self.with(index, Worker::Idle) };
            if matches!(worker, Worker::Calling { applied: false, .. }) {
                next.push(("crash, the call is on its way", crashed.clone().connection_ended(rules)));
            }
            next.push(("crash", crashed));
        }
        match worker {
            Worker::Idle => next.extend(self.claimed(index, rules).map(|world| ("claim", world))),
            Worker::Claimed(run) if self.effects > 0 && rules.read_back => {
                next.push(("found", self.with(index, Worker::Ending { run, proof: true, doubt: None })));
            }
            Worker::Claimed(run) => next.push(("absent", self.with(index, Worker::Absent(run, self.now)))),
            Worker::Absent(run, looked) => next.push(self.send(index, run, looked, rules)),
            Worker::Calling { run, since, applied: false } => {
                let done = Self { effects: self.effects + 1, ..self.clone() };
                next.push(("the effect", done.with(index, Worker::Calling { run, since, applied: true })));
                let lost = self.with(index, Worker::Ending { run, proof: false, doubt: Some(self.now) });
                next.push(("no answer, the call is on its way", lost.clone().connection_ended(rules)));
                next.push(("no answer, the call is lost", lost));
                next.push(("refused", self.with(index, Worker::Ending { run, proof: false, doubt: None })));
            }
            Worker::Calling { run, applied: true, .. } => {
                next.push(("done", self.with(index, Worker::Ending { run, proof: true, doubt: None })));
                let lost = Worker::Ending { run, proof: false, doubt: Some(self.now) };
                next.push(("the answer is lost", self.with(index, lost)));
            }
            Worker::Ending { run, proof, doubt } => {
                next.push(("record", self.recorded(index, run, proof, doubt, rules)))
            }
        }
    }

    fn claimed(&self, index: usize, rules: Rules) -> Option<Self> {
        if self.claim == CLAIMS_MAX {
            return None;
        }
        let left_behind = self.record == Record::Sending;
        match self.record {
            Record::Absent => {}
            Record::Sending | Record::Waiting if self.lease_until <= self.now => {}
            Record::Sending | Record::Waiting | Record::Delivered => return None,
        }
        let ended = if left_behind && rules.crashed_with_lease { self.ended.max(self.lease_until) } else { self.ended };
        let lease_until = self.now + LEASE;
        let run = Run { claim: self.claim + 1, lease_until, doubt: self.in_doubt.then_some(ended) };
        let mut world = self.with(index, Worker::Claimed(run));
        world.record = Record::Sending;
        world.claim = run.claim;
        world.lease_until = lease_until;
        world.in_doubt = true;
        Some(world)
    }

    fn send(&self, index: usize, run: Run, looked: Tick, rules: Rules) -> (&'static str, Self) {
        if let Some(ended) = run.doubt.filter(|_| rules.settle_wait) {
            let at = if rules.look_after_bound { looked } else { self.now };
            if at < ended + LATE {
                return ("settling", self.with(index, Worker::Ending { run, proof: false, doubt: Some(ended) }));
            }
        }
        let mut world = self.clone();
        let mut run = run;
        if rules.lease_check && run.lease_until < self.now + LEFT_MIN {
            if rules.fence && (self.record != Record::Sending || self.claim != run.claim) {
                return ("the claim is lost", self.with(index, Worker::Idle));
            }
            run.lease_until = self.now + LEASE;
            world.lease_until = run.lease_until;
        }
        ("call", world.with(index, Worker::Calling { run, since: self.now, applied: false }))
    }

    fn recorded(&self, index: usize, run: Run, proof: bool, doubt: Option<Tick>, rules: Rules) -> Self {
        let mut world = self.with(index, Worker::Idle);
        if rules.fence && self.claim != run.claim {
            return world;
        }
        world.record = if proof { Record::Delivered } else { Record::Waiting };
        world.lease_until = self.now + 1;
        world.in_doubt = doubt.is_some();
        world.ended = doubt.unwrap_or_default();
        world
    }
}

/// What a walk has met.
struct Walk {
    states: usize,
    delivered: bool,
    /// The way to two effects, if there is one.
    double: Option<Vec<&'static str>>,
    /// The way to a proof of nothing, if there is one.
    unproven: Option<Vec<&'static str>>,
}

/// Every state that can be reached, nearest first.
fn walk(rules: Rules) -> Walk {
    let begin = World::begin();
    let mut from: HashMap<World, Option<(World, &'static str)>> = HashMap::from([(begin.clone(), None)]);
    let mut open = VecDeque::from([begin]);
    let mut met = Walk { states: 0, delivered: false, double: None, unproven: None };
    while let Some(world) = open.pop_front() {
        met.states += 1;
        met.delivered |= world.record == Record::Delivered;
        let way = || {
            let mut way = vec![];
            let mut at = &world;
            while let Some(Some((before, step))) = from.get(at) {
                way.push(*step);
                at = before;
            }
            way.reverse();
            way
        };
        if world.effects > 1 {
            met.double = Some(way());
            return met;
        }
        if world.record == Record::Delivered && world.effects == 0 {
            met.unproven = Some(way());
            return met;
        }
        for (step, mut next) in world.next(rules) {
            // Which worker is which does not matter.
            next.workers.sort_unstable();
            if !from.contains_key(&next) {
                from.insert(next.clone(), Some((world.clone(), step)));
                open.push_back(next);
            }
        }
    }
    met
}

#[test]
fn with_all_rules_there_is_never_a_second_effect_nor_a_proof_of_none() {
    let met = walk(ALL);
    println!("{} states", met.states);
    assert_eq!((met.double, met.unproven), (None, None));
    assert!(met.delivered && met.states > 10_000, "{} states", met.states);
}

#[test]
fn without_any_one_of_the_rules_there_is_a_way_to_a_second_effect() {
    for (rule, rules) in [
        ("the fence", Rules { fence: false, ..ALL }),
        ("the lease check before a call", Rules { lease_check: false, ..ALL }),
        ("the wait until an earlier call has settled", Rules { settle_wait: false, ..ALL }),
        ("a look that began after that", Rules { look_after_bound: false, ..ALL }),
        ("the lease's end as the end of a crashed run's call", Rules { crashed_with_lease: false, ..ALL }),
        ("the read-back", Rules { read_back: false, ..ALL }),
        ("the bound of late effects", Rules { late_in_bound: false, ..ALL }),
    ] {
        let met = walk(rules);
        println!("without {rule}: {:?}", met.double);
        assert!(met.double.is_some(), "without {rule} nothing goes wrong in {} states", met.states);
    }
}
