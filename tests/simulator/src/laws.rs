//! What must hold: after every step, and when nothing is left to do.

use crate::machine::{Machine, id_of, number_of, source_of};
use crate::schedule::{Class, Kind, Thing};
use connectors::Clock as _;
use domain::{ATTEMPT_LOG_MAX, ATTEMPTS_MAX, Code, Export, HoldReason, Operation, State};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use testkit::practice::Effect;

/// A law that does not hold, in words.
pub(crate) type Broken = String;

/// Keeps what was looked at already.
#[derive(Default)]
pub(crate) struct Watch {
    done: usize,
    /// Of every export, in the order in which they were made.
    before: Vec<Before>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Before {
    state: State,
    claim: u64,
    lease_until: Option<Timestamp>,
    version: Option<Timestamp>,
}

impl Watch {
    /// After every step.
    pub(crate) fn step(&mut self, machine: &mut Machine) -> Result<(), Broken> {
        let done = machine.world.done();
        if done != self.done {
            self.done = done;
            no_effect_twice(machine)?;
        }
        for subject in std::mem::take(&mut machine.acknowledged) {
            let kept = machine.ledger.look(|exports| {
                exports.iter().any(|export| export.key.subject.id.split('~').next() == Some(&subject.id))
            });
            if !kept && !machine.is_handed_on(&subject) {
                return Err(format!("the event of {} was acknowledged and nothing was recorded", subject.id));
            }
        }
        let sound = !machine.schedule.unhurried && machine.trouble.spared_the_runs();
        let now = machine.clock.now();
        machine.ledger.look(|exports| {
            for (index, export) in exports.iter().enumerate() {
                let after = Before {
                    state: export.state,
                    claim: export.claim,
                    lease_until: export.lease_until,
                    version: export.revision.as_ref().map(|revision| revision.version_at),
                };
                match self.before.get_mut(index) {
                    Some(before) if *before == after => continue,
                    Some(before) => {
                        claims(export, before, now)?;
                        *before = after;
                    }
                    None => self.before.push(after),
                }
                machine.trouble.tell(|| shown(export));
                if sound && export.unrecorded > 1 {
                    return Err(format!(
                        "{}: nothing interrupted its runs, and one ended without an outcome",
                        named(export)
                    ));
                }
                attempts(export)?;
            }
            Ok(())
        })
    }
}

fn shown(export: &Export) -> String {
    let doubt = export.in_doubt.as_ref().map(|doubt| doubt.revision.as_ref().map(|revision| &revision.gist));
    format!(
        "  = {}: {}, claim {}, revision {} {:?}, in doubt {doubt:?}",
        named(export),
        export.state.as_str(),
        export.claim,
        export.revision_number,
        export.revision.as_ref().map(|revision| &revision.gist)
    )
}

/// A claim is nobody else's while its lease runs, and no run writes that has lost it.
fn claims(export: &Export, before: &Before, now: Timestamp) -> Result<(), Broken> {
    let id = named(export);
    if export.claim < before.claim {
        return Err(format!("{id}: a run that had lost its claim has written"));
    }
    let alive = before.state == State::Sending && before.lease_until.is_some_and(|until| until > now);
    if export.claim > before.claim && alive {
        return Err(format!("{id}: claimed while another run had it"));
    }
    if export.revision.as_ref().map(|revision| revision.version_at) < before.version {
        return Err(format!("{id}: an older version has replaced a newer one"));
    }
    Ok(())
}

fn attempts(export: &Export) -> Result<(), Broken> {
    let id = named(export);
    if export.attempts > ATTEMPTS_MAX {
        return Err(format!("{id}: {} attempts", export.attempts));
    }
    let crashed = export.code == Some(Code::Crashed);
    if export.state == State::Dead && export.attempts < ATTEMPTS_MAX && !crashed {
        return Err(format!("{id}: dead after {} attempts", export.attempts));
    }
    let logged = u32::try_from(export.attempt_log.len()).unwrap_or(u32::MAX);
    let whole = export.attempt_log.len() < ATTEMPT_LOG_MAX;
    if whole && export.attempts > logged {
        return Err(format!("{id}: {} attempts, {logged} of them in the log", export.attempts));
    }
    Ok(())
}

/// Exactly one effect per revision. What took effect beyond the bound is counted apart.
fn no_effect_twice(machine: &Machine) -> Result<(), Broken> {
    let beyond = machine.trouble.beyond();
    for ((host, order, key, revision), count) in counted(&machine.world.effects()) {
        if count > revisions_alike(machine, &key) && !beyond.contains(&format!("/effects/{order}")) {
            return Err(format!("{key} was done {count} times to {order} at {host}, revision {revision}"));
        }
    }
    Ok(())
}

/// A document that was changed and changed back has two revisions of the same content, and a market is sent both if it
/// holds the one in between.
fn revisions_alike(machine: &Machine, number: &str) -> usize {
    let things = machine.schedule.things.iter().enumerate();
    let changes = things.filter(|(index, _)| number_of(*index) == number).map(|(_, thing)| thing.changes.len()).max();
    if changes == Some(2) { 2 } else { 1 }
}

type Deed = (String, String, String, String);

fn counted(effects: &[Effect]) -> BTreeMap<Deed, usize> {
    let mut counts = BTreeMap::new();
    for effect in effects {
        let Effect { host, order, key, revision, .. } = effect.clone();
        *counts.entry((host, order, key, revision)).or_default() += 1;
    }
    counts
}

/// How many effects there are too many of, by nobody's promise.
pub(crate) fn doubled_beyond(machine: &Machine) -> u64 {
    let beyond = machine.trouble.beyond();
    let effects = counted(&machine.world.effects()).into_iter();
    let doubled = effects.filter(|((_, order, ..), _)| beyond.contains(&format!("/effects/{order}")));
    doubled.map(|(_, count)| u64::try_from(count.saturating_sub(1)).unwrap_or(0)).sum()
}

/// When nothing is left to do and nobody has helped: whatever is not at its end is there to be seen and comes by itself.
pub(crate) fn at_rest(machine: &Machine) -> Result<(), Broken> {
    let buried: BTreeSet<_> = machine.queue.buried().into_iter().map(|copy| copy.export.id).collect();
    machine.ledger.look(|exports| {
        for export in exports {
            let id = named(export);
            match export.state {
                State::Delivered | State::Skipped | State::Planned | State::Expired => {}
                State::Dead if buried.contains(&export.id) => {}
                State::Dead => return Err(format!("{id}: dead, and no copy in the dead-letter queue")),
                State::Uncertain if class_of(export) == Some(Class::U) => {}
                State::Held if export.due_at.is_some() => {}
                other => return Err(format!("{id}: left {} ({:?})", other.as_str(), export.hold)),
            }
        }
        Ok(())
    })
}

/// When people have done their part too: everything arrived, with proof.
pub(crate) fn at_the_end(machine: &Machine) -> Result<(), Broken> {
    no_effect_twice(machine)?;
    let effects = machine.world.effects();
    for (index, thing) in machine.schedule.things.iter().enumerate() {
        arrived(machine, index, thing, &effects)?;
    }
    Ok(())
}

fn arrived(machine: &Machine, index: usize, thing: &Thing, effects: &[Effect]) -> Result<(), Broken> {
    let (source, subject) = source_of(index, thing);
    let id = id_of(index);
    let found = machine.ledger.look(|exports| {
        let it = |export: &&Export| export.key.source == source && export.key.subject.id == subject.id;
        exports.iter().filter(it).find(|export| export.key.operation != Operation::Look).cloned()
    });
    let Some(export) = found else { return Err(format!("nothing was made of {id}")) };
    let (host, number) = (thing.class.host(), number_of(index));
    let ours = |effect: &&Effect| effect.host == host && effect.order == thing.order && effect.key == number;
    if export.state == State::Held && has_other(&export) && thing.class == Class::N && effects.iter().any(|e| ours(&e))
    {
        // The market refuses another content under the same number; a person sees that.
        return Ok(());
    }
    if export.state != State::Delivered {
        return Err(format!("{id} is {} ({:?}, {:?})", export.state.as_str(), export.code, export.hold));
    }
    let revision = export.revision.as_ref().map(|revision| revision.hash.clone()).unwrap_or_default();
    let Some(effect) = effects.iter().filter(ours).find(|effect| effect.revision == revision) else {
        return Err(format!("{id} is delivered and nothing of revision {revision} is there"));
    };
    let receipt = export.receipt.as_ref().map_or("", |receipt| receipt.remote_id.as_str());
    if !receipt.is_empty() && !effects.iter().filter(ours).any(|effect| effect.id == receipt) {
        return Err(format!("{id}: its receipt names {receipt}, which is nothing of it"));
    }
    let total = thing.changes.last().map_or("100", |(_, total)| total.trim_end_matches('0').trim_end_matches('.'));
    let gist = export.revision.as_ref().map(|revision| revision.gist.clone()).unwrap_or_default();
    if thing.kind == Kind::Invoice && !gist.contains(&format!("|{total}|")) {
        return Err(format!("{id}: {gist} was delivered, the source says {total}"));
    }
    if let Kind::CreditNote(of) = thing.kind {
        let invoice = effects.iter().filter(|e| e.host == host && e.key == number_of(of)).map(|e| e.at).min();
        if invoice.is_none_or(|at| at > effect.at) {
            return Err(format!("the credit note {id} came before its invoice"));
        }
    }
    Ok(())
}

fn has_other(export: &Export) -> bool {
    export.hold.as_ref().is_some_and(|hold| hold.reason == HoldReason::TargetHasOther)
}

pub(crate) fn class_of(export: &Export) -> Option<Class> {
    export.key.target.as_ref().and_then(|target| Class::of(target.as_str()))
}

fn named(export: &Export) -> String {
    format!(
        "{} {} to {}",
        export.key.operation.as_str(),
        export.key.subject.id,
        export.key.target.as_ref().map_or("nobody", |t| t.as_str())
    )
}
