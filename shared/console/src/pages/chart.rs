//! What happened by the hour, as small pictures and as the table that says the same.

use crate::texts::{fill, hour, say};
use export_flow::figures::HourLine;
use export_flow::ports::Happening;

/// Height of the tallest bar, in units of the picture.
const TALLEST: u64 = 36;
/// From one bar to the next.
const STEP: u64 = 10;

/// One hour of a picture.
pub(super) struct Bar {
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) height: u64,
    /// Said of it: the hour and the number.
    pub(super) said: String,
}

/// One picture.
pub(super) struct Chart {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) total: u64,
    pub(super) width: u64,
    pub(super) bars: Vec<Bar>,
    /// What it shows as a whole, for who does not see it.
    pub(super) said: String,
}

/// One hour of the table.
pub(super) struct Line {
    pub(super) hour: String,
    /// One number for each picture; none where the store does not count it.
    pub(super) counts: [Option<u64>; SHOWN.len()],
}

/// What is shown, in its order, and what it is called.
const SHOWN: [(Happening, &str); 3] =
    [(Happening::Arrived, "hours-arrived"), (Happening::Delivered, "hours-delivered"), (Happening::Dead, "hours-dead")];

fn of(line: &HourLine, what: Happening) -> Option<u64> {
    let at = Happening::ALL.iter().position(|one| *one == what)?;
    line.counts.get(at).copied().flatten()
}

/// The names of the pictures, as the table has them.
pub(super) fn heads() -> Vec<&'static str> {
    SHOWN.into_iter().map(|(_, title)| say(title)).collect()
}

/// The table, oldest hour first.
pub(super) fn lines(hours: &[HourLine]) -> Vec<Line> {
    hours.iter().map(|line| Line { hour: hour(line.at), counts: SHOWN.map(|(what, _)| of(line, what)) }).collect()
}

/// A picture of each thing that this store counts.
pub(super) fn charts(hours: &[HourLine]) -> Vec<Chart> {
    SHOWN.into_iter().filter_map(|(what, title)| chart(hours, what, say(title))).collect()
}

fn chart(hours: &[HourLine], what: Happening, title: &'static str) -> Option<Chart> {
    let counts: Vec<u64> = hours.iter().map(|line| of(line, what)).collect::<Option<_>>()?;
    let most = counts.iter().copied().max()?;
    let total = counts.iter().sum();
    let bar = |((n, line), count): ((usize, &HourLine), &u64)| {
        // What happened at all can be seen.
        let height = (count * TALLEST).div_ceil(most.max(1));
        Bar {
            x: u64::try_from(n).unwrap_or(0) * STEP + 1,
            y: TALLEST - height,
            height,
            said: format!("{}: {count}", hour(line.at)),
        }
    };
    Some(Chart {
        id: what.as_str(),
        title,
        total,
        width: u64::try_from(counts.len()).unwrap_or(0) * STEP,
        bars: hours.iter().enumerate().zip(&counts).map(bar).collect(),
        said: fill("hours-said", [("total", total.into()), ("most", most.into())]),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

    use super::*;
    use jiff::{SignedDuration, Timestamp};

    fn at(n: i64, counts: [Option<u64>; 4]) -> HourLine {
        HourLine { at: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(n), counts }
    }

    #[test]
    fn bars_grow_with_their_numbers_and_the_smallest_is_seen() {
        let hours = [at(0, [Some(0); 4]), at(1, [Some(1), None, None, Some(0)]), at(2, [Some(1000); 4])];
        let arrived = chart(&hours, Happening::Arrived, "").unwrap();
        assert_eq!(arrived.bars.iter().map(|bar| bar.height).collect::<Vec<_>>(), [0, 1, TALLEST]);
        assert!(arrived.bars.iter().all(|bar| bar.y + bar.height == TALLEST));
        assert_eq!((arrived.total, arrived.width), (1001, 30));
        assert!(chart(&hours, Happening::Delivered, "").is_none(), "an hour is not counted");
        assert_eq!(lines(&hours)[1].counts, [Some(1), None, Some(0)]);
        let idle = chart(&[at(0, [Some(0); 4])], Happening::Dead, "").unwrap();
        assert_eq!((idle.total, idle.bars[0].height), (0, 0));
    }
}
