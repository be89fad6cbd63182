//! A source that changes while its export is under way: which version is the newest, whose doubt it is, and whether what
//! was to be carried anew is there already.

use crate::claiming::Won;
use crate::look::{Blamed, Looked};
use connectors::{Account, Stop};
use domain::{Doubt, Export, HoldReason, Receipt, Revision, State, remark};

/// The newest version of the source that any run has met.
pub(crate) fn newest_known(export: &Export) -> Option<&Revision> {
    // Of equal ones the last counts, as in a claim: the noted one was met later.
    export.revision.iter().chain(&export.shared.noted).max_by_key(|revision| revision.version_at)
}

/// Whether an export is done, and a newer revision was noted while the run that ended it was busy.
pub(crate) fn has_newer(export: &Export) -> bool {
    let settled = matches!(export.state, State::Delivered | State::Skipped | State::Planned);
    let newer = |noted: &Revision| {
        let known = export.revision.as_ref();
        known.is_none_or(|known| !noted.same_content(known) && noted.version_at >= known.version_at)
    };
    settled && export.shared.noted.as_ref().is_some_and(newer)
}

/// The source told an older version than one it had told before: it is not sent, and the source is asked again.
pub(crate) fn older_than_known(won: &Won, looked: &Looked, source: &Account) -> Option<(Blamed, Revision)> {
    let known = won.old.as_ref().and_then(newest_known)?;
    (looked.revision.version_at < known.version_at).then(|| {
        let detail = remark::older_version(looked.revision.version_at, known.version_at);
        let stop = Stop::hold(HoldReason::DocumentNotReady, Some(detail));
        (Blamed::quiet(stop, source.connection.id.clone()), known.clone())
    })
}

/// The revision in doubt, if it is known to be another one than that at hand.
pub(crate) fn about_another<'a>(doubt: &'a Doubt, at_hand: &Revision) -> Option<&'a Revision> {
    doubt.revision.as_ref().filter(|called| !called.same_content(at_hand))
}

/// The same for every send of one revision of one export: the one that its call in doubt had, else made of the revision's
/// number and hash, so that a content that comes back as a newer revision has another.
pub(crate) fn idempotency_key(export: &Export, at_hand: &Revision, doubt: Option<&Doubt>) -> String {
    let same = |doubt: &&Doubt| doubt.revision.as_ref().is_some_and(|called| called.same_content(at_hand));
    let called = doubt.filter(same);
    if let Some(key) = called.and_then(|doubt| doubt.key.clone()) {
        return key;
    }
    let hash = called.and_then(|doubt| doubt.revision.as_ref()).unwrap_or(at_hand).hash.replace(':', "-");
    format!("{}-{}-{hash}", export.id, export.revision_number)
}

/// What was to be carried anew may turn out to be what was delivered, and no call since is in doubt: then the proof
/// stays what it was.
pub(crate) fn unchanged_since_delivery(won: &Won, looked: &Looked) -> Option<(Export, Receipt)> {
    let old = won.old.as_ref().filter(|old| old.in_doubt.is_none())?;
    won.export.carried.as_ref().filter(|carried| carried.same_content(&looked.revision))?;
    let mut export = won.export.clone();
    let receipt = export.earlier_receipts.pop()?;
    export.revision_number = export.revision_number.saturating_sub(1).max(1);
    if old.state == State::Delivered {
        export.attempts = old.attempts;
    }
    Some((export, receipt))
}

/// Whether nothing else was on its way since the delivery.
pub(crate) fn still_stands(won: &Won) -> bool {
    won.old.as_ref().is_some_and(|old| old.state == State::Delivered)
}
