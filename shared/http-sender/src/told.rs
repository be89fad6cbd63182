//! What a vendor's answer says about when the next call may be made.

use connectors::Answer;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

/// Not before this time, if the answer says so: `Retry-After` of a 429 (seconds or a date), or a quota header of the
/// form `name;r=0;t=55` (`RateLimit` of the IETF draft, `X-RateLimit` of older vendors) with nothing remaining.
pub(crate) fn closed_until(answer: &Answer, now: Timestamp) -> Option<Timestamp> {
    let wait = if answer.status == 429 {
        retry_after(answer, now).or_else(|| spent_quota(answer))
    } else {
        spent_quota(answer)
    }?;
    if wait <= SignedDuration::ZERO {
        return None;
    }
    now.checked_add(wait).ok()
}

fn retry_after(answer: &Answer, now: Timestamp) -> Option<SignedDuration> {
    let text = answer.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(date.duration_since(now))
}

/// The longest wait among the quotas with nothing remaining.
fn spent_quota(answer: &Answer) -> Option<SignedDuration> {
    let values = ["ratelimit", "x-ratelimit"].into_iter().flat_map(|name| answer.headers.get_all(name));
    let quotas = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    quotas.filter_map(spent).max()
}

fn spent(quota: &str) -> Option<SignedDuration> {
    let number = |name: &str| {
        quota.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')?.trim().parse::<u32>().ok())
    };
    (number("r")? == 0).then_some(())?;
    Some(SignedDuration::from_secs(number("t")?.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn now() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    fn seconds(status: u16, headers: &[(&'static str, &'static str)]) -> Option<i64> {
        let headers: HeaderMap =
            headers.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
        let answer = Answer { status, headers, body: bytes::Bytes::new() };
        Some(closed_until(&answer, now())?.duration_since(now()).as_secs())
    }

    #[test]
    fn a_throttled_call_says_when_to_come_back() {
        assert_eq!(seconds(429, &[("retry-after", "17")]), Some(17));
        assert_eq!(seconds(429, &[("retry-after", "Sat, 21 Nov 2026 10:01:00 GMT")]), Some(60));
        assert_eq!(seconds(429, &[("x-ratelimit", "default;r=0;t=55")]), Some(55));
    }

    #[test]
    fn a_spent_quota_closes_though_the_call_went_well() {
        assert_eq!(seconds(200, &[("x-ratelimit", "default;r=0;t=55")]), Some(55));
        assert_eq!(seconds(200, &[("ratelimit", "\"minute\";r=0;t=5, \"day\";r=0;t=900")]), Some(900));
        assert_eq!(seconds(200, &[("ratelimit", "\"minute\";r=12;t=5, \"day\";r=9;t=900")]), None);
    }

    #[test]
    fn what_says_nothing_or_nonsense_closes_nothing() {
        assert_eq!(seconds(429, &[]), None);
        assert_eq!(seconds(429, &[("retry-after", "soon")]), None);
        assert_eq!(seconds(429, &[("retry-after", "0")]), None);
        assert_eq!(seconds(429, &[("retry-after", "-5")]), None);
        assert_eq!(seconds(429, &[("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT")]), None);
        assert_eq!(seconds(503, &[("retry-after", "60")]), None, "an outage is the circuit's");
        assert_eq!(seconds(200, &[("x-ratelimit", "r=0")]), None);
    }
}
