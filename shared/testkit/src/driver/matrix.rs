//! The account of a fault driver: flows × calls × faults.

use super::{Fault, Strike};
use crate::staged::Call;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One run of a flow with one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which call was struck with what.
    pub strike: Strike,
    /// The call as the clean run met it.
    pub call: Call,
    /// What was not as it must be.
    pub broken: Vec<String>,
    /// Virtual seconds until everything had come to rest.
    pub seconds: i64,
}

/// What was injected where.
#[derive(Debug, Default)]
pub struct Matrix {
    flows: BTreeMap<String, Account>,
}

#[derive(Debug, Default)]
struct Account {
    clean: Vec<Call>,
    /// Places of the clean run that were struck.
    struck: BTreeSet<(usize, Fault)>,
    slowest: BTreeMap<Fault, (i64, Call)>,
}

impl Matrix {
    /// Takes a flow in: the calls of its clean run, and every run with a fault that really struck.
    pub fn add<'a>(&mut self, flow: &str, clean: Vec<Call>, runs: impl IntoIterator<Item = &'a Run>) {
        let account = self.flows.entry(flow.to_owned()).or_default();
        account.clean = clean;
        for run in runs {
            account.struck.insert((run.strike.at, run.strike.fault));
            let slowest = account.slowest.entry(run.strike.fault).or_insert((run.seconds, run.call));
            if run.seconds > slowest.0 {
                *slowest = (run.seconds, run.call);
            }
        }
    }

    /// Calls of clean runs that a fault can strike and none has struck.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let mut missing = vec![];
        for (flow, account) in &self.flows {
            for (at, call) in account.clean.iter().enumerate() {
                for fault in Fault::ALL.into_iter().filter(|fault| fault.strikes(call)) {
                    if !account.struck.contains(&(at, fault)) {
                        missing.push(format!("{flow}: call {at}, {} {}: {}", call.port, call.name, fault.as_str()));
                    }
                }
            }
        }
        missing
    }

    /// How many faults were injected.
    #[must_use]
    pub fn injected(&self) -> usize {
        self.flows.values().map(|account| account.struck.len()).sum()
    }

    /// Flows × calls × faults with counts, and how long each fault held a flow up at worst.
    #[must_use]
    pub fn counts(&self) -> String {
        let mut text = String::new();
        for (flow, account) in &self.flows {
            let struck = account.struck.len();
            writeln!(text, "{flow}: {} calls, {struck} faults", account.clean.len()).unwrap_or_default();
            let mut calls: BTreeMap<Call, BTreeMap<Fault, usize>> = BTreeMap::new();
            for (at, fault) in &account.struck {
                if let Some(call) = account.clean.get(*at) {
                    *calls.entry(*call).or_default().entry(*fault).or_default() += 1;
                }
            }
            for (call, faults) in calls {
                let each: Vec<String> = faults.iter().map(|(fault, n)| format!("{} {n}", fault.as_str())).collect();
                writeln!(text, "  {} {}: {}", call.port, call.name, each.join(", ")).unwrap_or_default();
            }
            for (fault, (seconds, call)) in &account.slowest {
                let (port, name) = (call.port, call.name);
                writeln!(text, "  slowest, {}: {seconds} s, at {port} {name}", fault.as_str()).unwrap_or_default();
            }
        }
        text
    }

    /// The same as a page that changes only where a flow meets another kind of call.
    #[must_use]
    pub fn page(&self) -> String {
        let mut met: BTreeMap<Call, BTreeSet<&str>> = BTreeMap::new();
        for (flow, account) in &self.flows {
            for call in &account.clean {
                met.entry(*call).or_default().insert(flow);
            }
        }
        let mut page = String::from("| call | faults at it | flows |\n|---|---|---|\n");
        for (call, flows) in met {
            let faults: Vec<&str> =
                Fault::ALL.into_iter().filter(|fault| fault.strikes(&call)).map(Fault::as_str).collect();
            let whole = flows.len() == self.flows.len();
            let flows = if whole { "all".to_owned() } else { flows.into_iter().collect::<Vec<_>>().join("; ") };
            let (port, name) = (call.port, call.name);
            writeln!(page, "| {port}: {name} | {} | {flows} |", faults.join("; ")).unwrap_or_default();
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged::Nature;

    #[test]
    fn a_call_that_was_not_struck_with_everything_is_missing() {
        let call = Call { port: "ledger", name: "claim", nature: Nature::Writes };
        let run = |fault| Run { strike: Strike { at: 0, fault }, call, broken: vec![], seconds: 1 };
        let all: Vec<Run> = Fault::ALL.into_iter().filter(|fault| fault.strikes(&call)).map(run).collect();
        let mut matrix = Matrix::default();
        matrix.add("flow", vec![call], &all);
        assert_eq!(matrix.missing(), Vec::<String>::new());
        let mut matrix = Matrix::default();
        matrix.add("flow", vec![call], all.iter().skip(1));
        assert_eq!(matrix.missing(), ["flow: call 0, ledger claim: crash before"]);
        assert!(matrix.page().contains("| ledger: claim | crash before; crash after; fails"));
    }
}
