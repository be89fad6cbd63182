//! What goes wrong at a connection now, by what it is: dead letters, what is tried again, what waits.

use crate::flow::Flow;
use crate::ports::{ExportQuery, reason};
use crate::refused::Refused;
use domain::{Export, ExportId, InWords, State, TenantId, Word};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Records read of each state at most.
const READ_MAX: usize = 1_000;
/// States in which something is wrong or waits.
const STATES: [State; 3] = [State::Dead, State::Retrying, State::Held];

/// Everything with one code, or held for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorLine {
    /// The state they are in.
    pub state: State,
    /// The code or reason, in words.
    pub word: Word,
    /// How many of those that were read.
    pub count: u64,
    /// When the first of them came to this.
    pub first: Timestamp,
    /// When the last of them did.
    pub last: Timestamp,
    /// The newest of them.
    pub example: ExportId,
}

/// What goes wrong at a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors {
    /// What needs a person first, then what is most.
    pub lines: Vec<ErrorLine>,
    /// Records that were read.
    pub read: u64,
    /// There are more than were read: each count is a lower bound.
    pub lower_bound: bool,
}

impl Flow {
    /// Groups what is dead, retrying or held at a connection, as a source or a target.
    ///
    /// # Errors
    /// [`Refused::Unknown`] or [`Refused::Ours`].
    pub async fn errors_at(&self, tenant: &TenantId, id: &str) -> Result<Errors, Refused> {
        let connection = self.connection_of(tenant, id).await?.id;
        let mut groups: BTreeMap<(usize, &'static str), ErrorLine> = BTreeMap::new();
        let mut errors = Errors { lines: vec![], read: 0, lower_bound: false };
        for (rank, state) in STATES.into_iter().enumerate() {
            let (state, connection) = (Some(state), Some(connection.clone()));
            let query = ExportQuery { state, connection, ..ExportQuery::default() };
            let page = self.parts.ledger.exports(tenant, &query, READ_MAX, None).await?;
            errors.read += u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            errors.lower_bound |= page.next.is_some();
            for export in &page.items {
                let (word, at) = (word(export), since(export));
                let line = groups.entry((rank, word.word)).or_insert_with(|| ErrorLine {
                    state: export.state,
                    word,
                    count: 0,
                    first: at,
                    last: at,
                    example: export.id.clone(),
                });
                line.count += 1;
                line.first = line.first.min(at);
                if at > line.last {
                    line.last = at;
                    line.example = export.id.clone();
                }
            }
        }
        let mut lines: Vec<_> = groups.into_iter().map(|((rank, _), line)| (rank, line)).collect();
        lines.sort_by_key(|(rank, line)| (*rank, std::cmp::Reverse(line.count)));
        errors.lines = lines.into_iter().map(|(_, line)| line).collect();
        Ok(errors)
    }
}

/// Its code, that of its last attempt, or what it waits for.
fn word(export: &Export) -> Word {
    let held = export.hold.as_ref().filter(|_| reason(export).is_some());
    let attempted = export.attempt_log.last().map(|attempt| attempt.code);
    match (held, export.code.or(attempted)) {
        (Some(hold), _) => hold.reason.in_words(),
        (None, Some(code)) => code.in_words(),
        (None, None) => export.state.in_words(),
    }
}

fn since(export: &Export) -> Timestamp {
    let held = export.hold.as_ref().filter(|_| export.state == State::Held);
    held.map_or(export.changed_at, |hold| hold.since)
}
