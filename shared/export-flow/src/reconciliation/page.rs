//! One answer: walks the lists, bounded in objects and in time, and keeps what was found.

use super::judge::{Judged, Outcome};
use super::place::{Place, Way};
use super::{Finding, NotRead, Stopped, Summary};
use crate::flow::Flow;
use crate::look::Blamed;
use crate::ports::{ExportQuery, PortError};
use crate::refused::Refused;
use connectors::{Account, Mode, Stop};
use domain::{Code, Connection, ConnectionId, Export, HoldReason, OrderReference, Said, State, Step, TenantId, remark};
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// An answer that took so long is given as far as it has come.
const SECS_MAX: i64 = 15;
/// Records read at a time, and times they are read for one answer.
const RECORDS: usize = 100;
const RECORD_PAGES_MAX: usize = 20;

/// How the walk through a source ended.
pub(super) enum End {
    /// All of it was looked at.
    Source,
    /// The answer is full.
    Full,
    /// A connection could not be asked any more.
    Stopped(Stopped),
}

/// Why something was not compared.
pub(super) enum Halt {
    /// A connection could not be asked.
    At(Box<Blamed>),
    /// Our own store.
    Ours(PortError),
}

impl From<PortError> for Halt {
    fn from(error: PortError) -> Self {
        Self::Ours(error)
    }
}

impl From<Blamed> for Halt {
    fn from(blamed: Blamed) -> Self {
        match blamed.stop {
            Stop::Ours(why) => Self::Ours(PortError::Unavailable(why)),
            _ => Self::At(Box::new(blamed)),
        }
    }
}

/// One answer on its way.
pub(super) struct Page<'a> {
    pub(super) flow: &'a Flow,
    pub(super) tenant: &'a TenantId,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    /// Only this target.
    pub(super) only: Option<ConnectionId>,
    left: usize,
    began: Timestamp,
    /// Targets that are not asked again in this answer.
    pub(super) silent: BTreeMap<ConnectionId, (Code, Said)>,
    known: BTreeSet<String>,
    findings: Vec<Finding>,
    not_read: Vec<NotRead>,
    summary: Summary,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        flow: &'a Flow,
        tenant: &'a TenantId,
        place: &Place,
        only: Option<ConnectionId>,
        limit: usize,
    ) -> Self {
        Self {
            flow,
            tenant,
            since: place.since,
            until: place.until,
            only,
            left: limit,
            began: flow.now(),
            silent: BTreeMap::new(),
            known: BTreeSet::new(),
            findings: vec![],
            not_read: vec![],
            summary: Summary::default(),
        }
    }

    /// What was found, with its sums.
    pub(super) fn into_parts(mut self) -> (Vec<Finding>, Vec<NotRead>, Summary) {
        self.summary.findings = u64::try_from(self.findings.len()).unwrap_or(u64::MAX);
        self.summary.not_read = u64::try_from(self.not_read.len()).unwrap_or(u64::MAX);
        self.summary.at_stake = at_stake(&self.findings);
        (self.findings, self.not_read, self.summary)
    }

    /// Walks a source from where the place says.
    pub(super) async fn source(&mut self, source: &Connection, place: &mut Place) -> Result<End, Refused> {
        let Some(account) = self.flow.account_anew(&source.id).await? else { return Ok(End::Source) };
        if !account.connection.is_usable() {
            let message = remark::source_unused();
            self.not_read.push(NotRead {
                source: source.id.clone(),
                subject: None,
                number: None,
                at: source.id.clone(),
                code: Code::Conflict,
                message,
            });
            return Ok(End::Source);
        }
        let lists = account.spec.source.as_ref().is_some_and(|source| source.lists_changes);
        if place.way == Way::Listed && lists {
            match self.listed(&account, place).await? {
                End::Source => {}
                end => return Ok(end),
            }
        }
        if place.way == Way::Listed {
            place.turn(Way::Recorded);
        }
        self.recorded(&account, place, lists).await
    }

    async fn listed(&mut self, account: &Account, place: &mut Place) -> Result<End, Refused> {
        loop {
            let session = self.flow.session(account, Mode::Live, Step::Look);
            let listed = match self.flow.listed(&session, self.since, place.cursor.as_deref()).await.transpose() {
                Ok(listed) => listed.unwrap_or_default(),
                Err(stop) => return Ok(End::Stopped(self.stopped(&Blamed::new(stop, &session), account)?)),
            };
            for changed in listed.changed.into_iter().skip(place.skip) {
                if self.is_full() {
                    return Ok(End::Full);
                }
                let halted = self.listed_one(account, &changed.hint).await;
                if let Some(end) = self.halted(halted, account, &changed.hint.subject.id, changed.number.as_ref())? {
                    return Ok(end);
                }
                place.skip += 1;
            }
            match listed.next {
                Some(next) => place.go_on(Some(next)),
                None => {
                    place.turn(Way::Recorded);
                    return Ok(End::Source);
                }
            }
        }
    }

    /// What was carried and is not listed: because the source does not have it any more, or has no list.
    async fn recorded(&mut self, account: &Account, place: &mut Place, lists: bool) -> Result<End, Refused> {
        let source = &account.connection.id;
        let query = ExportQuery {
            connection: Some(source.clone()),
            state: lists.then_some(State::Delivered),
            ..ExportQuery::default()
        };
        for _ in 0..RECORD_PAGES_MAX {
            let ledger = &self.flow.parts.ledger;
            let page = ledger.exports(self.tenant, &query, RECORDS, place.cursor.as_deref()).await?;
            let mut older = !page.items.is_empty();
            for export in page.items.iter().skip(place.skip) {
                older &= export.created_at < self.since && export.changed_at < self.since;
                if self.is_of(export, source, lists) {
                    if self.is_full() {
                        return Ok(End::Full);
                    }
                    let halted = self.recorded_one(account, export, lists).await;
                    if let Some(end) = self.halted(halted, account, &export.key.subject.id, export.numbers.first())? {
                        return Ok(end);
                    }
                }
                place.skip += 1;
            }
            match page.next.filter(|_| !older) {
                Some(next) => place.go_on(Some(next)),
                None => return Ok(End::Source),
            }
        }
        Ok(End::Full)
    }

    /// Whether a record is of this source and of the period.
    fn is_of(&self, export: &Export, source: &ConnectionId, lists: bool) -> bool {
        let at = export.receipt.as_ref().filter(|_| lists).map_or(export.created_at, |receipt| receipt.at);
        let target = export.key.target.as_ref();
        export.key.source == *source
            && (self.since..=self.until).contains(&at)
            && (self.only.is_none() || target == self.only.as_ref() || target.is_none())
    }

    fn is_full(&mut self) -> bool {
        if self.left == 0 || self.flow.now().duration_since(self.began).as_secs() >= SECS_MAX {
            return true;
        }
        self.left -= 1;
        false
    }

    /// What follows from an object that could not be compared: it is listed as not read, or the answer ends before it.
    pub(super) fn halted(
        &mut self,
        result: Result<(), Halt>,
        account: &Account,
        subject: &str,
        number: Option<&String>,
    ) -> Result<Option<End>, Refused> {
        let blamed = match result {
            Ok(()) => return Ok(None),
            Err(Halt::Ours(error)) => return Err(error.into()),
            Err(Halt::At(blamed)) => blamed,
        };
        let stopped = self.stopped(&blamed, account)?;
        let ends = match &blamed.stop {
            Stop::RateLimited { .. } => true,
            // Without its source nothing can be compared.
            Stop::Credentials(_) => blamed.at == account.connection.id,
            Stop::Fail(failure) => failure.outage && blamed.at == account.connection.id,
            _ => false,
        };
        if ends {
            return Ok(Some(End::Stopped(stopped)));
        }
        let Stopped { at, code, message, .. } = stopped;
        // A target that refused or was not there will not be there for the next object either.
        if matches!(&blamed.stop, Stop::Credentials(_)) || blamed.is_outage() {
            self.silent.insert(at.clone(), (code, message.clone()));
        }
        self.push_not_read(&account.connection.id, subject, number, (at, code, message));
        Ok(None)
    }

    pub(super) fn push_not_read(
        &mut self,
        source: &ConnectionId,
        subject: &str,
        number: Option<&String>,
        (at, code, message): (ConnectionId, Code, Said),
    ) {
        let (source, subject) = (source.clone(), Some(subject.to_owned()));
        self.not_read.push(NotRead { source, subject, number: number.cloned(), at, code, message });
    }

    /// A stop in our words, redacted.
    fn stopped(&self, blamed: &Blamed, account: &Account) -> Result<Stopped, Refused> {
        let (code, message, retry_after) = match &blamed.stop {
            Stop::RateLimited { retry_after, message } => (Code::RateLimited, message.clone(), *retry_after),
            Stop::Fail(failure) | Stop::Credentials(failure) => (failure.code, failure.message.clone(), None),
            Stop::Hold { reason: HoldReason::RateLimited, detail, .. } => {
                (Code::RateLimited, detail.clone().unwrap_or_default(), None)
            }
            Stop::Hold { reason, detail, .. } => {
                (Code::Conflict, detail.clone().unwrap_or_else(|| reason.as_str().into()), None)
            }
            Stop::Unmapped { detail, .. } => (Code::Conflict, detail.clone(), None),
            Stop::Skip { code, detail, .. } => (*code, detail.clone().unwrap_or_default(), None),
            Stop::Ours(why) => return Err(PortError::Unavailable(why.clone()).into()),
        };
        let mut redactor = self.flow.redactor(&[account]);
        redactor.hide(blamed.private.iter().cloned());
        Ok(Stopped { at: blamed.at.clone(), code, message: message.cleaned(&redactor), retry_after })
    }

    /// Keeps what was judged about one object at one target.
    pub(super) fn keep(&mut self, judged: Judged) {
        for (fact, verdict) in judged.facts {
            let tally = self.summary.facts.entry(fact).or_default();
            match verdict {
                super::Verdict::Agrees => tally.agreed += 1,
                super::Verdict::Differs => tally.differs += 1,
                super::Verdict::NotReadable => tally.not_readable += 1,
            }
        }
        match judged.outcome {
            Outcome::Agreed => self.summary.agreed += 1,
            Outcome::NotReadable => self.summary.not_readable += 1,
            Outcome::LeftOut => self.summary.left_out += 1,
            Outcome::Found => {}
        }
        for finding in judged.findings {
            self.found(finding);
        }
    }

    /// Keeps a finding, once.
    pub(super) fn found(&mut self, finding: Finding) {
        if self.known.insert(finding.id.clone()) {
            self.findings.push(finding);
        }
    }

    pub(super) fn left_out(&mut self) {
        self.summary.left_out += 1;
    }

    pub(super) fn compared(&mut self) {
        self.summary.compared += 1;
    }
}

/// Amounts at stake per currency: of an order the largest, of what belongs to no order each.
fn at_stake(findings: &[Finding]) -> BTreeMap<String, Decimal> {
    let mut stakes: BTreeMap<(Option<&OrderReference>, &str, &str), Decimal> = BTreeMap::new();
    for finding in findings {
        let Some(amount) = &finding.amount else { continue };
        let alone = if finding.order.is_none() { finding.id.as_str() } else { "" };
        let stake = stakes.entry((finding.order.as_ref(), alone, amount.currency.code())).or_default();
        *stake = amount.amount.abs().max(*stake);
    }
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for ((_, _, currency), stake) in stakes {
        *sums.entry(currency.to_owned()).or_default() += stake;
    }
    sums
}
