//! Source against target: what a source has, and what its targets show of it, both read live.
//!
//! ```text
//! listed by the source ──► planned as news of it would be ──► each target read ──► judged
//! recorded as delivered ─► not at the source any more ──────► its target read ──► judged
//! ```
//! Nothing is written: neither at a vendor nor in the ledger. What cannot be read is said, and never counts as equal. An
//! answer is bounded in objects and in time, and says where to go on.

mod gather;
mod judge;
mod page;
mod place;

pub use judge::{Fact, Verdict};

use crate::flow::Flow;
use crate::refused::Refused;
use domain::{
    Code, Connection, ConnectionId, Deviation, ExportId, FieldProblem, Money, OrderReference, Role, Said, State,
    SubjectKind, TenantId,
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use page::{End, Page};
use place::Place;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far back is compared if nobody says.
const SINCE_DEFAULT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is to be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// A source with all its targets, or a channel with all its sources.
    pub connection: String,
    /// Documents and parcels of this time and later.
    pub since: Option<Timestamp>,
    /// And not later than this.
    pub until: Option<Timestamp>,
    /// Where an earlier answer ended.
    pub cursor: Option<String>,
    /// Objects read for one answer at most.
    pub limit: usize,
}

/// One deviation.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The same for the same deviation, whenever and on whatever page it is met.
    pub id: String,
    /// What it is.
    pub code: Deviation,
    /// The source.
    pub source: ConnectionId,
    /// The target; absent where no channel is known to have the order.
    pub target: Option<ConnectionId>,
    /// The order.
    pub order: Option<OrderReference>,
    /// What it is about.
    pub kind: SubjectKind,
    /// Its id at the source; absent where the source does not have it.
    pub subject: Option<String>,
    /// Its number.
    pub number: Option<String>,
    /// What the source says.
    pub at_source: Option<String>,
    /// What the target says.
    pub at_target: Option<String>,
    /// What is at stake.
    pub amount: Option<Money>,
    /// Its export.
    pub export: Option<ExportId>,
    /// Where that stands, and why.
    pub state: Option<(State, Option<String>)>,
    /// The call that helps, where there is one.
    pub remedy: Option<Remedy>,
}

/// A call of the API that helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// `POST /exports`: make the missing export.
    Make,
    /// `POST /exports/{id}/retry`.
    Retry,
    /// `POST /exports/{id}/resolve` with `arrived`: it is there.
    Arrived,
}

/// Something that was not read, so that nothing is said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRead {
    /// The source.
    pub source: ConnectionId,
    /// Which of its objects; absent: none of them was.
    pub subject: Option<String>,
    /// Its number.
    pub number: Option<String>,
    /// The connection that could not be asked.
    pub at: ConnectionId,
    /// Why.
    pub code: Code,
    /// In words, redacted.
    pub message: Said,
}

/// Why an answer ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The connection that could not be asked any more.
    pub at: ConnectionId,
    /// Why.
    pub code: Code,
    /// In words, redacted.
    pub message: Said,
    /// Not before this time has passed, if the vendor said one.
    pub retry_after: Option<SignedDuration>,
}

/// How often a fact was equal, was not, and could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Read on both sides, and equal.
    pub agreed: u64,
    /// Read on both sides, and not equal.
    pub differs: u64,
    /// One side does not tell.
    pub not_readable: u64,
}

/// An answer in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Objects of the sources in the period.
    pub compared: u64,
    /// Pairs of object and target where all that could be read is equal.
    pub agreed: u64,
    /// Deviations.
    pub findings: u64,
    /// Pairs whose target cannot tell whether it has the thing.
    pub not_readable: u64,
    /// Objects and pairs that are not to be at the target: not ours, switched off, left out by a rule or a person.
    pub left_out: u64,
    /// Objects and pairs that were not read.
    pub not_read: u64,
    /// Fact by fact.
    pub facts: BTreeMap<Fact, Tally>,
    /// Amounts at stake per currency. An order's money counts once, however much is wrong with it.
    pub at_stake: BTreeMap<String, Decimal>,
}

impl Summary {
    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.compared += other.compared;
        self.agreed += other.agreed;
        self.findings += other.findings;
        self.not_readable += other.not_readable;
        self.left_out += other.left_out;
        self.not_read += other.not_read;
        for (fact, tally) in &other.facts {
            let sum = self.facts.entry(*fact).or_default();
            sum.agreed += tally.agreed;
            sum.differs += tally.differs;
            sum.not_readable += tally.not_readable;
        }
        for (currency, amount) in &other.at_stake {
            *self.at_stake.entry(currency.clone()).or_default() += amount;
        }
    }
}

/// A part of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconciliation {
    /// What was asked about.
    pub connection: ConnectionId,
    /// From here.
    pub since: Timestamp,
    /// To there.
    pub until: Timestamp,
    /// Deviations.
    pub findings: Vec<Finding>,
    /// What was not read.
    pub not_read: Vec<NotRead>,
    /// This answer in numbers.
    pub summary: Summary,
    /// This answer and those before it.
    pub so_far: Summary,
    /// Why it ended early; `next` begins with what was not read.
    pub stopped: Option<Stopped>,
    /// Where to go on; `None`: the period is done.
    pub next: Option<String>,
}

impl Flow {
    /// Compares what a source has with what its targets show, part by part.
    ///
    /// # Errors
    /// [`Refused`]: unknown connection, a cursor of something else, our own store failing.
    pub async fn reconcile(&self, tenant: &TenantId, ask: &Ask) -> Result<Reconciliation, Refused> {
        let connection = self.connection_of(tenant, &ask.connection).await?;
        let now = self.now();
        let mut place = match &ask.cursor {
            None => {
                Place::new(connection.id.clone(), ask.since.unwrap_or(now - SINCE_DEFAULT), ask.until.unwrap_or(now))
            }
            Some(text) => Place::read(text).filter(|place| place.connection == connection.id).ok_or_else(|| {
                Refused::field("cursor", (FieldProblem::NotACursor, "is not a cursor of this comparison"))
            })?,
        };
        let dry = self.dry();
        let channel = (connection.role == Role::Channel).then(|| connection.id.clone());
        let sources = dry.sources_of(&connection).await?;
        let mut page = Page::new(&dry, tenant, &place, channel, ask.limit.max(1));
        let mut stopped = None;
        let done = loop {
            let next = sources.iter().find(|source| place.source.as_ref().is_none_or(|at| source.id >= *at));
            let Some(source) = next else { break true };
            place.enter(&source.id);
            match page.source(source, &mut place).boxed().await? {
                End::Source => match sources.iter().find(|other| other.id > source.id) {
                    Some(other) => place.enter(&other.id),
                    None => break true,
                },
                End::Full => break false,
                End::Stopped(why) => {
                    stopped = Some(why);
                    break false;
                }
            }
        };
        let (findings, not_read, summary) = page.into_parts();
        place.so_far.add(&summary);
        let next = (!done).then(|| place.written());
        let Place { since, until, so_far, .. } = place;
        Ok(Reconciliation {
            connection: connection.id,
            since,
            until,
            findings,
            not_read,
            summary,
            so_far,
            stopped,
            next,
        })
    }

    /// Whose documents and parcels are compared, in a fixed order.
    async fn sources_of(&self, connection: &Connection) -> Result<Vec<Connection>, Refused> {
        if connection.role != Role::Channel {
            return Ok(vec![connection.clone()]);
        }
        let mut sources = self.parts.ledger.connections(&connection.tenant).await?;
        sources.retain(|source| source.role != Role::Channel && source.ever_active);
        sources.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(sources)
    }
}
