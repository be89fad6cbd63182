//! Durations as people write them.

use jiff::SignedDuration;
use std::str::FromStr;

/// A duration like `90s`, `5m` or `1h`; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration(pub SignedDuration);

/// Three durations, such as the delays before the three attempts: `0s,60s,600s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreeDurations(pub [SignedDuration; 3]);

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read: Result<SignedDuration, _> = text.trim().parse();
        match read {
            Ok(duration) if !duration.is_negative() => Ok(Self(duration)),
            _ => Err("must be a duration like 90s, 5m or 1h".to_owned()),
        }
    }
}

impl FromStr for ThreeDurations {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let each = text.split(',').map(|one| one.parse().map(|Duration(duration)| duration));
        let all: Vec<SignedDuration> = each.collect::<Result<_, _>>()?;
        all.try_into().map(Self).map_err(|_| "must be three durations: 0s,60s,600s".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        let secs = SignedDuration::from_secs;
        assert_eq!(" 90s".parse(), Ok(Duration(secs(90))));
        assert_eq!("0s,1m,600s".parse(), Ok(ThreeDurations([secs(0), secs(60), secs(600)])));
        for bad in ["", "soon", "-1s", "90"] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
        for bad in ["0s,1s", "0s,1s,2s,3s", "0s,1s,-2s", ""] {
            assert!(bad.parse::<ThreeDurations>().is_err(), "{bad}");
        }
    }
}
