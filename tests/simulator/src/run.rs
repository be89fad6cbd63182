//! One schedule from its start to the moment at which nothing is left to do.

use crate::bugs::Bug;
use crate::laws::{self, Broken, Watch};
use crate::machine::Machine;
use crate::schedule::{Class, Kind, Schedule};
use connectors::Clock as _;
use domain::State;
use export_flow::person::Resolution;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Steps of one run at most: far more than any needs.
const STEPS_MAX: u64 = 400_000;
const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(2);
/// In quiet times the clock jumps; the sweep then comes with every jump.
const JUMP: SignedDuration = SignedDuration::from_mins(15);
/// After this nothing may be left but what waits for a person.
const QUIET: SignedDuration = SignedDuration::from_hours(26);
/// How often people are asked to do their part.
const ROUNDS: usize = 4;

/// What a run showed.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The law that was broken, if one was.
    pub broken: Option<String>,
    /// Faults injected, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Effects at the targets.
    pub effects: u64,
    /// Effects done again because one was applied beyond the bound: promised to nobody.
    pub beyond: u64,
    /// Exports that ended uncertain, by class.
    pub uncertain: BTreeMap<&'static str, u64>,
    /// Steps taken.
    pub steps: u64,
    /// What happened, where that was asked for.
    pub lines: Vec<String>,
}

struct Happening {
    at: Timestamp,
    what: What,
}

enum What {
    Order(usize),
    Is(usize, Option<&'static str>),
    Told(usize),
}

/// Runs a schedule.
#[must_use]
pub fn run(schedule: &Schedule, bug: Option<Bug>, trace: bool) -> Outcome {
    let mut run = Run::new(schedule, bug, trace);
    let broken = run.whole().err();
    let machine = &run.machine;
    if let Some(law) = &broken {
        machine.trouble.tell(|| format!("BROKEN: {law}"));
    }
    Outcome {
        broken,
        faults: machine.trouble.tally(),
        effects: u64::try_from(machine.world.done()).unwrap_or(u64::MAX),
        beyond: laws::doubled_beyond(machine),
        uncertain: run.uncertain,
        steps: run.steps,
        lines: machine.trouble.lines(),
    }
}

struct Run {
    machine: Machine,
    /// What is still to happen outside, the last first.
    script: Vec<Happening>,
    watch: Watch,
    end_of_trouble: Timestamp,
    last_news: Timestamp,
    steps: u64,
    uncertain: BTreeMap<&'static str, u64>,
}

impl Run {
    fn new(schedule: &Schedule, bug: Option<Bug>, trace: bool) -> Self {
        let machine = Machine::new(schedule, bug, trace);
        let start = machine.clock.now();
        let at = |seconds| start + SignedDuration::from_secs(seconds);
        let mut script = vec![];
        for (index, thing) in schedule.things.iter().enumerate() {
            let mut add = |seconds, what| script.push(Happening { at: at(seconds), what });
            add(thing.order_at, What::Order(index));
            add(thing.born_at, What::Is(index, None));
            for told in &thing.told_at {
                add(*told, What::Told(index));
            }
            for (change, total) in &thing.changes {
                add(*change, What::Is(index, Some(*total)));
            }
            if let Kind::Parcel(known) = thing.kind {
                add(thing.born_at + known, What::Is(index, Some("known")));
                if !thing.told_at.is_empty() {
                    add(thing.born_at + known, What::Told(index));
                }
            }
        }
        script.sort_by_key(|happening| happening.at);
        script.reverse();
        let end_of_trouble = at(schedule.trouble);
        let back = schedule.outage.map_or(start, |(_, _, to)| at(to));
        let last_news = script.first().map_or(start, |happening| happening.at).max(back);
        Self {
            machine,
            script,
            watch: Watch::default(),
            end_of_trouble,
            last_news,
            steps: 0,
            uncertain: BTreeMap::new(),
        }
    }

    fn whole(&mut self) -> Result<(), Broken> {
        self.until_quiet()?;
        laws::at_rest(&self.machine)?;
        for _ in 0..ROUNDS {
            if !self.people_do_their_part() {
                break;
            }
            self.until_quiet()?;
        }
        laws::at_the_end(&self.machine)
    }

    /// Goes on until nothing is under way, nothing is queued, and only what waits long is left.
    fn until_quiet(&mut self) -> Result<(), Broken> {
        let began = self.machine.clock.now();
        loop {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err("it never comes to rest".to_owned());
            }
            let now = self.machine.clock.now();
            self.happenings(now);
            if now >= self.end_of_trouble {
                self.machine.trouble.end();
            }
            self.machine.step();
            self.watch.step(&mut self.machine)?;
            if self.machine.busy() {
                if !self.machine.trouble.is_over() {
                    self.machine.sweep(SWEEP_EVERY);
                }
                continue;
            }
            if self.machine.trouble.is_over() && self.settled() {
                return Ok(());
            }
            if now.duration_since(began.max(self.end_of_trouble)) > QUIET && self.script.is_empty() {
                return Ok(());
            }
            self.jump(now);
        }
    }

    fn happenings(&mut self, now: Timestamp) {
        while self.script.last().is_some_and(|happening| happening.at <= now) {
            let Some(Happening { what, .. }) = self.script.pop() else { return };
            let machine = &self.machine;
            let thing = |index: usize| machine.schedule.things.get(index);
            match what {
                What::Order(index) => thing(index).into_iter().for_each(|thing| machine.order_arrives(thing)),
                What::Is(index, total) => {
                    thing(index).into_iter().for_each(|thing| machine.happen(index, thing, total))
                }
                What::Told(index) => thing(index).into_iter().for_each(|thing| machine.announce(index, thing)),
            }
        }
    }

    /// Nothing more comes by itself: every export is at an end or with a person.
    fn settled(&self) -> bool {
        let ended = |state: State| {
            matches!(
                state,
                State::Delivered | State::Skipped | State::Planned | State::Dead | State::Uncertain | State::Expired
            )
        };
        let all = self.machine.ledger.look(|exports| {
            !exports.is_empty() && exports.iter().all(|export| ended(export.state) && export.shared.noted.is_none())
        });
        let told = self.machine.schedule.things.len();
        let known = self.machine.ledger.look(|exports| exports.iter().filter(|e| e.key.target.is_some()).count());
        all && known >= told
            && self.script.is_empty()
            && self.machine.polled_since(self.last_news)
            && self.machine.world.last_late().is_none()
            && self.machine.queue.next_at().is_none()
    }

    /// Nothing is under way: on to the next thing that happens.
    fn jump(&mut self, now: Timestamp) {
        let next =
            self.machine.queue.next_at().into_iter().chain(self.script.last().map(|happening| happening.at)).min();
        let quiet = self.machine.trouble.is_over();
        let longest = if quiet { JUMP } else { SWEEP_EVERY };
        let by = next.map_or(longest, |next| next.duration_since(now)).clamp(SignedDuration::ZERO, longest);
        self.machine.pass(by);
        self.machine.sweep(if quiet { JUMP } else { SWEEP_EVERY });
    }

    /// People redrive what is dead and answer for what is uncertain, having looked where we cannot. False: nothing to do.
    fn people_do_their_part(&mut self) -> bool {
        let mut busy = false;
        for export in self.machine.in_state(State::Uncertain) {
            busy = true;
            let class = laws::class_of(&export).map_or("?", Class::letter);
            *self.uncertain.entry(class).or_default() += 1;
            let number = export.numbers.first().cloned().unwrap_or_default();
            let revision = export.revision.as_ref().map(|revision| revision.hash.clone()).unwrap_or_default();
            let there = self.machine.world.effects().iter().any(|e| e.key == number && e.revision == revision);
            let answer = if there { Resolution::Arrived } else { Resolution::SendAgain };
            self.machine.resolve(&export.id, &answer);
        }
        for export in self.machine.in_state(State::Dead) {
            busy = true;
            self.machine.redrive(&export.id);
        }
        busy
    }
}
