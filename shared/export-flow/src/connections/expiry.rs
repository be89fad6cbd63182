//! When a connection's secrets end, and telling people before they do.

use crate::notices::{Facts, Notice};
use connectors::secrets_expire_on;
use domain::{Connection, ConnectionState, NoticeKind};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// People are told so many days before, once each.
const TOLD_DAYS_BEFORE: [i64; 3] = [14, 3, 1];

/// When its secrets end: at the beginning of the day that somebody has entered, in UTC.
#[must_use]
pub fn expires_at(connection: &Connection) -> Option<Timestamp> {
    let date = secrets_expire_on(connection).ok()??;
    date.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp())
}

/// The fewest of the days before on which people are told, if that many or fewer are left. What is switched off ends
/// without harm.
fn days_left(connection: &Connection, now: Timestamp) -> Option<i64> {
    let left = expires_at(connection).filter(|_| connection.state != ConnectionState::Disabled)?.duration_since(now);
    let within = |days: &&i64| left <= SignedDuration::from_hours(24 * **days);
    TOLD_DAYS_BEFORE.iter().rev().find(within).copied()
}

/// Whether people should do something about its secrets by now.
#[must_use]
pub fn expires_soon(connection: &Connection, now: Timestamp) -> bool {
    days_left(connection, now).is_some()
}

/// The notice of secrets that end soon: the same for the same day and the same number of days before it.
#[must_use]
pub fn notice_of_expiry(connection: &Connection, now: Timestamp) -> Option<Notice> {
    let days = days_left(connection, now)?;
    let ends = expires_at(connection)?;
    let id = format!("expiry:{}:{}:{days}", connection.id, ends.as_second());
    let facts = Facts { connection: Some(connection.id.clone()), expires_at: Some(ends), ..Facts::default() };
    Some(Notice::new(connection.tenant.clone(), id, NoticeKind::CredentialsExpiring, now, facts))
}
