//! Many seeds: what they show together, the first that breaks a law, and the smallest schedule that still does.

use crate::bugs::Bug;
use crate::run::{Outcome, run};
use crate::schedule::{Rates, Schedule};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What many runs showed together.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Runs.
    pub schedules: u64,
    /// Steps of all runs.
    pub steps: u64,
    /// Faults injected, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Effects at the targets.
    pub effects: u64,
    /// Effects done again after one was applied beyond the bound.
    pub beyond: u64,
    /// Exports that ended uncertain, by class.
    pub uncertain: BTreeMap<&'static str, u64>,
    /// Seeds that broke a law, and which.
    pub broken: Vec<(u64, String)>,
}

impl Report {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.schedules += 1;
        self.steps += outcome.steps;
        self.effects += outcome.effects;
        self.beyond += outcome.beyond;
        for (what, count) in outcome.faults {
            *self.faults.entry(what).or_default() += count;
        }
        for (class, count) in outcome.uncertain {
            *self.uncertain.entry(class).or_default() += count;
        }
        self.broken.extend(outcome.broken.map(|law| (seed, law)));
    }

    fn merge(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.effects += other.effects;
        self.beyond += other.beyond;
        for (what, count) in other.faults {
            *self.faults.entry(what).or_default() += count;
        }
        for (class, count) in other.uncertain {
            *self.uncertain.entry(class).or_default() += count;
        }
        self.broken.extend(other.broken);
    }
}

/// Runs every seed of a range on as many threads as asked for. `told` hears how many are done.
pub fn sweep(seeds: Range<u64>, threads: usize, told: impl Fn(u64) + Sync) -> Report {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut report = Report::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return report;
            }
            report.add(seed, run(&Schedule::of(seed), None, false));
            told(seed - seeds.start + 1);
        }
    };
    let mut whole = Report::default();
    thread::scope(|scope| {
        let hands: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        for hand in hands {
            match hand.join() {
                Ok(report) => whole.merge(report),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    whole.broken.sort();
    whole
}

/// A seed that found something.
#[derive(Debug, Clone)]
pub struct Found {
    /// The seed.
    pub seed: u64,
    /// How many were tried, this one included.
    pub tried: u64,
    /// The law that was broken.
    pub law: String,
}

/// Looks for the first seed that finds a planted bug.
#[must_use]
pub fn hunt(bug: Bug, most: u64) -> Option<Found> {
    (0..most).find_map(|seed| {
        let law = run(&Schedule::of(seed), Some(bug), false).broken?;
        Some(Found { seed, tried: seed + 1, law })
    })
}

/// The smallest schedule in reach that still breaks a law: less of everything, as long as it breaks.
#[must_use]
pub fn shrink(schedule: &Schedule, bug: Option<Bug>) -> Schedule {
    let mut smallest = schedule.clone();
    let law = |schedule: &Schedule| run(schedule, bug, false).broken.map(|law| kind(&law));
    let first = law(schedule);
    let breaks = |schedule: &Schedule| law(schedule) == first;
    loop {
        let Some(smaller) = smaller(&smallest).into_iter().find(&breaks) else { return smallest };
        smallest = smaller;
    }
}

/// What a law's words say without the names in them.
fn kind(law: &str) -> String {
    law.split_whitespace().filter(|word| word.chars().all(|c| c.is_alphabetic())).collect::<Vec<_>>().join(" ")
}

fn smaller(from: &Schedule) -> Vec<Schedule> {
    let mut all = vec![];
    let mut add = |change: &dyn Fn(&mut Schedule)| {
        let mut less = from.clone();
        change(&mut less);
        if less != *from {
            all.push(less);
        }
    };
    let last = from.things.len().saturating_sub(1);
    if last > 0 {
        add(&|less| less.things.truncate(last));
    }
    add(&|less| less.processes = 1);
    add(&|less| less.outage = None);
    add(&|less| less.unhurried = false);
    let none: [fn(&mut Rates); 12] = [
        |rates| rates.fails = 0,
        |rates| rates.answer_lost = 0,
        |rates| rates.repeated = 0,
        |rates| rates.stale = 0,
        |rates| rates.reads = 0,
        |rates| rates.writes = 0,
        |rates| rates.late = 0,
        |rates| rates.beyond = 0,
        |rates| rates.crash = 0,
        |rates| rates.queue = 0,
        |rates| rates.slow = 0,
        |rates| rates.person = 0,
    ];
    for change in none {
        add(&|less| change(&mut less.rates));
    }
    for index in 0..from.things.len() {
        let mut thing = |change: fn(&mut crate::schedule::Thing)| {
            add(&|less: &mut Schedule| less.things.get_mut(index).into_iter().for_each(change));
        };
        thing(|thing| thing.changes.clear());
        thing(|thing| thing.told_at.truncate(1));
        thing(|thing| thing.order_at = 0);
    }
    add(&|less| less.trouble /= 2);
    all
}
