//! Why an export stands where it stands: what its page of advice is about.

use crate::texts;
use domain::{Export, InWords, State, Word};

/// What it waits for, or why it failed or was left out, if anything.
pub(crate) fn why(export: &Export) -> Option<Word> {
    let hold = export.hold.as_ref().map(|hold| texts::word(hold.reason.in_words()));
    let failed = || export.attempt_log.last().map(|attempt| texts::word(attempt.code.in_words()));
    let coded = || export.code.map(|code| texts::word(code.in_words()));
    match export.state {
        State::Held | State::Expired => hold,
        State::Retrying | State::Dead => coded().or_else(failed),
        State::Skipped => coded().or_else(|| export.skip.as_ref().map(|skip| texts::word(skip.reason.in_words()))),
        State::Sending | State::Accepted | State::Delivered | State::Uncertain | State::Planned => None,
    }
}
