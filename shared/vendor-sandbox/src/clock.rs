//! The only place that reads the clock and draws random bytes.
//!
//! The practice vendors are an outside world of their own, so they carry their own clock.

use data_encoding::HEXLOWER;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};

/// Milliseconds since 1970.
pub(crate) type Millis = i64;

pub(crate) fn now() -> Millis {
    Timestamp::now().as_millisecond()
}

/// `count` random bytes as lower-case hex; falls back to the clock when the system has no randomness.
pub(crate) fn random_hex(count: usize) -> String {
    let mut bytes = vec![0_u8; count];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        return format!("{:0width$x}", Timestamp::now().as_nanosecond(), width = count * 2);
    }
    HEXLOWER.encode(&bytes)
}

/// A version 7 identifier, as Fakturoid uses for its `Idempotency-Key`.
pub(crate) fn uuid_v7(at: Millis) -> String {
    let random = random_hex(10);
    let time = format!("{at:012x}");
    let part = |from: usize, to: usize| random.get(from..to).unwrap_or("0").to_owned();
    format!(
        "{}-{}-7{}-8{}-{}",
        time.get(..8).unwrap_or("00000000"),
        time.get(8..12).unwrap_or("0000"),
        part(0, 3),
        part(3, 6),
        part(6, 18)
    )
}

fn stamp(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `2026-11-21T21:00:00.123Z`
pub(crate) fn utc_millis(at: Millis) -> String {
    stamp(at).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `2026-11-21T21:00:00Z`
pub(crate) fn utc_seconds(at: Millis) -> String {
    stamp(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-21T22:00:00.123+01:00`: Fakturoid speaks with an offset, not in UTC.
pub(crate) fn with_offset(at: Millis) -> String {
    let zone = TimeZone::fixed(offset(1));
    stamp(at).to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// `2026-11-21 21:00:00`: Magento's column format, UTC without saying so.
pub(crate) fn columns(at: Millis) -> String {
    stamp(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Local time in Bratislava and Prague, which vendors there write without saying so.
pub(crate) fn local(at: Millis) -> jiff::civil::DateTime {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap_or(TimeZone::UTC);
    stamp(at).to_zoned(zone).datetime()
}

/// `2026-11-21`
pub(crate) fn date(at: Millis) -> String {
    stamp(at).strftime("%Y-%m-%d").to_string()
}

/// `days` later, as a date.
pub(crate) fn date_after(at: Millis, days: i64) -> String {
    let later = stamp(at).checked_add(SignedDuration::from_hours(days * 24)).unwrap_or(stamp(at));
    date(later.as_millisecond())
}

/// Reads an instant in RFC 3339, or a plain date as midnight UTC.
pub(crate) fn read(text: &str) -> Option<Millis> {
    // A '+' of an offset that was not percent-encoded arrives as a space.
    let text = text.replace(' ', "+");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let day = text.parse::<jiff::civil::Date>().ok()?;
    let midnight = day.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_millisecond())
}
