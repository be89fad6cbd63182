//! What must be true, whatever went wrong: while it runs, and when everything is at rest.

use crate::drive::Drive;
use crate::flows::Flow;
use domain::{ATTEMPTS_MAX, Code, Export, ExportId, State};
use export_flow::ports::{DeadCopy, Ledger as _};
use std::collections::BTreeMap;

/// Looks at every record after every message.
#[derive(Default)]
pub(crate) struct Watch {
    known: BTreeMap<ExportId, Seen>,
    broken: Vec<String>,
    died: bool,
}

#[derive(Default)]
struct Seen {
    attempts: u32,
    revision: u32,
    /// Length of the log when the counting began anew.
    since: usize,
    logged: usize,
    state: Option<State>,
}

impl Watch {
    pub(crate) fn broken(&mut self, what: String) {
        if !self.broken.contains(&what) {
            self.broken.push(what);
        }
    }

    /// Attempts are three at most and are those of the log since the beginning, the last redrive or the last revision.
    pub(crate) fn see(&mut self, exports: &[Export]) {
        for export in exports {
            let seen = self.known.entry(export.id.clone()).or_default();
            if export.attempts < seen.attempts {
                let ended = matches!(seen.state, Some(State::Dead | State::Uncertain | State::Expired));
                seen.since = export.attempt_log.len() - usize::try_from(export.attempts).unwrap();
                if !ended && export.revision_number == seen.revision {
                    self.broken.push(format!("{} forgot attempts while {:?}", name(export), seen.state));
                }
            }
            let counted = export.attempt_log[seen.since..].len();
            if usize::try_from(export.attempts) != Ok(counted) && export.code != Some(Code::Crashed) {
                self.broken.push(format!("{} has {} attempts and {counted} in its log", name(export), export.attempts));
            }
            self.died |= export.state == State::Dead;
            if export.attempts > ATTEMPTS_MAX {
                self.broken.push(format!("{} made attempt {}", name(export), export.attempts));
            }
            let proof = export.receipt.as_ref().is_some_and(|receipt| !receipt.proof.is_null());
            if export.state == State::Delivered && (!proof || export.in_doubt.is_some()) {
                self.broken.push(format!("{} is delivered without proof or in doubt", name(export)));
            }
            if export.attempt_log.len() < seen.logged {
                self.broken.push(format!("{} lost some of its log", name(export)));
            }
            seen.logged = export.attempt_log.len();
            (seen.attempts, seen.revision, seen.state) = (export.attempts, export.revision_number, Some(export.state));
        }
    }

    /// At rest, before anybody has decided anything: what is dead tells all about it, in record and copy.
    pub(crate) fn before_person(&mut self, exports: &[Export], buried: &[DeadCopy]) {
        for export in exports {
            let copies = buried.iter().filter(|copy| copy.export.id == export.id).count();
            if copies != usize::from(export.state == State::Dead) {
                self.broken(format!("{} is {:?} and has {copies} dead letters", name(export), export.state));
            }
            let told = |attempt: &domain::Attempt| !attempt.message.is_empty();
            if export.state == State::Dead && (export.attempt_log.is_empty() || !export.attempt_log.iter().all(told)) {
                self.broken(format!("{} is dead and does not say why", name(export)));
            }
        }
    }
}

fn name(export: &Export) -> String {
    let target = export.key.target.as_ref().map_or("nobody", |target| target.as_str());
    format!("{} {} to {target}", export.key.operation.as_str(), export.key.subject.id)
}

/// Everything that is not as it must be at the end. `vendors`: how many faults were a vendor's.
pub(crate) async fn broken(drive: &Drive, flow: &Flow, vendors: usize) -> Vec<String> {
    let mut broken = drive.watch.broken.clone();
    let exports = drive.ledger.all();
    for export in &exports {
        if !matches!(export.state, State::Delivered | State::Planned | State::Skipped) {
            broken.push(format!("{} ends {:?} {:?} {:?}", name(export), export.state, export.code, export.hold));
        }
        if export.state == State::Delivered {
            broken.extend(unproven(drive, export));
        }
    }
    let effects = drive.world.effects();
    for (n, effect) in effects.iter().enumerate() {
        if effects[..n].iter().any(|e| e.host == effect.host && e.revision == effect.revision && e.key == effect.key) {
            broken.push(format!("{} {} was done twice", effect.host, effect.key));
        }
    }
    if !flow.effects.contains(&effects.len()) {
        let keys: Vec<&str> = effects.iter().map(|effect| effect.key.as_str()).collect();
        broken.push(format!("{} effects: {keys:?}", effects.len()));
    }
    for subject in &drive.told {
        if !exports.iter().any(|e| e.key.subject.id == subject.id && e.key.target.is_some()) {
            broken.push(format!("nothing is known of {}", subject.id));
        }
    }
    for connection in drive.ledger.all_connections().await.unwrap() {
        if !connection.is_usable() {
            broken.push(format!("{} is still paused", connection.id));
        }
    }
    for job in drive.ledger.jobs(&domain::TenantId::local(), 100, None).await.unwrap().items {
        let (found, queued) = (job.found, job.matched == job.queued);
        if job.state != "done" || (flow.history && (found != Some(3) || !queued)) {
            broken.push(format!("job {} ends {} with {found:?} found", job.kind, job.state));
        }
    }
    if !drive.queue.all().is_empty() || !drive.queue.buried().is_empty() {
        broken.push("something is left on the queue".to_owned());
    }
    let logged = attempts_logged(drive);
    if !flow.fails && logged > vendors {
        broken.push(format!("{logged} attempts were counted"));
    }
    // Where a vendor is away already, one more failure of a vendor may be a third one.
    if !flow.dies && drive.watch.died && (vendors == 0 || !flow.fails) {
        broken.push("something was a dead letter".to_owned());
    }
    broken
}

/// `delivered` only with a receipt that names what is there, and in the revision on record.
fn unproven(drive: &Drive, export: &Export) -> Option<String> {
    let target = export.key.target.as_ref()?.as_str();
    let effects = drive.world.effects();
    let hash = export.revision.as_ref().map(|revision| revision.hash.as_str());
    let same = effects.iter().filter(|effect| effect.host == target && Some(effect.revision.as_str()) == hash);
    let receipt = export.receipt.as_ref()?;
    let by_person = receipt.proof["by"] == "person";
    let mut same = same.map(|effect| effect.id.as_str());
    let named = same.any(|id| by_person || id == receipt.remote_id);
    (!named).then(|| format!("{} is delivered, and {} is not there: {effects:?}", name(export), receipt.remote_id))
}

/// Failed attempts in all logs.
fn attempts_logged(drive: &Drive) -> usize {
    drive.ledger.look(|exports| exports.iter().map(|export| export.attempt_log.len()).sum())
}
