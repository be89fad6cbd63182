//! Bugs planted on purpose: each is a way in which a product like this goes wrong, and each must be found.

use domain::{Export, ExportKey, State};
use export_flow::claim::{Claim, Refusal, Trigger, decide};
use export_flow::ports::Guard;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use testkit::Judge;
use testkit::practice::World;

macro_rules! bugs {
    ($($name:ident = $about:literal,)*) => {
        /// A planted bug.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug { $(#[doc = $about] $name,)* }

        impl Bug {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What is wrong.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)* }
            }
        }
    };
}

bugs! {
    NoClaimCondition = "every claim is won, whatever the record says",
    LeaseIgnored = "a lease counts as run out at once",
    FenceIgnored = "a run that lost its claim still writes",
    OwnRunRefused = "a claim that the store's client repeated is refused as another's",
    NoReadBack = "the target is not asked before sending",
    ReadBackTooEarly = "what is in doubt is taken for absent before the late bound has passed",
    StaleLook = "the look at the target shows what it held at first",
    DoubtLostOnRetry = "a failed attempt forgets that its call is in doubt",
    DoubtLostOnHold = "a hold forgets that an earlier call is in doubt",
    DoubtLostOnRedrive = "a redrive forgets that an earlier call is in doubt",
    AttemptCountedTwice = "a failed attempt counts twice",
    FourthAttempt = "a dead letter is tried again without a redrive",
    NewKeyOnRedrive = "a redrive sends with a new idempotency key",
    AcknowledgedFirst = "a message is acknowledged before its work is done",
    RevisionInKey = "the content is part of an export's identity",
    RevisionIgnored = "a changed document that was delivered once is taken for a duplicate",
    OlderRevisionWins = "an older version of a document replaces a newer one",
    DueTimeLost = "a hold has no time at which it is looked at again",
    CreditNoteFirst = "a credit note does not wait for its invoice",
}

/// Rules with a bug in them.
pub(crate) struct Bent {
    pub(crate) bug: Bug,
    pub(crate) world: Arc<World>,
}

impl Judge for Bent {
    fn key(&self, claim: &Claim) -> ExportKey {
        let mut key = claim.key.clone();
        if self.bug == Bug::RevisionInKey
            && let Some(revision) = &claim.revision
            && !key.subject.id.contains('~')
        {
            key.subject.id = format!("{}~{}", key.subject.id, revision.hash);
        }
        key
    }

    fn claim(&self, old: Option<&Export>, claim: &Claim) -> Result<Export, Refusal> {
        match (self.bug, old) {
            (Bug::NoClaimCondition, Some(old)) => {
                let free =
                    Export { state: State::Retrying, due_at: Some(Timestamp::MIN), unrecorded: 0, ..old.clone() };
                let at_once = Claim { trigger: due(old), ..claim.clone() };
                decide(Some(&free), &at_once)
            }
            (Bug::LeaseIgnored, Some(old)) if old.state == State::Sending && old.run.as_ref() != Some(&claim.run) => {
                decide(Some(&Export { lease_until: None, ..old.clone() }), claim)
            }
            (Bug::OwnRunRefused, Some(old)) if old.state == State::Sending && old.run.as_ref() == Some(&claim.run) => {
                Err(Refusal::Busy)
            }
            (Bug::RevisionIgnored, Some(old)) if old.state == State::Delivered => Err(Refusal::Done),
            (Bug::OlderRevisionWins, Some(old)) => {
                let mut oldest = old.clone();
                if let Some(revision) = &mut oldest.revision {
                    revision.version_at = Timestamp::MIN;
                }
                decide(Some(&oldest), claim)
            }
            (Bug::FourthAttempt, Some(old)) if old.state == State::Dead => {
                let alive = Export { state: State::Retrying, due_at: Some(Timestamp::MIN), ..old.clone() };
                decide(Some(&alive), &Claim { trigger: due(old), ..claim.clone() })
            }
            _ => decide(old, claim),
        }
    }

    fn holds(&self, old: &Export, guard: &Guard) -> bool {
        self.bug == Bug::FenceIgnored || (old.claim == guard.claim && old.run.as_ref() == Some(&guard.run))
    }

    fn store(&self, before: &Export, after: &mut Export) {
        let redriven = before.state == State::Dead && after.state == State::Retrying;
        match self.bug {
            Bug::DoubtLostOnRetry if after.state == State::Retrying && !redriven => after.in_doubt = None,
            Bug::DoubtLostOnHold if after.state == State::Held => after.in_doubt = None,
            // A market that has forgotten its keys and one that is sent new ones do the same.
            Bug::NewKeyOnRedrive if redriven => self.world.forget_keys(),
            Bug::DoubtLostOnRedrive if redriven => after.in_doubt = None,
            Bug::ReadBackTooEarly => {
                if let Some(doubt) = &mut after.in_doubt {
                    doubt.ended_at = Some(after.changed_at - SignedDuration::from_hours(1));
                }
            }
            Bug::AttemptCountedTwice if after.attempts > before.attempts => after.attempts += 1,
            Bug::DueTimeLost if after.state == State::Held => after.due_at = None,
            _ => {}
        }
    }
}

fn due(old: &Export) -> Trigger {
    Trigger::Due { claim: old.claim }
}
