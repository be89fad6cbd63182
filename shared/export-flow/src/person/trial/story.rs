//! How far it would come: step by step, in the order in which they are taken.

use super::{Finding, Trial};
use crate::look::{Facts, Looked};
use crate::plan::Planned;
use crate::run::Tried;
use domain::{ConnectionId, Money, Operation, OrderReference, Step, Word};
use std::fmt;

pub(super) const LOOK: &str = "look";
pub(super) const PLAN: &str = "plan";
const PREFLIGHT: &str = "preflight";
const READ_BACK: &str = "read_back";
const SEND: &str = "send";

/// What a step meets that ends well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// This was read at the source.
    Read {
        /// The document's number, or the tracking number.
        number: Option<String>,
        /// What a document is about.
        total: Option<Money>,
        /// The order that it quotes.
        order: Option<OrderReference>,
    },
    /// It goes to an order of the target.
    Goes {
        /// As what.
        operation: Operation,
        /// To which.
        order: OrderReference,
    },
    /// Nothing speaks against it.
    Clear,
    /// The target has it, under this number or id.
    There(String),
    /// The target has nothing of it yet.
    NotThere,
    /// So many writing calls would be made.
    Calls(usize),
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { number, total, order } => {
                f.write_str(number.as_deref().unwrap_or("no tracking number"))?;
                if let Some(total) = total {
                    write!(f, ", {total}")?;
                }
                match order {
                    Some(order) => write!(f, ", order {order}"),
                    None => f.write_str(", no order"),
                }
            }
            Self::Goes { operation, order } => write!(f, "{} to order {order}", operation.as_str()),
            Self::Clear => f.write_str("nothing speaks against it"),
            Self::There(number) => write!(f, "it is there: {number}"),
            Self::NotThere => f.write_str("nothing of it is there yet"),
            Self::Calls(0) => f.write_str("nothing is to be sent"),
            Self::Calls(calls) => write!(f, "{calls} writing {}", if *calls == 1 { "call" } else { "calls" }),
        }
    }
}

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
    /// The same for whoever says it in other words, where it ends well.
    pub met: Option<Met>,
    /// The reason or code, where it does not end well.
    pub word: Option<Word>,
}

impl Told {
    pub(super) fn fine(step: &'static str, target: Option<&ConnectionId>, met: Met) -> Self {
        Self { step, target: target.cloned(), ok: true, says: met.to_string(), met: Some(met), word: None }
    }

    fn stopped(step: &'static str, target: Option<&ConnectionId>, finding: &Finding) -> Self {
        let says = finding.detail.as_deref().unwrap_or(finding.word.explanation).to_owned();
        Self { step, target: target.cloned(), ok: false, says, met: None, word: Some(finding.word.clone()) }
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
pub(super) fn read(looked: &Looked) -> Met {
    let (number, total) = match &looked.facts {
        Facts::Document(document) => (Some(document.number.clone()), Some(document.money())),
        Facts::Parcel(parcel) => (parcel.tracking_number().map(str::to_owned), None),
    };
    Met::Read { number, total, order: looked.reference.clone() }
}

/// Where it goes.
pub(super) fn planned(planned: &Planned) -> Met {
    Met::Goes { operation: planned.key.operation, order: planned.order.reference.clone() }
}

/// What the conversation with a target came to. `waits`: the plan has stopped it already, so that nothing is sent.
pub(super) fn conversation(
    target: &ConnectionId,
    tried: &Tried,
    stopped: Option<&Finding>,
    waits: Option<&Finding>,
) -> Vec<Told> {
    let fine = |step, met| Told::fine(step, Some(target), met);
    let looked = match &tried.already_there {
        Some(there) => Met::There(there.number.clone().unwrap_or_else(|| there.remote_id.clone())),
        None => Met::NotThere,
    };
    let mut told = match stopped {
        Some(finding) if tried.step == Step::Preflight => {
            return vec![Told::stopped(PREFLIGHT, Some(target), finding), fine(READ_BACK, looked)];
        }
        Some(finding) => return vec![Told::stopped(READ_BACK, Some(target), finding)],
        None => vec![fine(PREFLIGHT, Met::Clear), fine(READ_BACK, looked)],
    };
    told.push(match waits {
        Some(finding) => Told::stopped(SEND, Some(target), finding),
        None => fine(SEND, Met::Calls(tried.requests.len())),
    });
    told
}
