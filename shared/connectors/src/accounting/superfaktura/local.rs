//! SuperFaktura's clock. It writes the time of Bratislava and never says so; Prague and Vienna have the same.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Error, Timestamp};

/// The rules of Central Europe since 1996, as POSIX writes them: no table of zones is needed to know them.
const ZONE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// The vendor's zone.
pub(super) fn zone() -> TimeZone {
    TimeZone::posix(ZONE).unwrap_or(TimeZone::UTC)
}

/// The moment of a local time. Of the hour that comes twice in autumn it is the first: nothing tells them apart.
fn moment(local: DateTime) -> Result<Timestamp, Error> {
    Ok(local.to_zoned(zone())?.timestamp())
}

/// Reads `2026-11-20 23:59:59`.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    moment(DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?).ok()
}

/// Reads `24.12.2030 00:00:00`, as quota headers write it.
pub(super) fn reset(text: &str) -> Option<Timestamp> {
    moment(DateTime::strptime("%d.%m.%Y %H:%M:%S", text.trim()).ok()?).ok()
}

/// The day it is there.
pub(super) fn day(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}
