//! The vendor's quota of a day and of a month, as its headers tell it.

use super::local;
use crate::http::Answer;
use jiff::{SignedDuration, Timestamp};

/// Name of the header that says what is left, and of the one that says when it begins anew.
const QUOTAS: [(&str, &str); 2] = [
    ("x-ratelimit-dailyremaining", "x-ratelimit-dailyreset"),
    ("x-ratelimit-monthlyremaining", "x-ratelimit-monthlyreset"),
];

/// A quota without a time at which it begins anew is tried again after this.
const UNKNOWN: SignedDuration = SignedDuration::from_hours(1);

/// How long no call is welcome, where a quota is spent.
pub(super) fn spent(answer: &Answer, now: Timestamp) -> Option<SignedDuration> {
    let told = answer.header("x-ratelimit-message").is_some_and(|text| !text.trim().is_empty());
    let wait = |(left, reset): (&str, &str)| {
        let left: i64 = answer.header(left)?.trim().parse().ok()?;
        let reset = answer.header(reset).and_then(local::reset).map(|at| at.duration_since(now));
        (left <= 0).then(|| reset.filter(|wait| wait.is_positive()).unwrap_or(UNKNOWN))
    };
    QUOTAS.into_iter().filter_map(wait).max().or(told.then_some(UNKNOWN))
}
