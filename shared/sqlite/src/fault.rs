//! What can go wrong below, in the words of the ports; and times as the file holds them.

use export_flow::ports::PortError;
use jiff::Timestamp;
use rusqlite::ErrorCode;

/// A failed call, before it is said in the port's words.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    Port(PortError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<PortError> for Fault {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        // Without its text: it can quote what is stored.
        Self::Port(PortError::Damaged(format!("stored JSON, line {}, column {}", error.line(), error.column())))
    }
}

impl From<Fault> for PortError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Port(error) => error,
            Fault::Sql(error) => match &error {
                rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                    ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Throttled(error.to_string()),
                    ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(error.to_string()),
                    _ => Self::Unavailable(error.to_string()),
                },
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..) => Self::Damaged(error.to_string()),
                _ => Self::Unavailable(error.to_string()),
            },
        }
    }
}

/// The other side of a channel is gone: the store is closing.
pub(crate) fn closed() -> PortError {
    PortError::Unavailable("the store is closed".into())
}

/// A time as the file holds it: nanoseconds since 1970. What lies beyond the year 2262 is that year's end.
pub(crate) fn nanos(time: Timestamp) -> i64 {
    let limit = if time < Timestamp::UNIX_EPOCH { i64::MIN } else { i64::MAX };
    i64::try_from(time.as_nanosecond()).unwrap_or(limit)
}

/// The time that the file holds.
pub(crate) fn time(nanos: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_nanosecond(i128::from(nanos)).map_err(|_| PortError::Damaged("a time out of range".into()).into())
}

/// The same where there may be none.
pub(crate) fn time_or_none(nanos: Option<i64>) -> Result<Option<Timestamp>, Fault> {
    nanos.map(time).transpose()
}

/// A count as SQLite holds it.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count out of the file; never negative there.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A limit of lines.
pub(crate) fn limit(lines: usize) -> i64 {
    i64::try_from(lines).unwrap_or(i64::MAX)
}
