//! What a batch export makes of one line of a source, by what the ledger knows. No vendor is asked.

use crate::look::done_with;
use crate::owner::{fits, takes_part};
use connectors::{Changed, Registry};
use domain::{
    Code, Connection, ConnectionId, Export, ExportId, ExportKey, Operation, Role, SkipReason, State, SubjectKind,
    Within,
};
use jiff::Timestamp;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Everything of it that is asked for is at its targets.
    Delivered,
    /// It stays as it is: nothing has changed since it was left out, or a person has decided or must.
    Stays,
    /// It waits or is being worked on, and goes on by itself.
    UnderWay,
    /// It is queued.
    Goes,
}

impl Fate {
    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Stays => "stays",
            Self::UnderWay => "under_way",
            Self::Goes => "goes",
        }
    }
}

/// A line is not known yet.
const NOT_SEEN: &str = "not_seen";
/// The source has changed it since it was last looked at.
const CHANGED: &str = "changed";
/// It is not of what the request is restricted to.
const OUTSIDE: &str = "outside";

/// What becomes of a line, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// What.
    pub fate: Fate,
    /// A state, the reason of a hold or skip, a code; or `not_seen`, `changed`, `outside`.
    pub why: &'static str,
    /// The records this is about; none of what is not known yet.
    pub about: Vec<ExportId>,
}

impl Outlook {
    const fn new(fate: Fate, why: &'static str) -> Self {
        Self { fate, why, about: vec![] }
    }

    /// The order's aliases may name a target that its own channel does not.
    pub(super) fn may_have_alias(&self) -> bool {
        self.fate == Fate::Stays && (self.why == OUTSIDE || self.why == Code::NoChannelMatches.as_str())
    }

    pub(super) fn goes(self) -> Self {
        Self { fate: Fate::Goes, ..self }
    }
}

/// What is known beside the records of a line.
pub(super) struct Lens<'a> {
    pub(super) source: &'a Connection,
    pub(super) connections: &'a [Connection],
    pub(super) registry: &'a Registry,
    pub(super) within: &'a Within,
}

impl Lens<'_> {
    /// `newer`: the source changed it since it was last looked at. `records`: all exports and looks of it.
    pub(super) fn outlook(&self, line: &Changed, newer: bool, records: &[Export]) -> Outlook {
        let look = records.iter().find(|record| record.key.operation == Operation::Look);
        let exports: Vec<&Export> = records.iter().filter(|record| record.key.target.is_some()).collect();
        let ours: Vec<&&Export> = exports.iter().filter(|export| self.within.holds(&export.key)).collect();
        let unmade = self.unmade(&exports).then_some((Fate::Goes, NOT_SEEN));
        if !ours.is_empty() || unmade.is_some() {
            let fates = ours.iter().map(|export| self.of_export(export, newer)).chain(unmade);
            let (fate, why) = fates.max_by_key(|(fate, _)| *fate).unwrap_or((Fate::Stays, OUTSIDE));
            return Outlook { fate, why, about: ours.iter().map(|export| export.id.clone()).collect() };
        }
        if !exports.is_empty() {
            return Outlook::new(Fate::Stays, OUTSIDE);
        }
        let Some(look) = look else { return self.unseen(line.hint.subject.kind, line.order_reference.as_deref()) };
        if !operations(look.read_as.unwrap_or(look.key.subject.kind)).iter().any(|one| self.within.does(*one)) {
            return Outlook::new(Fate::Stays, OUTSIDE);
        }
        let (fate, why) = self.of_look(look, newer, line.order_reference.as_deref());
        Outlook { fate, why, about: vec![look.id.clone()] }
    }

    /// Whether a channel that has the line is to do something with it that it has no record of: it was taught that since.
    fn unmade(&self, exports: &[&Export]) -> bool {
        exports.iter().any(|export| {
            let target = export.key.target.as_ref().and_then(|id| self.connection(id));
            let Some(target) = target.filter(|target| takes_part(target)) else { return false };
            done_with(export.key.subject.kind).iter().any(|operation| {
                let key = ExportKey { operation: *operation, ..export.key.clone() };
                let known = exports.iter().any(|export| export.key == key);
                !known && self.within.holds(&key) && self.takes(target, *operation)
            })
        })
    }

    fn of_export(&self, export: &Export, newer: bool) -> (Fate, &'static str) {
        let why = crate::ports::reason(export).unwrap_or(export.state.as_str());
        match export.state {
            State::Delivered | State::Held if newer => (Fate::Goes, CHANGED),
            State::Delivered => (Fate::Delivered, why),
            State::Held | State::Sending | State::Accepted | State::Retrying => (Fate::UnderWay, why),
            State::Expired => (Fate::Goes, why),
            State::Skipped => self.of_skipped(export, newer),
            State::Uncertain | State::Dead | State::Planned => (Fate::Stays, why),
        }
    }

    fn of_skipped(&self, export: &Export, newer: bool) -> (Fate, &'static str) {
        let reason = export.skip.as_ref().map_or(SkipReason::Unsupported, |skip| skip.reason);
        let why = export.code.map_or(reason.as_str(), Code::as_str);
        let target = export.key.target.as_ref().and_then(|id| self.connection(id)).filter(|target| takes_part(target));
        let Some(target) = target else { return (Fate::Stays, why) };
        let goes = match reason {
            SkipReason::Dismissed => return (Fate::Stays, why),
            SkipReason::SwitchedOff => self.takes(target, export.key.operation),
            // Undone at the target, nobody tells us.
            SkipReason::OrderCancelled => true,
            _ => newer || self.changed_since(export.changed_at, Some(target)),
        };
        (if goes { Fate::Goes } else { Fate::Stays }, why)
    }

    fn of_look(&self, look: &Export, newer: bool, reference: Option<&str>) -> (Fate, &'static str) {
        let why = crate::ports::reason(look).unwrap_or(look.state.as_str());
        match look.state {
            State::Held if newer => (Fate::Goes, CHANGED),
            State::Held | State::Sending | State::Accepted | State::Retrying => (Fate::UnderWay, why),
            State::Expired => (Fate::Goes, why),
            State::Planned => (Fate::Goes, NOT_SEEN),
            State::Uncertain | State::Dead | State::Delivered => (Fate::Stays, why),
            State::Skipped => {
                let why = look.code.map_or(why, Code::as_str);
                if look.skip.as_ref().is_some_and(|skip| skip.reason == SkipReason::Dismissed) {
                    return (Fate::Stays, why);
                }
                let reference = look.order.as_ref().map(domain::OrderReference::as_str).or(reference);
                let owned = why == Code::NoChannelMatches.as_str() && !self.owners(reference).is_empty();
                let goes = newer || owned || self.changed_since(look.changed_at, None);
                (if goes { Fate::Goes } else { Fate::Stays }, why)
            }
        }
    }

    /// What nobody has looked at yet. A source whose list does not say the order may have something for any channel.
    fn unseen(&self, kind: SubjectKind, reference: Option<&str>) -> Outlook {
        let stays = |why| Outlook::new(Fate::Stays, why);
        let asked: Vec<Operation> = operations(kind).iter().copied().filter(|one| self.within.does(*one)).collect();
        if asked.is_empty() {
            return stays(OUTSIDE);
        }
        let carried = self.source.rules.carry_when.as_ref().map(|rule| rule.order_pattern.as_str());
        if reference.is_some_and(|reference| carried.is_some_and(|pattern| !fits(pattern, reference))) {
            return stays(Code::NotCarried.as_str());
        }
        let mut targets = self.owners(reference);
        if let Some(target) = &self.within.target {
            let also =
                |owner: &&Connection| owner.rules.also_known_as.as_ref().is_some_and(|also| also.channel == *target);
            let fed = targets.iter().any(|owner| owner.id == *target || also(owner));
            targets = self.connection(target).into_iter().filter(|_| fed).collect();
        }
        if targets.is_empty() {
            return stays(Code::NoChannelMatches.as_str());
        }
        let taken = targets.iter().any(|target| asked.iter().any(|one| self.takes(target, *one)));
        if taken { Outlook::new(Fate::Goes, NOT_SEEN) } else { stays(Code::SwitchedOff.as_str()) }
    }

    /// Channels that may have the order; without a reference, any.
    fn owners(&self, reference: Option<&str>) -> Vec<&Connection> {
        let pattern = |channel: &Connection, reference: &str| {
            channel.rules.order_pattern.as_deref().is_none_or(|pattern| fits(pattern, reference))
        };
        self.connections
            .iter()
            .filter(|channel| takes_part(channel) && reference.is_none_or(|reference| pattern(channel, reference)))
            .collect()
    }

    fn takes(&self, target: &Connection, operation: Operation) -> bool {
        let spec = self.registry.get(&target.connector).and_then(|connector| connector.spec().operation(operation));
        spec.is_some_and(|spec| target.is_on(spec.switch))
    }

    fn connection(&self, id: &ConnectionId) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.id == *id && connection.role == Role::Channel)
    }

    /// Whether a person has changed the source, or the target, since.
    fn changed_since(&self, at: Timestamp, target: Option<&Connection>) -> bool {
        self.source.changed_at > at || target.is_some_and(|target| target.changed_at > at)
    }
}

/// What may be done with such a thing.
const fn operations(kind: SubjectKind) -> &'static [Operation] {
    match kind {
        SubjectKind::Parcel => &[Operation::SendTracking, Operation::SendDeliveryState],
        other => done_with(other),
    }
}
