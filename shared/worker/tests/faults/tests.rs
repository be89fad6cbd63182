//! Every flow × every call × every fault.

use crate::drive::Drive;
use crate::flows::{self, Flow};
use crate::truths;
use domain::Export;
use futures_util::FutureExt as _;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use testkit::driver::{Fault, Matrix, Run, Strike};
use testkit::{Judge, PortCall, samples};

/// Every port here answers at once, so nothing is ever waited for.
fn now<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("a port did not answer at once")
}

/// How much longer than the clean run a single fault may hold anything up: the longest wait of a hold that nobody ends.
const HELD_UP_MAX: i64 = 20 * 60;

struct Clean {
    calls: Vec<PortCall>,
    seconds: i64,
}

/// When the last record came to its end.
fn seconds(drive: &Drive) -> i64 {
    let last = drive.ledger.look(|exports| exports.iter().map(|export| export.changed_at).max());
    last.map_or(0, |last| last.duration_since(samples::noon()).as_secs())
}

fn clean(flow: &Flow) -> Clean {
    let drive = now(Drive::play(flow, vec![], None));
    let broken = now(truths::broken(&drive, flow, 0));
    assert!(broken.is_empty(), "{} without any fault: {broken:#?}", flow.name);
    Clean { calls: drive.script.calls(), seconds: seconds(&drive) }
}

fn struck(flow: &Flow, clean: &Clean, at: usize, fault: Fault, judge: Option<Arc<dyn Judge>>) -> Run {
    let strike = Strike { at, fault };
    let drive = now(Drive::play(flow, vec![strike], judge));
    let mut broken = now(truths::broken(&drive, flow, usize::from(!fault.is_ours())));
    if drive.script.struck().first().map(|(_, call)| call) != clean.calls.get(at) {
        broken.push("the fault did not strike the call it was meant for".to_owned());
    }
    let seconds = seconds(&drive);
    if seconds > clean.seconds + HELD_UP_MAX {
        broken.push(format!("it took {seconds} s, and {} s in the clean run", clean.seconds));
    }
    Run { strike, call: clean.calls[at], broken, seconds }
}

fn every_fault(flow: &Flow) -> (Vec<PortCall>, Vec<Run>) {
    let clean = clean(flow);
    let mut runs = vec![];
    for (at, call) in clean.calls.iter().enumerate() {
        for fault in Fault::ALL.into_iter().filter(|fault| fault.strikes(call)) {
            runs.push(struck(flow, &clean, at, fault, None));
        }
    }
    (clean.calls, runs)
}

fn told(flow: &Flow, run: &Run) -> String {
    let (Strike { at, fault }, call) = (run.strike, run.call);
    let broken = run.broken.join("\n    ");
    format!("{}, call {at} ({} {}) {}:\n    {broken}", flow.name, call.port, call.name, fault.as_str())
}

#[test]
fn whatever_fails_once_in_whatever_flow_the_end_is_the_same() {
    let flows = flows::all();
    let (next, account) = (AtomicUsize::new(0), Mutex::new((Matrix::default(), vec![])));
    let work = || {
        // The last are the longest.
        while let Some(flow) = flows.iter().rev().nth(next.fetch_add(1, Ordering::Relaxed)) {
            let (calls, runs) = every_fault(flow);
            let (matrix, broken) = &mut *account.lock().unwrap();
            matrix.add(flow.name, calls, &runs);
            broken.extend(runs.iter().filter(|run| !run.broken.is_empty()).map(|run| told(flow, run)));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (matrix, broken) = account.into_inner().unwrap();
    println!("{}{} faults", matrix.counts(), matrix.injected());
    assert_eq!(matrix.missing(), Vec::<String>::new());
    let first: Vec<&str> = broken.iter().take(30).map(String::as_str).collect();
    assert!(broken.is_empty(), "{} runs went wrong, the first:\n{}", broken.len(), first.join("\n"));
}

/// One of each kind: what differs from these only in its name is left out.
const APART: [Fault; 8] = [
    Fault::CrashBefore,
    Fault::CrashAfter,
    Fault::Fails,
    Fault::AnswerLost,
    Fault::Refused,
    Fault::DroppedAfter,
    Fault::Late,
    Fault::CrashThenLate,
];

#[test]
fn whatever_fails_twice_in_the_shortest_flow_the_end_is_the_same() {
    let flow = flows::flow("invoice, class R");
    let strikes = |calls: &[PortCall], from: usize| -> Vec<Strike> {
        let at = |(at, call): (usize, &PortCall)| {
            APART.into_iter().filter(|fault| fault.strikes(call)).map(|fault| Strike { at, fault }).collect::<Vec<_>>()
        };
        calls.iter().enumerate().skip(from).flat_map(at).collect()
    };
    let mut pairs = 0;
    let mut broken = vec![];
    for first in strikes(&clean(&flow).calls, 0) {
        let once = now(Drive::play(&flow, vec![first], None));
        for second in strikes(&once.script.calls(), first.at + 1) {
            let drive = now(Drive::play(&flow, vec![first, second], None));
            let vendors = [first, second].iter().filter(|strike| !strike.fault.is_ours()).count();
            let mut wrong = now(truths::broken(&drive, &flow, vendors));
            if drive.script.struck().len() != 2 {
                wrong.push("not both faults struck".to_owned());
            }
            if !wrong.is_empty() {
                broken.push(format!("{first:?} {second:?}:\n    {}", wrong.join("\n    ")));
            }
            pairs += 1;
        }
    }
    println!("{pairs} pairs");
    let some: Vec<&str> = broken.iter().take(30).map(String::as_str).collect();
    assert!(broken.is_empty(), "{} pairs went wrong, the first:\n{}", broken.len(), some.join("\n"));
}

/// A rule of the ledger that is wrong, and a flow in which that does harm.
macro_rules! wrong {
    ($name:ident, $flow:literal, |$before:pat_param, $after:ident| $change:block) => {{
        struct $name;
        impl Judge for $name {
            fn store(&self, $before: &Export, $after: &mut Export) $change
        }
        ($flow, Arc::new($name) as Arc<dyn Judge>)
    }};
}

struct NoLease;

impl Judge for NoLease {
    fn leases(&self) -> bool {
        false
    }
}

#[test]
fn a_wrong_rule_is_noticed() {
    let wrong: Vec<(&str, Arc<dyn Judge>)> = vec![
        wrong!(ForgetsDoubt, "invoice, class R", |_, after| {
            after.in_doubt = None;
        }),
        wrong!(CountsTwice, "invoice, class N", |before, after| {
            if after.attempts > before.attempts {
                after.attempts += 1;
            }
        }),
        wrong!(ForgetsAttempts, "redrive of a dead letter", |_, after| {
            after.attempts = after.attempts.min(1);
        }),
        wrong!(ForgetsWhen, "document not ready", |_, after| {
            after.due_at = None;
        }),
        wrong!(ForgetsWhy, "redrive of a dead letter", |_, after| {
            after.attempt_log.clear();
        }),
        wrong!(ForgetsProof, "invoice, class K", |_, after| {
            after.receipt = None;
        }),
        ("partial invoices, told apart by content", Arc::new(NoLease)),
    ];
    for (n, (name, judge)) in wrong.into_iter().enumerate() {
        let flow = flows::flow(name);
        let sound = clean(&flow);
        let strikes = sound.calls.iter().enumerate().flat_map(|(at, call)| {
            Fault::ALL.into_iter().filter(|fault| fault.strikes(call)).map(move |fault| (at, fault))
        });
        let noticed = strikes
            .map(|(at, fault)| struck(&flow, &sound, at, fault, Some(Arc::clone(&judge))))
            .find(|run| run.broken.iter().any(|what| !what.starts_with("the fault did not strike")));
        assert!(noticed.is_some(), "wrong rule {n} in {name}");
    }
}

/// `infra/docs/faults.md` lists every kind of call that a flow makes, with what it was struck with.
#[test]
fn the_page_of_faults_says_what_is_done() {
    let mut matrix = Matrix::default();
    for flow in flows::all() {
        matrix.add(flow.name, clean(&flow).calls, &[]);
    }
    let page = format!("{HEAD}{}", matrix.page());
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/docs/faults.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == page, "run `BLESS=1 cargo test -p worker --test faults page` and look at the change");
}

const HEAD: &str = "# Faults

Every flow is run clean and then anew for every call it makes and every fault that call can meet. After the fault everything
works, and the end must be as if nothing had been: each thing done once, nothing lost, nothing counted that was our own failure.
Made from the code; `cargo test -p worker --test faults -- --nocapture` runs it and prints the counts.

";
