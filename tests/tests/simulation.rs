//! A few thousand seeds hold every law, a seed replays, and what is planted is found.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use simulator::{Bug, Schedule, hunt, run, shrink, sweep};

/// More of them: `cargo run --release -p simulator -- --seeds 1000000`.
const SEEDS: u64 = 2_000;

#[test]
fn every_law_holds_for_a_few_thousand_seeds() {
    let report = sweep(0..SEEDS, 2, |_| {});
    assert_eq!(report.broken, [], "cargo run --release -p simulator -- --seed N shows how");
    assert_eq!(report.schedules, SEEDS);
    let uncertain: Vec<&str> = report.uncertain.keys().copied().collect();
    assert_eq!(uncertain, ["U"], "a market that can be asked, or knows keys, leaves nothing to people");
    for kind in [
        "own call failed",
        "own answer lost",
        "own call repeated",
        "stale glance",
        "reading call failed",
        "writing call failed",
        "late effect",
        "message disturbed",
        "process killed",
        "work timed out",
        "outage",
        "redrive",
    ] {
        assert!(report.faults.get(kind).is_some_and(|count| *count > 0), "no {kind} in {SEEDS} seeds");
    }
}

#[test]
fn a_seed_replays_to_the_letter() {
    for seed in [1, 77, 1234] {
        let schedule = Schedule::of(seed);
        let (one, other) = (run(&schedule, None, true), run(&schedule, None, true));
        assert_eq!(one.lines, other.lines);
        assert_eq!(one.steps, other.steps);
    }
}

/// The rarer ones are found too, with more seeds than a test has time for: `--bugs --seeds 20000`.
#[test]
fn planted_bugs_are_found() {
    let soon = [
        Bug::NoClaimCondition,
        Bug::LeaseIgnored,
        Bug::OwnRunRefused,
        Bug::NoReadBack,
        Bug::StaleLook,
        Bug::AttemptCountedTwice,
        Bug::FourthAttempt,
        Bug::AcknowledgedFirst,
        Bug::RevisionInKey,
        Bug::RevisionIgnored,
        Bug::OlderRevisionWins,
        Bug::DueTimeLost,
        Bug::CreditNoteFirst,
    ];
    for bug in soon {
        assert!(hunt(bug, 400).is_some(), "not found: {}", bug.about());
    }
}

#[test]
fn what_breaks_shrinks_to_less_that_still_breaks() {
    let found = hunt(Bug::NoReadBack, 400).unwrap();
    let whole = Schedule::of(found.seed);
    let less = shrink(&whole, Some(Bug::NoReadBack));
    assert!(less.things.len() <= whole.things.len());
    assert!(run(&less, Some(Bug::NoReadBack), false).broken.is_some());
    assert!(run(&less, None, false).broken.is_none(), "the product itself holds there");
}
