//! A trial: what would go out, and how far it would come.

use super::shapes::amount;
use export_flow::person::{Compared, Finding, Standing, Told, Trial};
use serde_json::{Value, json};

pub(super) fn shape(trial: &Trial) -> Value {
    let exports: Vec<Value> = trial.exports.iter().map(|(id, target)| json!({"id": id, "target": target})).collect();
    json!({
        "requests": trial.requests,
        "preflight": trial.preflight.iter().map(finding).collect::<Vec<_>>(),
        "already_there": trial.already_there.first(),
        "exports": exports,
        "steps": trial.steps.iter().map(step).collect::<Vec<_>>(),
        "compared": trial.compared.iter().map(compared).collect::<Vec<_>>(),
        "standing": trial.standing.iter().map(standing).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "target": finding.target, "kind": finding.kind, "reason": finding.word.word, "label": finding.word.label,
        "detail": finding.detail, "next_step": finding.word.next_step,
    })
}

fn step(told: &Told) -> Value {
    let word = told.word.as_ref();
    json!({
        "step": told.step, "target": told.target, "ok": told.ok, "says": told.says,
        "code": word.map(|word| word.word), "label": word.map(|word| word.label),
        "next_step": word.map(|word| word.next_step),
    })
}

fn compared(compared: &Compared) -> Value {
    let Compared { target, code, ok, ours, theirs } = compared;
    json!({"target": target, "code": code, "ok": ok, "ours": ours, "theirs": theirs})
}

fn standing(standing: &Standing) -> Value {
    json!({
        "target": standing.target, "kind": standing.kind, "remote_id": standing.remote_id, "number": standing.number,
        "total": standing.total.map(amount), "currency": standing.currency, "at": standing.at,
    })
}
