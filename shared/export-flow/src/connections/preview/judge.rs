//! One export under two sets of rules.

use super::worlds::{Known, World};
use super::{Effect, Fate};
use crate::gates::{Case, DocumentFacts, Thing, not_carried};
use crate::owner::candidates;
use crate::ports::reason;
use connectors::{Spec, Stop, number_waits, shipment_waits};
use domain::{
    Code, Connection, ConnectionId, Export, HoldReason, Operation, OrderReference, SkipReason, State, SubjectKind,
};

/// What would have become of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    Unchanged,
    Unknown,
    Change { to: Fate, effect: Effect },
}

const NOT_OURS: Fate = Fate { state: State::Skipped, reason: Some(SkipReason::NotOurs.as_str()) };

/// The rules as they are and as they would be.
pub(super) struct Lens {
    pub(super) spec: &'static Spec,
    pub(super) was: Connection,
    pub(super) will: Connection,
    /// Every connection, with the one as it is and as it would be.
    all: [Vec<Connection>; 2],
}

/// What the rules say of an export at its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Verdict {
    /// `None`: it goes.
    stop: Option<Fate>,
    /// Its number is told, whether its shipment is confirmed or not.
    number_told: bool,
}

impl Lens {
    pub(super) fn new(spec: &'static Spec, was: Connection, will: Connection, all: Vec<Connection>) -> Self {
        let then = all.iter().map(|c| if c.id == will.id { will.clone() } else { c.clone() }).collect();
        Self { spec, was, will, all: [all, then] }
    }

    pub(super) fn pattern_changes(&self) -> bool {
        self.was.rules.order_pattern != self.will.rules.order_pattern
    }

    /// Whether the rules are about it. What a look became speaks for itself.
    pub(super) fn concerns(&self, export: &Export) -> bool {
        let at = |id: &ConnectionId| *id == self.was.id;
        let whose_order = export.key.target.is_none() && self.pattern_changes();
        export.state != State::Planned
            && (at(&export.key.source) || export.key.target.as_ref().is_some_and(at) || whose_order)
    }

    pub(super) fn judge(&self, export: &Export, known: &Known) -> Judged {
        match &export.key.target {
            Some(target) if *target == self.was.id => self.at_target(export, known),
            _ if export.key.source == self.was.id => self.of_source(export, known),
            Some(_) => Judged::Unchanged,
            None => self.look(export, known),
        }
    }

    /// What is so in every world that fits what is known, is so.
    fn agreed(judged: impl Iterator<Item = Judged>) -> Judged {
        let mut judged = judged;
        let Some(first) = judged.next() else { return Judged::Unknown };
        if judged.all(|other| other == first) { first } else { Judged::Unknown }
    }

    fn at_target(&self, export: &Export, known: &Known) -> Judged {
        if let Some(judged) = self.by_pattern(export) {
            return judged;
        }
        let worlds = known.worlds(export, [&self.was, &self.will]);
        Self::agreed(worlds.iter().map(|world| {
            let (was, will) = (self.verdict(export, world, &self.was), self.verdict(export, world, &self.will));
            compared(export, was, will)
        }))
    }

    /// What the rules of its target say, in the order in which a plan and then the conversation ask.
    fn verdict(&self, export: &Export, world: &World<'_>, target: &Connection) -> Verdict {
        let by_hand = export.overrides.by_hand;
        let thing = match world {
            World::Document { status, paid_by, totals } => {
                Thing::Document(DocumentFacts { status: *status, paid_by: *paid_by, totals: *totals })
            }
            World::Parcel { parcel, .. } => Thing::Parcel(parcel),
        };
        let channel = self.spec.channel.as_ref();
        let case = Case {
            target,
            invoice_when: channel.and_then(|channel| channel.invoice_when),
            spec: self.spec.operation(export.key.operation),
            thing,
            missing: None,
            by_hand,
        };
        let stop = case.stop();
        let (World::Parcel { parcel, alone }, Operation::SendTracking, None) = (world, export.key.operation, &stop)
        else {
            return Verdict { stop: stop.as_ref().and_then(fate), number_told: false };
        };
        let apart = channel.is_some_and(|channel| channel.number_apart);
        Verdict {
            stop: shipment_waits(&target.rules, by_hand, parcel).as_ref().and_then(fate),
            // A further parcel of an order has no number apart from its shipment.
            number_told: apart && *alone && number_waits(&target.rules, by_hand, parcel).is_none(),
        }
    }

    /// Whether its order is still this channel's.
    fn by_pattern(&self, export: &Export) -> Option<Judged> {
        let reference = export.order.as_ref().filter(|_| self.pattern_changes())?;
        let [was, will] = self.candidates(reference, export.overrides.target.as_ref());
        let here = |ids: &[ConnectionId]| ids.contains(&self.was.id);
        (here(&was) && !here(&will)).then(|| match will.as_slice() {
            [] => stopped(export, NOT_OURS),
            // Another channel would be asked.
            [_, ..] => Judged::Unknown,
        })
    }

    fn candidates(&self, reference: &OrderReference, chosen: Option<&ConnectionId>) -> [Vec<ConnectionId>; 2] {
        self.all.each_ref().map(|connections| candidates(connections, reference, chosen))
    }

    /// A look that found no channel, or not which.
    fn look(&self, export: &Export, known: &Known) -> Judged {
        const OWNERLESS: [&str; 3] =
            [SkipReason::NotOurs.as_str(), HoldReason::OrderUnknown.as_str(), HoldReason::OrderAmbiguous.as_str()];
        let Some(reference) = export.order.as_ref().filter(|_| reason(export).is_some_and(|r| OWNERLESS.contains(&r)))
        else {
            return Judged::Unchanged;
        };
        let [was, will] = self.candidates(reference, export.overrides.target.as_ref());
        let has_it = |id: &ConnectionId| known.orders.iter().any(|item| item.channel == *id);
        match will.as_slice() {
            _ if was == will => Judged::Unchanged,
            [] => stopped(export, NOT_OURS),
            [only] if has_it(only) => goes(State::Planned),
            [_, ..] => Judged::Unknown,
        }
    }

    /// What a source's rule says about a document.
    fn of_source(&self, export: &Export, known: &Known) -> Judged {
        let (was, will) = (self.was.rules.carry_when.as_ref(), self.will.rules.carry_when.as_ref());
        if was == will || matches!(export.key.subject.kind, SubjectKind::Parcel | SubjectKind::Order) {
            return Judged::Unchanged;
        }
        let quoted = match &known.document {
            Some(document) => document.order.as_ref(),
            None if export.overrides.order.is_some() => return Judged::Unknown,
            None => export.order.as_ref(),
        };
        let reference = quoted.map_or("", OrderReference::as_str);
        Self::agreed(known.marks([was, will]).iter().map(|(series, tags)| {
            let stop = |rule| not_carried(rule, *series, tags, reference);
            match (stop(was), stop(will)) {
                (None, Some(stop)) => fate(&stop).map_or(Judged::Unknown, |fate| stopped(export, fate)),
                (Some(_), None) if export.code == Some(Code::NotCarried) => self.carried_on(export, quoted),
                _ => Judged::Unchanged,
            }
        }))
    }

    fn carried_on(&self, export: &Export, quoted: Option<&OrderReference>) -> Judged {
        let chosen = export.overrides.target.as_ref();
        let owned = export.overrides.order.as_ref().or(quoted).is_some_and(|reference| {
            let [owners, _] = self.candidates(reference, chosen);
            !owners.is_empty()
        });
        match &export.key.target {
            _ if !owned => Judged::Change { to: NOT_OURS, effect: Effect::LeftOut },
            Some(_) => goes(State::Sending),
            None => goes(State::Planned),
        }
    }
}

/// Whether the target has it, or may have it: no rule changes that.
pub(super) const fn has_gone(export: &Export) -> bool {
    matches!(export.state, State::Delivered | State::Accepted | State::Uncertain | State::Sending)
        || export.in_doubt.is_some()
}

fn compared(export: &Export, was: Verdict, will: Verdict) -> Judged {
    let stands = |fate: &Fate| reason(export).is_some() && reason(export) == fate.reason;
    match (was.stop, will.stop) {
        (Some(was), None) if stands(&was) => goes(State::Sending),
        (_, Some(stop)) if was.stop == will.stop => {
            let effect = if will.number_told { Effect::NumberTold } else { Effect::NumberWaits };
            if was.number_told != will.number_told && export.state == State::Held && stands(&stop) {
                Judged::Change { to: stop, effect }
            } else {
                Judged::Unchanged
            }
        }
        (_, Some(stop)) => stopped(export, stop),
        (_, None) => Judged::Unchanged,
    }
}

const fn goes(state: State) -> Judged {
    Judged::Change { to: Fate { state, reason: None }, effect: Effect::Goes }
}

/// What stops an export changes nothing for one that is stopped for this already, or by what comes before every rule.
fn stopped(export: &Export, to: Fate) -> Judged {
    const BEFORE: [SkipReason; 4] =
        [SkipReason::Dismissed, SkipReason::DocumentGone, SkipReason::DocumentCancelled, SkipReason::NotOurs];
    let over = export.state == State::Skipped && export.skip.as_ref().is_some_and(|s| BEFORE.contains(&s.reason));
    if over || (reason(export).is_some() && reason(export) == to.reason) {
        return Judged::Unchanged;
    }
    let effect = if to.state == State::Skipped { Effect::LeftOut } else { Effect::Waits };
    Judged::Change { to, effect }
}

fn fate(stop: &Stop) -> Option<Fate> {
    let (state, reason) = match stop {
        Stop::Hold { reason, .. } => (State::Held, reason.as_str()),
        Stop::Unmapped { .. } => (State::Held, HoldReason::MappingMissing.as_str()),
        Stop::Skip { reason, .. } => (State::Skipped, reason.as_str()),
        Stop::Fail(_) | Stop::Credentials(_) | Stop::RateLimited { .. } | Stop::Ours(_) => return None,
    };
    Some(Fate { state, reason: Some(reason) })
}
