//! The day in numbers. Its notice is put under the id of its day, so that of many passes one tells it; it is put at its
//! end where there is nothing to say.

use super::{DigestTime, Facts, Notice, NoticeSettings};
use crate::flow::Flow;
use crate::ports::{ExportQuery, PortError, reason};
use domain::{ConnectionId, ConnectionState, Export, NoticeKind, State, TenantId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Exports of one state read for one digest.
const READ_MAX: usize = 2_000;
/// Groups told of one state.
const GROUPS_MAX: usize = 20;
/// Connections named.
const NAMED_MAX: usize = 20;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Exports that wait or ended for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The hold reason or code.
    pub word: String,
    /// How many.
    pub count: u64,
    /// Since when the first of them.
    pub oldest: Timestamp,
}

/// The day in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Its day, where the merchant's clock stands.
    pub date: String,
    /// In the last 24 hours.
    pub delivered: u64,
    /// Held now, by reason.
    pub held: Vec<Waiting>,
    /// Dead now, by code.
    pub dead: Vec<Waiting>,
    /// To be decided now.
    pub uncertain: u64,
    /// Waited in vain.
    pub expired: u64,
    /// Connections that are paused, by hand or by themselves.
    pub paused: Vec<ConnectionId>,
    /// There was more than one digest reads: counts by reason and code are lower bounds.
    pub partial: bool,
}

impl Digest {
    /// Nothing was carried and nothing waits: no word is the better one.
    fn says_nothing(&self) -> bool {
        self.delivered == 0
            && self.uncertain == 0
            && self.expired == 0
            && self.held.is_empty()
            && self.dead.is_empty()
            && self.paused.is_empty()
    }
}

impl DigestTime {
    /// The day whose digest is due now, and since when.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<(Date, Timestamp)> {
        let zone = TimeZone::get(&self.time_zone).ok()?;
        let date = now.to_zoned(zone.clone()).date();
        // Where the clock skips the hour, it is told at the next one there is.
        let at = date.at(self.hour, 0, 0, 0).to_zoned(zone).ok()?.timestamp();
        (at <= now && at >= self.from).then_some((date, at))
    }
}

impl Flow {
    /// Puts today's digest into the outbox if its hour has come. Answers its day, so that the caller need not ask again.
    ///
    /// # Errors
    /// [`PortError`] if the store cannot be read or written.
    pub async fn put_digest(&self, settings: &NoticeSettings, last: Option<Date>) -> Result<Option<Date>, PortError> {
        let Some((date, at)) = settings.digest.as_ref().and_then(|time| time.due(self.now())) else { return Ok(last) };
        if last == Some(date) {
            return Ok(last);
        }
        let digest = self.digest(&settings.tenant, date).await?;
        let quiet = digest.says_nothing();
        let facts = Facts { digest: Some(digest), ..Facts::default() };
        let mut notice = Notice::new(settings.tenant.clone(), format!("digest:{date}"), NoticeKind::Digest, at, facts);
        if quiet {
            notice.due_at = None;
        }
        let put = self.parts.ledger.put_notice(&notice).await?;
        if put {
            tracing::info!(event = "notice.digest", tenant = settings.tenant.as_str(), date = %date, quiet);
        }
        Ok(Some(date))
    }

    async fn digest(&self, tenant: &TenantId, date: Date) -> Result<Digest, PortError> {
        let counts = self.parts.ledger.counts(tenant, self.now() - DAY).await?;
        let of = |state| counts.states.get(&state).copied().unwrap_or(0);
        let (held, more_held) = self.groups(tenant, State::Held).await?;
        let (dead, more_dead) = self.groups(tenant, State::Dead).await?;
        let mut connections = self.parts.ledger.connections(tenant).await?;
        connections.retain(|connection| connection.state == ConnectionState::Paused);
        Ok(Digest {
            date: date.to_string(),
            delivered: counts.connections.values().map(|here| here.delivered).sum(),
            held,
            dead,
            uncertain: of(State::Uncertain),
            expired: of(State::Expired),
            paused: connections.into_iter().take(NAMED_MAX).map(|connection| connection.id).collect(),
            partial: more_held || more_dead,
        })
    }

    /// Exports of a state by the word that says why, the largest group first; and whether there are more.
    async fn groups(&self, tenant: &TenantId, state: State) -> Result<(Vec<Waiting>, bool), PortError> {
        let query = ExportQuery { state: Some(state), ..ExportQuery::default() };
        let page = self.parts.ledger.exports(tenant, &query, READ_MAX, None).await?;
        let mut groups: BTreeMap<&'static str, Waiting> = BTreeMap::new();
        for export in &page.items {
            let (word, since) = why(export);
            let group = groups.entry(word).or_insert_with(|| Waiting { word: word.into(), count: 0, oldest: since });
            group.count += 1;
            group.oldest = group.oldest.min(since);
        }
        let mut groups: Vec<Waiting> = groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups.truncate(GROUPS_MAX);
        Ok((groups, page.next.is_some()))
    }
}

fn why(export: &Export) -> (&'static str, Timestamp) {
    match &export.hold {
        Some(hold) => (reason(export).unwrap_or_default(), hold.since),
        None => (export.code.map_or("", domain::Code::as_str), export.changed_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_seven(zone: &str, from: &str) -> DigestTime {
        DigestTime { hour: 7, time_zone: zone.into(), from: from.parse().unwrap() }
    }

    #[test]
    fn a_digest_is_due_from_its_hour_where_the_clock_stands() {
        let time = at_seven("Europe/Prague", "2026-01-01T00:00:00Z");
        let due = |now: &str| time.due(now.parse().unwrap()).map(|(date, at)| (date.to_string(), at.to_string()));
        assert_eq!(due("2026-03-02T05:59:59Z"), None);
        let second = Some(("2026-03-02".to_owned(), "2026-03-02T06:00:00Z".to_owned()));
        assert_eq!(due("2026-03-02T06:00:00Z"), second);
        assert_eq!(due("2026-03-02T22:59:59Z"), second);
        assert_eq!(due("2026-03-02T23:00:00Z"), None, "the next day has begun there");
        // Summer time: an hour earlier in UTC.
        assert_eq!(due("2026-07-01T05:00:00Z").unwrap().1, "2026-07-01T05:00:00Z");
        let skipped = DigestTime { hour: 2, ..time.clone() };
        let (_, at) = skipped.due("2026-03-29T12:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(at.to_string(), "2026-03-29T01:00:00Z", "at the hour that there is");
    }

    #[test]
    fn a_digest_set_after_its_hour_begins_the_next_day() {
        let time = at_seven("UTC", "2026-03-02T09:00:00Z");
        assert_eq!(time.due("2026-03-02T10:00:00Z".parse().unwrap()), None);
        assert!(time.due("2026-03-03T07:00:00Z".parse().unwrap()).is_some());
        assert_eq!(at_seven("Nowhere/Atall", "2026-01-01T00:00:00Z").due(time.from), None);
    }
}
