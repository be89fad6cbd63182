//! How far it would come: step by step, in the order in which they are taken.

use super::{Finding, Trial};
use crate::look::{Facts, Looked};
use crate::plan::Planned;
use crate::run::Tried;
use domain::{ConnectionId, Step, Word};

pub(super) const LOOK: &str = "look";
pub(super) const PLAN: &str = "plan";
const PREFLIGHT: &str = "preflight";
const READ_BACK: &str = "read_back";
const SEND: &str = "send";

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `look`, `plan`, `preflight`, `read_back` or `send`.
    pub step: &'static str,
    /// At which target; absent before there is one.
    pub target: Option<ConnectionId>,
    /// It ends well. Where it does not, the steps after it are not taken.
    pub ok: bool,
    /// What was met, for people; redacted.
    pub says: String,
    /// The reason or code, where it does not end well.
    pub word: Option<Word>,
}

impl Told {
    pub(super) fn fine(step: &'static str, target: Option<&ConnectionId>, says: String) -> Self {
        Self { step, target: target.cloned(), ok: true, says, word: None }
    }

    fn stopped(step: &'static str, target: Option<&ConnectionId>, finding: &Finding) -> Self {
        let says = finding.detail.clone().unwrap_or_else(|| finding.word.explanation.to_owned());
        Self { step, target: target.cloned(), ok: false, says, word: Some(finding.word.clone()) }
    }
}

impl Trial {
    /// It would come no further than this step.
    pub(super) fn stops(&mut self, step: &'static str, finding: Finding) {
        self.steps.push(Told::stopped(step, finding.target.as_ref(), &finding));
        self.preflight.push(finding);
    }
}

/// What was read at the source.
pub(super) fn read(looked: &Looked) -> String {
    let order = looked.reference.as_ref().map_or_else(|| "no order".to_owned(), |order| format!("order {order}"));
    match &looked.facts {
        Facts::Document(document) => format!("{}, {}, {order}", document.number, document.money()),
        Facts::Parcel(parcel) => format!("{}, {order}", parcel.tracking_number().unwrap_or("no tracking number")),
    }
}

/// Where it goes.
pub(super) fn planned(planned: &Planned) -> String {
    format!("{} to order {}", planned.key.operation.as_str(), planned.order.reference)
}

/// What the conversation with a target came to. `waits`: the plan has stopped it already, so that nothing is sent.
pub(super) fn conversation(
    target: &ConnectionId,
    tried: &Tried,
    stopped: Option<&Finding>,
    waits: Option<&Finding>,
) -> Vec<Told> {
    let fine = |step, says: &str| Told::fine(step, Some(target), says.to_owned());
    let looked = match (&tried.already_there, tried.requests.is_empty()) {
        (Some(there), _) => format!("it is there: {}", there.number.as_deref().unwrap_or(&there.remote_id)),
        (None, _) => "nothing of it is there yet".to_owned(),
    };
    let mut told = match stopped {
        Some(finding) if tried.step == Step::Preflight => {
            return vec![Told::stopped(PREFLIGHT, Some(target), finding), fine(READ_BACK, &looked)];
        }
        Some(finding) => return vec![Told::stopped(READ_BACK, Some(target), finding)],
        None => vec![fine(PREFLIGHT, "nothing speaks against it"), fine(READ_BACK, &looked)],
    };
    told.push(match (waits, tried.requests.len()) {
        (Some(finding), _) => Told::stopped(SEND, Some(target), finding),
        (None, 0) => fine(SEND, "nothing is to be sent"),
        (None, calls) => fine(SEND, &format!("{calls} writing {}", if calls == 1 { "call" } else { "calls" })),
    });
    told
}
