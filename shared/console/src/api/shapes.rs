//! What the API answers: each shape is written once, here.

use crate::why::why;
use domain::{
    Advice, Attempt, Code, Connection, Export, ExportId, Finding, Hold, InWords, Note, Operation, Parcel, Receipt,
    Skip, State, TellOutcome, Word,
};
use export_flow::connections::{DocumentLine, Lack, SwitchOffered};
use export_flow::jobs::{BATCH_EXPORT, Filter, Group};
use export_flow::person::{Shipment, Taken};
use export_flow::ports::{DocumentItem, Halt, Job, ParcelItem};
use export_flow::refused::FieldError;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// An export; `log`: with its attempt log, which lists leave out.
pub(crate) fn export(export: &Export, log: bool) -> Value {
    let subject = &export.key.subject;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        object.insert(name.to_owned(), value);
    };
    put("id", json!(export.id));
    put("tenant", json!(export.key.tenant));
    put("order", json!(export.order));
    put("operation", json!(export.key.operation));
    put(
        "subject",
        json!({"kind": export.read_as.unwrap_or(subject.kind), "id": subject.id, "number": export.numbers.first()}),
    );
    put("source", json!(export.key.source));
    put("target", json!(export.key.target));
    put("state", json!(export.state));
    put("code", json!(code(export)));
    put("attempts", json!(export.attempts));
    put("created_at", json!(export.created_at));
    put("changed_at", json!(export.changed_at));
    put("duplicates", json!(export.shared.duplicates));
    put("revision", json!(export.revision_number));
    put("in_doubt", json!(export.in_doubt.is_some()));
    put("due_at", json!(due_at(export)));
    put("hold", json!(export.hold.as_ref().map(hold)));
    put("skip", json!(export.skip.as_ref().filter(|_| export.state == State::Skipped).map(skip)));
    put("became", if export.became.is_empty() { Value::Null } else { json!(export.became) });
    put("receipt", json!(export.receipt.as_ref().map(receipt)));
    put("next_step", json!(next_step(export)));
    put("advice", json!(why(export).map(|word| Advice::path(word.word))));
    put("notes", Value::Array(export.notes.iter().map(note).collect()));
    if log {
        put("earlier_receipts", Value::Array(export.earlier_receipts.iter().map(receipt).collect()));
        put("attempt_log", Value::Array(export.attempt_log.iter().map(attempt).collect()));
    }
    Value::Object(object)
}

/// What the state means, where one word is not enough.
fn code(export: &Export) -> Option<&'static str> {
    let skipped = export.skip.as_ref().filter(|_| export.state == State::Skipped);
    export.code.map(Code::as_str).or_else(|| skipped.map(|skip| skip.reason.as_str()))
}

/// While a run has it, the time is its lease's and means nothing to people.
fn due_at(export: &Export) -> Option<jiff::Timestamp> {
    export.due_at.filter(|_| matches!(export.state, State::Retrying | State::Held))
}

/// What a person can do, by what is known best: the hold, the code, the state.
pub(crate) fn next_step(export: &Export) -> &'static str {
    let word: Word = match export.state {
        State::Held => export.hold.as_ref().map_or_else(|| export.state.in_words(), |hold| hold.reason.in_words()),
        State::Dead => export.code.map_or_else(|| export.state.in_words(), InWords::in_words),
        State::Skipped => match (export.code, &export.skip) {
            (Some(code), _) => code.in_words(),
            (None, Some(skip)) => skip.reason.in_words(),
            (None, None) => export.state.in_words(),
        },
        state => state.in_words(),
    };
    word.next_step
}

/// A page of advice.
pub(crate) fn advice(advice: &Advice) -> Value {
    let Word { kind, word, label, explanation, next_step } = advice.word;
    json!({
        "code": word, "family": kind, "label": label, "explanation": explanation, "next_step": next_step,
        "page": Advice::path(word),
        "advice": {
            "what_happened": advice.what_happened, "why": advice.why, "by_itself": advice.by_itself,
            "what_to_do": advice.what_to_do, "repaired": advice.repaired,
        },
    })
}

/// A group of dead letters, with the filter that means exactly these.
pub(crate) fn group(group: &Group, within: &Filter) -> Value {
    let word = group.code.map_or_else(|| State::Dead.in_words(), InWords::in_words);
    let code = group.code.map(|code| code.as_str().to_owned());
    let filter = Filter { at: Some(group.connection.clone()), code: code.clone(), ..within.clone() };
    json!({
        "code": code, "connection": group.connection, "count": group.count, "oldest": group.oldest,
        "newest": group.newest, "ids": group.ids, "label": word.label, "explanation": word.explanation,
        "next_step": word.next_step, "advice": group.code.map(|code| Advice::path(code.as_str())), "filter": filter,
    })
}

fn hold(hold: &Hold) -> Value {
    let word = hold.reason.in_words();
    json!({
        "reason": hold.reason, "since": hold.since, "until": hold.until, "last_day": hold.last_day,
        "detail": hold.detail, "connection": hold.connection, "unmapped": hold.unmapped, "label": word.label, "next_step": word.next_step,
    })
}

fn skip(skip: &Skip) -> Value {
    json!({"reason": skip.reason, "detail": skip.detail, "label": skip.reason.in_words().label})
}

fn receipt(receipt: &Receipt) -> Value {
    json!({"remote_id": receipt.remote_id, "number": receipt.number, "at": receipt.at, "proof": receipt.proof})
}

fn note(note: &Note) -> Value {
    json!({"at": note.at, "outcome": note.outcome, "note": note.note, "by": note.by, "job": note.job})
}

fn attempt(attempt: &Attempt) -> Value {
    json!({
        "at": attempt.at, "step": attempt.step, "status": attempt.status, "code": attempt.code,
        "message": attempt.message,
    })
}

/// What a connection's JSON says beside what is stored.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) webhook_url: Option<String>,
    pub(crate) offers: Vec<Operation>,
    /// The connector's secrets, set or not.
    pub(crate) secrets: Vec<&'static str>,
    pub(crate) missing: Vec<String>,
    pub(crate) switches_offered: Vec<SwitchOffered>,
    pub(crate) now_eligible: Option<u64>,
    /// When its secrets end, if somebody has said so.
    pub(crate) expires_at: Option<Timestamp>,
    /// How long old secrets of webhooks are accepted.
    pub(crate) rotation_overlap: SignedDuration,
    /// What is doubtful about what was just written.
    pub(crate) warnings: Vec<FieldError>,
}

/// A connection. Of a secret only whether and since when it is set.
pub(crate) fn connection(connection: &Connection, beside: &Beside) -> Value {
    let mut secrets = Map::new();
    for name in &beside.secrets {
        secrets.insert((*name).to_owned(), json!({"set": false, "changed_at": null}));
    }
    for (name, secret) in &connection.secrets {
        secrets.insert(name.clone(), json!({"set": true, "changed_at": secret.changed_at}));
    }
    for (name, more) in exchanged(connection, beside.rotation_overlap) {
        if let Some(secret) = secrets.get_mut(&name).and_then(Value::as_object_mut) {
            secret.extend(more);
        }
    }
    json!({
        "id": connection.id,
        "tenant": connection.tenant,
        "role": connection.role,
        "connector": connection.connector,
        "label": connection.label,
        "state": connection.state,
        "settings": connection.settings,
        "secrets": secrets,
        "switches": connection.switches,
        "rules": connection.rules,
        "mappings": connection.mappings,
        "webhook_url": beside.webhook_url,
        "offers": beside.offers,
        "missing": beside.missing,
        "switches_offered": beside.switches_offered.iter().map(switch_offered).collect::<Vec<Value>>(),
        "pause": connection.pause,
        "last_error": connection.last_error,
        "now_eligible": beside.now_eligible,
        "warnings": beside.warnings,
        "check": connection.check,
        "expires_at": beside.expires_at,
        "created_at": connection.created_at,
        "changed_at": connection.changed_at,
    })
}

fn switch_offered(offered: &SwitchOffered) -> Value {
    let lack = |lack: &Lack| json!({"code": lack.as_str(), "label": lack.text()});
    json!({
        "switch": offered.switch, "on": offered.on, "operation": offered.operation, "promise": offered.promise,
        "guarantee": offered.guarantee, "needs": offered.needs.iter().map(lack).collect::<Vec<Value>>(),
    })
}

/// What is said of secrets that are being exchanged, by name: of a new one since when it waits and why, of an old one how
/// long it is accepted.
fn exchanged(connection: &Connection, overlap: SignedDuration) -> Vec<(String, Map<String, Value>)> {
    let rotation = &connection.rotation;
    let mut said = vec![];
    for former in &rotation.former {
        let until = domain::ends(former.replaced_at, former.until, overlap);
        said.push((former.name.clone(), Map::from_iter([("old_until".to_owned(), json!(until))])));
    }
    if let Some(pending) = &rotation.pending {
        for name in pending.secrets.keys() {
            let waits = json!({
                "set": true, "since": pending.since, "tried_at": pending.tried_at, "code": pending.failure,
                "next_try": pending.next_try,
            });
            said.push((name.clone(), Map::from_iter([("pending".to_owned(), waits)])));
        }
    }
    said
}

/// A job.
pub(crate) fn job(job: &Job) -> Value {
    let halt = |halt: &Halt| json!({"reason": halt.reason, "label": label(&halt.reason), "detail": halt.detail, "until": halt.until});
    let (waits, failure) = match job.state.as_str() {
        "running" => (job.halt.as_ref().map(halt), None),
        _ => (None, job.halt.as_ref().map(halt)),
    };
    let asked = |name: &str| job.request.get(name).filter(|_| job.kind == BATCH_EXPORT);
    json!({
        "id": job.id, "kind": job.kind, "state": job.state, "dry_run": job.dry_run, "found": job.found,
        "matched": job.matched, "already_delivered": job.already_delivered, "queued": job.queued,
        "redriven": job.redriven, "dismissed": job.dismissed, "ids": job.ids, "created_at": job.created_at,
        "changed_at": job.changed_at, "source": asked("source"), "target": asked("target"), "since": asked("since"),
        "operations": asked("operations"), "by": job.request.get("by"), "waits": waits, "failure": failure,
    })
}

/// What people call the word of a state, reason or code, or of an outlook.
pub(crate) fn label(word: &str) -> &'static str {
    match word {
        "not_seen" => "Not seen yet",
        "changed" => "Changed at the source",
        "outside" => "Not asked for",
        _ => domain::words().into_iter().find(|known| known.word == word).map_or("", |known| known.label),
    }
}

/// An amount as people write it: never fewer than two decimals, and as many as there are.
pub(crate) fn amount(mut amount: Decimal) -> String {
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string()
}

/// What was found about an export.
pub(crate) fn finding(finding: &Finding) -> Value {
    let resolved = finding
        .resolved
        .as_ref()
        .map(|resolved| json!({"at": resolved.at, "how": resolved.how, "by": resolved.by, "note": resolved.note}));
    let next_step = finding.is_open().then(|| finding.code.next_step());
    json!({
        "export": finding.export, "code": finding.code, "label": finding.code.label(), "at": finding.at,
        "next_step": next_step, "advice": Advice::path(finding.code.as_str()), "resolved": resolved,
    })
}

/// A document of a timeline.
pub(crate) fn document(document: &DocumentItem) -> Value {
    json!({
        "id": document.id, "source": document.source, "kind": document.kind, "number": document.number,
        "total": amount(document.total.amount), "currency": document.total.currency,
        "version_at": document.version_at, "seen_at": document.seen_at,
    })
}

/// A parcel of a timeline.
pub(crate) fn parcel(item: &ParcelItem) -> Value {
    let Parcel { id, tracking_numbers, carrier, tracking_url, state, states, .. } = &item.parcel;
    let states: Vec<Value> =
        states.iter().map(|change| json!({"state": change.state, "at": change.at, "raw": change.raw})).collect();
    json!({
        "id": id, "source": item.source, "tracking_number": tracking_numbers.first(),
        "tracking_numbers": tracking_numbers, "carrier": carrier.as_ref().map(|c| &c.code),
        "carrier_name": carrier.as_ref().map(|c| &c.name), "tracking_url": tracking_url, "delivery_state": state,
        "states": states, "seen_at": item.seen_at,
    })
}

/// A parcel that was told, and what became of its line.
pub(crate) fn shipment(told: &Shipment, taken: &Taken, export: Option<ExportId>) -> Value {
    let outcome = match taken {
        Taken::Accepted(_) => TellOutcome::Accepted,
        Taken::Known(_) => TellOutcome::Known,
        Taken::Refused(_) => TellOutcome::Refused,
    };
    let mut line = json!({
        "source": told.source, "shipment": told.shipment, "order": told.order, "outcome": outcome, "export": export,
    });
    if let (Taken::Refused(error), Some(line)) = (taken, line.as_object_mut()) {
        line.insert("error".into(), json!(error));
    }
    line
}

/// A line of what a source has.
pub(crate) fn line(line: &DocumentLine) -> Value {
    let changed = &line.changed;
    let exports: Vec<Value> = line
        .exports
        .iter()
        .map(|e| json!({"id": e.id, "operation": e.key.operation, "target": e.key.target, "state": e.state, "code": code(e)}))
        .collect();
    json!({
        "id": changed.hint.subject.id, "kind": changed.hint.subject.kind, "number": changed.number,
        "order": changed.order_reference, "changed_at": changed.version_at, "exports": exports,
        "outlook": {"fate": line.outlook.fate.as_str(), "why": line.outlook.why, "label": label(line.outlook.why)},
    })
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_have_two_decimals_or_as_many_as_there_are() {
        for (given, shown) in [("1210", "1210.00"), ("1210.0", "1210.00"), ("-0.5", "-0.50"), ("0.125", "0.125")] {
            assert_eq!(amount(given.parse().unwrap()), shown);
        }
    }
}
