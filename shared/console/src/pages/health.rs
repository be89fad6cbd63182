//! How a connection is: its pause, its last error, the steps of a check.

use super::links;
use super::view::{self, Badge, When};
use crate::texts::{self, word};
use domain::{CheckStep, Connection, ConnectionState, InWords, Pause, Word};
use jiff::Timestamp;

/// A step of a check.
pub(super) struct StepFacts {
    pub(super) name: String,
    pub(super) badge: Badge,
    /// What went wrong, in our words.
    pub(super) label: Option<&'static str>,
    /// Where more is said about that.
    pub(super) advice: Option<String>,
    /// What was said: in our words or the vendor's.
    pub(super) message: Option<String>,
    /// It was the vendor.
    pub(super) by_vendor: bool,
    pub(super) next_step: Option<&'static str>,
}

/// A pause.
pub(super) struct PauseFacts {
    pub(super) word: Word,
    pub(super) since: When,
    pub(super) next_probe: Option<When>,
    pub(super) next_step: &'static str,
}

/// The last thing that went wrong.
pub(super) struct ErrorFacts {
    pub(super) at: When,
    pub(super) label: &'static str,
    pub(super) message: String,
    /// It was the vendor who said so.
    pub(super) by_vendor: bool,
}

/// How a connection is, whatever page says it.
pub(super) struct Health {
    pub(super) badge: Badge,
    pub(super) state: Word,
    /// What that asks of a person, if anything.
    pub(super) to_do: Option<&'static str>,
    pub(super) pause: Option<PauseFacts>,
    pub(super) last_error: Option<ErrorFacts>,
    pub(super) checked: Option<When>,
    pub(super) steps: Vec<StepFacts>,
    pub(super) can_pause: bool,
    pub(super) can_resume: bool,
}

impl Health {
    /// Of a connection as it is stored.
    pub(super) fn new(connection: &Connection, now: Timestamp) -> Self {
        let state = word(connection.state.in_words());
        Self {
            badge: Badge::of_connection(connection.state),
            to_do: view::to_do(&state),
            state,
            pause: pause(connection, now),
            last_error: last_error(connection, now),
            checked: connection.check.as_ref().map(|check| When::new(check.at, now)),
            steps: steps(connection.check.as_ref().map_or(&[], |check| &check.steps)),
            can_pause: matches!(connection.state, ConnectionState::Active | ConnectionState::Unverified),
            can_resume: connection.state == ConnectionState::Paused,
        }
    }
}

/// The steps of a check.
pub(super) fn steps(steps: &[CheckStep]) -> Vec<StepFacts> {
    steps.iter().map(step).collect()
}

fn step(step: &CheckStep) -> StepFacts {
    let said = step.code.map(|code| word(code.in_words()));
    StepFacts {
        name: step_name(&step.name),
        badge: Badge::of_outcome(step.ok),
        label: said.as_ref().map(|said| said.label),
        advice: step.code.map(|code| links::code(code.as_str())),
        message: step.message.as_deref().map(|said| texts::kept(said, step.remark.as_deref())),
        by_vendor: step.remark.is_none(),
        next_step: said.map(|said| said.next_step),
    }
}

fn step_name(name: &str) -> String {
    texts::named("connections-step", name).map_or_else(|| view::humanise(name), str::to_owned)
}

/// A connection's pause, if there is one.
fn pause(connection: &Connection, now: Timestamp) -> Option<PauseFacts> {
    connection.pause.as_ref().map(|pause| PauseFacts {
        word: word(pause.reason.in_words()),
        since: When::new(pause.since, now),
        next_probe: pause.next_probe.map(|at| When::new(at, now)),
        next_step: pause_step(connection, pause),
    })
}

/// What ends a pause: what the error says that led to it, if it was that one, or what its reason says.
fn pause_step(connection: &Connection, pause: &Pause) -> &'static str {
    let code = connection.last_error.as_ref().map(|error| error.code);
    let code = code.filter(|code| code.next_step() == pause.next_step);
    code.map_or_else(|| word(pause.reason.in_words()), |code| word(code.in_words())).next_step
}

/// A connection's last error, if there is one.
fn last_error(connection: &Connection, now: Timestamp) -> Option<ErrorFacts> {
    connection.last_error.as_ref().map(|error| ErrorFacts {
        at: When::new(error.at, now),
        label: word(error.code.in_words()).label,
        message: texts::kept(&error.message, error.remark.as_deref()),
        by_vendor: error.remark.is_none(),
    })
}
