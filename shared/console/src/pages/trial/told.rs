//! A trial as a page shows it.

use crate::pages::links;
use crate::pages::view::{Badge, Names, to_do};
use crate::texts::{self, fill, say, say_n, say_with};
use domain::{Code, ConnectionId, HoldReason, InWords, Step, SubjectKind};
use export_flow::person::{Compared, Finding, Hand, Met, Standing, Told, Trial};
use serde_json::Value;

/// Why it would come no further.
pub(super) struct Stop {
    pub(super) label: &'static str,
    pub(super) explanation: &'static str,
    pub(super) detail: Option<String>,
    pub(super) next_step: Option<&'static str>,
    pub(super) advice: String,
}

pub(super) struct StepLine {
    pub(super) badge: Badge,
    pub(super) name: &'static str,
    pub(super) target: Option<String>,
    pub(super) says: Vec<String>,
    pub(super) stop: Option<Stop>,
}

pub(super) struct ComparedLine {
    pub(super) name: &'static str,
    pub(super) target: String,
    pub(super) ours: String,
    pub(super) theirs: Option<String>,
    pub(super) badge: Badge,
    pub(super) advice: Option<String>,
}

pub(super) struct StandingLine {
    pub(super) what: &'static str,
    pub(super) target: String,
    pub(super) number: String,
    pub(super) total: Option<String>,
    pub(super) at: Option<String>,
}

/// A request as it would go out.
pub(super) struct RequestLine {
    pub(super) target: String,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: String,
    pub(super) body: Option<String>,
}

/// What a trial came to.
pub(super) struct Shown {
    /// Something would go out, and nothing speaks against it.
    pub(super) goes: bool,
    /// Everything is there already.
    pub(super) there: bool,
    pub(super) number: String,
    pub(super) source: String,
    pub(super) steps: Vec<StepLine>,
    pub(super) compared: Vec<ComparedLine>,
    pub(super) standing: Vec<StandingLine>,
    pub(super) requests: Vec<RequestLine>,
    /// Fields of the form that sends it for real.
    pub(super) hidden: Vec<(&'static str, String)>,
}

impl Shown {
    pub(super) fn new(trial: &Trial, hand: &Hand, names: &Names) -> Self {
        let stopped: Vec<&ConnectionId> = trial.preflight.iter().filter_map(|found| found.target.as_ref()).collect();
        let early = trial.preflight.iter().any(|found| found.target.is_none());
        let some_go = trial.exports.iter().any(|(_, target)| !stopped.contains(&target));
        let sends = trial.steps.iter().any(|told| matches!(told.met, Some(Met::Calls(1..))));
        let given = [("source", Some(hand.source.clone())), ("document", hand.document.clone())];
        let given = given
            .into_iter()
            .chain([("shipment", hand.shipment.clone()), ("target", hand.target.as_ref().map(ToString::to_string))]);
        Self {
            goes: some_go && sends && !early,
            there: trial.preflight.is_empty() && !sends,
            number: number(trial).or(hand.document.as_ref()).or(hand.shipment.as_ref()).cloned().unwrap_or_default(),
            source: names.label(&ConnectionId::new(&hand.source)),
            steps: trial.steps.iter().map(|told| step(told, &trial.preflight, names)).collect(),
            compared: trial.compared.iter().map(|one| compared(one, names)).collect(),
            standing: trial.standing.iter().map(|one| standing(one, names)).collect(),
            requests: trial.requests.iter().map(|one| request(one, names)).collect(),
            hidden: given.filter_map(|(name, value)| Some((name, value?))).collect(),
        }
    }
}

/// The number that was read, where it came so far.
fn number(trial: &Trial) -> Option<&String> {
    trial.steps.iter().find_map(|told| match &told.met {
        Some(Met::Read { number, .. }) => number.as_ref(),
        _ => None,
    })
}

fn step(told: &Told, found: &[Finding], names: &Names) -> StepLine {
    let stop = told.word.as_ref().map(|word| {
        let finding = found.iter().find(|finding| finding.word == *word && finding.target == told.target);
        let word = texts::word(word.clone());
        Stop {
            label: word.label,
            explanation: word.explanation,
            detail: finding.and_then(|finding| finding.detail.as_ref().map(texts::said)),
            next_step: to_do(&word),
            advice: links::code(word.word),
        }
    });
    StepLine {
        badge: Badge::of_outcome(told.ok),
        name: name(told.step),
        target: told.target.as_ref().map(|target| names.label(target)),
        says: told.met.as_ref().map(met).unwrap_or_default(),
        stop,
    }
}

/// What people call a step; finding out where it goes is a step of trials alone.
fn name(step: &str) -> &'static str {
    let known = Step::ALL.iter().find(|known| known.as_str() == step);
    known.map_or_else(|| say("trial-step-plan"), |known| texts::word(known.in_words()).label)
}

fn met(met: &Met) -> Vec<String> {
    match met {
        Met::Read { number, total, order } => {
            let number = number.clone().unwrap_or_else(|| say("trial-no-tracking").to_owned());
            let what =
                total.as_ref().map_or_else(|| number.clone(), |total| format!("{number}, {}", texts::money(total)));
            let order = order.as_ref().map_or_else(
                || say("trial-no-order").to_owned(),
                |order| say_with("trial-order", "order", order.as_str()),
            );
            vec![what, order]
        }
        Met::Goes { operation, order } => {
            let what = texts::word(operation.in_words()).label;
            vec![fill("trial-goes", [("what", what.into()), ("order", order.as_str().into())])]
        }
        Met::Clear => vec![say("trial-clear").to_owned()],
        Met::There(number) => vec![say_with("trial-there", "number", number.as_str())],
        Met::NotThere => vec![say("trial-not-yet").to_owned()],
        Met::Calls(0) => vec![say("trial-no-call").to_owned()],
        Met::Calls(calls) => vec![say_n("trial-calls", *calls)],
    }
}

fn compared(one: &Compared, names: &Names) -> ComparedLine {
    let (name, about) = match one.code {
        "currency" => (say("trial-currency"), Some(HoldReason::OrderMismatch.as_str())),
        "total" => (say("trial-total"), Some(HoldReason::OrderMismatch.as_str())),
        "vat" => (say("trial-vat"), None),
        "lines" => (say("trial-lines"), Some(HoldReason::LinesUnmatched.as_str())),
        "pdf" => (say("trial-pdf"), Some(Code::NotAPdf.as_str())),
        "pdf_size" => (say("trial-pdf-size"), None),
        _ => (say("trial-file-name"), None),
    };
    let value = |text: &String| match text.parse::<i64>() {
        Ok(bytes) if one.code == "pdf_size" => {
            fill("trial-bytes", [("n", bytes.into()), ("count", texts::number(bytes.into()).into())])
        }
        _ => text.clone(),
    };
    ComparedLine {
        name,
        target: names.label(&one.target),
        ours: value(&one.ours),
        theirs: one.theirs.as_ref().map(value),
        badge: Badge::of_outcome(one.ok),
        advice: about.filter(|_| !one.ok).map(links::code),
    }
}

fn standing(one: &Standing, names: &Names) -> StandingLine {
    let kind = SubjectKind::from_word(one.kind).unwrap_or(SubjectKind::Document);
    let amount = |total| texts::number(total) + "\u{a0}" + one.currency.as_deref().unwrap_or_default();
    StandingLine {
        what: texts::word(kind.in_words()).label,
        target: names.label(&one.target),
        number: one.number.clone().unwrap_or_else(|| one.remote_id.clone()),
        total: one.total.map(amount),
        at: one.at.map(texts::instant),
    }
}

fn request(one: &Value, names: &Names) -> RequestLine {
    let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let headers = one.get("headers").and_then(Value::as_object).into_iter().flatten();
    let headers = headers.map(|(name, value)| format!("{name}: {}", value.as_str().unwrap_or_default()));
    let body = one.get("body").filter(|body| !body.is_null()).map(|body| match body {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    });
    RequestLine {
        target: names.label(&ConnectionId::new(text("target"))),
        method: text("method"),
        url: text("url"),
        headers: headers.collect::<Vec<_>>().join("\n"),
        body,
    }
}
