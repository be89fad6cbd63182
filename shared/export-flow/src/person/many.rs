//! One decision about many exports that a person has named, each decided by itself: one that cannot be is said so, and
//! keeps no other from it.

use super::{Asks, Resolution, fits};
use crate::flow::Flow;
use crate::refused::Refused;
use domain::{ExportId, FieldProblem, State, remark};
use std::collections::BTreeSet;

/// Exports that can be decided about at once.
pub const MANY_MAX: usize = 500;

/// What is decided about each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    /// Due at once, as by [`Flow::retry`].
    Retry,
    /// A dead letter back to work, as by [`Flow::redrive`].
    Redrive,
    /// Nothing is to be done; needs a note.
    NotNeeded,
}

impl Many {
    /// The word used in JSON and forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Redrive => "redrive",
            Self::NotNeeded => "not_needed",
        }
    }

    /// The decision of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Retry, Self::Redrive, Self::NotNeeded].into_iter().find(|many| many.as_str() == word)
    }
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Which.
    pub id: ExportId,
    /// Where it stands now, or why it was left as it is.
    pub outcome: Result<State, Refused>,
}

impl Flow {
    /// Decides about each of these, one after the other. Once our own store fails, the rest is left as it is and says so.
    ///
    /// # Errors
    /// [`Refused::Fields`] for none or too many of them, for a note that is too long, or missing where one is needed:
    /// then nothing is decided.
    pub async fn decide_many(
        &self,
        asks: Asks<'_>,
        many: Many,
        ids: &[ExportId],
        note: Option<&str>,
    ) -> Result<Vec<Decided>, Refused> {
        fits(note)?;
        if many == Many::NotNeeded && note.is_none_or(|note| note.trim().is_empty()) {
            return Err(Refused::field("note", (FieldProblem::Missing, "must say why they are not needed")));
        }
        let mut named = BTreeSet::new();
        let ids: Vec<&ExportId> = ids.iter().filter(|id| named.insert(*id)).collect();
        if ids.is_empty() || ids.len() > MANY_MAX {
            return Err(Refused::field(
                "ids",
                (FieldProblem::OutOfRange, format!("must name 1 to {MANY_MAX} exports")),
            ));
        }
        let mut told: Vec<Decided> = vec![];
        for id in ids {
            let failed = told.last().and_then(|before| match &before.outcome {
                Err(ours @ Refused::Ours(_)) => Some(ours.clone()),
                _ => None,
            });
            let outcome = match failed {
                Some(ours) => Err(ours),
                None => self.decide_one(asks, many, id, note).await,
            };
            told.push(Decided { id: id.clone(), outcome });
        }
        Ok(told)
    }

    async fn decide_one(
        &self,
        asks: Asks<'_>,
        many: Many,
        id: &ExportId,
        note: Option<&str>,
    ) -> Result<State, Refused> {
        match many {
            Many::Retry => Ok(self.retry(asks, id, note).await?.state),
            Many::NotNeeded => Ok(self.resolve(asks, id, &Resolution::NotNeeded, note).await?.state),
            Many::Redrive => {
                let redriven = self.redrive(asks, id, note).await?;
                let state = self.export_of(asks.tenant, id).await?.state;
                let not_dead = || Refused::Conflict(remark::not_dead(state.as_str()));
                redriven.then_some(state).ok_or_else(not_dead)
            }
        }
    }
}
